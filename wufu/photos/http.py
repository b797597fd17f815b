"""Photo packets over HTTP: posting, seeing, and the one road to the clear picture.

The clear picture leaves the server at one place, `/photos/clear/<ticket>`: for a signed-in person whose
own the ticket is, after asking once more whether they may, and with their mark in it.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from wufu.core.ids import ConversationId, PersonId
from wufu.db import Tx
from wufu.edge import Door, read_upload
from wufu.objects import (
    LARGEST_PICTURE,
    MOST_PIXELS,
    ObjectGone,
    ObjectStore,
    Workshop,
    content_headers,
    download,
    fetch,
    look,
)
from wufu.photos import blur, mark
from wufu.photos.model import (
    LONGEST_COMMENT,
    LONGEST_MESSAGE,
    TICKET_LIVES,
    Audience,
    Credit,
    Detail,
    PostPhoto,
    check_detail,
)
from wufu.photos.refusals import BadPhoto, BadTicket, PhotoGone
from wufu.photos.tickets import make_link, make_ticket, read_link, read_ticket
from wufu.photos.verbs import posting, seeing

JPEG = posting.JPEG
Amount = Annotated[int, Query(ge=1, lt=1 << 53)]
Place = Annotated[int | None, Query(ge=0, le=1000)]


class LinkBody(BaseModel):
    token: str


def router(door: Door, objects: ObjectStore, workshop: Workshop) -> APIRouter:
    """Every route of photo packets, under `/api`."""
    routes = APIRouter(tags=["photos"])
    _post(routes, door, objects, workshop)
    _clear(routes, door, objects, workshop)
    _see(routes, door, objects)
    return routes


def _detail(x: int | None, y: int | None, width: int | None, height: int | None) -> Detail | None:
    """The detail a request asks for. Refusal bad_photo when only some of its numbers are there."""
    if x is None or y is None or width is None or height is None:
        if any(number is not None for number in (x, y, width, height)):
            raise BadPhoto(field="detail")
        return None
    detail = Detail(x, y, width, height)
    check_detail(detail)
    return detail


def _post(routes: APIRouter, door: Door, objects: ObjectStore, workshop: Workshop) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/upload/photo-preview")
    async def preview(
        request: Request,
        person: Me,
        x: Place = None,
        y: Place = None,
        width: Place = None,
        height: Place = None,
    ) -> Response:
        """What others would see of a picture; nothing is kept."""
        detail = _detail(x, y, width, height)
        content = await read_upload(request, LARGEST_PICTURE)
        made = await workshop.do(blur.Developed, blur.preview, content, detail)
        return _json(
            {
                "blur": blur.data_url("image/webp", made.blur),
                "detail": None if made.detail is None else blur.data_url(JPEG, made.detail),
                "width": made.width,
                "height": made.height,
            }
        )

    @routes.post("/upload/photo")
    async def post(
        request: Request,
        person: Me,
        id: UUID,  # noqa: A002
        least_minor: Amount,
        most_minor: Amount,
        audience: Audience,
        conversation: UUID | None = None,
        message: Annotated[str, Query(max_length=400)] = "",
        credit: Credit = "now",
        visible_mark: bool = False,
        x: Place = None,
        y: Place = None,
        width: Place = None,
        height: Place = None,
    ) -> Response:
        """Post a photo; the body is the picture."""
        room = None if conversation is None else ConversationId(conversation)
        asked = PostPhoto(
            person,
            id,
            least_minor,
            most_minor,
            audience,
            room,
            message,
            credit,
            visible_mark,
            _detail(x, y, width, height),
        )
        content = await read_upload(request, LARGEST_PICTURE)
        photo = await posting.post_upload(door.database, objects, workshop, asked, content)
        async with door.database.read() as connection:
            [shown] = await seeing.view_photos(connection, person, [photo], door.database.clock())
        answer: dict[str, object] = {"photo": shown}
        if audience == "link":
            answer["link"] = {"token": make_link(objects.key_for("photo links"), photo.id)}
        return _json(answer)


def _clear(routes: APIRouter, door: Door, objects: ObjectStore, workshop: Workshop) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    ticket_key, mark_key = objects.key_for("photo tickets"), objects.key_for("photo marks")

    @routes.get("/photos/clear/{ticket}")
    async def clear(ticket: str, person: Me) -> Response:
        """The clear picture with the viewer's mark, to whom the ticket is for."""
        read = read_ticket(ticket_key, ticket, door.database.clock())
        if read is None or read[1] != person:
            raise BadTicket()

        async def work(tx: Tx) -> seeing.ClearView:
            return await seeing.show_clear(tx, person, read[0])

        shown = await door.database.run(work, actor=f"person/{person}")
        try:
            async with door.database.read() as connection:
                stored = await fetch(connection, objects, shown.clear, door.database.clock())
        except ObjectGone as gone:
            raise PhotoGone() from gone
        marked = mark.payload(mark_key, shown.photo, person)
        picture = await workshop.do(bytes, mark.show_marked, stored.content, marked, shown.words)
        return Response(picture, media_type=JPEG, headers=content_headers(JPEG))

    @routes.get("/photos/{id}/clear")
    async def clear_address(id: UUID, person: Me) -> Response:  # noqa: A002
        """Where the clear picture is for the next minute, for this person only."""
        now = door.database.clock()
        async with door.database.read() as connection:
            await seeing.check_clear(connection, person, id, now)
        until = now + TICKET_LIVES
        ticket = make_ticket(ticket_key, id, person, until)
        return _json({"url": f"/api/photos/clear/{ticket}", "expires_at": until})


