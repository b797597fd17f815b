"""The laws are able to fail: each kind of damage is found by the law that names it. And who may do damage."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from tests.conftest import FreshDatabase, TestClock
from wufu.core.chance import Chance
from wufu.core.ids import GroupId, HoldId
from wufu.db import Connection, Database, check_laws
from wufu.ledger import LAWS, Account, Group, Hold, Transfer, place_holds, post

WORLD = Account("world", "world", "CNY", may_overdraw=True)
MINT = Account("mint", "world", "gala/jing", may_overdraw=True)
ANN, BOB = (Account(f"person/{number}", "money", "CNY") for number in (1, 2))
CARD = Account("person/1", "card", "gala/jing")


@pytest.fixture
async def books(fresh: FreshDatabase, clock: TestClock) -> AsyncIterator[Database]:
    """Sound books that are about to be damaged."""
    async with Database.connect(fresh.app_url, clock=clock, chance=Chance.seeded(1)) as database:
        groups = [
            Group(GroupId(UUID(int=1)), (Transfer(WORLD, ANN, 10, "r"), Transfer(ANN, BOB, 4, "r"))),
            Group(GroupId(UUID(int=2)), (Transfer(MINT, CARD, 2, "r"),)),
        ]
        await database.run(lambda tx: post(tx, groups), actor="test")
        hold = Hold(HoldId(UUID(int=3)), ANN, BOB, 1, clock.now + timedelta(hours=1))
        await database.run(lambda tx: place_holds(tx, [hold]), actor="test")
        yield database


@pytest.fixture
async def damage(fresh: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A superuser without constraints."""
    connection = await asyncpg.connect(fresh.superuser_url)
    await connection.execute(
        """
        ALTER TABLE account DROP CONSTRAINT account_is_sound;
        ALTER TABLE transfer DROP CONSTRAINT transfer_moves_something;
        """
    )
    yield connection
    await connection.close()


SUM = "every asset's accounts sum to zero"
COUNTERS = "an account's counters are the sums of its transfers"
BELOW = "no account is below zero that may not overdraw"
CLOSED = "a closed account is empty"
ASSET = "both accounts of a transfer have the same asset"
ID = "an account's id is the hash of its three names"
LINES = "the lines of a group are numbered from 0 without holes"
PENDING = "an open hold's amount lies in its pending account, and nothing else lies in one"


async def broken(connection: Connection) -> set[str]:
    return {verdict.law for verdict in await check_laws(connection, LAWS) if verdict.violations}


DAMAGE = (
    (
        "UPDATE account SET credits = credits + 1 WHERE holder = 'person/1' AND asset = 'CNY'",
        {SUM, COUNTERS},
    ),
    # Sums to zero, and still is a lie about two people.
    (
        """UPDATE account SET credits = credits + CASE holder WHEN 'person/1' THEN -1 ELSE 1 END
               WHERE purpose = 'money'""",
        {COUNTERS},
    ),
    (
        "UPDATE transfer SET minor = 5 WHERE group_id = '00000000-0000-0000-0000-000000000002'",
        {SUM, COUNTERS},
    ),
    ("DELETE FROM transfer WHERE minor = 4", {COUNTERS}),
    ("DELETE FROM transfer WHERE minor = 10", {SUM, COUNTERS, LINES}),
    ("DELETE FROM account WHERE holder = 'person/2'", {SUM, COUNTERS}),
    (
        """UPDATE account SET debits = 99 WHERE holder = 'person/2';
               INSERT INTO transfer (group_id, ordinal, source, target, minor, reason, at)
               SELECT gen_random_uuid(), 0, ann.id, world.id, 99, 'r', '2016-02-07'
               FROM account AS ann, account AS world
               WHERE ann.holder = 'person/2' AND world.holder = 'world'""",
        {BELOW},
    ),
    ("UPDATE account SET closed_at = '2016-02-07' WHERE holder = 'person/2'", {CLOSED}),
    (
        "UPDATE account SET asset = 'gala/fu' WHERE holder = 'person/1' AND asset = 'CNY'",
        {SUM, ASSET, ID},
    ),
    ("UPDATE account SET holder = 'person/9' WHERE holder = 'person/2'", {ID}),
    ("UPDATE transfer SET ordinal = 2 WHERE ordinal = 1", {LINES}),
    ("UPDATE transfer SET ordinal = ordinal + 1 WHERE minor = 2", {LINES}),
    ("UPDATE hold SET minor = 2", {PENDING}),
    ("UPDATE hold SET ended_at = placed_at, outcome = 'voided'", {PENDING}),
    ("DELETE FROM hold", {PENDING}),
)

REWRITING = (
    "UPDATE transfer SET minor = 1",
    "DELETE FROM transfer",
    "TRUNCATE transfer",
    "UPDATE seal_block SET hash = hash",
    "DELETE FROM seal_block",
    "UPDATE account SET holder = 'person/9'",
    "UPDATE account SET may_overdraw = true",
    "DELETE FROM account",
    "UPDATE hold SET minor = 1",
    "DELETE FROM hold",
    "ALTER TABLE transfer DROP CONSTRAINT transfer_pkey",
    "SELECT setval('transfer_seq_seq', 1)",
)

IMPOSSIBLE = (
    "UPDATE account SET debits = credits + 1 WHERE holder = 'person/1'",
    "UPDATE account SET debits = -1 WHERE holder = 'person/1'",
    "UPDATE account SET credits = 1 WHERE holder = 'world'",
    "UPDATE account SET closed_at = '2016-02-07' WHERE holder = 'person/2'",
    """INSERT INTO transfer (group_id, ordinal, source, target, minor, reason, at)
           SELECT gen_random_uuid(), 0, id, id, 1, 'r', '2016-02-07' FROM account""",
    """INSERT INTO transfer (group_id, ordinal, source, target, minor, reason, at)
           SELECT gen_random_uuid(), 0, id, gen_random_uuid(), 0, 'r', '2016-02-07' FROM account""",
)


async def test_each_damage_is_found_by_the_laws_it_breaks(
    books: Database, damage: asyncpg.Connection
) -> None:
    assert await broken(damage) == set()
    for change, laws in DAMAGE:
        transaction = damage.transaction()
        await transaction.start()
        await damage.execute(change)
        assert await broken(damage) == laws, change
        await transaction.rollback()


async def test_the_application_may_not_rewrite_history(fresh: FreshDatabase) -> None:
    connection = await asyncpg.connect(fresh.app_url)
    for change in REWRITING:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
    await connection.close()


async def test_constraints_stop_what_our_own_code_must_never_do(
    fresh: FreshDatabase, books: Database
) -> None:
    connection = await asyncpg.connect(fresh.app_url)
    for change in IMPOSSIBLE:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(change)
    assert await broken(connection) == set()
    await connection.close()
