"""What the verbs of chat share: who stands where, writing messages, saying what changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from wufu.chat.model import (
    SYSTEM,
    Act,
    Conversation,
    Draft,
    Member,
    Message,
    Talking,
    chat_subject,
    decide_talking,
    decide_voice,
    direct_id,
    may,
    number,
)
from wufu.chat.refusals import GroupClosed, NoSuchConversation, NoSuchMessage, NotAllowedHere
from wufu.chat.store import conversations, messages, search
from wufu.chat.words import words_of
from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.core.refusals import Refusal, UnknownPerson
from wufu.db import Connection, Tx
from wufu.people import see_people
from wufu.ties import are_friends, blocked

Pair = tuple[PersonId, PersonId]


async def lock_one(
    tx: Tx, conversation: ConversationId, person: PersonId, act: Act
) -> tuple[Conversation, Member]:
    """A group under lock and somebody's place in it.

    Raises no_such_conversation, not_allowed_here, group_closed.
    """
    locked = (await conversations.lock(tx.connection, [conversation])).get(conversation)
    member = await see_member(tx.connection, conversation, person)
    if locked is None or locked.kind != "group":
        raise NoSuchConversation()
    if not may(member.role, act):
        raise NotAllowedHere(needs="owner" if may("owner", act) and not may("admin", act) else "admin")
    if locked.closed_at is not None:
        raise GroupClosed()
    return locked, member


async def check_voice(tx: Tx, person: PersonId) -> None:
    """Raises silenced: what one would write elsewhere than in a message would be read by others, too."""
    no = decide_voice(await conversations.silences(tx.connection, [person]), person, tx.now)
    if no is not None:
        raise no


async def see_member(connection: Connection, conversation: ConversationId, person: PersonId) -> Member:
    """Somebody's place in a conversation. Raises no_such_conversation: none is there, or they are not in."""
    found = await conversations.members(connection, [(conversation, person)])
    if not found:
        raise NoSuchConversation()
    return found[conversation, person]


async def see_message_for(
    connection: Connection, person: PersonId, conversation: ConversationId, number: int
) -> Message:
    """A message, if the person may see it. Raises no_such_conversation, no_such_message."""
    member = await see_member(connection, conversation, person)
    found = await messages.at(connection, [(conversation, number)])
    if not found or number <= member.sees_after:
        raise NoSuchMessage(number=number)
    return found[conversation, number]


# --- Who may talk to whom -------------------------------------------------------------------------


async def talking_of(tx: Tx, pairs: Iterable[Pair]) -> dict[Pair, Talking]:
    """How the second of each pair stands to the first, who wants to write."""
    listed = set(pairs)
    if not listed:
        return {}
    friends = await are_friends(tx.connection, listed)
    strangers = [pair for pair in listed if pair not in friends]
    found = dict.fromkeys(friends, Talking(friends=True))
    if not strangers:
        return found
    shut = await blocked(tx.connection, [*strangers, *((other, one) for one, other in strangers)])
    flags = await conversations.flags_of(tx.connection, {one for pair in strangers for one in pair})
    lets = {person for person, each in flags.items() if each["strangers"]}
    asked = [(direct_id(*pair), pair[1]) for pair in strangers if pair[0] in lets]
    wrote = await messages.wrote(tx.connection, asked) if asked else set()
    answers = {pair for pair in strangers if (direct_id(*pair), pair[1]) in wrote}
    open_to = [pair for pair in strangers if pair[1] in lets or pair in answers]
    knocks = await messages.knocks(tx.connection, [(direct_id(*pair), pair[0]) for pair in open_to])
    for one, other in strangers:
        found[one, other] = Talking(
            friends=False,
            blocked_by_me=(other, one) in shut,
            blocked_by_other=(one, other) in shut,
            other_lets_strangers=other in lets,
            answers=(one, other) in answers,
            knocks=knocks.get((direct_id(one, other), one), 0),
        )
    return found


