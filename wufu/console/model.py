"""Values and pure decisions of the console."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import Refusal

Role = Literal["watch", "act"]
ROLES: tuple[Role, ...] = ("watch", "act")

SAMPLES = 300
"""How many points the live curve of a whole campaign has."""
CHECKS_KEPT = timedelta(days=30)
FEWEST_PEOPLE, MOST_PEOPLE = 100, 10**10
"""For whom a campaign can be forecast: a smaller crowd is an anecdote."""


class NotAnOperator(Refusal):
    """The person has no role in the console, or only one that looks; `needs` is the role asked for."""

    code = "not_an_operator"
    status = 403


class BadOperator(Refusal):
    """There is no such person, or no such role; `why` says which."""

    code = "bad_operator"
    status = 422


class ForecastUnderWay(Refusal):
    """One forecast at a time: it takes all the cores it can get."""

    code = "forecast_under_way"


class ForecastFailed(Refusal):
    """The campaign cannot be forecast; `why` says what the forecast said."""

    code = "forecast_failed"
    status = 422


class Operator(msgspec.Struct, frozen=True):
    person: PersonId
    name: str
    role: Role
    granted_at: datetime
    granted_by: str


class Act(msgspec.Struct, frozen=True):
    """Something an operator did."""

    person: PersonId
    name: str
    verb: str
    facts: dict[str, object]
    at: datetime


class BrokenLaw(msgspec.Struct, frozen=True):
    law: str
    violations: int
    rows: list[dict[str, str]]


class LawCheck(msgspec.Struct, frozen=True):
    """One check of all laws: how many there are, and those that did not hold."""

    at: datetime
    took_seconds: float
    laws: int
    broken: list[BrokenLaw]


class Sample(msgspec.Struct, frozen=True):
    """How a campaign stood at an instant of its own clock."""

    at: datetime
    holders: int
    players: int
    taps: int


class KeptForecast(msgspec.Struct, frozen=True):
    """A forecast as it was made: for how many people, and what it said."""

    made_at: datetime
    people: int
    forecast: dict[str, object]


class Night(msgspec.Struct, frozen=True):
    """One campaign as the console draws it: the live curve, and what was foreseen."""

    campaign: CampaignId
    curve: list[Sample]
    forecast: KeptForecast | None
    forecasting: list[str | int] | None


class ForecastTask(msgspec.Struct, frozen=True):
    """What an operator says of a campaign before its night."""

    people: Annotated[int, msgspec.Meta(ge=FEWEST_PEOPLE, le=MOST_PEOPLE)]
    taps_each: Annotated[float, msgspec.Meta(ge=10, le=15_000)]
    runs: Annotated[int, msgspec.Meta(ge=5, le=200)] = 40
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 2016


def is_due(newest: datetime | None, now: datetime, opens_at: datetime, settles_at: datetime) -> bool:
    """Whether the live curve wants another point, on the campaign's clock."""
    return newest is None or now - newest >= max((settles_at - opens_at) / SAMPLES, timedelta(seconds=1))
