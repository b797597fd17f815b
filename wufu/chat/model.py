"""Values and pure decisions of chat: who may do what, what a batch of messages becomes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from wufu.chat.refusals import (
    BadMention,
    GroupClosed,
    KnockLimit,
    Muted,
    NoSuchConversation,
    NoSuchMessage,
    NotFriends,
    Silenced,
)
from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.core.refusals import Refusal
from wufu.ties import BlockedByYou

MOST_PEOPLE = 500
MOST_GROUPS = 500
"""A pass lists a room for each group, and it has to fit one line of NATS."""
MOST_MENTIONS = 50
KNOCKS = 3
"""What a stranger may say before being answered, to somebody who lets strangers write."""
RECALL_FOR = timedelta(minutes=2)
EDIT_FOR = timedelta(hours=24)
PACE, BURST = timedelta(seconds=0.25), timedelta(seconds=10)
"""A person sends 4 messages a second in the long run, and 40 at once."""
MOST_KINDS_OF_REACTION, MOST_REACTIONS_OF_ONE = 12, 3
EVERYONE = PersonId(0)
"""Who is mentioned when everyone is; also the sender of notices."""
SYSTEM = PersonId(0)

ConversationKind = Literal["direct", "group", "self"]
Role = Literal["owner", "admin", "member"]
Notify = Literal["all", "mentions", "none"]
RANK: Mapping[str, int] = {"member": 0, "admin": 1, "owner": 2}

Act = Literal[
    "see",
    "speak",
    "add",
    "invite",
    "mention_everyone",
    "recall",
    "title",
    "announce",
    "approve",
    "silence_all",
    "see_joins",
    "end_invites",
    "remove",
    "mute",
    "role",
    "transfer",
]
LEAST: Mapping[Act, Role] = {
    "see": "member",
    "speak": "member",
    "add": "member",
    "invite": "member",
    "mention_everyone": "admin",
    "recall": "admin",
    "title": "admin",
    "announce": "admin",
    "approve": "admin",
    "silence_all": "admin",
    "see_joins": "admin",
    "end_invites": "admin",
    "remove": "admin",
    "mute": "admin",
    "role": "owner",
    "transfer": "owner",
}
"""The least role that an act needs: the one table of rights in a conversation."""


def may(role: Role | None, act: Act, over: Role | None = None) -> bool:
    """Whether somebody of this role may do this, if given over somebody of the role `over`: only downward."""
    if role is None or RANK[role] < RANK[LEAST[act]]:
        return False
    return over is None or RANK[role] > RANK[over]


# --- Ids ------------------------------------------------------------------------------------------


def direct_id(one: PersonId, other: PersonId) -> ConversationId:
    """The id of the conversation of two people, or of one's notes to oneself: a hash of their numbers.

    UUID version 8 (RFC 9562, B.2) of SHA-256, so that a phone finds it without asking.
    """
    low, high = min(one, other), max(one, other)
    text = f"wufu/self/{low}" if low == high else f"wufu/direct/{low}/{high}"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])
    number &= ~(0xF << 76 | 0b11 << 62)
    return ConversationId(UUID(int=number | 0x8 << 76 | 0b10 << 62))


# --- Requests and answers -------------------------------------------------------------------------


class SendMessage(msgspec.Struct, frozen=True):
    """One message of a phone: to a `conversation`, or `to` a person (oneself: notes)."""

    person: PersonId
    id: MessageId
    kind: str
    body: dict[str, object]
    conversation: ConversationId | None = None
    to: PersonId | None = None
    reply_to: int | None = None
    mentions: tuple[PersonId, ...] = ()


class SendCard(msgspec.Struct, frozen=True):
    """A card of another domain: an editable message of the kind `card`. `id` names it for changes."""

    conversation: ConversationId
    sender: PersonId
    id: MessageId
    card: str
    body: dict[str, object]


class ChangeCard(msgspec.Struct, frozen=True):
    """The whole new body of a card."""

    conversation: ConversationId
    id: MessageId
    body: dict[str, object]


class SentMessage(msgspec.Struct, frozen=True):
    """Where a message stands in its conversation."""

    conversation: ConversationId
    id: MessageId
    number: int
    change: int
    sent_at: datetime


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as phones see it."""

    conversation: ConversationId
    number: int
    change: int
    id: MessageId
    sender: PersonId
    kind: str
    body: dict[str, object]
    sent_at: datetime
    reply_to: int | None = None
    mentions: tuple[PersonId, ...] = ()
    edited_at: datetime | None = None
    recalled_by: PersonId | None = None
    reactions: dict[str, list[PersonId]] = {}

    def sent(self) -> SentMessage:
        return SentMessage(self.conversation, self.id, self.number, self.change, self.sent_at)


