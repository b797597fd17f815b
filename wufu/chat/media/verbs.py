"""What may be done with media: keep an upload, see it, let messages refer to it, and let it go."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from wufu.chat.media import store
from wufu.chat.media.model import (
    KINDS,
    MOST_UNSENT,
    SWEPT_AFTER,
    Kind,
    Media,
    MediaBody,
    Prepared,
    TooManyUploads,
    UnknownMedia,
    message_body,
    wrong_body,
)
from wufu.chat.model import Message, SendMessage
from wufu.chat.refusals import BadMessage
from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Connection, Tx
from wufu.objects import ObjectId, Staged, drop, keep

SWEPT_AT_ONCE = 500


class Upload(msgspec.Struct, frozen=True):
    """An upload as it came and as it was judged; both objects are staged."""

    person: PersonId
    id: UUID
    kind: Kind
    name: str
    digest: bytes
    prepared: Prepared
    content: Staged
    thumb: Staged | None


def owner_of(media: UUID) -> str:
    """The objects' owner."""
    return f"media/{media}"


async def see_repeat(
    connection: Connection, person: PersonId, media: UUID, kind: Kind, digest: bytes
) -> Media | None:
    """An upload that is there already, by the same person, kind and bytes; None: it is new.

    Refusals id_conflict; too_many_uploads when it is new and too much waits unsent.
    """
    known = await store.one(connection, media)
    if known is None:
        if await store.count_unsent(connection, person) >= MOST_UNSENT:
            raise TooManyUploads(most=MOST_UNSENT)
        return None
    if (known.person, known.kind, known.digest) != (person, kind, digest):
        raise IdConflict(id=str(media))
    return known


async def keep_upload(tx: Tx, upload: Upload) -> Media:
    """Keep an upload that was judged and staged; a repeat answers what is there. Refusals of `see_repeat`."""
    known = await see_repeat(tx.connection, upload.person, upload.id, upload.kind, upload.digest)
    if known is not None:
        return known
    thumb = None if upload.thumb is None else await keep(tx, upload.thumb, owner_of(upload.id))
    media = Media(
        upload.id,
        upload.person,
        upload.kind,
        upload.prepared.media_type,
        upload.name,
        len(upload.prepared.content),
        upload.prepared.width,
        upload.prepared.height,
        upload.prepared.tenths,
        upload.digest,
        await keep(tx, upload.content, owner_of(upload.id)),
        thumb,
        0,
        tx.now,
        upload.prepared.blur,
    )
    await store.insert(tx.connection, media)
    return media


async def see_media(connection: Connection, person: PersonId, media: UUID) -> Media:
    """An upload of one's own, or one in a message one sees. Refusal unknown_media for all others alike."""
    known = await store.one(connection, media)
    if known is None or (known.person != person and not await store.seen_by(connection, {person: {media}})):
        raise UnknownMedia(media=str(media))
    return known


# --- Messages (hooks of `wufu/chat/kinds.py`) -------------------------------------------------------


async def check_sending(
    tx: Tx, asked: Sequence[tuple[SendMessage, dict[str, object]]]
) -> list[dict[str, object] | Refusal]:
    """The bodies of messages that refer to media, in our words. Refusals unknown_media, bad_message.

    The uploads stay locked until commit, so that no sweep takes one from under its message.
    """
    bodies = [msgspec.convert(body, MediaBody) for _, body in asked]
    wanted = {id_ for body in bodies for id_ in (body.media, body.poster) if id_ is not None}
    known = await store.lock(tx.connection, sorted(wanted))
    by_person: dict[PersonId, set[UUID]] = {}
    for (request, _), body in zip(asked, bodies, strict=True):
        named = [known[id_] for id_ in (body.media, body.poster) if id_ is not None and id_ in known]
        foreign = {media.id for media in named if media.person != request.person}
        by_person.setdefault(request.person, set()).update(foreign)
    seen = await store.seen_by(tx.connection, by_person)
    return [_answer(request, body, known, seen) for (request, _), body in zip(asked, bodies, strict=True)]


def _answer(
    request: SendMessage,
    body: MediaBody,
    known: dict[UUID, Media],
    seen: set[tuple[PersonId, UUID]],
) -> dict[str, object] | Refusal:
    def usable(id_: UUID, kind: str) -> Media | None:
        media = known.get(id_)
        if media is None or media.kind != kind:
            return None
        return media if media.person == request.person or (request.person, id_) in seen else None

    media = usable(body.media, request.kind)
    if media is None:
        return UnknownMedia(media=str(body.media))
    poster = usable(body.poster, "picture") if body.poster is not None else None
    if body.poster is not None and poster is None:
        return UnknownMedia(media=str(body.poster))
    if where := wrong_body(media.kind, body):
        return BadMessage(where=where, why="Not for this kind, or out of its limits")
    return message_body(media, body, poster)


async def note_sent(tx: Tx, messages: Sequence[Message]) -> None:
    """Messages of media kinds were sent: their media are in use."""
    uses = [
        (UUID(str(message.body[name])), message.conversation, message.id)
        for message in messages
        for name in ("media", "poster")
        if name in message.body
    ]
    await store.add_uses(tx.connection, uses)


async def note_ended(tx: Tx, messages: Sequence[Message]) -> None:
    """Messages were recalled: with the last use of an upload its bytes go."""
    pairs = [(message.conversation, message.id) for message in messages]
    loose = await store.take_uses(tx.connection, pairs)
    await _drop(tx, await store.take_unused(tx.connection, sorted(loose)))


async def hold(tx: Tx, reporter: PersonId, report: UUID, messages: Sequence[Message]) -> None:
    """A report keeps what its messages show until it is decided, whoever recalls them meanwhile."""
    wanted = {
        UUID(str(message.body[name]))
        for message in messages
        if message.kind in KINDS
        for name in ("media", "poster")
        if name in message.body
    }
    there = await store.lock(tx.connection, sorted(wanted))
    await store.hold(tx.connection, reporter, report, sorted(there))


async def see_held(connection: Connection, report: tuple[PersonId, UUID], media: UUID) -> Media:
    """An upload that waits with a report. Refusal unknown_media."""
    known = await store.one(connection, media)
    if known is None or not await store.is_held(connection, report, media):
        raise UnknownMedia(media=str(media))
    return known


async def let_go(tx: Tx, reports: Sequence[tuple[PersonId, UUID]]) -> None:
    """These reports are decided: what only they kept goes."""
    loose = await store.let_go(tx.connection, reports)
    await _drop(tx, await store.take_unused(tx.connection, sorted(loose)))


# --- By the clock ---------------------------------------------------------------------------------


async def sweep(tx: Tx) -> int:
    """Let go of uploads that were never sent; how many."""
    unsent = await store.take_unsent(tx.connection, tx.now - SWEPT_AFTER, SWEPT_AT_ONCE)
    await _drop(tx, unsent)
    return len(unsent)


async def _drop(tx: Tx, gone: Sequence[Media]) -> None:
    ids = [ObjectId(id_) for media in gone for id_ in (media.content, media.thumb) if id_ is not None]
    if ids:
        await drop(tx, ids)
