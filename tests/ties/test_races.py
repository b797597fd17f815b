"""Two transactions on two connections about the same two people, in every order the database allows."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.people.acts import do, some_people
from tests.ties.test_asking import announced, befriend
from wufu.core.ids import PersonId
from wufu.db import Database, Tx
from wufu.ties import (
    AcceptTie,
    AskTie,
    Block,
    RemoveTie,
    Standing,
    accept_ties,
    are_friends,
    ask_ties,
    block,
    blocked,
    remove_ties,
    see_requests,
)

Verb = Callable[[Tx, Any], Awaitable[list[Any]]]


async def at_once(database: Database, *acts: tuple[Verb, list[Any]]) -> list[list[Any]]:
    """Each act in its own transaction; all of them have begun before any of them goes on."""
    begun = asyncio.Barrier(len(acts))

    async def act(verb: Verb, requests: list[Any]) -> list[Any]:
        first = True

        async def work(tx: Tx) -> list[Any]:
            nonlocal first
            await tx.connection.fetchval("SELECT 1")
            if first:
                first = False
                await begun.wait()
            return await verb(tx, requests)

        return await database.run(work, actor="race")

    return list(await asyncio.gather(*(act(verb, requests) for verb, requests in acts)))


async def test_asks_that_cross_make_one_friendship_and_no_request(database: Database) -> None:
    people = await some_people(database, 40)
    for a, b in pairs_of(people):
        [one], [other] = await at_once(database, (ask_ties, [AskTie(a, b)]), (ask_ties, [AskTie(b, a)]))
        assert {one.tie, other.tie} == {"asked", "friend"}
        async with database.read() as connection:
            assert await are_friends(connection, [(a, b)]) == {(a, b)}
            assert await see_requests(connection, a) == await see_requests(connection, b) == []


def pairs_of(people: list[PersonId]) -> list[tuple[PersonId, PersonId]]:
    return list(zip(people[::2], people[1::2], strict=True))


async def test_an_accept_against_a_block_never_leaves_a_friend_who_is_blocked(database: Database) -> None:
    for a, b in pairs_of(await some_people(database, 40)):
        await do(database, ask_ties, [AskTie(a, b)])
        await at_once(database, (accept_ties, [AcceptTie(b, a)]), (block, [Block(a, b)]))
        async with database.read() as connection:
            assert await are_friends(connection, [(a, b)]) == set()
            assert await blocked(connection, [(b, a)]) == {(b, a)}


async def test_two_accepts_at_once_make_one_tie_and_tell_it_once(database: Database) -> None:
    a, b = await some_people(database, 2)
    await do(database, ask_ties, [AskTie(a, b)])
    await announced(database)
    answers = await at_once(database, *[(accept_ties, [AcceptTie(b, a)])] * 4)
    assert answers == [[Standing(b, a, "friend")]] * 4
    assert [kind for kind, _, _ in await announced(database)] == ["ties.accepted"] * 2


async def test_removals_from_both_sides_end_a_tie_once(database: Database) -> None:
    a, b = await some_people(database, 2)
    await befriend(database, (a, b))
    await announced(database)
    await at_once(database, (remove_ties, [RemoveTie(a, b)]), (remove_ties, [RemoveTie(b, a)]))
    assert [kind for kind, _, _ in await announced(database)] == ["ties.removed"] * 2


async def test_a_person_asking_from_two_phones_keeps_to_the_days_limit(database: Database) -> None:
    me, *others = await some_people(database, 301)
    asks = [AskTie(me, other) for other in others]
    answers = await at_once(database, (ask_ties, asks[:150]), (ask_ties, asks[150:]))
    assert sum(isinstance(answer, Standing) for answer in itertools.chain(*answers)) == 200


@pytest.mark.parametrize("rounds", [6])
async def test_large_batches_in_opposite_orders_do_not_stand_in_each_others_way(
    database: Database, rounds: int
) -> None:
    people = await some_people(database, 120)
    for turn in range(rounds):
        pairs = [(a, b) for n, a in enumerate(people) for b in people[n + 1 : n + 4]]
        asks = [AskTie(a, b) for a, b in pairs]
        removes = [RemoveTie(b, a) for a, b in reversed(pairs)]
        accepts = [AcceptTie(b, a) for a, b in reversed(pairs)]
        blocks = [Block(a, b) for a, b in pairs if (a + b + turn) % 11 == 0]
        await at_once(
            database, (ask_ties, asks), (accept_ties, accepts), (remove_ties, removes), (block, blocks)
        )
