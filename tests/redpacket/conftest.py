"""After every test that used a database, each packet is split again from its secret: no query can do that."""

from collections.abc import AsyncIterator

import pytest

from tests.redpacket.acts import Packets
from tests.world import World
from wufu.db import Database
from wufu.redpacket import check_splits


@pytest.fixture
async def packets(world: World, database: Database) -> AsyncIterator[Packets]:
    """Packets sent and opened by real verbs; all of them are split again in the end."""
    yield Packets(world)
    async with database.read() as connection:
        assert await check_splits(connection) == []
