"""Verbs at the edge: one table, two doors.

A domain lists its hot verbs in `live.py`. Each is decoded, guarded and batched
the same way, whether it came over NATS or HTTP.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal, ServerBusy
from wufu.db import Database, DatabaseAway, Tx
from wufu.edge.batch import LANES, Batcher, Done, ServerError
from wufu.edge.bodies import BodyReader

log = logging.getLogger("wufu.edge")


class UnknownVerb(Refusal):
    code = "unknown_verb"
    status = 404


@dataclass(frozen=True, slots=True)
class LiveVerb:
    """A verb people may ask for.

    `request` is a frozen msgspec.Struct whose field `person` is set by the edge
    from the caller's proven identity, never from the body. `guard` is awaited
    before batching, outside any batch's transaction (a PIN costs 50 ms). With one of `lanes`,
    requests take effect in the order in which they came.
    """

    name: str
    request: type[Any]
    verb: Callable[[Tx, Sequence[Any]], Awaitable[Sequence[Any]]]
    guard: Callable[[Database, Any], Awaitable[Refusal | None]] | None = None
    lanes: int = LANES


class VerbTable:
    """Every live verb with the reader of its bodies and its batcher."""

    def __init__(self, database: Database, verbs: Sequence[LiveVerb]) -> None:
        self._database = database
        self._verbs: Mapping[str, tuple[LiveVerb, BodyReader, Batcher[Any, Any]]] = {
            verb.name: (
                verb,
                BodyReader(verb.request),
                Batcher(database, verb.name, verb.verb, verb.lanes),
            )
            for verb in verbs
        }
        assert len(self._verbs) == len(verbs), "two verbs of one name"
        self._guarding: set[asyncio.Task[None]] = set()

    def submit(self, person: PersonId, name: str, body: bytes, done: Done[Any]) -> None:
        """Decode, guard and batch one request; `done` is called with its answer or refusal."""
        found = self._verbs.get(name)
        if found is None:
            done(UnknownVerb(verb=name[:40]))
            return
        verb, reader, batcher = found
        try:
            request = reader.read(person, body)
        except Refusal as refusal:
            done(refusal)
            return
        if verb.guard is None:
            batcher.submit(request, done)
        else:
            # A guard is slow; the next request must not wait for it.
            task = asyncio.create_task(self._submit_guarded(verb, batcher, request, done))
            self._guarding.add(task)
            task.add_done_callback(self._guarding.discard)

    async def _submit_guarded(
        self, verb: LiveVerb, batcher: Batcher[Any, Any], request: Any, done: Done[Any]
    ) -> None:
        refused = await self._guarded(verb, request)
        if refused is None:
            batcher.submit(request, done)
        else:
            done(refused)

    async def _guarded(self, verb: LiveVerb, request: Any) -> Refusal | None:
        assert verb.guard is not None
        try:
            return await verb.guard(self._database, request)
        except Refusal as refusal:
            return refusal
        except DatabaseAway:
            return ServerBusy()
        except Exception:
            log.exception("the guard of %s failed", verb.name)
            return ServerError()

    async def ask(self, person: PersonId, name: str, body: bytes) -> Any:
        """Ask for one verb and wait for its answer or refusal."""
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def done(answer: Any) -> None:
            if not answered.done():  # whoever asked may have gone away meanwhile
                answered.set_result(answer)

        self.submit(person, name, body, done)
        return await answered

    def without_order(self) -> list[str]:
        """The verbs whose requests need not take effect in the order in which they came."""
        return [name for name, (verb, _, _) in self._verbs.items() if verb.lanes > 1]

    async def drain(self) -> None:
        """Wait until everything submitted so far is answered."""
        await asyncio.gather(*self._guarding)
        for _, _, batcher in self._verbs.values():
            await batcher.drain()


def decode(request: type[Any], person: PersonId, body: bytes) -> Any:
    """A request of the given type from a JSON object, with the caller as `person`.

    Refusals: malformed_body, body_too_large.
    """
    return BodyReader(request).read(person, body)


def render(answer: object) -> bytes:
    """The one rendering of an answer on the wire: `{"ok": …}` or `{"refusal": …}`."""
    if isinstance(answer, Refusal):
        return msgspec.json.encode({"refusal": {"code": answer.code, "facts": answer.facts}})
    return msgspec.json.encode({"ok": answer})
