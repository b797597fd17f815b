"""Chance for studies: permutations and samples that follow from a seed, by the cipher of `core.chance`."""

import numpy as np
from numpy.typing import NDArray

from wufu.core.chance import Chance, draw_words


class Lots:
    """Draws for one study; equal seeds and labels give equal draws, whatever else is drawn in between."""

    def __init__(self, seed: int) -> None:
        self._chance = Chance.seeded(seed)

    def words(self, label: str, count: int) -> NDArray[np.uint64]:
        """`count` uniform 64-bit words."""
        return draw_words(self._chance.secret(f"insight/{label}", 16), 0, 0, count)

    def shuffled(self, label: str, count: int) -> NDArray[np.int64]:
        """The numbers below `count` in a random order."""
        return np.argsort(self.words(label, count), kind="stable")

    def below(self, label: str, limit: int, count: int) -> NDArray[np.int64]:
        """`count` numbers below `limit`, each as likely as the other to within limit / 2^64."""
        return (self.words(label, count) % np.uint64(limit)).astype(np.int64)
