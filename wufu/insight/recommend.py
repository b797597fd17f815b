"""How well suggestions find ties: some are hidden, and each rule says whom it would suggest.

**The split.** At random: a part (`hide`) of all ties is hidden, each as likely as the other. In time
(`--times`): the last part of the pairs in order of their first meeting; pairs with somebody who was not there
before are left out and counted (`newcomers`), since no rule over ties can know them.

**Recall at 10.** Each person with hidden ties is suggested ten people who are no visible friends, by score,
equal scores in the order of numbers, nobody with score 0. Their recall is hits / min(10, hidden ties), and a
rule's is the mean over people: of *everybody* with a hidden tie (the plain protocol), and of those with at
most 50 visible ties. The second is the one that reproduces the figures which this project began with
(common neighbours .605, Adamic-Adar .623, resource allocation .643 on ego-Facebook; their protocol was not
written down): over eight random splits it gives .603, .625, .643, the plain one .581, .597, .616.

**AUC.** The chance that a hidden tie is scored above a random pair of people without any tie, equal scores
counting half; as many such pairs as hidden ties. A score of a pair is the sum of both directions.

**The learned rule** never sees a hidden tie. Of the visible graph a second part is hidden in the same way; on
what is left the features are computed (`ranking.py`), and trees learn which candidates were hidden. They then
order the candidates of the whole visible graph.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from wufu.insight import ranking
from wufu.insight.lots import Lots
from wufu.insight.model import BadInsight, Found, RecommendStudy
from wufu.insight.ranking import Graph, Ranker
from wufu.insight.reading import Ints, read_ties, read_timed_ties
from wufu.insight.survival import auc

Tell = Callable[[str, int, int], None]

SUGGESTED = 10
FEW_TIES = 50
FEWEST = 100
"""Ties below which hiding a part says nothing."""
LEARNED = "learned"
LEARNED_FROM = 2
"""Second hides of the visible graph, in a random split; in time there is one past."""
OTHERS_KEPT = 4
"""Of the candidates that were not hidden one in so many is learned from: they are nearly all."""


class Split(msgspec.Struct, frozen=True):
    """Visible and hidden ties among the same people."""

    people: int
    firsts: Ints
    seconds: Ints
    hidden_firsts: Ints
    hidden_seconds: Ints
    newcomers: int = 0


def study(file: Path, *, hide: float, seed: int, times: bool, tell: Tell) -> RecommendStudy:
    """Every rule's figures on one file. Raises BadInsight."""
    if not 0.01 <= hide <= 0.5:
        raise BadInsight(f"a part to hide lies between 0.01 and 0.5, not at {hide}")
    if times:
        people, firsts, seconds, _ = read_timed_ties(file, tell)
    else:
        people, firsts, seconds = read_ties(file)
    if len(firsts) < FEWEST:
        raise BadInsight(f"{file} has {len(firsts):,} ties; at least {FEWEST} are needed")
    lots = Lots(seed)

    def divide(label: str, one: Ints, other: Ints) -> Split:
        return (
            in_time(people, one, other, hide) if times else at_random(people, one, other, hide, lots, label)
        )

    split = divide("hide", firsts, seconds)
    if not len(split.hidden_firsts):
        raise BadInsight(f"{file} leaves no tie to hide between people who are known without it")
    ranker = _learn(split, divide, 1 if times else LEARNED_FROM, lots, tell)
    return _judge(split, ranker, lots, tell, hide=hide, seed=seed, times=times, ties=len(firsts))


def at_random(people: int, firsts: Ints, seconds: Ints, hide: float, lots: Lots, label: str) -> Split:
    """Hide each tie with the same chance."""
    order = lots.shuffled(label, len(firsts))
    count = int(len(firsts) * hide)
    hidden, visible = order[:count], np.sort(order[count:])
    return Split(people, firsts[visible], seconds[visible], firsts[hidden], seconds[hidden])


