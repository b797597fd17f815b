"""Previews over HTTP: of a link in a message that the asker may see."""

import asyncio
import os
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Response

from wufu.chat.previews.fetch import fetch_preview
from wufu.chat.previews.model import NoPreview, Preview, PreviewsOff, TooManyPreviews
from wufu.chat.verbs.common import see_message_for
from wufu.core.ids import ConversationId, PersonId
from wufu.edge import Door

SWITCH = "WUFU_LINK_PREVIEWS"
A_MINUTE = 20
AT_ONCE = 8
KEPT, KEPT_FOR = 500, timedelta(minutes=10)

Fetch = Callable[[str], Awaitable[Preview]]


class Desk:
    """Fetches each address once for everybody, a few at a time, so many a minute for a person."""

    def __init__(self, clock: Callable[[], datetime], fetch: Fetch) -> None:
        self._clock = clock
        self._fetch = fetch
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._kept: OrderedDict[str, tuple[datetime, Preview | None]] = OrderedDict()
        self._asked: dict[PersonId, deque[datetime]] = {}

    async def preview(self, person: PersonId, url: str) -> Preview:
        """Refusals no_preview, too_many_previews."""
        now = self._clock()
        kept = self._kept.get(url)
        if kept is None or now - kept[0] > KEPT_FOR:
            self._count(person, now)
            async with self._gate:
                kept = (now, await self._try(url))
            self._kept[url] = kept
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if kept[1] is None:
            raise NoPreview(why="answer")
        return kept[1]

    async def _try(self, url: str) -> Preview | None:
        try:
            return await self._fetch(url)
        except NoPreview:
            return None

    def _count(self, person: PersonId, now: datetime) -> None:
        lately = self._asked.setdefault(person, deque())
        while lately and now - lately[0] > timedelta(minutes=1):
            lately.popleft()
        if len(lately) >= A_MINUTE:
            raise TooManyPreviews()
        lately.append(now)
        if len(self._asked) > KEPT * 20:
            self._asked.clear()


def router(door: Door, fetch: Fetch = fetch_preview) -> APIRouter:
    """`/api/chat/…/preview/{place}`, and whether this installation has previews at all."""
    routes = APIRouter(prefix="/chat", tags=["chat"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    desk = Desk(door.database.clock, fetch)

    @routes.get("/previews")
    async def possible(person: Me) -> Response:
        """Whether the installation fetches previews for those who want them."""
        return _json({"possible": _is_on()})

    @routes.get("/conversations/{conversation}/messages/{number}/preview/{place}")
    async def preview(
        conversation: UUID,
        number: Annotated[int, Path(ge=1, le=2**62)],
        place: Annotated[int, Path(ge=0, le=19)],
        person: Me,
    ) -> Response:
        """What the page behind a message's link says of itself."""
        if not _is_on():
            raise PreviewsOff()
        async with door.database.read() as connection:
            message = await see_message_for(connection, person, ConversationId(conversation), number)
        links = message.body.get("links")
        if not isinstance(links, list) or place >= len(links):
            raise NoPreview(why="address")
        return _json(await desk.preview(person, str(links[place]["url"])))

    return routes


def _is_on() -> bool:
    return os.environ.get(SWITCH, "").lower() in {"on", "1", "true", "yes"}


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
