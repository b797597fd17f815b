"""Values, refusals and pure decisions of people: what a name is, when a PIN locks, how long a wait is."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal

Origin = Literal["registered", "imported", "persona"]
Language = Literal["zh", "en"]

AVATARS = 64
"""An avatar is a number below this: the lower three bits choose a paper's colour, the upper a cut."""

LONGEST_NAME = 24
LONGEST_LINE = 60
LONGEST_DEVICE = 60
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128
MOST_MARKS = 2
"""Combining marks on one letter: two are enough for any living script, ten make a tower."""

LOGIN = re.compile(r"[a-z0-9][a-z0-9_.@+-]{2,39}")
PIN = re.compile(r"[0-9]{6}")
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Characters that Unicode calls letters or symbols and that show as nothing."""

PIN_TRIES = 5
PIN_LOCKS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
FREE_BY_LOGIN, FREE_BY_ADDRESS = 5, 50
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
TRIES_FORGOTTEN = timedelta(hours=1)

IDLE = timedelta(days=30)
"""A session ends when it was not used for so long …"""
LONGEST_SESSION = timedelta(days=365)
"""… or when it is so old."""
SEEN_STEP = timedelta(minutes=10)
"""`seen_at` is written no more often than this."""
MOST_DEVICES = 20
CLAIM_TERM = timedelta(days=14)


# --- Requests and answers -------------------------------------------------------------------------


class NewPerson(msgspec.Struct, frozen=True):
    """Somebody created by us: imported from elsewhere or invented for a demo.

    `external` is what they are called where they come from; the same one again is the same person. Without
    an `avatar` it follows from the number.
    """

    name: str
    origin: Origin
    external: str | None = None
    line: str = ""
    avatar: int | None = None
    language: Language = "zh"
    findable: bool = True


class Register(msgspec.Struct, frozen=True):
    login: str
    password: str
    name: str
    device: str = ""
    language: Language = "zh"


class SignIn(msgspec.Struct, frozen=True):
    """`address` is the network address asking, for the throttle; empty when it is not known."""

    login: str
    password: str
    device: str = ""
    address: str = ""


class Claim(msgspec.Struct, frozen=True):
    code: str
    login: str
    password: str
    device: str = ""
    address: str = ""


class Arrival(msgspec.Struct, frozen=True):
    """Somebody was signed in: whether this made the account, and where from.

    `device` is the random id the page keeps in this browser, `address` the network address asking; either is
    empty when not known. Told to whoever guards against farmed accounts; neither is kept by people.
    """

    person: PersonId
    registered: bool
    device: str
    address: str


class Settings(msgspec.Struct, frozen=True):
    """What to change; None leaves it."""

    name: str | None = None
    language: Language | None = None
    findable: bool | None = None


class PersonView(msgspec.Struct, frozen=True):
    """What anybody may see of a person."""

    person: PersonId
    name: str
    avatar: int


class Persona(msgspec.Struct, frozen=True):
    """An invented person of a demo, with a line about themselves."""

    person: PersonId
    name: str
    avatar: int
    line: str


class Me(msgspec.Struct, frozen=True):
    """What a person sees of themselves; `login` is None for personas and the unclaimed."""

    person: PersonId
    name: str
    login: str | None
    avatar: int
    has_pin: bool
    language: Language
    findable: bool


class Session(msgspec.Struct, frozen=True):
    """A device that is signed in."""

    person: PersonId
    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class Device(msgspec.Struct, frozen=True):
    """A line in the list of one's devices."""

    id: UUID
    name: str
    seen_at: datetime
    current: bool


class SignedIn(msgspec.Struct, frozen=True):
    """A fresh session and its token, which is shown this once."""

    person: PersonId
    session: UUID
    token: str


# --- Refusals -------------------------------------------------------------------------------------


class BadName(Refusal):
    """`why` is one of empty, too_long, invisible, no_letter, too_many_marks."""

    code = "bad_name"
    status = 422


class BadLine(Refusal):
    code = "bad_line"
    status = 422


class BadDevice(Refusal):
    code = "bad_device"
    status = 422


class BadLogin(Refusal):
    """Not 3 to 40 of a-z, 0-9, `_ . @ + -`, beginning with a letter or digit."""

    code = "bad_login"
    status = 422


class BadPassword(Refusal):
    """`why` is one of too_short, too_long, like_login, unreadable."""

    code = "bad_password"
    status = 422


class BadPin(Refusal):
    """Not six digits."""

    code = "bad_pin"
    status = 422


class LoginTaken(Refusal):
    code = "login_taken"


class WrongPassword(Refusal):
    """The login or the password is wrong; which of them is not said."""

    code = "wrong_password"
    status = 403


class TooManyTries(Refusal):
    """Wrong too often: nothing was checked; try again after `wait_seconds`."""

    code = "too_many_tries"
    status = 429


class NoPin(Refusal):
    code = "no_pin"


class WrongPin(Refusal):
    code = "wrong_pin"
    status = 403


class PinLocked(Refusal):
    code = "pin_locked"
    status = 423