def in_time(people: int, firsts: Ints, seconds: Ints, hide: float) -> Split:
    """Hide the latest ties; those of people who came later are left out."""
    count = int(len(firsts) * (1 - hide))
    known = np.zeros(people, dtype=bool)
    known[firsts[:count]] = known[seconds[:count]] = True
    later = np.arange(count, len(firsts))
    fair = later[known[firsts[later]] & known[seconds[later]]]
    return Split(people, firsts[:count], seconds[:count], firsts[fair], seconds[fair], len(later) - len(fair))


def _hidden(split: Split) -> NDArray[np.int64]:
    """Both directions of every hidden tie as keys u * people + v, in order."""
    one, other = split.hidden_firsts, split.hidden_seconds
    return np.sort(np.r_[one * split.people + other, other * split.people + one])


def _among(keys: Ints, sorted_keys: Ints) -> NDArray[np.bool_]:
    places = np.minimum(np.searchsorted(sorted_keys, keys), max(len(sorted_keys) - 1, 0))
    return sorted_keys[places] == keys if len(sorted_keys) else np.zeros(len(keys), dtype=bool)


# --- Learning -------------------------------------------------------------------------------------


def _learn(
    split: Split, divide: Callable[[str, Ints, Ints], Split], times: int, lots: Lots, tell: Tell
) -> Ranker | None:
    """A ranker from second hides of the visible graph; None where they hide nothing that can be found."""
    known, outcomes = [], []
    for number in range(times):
        second = divide(f"hide/{number}", split.firsts, split.seconds)
        graph = Graph.of(second.people, second.firsts, second.seconds)
        hidden = _hidden(second)
        for block, parts in ranking.blocks(graph, tell, f"learning, part {number + 1}"):
            u, v = ranking.candidates(block)
            outcome = _among((u + block.first) * graph.people + v, hidden)
            chosen = outcome | (lots.below(f"kept/{number}/{block.first}", OTHERS_KEPT, len(u)) == 0)
            known.append(ranking.features(graph, block, parts, u[chosen], v[chosen]))
            outcomes.append(outcome[chosen])
    if len(np.unique(np.concatenate(outcomes))) < 2:
        return None
    tell("learning", 0, 1)
    ranker = Ranker()
    ranker.learn(known, outcomes)
    tell("learning", 1, 1)
    return ranker


# --- Judging --------------------------------------------------------------------------------------


class _Tally:
    """What one rule suggested and how it scored the pairs of the AUC."""

    def __init__(self, pairs: int) -> None:
        self.recalls: list[float] = []
        self.recalls_few: list[float] = []
        self.scores = np.zeros(pairs)

    def suggest(self, suggested: Ints, hidden: Ints, degree: float) -> None:
        hits = len(np.intersect1d(suggested, hidden))
        recall = hits / min(SUGGESTED, len(hidden))
        self.recalls.append(recall)
        if degree <= FEW_TIES:
            self.recalls_few.append(recall)

    def found(self, rule: str, positive: NDArray[np.bool_]) -> Found:
        few = float(np.mean(self.recalls_few)) if self.recalls_few else None
        return Found(rule, few, float(np.mean(self.recalls)), auc(self.scores, positive))


