"""The demo's people at work, in a process of their own (`python -m wufu.crowd bots`).

They know what phones know: the campaign's pulse, the answers they get, the facts they hear. From these they
tap while a round is open, each at their own pace; ask, give and swap among themselves; make new friends; and
answer whoever sits in front of the demo as a persona within a few seconds, as somebody would who has the
phone in their hand on this evening. A persona who is played gets attention now and then: a swap that helps
both, a card from a generous friend, somebody who would like to be a friend.

Nobody plays for a persona. Like a phone that comes back, this process first listens, then is told how its
people stand (friends, cards, what waits for their answer) as of a fact's number, and goes on from there.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import PersonId
from wufu.crowd.line import Answer, Line, LiveFact, NoAnswer, Request
from wufu.crowd.people import Dice, Player, accepts, dice, gives, passes_on, plan_taps, taps_for, wishes
from wufu.crowd.tasks import Awake, Play, Stand
from wufu.db import Parent
from wufu.db.engines import Pass

log = logging.getLogger("wufu.bots")

TICK_SECONDS = 0.25
BATCH_SECONDS = 1.0
"""How often a phone sends what it has counted."""
TAPS_A_SECOND = 12
TAPS_A_BATCH = 30
THINK = (1_200, 3_800)
"""Milliseconds in which somebody answers a friend."""
TRADES_IN_1000 = 4
"""Of a thousand people, how many look for a missing card in one tick."""
TIES_IN_1000 = 60
"""Of a thousand ticks, in how many two people of the town become friends."""
WOOED_EACH = 3
"""How many ask a persona to be friends in one eve."""
ATTENTION_SECONDS = 14.0
MOST_UNANSWERED = 2
"""Requests and offers that wait for one persona; nobody likes a phone full of them."""
PRESENT_SECONDS = 150.0
"""A persona who has done nothing for so long is not being played."""


class _Clock(msgspec.Struct, frozen=True):
    campaign_now: datetime
    real_now: datetime
    speed: float


class _Round(msgspec.Struct, frozen=True):
    number: int
    opens_at: datetime
    closes_at: datetime
    state: str


class _Pulse(msgspec.Struct, frozen=True):
    """What is broadcast of a campaign; the fields that people here look at."""

    id: str
    state: str
    clock: _Clock
    rounds: list[_Round]


class _Hand:
    """One person's tapping in the round that is open."""

    __slots__ = ("away", "due", "following", "left", "pace")

    def __init__(self, taps: int, starts: float, seconds: float) -> None:
        self.left = taps
        self.following = 0
        self.due = starts
        self.pace = max(min(-(-taps // max(int(seconds), 1)), TAPS_A_SECOND), 1)
        self.away = False  # a batch is on its way


class Bots:
    """The people of one town over one line."""

    def __init__(self, line: Line, task: Play) -> None:
        self._line = line
        self._task = task
        self._chance = Chance.seeded(task.seed)
        self._ids = Chance.system()
        self._places = {person: place for place, (person, _) in enumerate(task.people)}
        self._personas = {person: Player(person) for person in task.personas}
        self._friends: dict[PersonId, set[PersonId]] = {person: set() for person in self._places}
        self._awake: Awake | None = None
        self._heard: list[tuple[PersonId, LiveFact]] = []
        self._cursors: dict[PersonId, int] = {}
        self._players: dict[PersonId, Player] = {}
        self._campaign = ""
        self._pulse: _Pulse | None = None
        self._round = 0
        self._hands: dict[PersonId, _Hand] = {}
        self._present: dict[PersonId, float] = {}
        self._attended: dict[PersonId, float] = {}
        self._wooed: Counter[PersonId] = Counter()
        self._unanswered: dict[PersonId, set[PersonId]] = {}
        self._dice: Dice = dice(self._chance, "bots")
        self._plan: list[list[int]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Begin to hear; nobody acts yet."""
        await self._line.hear(self._listen)
        await self._line.watch("fortune.*", self._see)

    async def run(self, awake: Awake) -> None:
        """Wake up with this knowledge, and live until cancelled."""
        self._awake = awake
        for stand in awake.people:
            self._friends[stand.person] = set(stand.friends)
            for asker in stand.ties:
                self._think_of_tie(stand.person, asker)
        self._cursors = {stand.person: stand.cursor for stand in awake.people}
        self._catch_up()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self._pulse is not None and self._players:
                self._tap()
                if self._pulse.state == "running":
                    self._trade()
                    self._attend()
                self._befriend()

    # --- Time and tasks ---------------------------------------------------------------------------

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def _begin(self, work: Awaitable[object]) -> None:
        """Do something without waiting for it; the server may be away for a while."""

        async def safely() -> None:
            try:
                await work
            except NoAnswer as error:
                log.warning("no answer: %s", error)
            except Exception:
                log.exception("somebody in the town stumbled")

        task = asyncio.create_task(safely())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _soon(self, work: Callable[[], Awaitable[None]], milliseconds: tuple[int, int] = THINK) -> None:
        """Do something after a moment of thought."""
        wait = self._dice.between(*milliseconds) / 1000

        async def after() -> None:
            await asyncio.sleep(wait)
            await work()

        self._begin(after())

    def _new_id(self) -> str:
        return str(self._ids.uuid7(utc_now()))

    async def _ask(self, person: PersonId, verb: str, **fields: object) -> Answer:
        return await self._line.ask(person, verb, {"campaign": self._campaign, **fields})

    # --- The campaign -----------------------------------------------------------------------------

    def _see(self, data: bytes) -> None:
        if self._awake is None:
            return
        pulse = msgspec.json.decode(data, type=_Pulse)
        if pulse.state not in {"announced", "running"}:
            if pulse.id == self._campaign:
                self._pulse = None
            return
        if pulse.id != self._campaign:
            self._enter(pulse)
        self._pulse = pulse
        opened = next((one for one in pulse.rounds if one.state == "open"), None)
        number = opened.number if opened else 0
        if opened is not None and number != self._round:
            self._come_to(opened, pulse.clock)
        if opened is None:
            self._hands = {}
        self._round = number

    def _enter(self, pulse: _Pulse) -> None:
        """A campaign begins, or goes on after we were away: everybody joins."""
        self._campaign, self._round, self._hands = pulse.id, 0, {}
        self._dice = dice(self._chance, f"bots/{pulse.id}")
        self._wooed.clear()
        self._unanswered = {person: set() for person in self._personas}
        self._players = {
            person: Player(person, tuple(sorted(self._friends[person])), generous)
            for person, generous in self._task.people
        }
        for persona in self._personas.values():
            persona.cards = {}
        length = int((pulse.rounds[0].closes_at - pulse.rounds[0].opens_at).total_seconds())
        chance = Chance.seeded(self._dice.below(1 << 62))
        mean = taps_for(length * len(pulse.rounds))
        most = length * TAPS_A_SECOND
        self._plan = plan_taps(chance, len(self._players), len(pulse.rounds), mean, most).tolist()
        self._begin(self._join())
        if self._awake is not None and self._awake.campaign == pulse.id:
            self._remember(self._awake.people)
        self._catch_up()

    async def _join(self) -> None:
        campaign = self._campaign
        requests = [
            Request(
                person,
                "join",
                msgspec.json.encode(
                    {
                        "campaign": campaign,
                        "seed": self._chance.secret(f"crowd/{campaign}/{place}/seed").hex(),
                    }
                ),
            )
            for person, place in self._places.items()
        ]
        await self._line.ask_all(requests)

    def _remember(self, stands: Sequence[Stand]) -> None:
        """Go on where these people were."""
        for stand in stands:
            player = self._players[stand.person]
            player.cards = dict(stand.cards)
            for request, card, asker in stand.asked:
                self._think_of_request(player, request, card, asker)
            for swap, offered, wanted, proposer in stand.offered:
                self._think_of_swap(player, swap, offered, wanted, proposer)

    # --- Tapping ----------------------------------------------------------------------------------

    def _come_to(self, opened: _Round, clock: _Clock) -> None:
        """A round opened: everybody decides when to begin and how long to go on."""
        speed = clock.speed or 1.0
        seconds = max((opened.closes_at - clock.campaign_now).total_seconds() / speed, 1.0)
        now = self._now()
        for person, place in self._places.items():
            taps = self._plan[place][opened.number - 1]
            if taps:
                share = self._dice.between(40, 95)
                lasts = seconds * share / 100
                starts = (seconds - lasts) * self._dice.below(100) / 100
                self._hands[person] = _Hand(taps, now + starts, lasts)

    def _tap(self) -> None:
        now = self._now()
        due = [
            (person, hand)
            for person, hand in self._hands.items()
            if hand.due <= now and not hand.away and hand.left > 0
        ]
        if due:
            for _, hand in due:
                hand.away = True
                hand.due = now + BATCH_SECONDS * self._dice.between(85, 115) / 100
            self._begin(self._send_taps(self._campaign, self._round, due))

    async def _send_taps(self, campaign: str, number: int, due: Sequence[tuple[PersonId, _Hand]]) -> None:
        requests = []
        for person, hand in due:
            count = min(hand.left, hand.pace, TAPS_A_BATCH)
            body = {"campaign": campaign, "round": number, "first": hand.following, "count": count}
            requests.append(Request(person, "tap", msgspec.json.encode(body)))
        try:
            answers = await self._line.ask_all(requests)
        finally:
            for _, hand in due:
                hand.away = False
        for (person, hand), answer in zip(due, answers, strict=True):
            if answer.ok is not None:
                hand.left -= answer.ok["next"] - hand.following
                hand.following = answer.ok["next"]
                if campaign == self._campaign:
                    for win in answer.ok["wins"]:
                        if win["outcome"] == "card":
                            self._players[person].change(win["prize"], 1)
            elif answer.refusal is not None and answer.refusal.code == "tap_out_of_order":
                # This phone was off in the middle of the round.
                hand.following = answer.refusal.facts["next"]
            elif answer.refusal is not None and answer.refusal.code == "round_not_open":
                hand.left = 0

    # --- Hearing ----------------------------------------------------------------------------------

    def _listen(self, person: PersonId, fact: LiveFact) -> None:
        if self._may_act_on(fact):
            self._hear(person, fact)
        else:
            self._heard.append((person, fact))

    def _may_act_on(self, fact: LiveFact) -> bool:
        """Not before this process knows what came before, nor of a campaign that it has not entered."""
        return self._awake is not None and (bool(self._campaign) or fact.kind.startswith("ties."))

    def _catch_up(self) -> None:
        """Act on what was heard while waiting to know how things stood."""
        heard, self._heard = self._heard, []
        for person, fact in heard:
            if not self._may_act_on(fact):
                self._heard.append((person, fact))
            elif fact.number > self._cursors.get(person, 0):
                self._hear(person, fact)

    def _hear(self, person: PersonId, fact: LiveFact) -> None:
        if fact.kind.startswith("ties."):
            self._hear_of_tie(person, fact.kind, fact.body)
        elif fact.body.get("campaign") != self._campaign:
            return
        elif person in self._personas:
            self._notice(self._personas[person], fact.kind, fact.body)
        elif person in self._players:
            self._hear_of_card(self._players[person], fact.kind, fact.body)

    def _hear_of_tie(self, person: PersonId, kind: str, body: dict[str, Any]) -> None:
        if person not in self._friends:
            return
        if kind == "ties.asked":
            self._think_of_tie(person, PersonId(body["from"]["person"]))
            return
        other = PersonId(body["person"])
        if kind == "ties.accepted":
            self._friends[person].add(other)
        elif kind == "ties.removed":
            self._friends[person].discard(other)
        if person in self._players:
            self._players[person].friends = tuple(sorted(self._friends[person]))

    def _think_of_tie(self, person: PersonId, asker: PersonId) -> None:
        async def accept() -> None:
            await self._line.ask(person, "accept_tie", {"asker": asker})

        self._soon(accept)

    def _notice(self, persona: Player, kind: str, body: dict[str, Any]) -> None:
        """Somebody plays a persona: friends see that they are there, and what they can spare."""
        if kind in {"fortune.card_came", "fortune.card_left"}:
            persona.cards[body["card"]] = body["held"]
            if body["cause"] == "tap" or kind == "fortune.card_left":
                self._present[persona.person] = self._now()
            if kind == "fortune.card_left":
                self._unanswered[persona.person].discard(PersonId(body["to"]["person"]))

    def _hear_of_card(self, player: Player, kind: str, body: dict[str, Any]) -> None:
        if kind == "fortune.card_came":
            if body["cause"] != "tap":  # the answer to the tap has told already
                player.change(body["card"], 1)
        elif kind == "fortune.card_left":
            player.change(body["card"], -1)
        elif kind == "fortune.asked":
            asker = PersonId(body["from"]["person"])
            self._think_of_request(player, body["request"], body["card"], asker)
        elif kind == "fortune.swap_offered":
            proposer = PersonId(body["from"]["person"])
            self._think_of_swap(player, body["swap"], body["gives"], body["wants"], proposer)
        elif kind == "fortune.cash_came" and "from" not in body and passes_on(UUID(body["id"])):
            self._pass_cash(player, body["id"])

    def _think_of_request(self, player: Player, request: str, card: str, asker: PersonId) -> None:
        self._is_there(asker)

        async def answer() -> None:
            if gives(player, card, dear=asker in self._personas):
                gift = {"id": self._new_id(), "to": asker, "card": card, "request": request}
                await self._ask(player.person, "gift", **gift)

        self._soon(answer)

    def _think_of_swap(
        self, player: Player, swap: str, offered: str, wanted: str, proposer: PersonId
    ) -> None:
        self._is_there(proposer)

        async def answer() -> None:
            welcome = accepts(player, offered, wanted, dear=proposer in self._personas)
            await self._ask(player.person, "answer_swap", id=swap, accept=welcome)

        self._soon(answer)

    def _pass_cash(self, player: Player, packet: str) -> None:
        dear = [friend for friend in player.friends if friend in self._personas]
        circle = dear if dear and self._dice.hits(1, 2) else player.friends
        if circle:
            friend = circle[self._dice.below(len(circle))]

            async def give() -> None:
                await self._ask(player.person, "pass_cash", id=packet, to=friend)

            self._soon(give)

    def _is_there(self, person: PersonId) -> None:
        if person in self._personas:
            self._present[person] = self._now()

    # --- Of one's own accord ----------------------------------------------------------------------

    def _trade(self) -> None:
        """A few people look for a card they lack; more of them while no round is open."""
        people = list(self._players.values())
        eager = TRADES_IN_1000 if self._round else 3 * TRADES_IN_1000
        looking = [one for one in people if self._dice.hits(eager, 1000)]
        for one in looking:
            for wish in wishes([one], self._players, self._task.kinds, self._dice)[:1]:
                fields: dict[str, object] = {"id": self._new_id(), "to": wish.friend}
                if wish.offers is None:
                    self._begin(self._ask(one.person, "ask", card=wish.card, **fields))
                else:
                    self._begin(self._ask(one.person, "swap", gives=wish.offers, wants=wish.card, **fields))

    def _attend(self) -> None:
        """Each persona who is played hears from one friend now and then, when there is a reason."""
        now = self._now()
        for person, seen in self._present.items():
            if now - seen > PRESENT_SECONDS or now - self._attended.get(person, 0.0) < ATTENTION_SECONDS:
                continue
            self._attended[person] = now + self._dice.below(6)
            persona = self._personas[person]
            waiting = self._unanswered[person]
            circle = [
                one
                for one in self._players.values()
                if person in self._friends[one.person] and one.person not in waiting
            ]
            self._write_to(persona, circle, may_ask=len(waiting) < MOST_UNANSWERED)

    def _write_to(self, persona: Player, circle: Sequence[Player], *, may_ask: bool) -> None:
        """One friend gives what the persona lacks, or offers a swap, or asks for what can be spared."""
        reasons: list[tuple[Player, str, dict[str, object]]] = []
        for friend in circle:
            wanted = [card for card in self._task.kinds if friend.lacks(card) and persona.spare(card)]
            to_give = [card for card in self._task.kinds if persona.lacks(card) and friend.spare(card)]
            if wanted and to_give and may_ask:
                reasons.append((friend, "swap", {"gives": to_give[0], "wants": wanted[0]}))
            elif to_give and friend.generous:
                reasons.append((friend, "gift", {"card": to_give[0]}))
            elif wanted and may_ask:
                reasons.append((friend, "ask", {"card": wanted[0]}))
        if reasons:
            friend, verb, fields = reasons[self._dice.below(len(reasons))]
            if verb != "gift":
                self._unanswered[persona.person].add(friend.person)
            self._begin(self._ask(friend.person, verb, id=self._new_id(), to=persona.person, **fields))

    def _befriend(self) -> None:
        """Friends of friends become friends; now and then one of them asks a persona."""
        if not self._dice.hits(TIES_IN_1000, 1000):
            return
        people = self._task.people
        one, _ = people[self._dice.below(len(people))]
        circle = sorted(self._friends[one] - self._personas.keys())
        if not circle:
            return
        beyond = sorted(self._friends[circle[self._dice.below(len(circle))]] - self._friends[one] - {one})
        dear = [person for person in beyond if person in self._personas]
        if dear and self._wooed[dear[0]] < WOOED_EACH:
            self._wooed[dear[0]] += 1
            self._begin(self._ask_tie(one, dear[0]))
            return
        strangers = [person for person in beyond if person not in self._personas]
        if strangers:
            self._begin(self._ask_tie(one, strangers[self._dice.below(len(strangers))]))

    async def _ask_tie(self, person: PersonId, to: PersonId) -> None:
        await self._line.ask(person, "ask_tie", {"to": to})


async def play() -> None:
    """Play until the parent is gone."""
    parent = await Parent.meet()
    task = msgspec.json.decode(await parent.task(), type=Play)
    crowd_pass = Pass(jwt=task.jwt, seed=task.nkey_seed, user="crowd")
    async with Line.open(task.nats_url, crowd_pass) as line:
        bots = Bots(line, task)
        await bots.listen()
        await parent.ready()
        awake = await parent.task()
        if not awake:
            return
        living = asyncio.create_task(bots.run(msgspec.json.decode(awake, type=Awake)))
        gone = asyncio.create_task(parent.gone())
        await asyncio.wait([living, gone], return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            living.result()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
