"""What people may see of a campaign: its public face, my part of it, and the proof of my draws."""

from datetime import datetime
from typing import Literal

import msgspec

from wufu.core.ids import CampaignId, PersonId
from wufu.core.merkle import MerkleTree, numbered_leaf
from wufu.db import Connection
from wufu.fortune.model import (
    Campaign,
    CampaignSpec,
    CampaignState,
    Card,
    Round,
    RoundState,
    Win,
    card_account,
    is_campaign_id,
    pool_account,
    request_of_token,
    token_text,
)
from wufu.fortune.proof import DRAND, OPERATOR_TRUSTED
from wufu.fortune.refusals import (
    BadToken,
    NotFriends,
    NotJoined,
    UnknownCampaign,
    UnknownRequest,
)
from wufu.fortune.rewards import FriendsForCards, in_holdout
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import exchange as exchange_store
from wufu.fortune.store import friends as friends_store
from wufu.fortune.store import settlement as settlement_store
from wufu.fortune.store import taps as taps_store
from wufu.fortune.verbs.settlement import full_sets
from wufu.ledger import balances
from wufu.people import PersonView, see_people
from wufu.ties import are_friends


class ClockView(msgspec.Struct, frozen=True):
    campaign_now: datetime
    real_now: datetime
    speed: float


class Hours(msgspec.Struct, frozen=True):
    """Campaign time: now, and where the campaign begins and ends."""

    campaign_now: datetime
    opens_at: datetime
    settles_at: datetime


class RoundView(msgspec.Struct, frozen=True):
    number: int
    opens_at: datetime
    closes_at: datetime
    state: RoundState
    commitment: str
    spec_hash: str
    seeds_root: str | None
    players: int | None
    secret: str | None
    entropy: str


class SettlementView(msgspec.Struct, frozen=True):
    winners: int
    each_minor: int
    paid_minor: int
    remainder_minor: int
    winners_root: str
    settled_at: datetime | None


class Pulse(msgspec.Struct, frozen=True):
    """The changing part of a campaign's public face."""

    kind: str
    id: CampaignId
    state: CampaignState
    clock: ClockView
    rounds: list[RoundView]
    settles_at: datetime
    pool_minor: int
    holders: int
    players: int
    taps: int
    settlement: SettlementView | None


class CampaignView(msgspec.Struct, frozen=True):
    id: CampaignId
    title: str
    title_en: str
    template: str
    state: CampaignState
    clock: ClockView
    cards: tuple[Card, ...]
    rounds: list[RoundView]
    opens_at: datetime
    settles_at: datetime
    pool_minor: int
    holders: int
    players: int
    taps: int
    friends_for_cards: FriendsForCards
    friends_round: RoundView
    settlement: SettlementView | None


class MyRound(msgspec.Struct, frozen=True):
    number: int
    next: int
    wins: int


class MyCash(msgspec.Struct, frozen=True):
    id: str
    minor: int
    round: int
    passed_to: PersonView | None
    returned: bool


class MyRequest(msgspec.Struct, frozen=True, rename={"asker": "from"}):
    id: str
    card: str
    asker: PersonView
    to: PersonView | None
    state: str
    token: str
    at: datetime


class MySwap(msgspec.Struct, frozen=True, rename={"proposer": "from"}):
    id: str
    proposer: PersonView
    to: PersonView
    gives: str
    wants: str
    state: str
    at: datetime


class Won(msgspec.Struct, frozen=True):
    """A share of the pool; a late share, from the sponsor, has no place among the winners."""

    minor: int
    place: int | None


class FriendsReward(msgspec.Struct, frozen=True):
    """How I stand with the cards for new friends: in the hold-out they bring none.

    `counted` friends count towards cards; `cards_held` cards are due and held while somebody looks at me.
    """

    state: Literal["on", "holdout"]
    counted: int
    cards_held: int


