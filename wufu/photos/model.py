"""Values and pure decisions of photo packets: amounts, days, deaths, who may see what."""

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Literal
from uuid import UUID

import msgspec

from wufu.core.chance import KEY_SIZE, SECRET_SIZE, amount_between, canonical_json, hkdf_sha256
from wufu.core.ids import ConversationId, GroupId, PersonId
from wufu.core.money import CNY
from wufu.core.refusals import Refusal
from wufu.ledger import Account, named_group
from wufu.photos.refusals import BadComment, BadPhoto, PhotoAmount, PhotoHeld, PhotoNotAsked, PhotoOwn

LONGEST_MESSAGE = 50
LONGEST_COMMENT = 100
LONGEST_REPORT = 200
LEAST_SIDE = 400
"""Pixels of the shorter side of a picture: below that it has no room for a mark."""
DETAIL_SIDE = 160
WHOLE = 1000
"""Places in a picture are told in thousandths of its sides."""
LEAST_DETAIL, MOST_DETAIL, DETAIL_AREA = 20, 400, WHOLE * WHOLE // 16
ZONE = timezone(timedelta(hours=8))
"""Midnight is China's."""
SHORTEST_LIFE = timedelta(minutes=10)
"""Who posts so shortly before midnight gets the next one."""
TICKET_LIVES = timedelta(seconds=60)
DAY_MINUTES = 24 * 60
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

Audience = Literal["friends", "conversation", "link"]
Credit = Literal["now", "evening"]
Ended = Literal["died", "removed", "taken_down"]
Reason = Literal["indecent", "violence", "fraud", "other"]


# --- What is asked and answered -------------------------------------------------------------------


class Detail(msgspec.Struct, frozen=True):
    """A part of the picture, in thousandths of its sides."""

    x: int
    y: int
    width: int
    height: int

    def box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels; at least one pixel each way."""
        width, height = size
        left, top = self.x * width // WHOLE, self.y * height // WHOLE
        right = max(left + 1, (self.x + self.width) * width // WHOLE)
        bottom = max(top + 1, (self.y + self.height) * height // WHOLE)
        return left, top, right, bottom


class PostPhoto(msgspec.Struct, frozen=True):
    """A photo as its author asks for it; `id` is made on the phone."""

    person: PersonId
    id: UUID
    least_minor: int
    most_minor: int
    audience: Audience
    conversation: ConversationId | None = None
    message: str = ""
    credit: Credit = "now"
    visible_mark: bool = False
    detail: Detail | None = None


class AskPhoto(msgspec.Struct, frozen=True):
    """A viewer asks what a photo costs them. `seed`: 64 hex digits, made on the phone."""

    person: PersonId
    photo: UUID
    seed: str


class Asked(msgspec.Struct, frozen=True):
    """The amount drawn for a viewer."""

    photo: UUID
    minor: int


class PayPhoto(msgspec.Struct, frozen=True):
    """A viewer pays what was drawn. The PIN was checked before."""

    person: PersonId
    photo: UUID
    minor: int


class Paid(msgspec.Struct, frozen=True):
    """Paid, now or before; `balance_minor` is what the viewer has now."""

    photo: UUID
    minor: int
    balance_minor: int
    paid_at: datetime


class LikePhoto(msgspec.Struct, frozen=True):
    person: PersonId
    photo: UUID
    on: bool


class Liked(msgspec.Struct, frozen=True):
    photo: UUID
    likes: int


class CommentPhoto(msgspec.Struct, frozen=True):
    person: PersonId
    id: UUID
    photo: UUID
    text: str


class Commented(msgspec.Struct, frozen=True):
    id: UUID
    at: datetime


class RemoveComment(msgspec.Struct, frozen=True):
    person: PersonId
    photo: UUID
    id: UUID


class ReportPhoto(msgspec.Struct, frozen=True):
    person: PersonId
    photo: UUID
    reason: Reason
    note: str = ""


class RemovePhoto(msgspec.Struct, frozen=True):
    person: PersonId
    photo: UUID


class Done(msgspec.Struct, frozen=True):
    photo: UUID


class Removed(msgspec.Struct, frozen=True):
    """`refunded_minor` went back to payers who never saw it."""

    photo: UUID
    refunded_minor: int


# --- What is kept ---------------------------------------------------------------------------------


class Photo(msgspec.Struct, frozen=True):
    """A photo as its row says."""

    id: UUID
    author: PersonId
    asked: bytes
    message: str
    audience: Audience
    conversation: ConversationId | None
    least_minor: int
    most_minor: int
    visible_mark: bool
    detail: Detail | None
    width: int
    height: int
    commitment: bytes
    posted_at: datetime
    dies_at: datetime
    credit_at: datetime | None
    credited_at: datetime | None
    ended: Ended | None
    ended_at: datetime | None
    held_at: datetime | None
    likes: int
    comments: int
    payers: int


class View(msgspec.Struct, frozen=True):
    """What a viewer did with a photo."""

    photo: UUID
    viewer: PersonId
    let_in_at: datetime | None = None
    seed: bytes | None = None
    minor: int | None = None
    paid_at: datetime | None = None
    to_pending: bool = False
    seen_at: datetime | None = None
    liked_at: datetime | None = None
    refunded_at: datetime | None = None


class Settings(msgspec.Struct, frozen=True):
    """What an installation allows; an operator may change it (`set_settings`).

    Amounts in fen, times of day in minutes after midnight in China. `dies_at` is the campaign's midnight in
    Unix seconds, 0 for the next one at `death_minute`.
    """

    posts_day: int = 20
    most_minor: int = 200_00
    paid_day_minor: int = 2_000_00
    credit_minute: int = 21 * 60
    death_minute: int = 0
    dies_at: int = 0
    held_by: int = 3


SETTINGS_RANGE: Final[Mapping[str, tuple[int, int]]] = {
    "posts_day": (0, 10_000),
    "most_minor": (1, 10**9),
    "paid_day_minor": (0, 10**12),
    "credit_minute": (0, DAY_MINUTES - 1),
    "death_minute": (0, DAY_MINUTES - 1),
    "dies_at": (0, 1 << 40),
    "held_by": (1, 10**6),
}


# --- Accounts and groups --------------------------------------------------------------------------

GUARANTEE = Account("operator/photos", "guarantee", CNY.code, may_overdraw=True)
"""Where a refund comes from when the author spent the money: what it gave, authors owe the operator."""
UNCLAIMED = Account("operator/photos", "unclaimed", CNY.code)
"""Refunds and credits of people who have left Wufu: nobody's, kept by the operator, never their author's."""


def owner_of(photo: UUID) -> str:
    """Whose a photo's objects are."""
    return f"photo/{photo}"


