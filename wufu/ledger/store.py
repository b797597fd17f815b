"""All SQL of the ledger but its laws (`audit.py`): posting, closing, holds, the sealed chain, readers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat

import asyncpg
from msgspec import Struct

from wufu.core.ids import AccountId, GroupId, HoldId
from wufu.db import Connection
from wufu.ledger.model import BOUNDLESS, Account, Batch, Ending, Entry, Hold, HoldState, Line, Ruling

# --- Posting --------------------------------------------------------------------------------------

LOCK = """
    SELECT id, credits - debits AS balance, closed_at IS NOT NULL AS closed, may_overdraw
    FROM account WHERE id = ANY($1::uuid[])
    ORDER BY id FOR NO KEY UPDATE
"""

SEEN = """
    SELECT group_id, source, target, minor, reason
    FROM transfer WHERE group_id = ANY($1::uuid[]) ORDER BY group_id, ordinal
"""

COUNT = """
    UPDATE account SET debits = account.debits + moved.debits, credits = account.credits + moved.credits
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS moved (id, debits, credits)
    WHERE account.id = moved.id
"""

OPENED = ("id", "holder", "purpose", "asset", "may_overdraw", "debits", "credits")
APPENDED = ("group_id", "ordinal", "source", "target", "minor", "reason", "at")


class Locked(Struct):
    """The accounts of a batch, locked until the commit; each by its place in the batch.

    `in_order` are those that exist and have counters, by id; `new` do not exist yet
    and hold 0.
    """

    balances: list[int]
    in_order: list[int]
    closed: set[int]
    new: set[int]


async def lock_accounts(connection: Connection, batch: Batch) -> Locked:
    """Lock every account that may not overdraw, in id order, and read what it holds.

    Accounts that may overdraw are not locked: they have nothing to protect, and
    a lock on one would put a whole campaign in a queue.
    """
    limited: dict[AccountId, int] = {}
    unlimited: dict[AccountId, int] = {}
    for place, (account, names) in enumerate(zip(batch.account_ids, batch.accounts, strict=True)):
        (unlimited if names.may_overdraw else limited)[account] = place
    balances = [0] * len(batch.accounts)
    in_order = []
    closed = set()
    rows = await connection.fetch(LOCK, list(limited)) if limited else []
    for account, balance, is_closed, may_overdraw in rows:
        place = limited[account]
        balances[place] = balance
        in_order.append(place)
        if is_closed:
            closed.add(place)
        if may_overdraw:
            raise ValueError(f"{batch.accounts[place]} was opened as one that may overdraw")
    new = set(limited.values()).difference(in_order)
    if unlimited:
        for place in unlimited.values():
            balances[place] = BOUNDLESS
        new |= await _missing(connection, batch, unlimited)
    return Locked(balances, in_order, closed, new)


async def _missing(connection: Connection, batch: Batch, unlimited: Mapping[AccountId, int]) -> set[int]:
    """Which of the accounts that may overdraw do not exist yet."""
    missing = dict(unlimited)
    for account, may_overdraw in await connection.fetch(
        "SELECT id, may_overdraw FROM account WHERE id = ANY($1::uuid[])", list(unlimited)
    ):
        place = missing.pop(account)
        if not may_overdraw:
            raise ValueError(f"{batch.accounts[place]} was opened as one that may not overdraw")
    return set(missing.values())


async def find_groups(connection: Connection, groups: list[GroupId]) -> dict[GroupId, list[Line]]:
    """The content of those groups that are in the ledger."""
    found: dict[GroupId, list[Line]] = {}
    for group, source, target, minor, reason in await connection.fetch(SEEN, groups):
        found.setdefault(group, []).append((source, target, minor, reason))
    return found


async def write(connection: Connection, ruling: Ruling, locked: Locked, now: datetime) -> None:
    """Write a decision: counters, new accounts, and one row a transfer."""
    posted, ids = ruling.posted, ruling.posted.account_ids
    new = list(locked.new.intersection(posted.sources + posted.targets)) if locked.new else []
    new.sort(
        key=lambda place: ids[place].bytes
    )  # two that open the same accounts meet at the first, not crosswise
    # In id order, as they were locked: neighbours in the index are then updated one after the other.
    counted = [place for place in locked.in_order if ruling.debits[place] or ruling.credits[place]]
    if counted:
        status = await connection.execute(
            COUNT,
            [ids[place] for place in counted],
            [ruling.debits[place] for place in counted],
            [ruling.credits[place] for place in counted],
        )
        assert status == f"UPDATE {len(counted)}", status
    if new:
        await _open(connection, new, ruling)
    if not counted and not new:
        # A number of `seq` must be taken by a transaction that has its id already (`chain.py` says why).
        # Writing an account row gives it one; between accounts that may overdraw nothing else would.
        await connection.execute("SELECT pg_current_xact_id()")
    # COPY and not INSERT, here as above: a tenth less work for the server, and nothing lost for one row.
    await connection.copy_records_to_table(
        "transfer",
        columns=APPENDED,
        records=zip(
            posted.group_ids,
            posted.ordinals,
            [ids[place] for place in posted.sources],
            [ids[place] for place in posted.targets],
            posted.minors,
            posted.reasons,
            repeat(now),
            strict=False,
        ),
    )


async def _open(connection: Connection, new: Sequence[int], ruling: Ruling) -> None:
    """Open accounts with their first counters.

    What was not there could not be locked: when another transaction opened one
    meanwhile, the id is taken, and the whole transaction is tried again.
    """
    names = [ruling.posted.accounts[place] for place in new]
    await connection.copy_records_to_table(
        "account",
        columns=OPENED,
        records=zip(
            [ruling.posted.account_ids[place] for place in new],
            [account.holder for account in names],
            [account.purpose for account in names],
            [account.asset for account in names],
            [account.may_overdraw for account in names],
            [ruling.debits[place] for place in new],
            [ruling.credits[place] for place in new],
            strict=True,
        ),
    )


# --- Closing --------------------------------------------------------------------------------------


async def lock_account(connection: Connection, account: Account) -> tuple[int, bool]:
    """Lock one account, opening it if it is new: its balance, and whether it is closed."""
    await connection.execute(
        """
        INSERT INTO account (id, holder, purpose, asset, may_overdraw) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO NOTHING
        """,
        account.id,
        account.holder,
        account.purpose,
        account.asset,
        account.may_overdraw,
    )
    row = await connection.fetchrow(LOCK, [account.id])
    assert row is not None
    return row["balance"], row["closed"]


async def has_open_holds(connection: Connection, account: AccountId) -> bool:
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM hold WHERE source = $1 AND ended_at IS NULL)", account
    )
    return found


async def close(connection: Connection, account: AccountId, now: datetime) -> None:
    await connection.execute("UPDATE account SET closed_at = $2 WHERE id = $1", account, now)


# --- Holds ----------------------------------------------------------------------------------------

ADD_HOLDS = """
    INSERT INTO hold (id, source, source_holder, source_purpose, source_may_overdraw,
                      target_holder, target_purpose, target_may_overdraw, asset, minor, expires_at, placed_at)
    SELECT new.*, $12
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[],
                $8::boolean[], $9::text[], $10::bigint[], $11::timestamptz[]) AS new
