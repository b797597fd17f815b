"""Invitations: values, refusals, and the code that is a link, a QR picture and a text token at once.

A code is `17-4k2m9xw0a3feqqz7`: the inviter's number, by which it is looked up, and 16 letters of Crockford's
base 32 (80 bits), which nobody guesses. The phone sends a secret of 128 bits, the server keeps a salt and
never the secret: the letters are the beginning of SHA-256 over both. So the code stands nowhere, only its
hash does, and yet a phone that lost the answer asks again with the same secret and gets the same code.
"""

import re
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from wufu.core.chance import sha256
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.people import PersonView

DEFAULT_DAYS, MOST_DAYS = 7, 30
MOST_USES = 500
MOST_LIVE = 100
"""Live invitations a person may have."""
KEPT = timedelta(days=30)
"""How long an invitation that is over is still listed."""
MOST_WRONG = 20
GUESSES_FOR = timedelta(hours=1)
"""Who tried twenty codes that nobody made is not listened to for the rest of the hour."""

LONGEST_NOTE = 24
LONGEST_TEXT = 2_000
"""Of a pasted text no more is looked at."""
SECRET = re.compile(r"[0-9a-f]{32}")
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is read as another."""
CODE_LETTERS = 16
CODE = re.compile(rf"(?<![0-9a-z])([1-9][0-9]{{0,18}})-([0-9a-z]{{{CODE_LETTERS}}})(?![0-9a-z])")
MISREAD = str.maketrans("ilo", "110")

State = Literal["live", "used_up", "expired", "revoked"]


# --- Requests and answers -------------------------------------------------------------------------


class MakeInvitation(msgspec.Struct, frozen=True):
    """`secret` is 32 hex digits of the phone's own chance; `days` how long it lives."""

    person: PersonId
    id: UUID
    secret: str
    uses: int = 1
    days: int = DEFAULT_DAYS
    note: str = ""


class Made(msgspec.Struct, frozen=True):
    """A new invitation. Its code is shown this once."""

    id: UUID
    code: str
    path: str
    text: dict[str, str]
    uses: int
    expires_at: datetime


class UseInvitation(msgspec.Struct, frozen=True):
    """`code` may be the code, a link, or a whole pasted text with it."""

    person: PersonId
    code: str


class LookAtInvitation(msgspec.Struct, frozen=True):
    """Who looks: a person, or somebody without an account at a network address."""

    code: str
    person: PersonId | None = None
    address: str = ""


class InvitationLook(msgspec.Struct, frozen=True):
    """What somebody sees before using one; `tie`, if signed in, is how the inviter stands to them."""

    inviter: PersonView
    code: str
    expires_at: datetime
    tie: str | None


class UsedBy(msgspec.Struct, frozen=True):
    person: PersonId
    name: str
    avatar: int
    at: datetime


class InvitationView(msgspec.Struct, frozen=True):
    """A line in the inviter's list; the code itself is not known any more."""

    id: UUID
    note: str
    made_at: datetime
    expires_at: datetime
    uses: int
    used: int
    state: State
    used_by: list[UsedBy]


# --- Refusals -------------------------------------------------------------------------------------


class BadSecret(Refusal):
    """A secret is 32 hex digits in lower case."""

    code = "bad_secret"
    status = 422


class TooManyInvitations(Refusal):
    code = "too_many_invitations"


class NoSuchInvitation(Refusal):
    """Nobody made this code."""

    code = "no_such_invitation"
    status = 404


class InvitationOver(Refusal):
    """Expired, revoked, used up, or not for this person: one answer, so that a block is not told."""

    code = "invitation_over"
    status = 410


class TooManyGuesses(Refusal):
    """Too many codes that nobody made; listened to again after `wait_seconds`."""

    code = "too_many_guesses"
    status = 429


# --- Values and decisions -------------------------------------------------------------------------


class Invitation(msgspec.Struct, frozen=True):
    """An invitation as it is kept, except how often it was used, which grows within a batch."""

    inviter: PersonId
    id: UUID
    code_hash: bytes
    salt: bytes
    note: str
    uses: int
    used: int
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """Whether it may be used at `now`, or why not."""
        if self.revoked_at is not None:
            return "revoked"
        if self.used >= self.uses:
            return "used_up"
        return "live" if now < self.expires_at else "expired"


def code_of(inviter: PersonId, salt: bytes, secret: str) -> str:
    """The code of an invitation: number, dash, 80 bits of SHA-256(salt ‖ secret) in base 32."""
    bits = int.from_bytes(sha256(salt + bytes.fromhex(secret))[: CODE_LETTERS * 5 // 8])
    return f"{inviter}-" + "".join(ALPHABET[bits >> 5 * place & 31] for place in range(CODE_LETTERS))


def hash_of(code: str) -> bytes:
    """What is kept of a code: with 80 random bits a plain SHA-256 is safe."""
    return sha256(code.encode())


def read_code(text: str) -> tuple[PersonId, str] | None:
    """Whose invitation stands somewhere in a text, and the code as it was made; None when there is none.

    The last one counts: what is sent around begins with the inviter's name, which may look like anything.
    """
    for number, letters in reversed(CODE.findall(text[:LONGEST_TEXT].lower())):
        read = letters.translate(MISREAD)
        if int(number) < 1 << 63 and all(letter in ALPHABET for letter in read):
            return PersonId(int(number)), f"{number}-{read}"
    return None


def text_of(name: str, code: str) -> dict[str, str]:
    """The 口令 as it is sent around, in both languages; `read_code` finds the code in it again."""
    return {
        "zh": f"【五福】{name}邀请你成为好友,复制这段话打开五福就能加上。¥{code}¥",
        "en": f"[Wufu] {name} invites you to be friends: copy this text and open Wufu. ¥{code}¥",
    }
