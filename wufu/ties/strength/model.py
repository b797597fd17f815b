"""The rule of strength: integers only, folded over the days on which two people did something.

Everything kept follows from the acts day by day, in the order of the days, by `step`; so the value that grows
with each batch of acts and the one folded from scratch are the same number. Within a day the order of acts
does not matter: a day's mass is added to, and what was before the day is kept apart (`Bond.before`).

What it is made of, in per mille:

- *intensity* (450): the mass of acts both ways, decaying by half in 56 days, saturating as T / (T + K). How
  much and how lately people talk predicts closeness best: Gilbert and Karahalios, Predicting tie strength
  with social media, CHI 2009. The decay is exponential as in Navarro, Miritello, Canales and Moro, Temporal
  patterns behind the strength of persistent ties, EPJ Data Science 6:31, 2017. Of one kind of acts a day
  counts by the number of its doublings: the hundredth message says little that the tenth did not.
- *reciprocity* (250): the smaller of the two directions, saturating likewise (Gilbert and Karahalios's
  reciprocal services; Saramäki and others, Persistence of social signatures, PNAS 111:942, 2014).
- *rhythm* (150): mean / (mean + deviation) of the gaps between active days, which is (1 - B) / 2 for the
  burstiness B of Goh and Barabási, Burstiness and memory, EPL 81:48002, 2008: bursty ties die sooner
  (Navarro and others). Times freshness: 1 within the usual gap, 0 from eight times it on.
- *overlap* (150): shared friends, n / (k1 - 1 + k2 - 1 - n): Onnela and others, Structure and tie strengths
  in mobile communication networks, PNAS 104:7332, 2007. Read from the ties when asked: nothing of it is kept.

What a campaign triggered is counted and shown, and enters nothing here: it proves no living tie.

States follow the pair's own rhythm, never the calendar: silent after more than 8 usual gaps of silence
(Navarro and others), fading after more than 4, or when the usual gap doubled against its long run; growing
when it fell to half. Hysteresis: out of fading and silence only by four active days in a row without such a
silence; out of growing only when the gap is back at three quarters of its long run. Time alone only leads
downwards, so the state of any later day follows from the last active day, without a job for every row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from math import isqrt
from typing import Literal, NamedTuple

import msgspec

from wufu.core.ids import PersonId

Kind = Literal["message", "part", "packet", "transfer", "gift", "swap", "photo", "cash", "purchase"]
Trend = Literal["growing", "steady", "fading", "silent"]
State = Literal["new", "growing", "steady", "fading", "silent"]
Pair = tuple[PersonId, PersonId]

DAY_ZONE = timezone(timedelta(hours=8))
"""A day begins at midnight in China."""


class Measure(NamedTuple):
    """How a kind is written down (`code`) and counted: `weight` a doubling of each `unit` acts of a day."""

    code: int
    weight: int
    unit: int = 1


KINDS: Mapping[Kind, Measure] = {
    "message": Measure(1, 4),
    "part": Measure(2, 2, 1000),
    "packet": Measure(3, 8),
    "transfer": Measure(4, 8),
    "gift": Measure(5, 6),
    "swap": Measure(6, 6),
    "photo": Measure(7, 6),
    "cash": Measure(8, 8),
    "purchase": Measure(9, 10),
}
"""A part is a thousandth of a message said in a group; what costs something weighs more than words."""
KIND_OF: Mapping[int, Kind] = {measure.code: kind for kind, measure in KINDS.items()}
MEASURE_OF: Mapping[int, Measure] = {measure.code: measure for measure in KINDS.values()}

MOST_A_DAY = 1_000_000
"""More acts of a kind on a day than this are not counted: no arithmetic can overflow."""

SCALE = 1024
"""A mass of 1 in the decaying sums."""
HALF_LIFE = 56
"""Days in which what was done loses half its weight."""
DECAY_BITS = 30
DECAY: Sequence[int] = tuple(round(2 ** (DECAY_BITS - days / HALF_LIFE)) for days in range(HALF_LIFE))
MOST_HALVINGS = 32
KEPT_HALF = 800 * SCALE
"""K: the mass at which intensity, and likewise reciprocity, is a half."""

DAY = 256
"""Gaps are kept in 1/256 days."""
FIRST_GAP = 7 * DAY
"""What is taken for usual before anything is known."""
GAPS_USUAL, GAPS_LONG = 8, 32
"""The usual gap is the mean of the first gaps (and of FIRST_GAP), and from 8 on an average that moves by an
eighth of each difference; its long run the same with 32."""
FADING_GAPS, SILENT_GAPS = 4, 8
RUN_TO_RECOVER = 4
MOST_RUN = 1000
YOUNG_DAYS = 8
"""Active days before a pair that has just begun is anything but growing."""
NEW_FOR_DAYS = 30

NO_DAY = date(2000, 1, 1)
INTENSITY, RECIPROCITY, RHYTHM, OVERLAP = 450, 250, 150, 150
WHOLE = 1000
UNKNOWN_REGULARITY = 500
FEWEST_GAPS = 3
BARS = (50, 150, 300, 450, 600)
"""A phone shows a bar for each of these that the value, per mille, has reached."""


class Act(msgspec.Struct, frozen=True, gc=False):
    """Something that `person` did towards `other`, `count` times, at an instant or on a day in China."""

    person: PersonId
    other: PersonId
    kind: Kind
    at: datetime | date
    count: int = 1
    campaign: bool = False


class Key(NamedTuple):
    """A row of acts: the pair (a < b), the day and the kind's code."""

    a: PersonId
    b: PersonId
    day: date
    kind: int


