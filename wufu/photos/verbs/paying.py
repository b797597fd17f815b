"""Asking what a photo costs, and paying it."""

from collections.abc import Sequence

from wufu.core.ids import GroupId, PersonId
from wufu.core.refusals import MalformedBody, Refusal
from wufu.db import Fact, Tx
from wufu.ledger import Group, Transfer, balances, post
from wufu.people import PersonView, see_people
from wufu.photos.model import (
    Asked,
    AskPhoto,
    Paid,
    PayPhoto,
    Photo,
    Settings,
    day_of,
    draw_amount,
    has_paid,
    pay_group,
    pending_of,
    read_seed,
    refuse_payment,
)
from wufu.photos.refusals import PhotoGone, PhotoHeld, PhotoLimit, PhotoOwn
from wufu.photos.store import photos as store
from wufu.photos.store.photos import Day
from wufu.photos.verbs.access import Board, Pair, lock_board
from wufu.wallet import money_of, moved

PHOTO = "photo"
"""The reason of a payment in statements."""


# --- Asking ---------------------------------------------------------------------------------------


async def ask_photos(tx: Tx, requests: Sequence[AskPhoto]) -> list[Asked | Refusal]:
    """Draw what photos cost their askers; a viewer's first seed counts, asking again has the same answer.

    Refusals: malformed_body (seed), photo_gone, photo_own, photo_held.
    """
    pairs = [(request.photo, request.person) for request in requests]
    board = await lock_board(tx, pairs)
    secrets = await store.secrets(tx.connection, list(board.photos))
    draws: dict[Pair, tuple[bytes, int]] = {}
    answers: list[Asked | Refusal | None] = []
    for request, pair in zip(requests, pairs, strict=True):
        photo, seed = board.photo(pair), read_seed(request.seed)
        view = board.views.get(pair)
        if photo is None:
            answers.append(PhotoGone())
        elif photo.author == request.person:
            answers.append(PhotoOwn())
        elif view is not None and view.minor is not None:
            answers.append(Asked(photo.id, view.minor))
        elif photo.held_at is not None:
            answers.append(PhotoHeld())
        elif seed is None:
            answers.append(MalformedBody(where="seed", why="Expected 64 hex digits"))
        else:
            minor = draw_amount(
                secrets[photo.id], photo.id, pair[1], seed, photo.least_minor, photo.most_minor
            )
            draws.setdefault(pair, (seed, minor))
            answers.append(None)
    drawn = await store.put_draws(tx.connection, draws) if draws else {}
    return [
        Asked(pair[0], drawn[pair]) if answer is None else answer
        for answer, pair in zip(answers, pairs, strict=True)
    ]


# --- Paying ---------------------------------------------------------------------------------------


async def pay_photos(tx: Tx, requests: Sequence[PayPhoto]) -> list[Paid | Refusal]:
    """Pay for photos what was drawn; once a viewer, however often it is asked. The PIN was checked before.

    Refusals: photo_gone, photo_own, photo_held, photo_not_asked, photo_amount, photo_limit, not_enough,
    account_closed.
    """
    days = await store.lock_days(tx.connection, {request.person for request in requests}, day_of(tx.now))
    pairs = [(request.photo, request.person) for request in requests]
    board = await lock_board(tx, pairs)
    settings = await store.settings(tx.connection)
    refused: dict[int, Refusal] = {}
    fresh: dict[Pair, int] = {}
    for place, (request, pair) in enumerate(zip(requests, pairs, strict=True)):
        view, photo = board.views.get(pair), board.photo(pair)
        if photo is None:
            refused[place] = PhotoGone()
        elif refusal := refuse_payment(request, photo, view):
            refused[place] = refusal
        elif pair in fresh or (view is not None and has_paid(view)):
            continue
        elif refusal := _over_limit(days[request.person], request.minor, settings):
            refused[place] = refusal
        else:
            days[request.person].paid_minor += request.minor
            fresh[pair] = request.minor
    failed = await _move(tx, board, fresh)
    for pair in failed:
        days[pair[1]].paid_minor -= fresh[pair]
    if fresh:
        await store.put_days(tx.connection, days)
    left = await _tell(tx, board, {pair: minor for pair, minor in fresh.items() if pair not in failed}, pairs)
    answers: list[Paid | Refusal] = []
    for place, (request, pair) in enumerate(zip(requests, pairs, strict=True)):
        refusal = refused.get(place) or failed.get(pair)
        if refusal is not None:
            answers.append(refusal)
            continue
        view = board.views[pair]
        paid_at = tx.now if view.paid_at is None else view.paid_at
        answers.append(Paid(request.photo, request.minor, left[request.person], paid_at))
    return answers