class MineView(msgspec.Struct, frozen=True):
    joined: bool
    number: int | None
    seed_known: bool
    cards: dict[str, int]
    rounds: list[MyRound]
    new_friends: int
    friend_cards_given: int
    friends_reward: FriendsReward
    cash: list[MyCash]
    requests: list[MyRequest]
    swaps: list[MySwap]
    won: Won | None


def entropy_of(its_round: Round) -> str:
    """Whose chance a round's key rests on: a public beacon's as well, or the operator's alone."""
    return DRAND if its_round.spec.beacon else OPERATOR_TRUSTED


async def campaign_of(connection: Connection, campaign: str) -> Campaign:
    """A campaign that was announced. Raises UnknownCampaign."""
    found = None
    if is_campaign_id(campaign):
        found = (await campaign_store.see(connection, [campaign])).get(campaign)
    if found is None or found.announced_at is None:
        raise UnknownCampaign(campaign=campaign[:40])
    return found


async def see_campaign(connection: Connection, campaign: str, now: datetime) -> CampaignView:
    found = await campaign_of(connection, campaign)
    pulse = await _pulse(connection, found, now)
    common = {name: getattr(pulse, name) for name in Pulse.__struct_fields__ if name != "kind"}
    spec = found.spec
    return CampaignView(
        title=spec.title,
        title_en=spec.title_en,
        template=spec.template,
        cards=spec.cards,
        opens_at=found.opens_at,
        friends_for_cards=spec.friends_for_cards,
        # The cards for new friends are drawn from a round of their own, committed to like the others.
        friends_round=_round(found.rounds[0]),
        **common,
    )


async def see_hours(connection: Connection, campaign: str, now: datetime) -> Hours:
    """What a campaign's own clock shows, and between which hours it lies. Raises UnknownCampaign."""
    found = await campaign_of(connection, campaign)
    return Hours(found.clock.at(now), found.opens_at, found.settles_at)


async def see_spec(connection: Connection, campaign: str) -> CampaignSpec:
    """The rules of a campaign that was announced. Raises UnknownCampaign."""
    return (await campaign_of(connection, campaign)).spec


async def see_pulse(connection: Connection, campaign: str, now: datetime) -> Pulse | None:
    found = (await campaign_store.see(connection, [campaign])).get(campaign)
    return None if found is None else await _pulse(connection, found, now)


async def _pulse(connection: Connection, campaign: Campaign, now: datetime) -> Pulse:
    settled = await settlement_store.see(connection, campaign.id)
    if settled is None:
        holders = len(await full_sets(connection, campaign))
        (pool,) = await balances(connection, [pool_account(campaign.id)])
    else:
        holders, pool = settled.winners, settled.pool_minor
    return Pulse(
        kind="pulse",
        id=campaign.id,
        state=campaign.state,
        clock=ClockView(campaign.clock.at(now), now, campaign.clock.speed),
        rounds=[_round(its_round) for its_round in campaign.rounds.values() if its_round.number > 0],
        settles_at=campaign.settles_at,
        pool_minor=pool,
        holders=holders,
        players=await taps_store.players_in_all(connection, campaign.id),
        taps=await taps_store.taps_in_all(connection, campaign.id),
        settlement=_settlement(settled),
    )


def _round(its_round: Round) -> RoundView:
    return RoundView(
        number=its_round.number,
        opens_at=its_round.opens_at,
        closes_at=its_round.closes_at,
        state=its_round.state,
        commitment=its_round.commitment.hex(),
        spec_hash=its_round.spec_hash.hex(),
        seeds_root=its_round.seeds_root.hex() if its_round.seeds_root else None,
        players=its_round.players,
        secret=its_round.secret.hex() if its_round.secret else None,
        entropy=entropy_of(its_round),
    )


def _settlement(settled: settlement_store.Settlement | None) -> SettlementView | None:
    if settled is None:
        return None
    return SettlementView(
        winners=settled.winners,
        each_minor=settled.each_minor,
        paid_minor=settled.each_minor * settled.winners,
        remainder_minor=settled.remainder_minor,
        winners_root=settled.winners_root.hex(),
        settled_at=settled.finished_at,
    )


