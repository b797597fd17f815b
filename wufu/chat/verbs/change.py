"""Changing messages that were sent: cards, edits, recalls, reactions, burning.

Every change takes the conversation's next change number under its lock, so that phones learn of it in order.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from wufu.chat.bodies import LARGEST_CARD, PLAIN, Body, Text, read_body
from wufu.chat.kinds import ENDED, tell
from wufu.chat.model import (
    EDIT_FOR,
    MOST_KINDS_OF_REACTION,
    MOST_REACTIONS_OF_ONE,
    RECALL_FOR,
    SYSTEM,
    ChangeCard,
    Conversation,
    Member,
    Message,
    SentMessage,
    decide_mentions,
    decide_reaction,
    decide_speaking,
    may,
)
from wufu.chat.refusals import (
    BadMessage,
    KindNotAllowed,
    NoSuchConversation,
    NoSuchMessage,
    NotAllowedHere,
    TooLate,
    TooManyReactions,
)
from wufu.chat.store import conversations, messages
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx

Answer = SentMessage | Refusal
LONGEST_EMOJI = 16


class EditMessage(msgspec.Struct, frozen=True):
    person: PersonId
    conversation: ConversationId
    number: int
    text: str
    mentions: tuple[PersonId, ...] = ()


class RecallMessage(msgspec.Struct, frozen=True):
    person: PersonId
    conversation: ConversationId
    number: int


class React(msgspec.Struct, frozen=True):
    """Set (`on`) or take back one's reaction to a message."""

    person: PersonId
    conversation: ConversationId
    number: int
    emoji: str
    on: bool


class Reacted(msgspec.Struct, frozen=True):
    """A message's reactions after a request."""

    conversation: ConversationId
    number: int
    change: int
    reactions: dict[str, list[PersonId]]


class Change(msgspec.Struct, frozen=True):
    """What a message is from now on: for what happens to it by itself, such as burning."""

    conversation: ConversationId
    number: int
    kind: str
    body: dict[str, object]


@dataclass(slots=True)
class Board:
    """Messages under the locks of their conversations, as a batch changes them one after the other."""

    now: datetime
    locked: dict[ConversationId, Conversation]
    members: dict[conversations.Key, Member]
    found: dict[messages.Place, Message]
    before: dict[messages.Place, Message]
    words: dict[messages.Place, str] = field(default_factory=dict)
    mentioned: dict[conversations.Key, Member] = field(default_factory=dict)
    speaking: dict[conversations.Key, Refusal | None] = field(default_factory=dict)

    def message(self, person: PersonId, conversation: ConversationId, number: int) -> Message | Refusal:
        """A message that this person may see."""
        member = self.members.get((conversation, person))
        if member is None or conversation not in self.locked:
            return NoSuchConversation()
        message = self.found.get((conversation, number))
        if message is None or number <= member.sees_after:
            return NoSuchMessage(number=number)
        return message


async def edit_messages(tx: Tx, requests: Sequence[EditMessage]) -> list[Answer]:
    """Change one's own texts within 24 hours.

    Refusals: no_such_conversation, no_such_message, not_allowed_here, kind_not_allowed, too_late,
    bad_message, bad_mention, silenced, group_closed, muted, not_friends.
    """
    board = await _board(tx, requests)
    named = [(request.conversation, person) for request in requests for person in request.mentions]
    board.mentioned = await conversations.members(tx.connection, named) if named else {}
    await _read_speaking(tx, board, requests)
    answers = await _apply(tx, board, requests, _edit)
    edited = [
        message for place, message in board.found.items() if message.mentions != board.before[place].mentions
    ]
    if edited:
        await messages.drop_mentions(tx.connection, [(each.conversation, each.number) for each in edited])
        await messages.add_mentions(tx.connection, edited)
    return answers


async def recall_messages(tx: Tx, requests: Sequence[RecallMessage]) -> list[Answer]:
    """Take messages back: one's own within 2 minutes, in a group any by those who run it.

    Refusals: no_such_conversation, no_such_message, not_allowed_here, kind_not_allowed, too_late.
    """
    board = await _board(tx, requests)
    answers = await _apply(tx, board, requests, _recall, forget=True)
    before = board.before
    ended = [
        before[place] for place, each in board.found.items() if each.recalled_by and before[place] != each
    ]
    await tell(ENDED, tx, ended)
    return answers


