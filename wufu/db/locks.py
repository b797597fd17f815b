"""Work that only one server of a cluster does at a time, by advisory lock.

The numbers are listed here so that no two kinds of work share one by accident.
A transaction-level lock is taken; it falls with the transaction, also when the
server that holds it dies.
"""

from enum import IntEnum

from wufu.db.tx import Tx


class Only(IntEnum):
    """What is done by one server at a time."""

    RELAY = 0x5F01
    JOBS = 0x5F02
    SEAL = 0x5F03
    MIGRATE = 0x5F04
    TALK = 0x5F05
    TRUST = 0x5F15
    INSIGHT = 0x5F0A
    STAGING = 0x5F0B


async def try_lock(tx: Tx, what: Only) -> bool:
    """Take the lock until the end of the transaction; False when another server has it."""
    taken: bool = await tx.connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", int(what))
    return taken


async def wait_lock(tx: Tx, what: Only) -> None:
    """Take the lock until the end of the transaction, waiting for it."""
    await tx.connection.execute("SELECT pg_advisory_xact_lock($1)", int(what))