def pending_of(photo: UUID) -> Account:
    """What was paid for a photo and is credited to its author later."""
    return Account(owner_of(photo), "pending", CNY.code)


def pay_group(photo: UUID, viewer: PersonId) -> GroupId:
    """The ledger's group of a payment: one a viewer, whatever happens."""
    return named_group("photo pay", str(photo), str(viewer))


def credit_group(photo: UUID) -> GroupId:
    return named_group("photo credit", str(photo))


def refund_group(photo: UUID, viewer: PersonId) -> GroupId:
    return named_group("photo refund", str(photo), str(viewer))


# --- Reading what was asked -----------------------------------------------------------------------


def clean_text(text: str, longest: int) -> str | None:
    """The text in one spelling, or None when it is too long or has invisible characters."""
    if len(text) > 8 * longest:
        return None
    said = unicodedata.normalize("NFC", text).strip()
    if len(said) > longest or any(
        unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or char in BIDI for char in said
    ):
        return None
    return said


def clean_post(request: PostPhoto, settings: Settings) -> PostPhoto:
    """The request in one spelling. Refusal bad_photo with the `field` that is wrong."""
    message = clean_text(request.message, LONGEST_MESSAGE)
    if message is None:
        raise BadPhoto(field="message", most=LONGEST_MESSAGE)
    if not 1 <= request.least_minor <= request.most_minor:
        raise BadPhoto(field="least_minor", most_minor=settings.most_minor)
    if request.most_minor > settings.most_minor:
        raise BadPhoto(field="most_minor", most_minor=settings.most_minor)
    if (request.audience == "conversation") != (request.conversation is not None):
        raise BadPhoto(field="conversation")
    if request.detail is not None:
        check_detail(request.detail)
    return msgspec.structs.replace(request, message=message)


def check_detail(detail: Detail) -> None:
    """Refusal bad_photo unless it is a small part of the picture."""
    inside = (
        detail.x >= 0
        and detail.y >= 0
        and detail.x + detail.width <= WHOLE
        and detail.y + detail.height <= WHOLE
    )
    small = (
        LEAST_DETAIL <= detail.width <= MOST_DETAIL
        and LEAST_DETAIL <= detail.height <= MOST_DETAIL
        and detail.width * detail.height <= DETAIL_AREA
    )
    if not (inside and small):
        raise BadPhoto(field="detail")


