"""The Monte Carlo: play the campaign many times with other dials, and see what comes of it.

Every run is a reduced replay (`wufu.replay.Night`): so many simulated people draw every tap by the kernel and
the odds, trade on the graph, and hold what they hold; what is counted is scaled to all people. Runs differ in
the uncertain dials and in the seed. A band is what lies between the 5th and the 95th percentile of the runs:
it knows only the uncertainty that the campaign file admits.
"""

import time
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from wufu.core.chance import Chance
from wufu.forecast.model import (
    CampaignFile,
    Dialled,
    dialled,
    draw_factors,
    middle,
    plan_of,
    tiled,
)
from wufu.replay import Night, Ties
from wufu.ties import EdgeList

RUNS = 40
SIMULATED = 100_000
MOST_SIMULATED = 2_000_000
HEADROOM = 0.5
"""Servers are planned for half of what they can do."""
SOLVE_TURNS, SOLVE_RUNS = 5, 5


class Band(msgspec.Struct, frozen=True):
    """What may be expected: the middle, and what nine of ten runs lie between."""

    low: int
    median: int
    high: int


class Outcome(msgspec.Struct, frozen=True):
    """One run, scaled to all people. Money in fen."""

    people: int
    winners: int
    each_fen: int
    paid_fen: int
    remainder_fen: int
    cash_fen: int
    new_ties: int
    swaps: int
    gifts: int
    cards: dict[str, int]
    peak_taps_per_second: int
    peak_batches_per_second: int
    servers: int
    completion: list[tuple[str, int]]


class Sensitivity(msgspec.Struct, frozen=True):
    """What one dial does alone: winners at the ends of its band, all else in the middle."""

    band: float
    winners_low: int
    winners_high: int
    swing: float


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """Medians and 5-95 % bands. `error` compares the median with what really happened, if that is known."""

    title: str
    rule: str
    runs: int
    simulated_people: int
    seed: int
    people: Band
    winners: Band
    each_fen: Band
    paid_fen: Band
    remainder_fen: Band
    cash_fen: Band
    new_ties: Band
    swaps: Band
    gifts: Band
    cards: dict[str, Band]
    peak_taps_per_second: Band
    peak_batches_per_second: Band
    servers: Band
    completion: dict[str, Band]
    sensitivity: dict[str, Sensitivity]
    target_winners: int | None
    solved_scarce_stock: int | None
    solved_winners: int | None
    actual_winners: int | None
    error: float | None
    inside_band: bool | None
    seconds: float


Tell = Callable[[str, int, int], None]


