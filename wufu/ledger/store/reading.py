"""What the readers ask: balances, statements, who holds what."""

from collections.abc import Sequence
from datetime import datetime

from wufu.core.ids import AccountId
from wufu.db import Connection
from wufu.ledger.model import Entry

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
