"""What a person sees of their own ties, and what other domains ask."""

from collections.abc import Iterable
from datetime import datetime

from wufu.core.ids import PersonId
from wufu.core.refusals import UnknownPerson
from wufu.db import Connection
from wufu.people import PersonView, see_people
from wufu.ties.label import Label
from wufu.ties.model import NEVER, Asking, Board, Friend, Mutual, Pair, Standing
from wufu.ties.privacy import Privacy
from wufu.ties.store import board as boards
from wufu.ties.store import consents, labels, lists

MOST_SHOWN = 500
"""Requests shown at once; the newest."""
MOST_MUTUAL_SHOWN = 50
NO_LABEL = Label()


# --- For other domains ----------------------------------------------------------------------------


async def are_friends(connection: Connection, pairs: Iterable[Pair]) -> set[Pair]:
    """Those of the pairs that are friends, each as it was given."""
    return await lists.tied(connection, list(set(pairs)))


async def blocked(connection: Connection, pairs: Iterable[Pair]) -> set[Pair]:
    """Those of the pairs (person, other) in which the *other* blocked the person."""
    found = await lists.blocks(connection, [(other, person) for person, other in set(pairs)])
    return {(person, other) for other, person in found}


async def friends_of(connection: Connection, person: PersonId) -> list[PersonId]:
    """A person's friends, the newest first."""
    return list(await lists.friends(connection, person))


async def count_friends(connection: Connection, person: PersonId) -> int:
    """How many friends a person has."""
    return await lists.friend_count(connection, person)


async def tied_since(connection: Connection, person: PersonId, friend: PersonId) -> datetime | None:
    """Since when two are friends; None when they are not."""
    return await lists.since(connection, person, friend)


# --- Seeing ---------------------------------------------------------------------------------------


async def see_friends(connection: Connection, person: PersonId) -> list[Friend]:
    """A person's own list, the newest tie first, each with the number of friends in common and the labels.

    Friends who show their friends to nobody are in no such number, and have none.
    """
    since = await lists.friends(connection, person)
    mutual = await lists.mutual(connection, await _shown(connection, since))
    views = await see_people(connection, since)
    named = await labels.of_person(connection, person)
    return [
        Friend(
            friend,
            views[friend].name,
            views[friend].avatar,
            mutual.get(friend, 0),
            at,
            (label := named.get(friend, NO_LABEL)).remark,
            label.starred,
            label.tags,
        )
        for friend, at in since.items()
    ]


async def _shown(connection: Connection, people: Iterable[PersonId]) -> list[PersonId]:
    listed = list(people)
    privacies = await consents.privacies(connection, listed)
    return [one for one in listed if privacies.get(one, Privacy()).friends_seen != "nobody"]


async def see_mutual(connection: Connection, viewer: PersonId, person: PersonId) -> Mutual:
    """The friends two people share, as far as both ends of each tie let it be seen. Refusal unknown_person.

    `seen` is False when `person` does not show it to the viewer, also across a block.
    """
    if person not in await see_people(connection, [person]):
        raise UnknownPerson(person=person)
    pair = (viewer, person)
    if person == viewer or await lists.blocks(connection, [pair, (person, viewer)]):
        return Mutual(False)
    privacy = (await consents.privacies(connection, [person])).get(person, Privacy())
    if not privacy.shows_friends(pair in await lists.tied(connection, [pair])):
        return Mutual(False)
    shared = await lists.mutual_with(connection, viewer, person)
    views = await see_people(connection, shared[:MOST_MUTUAL_SHOWN])
    return Mutual(True, len(shared), [views[one] for one in shared[:MOST_MUTUAL_SHOWN]])


async def see_standing_with(connection: Connection, person: PersonId, other: PersonId) -> Standing:
    """How somebody stands to a person, as the person may know it."""
    board = Board(NEVER, {})
    await boards.read(connection, board, [(person, other)])
    return board.standing(person, other)


async def see_requests(connection: Connection, person: PersonId) -> list[Asking]:
    """Who asks a person, the newest first, at most 500."""
    rows = await lists.requests(connection, person, MOST_SHOWN)
    views = await see_people(connection, [asker for asker, _ in rows])
    return [Asking(asker, views[asker].name, views[asker].avatar, at) for asker, at in rows]


async def see_asked(connection: Connection, person: PersonId) -> list[Asking]:
    """Whom a person asked without an answer yet, the newest first, at most 500."""
    rows = await lists.asks(connection, person, MOST_SHOWN)
    views = await see_people(connection, [asked for asked, _ in rows])
    return [Asking(asked, views[asked].name, views[asked].avatar, at) for asked, at in rows]


async def see_blocked(connection: Connection, person: PersonId) -> list[PersonView]:
    """Whom a person blocked, the newest first."""
    listed = await lists.blocked_by(connection, person)
    views = await see_people(connection, listed)
    return [views[one] for one in listed]
