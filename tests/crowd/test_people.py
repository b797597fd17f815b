"""What simulated people decide, as pure functions."""

from uuid import UUID

import numpy as np
import pytest

from wufu.core.chance import Chance
from wufu.core.ids import PersonId
from wufu.crowd import Player, accepts, dice, gives, passes_on, plan_taps, wishes
from wufu.crowd.people import Dice

KINDS = ("aiguo", "fuqiang", "jingye")


def rolled(name: str = "test") -> Dice:
    return dice(Chance.seeded(7), name)


def player(number: int, *friends: int, generous: bool = False, **cards: int) -> Player:
    return Player(PersonId(number), tuple(map(PersonId, friends)), generous=generous, cards=cards)


def town(*players: Player) -> dict[PersonId, Player]:
    return {one.person: one for one in players}


def test_the_same_seed_plans_the_same_taps_and_another_seed_others() -> None:
    first = plan_taps(Chance.seeded(1), 200, 4, 1_000, 4_500)
    assert (first == plan_taps(Chance.seeded(1), 200, 4, 1_000, 4_500)).all()
    assert (first != plan_taps(Chance.seeded(2), 200, 4, 1_000, 4_500)).any()


@pytest.mark.parametrize(("people", "mean", "most"), [(1, 10, 30), (60, 300, 4_500), (500, 1_050, 4_500)])
def test_planned_taps_reach_the_mean_and_no_round_has_more_than_fingers_can_do(
    people: int, mean: int, most: int
) -> None:
    plan = plan_taps(Chance.seeded(3), people, 4, mean, most)
    assert plan.shape == (people, 4)
    assert plan.sum() >= people * mean
    assert plan.min() >= 0
    assert plan.max() <= most


def test_a_few_tap_most_and_half_of_all_stay_far_below_the_mean() -> None:
    taps = np.sort(plan_taps(Chance.seeded(4), 2_000, 4, 1_050, 4_500).sum(axis=1))
    assert taps[1_000] < 1_050 // 3
    assert taps[-200:].sum() > taps.sum() * 45 // 100


def test_taps_that_do_not_fit_into_the_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        plan_taps(Chance.seeded(1), 10, 4, 401, 100)


def test_even_a_mean_near_the_limit_is_reached() -> None:
    assert plan_taps(Chance.seeded(1), 10, 4, 396, 100).sum() >= 3_960


def test_an_ordinary_person_keeps_one_spare_card_to_swap_with() -> None:
    assert not gives(player(1, jingye=2), "jingye", dear=False)
    assert gives(player(1, jingye=3), "jingye", dear=False)


def test_a_generous_person_gives_every_spare_card_and_the_last_one_to_somebody_dear() -> None:
    assert gives(player(1, generous=True, jingye=2), "jingye", dear=False)
    assert not gives(player(1, generous=True, jingye=1), "jingye", dear=False)
    assert gives(player(1, generous=True, jingye=1), "jingye", dear=True)
    assert not gives(player(1, jingye=1), "jingye", dear=True)


def test_nobody_gives_what_they_do_not_have() -> None:
    assert not gives(player(1, generous=True), "jingye", dear=True)


def test_a_swap_is_accepted_when_it_helps_and_costs_no_last_card() -> None:
    assert accepts(player(1, aiguo=2), "jingye", "aiguo")
    assert not accepts(player(1, aiguo=1), "jingye", "aiguo")
    assert not accepts(player(1, aiguo=2, jingye=1), "jingye", "aiguo")
    assert accepts(player(1, aiguo=2, jingye=1), "jingye", "aiguo", dear=True)


def test_who_has_something_to_give_offers_a_swap_and_who_has_not_asks() -> None:
    rich = player(1, 2, 3, aiguo=4, fuqiang=0, jingye=1)
    (wish,) = wishes([player(2, 1, fuqiang=2, jingye=1)], town(rich), KINDS, rolled())
    assert (wish.friend, wish.card, wish.offers) == (1, "aiguo", "fuqiang")
    (wish,) = wishes([player(3, 1, fuqiang=1, jingye=1)], town(rich), KINDS, rolled())
    assert (wish.friend, wish.card, wish.offers) == (1, "aiguo", None)


def test_nobody_is_asked_for_more_than_they_can_spare() -> None:
    giver = player(1, generous=True, aiguo=3, fuqiang=1, jingye=1)
    askers = [player(number, 1) for number in range(2, 12)]
    made = wishes(askers, town(giver, *askers), KINDS, rolled())
    assert [wish.card for wish in made] == ["aiguo", "aiguo"]


def test_strangers_are_not_asked() -> None:
    assert wishes([player(2)], town(player(1, aiguo=9)), KINDS, rolled()) == []


def test_nobody_promises_the_same_card_twice() -> None:
    one = player(1, 2, 3, aiguo=2)
    friends = [player(2, 1, fuqiang=2, jingye=1), player(3, 1, jingye=2, fuqiang=1)]
    made = wishes([one], town(one, *friends), KINDS, rolled())
    assert [wish.offers for wish in made].count("aiguo") == 1


def test_about_277_in_a_thousand_pass_their_packet_on() -> None:
    chance = Chance.seeded(5)
    passed = sum(passes_on(UUID(bytes=chance.secret(f"packet/{place}", 16))) for place in range(5_000))
    assert 5_000 * 25 // 100 < passed < 5_000 * 31 // 100


def test_dice_repeat_for_one_label_and_differ_for_another() -> None:
    def throw(name: str) -> list[int]:
        its = rolled(name)
        return [its.below(1_000) for _ in range(3_000)]

    assert throw("a") == throw("a")
    assert throw("a") != throw("b")
    assert set(map(type, throw("a"))) == {int}
