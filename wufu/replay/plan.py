"""What is played: the facts of 2016 as a plan, and how people behave in it.

Facts: 170 million people; 324.5 billion taps in four rounds, 67.7 billion of them in the first, 21.0 billion
in the highest minute; about 830,000 scarce cards; 60 million cash packets a round, of which 27.7 % were
passed on; 1.1 billion new pairs; full sets 5,079 on 1 February, about 7,000 on 4 February, and 791,405 at
midnight.

Not facts but calibrated so that the completion curve comes out: how much of the scarce stock the days before
the eve released (`BEFORE_THE_EVE`), and `Behaviour.attentive`.
"""

from datetime import UTC, datetime

import msgspec

from wufu.core.chance import Chance, round_key, sha256, thresholds
from wufu.fortune import CampaignSpec, Dials, Prize, gala_2016
from wufu.replay.society import MOST_A_MINUTE

PEOPLE = 170_000_000
TAPS = 324_500_000_000
TIES = 1_100_000_000
SCARCE_STOCK = 830_000
POOL_FEN = 215_000_000_00

MINUTES = (
    (82, 135, 210, 150, 100),
    (128, 172, 206, 188, 162),
    (124, 168, 202, 192, 170),
    (120, 166, 204, 196, 170),
)
"""Taps of each minute of each round in hundreds of millions: 67.7 billion in round 1, 21.0 at the peak. The
sums of the later rounds share what is left of 324.5; how their minutes differ nobody published."""

CHINA_MIDNIGHT = 16  # UTC
BEFORE_THE_EVE = (
    (datetime(2016, 1, 31, CHINA_MIDNIGHT, tzinfo=UTC), 74, 100),
    (datetime(2016, 2, 3, CHINA_MIDNIGHT, tzinfo=UTC), 78, 100),
    (datetime(2016, 2, 6, CHINA_MIDNIGHT, tzinfo=UTC), 100, 100),
)
"""(Until when, share of everybody whose new friends are there by then): three parts of the days before."""
BEGAN = datetime(2016, 1, 27, CHINA_MIDNIGHT, tzinfo=UTC)
RELEASED_BEFORE = (
    (BEGAN, 124, 10_000),
    (BEFORE_THE_EVE[0][0], 126, 10_000),
    (BEFORE_THE_EVE[1][0], 200, 10_000),
)
"""The scarce stock before the eve: 2 % in all."""

HISTORY = {
    "2016-01-31T16:00:00Z": 5_079,
    "2016-02-03T16:00:00Z": 7_000,
    "2016-02-07T16:18:00Z": 791_405,
}
"""Full sets by campaign instant, as published."""


class Behaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people behave, as shares of one.

    `ties_each` new friends a person; `attentive` people look after their cards at all; on each of seven
    occasions, two friends out of `closest` layers meet with `meeting`, swap with `swapping`, give a spare
    card with `giving`, and give the last one of a kind to a friend who holds the scarce card with `dear`.
    `passing` winners pass their equal packet on.
    """

    ties_each: float = 2 * TIES / PEOPLE
    attentive: float = 0.8
    meeting: float = 0.8
    swapping: float = 0.6
    giving: float = 0.5
    dear: float = 0.8
    closest: int = 12
    passing: float = 0.277


class Plan(msgspec.Struct, frozen=True):
    """One replay: who, how much, by which rules, from which seed."""

    name: str
    people: int
    taps: int
    seed: int
    spec: CampaignSpec
    minutes: tuple[tuple[int, ...], ...]
    before: tuple[tuple[datetime, int, int], ...]
    behaviour: Behaviour = Behaviour()
    most_a_minute: int = MOST_A_MINUTE

    def key(self, number: int) -> bytes:
        """The round key. Players' seeds are not made one by one: their root is a hash of the run's seed."""
        chance = Chance.seeded(self.seed)
        round_id = self.spec.rounds[number].id
        root = sha256(f"wufu/replay/{self.seed}/{self.people}/{round_id}".encode())
        return round_key(chance.secret(f"round/{round_id}/secret"), root, b"", round_id)


def gala_plan(people: int = PEOPLE, taps: int | None = None, seed: int = 2016) -> Plan:
    """The night of 2016, or the same night made smaller: taps, stock, packets and pool in proportion.

    Raises ValueError when people could not tap so much.
    """
    if not 10 <= people <= 2**31:
        raise ValueError("a replay has 10 to 2^31 people")
    taps = TAPS * people // PEOPLE if taps is None else taps
    if taps < people:
        raise ValueError("a replay has at least one tap a person")
    stock = max(SCARCE_STOCK * people // PEOPLE, 1)
    dials = Dials(
        people=people,
        taps_each=max(taps // people, 1),
        pool_minor=max(POOL_FEN * people // PEOPLE, 1),
        scarce_stock=stock,
        opens_at=BEGAN,
    )
    return Plan(
        "gala-2016",
        people,
        taps,
        seed,
        with_friends_scarce(gala_2016("gala-2016", dials)),
        MINUTES,
        BEFORE_THE_EVE,
    )


def with_friends_scarce(spec: CampaignSpec) -> CampaignSpec:
    """The rules with scarce cards among the cards for new friends, and the 2 % before the eve in three steps.

    The template gives the common kinds for new friends. But full sets were complete a week before the first
    round, so some of the cards for friends must have been scarce ones.
    """
    friends, *rounds = spec.rounds
    scarce = next(
        line for one in rounds for line in one.odds if line.kind == "card" and line.stock is not None
    )
    assert scarce.stock is not None
    release = [*RELEASED_BEFORE, *(step for step in scarce.release or [] if step[0] >= rounds[0].opens_at)]
    commons = friends.odds
    # 2 % of 830,000 among the 3 cards of about 80 million people, with a tenth to spare: 1 in 12,000.
    uptos = thresholds([(11_999, 12_000 * len(commons))] * len(commons) + [(1, 12_000)])
    odds = [Prize(line.prize, "card", str(upto)) for line, upto in zip(commons, uptos, strict=False)]
    odds.append(msgspec.structs.replace(scarce, upto=str(uptos[-1]), release=release))
    drawn = [
        msgspec.structs.replace(
            one,
            odds=[
                msgspec.structs.replace(line, release=release) if line.prize == scarce.prize else line
                for line in one.odds
            ],
        )
        for one in rounds
    ]
    return msgspec.structs.replace(spec, rounds=(msgspec.structs.replace(friends, odds=odds), *drawn))
