import asyncio
from datetime import timedelta

import pytest
from asyncpg.connection import LoggedQuery
from asyncpg.pool import PoolConnectionProxy

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from wufu.core.ids import PersonId
from wufu.core.refusals import UnknownPerson
from wufu.db import Database, Tx
from wufu.ties import (
    AcceptTie,
    AskTie,
    NoSuchRequest,
    RefuseTie,
    RemoveTie,
    Standing,
    TieToSelf,
    accept_ties,
    are_friends,
    ask_ties,
    count_friends,
    friends_of,
    refuse_ties,
    remove_ties,
    see_asked,
    see_requests,
    sweep,
)


async def announced(database: Database) -> list[tuple[str, tuple[int, ...], dict[str, object]]]:
    """What waits in the outbox, oldest first, and is taken away."""
    async with database.pool.acquire() as connection:
        rows = await connection.fetch("SELECT * FROM outbox ORDER BY id")
        await connection.execute("DELETE FROM outbox")
    return [(row["kind"], tuple(row["audience"]), row["body"]) for row in rows]


async def befriend(database: Database, *pairs: tuple[PersonId, PersonId]) -> None:
    await do(database, ask_ties, [AskTie(a, b) for a, b in pairs], cause="imported")
    await do(database, accept_ties, [AcceptTie(b, a) for a, b in pairs])


async def test_one_asks_the_other_accepts_and_both_are_friends(database: Database) -> None:
    a, b = await some_people(database, 2)
    assert await do(database, ask_ties, [AskTie(b, a)]) == [Standing(b, a, "asked")]
    async with database.read() as connection:
        assert [asking.person for asking in await see_requests(connection, a)] == [b]
        assert [asking.person for asking in await see_asked(connection, b)] == [a]
        assert await are_friends(connection, [(a, b)]) == set()
    assert await do(database, accept_ties, [AcceptTie(a, b)]) == [Standing(a, b, "friend")]
    async with database.read() as connection:
        assert await are_friends(connection, [(a, b), (b, a), (a, a)]) == {(a, b), (b, a)}
        assert await friends_of(connection, a) == [b]
        assert await count_friends(connection, b) == 1
        assert await see_requests(connection, a) == []
        assert await see_asked(connection, b) == []
    at = database.clock().isoformat().replace("+00:00", "Z")
    made = {"a": a, "b": b, "at": at, "new": True, "cause": "asked", "asker": b}
    assert await announced(database) == [
        ("ties.asked", (a,), {"at": at, "from": {"person": b, "name": "甲1", "avatar": b * 37 % 64}}),
        (
            "ties.accepted",
            (b,),
            {**made, "person": a, "name": "甲0", "avatar": a * 37 % 64},
        ),
        (
            "ties.accepted",
            (a,),
            {**made, "person": b, "name": "甲1", "avatar": b * 37 % 64},
        ),
    ]


