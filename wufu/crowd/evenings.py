"""The demo's evenings: eve-1, eve-2, … on the same people, begun, held while nobody serves, begun again.

The dials. Rounds fill half of an evening. An average person taps eight times in three seconds of rounds
(`taps_for`) and draws two of each common card in the whole evening; who sits in front of the page and taps
on, about six times a second, taps more than twice as much and wins four or five cards a round. One person in
five can have the scarce card: that is too few for luck alone, and enough for asking around to get it, since
every persona has generous friends. The pool is so large that a full set is worth some hundred yuan, as in
2016.
"""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends

from wufu.core.ids import CampaignId, PersonId
from wufu.core.money import split_equal
from wufu.crowd.people import taps_for
from wufu.db import Connection, Database, Tx
from wufu.edge import Door
from wufu.fortune import (
    CampaignClock,
    CampaignState,
    Dials,
    announce,
    cancel,
    compressed_eve,
    create,
    gala_2016,
    live_campaigns,
    newest_campaign,
    see_campaign,
    set_clock,
)
from wufu.ledger import named_group
from wufu.wallet import fund

PREFIX = "eve-"
SPONSOR = "demo"
POOL_MINOR, POOL_PEOPLE = 21_500_00, 300
"""The pool of a town of so many people: one ten-thousandth of 2016's. Of five people one wins."""
SCARCE_ONE_IN = 5
SHORTEST_SECONDS = 40
FIRST_WAIT = timedelta(seconds=20)
"""From the start to the opening: time to find the page and choose who to be."""
NEXT_WAIT = timedelta(seconds=5)
JUST_BEGUN = timedelta(seconds=10)
"""Whoever presses 'again' so soon after somebody else gets the same evening."""
PLAYABLE: tuple[CampaignState, ...] = ("announced", "running")
ALL: tuple[CampaignState, ...] = (*PLAYABLE, "draft", "settling", "settled", "cancelling", "cancelled")


class Evening(msgspec.Struct, frozen=True):
    """How an evening is played: for how many people, and how long."""

    people: int
    seconds: int


def dials_of(evening: Evening, starts_at: datetime) -> Dials:
    """The dials of an evening that opens at `starts_at`; its rounds begin a tenth of its length later."""
    pool, _ = split_equal(evening.people * POOL_MINOR, POOL_PEOPLE)
    scarce, _ = split_equal(evening.people, SCARCE_ONE_IN)
    dials = Dials(people=evening.people, pool_minor=pool, scarce_stock=max(scarce, 1), sponsor=SPONSOR)
    dials = compressed_eve(dials, starts_at, max(evening.seconds, SHORTEST_SECONDS))
    return msgspec.structs.replace(dials, taps_each=taps_for(dials.round_seconds * len(dials.rounds_at)))


async def begin_evening(tx: Tx, evening: Evening, wait: timedelta) -> CampaignId:
    """Create, fund and announce the next evening; one that is still on is cancelled.

    Called twice in a moment it answers the same evening.
    """
    for other in await live_campaigns(tx.connection, PLAYABLE):
        seen = await see_campaign(tx.connection, other, tx.now)
        if seen.clock.campaign_now < seen.opens_at + JUST_BEGUN:
            return other
        await cancel(tx, other)
    campaign = CampaignId(f"{PREFIX}{await _next_number(tx.connection)}")
    spec = gala_2016(campaign, dials_of(evening, tx.now + wait))
    money = spec.pool_minor + spec.cash_minor
    await fund(tx, f"sponsor/{SPONSOR}", money, named_group("demo", campaign))
    await create(tx, campaign, spec, CampaignClock(tx.now, tx.now, 1.0))
    await announce(tx, campaign)
    return campaign


async def begin(database: Database, evening: Evening, wait: timedelta) -> CampaignId:
    """`begin_evening` in a transaction of its own."""

    async def work(tx: Tx) -> CampaignId:
        return await begin_evening(tx, evening, wait)

    return await database.run(work, actor="system/demo")


async def _next_number(connection: Connection) -> int:
    names = await live_campaigns(connection, ALL)
    numbers = [name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)]
    return max((int(number) for number in numbers if number.isdigit()), default=0) + 1


async def hold(database: Database) -> None:
    """Stop the clock of an evening that is on: nobody will serve it for a while."""
    await _set_speed(database, 0.0)


async def go_on(database: Database) -> None:
    """Let the clock of a held evening run again."""
    await _set_speed(database, 1.0)


async def _set_speed(database: Database, speed: float) -> None:
    async def work(tx: Tx) -> None:
        for campaign in await live_campaigns(tx.connection, PLAYABLE):
            await set_clock(tx, campaign, shows=None, speed=speed)

    await database.run(work, actor="system/demo")


async def newest_evening(database: Database) -> CampaignId | None:
    async with database.read() as connection:
        return await newest_campaign(connection)


def router(door: Door, evening: Evening) -> APIRouter:
    """`POST /api/demo/again`: anybody who is signed in may begin a fresh evening."""
    routes = APIRouter(tags=["demo"])

    @routes.post("/demo/again")
    async def again(_: Annotated[PersonId, Depends(door.person)]) -> dict[str, object]:
        """Begin a fresh evening for everybody; what was settled stays settled."""
        return {"campaign": await begin(door.database, evening, NEXT_WAIT)}

    return routes
