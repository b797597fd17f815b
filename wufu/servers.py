"""More servers beside the first, each a process of its own: Python computes on one core, a machine has more.

NATS shares the asking among all who answer (a queue group), and the database's locks keep their batches
apart, as they do between the machines of a cluster. What needs the order in which it came, a chat's messages,
stays with the first server, and so do HTTP and the clock's jobs. Each relays its own facts when it can.

A server that ends is started again, after pauses that grow; what it was asked and had not answered is asked
again by the phones, under the same ids. The first server works on alone meanwhile.
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import uvloop

from wufu.db import ChildFailed, Parent, child
from wufu.db.engines import Engines
from wufu.main import collect_garbage_rarely, running

MOST = 8
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0


class Serve(msgspec.Struct, frozen=True):
    """The task of one: whose engines, and where objects are kept."""

    addresses: dict[str, str]
    keep_objects: str


def fitting() -> int:
    """How many servers fit this machine: one for two cores, as the engines use as much, and at most `MOST`.

    On two cores a second one takes from PostgreSQL what it gives (decision 15).
    """
    return max(1, min(MOST, len(os.sched_getaffinity(0)) // 2))


@contextlib.asynccontextmanager
async def more_servers(
    engines: Engines, count: int, *, keep_objects: Path, tell: Callable[[str], None]
) -> AsyncIterator[None]:
    """`count` servers beside this process's own, until the block ends; entered when all of them answer.

    `tell` hears one plain sentence whenever one ended and was started again. Raises ChildFailed when one does
    not come up at first.
    """
    task = Serve(engines.addresses(), str(keep_objects))
    async with contextlib.AsyncExitStack() as stack:
        started = await asyncio.gather(*(_enter(stack, task) for _ in range(count)), return_exceptions=True)
        processes = []
        for one in started:
            if isinstance(one, BaseException):
                raise one
            processes.append(one)
        watches = [asyncio.create_task(_keep(one, task, tell), name="watch a server") for one in processes]
        try:
            yield
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)


async def _enter(stack: contextlib.AsyncExitStack, task: Serve) -> asyncio.subprocess.Process:
    return await stack.enter_async_context(child("wufu.servers", "serve", task))


async def _keep(process: asyncio.subprocess.Process, task: Serve, tell: Callable[[str], None]) -> None:
    """Whenever it ends start another in its place."""
    loop = asyncio.get_running_loop()
    pause, began = FIRST_PAUSE_SECONDS, loop.time()
    async with contextlib.AsyncExitStack() as stack:
        while True:
            status = await process.wait()
            if loop.time() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            tell(f"a server process ended unexpectedly (status {status}); another takes its place")
            while True:
                await asyncio.sleep(pause)
                pause, began = min(2 * pause, LONGEST_PAUSE_SECONDS), loop.time()
                with contextlib.suppress(ChildFailed):
                    process = await _enter(stack, task)
                    break


async def serve() -> None:
    """Serve until the parent is gone."""
    parent = await Parent.meet()
    task = msgspec.json.decode(await parent.task(), type=Serve)
    engines = Engines.at(task.addresses)
    async with running(engines, keep_objects=Path(task.keep_objects), with_jobs=False, beside=True):
        collect_garbage_rarely()
        await parent.ready()
        await parent.gone()


if __name__ == "__main__":
    assert sys.argv[1:] == ["serve"], "this is started by a server"
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    uvloop.run(serve())