async def test_who_ask_each_other_are_friends_also_in_one_batch(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    await do(database, ask_ties, [AskTie(a, b)])
    assert await do(database, ask_ties, [AskTie(b, a), AskTie(b, c), AskTie(c, b)]) == [
        Standing(b, a, "friend"),
        Standing(b, c, "asked"),
        Standing(c, b, "friend"),
    ]
    async with database.read() as connection:
        assert set(await friends_of(connection, b)) == {a, c}


async def test_the_same_request_again_has_the_same_answer_and_no_second_effect(database: Database) -> None:
    a, b = await some_people(database, 2)
    for _ in range(3):
        assert await do(database, ask_ties, [AskTie(a, b), AskTie(a, b)]) == [Standing(a, b, "asked")] * 2
    for _ in range(2):
        assert await do(database, accept_ties, [AcceptTie(b, a)] * 2) == [Standing(b, a, "friend")] * 2
    assert await do(database, ask_ties, [AskTie(a, b), AskTie(b, a)]) == [
        Standing(a, b, "friend"),
        Standing(b, a, "friend"),
    ]
    assert len(await announced(database)) == 3
    for _ in range(2):
        assert await do(database, remove_ties, [RemoveTie(b, a)]) == [Standing(b, a, "none")]
    assert await announced(database) == [
        ("ties.removed", (a,), {"person": b, "of": a}),
        ("ties.removed", (b,), {"person": a, "of": b}),
    ]


async def test_a_bad_request_is_refused_and_its_neighbours_are_not(database: Database) -> None:
    a, b = await some_people(database, 2)
    nobody, absurd = PersonId(999), PersonId(10**30)
    requests = [AskTie(a, a), AskTie(a, nobody), AskTie(a, absurd), AskTie(a, PersonId(-1)), AskTie(a, b)]
    assert await do(database, ask_ties, requests) == [
        TieToSelf(person=a),
        UnknownPerson(person=nobody),
        UnknownPerson(person=absurd),
        UnknownPerson(person=-1),
        Standing(a, b, "asked"),
    ]
    assert await do(database, accept_ties, [AcceptTie(a, b), AcceptTie(b, nobody)]) == [
        NoSuchRequest(person=b),
        UnknownPerson(person=nobody),
    ]
    assert await do(database, ask_ties, []) == []


async def test_somebody_else_cannot_accept_for_the_one_who_was_asked(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    await do(database, ask_ties, [AskTie(a, b)])
    answers = await do(database, accept_ties, [AcceptTie(c, a), AcceptTie(a, b)])
    assert answers == [NoSuchRequest(person=a), NoSuchRequest(person=b)]


async def test_a_refusal_is_silent_and_lasts_a_week(database: Database, clock: TestClock) -> None:
    a, b = await some_people(database, 2)
    await do(database, ask_ties, [AskTie(a, b)])
    await announced(database)
    assert await do(database, refuse_ties, [RefuseTie(b, a), RefuseTie(b, a)]) == [Standing(b, a, "none")] * 2
    # To the asker nothing has happened, not by asking again nor by withdrawing in between.
    assert await do(database, ask_ties, [AskTie(a, b)]) == [Standing(a, b, "asked")]
    await do(database, remove_ties, [RemoveTie(a, b)])
    assert await do(database, ask_ties, [AskTie(a, b)]) == [Standing(a, b, "asked")]
    async with database.read() as connection:
        assert [asking.person for asking in await see_asked(connection, a)] == [b]
        assert await see_requests(connection, b) == []
    at = clock.now.isoformat().replace("+00:00", "Z")
    assert await announced(database) == [("ties.refused", (), {"asker": a, "person": b, "at": at})]
    assert await do(database, accept_ties, [AcceptTie(b, a)]) == [NoSuchRequest(person=a)]
    clock.advance(days=7)
    assert await do(database, ask_ties, [AskTie(a, b)]) == [Standing(a, b, "asked")]
    async with database.read() as connection:
        assert [asking.person for asking in await see_requests(connection, b)] == [a]


async def test_the_refuser_may_ask_in_turn(database: Database) -> None:
    a, b = await some_people(database, 2)
    await do(database, ask_ties, [AskTie(a, b)])
    await do(database, refuse_ties, [RefuseTie(b, a)])
    assert await do(database, ask_ties, [AskTie(b, a)]) == [Standing(b, a, "asked")]
    assert await do(database, accept_ties, [AcceptTie(a, b)]) == [Standing(a, b, "friend")]


async def test_withdrawing_and_asking_again_rings_once_a_day(database: Database, clock: TestClock) -> None:
    a, b = await some_people(database, 2)

    async def ask_and_withdraw() -> list[str]:
        await do(database, ask_ties, [AskTie(a, b)])
        await do(database, remove_ties, [RemoveTie(a, b)])
        return [kind for kind, _, _ in await announced(database)]

    assert await ask_and_withdraw() == ["ties.asked", "ties.removed"]
    assert await ask_and_withdraw() == ["ties.removed"]
    clock.advance(days=1)
    assert await ask_and_withdraw() == ["ties.asked", "ties.removed"]


async def test_withdrawn_asks_are_forgotten_after_a_week(database: Database, clock: TestClock) -> None:
    a, b = await some_people(database, 2)
    await do(database, ask_ties, [AskTie(a, b)])
    await do(database, remove_ties, [RemoveTie(a, b)])

    async def kept() -> int:
        await do(database, sweep)
        async with database.read() as connection:
            count: int = await connection.fetchval("SELECT count(*) FROM tie_ask")
            return count

    assert await kept() == 1
    clock.now += timedelta(days=7, seconds=1)
    assert await kept() == 0


async def test_removing_and_making_a_tie_anew_in_one_moment_dates_it_anew(
    database: Database, clock: TestClock
) -> None:
    a, b = await some_people(database, 2)
    await befriend(database, (a, b))
    clock.advance(days=1)
    await do(database, remove_ties, [RemoveTie(a, b)])
    await do(database, ask_ties, [AskTie(a, b), AskTie(b, a)])
    async with database.read() as connection:
        rows = await connection.fetch("SELECT since, cause FROM tie")
    assert {(row["since"], row["cause"]) for row in rows} == {(clock.now, "asked")}


@pytest.mark.parametrize("size", [1, 40])
async def test_a_batch_costs_the_same_statements_whatever_its_size(database: Database, size: int) -> None:
    people = await some_people(database, 2 * size)
    pairs = list(zip(people[:size], people[size:], strict=True))
    statements: list[str] = []

    def note(query: LoggedQuery) -> None:
        if "tie" in query.query or "FROM person" in query.query:  # the driver asks about types meanwhile
            statements.append(query.query)

    async def work(tx: Tx) -> None:
        assert isinstance(tx.connection, PoolConnectionProxy)
        with tx.connection.query_logger(note):
            await ask_ties(tx, [AskTie(a, b) for a, b in pairs])
            await asyncio.sleep(0)  # the logger is called on the loop's next turn
            asking = len(statements)
            await accept_ties(tx, [AcceptTie(b, a) for a, b in pairs])
            await asyncio.sleep(0)
        assert (asking, len(statements) - asking) == (7, 9)

    await database.run(work, actor="test")


async def test_friends_who_parted_and_make_it_up_again_are_no_new_tie(database: Database) -> None:
    a, b = await some_people(database, 2)
    said = []
    for asker, asked in ((a, b), (b, a)):
        await do(database, ask_ties, [AskTie(asker, asked)])
        await do(database, accept_ties, [AcceptTie(asked, asker)])
        said += [body["new"] for kind, _, body in await announced(database) if kind == "ties.accepted"]
        await do(database, remove_ties, [RemoveTie(a, b)])
    assert said == [True, True, False, False]
