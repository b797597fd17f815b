"""The night, step by step: people, ties, the days before the eve, four rounds, trade between them, the split.

Each step is cut into units, and a unit into pieces of people that all cores share. A checkpoint stands
between two units. Whatever the number of cores, and however often the replay was stopped and resumed, the
result is the same: pieces write only what is theirs, and everything that depends on an order (who came first
to the stock) is decided afterwards, over all hits of a round in the order of their arrival.
"""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from wufu.core.draws import cores, round_keys
from wufu.fortune import Prize, RoundSpec, released
from wufu.replay import kernels as k
from wufu.replay import society
from wufu.replay.plan import Plan
from wufu.replay.state import Hits, Milestone, Seen, State

T = TypeVar("T")

PIECE = 250_000
"""People in one piece of work: a few hundredths of a second."""
WAVE = 4_000_000
"""People in one unit of a round."""
SCALE = 65_536
SAMPLE = 1_000
"""People whose every draw is kept for the check."""
_NEAR, _TIE_WORK, _MEET_WORK = 3, 2, 6
"""What a person costs in settling in, a layer of ties and a layer of trade, in taps."""


class Ties(NamedTuple):
    """A graph that stands in a list, instead of the layered one."""

    firsts: NDArray[np.int64]
    seconds: NDArray[np.int64]


class Step(NamedTuple):
    """One step: its name, its units, what a unit costs (in taps), and the work of unit n."""

    name: str
    units: int
    cost: int
    work: Callable[[int], None]


class Stopped(Exception):
    """The replay was told to stop; its checkpoint was written if it has a place for one."""