class Counts(NamedTuple):
    """How often a did it towards b and b towards a; and how often because a campaign asked for it."""

    ab: int = 0
    ba: int = 0
    campaign_ab: int = 0
    campaign_ba: int = 0


class Bond(NamedTuple):
    """What follows from the acts of a pair, as of its last active day.

    `days` active days from `first_day` to `last_day` (none: 0 and NO_DAY); `squares` the sum of the squared
    gaps between them; `gap` and `pace` the usual gap and its long run in 1/256 days; `run` active days in a
    row without a silence; `before` the trend as the last active day began; `ab` and `ba` the decayed masses.
    """

    days: int = 0
    first_day: date = NO_DAY
    last_day: date = NO_DAY
    squares: int = 0
    gap: int = FIRST_GAP
    pace: int = FIRST_GAP
    run: int = 0
    before: Trend = "growing"
    ab: int = 0
    ba: int = 0


NOTHING = Bond()


class Strength(msgspec.Struct, frozen=True):
    """How strong a tie is: from 0 to 1, how it goes, and as many of five bars as a phone shows."""

    value: float
    state: State
    bars: int


class SharedKind(msgspec.Struct, frozen=True):
    """How often one did something towards the other, and the other towards them."""

    kind: Kind
    mine: int
    theirs: int


class Shared(msgspec.Struct, frozen=True):
    """What two friends have had with each other; only they see it. `days` on which something happened."""

    state: State
    bars: int
    since: datetime
    first_on: date | None
    last_on: date | None
    days: int
    shared: list[SharedKind]


class ActDay(msgspec.Struct, frozen=True):
    """What a person and another did of one kind on a day: for the export of one's own data."""

    other: PersonId
    day: date
    kind: Kind
    mine: int
    theirs: int


# --- Acts -----------------------------------------------------------------------------------------


def day_of(at: datetime | date) -> date:
    """The day in China of an instant; a day is itself."""
    return at.astimezone(DAY_ZONE).date() if isinstance(at, datetime) else at


def gather(acts: Iterable[Act]) -> dict[Key, Counts]:
    """Acts as rows to add, by pair, day and kind, in the order of their keys.

    What somebody did towards themselves and counts below 1 are nothing.
    """
    rows: dict[tuple[PersonId, PersonId, date, int], list[int]] = {}
    for act in acts:
        person, other = act.person, act.other
        if person == other or act.count < 1:
            continue
        day, code = day_of(act.at), KINDS[act.kind].code
        key = (person, other, day, code) if person < other else (other, person, day, code)
        row = rows.get(key)
        if row is None:
            row = rows[key] = [0, 0, 0, 0]
        place = (0 if person < other else 1) + (2 if act.campaign else 0)
        row[place] = min(row[place] + act.count, MOST_A_DAY)
    return {Key(*key): Counts(*rows[key]) for key in sorted(rows)}


