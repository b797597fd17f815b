"""What happens to a secret message: sent, fetched, seen, burnt."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from wufu.chat.model import Draft, Message, SentMessage, fingerprint, may
from wufu.chat.refusals import GroupClosed, NoSuchConversation, NotAllowedHere
from wufu.chat.secret import devices, model, store
from wufu.chat.secret.ending import forget
from wufu.chat.secret.model import (
    GONE_BODY,
    UNREAD_FOR,
    BadSealed,
    NotForThisDevice,
    Reader,
    Sealed,
    Secret,
    SecretGone,
    check_timer,
    decide_readers,
)
from wufu.chat.store import conversations, messages
from wufu.chat.verbs.change import Change, change_messages
from wufu.chat.verbs.common import notice, say_to
from wufu.chat.verbs.send import send_drafts
from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Connection, Fact, Tx
from wufu.objects import ObjectId, Staged, drop, keep

BURNT_AT_ONCE = 500
Id = tuple[ConversationId, MessageId]


class SendSecret(msgspec.Struct, frozen=True):
    """A sealed message whose bytes are staged. `digest` is `keyed_digest` of all of them."""

    person: PersonId
    session: UUID
    conversation: ConversationId
    id: MessageId
    timer_seconds: int
    reply_to: int | None
    sealed: Sealed
    staged: Staged
    digest: bytes


class SentSecret(msgspec.Struct, frozen=True):
    """Where it stands; `expires_at` is None when it is gone already."""

    conversation: ConversationId
    id: MessageId
    number: int
    change: int
    sent_at: datetime
    expires_at: datetime | None


class SeeSecret(msgspec.Struct, frozen=True):
    """The message is on this person's screen now."""

    person: PersonId
    conversation: ConversationId
    message: MessageId


class BurnSecret(msgspec.Struct, frozen=True):
    """This person's copy is burnt; of the sender: everybody's is."""

    person: PersonId
    conversation: ConversationId
    message: MessageId


class TellScreenshot(msgspec.Struct, frozen=True):
    """This phone noticed that its screen was copied while the message was on it."""

    person: PersonId
    conversation: ConversationId
    message: MessageId


class Seen(msgspec.Struct, frozen=True):
    """Since when it was on a screen of this person's, and when the server burns it by itself."""

    seen_at: datetime
    burns_at: datetime


class Burnt(msgspec.Struct, frozen=True):
    burnt_at: datetime


class Told(msgspec.Struct, frozen=True):
    """Nothing to say but yes."""


def owner_of(conversation: UUID, message: UUID) -> str:
    """The object's owner."""
    return f"secret/{conversation}/{message}"


# --- Sending --------------------------------------------------------------------------------------


async def send_secret(tx: Tx, asked: SendSecret) -> tuple[SentSecret, bool]:
    """Send one; the same id and bytes again have the same answer. The second: whether the bytes are kept.

    Refusals: bad_timer, no_device_key, bad_sealed, keys_changed, no_reader, too_many_readers, id_conflict and
    those of sending a message.
    """
    check_timer(asked.timer_seconds)
    id_ = (asked.conversation, asked.id)
    before = await messages.earlier(tx.connection, [id_])
    if before:
        return await _again(tx, asked, before[id_][0]), False
    device = await devices.device_of(tx.connection, asked.person, asked.session)
    if asked.sealed.sender != device:
        raise BadSealed(why="sealed by another device than this one")
    members = [one.person for one in await conversations.members_of(tx.connection, asked.conversation)]
    if asked.person not in members:
        raise NoSuchConversation()
    keys = await devices.keys_of(tx.connection, members, tx.now)
    readers = decide_readers(asked.sealed, asked.person, members, keys)
    if isinstance(readers, Refusal):
        raise readers
    return await _write(tx, asked, tuple(Reader(person) for person in readers)), True


async def _write(tx: Tx, asked: SendSecret, readers: tuple[Reader, ...]) -> SentSecret:
    expires_at = tx.now + UNREAD_FOR
    body = model.message_body(asked.timer_seconds, expires_at, asked.staged.size, readers)
    # The id alone tells a repeat here; its bytes are compared by the digest, which dies with the message.
    its = fingerprint(asked.person, asked.id)
    draft = Draft(asked.conversation, asked.id, asked.person, "secret", body, its, reply_to=asked.reply_to)
    (sent,) = await send_drafts(tx, [draft])
    if isinstance(sent, Refusal):
        raise sent
    held = await store.retention(tx.connection)
    # Should no job ever come by again, the store lets go of it all the same.
    dies_at = expires_at + timedelta(days=1, seconds=held)
    object_ = await keep(tx, asked.staged, owner_of(asked.conversation, asked.id), dies_at)
    secret = Secret(
        asked.conversation,
        asked.id,
        sent.number,
        asked.person,
        object_,
        asked.digest,
        asked.timer_seconds,
        tx.now,
        expires_at,
        readers,
    )
    await store.insert(tx.connection, secret)
    return _answer(sent, expires_at)


