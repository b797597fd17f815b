"""Two real transactions, one inside the other's way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.world import World
from wufu.db import Tx

First = TypeVar("First")
Second = TypeVar("Second")

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def overlap(
    world: World,
    first: Callable[[Tx], Awaitable[First]],
    second: Callable[[Tx], Awaitable[Second]],
) -> tuple[First, Second]:
    """Both answers, when the second acts while the first has acted and has not committed.

    The first one commits as soon as the second waits for its locks, or has ended without waiting.
    """
    acted, go_on = asyncio.Event(), asyncio.Event()

    async def holding(tx: Tx) -> First:
        answer = await first(tx)
        acted.set()
        await go_on.wait()
        return answer

    one = asyncio.create_task(world.run(holding))
    await asyncio.wait([one, asyncio.create_task(acted.wait())], return_when=asyncio.FIRST_COMPLETED)
    if one.done():
        await one  # it failed before it acted
    two = asyncio.create_task(world.run(second))
    async with world.database.pool.acquire() as watcher:
        while not two.done() and not await watcher.fetchval(WAITING):
            await asyncio.sleep(0.001)
    go_on.set()
    return await one, await two
