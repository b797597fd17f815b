"""The draw kernel against `openssl speed -evp aes-128-ctr`, in one run on one machine.

What is measured is the whole of a draw: counter, cipher, comparison with the odds of 2016, and the count of
what was won, for players who each tap 477 times (the mean of a round) and for players who tap 6,400 times.
The peer makes keystream and throws it away. `ratio` is the kernel's keystream (8 bytes a draw) on one core to
the peer's on one core. The two take turns, three times; medians are reported.
"""

import statistics
import subprocess
import time
from functools import partial

import msgspec
import numpy as np

from wufu.core.chance import draw_words_of_many
from wufu.core.draws import cores, count_prizes
from wufu.replay import gala_plan

ROUNDS = 3
BYTES = 16_384
"""What `openssl speed` encrypts in one call: its largest, and its best."""


class DrawsBench(msgspec.Struct, frozen=True):
    """Draws a second: `draws_per_second` on one core and on all, of a round's 477 taps a player."""

    draws_per_second: dict[str, int]
    draws_per_second_6400_taps: dict[str, int]
    openssl_bytes_per_second: int
    ratio: float
    live_path_draws_per_second: int
    cores: int
    rounds: int
    seconds: float


def measure(seconds: float = 2.0) -> DrawsBench:
    """Take turns with the peer; `seconds` is about how long each measurement runs."""
    count_prizes(bytes(16), *_requests(10, 64), gala_plan(1_000).spec.rounds[1].table())  # compile
    workers = sorted({1, cores()})
    night: dict[int, list[int]] = {threads: [] for threads in workers}
    long: dict[int, list[int]] = {threads: [] for threads in workers}
    openssl, live = [], []
    for _ in range(ROUNDS):
        for threads in workers:
            night[threads].append(_kernel(477, threads, seconds))
            long[threads].append(_kernel(6_400, threads, seconds))
        openssl.append(_openssl(seconds))
        live.append(_live(seconds / 2))
    one = statistics.median(long[1])
    return DrawsBench(
        draws_per_second={_named(threads): round(statistics.median(night[threads])) for threads in workers},
        draws_per_second_6400_taps={
            _named(threads): round(statistics.median(long[threads])) for threads in workers
        },
        openssl_bytes_per_second=round(statistics.median(openssl)),
        ratio=round(8 * one / statistics.median(openssl), 2),
        live_path_draws_per_second=round(statistics.median(live)),
        cores=cores(),
        rounds=ROUNDS,
        seconds=seconds,
    )


def _named(threads: int) -> str:
    return "one core" if threads == 1 else f"{threads} cores"


def _requests(players: int, taps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    numbers = np.arange(1, players + 1, dtype=np.uint64)
    return numbers, np.zeros(players, dtype=np.int64), np.full(players, taps, dtype=np.int64)


def _kernel(taps: int, threads: int, seconds: float) -> int:
    requests = _requests(200_000_000 // taps, taps)
    work = partial(
        count_prizes, bytes(range(16)), *requests, gala_plan(1_000_000).spec.rounds[1].table(), threads
    )
    return _rate(work, int(requests[2].sum()), seconds)


def _live(seconds: float) -> int:
    """What a live server does for 500 requests of 25 taps: `chance.draw_words_of_many`, one core."""
    players = np.arange(1, 501, dtype=np.uint64)
    firsts, counts = np.full(500, 100, dtype=np.int64), np.full(500, 25, dtype=np.int64)
    odds = gala_plan(1_000_000).spec.rounds[1].table()
    return _rate(
        lambda: odds.prize_indices(draw_words_of_many(bytes(16), players, firsts, counts)), 12_500, seconds
    )


def _rate(work: object, draws: int, seconds: float) -> int:
    assert callable(work)
    done, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        work()
        done += draws
    return round(done / passed) if passed else 0


def _openssl(seconds: float) -> int:
    whole = str(max(round(seconds), 1))
    command = ["openssl", "speed", "-evp", "aes-128-ctr", "-bytes", str(BYTES), "-seconds", whole, "-mr"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (line,) = (line for line in told.splitlines() if line.startswith("+F:"))
    return round(float(line.rsplit(":", 1)[1]))