def clean_comment(text: str) -> str:
    """A comment in one spelling. Refusal bad_comment."""
    said = clean_text(text, LONGEST_COMMENT)
    if not said:
        raise BadComment(most=LONGEST_COMMENT)
    return said


def content_digest(request: PostPhoto, content: bytes) -> bytes:
    """What makes two posts under one id the same: every field, and the file."""
    fields = msgspec.to_builtins(request)
    return hashlib.sha256(canonical_json({**fields, "content": hashlib.sha256(content).hexdigest()})).digest()


# --- Times ----------------------------------------------------------------------------------------


def day_of(now: datetime) -> date:
    """The day on which a limit counts."""
    return now.astimezone(ZONE).date()


def _at_minute(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), ZONE).astimezone(UTC)


def death_of(now: datetime, settings: Settings) -> datetime:
    """When a photo posted now dies: at the campaign's midnight, or else at the next one."""
    if settings.dies_at:
        campaign = datetime.fromtimestamp(settings.dies_at, UTC)
        if campaign >= now + SHORTEST_LIFE:
            return campaign
    day = day_of(now)
    while (dies_at := _at_minute(day, settings.death_minute)) < now + SHORTEST_LIFE:
        day += timedelta(days=1)
    return dies_at


def credit_time(now: datetime, dies_at: datetime, credit: Credit, settings: Settings) -> datetime | None:
    """When the author is credited; None: at once, also when this evening's hour is over or comes too late."""
    if credit == "now":
        return None
    at = _at_minute(day_of(now), settings.credit_minute)
    return at if now < at < dies_at else None


# --- Who may --------------------------------------------------------------------------------------


def lives(photo: Photo, now: datetime) -> bool:
    """Whether a photo is there; past its midnight it is not, also while the jobs sleep."""
    return photo.ended is None and photo.dies_at > now


def refuse_payment(request: PayPhoto, photo: Photo, view: View | None) -> Refusal | None:
    """Why somebody who may see the post cannot pay for it now, if so."""
    if photo.author == request.person:
        return PhotoOwn()
    if photo.held_at is not None:
        return PhotoHeld()
    if view is None or view.minor is None:
        return PhotoNotAsked()
    if view.minor != request.minor:
        return PhotoAmount(minor=view.minor)
    return None


def may_see_clear(photo: Photo, person: PersonId, view: View | None) -> bool:
    """Whether somebody who may see the post may see the picture: its author, and who paid and was not
    refunded; nobody once it ended, and only its author while it waits for a review.
    """
    if photo.ended is not None:
        return False
    if person == photo.author:
        return True
    return photo.held_at is None and view is not None and has_paid(view)


def has_paid(view: View) -> bool:
    return view.paid_at is not None and view.refunded_at is None


# --- The draw -------------------------------------------------------------------------------------


def commitment_of(
    secret: bytes, photo: UUID, author: PersonId, least_minor: int, most_minor: int, posted_at: datetime
) -> bytes:
    """What is published at posting: SHA-256 of the secret and the canonical JSON of the terms."""
    terms = {
        "author": author,
        "least_minor": least_minor,
        "most_minor": most_minor,
        "photo": str(photo),
        "posted_at": spell_time(posted_at),
    }
    return hashlib.sha256(secret + canonical_json(terms)).digest()


def spell_time(at: datetime) -> str:
    """An instant as the terms spell it: `2016-02-07T13:00:00.000000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def draw_amount(
    secret: bytes, photo: UUID, viewer: PersonId, seed: bytes, least_minor: int, most_minor: int
) -> int:
    """What a viewer pays: from least to most, each equally likely.

    K = HKDF-SHA256(ikm=secret, salt=seed, info="wufu/photo/" ‖ photo id)[:16]; then as a cash prize is drawn
    (`chance.amount_between`) with the viewer's number as the player and tap 0. The server committed to the
    secret before it knew the seed, the viewer chose the seed without knowing the secret: neither chose the
    amount.
    """
    key = hkdf_sha256(secret, seed, b"wufu/photo/" + str(photo).encode(), KEY_SIZE)
    return amount_between(key, viewer, 0, least_minor, most_minor)


def read_seed(seed: str) -> bytes | None:
    """A viewer's seed, or None when it is not 64 hex digits."""
    try:
        read = bytes.fromhex(seed) if len(seed) == 2 * SECRET_SIZE else b""
    except ValueError:
        return None
    return read if len(read) == SECRET_SIZE else None
