"""Accounts in lockstep: many that do the same things to the same targets in the same minutes.

The idea is CopyCatch's (A. Beutel, W. Xu, V. Guruswami, C. Palow, C. Faloutsos, "CopyCatch: Stopping Group
Attacks by Spotting Lockstep Behavior in Social Networks", WWW 2013): honest people share interests, but not
the minutes; who steers many accounts repeats themselves. We look for it by min-hashing (A. Broder, 1997)
instead of their search for bipartite cores, because one pass over the acts suffices.

An act (what, target, five-minute slot) makes two features: its ten minutes counted from even and from odd
slots, so that two acts up to five minutes apart always share one. A feature that a crowd shares says nothing
and is left out. Each person's set of features has a signature of minima under 32 hash functions; people who
agree in two neighbouring minima meet in a bucket with a probability of about the square of their sets'
Jaccard similarity, over 16 bands. Who meets is compared exactly, target by target, with the bucket's first
and with their neighbour in it: a fixed number of comparisons a person, whatever the size of a bucket. Groups
are what these pairs connect. All of it is linear in the acts, but for sorting.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wufu.core.ids import PersonId
from wufu.trust.model import SLOT_SECONDS, Act, LockstepRule, Suspicion

Words = NDArray[np.uint64]
Indices = NDArray[np.int64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX_2 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_3 = np.uint64(0x94D049BB133111EB)


def find_lockstep(
    acts: Sequence[Act], rule: LockstepRule, networks: Mapping[PersonId, bytes]
) -> list[Suspicion]:
    """Groups of accounts in lockstep, the largest first; each person is in at most one.

    `networks` are those the accounts were made from, where they are known.
    """
    if len({act.person for act in acts}) < rule.fewest_people:
        return []
    sets = _Sets(acts, rule)
    joined = _Joined(len(sets.people))
    for one, other in _meetings(sets, rule):
        if joined.root(one) != joined.root(other) and sets.in_step(one, other, rule):
            joined.join(one, other)
    found = [group for group in joined.groups() if len(group) >= rule.fewest_people]
    suspicions = [sets.suspicion(acts, group) for group in found]
    told = [one for one in suspicions if _is_odd(one, rule, networks)]
    return sorted(told, key=lambda one: (-len(one.people), one.people))


def _is_odd(found: Suspicion, rule: LockstepRule, networks: Mapping[PersonId, bytes]) -> bool:
    """Whether the group is more than a class that befriends itself, or a household."""
    places = {networks.get(person) for person in found.people}
    at_home = len(places) == 1 and None not in places and len(found.people) < rule.fewest_at_home
    return not at_home and float(str(found.evidence["inward"])) <= rule.most_inward


class _Sets:
    """Each person's features as a sorted slice of one array."""

    def __init__(self, acts: Sequence[Act], rule: LockstepRule) -> None:
        people, whose = np.unique([act.person for act in acts], return_inverse=True)
        names = [f"{act.what}/{act.target}" for act in acts]
        numbers = {name: _number(name) for name in set(names)}
        targets = np.array([numbers[name] for name in names], dtype=np.uint64)
        slots = np.array([act.slot for act in acts], dtype=np.int64)
        features = np.concatenate([_feature(targets, slots >> 1, 0), _feature(targets, (slots + 1) >> 1, 1)])
        owners, aims = np.tile(whose, 2), np.tile(targets, 2)
        order = np.lexsort((features, owners))
        owners, features, aims = owners[order], features[order], aims[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (owners[1:] != owners[:-1]) | (features[1:] != features[:-1])
        _, place, crowd = np.unique(features[first], return_inverse=True, return_counts=True)
        wanted = np.flatnonzero(first)[crowd[place] <= rule.most_crowd]
        self.people: Indices = people
        self.features: Words = features[wanted]
        self.targets: Words = aims[wanted]
        self.starts: Indices = np.searchsorted(owners[wanted], np.arange(len(people) + 1))

    def of(self, person: int) -> tuple[Words, Words]:
        its = slice(self.starts[person], self.starts[person + 1])
        return self.features[its], self.targets[its]

    def in_step(self, one: int, other: int, rule: LockstepRule) -> bool:
        """Whether two people's acts are alike enough, compared exactly."""
        mine, my_targets = self.of(one)
        theirs, their_targets = self.of(other)
        same = np.isin(mine, theirs, assume_unique=True)
        shared = len(np.unique(my_targets[same]))
        apart = len(np.unique(my_targets)) + len(np.unique(their_targets)) - 2 * shared
        return shared >= rule.least_shared and shared >= rule.least_alike * (shared + apart)

    def suspicion(self, acts: Sequence[Act], group: Sequence[int]) -> Suspicion:
        people = tuple(PersonId(int(self.people[one])) for one in group)
        members = {f"person/{person}" for person in people}
        theirs = set(people)
        done = [act for act in acts if act.person in theirs]
        inward = sum(act.target in members for act in done)
        by_what: dict[str, int] = {}
        for act in done:
            by_what[act.what] = by_what.get(act.what, 0) + 1
        evidence: dict[str, object] = {
            "accounts": len(people),
            "acts": len(done),
            "targets": len({act.target for act in done}),
            "what": by_what,
            "inward": round(inward / len(done), 3),
            "minutes": 2 * SLOT_SECONDS // 60,
            "from_slot": min(act.slot for act in done),
            "to_slot": max(act.slot for act in done),
        }
        return Suspicion("lockstep", f"lockstep/{min(people)}", people, evidence)


def _meetings(sets: _Sets, rule: LockstepRule) -> Iterator[tuple[int, int]]:
    """Pairs of people (by place) who share a bucket of a band: with its first, and with their neighbour."""
    sizes = np.diff(sets.starts)
    busy = np.flatnonzero(sizes >= rule.least_shared)
    if not len(busy):
        return
    its = np.concatenate([np.arange(sets.starts[one], sets.starts[one + 1]) for one in busy])
    features = sets.features[its]
    starts = np.concatenate([[0], np.cumsum(sizes[busy])[:-1]])
    for first in range(0, rule.hashes, rule.rows):
        key = np.zeros(len(busy), dtype=np.uint64)
        for number in range(first, first + rule.rows):
            salt = np.uint64(_number(f"minhash/{number}"))
            key = _mixed(key + np.minimum.reduceat(_mixed(features ^ salt), starts))
        order = np.argsort(key, kind="stable")
        same = key[order[1:]] == key[order[:-1]]
        leader = int(order[0])
        for place in np.flatnonzero(same):
            if place == 0 or not same[place - 1]:
                leader = int(order[place])
            here = int(order[place + 1])
            yield int(busy[leader]), int(busy[here])
            if leader != int(order[place]):
                yield int(busy[order[place]]), int(busy[here])


class _Joined:
    """Who is connected with whom."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def root(self, one: int) -> int:
        while self._above[one] != one:
            self._above[one] = self._above[self._above[one]]
            one = self._above[one]
        return one

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self._above[second] = first

    def groups(self) -> list[list[int]]:
        """Those of at least two."""
        found: dict[int, list[int]] = {}
        for one in range(len(self._above)):
            found.setdefault(self.root(one), []).append(one)
        return [group for group in found.values() if len(group) > 1]


def _number(name: str) -> int:
    """64 bits that follow from a name, the same on every server."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())


def _feature(targets: Words, windows: Indices, phase: int) -> Words:
    return _mixed(targets ^ _mixed((windows * 2 + phase).astype(np.uint64)))


def _mixed(words: Words) -> Words:
    """The finaliser of splitmix64 (S. Vigna): every bit of a word decides every bit of the answer."""
    mixed = words + _MIX
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_2
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_3
    return mixed ^ (mixed >> np.uint64(31))
