"""Campaign templates: the rules of a known campaign, with dials.

`gala_2016` is the Monkey-Year campaign as `docs/fairness.md` can check it: five
cards, four rounds of five minutes, one scarce card with a stock released on a
schedule, cash packets in the rounds, three cards for ten new friends, and a
pool split equally among the full sets.

Its odds are derived from how many people are expected and how much they tap,
with whole-number arithmetic, so that the published table is exact.
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import msgspec

from wufu.core.chance import thresholds
from wufu.fortune.model import (
    CampaignSpec,
    Card,
    Prize,
    RoundSpec,
)
from wufu.fortune.refusals import (
    BadCampaign,
)
from wufu.fortune.rewards import FriendsForCards

CARDS_2016 = (
    Card("aiguo", "爱国福", "Patriotism"),
    Card("fuqiang", "富强福", "Prosperity"),
    Card("hexie", "和谐福", "Harmony"),
    Card("youshan", "友善福", "Friendship"),
    Card("jingye", "敬业福", "Dedication", scarce=True),
)
POOL_2016 = 215_000_000_00
ROUND_LENGTH = timedelta(minutes=5)
# China's New Year's Eve of 2016, in UTC: rounds at 20:36, 21:05, 22:12 and 00:06 local time.
OPENED_2016 = datetime(2016, 1, 31, 16, tzinfo=UTC)
ROUNDS_2016 = tuple(
    datetime(2016, 2, 7, hour, minute, tzinfo=UTC) for hour, minute in ((12, 36), (13, 5), (14, 12), (16, 6))
)
SETTLED_2016 = datetime(2016, 2, 7, 16, 18, tzinfo=UTC)

SCARCE_2016 = (830_000, 170_000_000)
"""Scarce cards issued, and people who took part."""
SMALL_WORLD = 100_000
SMALL_WORLD_SCARCE = (1, 8)
"""Below so many people the scarce card is one for eight people: 0.5 % of 300 would be one winner."""

COMMON_CARDS_EACH = 2
"""Cards of each common kind that an average player draws in the whole campaign."""
CASH_PACKETS_A_ROUND = (60, 170)
"""Packets a round and a person: 60 million among 170 million."""
CASH_LEAST, CASH_MOST = 66, 888


class Dials(msgspec.Struct, frozen=True):
    """What an operator sets: the expected crowd, the money, and where the eve lies.

    `opens_at`, `rounds_at`, `round_seconds` and `settles_at` are campaign time.
    """

    people: int
    taps_each: int = 1_909
    pool_minor: int = POOL_2016
    scarce_stock: int | None = None
    opens_at: datetime = OPENED_2016
    rounds_at: tuple[datetime, ...] = ROUNDS_2016
    round_seconds: int = int(ROUND_LENGTH.total_seconds())
    settles_at: datetime = SETTLED_2016
    sponsor: str = "gala"


def compressed_eve(dials: Dials, starts_at: datetime, seconds: int) -> Dials:
    """The same dials with a whole eve of four rounds pressed into `seconds` from `starts_at`.

    Rounds take half of the time; the gaps between them, when people trade, most of the rest.
    """
    unit = timedelta(seconds=max(seconds, 20)) / 20
    starts = [starts_at + unit * place for place in (2, 7, 11, 15)]
    return msgspec.structs.replace(
        dials,
        opens_at=_whole(starts_at),
        rounds_at=tuple(map(_whole, starts)),
        round_seconds=max(int(unit.total_seconds() * 2.5), 2),
        settles_at=_whole(starts_at + unit * 20),
    )


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def default_scarce_stock(people: int) -> int:
    numerator, denominator = SCARCE_2016 if people > SMALL_WORLD else SMALL_WORLD_SCARCE
    return max(people * numerator // denominator, 1)


def gala_2016(campaign: str, dials: Dials) -> CampaignSpec:
    """The rules of the 2016 campaign for the given dials. Raises BadCampaign when they do not add up."""
    if not 1 <= dials.people <= 10**10 or not 1 <= dials.taps_each <= 10**7:
        raise BadCampaign(why="people and taps_each are positive and within reason")
    if not 1 <= dials.pool_minor <= 10**15:
        raise BadCampaign(why="pool_minor is between 1 fen and 10 trillion yuan")
    if not 1 <= dials.round_seconds <= 7 * 86_400 or not 1 <= len(dials.rounds_at) <= 100:
        raise BadCampaign(why="there are 1 to 100 rounds of one second to a week")
    closes = timedelta(seconds=dials.round_seconds)
    ends = [start + closes for start in dials.rounds_at]
    order = [dials.opens_at, *(edge for pair in zip(dials.rounds_at, ends, strict=True) for edge in pair)]
    if order != sorted(order) or dials.settles_at < order[-1]:
        raise BadCampaign(why="opens_at, the rounds and settles_at must follow each other")
    scarce = dials.scarce_stock if dials.scarce_stock is not None else default_scarce_stock(dials.people)
    if scarce < 0:
        raise BadCampaign(why="scarce_stock is not negative")
    packets = _cash_packets(dials)
    odds = _odds(dials, scarce, packets)
    return CampaignSpec(
        title="集五福",
        title_en="Collect five fortunes",
        template="2016",
        sponsor=dials.sponsor,
        opens_at=dials.opens_at,
        settles_at=dials.settles_at,
        pool_minor=dials.pool_minor,
        # Each packet may be passed on once as an equal one, hence twice the amount.
        cash_minor=packets * len(dials.rounds_at) * CASH_MOST * 2,
        cards=CARDS_2016,
        friends_for_cards=FriendsForCards(10, 3),
        rounds=(
            _friends_round(campaign, dials),
            *(
                RoundSpec(f"{campaign}/{number}", start, start + closes, odds)
                for number, start in enumerate(dials.rounds_at, 1)
            ),
        ),
    )


def expected_crowd(spec: CampaignSpec) -> tuple[int, int] | None:
    """(people, taps each) for whom the published odds were made; None for rules that are not of 2016's kind.

    The inverse of `_odds`: an average player draws `COMMON_CARDS_EACH` of the first card, and the scarce one
    is drawn twice as often as it is there.
    """
    if len(spec.rounds) < 2:
        return None
    before, widths = 0, {}
    for line in spec.rounds[1].odds:
        widths[line.prize], before = int(line.upto) - before, int(line.upto)
    scarce = next((line for line in spec.rounds[1].odds if line.kind == "card" and line.stock), None)
    common = widths.get(spec.cards[0].id, 0)
    if scarce is None or scarce.stock is None or not common:
        return None
    taps_each = COMMON_CARDS_EACH * 2**64 // common
    taps = 2 * scarce.stock * 2**64 // widths[scarce.prize]
    return round(Fraction(taps, max(taps_each, 1))), taps_each


def _cash_packets(dials: Dials) -> int:
    numerator, denominator = CASH_PACKETS_A_ROUND
    return max(dials.people * numerator // denominator, 1)


def _odds(dials: Dials, scarce: int, packets: int) -> list[Prize]:
    rounds = len(dials.rounds_at)
    taps = dials.people * dials.taps_each  # in all rounds together
    common = [(dials.people * COMMON_CARDS_EACH, taps)] * (len(CARDS_2016) - 1)
    # The scarce card is drawn twice as often as it is there: the schedule, not luck, sets how many exist.
    limited = [(2 * scarce, taps)] if scarce else []
    cash = [(packets * rounds, taps)]
    try:
        *uptos, cash_upto = map(str, thresholds([*common, *limited, *cash]))
    except ValueError as error:
        raise BadCampaign(why=f"the odds do not add up: {error}") from error
    lines = [Prize(card.id, "card", upto) for card, upto in zip(CARDS_2016, uptos, strict=False)]
    if scarce:
        lines[-1] = msgspec.structs.replace(lines[-1], stock=scarce, release=_release(dials))
    tickets = packets * rounds
    lines.append(
        Prize("cash", "cash", cash_upto, tickets, _cash_release(dials), least=CASH_LEAST, most=CASH_MOST)
    )
    return lines


def _release(dials: Dials) -> list[tuple[datetime, int, int]]:
    """2 % before the eve, the rest in equal parts as each round opens."""
    rounds = len(dials.rounds_at)
    steps = [(dials.opens_at, 2, 100)]
    for place, start in enumerate(dials.rounds_at, 1):
        steps.append((start, 2 * rounds + 98 * place, 100 * rounds))
    return steps


def _cash_release(dials: Dials) -> list[tuple[datetime, int, int]]:
    rounds = len(dials.rounds_at)
    return [(start, place, rounds) for place, start in enumerate(dials.rounds_at, 1)]


def _friends_round(campaign: str, dials: Dials) -> RoundSpec:
    """Round 0: the cards for new friends, each common kind equally likely."""
    common = [card for card in CARDS_2016 if not card.scarce]
    uptos = thresholds([(1, len(common))] * len(common))
    odds = [Prize(card.id, "card", str(upto)) for card, upto in zip(common, uptos, strict=True)]
    return RoundSpec(f"{campaign}/0", dials.opens_at, dials.settles_at, odds)
