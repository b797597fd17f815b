"""Sending: messages of phones, and cards of other domains, through one narrow place.

Lock the conversations in the order of their ids; answer repeats as before; decide the rest in the order in
which they came; number, write and say them. A batch costs the same few statements however many messages and
conversations are in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from wufu.chat import model
from wufu.chat.bodies import LARGEST_CARD, Kind, read_body
from wufu.chat.kinds import KINDS, SENT, tell
from wufu.chat.model import (
    PACE,
    Conversation,
    Draft,
    Member,
    Message,
    SendCard,
    SendMessage,
    SentMessage,
    Talking,
    direct_id,
    fingerprint,
)
from wufu.chat.refusals import BadMessage, KindNotAllowed, NoSuchConversation, TooFast
from wufu.chat.store import conversations, messages
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Tx

Sent = SentMessage | Refusal


@dataclass(slots=True)
class Board:
    """What a batch stands on, read under the locks of its conversations."""

    locked: dict[ConversationId, Conversation]
    members: dict[conversations.Key, Member]
    mentioned: dict[conversations.Key, Member]
    talking: dict[common.Pair, Talking]
    silences: model.Silences
    earlier: dict[messages.Id, tuple[Message, bytes | None]]
    unborn: dict[ConversationId, Refusal]


async def send_messages(tx: Tx, requests: Sequence[SendMessage]) -> list[Sent]:
    """Send messages; one answer a request. The same id and content again has the same answer.

    Refusals: bad_message, kind_not_allowed, no_such_conversation, not_friends, blocked_by_you, knock_limit,
    unknown_person, silenced, group_closed, muted, too_fast, bad_mention, no_such_message, id_conflict.
    """
    read = [_read(request) for request in requests]
    drafts = [each for each in read if isinstance(each, Draft)]
    pairs = {
        direct_id(request.person, request.to): (request.person, request.to)
        for request in requests
        if request.to is not None
    }
    board = await _board(tx, drafts, pairs)
    of = {id(draft): request for draft, request in zip(read, requests, strict=True)}
    fresh = [each for each in drafts if (each.conversation, each.id) not in board.earlier]
    speaking = [each for each in fresh if _may_speak(board, each, tx) is None]
    checked = await _check(tx, [(of[id(each)], each) for each in speaking])
    paces = await _paces(tx, speaking)
    ready: list[Draft | Refusal] = [
        each if isinstance(each, Refusal) else checked.get(id(each), each) for each in read
    ]
    return await _send(tx, board, ready, paces)


async def send_cards(
    tx: Tx, requests: Sequence[SendCard], *, between: Iterable[common.Pair] = ()
) -> list[Sent]:
    """Put cards into conversations, in the name of their senders. Refusals as in sending, without a pace.

    Conversations of two people (sender first) in `between` are made if need be.
    """
    read: list[Draft | Refusal] = []
    for request in requests:
        body = {"card": request.card, **request.body}
        if len(msgspec.json.encode(body)) > LARGEST_CARD:
            read.append(BadMessage(where="$", why="The card is too large"))
            continue
        asked = fingerprint(request.sender, request.card, request.body)
        read.append(Draft(request.conversation, request.id, request.sender, "card", body, asked))
    pairs = {direct_id(*pair): pair for pair in between}
    board = await _board(tx, [each for each in read if isinstance(each, Draft)], pairs)
    return await _send(tx, board, read, {})


async def send_drafts(tx: Tx, drafts: Sequence[Draft]) -> list[Sent]:
    """Send what another part of chat has made (secrets), at the pace of people. Refusals as in sending."""
    board = await _board(tx, drafts, {})
    fresh = [each for each in drafts if (each.conversation, each.id) not in board.earlier]
    speaking = [each for each in fresh if _may_speak(board, each, tx) is None]
    return await _send(tx, board, drafts, await _paces(tx, speaking))


def _read(request: SendMessage) -> Draft | Refusal:
    """The draft that a request asks for, as far as it can be told from the request alone."""
    if (request.conversation is None) == (request.to is None):
        return BadMessage(where="$.conversation", why="Either a conversation or a person (to)")
    if request.kind not in KINDS:
        return KindNotAllowed(kind=request.kind[:20])
    kind = KINDS[request.kind]
    body = read_body(kind, request.body)
    if isinstance(body, Refusal):
        return body
    if request.to is not None:
        conversation = direct_id(request.person, request.to)
    else:
        assert request.conversation is not None
        conversation = request.conversation
    asked = fingerprint(request.person, request.kind, request.body, request.reply_to, request.mentions)
    return Draft(
        conversation,
        request.id,
        request.person,
        request.kind,
        body,
        asked,
        request.reply_to,
        request.mentions,
        kind.words(body) if kind.check is None else "",
    )


async def _board(
    tx: Tx, drafts: Sequence[Draft], pairs: Mapping[ConversationId, tuple[PersonId, PersonId]]
) -> Board:
    connection = tx.connection
    ids = {draft.conversation for draft in drafts}
    locked = await conversations.lock(connection, ids)
    unborn: dict[ConversationId, Refusal] = {}
    if missing := [pairs[each] for each in ids if each not in locked and each in pairs]:
        unborn = await common.bear(tx, missing)
        locked |= await conversations.lock(connection, [direct_id(*pair) for pair in missing])
    members = await conversations.members(connection, [(each.conversation, each.sender) for each in drafts])
    named = [(each.conversation, person) for each in drafts for person in each.mentions]
    mentioned = await conversations.members(connection, named) if named else {}
    talking = await common.talking_of(
        tx,
        {
            (draft.sender, locked[draft.conversation].other(draft.sender))
            for draft in drafts
            if draft.conversation in locked
            and locked[draft.conversation].kind == "direct"
            and (draft.conversation, draft.sender) in members
        },
    )
    silences = await conversations.silences(connection, [each.sender for each in drafts])
    # After the locks: of two transactions with one id the second sees what the first one wrote.
    earlier = await messages.earlier(connection, [(each.conversation, each.id) for each in drafts])
    return Board(locked, members, mentioned, talking, silences, earlier, unborn)


def _may_speak(board: Board, draft: Draft, tx: Tx) -> Refusal | None:
    if draft.conversation in board.unborn:
        return board.unborn[draft.conversation]
    conversation = board.locked.get(draft.conversation)
    member = board.members.get((draft.conversation, draft.sender))
    talking = None
    if conversation is not None and member is not None and conversation.kind == "direct":
        talking = board.talking[draft.sender, conversation.other(draft.sender)]
    return model.decide_speaking(conversation, member, talking, board.silences, tx.now)


async def _check(tx: Tx, asked: Sequence[tuple[SendMessage, Draft]]) -> dict[int, Draft | Refusal]:
    """Let the kinds that name other things look at their drafts: drafts by identity, as they are kept."""
    by_kind: dict[str, list[tuple[SendMessage, Draft]]] = {}
    for request, draft in asked:
        if KINDS[draft.kind].check is not None:
            by_kind.setdefault(draft.kind, []).append((request, draft))
    found: dict[int, Draft | Refusal] = {}
    for name, its in by_kind.items():
        kind: Kind = KINDS[name]
        assert kind.check is not None
        bodies = await kind.check(tx, [(request, draft.body) for request, draft in its])
        for (_, draft), body in zip(its, bodies, strict=True):
            found[id(draft)] = (
                body if isinstance(body, Refusal) else replace(draft, body=body, words=kind.words(body))
            )
    return found


async def _paces(tx: Tx, drafts: Sequence[Draft]) -> dict[PersonId, int]:
    """How many of these messages each of their senders may send now; written down as sent."""
    wanted: dict[PersonId, int] = {}
    for draft in drafts:
        wanted[draft.sender] = wanted.get(draft.sender, 0) + 1
    if not wanted:
        return {}
    known = await messages.lock_pace(tx.connection, wanted)
    paces = {one: model.allowed_at_pace(known.get(one), many, tx.now) for one, many in wanted.items()}
    await messages.set_pace(tx.connection, {person: due for person, (_, due) in paces.items()})
    return {person: allowed for person, (allowed, _) in paces.items()}


async def _send(
    tx: Tx, board: Board, read: Sequence[Draft | Refusal], paces: dict[PersonId, int]
) -> list[Sent]:
    """Decide drafts in order, write those that may be sent, and answer all."""
    answers: list[Sent | Draft] = []
    fresh: dict[messages.Id, Draft] = {}
    for each in read:
        if isinstance(each, Refusal):
            answers.append(each)
            continue
        key = (each.conversation, each.id)
        before = fresh.get(key)
        if before is not None:
            answers.append(
                before if _same(each, before.sender, before.asked) else IdConflict(id=str(each.id))
            )
        elif key in board.earlier:
            answers.append(_again(board, each))
        elif (refusal := _refusal(board, each, tx, paces)) is not None:
            answers.append(refusal)
        else:
            fresh[key] = each
            answers.append(each)
    written = await common.write(tx, board.locked, list(fresh.values()))
    await tell(SENT, tx, written)
    sent = {(message.conversation, message.id): message.sent() for message in written}
    return [
        sent[answer.conversation, answer.id] if isinstance(answer, Draft) else answer for answer in answers
    ]


def _again(board: Board, draft: Draft) -> Sent:
    if (draft.conversation, draft.sender) not in board.members:
        return NoSuchConversation()
    message, asked = board.earlier[draft.conversation, draft.id]
    return message.sent() if _same(draft, message.sender, asked) else IdConflict(id=str(draft.id))


def _same(draft: Draft, sender: PersonId, asked: bytes | None) -> bool:
    # Of what was recalled or burnt no fingerprint is kept: the id alone has to do.
    return draft.sender == sender and (asked is None or asked == draft.asked)


def _refusal(board: Board, draft: Draft, tx: Tx, paces: dict[PersonId, int]) -> Refusal | None:
    if (refusal := _may_speak(board, draft, tx)) is not None:
        return refusal
    conversation = board.locked[draft.conversation]
    member = board.members[draft.conversation, draft.sender]
    refusal = model.decide_mentions(
        conversation,
        member,
        draft.mentions,
        [one for one in draft.mentions if (draft.conversation, one) in board.mentioned],
    ) or model.decide_reply(conversation, member, draft.reply_to)
    if refusal is not None or draft.sender not in paces:
        return refusal
    if paces[draft.sender] == 0:
        return TooFast(seconds=max(1, round(PACE.total_seconds())))
    paces[draft.sender] -= 1
    return None
