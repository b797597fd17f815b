"""What several journeys do on the way to what they are about."""

import asyncio
from datetime import timedelta

import pytest

from tests.journeys.phone import Json, Phone, Refused, fresh_id, fresh_seed
from tests.world import GALA, World
from wufu.core.ids import CampaignId
from wufu.fortune import see_campaign
from wufu.fortune.template import ROUNDS_2016

ROUND_1 = ROUNDS_2016[0]
SOON = timedelta(seconds=2)
"""In so much campaign time fingers can do thirty taps."""


async def refused(phone: Phone, method: str, path: str, body: object = None) -> Refused:
    """The refusal that a call must get."""
    with pytest.raises(Refused) as caught:
        await phone.call(method, path, body)
    return caught.value


async def befriend(one: Phone, other: Phone) -> None:
    """Two people become friends by asking and accepting."""
    await one.post("/api/ties/ask", {"person": other.person})
    assert (await other.post("/api/ties/accept", {"person": one.person}))["tie"] == "friend"


async def balance(phone: Phone) -> int:
    minor: int = (await phone.get("/api/wallet"))["balance_minor"]
    return minor


async def top_up(phone: Phone, minor: int) -> None:
    """Money from the sandbox bank, waited for."""
    wanted = await balance(phone) + minor
    await phone.post("/api/wallet/top-up", {"id": fresh_id(), "minor": minor})
    async with asyncio.timeout(20):
        while await balance(phone) != wanted:
            await asyncio.sleep(0.05)


async def open_round(world: World, *phones: Phone) -> CampaignId:
    """A campaign that these phones have joined and whose first round is open."""
    # Made for many: with a few cash packets in a round somebody else might draw them all first.
    people = max(len(phones), 48)
    # So many scarce cards that some are released in the first round already.
    await world.campaign(people=people, scarce_stock=4 * people)
    for phone in phones:
        await phone.do("join", campaign=GALA, seed=fresh_seed())
    await world.at(ROUND_1)
    return GALA


async def mine(phone: Phone) -> Json:
    answer: Json = await phone.get(f"/api/fortune/{GALA}/mine")
    return answer


async def held(phone: Phone, card: str) -> int:
    cards: dict[str, int] = (await mine(phone))["cards"]
    return cards[card]


async def pass_time(world: World) -> None:
    """Enough campaign time for a full batch of taps; real time stands almost still."""
    async with world.database.read() as connection:
        view = await see_campaign(connection, GALA, world.clock())
    await world.move_clock_only(view.clock.campaign_now + SOON)


async def tap_once(world: World, phone: Phone, count: int = 30, number: int = 1) -> Json:
    """A phone's next batch of taps in a round, by HTTP."""
    following = next(its["next"] for its in (await mine(phone))["rounds"] if its["number"] == number)
    await pass_time(world)
    return await phone.do("tap", campaign=GALA, round=number, first=following, count=count)


async def draw(world: World, phone: Phone, *cards: str) -> None:
    """Tap until the phone's person holds each of the cards."""
    for _ in range(60):
        got = (await mine(phone))["cards"]
        if all(got[card] for card in cards):
            return
        await tap_once(world, phone)
    raise AssertionError(f"{phone.person} drew no {cards} in 1,800 taps")


async def draw_cash(world: World, phone: Phone) -> Json:
    """Tap until the phone's person won a cash packet; the packet."""
    for _ in range(60):
        if packets := (await mine(phone))["cash"]:
            packet: Json = packets[0]
            return packet
        await tap_once(world, phone)
    raise AssertionError(f"{phone.person} drew no cash in 1,800 taps")
