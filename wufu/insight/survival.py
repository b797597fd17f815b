"""How long ties live, and whether their first week tells: a study on a list of messages.

A message is a line `from to unix_seconds`. Two people are a **tie** once both have written to the other; it
is **born** with the first answer. It is **alive at D days** if each wrote to the other later than D / 2 days
and not later than D days after its birth: the rule of `expressions.py`, to the second. Only ties that were
born at least D days before the last message are asked, so nobody is called dead for lack of data.

Foretelling. From what is known seven days after birth (`FEATURES`: the pair's messages since the first, and
how busy both are elsewhere) a model says whether the tie is alive at 30 days. The baseline is the number of
the pair's messages alone. Both are judged by AUC, the chance that of one living and one dead tie the living
one is ranked higher (ties in rank count half), in two ways:

- *cross-validated*: ten folds of ties, each foretold by a model that did not see it;
- *in time*: learned from ties whose 30 days were over at a moment, asked of those with a later first week.

Intervals are percentiles of 1,000 bootstrap samples of the judged ties, the same samples for both.
"""

import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from wufu.insight.lots import Lots
from wufu.insight.model import BadInsight, Interval, Judged, SurvivalStudy, Survived
from wufu.insight.reading import read_messages

DAY = 86_400
ASKED_DAYS = (7, 30, 60)
KNOWN_DAYS, FORETOLD_DAYS = 7, 30
FOLDS = 10
SAMPLES = 1_000
LATER_SHARE = 0.3
"""Of ties in order of birth, the part that is asked in the judgement in time."""
FEWEST = 50
"""Ties with a known outcome, and of each outcome a fifth of it, below which nothing is learned."""

Tell = Callable[[str, int, int], None]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OF_THE_PAIR = 13
"""So many of the features are of the two's own messages."""
FEATURES = (
    "messages",
    "messages of who wrote less",
    "balance",
    "messages after the birth",
    "messages in the last three days",
    "messages in the last day",
    "days with messages",
    "turns",
    "hours until the first answer",
    "hours since the last message",
    "hours since the last of who is silent longer",
    "mean gap in hours",
    "burstiness",
    "messages of the one elsewhere",
    "messages of the other elsewhere",
    "partners of the one",
    "partners of the other",
    "share of the one's messages",
    "share of the other's messages",
    "hours since the one wrote to anybody",
    "hours since the other wrote to anybody",
    "days since the one came",
    "days since the other came",
    "partners in common",
)


def study(file: Path, *, seed: int, tell: Tell) -> SurvivalStudy:
    """Everything this chapter tells of, for one file. Raises BadInsight."""
    log = read_messages(file, tell)
    ties = _Ties(log.senders, log.receivers, log.times)
    survived = [ties.survived(days) for days in ASKED_DAYS]
    asked = np.flatnonzero(ties.births + FORETOLD_DAYS * DAY <= ties.end)
    outcome = ties.alive(asked, FORETOLD_DAYS)
    if len(asked) < FEWEST or min(outcome.sum(), (~outcome).sum()) < FEWEST // 5:
        raise BadInsight(
            f"{file} has {len(asked):,} ties that are {FORETOLD_DAYS} days old,"
            f" {int(outcome.sum()):,} of them alive; needed are {FEWEST}, {FEWEST // 5} of each kind"
        )
    known = ties.features(asked, tell)
    lots = Lots(seed)
    crossed = _foretell_in_folds(known, outcome, lots, tell)
    cut = float(np.quantile(ties.births[asked], 1 - LATER_SHARE)) + KNOWN_DAYS * DAY
    births = ties.births[asked]
    past = births + FORETOLD_DAYS * DAY <= cut
    later = births + KNOWN_DAYS * DAY > cut
    return SurvivalStudy(
        messages=len(log.times),
        people=len(np.unique(np.concatenate([log.senders, log.receivers]))),
        to_oneself=log.to_oneself,
        ties=len(ties.births),
        rule="both wrote later than half of D days and up to D days after the first answer",
        survived=survived,
        cross_validated=_judge("cross-validated", crossed, known[:, 0], outcome, lots),
        in_time=_foretell_later(known, outcome, past, later, lots),
    )


# --- Ties of a list of messages -------------------------------------------------------------------


