"""The rule of strength as arithmetic: what holds for any acts, and how states go over months."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wufu.core.ids import PersonId
from wufu.ties.strength import model
from wufu.ties.strength.model import (
    DECAY,
    DECAY_BITS,
    KINDS,
    MOST_A_DAY,
    NOTHING,
    Act,
    Bond,
    Counts,
    Key,
    decay,
    fold,
    gather,
    state_of,
    step,
    strength,
)

ONE, TWO = PersonId(1), PersonId(2)
START = date(2016, 2, 7)
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
DAY_MASS = model.mass(1, 4)

acts = st.lists(
    st.builds(
        Act,
        st.sampled_from([ONE, TWO]),
        st.sampled_from([ONE, TWO]),
        st.sampled_from(sorted(KINDS)),
        st.integers(0, 500).map(lambda days: START + timedelta(days=days)),
        st.one_of(st.integers(1, 50), st.integers(-3, 10**30)),
        st.booleans(),
    ),
    max_size=30,
)


def rows(some: Iterable[Act]) -> list[tuple[date, int, Counts]]:
    return [(key.day, key.kind, counts) for key, counts in gather(some).items()]


def value(bond: Bond, today: date, mutual: int = 0, mine: int = 1, theirs: int = 1) -> float:
    return strength(bond, today, LONG_AGO, mutual, mine, theirs).value


def states(days: Iterable[int], horizon: int = 720) -> list[tuple[int, str]]:
    """(day, state) at every change, of two who say a few words to each other on these days."""
    on = set(days)
    bond, seen = NOTHING, list[tuple[int, str]]()
    for day in range(horizon):
        today = START + timedelta(days=day)
        if day in on:
            bond = step(bond, today, DAY_MASS, DAY_MASS)
        state = state_of(bond, today, LONG_AGO)
        if not seen or seen[-1][1] != state:
            seen.append((day, state))
    return seen


@settings(deadline=None)
@given(acts, st.integers(0, 2000), st.integers(0, 6000), st.integers(1, 5000), st.integers(1, 5000))
def test_it_lies_between_0_and_1_whatever_was_done(
    some: list[Act], after: int, mutual: int, mine: int, theirs: int
) -> None:
    bond = fold(rows(some))
    found = strength(bond, START + timedelta(days=after), LONG_AGO, mutual, mine, theirs)
    assert 0 <= found.value <= 1
    assert 0 <= found.bars <= 5
    for kept, most in ((bond.gap, 2**31), (bond.pace, 2**31), (bond.squares, 2**63), (bond.ab, 2**33)):
        assert 0 <= kept < most


@settings(deadline=None)
@given(acts)
def test_it_is_the_same_from_both_sides(some: list[Act]) -> None:
    turned = [Act(act.other, act.person, act.kind, act.at, act.count, act.campaign) for act in some]
    there, back = fold(rows(some)), fold(rows(turned))
    assert back == there._replace(ab=there.ba, ba=there.ab)
    assert value(there, START + timedelta(days=510)) == value(back, START + timedelta(days=510))


@settings(deadline=None)
@given(acts.filter(bool), st.data())
def test_more_of_the_same_on_a_day_with_acts_never_weakens_it(some: list[Act], data: st.DataObject) -> None:
    bond = fold(rows(some))
    active = sorted(
        {
            day
            for day, kind, counts in rows(some)
            if model.mass(kind, counts.ab) or model.mass(kind, counts.ba)
        }
    )
    if not active:
        return
    day = data.draw(st.sampled_from(active))
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    more = fold(rows([*some, Act(ONE, TWO, kind, day, data.draw(st.integers(1, 10**12)))]))
    for after in (0, 3, 40, 400):
        today = START + timedelta(days=500 + after)
        assert value(more, today) >= value(bond, today)


@settings(deadline=None)
@given(acts, st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(KINDS)), st.integers(0, 500))))
def test_what_a_campaign_triggered_changes_nothing_at_all(
    some: list[Act], triggered: list[tuple[bool, model.Kind, int]]
) -> None:
    campaign = [
        Act(
            ONE if there else TWO, TWO if there else ONE, kind, START + timedelta(days=day), 99, campaign=True
        )
        for there, kind, day in triggered
    ]
    assert fold(rows([*some, *campaign])) == fold(rows(some))


@settings(deadline=None)
@given(acts, st.integers(0, 900), st.integers(0, 900))
def test_time_alone_never_strengthens_and_leads_only_downwards(some: list[Act], one: int, other: int) -> None:
    bond = fold(rows(some))
    if not bond.days:
        return
    sooner, later = (bond.last_day + timedelta(days=days) for days in sorted((one, other)))
    assert value(bond, later) <= value(bond, sooner)
    order = ["growing", "steady", "fading", "silent"]
    before, after = state_of(bond, sooner, LONG_AGO), state_of(bond, later, LONG_AGO)
    assert after == before or order.index(after) >= max(2, order.index(before))


@settings(deadline=None)
@given(acts, st.randoms(use_true_random=False))
def test_any_order_of_arriving_within_a_day_comes_to_the_same(some: list[Act], random: Random) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)
    assert gather(shuffled) == gather(some)


@settings(deadline=None)
@given(st.integers(0, 2**33), st.integers(0, 3_000_000), st.integers(0, 3_000_000))
def test_decay_never_grows_and_ends_at_nothing(sum_: int, one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert decay(sum_, 0) == sum_
    assert decay(sum_, more) <= decay(sum_, fewer) <= sum_
    assert decay(sum_, 56 * 40) == 0 if sum_ < 2**31 else True
    assert DECAY[0] == 1 << DECAY_BITS


def test_half_remains_after_56_days() -> None:
    assert decay(1_000_000, 56) == 500_000
    assert decay(1_000_000, 112) == 250_000


def test_a_day_begins_at_midnight_in_china() -> None:
    midnight = datetime(2016, 2, 7, 16, tzinfo=UTC)
    sent = [Act(ONE, TWO, "message", midnight - timedelta(seconds=1)), Act(TWO, ONE, "message", midnight)]
    assert gather(sent) == {
        Key(ONE, TWO, date(2016, 2, 7), 1): Counts(1, 0),
        Key(ONE, TWO, date(2016, 2, 8), 1): Counts(0, 1),
    }


def test_absurd_counts_stop_at_the_most_and_nothing_is_done_to_oneself() -> None:
    absurd = [Act(TWO, ONE, "message", START, 10**40)] * 3
    assert gather([*absurd, Act(ONE, ONE, "message", START), Act(ONE, TWO, "packet", START, 0)]) == {
        Key(ONE, TWO, START, 1): Counts(0, MOST_A_DAY)
    }


def test_the_hundredth_message_of_a_day_says_little_and_both_ways_says_more_than_one() -> None:
    def said(there: int, back: int) -> float:
        counts = Counts(there, back)
        return value(fold((START + timedelta(days=day), 1, counts) for day in range(30)), START)

    assert said(1, 0) < said(10, 0) < said(100, 0) < said(10, 10)
    assert said(100, 0) - said(90, 0) < said(11, 0) - said(1, 0)


def test_shared_friends_strengthen_up_to_their_part() -> None:
    bond = fold([(START, 1, Counts(4, 4))])
    alone, among = value(bond, START, 0, 10, 10), value(bond, START, 9, 10, 10)
    assert among - alone == pytest.approx(0.150)
    assert value(NOTHING, START, 9, 10, 10) == 0.150
    assert model.overlap(0, 1, 1) == 0


def test_a_tie_is_new_for_thirty_days_and_then_silent_if_nothing_followed() -> None:
    since = datetime(2016, 2, 7, 16, tzinfo=UTC)  # midnight of the 8th in China
    assert state_of(NOTHING, date(2016, 3, 8), since) == "new"
    assert state_of(NOTHING, date(2016, 3, 9), since) == "silent"


@pytest.mark.parametrize("every", [1, 3, 7, 14])
def test_a_regular_rhythm_grows_and_then_stays_steady(every: int) -> None:
    assert [state for _, state in states(range(0, 720, every))] == ["growing", "steady"]


def test_working_days_only_is_a_steady_rhythm_too() -> None:
    assert [state for _, state in states(day for day in range(720) if day % 7 < 5)] == ["growing", "steady"]


@pytest.mark.parametrize(("every", "fades", "silent"), [(1, 5, 9), (7, 29, 57), (30, 120, 240)])
def test_silence_fades_after_four_usual_gaps_and_is_silence_after_eight(
    every: int, fades: int, silent: int
) -> None:
    days = range(0, 1200, every)
    seen = states(days, horizon=days[-1] + 500)[-2:]
    assert seen == [(days[-1] + fades, "fading"), (days[-1] + silent, "silent")]


def test_silence_does_not_end_with_one_word() -> None:
    talk = [*range(200), *range(260, 300)]
    assert states(talk, 300)[2:] == [(204, "fading"), (208, "silent"), (260, "fading"), (263, "steady")]
    assert states([*range(200), 260], 300)[2:-1] == [(204, "fading"), (208, "silent"), (260, "fading")]


def test_talking_more_often_grows_and_less_often_fades() -> None:
    more = [state for _, state in states([*range(0, 360, 14), *range(360, 720, 3)])]
    less = [state for _, state in states([*range(0, 360, 3), *range(360, 720, 14)])]
    assert more == ["growing", "steady", "growing", "steady"]
    assert less == ["growing", "steady", "fading"]


@pytest.mark.parametrize("mean", [1, 3, 10])
def test_chance_alone_does_not_make_a_state_flap(mean: int) -> None:
    """Gaps as memoryless as can be: a change every two months at most, and none back within three days."""
    for seed in range(10):
        random, day, days = Random(seed), 0.0, []
        while day < 720:
            day += random.expovariate(1 / mean)
            days.append(int(day))
        seen = states(days)
        assert len(seen) <= 14, seen
        back = [
            (one, other)
            for one, other, again in zip(seen, seen[1:], seen[2:], strict=False)
            if one[1] == again[1] and again[0] - other[0] < 3
        ]
        assert not back, seen
