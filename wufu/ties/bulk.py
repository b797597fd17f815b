"""Whether a whole graph can be loaded in one go, and what is loaded then.

When none of an import's people ever had to do with ties, the decisions of `model.introduce` come down to one:
nobody gets more than 5,000 friends. That is decided here over arrays, and the ties are copied in order. The
result is the same as by the verbs, tie by tie; a test compares the two.
"""

import numpy as np
from numpy.typing import NDArray

from wufu.ties.model import MOST_FRIENDS

Ints = NDArray[np.int64]


def refused_by_limit(firsts: Ints, seconds: Ints, people: int) -> NDArray[np.bool_]:
    """Which of the ties, made one after the other, find one of the two with 5,000 friends already.

    Only people with more ties than that can refuse any, so only their ties are gone through in turn.
    """
    refused = np.zeros(len(firsts), dtype=np.bool_)
    wanted = np.bincount(firsts, minlength=people) + np.bincount(seconds, minlength=people)
    heavy = wanted > MOST_FRIENDS
    if not heavy.any():
        return refused
    made: dict[int, int] = {}
    for tie in np.flatnonzero(heavy[firsts] | heavy[seconds]).tolist():
        ends = [end for end in (int(firsts[tie]), int(seconds[tie])) if heavy[end]]
        if any(made.get(end, 0) >= MOST_FRIENDS for end in ends):
            refused[tie] = True
            continue
        for end in ends:
            made[end] = made.get(end, 0) + 1
    return refused


def both_directions(firsts: Ints, seconds: Ints, numbers: Ints) -> tuple[Ints, Ints]:
    """(person, friend) of both directions of ties between places of `numbers`, in order of both.

    Raises nothing; `numbers` are different from each other. One sort of one key a row: places by rank.
    """
    ranked = np.sort(numbers)
    rank = np.searchsorted(ranked, numbers)
    one, other = rank[firsts], rank[seconds]
    keys = np.concatenate([one * len(ranked) + other, other * len(ranked) + one])
    keys.sort()
    persons, friends = np.divmod(keys, max(len(ranked), 1))
    return ranked[persons], ranked[friends]
