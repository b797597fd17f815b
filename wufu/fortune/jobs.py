"""What happens in campaigns by the clock: rounds open and close, pools are paid, the pulse beats."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from wufu.core.ids import CampaignId
from wufu.db import Database, Job, Tx, in_transaction
from wufu.fortune.verbs.campaigns import finish_cancelling, live_campaigns, turn
from wufu.fortune.verbs.cards import close_exchange
from wufu.fortune.verbs.friends import pay_late_shares, release_held
from wufu.fortune.verbs.settlement import LANES, pay_some
from wufu.fortune.views import see_pulse

ACTOR = "system/campaigns"
OVER = ("settled", "cancelled")

PULSE_REST = 19
"""For one part of time that the pulse counts a whole campaign it rests so many: much is counted seldom."""


async def turn_campaigns(database: Database) -> None:
    """Do everything that is due in every campaign, step by step, each in its own transaction."""
    async with database.read() as connection:
        campaigns = await live_campaigns(connection)
    for campaign in campaigns:
        await turn_campaign(database, campaign)


async def turn_campaign(
    database: Database,
    campaign: CampaignId,
    paid: Callable[[int], None] | None = None,
) -> None:
    """Everything that is due in one campaign now. `paid` is told of each portion of a settlement."""
    while await database.run(partial(turn, campaign=campaign), actor=ACTOR):
        pass
    portions = count(1)

    async def pay() -> None:
        while await database.run(partial(pay_some, campaign=campaign), actor=ACTOR):
            if paid is not None:
                paid(next(portions))

    async with asyncio.TaskGroup() as payers:
        for _ in range(LANES):
            payers.create_task(pay())
    while await database.run(partial(_finish_if_cancelling, campaign=campaign), actor=ACTOR):
        pass


async def _finish_if_cancelling(tx: Tx, campaign: CampaignId) -> bool:
    if campaign not in await live_campaigns(tx.connection, ["cancelling"]):
        return False
    return await finish_cancelling(tx, campaign)


class PulseJob:
    """Tells everyone who watches a campaign how it stands, until it is over."""

    def __init__(self, broadcast: Callable[[str, object], Awaitable[None]]) -> None:
        self._broadcast = broadcast
        self._told: set[CampaignId] = set()
        self._rests_until = 0.0

    async def beat(self, database: Database) -> None:
        """Count and tell, unless the last count took so long that it is not time yet."""
        clock = asyncio.get_running_loop().time
        began = clock()
        if began < self._rests_until:
            return
        async with database.read() as connection:
            campaigns = {*await live_campaigns(connection), *self._told}
            pulses = {
                campaign: pulse
                for campaign in campaigns
                if (pulse := await see_pulse(connection, campaign, database.clock())) is not None
            }
        self._rests_until = clock() + (clock() - began) * PULSE_REST
        for campaign, pulse in pulses.items():
            await self._broadcast(f"fortune.{campaign}", pulse)
        # One that is over has been told of for the last time.
        self._told = {name for name, pulse in pulses.items() if pulse.state not in OVER}


def jobs(broadcast: Callable[[str, object], Awaitable[None]]) -> list[Job]:
    """The campaign's jobs; `broadcast(subject, body)` reaches everyone who listens."""
    return [
        Job("turn campaigns", 0.25, turn_campaigns),
        Job("campaign pulse", 1.0, PulseJob(broadcast).beat),
        Job("close asks and offers", 5.0, close_exchange),
        Job("give held rewards", 60.0, in_transaction(release_held)),
        Job("pay late shares", 10.0, in_transaction(pay_late_shares)),
    ]