def _see(routes: APIRouter, door: Door, objects: ObjectStore) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    clock = door.database.clock

    @routes.get("/photos")
    async def feed(person: Me, before: AwareDatetime | None = None) -> Response:
        """A page of photos, the newest first."""
        async with door.database.read() as connection:
            return _json(await seeing.see_feed(connection, person, before, clock()))

    @routes.get("/photos/settings")
    async def settings(person: Me) -> Response:
        """What one may post and pay today."""
        async with door.database.read() as connection:
            allowance = await seeing.see_allowance(connection, person, clock())
        fixed = {
            "largest_bytes": LARGEST_PICTURE,
            "most_pixels": MOST_PIXELS,
            "message_length": LONGEST_MESSAGE,
            "comment_length": LONGEST_COMMENT,
        }
        return _json({**msgspec.structs.asdict(allowance), **fixed})

    @routes.post("/photos/open-link")
    async def open_link(body: LinkBody, person: Me) -> Response:
        """Be let in to a post by its link."""
        id_ = read_link(objects.key_for("photo links"), body.token)
        if id_ is None:
            raise PhotoGone()

        async def work(tx: Tx) -> seeing.PhotoView:
            return await seeing.open_link(tx, person, id_)

        return _json({"photo": await door.database.run(work, actor=f"person/{person}")})

    @routes.get("/photos/{id}")
    async def photo(id: UUID, person: Me) -> Response:  # noqa: A002
        """One post."""
        async with door.database.read() as connection:
            return _json(await seeing.see_photo(connection, person, id, clock()))

    @routes.get("/photos/{id}/detail")
    async def detail(id: UUID, person: Me, request: Request) -> Response:  # noqa: A002
        """The part of the picture that its author chose to show."""
        async with door.database.read() as connection:
            shown = await seeing.see_detail(connection, person, id, clock())
            shelved = await look(connection, shown, clock())
        if shelved is None:
            raise PhotoGone()
        return await download(objects, shelved, request)

    @routes.get("/photos/{id}/proof")
    async def proof(id: UUID, person: Me) -> Response:  # noqa: A002
        """How the amounts were drawn, once the photo has ended: a file for `wufu verify`."""
        async with door.database.read() as connection:
            return _json(await seeing.see_proof(connection, person, id))


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