async def see_mine(connection: Connection, campaign: str, person: PersonId) -> MineView:
    """One person's part in a campaign."""
    found = await campaign_of(connection, campaign)
    player = (await taps_store.players(connection, [(person, campaign)])).get((person, campaign))
    taps = await taps_store.taps_of(connection, person, campaign)
    wins = await taps_store.wins_of(connection, person, campaign)
    friends, counted = await friends_store.friends_made(connection, person, campaign)
    given = await friends_store.reward_cards(connection, person, campaign)
    held_out = in_holdout(campaign, person, found.spec.friends_for_cards.holdout_permille)
    cash = await exchange_store.cash_of(connection, person, campaign)
    requests = await exchange_store.requests_of(connection, person, campaign)
    swaps = await exchange_store.swaps_of(connection, person, campaign)
    people = {person, *(row.passed_to for row in cash), *(row.person for row in requests)}
    people |= {row.asked_of for row in requests} | {row.proposer for row in swaps}
    people |= {row.partner for row in swaps}
    views = await see_people(connection, sorted(p for p in people if p is not None))
    return MineView(
        joined=player is not None,
        number=player.number if player else None,
        seed_known=player is not None,
        cards=await cards_of(connection, found, person),
        rounds=[MyRound(n, taps.get(n, 0), len(wins.get(n, ()))) for n in found.rounds if n > 0],
        new_friends=friends,
        friend_cards_given=len(given),
        friends_reward=FriendsReward(
            "holdout" if held_out else "on",
            counted,
            await friends_store.cards_held(connection, person, campaign),
        ),
        cash=[
            MyCash(
                str(row.id),
                row.minor,
                row.round,
                views[row.passed_to] if row.passed_to else None,
                row.returned_at is not None,
            )
            for row in cash
        ],
        requests=[_request(row, found, views) for row in requests],
        swaps=[
            MySwap(
                str(row.id), views[row.proposer], views[row.partner], row.gives, row.wants, row.state, row.at
            )
            for row in swaps
        ],
        won=await _won(connection, campaign, person),
    )


async def _won(connection: Connection, campaign: str, person: PersonId) -> Won | None:
    settled = await settlement_store.see(connection, campaign)
    if settled is None:
        return None
    place = await settlement_store.place_of(connection, campaign, person)
    if place is not None:
        return Won(settled.each_minor, place)
    late = await friends_store.late_share_of(connection, person, campaign)
    return Won(late, None) if late is not None else None


def _request(
    row: exchange_store.RequestRow, campaign: Campaign, views: dict[PersonId, PersonView]
) -> MyRequest:
    card = campaign.spec.card(row.card)
    assert card is not None
    return MyRequest(
        id=str(row.id),
        card=row.card,
        asker=views[row.person],
        to=views[row.asked_of] if row.asked_of else None,
        state=row.state,
        token=token_text(row.id, views[row.person].name, card),
        at=row.at,
    )


async def cards_of(connection: Connection, campaign: Campaign, person: PersonId) -> dict[str, int]:
    """How many of each card a person holds."""
    accounts = [card_account(campaign.id, card.id, person) for card in campaign.spec.cards]
    counts = await balances(connection, accounts)
    return {card.id: count for card, count in zip(campaign.spec.cards, counts, strict=True)}


async def see_spare_cards(
    connection: Connection, campaign: str, person: PersonId, friend: PersonId
) -> dict[str, int]:
    """The cards a friend holds more than once: what they can spare, and no more than that.

    Raises UnknownCampaign, NotFriends.
    """
    found = await campaign_of(connection, campaign)
    if not await are_friends(connection, [(person, friend)]):
        raise NotFriends(person=friend)
    held = await cards_of(connection, found, friend)
    return {card: count for card, count in held.items() if count >= 2}


