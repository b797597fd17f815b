"""Facts that a listener cannot hear: parked after some tries; the rest goes on in order, exactly once."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import FreshDatabase
from wufu.core.ids import PersonId
from wufu.db import (
    LAWS,
    TRIES,
    Database,
    Delivery,
    Fact,
    Listener,
    ListenersFailed,
    NoParkedFact,
    Parked,
    Place,
    Retried,
    Tx,
    carry,
    check_laws,
    counted,
    drop_parked,
    name_of,
    retry_parked,
    see_parked,
)
from wufu.db.parking import same_lane

ONE, TWO, THREE = PersonId(1), PersonId(2), PersonId(3)
LAW = "no fact is parked: every listener heard every fact"


def said(text: str, *to: PersonId, kind: str = "test.said") -> Fact:
    return Fact(kind, {"text": text}, to)


class Ear:
    """A listener that writes down what it hears, in the listeners' own way: in the transaction."""

    def __init__(self, name: str, *poison: str) -> None:
        self.__qualname__ = name
        self.poison = set(poison)

    async def __call__(self, tx: Tx, facts: list[Fact]) -> None:
        for fact in facts:
            text = str(fact.body["text"])
            await tx.connection.execute(
                "INSERT INTO job (name, ran_at, took_seconds) VALUES ($1, $2, 0)",
                f"{self.__qualname__} {text}",
                tx.now,
            )
            tx.announce(Fact("test.heard", {"text": f"{self.__qualname__} {text}"}))
            if text in self.poison:
                raise ValueError(f"{text} is poison")


class World:
    """An outbox and its relay, turn by turn, as `wufu.edge.relay` turns."""

    def __init__(self, database: Database, listeners: Mapping[str, Sequence[Listener]]) -> None:
        self.database = database
        self.listeners = listeners
        self.deliveries: list[Delivery] = []

    async def announce(self, *facts: Fact) -> None:
        async def work(tx: Tx) -> None:
            for fact in facts:
                tx.announce(fact)

        await self.database.run(work, actor="test")

    async def turn(self, given_up: set[Place] | None = None, limit: int = 2000) -> None:
        carried = await self.database.run(
            lambda tx: carry(tx, self.listeners, limit, given_up), actor="relay"
        )
        self.deliveries += carried.deliveries

    async def park(self, limit: int = 2000) -> None:
        """Turns until the outbox is empty: plain, then careful, then with what failed given up."""
        given_up: set[Place] = set()
        while await self._waiting():
            try:
                await self.turn(given_up, limit)
            except ListenersFailed as failed:
                given_up |= set(failed.failures)

    async def _waiting(self) -> int:
        async with self.database.read() as connection:
            found: int = await connection.fetchval("SELECT count(*) FROM outbox")
        return found

    async def heard(self) -> set[str]:
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT name FROM job")
        return {row["name"] for row in rows}

    async def parked(self, *, dropped: bool = False) -> list[tuple[str, str, str]]:
        async with self.database.read() as connection:
            found: list[Parked] = await see_parked(connection, dropped=dropped)
        return [(str(one.body["text"]), one.listener.rsplit(".", 1)[1], one.state) for one in found]

    async def retry(self, only: int | None = None) -> Retried:
        return await self.database.run(
            lambda tx: retry_parked(tx, self.listeners, only=only), actor="operator/test"
        )

    async def numbers(self) -> list[int]:
        async with self.database.read() as connection:
            return [one.id for one in await see_parked(connection)]