# --- What a batch stands on -----------------------------------------------------------------------


@dataclass(slots=True)
class Conversation:
    """A conversation under lock. Its counters move as a batch is decided."""

    id: ConversationId
    kind: ConversationKind
    low: PersonId | None
    high: PersonId | None
    title: str
    people: int
    last_number: int
    last_change: int
    version: int
    room: str | None
    room_epoch: int
    approval: bool
    all_muted: bool
    closed_at: datetime | None = None

    def subjects(self) -> tuple[str, ...]:
        """Where its news are said: a group's room, or both people's own lines."""
        if self.room is not None:
            return (room_subject(self.room),)
        return tuple(chat_subject(person) for person in self.both())

    def both(self) -> tuple[PersonId, ...]:
        """The two people of a direct conversation, the one of notes to oneself."""
        assert self.low is not None
        assert self.high is not None
        return (self.low,) if self.low == self.high else (self.low, self.high)

    def other(self, person: PersonId) -> PersonId:
        """Whom one talks to here: the other, or oneself."""
        both = self.both()
        return both[0] if both[-1] == person else both[-1]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's place in a conversation."""

    person: PersonId
    role: Role
    joined_number: int
    joined_at: datetime
    muted_until: datetime | None
    read_through: int
    read_at: datetime | None
    notify: Notify
    pinned: bool
    hidden_through: int

    @property
    def sees_after(self) -> int:
        """Messages with higher numbers are visible to them."""
        return max(self.joined_number, self.hidden_through)


def room_subject(room: str) -> str:
    """The live subject of a group's news; `room` is a secret of its members."""
    return f"room.{room}"


def chat_subject(person: PersonId) -> str:
    """A person's own live subject of chat."""
    return f"me.{person}.chat"


# --- Sending --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is to be numbered. `asked` is the fingerprint of its request, None for notices."""

    conversation: ConversationId
    id: MessageId
    sender: PersonId
    kind: str
    body: dict[str, object]
    asked: bytes | None
    reply_to: int | None = None
    mentions: tuple[PersonId, ...] = ()
    words: str = ""
    """What of it can be searched."""


@dataclass(frozen=True, slots=True)
class Talking:
    """How two people stand: what decides whether one may write to the other."""

    friends: bool
    blocked_by_me: bool = False
    blocked_by_other: bool = False
    other_lets_strangers: bool = False
    answers: bool = False
    """Whether one lets strangers write and the other has written here: then one may answer."""
    knocks: int = 0
    """How many messages the one who writes has sent since the other last spoke here (at most KNOCKS)."""