"""


async def add_holds(connection: Connection, holds: Sequence[Hold], now: datetime) -> None:
    await connection.execute(
        ADD_HOLDS,
        [hold.id for hold in holds],
        [hold.source.id for hold in holds],
        [hold.source.holder for hold in holds],
        [hold.source.purpose for hold in holds],
        [hold.source.may_overdraw for hold in holds],
        [hold.target.holder for hold in holds],
        [hold.target.purpose for hold in holds],
        [hold.target.may_overdraw for hold in holds],
        [hold.source.asset for hold in holds],
        [hold.minor for hold in holds],
        [hold.expires_at for hold in holds],
        now,
    )


async def lock_holds(connection: Connection, holds: Sequence[HoldId]) -> dict[HoldId, HoldState]:
    """Lock the holds in id order. Holds are locked before accounts, by every verb."""
    rows = await connection.fetch(
        "SELECT * FROM hold WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(holds)
    )
    return {row["id"]: _hold_state(row) for row in rows}


async def lock_expired_holds(connection: Connection, now: datetime, limit: int) -> list[HoldId]:
    """Open holds past their time, oldest first, but those that somebody is ending right now."""
    rows = await connection.fetch(
        """
        SELECT id FROM hold WHERE ended_at IS NULL AND expires_at <= $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def end_holds(connection: Connection, endings: Sequence[tuple[Ending, int]], now: datetime) -> None:
    """Write how holds ended; with each ending, how much of it reached the target."""
    await connection.execute(
        """
        UPDATE hold SET ended_at = $4, outcome = done.outcome, posted_minor = done.posted_minor
        FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS done (id, outcome, posted_minor)
        WHERE hold.id = done.id
        """,
        [ending.id for ending, _ in endings],
        [ending.outcome for ending, _ in endings],
        [posted for _, posted in endings],
        now,
    )


