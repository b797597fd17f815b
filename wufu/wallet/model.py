"""Values, refusals and pure decisions of the wallet."""

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal
from uuid import UUID

import msgspec

from wufu.core.ids import GroupId, HoldId, PersonId, person_holder
from wufu.core.money import CNY
from wufu.core.refusals import Refusal
from wufu.ledger import Account, named_group

LONGEST_NOTE = 100
DAY_ZONE = timezone(timedelta(hours=8))
"""A day of limits begins at midnight in China."""
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
"""When a withdrawal's hold expires: never by itself, for the bank may already have paid."""
FIRST_LOOK, LONGEST_LOOK = timedelta(seconds=5), timedelta(hours=1)

BANK = Account("bank/sandbox", "world", CNY.code, may_overdraw=True)
"""Where money comes from and goes to: the world behind the bank."""

OrderKind = Literal["top_up", "withdrawal"]
OrderState = Literal["asked", "confirmed", "failed"]
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


# --- Requests and answers -------------------------------------------------------------------------


class SendMoney(msgspec.Struct, frozen=True):
    """`minor` fen from `person` to `to`; `id` is made on the phone."""

    person: PersonId
    id: UUID
    to: PersonId
    minor: int
    note: str = ""


class Sent(msgspec.Struct, frozen=True):
    """The money was sent; `balance_minor` is what the sender had left then."""

    id: UUID
    balance_minor: int


class TopUp(msgspec.Struct, frozen=True):
    person: PersonId
    id: UUID
    minor: int


class Withdraw(msgspec.Struct, frozen=True):
    person: PersonId
    id: UUID
    minor: int


class Order(msgspec.Struct, frozen=True):
    """A top-up or withdrawal as it stands."""

    person: PersonId
    id: UUID
    kind: OrderKind
    minor: int
    state: OrderState

    @property
    def reference(self) -> str:
        """What the bank calls it."""
        return f"{self.person}.{self.id}"


class Notice(msgspec.Struct, frozen=True):
    """What a bank says became of an order."""

    reference: str
    kind: OrderKind
    minor: int
    state: Literal["accepted", "confirmed", "failed"]


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a statement. `minor` is negative when it left; a person on the other side has a name."""

    seq: int
    at: datetime
    minor: int
    reason: str
    holder: str
    balance_minor: int | None
    note: str = ""
    person: PersonId | None = None
    name: str | None = None


class Limits(msgspec.Struct, frozen=True):
    """The most fen that may be moved at once, or sent or withdrawn in a day."""

    transfer: int
    transfer_day: int
    top_up: int
    withdrawal: int
    withdrawal_day: int


# --- Refusals -------------------------------------------------------------------------------------


class BadNote(Refusal):
    """Longer than 100 characters, or with control characters."""

    code = "bad_note"
    status = 422


class TransferToSelf(Refusal):
    code = "transfer_to_self"
    status = 422


class NotReachable(Refusal):
    """Nothing can be sent to this person; why is not said."""

    code = "not_reachable"


class OverLimit(Refusal):
    """`limit` names it; `most_minor` is it, `left_minor` what is left of it today."""

    code = "over_limit"


# --- Decisions ------------------------------------------------------------------------------------


def money_of(person: PersonId) -> Account:
    """A person's money in the ledger."""
    return Account(person_holder(person), "money", CNY.code)


def transfer_group(person: PersonId, id_: UUID) -> GroupId:
    """The ledger's group of a transfer: a phone's id names it only together with its person."""
    return named_group("wallet transfer", str(person), str(id_))


def top_up_group(person: PersonId, id_: UUID) -> GroupId:
    """The ledger's group that credits a top-up."""
    return named_group("wallet top-up", str(person), str(id_))


def withdrawal_hold(person: PersonId, id_: UUID) -> HoldId:
    """The ledger's hold that sets a withdrawal aside."""
    return HoldId(named_group("wallet withdrawal", str(person), str(id_)))


def read_reference(reference: str) -> tuple[PersonId, UUID] | None:
    """Person and id of an order, or None when it is no reference of ours."""
    number, dot, id_ = reference.partition(".")
    if not dot or not (number.isascii() and number.isdecimal()) or len(number) > 18:
        return None
    try:
        return PersonId(int(number)), UUID(id_)
    except ValueError:
        return None


def clean_note(note: str) -> str | None:
    """The note in one spelling, or None when it cannot be one."""
    if len(note) > 8 * LONGEST_NOTE:
        return None
    text = unicodedata.normalize("NFC", note).strip()
    if len(text) > LONGEST_NOTE:
        return None
    if any(
        unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or char in BIDI for char in text
    ):
        return None
    return text


def day_of(now: datetime) -> date:
    """The day on which an amount counts."""
    return now.astimezone(DAY_ZONE).date()


def within(limit: str, most: int, used: int, minor: int) -> OverLimit | None:
    """The refusal when `minor` more than `used` is above a limit."""
    if used + minor <= most:
        return None
    return OverLimit(limit=limit, most_minor=most, left_minor=max(0, most - used))


def next_look(looks: int) -> timedelta:
    """How long to leave an open order alone before asking the bank again: 5 s doubling up to an hour."""
    return min(FIRST_LOOK * (1 << min(looks, 20)), LONGEST_LOOK)