class BadClaimCode(Refusal):
    """`why` is one of unknown, expired, used; the latter two only to who knows the code."""

    code = "bad_claim_code"
    status = 403


class AlreadyClaimed(Refusal):
    code = "already_claimed"


# --- Decisions ------------------------------------------------------------------------------------


def clean_name(name: str) -> str:
    """The name as it is kept, or the refusal `bad_name`."""
    text, why = _clean(name, LONGEST_NAME)
    if not why and not any(unicodedata.category(char)[0] in "LNS" for char in text):
        why = "no_letter" if text else "empty"
    if why:
        raise BadName(why=why, most=LONGEST_NAME)
    return text


def clean_line(line: str) -> str:
    """A persona's line as it is kept; may be empty. Refusal `bad_line`."""
    text, why = _clean(line, LONGEST_LINE)
    if why:
        raise BadLine(why=why, most=LONGEST_LINE)
    return text


def clean_device(device: str) -> str:
    """A device's name as it is kept; may be empty. Refusal `bad_device`."""
    text, why = _clean(device, LONGEST_DEVICE)
    if why:
        raise BadDevice(why=why, most=LONGEST_DEVICE)
    return text


def _clean(text: str, most: int) -> tuple[str, str]:
    """The text in NFC with single spaces, and what is wrong with it, if anything."""
    if len(text) > 8 * most:  # nothing this long becomes short enough; do not spend time on it
        return "", "too_long"
    text = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    text = re.sub(" {2,}", " ", text)
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category[0] == "C" or category in ("Zl", "Zp") or char in BLANK:
            return "", "invisible"
        if category == "Zs" and char != " ":
            return "", "invisible"
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MOST_MARKS:
            return "", "too_many_marks"
    return (text, "") if len(text) <= most else ("", "too_long")


def read_login(login: str) -> str | None:
    """The login in lower case, or None when it cannot be one."""
    text = login.strip().lower() if len(login) <= 80 else ""
    return text if LOGIN.fullmatch(text) else None


def clean_login(login: str) -> str:
    """The login in lower case, or the refusal `bad_login`."""
    text = read_login(login)
    if text is None:
        raise BadLogin(shortest=3, longest=40)
    return text


def check_new_password(password: str, login: str) -> None:
    """Raises `bad_password` when a password may not be chosen."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadPassword(why="too_short", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise BadPassword(why="too_long", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    if any("\ud800" <= char <= "\udfff" for char in password):
        raise BadPassword(why="unreadable", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    if password.lower() == login:
        raise BadPassword(why="like_login", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)


def can_be_password(password: str) -> bool:
    """Whether a password to be checked could be anybody's; the rest is wrong without hashing it."""
    return 0 < len(password) <= LONGEST_PASSWORD and not any(
        "\ud800" <= char <= "\udfff" for char in password
    )


def check_new_pin(pin: str) -> None:
    """Raises `bad_pin` unless it is six digits 0-9."""
    if not PIN.fullmatch(pin):
        raise BadPin(digits=6)


def is_number(person: PersonId) -> bool:
    """Whether a number could be a person's at all, so that it can be asked of the database."""
    return 0 < person < 1 << 63


def avatar_for(person: PersonId) -> int:
    """The avatar of someone who has not chosen one: neighbours by number look different."""
    return person * 37 % AVATARS


@dataclass(frozen=True, slots=True)
class PinState:
    """The counters of a PIN: wrong tries since the last lock, locks since the last right try."""

    wrong: int
    lockouts: int
    locked_until: datetime | None


def judge_pin(state: PinState, matched: bool, now: datetime) -> tuple[PinState, Refusal | None]:
    """One try at a PIN: the counters after it, and the refusal, if any.

    While the PIN is locked nothing is judged: a right PIN is refused too, and a wrong one costs nothing.
    """
    if state.locked_until is not None and now < state.locked_until:
        return state, PinLocked(until=state.locked_until.isoformat())
    if matched:
        return PinState(0, 0, None), None
    if state.wrong + 1 < PIN_TRIES:
        return PinState(state.wrong + 1, state.lockouts, None), WrongPin(
            tries_left=PIN_TRIES - state.wrong - 1
        )
    until = now + PIN_LOCKS[min(state.lockouts, len(PIN_LOCKS) - 1)]
    return PinState(0, state.lockouts + 1, until), PinLocked(until=until.isoformat())


def wait_after(wrong: int, free: int) -> timedelta:
    """How long to wait after the wrong try number `wrong`: nothing, then 30 s doubling up to 15 min."""
    if wrong < free:
        return timedelta(0)
    doublings: int = min(wrong - free, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def must_wait(waits: Sequence[datetime], now: datetime) -> TooManyTries | None:
    """The refusal while any of the waits lasts."""
    longest = max(waits, default=now) - now
    if longest <= timedelta(0):
        return None
    return TooManyTries(wait_seconds=-(-longest // timedelta(seconds=1)))


def session_end(created_at: datetime, seen_at: datetime) -> datetime:
    """When a session ends by itself."""
    return min(seen_at + IDLE, created_at + LONGEST_SESSION)
