"""A campaign file and what is uncertain about it, turned into plans that a replay can play.

How many people: `reach` hear of it, `joining` of them take part by themselves, and each who takes part brings
`inviting` others, who bring others in turn: people = reach * joining / (1 - inviting).

Rule `taps` (2016): rounds of taps under the template's odds, which are made for the people and taps that the
operator expects; when more come, more is drawn, but stock and packets stay what they are. Rule `cards` (2017,
2018): everybody draws cards, heavy-tailed, `cards_each` on average and at most `most_cards`; all kinds are
unlimited, the scarce one has `scarce_odds`. A joker is drawn with `joker_odds` and counts as the scarce card.

A campaign that exists already (`campaign_of`) brings its own rules as `spec`: its rounds, odds and stocks are
played as they were published, and the days before its first round are left out.

Ties, asking, giving and swapping are `wufu.replay.Behaviour`, calibrated on 2016.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from wufu.core.chance import Chance, thresholds
from wufu.fortune import CARDS_2016, CampaignSpec, Dials, FriendsForCards, Prize, RoundSpec, gala_2016
from wufu.replay import BEFORE_THE_EVE, BEGAN, MINUTES, Behaviour, Plan, with_friends_scarce

CAMPAIGNS = Path(__file__).with_name("campaigns")
"""The files that come with Wufu: 2016, 2017, 2018 and an example."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
OCCASIONS = 5
"""Under rule `cards`, cards come in so many portions, two days each, and friends trade after each of them."""
NINETY_FIVE = 1.6449
"""Standard deviations from the middle of a normal distribution to its 95th percentile."""
SHARES = {
    "joining",
    "attentive",
    "meeting",
    "swapping",
    "giving",
    "dear",
    "passing",
    "scarce_odds",
    "joker_odds",
}


class BadForecast(Exception):
    """The campaign file cannot be used; the message says why."""


class CampaignFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign as its operator sees it beforehand. Money in fen; `uncertain` bands as shares of a dial."""

    title: str
    rule: Literal["taps", "cards"]
    reach: Annotated[int, msgspec.Meta(ge=100, le=10**10)]
    joining: Annotated[float, msgspec.Meta(gt=0, le=1)]
    inviting: Annotated[float, msgspec.Meta(ge=0, le=0.95)] = 0.0
    pool_fen: Annotated[int, msgspec.Meta(ge=1, le=10**15)]
    taps_each: Annotated[float, msgspec.Meta(ge=10, le=18_000)] = 1_909.0
    scarce_stock: Annotated[int, msgspec.Meta(ge=1, le=10**10)] | None = None
    cards_each: Annotated[float, msgspec.Meta(ge=1, le=200)] = 8.0
    most_cards: Annotated[int, msgspec.Meta(ge=1, le=200)] = 16
    scarce_odds: Share = 0.1
    joker_odds: Share = 0.0
    actual_winners: int | None = None
    taps_a_batch: Positive = 15.0
    batches_a_server: Positive = 10_000.0
    spec: CampaignSpec | None = None
    behaviour: Behaviour = Behaviour()
    uncertain: dict[str, Annotated[float, msgspec.Meta(ge=0, le=2)]] = {}

    @property
    def people(self) -> int:
        """How many people are expected."""
        return people_of(self.reach, self.joining, self.inviting)


class Dialled(msgspec.Struct, frozen=True):
    """One possible campaign: the dials as this run of the Monte Carlo has them."""

    people: int
    taps_each: float
    cards_each: float
    scarce_odds: float
    scarce_stock: int
    behaviour: Behaviour


def people_of(reach: float, joining: float, inviting: float) -> int:
    return round(reach * min(joining, 1.0) / (1 - min(inviting, 0.95)))


def read_campaign(file: Path) -> CampaignFile:
    """A campaign file, or one of those that come with Wufu by its name. Raises BadForecast."""
    if not file.exists() and (CAMPAIGNS / f"{file.name}.toml").exists():
        file = CAMPAIGNS / f"{file.name}.toml"
    try:
        found = msgspec.toml.decode(file.read_bytes(), type=CampaignFile)
    except OSError as error:
        known = ", ".join(sorted(one.stem for one in CAMPAIGNS.glob("*.toml")))
        raise BadForecast(f"cannot read {file}: {error.strerror}; Wufu brings: {known}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise BadForecast(f"{file}: {error}") from error
    unknown = found.uncertain.keys() - dial_names(found)
    if unknown:
        known = ", ".join(sorted(dial_names(found)))
        raise BadForecast(f"{file}: no dial {min(unknown)!r} can be uncertain here; there are: {known}")
    if found.rule == "taps" and found.scarce_stock is None:
        raise BadForecast(f"{file}: rule 'taps' needs scarce_stock")
    if found.rule == "cards" and found.scarce_odds + found.joker_odds >= 1:
        raise BadForecast(f"{file}: scarce_odds and joker_odds leave nothing for the other kinds")
    if found.cards_each > found.most_cards:
        raise BadForecast(f"{file}: cards_each is above most_cards")
    return found


def campaign_of(spec: CampaignSpec, people: int, taps_each: float) -> CampaignFile:
    """A campaign that exists, expected to be played by so many people. Raises BadForecast.

    How many come and how much they tap is uncertain by a fifth either way.
    """
    kinds = [card.id for card in spec.cards]
    if len(kinds) != len(CARDS_2016) or not spec.cards[-1].scarce:
        raise BadForecast("only campaigns of five cards, the last of them scarce, can be forecast so far")
    scarce = next(
        (line for one in spec.rounds for line in one.odds if line.prize == kinds[-1] and line.stock), None
    )
    if scarce is None or scarce.stock is None:
        raise BadForecast("the scarce card of this campaign has no stock")
    return CampaignFile(
        title=spec.title,
        rule="taps",
        reach=2 * people,  # a share that can turn out higher as well as lower
        joining=0.5,
        pool_fen=spec.pool_minor,
        taps_each=taps_each,
        scarce_stock=scarce.stock,
        spec=spec,
        uncertain={"joining": 0.2, "taps_each": 0.2},
    )


def dial_names(campaign: CampaignFile) -> set[str]:
    """The dials that may be uncertain under this rule."""
    by_rule = {"taps_each", "scarce_stock"} if campaign.rule == "taps" else {"cards_each", "scarce_odds"}
    floats = {one.name for one in msgspec.structs.fields(Behaviour) if one.type is float}
    return {"joining", "inviting", *by_rule, *floats}


def middle(campaign: CampaignFile) -> Dialled:
    """The campaign with every dial where the file has it."""
    return dialled(campaign, {})


def dialled(campaign: CampaignFile, factors: dict[str, float]) -> Dialled:
    """The campaign with some dials multiplied; shares stay shares, and cards below their most."""

    def value(name: str, given: float) -> float:
        turned = given * factors.get(name, 1.0)
        return min(turned, 1.0) if name in SHARES else turned

    behaviour = msgspec.structs.replace(
        campaign.behaviour,
        **{
            one.name: value(one.name, getattr(campaign.behaviour, one.name))
            for one in msgspec.structs.fields(Behaviour)
            if one.type is float
        },
    )
    inviting = value("inviting", campaign.inviting)
    return Dialled(
        people=max(people_of(campaign.reach, value("joining", campaign.joining), inviting), 100),
        taps_each=min(value("taps_each", campaign.taps_each), 15_000.0),
        cards_each=min(value("cards_each", campaign.cards_each), 0.9 * campaign.most_cards),
        scarce_odds=min(value("scarce_odds", campaign.scarce_odds), 0.98 - campaign.joker_odds),
        scarce_stock=round(value("scarce_stock", campaign.scarce_stock or 0)),
        behaviour=behaviour,
    )


def draw_factors(campaign: CampaignFile, chance: Chance, run: int) -> dict[str, float]:
    """What a run multiplies its uncertain dials with: log-normal, 5-95 % within a factor of 1 + the band."""
    factors = {}
    for name, band in sorted(campaign.uncertain.items()):
        words = np.frombuffer(chance.secret(f"forecast/{run}/{name}", 16), dtype=np.uint64)
        one, two = ((float(word) + 0.5) / 2.0**64 for word in words)
        normal = np.sqrt(-2 * np.log(one)) * np.cos(2 * np.pi * two)  # Box and Muller 1958
        factors[name] = float(np.exp(normal * np.log1p(band) / NINETY_FIVE))
    return factors


def plan_of(campaign: CampaignFile, dials: Dialled, simulated: int, seed: int) -> Plan:
    """A plan in which `simulated` people stand for all. Raises BadForecast."""
    if campaign.rule == "cards":
        return _cards_plan(campaign, dials, simulated, seed)
    if campaign.spec is not None:
        return _plan_of_spec(campaign.spec, dials, simulated, seed)
    # The odds were published for the expected night; stock and packets belong to the whole of it.
    expected = Dials(
        people=simulated,
        taps_each=round(campaign.taps_each),
        pool_minor=campaign.pool_fen,
        scarce_stock=max(round(dials.scarce_stock * simulated / campaign.people), 1),
        opens_at=BEGAN,
    )
    spec = with_friends_scarce(gala_2016("forecast", expected))
    spec = _restocked(spec, campaign.people / dials.people)
    taps = round(dials.taps_each * simulated)
    return Plan("forecast", simulated, taps, seed, spec, MINUTES, BEFORE_THE_EVE, dials.behaviour)


def _plan_of_spec(spec: CampaignSpec, dials: Dialled, simulated: int, seed: int) -> Plan:
    """The campaign's own rounds; its stocks are shared by however many come."""
    rounds = spec.rounds[1:]
    lengths = [-(-(one.closes_at - one.opens_at) // timedelta(minutes=1)) for one in rounds]
    return Plan(
        "forecast",
        simulated,
        round(dials.taps_each * simulated),
        seed,
        _restocked(spec, simulated / dials.people),
        tuple((1,) * length for length in lengths),
        (),
        dials.behaviour,
    )


def _restocked(spec: CampaignSpec, share: float) -> CampaignSpec:
    """The rules with every stock multiplied: more people than expected share the same stock."""
    rounds = [
        msgspec.structs.replace(
            one,
            odds=[
                line
                if line.stock is None
                else msgspec.structs.replace(line, stock=max(round(line.stock * share), 1))
                for line in one.odds
            ],
        )
        for one in spec.rounds
    ]
    return msgspec.structs.replace(spec, rounds=tuple(rounds))


def _cards_plan(campaign: CampaignFile, dials: Dialled, simulated: int, seed: int) -> Plan:
    scarce = dials.scarce_odds + campaign.joker_odds
    million = 10**6
    each = (million - round(scarce * million)) // 4
    uptos = thresholds([(each, million)] * 4 + [(million - 4 * each, million)])
    odds = [Prize(card.id, "card", str(upto)) for card, upto in zip(CARDS_2016, uptos, strict=True)]
    ends = BEGAN + timedelta(days=2 * OCCASIONS)
    rounds = [
        RoundSpec(
            f"forecast/{number}",
            BEGAN + timedelta(days=max(2 * number - 2, 0)),
            BEGAN + timedelta(days=2 * number) if number else ends,
            odds,
        )
        for number in range(OCCASIONS + 1)
    ]
    spec = CampaignSpec(
        title=campaign.title,
        title_en=campaign.title,
        template="2017",
        sponsor="forecast",
        opens_at=BEGAN,
        settles_at=ends,
        pool_minor=campaign.pool_fen,
        cash_minor=0,
        cards=CARDS_2016,
        friends_for_cards=FriendsForCards(10, 3),
        rounds=tuple(rounds),
    )
    taps = round(dials.cards_each * simulated)
    return Plan(
        "forecast",
        simulated,
        taps,
        seed,
        spec,
        ((1,),) * OCCASIONS,
        (),
        dials.behaviour,
        most_a_minute=-(-campaign.most_cards // OCCASIONS),
    )


def tiled(
    firsts: NDArray[np.int64], seconds: NDArray[np.int64], people: int, copies: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same graph so many times, side by side."""
    shifts = np.repeat(np.arange(copies, dtype=np.int64) * people, len(firsts))
    return np.tile(firsts, copies) + shifts, np.tile(seconds, copies) + shifts
