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
from wufu.core.refusals import BodyTooLarge, MalformedBody, Refusal, ServerBusy
from wufu.db import Database, DatabaseAway, Tx
from wufu.edge.batch import LANES, Batcher, ServerError
from wufu.edge.bodies import read_json

log = logging.getLogger("wufu.edge")

LARGEST_BODY = 16 * 1024


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
    """Every live verb with its batcher."""

    def __init__(self, database: Database, verbs: Sequence[LiveVerb]) -> None:
        self._database = database
        self._verbs: Mapping[str, tuple[LiveVerb, Batcher[Any, Any]]] = {
            verb.name: (verb, Batcher(database, verb.name, verb.verb, verb.lanes)) for verb in verbs
        }
        assert len(self._verbs) == len(verbs), "two verbs of one name"

    async def submit(
        self,
        person: PersonId,
        name: str,
        body: bytes,
        done: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Decode, guard and batch one request; `done` gets its answer or refusal."""
        try:
            verb, batcher = self._verbs[name]
        except KeyError:
            await done(UnknownVerb(verb=name[:40]))
            return
        try:
            request = decode(verb.request, person, body)
        except Refusal as refusal:
            await done(refusal)
            return
        if verb.guard is not None and (refused := await self._guarded(verb, request)) is not None:
            await done(refused)
            return
        await batcher.submit(request, done)

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

        async def done(answer: Any) -> None:
            if not answered.done():  # whoever asked may have gone away meanwhile
                answered.set_result(answer)

        await self.submit(person, name, body, done)
        return await answered

    async def drain(self) -> None:
        for _, batcher in self._verbs.values():
            await batcher.drain()

    def is_guarded(self, name: str) -> bool:
        """Whether the verb does slow work before batching."""
        return name in self._verbs and self._verbs[name][0].guard is not None


def decode(request: type[Any], person: PersonId, body: bytes) -> Any:
    """A request of the given type from a JSON object, with the caller as `person`."""
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge(bytes=len(body), most=LARGEST_BODY)
    fields = read_json(body)
    if not isinstance(fields, dict):
        raise MalformedBody(where="$", why="Expected an object")
    # A misspelt optional field would silently mean something else; who asks is not for the body to say.
    unknown = fields.keys() - (set(request.__struct_encode_fields__) - {"person"})
    if unknown:
        raise MalformedBody(where="$", why=f"Unknown field {ascii(min(unknown))[:100]}")
    fields["person"] = person
    try:
        return msgspec.convert(fields, request)
    except msgspec.ValidationError as error:
        why, _, where = str(error).partition(" - at `")
        raise MalformedBody(where=where.rstrip("`") or "$", why=why[:200]) from error


def render(answer: object) -> bytes:
    """The one rendering of an answer on the wire: `{"ok": …}` or `{"refusal": …}`."""
    if isinstance(answer, Refusal):
        return msgspec.json.encode({"refusal": {"code": answer.code, "facts": answer.facts}})
    return msgspec.json.encode({"ok": answer})
