"""What people see inside their conversations: history, what changed, who has read, what a search finds.

Every reader here is checked: one sees conversations one is a member of, and in them the messages that came
after one joined (and after what one cleared). Catching up with all of them at once is in `syncing.py`.
"""

from datetime import datetime

import msgspec

from wufu.chat.model import Message, Role, may, room_subject
from wufu.chat.refusals import BadSearch, NoSuchConversation, NotAllowedHere
from wufu.chat.store import conversations, messages, reads, search
from wufu.chat.verbs import common
from wufu.chat.words import query_of
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection
from wufu.people import PersonView, see_people
from wufu.ties import see_blocked

PAGE = 50
LONGEST_PAGE = 200
LONGEST_QUERY = 100


class Changes(msgspec.Struct, frozen=True):
    """Messages in order of change; nothing is lacking through `through`; whether there is more."""

    messages: list[Message]
    through: int
    more: bool


class Reader(msgspec.Struct, frozen=True):
    person: PersonId
    name: str
    avatar: int
    at: datetime | None


class Readers(msgspec.Struct, frozen=True):
    """Who has read a message, the earliest first, and who has not; `hidden` of them do not show it."""

    readers: list[Reader]
    unread: list[PersonView]
    hidden: int


class Found(msgspec.Struct, frozen=True):
    found: list[Message]
    people: dict[PersonId, PersonView]


# --- Messages -------------------------------------------------------------------------------------


async def see_history(
    connection: Connection,
    person: PersonId,
    conversation: ConversationId,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = PAGE,
) -> list[Message]:
    """A page of messages by number: newest first below `before`, else oldest first."""
    member = await common.see_member(connection, conversation, person)
    limit = max(1, min(limit, LONGEST_PAGE))
    if around is not None:
        half = max(1, limit // 2)
        older = await messages.newest(connection, conversation, around + 1, member.sees_after, half)
        newer = await messages.following(connection, conversation, max(around, member.sees_after), half)
        return [*reversed(older), *newer]
    if after is not None:
        return await messages.following(connection, conversation, max(after, member.sees_after), limit)
    below = 2**63 - 1 if before is None else before
    return await messages.newest(connection, conversation, below, member.sees_after, limit)


async def see_changes(
    connection: Connection,
    person: PersonId,
    conversation: ConversationId,
    after: int,
    limit: int = LONGEST_PAGE,
) -> Changes:
    """What changed in a conversation after change number `after`. Raises no_such_conversation."""
    rows = await conversations.see_mine(connection, person, [conversation])
    if not rows:
        raise NoSuchConversation()
    room, member = conversations.place_of(rows[0])
    return await changes_in(
        connection,
        conversation,
        room.last_change,
        member.sees_after,
        after,
        max(1, min(limit, LONGEST_PAGE)),
    )


async def changes_in(
    connection: Connection,
    conversation: ConversationId,
    last_change: int,
    sees_after: int,
    after: int,
    limit: int,
) -> Changes:
    """What changed after a change number among messages above `sees_after`, a page of it."""
    found = await messages.changes(connection, conversation, after, sees_after, limit + 1)
    if len(found) > limit:
        return Changes(found[:limit], found[limit - 1].change, True)
    return Changes(found, last_change, False)


# --- Readers and searching ------------------------------------------------------------------------


async def see_readers(
    connection: Connection, person: PersonId, conversation: ConversationId, number: int
) -> Readers:
    """Who has read a message: for its sender and those who run the group, if they show their own reading.

    Raises no_such_conversation, no_such_message, not_allowed_here.
    """
    member = await common.see_member(connection, conversation, person)
    message = await common.see_message_for(connection, person, conversation, number)
    if message.sender != person and not may(member.role, "see_joins"):
        raise NotAllowedHere(needs="sender")
    members = await conversations.members_of(connection, conversation)
    flags = await conversations.flags_of(connection, [each.person for each in members])
    shy = {one for one, each in flags.items() if not each["receipts"]}
    audience = [
        each.person for each in members if each.person != message.sender and each.joined_number < number
    ]
    if person in shy:
        return Readers([], [], len(audience))
    shown = [one for one in audience if one not in shy]
    read = {row["person"]: row["at"] for row in await reads.readers(connection, conversation, number)}
    people = await see_people(connection, shown)
    return Readers(
        [
            # A row of reading times may have begun before the message was sent; it was not read before that.
            Reader(one, people[one].name, people[one].avatar, at and max(at, message.sent_at))
            for one, at in read.items()
            if one in people and one in shown
        ],
        [people[one] for one in shown if one not in read],
        len(audience) - len(shown),
    )


async def see_found(
    connection: Connection,
    person: PersonId,
    text: str,
    within: ConversationId | None = None,
    before: tuple[datetime, ConversationId, int] | None = None,
) -> Found:
    """Messages with all words of a text, the newest first; none of people one blocked. Raises bad_search."""
    query = query_of(text[: LONGEST_QUERY + 1])
    if query is None or len(text) > LONGEST_QUERY:
        raise BadSearch(most=LONGEST_QUERY)
    hidden = [view.person for view in await see_blocked(connection, person)]
    found = await search.find(connection, person, query, within, before or (), hidden, PAGE)
    return Found(found, await see_people(connection, {each.sender for each in found if each.sender}))


# --- For other domains ----------------------------------------------------------------------------


async def see_role(connection: Connection, conversation: ConversationId, person: PersonId) -> Role | None:
    """Somebody's role in a conversation; None: no member."""
    found = await conversations.members(connection, [(conversation, person)])
    return found[conversation, person].role if found else None


async def members_of(connection: Connection, conversation: ConversationId) -> list[PersonId]:
    """Everybody in a conversation, by number; nobody in one that is not there."""
    return [member.person for member in await conversations.members_of(connection, conversation)]


async def see_rooms(connection: Connection, person: PersonId) -> list[tuple[ConversationId, str]]:
    """The groups somebody is in, with the subjects of their rooms: what their pass lets them hear."""
    return [
        (row["id"], room_subject(row["room"])) for row in await conversations.groups_of(connection, person)
    ]
