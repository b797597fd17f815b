"""The sealed chain: sealing leaves nothing out, and every tampering by a superuser is named."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from tests.conftest import FreshDatabase, TestClock
from wufu.core.chance import Chance
from wufu.core.ids import GroupId
from wufu.db import Database, Tx, check_laws
from wufu.ledger import LAWS, Account, ChainFault, ChainHead, Group, Transfer, chain, check_chain, post, seal

WORLD = Account("world", "world", "CNY", may_overdraw=True)
ANN, BOB = (Account(f"person/{number}", "money", "CNY") for number in (1, 2))


async def move(database: Database, *numbers: int) -> None:
    groups = [Group(GroupId(UUID(int=n)), (Transfer(WORLD, ANN, n, f"reason {n}"),)) for n in numbers]
    await database.run(lambda tx: post(tx, groups), actor="test")


async def check(database: Database, anchor: ChainHead | None = None) -> list[ChainFault]:
    async with database.read() as connection:
        faults, _ = await check_chain(connection, anchor)
    return faults


async def head(database: Database) -> ChainHead:
    async with database.read() as connection:
        _, found = await check_chain(connection)
    assert found is not None
    return found


@pytest.fixture
async def books(fresh: FreshDatabase, clock: TestClock) -> AsyncIterator[Database]:
    """A database that is about to be tampered with, so its laws are not checked afterwards."""
    async with Database.connect(fresh.app_url, clock=clock, chance=Chance.seeded(1)) as database:
        yield database


@pytest.fixture
async def tamper(fresh: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A superuser at work, past every grant and constraint."""
    connection = await asyncpg.connect(fresh.superuser_url)
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


async def renumber(connection: asyncpg.Connection, seqs: dict[int, int]) -> None:
    """Give transfers other numbers; what had one of these numbers is gone."""
    await connection.execute("CREATE TEMP TABLE taken AS SELECT * FROM transfer")
    gone = [*seqs.keys(), *seqs.values()]
    await connection.execute("DELETE FROM transfer WHERE seq = ANY($1::bigint[])", gone)
    await connection.execute(
        """
        INSERT INTO transfer (group_id, ordinal, seq, source, target, minor, reason, at)
        OVERRIDING SYSTEM VALUE
        SELECT group_id, ordinal, new.seq, source, target, minor, reason, at
        FROM taken JOIN unnest($1::bigint[], $2::bigint[]) AS new (old, seq) ON taken.seq = new.old
        """,
        list(seqs.keys()),
        list(seqs.values()),
    )


async def test_an_untouched_chain_has_no_faults(database: Database) -> None:
    await move(database, 1, 2, 3)
    assert await seal(database) == 3
    await move(database, 4)
    await move(database, 5)
    assert await seal(database) == 2
    assert await seal(database) == 0
    assert await check(database) == []
    assert (await head(database)).number == 2


async def test_nothing_sealed_has_no_head(database: Database) -> None:
    async with database.read() as connection:
        assert await check_chain(connection) == ([], None)
    assert await seal(database) == 0


async def test_blocks_are_cut_at_their_size(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BLOCK_ROWS", 4)
    await move(database, *range(1, 11))
    seen: list[tuple[int, int]] = []
    assert await seal(database) == 10
    async with database.read() as connection:
        faults, found = await check_chain(connection, progress=lambda done, all_: seen.append((done, all_)))
    assert (faults, found and found.number) == ([], 3)
    assert seen == [(1, 3), (2, 3), (3, 3)]


async def test_numbers_that_were_never_used_leave_no_fault(database: Database) -> None:
    await move(database, 1)
    with pytest.raises(ZeroDivisionError):
        await database.run(_post_and_fail, actor="test")
    await move(database, 2)
    assert await seal(database) == 2
    assert await check(database) == []


async def _post_and_fail(tx: Tx) -> None:
    await post(tx, [Group(GroupId(UUID(int=77)), (Transfer(WORLD, ANN, 1, "r"),))])
    raise ZeroDivisionError


async def test_a_slow_transaction_with_a_low_number_is_waited_for(database: Database) -> None:
    posted, go_on = asyncio.Event(), asyncio.Event()
    other = Account("other", "world", "CNY", may_overdraw=True)
    opening = Group(GroupId(UUID(int=3)), (Transfer(WORLD, other, 1, "opens both"),))
    await database.run(lambda tx: post(tx, [opening]), actor="test")

    async def slow(tx: Tx) -> None:
        # Between accounts without locks: the transaction gets its id just before its numbers.
        await post(tx, [Group(GroupId(UUID(int=1)), (Transfer(WORLD, other, 1, "slow"),))])
        posted.set()
        await go_on.wait()

    running = asyncio.create_task(database.run(slow, actor="test"))
    await posted.wait()
    await move(database, 2)
    sealing = asyncio.create_task(seal(database))
    await asyncio.sleep(0.1)
    assert not sealing.done()
    async with database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM seal_block") == 0
    go_on.set()
    await running
    assert await sealing == 3
    assert await check(database) == []


async def test_a_sealer_gives_up_on_a_transaction_that_does_not_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "PATIENCE_SECONDS", 0.05)
    await move(database, 1)
    posted, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Tx) -> None:
        await post(tx, [Group(GroupId(UUID(int=2)), (Transfer(WORLD, ANN, 1, "slow"),))])
        posted.set()
        await go_on.wait()

    running = asyncio.create_task(database.run(slow, actor="test"))
    await posted.wait()
    assert await seal(database) == 0
    go_on.set()
    await running
    assert await seal(database) == 2


