"""The verbs of ties, each over a list, and what a person sees of their own ties.

Each verb takes any number of requests and answers each with how the two stand afterwards, or with a refusal.
Repeating a request changes nothing and has the same answer.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Connection, Fact, Tx
from wufu.people import PersonView, find_people, see_findable, see_people
from wufu.ties import model, store
from wufu.ties.model import (
    NEVER,
    REFUSED_FOR,
    AcceptTie,
    Asking,
    AskTie,
    Block,
    Board,
    Cause,
    Found,
    Friend,
    Pair,
    RefuseTie,
    RemoveTie,
    Standing,
    Suggestion,
    Unblock,
)

MOST_SHOWN = 500
"""Requests shown at once; the newest."""
MOST_SUGGESTED = 50
MOST_VIA = 1_000
"""Suggestions come from one's newest friends; more of them would cost much and change little."""
LOOKED_AT = 10
"""Candidates read for each suggestion wanted: some of them blocked the asker or are not to be found."""

Answer = TypeVar("Answer")


# --- Verbs ----------------------------------------------------------------------------------------


async def ask_ties(tx: Tx, requests: Sequence[AskTie], *, cause: Cause = "asked") -> list[Standing | Refusal]:
    """Ask people to become friends. Who is asked by them already becomes their friend at once.

    Refusals: tie_to_self, unknown_person, blocked_by_you, too_many_asks, too_many_friends. Somebody who
    blocked or lately refused the asker is answered like everybody else: `asked`. Imported asks (`cause`) are
    told to nobody's phone and do not count for the day.
    """

    def decide(board: Board, person: PersonId, to: PersonId) -> Standing | Refusal:
        return model.ask(board, person, to, cause)

    return await _decide(tx, [(request.person, request.to) for request in requests], decide)


async def accept_ties(tx: Tx, requests: Sequence[AcceptTie]) -> list[Standing | Refusal]:
    """Accept asks. Refusals: tie_to_self, unknown_person, no_such_request, too_many_friends."""
    return await _decide(tx, [(request.person, request.asker) for request in requests], model.accept)


async def refuse_ties(tx: Tx, requests: Sequence[RefuseTie]) -> list[Standing | Refusal]:
    """Refuse asks, silently. Refusals: tie_to_self, unknown_person."""
    return await _decide(tx, [(request.person, request.asker) for request in requests], model.refuse)


async def remove_ties(tx: Tx, requests: Sequence[RemoveTie]) -> list[Standing | Refusal]:
    """End friendships, or withdraw one's asks. Refusals: tie_to_self, unknown_person."""
    return await _decide(tx, [(request.person, request.friend) for request in requests], model.remove)


async def block(tx: Tx, requests: Sequence[Block]) -> list[Standing | Refusal]:
    """Block people. They are told of nothing but the end of a friendship. Refusals as `remove_ties`."""
    return await _decide(tx, [(request.person, request.blocked) for request in requests], model.block)


async def unblock(tx: Tx, requests: Sequence[Unblock]) -> list[Standing | Refusal]:
    """Let people ask again. Refusals as `remove_ties`."""
    return await _decide(tx, [(request.person, request.blocked) for request in requests], model.unblock)


async def introduce(tx: Tx, pairs: Sequence[Pair]) -> list[bool | Refusal]:
    """Make friends of people who are: of each pair the first asks and the second accepts, as `imported`.

    True: they are friends now; False: they were already. The same decisions as `ask_ties` and `accept_ties`,
    without writing down in between what was asked. Refusals: theirs.
    """
    return await _decide(tx, pairs, model.introduce)


async def _decide(
    tx: Tx, pairs: Sequence[Pair], decide: Callable[[Board, PersonId, PersonId], Answer]
) -> list[Answer]:
    if not pairs:
        return []
    people = await see_people(tx.connection, {one for pair in pairs for one in pair})
    known = {pair for pair in pairs if pair[0] in people and pair[1] in people and pair[0] != pair[1]}
    board = Board(tx.now, people)
    if known:
        board.counts = await store.lock(tx.connection, {one for pair in known for one in pair})
        await store.read(tx.connection, board, known)
    before = board.copy()
    answers = [decide(board, person, other) for person, other in pairs]
    await store.write(tx.connection, before, board)
    for fact in board.news:
        tx.announce(fact)
    if board.imported:
        tx.announce(Fact("ties.imported", {"ties": board.imported, "at": tx.now}))
    return answers


async def sweep(tx: Tx) -> None:
    """By the clock: forget asks that were withdrawn long ago."""
    await store.forget_asks(tx.connection, tx.now - REFUSED_FOR)


