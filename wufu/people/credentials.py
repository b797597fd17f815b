"""Secrets people hold: passwords and PINs (hashed with Argon2id), session tokens and claim codes (SHA-256).

Argon2id with 19 MiB, two passes and one lane, the first choice of OWASP's password storage guidance where
memory counts. It takes some 20 ms, so it always runs in a thread. A token or a code has so many random bits
that a plain hash of it is safe to keep.
"""

import asyncio
import hashlib
import unicodedata
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from wufu.core.chance import Chance, sha256
from wufu.core.ids import PersonId
from wufu.people.model import is_number

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = HASHER.hash("nobody has this password", salt=bytes(16))
"""What an unknown login's password is compared with, so that it takes as long."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is read as another."""
CODE_LENGTH = 16


async def hash_secret(secret: str, chance: Chance, use: str) -> str:
    """The Argon2id hash of a password or PIN; `use` names its one use for a seeded chance."""
    salt = chance.secret(f"salt/{use}", 16)
    return await asyncio.to_thread(HASHER.hash, _typed(secret), salt=salt)


async def matches(hashed: str | None, secret: str) -> bool:
    """Whether a secret has this hash; None takes as long and is never matched."""

    def verify() -> bool:
        try:
            return HASHER.verify(hashed or NOBODY, _typed(secret))
        except VerifyMismatchError:
            return False

    return await asyncio.to_thread(verify) and hashed is not None


def _typed(secret: str) -> str:
    """One spelling of what two keyboards compose differently."""
    return unicodedata.normalize("NFC", secret)


def make_token(person: PersonId, session: UUID, chance: Chance) -> str:
    """A session's token: the person's number, a dot, 256 secret bits."""
    return f"{person}.{chance.secret(f'session/{person}/{session}', 32).hex()}"


def make_code(person: PersonId, now: datetime, chance: Chance) -> str:
    """A claim code: the person's number and 80 secret bits, such as `17-4k2m-9xw0-a3fe-qqz7`."""
    bits = int.from_bytes(chance.secret(f"claim/{person}/{now.isoformat()}", CODE_LENGTH * 5 // 8))
    code = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(CODE_LENGTH))
    return "-".join([str(person), *(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))])


def read_token(token: str) -> tuple[PersonId, bytes] | None:
    """Whose a token claims to be and its hash, or None when it is no token."""
    number, dot, _ = token.partition(".")
    if not dot or len(token) > 100 or not token.isascii():
        return None
    return _numbered(number, token)


def read_code(code: str) -> tuple[PersonId, bytes] | None:
    """Whose a claim code claims to be and its hash; spaces, case and misread letters do not matter."""
    if len(code) > 100 or not code.isascii():
        return None
    parts = code.strip().lower().translate(str.maketrans("ilo ", "110-")).split("-")
    return _numbered(parts[0], "-".join(part for part in parts if part))


def _numbered(number: str, whole: str) -> tuple[PersonId, bytes] | None:
    if not number.isdecimal() or len(number) > 19 or not is_number(person := PersonId(int(number))):
        return None
    return person, sha256(whole.encode())


def try_key(kind: str, name: str) -> str:
    """The key under which wrong tries are counted; of bounded length whatever was typed."""
    digest = hashlib.blake2b(name.encode(errors="replace"), digest_size=16).hexdigest()
    return f"{kind}/{digest}"
