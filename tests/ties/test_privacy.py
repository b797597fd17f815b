"""What people do not want found or seen is neither, by any way round."""

import itertools
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people.acts import do, some_people
from tests.people.phones import phone
from tests.ties.test_asking import befriend
from wufu.core.ids import PersonId
from wufu.core.refusals import UnknownPerson
from wufu.db import Database
from wufu.people import Settings, change_settings
from wufu.ties import (
    Block,
    Evidence,
    Privacy,
    PrivacyChange,
    SharedGroup,
    block,
    change_privacy,
    dismiss,
    find,
    only_findable,
    see_friends,
    see_mutual,
    see_privacies,
    suggest,
)
from wufu.ties.privacy import FriendsSeen

SEEN: list[FriendsSeen] = ["nobody", "friends", "everyone"]


async def lets(database: Database, person: PersonId, **change: object) -> Privacy:
    return await do(database, change_privacy, person, PrivacyChange(**change))  # type: ignore[arg-type]


async def test_settings_change_what_is_given_and_nothing_else(database: Database) -> None:
    a, b = await some_people(database, 2)
    assert await lets(database, a) == Privacy()
    assert await lets(database, a, by_name=False, friends_seen="nobody") == Privacy(
        by_name=False, friends_seen="nobody"
    )
    assert await lets(database, a, suggested=False) == Privacy(
        by_name=False, suggested=False, friends_seen="nobody"
    )
    async with database.read() as connection:
        assert (await see_privacies(connection, [a, b]))[b] == Privacy()


async def test_somebody_is_found_only_in_the_ways_they_allow(database: Database) -> None:
    me, other, friend = await some_people(database, 3)
    await befriend(database, (me, friend))
    ways = ("name", "code", "phone")
    for allowed in itertools.product([True, False], repeat=3):
        change = dict(zip(("by_name", "by_code", "by_phone"), allowed, strict=True))
        await lets(database, other, **change)
        async with database.read() as connection:
            found = [bool(await only_findable(connection, me, [other], by=way)) for way in ways]  # type: ignore[arg-type]
            assert tuple(found) == allowed
            assert [one.person for one in await find(connection, me, "甲1")] == [other] * allowed[0]
    await lets(database, other, by_name=True, by_code=True, by_phone=True)
    await do(database, change_settings, other, Settings(findable=False))
    async with database.read() as connection:
        for way in ways:
            assert await only_findable(connection, me, [other], by=way) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("theirs", SEEN)
@pytest.mark.parametrize("middles", SEEN)
async def test_mutual_friends_are_shown_as_both_ends_of_each_tie_let_it(
    database: Database, theirs: FriendsSeen, middles: FriendsSeen
) -> None:
    me, friend, stranger, middle, open_one = await some_people(database, 5)
    await befriend(
        database,
        (me, friend),
        *itertools.product((me, friend, stranger), (middle, open_one)),
    )
    await lets(database, friend, friends_seen=theirs)
    await lets(database, stranger, friends_seen=theirs)
    await lets(database, middle, friends_seen=middles)
    shown = {open_one} | ({middle} if middles != "nobody" else set())
    async with database.read() as connection:
        for person, sees in ((friend, theirs != "nobody"), (stranger, theirs == "everyone")):
            mutual = await see_mutual(connection, me, person)
            assert (mutual.seen, {one.person for one in mutual.people}) == (sees, shown if sees else set())
            assert mutual.count == len(mutual.people)
        listed = {one.person: one.mutual for one in await see_friends(connection, me)}
        assert listed[friend] == (0 if theirs == "nobody" else len(shown))
        assert listed[middle] == (0 if middles == "nobody" or theirs == "nobody" else 1)
        listing = {one.person: one for one in await suggest(connection, me, now=database.clock())}
        open_suggested = listing.get(stranger)
        if theirs == "nobody":
            assert open_suggested is None
        else:
            assert open_suggested is not None
            assert open_suggested.mutual == len(shown)