class Night:
    """A replay in progress."""

    def __init__(
        self,
        plan: Plan,
        *,
        ties: Ties | None = None,
        folder: Path | None = None,
        fresh: bool = False,
        threads: int | None = None,
    ) -> None:
        """`folder` holds the checkpoint; an existing one of the same plan is continued unless `fresh`. Raises
        WrongCheckpoint. `run` raises ValueError when people could not tap so much.
        """
        self.plan = plan
        self.folder = folder
        if fresh:
            self.forget()
        self.resumed = folder is not None and (folder / "plan.json").exists()
        self.state = State.load(plan, folder) if self.resumed and folder else State(plan)
        self._ties = ties
        self._threads = threads or cores()
        self._stop = False
        behaviour = plan.behaviour
        self.salt = np.uint64(society.mix(np.uint64(plan.seed & 0xFFFFFFFFFFFFFFFF)))
        self._turns = np.array(society.turns(self.salt, plan.people), dtype=np.int64)
        self._chances = np.array(
            [
                round(SCALE * share)
                for share in (behaviour.swapping, behaviour.giving, behaviour.dear, behaviour.meeting)
            ],
            dtype=np.int64,
        )
        self.sample = np.unique(np.linspace(0, plan.people - 1, SAMPLE).astype(np.int64))
        self._tables: list[NDArray[np.int64]] = []
        self._mores: list[NDArray[np.int64]] = []
        self.steps = self._all_steps()

    @property
    def complete(self) -> bool:
        """Whether everything was played."""
        return self.state.tally.step == len(self.steps)

    def minutes(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """A round's taps by class and minute, and how many people tap once more (`society.plan_minutes`)."""
        return self._tables[number - 1], self._mores[number - 1]

    def count_held(self) -> dict[str, int]:
        """How many cards of each kind people hold now."""
        names = [card.id for card in self.plan.spec.cards]
        return dict(
            zip(names, self.state.rows[:, : society.KINDS].sum(axis=0, dtype=np.int64).tolist(), strict=True)
        )

    def stop(self) -> None:
        """Stop before the next unit; may be called from a signal handler."""
        self._stop = True

    def run(self, tell: Callable[[str, int, int, int], None] = lambda *_: None) -> None:
        """Play from where the checkpoint stands to the end.

        `tell` hears the step, how far all work is, how much there is (both in taps' worth), and the taps
        drawn. Raises Stopped after `stop()`.
        """
        tally = self.state.tally
        total = sum(step.units * step.cost for step in self.steps)
        passed = sum(step.units * step.cost for step in self.steps[: tally.step])
        with ThreadPoolExecutor(self._threads) as self._pool:
            if tally.classes:
                self._plan_minutes()
            while tally.step < len(self.steps):
                step = self.steps[tally.step]
                while tally.unit < step.units:
                    if self._stop:
                        self._save()
                        raise Stopped
                    with self._timed(step.name):
                        step.work(tally.unit)
                    tally.unit += 1
                    tell(step.name, passed + tally.unit * step.cost, total, tally.drawn)
                passed += step.units * step.cost
                tally.step, tally.unit = tally.step + 1, 0
                if step.name.startswith("pay round"):
                    self._save()  # so that a lost machine costs one round at most

    def forget(self) -> None:
        """Remove the checkpoint."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _save(self) -> None:
        if self.folder is not None:
            self.state.save(self.folder)

    @contextlib.contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        seconds = self.state.tally.seconds
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - began

    # --- The steps ---

    def _all_steps(self) -> list[Step]:
        plan, people = self.plan, self.plan.people
        layers = society.LAYERS if self._ties is None else 1
        closest = min(plan.behaviour.closest, layers)
        steps = [
            Step("people", 1, _NEAR * people, self._settle_in),
            Step("ties", layers, _TIE_WORK * people, self._befriend),
        ]
        share = 0
        for place, (until, after, of) in enumerate(plan.before):
            now = SCALE * after // of
            began = plan.spec.rounds[0].opens_at if place == 0 else plan.before[place - 1][0]
            steps.append(Step("cards for friends", 1, _NEAR * people, self._friend_cards(share, now, began)))
            steps.append(Step("gifts and swaps", closest, _MEET_WORK * people, self._trade(place)))
            steps.append(Step("count", 1, people, self._count(until)))
            share = now
        weight = sum(map(sum, plan.minutes))
        units = max(-(-people // WAVE), 1)
        for number, minutes in enumerate(plan.minutes, 1):
            its_round = plan.spec.rounds[number]
            cost = plan.taps * sum(minutes) // weight // units
            steps.append(Step(f"round {number}", units, cost, self._draw(number)))
            steps.append(Step(f"pay round {number}", 1, people * 8, self._pay(number)))
            steps.append(Step("gifts and swaps", closest, _MEET_WORK * people, self._trade(10 + number)))
            last = number == len(plan.minutes)
            at = plan.spec.settles_at if last else its_round.closes_at
            steps.append(Step("count", 1, people, self._count(at)))
        steps.append(Step("settle", 1, people, self._settle))
        return steps

    def _pieces(self, work: Callable[[int, int], T], low: int = 0, high: int | None = None) -> list[T]:
        """Do `work(low, high)` for all pieces of people on all cores; the answers in the people's order."""
        high = self.plan.people if high is None else high
        starts = range(low, high, PIECE)
        return list(self._pool.map(lambda start: work(start, min(start + PIECE, high)), starts))

    def _settle_in(self, _unit: int) -> None:
        behaviour, rows = self.plan.behaviour, self.state.rows
        sociable = society.sociability(behaviour.ties_each)
        attentive = round(SCALE * behaviour.attentive)
        counts = self._pieces(
            lambda low, high: society.settle_in(rows, low, high, self.salt, sociable, attentive)
        )
        self.state.tally.classes = np.sum(counts, axis=0).tolist()
        self._plan_minutes()

    def _plan_minutes(self) -> None:
        classes = np.array(self.state.tally.classes, dtype=np.int64)
        self._tables, self._mores = society.plan_minutes(
            classes, self.plan.minutes, self.plan.taps, self.plan.most_a_minute
        )

    def _befriend(self, layer: int) -> None:
        rows, tally = self.state.rows, self.state.tally
        if self._ties is not None:
            tally.ties += society.befriend_listed(rows, *self._ties)
            return
        turn = int(self._turns[layer])
        tally.ties += sum(self._pieces(lambda low, high: society.befriend(rows, low, high, layer, turn)))

    def _friend_cards(self, after: int, until: int, began: datetime) -> Callable[[int], None]:
        def work(_unit: int) -> None:
            rows, tally, plan = self.state.rows, self.state.tally, self.plan
            rule, its_round = plan.spec.friends_for_cards, plan.spec.rounds[0]
            keys, uptos = round_keys(plan.key(0)), _uptos(its_round)
            wait = np.array([after, until], dtype=np.int64)

            def draw(low: int, high: int) -> tuple[int, NDArray[np.int64], Hits]:
                won = np.zeros(len(uptos), dtype=np.int64)
                who, taps = np.empty(high - low, np.uint32), np.empty(high - low, np.uint16)
                drawn, found = k.draw_friend_cards(
                    rows, low, high, self.salt, keys, uptos, rule.friends, rule.cards, wait, won, who, taps
                )
                assert found <= len(who), "more scarce cards than people"
                prizes = np.full(found, len(uptos) - 1, dtype=np.uint8)
                return drawn, won, (who[:found].copy(), taps[:found].copy(), prizes)

            for drawn, won, hits in self._pieces(draw):
                self._tell_won(its_round, won)
                self.state.waiting.append(hits)
                tally.friend_draws += drawn
            who, *_ = self.state.joined_hits()
            self.state.waiting = []
            # Within these days the order of arrival is not modelled: an order of chance is as good.
            order = np.argsort([int(society.trait(self.salt, 8, int(one))) for one in who], kind="stable")
            line = its_round.odds[-1]
            won_at = order[: self._left(line, began)]
            self._hand_out_cards(line, who[np.sort(won_at)], len(who))

        return work

    def _draw(self, number: int) -> Callable[[int], None]:
        def work(unit: int) -> None:
            rows, tally, plan = self.state.rows, self.state.tally, self.plan
            its_round, table, more = (
                plan.spec.rounds[number],
                self._tables[number - 1],
                self._mores[number - 1],
            )
            keys, uptos = round_keys(plan.key(number)), _uptos(its_round)
            commons = sum(line.stock is None for line in its_round.odds)
            if unit == 0:
                tally.seen[number] = Seen(before=rows[self.sample, : society.KINDS].tolist())
            limited = (int(uptos[-1]) - (int(uptos[commons - 1]) if commons else 0)) / 2**64
            taps_each = plan.taps * sum(plan.minutes[number - 1]) / sum(map(sum, plan.minutes)) / plan.people

            def draw(low: int, high: int) -> tuple[int, NDArray[np.int64], Hits]:
                won = np.zeros(max(commons, 1), dtype=np.int64)
                room = int(2 * limited * taps_each * (high - low)) + 65_536
                hits = np.empty(room, np.uint32), np.empty(room, np.uint16), np.empty(room, np.uint8)
                drawn, found = k.draw_round(
                    rows, low, high, self.salt, keys, uptos, commons, table, more, won, *hits
                )
                assert found <= room, "twice as many hits as expected"
                who, taps, prizes = hits
                return drawn, won, (who[:found].copy(), taps[:found].copy(), prizes[:found].copy())

            low = unit * WAVE
            for drawn, won, hits in self._pieces(draw, low, min(low + WAVE, plan.people)):
                tally.drawn += drawn
                self._tell_won(its_round, won)
                self.state.waiting.append(hits)

        return work

    def _tell_won(self, its_round: RoundSpec, won: NDArray[np.int64]) -> None:
        minted = self.state.tally.minted
        for line, count in zip(its_round.odds, won.tolist(), strict=False):
            if line.stock is None:
                minted[line.prize] = minted.get(line.prize, 0) + count

    def _left(self, line: Prize, now: datetime) -> int:
        """How much of a limited prize is in stock at a campaign instant."""
        return max(released(line, now) - self.state.tally.minted.get(line.prize, 0), 0)

    def _hand_out_cards(self, line: Prize, who: NDArray[np.uint32], hits: int) -> None:
        tally = self.state.tally
        np.add.at(self.state.rows[:, society.SCARCE], who, 1)
        tally.minted[line.prize] = tally.minted.get(line.prize, 0) + len(who)
        tally.hit[line.prize] = tally.hit.get(line.prize, 0) + hits
        tally.sold_out[line.prize] = tally.sold_out.get(line.prize, 0) + hits - len(who)

    def _pay(self, number: int) -> Callable[[int], None]:
        def work(_unit: int) -> None:
            tally, its_round = self.state.tally, self.plan.spec.rounds[number]
            who, taps, prizes = self.state.joined_hits()
            self.state.waiting = []
            self._keep_sample(number, who, taps, prizes)
            for place, line in enumerate(its_round.odds):
                if line.stock is None:
                    continue
                at = np.flatnonzero(prizes == place)
                left = self._left(line, its_round.opens_at)
                its_who, its_taps = who[at], taps[at]
                if len(at) > left:
                    won = self._first(number, its_who, its_taps, left)
                    its_who, its_taps = its_who[won], its_taps[won]
                if line.kind == "card":
                    self._hand_out_cards(line, its_who, len(at))
                    continue
                tally.minted[line.prize] = tally.minted.get(line.prize, 0) + len(its_who)
                tally.hit[line.prize] = tally.hit.get(line.prize, 0) + len(at)
                tally.sold_out[line.prize] = tally.sold_out.get(line.prize, 0) + len(at) - len(its_who)
                self._pay_cash(number, line, its_who, its_taps)

        return work

    def _first(
        self, number: int, who: NDArray[np.uint32], taps: NDArray[np.uint16], count: int
    ) -> NDArray[np.int64]:
        """The places of the `count` hits that arrived first, in order of people."""
        arrived = np.empty(len(who), dtype=np.uint32)
        table = self._tables[number - 1]
        self._slices(len(who), lambda low, high: k.arrivals(who, taps, self.salt, table, arrived, low, high))
        if count == 0:
            return np.zeros(0, dtype=np.int64)
        last = np.partition(arrived, count - 1)[count - 1]
        before = int((arrived < last).sum())
        ties = np.flatnonzero(arrived == last)[: count - before]  # of one instant: in order of people
        won = arrived < last
        won[ties] = True
        return np.flatnonzero(won)

    def _slices(self, count: int, work: Callable[[int, int], None]) -> None:
        cuts = range(0, count, PIECE)
        list(self._pool.map(lambda start: work(start, min(start + PIECE, count)), cuts))

    def _pay_cash(self, number: int, line: Prize, who: NDArray[np.uint32], taps: NDArray[np.uint16]) -> None:
        tally, keys = self.state.tally, round_keys(self.plan.key(number))
        assert line.least is not None
        assert line.most is not None
        least, most = line.least, line.most
        amounts = np.empty(len(who), dtype=np.uint32)
        self._slices(
            len(who),
            lambda low, high: k.cash_amounts(who, taps, keys, least, most, amounts, low, high),
        )
        salt = np.uint64(society.trait(self.salt, 9, number))
        passing = round(SCALE * self.plan.behaviour.passing)
        fen, passed, passed_fen = k.hand_out(
            self.state.rows, self.state.money, who, taps, amounts, salt, self._turns, passing
        )
        tally.cash_packets += len(who)
        tally.cash_fen += fen
        tally.passed += passed
        tally.passed_fen += passed_fen
        kept = self._of_sample(who)
        tally.seen[number].cash += list(
            zip(who[kept].tolist(), taps[kept].tolist(), amounts[kept].tolist(), strict=True)
        )

    def _keep_sample(
        self, number: int, who: NDArray[np.uint32], taps: NDArray[np.uint16], prizes: NDArray[np.uint8]
    ) -> None:
        seen = self.state.tally.seen[number]
        now = self.state.rows[self.sample, : society.KINDS].astype(np.int64)
        seen.commons = (now - np.array(seen.before, dtype=np.int64)).tolist()
        kept = self._of_sample(who)
        seen.hits = list(zip(who[kept].tolist(), taps[kept].tolist(), prizes[kept].tolist(), strict=True))

    def _of_sample(self, who: NDArray[np.uint32]) -> NDArray[np.int64]:
        """The places of the sample's people in `who`, which is in order of people."""
        wanted = self.sample.astype(np.uint32)
        starts, ends = np.searchsorted(who, wanted), np.searchsorted(who, wanted, side="right")
        return np.concatenate([np.arange(one, other) for one, other in zip(starts, ends, strict=True)])

    def _trade(self, occasion: int) -> Callable[[int], None]:
        def work(layer: int) -> None:
            rows, tally, chances = self.state.rows, self.state.tally, self._chances
            salt = np.uint64(society.trait(self.salt, 10 + occasion, layer))
            if self._ties is not None:
                counts = [np.zeros(2, dtype=np.int64)]
                k.trade_listed(rows, *self._ties, salt, chances, counts[0])
            else:
                turn, packed = int(self._turns[layer]), rows.view("<u8").reshape(-1)

                def trade(low: int, high: int) -> NDArray[np.int64]:
                    done = np.zeros(2, dtype=np.int64)
                    k.trade_layer(rows, packed, low, high, layer, turn, salt, chances, done)
                    return done

                counts = self._pieces(trade)
            swaps, gifts = np.sum(counts, axis=0).tolist()
            tally.swaps += swaps
            tally.gifts += gifts

        return work

    def _count(self, at: datetime) -> Callable[[int], None]:
        def work(_unit: int) -> None:
            rows = self.state.rows
            full = sum(self._pieces(lambda low, high: k.count_full(rows, low, high)))
            self.state.tally.milestones.append(Milestone(at, full))

        return work

    def _settle(self, _unit: int) -> None:
        tally, pool = self.state.tally, self.plan.spec.pool_minor
        winners = tally.milestones[-1].full_sets
        tally.winners, tally.each_fen = winners, pool // winners if winners else 0
        rows, money, each = self.state.rows, self.state.money, tally.each_fen
        assert sum(self._pieces(lambda low, high: k.pay_winners(rows, money, low, high, each))) == winners


def _uptos(its_round: RoundSpec) -> NDArray[np.uint64]:
    return np.array([int(line.upto) for line in its_round.odds], dtype=np.uint64)
