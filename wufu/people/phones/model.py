"""Numbers, codes and their limits: pure."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from wufu.core.refusals import Refusal

CODE_DIGITS = 6
CODE_LIVES = timedelta(minutes=10)
CODE_PAUSE = timedelta(minutes=1)
CODES_A_DAY, LOOKS_A_DAY = 5, 30
MOST_WRONG = 5
USES_KEPT = timedelta(days=2)
CHINA = ZoneInfo("Asia/Shanghai")


class BadPhone(Refusal):
    """Not a phone number: eleven digits of China, or + and 8 to 15 digits (ITU-T E.164)."""

    code = "bad_phone"
    status = 422


class TooManyCodes(Refusal):
    """`wait` seconds, or too many today (0)."""

    code = "too_many_codes"
    status = 429


class WrongCode(Refusal):
    """`tries_left`; 0: ask for a new code."""

    code = "wrong_code"


class TooManyLooks(Refusal):
    """So many numbers were looked up today; `most` a day."""

    code = "too_many_looks"
    status = 429


class Phone(msgspec.Struct, frozen=True):
    """One's number as it is shown to oneself: the last two digits."""

    ending: str
    since: datetime


class Asked(msgspec.Struct, frozen=True):
    """A code is on its way; it is good until then. `code` only in a demo, where no text goes anywhere."""

    ending: str
    expires_at: datetime
    code: str | None = None


class Text(msgspec.Struct, frozen=True):
    """A text on its way."""

    id: UUID
    phone: str
    body: str
    at: datetime


class Proof(msgspec.Struct, frozen=True):
    """What is kept of a code until it is typed."""

    digest: bytes
    ending: str
    code_hash: bytes
    sent_at: datetime
    expires_at: datetime
    wrong: int = 0


def clean_phone(text: str) -> str:
    """A number as E.164 has it. Without a country it is China's. Refusal bad_phone."""
    plain = re.sub(r"[\s\-().]", "", text)[:20]
    if re.fullmatch(r"1[3-9][0-9]{9}", plain):
        return f"+86{plain}"
    plain = f"+{plain[2:]}" if plain.startswith("00") else plain
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", plain):
        raise BadPhone()
    return plain


def digest_of(key: bytes, phone: str) -> bytes:
    """The keyed hash under which a number is kept and found."""
    return hmac.digest(key, f"wufu/phone/{phone}".encode(), "sha256")


def code_hash(key: bytes, person: int, code: str) -> bytes:
    return hmac.digest(key, f"wufu/phone/code/{person}/{code}".encode(), "sha256")


def code_of(secret: bytes) -> str:
    """Six digits from sixteen random bytes; the bias of the remainder is below 2^-100."""
    return f"{int.from_bytes(hashlib.sha256(secret).digest()[:16]) % 10**CODE_DIGITS:0{CODE_DIGITS}}"