async def test_two_sealers_make_one_chain(database: Database) -> None:
    await move(database, *range(1, 50))
    assert sum(await asyncio.gather(seal(database), seal(database), seal(database))) == 49
    assert await check(database) == []


async def test_sealing_while_others_post_loses_nothing(database: Database) -> None:
    async def writer(first: int) -> None:
        for number in range(first, first + 30):
            await move(database, number)

    writers = asyncio.gather(*map(writer, range(1, 200, 50)))
    sealed = 0
    while not writers.done():
        sealed += await seal(database)
    await writers
    sealed += await seal(database)
    assert sealed == 120
    assert await check(database) == []


CHANGES = (
    ("UPDATE transfer SET minor = minor + 1 WHERE seq = 2", [2]),
    ("UPDATE transfer SET reason = 'other' WHERE seq IN (1, 5)", [1, 5]),
    ("UPDATE transfer SET target = source, source = target WHERE seq = 3", [3]),
    ("UPDATE transfer SET at = at + interval '1 microsecond' WHERE seq = 3", [3]),
    ("UPDATE transfer SET group_id = gen_random_uuid() WHERE seq = 4", [4]),
    ("UPDATE transfer SET ordinal = 1 WHERE seq = 4", [4]),
)


async def test_a_changed_transfer_is_named(books: Database, tamper: asyncpg.Connection) -> None:
    await move(books, 1, 2, 3)
    await seal(books)
    await move(books, 4, 5, 6)
    await seal(books)
    for change, seqs in CHANGES:
        transaction = tamper.transaction()
        await transaction.start()
        await tamper.execute(change)
        faults, _ = await check_chain(tamper)
        found = [(fault.kind, fault.seq, fault.block) for fault in faults]
        assert found == [("changed", seq, 1 if seq <= 3 else 2) for seq in seqs], change
        group = await tamper.fetchval("SELECT group_id FROM transfer WHERE seq = $1", seqs[0])
        assert str(group) in faults[0].detail
        await transaction.rollback()


async def test_a_removed_transfer_is_named(books: Database, tamper: asyncpg.Connection) -> None:
    await move(books, 1, 2, 3)
    await seal(books)
    await tamper.execute("DELETE FROM transfer WHERE seq = 2")
    assert [(fault.kind, fault.seq) for fault in await check(books)] == [("removed", 2)]


async def test_an_added_transfer_is_named(books: Database, tamper: asyncpg.Connection) -> None:
    await move(books, 1, 2, 3)
    with pytest.raises(ZeroDivisionError):
        await books.run(_post_and_fail, actor="test")  # leaves the number 4 free
    await move(books, 5)
    await seal(books)
    for seq, number in ((4, 90), (2, 91), (0, 92)):
        await tamper.execute(
            """INSERT INTO transfer (group_id, ordinal, seq, source, target, minor, reason, at)
               OVERRIDING SYSTEM VALUE
               SELECT $1, 0, $2, source, target, minor, reason, at FROM transfer WHERE seq = 1""",
            UUID(int=number),
            seq,
        )
    faults = await check(books)
    assert [(fault.kind, fault.seq) for fault in faults] == [("added", 0), ("added", 2), ("added", 4)]
    assert str(UUID(int=91)) in faults[1].detail


