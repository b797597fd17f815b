"""Values of insight: files, reports, and what can be wrong with what it is given."""

from datetime import date

import msgspec

DAYS = (7, 30, 90)
"""A tie is asked whether it lives so many days after its birth."""


class BadInsight(Exception):
    """What was asked cannot be answered from what is there; the message says why and what to do."""


class FactFile(msgspec.Struct, frozen=True):
    """A Parquet file of one kind and day: rows numbered `first` to `last`, some numbers may lack."""

    path: str
    kind: str
    day: int
    first: int
    last: int
    rows: int
    bytes: int


class Exported(msgspec.Struct, frozen=True):
    """What an export did."""

    facts: int = 0
    files: int = 0

    def __add__(self, other: "Exported") -> "Exported":
        return Exported(self.facts + other.facts, self.files + other.files)


# --- The report on ties ---------------------------------------------------------------------------


class Born(msgspec.Struct, frozen=True):
    """Ties born on one day for one cause."""

    day: date
    cause: str
    ties: int


class Alive(msgspec.Struct, frozen=True):
    """Of `ties` born at least `days` days ago, how many live by the rule `days` days after their birth.

    `group`: `all`, `rewarded` (they counted towards a reward of one of the two), or `others`. `share` is None
    where there is no tie that old.
    """

    days: int
    group: str
    ties: int
    alive: int
    share: float | None


class Reciprocity(msgspec.Struct, frozen=True):
    """Of `ties` with any act of their own accord within 30 days of birth, how many had acts both ways."""

    ties: int
    both_ways: int
    share: float | None


class Interval(msgspec.Struct, frozen=True):
    """An estimate and its 95 % confidence interval."""

    estimate: float
    low: float
    high: float


class Difference(msgspec.Struct, frozen=True):
    """What the reward did, by those who played for it against the hold-out.

    `ties_each` is the difference of living ties a person, `share` that of the share of born ties that live;
    None where a group has fewer than two people, or no ties.
    """

    days: int
    rewarded_people: int
    held_out_people: int
    rewarded_alive_each: float | None
    held_out_alive_each: float | None
    ties_each: Interval | None
    rewarded_share: float | None
    held_out_share: float | None
    share: Interval | None


class TiesReport(msgspec.Struct, frozen=True):
    """What became of ties. `until` is the last whole day that the files know."""

    until: date
    campaign: str | None
    facts: int
    born: list[Born]
    alive: list[Alive]
    reciprocity: Reciprocity
    differences: list[Difference]


class GroupSums(msgspec.Struct, frozen=True):
    """Sums over the people of one group: of living ties, of born ties, their squares and products."""

    people: int = 0
    alive: int = 0
    born: int = 0
    alive_squared: int = 0
    born_squared: int = 0
    alive_born: int = 0


# --- Studies --------------------------------------------------------------------------------------


class Survived(msgspec.Struct, frozen=True):
    """Of `ties` that were born at least `days` days before the last message, how many lived then."""

    days: int
    ties: int
    alive: int
    share: float | None


class Judged(msgspec.Struct, frozen=True):
    """How well life at 30 days was foretold for `ties`, `alive` of which lived."""

    ties: int
    alive: int
    auc: Interval
    baseline_auc: Interval
    gain: Interval


class SurvivalStudy(msgspec.Struct, frozen=True):
    """What `survival.study` found; `in_time` is None where too little happened for it."""

    messages: int
    people: int
    to_oneself: int
    ties: int
    rule: str
    survived: list[Survived]
    cross_validated: Judged
    in_time: Judged | None


class Found(msgspec.Struct, frozen=True):
    """How well one rule found the hidden ties.

    `recall_at_10` among people with at most 50 ties left, `recall_at_10_everybody` among all who have
    a hidden tie; `auc` over the hidden ties and as many random pairs without a tie.
    """

    rule: str
    recall_at_10: float | None
    recall_at_10_everybody: float
    auc: float


class RecommendStudy(msgspec.Struct, frozen=True):
    """What `recommend.study` found: the learned rule's figures first, and every rule's in `rules`."""

    recall_at_10: float | None
    auc: float
    recall_at_10_everybody: float
    protocol: str
    people: int
    ties: int
    hidden: int
    newcomers: int
    judged: int
    judged_everybody: int
    split: str
    hide: float
    seed: int
    served: str
    rules: list[Found]
