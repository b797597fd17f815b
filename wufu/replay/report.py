"""What a replay came to: the object that `--json` prints."""

import platform
import resource
import sys
from datetime import datetime

import msgspec

from wufu.core.draws import cores
from wufu.replay.checks import check_laws, check_sample
from wufu.replay.night import Night
from wufu.replay.plan import HISTORY, PEOPLE


class Point(msgspec.Struct, frozen=True):
    """Full sets at a campaign instant; `history` is what was published of it, for 170 million people."""

    at: datetime
    full_sets: int
    scaled_to_2016: int
    history: int | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One replay. Fen are integers; `draws_per_second` counts the whole of `seconds`, trade and all, while
    `rounds_draws_per_second` counts the seconds of the rounds' draws alone.
    """

    campaign: str
    people: int
    taps: int
    seed: int
    complete: bool
    draws_per_second: int
    rounds_draws_per_second: int
    seconds: float
    peak_rss_bytes: int
    cores: int
    machine: str
    winners: int
    each_fen: int
    paid_fen: int
    remainder_fen: int
    pool_fen: int
    checked_people: int
    checked_by_openssl: int
    check_failures: int
    ties: int
    friend_draws: int
    cards: dict[str, int]
    hit: dict[str, int]
    sold_out: dict[str, int]
    swaps: int
    gifts: int
    cash_packets: int
    cash_fen: int
    passed_packets: int
    passed_fen: int
    completion: list[Point]
    laws: dict[str, int]
    faults: list[str]
    seconds_by_step: dict[str, float]

    @property
    def ok(self) -> bool:
        return self.complete and not self.check_failures and not any(self.laws.values())


def peak_rss_bytes() -> int:
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def report_of(night: Night) -> Report:
    """Check a replay and sum it up; one that was stopped has no winners and is not checked."""
    tally, plan = night.state.tally, night.plan
    complete = night.complete
    checked, by_openssl, faults = check_sample(night) if complete else (0, 0, [])
    seconds = sum(tally.seconds.values())
    in_rounds = sum(took for name, took in tally.seconds.items() if name.startswith("round "))
    paid = tally.winners * tally.each_fen
    return Report(
        campaign=plan.name,
        people=plan.people,
        taps=plan.taps if complete else tally.drawn,
        seed=plan.seed,
        complete=complete,
        draws_per_second=round(tally.drawn / seconds) if seconds else 0,
        rounds_draws_per_second=round(tally.drawn / in_rounds) if in_rounds else 0,
        seconds=round(seconds, 2),
        peak_rss_bytes=peak_rss_bytes(),
        cores=cores(),
        machine=f"{cores()} x {_processor()}",
        winners=tally.winners,
        each_fen=tally.each_fen,
        paid_fen=paid,
        remainder_fen=plan.spec.pool_minor - paid,
        pool_fen=plan.spec.pool_minor,
        checked_people=checked,
        checked_by_openssl=by_openssl,
        check_failures=len(faults),
        ties=tally.ties,
        friend_draws=tally.friend_draws,
        cards=tally.minted,
        hit=tally.hit,
        sold_out=tally.sold_out,
        swaps=tally.swaps,
        gifts=tally.gifts,
        cash_packets=tally.cash_packets,
        cash_fen=tally.cash_fen,
        passed_packets=tally.passed,
        passed_fen=tally.passed_fen,
        completion=[
            Point(
                one.at,
                one.full_sets,
                one.full_sets * PEOPLE // plan.people,
                HISTORY.get(one.at.strftime("%Y-%m-%dT%H:%M:%SZ")),
            )
            for one in tally.milestones
        ],
        laws=check_laws(night) if complete else {},
        faults=faults[:20],
        seconds_by_step={name: round(took, 2) for name, took in tally.seconds.items()},
    )


def _processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as told:  # noqa: PTH123
            for line in told:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
