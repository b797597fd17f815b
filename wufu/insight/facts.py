"""What is kept of a fact: numbers, never words that somebody wrote.

A row says who (`a`), to or with whom (`b`), when, on which day, how often, and one word from a short list of
ours: the cause of a tie, the kind of an act. Names, pictures, messages and amounts are not in it. Four things
are kept, whatever the facts were called:

| kind | a | b | word | campaign | flag |
|---|---|---|---|---|---|
| `tie_born` | the smaller number | the larger | cause | | whether they were never friends before |
| `tie_ended` | who is gone from | whose list | | | |
| `act` | who did it | towards whom | kind of act | the campaign that triggered it | |
| `joined` | a player | | | campaign | whether in the hold-out |
| `counted` | a player | the new friend | design | campaign | whether it counted towards a reward |

Days begin at midnight in China and are counted from 1970-01-01, so that both engines compare whole numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Fact

DAY_ZONE = timezone(timedelta(hours=8))
FIRST_DAY = date(1970, 1, 1)

Kind = Literal["tie_born", "tie_ended", "act", "joined", "counted"]


class Row(msgspec.Struct, frozen=True):
    """One row; `count` is how often it happened on that day."""

    kind: Kind
    at: datetime
    day: int
    a: PersonId
    b: PersonId | None = None
    word: str | None = None
    campaign: str | None = None
    count: int = 1
    flag: bool | None = None


class TieAccepted(msgspec.Struct, frozen=True):
    """`ties.accepted`, of which each of the two is told one."""

    a: PersonId
    b: PersonId
    at: datetime
    new: bool
    cause: str = "asked"


class TieRemoved(msgspec.Struct, frozen=True):
    """`ties.removed`; both directions when a friendship ended, one when an ask was withdrawn."""

    person: PersonId
    of: PersonId


class Joined(msgspec.Struct, frozen=True):
    """`fortune.joined`."""

    campaign: str
    people: list[PersonId]


class Counted(msgspec.Struct, frozen=True):
    """`fortune.friend_counted`: directions person → friend, and whether each counts towards a reward."""

    campaign: str
    at: datetime
    pairs: list[tuple[PersonId, PersonId]]
    rewarded: list[bool]
    design: str = ""


class Talked(msgspec.Struct, frozen=True):
    """`chat.talked`: messages of one day between two people, and thousandths of those in small groups."""

    day: date
    pairs: list[tuple[PersonId, PersonId, int]] = []
    parts: list[tuple[PersonId, PersonId, int]] = []


class Named(msgspec.Struct, frozen=True):
    """Somebody in a fact; their name stays behind."""

    person: PersonId


def day_number(at: datetime) -> int:
    """The day of an instant, as days since 1970-01-01 in China."""
    return (at.astimezone(DAY_ZONE).date() - FIRST_DAY).days


def date_of(day: int) -> date:
    """The date of a day's number."""
    return FIRST_DAY + timedelta(days=day)


def _row(kind: Kind, at: datetime, a: PersonId, b: PersonId | None = None, **more: object) -> Row:
    return msgspec.structs.replace(Row(kind, at.astimezone(UTC), day_number(at), a, b), **more)


def _accepted(fact: Fact, _now: datetime) -> Iterator[Row]:
    tie = msgspec.convert(fact.body, TieAccepted)
    # Each of the two is told; the one told to `a` stands for the tie.
    if not fact.to or fact.to[0] == tie.a:
        yield tie_born(tie.a, tie.b, tie.at, tie.cause, new=tie.new)


def _removed(fact: Fact, now: datetime) -> Iterator[Row]:
    gone = msgspec.convert(fact.body, TieRemoved)
    yield _row("tie_ended", now, gone.person, gone.of)


def _counted(fact: Fact, _now: datetime) -> Iterator[Row]:
    counted = msgspec.convert(fact.body, Counted)
    for (person, friend), rewarded in zip(counted.pairs, counted.rewarded, strict=True):
        yield _row(
            "counted",
            counted.at,
            person,
            friend,
            word=counted.design or None,
            campaign=counted.campaign,
            flag=rewarded,
        )


def _talked(fact: Fact, _now: datetime) -> Iterator[Row]:
    talked = msgspec.convert(fact.body, Talked)
    at = datetime.combine(talked.day, time(), DAY_ZONE)
    for person, other, count in talked.pairs:
        yield act(person, other, "message", at, count=count)
    for person, other, thousandths in talked.parts:
        yield act(person, other, "part", at, count=thousandths)


def _told_to(fact: Fact, who: str, word: str, now: datetime, *, back: bool = False) -> Iterator[Row]:
    """An act between the first who is told and the person named in the body's field `who`, towards the first.

    `back`: towards the other one. A fact that names nobody else (money out of nowhere) is no act.
    """
    other = fact.body.get(who)
    if not fact.to or not isinstance(other, dict):
        return
    named, told = msgspec.convert(other, Named).person, fact.to[0]
    campaign = fact.body.get("campaign")
    if named != told:
        person, towards = (told, named) if back else (named, told)
        yield act(person, towards, word, now, campaign=str(campaign) if campaign is not None else None)


def _opened(fact: Fact, now: datetime) -> Iterator[Row]:
    return _told_to(fact, "person", "packet", now, back=True)


def _moved(fact: Fact, now: datetime) -> Iterator[Row]:
    if fact.body.get("reason") == "transfer" and msgspec.convert(fact.body.get("minor"), int) < 0:
        yield from _told_to(fact, "with", "transfer", now, back=True)


def _photo_paid(fact: Fact, now: datetime) -> Iterator[Row]:
    return _told_to(fact, "viewer", "photo", now)


def _card_came(fact: Fact, now: datetime) -> Iterator[Row]:
    cause = fact.body.get("cause")
    if cause in {"gift", "swap"}:
        yield from _told_to(fact, "from", str(cause), now)


def _cash_came(fact: Fact, now: datetime) -> Iterator[Row]:
    return _told_to(fact, "from", "cash", now)


READERS: Mapping[str, Callable[[Fact, datetime], Iterator[Row]]] = {
    "ties.accepted": _accepted,
    "ties.removed": _removed,
    "fortune.friend_counted": _counted,
    "fortune.card_came": _card_came,
    "fortune.cash_came": _cash_came,
    "chat.talked": _talked,
    "packet.opened": _opened,
    "wallet.moved": _moved,
    "photos.paid": _photo_paid,
}


def rows_of(fact: Fact, now: datetime) -> list[Row]:
    """What is kept of a fact that is heard at `now`; nothing of kinds that are not known."""
    reader = READERS.get(fact.kind)
    return list(reader(fact, now)) if reader is not None else []


def tie_born(a: PersonId, b: PersonId, at: datetime, cause: str, *, new: bool | None) -> Row:
    """A tie; `new` is None where nobody knows any more whether they had been friends before."""
    one, other = min(a, b), max(a, b)
    return _row("tie_born", at, one, other, word=cause, flag=new)


def act(
    person: PersonId, other: PersonId, word: str, at: datetime, *, count: int = 1, campaign: str | None = None
) -> Row:
    """Somebody did something towards somebody else; `campaign` names the one that made them do it."""
    return _row("act", at, person, other, word=word, campaign=campaign, count=count)


def joined(person: PersonId, campaign: str, at: datetime, *, held_out: bool) -> Row:
    """Somebody plays in a campaign, in its hold-out or not."""
    return _row("joined", at, person, campaign=campaign, flag=held_out)
