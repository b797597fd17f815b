"""The list of a person's conversations, and one of them with its members.

A view has two halves. What costs little and stands still most of the time comes first (`bare_views`), with a
`mark` that is another one whenever any of it changed: by it a phone tells what it need not be told again
(`syncing.py`). What follows from the messages (unread, mentions, the newest) is added where it is wanted.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import msgspec

from wufu.chat.model import (
    RANK,
    Conversation,
    ConversationKind,
    Member,
    Message,
    Notify,
    Role,
    may,
    room_subject,
)
from wufu.chat.refusals import NoSuchConversation
from wufu.chat.store import conversations, groups, messages, reads
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection
from wufu.people import PersonView, see_people
from wufu.ties import are_friends

MOST_UNREAD = 100
"""Unread messages are counted up to here: a phone shows 99+."""


class Announcement(msgspec.Struct, frozen=True):
    text: str
    by: PersonId
    at: datetime


class ConversationView(msgspec.Struct, frozen=True, rename={"with_": "with"}):
    """A conversation as one of its members sees it."""

    id: ConversationId
    kind: ConversationKind
    last_number: int
    last_change: int
    version: int
    title: str
    with_: PersonId | None
    people_count: int
    role: Role
    joined_number: int
    joined_at: datetime
    room: str | None
    announcement: Announcement | None
    approval: bool
    all_muted: bool
    closed: bool
    muted_until: datetime | None
    burn_seconds: int | None
    read_through: int
    notify: Notify
    pinned: bool
    hidden_through: int
    unread: int
    mentions: list[int]
    peer_read_through: int | None
    peer_read_at: datetime | None
    stranger: bool
    last: Message | None
    created_at: datetime
    mark: str = ""
    """Another one when anything else of this changed than the messages and both cursors."""

    @property
    def sees_after(self) -> int:
        """Messages with higher numbers are visible to them."""
        return max(self.joined_number, self.hidden_through)

    @property
    def is_listed(self) -> bool:
        """Conversations of two appear with their first message."""
        return self.kind == "group" or self.last_number > 0


class Chats(msgspec.Struct, frozen=True):
    """A person's conversations, the newest first, and what their badge shows."""

    conversations: list[ConversationView]
    people: dict[PersonId, PersonView]
    unread: int
    mentions: int


class MemberView(msgspec.Struct, frozen=True):
    person: PersonId
    name: str
    avatar: int
    role: Role
    joined_at: datetime
    muted_until: datetime | None


class Waiting(msgspec.Struct, frozen=True):
    """Somebody who waits to be let into a group."""

    person: PersonId
    name: str
    avatar: int
    inviter: PersonId
    at: datetime


class ConversationPage(msgspec.Struct, frozen=True):
    conversation: ConversationView
    members: list[MemberView]
    joins: list[Waiting]


async def see_chats(connection: Connection, person: PersonId) -> Chats:
    """A person's conversations, the newest first. Those of two appear with their first message."""
    views = await views_of(connection, person, await conversations.see_mine(connection, person))
    shown = [view for view in views if view.is_listed]
    shown.sort(key=newest_first, reverse=True)
    return Chats(
        shown,
        await people_in(connection, shown, []),
        sum(_counted(view) for view in shown),
        sum(len(view.mentions) for view in shown if view.notify != "none"),
    )


async def see_conversation(
    connection: Connection, person: PersonId, conversation: ConversationId
) -> ConversationView:
    """One conversation. Raises no_such_conversation."""
    rows = await conversations.see_mine(connection, person, [conversation])
    if not rows:
        raise NoSuchConversation()
    return (await views_of(connection, person, rows))[0]


async def see_page(
    connection: Connection, person: PersonId, conversation: ConversationId
) -> ConversationPage:
    """A conversation with its members, owner and admins first, and (for these) who waits to be let in."""
    view = await see_conversation(connection, person, conversation)
    members = await conversations.members_of(connection, conversation)
    joins = (
        await groups.joins(connection, conversation)
        if view.kind == "group" and may(view.role, "see_joins")
        else []
    )
    people = await see_people(
        connection, {*(each.person for each in members), *(row["person"] for row in joins)}
    )
    members.sort(key=lambda each: (-RANK[each.role], each.joined_at, each.person))
    return ConversationPage(
        view,
        [
            MemberView(
                each.person,
                people[each.person].name,
                people[each.person].avatar,
                each.role,
                each.joined_at,
                each.muted_until,
            )
            for each in members
        ],
        [
            Waiting(
                row["person"],
                people[row["person"]].name,
                people[row["person"]].avatar,
                row["inviter"],
                row["at"],
            )
            for row in joins
        ],
    )


def newest_first(view: ConversationView) -> tuple[datetime, ConversationId]:
    """Sort by this, reversed: the newest message first."""
    return (view.last.sent_at if view.last is not None else view.joined_at, view.id)


