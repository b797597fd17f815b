"""What may be asked of the ledger. Nothing here locks or writes."""

from collections.abc import Sequence
from datetime import datetime

from wufu.db import Connection
from wufu.ledger.model import Account, Entry
from wufu.ledger.store import reading, sealing

NEWEST = 2**63 - 1


async def balances(connection: Connection, accounts: Sequence[Account]) -> list[int]:
    """What each account holds, in one query; 0 for one that was never used.

    An account that may overdraw keeps no counters and is summed from its
    transfers: cheap for a sandbox bank, seconds for a mint of millions of cards.
    """
    return await reading.balances(connection, [account.id for account in accounts])


async def balance_at(connection: Connection, account: Account, at: datetime) -> int:
    """What the account held at a past instant: its transfers dated up to and including `at`.

    Reads this account's transfers through the index, nobody else's.
    """
    return await reading.balance_at(connection, account.id, at)


async def statement(
    connection: Connection, account: Account, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """A page of an account's transfers, newest first, each with the balance after it.

    The next page is asked with `before` = the last entry's `seq`. In the order of
    `seq` a balance never goes below zero: the account was locked whenever a
    number was taken for it.
    """
    return await reading.statement(connection, account.id, NEWEST if before is None else before, limit)


async def holders_of_all(connection: Connection, purpose: str, assets: Sequence[str]) -> list[str]:
    """Who holds at least 1 of every one of these assets, in no order: the full sets."""
    return await reading.holders_of_all(connection, purpose, assets) if assets else []


async def issued(connection: Connection, mint: Account) -> int:
    """How much an account that may overdraw has given out, less what came back to it."""
    return -(await reading.balances(connection, [mint.id]))[0]


async def count_transfers(connection: Connection) -> int:
    """How many transfers there are in all; reads the whole table."""
    return await sealing.count_transfers(connection)
