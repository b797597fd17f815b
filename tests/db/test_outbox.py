"""Facts: written with their change, carried on exactly once, numbered without holes for each phone."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from tests.conftest import TestClock
from wufu.core.ids import PersonId
from wufu.db import Database, Delivery, Fact, Listener, Only, Tx, carry, see_cursor, see_facts, try_lock
from wufu.db import outbox as outbox_module
from wufu.db.outbox import KEPT, Carried, forget_old_facts

ONE, TWO, THREE = PersonId(1), PersonId(2), PersonId(3)


class PowerCut(Exception):
    """The relay's server dies."""


async def announce(database: Database, *facts: Fact) -> None:
    async def work(tx: Tx) -> None:
        for fact in facts:
            tx.announce(fact)

    await database.run(work, actor="test")


def said(text: str, *to: PersonId, kind: str = "test.said") -> Fact:
    return Fact(kind, {"text": text}, to)


async def relay(
    database: Database, listeners: Mapping[str, Sequence[Listener]] | None = None, limit: int = 2000
) -> list[Delivery]:
    carried = await database.run(lambda tx: carry(tx, listeners or {}, limit), actor="relay")
    return carried.deliveries


async def caught_up(
    database: Database, person: PersonId, after: int = 0, limit: int = 500
) -> list[tuple[int, str]] | None:
    async with database.read() as connection:
        found = await see_facts(connection, person, after, limit)
    return None if found is None else [(fact.number, str(fact.body["text"])) for fact in found]


async def test_each_person_counts_their_own_facts_from_one(database: Database) -> None:
    await announce(database, said("a", ONE), said("b", ONE, TWO), said("c"), said("d", TWO))
    deliveries = await relay(database)
    assert [(one.person, one.number, one.body["text"]) for one in deliveries] == [
        (ONE, 1, "a"),
        (ONE, 2, "b"),
        (TWO, 1, "b"),
        (TWO, 2, "d"),
    ]
    await announce(database, said("e", TWO, ONE))
    assert [(one.person, one.number) for one in await relay(database)] == [(TWO, 3), (ONE, 3)]
    assert await caught_up(database, ONE) == [(1, "a"), (2, "b"), (3, "e")]
    assert await caught_up(database, TWO, after=2) == [(3, "e")]
    async with database.read() as connection:
        assert [await see_cursor(connection, person) for person in (ONE, TWO, THREE)] == [3, 3, 0]


async def test_somebody_named_twice_by_a_fact_has_it_twice_without_a_hole(database: Database) -> None:
    await announce(database, said("a", ONE, ONE), said("b", ONE))
    await relay(database)
    assert await caught_up(database, ONE) == [(1, "a"), (2, "a"), (3, "b")]


async def test_the_order_of_announcing_is_kept_across_turns_of_any_size(database: Database) -> None:
    for number in range(10):
        await announce(database, said(str(2 * number), ONE), said(str(2 * number + 1), ONE))
    turns = 0
    while await relay(database, limit=3):
        turns += 1
    assert turns == 7
    assert await caught_up(database, ONE) == [(number + 1, str(number)) for number in range(20)]


async def test_a_listener_hears_the_facts_of_its_kind_once_in_order(database: Database) -> None:
    heard: list[str] = []

    async def listener(_: Tx, facts: list[Fact]) -> None:
        heard.extend(str(fact.body["text"]) for fact in facts)

    await announce(database, said("a"), said("b", ONE), said("x", kind="test.other"), said("c"))
    listeners: dict[str, Sequence[Listener]] = {"test.said": (listener, listener)}
    await relay(database, listeners)
    await relay(database, listeners)
    assert heard == ["a", "b", "c"] * 2


async def counts(tx: Tx, facts: list[Fact]) -> None:
    """A listener with an effect in the database."""
    await tx.connection.execute(
        """
        INSERT INTO stock (campaign, prize, released) VALUES ('test', 'heard', $1)
        ON CONFLICT (campaign, prize) DO UPDATE SET released = stock.released + excluded.released
        """,
        len(facts),
    )


async def counted(database: Database) -> int:
    async with database.read() as connection:
        released: int | None = await connection.fetchval("SELECT released FROM stock WHERE prize = 'heard'")
    return released or 0


async def test_a_relay_that_dies_before_its_commit_leaves_everything_to_the_next(database: Database) -> None:
    await announce(database, said("a", ONE), said("b", ONE))

    async def dies(tx: Tx) -> Carried:
        carried = await carry(tx, {"test.said": (counts,)})
        assert len(carried.deliveries) == 2
        raise PowerCut

    with pytest.raises(PowerCut):
        await database.run(dies, actor="relay")
    assert (await counted(database), await caught_up(database, ONE)) == (0, [])
    await relay(database, {"test.said": (counts,)})
    assert (await counted(database), await caught_up(database, ONE)) == (2, [(1, "a"), (2, "b")])


