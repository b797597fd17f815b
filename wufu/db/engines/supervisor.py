"""Keep one engine running: start it, notice its death, start it again, give up in the open.

A crash is answered at once; if the engine dies again soon, the pauses grow. After `MOST_TRIES` failures in a
row it is given up, with the last lines of its log: an engine that cannot start needs a person, not a loop. An
engine that has run for `STEADY_SECONDS` has a clean record again.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

import asyncpg

from wufu.db.engines.place import EngineFailure
from wufu.db.engines.process import Child, describe_status

FIRST_PAUSE_SECONDS = 0.25  # the pause doubles with each failure; the first restart is at once
MOST_TRIES = 6
STEADY_SECONDS = 30.0
CANNOT = (EngineFailure, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Engine(Protocol):
    """What the supervisor needs to know of an engine."""

    @property
    def name(self) -> str:
        """What people are told it is called."""

    async def launch(self) -> Child:
        """Start the process."""

    async def ready(self, child: Child) -> None:
        """Return when it serves; raise EngineFailure when it ended instead."""

    async def stop(self, child: Child) -> None:
        """End the process in good order."""


class Supervised:
    """One engine under supervision, from `start` to `stop`."""

    def __init__(self, engine: Engine, tell: Callable[[str], None]) -> None:
        self._engine = engine
        self._tell = tell
        self._child: Child | None = None
        self._watch: asyncio.Task[None] | None = None
        self.given_up: asyncio.Future[EngineFailure] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int:
        """The process id of the engine that runs now, or ran last."""
        assert self._child is not None, "the engine was not started"
        return self._child.pid

    async def start(self) -> None:
        """Start the engine and begin to watch it; raises EngineFailure when it does not come up."""
        try:
            await self._bring_up()
        except CANNOT as error:
            raise EngineFailure(f"{self._engine.name} could not be started: {error}") from error
        self._watch = asyncio.create_task(self._keep_running(), name=f"watch {self._engine.name}")

    async def stop(self) -> None:
        """Stop watching, then stop the engine and wait until its process is gone."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        if self._child is not None:
            await self._engine.stop(self._child)

    async def _bring_up(self) -> None:
        self._child = child = await self._engine.launch()
        try:
            await self._engine.ready(child)
        except BaseException:
            await self._engine.stop(child)
            raise

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            assert self._child is not None
            up_since = loop.time()
            status = await self._child.ended()
            died_at = loop.time()
            failures = 0 if died_at - up_since > STEADY_SECONDS else failures
            what = f"{self._engine.name} stopped unexpectedly ({describe_status(status)})"
            problem = await self._try_again(failures, what)
            if problem is not None:
                self._tell(str(problem))
                self.given_up.set_result(problem)
                return
            self._tell(f"{what}; started again in {loop.time() - died_at:.1f} s")
            failures += 1

    async def _try_again(self, failures: int, what: str) -> EngineFailure | None:
        """Bring it up again, with growing pauses; the reason, when that cannot be done."""
        problem: Exception | None = None
        for failure in range(failures, MOST_TRIES):
            if failure:
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2 ** (failure - 1))
            try:
                await self._bring_up()
            except CANNOT as error:
                problem = error
            else:
                return None
        why = problem or "it ran for a moment each time"
        return EngineFailure(f"{what} and could not be kept running in {MOST_TRIES} tries: {why}")
