"""A busy eve: everybody acts through the real batches while rounds turn, ties change and the relay runs.

Nothing is foretold here; afterwards every law must hold, every proof check, and nobody have met an error.
"""

import asyncio
import json
import random
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from tests.fortune.acts import CARDS, ROUND_1, relay
from tests.fortune.proofs import failures
from tests.world import GALA, World
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal, ServerBusy
from wufu.edge import ServerError, VerbTable
from wufu.fortune import VERBS, pause_round, resume_round, see_campaign, see_mine, see_proof
from wufu.fortune.template import ROUND_LENGTH, ROUNDS_2016, SETTLED_2016
from wufu.ties import AcceptTie, AskTie, RemoveTie, accept_ties, ask_ties, remove_ties

PEOPLE = 24
ACTS_EACH = 20


class Eve:
    """Everybody's hands, drawn from one seed; the server decides the order."""

    def __init__(self, world: World, people: list[PersonId], seed: int) -> None:
        self.world = world
        self.people = people
        self.chance = random.Random(seed)
        self.table = VerbTable(world.database, VERBS)
        self.heard: Counter[str] = Counter()
        self.swaps: list[tuple[str, PersonId]] = []
        self.wishes: list[tuple[str, PersonId, str]] = []
        self.playing = True

    async def ask(self, person: PersonId, verb: str, **body: Any) -> Any:
        answer = await self.table.ask(person, verb, json.dumps({"campaign": GALA, **body}).encode())
        assert not isinstance(answer, ServerError | ServerBusy), (verb, body)
        self.heard[answer.code if isinstance(answer, Refusal) else verb] += 1
        return answer

    def new_id(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128)))

    async def player(self, person: PersonId) -> None:
        await self.ask(person, "join", seed=f"{person:064x}")
        following: dict[int, int] = {}
        for _ in range(ACTS_EACH):
            act = self.chance.choice(
                [self.taps, self.taps, self.taps, self.gives, self.gives, self.swaps_cards, self.answers]
            )
            await act(person, following)

    async def taps(self, person: PersonId, following: dict[int, int]) -> None:
        number = self.chance.choice([1, 1, 2])
        answer = await self.ask(
            person, "tap", round=number, first=following.get(number, 0), count=self.chance.randint(1, 15)
        )
        if isinstance(answer, Refusal):
            following[number] = int(str(answer.facts.get("next", following.get(number, 0))))
        else:
            following[number] = answer.next
            for win in answer.wins:
                if win.outcome == "cash":
                    await self.passes_cash(person)

    async def passes_cash(self, person: PersonId) -> None:
        async with self.world.database.read() as connection:
            packets = (await see_mine(connection, GALA, person)).cash
        to = self.chance.choice(self.people)
        await asyncio.gather(*(self.ask(person, "pass_cash", id=packet.id, to=to) for packet in packets))

    async def gives(self, person: PersonId, _: dict[int, int]) -> None:
        to, card = self.chance.choice(self.people), self.chance.choice(CARDS)
        if self.wishes and self.chance.random() < 0.3:
            wish, to, card = self.chance.choice(self.wishes)
            await self.ask(person, "gift", id=self.new_id(), to=to, card=card, request=wish)
        elif self.chance.random() < 0.2:
            wish = self.new_id()
            await self.ask(person, "ask", id=wish, card=card)
            self.wishes.append((wish, person, card))
        else:
            twice, body = self.chance.random() < 0.3, {"id": self.new_id(), "to": to, "card": card}
            await asyncio.gather(*(self.ask(person, "gift", **body) for _ in range(1 + twice)))

    async def swaps_cards(self, person: PersonId, _: dict[int, int]) -> None:
        gives, wants = self.chance.sample(CARDS, 2)
        swap, to = self.new_id(), self.chance.choice(self.people)
        answer = await self.ask(person, "swap", id=swap, to=to, gives=gives, wants=wants)
        if not isinstance(answer, Refusal):
            self.swaps.append((swap, to))

    async def answers(self, person: PersonId, _: dict[int, int]) -> None:
        """Both sides of a few offers speak at once."""
        for swap, to in self.chance.sample(self.swaps, min(len(self.swaps), 3)):
            await asyncio.gather(
                *(
                    self.ask(one, "answer_swap", id=swap, accept=self.chance.random() < 0.8)
                    for one in (to, person)
                )
            )

    # --- Meanwhile ---

    async def operator(self) -> None:
        """The clock goes on, and round 1 is held now and then."""
        shown, paused = ROUND_1, False
        while self.playing:
            shown = min(shown + timedelta(seconds=4), ROUNDS_2016[1] + ROUND_LENGTH / 2)
            await self.world.at(shown)
            act = resume_round if paused else pause_round
            if self.chance.random() < 0.2 or paused:
                try:
                    await self.world.run(partial(act, campaign=GALA, number=1))
                    paused = not paused
                except Refusal:
                    paused = False
            await asyncio.sleep(0.005)

    async def matchmaker(self) -> None:
        while self.playing:
            a, b = self.chance.sample(self.people, 2)
            await self.world.ask(ask_ties, AskTie(a, b), AskTie(b, a))
            await self.world.ask(accept_ties, AcceptTie(b, a))
            if self.chance.random() < 0.1:
                await self.world.ask(remove_ties, RemoveTie(a, b))
            await asyncio.sleep(0.002)

    async def relays(self) -> None:
        while self.playing:
            await relay(self.world)
            await asyncio.sleep(0.01)


async def test_everything_at_once_leaves_every_law_and_every_proof_whole(world: World) -> None:
    people = await world.people(PEOPLE)
    await world.befriend(*((a, b) for place, a in enumerate(people) for b in people[:place] if (a + b) % 4))
    await world.campaign(people=300, scarce_stock=200)
    await world.at(ROUND_1)
    eve = Eve(world, people, seed=2016)
    async with asyncio.TaskGroup() as group:
        for meanwhile in (eve.operator(), eve.matchmaker(), eve.relays()):
            group.create_task(meanwhile)
        await asyncio.gather(*(eve.player(person) for person in people))
        eve.playing = False
    await relay(world)
    async with world.database.read() as connection:
        rounds = (await see_campaign(connection, GALA, world.clock())).rounds
    if rounds[0].state == "paused":
        await world.run(partial(resume_round, campaign=GALA, number=1))
    await world.at(SETTLED_2016 + timedelta(hours=1))
    async with world.database.read() as connection:
        assert (await see_campaign(connection, GALA, world.clock())).state == "settled"
        for person in people:
            proof = json.loads(msgspec.json.encode(await see_proof(connection, GALA, person)))
            assert failures(proof) == []
    for verb in ("tap", "gift", "swap", "answer_swap", "ask", "join"):
        assert eve.heard[verb], eve.heard
