"""What people see: posts as each of them may, the clear picture, the proof."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection, Tx
from wufu.objects import ObjectId
from wufu.people import PersonView, see_people
from wufu.photos.blur import data_url
from wufu.photos.model import (
    Audience,
    Photo,
    View,
    day_of,
    death_of,
    has_paid,
    lives,
    may_see_clear,
    spell_time,
)
from wufu.photos.proof import FORMAT, Draw, PhotoProof, Terms
from wufu.photos.refusals import PhotoGone, PhotoNotEnded, PhotoUnpaid
from wufu.photos.store import photos as store
from wufu.photos.store import talk
from wufu.photos.verbs.access import Pair, lock_board, see_board, who_may
from wufu.ties import friends_of

PAGE = 20
MOST_COMMENTS_SHOWN = 200


class DetailView(msgspec.Struct, frozen=True):
    """Where a photo's detail is got, and where it lies in the picture, in thousandths."""

    url: str
    x: int
    y: int
    width: int
    height: int


class AskedView(msgspec.Struct, frozen=True):
    minor: int


class MineView(msgspec.Struct, frozen=True):
    """What the asker did with a photo."""

    asked: AskedView | None
    paid_at: datetime | None
    refunded_at: datetime | None
    liked: bool


class PhotoView(msgspec.Struct, frozen=True):
    """A post as one person sees it."""

    id: UUID
    author: PersonView
    mine: bool
    message: str
    audience: Audience
    conversation: ConversationId | None
    posted_at: datetime
    dies_at: datetime
    credit_at: datetime | None
    ended: str | None
    held: bool
    width: int
    height: int
    blur: str | None
    detail: DetailView | None
    least_minor: int
    most_minor: int
    commitment: str
    visible_mark: bool
    my: MineView
    payers: int
    likes: int
    comments: int
    earned_minor: int | None
    secret: str | None


class CommentView(msgspec.Struct, frozen=True):
    id: UUID
    author: PersonView
    text: str
    at: datetime
    mine: bool


class PayerView(msgspec.Struct, frozen=True):
    person: PersonId
    name: str
    avatar: int
    minor: int
    at: datetime


class PostView(msgspec.Struct, frozen=True):
    """One post with what only payers and the author see of it."""

    photo: PhotoView
    comments: list[CommentView]
    payers: list[PayerView]


class FeedView(msgspec.Struct, frozen=True):
    photos: list[PhotoView]
    next: datetime | None


class ClearView(msgspec.Struct, frozen=True):
    """What is needed to show somebody the clear picture: its object, and the words of a visible mark."""

    photo: UUID
    clear: ObjectId
    words: str | None


class SettingsView(msgspec.Struct, frozen=True):
    """What somebody may post and pay now."""

    most_minor: int
    posts_day: int
    posts_left: int
    paid_day_minor: int
    paid_left_minor: int
    credit_minute: int
    dies_at: datetime


# --- Posts ----------------------------------------------------------------------------------------


async def see_feed(
    connection: Connection, person: PersonId, before: datetime | None, now: datetime
) -> FeedView:
    """A page of photos, the newest first: one's own, friends', and those one has to do with.

    Of what has ended only one's own and what one paid for.
    """
    friends = await friends_of(connection, person)
    photos = await store.feed(connection, person, friends, before, now, PAGE)
    following = photos[-1].posted_at if len(photos) == PAGE else None
    return FeedView(await view_photos(connection, person, photos, now), following)


async def see_photo(connection: Connection, person: PersonId, id_: UUID, now: datetime) -> PostView:
    """One post. Refusal photo_gone."""
    photos = await store.photos(connection, [id_])
    shown = await view_photos(connection, person, list(photos.values()), now)
    if not shown:
        raise PhotoGone()
    [view], photo = shown, photos[id_]
    payers: list[PayerView] = []
    if photo.author == person:
        payers = await _payers(connection, id_)
    comments: list[CommentView] = []
    mine = (await store.views(connection, [(id_, person)])).get((id_, person))
    if lives(photo, now) and may_see_clear(photo, person, mine):
        comments = await _comments(connection, id_, person)
    return PostView(view, comments, payers)


