"""Values, refusals and pure decisions of secret messages: what a sealed message looks like, when it burns."""

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from msgspec import Meta

from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.core.refusals import Refusal

TIMERS = (1, 3, 5, 10, 30, 60, 86_400)
"""Seconds from being on the screen to being burnt."""
UNREAD_FOR = timedelta(days=7)
"""Who has not opened it by then never will."""
MOST_BYTES = 4 << 20
MOST_READERS = 50
MOST_WRAPS = 1_000
KEY_BYTES, WRAP_BYTES, DIGEST_BYTES = 32, 48, 32
"""A wrap is a 32-byte key under AES-256-GCM, whose tag has 16."""
GRACE = timedelta(seconds=5)
LONG_GRACE = timedelta(minutes=10)
"""How long a phone's own burning may come after the timer's end: it may have been out of reach."""


class BadDeviceKey(Refusal):
    """Not a public X25519 key of 32 bytes, or one with which every secret is the same."""

    code = "bad_device_key"
    status = 422


class NoDeviceKey(Refusal):
    """This device has registered no key (any more): register one, then try again."""

    code = "no_device_key"


class KeysChanged(Refusal):
    """The readers have other devices than the message was sealed for: `keys` are those of now."""

    code = "keys_changed"


class BadSealed(Refusal):
    """The sealed message is not in its form: `why`."""

    code = "bad_sealed"
    status = 422


class BadTimer(Refusal):
    """The timer is one of `allowed` seconds."""

    code = "bad_timer"
    status = 422


class NoReader(Refusal):
    """Nobody else here has a device that could read it."""

    code = "no_reader"


class TooManyReaders(Refusal):
    """Secrets are for conversations of at most `most` people."""

    code = "too_many_readers"


class SecretGone(Refusal):
    """It is burnt, for this reader or for all."""

    code = "secret_gone"
    status = 410


class NotForThisDevice(Refusal):
    """It was not sealed for this device, which perhaps came later."""

    code = "not_for_this_device"
    status = 403


# --- Keys -----------------------------------------------------------------------------------------


class DeviceKey(msgspec.Struct, frozen=True):
    """A device's public key, as every phone may know it; `key` in base64url without padding."""

    person: PersonId
    device: UUID
    key: str
    since: datetime


PROBE = X25519PrivateKey.from_private_bytes(hashlib.sha256(b"wufu/secret/probe").digest())
"""No secret at all: only to find keys with which the agreed secret does not depend on anything."""


def read_key(text: str) -> bytes:
    """The 32 bytes of a public key. Refusal bad_device_key."""
    try:
        key = unb64(text)
        if len(key) != KEY_BYTES:
            raise BadDeviceKey(why=f"{len(key)} bytes instead of {KEY_BYTES}")
        PROBE.exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError as error:
        raise BadDeviceKey(why="no usable X25519 key") from error
    return key


def b64(data: bytes) -> str:
    """Base64url without padding, as phones write bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """ValueError for anything that `b64` would not write."""
    if "=" in text or not text.isascii():
        raise ValueError("not base64url without padding")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if b64(data) != text:
        raise ValueError("base64url with loose bits")
    return data


# --- Sealed messages ------------------------------------------------------------------------------


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What stands before the ciphertext: how each device gets at the key."""

    v: Literal[1]
    ephemeral: Annotated[str, Meta(max_length=64)]
    sender: Annotated[UUID, "the sender's device"] = msgspec.field(name="from")
    sha256: Annotated[str, Meta(max_length=64)]
    wraps: dict[UUID, Annotated[str, Meta(max_length=80)]]
    left_out: Annotated[tuple[UUID, ...], Meta(max_length=MOST_WRAPS)] = ()


