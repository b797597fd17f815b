"""Values and refusals of moderation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal

Verdict = Literal["dismissed", "acted"]
ModeratorAct = Literal["dismiss", "take_down", "mute", "unmute", "close", "reopen"]
LONGEST_WHY = 500
LONGEST_SILENCE_SECONDS = 366 * 24 * 3600


class NoSuchReport(Refusal):
    code = "no_such_report"
    status = 404


class ReportDecided(Refusal):
    """Somebody decided it before, in another way: `verdict`."""

    code = "report_decided"


class NothingToTakeDown(Refusal):
    """None of the messages is there any more."""

    code = "nothing_to_take_down"


class ReportLine(msgspec.Struct, frozen=True):
    """A report that waits, as one line of a list."""

    id: UUID
    reporter: PersonId
    conversation: ConversationId
    kind: str
    senders: list[PersonId]
    kinds: list[str]
    numbers: list[int]
    reason: str
    note: str
    others: int
    """How many other people reported one of the same messages and still wait."""
    at: datetime


class Evidence(msgspec.Struct, frozen=True):
    """One reported message: as the reporter saw it, and how it stands now."""

    number: int
    sender: PersonId
    name: str
    kind: str
    seen: dict[str, object]
    """The body when it was reported; of a secret only its timer, size and readers."""
    shown: str | None
    """What the reporter chose to show of a secret: their word for it."""
    sent_at: datetime
    now: str
    """`there`, `edited`, `recalled` or `gone`."""
    media: UUID | None


class Ruling(msgspec.Struct, frozen=True):
    verdict: Verdict
    by: str
    why: str
    at: datetime


class TrailLine(msgspec.Struct, frozen=True):
    """Something that a moderator did."""

    id: UUID
    act: ModeratorAct
    by: str
    why: str
    report: UUID | None
    person: PersonId | None
    conversation: ConversationId | None
    numbers: list[int] | None
    until: datetime | None
    at: datetime


class Case(msgspec.Struct, frozen=True):
    """A report with everything that a decision needs."""

    report: ReportLine
    title: str
    people: int
    evidence: list[Evidence]
    ruling: Ruling | None
    before: list[TrailLine]
    """What was decided about these senders and this place before, the newest first."""


class MyReport(msgspec.Struct, frozen=True):
    """A report as its reporter sees it."""

    id: UUID
    conversation: ConversationId
    numbers: list[int]
    reason: str
    at: datetime
    state: Literal["waiting", "dismissed", "acted"]
    decided_at: datetime | None


class Decided(msgspec.Struct, frozen=True):
    """What a decision did: how many reports it settled, and how many messages went."""

    reports: int
    messages: int = 0
    until: datetime | None = None


def state_of(seen: dict[str, object], now_kind: str, now_body: dict[str, object], recalled: bool) -> str:
    """How a message stands now, against what was reported."""
    if recalled:
        return "recalled"
    if now_kind == "gone":
        return "gone"
    return "there" if seen == now_body else "edited"


def clean_why(why: str) -> str:
    """A sentence for the record."""
    return " ".join(why.split())[:LONGEST_WHY]


def same_messages(numbers: Sequence[int], others: Sequence[int]) -> bool:
    """Whether two reports of one conversation name a message in common."""
    return not set(numbers).isdisjoint(others)
