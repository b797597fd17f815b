"""Media over HTTP: up under `/api/upload/media/`, down under `/api/media/`.

An upload is held in memory while it is judged, so only some run at a time, few of one person. Pictures are
decoded in the workshop, a process of its own that may break.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from wufu.chat.media import verbs
from wufu.chat.media.model import (
    MOST_BYTES,
    Kind,
    Media,
    MediaUnreadable,
    Prepared,
    TooManyUploads,
    clean_file_name,
    prepare,
    view_of,
)
from wufu.core.chance import sha256
from wufu.core.ids import PersonId
from wufu.core.refusals import ServerBusy
from wufu.edge import Door, read_upload
from wufu.objects import ObjectGone, ObjectId, ObjectStore, Workshop, download, look, stage

AT_ONCE, AT_ONCE_OF_ONE, MOST_WAITING = 8, 4, 64


class Gate:
    """Lets a few uploads in at a time, fewer of one person, and sends the rest away."""

    def __init__(self) -> None:
        self._open = asyncio.Semaphore(AT_ONCE)
        self._of: Counter[PersonId] = Counter()

    @asynccontextmanager
    async def turn(self, person: PersonId) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Refusals too_many_uploads, server_busy."""
        if self._of[person] >= AT_ONCE_OF_ONE:
            raise TooManyUploads(most=AT_ONCE_OF_ONE)
        if self._of.total() >= MOST_WAITING:
            raise ServerBusy()
        self._of[person] += 1
        try:
            async with self._open:
                yield
        finally:
            self._of[person] -= 1
            if not self._of[person]:
                del self._of[person]


def router(door: Door, objects: ObjectStore, workshop: Workshop) -> APIRouter:
    """The routes of media, under `/api`."""
    routes = APIRouter(tags=["media"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    gate = Gate()

    @routes.post("/upload/media/{media}")
    async def upload(
        media: UUID,
        person: Me,
        request: Request,
        kind: Kind,
        name: Annotated[str, Query(max_length=1000)] = "",
    ) -> Response:
        """Take raw bytes in; the same id and bytes again are the same upload."""
        async with gate.turn(person):
            data = await read_upload(request, MOST_BYTES[kind])
            if not data:
                raise MediaUnreadable(why="empty")
            return _json(view_of(await take_in(door, objects, workshop, person, media, kind, name, data)))

    @routes.get("/media/{media}")
    async def content(media: UUID, person: Me, request: Request) -> Response:
        """The bytes, whole or a range of them; files as a download."""
        known = await _see(door, person, media)
        return await _give(door, objects, known.content, request, known.name or None)

    @routes.get("/media/{media}/thumb")
    async def thumb(media: UUID, person: Me, request: Request) -> Response:
        """A small JPEG of a picture."""
        known = await _see(door, person, media)
        if known.thumb is None:
            raise ObjectGone(id=str(media))
        return await _give(door, objects, known.thumb, request, None)

    return routes


async def take_in(
    door: Door,
    objects: ObjectStore,
    workshop: Workshop,
    person: PersonId,
    media: UUID,
    kind: Kind,
    name: str,
    data: bytes,
) -> Media:
    """Judge, store and keep one upload."""
    digest = sha256(data)
    async with door.database.borrow() as connection:
        known = await verbs.see_repeat(connection, person, media, kind, digest)
    if known is not None:
        return known
    shown = clean_file_name(name) if kind == "file" else ""
    if kind == "picture":
        prepared = await workshop.do(Prepared, prepare, kind, data, shown)
    else:
        prepared = await asyncio.to_thread(prepare, kind, data, shown)
    now = door.database.clock()
    content = await stage(objects, prepared.content, prepared.media_type, now=now)
    thumb = None
    if prepared.thumb is not None:
        thumb = await stage(objects, prepared.thumb, "image/jpeg", now=now)
    its = verbs.Upload(person, media, kind, shown, digest, prepared, content, thumb)
    return await door.database.run(partial(verbs.keep_upload, upload=its), actor=f"person/{person}")


async def _see(door: Door, person: PersonId, media: UUID) -> Media:
    async with door.database.read() as connection:
        return await verbs.see_media(connection, person, media)


async def _give(
    door: Door, objects: ObjectStore, object_: UUID, request: Request, name: str | None
) -> Response:
    async with door.database.borrow() as connection:
        shelved = await look(connection, ObjectId(object_), door.database.clock())
    if shelved is None:
        raise ObjectGone(id=str(object_))
    return await download(objects, shelved, request, name=name)


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