# --- For other domains ----------------------------------------------------------------------------


async def are_friends(connection: Connection, pairs: Iterable[Pair]) -> set[Pair]:
    """Those of the pairs that are friends, each as it was given."""
    return await store.tied(connection, list(set(pairs)))


async def blocked(connection: Connection, pairs: Iterable[Pair]) -> set[Pair]:
    """Those of the pairs (person, other) in which the *other* blocked the person."""
    found = await store.blocks(connection, [(other, person) for person, other in set(pairs)])
    return {(person, other) for other, person in found}


async def friends_of(connection: Connection, person: PersonId) -> list[PersonId]:
    """A person's friends, the newest first."""
    return list(await store.friends(connection, person))


async def count_friends(connection: Connection, person: PersonId) -> int:
    """How many friends a person has."""
    return await store.friend_count(connection, person)


# --- Seeing ---------------------------------------------------------------------------------------


async def see_friends(connection: Connection, person: PersonId) -> list[Friend]:
    """A person's own list, the newest tie first, each with the number of friends in common."""
    since = await store.friends(connection, person)
    mutual = await store.mutual(connection, list(since))
    views = await see_people(connection, since)
    return [
        Friend(friend, views[friend].name, views[friend].avatar, mutual.get(friend, 0), at)
        for friend, at in since.items()
    ]


async def see_requests(connection: Connection, person: PersonId) -> list[Asking]:
    """Who asks a person, the newest first, at most 500."""
    rows = await store.requests(connection, person, MOST_SHOWN)
    views = await see_people(connection, [asker for asker, _ in rows])
    return [Asking(asker, views[asker].name, views[asker].avatar, at) for asker, at in rows]


async def see_asked(connection: Connection, person: PersonId) -> list[Asking]:
    """Whom a person asked without an answer yet, the newest first, at most 500."""
    rows = await store.asks(connection, person, MOST_SHOWN)
    views = await see_people(connection, [asked for asked, _ in rows])
    return [Asking(asked, views[asked].name, views[asked].avatar, at) for asked, at in rows]


async def see_blocked(connection: Connection, person: PersonId) -> list[PersonView]:
    """Whom a person blocked, the newest first."""
    listed = await store.blocked_by(connection, person)
    views = await see_people(connection, listed)
    return [views[one] for one in listed]


async def find(connection: Connection, asker: PersonId, text: str) -> list[Found]:
    """People by exact login or name, with how they stand to the asker; who blocked the asker is not found."""
    return await _found(connection, asker, await find_people(connection, asker, text))


async def find_by_number(connection: Connection, asker: PersonId, person: PersonId) -> list[Found]:
    """The person behind a code or a link, if they let themselves be found; as `find` otherwise."""
    if person not in await see_findable(connection, [person]):
        return []
    views = await see_people(connection, [person])
    return await _found(connection, asker, list(views.values()))


async def _found(connection: Connection, asker: PersonId, views: Sequence[PersonView]) -> list[Found]:
    hidden = await blocked(connection, [(asker, view.person) for view in views])
    board = Board(NEVER, {})
    await store.read(connection, board, [(asker, view.person) for view in views])
    return [
        Found(view.person, view.name, view.avatar, board.standing(asker, view.person).tie)
        for view in views
        if (asker, view.person) not in hidden
    ]


async def suggest(connection: Connection, person: PersonId, limit: int = 20) -> list[Suggestion]:
    """People one may know: friends of friends, those with most friends in common first.

    Not among them: friends, who asks or was asked, who blocked or was blocked, who does not want to be found.
    At most 50.
    """
    wanted = max(0, min(limit, MOST_SUGGESTED))
    friends = await friends_of(connection, person)
    if not friends or not wanted:
        return []
    asking = [asker for asker, _ in await store.requests(connection, person, MOST_SHOWN)]
    asked = [asked for asked, _ in await store.asks(connection, person, MOST_SHOWN)]
    without = [person, *friends, *asking, *asked, *await store.blocked_by(connection, person)]
    ranked = await store.friends_of_friends(connection, friends[:MOST_VIA], without, wanted * LOOKED_AT)
    hidden = await blocked(connection, [(person, candidate) for candidate, _ in ranked])
    findable = await see_findable(connection, [candidate for candidate, _ in ranked])
    shown = [
        (candidate, mutual)
        for candidate, mutual in ranked
        if candidate in findable and (person, candidate) not in hidden
    ][:wanted]
    views = await see_people(connection, [candidate for candidate, _ in shown])
    return [
        Suggestion(candidate, views[candidate].name, views[candidate].avatar, mutual)
        for candidate, mutual in shown
    ]
