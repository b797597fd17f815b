"""The rule of life, births, reciprocity and the sums of the hold-out, by hand-made facts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.insight.facts import DAY_0, born, counted, did, ended, plays, talked, written
from wufu.insight import expressions
from wufu.insight.engine import facts_in_duckdb
from wufu.insight.facts import Row

Rows = Sequence[Row | list[Row]]
LATER = DAY_0 + 200


def ask(folder: Path, rows: Rows, name: str, *arguments: object) -> list[dict[str, Any]]:
    with facts_in_duckdb(written(folder, rows)) as facts:
        listed: list[dict[str, Any]] = getattr(expressions, name)(facts, *arguments).to_pyarrow().to_pylist()
    return listed


def alive(folder: Path, rows: Rows, days: int = 30, until: int = LATER) -> list[tuple[int, int]]:
    found = ask(folder, rows, "alive_by_reward", days, until, None)
    return [(row["ties"], row["alive"]) for row in found]


@pytest.mark.parametrize(
    ("acts", "days", "expected"),
    [
        (talked(1, 2, 16), 30, 1),
        (talked(1, 2, 30), 30, 1),
        (talked(1, 2, 15), 30, 0),
        (talked(1, 2, 31), 30, 0),
        (talked(1, 2, 4), 7, 1),
        (talked(1, 2, 3), 7, 0),
        (talked(1, 2, 46), 90, 1),
        (talked(1, 2, 45), 90, 0),
        ([did(1, 2, 20)], 30, 0),
        ([did(2, 1, 20)], 30, 0),
        ([did(1, 2, 17), did(2, 1, 29)], 30, 1),
        ([did(1, 2, 20, "swap", "gala"), did(2, 1, 20, "swap", "gala")], 30, 0),
        ([did(1, 2, 20), did(2, 1, 20, "gift", "gala")], 30, 0),
        ([did(1, 2, 20, "part"), did(2, 1, 20, "part")], 30, 0),
        ([*talked(1, 2, 20), *ended(1, 2, 25)], 30, 0),
        ([*talked(1, 2, 20), *ended(1, 2, 31)], 30, 1),
        ([*talked(1, 2, 20), ended(1, 2, 25)[0]], 30, 1),  # an ask was withdrawn: no end of a friendship
        (talked(1, 3, 20), 30, 0),
    ],
)
def test_a_tie_lives_if_both_act_of_their_own_accord_in_the_later_half(
    tmp_path: Path, acts: list[Row], days: int, expected: int
) -> None:
    assert alive(tmp_path, [born(1, 2), acts], days) == [(1, expected)]


def test_a_tie_is_asked_only_when_its_day_is_over(tmp_path: Path) -> None:
    rows: Rows = [born(1, 2), talked(1, 2, 20)]
    assert alive(tmp_path, rows, until=DAY_0 + 29) == []
    assert alive(tmp_path, rows, until=DAY_0 + 30) == [(1, 1)]


def test_a_tie_that_was_heard_and_found_in_the_tables_is_one(tmp_path: Path) -> None:
    rows: Rows = [born(1, 2), born(1, 2, new=None), born(2, 1), talked(1, 2, 20)]
    assert alive(tmp_path, rows) == [(1, 1)]


def test_people_who_have_an_anonymous_number_still_count(tmp_path: Path) -> None:
    """A stand-in is negative, so that the smaller number may have become the other one."""
    rows: Rows = [born(1, -5), did(1, -5, 20), did(-5, 1, 21), born(7, -5), talked(-5, 7, 3)]
    assert alive(tmp_path, rows) == [(2, 1)]


def test_making_it_up_again_is_no_new_tie(tmp_path: Path) -> None:
    rows: Rows = [born(1, 2, 0), born(1, 2, 3, new=False), born(3, 4, 3, "invited"), born(5, 6, 3, new=False)]
    assert ask(tmp_path, rows, "born_each_day") == [
        {"day": DAY_0, "cause": "asked", "ties": 1},
        {"day": DAY_0 + 3, "cause": "invited", "ties": 1},
    ]


def test_ties_formed_for_a_reward_are_told_apart(tmp_path: Path) -> None:
    rows: Rows = [
        [born(1, 2), born(3, 4), born(5, 6)],
        talked(1, 2, 20),
        talked(5, 6, 20),
        [counted(2, 1, rewarded=True), counted(1, 2, rewarded=False), counted(3, 4, rewarded=False)],
    ]
    found = ask(tmp_path, rows, "alive_by_reward", 30, LATER, "gala")
    assert found == [
        {"rewarded": 0, "ties": 2, "alive": 1},
        {"rewarded": 1, "ties": 1, "alive": 1},
    ]
    assert ask(tmp_path, rows, "alive_by_reward", 30, LATER, "another") == [
        {"rewarded": 0, "ties": 3, "alive": 2}
    ]


def test_reciprocity_counts_ties_with_anything_at_all(tmp_path: Path) -> None:
    rows: Rows = [
        [born(1, 2), born(3, 4), born(5, 6), born(7, 8)],
        talked(1, 2, 0),
        [did(3, 4, 1), did(3, 4, 9)],
        [did(5, 6, 3, "gift", "gala"), did(6, 5, 3)],
        talked(7, 8, 31),
    ]
    assert ask(tmp_path, rows, "reciprocity", LATER) == [{"ties": 3, "both_ways": 1}]


def test_the_sums_of_both_groups_count_everybody_who_played(tmp_path: Path) -> None:
    rows: Rows = [
        [plays(1), plays(2), plays(3, held_out=True), plays(4, held_out=True), plays(9, "another")],
        [born(1, 2), born(1, 3), born(1, 8), born(9, 3, 5)],
        [*talked(1, 2, 20), *talked(1, 8, 20), *talked(9, 3, 22)],
    ]
    assert ask(tmp_path, rows, "sums_by_group", "gala", 30, LATER, DAY_0, DAY_0) == [
        {
            "held_out": 0,
            "people": 2,
            "alive": 3,
            "born": 4,
            "alive_squared": 5,
            "born_squared": 10,
            "alive_born": 7,
        },
        {
            "held_out": 1,
            "people": 2,
            "alive": 0,
            "born": 1,
            "alive_squared": 0,
            "born_squared": 1,
            "alive_born": 0,
        },
    ]


def test_a_campaign_s_ties_are_born_from_the_first_player_to_the_last_counted_friend(tmp_path: Path) -> None:
    rows: Rows = [plays(1, day=2), plays(2, day=1), counted(1, 2, rewarded=True, day=6), plays(3, "x", day=9)]
    assert ask(tmp_path, rows, "window", "gala") == [{"first": DAY_0 + 1, "last": DAY_0 + 6}]
    assert ask(tmp_path, rows, "window", "nowhere") == [{"first": None, "last": None}]
