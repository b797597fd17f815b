"""The report on ties: the expressions' answers as values, and how sure they are.

**What the reward did.** Players of a campaign are rewarded for new friends, except a hold-out whom a hash of
their number chose beforehand. Two differences are told, rewarded less hold-out:

- *living ties a person*: the difference of two means over people, with Welch's interval (unequal variances,
  Welch-Satterthwaite degrees of freedom). Whoever made no tie counts as zero.
- *share of born ties that live*: a ratio of two sums over people. Ties of one person are not independent, so
  people are the units: the variance of a ratio r = Σy / Σx is Σ(y - r x)² · n / (n - 1) / (Σx)², by
  linearisation, and the difference has the sum of both variances.

A tie between a rewarded and a held-out player counts for both sides, and the reward of one makes friends of
the other. That pulls the two groups together: the difference is smaller than the effect, never larger.
"""

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from wufu.db import Database
from wufu.insight import store
from wufu.insight.facts import date_of, day_number
from wufu.insight.lake import Lake
from wufu.insight.late import room
from wufu.insight.model import (
    DAYS,
    Alive,
    BadInsight,
    Born,
    Difference,
    GroupSums,
    Interval,
    Reciprocity,
    TiesReport,
)

CONFIDENCE = 0.95


async def see_ties_report(
    database: Database, lake: Lake, *, campaign: str | None = None, now: datetime | None = None
) -> TiesReport:
    """What became of ties, from the files as they are. Raises BadInsight: no facts, no such campaign."""
    async with database.read() as connection:
        files = await store.files(connection, "kept")
    if not files:
        raise BadInsight("no facts have been exported yet: run `wufu insight export`, or wait for the job")
    until = day_number(now or database.clock()) - 1
    async with lake.at_hand([file.path for file in files]) as paths:
        return await asyncio.to_thread(make_report, paths, until, campaign)


def make_report(paths: Sequence[Path], until: int, campaign: str | None) -> TiesReport:
    """The report over some files, up to the day with the number `until`."""
    expressions, engine = room("expressions"), room("engine")
    with engine.facts_in_duckdb(paths) as facts:

        def rows(expression: Any) -> list[dict[str, Any]]:
            listed: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
            return listed

        (counted,) = rows(facts.agg(facts=facts.count()))
        differences = []
        if campaign is not None:
            (window,) = rows(expressions.window(facts, campaign))
            if window["first"] is None:
                raise BadInsight(f"no facts say that anybody joined a campaign {campaign!r}")
            for days in DAYS:
                sums = rows(
                    expressions.sums_by_group(facts, campaign, days, until, window["first"], window["last"])
                )
                differences.append(compare(days, *_groups(sums)))
        alive = [
            line
            for days in DAYS
            for line in _alive(days, rows(expressions.alive_by_reward(facts, days, until, campaign)))
        ]
        (both,) = rows(expressions.reciprocity(facts, until))
        return TiesReport(
            date_of(until),
            campaign,
            counted["facts"],
            [
                Born(date_of(row["day"]), row["cause"], row["ties"])
                for row in rows(expressions.born_each_day(facts))
            ],
            alive,
            Reciprocity(both["ties"], both["both_ways"], _share(both["both_ways"], both["ties"])),
            differences,
        )


def _alive(days: int, rows: Sequence[dict[str, Any]]) -> list[Alive]:
    by_reward = {row["rewarded"]: (row["ties"], row["alive"]) for row in rows}
    rewarded, others = by_reward.get(1, (0, 0)), by_reward.get(0, (0, 0))
    both = (rewarded[0] + others[0], rewarded[1] + others[1])
    return [
        Alive(days, name, ties, alive, _share(alive, ties))
        for name, (ties, alive) in (("all", both), ("rewarded", rewarded), ("others", others))
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _groups(rows: Sequence[dict[str, Any]]) -> tuple[GroupSums, GroupSums]:
    sums = {
        row.pop("held_out"): GroupSums(**{name: int(value) for name, value in row.items()})
        for row in (dict(one) for one in rows)
    }
    return sums.get(0, GroupSums()), sums.get(1, GroupSums())


# --- How sure -------------------------------------------------------------------------------------


def compare(days: int, rewarded: GroupSums, held_out: GroupSums) -> Difference:
    """Both differences and their intervals, from the sums of the two groups."""
    return Difference(
        days,
        rewarded.people,
        held_out.people,
        _share(rewarded.alive, rewarded.people),
        _share(held_out.alive, held_out.people),
        _interval(_mean(rewarded), _mean(held_out)),
        _share(rewarded.alive, rewarded.born),
        _share(held_out.alive, held_out.born),
        _interval(_ratio(rewarded), _ratio(held_out)),
    )


Estimate = tuple[float, float, int]
"""A value, its variance, and how many people it comes from."""


def _mean(sums: GroupSums) -> Estimate | None:
    """Living ties a person: mean, variance of the mean, people."""
    if sums.people < 2:
        return None
    mean = sums.alive / sums.people
    variance = (sums.alive_squared - sums.people * mean * mean) / (sums.people - 1)
    return mean, max(variance, 0.0) / sums.people, sums.people


def _ratio(sums: GroupSums) -> Estimate | None:
    """Living of born ties: ratio, its variance with people as units, people."""
    if sums.people < 2 or not sums.born:
        return None
    ratio = sums.alive / sums.born
    residuals = sums.alive_squared - 2 * ratio * sums.alive_born + ratio * ratio * sums.born_squared
    correction = sums.people / (sums.people - 1)
    return ratio, max(residuals, 0.0) * correction / sums.born**2, sums.people


def _interval(one: Estimate | None, other: Estimate | None) -> Interval | None:
    if one is None or other is None:
        return None
    difference, variance = one[0] - other[0], one[1] + other[1]
    if variance == 0.0:
        return Interval(difference, difference, difference)
    freedom = variance**2 / (one[1] ** 2 / (one[2] - 1) + other[1] ** 2 / (other[2] - 1))
    reach = room("engine").student_quantile((1 + CONFIDENCE) / 2, freedom) * math.sqrt(variance)
    return Interval(difference, difference - reach, difference + reach)