def _hold_state(row: asyncpg.Record) -> HoldState:
    asset = row["asset"]
    return HoldState(
        Hold(
            row["id"],
            Account(row["source_holder"], row["source_purpose"], asset, row["source_may_overdraw"]),
            Account(row["target_holder"], row["target_purpose"], asset, row["target_may_overdraw"]),
            row["minor"],
            row["expires_at"],
        ),
        row["outcome"],
        row["posted_minor"],
    )


# --- Readers --------------------------------------------------------------------------------------

# What an account has been given less what it gave, from the transfers alone; for those without counters.
RECOUNTED = """
    (coalesce((SELECT sum(minor) FROM transfer WHERE target = {account} {period}), 0)
     - coalesce((SELECT sum(minor) FROM transfer WHERE source = {account} {period}), 0))::bigint
"""

BALANCES = f"""
    SELECT CASE WHEN account.may_overdraw THEN {RECOUNTED.format(account="account.id", period="")}
                ELSE coalesce(account.credits - account.debits, 0) END
    FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
    LEFT JOIN account USING (id) ORDER BY place
"""

BALANCE_AT = f"SELECT {RECOUNTED.format(account='$1', period='AND at <= $2')}"

STATEMENT = f"""
    WITH line AS (
        (SELECT seq, group_id, target AS other, -minor AS minor, reason, at
         FROM transfer WHERE source = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3)
        UNION ALL
        (SELECT seq, group_id, source AS other, minor, reason, at
         FROM transfer WHERE target = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3)
    )
    SELECT line.*, other.holder, other.purpose,
           -- Only a page that is not the newest needs what came after it.
           (SELECT credits - debits FROM account WHERE id = $1 AND NOT may_overdraw)
           - {RECOUNTED.format(account="$1", period="AND seq >= $2")} AS balance
    FROM line LEFT JOIN account AS other ON other.id = line.other
    ORDER BY line.seq DESC LIMIT $3
"""


async def balances(connection: Connection, accounts: Sequence[AccountId]) -> list[int]:
    return [row[0] for row in await connection.fetch(BALANCES, list(accounts))]


async def balance_at(connection: Connection, account: AccountId, at: datetime) -> int:
    balance: int = await connection.fetchval(BALANCE_AT, account, at)
    return balance


async def statement(connection: Connection, account: AccountId, before: int, limit: int) -> list[Entry]:
    entries: list[Entry] = []
    balance: int | None = None
    for row in await connection.fetch(STATEMENT, account, before, limit):
        if not entries:
            balance = row["balance"]
        entries.append(
            Entry(
                row["seq"],
                row["group_id"],
                row["holder"],
                row["purpose"],
                row["minor"],
                row["reason"],
                row["at"],
                balance,
            )
        )
        if balance is not None:
            balance -= row["minor"]
    return entries


async def holders_of_all(connection: Connection, purpose: str, assets: Sequence[str]) -> list[str]:
    # A million holders are grouped in memory or, with less of it, in several passes over the disk.
    await connection.execute("SET LOCAL work_mem = '256MB'")
    holders: list[str] = await connection.fetchval(
        """
        SELECT coalesce(array_agg(holder), '{}') FROM (
            SELECT holder FROM account
            WHERE asset = ANY($1::text[]) AND purpose = $2 AND credits > debits
            GROUP BY holder HAVING count(*) = $3
        ) AS full_set
        """,
        list(set(assets)),
        purpose,
        len(set(assets)),
    )
    return holders


