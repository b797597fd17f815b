"""The list of a person's conversations, and one of them with its members."""

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
    shown = [view for view in views if view.kind == "group" or view.last_number]
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
    places = [Place(row, Conversation(*row[:13]), Member(*row[18:])) for row in rows]
    facts = await _facts(connection, person, places)
    return [_view(person, place, facts) for place in places]


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place in one conversation, as it was read."""

    row: asyncpg.Record
    room: Conversation
    member: Member


@dataclass(frozen=True, slots=True)
class Facts:
    """What a list shows beside the conversations themselves."""

    unread: dict[ConversationId, int]
    mentions: dict[ConversationId, list[int]]
    last: dict[ConversationId, Message]
    others: dict[ConversationId, PersonId]
    friends: set[PersonId]
    peers: dict[conversations.Key, tuple[int, datetime | None]]
    shy: set[PersonId]


async def _facts(connection: Connection, person: PersonId, places: Sequence[Place]) -> Facts:
    heads = {
        place.room.id: above
        for place in places
        if place.room.last_number > (above := max(place.member.sees_after, place.member.read_through))
    }
    newest = [
        (place.room.id, place.room.last_number)
        for place in places
        if place.room.last_number > place.member.sees_after
    ]
    others = {place.room.id: place.room.other(person) for place in places if place.room.kind == "direct"}
    friends = await are_friends(connection, [(person, other) for other in others.values()])
    flags = await conversations.flags_of(connection, [person, *others.values()])
    return Facts(
        unread=await messages.unread(connection, person, list(heads.items()), MOST_UNREAD),
        mentions=await messages.mentions(connection, person, list(heads.items()), MOST_UNREAD),
        last=await messages.last_of(connection, newest),
        others=others,
        friends={other for _, other in friends},
        peers=await reads.peers(connection, others.items()),
        shy={one for one, each in flags.items() if not each["receipts"]},
    )


def _view(person: PersonId, place: Place, facts: Facts) -> ConversationView:
    row, room, member = place.row, place.room, place.member
    other = facts.others.get(room.id)
    peer = None
    if other is not None and not facts.shy & {person, other}:
        peer = facts.peers.get((room.id, other))
    announcement = None
    if row["announcement"] is not None:
        announcement = Announcement(row["announcement"], row["announced_by"], row["announced_at"])
    return ConversationView(
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
        muted_until=member.muted_until,
        burn_seconds=row["burn_seconds"],
        read_through=member.read_through,
        notify=member.notify,
        pinned=member.pinned,
        hidden_through=member.hidden_through,
        unread=facts.unread.get(room.id, 0),
        mentions=facts.mentions.get(room.id, []),
        peer_read_through=peer[0] if peer is not None else None,
        peer_read_at=peer[1] if peer is not None else None,
        stranger=other is not None and other not in facts.friends,
        last=facts.last.get(room.id),
        created_at=row["created_at"],
    )


async def people_in(
    connection: Connection, views: Iterable[ConversationView], found: Iterable[Message]
) -> dict[PersonId, PersonView]:
    """Whom these conversations and messages name."""
    wanted = {view.with_ for view in views if view.with_ is not None}
    said = [*found, *(view.last for view in views if view.last is not None)]
    wanted |= {message.sender for message in said if message.sender}
    return await see_people(connection, wanted)
