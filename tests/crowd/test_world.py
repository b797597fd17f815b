"""The demo's town: plausible, repeatable, and good to its personas."""

from itertools import combinations

import pytest

from wufu.crowd import PERSONAS, build_world, make_world
from wufu.db import Database
from wufu.people import see_me, see_people, see_personas
from wufu.ties import count_friends, friends_of


def test_the_same_seed_makes_the_same_town_and_another_seed_another() -> None:
    assert make_world(1, 100) == make_world(1, 100)
    assert make_world(1, 100) != make_world(2, 100)


@pytest.mark.parametrize("seed", range(5))
def test_people_have_about_twelve_friends_and_nobody_is_alone(seed: int) -> None:
    world = make_world(seed, 300)
    friends = [len(circle) for circle in world.friends()]
    assert len(friends) == 300 + len(PERSONAS)
    assert 11 * len(friends) <= sum(friends) <= 13 * len(friends)
    assert min(friends) >= 2


def test_friends_of_one_person_often_know_each_other_and_everybody_is_within_reach() -> None:
    circles = [set(circle) for circle in make_world(1, 300).friends()]
    pairs = [(one, other) for circle in circles for one, other in combinations(sorted(circle), 2)]
    known = sum(other in circles[one] for one, other in pairs)
    assert known > len(pairs) // 5  # in a random graph of this size it is one in twenty-six
    reached, edge = {0}, {0}
    while edge:
        edge = {other for one in edge for other in circles[one]} - reached
        reached |= edge
    assert len(reached) == len(circles)


def test_ties_are_told_once_and_never_to_oneself() -> None:
    ties = make_world(3, 200).ties
    assert len(ties) == len(set(ties))
    assert all(one < other for one, other in ties)


@pytest.mark.parametrize("people", [20, 50, 300])
@pytest.mark.parametrize("seed", range(4))
def test_each_persona_has_simulated_friends_and_generous_ones_among_them(seed: int, people: int) -> None:
    world = make_world(seed, people)
    for persona, circle in enumerate(world.friends()[: len(PERSONAS)]):
        simulated = [world.neighbours[one] for one in circle if one >= len(PERSONAS)]
        assert world.neighbours[persona].persona
        assert len(simulated) >= 8
        assert sum(one.generous for one in simulated) >= 3


def test_simulated_people_have_names_of_their_own() -> None:
    names = [one.name for one in make_world(9, 300).neighbours]
    assert len(set(names)) == len(names)


def test_a_town_too_small_for_the_personas_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        make_world(1, 19)


async def test_a_town_becomes_real_once_however_often_it_is_built(database: Database) -> None:
    world = make_world(5, 20)
    people = await build_world(database, world, 5)
    assert await build_world(database, world, 5) == people
    async with database.read() as connection:
        views = await see_people(connection, people)
        personas = await see_personas(connection)
        assert [views[person].name for person in people] == [one.name for one in world.neighbours]
        assert [one.person for one in personas] == people[: len(PERSONAS)]
        assert (await see_me(connection, people[0])).has_pin
        for person, circle in zip(people, world.friends(), strict=True):
            assert await count_friends(connection, person) == len(circle)
        assert set(await friends_of(connection, people[1])) == {people[one] for one in world.friends()[1]}
