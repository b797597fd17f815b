"""Values, refusals and pure decisions of objects: pieces, shelves, keys."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import NewType
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wufu.core.chance import hkdf_sha256
from wufu.core.refusals import Refusal

ObjectId = NewType("ObjectId", UUID)

PIECE = 1 << 20
"""Bytes of a piece: what is checked, sealed and read at once."""
TAG = 16
"""Bytes that sealing adds to a piece."""
LARGEST = 64 << 20
"""Bytes of the largest object. Owners have smaller limits of their own."""
SHELVES = 256
DIGEST = 32
ORPHAN_AFTER = timedelta(hours=1)
"""Bytes without a row are left alone for so long: their transaction may still be running."""
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}(; ?[a-z]+=[A-Za-z0-9\"., +-]{1,60})?")


class ObjectGone(Refusal):
    """It was never there, was dropped, or is past its death."""

    code = "object_gone"
    status = 404


class ObjectDamaged(Refusal):
    """What lies in the store is not what was put there; nothing of it is given out."""

    code = "object_damaged"
    status = 500


class BadPicture(Refusal):
    """`why`: type, broken, pixels, small or animated."""

    code = "bad_picture"
    status = 422


class Staged(msgspec.Struct, frozen=True):
    """Bytes that lie in the store durably and have no row yet: `keep` them, or the sweep takes them."""

    id: ObjectId
    media_type: str
    size: int
    digests: bytes
    seed: bytes | None


class Shelved(msgspec.Struct, frozen=True):
    """What is known of an object that lives: enough to read it."""

    id: ObjectId
    owner: str
    media_type: str
    size: int
    digests: bytes
    seed: bytes | None
    dies_at: datetime | None


class Stored(msgspec.Struct, frozen=True):
    """An object's bytes, as they were put in, and their media type."""

    content: bytes
    media_type: str


def shelf_of(id_: UUID) -> int:
    """The shelf an object lies on: the last byte of its id."""
    return id_.int & 0xFF


def shelf_name(shelf: int) -> str:
    return f"{shelf:02x}"


def path_of(id_: UUID) -> str:
    """Where the bytes lie, below the store's root."""
    return f"{shelf_name(shelf_of(id_))}/{id_}"


def id_of_path(path: str) -> ObjectId | None:
    """The object at a path, or None when that is no place of ours."""
    name = path.rpartition("/")[2]
    try:
        id_ = ObjectId(UUID(name))
    except ValueError:
        return None
    return id_ if path == path_of(id_) else None


def made_at(id_: UUID) -> float:
    """When an id was made, in Unix seconds: a UUIDv7 begins with its milliseconds."""
    return (id_.int >> 80) / 1000


def is_orphan(id_: UUID, now: datetime) -> bool:
    """Whether bytes without a row are old enough that no transaction can still be about to keep them."""
    return made_at(id_) < (now - ORPHAN_AFTER).timestamp()


def count_pieces(size: int) -> int:
    """How many pieces an object has; an empty one has one, empty."""
    return max(1, -(-size // PIECE))


def stored_size(shelved: Shelved, piece: int) -> tuple[int, int]:
    """Where a piece begins in the stored bytes, and how long it is there."""
    tag = TAG if shelved.seed is not None else 0
    length = min(PIECE, shelved.size - piece * PIECE)
    return piece * (PIECE + tag), length + tag


def object_key(master: bytes, seed: bytes, id_: UUID) -> bytes:
    """The 32-byte key of one object: HKDF-SHA256(ikm=master key, salt=seed, info="wufu/object/" ‖ id).

    It takes both: the seed is in the database and goes when the object is dropped, the master key is not in
    the database. So neither a copy of the database nor one of the folder opens anything.
    """
    return hkdf_sha256(master, seed, b"wufu/object/" + id_.bytes, 32)


def seal(key: bytes, content: bytes) -> list[bytes]:
    """The pieces of `content`, each under AES-256-GCM (NIST SP 800-38D).

    The nonce is the piece's number: a key is used for one object and once, so no nonce repeats. Pieces cannot
    change places (nonce), nor be cut off (their count and digests are in the row).
    """
    cipher = AESGCM(key)
    return [
        cipher.encrypt(number.to_bytes(12), piece, None) for number, piece in enumerate(in_pieces(content))
    ]


def in_pieces(content: bytes) -> list[bytes]:
    return [content[number * PIECE :][:PIECE] for number in range(count_pieces(len(content)))]


def digests_of(pieces: list[bytes]) -> bytes:
    return b"".join(hashlib.sha256(piece).digest() for piece in pieces)


def open_piece(shelved: Shelved, number: int, stored: bytes, key: bytes | None) -> bytes:
    """A piece as it was put in. Refusal object_damaged when its digest or its seal does not hold."""
    expected = shelved.digests[number * DIGEST :][:DIGEST]
    if hashlib.sha256(stored).digest() != expected:
        raise ObjectDamaged(id=str(shelved.id), piece=number)
    if key is None:
        return stored
    try:
        return AESGCM(key).decrypt(number.to_bytes(12), stored, None)
    except InvalidTag as wrong:
        # The digest held, so the bytes are ours: the master key is not the one they were sealed with.
        raise ObjectDamaged(id=str(shelved.id), piece=number, why="key") from wrong
