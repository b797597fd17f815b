"""Settlement: who holds the full set shares the pool, floor to the fen.

Two phases. `freeze_winners` runs alone in the campaign, in the transaction that
ends it: it reads the full sets from the ledger, orders them by player number,
and fixes the split. `pay_some` then pays in portions; how far it came is in the
same transaction as the payments, and each payment's id follows from campaign
and place, so a crash at any moment neither loses nor doubles one.

The winners are paid in lanes: stretches of places, each from an account of its
own, for one account would put all payers in a queue. Whoever calls `pay_some`
takes a lane that is free, so as many as there are lanes may pay at once.
"""

from collections.abc import Sequence
from itertools import pairwise

from wufu.core.ids import CampaignId, GroupId, PersonId, person_of_holder
from wufu.core.merkle import merkle_root, numbered_leaf
from wufu.core.money import split_equal
from wufu.core.refusals import Refusal
from wufu.db import Connection, Fact, Tx
from wufu.fortune.model import (
    Campaign,
    card_account,
    card_asset,
    cash_account,
    derived_id,
    mint_account,
    passing_account,
    paying_account,
    pool_account,
    sponsor_account,
)
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import exchange as exchange_store
from wufu.fortune.store import friends as friends_store
from wufu.fortune.store import settlement as store
from wufu.fortune.store import taps as taps_store
from wufu.ledger import Group, Payout, Transfer, balances, holders_of_all, pay_out, post
from wufu.wallet import money_of

PAID_AT_ONCE = 20_000
"""Winners a transaction: large enough that the commit is free, small enough that a crash repeats little."""

LANES = 2
"""Stretches of winners paid side by side: while one waits for the database, another prepares its portion."""


async def full_sets(connection: Connection, campaign: Campaign) -> list[tuple[int, PersonId]]:
    """(player number, person) of the players who hold every card now, by number.

    Who was given all cards and never joined has no number, and no part in the pool.
    """
    assets = [card_asset(campaign.id, card.id) for card in campaign.spec.cards]
    holders = await holders_of_all(connection, "card", assets)
    people = [person for holder in holders if (person := person_of_holder(holder)) is not None]
    return await taps_store.numbers_of(connection, campaign.id, people)


async def freeze_winners(tx: Tx, campaign: Campaign) -> None:
    """Fix who won and how much, with nobody else acting in the campaign."""
    winners = await full_sets(tx.connection, campaign)
    (pool,) = await balances(tx.connection, [pool_account(campaign.id)])
    each, remainder = split_equal(pool, len(winners))
    root = merkle_root([numbered_leaf(number) for number, _ in winners])
    lanes = split_lanes(campaign.id, len(winners))
    await _fund_lanes(tx, lanes, each)
    await friends_store.mark_late(tx, campaign.id)
    await store.insert(
        tx,
        store.Settlement(
            campaign=campaign.id,
            pool_minor=pool,
            winners=len(winners),
            each_minor=each,
            remainder_minor=remainder,
            winners_root=root,
            frozen_at=campaign.clock.at(tx.now),
            finished_at=None,
        ),
        winners,
        lanes,
    )
    tx.announce(Fact("fortune.settling", {"campaign": campaign.id, "winners": len(winners)}))


