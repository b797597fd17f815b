"""How photos end: by the clock, by their author, by the operator. And where their money goes then.

Whoever paid and never was shown the picture gets the money back when the author takes it away, or when the
author shut them out before: nobody pays for nothing. A takedown gives everybody's money back. What was set
aside comes from there; what the author has already comes from the author, and what the author has spent
comes from the operator's guarantee, whose account then says what authors owe.

Whoever has left Wufu cannot be given anything: their part goes where nobody has it (`operator/photos
unclaimed`), for an end must go through for all others, and who was taken down must not keep it.
"""

from collections.abc import Iterable, Sequence

import msgspec

from wufu.core.ids import GroupId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Fact, Tx
from wufu.ledger import Account, AccountClosed, Group, NotEnough, Transfer, balances, post
from wufu.objects import drop_owned
from wufu.photos.model import (
    GUARANTEE,
    UNCLAIMED,
    Ended,
    Photo,
    Removed,
    RemovePhoto,
    View,
    credit_group,
    has_paid,
    owner_of,
    pending_of,
    refund_group,
)
from wufu.photos.refusals import PhotoGone
from wufu.photos.store import photos as store
from wufu.photos.store import talk
from wufu.photos.verbs.access import who_may
from wufu.photos.verbs.posting import end_cards
from wufu.wallet import money_of, moved

CREDIT, REFUND = "photo_credit", "photo_refund"
"""The reasons in statements."""
AT_ONCE = 100
Way = tuple[Account, Account]
"""From where to where a refund goes."""


class Returned(msgspec.Struct, frozen=True):
    """What payers were to have back, and how much of it is kept, because they have left Wufu; in fen."""

    minor: int = 0
    unclaimed_minor: int = 0


# --- By the clock ---------------------------------------------------------------------------------


async def credit_due(tx: Tx) -> int:
    """Credit the authors whose hour has come; how many photos."""
    ids = await store.due_credits(tx.connection, tx.now, AT_ONCE)
    photos = await store.lock_photos(tx.connection, ids)
    due = [photo for photo in photos.values() if photo.credited_at is None]
    for photo in due:
        await _credit(tx, photo)
    return len(due)


async def end_due(tx: Tx) -> int:
    """End the photos whose midnight has come; how many."""
    ids = await store.due_photos(tx.connection, tx.now, AT_ONCE)
    photos = await store.lock_photos(tx.connection, ids)
    due = [photo for photo in photos.values() if photo.ended is None]
    for photo in due:
        credited = await _credit(tx, photo)
        await _end(tx, credited, "died", await _shut_out(tx, credited))
    return len(due)


async def _shut_out(tx: Tx, photo: Photo) -> list[View]:
    """Who paid, never was shown the picture, and may not see it any more."""
    unseen = [view for view in await _payers(tx, photo) if view.seen_at is None]
    pairs = [(photo.id, view.viewer) for view in unseen]
    # Asked of the moment before its death: afterwards nobody may.
    alive = {photo.id: photo}
    views = dict(zip(pairs, unseen, strict=True))
    allowed = await who_may(tx.connection, alive, views, pairs, photo.posted_at)
    return [view for view in unseen if (photo.id, view.viewer) not in allowed]


async def _credit(tx: Tx, photo: Photo) -> Photo:
    """What was set aside goes to the author. Payments lock the photo first, so none comes in between."""
    if photo.credit_at is None or photo.credited_at is not None:
        return photo
    source, target = pending_of(photo.id), money_of(photo.author)
    [minor] = await balances(tx.connection, [source])
    group: GroupId | None = None
    if minor:
        group = credit_group(photo.id)
        [answer] = await post(tx, [Group(group, (Transfer(source, target, minor, CREDIT),))])
        if isinstance(answer, AccountClosed):
            [answer] = await post(tx, [Group(group, (Transfer(source, UNCLAIMED, minor, CREDIT),))])
        else:
            [left] = await balances(tx.connection, [target])
            tx.announce(moved(photo.author, left, minor, CREDIT))
            tx.announce(Fact("photos.credited", {"photo": str(photo.id), "minor": minor}, (photo.author,)))
        if isinstance(answer, Refusal):
            raise answer
    await store.note_credit(tx.connection, photo.id, group, tx.now)
    return msgspec.structs.replace(photo, credited_at=tx.now)


# --- By people ------------------------------------------------------------------------------------


async def remove_photos(tx: Tx, requests: Sequence[RemovePhoto]) -> list[Removed | Refusal]:
    """Authors take their photos away; once more changes nothing. Refusal photo_gone."""
    photos = await store.lock_photos(tx.connection, {request.photo for request in requests})
    answers: list[Removed | Refusal] = []
    removed: dict[object, int] = {}
    for request in requests:
        photo = photos.get(request.photo)
        if photo is None or photo.author != request.person:
            answers.append(PhotoGone())
            continue
        if photo.ended is None and photo.id not in removed:
            removed[photo.id] = (await remove(tx, photo)).minor
        answers.append(Removed(photo.id, removed.get(photo.id, 0)))
    return answers


