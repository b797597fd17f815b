"""The life of a campaign: create, announce, turn by its clock, pause, cancel.

draft → announced → running → settling → settled, or cancelling → cancelled.
`turn` does what is due at the campaign's time and is safe to repeat: the job
clock calls it, and so does whoever moves the campaign's clock by hand.
"""

from collections.abc import Sequence
from datetime import datetime

from wufu.core.chance import commitment
from wufu.core.ids import CampaignId, GroupId
from wufu.core.merkle import merkle_root, numbered_leaf
from wufu.core.refusals import Refusal
from wufu.db import Connection, Fact, Tx
from wufu.fortune.model import (
    Campaign,
    CampaignClock,
    CampaignSpec,
    CampaignState,
    Join,
    Joined,
    Round,
    cash_account,
    derived_id,
    is_campaign_id,
    passing_account,
    pool_account,
    sponsor_account,
)
from wufu.fortune.refusals import (
    BadCampaign,
    BadSeed,
    CampaignIdTaken,
    CampaignNotRunning,
    RoundNotOpen,
    UnknownCampaign,
)
from wufu.fortune.rewards import check_rule
from wufu.fortune.store import campaigns as store
from wufu.fortune.store import exchange as exchange_store
from wufu.fortune.store import friends as friends_store
from wufu.fortune.store import taps as taps_store
from wufu.fortune.verbs.friends import give_due_rewards
from wufu.fortune.verbs.settlement import freeze_winners, redeem_some_cards
from wufu.ledger import Group, Transfer, balances, post


async def create(tx: Tx, campaign: CampaignId, spec: CampaignSpec, clock: CampaignClock) -> None:
    """Write a draft with its rounds; each round's secret is taken now and committed to.

    Raises CampaignIdTaken, BadCampaign.
    """
    if not is_campaign_id(campaign):
        raise BadCampaign(why="an id has up to 40 letters a-z, digits and hyphens, the first no hyphen")
    check_rule(spec.friends_for_cards)
    if not await store.insert(tx, campaign, spec, clock):
        raise CampaignIdTaken(campaign=campaign)
    for number, round_spec in enumerate(spec.rounds):
        secret = tx.chance.secret(f"round/{round_spec.id}/secret")
        await store.insert_round(tx, campaign, number, round_spec, secret, commitment(secret))


async def announce(tx: Tx, campaign: CampaignId) -> None:
    """Publish the commitments and fund the pool from the sponsor's money.

    Raises UnknownCampaign, CampaignNotRunning, and the ledger's NotEnough when the sponsor's money
    does not cover pool and cash packets.
    """
    found = await _alone(tx, campaign, "draft")
    spec = found.spec
    (posted,) = await post(
        tx,
        [
            Group(
                GroupId(derived_id("fund", campaign)),
                (
                    Transfer(sponsor_account(spec.sponsor), pool_account(campaign), spec.pool_minor, "pool"),
                    Transfer(sponsor_account(spec.sponsor), cash_account(campaign), spec.cash_minor, "cash"),
                ),
            )
        ],
    )
    if isinstance(posted, Refusal):
        raise posted
    await store.set_state(tx, campaign, "announced")


async def _alone(tx: Tx, campaign: CampaignId, *states: str) -> Campaign:
    found = await store.alone(tx, campaign)
    if found is None:
        raise UnknownCampaign(campaign=campaign)
    if states and found.state not in states:
        raise CampaignNotRunning(state=found.state)
    return found


