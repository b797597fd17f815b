"""The pure judgements: what is found, what is not, and numbers that are absurd."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wufu.core.ids import PersonId
from wufu.trust.attacks.evaluate import area
from wufu.trust.edges import Answers, Target, Totals, count_targets, is_usable, score
from wufu.trust.farms import find_circles, judge_device, judge_pace
from wufu.trust.lockstep import find_lockstep
from wufu.trust.model import RULES, Act, Ask, Kind, Made, Newcomer, slot_of
from wufu.trust.words import SENTENCES, explain

NOW = datetime(2016, 2, 7, tzinfo=UTC)
TOTALS = Totals(1_000, 9_000, Answers(1_000, 500, 700.0), Answers(9_000, 8_000, 7_800.0))
LIKED_BY_FAKES = Target(30, 28, 10, 9)
LIKED_BY_REAL = Target(0, 0, 60, 50)


def person(number: int) -> PersonId:
    return PersonId(number)


def ask(asked: int, answer: str | None = "accepted", asker: int = 1, at: datetime = NOW) -> Ask:
    return Ask(person(asker), person(asked), at, answer, at if answer else None)  # type: ignore[arg-type]


# --- The graph score ------------------------------------------------------------------------------


def test_whom_fakes_prefer_raises_the_score_and_whom_real_people_prefer_lowers_it() -> None:
    targets = {person(2): LIKED_BY_FAKES, person(3): LIKED_BY_REAL}
    prior = score([], targets, TOTALS, RULES.graph, NOW).log_odds
    bad = score([ask(2)], targets, TOTALS, RULES.graph, NOW)
    good = score([ask(3)], targets, TOTALS, RULES.graph, NOW)
    assert bad.log_odds > prior > good.log_odds
    assert math.isclose(prior, math.log(0.05 / 0.95))


def test_a_target_nobody_labelled_asked_says_nothing_by_being_chosen() -> None:
    found = score([ask(7, None)], {}, TOTALS, RULES.graph, NOW)
    assert abs(found.selection) < 1e-12
    assert found.response == 0, "the answer may still come"


def test_a_refusal_speaks_against_who_is_refused_more_than_others() -> None:
    refused = score([ask(7, "refused")], {}, TOTALS, RULES.graph, NOW).response
    accepted = score([ask(7)], {}, TOTALS, RULES.graph, NOW).response
    ignored = score([ask(7, None, at=NOW - timedelta(days=4))], {}, TOTALS, RULES.graph, NOW).response
    assert refused == ignored > 0 > accepted


def test_each_ask_counts_and_only_the_first_fifty() -> None:
    targets = {person(number): LIKED_BY_FAKES for number in range(2, 200)}
    few, many, most = (
        score([ask(number) for number in range(2, 2 + count)], targets, TOTALS, RULES.graph, NOW)
        for count in (5, 50, 150)
    )
    assert few.log_odds < many.log_odds == most.log_odds
    assert most.asks == 50


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9)),
        min_size=1,
        max_size=60,
    ),
    st.lists(st.sampled_from(["accepted", "refused", None]), min_size=1, max_size=60),
)
def test_no_numbers_however_absurd_make_the_score_infinite(
    rows: list[tuple[int, int, int, int]], answers: list[str | None]
) -> None:
    targets = {
        person(place + 2): Target(max(a, b), min(a, b), max(c, d), min(c, d))
        for place, (a, b, c, d) in enumerate(rows)
    }
    fakes = sum(one.fake_asks for one in targets.values())
    reals = sum(one.real_asks for one in targets.values())
    totals = Totals(fakes, reals, Answers(fakes, 0, float(fakes)), Answers(reals, reals, 0.0))
    asks = [ask(place + 2, answer) for place, answer in enumerate(answers)]
    assert math.isfinite(score(asks, targets, totals, RULES.graph, NOW).log_odds)


def test_counting_leaves_out_the_unlabelled_and_answers_that_may_come() -> None:
    asks = [ask(9, asker=1), ask(9, "refused", asker=2), ask(9, asker=3), ask(9, None, asker=1)]
    targets, totals = count_targets(asks, {person(1): True, person(2): False}, RULES.graph, NOW)
    assert targets == {person(9): Target(1, 1, 1, 0)}
    assert (totals.fake_asks, totals.real_asks) == (1, 1)
    assert not is_usable(totals, RULES.graph)


# --- Lockstep -------------------------------------------------------------------------------------


def farm(people: range, targets: range, first_slot: int = 1_000, spread: int = 3) -> list[Act]:
    return [
        Act(person(one), "ask", f"person/{target}", first_slot + spread * place)
        for one in people
        for place, target in enumerate(targets)
    ]


def test_lockstep_finds_two_farms_apart_and_nobody_else() -> None:
    honest = [
        Act(person(one), "ask", f"person/{500 + (one * 7 + k * k) % 60}", 1_000 + (one * 13 + k * 31) % 280)
        for one in range(200, 300)
        for k in range(12)
    ]
    acts = [*farm(range(1, 9), range(500, 512)), *farm(range(20, 30), range(505, 520), 1_007), *honest]
    found = find_lockstep(acts, RULES.lockstep, {})
    assert [one.people for one in found] == [tuple(range(20, 30)), tuple(range(1, 9))]
    assert find_lockstep(list(reversed(acts)), RULES.lockstep, {}) == found, (
        "the order of acts does not matter"
    )


def test_acts_some_minutes_apart_are_still_in_step_and_an_hour_is_not() -> None:
    base = farm(range(1, 5), range(500, 510))
    near = [Act(person(9), act.what, act.target, act.slot + 1) for act in base if act.person == 1]
    far = [Act(person(10), act.what, act.target, act.slot + 12) for act in base if act.person == 1]
    [found] = find_lockstep([*base, *near, *far], RULES.lockstep, {})
    assert found.people == (1, 2, 3, 4, 9)


def test_what_a_crowd_does_is_no_lockstep() -> None:
    crowd = [
        Act(person(one), "open", f"packet/{place}", 1_000 + place)
        for one in range(1, 600)
        for place in range(10)
    ]
    assert find_lockstep(crowd, RULES.lockstep, {}) == []


def test_a_class_that_asks_each_other_is_no_farm() -> None:
    inward = farm(range(1, 12), range(1, 12))
    assert find_lockstep(inward, RULES.lockstep, {}) == []


@pytest.mark.parametrize(("people", "found"), [(8, 0), (9, 1)])
def test_a_household_is_smaller_than_a_farm(people: int, found: int) -> None:
    acts = farm(range(1, 1 + people), range(500, 510))
    at_home = {person(one): b"home" for one in range(1, 1 + people)}
    assert len(find_lockstep(acts, RULES.lockstep, at_home)) == found


def test_nothing_done_is_nothing_found() -> None:
    assert find_lockstep([], RULES.lockstep, {}) == []
    extreme = [Act(person(2**62 + one), "join", "campaign/" + "x" * 90, 2**40) for one in range(9)]
    assert find_lockstep(extreme, RULES.lockstep, {}) == []


# --- Devices, pace, circles -----------------------------------------------------------------------


def made(minutes: list[int]) -> Made:
    people = [Newcomer(person(place + 1), NOW + timedelta(minutes=at)) for place, at in enumerate(minutes)]
    return Made(b"m" * 16, tuple(people), 1)


@pytest.mark.parametrize(
    ("minutes", "suspected"),
    [
        ([0, 60, 120, 180, 240], 0),
        ([0, 60, 120, 180, 240, 300], 6),
        ([0, 2, 4, 6], 0),
        ([0, 2, 4, 6, 8], 5),
        ([0, 10, 20, 30, 40], 0),
        ([], 0),
    ],
)
def test_a_device_is_judged_by_how_many_and_how_fast(minutes: list[int], suspected: int) -> None:
    found = judge_device(made(minutes), RULES.device, {})
    assert (len(found.people) if found else 0) == suspected


def test_a_clearing_covers_what_was_made_before_it() -> None:
    device = made([0, 60, 120, 180, 240, 300, 360])
    cleared = {person(1): NOW + timedelta(minutes=320)}
    assert judge_device(device, RULES.device, cleared) is None
    assert judge_device(device, RULES.device, {person(1): NOW - timedelta(days=1)}) is not None


def test_pace_counts_the_busiest_minute_wherever_it_begins() -> None:
    def asks(count: int, seconds: float) -> list[Ask]:
        return [ask(10 + n, None, at=NOW + timedelta(seconds=45 + n * seconds)) for n in range(count)]

    assert judge_pace(asks(40, 1), RULES.pace, {}) == []
    [found] = judge_pace(asks(41, 1), RULES.pace, {})
    assert (found.people, found.evidence["asks_a_minute"]) == ((1,), 41)
    assert judge_pace(asks(200, 2), RULES.pace, {}) == []
    assert judge_pace(asks(41, 1), RULES.pace, {person(1): NOW + timedelta(days=1)}) == []


def ring(size: int, outside: int = 0) -> tuple[list[Newcomer], list[tuple[PersonId, PersonId]]]:
    people = [person(number) for number in range(1, size + 1)]
    ties = [(a, b) for a in people for b in people if a < b]
    ties += [(people[n % size], person(1_000 + n)) for n in range(outside)]
    return [Newcomer(one, NOW) for one in people], ties


@pytest.mark.parametrize(
    ("size", "outside", "found"), [(11, 0, 1), (7, 0, 0), (11, 5, 1), (11, 11, 0), (301, 0, 0)]
)
def test_a_circle_is_neither_small_nor_open_nor_a_whole_town(size: int, outside: int, found: int) -> None:
    newcomers, ties = ring(size, outside)
    assert len(find_circles(newcomers, ties, {}, {}, RULES.circle, {})) == found


def test_a_team_of_one_office_is_a_circle_only_if_its_beginnings_are_those_of_fakes() -> None:
    newcomers, ties = ring(10, 20)
    office = {one.person: b"office" for one in newcomers}
    for log_odds, found in ((-3.0, 0), (2.0, 1)):
        scores = {one.person: log_odds for one in newcomers}
        assert len(find_circles(newcomers, ties, office, scores, RULES.circle, {})) == found


# --- Words, and the measure -----------------------------------------------------------------------


def test_every_kind_of_case_is_explained_from_its_own_evidence() -> None:
    newcomers, ties = ring(11)
    asks = [ask(10 + n, None, at=NOW + timedelta(seconds=n)) for n in range(50)]
    device = judge_device(made([0, 1, 2, 3, 4, 5]), RULES.device, {})
    assert device is not None
    found = [
        device,
        *judge_pace(asks, RULES.pace, {}),
        *find_circles(newcomers, ties, {}, {}, RULES.circle, {}),
        *find_lockstep(farm(range(1, 9), range(500, 512)), RULES.lockstep, {}),
    ]
    told: dict[Kind, list[str]] = {one.kind: explain(one.kind, one.evidence) for one in found}
    assert set(told) == {"device", "pace", "circle", "lockstep"}
    assert "8 accounts did the same things to the same 12 targets" in told["lockstep"][0]
    assert set(SENTENCES) == {*told, "graph", "hand"}


def test_the_area_is_what_counting_pairs_gives() -> None:
    positive, negative = [3.0, 1.0, 2.0], [1.0, 0.0, 2.5, 2.0]
    pairs = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    assert area(positive, negative) == round(pairs / 12, 4)
    assert area([], negative) is None
    assert slot_of(NOW + timedelta(minutes=5)) == slot_of(NOW) + 1