class Forecaster:
    """A campaign and who stands for its people."""

    def __init__(
        self, campaign: CampaignFile, *, seed: int, simulated: int = SIMULATED, edges: EdgeList | None = None
    ) -> None:
        self.campaign = campaign
        self.seed = seed
        self._chance = Chance.seeded(seed)
        self._ties: Ties | None = None
        if edges is None:
            self.simulated = min(max(simulated, 100), MOST_SIMULATED)
        else:
            people = max(len(edges.ids), 2)
            copies = max(min(simulated, MOST_SIMULATED) // people, 1)
            self.simulated = people * copies
            firsts = np.array(edges.firsts, dtype=np.int64)
            seconds = np.array(edges.seconds, dtype=np.int64)
            self._ties = Ties(*tiled(firsts, seconds, people, copies))

    def play(self, dials: Dialled, seed: int) -> Outcome:
        """One run: a reduced night, scaled to all people."""
        campaign = self.campaign
        plan = plan_of(campaign, dials, self.simulated, seed)
        night = Night(plan, ties=self._ties)
        night.run()
        tally, scale = night.state.tally, dials.people / self.simulated
        winners = round(tally.winners * scale)
        each = campaign.pool_fen // winners if winners else 0
        taps = dials.taps_each * dials.people if campaign.rule == "taps" else 0.0
        peak = taps * max(map(max, plan.minutes)) / sum(map(sum, plan.minutes)) / 60
        batches = peak / campaign.taps_a_batch
        return Outcome(
            people=dials.people,
            winners=winners,
            each_fen=each,
            paid_fen=each * winners,
            remainder_fen=campaign.pool_fen - each * winners,
            cash_fen=round((tally.cash_fen + tally.passed_fen) * scale),
            new_ties=round(tally.ties * scale),
            swaps=round(tally.swaps * scale),
            gifts=round(tally.gifts * scale),
            cards={card.id: round(tally.minted.get(card.id, 0) * scale) for card in plan.spec.cards},
            peak_taps_per_second=round(peak),
            peak_batches_per_second=round(batches),
            servers=int(-(-batches // (campaign.batches_a_server * HEADROOM))),
            completion=[
                (one.at.strftime("%Y-%m-%dT%H:%M:%SZ"), round(one.full_sets * scale))
                for one in tally.milestones
            ],
        )

    def forecast(
        self, *, runs: int = RUNS, target: int | None = None, tell: Tell = lambda *_: None
    ) -> Forecast:
        """Everything: bands, sensitivity, and the stock that gives `target` winners."""
        began = time.perf_counter()
        campaign = self.campaign
        outcomes = []
        for run in range(runs):
            dials = dialled(campaign, draw_factors(campaign, self._chance, run))
            outcomes.append(self.play(dials, self.seed + run))
            tell("runs", run + 1, runs)
        sensitivity = self._sensitivity(tell)
        solved = self._solve(target, tell) if target is not None else (None, None)
        winners = _band([one.winners for one in outcomes])
        actual = campaign.actual_winners
        return Forecast(
            title=campaign.title,
            rule=campaign.rule,
            runs=runs,
            simulated_people=self.simulated,
            seed=self.seed,
            winners=winners,
            **{name: _band([getattr(one, name) for one in outcomes]) for name in BANDS},
            cards={name: _band([one.cards[name] for one in outcomes]) for name in outcomes[0].cards},
            completion={
                at: _band([one.completion[place][1] for one in outcomes])
                for place, (at, _) in enumerate(outcomes[0].completion)
            },
            sensitivity=sensitivity,
            target_winners=target,
            solved_scarce_stock=solved[0],
            solved_winners=solved[1],
            actual_winners=actual,
            error=round(winners.median / actual - 1, 4) if actual else None,
            inside_band=winners.low <= actual <= winners.high if actual else None,
            seconds=round(time.perf_counter() - began, 2),
        )

    def _sensitivity(self, tell: Tell) -> dict[str, Sensitivity]:
        """Each uncertain dial alone at both ends of its band; all runs share one seed."""
        found = {}
        base = self.play(middle(self.campaign), self.seed).winners
        for place, (name, band) in enumerate(sorted(self.campaign.uncertain.items()), 1):
            low, high = (
                self.play(dialled(self.campaign, {name: factor}), self.seed).winners
                for factor in (1 / (1 + band), 1 + band)
            )
            found[name] = Sensitivity(band, low, high, round((high - low) / base, 4) if base else 0.0)
            tell("sensitivity", place, len(self.campaign.uncertain))
        return found

    def _solve(self, target: int, tell: Tell) -> tuple[int, int]:
        """The scarce stock that gives so many winners in the middle: proportional steps with common seeds."""
        stock = float(self.campaign.scarce_stock or target)
        winners = 0.0
        for turn in range(SOLVE_TURNS):
            dials = msgspec.structs.replace(middle(self.campaign), scarce_stock=max(round(stock), 1))
            winners = float(np.mean([self.play(dials, self.seed + run).winners for run in range(SOLVE_RUNS)]))
            tell("solving", turn + 1, SOLVE_TURNS)
            if turn < SOLVE_TURNS - 1:
                stock *= target / max(winners, 1.0)
        return max(round(stock), 1), round(winners)


BANDS = (
    "people",
    "each_fen",
    "paid_fen",
    "remainder_fen",
    "cash_fen",
    "new_ties",
    "swaps",
    "gifts",
    "peak_taps_per_second",
    "peak_batches_per_second",
    "servers",
)


def _band(values: Sequence[int]) -> Band:
    low, median, high = np.percentile(np.array(values, dtype=np.float64), [5, 50, 95])
    return Band(round(low), round(median), round(high))
