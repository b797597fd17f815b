"""What the tests of campaigns do again and again, by real verbs only."""

from collections.abc import Sequence
from typing import Any

from tests.world import GALA, World, an_id
from wufu.core.ids import PersonId
from wufu.db import Delivery, Fact, carry
from wufu.fortune import LISTENERS, Ask, Gift, Swap, ask, gift, swap
from wufu.fortune.template import ROUNDS_2016

ROUND_1 = ROUNDS_2016[0]
CARDS = ("aiguo", "fuqiang", "hexie", "youshan", "jingye")


async def friends_playing(
    world: World,
    people: int = 3,
    *,
    expected: int | None = None,
    scarce_stock: int | None = None,
    pool_minor: int = 1_000_00,
) -> list[PersonId]:
    """People who are all friends of each other and play a campaign whose first round is open.

    The odds are those for `expected` people, or for as many as there are.
    """
    players = await world.people(people)
    await world.befriend(*((a, b) for place, a in enumerate(players) for b in players[:place]))
    await world.campaign(people=expected or people, scarce_stock=scarce_stock, pool_minor=pool_minor)
    await world.join(players)
    await world.at(ROUND_1)
    return players


async def keep(world: World, person: PersonId, card: str, count: int, sink: PersonId) -> None:
    """The person draws the card and gives a friend what is more than `count` of it; `count` is 0 or 1."""
    await world.hand_out(card, person)
    surplus = await world.cards(person, card) - count
    gifts = [
        Gift(person, an_id(f"surplus {person} {card} {place}"), GALA, sink, card) for place in range(surplus)
    ]
    answers = await world.ask(gift, *gifts)
    assert not any(isinstance(answer, Exception) for answer in answers), answers
    assert await world.cards(person, card) == count


async def relay(world: World) -> list[Delivery]:
    """Everything announced reaches its listeners and phones, as the relay does it."""
    delivered: list[Delivery] = []
    while (carried := await world.run(lambda tx: carry(tx, LISTENERS))).facts:
        delivered += carried.deliveries
    return delivered


async def told(world: World, person: PersonId) -> list[tuple[str, dict[str, Any]]]:
    """The facts one person's phones get by what happened since the last relay."""
    return [(one.kind, one.body) for one in await relay(world) if one.person == person]


async def holdings(world: World, people: Sequence[PersonId]) -> list[dict[str, int]]:
    return [{card: await world.cards(person, card) for card in CARDS} for person in people]


def a_gift(
    person: PersonId, to: PersonId, card: str = "aiguo", name: str = "gift", request: str | None = None
) -> Gift:
    return Gift(person, an_id(name), GALA, to, card, an_id(request) if request else None)


def an_ask(person: PersonId, to: PersonId | None = None, card: str = "aiguo", name: str = "ask") -> Ask:
    return Ask(person, an_id(name), GALA, card, to)


def an_offer(
    person: PersonId, to: PersonId, gives: str = "aiguo", wants: str = "hexie", name: str = "swap"
) -> Swap:
    return Swap(person, an_id(name), GALA, to, gives, wants)


async def asked(world: World, *asks: Ask) -> list[Any]:
    return await world.ask(ask, *asks)


async def offered(world: World, *offers: Swap) -> list[Any]:
    return await world.ask(swap, *offers)


async def heard(world: World) -> list[Fact]:
    """Everything announced since the last relay, as listeners hear it."""
    facts: list[Fact] = []
    while (carried := await world.run(lambda tx: carry(tx, LISTENERS))).facts:
        facts += carried.facts.values()
    return facts