async def test_one_poisoned_fact_is_parked_and_everybody_elses_go_on(database: Database) -> None:
    left, right = Ear("left", "bad"), Ear("right")
    world = World(database, {"test.said": (left, right)})
    await world.announce(said("a", ONE), said("bad", TWO), said("c", THREE), said("d", ONE))
    with pytest.raises(ValueError, match="poison"):
        await world.turn()
    assert await world.heard() == set(), "a turn that fails leaves nothing behind"
    with pytest.raises(ListenersFailed) as failed:
        await world.turn(set())
    assert [place.listener for place in failed.value.failures] == [name_of(left)]
    assert await world.heard() == set()
    await world.park()
    assert await world.heard() == {f"left {one}" for one in "acd"} | {
        f"right {one}" for one in ("a", "bad", "c", "d")
    }
    assert await world.parked() == [("bad", "left", "failed")]
    told = [(one.person, one.number, one.body["text"]) for one in world.deliveries]
    assert told == [(ONE, 1, "a"), (TWO, 1, "bad"), (THREE, 1, "c"), (ONE, 2, "d")], "phones miss nothing"
    left.poison.clear()
    assert await world.retry() == Retried(1, 0)
    assert await world.retry() == Retried(0, 0)
    assert "left bad" in await world.heard()


async def test_what_a_failed_listener_announced_and_wrote_is_undone(database: Database) -> None:
    world = World(database, {"test.said": (Ear("left", "bad"),)})
    await world.announce(said("bad", ONE), said("c", TWO))
    await world.park()
    async with database.read() as connection:
        rows = await connection.fetch("SELECT name FROM job ORDER BY name")
    assert [row["name"] for row in rows] == ["left c"]
    world.listeners = {"test.said": (Ear("left"),)}
    await world.retry()
    heard: list[str] = []

    async def listen(_: Tx, facts: list[Fact]) -> None:
        heard.extend(str(fact.body["text"]) for fact in facts)

    world.listeners = {"test.heard": (listen,)}
    await world.park()
    assert heard == ["left bad"], "the announcements of the good one were carried already"


async def test_the_same_people_wait_in_order_and_others_do_not(database: Database) -> None:
    ear = Ear("left", "bad")
    world = World(database, {"test.said": (ear,), "test.other": (Ear("other"),)})
    await world.announce(
        said("bad", ONE, TWO),
        said("behind", TWO),
        said("free", THREE),
        said("elsewhere", ONE, kind="test.other"),
        said("far behind", TWO, THREE),
        said("held by that", THREE),
    )
    await world.park()
    assert await world.heard() == {"left free", "other elsewhere"}
    # Afterwards, too, in later turns that are not careful.
    await world.announce(said("later", ONE), said("nobody's", kind="test.said"))
    await world.turn()
    assert await world.parked() == [
        ("bad", "left", "failed"),
        ("behind", "left", "waiting"),
        ("far behind", "left", "waiting"),
        ("held by that", "left", "waiting"),
        ("later", "left", "waiting"),
        ("nobody's", "left", "waiting"),
    ]
    assert await world.retry() == Retried(0, 6)
    ear.poison = {"far behind"}
    assert await world.retry() == Retried(3, 3)
    assert await world.parked() == [
        ("far behind", "left", "failed"),
        ("held by that", "left", "waiting"),
        ("nobody's", "left", "waiting"),
    ]
    ear.poison.clear()
    assert await world.retry() == Retried(3, 0)


async def test_one_who_keeps_order_hears_everything_once_and_in_order(database: Database) -> None:
    order: list[str] = []

    class Note(Ear):
        async def __call__(self, tx: Tx, facts: list[Fact]) -> None:
            await super().__call__(tx, facts)
            order.extend(str(fact.body["text"]) for fact in facts if fact.to == (ONE,))

    ear = Note("left", "3")
    world = World(database, {"test.said": (ear,)})
    for start in (0, 4, 8):
        await world.announce(*(said(str(start + place), ONE) for place in range(4)))
        await world.park(limit=3)
    ear.poison.clear()
    await world.retry()
    # `job.name` is unique: hearing one twice would have failed.
    heard = {name for name in await world.heard() if name.startswith("left")}
    assert heard == {f"left {number}" for number in range(12)}
    effective = list(dict.fromkeys(order[-9:]))
    assert effective == [str(number) for number in range(3, 12)]


