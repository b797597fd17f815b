"""Asking, accepting, refusing, removing, blocking: each over a list, all by one board.

Each verb takes any number of requests and answers each with how the two stand afterwards, or with a refusal.
Repeating a request changes nothing and has the same answer.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal, TypeVar

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Fact, Tx
from wufu.people import see_people
from wufu.ties import model
from wufu.ties.model import (
    AcceptTie,
    AskTie,
    Block,
    Board,
    Pair,
    RefuseTie,
    RemoveTie,
    Standing,
    Unblock,
)
from wufu.ties.store import board as store

Answer = TypeVar("Answer")


# --- Verbs ----------------------------------------------------------------------------------------


async def ask_ties(
    tx: Tx, requests: Sequence[AskTie], *, cause: Literal["imported"] | None = None
) -> list[Standing | Refusal]:
    """Ask people to become friends. Who is asked by them already becomes their friend at once.

    Refusals: tie_to_self, unknown_person, blocked_by_you, too_many_asks, too_many_friends. Somebody who
    blocked or lately refused the asker is answered like everybody else: `asked`. Imported asks are told to
    nobody's phone and do not count for the day.
    """
    return await decide(
        tx,
        [(request.person, request.to) for request in requests],
        [partial(model.ask, cause=cause or request.via) for request in requests],
    )


async def accept_ties(tx: Tx, requests: Sequence[AcceptTie]) -> list[Standing | Refusal]:
    """Accept asks. Refusals: tie_to_self, unknown_person, no_such_request, too_many_friends."""
    return await _all(tx, [(request.person, request.asker) for request in requests], model.accept)


async def refuse_ties(tx: Tx, requests: Sequence[RefuseTie]) -> list[Standing | Refusal]:
    """Refuse asks, silently. Refusals: tie_to_self, unknown_person."""
    return await _all(tx, [(request.person, request.asker) for request in requests], model.refuse)


async def remove_ties(tx: Tx, requests: Sequence[RemoveTie]) -> list[Standing | Refusal]:
    """End friendships, or withdraw one's asks. Refusals: tie_to_self, unknown_person."""
    return await _all(tx, [(request.person, request.friend) for request in requests], model.remove)


async def block(tx: Tx, requests: Sequence[Block]) -> list[Standing | Refusal]:
    """Block people. They are told of nothing but the end of a friendship. Refusals as `remove_ties`."""
    return await _all(tx, [(request.person, request.blocked) for request in requests], model.block)


async def unblock(tx: Tx, requests: Sequence[Unblock]) -> list[Standing | Refusal]:
    """Let people ask again. Refusals as `remove_ties`."""
    return await _all(tx, [(request.person, request.blocked) for request in requests], model.unblock)


async def introduce(tx: Tx, pairs: Sequence[Pair]) -> list[bool | Refusal]:
    """Make friends of people who are: of each pair the first asks and the second accepts, as `imported`.

    True: they are friends now; False: they were already. The same decisions as `ask_ties` and `accept_ties`,
    without writing down in between what was asked. Refusals: theirs.
    """
    return await _all(tx, pairs, model.introduce)


Decision = Callable[[Board, PersonId, PersonId], Answer]


async def _all(tx: Tx, pairs: Sequence[Pair], decision: Decision[Answer]) -> list[Answer]:
    return await decide(tx, pairs, [decision] * len(pairs))


async def decide(tx: Tx, pairs: Sequence[Pair], decisions: Sequence[Decision[Answer]]) -> list[Answer]:
    """Lock all pairs, decide one after the other, write what differs, announce."""
    if not pairs:
        return []
    people = await see_people(tx.connection, {one for pair in pairs for one in pair})
    known = {pair for pair in pairs if pair[0] in people and pair[1] in people and pair[0] != pair[1]}
    board = Board(tx.now, people)
    if known:
        board.counts = await store.lock(tx.connection, {one for pair in known for one in pair})
        await store.read(tx.connection, board, known)
    before = board.copy()
    answers = [
        decision(board, person, other) for decision, (person, other) in zip(decisions, pairs, strict=True)
    ]
    await store.write(tx.connection, before, board)
    for fact in board.news:
        tx.announce(fact)
    if board.imported:
        tx.announce(Fact("ties.imported", {"ties": board.imported, "at": tx.now}))
    return answers
