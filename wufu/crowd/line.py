"""One NATS connection on which many simulated people ask and listen, each under their own number.

A phone holds a connection of its own; a crowd of thousands on one machine shares one, with a pass that allows
every person's subjects (`mint_crowd_pass`). Nothing else differs: a request goes to `do.<person>.<verb>`, its
answer comes to `me.<person>.r.…`, facts to `me.<person>.fact`.

Requests are pipelined: a call sends all of its requests in order and then waits for all answers. What is not
answered in time is sent again with the same body, which every verb answers as it did before.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from wufu.core.chance import Chance
from wufu.core.ids import PersonId
from wufu.db.engines import Pass
from wufu.edge import connect

AGAIN_SECONDS = 4.0
"""How long an answer may take before the request is sent again."""
MOST_TRIES = 8
BUSY_SECONDS = 0.1
AT_ONCE = 10_000
"""Requests on their way at any moment; the server keeps ten times as many waiting."""


class NoAnswer(Exception):
    """The server did not answer for the whole of the waiting time."""


class Refused(msgspec.Struct, frozen=True):
    """A refusal as it arrives: its code and its facts."""

    code: str
    facts: dict[str, Any]


class Answer(msgspec.Struct, frozen=True):
    """An answer as it arrives; exactly one of the two is there."""

    ok: dict[str, Any] | None = None
    refusal: Refused | None = None


class LiveFact(msgspec.Struct, frozen=True):
    """A fact as it arrives on a person's subject; `number` counts that person's facts without holes."""

    number: int
    kind: str
    body: dict[str, Any]


class Request(NamedTuple):
    """What one person asks: a verb and its JSON body."""

    person: PersonId
    verb: str
    body: bytes


class _Call:
    """Requests that were sent together, and what is still awaited of them."""

    __slots__ = ("answers", "done", "left", "requests")

    def __init__(self, requests: Sequence[Request]) -> None:
        self.requests = requests
        self.answers: list[Answer | None] = [None] * len(requests)
        self.left = len(requests)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Line:
    """An open line; see the module's story."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        self._calls: dict[int, tuple[_Call, int]] = {}
        self._last = 0
        self._decoder = msgspec.json.Decoder(Answer)
        self._facts = msgspec.json.Decoder(LiveFact)
        self.sent_again = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, url: str, its_pass: Pass) -> AsyncIterator["Line"]:
        """Connect with a crowd's pass; the line closes when the block ends."""
        # Two lines on one server must not hear each other's answers.
        name = Chance.system().secret("line", 6).hex()
        client = await connect(url, its_pass, name="wufu crowd")
        try:
            line = cls(client, name)
            await client.subscribe(f"me.*.r.{name}.*", cb=line._answered)
            await client.flush()
            yield line
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(client.close(), timeout=3)

    async def hear(self, hears: Callable[[PersonId, LiveFact], None]) -> None:
        """Call `hears` with every fact that goes to anybody's phone from now on."""

        async def heard(message: Msg) -> None:
            hears(PersonId(int(message.subject.split(".", 2)[1])), self._facts.decode(message.data))

        await self._client.subscribe("me.*.fact", cb=heard)
        await self._client.flush()

    async def watch(self, subject: str, sees: Callable[[bytes], None]) -> None:
        """Call `sees` with what is broadcast on `all.<subject>` from now on."""

        async def heard(message: Msg) -> None:
            sees(message.data)

        await self._client.subscribe(f"all.{subject}", cb=heard)
        await self._client.flush()

    async def ask(self, person: PersonId, verb: str, body: object) -> Answer:
        """Ask for one verb and wait for its answer. Raises NoAnswer."""
        (answer,) = await self.ask_all([Request(person, verb, msgspec.json.encode(body))])
        return answer

    async def ask_all(self, requests: Sequence[Request]) -> list[Answer]:
        """Send all requests in order, and answer with all answers in order. Raises NoAnswer."""
        answers: list[Answer] = []
        for start in range(0, len(requests), AT_ONCE):
            answers += await self._ask_some(requests[start : start + AT_ONCE])
        return answers

    async def _ask_some(self, requests: Sequence[Request]) -> list[Answer]:
        call = _Call(requests)
        first = self._last + 1
        self._last += len(requests)
        numbers = range(first, first + len(requests))
        self._calls.update({number: (call, place) for place, number in enumerate(numbers)})
        try:
            await self._send(numbers)
            for _ in range(MOST_TRIES):
                await asyncio.wait([call.done], timeout=AGAIN_SECONDS)
                if call.done.done():
                    return [answer for answer in call.answers if answer is not None]
                await self._send(self._unanswered(numbers))
            raise NoAnswer(f"{call.left} of {len(requests)} requests, the first for {requests[0].verb}")
        finally:
            for number in self._unanswered(numbers):
                del self._calls[number]

    def _unanswered(self, numbers: range) -> list[int]:
        return [number for number in numbers if number in self._calls]

    async def _send(self, numbers: Sequence[int]) -> None:
        publish, name = self._client.publish, self._name
        for number in numbers:
            waiting = self._calls.get(number)
            if waiting is None:  # answered while we were sending
                continue
            call, place = waiting
            person, verb, body = call.requests[place]
            await publish(f"do.{person}.{verb}", body, reply=f"me.{person}.r.{name}.{number}")

    async def _answered(self, message: Msg) -> None:
        number = int(message.subject.rsplit(".", 1)[1])
        waiting = self._calls.get(number)
        if waiting is None:  # the answer to a request that was sent twice
            return
        answer = self._decoder.decode(message.data)
        if answer.refusal is not None and answer.refusal.code == "server_busy":
            asyncio.get_running_loop().call_later(BUSY_SECONDS, self._soon_again, number)
            return
        del self._calls[number]
        call, place = waiting
        call.answers[place] = answer
        call.left -= 1
        if not call.left and not call.done.done():
            call.done.set_result(None)

    def _soon_again(self, number: int) -> None:
        self.sent_again += 1
        task = asyncio.create_task(self._send([number]))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
