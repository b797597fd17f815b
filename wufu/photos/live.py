"""The verbs of photo packets that a phone asks for over the live edge, or by `POST /api/do/<verb>`."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx
from wufu.edge import LiveVerb
from wufu.people import guard_pin
from wufu.photos.model import (
    AskPhoto,
    CommentPhoto,
    LikePhoto,
    Paid,
    PayPhoto,
    RemoveComment,
    RemovePhoto,
    ReportPhoto,
)
from wufu.photos.verbs.ending import remove_photos
from wufu.photos.verbs.paying import ask_photos, pay_photos
from wufu.photos.verbs.talking import comment_photos, like_photos, remove_comments, report_photos


class PayRequest(msgspec.Struct, frozen=True):
    """`PayPhoto` as a phone asks for it, with the payment PIN."""

    person: PersonId
    photo: UUID
    minor: int
    pin: str


async def _pay(tx: Tx, requests: Sequence[PayRequest]) -> list[Paid | Refusal]:
    return await pay_photos(tx, [PayPhoto(r.person, r.photo, r.minor) for r in requests])


async def _guard(database: Database, request: PayRequest) -> Refusal | None:
    return await guard_pin(database, request.person, request.pin)


VERBS = (
    LiveVerb("ask_photo", AskPhoto, ask_photos),
    LiveVerb("pay_photo", PayRequest, _pay, _guard),
    LiveVerb("like_photo", LikePhoto, like_photos),
    LiveVerb("comment_photo", CommentPhoto, comment_photos),
    LiveVerb("remove_comment", RemoveComment, remove_comments),
    LiveVerb("report_photo", ReportPhoto, report_photos),
    LiveVerb("remove_photo", RemovePhoto, remove_photos),
)
