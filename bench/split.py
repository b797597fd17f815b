"""What a lucky split does over many packets: mean, spread and luck by place, and that every packet sums.

The packets are ¥100 in 10 shares, split by the product's own code, each with a secret of its own that follows
from a seed. A share is uniform on [1 fen, 2 × remaining mean], so every place has the same mean (half a fen
above it), and later places spread wider: standard deviations grow from 20/√12 = 5.77 yuan to about 7.7.
"""

import time

import msgspec
import numpy as np

from wufu.core.chance import Chance
from wufu.redpacket import Terms, all_shares

MINOR = 10_000
SHARES = 10
MOST_MINOR = 20_000


class SplitBench(msgspec.Struct, frozen=True):
    """What was found; amounts are yuan, lists go by place."""

    packets: int
    shares: int
    mean_yuan: list[float]
    deviation_yuan: list[float]
    luckiest_odds: list[float]
    least_yuan: float
    most_yuan: float
    means_within_one_percent: bool
    sums_exact: bool
    splits_per_second: int


def measure(packets: int = 100_000, seed: int = 2016) -> SplitBench:
    """Split so many packets and count."""
    chance = Chance.seeded(seed)
    began = time.perf_counter()
    drawn = np.array([_one(chance, number) for number in range(packets)], dtype=np.int64)
    seconds = time.perf_counter() - began
    means = drawn.mean(axis=0) / 100
    # argmax takes the first of equals: the earliest is the luckiest.
    luckiest = np.bincount(drawn.argmax(axis=1), minlength=SHARES) / packets
    return SplitBench(
        packets=packets,
        shares=SHARES,
        mean_yuan=_rounded(means, 3),
        deviation_yuan=_rounded(drawn.std(axis=0) / 100, 3),
        luckiest_odds=_rounded(luckiest, 4),
        least_yuan=int(drawn.min()) / 100,
        most_yuan=int(drawn.max()) / 100,
        means_within_one_percent=bool((abs(means - MINOR / SHARES / 100) <= 0.1).all()),
        sums_exact=bool((drawn.sum(axis=1) == MINOR).all()),
        splits_per_second=round(packets / seconds),
    )


def _one(chance: Chance, number: int) -> list[int]:
    terms = Terms(f"bench-{number}", 1, "lucky", MINOR, SHARES, MOST_MINOR, "2016-02-07T12:36:00.000000Z")
    return all_shares(chance.secret(f"packet/{number}"), terms, SHARES)


def _rounded(values: np.ndarray, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