def _judge(
    split: Split,
    ranker: Ranker | None,
    lots: Lots,
    tell: Tell,
    *,
    hide: float,
    seed: int,
    times: bool,
    ties: int,
) -> RecommendStudy:
    graph = Graph.of(split.people, split.firsts, split.seconds)
    hidden = _hidden(split)
    asked_u, asked_v, positive = _asked(split, lots)
    both_u, both_v = np.r_[asked_u, asked_v], np.r_[asked_v, asked_u]
    place = np.r_[np.arange(len(asked_u)), np.arange(len(asked_u))]
    names = [*([LEARNED] if ranker is not None else []), *ranking.SIMPLE, "walks"]
    tallies = {name: _Tally(len(asked_u)) for name in names}
    for block, parts in ranking.blocks(graph, tell, "suggesting"):
        stop = block.first + len(next(iter(block.scores.values())))
        mine = np.flatnonzero((both_u >= block.first) & (both_u < stop))
        u, v = both_u[mine] - block.first, both_v[mine]
        suggested = {name: _simply(graph, block, name, hidden) for name in names if name != LEARNED}
        for name in suggested:
            np.add.at(tallies[name].scores, place[mine], block.scores[name][u, v])
        if ranker is not None:
            suggested[LEARNED] = _by_learning(graph, block, parts, ranker, hidden)
            scores = ranker.score(ranking.features(graph, block, parts, u, v))
            np.add.at(tallies[LEARNED].scores, place[mine], scores)
        for name, lists in suggested.items():
            for person, listed in lists.items():
                tallies[name].suggest(listed, _of(person, hidden, graph.people), graph.degrees[person])
    rules = [tallies[name].found(name, positive) for name in names]
    first = tallies[names[0]]
    return RecommendStudy(
        recall_at_10=rules[0].recall_at_10,
        auc=rules[0].auc,
        recall_at_10_everybody=rules[0].recall_at_10_everybody,
        protocol=f"mean over people with hidden ties and at most {FEW_TIES} visible ones of hits in 10"
        " suggestions / min(10, hidden)",
        people=split.people,
        ties=ties,
        hidden=len(split.hidden_firsts),
        newcomers=split.newcomers,
        judged=len(first.recalls_few),
        judged_everybody=len(first.recalls),
        split="in time" if times else "at random",
        hide=hide,
        seed=seed,
        served=ranking.SERVED,
        rules=rules,
    )


def _of(person: int, hidden: Ints, people: int) -> Ints:
    """The hidden friends of a person."""
    start, stop = np.searchsorted(hidden, [person * people, (person + 1) * people])
    return hidden[start:stop] - person * people


def _judged(block: ranking.Block, hidden: Ints, people: int) -> list[int]:
    """People of the block with hidden ties."""
    stop = block.first + len(next(iter(block.scores.values())))
    start, end = np.searchsorted(hidden, [block.first * people, stop * people])
    return [int(person) for person in np.unique(hidden[start:end] // people)]


def _simply(graph: Graph, block: ranking.Block, name: str, hidden: Ints) -> dict[int, Ints]:
    shown = block.scores[name]
    return {
        person: ranking.best(shown[person - block.first], SUGGESTED)
        for person in _judged(block, hidden, graph.people)
    }


def _by_learning(
    graph: Graph, block: ranking.Block, parts: ranking._Parts, ranker: Ranker, hidden: Ints
) -> dict[int, Ints]:
    u, v = ranking.candidates(block)
    scores = ranker.score(ranking.features(graph, block, parts, u, v))
    order = np.lexsort((v, -scores, u))
    starts = np.searchsorted(u[order], np.arange(u.max() + 2)) if len(u) else np.zeros(1, dtype=np.int64)
    listed = {}
    for person in _judged(block, hidden, graph.people):
        row = person - block.first
        some = order[starts[row] : starts[row + 1]] if row + 1 < len(starts) else order[:0]
        listed[person] = v[some[:SUGGESTED]]
    return listed


def _asked(split: Split, lots: Lots) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """The pairs of the AUC: hidden ties, and as many random pairs of known people without any tie."""
    people = split.people
    present = np.unique(np.r_[split.firsts, split.seconds])
    ties = np.sort(
        np.r_[
            np.minimum(split.firsts, split.seconds) * people + np.maximum(split.firsts, split.seconds),
            np.minimum(split.hidden_firsts, split.hidden_seconds) * people
            + np.maximum(split.hidden_firsts, split.hidden_seconds),
        ]
    )
    wanted = len(split.hidden_firsts)
    drawn = present[lots.below("others", len(present), 8 * wanted + 64)].reshape(2, -1)
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    free = (low != high) & ~_among(low * people + high, ties)
    low, high = low[free][:wanted], high[free][:wanted]
    if not len(low):
        raise BadInsight("everybody is tied to everybody: there is nothing to suggest")
    return (
        np.r_[split.hidden_firsts, low],
        np.r_[split.hidden_seconds, high],
        np.r_[np.ones(wanted, dtype=bool), np.zeros(len(low), dtype=bool)],
    )