def read_frame(data: bytes) -> tuple[Sealed, bytes]:
    """`sealed` and ciphertext of a message as it travels: length of the JSON (4 bytes), JSON, ciphertext.

    Refusal bad_sealed.
    """
    length = int.from_bytes(data[:4])
    if len(data) < 4 or length > len(data) - 4:
        raise BadSealed(why="cut off")
    try:
        sealed = msgspec.json.decode(data[4 : 4 + length], type=Sealed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadSealed(why=str(error)[:200]) from error
    ciphertext = data[4 + length :]
    _check(sealed, ciphertext)
    return sealed, ciphertext


def _check(sealed: Sealed, ciphertext: bytes) -> None:
    if not 1 <= len(sealed.wraps) <= MOST_WRAPS:
        raise BadSealed(why=f"1 to {MOST_WRAPS} wraps")
    if len(ciphertext) < 12 + 16:
        raise BadSealed(why="no ciphertext")
    sizes = [(sealed.ephemeral, KEY_BYTES), (sealed.sha256, DIGEST_BYTES)]
    sizes += [(wrap, WRAP_BYTES) for wrap in sealed.wraps.values()]
    for text, size in sizes:
        try:
            right = len(unb64(text)) == size
        except ValueError:
            right = False
        if not right:
            raise BadSealed(why=f"not {size} bytes in base64url: {text[:20]!a}")
    if unb64(sealed.sha256) != hashlib.sha256(ciphertext).digest():
        raise BadSealed(why="the ciphertext has another SHA-256")


def write_frame(sealed: Sealed, ciphertext: bytes) -> bytes:
    """The inverse of `read_frame`."""
    head = msgspec.json.encode(sealed)
    return len(head).to_bytes(4) + head + ciphertext


def for_device(data: bytes, device: UUID) -> bytes:
    """A stored message with this device's wrap and no other. Refusal not_for_this_device."""
    sealed, ciphertext = read_frame(data)
    if device not in sealed.wraps:
        raise NotForThisDevice()
    only = msgspec.structs.replace(sealed, wraps={device: sealed.wraps[device]}, left_out=())
    return write_frame(only, ciphertext)


def keyed_digest(message: UUID, data: bytes) -> bytes:
    """By which a repeat is known: SHA-256 of the message's id and all its bytes."""
    return hashlib.sha256(message.bytes + data).digest()


def decide_readers(
    sealed: Sealed, sender: PersonId, members: Collection[PersonId], keys: Sequence[DeviceKey]
) -> list[PersonId] | Refusal:
    """Who will be able to read: everybody else who has a wrap.

    `keys` are those of all members now. Refusals keys_changed: a wrap for a device that is no member's, or a
    reader's device that is neither wrapped for nor left out in so many words; no_reader; too_many_readers.
    """
    if len(members) > MOST_READERS:
        return TooManyReaders(most=MOST_READERS)
    person_of = {key.device: key.person for key in keys}
    foreign = sealed.wraps.keys() - person_of.keys()
    others = {key.device for key in keys if key.person != sender}
    if foreign or others - sealed.wraps.keys() - set(sealed.left_out):
        return KeysChanged(keys=[msgspec.to_builtins(key) for key in keys])
    readers = {person_of[device] for device in sealed.wraps} - {sender}
    return sorted(readers) if readers else NoReader()


# --- Timers ---------------------------------------------------------------------------------------


def check_timer(seconds: int) -> int:
    """Refusal bad_timer."""
    if seconds not in TIMERS:
        raise BadTimer(allowed=list(TIMERS))
    return seconds


def burns_at(seen_at: datetime, timer_seconds: int) -> datetime:
    """When the server burns a reader's copy by itself, if their phone did not say that it did."""
    grace = GRACE if timer_seconds <= 60 else LONG_GRACE
    return seen_at + timedelta(seconds=timer_seconds) + grace


class Reader(msgspec.Struct, frozen=True):
    """How a message stands for one reader."""

    person: PersonId
    seen_at: datetime | None = None
    burns_at: datetime | None = None
    burnt_at: datetime | None = None


class Secret(msgspec.Struct, frozen=True):
    """A secret message that is not burnt for everybody yet; never its content."""

    conversation: ConversationId
    message: MessageId
    number: int
    sender: PersonId
    object: UUID
    digest: bytes
    timer_seconds: int
    sent_at: datetime
    expires_at: datetime
    readers: tuple[Reader, ...]

    def reader(self, person: PersonId) -> Reader | None:
        return next((reader for reader in self.readers if reader.person == person), None)

    def with_reader(self, changed: Reader) -> "Secret":
        readers = tuple(changed if one.person == changed.person else one for one in self.readers)
        return msgspec.structs.replace(self, readers=readers)

    @property
    def is_over(self) -> bool:
        """Whether it is burnt for every reader."""
        return all(reader.burnt_at is not None for reader in self.readers)


def message_body(
    timer_seconds: int, expires_at: datetime, size: int, readers: Iterable[Reader]
) -> dict[str, object]:
    """What everybody in the conversation knows of a secret message."""
    return {
        "timer_seconds": timer_seconds,
        "expires_at": expires_at.isoformat(),
        "bytes": size,
        "readers": {
            str(reader.person): {
                "seen_at": reader.seen_at and reader.seen_at.isoformat(),
                "burnt_at": reader.burnt_at and reader.burnt_at.isoformat(),
            }
            for reader in readers
        },
    }


GONE_BODY: Mapping[str, object] = {"was": "secret"}


def see(secret: Secret, person: PersonId, now: datetime) -> Secret | Refusal:
    """It is on this reader's screen: the timer runs from the first time. Refusal secret_gone."""
    reader = secret.reader(person)
    if reader is None or is_burnt_for(secret, reader, now):
        return SecretGone()
    if reader.seen_at is not None:
        return secret
    ends = burns_at(now, secret.timer_seconds)
    return secret.with_reader(Reader(person, now, ends))


def burn(secret: Secret, person: PersonId, now: datetime) -> Secret | Refusal:
    """A reader's copy is burnt; the sender's word burns it for everybody. Refusal secret_gone: not theirs."""
    if person == secret.sender:
        burnt = tuple(
            reader if reader.burnt_at else msgspec.structs.replace(reader, burnt_at=now)
            for reader in secret.readers
        )
        return msgspec.structs.replace(secret, readers=burnt)
    reader = secret.reader(person)
    if reader is None:
        return SecretGone()
    if reader.burnt_at is not None:
        return secret
    return secret.with_reader(msgspec.structs.replace(reader, burnt_at=now))


def is_burnt_for(secret: Secret, reader: Reader, now: datetime) -> bool:
    """Whether this reader gets nothing any more, also when no job has come by yet."""
    if reader.burnt_at is not None or secret.expires_at <= now:
        return True
    return reader.burns_at is not None and reader.burns_at <= now