async def _payers(connection: Connection, id_: UUID) -> list[PayerView]:
    views = [view for view in await store.views_of(connection, id_) if has_paid(view)]
    people = await see_people(connection, [view.viewer for view in views])
    return [
        PayerView(view.viewer, people[view.viewer].name, people[view.viewer].avatar, view.minor, view.paid_at)
        for view in sorted(views, key=lambda view: (view.paid_at or view.viewer, view.viewer))
        if view.minor is not None and view.paid_at is not None
    ]


async def _comments(connection: Connection, id_: UUID, person: PersonId) -> list[CommentView]:
    comments = await talk.comments_of(connection, id_, MOST_COMMENTS_SHOWN)
    people = await see_people(connection, {comment.writer for comment in comments})
    return [
        CommentView(comment.id, people[comment.writer], comment.text, comment.at, comment.writer == person)
        for comment in comments
    ]


async def view_photos(
    connection: Connection, person: PersonId, photos: Sequence[Photo], now: datetime
) -> list[PhotoView]:
    """Those of the photos that the person may know of, each as they see it."""
    by_id = {photo.id: photo for photo in photos}
    pairs: list[Pair] = [(photo.id, person) for photo in photos]
    views = await store.views(connection, pairs)
    allowed = await who_may(connection, by_id, views, pairs, now)
    shown = [
        photo
        for photo in photos
        if (photo.id, person) in allowed
        or (not lives(photo, now) and _concerns(photo, person, views.get((photo.id, person))))
    ]
    living = [photo.id for photo in shown if lives(photo, now)]
    people = await see_people(connection, {photo.author for photo in shown})
    blurs = await store.blurs(connection, living)
    secrets = await store.secrets(connection, [photo.id for photo in shown if photo.ended is not None])
    earned = await store.earned(connection, [photo.id for photo in shown if photo.author == person])
    return [
        _view(
            photo,
            person,
            people[photo.author],
            views.get((photo.id, person)) or View(photo.id, person),
            blurs.get(photo.id),
            secrets.get(photo.id),
            earned.get(photo.id, 0),
        )
        for photo in shown
    ]


def _concerns(photo: Photo, person: PersonId, view: View | None) -> bool:
    return photo.author == person or (view is not None and view.paid_at is not None)


def _view(
    photo: Photo,
    person: PersonId,
    author: PersonView,
    mine: View,
    blur: bytes | None,
    secret: bytes | None,
    earned: int,
) -> PhotoView:
    detail: DetailView | None = None
    if blur is not None and photo.detail is not None:
        box = photo.detail
        detail = DetailView(f"/api/photos/{photo.id}/detail", box.x, box.y, box.width, box.height)
    return PhotoView(
        id=photo.id,
        author=author,
        mine=photo.author == person,
        message=photo.message,
        audience=photo.audience,
        conversation=photo.conversation,
        posted_at=photo.posted_at,
        dies_at=photo.dies_at,
        credit_at=photo.credit_at,
        # Past its midnight it has died, also while the jobs sleep.
        ended=photo.ended or (None if blur is not None else "died"),
        held=photo.held_at is not None,
        width=photo.width,
        height=photo.height,
        blur=None if blur is None else data_url("image/webp", blur),
        detail=detail,
        least_minor=photo.least_minor,
        most_minor=photo.most_minor,
        commitment=photo.commitment.hex(),
        visible_mark=photo.visible_mark,
        my=MineView(
            None if mine.minor is None else AskedView(mine.minor),
            mine.paid_at,
            mine.refunded_at,
            mine.liked_at is not None,
        ),
        payers=photo.payers,
        likes=photo.likes,
        comments=photo.comments,
        earned_minor=earned if photo.author == person else None,
        secret=None if secret is None else secret.hex(),
    )


