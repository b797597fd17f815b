"""The server of a headless run, in a process of its own (`python -m wufu.crowd serve`).

The engines are its parent's, named by the environment (`wufu.db.engines`).
"""

import logging
from pathlib import Path

import msgspec

from wufu.core.chance import Chance
from wufu.crowd.child import Parent
from wufu.db.engines import Engines
from wufu.main import running

log = logging.getLogger("wufu.crowd")


class Serve(msgspec.Struct, frozen=True):
    """The task: `seed` fixes every secret, `with_jobs` lets the clock turn campaigns."""

    seed: int
    with_jobs: bool


def environment_of(engines: Engines) -> dict[str, str]:
    """What a child must find in its environment to use these engines."""
    return {
        "WUFU_DATABASE_URL": engines.app_url,
        "WUFU_DATABASE_OWNER_URL": engines.owner_url,
        "WUFU_NATS_URL": engines.nats_url,
        "WUFU_NATS_WEBSOCKET_URL": engines.websocket_url,
        "WUFU_NATS_ACCOUNT_SEED": engines.account_seed,
    }


async def serve() -> None:
    """Serve until the parent is gone."""
    parent = await Parent.meet()
    task = msgspec.json.decode(await parent.task(), type=Serve)
    async with (
        Engines.start(Path(), tell=log.warning) as engines,
        running(engines, chance=Chance.seeded(task.seed), with_jobs=task.with_jobs),
    ):
        await parent.ready()
        await parent.gone()
