"""The pool, and the one way to run a transaction.

`Database.run` opens, runs the verb, writes what it announced to the outbox,
commits, wakes the relay and passes on what was said. When the database asks for another try
(serialisation, deadlock, or two requests racing for one id) the whole
transaction runs again from the start: verbs keep nothing outside `Tx`.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import asyncpg
import msgspec

from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.db import outbox
from wufu.db.errors import LOST, RETRIED
from wufu.db.tx import Connection, Said, Tx

T = TypeVar("T")
Hearer = Callable[[Sequence[Said]], Awaitable[None]]
log = logging.getLogger("wufu.db")

TRIES = 8


class DatabaseAway(Exception):
    """The database could not be reached for the whole of the waiting time."""


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def prepare_connection(connection: asyncpg.Connection) -> None:
    """Every connection speaks JSON with Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_encode, decoder=msgspec.json.decode
        )


async def _leave_as_it_is(_: asyncpg.Connection) -> None:
    """What the pool does before it lends a connection again, after rolling back what was left open.

    Nothing: we set nothing and lock nothing for longer than a transaction, and forgetting what was never said
    would cost every transaction one more round trip.
    """


class Database:
    """A pool of connections to one database, and the clock and chance its verbs use."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        clock: Callable[[], datetime] = utc_now,
        chance: Chance | None = None,
    ) -> None:
        self.pool = pool
        self.clock = clock
        self.chance = chance or Chance.system()
        self.announced = asyncio.Event()
        """Set after a commit that announced something; the relay waits for it."""
        self.hearers: list[Hearer] = []
        """Who hears what transactions said, right after each commit."""

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        url: str,
        *,
        connections: int = 12,
        clock: Callable[[], datetime] = utc_now,
        chance: Chance | None = None,
    ) -> AsyncIterator["Database"]:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            init=prepare_connection,
            # Plans for batches are all alike; keeping statements prepared is what makes them cheap.
            statement_cache_size=500,
            max_inactive_connection_lifetime=300,
            reset=_leave_as_it_is,
        )
        try:
            yield cls(pool, clock=clock, chance=chance)
        finally:
            await _close(pool)

    async def run(
        self,
        work: Callable[[Tx], Awaitable[T]],
        *,
        actor: str,
        now: datetime | None = None,
        wait_seconds: float = 20.0,
    ) -> T:
        """Run `work` in one transaction and commit it; refusals raised by it roll back.

        Tries again when the database asks for it, and while it is away (it may be
        restarting) for at most `wait_seconds`. Raises `DatabaseAway` after that.
        """
        races, waited = 0, 0.0
        while True:
            try:
                return await self._run_once(work, actor, now)
            except RETRIED:
                races += 1
                if races == TRIES:
                    raise
                # Desynchronise the two that met; the wait has no meaning beyond that.
                await asyncio.sleep(random.uniform(0, 0.005 * 2**races))
            except LOST as error:
                if isinstance(error, ValueError):  # a wrong argument, not a lost server
                    raise
                if waited >= wait_seconds:
                    raise DatabaseAway(str(error)) from error
                log.warning("the database is away (%s); trying again", type(error).__name__)
                await asyncio.sleep(0.25)
                waited += 0.25

    async def _run_once(self, work: Callable[[Tx], Awaitable[T]], actor: str, now: datetime | None) -> T:
        async with self.pool.acquire() as connection, connection.transaction():
            tx = Tx(connection, actor, now or self.clock(), self.chance)
            answer = await work(tx)
            if tx.announced:
                await outbox.put(connection, tx.announced, tx.now)
        if tx.announced:
            self.announced.set()
        if tx.said:
            await self._say(tx.said)
        return answer

    async def _say(self, said: Sequence[Said]) -> None:
        for hearer in self.hearers:
            try:
                await hearer(said)
            except Exception:
                # The change is committed; whoever did not hear of it asks for it by its number.
                log.exception("what a transaction said could not be passed on")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A read-only connection whose statements all see the same instant. Raises `DatabaseAway`."""
        async with (
            self.borrow() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        """A connection for single statements, outside any transaction. Raises `DatabaseAway`."""
        try:
            async with self.pool.acquire() as connection:
                yield connection
        except LOST as error:
            if isinstance(error, ValueError):
                raise
            raise DatabaseAway(str(error)) from error


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), timeout=5)
    except TimeoutError:
        pool.terminate()