class _Ties:
    """The ties of a list of messages in order of time; places of messages are grouped by pair and person."""

    def __init__(self, senders: Ints, receivers: Ints, times: Ints) -> None:
        self.senders, self.receivers, self.times = senders, receivers, times
        self.end = int(times[-1])
        people = int(max(senders.max(), receivers.max())) + 1
        low, high = np.minimum(senders, receivers), np.maximum(senders, receivers)
        order = np.argsort(low * people + high, kind="stable")
        keys = (low * people + high)[order]
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        self._messages, self._pairs, births = [], [], []
        for start, stop in zip(starts, [*starts[1:], len(keys)], strict=True):
            places = order[start:stop]
            there = senders[places] == low[places[0]]
            if there.any() and not there.all():
                self._messages.append(places)
                self._pairs.append((int(low[places[0]]), int(high[places[0]])))
                births.append(max(times[places[there]][0], times[places[~there]][0]))
        self.births = np.array(births, dtype=np.int64)
        self._sent = _by_person(senders, people)
        self._met = _first_meetings(senders, receivers, times)

    def alive(self, asked: Ints, days: int) -> NDArray[np.bool_]:
        """Whether each of the asked ties lives by the rule so many days after its birth."""
        found = np.zeros(len(asked), dtype=bool)
        for place, tie in enumerate(asked):
            messages = self._messages[tie]
            since = self.times[messages] - self.births[tie]
            inside = messages[(2 * since > days * DAY) & (since <= days * DAY)]
            there = self.senders[inside] == self._pairs[tie][0]
            found[place] = bool(there.any() and not there.all())
        return found

    def survived(self, days: int) -> Survived:
        """How many of the ties that are old enough live after so many days."""
        asked = np.flatnonzero(self.births + days * DAY <= self.end)
        alive = int(self.alive(asked, days).sum())
        return Survived(days, len(asked), alive, alive / len(asked) if len(asked) else None)

    def features(self, asked: Ints, tell: Tell) -> Floats:
        """One row of `FEATURES` for each of the asked ties, as known seven days after its birth."""
        rows = []
        for place, tie in enumerate(asked):
            rows.append(self._features(int(tie)))
            if place % 500 == 0:
                tell("looking at first weeks", place, len(asked))
        tell("looking at first weeks", len(asked), len(asked))
        return np.array(rows, dtype=np.float64)

    def _features(self, tie: int) -> list[float]:
        moment = int(self.births[tie]) + KNOWN_DAYS * DAY
        one, other = self._pairs[tie]
        messages = self._messages[tie]
        messages = messages[self.times[messages] <= moment]
        times, there = self.times[messages], self.senders[messages] == one
        mine = self._person(one, moment), self._person(other, moment)
        sides = int(there.sum()), int((~there).sum())
        if mine[0].written - sides[0] > mine[1].written - sides[1]:
            mine, sides = (mine[1], mine[0]), (sides[1], sides[0])  # the busier one is the other
        gaps = np.diff(times) / 3600
        spread, mean = (float(gaps.std()), float(gaps.mean())) if len(gaps) else (0.0, 0.0)
        silent = max(moment - times[there][-1], moment - times[~there][-1])
        return [
            len(times),
            min(sides),
            min(sides) / max(sides),
            int((times > self.births[tie]).sum()),
            int((times > moment - 3 * DAY).sum()),
            int((times > moment - DAY).sum()),
            len(np.unique((moment - times) // DAY)),
            int((there[1:] != there[:-1]).sum()),
            (self.births[tie] - times[0]) / 3600,
            (moment - times[-1]) / 3600,
            silent / 3600,
            mean,
            (spread - mean) / (spread + mean) if spread + mean else 0.0,
            mine[0].written - sides[0],
            mine[1].written - sides[1],
            len(mine[0].partners),
            len(mine[1].partners),
            sides[0] / mine[0].written,
            sides[1] / mine[1].written,
            (moment - mine[0].last) / 3600,
            (moment - mine[1].last) / 3600,
            (moment - mine[0].first) / DAY,
            (moment - mine[1].first) / DAY,
            len(mine[0].partners & mine[1].partners),
        ]

    def _person(self, person: int, moment: int) -> "_Person":
        sent = self._sent[person]
        times = self.times[sent]
        upto = int(np.searchsorted(times, moment, side="right"))
        partners = {other for other, at in self._met[person].items() if at <= moment}
        return _Person(upto, int(times[0]), int(times[upto - 1]), partners)


class _Person(msgspec.Struct, frozen=True):
    """What one did up to a moment: messages written, when first and last, with whom there were any."""

    written: int
    first: int
    last: int
    partners: set[int]


def _by_person(senders: Ints, people: int) -> list[Ints]:
    order = np.argsort(senders, kind="stable")
    return np.split(order, np.searchsorted(senders[order], np.arange(1, people)))


def _first_meetings(senders: Ints, receivers: Ints, times: Ints) -> dict[int, dict[int, int]]:
    met: dict[int, dict[int, int]] = {}
    for one, other, at in zip(senders.tolist(), receivers.tolist(), times.tolist(), strict=True):
        met.setdefault(one, {}).setdefault(other, at)
        met.setdefault(other, {}).setdefault(one, at)
    return met


# --- Foretelling ----------------------------------------------------------------------------------


def _learned(known: Floats, outcome: NDArray[np.bool_], asked: Floats) -> Floats:
    """The chance of life of the asked: the mean of boosted trees and a logistic curve.

    The curve sees only what the two wrote to each other. How busy people are elsewhere drifts as a community
    grows and shrinks, and a line follows such a drift out of the range that it learned from; trees do not.
    """
    trees = HistGradientBoostingClassifier(
        learning_rate=0.03,
        max_iter=100,
        max_leaf_nodes=6,
        min_samples_leaf=40,
        l2_regularization=5.0,
        random_state=0,
    )
    line = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2_000))
    # One thread: with more, and somebody else at work, they wait for each other.
    with threadpool_limits(1):
        chances = [
            trees.fit(known, outcome).predict_proba(asked)[:, 1],
            line.fit(_bent(known), outcome).predict_proba(_bent(asked))[:, 1],
        ]
    return np.asarray(np.mean(chances, axis=0), dtype=np.float64)