async def test_a_dropped_fact_is_never_heard_and_what_stood_behind_it_is(database: Database) -> None:
    world = World(database, {"test.said": (Ear("left", "bad"),)})
    await world.announce(said("bad", ONE), said("next", ONE))
    await world.park()
    bad, behind = await world.numbers()
    with pytest.raises(NoParkedFact):
        await database.run(lambda tx: drop_parked(tx, behind), actor="operator/test")
    await database.run(lambda tx: drop_parked(tx, bad), actor="operator/test")
    with pytest.raises(NoParkedFact):
        await database.run(lambda tx: drop_parked(tx, bad), actor="operator/test")
    assert await world.retry() == Retried(1, 0)
    assert await world.heard() == {"left next"}
    assert await world.parked(dropped=True) == [("bad", "left", "dropped")]
    await world.announce(said("after", ONE))
    await world.turn()
    assert await world.heard() == {"left next", "left after"}


async def test_a_retry_can_be_of_one_fact_alone(database: Database) -> None:
    ear = Ear("left", "bad", "worse")
    world = World(database, {"test.said": (ear,)})
    await world.announce(said("bad", ONE), said("worse", TWO), said("behind", ONE))
    await world.park()
    ear.poison.clear()
    bad, _, _ = await world.numbers()
    assert await world.retry(only=bad) == Retried(2, 1)
    assert await world.parked() == [("worse", "left", "failed")]
    await world.retry()


async def test_a_listener_that_is_gone_keeps_its_facts_until_they_are_dropped(database: Database) -> None:
    world = World(database, {"test.said": (Ear("left", "bad"),)})
    await world.announce(said("bad", ONE))
    await world.park()
    world.listeners = {}
    assert await world.retry() == Retried(0, 1)
    (bad,) = await world.numbers()
    await database.run(lambda tx: drop_parked(tx, bad), actor="operator/test")


async def test_parked_facts_are_a_violation_of_a_law(database: Database) -> None:
    world = World(database, {"test.said": (Ear("left", "bad"),)})
    await world.announce(said("bad", ONE), said("behind", ONE))
    await world.park()
    async with database.read() as connection:
        assert counted(await check_laws(connection, LAWS))[LAW] == 2
    (bad, _) = await world.numbers()
    await database.run(lambda tx: drop_parked(tx, bad), actor="operator/test")
    await world.retry()
    async with database.read() as connection:
        assert counted(await check_laws(connection, LAWS))[LAW] == 0


async def test_a_crash_while_parking_parks_nothing_and_loses_nothing(
    database: Database, fresh: FreshDatabase
) -> None:
    world = World(database, {"test.said": (Ear("left", "bad"),)})
    await world.announce(said("bad", ONE), said("c", TWO))
    number = 0

    async def dying(tx: Tx) -> None:
        nonlocal number
        number = await tx.connection.fetchval("SELECT min(id) FROM outbox")
        await carry(tx, world.listeners, 2000, {Place(number, name_of(world.listeners["test.said"][0]))})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await database.run(dying, actor="relay")
    assert (await world.heard(), await world.parked()) == (set(), [])
    await world.park()
    assert await world.parked() == [("bad", "left", "failed")]
    await database.run(lambda tx: drop_parked(tx, number), actor="operator/test")


PEOPLE = st.sets(st.integers(1, 4), max_size=3)


@given(PEOPLE, PEOPLE)
def test_lanes_are_shared_by_whoever_shares_a_person(one: set[int], other: set[int]) -> None:
    assert same_lane("a", one, "a", other) == same_lane("a", other, "a", one)
    assert same_lane("a", one, "a", other) == (not one or not other or bool(one & other))
    assert not same_lane("a", one, "b", other)


def test_a_fact_gets_more_than_one_try() -> None:
    assert TRIES > 1