async def test_a_relay_whose_answer_was_lost_carries_nothing_twice(database: Database) -> None:
    """It committed and died before it pushed: the next turn has nothing left, the phone asks by number."""
    await announce(database, said("a", ONE))
    await relay(database, {"test.said": (counts,)})
    assert await relay(database, {"test.said": (counts,)}) == []
    assert (await counted(database), await caught_up(database, ONE)) == (1, [(1, "a")])


async def test_a_failing_listener_loses_nothing(database: Database) -> None:
    await announce(database, said("a", ONE), said("x", ONE, kind="test.other"))

    async def fails(_: Tx, __: list[Fact]) -> None:
        raise RuntimeError("a bug of ours")

    for _ in range(2):
        with pytest.raises(RuntimeError):
            await relay(database, {"test.said": (counts,), "test.other": (fails,)})
    assert (await counted(database), await caught_up(database, ONE)) == (0, [])
    await relay(database, {"test.said": (counts,)})
    assert (await counted(database), await caught_up(database, ONE)) == (1, [(1, "a"), (2, "x")])


async def test_what_a_listener_announces_is_carried_after(database: Database) -> None:
    async def answers(tx: Tx, facts: list[Fact]) -> None:
        for _ in facts:
            tx.announce(said("answer", ONE, kind="test.other"))

    await announce(database, said("a", ONE))
    await relay(database, {"test.said": (answers,)})
    await relay(database, {"test.said": (answers,)})
    assert await caught_up(database, ONE) == [(1, "a"), (2, "answer")]


async def test_one_server_relays_at_a_time(database: Database) -> None:
    await announce(database, *(said(str(number), ONE) for number in range(20)))
    taken: list[bool] = []
    barrier = asyncio.Barrier(3)

    async def turn(tx: Tx) -> list[Delivery]:
        await barrier.wait()
        mine = await try_lock(tx, Only.RELAY)
        taken.append(mine)
        await barrier.wait()
        return (await carry(tx, {})).deliveries if mine else []

    deliveries = await asyncio.gather(*(database.run(turn, actor="relay") for _ in range(3)))
    assert sorted(taken) == [False, False, True]
    assert sorted(map(len, deliveries)) == [0, 0, 20]


async def test_a_phone_without_news_gets_none_and_one_with_a_gap_starts_anew(
    database: Database, clock: TestClock
) -> None:
    assert await caught_up(database, ONE) == []
    await announce(database, said("old", ONE), said("old", TWO))
    await relay(database)
    clock.advance(days=1)
    await announce(database, said("new", ONE))
    await relay(database)
    assert await caught_up(database, ONE, after=2) == []
    clock.now += KEPT - timedelta(hours=12)
    await database.run(forget_old_facts, actor="test")
    assert await caught_up(database, ONE, after=0) is None
    assert await caught_up(database, ONE, after=1) == [(2, "new")]
    assert await caught_up(database, TWO, after=0) is None
    assert await caught_up(database, TWO, after=1) == []
    await announce(database, said("newer", TWO))
    await relay(database)
    assert await caught_up(database, TWO, after=1) == [(2, "newer")]
    assert await caught_up(database, TWO, after=0) is None


async def test_a_phone_that_knows_more_than_the_server_starts_anew(database: Database) -> None:
    """After a restore from a backup numbers are given out again; who is ahead would miss them."""
    await announce(database, said("a", ONE))
    await relay(database)
    assert await caught_up(database, ONE, after=1) == []
    for after in (2, 500, 2**63 - 1):
        assert await caught_up(database, ONE, after=after) is None
    assert await caught_up(database, TWO, after=1) is None


async def test_a_long_absence_is_caught_up_in_pages(database: Database) -> None:
    await announce(database, *(said(str(number), ONE) for number in range(1, 26)))
    await relay(database)
    seen: list[tuple[int, str]] = []
    while page := await caught_up(database, ONE, after=len(seen), limit=10):
        assert len(page) <= 10
        seen += page
    assert seen == [(number, str(number)) for number in range(1, 26)]


async def test_a_fact_for_thousands_is_carried_in_a_turn_of_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MOST_DELIVERIES", 3_000)
    everybody = tuple(PersonId(number) for number in range(1, 5_001))
    await announce(database, said("a", ONE), said("b", *everybody), said("c", ONE, TWO))
    assert [len(await relay(database)) for _ in range(4)] == [1, 5_000, 2, 0]
    assert await caught_up(database, ONE) == [(1, "a"), (2, "b"), (3, "c")]
    assert await caught_up(database, everybody[-1]) == [(1, "b")]


async def test_a_fact_keeps_its_text_whatever_is_in_it(database: Database) -> None:
    texts = ["敬业福 ¥", "\u2028\"'\\", "🧧" * 100, "{}", ",,"]
    await announce(database, *(said(text, ONE) for text in texts))
    await relay(database)
    assert await caught_up(database, ONE) == list(enumerate(texts, 1))
