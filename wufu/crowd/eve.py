"""Plays a whole eve for a crowd: joins, taps every round, trades in between, hears what comes of it.

Two ways through the same eve. *Stepped*: the campaign's clock stands still and is moved on by hand, two
campaign seconds a step; everybody who still has taps to make sends one batch of at most thirty, which is what
the human limit allows in two seconds, and the next step waits for all answers. So a run does not depend on
how fast the machine is. *Timed*: the clock runs at its speed, the server's jobs turn the campaign, and the
crowd sends what is due; what does not fit into a round is left out.

Cards are counted by changes: an answered tap, a gift or swap heard of as a fact. Changes may be heard in any
order; their sum is what a person holds.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from wufu.core.chance import Chance
from wufu.core.ids import CampaignId, PersonId
from wufu.crowd.line import Answer, Line, LiveFact, Request
from wufu.crowd.people import Dice, Player, accepts, gives, passes_on, wishes

STEP = timedelta(seconds=2)
TIMED_STEP_SECONDS = 2.2
"""Where time runs, a little slower than the limit: answers do not all take equally long."""
TAPS_A_BATCH = 30
TRADING_WAVES = 3
QUIET_SECONDS = 10.0
"""How long a fact that must come may stay away before the crowd goes on without it."""

Tell = Callable[[int, int], None]
"""Hears how far a phase is: done, of."""


class Drawn(NamedTuple):
    """One prize that was drawn, whatever came of it."""

    player: int
    round: int
    tap: int
    prize: str


@dataclass(slots=True)
class Tally:
    """What the crowd did and what came of it, counted from the answers it got."""

    taps: int = 0
    tap_batches: int = 0
    gifts: int = 0
    swaps: int = 0
    cash_passed: int = 0
    won: set[PersonId] = field(default_factory=set)
    facts: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    draws: list[Drawn] = field(default_factory=list)

    def draws_digest(self) -> str:
        """SHA-256 over all draws in order: equal in two runs exactly when everybody drew the same."""
        digest = hashlib.sha256()
        for one in sorted(self.draws):
            digest.update(f"{one.player} {one.round} {one.tap} {one.prize}\n".encode())
        return digest.hexdigest()


class _Asked(NamedTuple):
    person: PersonId
    request: str
    card: str
    asker: PersonId


class _Offered(NamedTuple):
    person: PersonId
    swap: str
    gives: str
    wants: str


class Eve:
    """One campaign, played by one crowd over one line."""

    def __init__(
        self,
        line: Line,
        campaign: CampaignId,
        kinds: Sequence[str],
        players: Sequence[Player],
        chance: Chance,
        rolled: Dice,
        clock: Callable[[], datetime],
    ) -> None:
        self.tally = Tally()
        self._line = line
        self._campaign = campaign
        self._kinds = tuple(kinds)
        self._list = list(players)
        self._players = {player.person: player for player in players}
        self._chance = chance
        self._rolled = rolled
        self._clock = clock
        self._asked: list[_Asked] = []
        self._offered: list[_Offered] = []
        self._packets: list[tuple[PersonId, str]] = []
        self._moves_heard = 0

    # --- Hearing ----------------------------------------------------------------------------------

    def hear(self, person: PersonId, fact: LiveFact) -> None:
        """Take note of a fact on somebody's phone."""
        player = self._players.get(person)
        body = fact.body
        if player is None or body.get("campaign") != self._campaign:
            return
        self.tally.facts += 1
        if fact.kind == "fortune.card_came":
            if body["cause"] != "tap":  # the answer to the tap has told already
                player.change(body["card"], 1)
                self._moves_heard += 1
        elif fact.kind == "fortune.card_left":
            player.change(body["card"], -1)
            self._moves_heard += 1
        elif fact.kind == "fortune.asked":
            self._asked.append(_Asked(person, body["request"], body["card"], body["from"]["person"]))
        elif fact.kind == "fortune.swap_offered":
            self._offered.append(_Offered(person, body["swap"], body["gives"], body["wants"]))
        elif fact.kind == "fortune.cash_came" and "from" not in body:
            self._packets.append((person, body["id"]))
        elif fact.kind == "fortune.won":
            self.tally.won.add(person)

    async def wait_until(self, come: Callable[[], bool]) -> bool:
        """Wait for facts that must come; False when nothing at all came for a long while."""
        heard, still = self.tally.facts, 0.0
        while not come():
            await asyncio.sleep(0.01)
            still = still + 0.01 if heard == self.tally.facts else 0.0
            heard = self.tally.facts
            if still > QUIET_SECONDS:
                return False
        return True

    # --- Joining and tapping ----------------------------------------------------------------------

    async def join(self, seeds: Sequence[str]) -> None:
        """Everybody joins, in order, so that player numbers follow the crowd's order."""
        requests = [
            self._request(player.person, "join", seed=seed)
            for player, seed in zip(self._list, seeds, strict=True)
        ]
        for player, answer in zip(self._list, await self._line.ask_all(requests), strict=True):
            if answer.ok is None:
                raise RuntimeError(f"person {player.person} could not join: {answer.refusal}")
            player.number = answer.ok["number"]

    async def play_stepped(
        self,
        number: int,
        plan: NDArray[np.int64],
        opens_at: datetime,
        seconds: int,
        move_clock: Callable[[datetime], Awaitable[None]],
        tell: Tell,
    ) -> None:
        """Tap one round through while the clock is moved on by hand."""
        steps = int(timedelta(seconds=seconds) / STEP)
        left = plan.copy()
        following = np.zeros_like(plan)
        # People come in all through the round, each early enough to make all their taps.
        slack = np.maximum(steps - -(-plan // TAPS_A_BATCH), 0)
        starts = np.array([self._rolled.below(int(room) + 1) for room in slack], dtype=np.int64)
        for step in range(steps):
            places = np.flatnonzero((starts <= step) & (left > 0))
            if not len(places):
                continue
            await move_clock(opens_at + STEP * step)
            await self._tap(number, places, left, following)
            tell(int(following.sum()), int(plan.sum()))

    async def play_timed(
        self,
        number: int,
        plan: NDArray[np.int64],
        closes_in: Callable[[], float],
        speed: float,
        tell: Tell,
    ) -> None:
        """Tap one round while its time runs; `closes_in` says how many campaign seconds are left."""
        left = plan.copy()
        following = np.zeros_like(plan)
        length = max(closes_in(), 0.001)
        slack = np.maximum(length - left * TIMED_STEP_SECONDS / TAPS_A_BATCH - 5, 0)
        starts = np.array([self._rolled.below(max(int(room * 1000), 1)) / 1000 for room in slack])
        while (remaining := closes_in()) > 0 and left.any():
            began = asyncio.get_running_loop().time()
            places = np.flatnonzero((starts <= length - remaining) & (left > 0))
            if len(places):
                await self._tap(number, places, left, following)
                tell(int(following.sum()), int(plan.sum()))
            took = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(TIMED_STEP_SECONDS / speed - took, 0.001))

    async def _tap(
        self, number: int, places: NDArray[np.int64], left: NDArray[np.int64], following: NDArray[np.int64]
    ) -> None:
        """One batch of everybody in `places`; `left` and `following` move on by what was accepted."""
        # Written out by hand: this is the one body that is made a hundred thousand times.
        head = f'{{"campaign":"{self._campaign}","round":{number},"first":'.encode()
        requests: list[Request] = []
        for place in places.tolist():
            count = min(int(left[place]), TAPS_A_BATCH)
            body = b'%b%d,"count":%d}' % (head, following[place], count)
            requests.append(Request(self._list[place].person, "tap", body))
        answers = await self._line.ask_all(requests)
        for place, answer in zip(places.tolist(), answers, strict=True):
            self._take_answer(number, place, answer, left, following)

    def _take_answer(
        self,
        number: int,
        place: int,
        answer: Answer,
        left: NDArray[np.int64],
        following: NDArray[np.int64],
    ) -> None:
        if answer.ok is None:
            assert answer.refusal is not None
            self.tally.refusals[answer.refusal.code] += 1
            if answer.refusal.code != "too_many_taps":  # which only asks for patience
                left[place] = 0
            return
        after = answer.ok["next"]
        taps = after - int(following[place])
        left[place] -= taps
        following[place] = after
        self.tally.taps += taps
        self.tally.tap_batches += 1
        player = self._list[place]
        for win in answer.ok["wins"]:
            self.tally.draws.append(Drawn(player.number, number, win["tap"], win["prize"]))
            if win["outcome"] == "card":
                player.change(win["prize"], 1)

    # --- Trading ----------------------------------------------------------------------------------

    async def trade(self, tell: Tell) -> None:
        """Wishes go out, friends give and swap, in some waves; at the end cash is passed on."""
        for wave in range(TRADING_WAVES):
            made = wishes(self._list, self._players, self._kinds, self._rolled)
            tell(wave, TRADING_WAVES)
            if not made:
                break
            requests = []
            for wish in made:
                asking = {"id": self._new_id(), "to": wish.friend}
                if wish.offers is None:
                    requests.append(self._request(wish.person, "ask", card=wish.card, **asking))
                else:
                    requests.append(
                        self._request(wish.person, "swap", gives=wish.offers, wants=wish.card, **asking)
                    )
            answers = await self._line.ask_all(requests)
            sent = sum(self._granted(answer) for answer in answers)
            await self.wait_until(lambda sent=sent: len(self._asked) + len(self._offered) >= sent)  # type: ignore[misc]
            await self._react()
        await self._pass_cash()

    async def _react(self) -> None:
        """Everybody answers what friends asked of them."""
        asked, self._asked = self._asked, []
        offered, self._offered = self._offered, []
        requests: list[Request] = []
        promised: Counter[tuple[PersonId, str]] = Counter()
        for one in asked:
            player = self._players[one.person]
            already = promised[one.person, one.card]
            if gives(player, one.card, dear=False) and already < player.spare(one.card) - player.kept():
                promised[one.person, one.card] += 1
                gift = {"id": self._new_id(), "to": one.asker, "card": one.card, "request": one.request}
                requests.append(self._request(one.person, "gift", **gift))
        gifts = len(requests)
        for offer in offered:
            helps = accepts(self._players[offer.person], offer.gives, offer.wants)
            requests.append(self._request(offer.person, "answer_swap", id=offer.swap, accept=helps))
        before = self._moves_heard
        answers = await self._line.ask_all(requests)
        given = sum(self._granted(answer) for answer in answers[:gifts])
        swapped = sum(
            self._granted(answer) and answer.ok is not None and answer.ok["state"] == "done"
            for answer in answers[gifts:]
        )
        self.tally.gifts += given
        self.tally.swaps += swapped
        await self.wait_until(lambda: self._moves_heard - before >= 2 * given + 4 * swapped)

    async def _pass_cash(self) -> None:
        packets, self._packets = self._packets, []
        requests = []
        for person, packet in packets:
            friends = self._players[person].friends
            if friends and passes_on(UUID(packet)):
                friend = friends[self._rolled.below(len(friends))]
                requests.append(self._request(person, "pass_cash", id=packet, to=friend))
        answers = await self._line.ask_all(requests)
        self.tally.cash_passed += sum(self._granted(answer) for answer in answers)

    def _granted(self, answer: Answer) -> bool:
        if answer.refusal is not None:
            self.tally.refusals[answer.refusal.code] += 1
        return answer.refusal is None

    def _new_id(self) -> str:
        return str(self._chance.uuid7(self._clock()))

    def _request(self, person: PersonId, verb: str, **fields: object) -> Request:
        return Request(person, verb, msgspec.json.encode({"campaign": self._campaign, **fields}))
