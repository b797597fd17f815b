"""A seeded night: people, retries, duplicates, crashes and clock jumps against a naive second model.

    .venv/bin/pytest tests/sim                                    a few short nights
    .venv/bin/pytest tests/sim --sim-seed 7 --sim-steps 250       one of them again
    .venv/bin/pytest tests/sim --sim-seed 100-200 --sim-steps 1000

A failing night says how to repeat it.
"""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.sim.driver import Driver
from tests.sim.model import Json, Model
from tests.world import GALA, World
from wufu.core.ids import PersonId
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.template import OPENED_2016, ROUND_LENGTH, ROUNDS_2016, SETTLED_2016

SEEDS = (1, 4, 8, 9, 15)
"""Nights with winners, with rewards for new friends, and one that is cancelled."""
PEOPLE = 16
NOBODY = 4711
MILESTONES = [
    OPENED_2016 - timedelta(minutes=30),
    OPENED_2016,
    *(
        instant
        for start in ROUNDS_2016
        for instant in (start, start + ROUND_LENGTH / 2, start + ROUND_LENGTH)
    ),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted: str | None = metafunc.config.getoption("--sim-seed")
    seeds: Sequence[int] = SEEDS
    if wanted:
        first, _, last = wanted.partition("-")
        seeds = range(int(first), int(last or first) + 1)
    metafunc.parametrize("seed", seeds)


@pytest.mark.timeout(3600)
async def test_the_server_and_the_model_agree_about_a_night(
    world: World, seed: int, request: pytest.FixtureRequest
) -> None:
    steps: int = request.config.getoption("--sim-steps")
    night = Night(world, random.Random(seed))
    try:
        await night.begin()
        for step in range(steps):
            await night.step(step, steps)
        await night.end()
    except Exception as error:
        error.add_note(
            f"seed {seed}, step {night.steps}; again: pytest tests/sim --sim-seed {seed} --sim-steps {steps}"
        )
        raise


class Night:
    """One simulated night, drawn from a seed."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.steps = 0
        self.ids: dict[str, list[Json]] = {}
        self.last: dict[str, list[Json]] = {}
        self.cancels_at = chance.random() if chance.random() < 0.15 else None

    async def begin(self) -> None:
        """Some friends of old, a campaign announced, the model told its rules and secrets."""
        self.people = await self.world.people(PEOPLE)
        old = [(a, b) for place, a in enumerate(self.people) for b in self.people[:place]]
        old = self.chance.sample(old, 20)
        await self.world.befriend(*old)
        self.world.clock.now += timedelta(seconds=1)
        await self.world.campaign(
            people=self.chance.choice([PEOPLE, 40, 300]),
            taps_each=self.chance.choice([20, 60]),
            scarce_stock=self.chance.choice([None, 0, 3, 60]),
            pool_minor=self.chance.choice([1, 7, 1_000_00, 999_999_999_99]),
        )
        async with self.world.database.read() as connection:
            found = (await campaign_store.see(connection, [GALA]))[GALA]
            secrets = await campaign_store.secrets(connection, [(GALA, number) for number in found.rounds])
        self.model = Model(
            GALA,
            msgspec.to_builtins(found.spec),
            [secrets[GALA, number] for number in sorted(found.rounds)],
            list(self.people),
            found.clock.shown_at,
        )
        for a, b in old:
            self.model.befriend(a, b)
        self.model.unheard.clear()
        self.driver = Driver(self.world, self.model)
        await self.driver.relay()

    async def step(self, step: int, steps: int) -> None:
        """One act; the night's milestones are spread evenly over the steps."""
        self.steps = step
        milestone = MILESTONES[step * len(MILESTONES) // steps]
        if self.model.now < milestone:
            await self.driver.go(milestone)
            if self.chance.random() < 0.8:
                await self.driver.turn(self.chance.randint(1, 5))
        if self.cancels_at is not None and step >= self.cancels_at * steps and self.model.state == "running":
            self.cancels_at = None
            await self.driver.cancel()
        self.world.clock.now += timedelta(seconds=self.chance.choice([0, 0, 1]))
        weights = {
            self.asks_something: 70,
            self.changes_a_tie: 18,
            self.moves_the_clock: 9,
            self.holds_a_round: 2,
            self.relays: 5,
            self.tops_up: 2,
        }
        (act,) = self.chance.choices(list(weights), list(weights.values()))
        await act()

    async def end(self) -> None:
        """Rounds on hold go on, everything closes, the pool is paid, and both sides are compared."""
        await self.driver.compare()
        for number in range(1, 5):
            if self.model.state == "running" and self.model.rounds[number].state == "paused":
                await self.driver.hold(number, paused=False)
        last = max([SETTLED_2016, *(one.closes_at for one in self.model.rounds), self.model.now])
        await self.driver.relay()
        await self.driver.go(last)
        for _ in range(2):
            await self.driver.turn(self.chance.randint(1, 5))
        for verb in list(self.last):
            await self.driver.ask(verb, self.last[verb], lost=False, dies=False)
        await self.driver.relay()
        await self.driver.compare()

    # --- Acts ---

    async def relays(self) -> None:
        await self.driver.relay()

    async def moves_the_clock(self) -> None:
        seconds = self.chance.choice([0, 1, 1, 2, 3, 10, 40])
        await self.driver.go(self.model.now + timedelta(seconds=seconds))
        if self.chance.random() < 0.7:
            await self.driver.turn(self.chance.randint(1, 5))

    async def holds_a_round(self) -> None:
        paused = [number for number in range(1, 5) if self.model.rounds[number].state == "paused"]
        if paused and self.chance.random() < 0.7:
            await self.driver.hold(self.chance.choice(paused), paused=False)
        else:
            await self.driver.hold(self.chance.randint(1, 4), paused=True)

    async def changes_a_tie(self) -> None:
        (act,) = self.chance.choices(["befriend", "part", "block", "unblock"], [20, 3, 1, 2])
        # One of the people is everybody's darling, so that somebody makes ten new friends.
        a = self.people[0] if act == "befriend" and self.chance.random() < 0.6 else self.somebody()
        await self.driver.tie(act, a, self.somebody())

    async def tops_up(self) -> None:
        minor = self.chance.randint(1, 50_000)
        await self.driver.top_up(
            self.somebody(), UUID(self.new_id()), minor, twice=self.chance.random() < 0.5
        )

    async def asks_something(self) -> None:
        """A batch for one verb; sometimes an old one again, sometimes its answer or its commit is lost."""
        tapping = any(one.state == "open" for one in self.model.rounds[1:])
        weights = {
            "join": 6,
            "tap": 40 if tapping else 3,
            "gift": 16,
            "ask": 8,
            "swap": 10,
            "answer_swap": 12,
            "pass_cash": 5,
            "transfer": 6,
        }
        (verb,) = self.chance.choices(list(weights), list(weights.values()))
        again = verb in self.last and self.chance.random() < 0.1
        requests = self.last[verb] if again else self.batch(verb)
        if requests:
            self.last[verb] = requests
            await self.driver.ask(
                verb, requests, lost=self.chance.random() < 0.15, dies=self.chance.random() < 0.05
            )

    # --- Requests ---

    def batch(self, verb: str) -> list[Json]:
        makers: dict[str, Callable[[], Json | None]] = {
            "join": self.a_join,
            "tap": self.a_tap,
            "gift": self.a_gift,
            "ask": self.an_ask,
            "swap": self.a_swap,
            "answer_swap": self.an_answer,
            "pass_cash": self.a_pass,
            "transfer": self.a_transfer,
        }
        requests: list[Json] = []
        used: set[Any] = set()
        for _ in range(self.chance.choice([1, 1, 2, 4, 8])):
            one = makers[verb]()
            # Two that depend on each other's outcome wait their turn: what comes of it is in the unit tests.
            keys = {one.get("id"), one.get("request")} - {None} if one else {None}
            if one is None or keys & used:
                continue
            used |= keys
            if self.chance.random() < 0.03:
                one["campaign" if "campaign" in one else "to"] = "nowhere" if "campaign" in one else NOBODY
            requests += [one] * self.chance.choices([1, 2], [9, 1])[0]
        return requests

    def somebody(self) -> PersonId:
        return self.chance.choice(self.people)

    def new_id(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128)))

    def known(self, kind: str, one: Json) -> Json:
        """Mostly the new request; sometimes an old one, or its id for something else."""
        old = self.ids.setdefault(kind, [])
        fate = self.chance.random()
        if old and fate < 0.08:
            return dict(self.chance.choice(old))
        if old and fate < 0.12:
            one["id"] = self.chance.choice(old)["id"]
        old.append(one)
        return dict(one)

    def friend_of(self, person: PersonId) -> PersonId:
        friends = [PersonId(one) for pair in self.model.friends if person in pair for one in pair - {person}]
        return (
            self.chance.choice(sorted(friends))
            if friends and self.chance.random() < 0.93
            else self.somebody()
        )

    def card_of(self, person: PersonId) -> str:
        held = [card for card in self.model.cards if self.model.count(person, card)]
        fate = self.chance.random()
        return (
            "joker"
            if fate < 0.02
            else self.chance.choice(held)
            if held and fate < 0.9
            else self.chance.choice(self.model.cards)
        )

    def a_join(self) -> Json:
        seed = self.chance.randbytes(32).hex()
        if self.chance.random() < 0.05:
            seed = self.chance.choice([seed[1:], seed[:-1] + "x", ""])
        return {"person": self.somebody(), "campaign": GALA, "seed": seed}

    def a_tap(self) -> Json:
        person = self.somebody()
        open_rounds = [n for n in range(1, 5) if self.model.rounds[n].state in {"open", "paused"}]
        number = (
            self.chance.choice(open_rounds)
            if open_rounds and self.chance.random() < 0.95
            else self.chance.randint(-1, 6)
        )
        following = self.model.taps.get((person, number), {"next": 0})["next"]
        first = following if self.chance.random() < 0.9 else following + self.chance.randint(-20, 20)
        count = self.chance.choice([30, 15, 30, 7, 1, 31, 0, -1, 10**6])
        return {"person": person, "campaign": GALA, "round": number, "first": first, "count": count}

    def a_gift(self) -> Json:
        person = self.somebody()
        to, card, wish = self.friend_of(person), self.card_of(person), None
        wishes = [
            one for one in self.model.asks.values() if one["state"] == "open" or self.chance.random() < 0.1
        ]
        if wishes and self.chance.random() < 0.4:
            asked = self.chance.choice(wishes)
            wish, to, card = asked["id"], asked["person"], asked["card"]
            person = self.friend_of(to)
            if self.chance.random() < 0.1:
                card = self.card_of(person)
        return self.known(
            "gift",
            {
                "person": person,
                "id": self.new_id(),
                "campaign": GALA,
                "to": to,
                "card": card,
                "request": wish,
            },
        )

    def an_ask(self) -> Json:
        person = self.somebody()
        to = None if self.chance.random() < 0.5 else self.friend_of(person)
        return self.known(
            "ask",
            {"person": person, "id": self.new_id(), "campaign": GALA, "card": self.card_of(person), "to": to},
        )

    def a_swap(self) -> Json:
        person = self.somebody()
        to = self.friend_of(person)
        return self.known(
            "swap",
            {
                "person": person,
                "id": self.new_id(),
                "campaign": GALA,
                "to": to,
                "gives": self.card_of(person),
                "wants": self.card_of(to),
            },
        )

    def an_answer(self) -> Json | None:
        swaps = [
            one
            for one in self.model.swaps.values()
            if one["state"] == "offered" or self.chance.random() < 0.1
        ]
        if not swaps:
            return None
        one = self.chance.choice(swaps)
        (person,) = self.chance.choices([one["to"], one["person"], self.somebody()], [8, 1, 1])
        id_ = one["id"] if self.chance.random() < 0.97 else self.new_id()
        return {"person": person, "id": id_, "campaign": GALA, "accept": self.chance.random() < 0.75}

    def a_pass(self) -> Json | None:
        if not self.model.packets:
            return None
        packet = self.chance.choice(list(self.model.packets))
        person = PersonId(packet[0]) if self.chance.random() < 0.9 else self.somebody()
        return {"person": person, "packet": packet, "campaign": GALA, "to": self.friend_of(person)}

    def a_transfer(self) -> Json:
        person = self.somebody()
        minor = self.chance.choice([1, 5, 100, 3_000, 0, -7])
        return self.known(
            "transfer", {"person": person, "id": self.new_id(), "to": self.somebody(), "minor": minor}
        )
