"""Values and refusals of trust, and the thresholds of its detectors.

Every threshold was chosen on one seed of the synthetic attacks (`attacks/`) and is reported on others; see
`docs/guides/trust.md`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Literal
from uuid import UUID

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal

Kind = Literal["device", "lockstep", "graph", "pace", "circle", "hand"]
"""What a case rests on; `hand` is one that an operator opened."""
State = Literal["open", "confirmed", "cleared"]
Verdict = Literal["clear", "confirm", "lift"]
MarkKind = Literal["device", "network"]
Answer = Literal["accepted", "refused"]
What = Literal["ask", "join", "open", "give"]

Evidence = dict[str, object]
"""The numbers a case rests on; `words.explain` makes sentences of them."""

DAY_ZONE = timezone(timedelta(hours=8))
MARKS_KEPT = timedelta(days=30)
ASKS_KEPT = timedelta(days=60)
ACTS_KEPT = timedelta(days=3)
SLOT_SECONDS = 300
LONGEST_WORDS = 500

MOST_MADE_BY_DEVICE = 5
MOST_MADE_BY_NETWORK = 500
"""Accounts a network may make in a day. A school, a village behind one address: it only stops floods."""


# --- Refusals -------------------------------------------------------------------------------------


class TooManyAccounts(Refusal):
    """This device, or this network, made as many accounts today as it may."""

    code = "too_many_accounts"
    status = 429


class NotLookedAt(Refusal):
    """Nothing of the person's is held, so there is nothing to look at again."""

    code = "not_looked_at"


class AlreadyAsked(Refusal):
    """A review can be asked for once a case."""

    code = "already_asked"


class BadWords(Refusal):
    code = "bad_words"
    status = 422


class UnknownCase(Refusal):
    code = "unknown_case"
    status = 404


class NotDecidable(Refusal):
    """A case that stands as it does cannot be decided so: `state` and `verdict` say how."""

    code = "not_decidable"


# --- What is known --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    kind: MarkKind
    mark: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask that reached somebody, and what became of it so far."""

    asker: PersonId
    asked: PersonId
    at: datetime
    answer: Answer | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person did to a target, in a slot of five minutes."""

    person: PersonId
    what: What
    target: str
    slot: int


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account and since when it is known here."""

    person: PersonId
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """The accounts made on one device lately, as the device detector sees them.

    `networks` is the number of different network prefixes these accounts were made from.
    """

    mark: bytes
    people: tuple[Newcomer, ...]
    networks: int


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a detector found: people, on what grounds. `subject` names these: the same one grows a case."""

    kind: Kind
    subject: str
    people: tuple[PersonId, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody under review learns about it, and nobody else: no reason, no other person."""

    looked_at: bool
    since: datetime | None
    can_ask: bool
    asked_at: datetime | None


# --- Cases ----------------------------------------------------------------------------------------


class Suspect(msgspec.Struct, frozen=True):
    """One of those a case is about; `words` are what they wrote when they asked for a review."""

    person: PersonId
    name: str
    held_at: datetime
    released_at: datetime | None
    asked_at: datetime | None
    words: str | None


class Decision(msgspec.Struct, frozen=True):
    number: int
    verb: Verdict
    actor: str
    why: str
    people: list[PersonId]
    at: datetime


class Waiting(msgspec.Struct, frozen=True):
    """A line of the operator's queue."""

    case: UUID
    kind: Kind
    state: State
    people: int
    asked: int
    opened_at: datetime
    evidence: Evidence


class Case(msgspec.Struct, frozen=True):
    id: UUID
    kind: Kind
    subject: str
    state: State
    opened_at: datetime
    decided_at: datetime | None
    evidence: Evidence
    explained: list[str]
    suspects: list[Suspect]
    decisions: list[Decision]


class Decided(msgspec.Struct, frozen=True):
    """What a decision did: how the case stands, and whose rewards it set free."""

    case: UUID
    state: State
    released: list[PersonId]


# --- Thresholds -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GraphRule:
    """SybilEdge's priors and when its score is a suspicion; see `edges.py`."""

    prior: float = 0.05
    selection_prior: float = 5.0
    response_prior: float = 3.0
    fewest_asks: int = 5
    most_asks: int = 50
    new_for: timedelta = timedelta(days=30)
    ignored_after: timedelta = timedelta(days=3)
    suspect_from: float = 3.0
    fewest_fake_asks: int = 50
    """Below so many labelled asks of fakes the score is not used: it would be made of smoothing."""


@dataclass(frozen=True, slots=True)
class LockstepRule:
    hashes: int = 32
    rows: int = 2
    least_shared: int = 6
    least_alike: float = 0.5
    fewest_people: int = 5
    fewest_at_home: int = 9
    """So many where all of them came from one network: a family asks its relatives in the same minutes."""
    most_crowd: int = 400
    """A feature of more people than this says nothing: everybody opens the packet of the gala."""
    most_inward: float = 0.3
    """A group that acts mostly on its own members is a class or a family finding each other."""


@dataclass(frozen=True, slots=True)
class DeviceRule:
    fewest_accounts: int = 6
    fewest_with_haste: int = 5
    haste: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class PaceRule:
    most_asks_a_minute: int = 40
    most_accepts_a_minute: int = 60
    hasty_seconds: float = 2.0
    fewest_hasty: int = 10


@dataclass(frozen=True, slots=True)
class CircleRule:
    """New accounts tied to one another and to nobody else, made in one burst from one network."""

    new_for: timedelta = timedelta(days=14)
    fewest_people: int = 8
    most_people: int = 300
    most_outward: float = 0.05
    least_dense: float = 0.75
    burst: timedelta = timedelta(hours=6)
    least_score: float = 0.0
    """How high the graph scores of a circle from one network are on the whole, if it knows others too."""


@dataclass(frozen=True, slots=True)
class Rules:
    graph: GraphRule = field(default_factory=GraphRule)
    lockstep: LockstepRule = field(default_factory=LockstepRule)
    device: DeviceRule = field(default_factory=DeviceRule)
    pace: PaceRule = field(default_factory=PaceRule)
    circle: CircleRule = field(default_factory=CircleRule)


RULES = Rules()


def day_of(now: datetime) -> date:
    """The day in China on which an account is counted."""
    return now.astimezone(DAY_ZONE).date()


def slot_of(at: datetime) -> int:
    """The slot of five minutes an instant lies in."""
    return int(at.timestamp()) // SLOT_SECONDS


def clean_words(words: str) -> str:
    """What somebody writes when asking for a review. Refusal bad_words."""
    kept = words.strip()
    if not kept or len(kept) > LONGEST_WORDS or any(ord(char) < 32 and char != "\n" for char in kept):
        raise BadWords(most=LONGEST_WORDS)
    if any(0xD800 <= ord(char) <= 0xDFFF for char in kept):
        raise BadWords(most=LONGEST_WORDS)
    return kept
