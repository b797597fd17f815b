"""The demo's groups: who is in them, and that they are the same for the same town."""

import pytest

from wufu.crowd.company import FAMILY, GREETINGS, MOST_MEMBERS, THANKS, TITLES, WISHES, make_groups
from wufu.crowd.world import PERSONAS, make_world


@pytest.mark.parametrize(("seed", "people"), [(7, 20), (7, 30), (2016, 300), (3, 800)])
def test_every_persona_is_among_friends_in_a_group_of_somebody_elses(seed: int, people: int) -> None:
    world = make_world(seed, people)
    friends = [set(circle) for circle in world.friends()]
    groups = make_groups(world)
    assert groups == make_groups(make_world(seed, people))
    assert len(groups) == len(PERSONAS) + 1
    for group in groups:
        assert set(group.others) <= friends[group.founder], "who founds a group adds friends"
        assert group.founder not in group.others
        assert len(set(group.others)) == len(group.others)
        assert 2 <= len(group.others) < MOST_MEMBERS
        assert any(place >= len(PERSONAS) for place in (group.founder, *group.others))
    for persona in range(len(PERSONAS)):
        around = [group for group in groups if group.others and group.others[0] == persona]
        assert any(group.founder >= len(PERSONAS) for group in around)


def test_the_first_family_has_a_group_of_its_own() -> None:
    groups = make_groups(make_world(7, 30))
    family = next(group for group in groups if group.title == FAMILY)
    assert {family.founder, *family.others} >= set(range(6))


def test_every_persona_has_a_title_and_everything_is_said_in_both_languages() -> None:
    assert set(TITLES) == {name for name, _, _ in PERSONAS}
    assert len({*TITLES.values(), FAMILY}) == len(PERSONAS) + 1
    for words in (GREETINGS, THANKS, WISHES):
        assert set(words) == {"zh", "en"}
    assert all(len(wish) <= 25 for wishes in WISHES.values() for wish in wishes)
