"""Secrets over HTTP: keys, the mode of a conversation, and the sealed bytes themselves, in and out."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from wufu.chat.model import direct_id
from wufu.chat.secret import devices, store, verbs
from wufu.chat.secret.model import (
    MOST_BYTES,
    MOST_READERS,
    TIMERS,
    UNREAD_FOR,
    SecretGone,
    check_timer,
    for_device,
    keyed_digest,
    read_frame,
)
from wufu.chat.store import conversations
from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.core.refusals import MalformedBody, NotSignedIn, Refusal, UnknownPerson
from wufu.db import Connection, Tx
from wufu.edge import Door, read_upload
from wufu.objects import ObjectStore, look, stage
from wufu.people import see_people, see_session
from wufu.ties import are_friends

T = TypeVar("T")
BINARY = "application/octet-stream"
MOST_HEAD = 128 << 10
"""What may stand before the ciphertext: a thousand wraps."""


class DeviceBody(BaseModel):
    model_config = ConfigDict(strict=True)
    device: str
    key: str


class ModeBody(BaseModel):
    model_config = ConfigDict(strict=True)
    conversation: str
    timer_seconds: int | None


def router(door: Door, objects: ObjectStore) -> APIRouter:
    """The routes of secrets, under `/api`."""
    routes = APIRouter(tags=["secrets"])
    _keys(routes, door)
    _modes(routes, door)
    _messages(routes, door, objects)
    return routes


async def session_of(door: Door, connection: Connection, request: Request) -> UUID:
    """The session that asks: a device. Refusal not_signed_in."""
    session = await see_session(connection, door.token(request) or "", door.database.clock())
    if session is None:
        raise NotSignedIn()
    return session.id


async def _run(door: Door, person: PersonId, work: Callable[[Tx], Awaitable[T]]) -> T:
    return await door.database.run(work, actor=f"person/{person}")


def _keys(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/secrets/device")
    async def register(body: DeviceBody, request: Request, person: Me) -> Response:
        """This device's public key."""
        device = _uuid(body.device)
        async with door.database.borrow() as connection:
            session = await session_of(door, connection, request)
        return _json(
            await _run(
                door, person, lambda tx: devices.register_device(tx, person, session, device, body.key)
            )
        )

    @routes.get("/secrets/keys")
    async def keys(conversation: UUID, person: Me) -> Response:
        """The keys of everybody in a conversation."""
        async with door.database.read() as connection:
            found = await devices.see_keys(
                connection, person, ConversationId(conversation), door.database.clock()
            )
        return _json({"keys": found})

    @routes.get("/secrets/keys/of/{other}")
    async def keys_of(other: int, person: Me) -> Response:
        """The keys of the two of us, for the safety number; of friends, and of who is in our conversation."""
        async with door.database.read() as connection:
            if not await _may_know(connection, person, PersonId(other)):
                raise UnknownPerson(person=other)
            pair = sorted({person, PersonId(other)})
            return _json({"keys": await devices.keys_of(connection, pair, door.database.clock())})


async def _may_know(connection: Connection, person: PersonId, other: PersonId) -> bool:
    if other == person:
        return True
    if not await see_people(connection, [other]):
        return False
    if await are_friends(connection, [(person, other)]):
        return True
    return bool(await conversations.members(connection, [(direct_id(person, other), person)]))


def _modes(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/secrets/policy")
    async def policy(_: Me) -> Response:
        """What this installation promises."""
        async with door.database.read() as connection:
            return _json(await _policy(connection))

    @routes.get("/secrets/modes")
    async def modes(person: Me) -> Response:
        """The conversations in which the mode is on."""
        async with door.database.read() as connection:
            found = await store.modes_of(connection, person)
            policy = await _policy(connection)
        return _json({"modes": [dict(row.items()) for row in found], "policy": policy})

    @routes.post("/secrets/mode")
    async def mode(body: ModeBody, person: Me) -> Response:
        """Switch the mode of a conversation on or off."""
        conversation = ConversationId(_uuid(body.conversation))
        await _run(door, person, lambda tx: verbs.set_mode(tx, person, conversation, body.timer_seconds))
        return _json({"conversation": conversation, "timer_seconds": body.timer_seconds})


async def _policy(connection: Connection) -> dict[str, object]:
    return {
        "retention_seconds": await store.retention(connection),
        "unread_seconds": int(UNREAD_FOR.total_seconds()),
        "timers": list(TIMERS),
        "most_bytes": MOST_BYTES,
        "most_readers": MOST_READERS,
    }


def _messages(routes: APIRouter, door: Door, objects: ObjectStore) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/upload/secrets/{message}")
    async def send(
        message: UUID,
        request: Request,
        person: Me,
        conversation: UUID,
        timer_seconds: int,
        reply_to: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    ) -> Response:
        """Send a sealed message: its bytes become one object, its number a message of the conversation."""
        check_timer(timer_seconds)
        async with door.database.borrow() as connection:
            session = await session_of(door, connection, request)
        data = await read_upload(request, MOST_BYTES + MOST_HEAD)
        sealed, _ = read_frame(data)
        staged = await stage(objects, data, BINARY, now=door.database.clock(), sealed=True)
        asked = verbs.SendSecret(
            person,
            session,
            ConversationId(conversation),
            MessageId(message),
            timer_seconds,
            reply_to,
            sealed,
            staged,
            keyed_digest(message, data),
        )
        try:
            sent, kept = await _run(door, person, lambda tx: verbs.send_secret(tx, asked))
        except Refusal:
            await objects.erase(staged.id)  # nobody will ever own it; the sweep would take an hour
            raise
        if not kept:
            await objects.erase(staged.id)
        return _json(sent)

    @routes.get("/secrets/message/{message}")
    async def fetch(message: UUID, request: Request, person: Me, conversation: UUID) -> Response:
        """The sealed bytes, with the wrap for this device and no other."""
        id_ = (ConversationId(conversation), MessageId(message))
        now = door.database.clock()
        async with door.database.read() as connection:
            device = await devices.device_of(connection, person, await session_of(door, connection, request))
            object_ = await verbs.see_secret_object(connection, person, id_, now)
            shelved = await look(connection, object_, now)
        if shelved is None:
            raise SecretGone()
        try:
            stored = await objects.read(shelved)
        except Refusal as refusal:
            if refusal.code == "object_gone":  # burnt while we looked
                raise SecretGone() from refusal
            raise
        return Response(for_device(stored.content, device), media_type=BINARY)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise MalformedBody(where="$", why=f"not a UUID: {text[:40]!a}") from None


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
