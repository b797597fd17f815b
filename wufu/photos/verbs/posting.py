"""Posting a photo: what is kept, for how long, and where it is told."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from wufu.chat import ChangeCard, SendCard, change_cards, send_cards
from wufu.core.ids import MessageId, PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Connection, Database, Tx
from wufu.objects import ObjectId, ObjectStore, Staged, Workshop, keep, stage
from wufu.photos.blur import Developed, data_url, develop
from wufu.photos.model import (
    Photo,
    PostPhoto,
    Settings,
    clean_post,
    commitment_of,
    content_digest,
    credit_time,
    day_of,
    death_of,
    owner_of,
)
from wufu.photos.refusals import PhotoLimit
from wufu.photos.store import photos as store

CARD = "photo"
JPEG = "image/jpeg"
OBJECTS_OUTLIVE = timedelta(minutes=1)
"""A photo's end drops its objects; their own death stands behind it, should that ever not happen."""


class Made(msgspec.Struct, frozen=True):
    """What the workshop made of the upload, with the clear picture and the detail staged (sealed)."""

    width: int
    height: int
    blur: bytes
    clear: Staged
    detail: Staged | None


async def see_posted(connection: Connection, author: PersonId, id_: UUID, asked: bytes) -> Photo | None:
    """The photo that was posted under this id before, None if there is none. Refusal id_conflict."""
    photo = (await store.photos(connection, [id_])).get(id_)
    if photo is not None and (photo.author, photo.asked) != (author, asked):
        raise IdConflict(id=str(id_))
    return photo


async def check_limit(connection: Connection, author: PersonId, now: datetime) -> None:
    """Refusal photo_limit, before any work goes into a picture that cannot be posted."""
    settings = await store.settings(connection)
    if (await store.day_of_person(connection, author, day_of(now))).posted >= settings.posts_day:
        raise PhotoLimit(limit="posts_day", most=settings.posts_day)


async def post_upload(
    database: Database, objects: ObjectStore, workshop: Workshop, asked: PostPhoto, content: bytes
) -> Photo:
    """Post a picture as it was uploaded, or find the photo that was posted by it before.

    The picture is made and stored before the transaction; what no transaction keeps is swept away. Refusals:
    bad_photo, bad_picture, and those of `post_photo`.
    """
    async with database.read() as connection:
        request = clean_post(asked, await store.settings(connection))
        digest = content_digest(request, content)
        before = await see_posted(connection, request.person, request.id, digest)
        if before is not None:
            return before
        await check_limit(connection, request.person, database.clock())
    developed = await workshop.do(Developed, develop, content, request.detail)
    now = database.clock()
    clear = await stage(objects, developed.clear, JPEG, now=now, sealed=True)
    detail = None
    if developed.detail is not None:
        detail = await stage(objects, developed.detail, JPEG, now=now, sealed=True)
    made = Made(developed.width, developed.height, developed.blur, clear, detail)

    async def work(tx: Tx) -> Photo:
        return await post_photo(tx, request, digest, made)

    return await database.run(work, actor=f"person/{request.person}")


async def post_photo(tx: Tx, request: PostPhoto, asked: bytes, made: Made) -> Photo:
    """Post a photo. `request` was cleaned (`clean_post`), `asked` is its digest with the file.

    The same again: the same photo. Refusals: id_conflict, photo_limit, and those of sending to a
    conversation.
    """
    today = day_of(tx.now)
    days = await store.lock_days(tx.connection, [request.person], today)
    if (before := await see_posted(tx.connection, request.person, request.id, asked)) is not None:
        return before
    settings = await store.settings(tx.connection)
    day = days[request.person]
    if day.posted >= settings.posts_day:
        raise PhotoLimit(limit="posts_day", most=settings.posts_day)
    day.posted += 1
    secret = tx.chance.secret(f"photo/{request.id}/secret")
    photo = _photo(tx, request, asked, made, secret, settings)
    owner, dies_at = owner_of(photo.id), photo.dies_at + OBJECTS_OUTLIVE
    clear = await keep(tx, made.clear, owner, dies_at)
    detail: ObjectId | None = None
    if made.detail is not None:
        detail = await keep(tx, made.detail, owner, dies_at)
    await store.insert_photo(tx.connection, request, photo, made.blur, clear, detail, secret)
    await store.put_days(tx.connection, days)
    if photo.conversation is not None:
        body = card_of(photo, made.blur)
        card = SendCard(photo.conversation, photo.author, MessageId(photo.id), CARD, body)
        [sent] = await send_cards(tx, [card])
        if isinstance(sent, Refusal):
            raise sent
    return photo


def _photo(tx: Tx, request: PostPhoto, asked: bytes, made: Made, secret: bytes, settings: Settings) -> Photo:
    dies_at = death_of(tx.now, settings)
    return Photo(
        id=request.id,
        author=request.person,
        asked=asked,
        message=request.message,
        audience=request.audience,
        conversation=request.conversation,
        least_minor=request.least_minor,
        most_minor=request.most_minor,
        visible_mark=request.visible_mark,
        detail=request.detail,
        width=made.width,
        height=made.height,
        commitment=commitment_of(
            secret, request.id, request.person, request.least_minor, request.most_minor, tx.now
        ),
        posted_at=tx.now,
        dies_at=dies_at,
        credit_at=credit_time(tx.now, dies_at, request.credit, settings),
        credited_at=None,
        ended=None,
        ended_at=None,
        held_at=None,
        likes=0,
        comments=0,
        payers=0,
    )


def card_of(photo: Photo, blur: bytes | None) -> dict[str, object]:
    """A photo's card in a conversation; without a blur it has ended."""
    return {
        "photo": str(photo.id),
        "blur": None if blur is None else data_url("image/webp", blur),
        "message": photo.message if blur is not None else "",
        "least_minor": photo.least_minor,
        "most_minor": photo.most_minor,
        "dies_at": photo.dies_at.isoformat(),
        "state": "ended" if blur is None else "open",
        "payers": photo.payers,
    }


async def end_cards(tx: Tx, photos: list[Photo]) -> None:
    """The cards of photos that ended lose what they showed; one that was recalled stays so."""
    cards = [
        ChangeCard(photo.conversation, MessageId(photo.id), card_of(photo, None))
        for photo in photos
        if photo.conversation is not None
    ]
    if cards:
        await change_cards(tx, cards)
