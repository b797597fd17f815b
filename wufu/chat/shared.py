"""Which groups people share: what speaks for a suggestion, and what a friend's page shows.

Everybody in a group sees who else is in it, so nothing is told here that one could not look up.
"""

import msgspec

from wufu.chat.store import shared as store
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection

MOST_WALKED = 2_000
"""Members looked at, from the smallest group up: a hall of 500 people says little about any two of them."""
MOST_SHOWN = 50


class GroupInCommon(msgspec.Struct, frozen=True):
    """A group two people are in: its title, and how many people it has."""

    title: str
    people: int


class GroupWith(msgspec.Struct, frozen=True):
    conversation: ConversationId
    title: str


async def shared_groups(
    connection: Connection, person: PersonId, limit: int
) -> dict[PersonId, list[GroupInCommon]]:
    """Who shares groups with a person, and which, the smallest first: at most `limit` people."""
    found: dict[PersonId, list[GroupInCommon]] = {}
    for row in await store.members_of_small(connection, person, MOST_WALKED):
        if row["person"] in found or len(found) < limit:
            found.setdefault(row["person"], []).append(GroupInCommon(row["title"], row["people"]))
    return found


async def groups_with(connection: Connection, person: PersonId, other: PersonId) -> list[GroupWith]:
    """The groups both are in, the smallest first, at most 50."""
    rows = await store.groups_of_both(connection, person, other, MOST_SHOWN)
    return [GroupWith(row["conversation"], row["title"]) for row in rows]
