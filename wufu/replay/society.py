"""Who the simulated people are and whom they know: everything follows from a seed and a person's place.

A person is a row of eight bytes, so that 170 million of them are 1.4 GB:

| byte | holds                                                       |
| ---- | ----------------------------------------------------------- |
| 0-4  | cards of each kind, the scarce one last                     |
| 5    | sociability: in how many layers of the graph there is a tie |
| 6    | 1 when this person looks after the cards, 0 when not        |
| 7    | new friends, counted up to 255                              |

**The graph** of 1.1 billion new pairs is not stored. It lies in layers; layer `l` pairs everybody with one
other: the partner of `p` is `(turn_l - p) mod people`, which is its own inverse. The pair is a tie when both
are sociable enough for the layer (`l < min` of the two). Sociability is exponential, so ties a person are
heavy-tailed, from none to a hundred, and sociable people know sociable people. What this graph has not is
circles of friends who all know each other. Since the pairs of a layer never share a person, a whole layer
trades at once on all cores, and the outcome does not depend on how the work was cut.

**Taps** are heavy-tailed as in `wufu.crowd`: energy `r / (1 - r)` for a uniform `r`, here in 4,096 classes of
equal size, capped by what fingers can do. `plan_minutes` scales the classes so that each minute of the night
has exactly its taps.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wufu.core.draws import compiled

KINDS = 5
SCARCE = 4
SOCIABILITY, ATTENTIVE, FRIENDS = 5, 6, 7
ROW = 8

CLASSES = 4096
MOST_A_MINUTE = 900
"""Fifteen taps a second, the human limit of `wufu.fortune`."""
LAYERS = 96

Rows = NDArray[np.uint8]


@compiled
def mix(value: np.uint64) -> np.uint64:
    """A bijective scramble of 64 bits (the finaliser of splitmix64, Steele et al. 2014)."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def trait(salt: np.uint64, use: int, person: int) -> Any:
    """64 bits that belong to one person and one use."""
    return mix(salt ^ mix(np.uint64(person) + (np.uint64(use) << np.uint64(48))))


@compiled
def class_of(salt: np.uint64, person: int) -> np.int64:
    """How eagerly this person taps: a class from 0 to 4095."""
    return np.int64(trait(salt, 1, person) >> np.uint64(52))


@compiled
def partner(turn: int, person: int, people: int) -> int:
    """Whom a layer pairs this person with."""
    other = turn - person
    return other if other >= 0 else other + people


@compiled
def settle_in(
    rows: Rows, low: int, high: int, salt: np.uint64, sociable: NDArray[np.uint8], attentive: int
) -> NDArray[np.int64]:
    """Give the people from `low` up to `high` their traits; how many there are of each class.

    `sociable` maps 16 bits to a sociability; `attentive` is a share of 65,536.
    """
    classes = np.zeros(CLASSES, dtype=np.int64)
    for person in range(low, high):
        word = trait(salt, 2, person)
        rows[person, SOCIABILITY] = sociable[np.int64(word & np.uint64(0xFFFF))]
        rows[person, ATTENTIVE] = (
            1 if np.int64((word >> np.uint64(16)) & np.uint64(0xFFFF)) < attentive else 0
        )
        classes[class_of(salt, person)] += 1
    return classes


@compiled
def befriend(rows: Rows, low: int, high: int, layer: int, turn: int) -> int:
    """Count the ties of one layer among `low` to `high`, and count them for both."""
    people, ties = len(rows), 0
    for person in range(low, high):
        other = partner(turn, person, people)
        if person < other and layer < rows[person, SOCIABILITY] and layer < rows[other, SOCIABILITY]:
            ties += 1
            rows[person, FRIENDS] += 1 if rows[person, FRIENDS] < 255 else 0
            rows[other, FRIENDS] += 1 if rows[other, FRIENDS] < 255 else 0
    return ties


@compiled
def befriend_listed(rows: Rows, firsts: NDArray[np.int64], seconds: NDArray[np.int64]) -> int:
    """The same for ties that stand in a list."""
    for place in range(len(firsts)):
        for person in (firsts[place], seconds[place]):
            rows[person, FRIENDS] += 1 if rows[person, FRIENDS] < 255 else 0
    return len(firsts)


def turns(salt: np.uint64, people: int) -> list[int]:
    """The sum of each layer's partners."""
    return [int(trait(salt, 3, layer)) % people for layer in range(LAYERS)]


def sociability(ties_each: float) -> NDArray[np.uint8]:
    """Sociability for each of 65,536 equally likely cases, such that people have `ties_each` on average.

    P(sociability > l) = exp(-l / depth) up to the last layer; a layer's pair is a tie with the square of
    that, so a person has sum over l of exp(-2 l / depth) ties. The depth is found by halving.
    """
    layers = np.arange(LAYERS)

    def ties(depth: float) -> float:
        return float(np.exp(-2 * (layers + 0.5) / depth).sum())

    low, high = 1e-3, 1e6
    while high / low > 1 + 1e-9:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if ties(middle) < ties_each else (low, middle)
    places = (np.arange(65_536) + 0.5) / 65_536
    return np.clip(np.floor(-high * np.log(1 - places) + 0.5), 0, LAYERS).astype(np.uint8)


def plan_minutes(
    classes: NDArray[np.int64], shares: Sequence[Sequence[int]], taps: int, most: int = MOST_A_MINUTE
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Taps of each class in each minute of each round, and how many people tap once more in it.

    `classes` counts the people of each class, `shares` weighs the minutes. In round r a person of class c
    taps table[r][c, m] times in minute m, and once more when their place is below more[r][m]: so the sum over
    all people is exactly `taps`. Raises ValueError when that is more than fingers can do (`most` a minute).
    """
    places = (np.arange(CLASSES) + 0.5) / CLASSES
    energy = places / (1 - places)
    weight, spent, given = sum(map(sum, shares)), 0, 0
    people = int(classes.sum())
    tables, mores = [], []
    for minutes in shares:
        table = np.zeros((CLASSES, len(minutes)), dtype=np.int64)
        more = np.zeros(len(minutes), dtype=np.int64)
        for minute, share in enumerate(minutes):
            spent += share
            wanted = taps * spent // weight - given
            given += wanted
            if wanted > people * most:
                raise ValueError(f"{wanted:,} taps in a minute are more than {people:,} people can do")
            table[:, minute] = _scaled(energy, classes, wanted, most)
            more[minute] = wanted - int((table[:, minute] * classes).sum())
        tables.append(table)
        mores.append(more)
    return tables, mores


def _scaled(
    energy: NDArray[np.float64], classes: NDArray[np.int64], wanted: int, most: int
) -> NDArray[np.int64]:
    """Whole taps of each class: the largest scale whose sum is not above what is wanted."""

    def tapped(scale: float) -> NDArray[np.int64]:
        return np.minimum(np.floor(energy * scale), most).astype(np.int64)

    low, high = 0.0, 1e7
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if int((tapped(middle) * classes).sum()) <= wanted else (low, middle)
    return tapped(low)
