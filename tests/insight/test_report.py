"""The report: its numbers from files to structs, and intervals that hold what they promise."""

import math
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import TestClock
from tests.insight.facts import DAY_0, START, born, counted, did, plays, talked, written
from tests.world import World
from wufu.db import Database, Fact, Tx, carry
from wufu.insight import LISTENERS, BadInsight, Interval, Lake, bring_up_to_date, see_ties_report
from wufu.insight.facts import date_of
from wufu.insight.model import GroupSums
from wufu.insight.report import compare, make_report

PEOPLE = 400
TIES_EACH = 3
WORLDS = 300


def sums(born_each: np.ndarray, alive_each: np.ndarray) -> GroupSums:
    return GroupSums(
        len(born_each),
        int(alive_each.sum()),
        int(born_each.sum()),
        int((alive_each**2).sum()),
        int((born_each**2).sum()),
        int((born_each * alive_each).sum()),
    )


def holds(interval: Interval | None, truth: float) -> bool:
    assert interval is not None
    assert interval.low <= interval.estimate <= interval.high
    return interval.low <= truth <= interval.high


def test_the_intervals_hold_the_known_effect_as_often_as_they_say() -> None:
    """People differ in how well their ties live, so ties of one person are alike; the hold-out is small."""
    chance = np.random.default_rng(7)
    ties_right = share_right = 0
    for _ in range(WORLDS):
        groups = []
        for people, mean_ties, keeping in ((PEOPLE, 4.0, 0.30), (PEOPLE // 8, 3.0, 0.20)):
            made = chance.poisson(mean_ties, people)
            each = chance.beta(keeping * 3, (1 - keeping) * 3, people)
            groups.append(sums(made, chance.binomial(made, each)))
        found = compare(30, *groups)
        ties_right += holds(found.ties_each, 4.0 * 0.30 - 3.0 * 0.20)
        share_right += holds(found.share, 0.10)
    # Of 300 intervals at 95 % some 285 hold it; 270 is four standard deviations below.
    assert 270 <= ties_right < WORLDS
    assert 267 <= share_right < WORLDS


def test_ties_of_one_person_are_not_taken_for_independent() -> None:
    """All or none of a person's ties live: the interval is as wide as of so many people, not of ties."""
    made = np.full(100, 10)
    alive = np.where(np.arange(100) % 2 == 0, 10, 0)
    found = compare(7, sums(made, alive), sums(made, alive)).share
    assert found is not None
    by_people = 1.972 * math.sqrt(2 * 0.25 / 99)
    assert found.high == pytest.approx(by_people, rel=0.01)


def test_groups_too_small_to_say_anything_say_nothing() -> None:
    one, none = sums(np.array([2]), np.array([1])), GroupSums()
    found = compare(7, one, none)
    assert (found.ties_each, found.share, found.held_out_alive_each, found.held_out_share) == (None,) * 4
    nobody_lives = sums(np.array([1, 1]), np.array([0, 0]))
    assert compare(7, nobody_lives, nobody_lives).ties_each == Interval(0.0, 0.0, 0.0)


def test_the_report_tells_the_hand_made_world(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        [
            [plays(1), plays(2), plays(3, held_out=True), plays(4, held_out=True)],
            [born(1, 2), born(3, 4), born(1, 9, cause="invited")],
            talked(1, 2, 5, 20, 60),
            [did(3, 4, 2, "gift", "gala")],
            counted(1, 2, rewarded=True),
        ],
    )
    found = make_report(files, DAY_0 + 40, "gala")
    assert found.until == date_of(DAY_0 + 40)
    assert [(one.cause, one.ties) for one in found.born] == [("asked", 2), ("invited", 1)]
    assert [(one.days, one.group, one.ties, one.alive, one.share) for one in found.alive] == [
        (7, "all", 3, 1, 1 / 3),
        (7, "rewarded", 1, 1, 1.0),
        (7, "others", 2, 0, 0.0),
        (30, "all", 3, 1, 1 / 3),
        (30, "rewarded", 1, 1, 1.0),
        (30, "others", 2, 0, 0.0),
        (90, "all", 0, 0, None),
        (90, "rewarded", 0, 0, None),
        (90, "others", 0, 0, None),
    ]
    assert (found.reciprocity.ties, found.reciprocity.both_ways) == (1, 1)
    week = found.differences[0]
    assert (week.rewarded_people, week.held_out_people) == (2, 2)
    assert (week.rewarded_alive_each, week.held_out_alive_each) == (1.0, 0.0)
    with pytest.raises(BadInsight, match="nowhere"):
        make_report(files, DAY_0 + 40, "nowhere")


async def test_real_ties_come_through_to_the_report(
    database: Database, world: World, clock: TestClock, tmp_path: Path
) -> None:
    """From verbs to facts to files to numbers, with nothing made by hand but the talk."""
    lake = Lake(folder=tmp_path)
    with pytest.raises(BadInsight, match="no facts"):
        await see_ties_report(database, lake)
    clock.now = START
    one, two, three = await world.people(3)
    await world.befriend((one, two), (one, three))

    async def talk(tx: Tx) -> None:
        for a, b in ((one, two), (two, one), (three, one)):
            tx.announce(Fact("chat.talked", {"day": date_of(DAY_0 + 6), "pairs": [[a, b, 1]], "parts": []}))

    await world.run(talk)
    await world.run(lambda tx: carry(tx, LISTENERS))
    clock.advance(days=40)
    await bring_up_to_date(database, lake)
    found = await see_ties_report(database, lake)
    assert [(one.ties, one.alive) for one in found.alive if one.group == "all"] == [(2, 1), (2, 0), (0, 0)]
    assert found.born[0].ties == 2
    assert found.differences == []
