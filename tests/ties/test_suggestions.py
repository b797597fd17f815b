"""Suggestions: the score over arrays against a naive one, dismissals, what other domains bring along."""

import struct
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from tests.people.phones import phone
from tests.ties.test_asking import befriend
from wufu.core.ids import PersonId
from wufu.core.refusals import UnknownPerson
from wufu.db import Database
from wufu.ties import (
    Evidence,
    Reason,
    SharedGroup,
    TieToSelf,
    TooManyDismissed,
    dismiss,
    restore,
    suggest,
    sweep,
)
from wufu.ties import suggestion as rule
from wufu.ties.model import MOST_FRIENDS
from wufu.ties.suggestion import MOST_DISMISSED, MOST_WALKED, PICKED, WEIGHT, Near, Walk, pick, rank
from wufu.ties.verbs import suggesting


def packed(people: list[int]) -> bytes:
    return struct.pack(f">{len(people)}q", *people)


lists_of_friends = st.lists(st.sets(st.integers(1, 400), min_size=1, max_size=60), max_size=20)


@given(lists_of_friends, st.sets(st.integers(1, 400), max_size=30), st.sets(st.integers(1, 500), max_size=5))
def test_picking_over_arrays_is_picking_one_by_one(
    friends: list[set[int]], settled: set[int], also: set[int]
) -> None:
    settled = settled | {1}
    walk = Walk(
        [len(one) for one in friends], [packed(sorted(one)) for one in friends], packed(sorted(settled))
    )
    naive: dict[int, tuple[int, int]] = {}
    for one in friends:
        for person in one - settled:
            mutual, shares = naive.get(person, (0, 0))
            naive[person] = (mutual + 1, shares + WEIGHT // len(one))
    best = sorted(naive, key=lambda person: (-naive[person][1], person))[:PICKED]
    wanted = {one: naive.get(one, (0, 0)) for one in {*best, *(also - settled)}}
    assert pick(walk, [PersonId(one) for one in also]) == wanted


def test_a_friend_of_the_largest_kind_can_always_be_walked() -> None:
    assert MOST_WALKED >= MOST_FRIENDS


def test_who_knows_everybody_says_less_and_has_it_harder() -> None:
    quiet, loud = Near(PersonId(2), 1, WEIGHT // 10, 20), Near(PersonId(3), 3, 3 * (WEIGHT // 1000), 20)
    popular = Near(PersonId(4), 1, WEIGHT // 10, 2000)
    assert [one.person for one in rank([loud, popular, quiet], {})] == [2, 4, 3]
    assert rank([Near(PersonId(5), 0, 0, 10)], {}) == []


def test_a_small_group_says_more_than_a_hall_and_reasons_stand_in_their_order() -> None:
    near = Near(PersonId(2), 2, WEIGHT // 50, 20)
    small, hall = SharedGroup("一家人", 4), SharedGroup("大群", 500)
    evidence = Evidence((hall, small), 1)
    assert rule.weigh(near, evidence)[1] == 1 / 3 + 1 / 499
    assert rule.reasons(near, evidence) == (
        Reason("shared_groups", 2, ("一家人", "大群")),
        Reason("past_dealings", 1),
        Reason("mutual_friends", 2),
    )
    assert rule.reasons(near, Evidence((), -5)) == (Reason("mutual_friends", 2),)


async def test_the_walk_ends_before_the_busiest_friends(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await some_people(database, 12)
    me, quiet, busy, by_quiet, *by_busy = people
    await befriend(database, (me, quiet), (me, busy), (quiet, by_quiet), *((busy, one) for one in by_busy))

    async def suggested() -> list[PersonId]:
        async with database.read() as connection:
            return [one.person for one in await suggest(connection, me, now=database.clock())]

    assert await suggested() == [by_quiet, *by_busy]
    monkeypatch.setattr(suggesting, "MOST_WALKED", 2 + len(by_busy))
    assert await suggested() == [by_quiet]


async def test_who_was_dismissed_is_not_suggested_for_ninety_days_unless_taken_back(
    database: Database, clock: TestClock
) -> None:
    me, friend, other = await some_people(database, 3)
    await befriend(database, (me, friend), (friend, other))

    async def suggested(person: PersonId) -> list[PersonId]:
        async with database.read() as connection:
            return [one.person for one in await suggest(connection, person, now=clock.now)]

    assert await suggested(me) == [other]
    for _ in range(2):
        await do(database, dismiss, me, other)
    assert (await suggested(me), await suggested(other)) == ([], [me])
    await do(database, restore, me, other)
    assert await suggested(me) == [other]
    await do(database, dismiss, me, other)
    clock.advance(days=89, hours=23)
    await do(database, sweep)
    assert await suggested(me) == []
    clock.advance(hours=1)
    assert await suggested(me) == [other]
    await do(database, sweep)
    async with database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM tie_dismissal") == 0


async def test_absurd_dismissals_are_refused(database: Database) -> None:
    [me] = await some_people(database, 1)
    for verb in (dismiss, restore):
        with pytest.raises(TieToSelf):
            await do(database, verb, me, me)
        for nobody in (PersonId(10**6), PersonId(-1), PersonId(2**80)):
            with pytest.raises(UnknownPerson):
                await do(database, verb, me, nobody)


async def test_no_more_than_five_thousand_can_be_put_away(database: Database) -> None:
    me, *others = await some_people(database, MOST_DISMISSED + 2)
    async with database.pool.acquire() as connection:
        await connection.executemany(
            "INSERT INTO tie_dismissal (person, other, at) VALUES ($1, $2, $3)",
            [(me, other, database.clock() - timedelta(days=1)) for other in others[:MOST_DISMISSED]],
        )
    with pytest.raises(TooManyDismissed):
        await do(database, dismiss, me, others[-1])


async def test_what_other_domains_know_brings_people_in_who_share_no_friend(database: Database) -> None:
    me, friend, near, far, friend_too = await some_people(database, 5)
    await befriend(database, (me, friend), (friend, near), (me, friend_too))
    also = {
        far: Evidence((SharedGroup("棋友", 3),)),
        near: Evidence((), 7),
        friend_too: Evidence((SharedGroup("棋友", 3),), 9),
        me: Evidence((), 9),
    }
    async with database.read() as connection:
        found = await suggest(connection, me, now=database.clock(), also=also)
    assert [(one.person, one.reasons) for one in found] == [
        (near, (Reason("past_dealings", 7), Reason("mutual_friends", 1))),
        (far, (Reason("shared_groups", 1, ("棋友",)),)),
    ]


async def test_dismissing_over_http(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        await ada.register("ada", "Ada")
        b = await bob.register("bob", "Bob")
        assert await ada.post("/api/ties/suggestions/dismiss", person=b) == {"dismissed": True}
        assert await ada.post("/api/ties/suggestions/restore", person=b) == {"dismissed": False}
        assert await ada.post("/api/ties/suggestions/dismiss", person=b + 99) == "404 unknown_person"
        assert await ada.post("/api/ties/suggestions/dismiss") == "422 malformed_body"
