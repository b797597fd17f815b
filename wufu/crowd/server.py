"""The server of a headless run, in a process of its own (`python -m wufu.crowd serve`)."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from wufu.core.chance import Chance
from wufu.db import Parent, child
from wufu.db.engines import Engines
from wufu.main import collect_garbage_rarely, running


class Serve(msgspec.Struct, frozen=True):
    """The task: whose engines, the `seed` of every secret, and whether the clock turns campaigns."""

    addresses: dict[str, str]
    seed: int
    with_jobs: bool


@contextlib.asynccontextmanager
async def serving(
    engines: Engines, *, seed: int, with_jobs: bool
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server on these engines, in a process of its own, until the block ends. Raises ChildFailed."""
    async with child("wufu.crowd", "serve", Serve(engines.addresses(), seed, with_jobs)) as process:
        yield process


async def serve() -> None:
    """Serve until the parent is gone."""
    parent = await Parent.meet()
    task = msgspec.json.decode(await parent.task(), type=Serve)
    engines = Engines.at(task.addresses)
    # A headless run keeps no pictures; its server still has a place for them, for as long as it lives.
    with tempfile.TemporaryDirectory(prefix="wufu-objects-") as folder:
        async with running(
            engines, keep_objects=Path(folder), chance=Chance.seeded(task.seed), with_jobs=task.with_jobs
        ):
            collect_garbage_rarely()
            await parent.ready()
            await parent.gone()