async def bear(tx: Tx, wanted: Iterable[Pair]) -> dict[ConversationId, Refusal]:
    """Make the conversations of pairs that may talk, and notes to oneself; why the others may not."""
    listed = {direct_id(*pair): pair for pair in wanted}
    people = await see_people(tx.connection, {one for pair in listed.values() for one in pair})
    known = {each: pair for each, pair in listed.items() if pair[0] in people and pair[1] in people}
    talking = await talking_of(tx, [pair for pair in known.values() if pair[0] != pair[1]])
    refused: dict[ConversationId, Refusal] = {
        each: UnknownPerson(person=pair[1]) for each, pair in listed.items() if each not in known
    }
    for each, pair in known.items():
        # Somebody who knocked enough may still open the conversation; the message is refused then.
        refusal = decide_talking(pair[1], replace(talking[pair], knocks=0)) if pair in talking else None
        if refusal is not None:
            refused[each] = refusal
    born = {each: pair for each, pair in known.items() if each not in refused}
    if born:
        await conversations.bear(tx.connection, born, tx.now)
    return refused


# --- Writing and saying ---------------------------------------------------------------------------


async def write(
    tx: Tx, locked: Mapping[ConversationId, Conversation], drafts: Sequence[Draft]
) -> list[Message]:
    """Number drafts in locked conversations, write them and say them."""
    if not drafts:
        return []
    written = [number(locked[draft.conversation], draft, tx.now) for draft in drafts]
    await messages.add(tx.connection, written, [draft.asked for draft in drafts])
    words = {
        (message.conversation, message.number): " ".join(listed)
        for message, draft in zip(written, drafts, strict=True)
        if draft.words and (listed := words_of(draft.words))
    }
    if words:
        await search.put(tx.connection, words)
    await conversations.keep(tx.connection, _touched(locked, written))
    say_changes(tx, locked, written)
    return written


async def rewrite(
    tx: Tx,
    locked: Mapping[ConversationId, Conversation],
    changed: Sequence[Message],
    *,
    words: Mapping[tuple[ConversationId, int], str] | None = None,
    forget: bool = False,
) -> list[Message]:
    """Write messages as they are now, each under the next change number, and say them.

    `words` says what can be searched of some from now on. `forget`: nothing of what they said is kept,
    neither words nor mentions nor the fingerprint of the request.
    """
    if not changed:
        return []
    written = []
    for message in changed:
        conversation = locked[message.conversation]
        conversation.last_change += 1
        written.append(msgspec.structs.replace(message, change=conversation.last_change))
    await messages.change(tx.connection, written, [forget] * len(written))
    places = [(message.conversation, message.number) for message in written]
    if forget:
        await search.drop(tx.connection, places)
        await messages.drop_mentions(tx.connection, places)
    if words:
        listed = {place: " ".join(words_of(text)) for place, text in words.items()}
        await search.drop(tx.connection, [place for place in listed if not listed[place]])
        if some := {place: each for place, each in listed.items() if each}:
            await search.put(tx.connection, some)
    await conversations.keep(tx.connection, _touched(locked, written))
    say_changes(tx, locked, written)
    return written


def _touched(locked: Mapping[ConversationId, Conversation], written: Sequence[Message]) -> list[Conversation]:
    return [locked[each] for each in {message.conversation for message in written}]


def say_changes(tx: Tx, locked: Mapping[ConversationId, Conversation], changed: Sequence[Message]) -> None:
    """Say changed messages to whoever listens: once a conversation, to a group's room or to both people."""
    by_conversation: dict[ConversationId, list[Message]] = {}
    for message in changed:
        by_conversation.setdefault(message.conversation, []).append(message)
    for each, its in by_conversation.items():
        news = {
            "kind": "changes",
            "conversation": each,
            "last_change": its[-1].change,
            "messages": its,
        }
        for subject in locked[each].subjects():
            tx.say(subject, news)


def say_to(tx: Tx, people: Iterable[PersonId], news: Mapping[str, object]) -> None:
    """Say something to people on their own lines."""
    for person in people:
        tx.say(chat_subject(person), news)


async def notice(tx: Tx, locked: Conversation, what: str, by: PersonId, **facts: object) -> Message:
    """Write down in the conversation that something happened; everybody in it sees that."""
    draft = Draft(
        locked.id,
        MessageId(tx.chance.uuid7(tx.now)),
        SYSTEM,
        "notice",
        {"what": what, "by": by, **facts},
        None,
    )
    (written,) = await write(tx, {locked.id: locked}, [draft])
    return written
