"""Paying out: everybody is counted in one statement, the transfers are appended packed."""

from collections.abc import Sequence
from datetime import datetime

from wufu.core.ids import AccountId
from wufu.db import Connection, copy_rows, instant, joined_uuids, numbers, numbers_text, text
from wufu.ledger.model import Account, account_id
from wufu.ledger.payout import Bill
from wufu.ledger.store.posting import OPENED

# Answers those that were not counted: they are closed, or were never opened. Rows are met in the order given
# (looked up one after the other; small tables may be joined otherwise, and then two that meet crosswise are
# told apart by the database, and the second tries again).
COUNT = """
    WITH moved AS MATERIALIZED (
        SELECT * FROM unnest($1::text::uuid[], $2::text::bigint[], $3::text::bigint[])
             AS moved (id, debits, credits)
    ), counted AS (
        UPDATE account
        SET debits = account.debits + moved.debits, credits = account.credits + moved.credits
        FROM moved WHERE account.id = moved.id AND account.closed_at IS NULL
        RETURNING account.id
    )
    SELECT id FROM moved WHERE id NOT IN (SELECT id FROM counted)
"""


async def count(connection: Connection, bill: Bill) -> list[AccountId]:
    """Count what everybody gives and is given; the accounts where that could not be.

    Raises CheckViolationError when one would go below zero.
    """
    return await _count(connection, bill.counted.tobytes(), bill.debits.tolist(), bill.credits.tolist())


async def credit(connection: Connection, given: Sequence[tuple[AccountId, int]]) -> list[AccountId]:
    """The same for accounts that are only given something."""
    given = sorted(given, key=lambda one: one[0].bytes)
    ids = b"".join([id_.bytes for id_, _ in given])
    return await _count(connection, ids, [0] * len(given), [minor for _, minor in given])


async def _count(
    connection: Connection, ids: bytes, debits: Sequence[int], given: Sequence[int]
) -> list[AccountId]:
    rows = await connection.fetch(
        COUNT, "{" + ids.hex(",", 16) + "}", numbers_text(debits), numbers_text(given)
    )
    return [row[0] for row in rows]


async def closed_among(connection: Connection, ids: Sequence[AccountId]) -> dict[AccountId, bool]:
    """Which of these accounts are there, and whether they are closed."""
    rows = await connection.fetch(
        "SELECT id, closed_at IS NOT NULL FROM account WHERE id = ANY($1::uuid[])", list(ids)
    )
    return {row[0]: row[1] for row in rows}


async def open_payees(connection: Connection, given: Sequence[tuple[Account, int]]) -> None:
    """Open accounts with what they are given, in id order as everybody who opens some."""
    await connection.copy_records_to_table(
        "account",
        columns=OPENED,
        records=[
            (id_, account.holder, account.purpose, account.asset, account.may_overdraw, 0, minor)
            for id_, account, minor in sorted(
                ((account_id(account), account, minor) for account, minor in given),
                key=lambda opened: opened[0].bytes,
            )
        ],
    )


async def append(connection: Connection, bill: Bill, now: datetime) -> None:
    """Append a bill's transfers, each a group of its own."""
    await copy_rows(
        connection,
        "transfer",
        {
            "group_id": joined_uuids(bill.group_ids),
            "ordinal": numbers(0, bits=16),
            "source": joined_uuids(bill.sources),
            "target": joined_uuids(bill.targets),
            "minor": numbers(bill.minors),
            "reason": text(bill.reason),
            "at": instant(now),
        },
        len(bill.minors),
    )