async def _again(tx: Tx, asked: SendSecret, message: Message) -> SentSecret:
    """A repeat: compared by its bytes as long as they live, and afterwards by its sender."""
    living = await store.look(tx.connection, [(asked.conversation, asked.id)])
    secret = living.get((asked.conversation, asked.id))
    if message.sender != asked.person or message.kind not in {"secret", "gone"}:
        raise IdConflict(id=str(asked.id))
    if secret is not None and secret.digest != asked.digest:
        raise IdConflict(id=str(asked.id))
    return _answer(message.sent(), None if secret is None else secret.expires_at)


def _answer(sent: SentMessage, expires_at: datetime | None) -> SentSecret:
    return SentSecret(sent.conversation, sent.id, sent.number, sent.change, sent.sent_at, expires_at)


# --- Reading --------------------------------------------------------------------------------------


async def see_secret_object(connection: Connection, person: PersonId, id_: Id, now: datetime) -> ObjectId:
    """Where the bytes lie that this person may fetch now.

    Refusals no_such_conversation, secret_gone, not_for_this_device (they are no reader of it).
    """
    members = await conversations.members(connection, [(id_[0], person)])
    if (id_[0], person) not in members:
        raise NoSuchConversation()
    secret = (await store.look(connection, [id_])).get(id_)
    if secret is None or secret.expires_at <= now:
        raise SecretGone()
    reader = secret.reader(person)
    if reader is None and person != secret.sender:
        raise NotForThisDevice()
    if reader is not None and model.is_burnt_for(secret, reader, now):
        raise SecretGone()
    return ObjectId(secret.object)


async def see_secrets(tx: Tx, requests: Sequence[SeeSecret]) -> list[Seen | Refusal]:
    """Start the countdowns of messages that are on screens now. Refusal secret_gone."""
    decided = await _decide(tx, requests, model.see)
    answers: list[Seen | Refusal] = []
    for request, secret in zip(requests, decided, strict=True):
        reader = None if isinstance(secret, Refusal) else secret.reader(request.person)
        if reader is None or reader.seen_at is None or reader.burns_at is None:
            answers.append(secret if isinstance(secret, Refusal) else SecretGone())
        else:
            answers.append(Seen(reader.seen_at, reader.burns_at))
    return answers


async def burn_secrets(tx: Tx, requests: Sequence[BurnSecret]) -> list[Burnt | Refusal]:
    """Burn readers' copies. For who is in the conversation and has no copy (any more) there is nothing to do.

    Refusal no_such_conversation.
    """
    decided = await _decide(tx, requests, model.burn)
    keys = [(request.conversation, request.person) for request in requests]
    members = await conversations.members(tx.connection, keys)
    answers: list[Burnt | Refusal] = []
    for request, secret in zip(requests, decided, strict=True):
        if (request.conversation, request.person) not in members:
            answers.append(NoSuchConversation())
        elif isinstance(secret, Refusal):
            # A repeat after the last copy burnt finds nothing any more, and that is what was wanted.
            answers.append(Burnt(tx.now))
        else:
            reader = secret.reader(request.person)
            answers.append(Burnt((reader and reader.burnt_at) or tx.now))
    return answers


async def tell_screenshots(tx: Tx, requests: Sequence[TellScreenshot]) -> list[Told | Refusal]:
    """Tell senders that a reader's phone noticed a screenshot, once a reader. Refusal secret_gone."""
    known = await store.look(tx.connection, [(each.conversation, each.message) for each in requests])
    read = [
        each
        for each in requests
        if (secret := known.get((each.conversation, each.message))) is not None and secret.reader(each.person)
    ]
    keys = sorted({(each.conversation, each.message, each.person) for each in read})
    for conversation, message, person in sorted(await store.note_screenshots(tx.connection, keys, tx.now)):
        body: dict[str, object] = {
            "conversation": str(conversation),
            "message": str(message),
            "person": person,
            "at": tx.now.isoformat(),
        }
        tx.announce(Fact("secret.screenshot", body, (known[conversation, message].sender,)))
    return [Told() if each in read else SecretGone() for each in requests]


