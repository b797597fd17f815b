"""The server of a headless run, in a process of its own (`python -m wufu.crowd serve`)."""

import msgspec

from wufu.core.chance import Chance
from wufu.crowd.child import Parent
from wufu.db.engines import Engines
from wufu.main import running


class Serve(msgspec.Struct, frozen=True):
    """The task: whose engines, the `seed` of every secret, and whether the clock turns campaigns."""

    addresses: dict[str, str]
    seed: int
    with_jobs: bool


async def serve() -> None:
    """Serve until the parent is gone."""
    parent = await Parent.meet()
    task = msgspec.json.decode(await parent.task(), type=Serve)
    engines = Engines.at(task.addresses)
    async with running(engines, chance=Chance.seeded(task.seed), with_jobs=task.with_jobs):
        await parent.ready()
        await parent.gone()
