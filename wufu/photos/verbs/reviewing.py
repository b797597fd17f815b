"""The operator's side: the queue of reported photos, a look, a verdict, and what an installation allows."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from wufu.core.refusals import NotAllowed
from wufu.db import Connection, Tx
from wufu.photos.model import SETTINGS_RANGE, Photo, Settings, clean_text
from wufu.photos.refusals import BadComment, PhotoGone
from wufu.photos.store import photos as store
from wufu.photos.store import talk
from wufu.photos.store.talk import Waiting
from wufu.photos.verbs.ending import take_down

LONGEST_WHY = 200
MOST_SHOWN = 200
Verdict = Literal["keep", "take_down"]


class Reviewed(msgspec.Struct, frozen=True):
    """The verdict stands; `refunded_minor` was taken back for payers with a takedown, and `unclaimed_minor`
    of it is kept, for who paid it has left Wufu.
    """

    photo: UUID
    verdict: Verdict
    refunded_minor: int = 0
    unclaimed_minor: int = 0


async def see_queue(connection: Connection) -> Sequence[Waiting]:
    """Photos that wait for a review, those that most payers reported first; at most 200."""
    return await talk.queue(connection, MOST_SHOWN)


async def see_reported(connection: Connection, id_: UUID) -> Photo:
    """A photo as it stands, for the operator. Refusal photo_gone."""
    photo = (await store.photos(connection, [id_])).get(id_)
    if photo is None:
        raise PhotoGone()
    return photo


async def review_photo(tx: Tx, id_: UUID, verdict: Verdict, why: str = "") -> Reviewed:
    """The operator's verdict on a photo, reported or not: `tx.actor` is who says so.

    `keep` closes its reports and lets it be paid and seen again. `take_down` ends it, also when it ended
    otherwise before, and gives every payer who is still here their money back; again changes nothing.
    Refusals: photo_gone, bad_comment (why), not_allowed (keep what was taken down).
    """
    said = clean_text(why, LONGEST_WHY)
    if said is None:
        raise BadComment(most=LONGEST_WHY)
    photo = (await store.lock_photos(tx.connection, [id_])).get(id_)
    if photo is None:
        raise PhotoGone()
    if photo.ended == "taken_down":
        if verdict == "keep":
            raise NotAllowed(ended=photo.ended)
        return Reviewed(id_, verdict)
    await talk.put_review(tx.connection, id_, tx.actor, verdict, said, tx.now)
    if verdict == "keep":
        await store.hold(tx.connection, id_, None)
        return Reviewed(id_, verdict)
    back = await take_down(tx, photo)
    return Reviewed(id_, verdict, back.minor, back.unclaimed_minor)


async def set_settings(tx: Tx, changes: dict[str, int]) -> Settings:
    """Change what is allowed, from now on. ValueError at an unknown name or a value out of range."""
    for name, value in changes.items():
        if name not in SETTINGS_RANGE:
            raise ValueError(f"no setting {name}; there are {', '.join(SETTINGS_RANGE)}")
        least, most = SETTINGS_RANGE[name]
        if not least <= value <= most:
            raise ValueError(f"{name} is from {least} to {most}")
    await store.put_settings(tx.connection, changes)
    return await store.settings(tx.connection)


async def see_settings(connection: Connection) -> Settings:
    """What is allowed now."""
    return await store.settings(connection)
