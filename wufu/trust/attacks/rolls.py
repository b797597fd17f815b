"""Chance for a made-up town: numbers that follow from a seed and a label, in any order of asking."""

import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

from wufu.core.chance import Chance, draw_words

T = TypeVar("T")
WORDS_AT_ONCE = 4096


class Rolls:
    """Dice of one use: equal (seed, label) roll equal numbers."""

    def __init__(self, seed: int, label: str) -> None:
        self._words = _words(Chance.seeded(seed).secret(f"trust/{label}", 16))

    def share(self) -> float:
        """A number from 0 up to but not 1."""
        return (next(self._words) >> 11) / 2.0**53

    def happens(self, share: float) -> bool:
        return self.share() < share

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + next(self._words) % (most - least + 1)

    def within(self, least: float, most: float) -> float:
        return least + (most - least) * self.share()

    def wait(self, mean: float) -> float:
        """An exponential waiting time."""
        return -mean * math.log(1.0 - self.share())

    def one(self, items: Sequence[T]) -> T:
        return items[next(self._words) % len(items)]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """So many different ones, or all where there are fewer, in a rolled order."""
        pool = list(items)
        for place in range(min(count, len(pool))):
            other = place + next(self._words) % (len(pool) - place)
            pool[place], pool[other] = pool[other], pool[place]
        return pool[:count]


def _words(key: bytes) -> Iterator[int]:
    first = 0
    while True:
        yield from draw_words(key, 0, first, WORDS_AT_ONCE).tolist()
        first += WORDS_AT_ONCE
