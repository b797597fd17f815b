"""One data directory with durable engines, and a campaign whose only round is open for a day."""

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.crash.serving import Serving
from tests.world import seed_of
from wufu.core.clock import utc_now
from wufu.core.ids import CampaignId, PersonId
from wufu.db import Database, Tx
from wufu.fortune import (
    CampaignClock,
    Dials,
    Join,
    announce,
    create,
    gala_2016,
    join,
)
from wufu.ledger import named_group
from wufu.people import NewPerson, create_people
from wufu.wallet import fund

EVE = CampaignId("crash")
OPENS = datetime(2016, 2, 7, 12, tzinfo=UTC)
SETTLES = OPENS + timedelta(days=2)
PLAYERS = 4


@dataclass(frozen=True, slots=True)
class Eve:
    """A server, and the players of its campaign."""

    serving: Serving
    players: list[PersonId]


@pytest.fixture(scope="module")
async def eve() -> AsyncIterator[Eve]:
    with tempfile.TemporaryDirectory(prefix="wufu-crash-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o711)
        serving = Serving(Path(folder) / "data")
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(serving.end)
            await serving.start()
            yield Eve(serving, await prepare(serving))


async def prepare(serving: Serving) -> list[PersonId]:
    """Players, who have joined a campaign with a running clock."""
    dials = Dials(
        people=PLAYERS,
        taps_each=30,
        scarce_stock=3,
        pool_minor=1_000_01,
        opens_at=OPENS,
        rounds_at=(OPENS + timedelta(minutes=1),),
        round_seconds=86_400,
        settles_at=SETTLES,
        sponsor="crash",
    )
    spec = gala_2016(EVE, dials)
    news = [NewPerson(f"玩家{number}", "imported") for number in range(PLAYERS)]

    async def work(tx: Tx) -> list[PersonId]:
        players = await create_people(tx, news)
        await fund(tx, "sponsor/crash", spec.pool_minor + spec.cash_minor, named_group("test", EVE))
        await create(tx, EVE, spec, CampaignClock(OPENS + timedelta(minutes=2), tx.now, 1.0))
        await announce(tx, EVE)
        return players

    async with Database.connect(serving.engines.app_url, clock=utc_now, connections=2) as database:
        players = await database.run(work, actor="test")
        joins = [Join(player, EVE, seed_of(player)) for player in players]
        await database.run(partial(join, joins=joins), actor="test")
    return players
