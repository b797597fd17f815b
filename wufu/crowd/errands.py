"""What people of the demo's town share: things they do beside each other, and a purse for the day."""

import asyncio
import logging
from collections.abc import Awaitable

from wufu.core.clock import utc_now
from wufu.core.ids import PersonId, person_holder
from wufu.crowd.line import NoAnswer
from wufu.crowd.world import give_pin
from wufu.db import Database, Tx
from wufu.ledger import named_group
from wufu.wallet import fund

log = logging.getLogger("wufu.errands")

PURSE_MINOR = 200_00


class Errands:
    """What is being done; one that fails is logged and stops nobody else."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Awaitable[object]) -> None:
        """Do something without waiting for it."""

        async def safely() -> None:
            try:
                await work
            except NoAnswer as error:
                log.warning("no answer: %s", error)
            except Exception:
                log.exception("somebody in the town stumbled")

        task = asyncio.create_task(safely())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """Whatever is not done yet is not done."""
        for task in self._tasks:
            task.cancel()


class Purses:
    """A PIN and some money for whoever spends on a day, from the sandbox bank."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ready: set[PersonId] = set()

    async def equip(self, person: PersonId) -> None:
        """Before somebody's first payment; once a day."""
        if person in self._ready:
            return
        await give_pin(self._database, person)
        purse = named_group("demo", "purse", str(person), utc_now().date().isoformat())

        async def pay_in(tx: Tx) -> None:
            await fund(tx, person_holder(person), PURSE_MINOR, purse)

        await self._database.run(pay_in, actor="system/demo")
        self._ready.add(person)