def _over_limit(day: Day, minor: int, settings: Settings) -> Refusal | None:
    if day.paid_minor + minor <= settings.paid_day_minor:
        return None
    left = max(0, settings.paid_day_minor - day.paid_minor)
    return PhotoLimit(limit="paid_day_minor", most_minor=settings.paid_day_minor, left_minor=left)


async def _move(tx: Tx, board: Board, fresh: dict[Pair, int]) -> dict[Pair, Refusal]:
    """Move the money and write it down; the refusals of those who do not have it."""
    if not fresh:
        return {}
    groups = [_group(board.photos[photo], viewer, minor) for (photo, viewer), minor in fresh.items()]
    failed: dict[Pair, Refusal] = {}
    paid: list[tuple[Pair, GroupId, bool]] = []
    payers: dict[Pair, int] = {}
    posted = await post(tx, groups)
    for pair, group, answer in zip(fresh, groups, posted, strict=True):
        if isinstance(answer, Refusal):
            failed[pair] = answer
        else:
            paid.append((pair, group.id, _waits(board.photos[pair[0]])))
            payers[pair] = 1
    if paid:
        await store.put_payments(tx.connection, paid, tx.now)
        counts: dict[object, int] = {}
        for photo, _ in payers:
            counts[photo] = counts.get(photo, 0) + 1
        ids = sorted({photo for photo, _ in payers})
        await store.count(tx.connection, ids, payers=[counts[photo] for photo in ids])
    return failed


def _waits(photo: Photo) -> bool:
    """Whether what is paid now is set aside until the author's hour."""
    return photo.credit_at is not None and photo.credited_at is None


def _group(photo: Photo, viewer: PersonId, minor: int) -> Group:
    target = pending_of(photo.id) if _waits(photo) else money_of(photo.author)
    return Group(pay_group(photo.id, viewer), (Transfer(money_of(viewer), target, minor, PHOTO),))


async def _tell(tx: Tx, board: Board, paid: dict[Pair, int], pairs: Sequence[Pair]) -> dict[PersonId, int]:
    """Tell both sides; what each asker has now."""
    authors = {board.photos[photo].author for photo, _ in paid}
    people = sorted({person for _, person in pairs} | authors)
    left = dict(zip(people, await balances(tx.connection, [money_of(one) for one in people]), strict=True))
    views = await see_people(tx.connection, people)
    payers: dict[object, int] = {}
    for (id_, viewer), minor in paid.items():
        photo = board.photos[id_]
        payers[id_] = payers.get(id_, photo.payers) + 1
        tx.announce(moved(viewer, left[viewer], -minor, PHOTO, "", views[photo.author]))
        if not _waits(photo):
            tx.announce(moved(photo.author, left[photo.author], minor, PHOTO, "", views[viewer]))
        body = {"photo": str(id_), "viewer": named(views[viewer]), "minor": minor, "payers": payers[id_]}
        tx.announce(Fact("photos.paid", body, (photo.author,)))
    return left


def named(view: PersonView) -> dict[str, object]:
    """A person as facts and answers name them."""
    return {"person": view.person, "name": view.name, "avatar": view.avatar}
