"""Addresses of clear pictures, and of posts shared by link: signed, so that nobody makes one up.

A *ticket* opens one photo to one viewer for a minute: photo, viewer and end, and an HMAC-SHA256 (RFC 2104)
over them under a key of the server's. It says only who was let through a moment ago; whether they still
may is asked again when it is used, and it is good in the viewer's own session only. So an address that is
passed on, kept in a history or read from a log opens nothing.

A *link* names a photo and is worth as much as its secrecy: 128 bits of an HMAC over the photo's id. Being
made from the id it need not be kept, and posting again gives the same one.
"""

import base64
import binascii
import hmac
import struct
from datetime import datetime
from uuid import UUID

from wufu.core.ids import PersonId

TICKET = struct.Struct(">16sQQ")
SIGNATURE_BYTES, LINK_BYTES = 32, 16


def make_ticket(key: bytes, photo: UUID, viewer: PersonId, until: datetime) -> str:
    """The last part of the address of a clear picture."""
    named = TICKET.pack(photo.bytes, viewer, int(until.timestamp()))
    return _spelled(named + _sign(key, b"ticket", named))


def read_ticket(key: bytes, ticket: str, now: datetime) -> tuple[UUID, PersonId] | None:
    """The photo and the viewer of a ticket that is good now, or None."""
    read = _unspelled(ticket, TICKET.size + SIGNATURE_BYTES)
    if read is None:
        return None
    named, signature = read[: TICKET.size], read[TICKET.size :]
    if not hmac.compare_digest(signature, _sign(key, b"ticket", named)):
        return None
    photo, viewer, until = TICKET.unpack(named)
    return (UUID(bytes=photo), PersonId(viewer)) if now.timestamp() < until else None


def make_link(key: bytes, photo: UUID) -> str:
    """The token of a post that is shared by link."""
    return _spelled(photo.bytes + _sign(key, b"link", photo.bytes)[:LINK_BYTES])


def read_link(key: bytes, token: str) -> UUID | None:
    """The photo of a token, or None when it is none of ours."""
    read = _unspelled(token, 16 + LINK_BYTES)
    if read is None or not hmac.compare_digest(read[16:], _sign(key, b"link", read[:16])[:LINK_BYTES]):
        return None
    return UUID(bytes=read[:16])


def _sign(key: bytes, purpose: bytes, named: bytes) -> bytes:
    return hmac.digest(key, b"wufu/photo " + purpose + b"/" + named, "sha256")


def _spelled(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unspelled(text: str, size: int) -> bytes | None:
    if len(text) > 2 * size or not text.isascii():
        return None
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) == size and _spelled(data) == text else None