async def test_swapped_transfers_are_named_with_where_they_were(
    books: Database, tamper: asyncpg.Connection
) -> None:
    await move(books, 1, 2, 3)
    await seal(books)
    await renumber(tamper, {1: 3, 3: 1})
    faults = await check(books)
    assert [(fault.kind, fault.seq) for fault in faults] == [("moved", 1), ("moved", 3)]
    assert "sealed as number 3" in faults[0].detail


async def test_a_transfer_moved_over_another_names_both(books: Database, tamper: asyncpg.Connection) -> None:
    await move(books, 1, 2, 3)
    await seal(books)
    await renumber(tamper, {3: 1})
    faults = await check(books)
    assert [(fault.kind, fault.seq) for fault in faults] == [("moved", 1), ("removed", 1)]


async def test_a_rewritten_block_breaks_the_link(books: Database, tamper: asyncpg.Connection) -> None:
    for number in (1, 2, 3):
        await move(books, number)
        await seal(books)
    await tamper.execute("UPDATE seal_block SET hash = sha256('x') WHERE number = 2")
    faults = await check(books)
    assert [(fault.kind, fault.block) for fault in faults] == [("link", 2), ("link", 3)]


async def test_a_removed_block_is_told(books: Database, tamper: asyncpg.Connection) -> None:
    for number in (1, 2, 3):
        await move(books, number)
        await seal(books)
    await tamper.execute("DELETE FROM seal_block WHERE number = 2")
    assert [(fault.kind, fault.block) for fault in await check(books)] == [("gap", 3)]
    await tamper.execute("DELETE FROM seal_block WHERE number = 3")
    assert await check(books) == []


async def test_only_a_published_head_shows_a_chain_made_anew(
    books: Database, tamper: asyncpg.Connection
) -> None:
    await move(books, 1, 2, 3)
    await seal(books)
    await move(books, 4)
    await seal(books)
    published = await head(books)
    assert await check(books, published) == []
    await move(books, 5)
    await seal(books)
    assert await check(books, published) == [], "a chain that grew still contains what was published"

    await tamper.execute("UPDATE transfer SET minor = 99 WHERE seq = 2; DELETE FROM seal_block")
    assert [fault.kind for fault in await check(books, published)] == ["anchor"]
    await seal(books)
    await move(books, 6)
    await seal(books)
    assert await check(books) == []
    assert [(fault.kind, fault.block) for fault in await check(books, published)] == [("anchor", 2)]


async def test_a_digest_changed_with_its_row_still_breaks_the_hash(
    books: Database, tamper: asyncpg.Connection
) -> None:
    await move(books, 1, 2)
    await seal(books)
    await tamper.execute("UPDATE seal_block SET digests = overlay(digests PLACING '\\x00' FROM 5 FOR 1)")
    assert {fault.kind for fault in await check(books)} == {"link", "changed"}


async def test_what_the_sealer_passed_over_breaks_a_law(books: Database, clock: TestClock) -> None:
    async def broken() -> dict[str, int]:
        async with books.read() as connection:
            return {law.law: law.violations for law in await check_laws(connection, LAWS) if law.violations}

    await move(books, 1)
    clock.advance(hours=1)
    assert await broken() == {}, "nothing is expected of a sealer that never ran"
    await seal(books)
    clock.advance(hours=-1)
    await move(books, 2)
    assert list((await broken()).values()) == [1]


async def test_a_number_is_taken_only_by_a_transaction_that_has_its_id(
    database: Database, tamper: asyncpg.Connection
) -> None:
    await tamper.execute(
        """
        CREATE FUNCTION has_its_id() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN  -- runs when the row's number is taken, and before the row is written
            ASSERT pg_current_xact_id_if_assigned() IS NOT NULL;
            RETURN new;
        END $$;
        CREATE TRIGGER has_its_id BEFORE INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION has_its_id();
        ALTER TABLE transfer ENABLE ALWAYS TRIGGER has_its_id;
        """
    )
    other = Account("other", "world", "CNY", may_overdraw=True)
    await move(database, 1)
    await move(database, 2)
    # Between accounts that have no rows to lock or write nothing else would assign one.
    for number in (3, 4, 5):
        await database.run(
            partial(post, groups=[Group(GroupId(UUID(int=number)), (Transfer(WORLD, other, 1, "r"),))]),
            actor="test",
        )
