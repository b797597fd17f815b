"""Posting groups: accounts are locked, counted and opened, transfers appended. Closing an account."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat

from msgspec import Struct

from wufu.core.ids import AccountId, GroupId
from wufu.db import Connection
from wufu.ledger.model import BOUNDLESS, Account, Batch, Line, Ruling

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
