"""What is left out of the law check after a test is what cannot have changed, and nothing else."""

import asyncpg
import pytest

from tests.conftest import FreshDatabase
from tests.lawful import assert_lawful, laws_to_ask, tables_read
from tests.world import World
from wufu.db import Database, Law
from wufu.main import LAWS


async def asked(database: Database) -> set[str]:
    async with database.read() as connection:
        return {law.name for law in await laws_to_ask(connection)}


async def owner(fresh: FreshDatabase) -> asyncpg.Connection:
    return await asyncpg.connect(fresh.owner_url)


async def test_a_law_is_asked_as_soon_as_one_of_its_tables_has_had_a_row(
    database: Database, world: World, fresh: FreshDatabase
) -> None:
    connection = await owner(fresh)
    try:
        reads = await tables_read(connection, LAWS)
    finally:
        await connection.close()
    before = await asked(database)
    await world.people(1)
    async with database.read() as read:
        filled = {
            name
            for name in {table for tables in reads.values() for table in tables or ()}
            if await read.fetchval(f'SELECT EXISTS (SELECT FROM "{name}")')
        }
    assert "person" in filled
    assert await asked(database) == before | {
        name for name, tables in reads.items() if filled & (tables or set())
    }
    assert before < await asked(database) < {law.name for law in LAWS}


async def test_a_row_that_came_and_went_is_a_change(
    fresh: FreshDatabase, database: Database, world: World
) -> None:
    before = await asked(database)
    connection = await owner(fresh)
    try:
        ended = connection.transaction()
        await ended.start()
        await connection.execute("INSERT INTO inbox_head (person, number) VALUES (1, 1)")
        await ended.rollback()
    finally:
        await connection.close()
    assert "a person's facts are numbered without holes" in await asked(database) - before


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT FROM inbox JOIN inbox_head USING (person)", {"inbox", "inbox_head"}),
        ("SELECT FROM inbox WHERE EXISTS (SELECT FROM inbox_head)", {"inbox", "inbox_head"}),
        ("WITH held AS (SELECT FROM inbox) SELECT 1 AS twice, 2 AS twice FROM held", {"inbox"}),
        ("SELECT FROM seen_through", None),
        ("SELECT FROM inbox WHERE asked()", None),
        ("SELECT FROM inbox, pg_class", None),
        ("SELECT 1", None),
    ],
)
async def test_what_a_law_reads_is_found_in_all_of_it(
    fresh: FreshDatabase, sql: str, tables: set[str] | None
) -> None:
    connection = await owner(fresh)
    try:
        await connection.execute("CREATE VIEW seen_through AS SELECT 1 AS one FROM inbox")
        await connection.execute("CREATE FUNCTION asked() RETURNS boolean LANGUAGE sql RETURN true")
        assert await tables_read(connection, [Law("made up", sql)]) == {"made up": tables}
    finally:
        await connection.close()


async def test_a_broken_law_fails_the_test_that_broke_it(fresh: FreshDatabase, database: Database) -> None:
    connection = await owner(fresh)
    try:
        await connection.execute("INSERT INTO inbox_head (person, number) VALUES (1, 2)")
        await connection.execute("INSERT INTO inbox VALUES (1, 1, 'made up', '{}', '2016-01-31Z')")
        async with database.read() as read:
            with pytest.raises(AssertionError, match="numbered without holes"):
                await assert_lawful(read)
        await connection.execute("DELETE FROM inbox")
    finally:
        await connection.close()