async def join(tx: Tx, joins: Sequence[Join]) -> list[Joined | Refusal]:
    """Give players their numbers, in the order asked. The first seed of a player counts.

    Refusals: unknown_campaign, campaign_not_running, bad_seed.
    """
    campaigns = await store.share(tx, {join.campaign for join in joins})
    known = await taps_store.players(tx.connection, [(join.person, join.campaign) for join in joins])
    numbers = {key: row.number for key, row in known.items()}
    answers: dict[int, Refusal] = {}
    fresh: dict[str, dict[object, Join]] = {}
    for place, one in enumerate(joins):
        found = campaigns.get(one.campaign)
        if found is None:
            answers[place] = UnknownCampaign(campaign=one.campaign)
        elif (one.person, one.campaign) in numbers or one.person in fresh.get(one.campaign, ()):
            continue
        elif found.state not in ("announced", "running"):
            answers[place] = CampaignNotRunning(state=found.state)
        elif _seed(one.seed) is None:
            answers[place] = BadSeed()
        else:
            fresh.setdefault(one.campaign, {}).setdefault(one.person, one)
    for campaign in sorted(fresh):
        newcomers = list(fresh[campaign].values())
        # Holding the counter from here to the commit also settles two joins of one person at once:
        # the later one finds the row of the earlier one in its way and runs again.
        first = await taps_store.take_numbers(tx, campaign, len(newcomers))
        rows = [
            (one.person, campaign, first + place, bytes.fromhex(one.seed))
            for place, one in enumerate(newcomers)
        ]
        await taps_store.insert_players(tx, rows)
        numbers |= {(person, campaign): number for person, _, number, _ in rows}
        joined: dict[str, object] = {"campaign": campaign, "people": [one.person for one in newcomers]}
        tx.announce(Fact("fortune.joined", joined))
    return [
        answers[place] if place in answers else Joined(numbers[one.person, one.campaign])
        for place, one in enumerate(joins)
    ]


def _seed(text: str) -> bytes | None:
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        return None
    return seed if len(seed) == 32 and len(text) == 64 else None


async def set_clock(tx: Tx, campaign: CampaignId, *, shows: datetime | None, speed: float) -> CampaignClock:
    """Set the campaign's clock: what it shows now (None: as it is) and how fast it runs.

    Raises UnknownCampaign, and BadCampaign when it would run backwards.
    """
    found = await _alone(tx, campaign)
    current = found.clock.at(tx.now)
    if (shows is not None and shows < current) or not 0 <= speed <= 1_000_000:
        raise BadCampaign(why="a campaign's clock never runs backwards", campaign_now=current)
    clock = CampaignClock(shows or current, tx.now, speed)
    await store.set_clock(tx, campaign, clock)
    return clock


async def turn(tx: Tx, campaign: CampaignId) -> bool:
    """Do the next thing that is due at the campaign's time; whether there was one.

    One step a transaction, so that each is small and the next one sees it committed.
    """
    seen = (await store.see(tx.connection, [campaign])).get(campaign)
    if seen is None or _due(seen, seen.clock.at(tx.now)) is None:
        return False
    # Something is due: look again with nobody else acting.
    found = await _alone(tx, campaign)
    now = found.clock.at(tx.now)
    due = _due(found, now)
    if due is None:
        return False
    if isinstance(due, Round):
        await (_open(tx, found, due) if due.state == "planned" else _close(tx, found, due))
    elif due == "open":
        await _begin(tx, found)
    else:
        await _end(tx, found)
    return True


def _due(campaign: Campaign, now: datetime) -> Round | str | None:
    """What is due: a round to open or close, `open` or `settle` for the campaign, or nothing."""
    if campaign.state == "announced" and now >= campaign.opens_at:
        return "open"
    if campaign.state != "running":
        return None
    for its_round in campaign.rounds.values():
        if its_round.number == 0:
            continue
        if its_round.state == "planned" and now >= its_round.opens_at:
            return its_round
        if its_round.state == "open" and now >= its_round.closes_at:
            return its_round
    waiting = any(r.state != "closed" for r in campaign.rounds.values() if r.number > 0)
    return "settle" if now >= campaign.settles_at and not waiting else None


async def _begin(tx: Tx, campaign: Campaign) -> None:
    await store.set_state(tx, campaign.id, "running")
    await _freeze_seeds(tx, campaign, campaign.rounds[0])
    running = (await store.see(tx.connection, [campaign.id]))[campaign.id]
    await give_due_rewards(tx, running, None)
    tx.announce(Fact("fortune.began", {"campaign": campaign.id}))


async def _end(tx: Tx, campaign: Campaign) -> None:
    await store.publish_secret(tx, campaign.id, 0)
    await store.set_state(tx, campaign.id, "settling")
    await freeze_winners(tx, campaign)


async def _open(tx: Tx, campaign: Campaign, its_round: Round) -> None:
    await _freeze_seeds(tx, campaign, its_round)
    body: dict[str, object] = {"campaign": campaign.id, "number": its_round.number, "state": "open"}
    tx.announce(Fact("fortune.round", body))


async def _freeze_seeds(tx: Tx, campaign: Campaign, its_round: Round) -> None:
    players = await taps_store.seeds_in_order(tx.connection, campaign.id)
    root = merkle_root([numbered_leaf(player.number, player.seed) for player in players])
    await store.freeze_seeds(tx, campaign.id, its_round.number, root, len(players), None)


