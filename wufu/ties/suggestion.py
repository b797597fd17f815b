"""People one may know: what speaks for a suggestion, and how much.

The score of P for V:

    ( Σ over mutual friends z  1 / friends(z)
    + Σ over shared groups g   1 / (people(g) - 1)
    + 0.25 · log2(1 + past dealings) )  /  friends(P) ^ 0.25

The first sum is resource allocation (Zhou, Lü, Zhang, *Predicting missing links via local information*,
Eur. Phys. J. B 71, 2009): each mutual friend hands out one unit evenly, so who knows everybody says little.
The second is Newman's weight of a joint paper (*Scientific collaboration networks II*, Phys. Rev. E 64,
2001): two who share a small group know each other, two in a hall do not. The weight of dealings (transfers,
packets and the like between people who are not friends) is our guess, not measured. Dividing by friends(P)
to a small power keeps suggestions from going only to those who have many friends: on ego-Facebook with a
tenth of the ties hidden, mean recall at 10 was .58 by common neighbours, .60 by Adamic and Adar, .615 by
resource allocation and .62 so. `docs/internals/suggestions.md` has the measurements and what they cost.

What bounds the cost. V's friends are walked in the order of how many friends they have, the fewest first,
until `MOST_WALKED` ties were read: what is left out are the friends whose word weighs least (each at most one
divided by the last number of friends walked). Of those found, the `PICKED` with the greatest first sum are
ranked by the whole score. Sums of shares are integers (`WEIGHT` to the unit), so that any order of adding
gives the same rank.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal

MOST_SUGGESTED = 50
MOST_WALKED = 5_000
PICKED = 100
WEIGHT = 1 << 30
DISMISSED_FOR = timedelta(days=90)
MOST_DISMISSED = 5_000
MOST_ALSO = 500
"""Candidates another domain may bring along."""
DEALING_WEIGHT = 0.25
NAMES_SHOWN = 2
NUMBER = np.dtype(">i8")
"""A person's number as the lists of friends have it."""

Kind = Literal["mutual_friends", "shared_groups", "past_dealings"]


class SharedGroup(msgspec.Struct, frozen=True):
    """A group both are in: its name and how many people it has."""

    name: str
    people: int


class Evidence(msgspec.Struct, frozen=True):
    """What a higher domain knows of two people besides mutual friends."""

    groups: tuple[SharedGroup, ...] = ()
    dealings: int = 0


class Near(msgspec.Struct, frozen=True):
    """Somebody found by walking: mutual friends, their shares in `WEIGHT`ths, and their own friends."""

    person: PersonId
    mutual: int
    shared: int
    friends: int


class Reason(msgspec.Struct, frozen=True):
    """Why somebody is suggested, in numbers and, where both sides let it, names."""

    kind: Kind
    count: int
    names: tuple[str, ...] = ()


class Suggestion(msgspec.Struct, frozen=True):
    """Somebody one may know, and why: the strongest reason first."""

    person: PersonId
    name: str
    avatar: int
    mutual: int
    reasons: tuple[Reason, ...]


class TooManyDismissed(Refusal):
    code = "too_many_dismissed"


class Walk(msgspec.Struct, frozen=True):
    """What was walked: of each friend how many friends they have, and these (8 big-endian bytes each)."""

    degrees: list[int]
    lists: list[bytes]
    settled: bytes
    """The person, their friends, and whoever else is not to be suggested to them."""


NOTHING = Evidence()


def pick(walk: Walk, also: Iterable[PersonId]) -> dict[PersonId, tuple[int, int]]:
    """Of whoever was found, the `PICKED` with the greatest shares, and `also`: (mutual friends, shares)."""
    settled = np.sort(np.frombuffer(walk.settled, dtype=NUMBER).astype(np.int64))
    asked = np.fromiter(also, dtype=np.int64)
    asked = asked[~_among(asked, settled)].tolist()
    if not walk.lists:
        return {PersonId(one): (0, 0) for one in asked}
    sizes = [len(one) // NUMBER.itemsize for one in walk.lists]
    found = np.frombuffer(b"".join(walk.lists), dtype=NUMBER).astype(np.int64)
    weights = np.repeat(WEIGHT // np.array(walk.degrees, dtype=np.int64), sizes)
    order = np.argsort(found, kind="stable")  # the lists are sorted already, so this merges them
    found, weights = found[order], weights[order]
    starts = np.flatnonzero(np.concatenate([[True], found[1:] != found[:-1]]))
    people = found[starts]
    shares = np.add.reduceat(weights, starts)
    mutual = np.diff(np.append(starts, len(found)))
    # Who is settled falls out after a first cut, which is larger by them: cheaper than a test of everybody.
    cut = PICKED + len(settled)
    best = np.arange(len(people))
    if len(people) > cut:
        best = np.flatnonzero(shares >= np.partition(shares, -cut)[-cut])
    best = best[~_among(people[best], settled)]
    best = best[np.lexsort((people[best], -shares[best]))][:PICKED]
    some = zip(people[best].tolist(), mutual[best].tolist(), shares[best].tolist(), strict=True)
    picked = {PersonId(one): (many, share) for one, many, share in some}
    for one in asked:
        at = int(np.searchsorted(people, one))
        there = at < len(people) and people[at] == one
        picked.setdefault(PersonId(one), (int(mutual[at]), int(shares[at])) if there else (0, 0))
    return picked


def _among(these: NDArray[np.int64], ranked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these stand in `ranked`, which has at least one."""
    at = np.minimum(np.searchsorted(ranked, these), len(ranked) - 1)
    return np.asarray(ranked[at] == these)


def rank(found: Iterable[Near], also: Mapping[PersonId, Evidence]) -> list[Near]:
    """Candidates for whom anything speaks, the best first; equals by their number."""
    scored = [
        (-sum(weigh(near, also.get(near.person, NOTHING))) / max(near.friends, 1) ** 0.25, near.person, near)
        for near in found
    ]
    return [near for score, _, near in sorted(scored, key=lambda one: one[:2]) if score]


def weigh(near: Near, evidence: Evidence) -> tuple[float, float, float]:
    """What mutual friends, shared groups and dealings weigh."""
    groups = sum(1 / max(group.people - 1, 1) for group in evidence.groups)
    return near.shared / WEIGHT, groups, DEALING_WEIGHT * math.log2(1 + max(evidence.dealings, 0))


def reasons(near: Near, evidence: Evidence) -> tuple[Reason, ...]:
    """Why somebody is suggested, the weightiest first."""
    smallest = sorted(evidence.groups, key=lambda group: (group.people, group.name))
    told = (
        Reason("mutual_friends", near.mutual),
        Reason("shared_groups", len(evidence.groups), tuple(group.name for group in smallest[:NAMES_SHOWN])),
        Reason("past_dealings", max(evidence.dealings, 0)),
    )
    weights = weigh(near, evidence)
    order = sorted(range(len(told)), key=lambda place: -weights[place])
    return tuple(told[place] for place in order if told[place].count)
