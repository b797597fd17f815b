"""One transaction a verb: what commits, what rolls back, what is tried again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.conftest import FreshDatabase, TestClock
from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed
from wufu.db import Database, DatabaseAway, Fact, Said, Tx, see_cursor
from wufu.db.database import TRIES


async def note(tx: Tx, prize: str) -> None:
    await tx.connection.execute("INSERT INTO stock (campaign, prize, released) VALUES ('test', $1, 0)", prize)


async def noted(database: Database) -> list[str]:
    async with database.read() as connection:
        rows = await connection.fetch("SELECT prize FROM stock WHERE campaign = 'test' ORDER BY prize")
    return [row["prize"] for row in rows]


async def waiting_facts(database: Database) -> int:
    async with database.read() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM outbox")
    return count


async def test_what_a_verb_did_and_announced_commits_together(database: Database) -> None:
    async def work(tx: Tx) -> str:
        await note(tx, "a")
        tx.announce(Fact("test.noted", {"prize": "a"}))
        return "done"

    assert await database.run(work, actor="test") == "done"
    assert (await noted(database), await waiting_facts(database)) == (["a"], 1)
    assert database.announced.is_set()


async def test_a_raised_refusal_rolls_back_and_announces_nothing(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await note(tx, "a")
        tx.announce(Fact("test.noted", {"prize": "a"}))
        raise NotAllowed(missing="test")

    with pytest.raises(NotAllowed):
        await database.run(work, actor="test")
    assert (await noted(database), await waiting_facts(database)) == ([], 0)
    assert not database.announced.is_set()


async def test_a_transaction_has_one_now(database: Database, clock: TestClock) -> None:
    seen: list[datetime] = []

    async def work(tx: Tx) -> None:
        seen.append(tx.now)
        clock.advance(hours=1)
        seen.append(tx.now)

    began = clock.now
    await database.run(work, actor="test")
    assert seen == [began, began]
    chosen = datetime(2020, 1, 1, tzinfo=UTC)
    assert await database.run(_now, actor="test", now=chosen) == chosen


async def _now(tx: Tx) -> datetime:
    return tx.now


async def test_two_that_lock_each_other_are_tried_again_and_both_happen(database: Database) -> None:
    await database.run(lambda tx: note(tx, "a"), actor="test")
    await database.run(lambda tx: note(tx, "b"), actor="test")
    barrier = asyncio.Barrier(2)
    tries = 0

    async def raises(tx: Tx, first: str, second: str) -> None:
        nonlocal tries
        tries += 1
        update = "UPDATE stock SET released = released + 1 WHERE campaign = 'test' AND prize = $1"
        await tx.connection.execute(update, first)
        if tries <= 2:
            await barrier.wait()
        await tx.connection.execute(update, second)

    await asyncio.gather(
        database.run(lambda tx: raises(tx, "a", "b"), actor="test"),
        database.run(lambda tx: raises(tx, "b", "a"), actor="test"),
    )
    # Who tries again at once may take the first row before the other wakes, and lose to it once more.
    assert tries >= 3
    async with database.read() as connection:
        rows = await connection.fetch("SELECT released FROM stock WHERE campaign = 'test'")
    assert [row["released"] for row in rows] == [2, 2]


async def test_who_loses_the_race_for_an_id_sees_the_winners_row_on_the_next_try(
    database: Database,
) -> None:
    barrier = asyncio.Barrier(2)
    tries = 0

    async def takes(tx: Tx) -> str:
        nonlocal tries
        tries += 1
        if await tx.connection.fetchval("SELECT EXISTS (SELECT FROM stock WHERE prize = 'a')"):
            return "it was there"
        if tries <= 2:
            await barrier.wait()
        await note(tx, "a")
        tx.announce(Fact("test.taken", {}))
        return "taken"

    answers = await asyncio.gather(*(database.run(takes, actor="test") for _ in range(2)))
    assert sorted(answers) == ["it was there", "taken"]
    assert tries == 3
    assert await waiting_facts(database) == 1


async def test_what_fails_every_time_is_given_up(database: Database) -> None:
    tries = 0

    async def always(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        await note(tx, "a")
        await note(tx, "a")

    with pytest.raises(asyncpg.UniqueViolationError):
        await database.run(always, actor="test")
    assert tries == TRIES
    assert await noted(database) == []


async def test_a_value_that_cannot_be_sent_is_an_error_and_not_a_lost_database(database: Database) -> None:
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        await tx.connection.fetchval("SELECT $1::bigint", 2**70)

    with pytest.raises(asyncpg.DataError):
        await database.run(work, actor="test")
    assert tries == 1


async def test_a_lost_connection_is_tried_again_on_a_new_one(
    database: Database, fresh: FreshDatabase
) -> None:
    tries = 0

    async def work(tx: Tx) -> str:
        nonlocal tries
        tries += 1
        await note(tx, "a")
        if tries == 1:
            admin = await asyncpg.connect(fresh.superuser_url)
            backend = await tx.connection.fetchval("SELECT pg_backend_pid()")
            await admin.execute("SELECT pg_terminate_backend($1)", backend)
            await admin.close()
        await tx.connection.execute("SELECT 1")
        return "done"

    assert await database.run(work, actor="test") == "done"
    assert tries == 2
    assert await noted(database) == ["a"]


async def test_a_database_that_stays_away_is_named_so(fresh: FreshDatabase) -> None:
    async with Database.connect(fresh.app_url) as gone:
        await gone.pool.close()
        with pytest.raises(DatabaseAway):
            await gone.run(_now, actor="test", wait_seconds=0)


async def test_reading_sees_one_instant_and_cannot_write(database: Database) -> None:
    async with database.read() as connection:
        count = "SELECT count(*) FROM stock"
        before = await connection.fetchval(count)
        await database.run(lambda tx: note(tx, "a"), actor="test")
        assert await connection.fetchval(count) == before
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("DELETE FROM outbox")


async def test_the_application_role_cannot_rewrite_what_happened(database: Database) -> None:
    for statement in (
        "UPDATE transfer SET minor = 1",
        "DELETE FROM transfer",
        "DELETE FROM win",
        "UPDATE round_secret SET secret = ''",
        "DELETE FROM gift",
        "UPDATE migration SET digest = ''",
    ):

        async def work(tx: Tx, statement: str = statement) -> None:
            await tx.connection.execute(statement)

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.run(work, actor="test")
    async with database.read() as connection:
        assert await see_cursor(connection, PersonId(1)) == 0


async def test_what_is_said_is_heard_after_the_commit_and_only_then(database: Database) -> None:
    heard: list[tuple[str, list[str]]] = []

    async def hear(said: Sequence[Said]) -> None:
        heard.append((said[0].subject, await noted(database)))

    async def deaf(_: Sequence[Said]) -> None:
        raise ConnectionError

    async def work(tx: Tx, prize: str, refused: bool) -> None:
        await note(tx, prize)
        tx.say("room.a", {"prize": prize})
        if refused:
            raise NotAllowed

    database.hearers += [deaf, hear]
    await database.run(lambda tx: work(tx, "a", False), actor="test")
    with pytest.raises(NotAllowed):
        await database.run(lambda tx: work(tx, "b", True), actor="test")
    assert heard == [("room.a", ["a"])]