def split_lanes(campaign: CampaignId, winners: int, lanes: int = LANES) -> list[store.Lane]:
    """Places 1 to `winners` in at most `lanes` stretches of nearly equal length, none of them empty."""
    lanes = min(lanes, winners)
    ends = [winners * (lane + 1) // lanes for lane in range(lanes)]
    return [
        store.Lane(campaign, lane, after, end, after)
        for lane, (after, end) in enumerate(pairwise([0, *ends]))
    ]


async def _fund_lanes(tx: Tx, lanes: Sequence[store.Lane], each_minor: int) -> None:
    """Move each lane's part out of the pool, but that of lane 0, which pays from the pool itself."""
    moves = tuple(
        Transfer(
            pool_account(lane.campaign),
            paying_account(lane.campaign, lane.lane),
            each_minor * (lane.last_place - lane.after_place),
            "lane",
        )
        for lane in lanes[1:]
    )
    if moves and each_minor:
        (posted,) = await post(tx, [Group(GroupId(derived_id("lanes", lanes[0].campaign)), moves)])
        assert not isinstance(posted, Refusal), posted


async def pay_some(tx: Tx, campaign: CampaignId, most: int = PAID_AT_ONCE) -> bool:
    """Pay the next portion of a lane, or finish when all are paid; whether the caller should go on.

    False also while others pay what is left: the last of them finishes.
    """
    settled = await store.see(tx.connection, campaign)
    if settled is None or settled.finished_at is not None:
        return False
    lane = await store.take_lane(tx, campaign)
    if lane is not None:
        await _pay(tx, settled, lane, most)
        return True
    settled = await store.lock(tx, campaign)
    if settled is not None and settled.finished_at is None and await store.all_paid(tx.connection, campaign):
        await _finish(tx, settled)
    return False


async def _pay(tx: Tx, settled: store.Settlement, lane: store.Lane, most: int) -> None:
    through = min(lane.paid_through + most, lane.last_place)
    winners = await store.winners_between(tx.connection, settled.campaign, lane.paid_through, through)
    assert len(winners) == through - lane.paid_through, "places of winners have no holes"
    if settled.each_minor:
        source = paying_account(settled.campaign, lane.lane) if lane.lane else pool_account(settled.campaign)
        await pay_out(
            tx,
            [
                Payout(
                    source,
                    payout_series(settled.campaign),
                    lane.paid_through + 1,
                    [money_of(person) for person in winners],
                    [settled.each_minor] * len(winners),
                    "settlement",
                )
            ],
        )
    await store.set_paid_through(tx, lane, through)
    body: dict[str, object] = {
        "campaign": settled.campaign,
        "minor": settled.each_minor,
        "winners": settled.winners,
    }
    tx.announce(Fact("fortune.won", body, tuple(winners)))


def payout_series(campaign: str) -> tuple[str, ...]:
    """The ledger's groups that pay the winners, numbered by place."""
    return ("settlement", campaign)


async def _finish(tx: Tx, settled: store.Settlement) -> None:
    """Return the remainder and the unspent cash to the sponsor, and close the book."""
    campaign = (await campaign_store.see(tx.connection, [settled.campaign]))[settled.campaign]
    await exchange_store.return_unpassed(tx, campaign.id)
    sources = [pool_account(campaign.id), cash_account(campaign.id), passing_account(campaign.id)]
    left = await balances(tx.connection, sources)
    assert left[0] == settled.remainder_minor, "what is left of the pool is the remainder"
    moves = tuple(
        Transfer(source, sponsor_account(campaign.spec.sponsor), minor, "remainder")
        for source, minor in zip(sources, left, strict=True)
        if minor
    )
    if moves:
        (posted,) = await post(tx, [Group(GroupId(derived_id("remainder", campaign.id)), moves)])
        assert not isinstance(posted, Refusal), posted
    await store.set_finished(tx, campaign.id)
    await campaign_store.set_state(tx, campaign.id, "settled")
    tx.announce(Fact("fortune.settled", {"campaign": campaign.id, "winners": settled.winners}))


async def redeem_some_cards(tx: Tx, campaign: Campaign, most: int = PAID_AT_ONCE) -> int:
    """Take up to `most` holdings of a cancelled campaign's cards back into the mint; how many."""
    redeemed = 0
    for card in campaign.spec.cards:
        holders = await holders_of_all(tx.connection, "card", [card_asset(campaign.id, card.id)])
        people = [person for holder in holders if (person := person_of_holder(holder)) is not None]
        portion = people[: most - redeemed]
        accounts = [card_account(campaign.id, card.id, person) for person in portion]
        held = await balances(tx.connection, accounts)
        groups = [
            Group(
                GroupId(derived_id("void", campaign.id, card.id, person)),
                (Transfer(account, mint_account(campaign.id, card.id), count, "void"),),
            )
            for person, account, count in zip(portion, accounts, held, strict=True)
        ]
        await post(tx, groups)
        redeemed += len(groups)
    return redeemed