async def _decide(
    tx: Tx,
    requests: Sequence[SeeSecret | BurnSecret],
    decide: Callable[[Secret, PersonId, datetime], Secret | Refusal],
) -> list[Secret | Refusal]:
    """Decide requests in order under the locks of their messages, and write what came of it."""
    ids = [(request.conversation, request.message) for request in requests]
    before = await store.lock(tx.connection, ids)
    now = dict(before)
    answers: list[Secret | Refusal] = []
    for request, id_ in zip(requests, ids, strict=True):
        answer = decide(now[id_], request.person, tx.now) if id_ in now else SecretGone()
        if isinstance(answer, Secret):
            now[id_] = answer
        answers.append(answer)
    await _write_down(tx, [secret for id_, secret in now.items() if secret != before[id_]])
    return answers


async def _write_down(tx: Tx, changed: Sequence[Secret]) -> None:
    """Keep what readers did; what is burnt for all of them is taken away."""
    over = [secret for secret in changed if secret.is_over]
    others = [secret for secret in changed if not secret.is_over]
    if others:
        await store.keep_readers(tx.connection, others)
        known = await messages.at(tx.connection, [(each.conversation, each.number) for each in others])
        await change_messages(tx, [_marked(each, known[each.conversation, each.number]) for each in others])
    await _take_away(tx, over)


def _marked(secret: Secret, message: Message) -> Change:
    size = int(str(message.body["bytes"]))
    body = model.message_body(secret.timer_seconds, secret.expires_at, size, secret.readers)
    return Change(secret.conversation, secret.number, "secret", body)


async def _take_away(tx: Tx, over: Sequence[Secret]) -> None:
    """The object and every row but the message's number go; the number says `gone`."""
    if not over:
        return
    await forget(tx, over)
    await change_messages(
        tx, [Change(each.conversation, each.number, "gone", dict(GONE_BODY)) for each in over]
    )


async def burn_all(tx: Tx, ids: Sequence[Id]) -> None:
    """Take secrets away whoever has read them: their sender leaves."""
    known = await store.lock(tx.connection, ids)
    await _take_away(tx, list(known.values()))


# --- By the clock ---------------------------------------------------------------------------------


async def burn_due(tx: Tx) -> int:
    """Burn what phones did not burn in time, and what nobody opened; how many messages were touched."""
    ids = await store.due(tx.connection, tx.now, BURNT_AT_ONCE)
    known = await store.lock(tx.connection, ids)
    changed = []
    for secret in known.values():
        after = secret
        for reader in secret.readers:
            if reader.burnt_at is None and model.is_burnt_for(secret, reader, tx.now):
                after = after.with_reader(msgspec.structs.replace(reader, burnt_at=tx.now))
        if after != secret:
            changed.append(after)
    await _write_down(tx, changed)
    return len(changed)


async def release_held(tx: Tx) -> int:
    """Drop ciphertext whose hold is over; how many."""
    over = await store.take_held(tx.connection, tx.now, BURNT_AT_ONCE)
    if over:
        await drop(tx, [ObjectId(object_) for object_ in over])
    return len(over)


# --- The mode of a conversation -------------------------------------------------------------------


async def set_mode(tx: Tx, person: PersonId, conversation: ConversationId, timer_seconds: int | None) -> None:
    """Switch the secret mode of a conversation on (with its timer) or off; everybody in it is told.

    Refusals bad_timer, no_such_conversation, not_allowed_here, group_closed, too_many_readers.
    """
    if timer_seconds is not None:
        check_timer(timer_seconds)
    locked = (await conversations.lock(tx.connection, [conversation])).get(conversation)
    known = await conversations.members(tx.connection, [(conversation, person)])
    member = known.get((conversation, person))
    if locked is None or member is None:
        raise NoSuchConversation()
    if locked.closed_at is not None:
        raise GroupClosed()
    if locked.kind == "group" and not may(member.role, "title"):
        raise NotAllowedHere(needs="admin")
    everybody = [one.person for one in await conversations.members_of(tx.connection, conversation)]
    if len(everybody) > model.MOST_READERS:
        raise model.TooManyReaders(most=model.MOST_READERS)
    if not await store.set_mode(tx.connection, conversation, timer_seconds):
        return
    await notice(tx, locked, "secret_mode", person, seconds=timer_seconds)
    news = {"kind": "conversation", "conversation": conversation, "version": locked.version + 1}
    say_to(tx, everybody, news)
    body: dict[str, object] = {
        "conversation": str(conversation),
        "timer_seconds": timer_seconds,
        "by": person,
        "at": tx.now.isoformat(),
    }
    tx.announce(Fact("secret.mode_changed", body, tuple(everybody)))