# --- The sealed chain -----------------------------------------------------------------------------

# A row's canonical bytes: fixed-width fields first, the text last, so no two rows spell alike.
DIGEST = """sha256(int8send(seq) || uuid_send(group_id) || int2send(ordinal) || uuid_send(source)
                   || uuid_send(target) || int8send(minor) || timestamptz_send(at) || textsend(reason))"""

SEAL = f"""
    INSERT INTO seal_block (number, first_seq, last_seq, rows, seqs, digests, hash, sealed_at)
    SELECT $1, $2, $3, count, seqs, digests,
           sha256($4::bytea || int8send($1) || int8send($2) || int8send($3) || seq_bytes || digests), $5
    FROM (SELECT count(*),
                 coalesce(array_agg(seq ORDER BY seq), '{{}}') AS seqs,
                 coalesce(string_agg(int8send(seq), ''::bytea ORDER BY seq), '') AS seq_bytes,
                 coalesce(string_agg(digest, ''::bytea ORDER BY seq), '') AS digests
          FROM (SELECT seq, {DIGEST} AS digest FROM transfer WHERE seq BETWEEN $2 AND $3) AS row) AS block
    RETURNING rows
"""

RECOMPUTE = f"""
    SELECT coalesce(array_agg(seq ORDER BY seq, digest), '{{}}') AS seqs,
           coalesce(string_agg(digest, ''::bytea ORDER BY seq, digest), '') AS digests
    FROM (SELECT seq, {DIGEST} AS digest FROM transfer WHERE seq BETWEEN $1 AND $2) AS row
"""


class SealHead(Struct, frozen=True):
    """The newest block: its number and hash, and the last `seq` it covers. Before the first: zeros."""

    number: int
    last_seq: int
    hash: bytes


async def newest_seq(connection: Connection) -> int:
    """The highest number ever taken, also by transactions that have not committed; 0 at first."""
    seq: int | None = await connection.fetchval("SELECT pg_sequence_last_value('transfer_seq_seq')")
    return seq or 0


async def count_transfers(connection: Connection) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM transfer")
    return count


async def take_xid(connection: Connection) -> int:
    xid: int = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
    return xid


async def oldest_running_xid(connection: Connection) -> int:
    xid: int = await connection.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return xid


async def seal_head(connection: Connection) -> SealHead:
    row = await connection.fetchrow(
        "SELECT number, last_seq, hash FROM seal_block ORDER BY number DESC LIMIT 1"
    )
    return SealHead(**row) if row else SealHead(0, 0, bytes(32))


async def add_seal(connection: Connection, head: SealHead, last_seq: int, now: datetime) -> int:
    """Seal the rows after `head` up to `last_seq` as the next block; how many there are."""
    rows: int = await connection.fetchval(SEAL, head.number + 1, head.last_seq + 1, last_seq, head.hash, now)
    return rows


async def seal_numbers(connection: Connection) -> list[int]:
    rows = await connection.fetch("SELECT number FROM seal_block ORDER BY number")
    return [row["number"] for row in rows]


async def read_seal(connection: Connection, number: int) -> asyncpg.Record:
    row = await connection.fetchrow("SELECT * FROM seal_block WHERE number = $1", number)
    assert row is not None
    return row


async def recompute(connection: Connection, first_seq: int, last_seq: int) -> tuple[list[int], bytes]:
    """The numbers and digests of the rows that are there now; equal numbers in the order of their digests."""
    row = await connection.fetchrow(RECOMPUTE, first_seq, last_seq)
    assert row is not None
    return row["seqs"], row["digests"]


async def read_rows(connection: Connection, seqs: Sequence[int]) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"SELECT *, {DIGEST} AS digest FROM transfer WHERE seq = ANY($1::bigint[]) ORDER BY seq", list(seqs)
    )
