"""Devices that can read secrets: their keys, registered while signed in, gone with the session."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from wufu.chat.refusals import NoSuchConversation
from wufu.chat.secret import store
from wufu.chat.secret.model import (
    MOST_READERS,
    DeviceKey,
    NoDeviceKey,
    TooManyReaders,
    b64,
    read_key,
)
from wufu.chat.store import conversations
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import IdConflict
from wufu.db import Connection, Fact, Tx
from wufu.people import see_standing

MOST_TOLD = 1_000
"""People who are told of a new key at once; the others see it when they next write a secret."""


async def register_device(tx: Tx, person: PersonId, session: UUID, device: UUID, key: str) -> DeviceKey:
    """Register the public key of the device that this session is on; repeating it changes nothing.

    A session has one device, and a device one session: a new sign-in on the same phone takes the device over.
    Refusals bad_device_key; id_conflict when another session that still stands has the device.
    """
    raw = read_key(key)
    known = await store.lock_devices(tx.connection, person)
    before = known.get(device)
    other = [(person, before[0])] if before is not None and before[0] != session else []
    if other and await see_standing(tx.connection, other, tx.now):
        raise IdConflict(id=str(device))
    dropped = [old for old, (its, _) in known.items() if its == session and old != device]
    if dropped:
        await store.take_devices_of_sessions(tx.connection, [(person, session)])
    await store.put_device(tx.connection, person, device, session, raw, tx.now)
    changed = before is None or before[1] != raw
    await tell_changes(
        tx, person, [(one, None, None) for one in dropped] + ([(device, b64(raw), tx.now)] if changed else [])
    )
    (mine,) = [
        found for found, _ in await store.devices_of(tx.connection, [person]) if found.device == device
    ]
    return mine


async def tell_changes(
    tx: Tx, person: PersonId, changes: Sequence[tuple[UUID, str | None, datetime | None]]
) -> None:
    """Tell whoever exchanges secrets with a person, and their own devices, of keys that came or went."""
    if not changes:
        return
    told = await store.companions(tx.connection, person, MOST_READERS, MOST_TOLD)
    for device, key, since in changes:
        body: dict[str, object] = {
            "person": person,
            "device": str(device),
            "key": key,
            "since": since and since.isoformat(),
        }
        tx.announce(Fact("secret.keys_changed", body, (*told, person)))


async def end_devices(tx: Tx, sessions: Sequence[tuple[PersonId, UUID]]) -> None:
    """The sessions are over: so are the keys of their devices."""
    gone = await store.take_devices_of_sessions(tx.connection, sessions)
    for person, device in gone:
        await tell_changes(tx, person, [(device, None, None)])


async def hear_signed_out(tx: Tx, facts: list[Fact]) -> None:
    """Listener of `people.signed_out`."""
    await end_devices(
        tx, [(PersonId(int(str(fact.body["person"]))), UUID(str(fact.body["session"]))) for fact in facts]
    )


async def sweep(tx: Tx) -> int:
    """By the clock: keys whose session expired or was pushed out by newer ones; how many."""
    known = await store.all_sessions(tx.connection)
    standing = await see_standing(tx.connection, known, tx.now)
    over = [one for one in known if one not in standing]
    if over:
        await end_devices(tx, over)
    return len(over)


# --- Seeing ---------------------------------------------------------------------------------------


async def keys_of(connection: Connection, people: Iterable[PersonId], now: datetime) -> list[DeviceKey]:
    """The keys of these people's devices that are signed in now, by person and device."""
    found = await store.devices_of(connection, people)
    standing = await see_standing(connection, [(key.person, session) for key, session in found], now)
    return [key for key, session in found if (key.person, session) in standing]


async def see_keys(
    connection: Connection, person: PersonId, conversation: ConversationId, now: datetime
) -> list[DeviceKey]:
    """The keys of everybody in a conversation. Refusals no_such_conversation, too_many_readers."""
    members = [member.person for member in await conversations.members_of(connection, conversation)]
    if person not in members:
        raise NoSuchConversation()
    if len(members) > MOST_READERS:
        raise TooManyReaders(most=MOST_READERS)
    return await keys_of(connection, members, now)


async def device_of(connection: Connection, person: PersonId, session: UUID) -> UUID:
    """The device that a session registered. Refusal no_device_key."""
    for key, its in await store.devices_of(connection, [person]):
        if its == session:
            return key.device
    raise NoDeviceKey()