async def _close(tx: Tx, campaign: Campaign, its_round: Round) -> None:
    await store.publish_secret(tx, campaign.id, its_round.number)
    body: dict[str, object] = {"campaign": campaign.id, "number": its_round.number, "state": "closed"}
    tx.announce(Fact("fortune.round", body))


async def pause_round(tx: Tx, campaign: CampaignId, number: int) -> None:
    """Hold an open round: taps are refused, kept by the phones, and sent when it goes on.

    Raises UnknownCampaign, CampaignNotRunning, RoundNotOpen.
    """
    found = await _alone(tx, campaign, "running")
    now = found.clock.at(tx.now)
    its_round = _round(found, number, "open", now)
    await store.set_round_state(tx, campaign, number, "paused", closes_at=its_round.closes_at, paused_at=now)
    body: dict[str, object] = {"campaign": campaign, "number": number, "state": "paused"}
    tx.announce(Fact("fortune.round", body))


async def resume_round(tx: Tx, campaign: CampaignId, number: int) -> None:
    """Let a held round go on; it closes later by the time it was held.

    Raises UnknownCampaign, CampaignNotRunning, RoundNotOpen.
    """
    found = await _alone(tx, campaign, "running")
    now = found.clock.at(tx.now)
    its_round = _round(found, number, "paused", now)
    assert its_round.paused_at is not None
    closes_at = its_round.closes_at + (now - its_round.paused_at)
    await store.set_round_state(tx, campaign, number, "open", closes_at=closes_at)
    body: dict[str, object] = {"campaign": campaign, "number": number, "state": "open"}
    tx.announce(Fact("fortune.round", body))


def _round(campaign: Campaign, number: int, state: str, now: datetime) -> Round:
    found = campaign.rounds.get(number) if number > 0 else None
    if found is None or found.state != state:
        raise RoundNotOpen(state=found.state if found else "unknown", campaign_now=now)
    return found


async def cancel(tx: Tx, campaign: CampaignId) -> None:
    """Stop a campaign for good: the sponsor gets back what is left, cards become void.

    Money already won in rounds stays with its winners. Cards are taken back into the mint in
    portions by `redeem_some_cards`; until then they cannot move. Every secret is revealed, so that
    what was drawn can still be checked. Raises UnknownCampaign, CampaignNotRunning.
    """
    found = await _alone(tx, campaign, "draft", "announced", "running")
    if found.state != "draft":
        await exchange_store.return_unpassed(tx, campaign)
        await refund_sponsor(tx, found, pool=True)
    for its_round in found.rounds.values():
        if its_round.state not in {"planned", "closed"}:
            await store.publish_secret(tx, campaign, its_round.number)
    await friends_store.end_holds(tx, campaign, None, "void")
    await store.set_state(tx, campaign, "cancelling")
    tx.announce(Fact("fortune.cancelled", {"campaign": campaign}))


async def refund_sponsor(tx: Tx, campaign: Campaign, *, pool: bool) -> None:
    """Return what is left in the campaign's money accounts; the pool only when it is not split."""
    sources = [cash_account(campaign.id), passing_account(campaign.id)]
    if pool:
        sources.append(pool_account(campaign.id))
    left = await balances(tx.connection, sources)
    moves = tuple(
        Transfer(source, sponsor_account(campaign.spec.sponsor), minor, "returned")
        for source, minor in zip(sources, left, strict=True)
        if minor
    )
    if moves:
        (posted,) = await post(tx, [Group(GroupId(derived_id("refund", campaign.id)), moves)])
        assert not isinstance(posted, Refusal), posted


async def finish_cancelling(tx: Tx, campaign: CampaignId) -> bool:
    """Take back one portion of a cancelled campaign's cards; whether more may be left."""
    found = await _alone(tx, campaign)
    if found.state != "cancelling":  # another server was quicker
        return False
    if await redeem_some_cards(tx, found):
        return True
    await store.set_state(tx, campaign, "cancelled")
    return False


LIVE: tuple[CampaignState, ...] = ("announced", "running", "settling", "cancelling")


async def live_campaigns(connection: Connection, states: Sequence[CampaignState] = LIVE) -> list[CampaignId]:
    """Campaigns that the clock still has to look after."""
    return await store.ids_in_state(connection, states)