def _bent(known: Floats) -> Floats:
    """What is of the pair alone, on a logarithmic scale, on which a line can say something about it."""
    pair = known[:, :OF_THE_PAIR]
    return np.asarray(np.sign(pair) * np.log1p(np.abs(pair)), dtype=np.float64)


def _foretell_in_folds(known: Floats, outcome: NDArray[np.bool_], lots: Lots, tell: Tell) -> Floats:
    fold = np.empty(len(outcome), dtype=np.int64)
    # Each fold has its share of the living.
    for value in (False, True):
        places = np.flatnonzero(outcome == value)
        fold[places[lots.shuffled(f"fold/{value}", len(places))]] = np.arange(len(places)) % FOLDS
    foretold = np.empty(len(outcome))
    for number in range(FOLDS):
        tell("foretelling", number, FOLDS)
        hidden = fold == number
        foretold[hidden] = _learned(known[~hidden], outcome[~hidden], known[hidden])
    tell("foretelling", FOLDS, FOLDS)
    return foretold


def _foretell_later(
    known: Floats,
    outcome: NDArray[np.bool_],
    past: NDArray[np.bool_],
    later: NDArray[np.bool_],
    lots: Lots,
) -> Judged | None:
    """Learned from the past, asked of later ties; None where one of them has not both outcomes."""
    for side in (past, later):
        if not side.any() or len(np.unique(outcome[side])) < 2:
            return None
    foretold = _learned(known[past], outcome[past], known[later])
    return _judge("in time", foretold, known[later, 0], outcome[later], lots)


def _judge(label: str, foretold: Floats, baseline: Floats, outcome: NDArray[np.bool_], lots: Lots) -> Judged:
    count = len(outcome)
    aucs = []
    for sample in range(SAMPLES):
        drawn = lots.below(f"{label}/{sample}", count, count)
        if 0 < outcome[drawn].sum() < count:
            aucs.append((auc(foretold[drawn], outcome[drawn]), auc(baseline[drawn], outcome[drawn])))
    pairs = np.array(aucs)

    def around(value: float, sampled: Floats) -> Interval:
        low, high = np.quantile(sampled, [0.025, 0.975])
        return Interval(value, float(low), float(high))

    learned, simple = auc(foretold, outcome), auc(baseline, outcome)
    return Judged(
        ties=count,
        alive=int(outcome.sum()),
        auc=around(learned, pairs[:, 0]),
        baseline_auc=around(simple, pairs[:, 1]),
        gain=around(learned - simple, pairs[:, 0] - pairs[:, 1]),
    )


def auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """The chance that a positive is scored above a negative, equal scores counting half (Mann-Whitney)."""
    values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    ups = int(positive.sum())
    downs = len(positive) - ups
    if not ups or not downs or not len(values):
        return math.nan
    return float((ranks[place][positive].sum() - ups * (ups + 1) / 2) / (ups * downs))
