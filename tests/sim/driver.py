"""Drives the server and the model with the same acts, and compares what they say."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from tests.sim.model import Answer, Json, Model
from tests.world import GALA, World
from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx, carry
from wufu.fortune import (
    LISTENERS,
    AnswerSwap,
    Ask,
    Gift,
    Join,
    PassCash,
    Swap,
    Tap,
    answer_swap,
    ask,
    cancel,
    check_proof,
    gift,
    join,
    pass_cash,
    pause_round,
    resume_round,
    see_campaign,
    see_mine,
    see_proof,
    set_clock,
    sponsor_account,
    swap,
    tap,
    turn_campaign,
)
from wufu.fortune.model import cash_id, request_of_token
from wufu.fortune.verbs.campaigns import turn
from wufu.fortune.verbs.settlement import pay_some
from wufu.ties import (
    AcceptTie,
    AskTie,
    Block,
    RemoveTie,
    Unblock,
    accept_ties,
    are_friends,
    ask_ties,
    block,
    remove_ties,
    unblock,
)
from wufu.wallet import Notice, SendMoney, TopUp, ask_top_up, hear_bank, money_of, transfer

Verb = Callable[[Tx, Sequence[Any]], Awaitable[Sequence[Any]]]


class PowerCut(Exception):
    """The server dies before its commit."""


def _pass_cash(person: int, packet: tuple[int, int, int], campaign: str, to: int) -> PassCash:
    owner, number, place = packet
    return PassCash(
        PersonId(person),
        cash_id(GALA, number, PersonId(owner), place),
        CampaignId(campaign),
        PersonId(to),
    )


VERBS: dict[str, tuple[Verb, Callable[..., Any]]] = {
    "join": (join, Join),
    "tap": (tap, Tap),
    "gift": (gift, Gift),
    "ask": (ask, Ask),
    "swap": (swap, Swap),
    "answer_swap": (answer_swap, AnswerSwap),
    "pass_cash": (pass_cash, _pass_cash),
    "transfer": (transfer, SendMoney),
}


def said(verb: str, answer: Any) -> Answer:
    """An answer of the server as the model would give it."""
    if isinstance(answer, Refusal):
        return {"refused": answer.code}
    plain: Answer = msgspec.to_builtins(answer)
    if verb == "ask":
        assert str(request_of_token(plain.pop("token"))) == plain["id"]
    if verb == "pass_cash":
        return {}
    if verb == "tap":
        plain["wins"] = list(plain["wins"])
    return plain


class Driver:
    """The same acts for the server and the model."""

    def __init__(self, world: World, model: Model) -> None:
        self.world = world
        self.model = model

    async def ask(self, verb: str, requests: list[Json], *, lost: bool, dies: bool) -> None:
        """A batch in one transaction. `lost`: its answer is; `dies`: it does not commit at first."""
        act, make = VERBS[verb]
        asked = [
            make(
                **{
                    name: UUID(value) if name in {"id", "request"} and value else value
                    for name, value in one.items()
                }
            )
            for one in requests
        ]
        if dies:

            async def doomed(tx: Tx) -> None:
                await act(tx, asked)
                raise PowerCut

            with contextlib.suppress(PowerCut):
                await self.world.run(doomed)
        for _ in range(2 if lost else 1):
            answers = [said(verb, answer) for answer in await self.world.ask(act, *asked)]
            expected = getattr(self.model, verb)(requests)
            assert answers == expected, f"{verb} {requests}: the server says {answers}, the model {expected}"

    async def go(self, instant: datetime) -> None:
        """Move the campaign's clock; what is due does not happen yet."""
        await self.world.run(partial(set_clock, campaign=GALA, shows=instant, speed=0.0))
        self.model.now = instant

    async def turn(self, portion: int) -> None:
        """Everything that is due happens; a settlement pays in portions, and one of them fails at first."""
        while await self.world.run(partial(turn, campaign=GALA)):
            pass
        if self.model.state != "settled":

            async def dies(tx: Tx) -> None:
                await pay_some(tx, GALA, portion)
                raise PowerCut

            with contextlib.suppress(PowerCut):
                await self.world.run(dies)
            while await self.world.run(partial(pay_some, campaign=GALA, most=portion)):
                pass
        await turn_campaign(self.world.database, GALA)
        self.model.turn()

    async def hold(self, number: int, *, paused: bool) -> None:
        """Pause or resume a round."""
        act = pause_round if paused else resume_round
        try:
            await self.world.run(partial(act, campaign=GALA, number=number))
            done = True
        except Refusal:
            done = False
        expected = self.model.pause(number) if paused else self.model.resume(number)
        assert done == expected, (number, paused, done)

    async def cancel(self) -> None:
        await self.world.run(partial(cancel, campaign=GALA))
        await turn_campaign(self.world.database, GALA)
        self.model.cancel()

    async def relay(self) -> None:
        while (await self.world.run(lambda tx: carry(tx, LISTENERS, 7))).facts:
            pass
        self.model.relay()

    async def tie(self, act: str, a: PersonId, b: PersonId) -> None:
        """One act on a tie, where `befriend` is asking and accepting."""
        if act == "befriend":
            await self.world.ask(ask_ties, AskTie(a, b))
            await self.world.ask(accept_ties, AcceptTie(b, a))
        elif act == "part":
            await self.world.ask(remove_ties, RemoveTie(a, b))
        elif act == "block":
            await self.world.ask(block, Block(a, b))
        else:
            await self.world.ask(unblock, Unblock(a, b))
        getattr(self.model, act)(a, b)

    async def top_up(self, person: PersonId, id_: UUID, minor: int, *, twice: bool) -> None:
        """Money from the bank, whose word comes once or twice."""
        order = await self.world.run(lambda tx: ask_top_up(tx, TopUp(person, id_, minor)))
        notice = Notice(order.reference, "top_up", minor, "confirmed")
        for _ in range(2 if twice else 1):
            await self.world.run(lambda tx: hear_bank(tx, notice))
        self.model.top_up(person, minor)

    # --- The comparison at the end ---

    async def compare(self) -> None:
        """Everything the model knows is what the server shows."""
        model = self.model
        async with self.world.database.read() as connection:
            shown = await see_campaign(connection, GALA, self.world.clock())
            people = [PersonId(person) for person in model.people]
            friends = await are_friends(connection, [(a, b) for a in people for b in people if a != b])
            mine = {person: await see_mine(connection, GALA, person) for person in people}
        assert {frozenset(pair) for pair in friends} == model.friends
        assert shown.state == model.state
        assert (shown.players, shown.taps) == (
            len(model.players),
            sum(one["next"] for one in model.taps.values()),
        )
        for person in people:
            self._compare_part(person, msgspec.to_builtins(mine[person]))
            assert await self.world.balance(money_of(person)) == model.money[person], person
            if person in model.players:
                await self._compare_proof(person)
        if model.state in {"settled", "cancelled"}:
            assert await self.world.balance(sponsor_account(GALA)) == model.sponsor
        if shown.settlement is not None:
            settled = shown.settlement
            assert (settled.winners, settled.each_minor) == (len(model.winners), model.each)

    def _compare_part(self, person: PersonId, part: Json) -> None:
        model = self.model
        assert part["number"] == model.players.get(person)
        assert part["cards"] == {card: model.count(person, card) for card in model.cards}, person
        rewarded = model.rewards.get(person, [])
        assert (part["new_friends"], part["friend_cards_given"]) == (
            len(model.new_friends[person]),
            len(rewarded),
        )
        for its_round in part["rounds"]:
            place = (person, its_round["number"])
            assert its_round["next"] == model.taps.get(place, {"next": 0})["next"]
            assert its_round["wins"] == len(model.wins.get(place, []))
        wishes = {one["id"]: one["state"] for one in part["requests"] if one["from"]["person"] == person}
        assert wishes == {key: one["state"] for key, one in model.asks.items() if one["person"] == person}
        swaps = {one["id"]: one["state"] for one in part["swaps"]}
        assert swaps == {
            key: one["state"] for key, one in model.swaps.items() if person in {one["person"], one["to"]}
        }
        packets = [(one["minor"], (one["passed_to"] or {"person": 0})["person"]) for one in part["cash"]]
        mine = [(one["minor"], one["to"] or 0) for key, one in model.packets.items() if key[0] == person]
        assert sorted(packets) == sorted(mine)
        place_won = part["won"] and part["won"]["place"]
        assert place_won == (model.winners.index(person) + 1 if person in model.winners else None)

    async def _compare_proof(self, person: PersonId) -> None:
        """The wins of the proof are the model's; when all is over, the published check agrees."""
        async with self.world.database.read() as connection:
            proof: Any = msgspec.json.decode(msgspec.json.encode(await see_proof(connection, GALA, person)))
        for its_round in proof["rounds"]:
            number = int(its_round["spec"]["id"].rsplit("/", 1)[1])
            wins = self.model.wins.get((person, number), [])
            if number:
                assert its_round["wins"] == [{k: v for k, v in win.items() if k != "held"} for win in wins]
            else:
                assert [win["prize"] for win in its_round["wins"]] == self.model.rewards.get(person, [])
        if self.model.state in {"settled", "cancelled"}:
            assert [line.text for line in check_proof(proof) if not line.ok] == [] or not proof["rounds"]
