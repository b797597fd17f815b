"""Liking, commenting, reporting."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Fact, Tx
from wufu.people import see_people
from wufu.photos.model import (
    LONGEST_REPORT,
    Commented,
    CommentPhoto,
    Done,
    Liked,
    LikePhoto,
    RemoveComment,
    ReportPhoto,
    clean_comment,
    clean_text,
    may_see_clear,
)
from wufu.photos.refusals import BadComment, PhotoGone, PhotoLimit, PhotoUnpaid
from wufu.photos.store import photos as store
from wufu.photos.store import talk
from wufu.photos.store.talk import Comment
from wufu.photos.verbs.access import Board, Pair, lock_board
from wufu.photos.verbs.paying import named

MOST_COMMENTS = 20
"""Comments of one person under one photo."""


async def like_photos(tx: Tx, requests: Sequence[LikePhoto]) -> list[Liked | Refusal]:
    """Like photos, or no more; anybody may who sees the post. Refusal photo_gone."""
    board = await lock_board(tx, [(request.photo, request.person) for request in requests])
    liked = {pair: view.liked_at is not None for pair, view in board.views.items()}
    likes = {photo.id: photo.likes for photo in board.photos.values()}
    changed: dict[Pair, datetime | None] = {}
    answers: list[Liked | Refusal] = []
    for request in requests:
        pair = (request.photo, request.person)
        if board.photo(pair) is None:
            answers.append(PhotoGone())
            continue
        if liked.get(pair, False) != request.on:
            liked[pair] = request.on
            likes[request.photo] += 1 if request.on else -1
            changed[pair] = tx.now if request.on else None
        answers.append(Liked(request.photo, likes[request.photo]))
    if changed:
        await store.put_likes(tx.connection, changed)
        ids = sorted({photo for photo, _ in changed})
        added = [likes[photo] - board.photos[photo].likes for photo in ids]
        await store.count(tx.connection, ids, likes=added)
        await _tell_likes(tx, board, changed, likes)
    return answers


async def _tell_likes(
    tx: Tx, board: Board, changed: dict[Pair, datetime | None], likes: dict[UUID, int]
) -> None:
    """Authors hear of likes, not of those taken back, nor of their own."""
    people = await see_people(tx.connection, {person for _, person in changed})
    for (id_, person), at in changed.items():
        author = board.photos[id_].author
        if at is not None and person != author:
            body = {"photo": str(id_), "person": named(people[person]), "likes": likes[id_]}
            tx.announce(Fact("photos.liked", body, (author,)))


# --- Comments -------------------------------------------------------------------------------------


async def comment_photos(tx: Tx, requests: Sequence[CommentPhoto]) -> list[Commented | Refusal]:
    """Say something under photos: payers and the author may. The same id and words again: the same answer.

    Refusals: bad_comment, photo_gone, photo_unpaid, photo_limit, id_conflict.
    """
    pairs = [(request.photo, request.person) for request in requests]
    board = await lock_board(tx, pairs)
    known = await talk.comments(tx.connection, [(request.photo, request.id) for request in requests])
    written = await talk.counts_by(tx.connection, pairs)
    new: list[Comment] = []
    answers: list[Commented | Refusal] = []
    for request in requests:
        answer = _comment(tx, board, request, known, written)
        if isinstance(answer, Comment):
            key = (request.photo, request.id)
            if key not in known:
                known[key] = answer
                pair = (request.photo, request.person)
                written[pair] = written.get(pair, 0) + 1
                new.append(answer)
            answers.append(Commented(answer.id, answer.at))
        else:
            answers.append(answer)
    if new:
        await talk.insert_comments(tx.connection, new)
        added: dict[UUID, int] = {}
        for comment in new:
            added[comment.photo] = added.get(comment.photo, 0) + 1
        await store.count(tx.connection, list(added), comments=list(added.values()))
        await _tell_comments(tx, board, added)
    return answers


def _comment(
    tx: Tx,
    board: Board,
    request: CommentPhoto,
    known: dict[tuple[UUID, UUID], Comment],
    written: dict[Pair, int],
) -> Comment | Refusal:
    """The comment that stands or is to stand, or why not."""
    pair = (request.photo, request.person)
    photo = board.photo(pair)
    if photo is None:
        return PhotoGone()
    if not may_see_clear(photo, request.person, board.views.get(pair)):
        return PhotoUnpaid()
    try:
        text = clean_comment(request.text)
    except BadComment as refusal:
        return refusal
    before = known.get((request.photo, request.id))
    if before is not None:
        same = (before.writer, before.text) == (request.person, text)
        return before if same else IdConflict(id=str(request.id))
    if written.get(pair, 0) >= MOST_COMMENTS:
        return PhotoLimit(limit="comments", most=MOST_COMMENTS)
    return Comment(photo.id, request.id, request.person, text, tx.now)


async def _tell_comments(tx: Tx, board: Board, added: dict[UUID, int]) -> None:
    for id_, number in added.items():
        photo = board.photos[id_]
        payers = [view.viewer for view in await store.views_of(tx.connection, id_) if view.paid_at]
        body: dict[str, object] = {"photo": str(id_), "comments": photo.comments + number}
        tx.announce(Fact("photos.commented", body, (photo.author, *payers)))


async def remove_comments(tx: Tx, requests: Sequence[RemoveComment]) -> list[Done | Refusal]:
    """Take comments away: one's own, or those under one's own photo; what is gone already stays gone.

    Refusals: photo_gone, photo_unpaid (somebody else's comment).
    """
    board = await lock_board(tx, [(request.photo, request.person) for request in requests])
    known = await talk.comments(tx.connection, [(request.photo, request.id) for request in requests])
    answers: list[Done | Refusal] = []
    for request in requests:
        photo = board.photo((request.photo, request.person))
        if photo is None:
            answers.append(PhotoGone())
            continue
        comment = known.pop((request.photo, request.id), None)
        if comment is not None:
            if request.person not in (comment.writer, photo.author):
                known[request.photo, request.id] = comment
                answers.append(PhotoUnpaid())
                continue
            await talk.delete_comment(tx.connection, photo.id, comment.id)
            await store.count(tx.connection, [photo.id], comments=[-1])
        answers.append(Done(photo.id))
    return answers


# --- Reports --------------------------------------------------------------------------------------


async def report_photos(tx: Tx, requests: Sequence[ReportPhoto]) -> list[Done | Refusal]:
    """Say that something is wrong with photos; the first report of a person counts.

    Who may: whoever sees the post, and who paid for it, also when shut out or after its end. When as many
    payers as `held_by` have reported it, nobody else pays or sees until the operator has looked. Refusals:
    bad_comment (note), photo_gone.
    """
    board = await lock_board(tx, [(request.photo, request.person) for request in requests])
    settings = await store.settings(tx.connection)
    answers: list[Done | Refusal] = []
    held: set[UUID] = set()
    for request in requests:
        answers.append(await _report(tx, board, request))
        photo = board.photos.get(request.photo)
        if photo is None or photo.ended is not None or photo.held_at is not None or photo.id in held:
            continue
        if await talk.open_reports(tx.connection, photo.id) >= settings.held_by:
            await store.hold(tx.connection, photo.id, tx.now)
            held.add(photo.id)
    return answers


async def _report(tx: Tx, board: Board, request: ReportPhoto) -> Done | Refusal:
    pair = (request.photo, request.person)
    photo, view = board.photos.get(request.photo), board.views.get(pair)
    paid = view is not None and view.paid_at is not None
    if photo is None or photo.author == request.person or not (paid or pair in board.allowed):
        return PhotoGone()
    note = clean_text(request.note, LONGEST_REPORT)
    if note is None:
        return BadComment(most=LONGEST_REPORT)
    await talk.put_report(tx.connection, photo.id, request.person, request.reason, note, paid, tx.now)
    return Done(photo.id)
