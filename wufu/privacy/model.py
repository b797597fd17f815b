"""Values of privacy."""

from datetime import datetime, timedelta

import msgspec

from wufu.core.refusals import Refusal

GRACE_DAYS = 7
GRACE = timedelta(days=GRACE_DAYS)
"""How long one may change one's mind."""
LAST_PASS = timedelta(minutes=16)
"""A pass to the live edge lives for 15 minutes: until then a closed account's phone may still be heard."""


class NotSettled(Refusal):
    """There is money to be settled before the account can be closed; `unsettled` lists it."""

    code = "not_settled"


class Unsettled(msgspec.Struct, frozen=True):
    """What stands in the way: what it is, how many, how much in fen, and when it ends by itself, if so."""

    what: str
    count: int
    minor: int
    until: datetime | None = None


class Leaving(msgspec.Struct, frozen=True):
    """How it stands with somebody's leaving; both instants None: they stay."""

    asked_at: datetime | None
    leaves_at: datetime | None
    unsettled: list[Unsettled]
    days: int = GRACE_DAYS


class Due(msgspec.Struct, frozen=True):
    """Somebody on their way out: `step` is the first of the plan that is not done."""

    person: int
    closed_at: datetime | None
    step: int