async def test_nothing_is_shown_across_a_block_or_of_nobody(database: Database) -> None:
    me, other, middle = await some_people(database, 3)
    await befriend(database, (me, middle), (other, middle))
    await lets(database, other, friends_seen="everyone")
    async with database.read() as connection:
        assert (await see_mutual(connection, me, other)).count == 1
        assert not (await see_mutual(connection, me, me)).seen
        for nobody in (PersonId(10**6), PersonId(2**70), PersonId(-1)):
            with pytest.raises(UnknownPerson):
                await see_mutual(connection, me, nobody)
    await do(database, block, [Block(other, me)])
    async with database.read() as connection:
        assert not (await see_mutual(connection, me, other)).seen
        assert not (await see_mutual(connection, other, me)).seen


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
async def test_no_opt_out_ever_leaks_through_counts_lists_or_suggestions(
    database: Database, seed: int
) -> None:
    """A random small world; whoever opted out of something is looked for in everything everybody sees."""
    random = Random(seed)
    people = await some_people(database, 9)
    pairs = list(itertools.combinations(people, 2))
    tied = set(random.sample(pairs, 14))
    await befriend(database, *tied)
    friends = {one: {b if a == one else a for a, b in tied if one in (a, b)} for one in people}
    hiding, unsuggested, unfindable = (set(random.sample(people, 2)) for _ in range(3))
    for one in hiding:
        await lets(database, one, friends_seen="nobody")
    for one in unsuggested:
        await lets(database, one, suggested=False)
    for one in unfindable:
        await do(database, change_settings, one, Settings(findable=False))
    apart = random.sample([pair for pair in pairs if pair not in tied], 3)
    await do(database, block, [Block(*random.sample(pair, 2)) for pair in apart])
    put_away = [random.sample(people, 2) for _ in range(3)]
    for me, other in put_away:
        await do(database, dismiss, me, other)
    also = {one: Evidence((SharedGroup("群", 9),), 3) for one in people}
    async with database.read() as connection:
        for me in people:
            plain = await suggest(connection, me, now=database.clock())
            everything = await suggest(connection, me, now=database.clock(), also=also)
            for shown in (*plain, *everything):
                assert shown.person not in {me} | friends[me] | unsuggested | unfindable
                assert not {(me, shown.person), (shown.person, me)} & set(apart)
                assert [me, shown.person] not in put_away
                middles = friends[me] & friends[shown.person] - hiding
                assert shown.mutual == (0 if shown.person in hiding else len(middles))
            assert {one.person for one in plain} <= {one.person for one in everything}
            assert not {one.person for one in plain} & hiding
            kept_out = {me} | friends[me] | unsuggested | unfindable
            kept_out |= {b for a, b in put_away if a == me}
            kept_out |= {other for pair in apart if me in pair for other in pair}
            assert {one.person for one in everything} == set(people) - kept_out
            for other in people:
                mutual = await see_mutual(connection, me, other)
                seen = {one.person for one in mutual.people}
                assert not seen & hiding
                assert not (seen and other in hiding)
                assert seen <= friends[me] & friends[other]


async def test_privacy_over_http(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        a = await ada.register("ada", "Ada")
        b = await bob.register("bob", "Bob")
        all_open = {"by_name": True, "by_code": True, "by_phone": True, "suggested": True}
        assert await ada.get("/api/ties/privacy") == {**all_open, "friends_seen": "friends"}
        changed = await ada.post("/api/ties/privacy", by_name=False, friends_seen="everyone")
        assert changed == {**all_open, "by_name": False, "friends_seen": "everyone"}
        assert await ada.get("/api/ties/privacy") == changed
        assert (await bob.get("/api/people/find?q=ada"))["people"] == []
        assert len((await bob.get(f"/api/people/find?person={a}"))["people"]) == 1
        await ada.post("/api/ties/privacy", by_code=False)
        assert (await bob.get(f"/api/people/find?person={a}"))["people"] == []
        assert await ada.post("/api/ties/privacy", friends_seen="me") == "422 malformed_body"
        assert await ada.post("/api/ties/privacy", suggested="no") == "422 malformed_body"
        assert await ada.get(f"/api/ties/mutual/{b}") == {"seen": False, "count": 0, "people": []}
        assert await ada.get(f"/api/ties/mutual/{2**80}") == "404 unknown_person"