def _counted(view: ConversationView) -> int:
    """What a conversation adds to the badge."""
    if view.notify == "none":
        return 0
    return view.unread if view.notify == "all" else len(view.mentions)


async def views_of(
    connection: Connection, person: PersonId, rows: Sequence[asyncpg.Record]
) -> list[ConversationView]:
    """Rows of `conversations.see_mine` as their owner sees them."""
    return await with_news(connection, person, await bare_views(connection, person, rows))


@dataclass(frozen=True, slots=True)
class Around:
    """What a conversation of two shows of the other person."""

    others: dict[ConversationId, PersonId]
    people: dict[PersonId, PersonView]
    friends: set[PersonId]
    peers: dict[conversations.Key, tuple[int, datetime | None]]
    shy: set[PersonId]


async def bare_views(
    connection: Connection, person: PersonId, rows: Sequence[asyncpg.Record]
) -> list[ConversationView]:
    """Rows of `conversations.see_mine` as their owner sees them, without what follows from messages."""
    places = [conversations.place_of(row) for row in rows]
    others = {room.id: room.other(person) for room, _ in places if room.kind == "direct"}
    friends = await are_friends(connection, [(person, other) for other in others.values()])
    flags = await conversations.flags_of(connection, [person, *others.values()])
    around = Around(
        others=others,
        people=await see_people(connection, set(others.values())),
        friends={other for _, other in friends},
        peers=await reads.peers(connection, others.items()),
        shy={one for one, each in flags.items() if not each["receipts"]},
    )
    return [_view(person, row, *place, around) for row, place in zip(rows, places, strict=True)]


async def with_news(
    connection: Connection, person: PersonId, views: Sequence[ConversationView]
) -> list[ConversationView]:
    """The same views with their newest messages, and what of them is unread or mentions this person."""
    heads = [
        (view.id, above)
        for view in views
        if view.last_number > (above := max(view.sees_after, view.read_through))
    ]
    unread = await messages.unread(connection, person, heads, MOST_UNREAD)
    mentions = await messages.mentions(connection, person, heads, MOST_UNREAD)
    last = await newest_of(connection, views)
    return [
        msgspec.structs.replace(
            view,
            unread=unread.get(view.id, 0),
            mentions=mentions.get(view.id, []),
            last=last.get(view.id),
        )
        for view in views
    ]


async def newest_of(
    connection: Connection, views: Iterable[ConversationView]
) -> dict[ConversationId, Message]:
    """The newest message that is visible in each."""
    newest = [(view.id, view.last_number) for view in views if view.last_number > view.sees_after]
    return await messages.last_of(connection, newest)


def _view(
    person: PersonId, row: asyncpg.Record, room: Conversation, member: Member, around: Around
) -> ConversationView:
    other = around.others.get(room.id)
    peer = None
    if other is not None and not around.shy & {person, other}:
        peer = around.peers.get((room.id, other))
    announcement = None
    if row["announcement"] is not None:
        announcement = Announcement(row["announcement"], row["announced_by"], row["announced_at"])
    view = ConversationView(
        id=room.id,
        kind=room.kind,
        last_number=room.last_number,
        last_change=room.last_change,
        version=room.version,
        title=room.title,
        with_=None if room.kind == "group" else room.other(person),
        people_count=room.people,
        role=member.role,
        joined_number=member.joined_number,
        joined_at=member.joined_at,
        room=room_subject(room.room) if room.room is not None else None,
        announcement=announcement,
        approval=room.approval,
        all_muted=room.all_muted,
        closed=room.closed_at is not None,
        muted_until=member.muted_until,
        burn_seconds=row["burn_seconds"],
        read_through=member.read_through,
        notify=member.notify,
        pinned=member.pinned,
        hidden_through=member.hidden_through,
        unread=0,
        mentions=[],
        peer_read_through=peer[0] if peer is not None else None,
        peer_read_at=peer[1] if peer is not None else None,
        stranger=other is not None and other not in around.friends,
        last=None,
        created_at=row["created_at"],
    )
    return msgspec.structs.replace(view, mark=mark_of(view, around.people.get(other) if other else None))


def mark_of(view: ConversationView, other: PersonView | None) -> str:
    """11 characters that differ when a phone has to be told this view again, messages and cursors apart."""
    still = msgspec.structs.replace(
        view, last_number=0, last_change=0, read_through=0, peer_read_through=None, peer_read_at=None
    )
    told = hashlib.sha256(msgspec.json.encode((still, other))).digest()
    return base64.urlsafe_b64encode(told[:8]).decode().rstrip("=")


async def people_in(
    connection: Connection, views: Iterable[ConversationView], found: Iterable[Message]
) -> dict[PersonId, PersonView]:
    """Whom these conversations and messages name."""
    wanted = {view.with_ for view in views if view.with_ is not None}
    said = [*found, *(view.last for view in views if view.last is not None)]
    wanted |= {message.sender for message in said if message.sender}
    return await see_people(connection, wanted)