async def react(tx: Tx, requests: Sequence[React]) -> list[Reacted | Refusal]:
    """Set or take back reactions. Refusals: those of seeing and speaking, bad_message, too_many_reactions."""
    board = await _board(tx, requests)
    await _read_speaking(tx, board, requests)
    answers = await _apply(tx, board, requests, _react)
    return [
        answer
        if isinstance(answer, Refusal)
        else Reacted(
            answer.conversation,
            answer.number,
            answer.change,
            board.found[answer.conversation, answer.number].reactions,
        )
        for answer in answers
    ]


async def change_cards(tx: Tx, requests: Sequence[ChangeCard]) -> list[Answer]:
    """Replace the bodies of cards. Refusals: no_such_message, bad_message. A recalled card stays as it is."""
    locked = await conversations.lock(tx.connection, {request.conversation for request in requests})
    found = await messages.earlier(tx.connection, [(each.conversation, each.id) for each in requests])
    now: dict[messages.Id, Message] = {key: message for key, (message, _) in found.items()}
    refused: dict[int, Refusal] = {}
    for request in requests:
        key = (request.conversation, request.id)
        if key not in now or now[key].kind not in ("card", "gone"):
            refused[id(request)] = NoSuchMessage(id=str(request.id))
        elif len(msgspec.json.encode(request.body)) > LARGEST_CARD:
            refused[id(request)] = BadMessage(where="$", why="The card is too large")
        elif now[key].kind == "card" and now[key].recalled_by is None:
            body = {"card": now[key].body["card"], **request.body}
            now[key] = msgspec.structs.replace(now[key], body=body)
    changed = [message for key, message in now.items() if message.body != found[key][0].body]
    written = await common.rewrite(tx, locked, sorted(changed, key=lambda each: each.number))
    sent = {(each.conversation, each.id): each for each in (*now.values(), *written)}
    return [refused.get(id(each)) or sent[each.conversation, each.id].sent() for each in requests]


async def change_messages(tx: Tx, requests: Sequence[Change]) -> list[Answer]:
    """Make messages something else: nothing of what they said is kept. Refusal: no_such_message."""
    locked = await conversations.lock(tx.connection, {request.conversation for request in requests})
    found = await messages.at(tx.connection, [(each.conversation, each.number) for each in requests])
    now = dict(found)
    for request in requests:
        place = (request.conversation, request.number)
        if place in now:
            now[place] = msgspec.structs.replace(
                now[place], kind=request.kind, body=request.body, mentions=(), reactions={}, edited_at=None
            )
    changed = [message for place, message in now.items() if message != found[place]]
    written = await common.rewrite(tx, locked, sorted(changed, key=lambda each: each.number), forget=True)
    now |= {(each.conversation, each.number): each for each in written}
    return [
        now[request.conversation, request.number].sent()
        if (request.conversation, request.number) in now
        else NoSuchMessage(number=request.number)
        for request in requests
    ]


# --- Deciding -------------------------------------------------------------------------------------


async def _board(tx: Tx, requests: Sequence[EditMessage | RecallMessage | React]) -> Board:
    locked = await conversations.lock(tx.connection, {request.conversation for request in requests})
    keys = [(request.conversation, request.person) for request in requests]
    members = await conversations.members(tx.connection, keys)
    found = await messages.at(tx.connection, [(each.conversation, each.number) for each in requests])
    return Board(tx.now, locked, members, found, dict(found))


async def _read_speaking(tx: Tx, board: Board, requests: Sequence[EditMessage | React]) -> None:
    """Whether who asks may still say something there."""
    keys = {(request.conversation, request.person) for request in requests}
    pairs = {
        (person, board.locked[conversation].other(person))
        for conversation, person in keys
        if (conversation, person) in board.members and board.locked[conversation].kind == "direct"
    }
    talking = await common.talking_of(tx, pairs)
    silences = await conversations.silences(tx.connection, {person for _, person in keys})
    for conversation, person in keys:
        member, its = board.members.get((conversation, person)), board.locked.get(conversation)
        pair = (person, its.other(person)) if its is not None and its.kind == "direct" and member else None
        board.speaking[conversation, person] = decide_speaking(
            its, member, talking[pair] if pair is not None else None, silences, tx.now
        )


