"""Group commit: gather requests for one verb, run one transaction, answer all.

A durable commit costs a flush to disk whatever it holds, so a hundred requests
in one transaction cost about what one does. The first request of a quiet verb
waits `GATHER_SECONDS` for company; under load the next batch gathers while the
previous one commits, and batches grow by themselves: a second lane opens only for
`ENOUGH` requests, or when the first has kept them waiting for `BUSY_SECONDS`.

A single HTTP call is a batch of one through this same door.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from wufu.core.refusals import Refusal, ServerBusy
from wufu.db import Database, DatabaseAway, Tx

Request = TypeVar("Request")
Answer = TypeVar("Answer")

Done = Callable[[Answer | Refusal], None]
"""Called once with the answer of a request."""

log = logging.getLogger("wufu.edge")

GATHER_SECONDS = 0.002
BUSY_SECONDS = 0.02
ENOUGH = 500
MOST_IN_BATCH = 2_000
MOST_WAITING = 100_000
LANES = 2
"""Batches of one verb in flight: one commits while the next one computes."""


class ServerError(Refusal):
    """Our own bug stopped this request; it was logged, and nothing was done."""

    code = "server_error"
    status = 500


class Batcher(Generic[Request, Answer]):
    """The gathering place of one verb."""

    def __init__(
        self,
        database: Database,
        name: str,
        verb: Callable[[Tx, Sequence[Request]], Awaitable[Sequence[Answer | Refusal]]],
        lanes: int = LANES,
    ) -> None:
        self._database = database
        self._name = name
        self._verb = verb
        self._lanes = lanes
        self._waiting: deque[tuple[Request, Done[Answer]]] = deque()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, request: Request) -> Answer | Refusal:
        """Ask for one request and wait for its answer."""
        answered: asyncio.Future[Answer | Refusal] = asyncio.get_running_loop().create_future()

        def done(answer: Answer | Refusal) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.submit(request, done)
        return await answered

    def submit(self, request: Request, done: Done[Answer]) -> None:
        """Put a request in the next batch; `done` is called with its answer."""
        if len(self._waiting) >= MOST_WAITING:
            done(ServerBusy())
            return
        self._waiting.append((request, done))
        room = len(self._in_flight) < self._lanes
        if room and (self._timer is None or len(self._waiting) == ENOUGH):
            self._arrange()

    async def drain(self) -> None:
        """Wait until everything submitted so far is answered."""
        while self._waiting or self._in_flight:
            await asyncio.sleep(GATHER_SECONDS)

    def _arrange(self) -> None:
        """Let what waits set out in its time: many at once, few with some company."""
        if self._timer is not None:
            self._timer.cancel()
        seconds = BUSY_SECONDS if self._in_flight else GATHER_SECONDS
        if len(self._waiting) >= ENOUGH:
            seconds = 0.0  # after what else comes in this turn of the loop
        self._timer = asyncio.get_running_loop().call_later(seconds, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting or len(self._in_flight) >= self._lanes:
            return
        count = min(len(self._waiting), MOST_IN_BATCH)
        batch = [self._waiting.popleft() for _ in range(count)]
        task = asyncio.create_task(self._run(batch), name=f"batch of {self._name}")
        self._in_flight.add(task)
        task.add_done_callback(self._landed)
        if self._waiting and len(self._in_flight) < self._lanes:
            self._arrange()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("answering a batch of %s failed", self._name, exc_info=task.exception())
        self._flush()

    async def _run(self, batch: Sequence[tuple[Request, Done[Answer]]]) -> None:
        answers = await self._answers([request for request, _ in batch])
        for (_, done), answer in zip(batch, answers, strict=True):
            try:
                done(answer)
            except Exception:
                # Whoever asked is gone; the others still wait for their answers.
                log.exception("an answer of %s could not be given", self._name)

    async def _answers(self, requests: Sequence[Request]) -> Sequence[Answer | Refusal]:
        async def work(tx: Tx) -> Sequence[Answer | Refusal]:
            answers = await self._verb(tx, requests)
            assert len(answers) == len(requests), self._name
            return answers

        alone: Refusal = ServerError()
        try:
            return await self._database.run(work, actor=f"edge/{self._name}")
        except DatabaseAway:
            return [ServerBusy()] * len(requests)
        except Refusal as refusal:
            alone = refusal
        except Exception:
            log.exception("%s failed for a batch of %d", self._name, len(requests))
        if len(requests) == 1:
            return [alone]
        # One request hit a bug of ours; its neighbours must not pay for it. Halving finds it soon.
        half = len(requests) // 2
        return [*await self._answers(requests[:half]), *await self._answers(requests[half:])]