async def remove(tx: Tx, photo: Photo) -> Returned:
    """End a locked, living photo for its author; what went back to payers who never saw it."""
    unseen = [view for view in await _payers(tx, photo) if view.seen_at is None]
    return await _end(tx, photo, "removed", unseen)


async def take_down(tx: Tx, photo: Photo) -> Returned:
    """End a locked photo for the operator, also one that ended otherwise; what went back to its payers."""
    payers = await _payers(tx, photo)
    if photo.ended is None:
        return await _end(tx, photo, "taken_down", payers)
    await store.retitle_ended(tx.connection, photo.id, "taken_down")
    return await _refund(tx, photo, payers)


async def take_away(tx: Tx, person: PersonId) -> int:
    """Take away everything a person posted, said and liked here, when their account goes; how many photos."""
    photos = await store.lock_photos(tx.connection, await store.open_photos_of(tx.connection, person))
    for photo in photos.values():
        await remove(tx, photo)
    said = await talk.comments_by(tx.connection, person)
    liked = await talk.liked_by(tx.connection, person)
    others = sorted({comment.photo for comment in said} | set(liked))
    await store.lock_photos(tx.connection, others)
    for comment in said:
        await talk.delete_comment(tx.connection, comment.photo, comment.id)
    if liked:
        await store.put_likes(tx.connection, {(photo, person): None for photo in liked})
    if others:
        await store.count(
            tx.connection,
            others,
            likes=[-(photo in liked) for photo in others],
            comments=[-sum(comment.photo == photo for comment in said) for photo in others],
        )
    return len(photos)


# --- What an end is -------------------------------------------------------------------------------


async def _payers(tx: Tx, photo: Photo) -> list[View]:
    return [view for view in await store.views_of(tx.connection, photo.id) if has_paid(view)]


async def _end(tx: Tx, photo: Photo, ended: Ended, refunded: Sequence[View]) -> Returned:
    """The post and every copy of its picture go; its objects' bytes are erased right after the commit."""
    viewers = [view.viewer for view in await store.views_of(tx.connection, photo.id)]
    await store.end_photos(tx.connection, [photo.id], ended, tx.now)
    await drop_owned(tx, [owner_of(photo.id)])
    await end_cards(tx, [photo])
    tx.announce(Fact("photos.ended", {"photo": str(photo.id), "why": ended}, tuple({photo.author, *viewers})))
    return await _refund(tx, photo, refunded)


async def _refund(tx: Tx, photo: Photo, views: Sequence[View]) -> Returned:
    """Give payers their money back, and keep that of payers who are gone; how much."""
    if not views:
        return Returned()
    # What was set aside went to the author as a whole, at the credit.
    author = money_of(photo.author)
    first = pending_of(photo.id) if photo.credit_at is not None and photo.credited_at is None else author
    ways = {view.viewer: (first if view.to_pending else author, money_of(view.viewer)) for view in views}
    waiting = list(views)
    while waiting:
        answers = await post(tx, [_refund_group(photo, view, *ways[view.viewer]) for view in waiting])
        refused = [
            (view, answer)
            for view, answer in zip(waiting, answers, strict=True)
            if isinstance(answer, Refusal)
        ]
        ways |= {view.viewer: _another_way(*ways[view.viewer], answer) for view, answer in refused}
        waiting = [view for view, _ in refused]
    await store.put_refunds(
        tx.connection,
        {(photo.id, view.viewer): refund_group(photo.id, view.viewer) for view in views},
        tx.now,
    )
    reached = [view for view in views if ways[view.viewer][1] != UNCLAIMED]
    await _tell_refunds(tx, photo, reached, _sum(view for view in views if ways[view.viewer][0] == author))
    return Returned(_sum(views), _sum(views) - _sum(reached))


def _another_way(source: Account, target: Account, refusal: Refusal) -> Way:
    """How a refund goes that was refused on this way; there are four ways, and the last is never refused."""
    if isinstance(refusal, AccountClosed) and refusal.facts["holder"] == target.holder:
        return source, UNCLAIMED
    if source != GUARANTEE and isinstance(refusal, AccountClosed | NotEnough):
        return GUARANTEE, target
    raise refusal


def _sum(views: Iterable[View]) -> int:
    return sum(view.minor or 0 for view in views)


def _refund_group(photo: Photo, view: View, source: Account, target: Account) -> Group:
    assert view.minor is not None
    return Group(refund_group(photo.id, view.viewer), (Transfer(source, target, view.minor, REFUND),))


async def _tell_refunds(tx: Tx, photo: Photo, views: Sequence[View], from_author: int) -> None:
    people = [view.viewer for view in views]
    left = await balances(tx.connection, [money_of(person) for person in (*people, photo.author)])
    for view, balance in zip(views, left, strict=False):
        minor = view.minor or 0
        tx.announce(moved(view.viewer, balance, minor, REFUND))
        tx.announce(Fact("photos.refunded", {"photo": str(photo.id), "minor": minor}, (view.viewer,)))
    if from_author:
        tx.announce(moved(photo.author, left[-1], -from_author, REFUND))
