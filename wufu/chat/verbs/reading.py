"""Reading, typing, looking: what members of a conversation may know of each other."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from wufu.chat.model import Conversation, Member
from wufu.chat.refusals import NoSuchConversation
from wufu.chat.store import conversations, reads
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx

LOOKS_FOR = timedelta(seconds=45)
"""How long somebody counts as present after their phone last said so."""
LIVELY = 50
"""In larger groups nobody is told who types or looks: the telling would cost more than the talk."""


class ReadChat(msgspec.Struct, frozen=True):
    person: PersonId
    conversation: ConversationId
    through: int


class ReadThrough(msgspec.Struct, frozen=True):
    """How far one has read now."""

    conversation: ConversationId
    through: int


class Typing(msgspec.Struct, frozen=True):
    person: PersonId
    conversation: ConversationId


class Typed(msgspec.Struct, frozen=True):
    """Heard."""


class Look(msgspec.Struct, frozen=True):
    """One has a conversation on the screen (`on`), or no longer."""

    person: PersonId
    conversation: ConversationId
    on: bool


class Present(msgspec.Struct, frozen=True):
    """Who else has it on the screen now; in large groups only how many."""

    people: list[PersonId]
    count: int


Places = tuple[dict[ConversationId, Conversation], dict[conversations.Key, Member]]


async def read_chats(tx: Tx, requests: Sequence[ReadChat]) -> list[ReadThrough | Refusal]:
    """Move one's cursor up: everything through a number was read. Refusal: no_such_conversation."""
    wanted: dict[conversations.Key, int] = {}
    for request in requests:
        key = (request.conversation, request.person)
        wanted[key] = max(wanted.get(key, 0), request.through)
    found = await reads.advance(tx.connection, [(*key, through) for key, through in wanted.items()], tx.now)
    moved = {key: through for key, (through, moves) in found.items() if moves}
    if moved:
        await _tell_read(tx, moved)
    return [
        ReadThrough(request.conversation, found[request.conversation, request.person][0])
        if (request.conversation, request.person) in found
        else NoSuchConversation()
        for request in requests
    ]


async def _tell_read(tx: Tx, moved: dict[conversations.Key, int]) -> None:
    """Tell one's own other phones, and in a conversation of two the other one, if both show receipts."""
    rooms = await conversations.see(tx.connection, {conversation for conversation, _ in moved})
    others = {key: rooms[key[0]].other(key[1]) for key in moved if rooms[key[0]].kind == "direct"}
    flags = await conversations.flags_of(tx.connection, {*others.values(), *(key[1] for key in others)})
    shy = {person for person, each in flags.items() if not each["receipts"]}
    for key, through in moved.items():
        conversation, person = key
        news = {
            "kind": "read",
            "conversation": conversation,
            "person": person,
            "through": through,
            "at": tx.now,
        }
        common.say_to(tx, [person], news)
        if key in others and not shy & {person, others[key]}:
            common.say_to(tx, [others[key]], news)


async def typing(tx: Tx, requests: Sequence[Typing]) -> list[Typed | Refusal]:
    """Tell the others that one is typing. Kept nowhere. Refusal: no_such_conversation."""
    rooms, members = await _places(tx, requests)
    told: set[conversations.Key] = set()
    for request in requests:
        key = (request.conversation, request.person)
        if key not in members or key in told:
            continue
        told.add(key)
        _tell_others(tx, rooms[key[0]], key[1], {"kind": "typing"})
    return [
        Typed() if (request.conversation, request.person) in members else NoSuchConversation()
        for request in requests
    ]


async def look(tx: Tx, requests: Sequence[Look]) -> list[Present | Refusal]:
    """Say that one looks at a conversation (again, every 30 s) or no longer; who else does.

    Told to the others only when somebody comes or goes, only in conversations of at most 50, and only of
    those who show their presence. Refusal: no_such_conversation.
    """
    rooms, members = await _places(tx, requests)
    wanted = {(each.conversation, each.person): each.on for each in requests}
    on = sorted(key for key, looks in wanted.items() if looks and key in members)
    off = sorted(key for key, looks in wanted.items() if not looks and key in members)
    came = await reads.look(tx.connection, on, tx.now, tx.now + LOOKS_FOR) if on else set()
    went = await reads.look_away(tx.connection, off, tx.now) if off else set()
    flags = await conversations.flags_of(tx.connection, {person for _, person in came | went})
    for conversation, person in sorted(came | went):
        if person not in flags or flags[person]["presence"]:
            here = (conversation, person) in came
            _tell_others(tx, rooms[conversation], person, {"kind": "present", "on": here})
    looking = await reads.looking(tx.connection, list(rooms), tx.now)
    answers: list[Present | Refusal] = []
    for request in requests:
        if (request.conversation, request.person) not in members:
            answers.append(NoSuchConversation())
            continue
        others = [one for one in looking.get(request.conversation, ()) if one != request.person]
        lively = rooms[request.conversation].people <= LIVELY
        answers.append(Present(others if lively else [], len(others)))
    return answers


async def _places(tx: Tx, requests: Sequence[Typing | Look]) -> Places:
    members = await conversations.members(
        tx.connection, [(request.conversation, request.person) for request in requests]
    )
    rooms = await conversations.see(tx.connection, {conversation for conversation, _ in members})
    return rooms, members


def _tell_others(tx: Tx, room: Conversation, person: PersonId, news: dict[str, object]) -> None:
    news = {**news, "conversation": room.id, "person": person}
    if room.kind == "direct":
        common.say_to(tx, [room.other(person)], news)
    elif room.kind == "group" and room.people <= LIVELY:
        for subject in room.subjects():
            tx.say(subject, news)


async def sweep(tx: Tx) -> None:
    """By the clock: forget who looked, and after 30 days when what was read."""
    await reads.forget_presence(tx.connection, tx.now)
    await reads.forget(tx.connection, tx.now - timedelta(days=30))