def fingerprint(*parts: object) -> bytes:
    """16 bytes that differ when anything asked for differs."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).digest()[:16]


Silences = Mapping[PersonId, datetime | None]
"""Whom moderators let not write, until when (None: without an end)."""


def decide_voice(silences: Silences, person: PersonId, now: datetime) -> Refusal | None:
    """Whether moderators let somebody write at all."""
    if person not in silences:
        return None
    until = silences[person]
    return Silenced(until=until) if until is None or until > now else None


def decide_speaking(
    conversation: Conversation | None,
    member: Member | None,
    talking: Talking | None,
    silences: Silences,
    now: datetime,
) -> Refusal | None:
    """Whether somebody may say something here now. `talking` is given for direct conversations.

    Notes to oneself are nobody else's business.
    """
    if conversation is None or member is None:
        return NoSuchConversation()
    if conversation.kind != "self" and (no := decide_voice(silences, member.person, now)) is not None:
        return no
    if conversation.closed_at is not None:
        return GroupClosed()
    if conversation.kind == "group":
        if conversation.all_muted and RANK[member.role] < RANK["admin"]:
            return Muted(until=None)
        if member.muted_until is not None and member.muted_until > now:
            return Muted(until=member.muted_until)
    return decide_talking(conversation.other(member.person), talking) if talking is not None else None


def decide_talking(other: PersonId, talking: Talking) -> Refusal | None:
    """Whether one may write to `other`: friends may; strangers a little, if the other lets them or wrote."""
    if talking.friends:
        return None
    if talking.blocked_by_me:
        return BlockedByYou(person=other)
    if talking.blocked_by_other or not (talking.other_lets_strangers or talking.answers):
        return NotFriends(person=other)
    return KnockLimit(most=KNOCKS) if talking.knocks >= KNOCKS else None


def decide_mentions(
    conversation: Conversation, member: Member, mentions: Sequence[PersonId], members: Iterable[PersonId]
) -> Refusal | None:
    """Mentioned are members of a group; everyone by those who run it."""
    if not mentions:
        return None
    if conversation.kind != "group" or len(mentions) > MOST_MENTIONS or len(set(mentions)) < len(mentions):
        return BadMention()
    if EVERYONE in mentions and not may(member.role, "mention_everyone"):
        return BadMention(person=EVERYONE)
    known = {*members, EVERYONE}
    unknown = [person for person in mentions if person not in known]
    return BadMention(person=unknown[0]) if unknown else None


def decide_reply(conversation: Conversation, member: Member, reply_to: int | None) -> Refusal | None:
    """One replies to what one can see."""
    if reply_to is None or member.sees_after < reply_to <= conversation.last_number:
        return None
    return NoSuchMessage(number=reply_to)


def number(conversation: Conversation, draft: Draft, now: datetime) -> Message:
    """The draft as the next message of its conversation."""
    conversation.last_number += 1
    conversation.last_change += 1
    return Message(
        conversation.id,
        conversation.last_number,
        conversation.last_change,
        draft.id,
        draft.sender,
        draft.kind,
        draft.body,
        now,
        draft.reply_to,
        draft.mentions,
    )


def allowed_at_pace(due_at: datetime | None, wanted: int, now: datetime) -> tuple[int, datetime]:
    """How many of `wanted` messages somebody may send now, and how far that puts them ahead of their pace.

    The generic cell rate algorithm: `due_at` is when everything sent so far would have been sent at PACE.
    """
    ahead = max(due_at, now) if due_at is not None else now
    room = (now + BURST - ahead) // PACE
    allowed = max(0, min(wanted, room))
    return allowed, ahead + PACE * allowed


# --- Reactions ------------------------------------------------------------------------------------


def decide_reaction(
    reactions: Mapping[str, Sequence[PersonId]], person: PersonId, emoji: str, on: bool
) -> dict[str, list[PersonId]] | None:
    """The reactions after this one, in the order of first use; None: too many."""
    after = {each: list(people) for each, people in reactions.items()}
    people = after.get(emoji, [])
    if on and person not in people:
        mine = sum(person in each for each in after.values())
        if mine >= MOST_REACTIONS_OF_ONE or (not people and len(after) >= MOST_KINDS_OF_REACTION):
            return None
        after[emoji] = [*people, person]
    elif not on and person in people:
        people.remove(person)
        if not people:
            del after[emoji]
    return after