def mass(kind: int, count: int) -> int:
    """What `count` acts of a kind on one day weigh, in 1/1024."""
    measure = MEASURE_OF[kind]
    return SCALE * measure.weight * (count // measure.unit).bit_length()


# --- Folding --------------------------------------------------------------------------------------


def decay(sum_: int, days: int) -> int:
    """A sum of masses some days later."""
    halvings, rest = divmod(days, HALF_LIFE)
    return sum_ * DECAY[rest] >> DECAY_BITS + halvings if halvings < MOST_HALVINGS else 0


def step(bond: Bond, day: date, ab: int, ba: int) -> Bond:
    """The bond with so much more mass on a day that is not before its last one."""
    if not bond.days:
        return Bond(1, day, day, run=1, ab=ab, ba=ba)
    days = day.toordinal() - bond.last_day.toordinal()
    assert days >= 0, "a day that is over is folded anew"
    if not days:
        return bond._replace(ab=bond.ab + ab, ba=bond.ba + ba)
    seen, usual = days * DAY, usual_gap(bond)
    return Bond(
        days=bond.days + 1,
        first_day=bond.first_day,
        last_day=day,
        squares=bond.squares + days * days,
        gap=_follow(bond.gap, seen, min(bond.days + 1, GAPS_USUAL)),
        pace=_follow(bond.pace, seen, min(bond.days + 1, GAPS_LONG)),
        run=1 if seen > FADING_GAPS * usual else min(bond.run + 1, MOST_RUN),
        before=drift(rise(bond), seen, usual),
        ab=decay(bond.ab, days) + ab,
        ba=decay(bond.ba, days) + ba,
    )


def _follow(usual: int, seen: int, among: int) -> int:
    """A moving average; a silence that counts as the end of a rhythm says no more than its beginning."""
    return max(DAY, (usual * (among - 1) + min(seen, SILENT_GAPS * usual)) // among)


def usual_gap(bond: Bond) -> int:
    """The longer of what is usual lately and in the long run: a busy week makes no silence of a quiet one."""
    return max(bond.gap, bond.pace)


def rise(bond: Bond) -> Trend:
    """The trend at the end of the last active day."""
    before, gap, pace = bond.before, bond.gap, bond.pace
    if before == "silent":
        return "fading"
    if before == "fading":
        return "steady" if bond.run >= RUN_TO_RECOVER and 3 * gap <= 4 * pace else "fading"
    if gap >= 2 * pace:
        return "fading"
    if before == "growing":
        return "growing" if bond.days < YOUNG_DAYS or 4 * gap <= 3 * pace else "steady"
    return "growing" if 2 * gap <= pace and bond.run >= RUN_TO_RECOVER else "steady"


def drift(trend: Trend, silence: int, gap: int) -> Trend:
    """What becomes of a trend in a silence (in 1/256 days): it only goes down."""
    if silence > SILENT_GAPS * gap:
        return "silent"
    return "fading" if silence > FADING_GAPS * gap else trend


def fold(rows: Iterable[tuple[date, int, Counts]]) -> Bond:
    """A bond from scratch: from (day, kind, counts) in the order of the days."""
    bond, day = NOTHING, NO_DAY
    ab = ba = 0
    for on, kind, counts in rows:
        if on != day:
            if ab or ba:
                bond = step(bond, day, ab, ba)
            day, ab, ba = on, 0, 0
        ab += mass(kind, counts.ab)
        ba += mass(kind, counts.ba)
    return step(bond, day, ab, ba) if ab or ba else bond


# --- Reading --------------------------------------------------------------------------------------


def strength(bond: Bond, today: date, since: datetime, mutual: int, friends: int, theirs: int) -> Strength:
    """How strong a tie is today, `mutual` of one's `friends` and of `theirs` being friends of both."""
    silence = _silence(bond, today)
    ab, ba = decay(bond.ab, silence), decay(bond.ba, silence)
    parts = (
        INTENSITY * _saturated(ab + ba)
        + RECIPROCITY * _saturated(2 * min(ab, ba))
        + RHYTHM * (_regularity(bond) * _freshness(bond, silence) // WHOLE)
        + OVERLAP * overlap(mutual, friends, theirs)
    )
    value = parts // WHOLE
    return Strength(value / WHOLE, state_of(bond, today, since), sum(value >= least for least in BARS))


def state_of(bond: Bond, today: date, since: datetime) -> State:
    """How a tie goes: new in its first thirty days, silent when nothing ever followed."""
    if today.toordinal() - day_of(since).toordinal() < NEW_FOR_DAYS:
        return "new"
    if not bond.days:
        return "silent"
    return drift(rise(bond), _silence(bond, today) * DAY, usual_gap(bond))


def overlap(mutual: int, friends: int, theirs: int) -> int:
    """Per mille of the friends of either who are friends of both; the two themselves left out."""
    either = friends - 1 + theirs - 1 - mutual
    return min(WHOLE, WHOLE * mutual // either) if either > 0 else 0


def _silence(bond: Bond, today: date) -> int:
    """Days since the last active one; a day that is ahead of the reader's clock is today."""
    return max(0, today.toordinal() - bond.last_day.toordinal())


def _saturated(sum_: int) -> int:
    return WHOLE * sum_ // (sum_ + KEPT_HALF)


def _regularity(bond: Bond) -> int:
    """(1 - B) / 2 of the gaps between active days: 1000 when they are all alike."""
    gaps = bond.days - 1
    if gaps < FEWEST_GAPS:
        return UNKNOWN_REGULARITY if bond.days else 0
    span = bond.last_day.toordinal() - bond.first_day.toordinal()
    return WHOLE * span // (span + isqrt(max(0, gaps * bond.squares - span * span)))


def _freshness(bond: Bond, silence: int) -> int:
    """1000 within the usual gap, nothing from eight times it on."""
    seen, gap = silence * DAY, usual_gap(bond)
    if seen <= gap:
        return WHOLE
    return max(0, WHOLE * (SILENT_GAPS * gap - seen) // ((SILENT_GAPS - 1) * gap))
