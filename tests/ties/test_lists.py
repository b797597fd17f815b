import itertools
from random import Random

from tests.people.acts import do, some_people
from tests.ties.test_asking import befriend
from wufu.core.ids import PersonId
from wufu.db import Database
from wufu.people import Settings, change_settings
from wufu.ties import (
    AskTie,
    Block,
    Reason,
    RefuseTie,
    ask_ties,
    block,
    find,
    friends_of,
    refuse_ties,
    see_friends,
    suggest,
)


def random_graph(people: list[PersonId], ties: int) -> set[tuple[PersonId, PersonId]]:
    return set(Random(7).sample(list(itertools.combinations(people, 2)), ties))


async def test_lists_and_suggestions_agree_with_a_naive_count(database: Database) -> None:
    people = await some_people(database, 40)
    graph = random_graph(people, 160)
    await befriend(database, *graph)
    friends = {p: {b if a == p else a for a, b in graph if p in (a, b)} for p in people}
    async with database.read() as connection:
        for person in people:
            seen = await see_friends(connection, person)
            assert {f.person: f.mutual for f in seen} == {
                f: len(friends[f] & friends[person]) for f in friends[person]
            }
            strangers = [p for p in people if p != person and p not in friends[person]]
            shares = {
                p: sum((1 << 30) // len(friends[f]) for f in friends[person] & friends[p]) for p in strangers
            }
            ranked = sorted(
                (-shares[p] / (1 << 30) / len(friends[p]) ** 0.25, p) for p in strangers if shares[p]
            )
            suggested = await suggest(connection, person, 10, now=database.clock())
            assert [s.person for s in suggested] == [p for _, p in ranked[:10]]
            for s in suggested:
                assert s.mutual == len(friends[person] & friends[s.person])
                assert s.reasons == (Reason("mutual_friends", s.mutual),)


async def test_nobody_is_suggested_who_is_settled_with_or_does_not_want_it(database: Database) -> None:
    me, friend, asked, asking, refused, blocked, blocker, hidden, free = await some_people(database, 9)
    others = [asked, asking, refused, blocked, blocker, hidden, free]
    await befriend(database, (me, friend), *((friend, other) for other in others))
    await do(database, ask_ties, [AskTie(me, asked), AskTie(asking, me), AskTie(refused, me)])
    await do(database, refuse_ties, [RefuseTie(me, refused)])
    await do(database, block, [Block(me, blocked), Block(blocker, me)])
    await do(database, change_settings, hidden, Settings(findable=False))
    now = database.clock()
    async with database.read() as connection:
        assert [s.person for s in await suggest(connection, me, now=now)] == [refused, free]
        assert [s.person for s in await suggest(connection, me, 1, now=now)] == [refused]
        for absurd in (0, -5):
            assert await suggest(connection, me, absurd, now=now) == []
        assert len(await suggest(connection, me, 10**30, now=now)) == 2
        assert await suggest(connection, PersonId(999), now=now) == []
        assert await friends_of(connection, PersonId(999)) == []


async def test_who_is_found_is_shown_with_how_they_stand(database: Database) -> None:
    me, friend, asked, asking, stranger = await some_people(database, 5)
    await befriend(database, (me, friend))
    await do(database, ask_ties, [AskTie(me, asked), AskTie(asking, me)])
    async with database.read() as connection:
        ties = {}
        for number in range(1, 5):
            [found] = await find(connection, me, f"甲{number}")
            ties[found.person] = found.tie
        assert await find(connection, me, "nobody of this name") == []
    assert ties == {friend: "friend", asked: "asked", asking: "asking", stranger: "none"}