async def _apply(
    tx: Tx,
    board: Board,
    requests: Sequence[Any],
    decide: Callable[[Board, Any, Message], Message | Refusal],
    *,
    forget: bool = False,
) -> list[Answer]:
    """Decide requests in order, write what changed once each, and answer all."""
    answers: list[Message | Refusal] = []
    for request in requests:
        message = board.message(request.person, request.conversation, request.number)
        after = message if isinstance(message, Refusal) else decide(board, request, message)
        if isinstance(after, Message):
            board.found[after.conversation, after.number] = after
        answers.append(after)
    changed = [message for place, message in board.found.items() if message != board.before[place]]
    ordered = sorted(changed, key=lambda each: (str(each.conversation), each.number))
    for each in await common.rewrite(tx, board.locked, ordered, words=board.words, forget=forget):
        board.found[each.conversation, each.number] = each
    return [
        answer if isinstance(answer, Refusal) else board.found[answer.conversation, answer.number].sent()
        for answer in answers
    ]


def _edit(board: Board, request: EditMessage, message: Message) -> Message | Refusal:
    if message.sender != request.person:
        return NotAllowedHere(needs="sender")
    if message.kind != "text" or message.recalled_by is not None:
        return KindNotAllowed(kind=message.kind)
    if (refusal := board.speaking[request.conversation, request.person]) is not None:
        return refusal
    body = read_body(PLAIN["text"], msgspec.to_builtins(Text(request.text)))
    if isinstance(body, Refusal):
        return body
    if body == message.body and request.mentions == message.mentions:
        return message
    if board.now - message.sent_at > EDIT_FOR:
        return TooLate(seconds=int(EDIT_FOR.total_seconds()))
    refusal = decide_mentions(
        board.locked[request.conversation],
        board.members[request.conversation, request.person],
        request.mentions,
        [one for one in request.mentions if (request.conversation, one) in board.mentioned],
    )
    if refusal is not None:
        return refusal
    board.words[message.conversation, message.number] = request.text
    return msgspec.structs.replace(message, body=body, mentions=request.mentions, edited_at=board.now)


def _recall(board: Board, request: RecallMessage, message: Message) -> Message | Refusal:
    if message.recalled_by is not None:
        return message
    if message.sender == SYSTEM or message.kind == "gone":
        return KindNotAllowed(kind=message.kind)
    member = board.members[request.conversation, request.person]
    runs = board.locked[request.conversation].kind == "group" and may(member.role, "recall")
    if message.sender != request.person and not runs:
        return NotAllowedHere(needs="sender")
    if not runs and board.now - message.sent_at > RECALL_FOR:
        return TooLate(seconds=int(RECALL_FOR.total_seconds()))
    empty: Body = {}
    return msgspec.structs.replace(
        message, body=empty, mentions=(), reactions={}, edited_at=None, recalled_by=request.person
    )


def _react(board: Board, request: React, message: Message) -> Message | Refusal:
    if not is_emoji(request.emoji):
        return BadMessage(where="$.emoji", why="Not one emoji")
    if message.recalled_by is not None or message.kind in ("gone", "notice"):
        return KindNotAllowed(kind=message.kind)
    if (refusal := board.speaking[request.conversation, request.person]) is not None:
        return refusal
    after = decide_reaction(message.reactions, request.person, request.emoji, request.on)
    if after is None:
        return TooManyReactions(kinds=MOST_KINDS_OF_REACTION, yours=MOST_REACTIONS_OF_ONE)
    return msgspec.structs.replace(message, reactions=after)


def is_emoji(text: str) -> bool:
    """Whether a text is short and made of symbols and their joiners alone: no letters, spaces or controls."""
    if not 1 <= len(text) <= LONGEST_EMOJI:
        return False
    categories = [unicodedata.category(one) for one in text]
    joiners = {"\u200d", "\ufe0f", "\u20e3"}
    return any(
        each in ("So", "Sk", "Sm") or one == "\u20e3" for each, one in zip(categories, text, strict=True)
    ) and all(
        each in ("So", "Sk", "Sm", "Cn")
        or one in joiners
        or one in "0123456789#*"
        or 0xE0020 <= ord(one) <= 0xE007F
        for each, one in zip(categories, text, strict=True)
    )
