"""Notifications inside our walls: who wants them, what waits, and what each is to say."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wufu.chat.push import store
from wufu.chat.push.model import (
    Due,
    Payload,
    Quiet,
    Subscription,
    check_endpoint,
    check_keys,
    check_quiet,
    sleeps,
    words_for,
)
from wufu.chat.store import conversations, messages
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection, Fact, Tx
from wufu.people import see_me, see_people, see_standing

LOOKED_AT_ONCE = 2_000
SENT_AT_ONCE = 100
LEASE = timedelta(seconds=60)
"""A server that took something to send and died does not send it; another one does after this."""
MOST_COUNTED = 999


async def see_key(tx: Tx) -> bytes:
    """The installation's private VAPID key, made at its first use: 32 bytes, below the curve's order.

    FIPS 186-5, A.2.1: a number of 64 bits more than the order, reduced, is as good as evenly drawn.
    """
    known = await store.private_key(tx.connection)
    if known is not None:
        return known
    drawn = int.from_bytes(tx.chance.secret("push/vapid", 40))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return await store.keep_key(tx.connection, (drawn % (order - 1) + 1).to_bytes(32), tx.now)


def public_half(private: bytes) -> bytes:
    """The 65 bytes by which browsers know us: the uncompressed point."""
    key = ec.derive_private_key(int.from_bytes(private), ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


# --- Subscriptions --------------------------------------------------------------------------------


async def subscribe(tx: Tx, wanted: Subscription, *, loopback: bool = False) -> None:
    """This device wants to be woken; a former address of it is forgotten. Refusal bad_subscription."""
    check_endpoint(wanted.endpoint, loopback=loopback)
    check_keys(wanted.p256dh, wanted.auth)
    await store.drop_endpoint_elsewhere(tx.connection, wanted.person, wanted.session, wanted.endpoint)
    await store.put_subscription(tx.connection, msgspec.structs.replace(wanted, since=tx.now))


async def unsubscribe(tx: Tx, person: PersonId, session: UUID) -> None:
    """This device wants to be left alone."""
    await store.drop_subscriptions(tx.connection, [(person, session)])


async def set_quiet(tx: Tx, person: PersonId, quiet: Quiet) -> None:
    """When this person does not want to be woken. Refusal bad_quiet."""
    await store.put_quiet(tx.connection, person, check_quiet(quiet))


async def see_quiet(connection: Connection, person: PersonId) -> Quiet:
    """One's quiet hours; none unless set."""
    return (await store.quiet_of(connection, [person])).get(person, Quiet())


async def hear_signed_out(tx: Tx, facts: list[Fact]) -> None:
    """Listener of `people.signed_out`: its device is woken no more."""
    await store.drop_subscriptions(
        tx.connection,
        [(PersonId(int(str(fact.body["person"]))), UUID(str(fact.body["session"]))) for fact in facts],
    )


async def sweep(tx: Tx) -> int:
    """By the clock: subscriptions of sessions that expired; how many."""
    known = await store.all_sessions(tx.connection)
    standing = await see_standing(tx.connection, known, tx.now)
    over = [one for one in known if one not in standing]
    await store.drop_subscriptions(tx.connection, over)
    return len(over)


# --- What waits -----------------------------------------------------------------------------------


async def collect(tx: Tx, touched: Sequence[ConversationId] | None) -> int:
    """Put on their way the notifications of what came into these conversations (None: all); how many people.

    Who sleeps hears nothing of it later either: in the morning the badge and the list say enough.
    """
    rows = await store.waiting(tx.connection, touched, LOOKED_AT_ONCE)
    quiet = await store.quiet_of(tx.connection, {row["person"] for row in rows})
    news = [
        (row["person"], row["conversation"], row["number"])
        for row in rows
        if row["number"] is not None and not sleeps(quiet.get(row["person"], Quiet()), tx.now)
    ]
    marks = [(row["person"], row["conversation"], row["last_number"]) for row in rows]
    mine = await store.put_marks(tx.connection, marks)
    await store.put_due(tx.connection, [one for one in news if one[:2] in mine], tx.now)
    return len(news)


async def take_due(tx: Tx) -> list[Due]:
    """What is to be sent now, leased."""
    return await store.take_due(tx.connection, tx.now, tx.now + LEASE, SENT_AT_ONCE)


async def compose(connection: Connection, due: Due) -> tuple[Subscription, Payload] | None:
    """Where a notification goes and what it says now; None when nobody needs it any more.

    Nobody does when it was read, recalled or burnt meanwhile, or when the person left or muted that place.
    """
    subscription = await store.subscription(connection, due.person, due.session)
    members = await conversations.members(connection, [(due.conversation, due.person)])
    member = members.get((due.conversation, due.person))
    found = await messages.at(connection, [(due.conversation, due.number)])
    message = found.get((due.conversation, due.number))
    if subscription is None or member is None or message is None:
        return None
    unwanted = member.notify == "none" or max(member.read_through, member.sees_after) >= due.number
    if unwanted or message.recalled_by is not None or message.kind == "gone":
        return None
    room = (await conversations.see(connection, [due.conversation]))[due.conversation]
    sender = (await see_people(connection, [message.sender])).get(message.sender)
    me = await see_me(connection, due.person)
    title, body = words_for(
        message,
        sender=sender.name if sender is not None else None,
        group=room.title if room.kind == "group" else None,
        preview=subscription.preview,
        language=me.language,
    )
    secret = message.kind == "secret"
    badge = await unread_total(connection, due.person)
    payload = Payload(
        1,
        due.conversation,
        due.number,
        title,
        body,
        badge,
        str(due.conversation),
        secret,
        message.sent_at,
    )
    return subscription, payload


async def unread_total(connection: Connection, person: PersonId) -> int:
    """What the badge shows: all unread, of conversations with mentions only the mentions."""
    rows = await store.heads_of(connection, person)
    all_of = [(row["conversation"], row["above"]) for row in rows if row["notify"] == "all"]
    some_of = [(row["conversation"], row["above"]) for row in rows if row["notify"] == "mentions"]
    unread = await messages.unread(connection, person, all_of, MOST_COUNTED) if all_of else {}
    mentions = await messages.mentions(connection, person, some_of, MOST_COUNTED) if some_of else {}
    return min(MOST_COUNTED, sum(unread.values()) + sum(len(numbers) for numbers in mentions.values()))