async def see_pasted(connection: Connection, campaign: str, text: str) -> MyRequest:
    """The request behind a pasted 口令. Raises UnknownCampaign, BadToken, UnknownRequest."""
    found = await campaign_of(connection, campaign)
    wanted = request_of_token(text)
    if wanted is None:
        raise BadToken()
    row = (await exchange_store.see_requests(connection, [wanted])).get(wanted)
    if row is None or row.campaign != campaign:
        raise UnknownRequest(id=wanted)
    people = [person for person in (row.person, row.asked_of) if person is not None]
    return _request(row, found, await see_people(connection, people))


async def see_proof(connection: Connection, campaign: str, person: PersonId) -> dict[str, object]:
    """The proof file of one player (`docs/fairness.md`). Raises UnknownCampaign, NotJoined.

    Secrets of rounds that are not over are not in it, so neither can the draws be checked yet.
    """
    found = await campaign_of(connection, campaign)
    player = (await taps_store.players(connection, [(person, campaign)])).get((person, campaign))
    if player is None:
        raise NotJoined()
    seeds = await taps_store.seeds_in_order(connection, campaign)
    taps = await taps_store.taps_of(connection, person, campaign)
    wins = await taps_store.wins_of(connection, person, campaign)
    # The cards for new friends are the first draws of round 0.
    rewarded = await friends_store.reward_cards(connection, person, campaign)
    taps[0], wins[0] = len(rewarded), [Win(tap, card, "card") for tap, card in enumerate(rewarded)]
    rounds = []
    trees: dict[int, MerkleTree] = {}
    for its_round in found.rounds.values():
        if its_round.seeds_root is None or its_round.players is None:
            continue
        if its_round.players not in trees:
            leaves = [numbered_leaf(row.number, row.seed) for row in seeds[: its_round.players]]
            trees[its_round.players] = MerkleTree(leaves)
        rounds.append(
            {
                "spec": msgspec.to_builtins(its_round.spec),
                "spec_hash": its_round.spec_hash.hex(),
                "commitment": its_round.commitment.hex(),
                "secret": its_round.secret.hex() if its_round.secret else None,
                "seeds_root": its_round.seeds_root.hex(),
                "players": its_round.players,
                "seed_path": _path(trees[its_round.players], player.number),
                "beacon_value": its_round.beacon_value.hex() if its_round.beacon_value else None,
                "taps": taps.get(its_round.number, 0),
                "wins": msgspec.to_builtins(wins.get(its_round.number, [])),
            }
        )
    return {
        "wufu": "proof/1",
        "campaign": campaign,
        "entropy": DRAND if all(entropy_of(r) == DRAND for r in found.rounds.values()) else OPERATOR_TRUSTED,
        "player": {"number": player.number, "seed": player.seed.hex()},
        "rounds": rounds,
        "settlement": await _settlement_proof(connection, campaign, person, player.number),
    }


def _path(tree: MerkleTree, number: int) -> list[list[str]] | None:
    """The Merkle path of player `number`, whose leaf is at `number - 1`; None for one who came later."""
    if number > len(tree):
        return None
    return [[side, beside.hex()] for side, beside in tree.path(number - 1)]


async def _settlement_proof(
    connection: Connection, campaign: str, person: PersonId, number: int
) -> dict[str, object] | None:
    settled = await settlement_store.see(connection, campaign)
    if settled is None:
        return None
    place = await settlement_store.place_of(connection, campaign, person)
    winner = None
    if place is not None:
        numbers = await settlement_store.winner_numbers(connection, campaign)
        path = MerkleTree([numbered_leaf(one) for one in numbers]).path(place - 1)
        winner = {"number": number, "path": [[side, beside.hex()] for side, beside in path]}
    return {
        "pool_minor": settled.pool_minor,
        "winners": settled.winners,
        "each_minor": settled.each_minor,
        "paid_minor": settled.each_minor * settled.winners,
        "remainder_minor": settled.remainder_minor,
        "winners_root": settled.winners_root.hex(),
        "winner": winner,
    }