async def open_link(tx: Tx, person: PersonId, id_: UUID) -> PhotoView:
    """Let somebody in who has the link of a post. Refusal photo_gone, also across a block."""
    board = await lock_board(tx, [(id_, person)])
    photo = board.photos.get(id_)
    if photo is None or photo.audience != "link" or not lives(photo, tx.now):
        raise PhotoGone()
    if photo.author != person:
        view = View(id_, person, let_in_at=tx.now)
        if not await who_may(tx.connection, board.photos, {(id_, person): view}, [(id_, person)], tx.now):
            raise PhotoGone()
        await store.let_in(tx.connection, id_, person, tx.now)
    [shown] = await view_photos(tx.connection, person, [photo], tx.now)
    return shown


# --- The clear picture ----------------------------------------------------------------------------


async def check_clear(connection: Connection, person: PersonId, id_: UUID, now: datetime) -> None:
    """Refusals photo_gone, photo_unpaid unless the person may see the clear picture now."""
    pair = (id_, person)
    board = await see_board(connection, [pair], now)
    photo = board.photo(pair)
    if photo is None:
        raise PhotoGone()
    if not may_see_clear(photo, person, board.views.get(pair)):
        raise PhotoUnpaid()


async def show_clear(tx: Tx, person: PersonId, id_: UUID) -> ClearView:
    """Note that the clear picture is shown to somebody, and what to show. Refusals as `check_clear`.

    It is noted before a byte is sent: whoever was not shown it gets their money back when it is taken away.
    """
    pair = (id_, person)
    photo = (await lock_board(tx, [pair])).photos.get(id_)
    await check_clear(tx.connection, person, id_, tx.now)
    assert photo is not None
    clear, _ = await store.objects_of(tx.connection, id_)
    assert clear is not None
    await store.note_seen(tx.connection, id_, person, tx.now)
    words = f"No. {person}  {day_of(tx.now).isoformat()}" if photo.visible_mark else None
    return ClearView(id_, clear, words)


async def see_clear_object(connection: Connection, id_: UUID) -> ObjectId:
    """The clear picture's object, for the operator's review. Refusal photo_gone."""
    clear, _ = await store.objects_of(connection, id_)
    if clear is None:
        raise PhotoGone()
    return clear


async def see_detail(connection: Connection, person: PersonId, id_: UUID, now: datetime) -> ObjectId:
    """The object of a post's detail. Refusal photo_gone."""
    pair = (id_, person)
    board = await see_board(connection, [pair], now)
    _, detail = await store.objects_of(connection, id_)
    if board.photo(pair) is None or detail is None:
        raise PhotoGone()
    return detail


# --- Proof and settings ---------------------------------------------------------------------------


async def see_proof(connection: Connection, person: PersonId, id_: UUID) -> PhotoProof:
    """How a photo's amounts were drawn: to a viewer their own, to the author all.

    Refusals photo_gone (nothing was drawn for them), photo_not_ended.
    """
    photo = (await store.photos(connection, [id_])).get(id_)
    views = [] if photo is None else await store.views_of(connection, id_)
    own = [
        view
        for view in views
        if view.seed is not None and photo is not None and person in (photo.author, view.viewer)
    ]
    if photo is None or (photo.author != person and not own):
        raise PhotoGone()
    if photo.ended is None:
        raise PhotoNotEnded()
    secrets = await store.secrets(connection, [id_])
    terms = Terms(
        str(photo.id), photo.author, photo.least_minor, photo.most_minor, spell_time(photo.posted_at)
    )
    draws = [
        Draw(view.viewer, view.seed.hex(), view.minor)
        for view in own
        if view.seed is not None and view.minor is not None
    ]
    return PhotoProof(FORMAT, terms, photo.commitment.hex(), secrets[id_].hex(), draws)


async def see_allowance(connection: Connection, person: PersonId, now: datetime) -> SettingsView:
    """What somebody may post and pay today."""
    settings = await store.settings(connection)
    day = await store.day_of_person(connection, person, day_of(now))
    return SettingsView(
        settings.most_minor,
        settings.posts_day,
        max(0, settings.posts_day - day.posted),
        settings.paid_day_minor,
        max(0, settings.paid_day_minor - day.paid_minor),
        settings.credit_minute,
        death_of(now, settings),
    )
