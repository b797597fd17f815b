"""Cards for new friends: counted when people become friends, drawn and given, or held while somebody looks.

The cards are drawn from round 0, whose secret was committed to with the others: a player's card number i is
tap i of that round. How many are due is a function of how many friends count (`rewards.cards_earned`), less
what was given or is held; so whatever is repeated gives nothing twice.

Cards of people whose rewards are held (`trust.held`) are written down as due and given when `trust.cleared`
is heard. While anything of a person is held, whatever comes to it is held too: their draws are given in
order. The pool waits for nobody. Cards that were still held when it was split are given afterwards all the
same, and if they would have completed the set, the sponsor owes a late share: the pool divided by the winners
and everybody whose cards were held then, so that all late shares together never exceed one pool. It is paid
as soon as the sponsor's account covers it. In a cancelled campaign all cards are void, those that are held
too.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from wufu.core.chance import draw_words
from wufu.core.ids import GroupId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Connection, Fact, Tx
from wufu.fortune.model import (
    Campaign,
    Round,
    card_account,
    derived_id,
    mint_account,
    set_complete,
    sponsor_account,
)
from wufu.fortune.rewards import FriendsForCards, Made, cards_earned, count_friends
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import friends as store
from wufu.fortune.store import settlement as settlement_store
from wufu.ledger import Group, Transfer, balances, post
from wufu.trust import held
from wufu.wallet import money_of

FRIENDS_ROUND = 0
SPARE_WORDS = 13
"""Words looked at beyond the cards of a reward; the odds of round 0 leave a 2^-64 chance of nothing for
each.
"""
PAID_AT_ONCE = 500


class TieAccepted(msgspec.Struct, frozen=True):
    """What `ties.accepted` says: who became friends, when, whether for the first time, and who asked."""

    a: PersonId
    b: PersonId
    at: datetime
    new: bool
    asker: PersonId | None = None


class PlayersJoined(msgspec.Struct, frozen=True):
    """What `fortune.joined` says."""

    campaign: str
    people: list[PersonId]


class PeopleCleared(msgspec.Struct, frozen=True):
    """What `trust.cleared` says."""

    people: list[PersonId]


# --- Counting friends -----------------------------------------------------------------------------


async def count_new_friends(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `ties.accepted`: count first-time friends for every campaign that is on.

    What counts is when they became friends, not when the fact is heard.
    """
    ties = [msgspec.convert(fact.body, TieAccepted) for fact in facts]
    if not any(tie.new for tie in ties):
        return
    ids = await campaign_store.ids_in_state(tx.connection, ["announced", "running"])
    for campaign in (await campaign_store.share(tx, ids)).values():
        since = campaign.announced_at
        if since is None or campaign.state not in {"announced", "running"}:
            continue
        made = [tie for tie in ties if tie.new and tie.at >= since]
        if made:
            await _count(tx, campaign, made)


async def _count(tx: Tx, campaign: Campaign, made: Sequence[TieAccepted]) -> None:
    """Mark whom these ties bring and whether for a reward, and give what falls due by it."""
    rule = campaign.spec.friends_for_cards
    people = sorted({person for tie in made for person in (tie.a, tie.b)})
    known = await store.counted_pairs(tx.connection, campaign.id, people)
    counts: dict[PersonId, int] = {}
    for (person, _), rewarded in known.items():
        counts[person] = counts.get(person, 0) + rewarded
    ties = [Made(tie.a, tie.b, tie.asker) for tie in made]
    counted = count_friends(rule, campaign.id, ties, known, counts)
    if counted:
        await store.insert_counted(tx, campaign.id, rule.design, counted)
        body: dict[str, object] = {
            "campaign": campaign.id,
            "design": rule.design,
            "at": tx.now,
            "pairs": [[one.person, one.friend] for one in counted],
            "rewarded": [one.rewarded for one in counted],
        }
        tx.announce(Fact("fortune.friend_counted", body))
    if campaign.state == "running":
        await give_due_rewards(tx, campaign, people)


async def reward_newcomers(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `fortune.joined`: who made the friends first and joined afterwards gets the cards too.

    Not in `join` itself: a tenth friend counted at the same moment would see no player, and the join no
    tenth friend. Here both are heard one after the other.
    """
    joined = [msgspec.convert(fact.body, PlayersJoined) for fact in facts]
    campaigns = await campaign_store.share(tx, {one.campaign for one in joined})
    for campaign in campaigns.values():
        if campaign.state == "running":
            people = {person for one in joined if one.campaign == campaign.id for person in one.people}
            await give_due_rewards(tx, campaign, sorted(people))


# --- Giving and holding ---------------------------------------------------------------------------


async def give_due_rewards(tx: Tx, campaign: Campaign, people: Sequence[PersonId] | None) -> None:
    """Give or hold the cards of players who have earned them; all players when `people` is None."""
    rule = campaign.spec.friends_for_cards
    least = rule.friends if rule.design == "threshold" else 1
    rows = await store.due_rewards(tx, campaign.id, least, rule.most, people)
    due = [(row, more) for row in rows if (more := cards_earned(rule, row.counted) - row.claimed) > 0]
    if not due:
        return
    suspects = await held(tx.connection, [row.person for row, _ in due])
    holds = [(row.person, row.claimed, more) for row, more in due if row.holding or row.person in suspects]
    if holds:
        await store.insert_holds(tx, campaign.id, holds)
        for person, _, cards in holds:
            tx.announce(Fact("fortune.reward_held", {"campaign": campaign.id, "cards": cards}, (person,)))
    apart = {person for person, _, _ in holds}
    await _give(
        tx,
        campaign,
        [(row.person, row.number, row.claimed, more) for row, more in due if row.person not in apart],
    )


async def _give(tx: Tx, campaign: Campaign, due: Sequence[tuple[PersonId, int, int, int]]) -> None:
    """Draw and mint cards for (person, player number, first draw, cards)."""
    if not due:
        return
    friends_round = campaign.rounds[FRIENDS_ROUND]
    place = (campaign.id, FRIENDS_ROUND)
    key = friends_round.key((await campaign_store.secrets(tx.connection, [place]))[place])
    rewards = [
        store.Reward(person, first, tuple(friend_cards(key, friends_round, number, first, cards)))
        for person, number, first, cards in due
    ]
    groups = [
        Group(
            reward_group(campaign.id, one.person, one.first),
            tuple(
                Transfer(
                    mint_account(campaign.id, card),
                    card_account(campaign.id, card, one.person),
                    1,
                    "friends",
                )
                for card in one.cards
            ),
        )
        for one in rewards
    ]
    await post(tx, groups)
    await store.insert_rewards(tx, campaign.id, rewards)
    holdings = list(dict.fromkeys((one.person, card) for one in rewards for card in one.cards))
    counts = await balances(
        tx.connection, [card_account(campaign.id, card, person) for person, card in holdings]
    )
    for (person, card), count in zip(holdings, counts, strict=True):
        body = {"campaign": campaign.id, "card": card, "held": count, "cause": "friends"}
        tx.announce(Fact("fortune.card_came", body, (person,)))


def reward_group(campaign: str, person: PersonId, first: int) -> GroupId:
    """The ledger group of a reward from draw `first` on."""
    return GroupId(derived_id("friends", campaign, person, *((first,) if first else ())))


def friend_cards(key: bytes, friends_round: Round, player: int, first: int, count: int) -> list[str]:
    """A player's cards `first` to `first + count - 1`: the prizes in their words of round 0."""
    words = draw_words(key, player, 0, first + count + SPARE_WORDS)
    indices = friends_round.spec.table().prize_indices(words)
    won = [friends_round.spec.odds[index].prize for index in indices.tolist() if index >= 0]
    assert len(won) >= first + count
    return won[first : first + count]


async def release_cleared(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `trust.cleared`: give what was held of these people."""
    people = {person for fact in facts for person in msgspec.convert(fact.body, PeopleCleared).people}
    await release_held(tx, sorted(people))


async def release_held(tx: Tx, people: Sequence[PersonId] | None = None) -> None:
    """Give the held cards of people whose rewards nothing holds any more; of everybody when `people` is None.

    By the clock too: a step that is no listener may have read `trust.held` just before somebody was cleared.
    """
    found = await store.held_people(tx.connection, people)
    suspects = await held(tx.connection, {person for _, person in found})
    for campaign in (await campaign_store.share(tx, {campaign for campaign, _ in found})).values():
        free = sorted(person for one, person in found if one == campaign.id and person not in suspects)
        holds = await store.lock_holds(tx, campaign.id, free)
        if not holds or campaign.state not in {"running", "settling", "settled"}:
            continue
        await store.end_holds(tx, campaign.id, free, "given")
        await _give(tx, campaign, [(one.person, one.number, one.first, one.cards) for one in holds])
        late = sorted({one.person for one in holds if one.late})
        if late:
            await _owe_late_shares(tx, campaign, late)


# --- Late shares ----------------------------------------------------------------------------------


async def _owe_late_shares(tx: Tx, campaign: Campaign, people: Sequence[PersonId]) -> None:
    """Write down what the sponsor owes to those of the people who hold the full set now and did not then."""
    settled = await settlement_store.see(tx.connection, campaign.id)
    assert settled is not None, "cards are late only after the split"
    among = settled.winners + await store.late_people(tx.connection, campaign.id)
    minor = settled.pool_minor // among
    shares = []
    for person in people:
        won = await settlement_store.place_of(tx.connection, campaign.id, person) is not None
        if (
            minor
            and not won
            and set_complete(await _cards_of(tx.connection, campaign, person), campaign.spec)
        ):
            shares.append(store.LateShare(person, campaign.id, minor))
    if shares:
        await store.insert_late_shares(tx, shares)


async def _cards_of(connection: Connection, campaign: Campaign, person: PersonId) -> dict[str, int]:
    accounts = [card_account(campaign.id, card.id, person) for card in campaign.spec.cards]
    counts = await balances(connection, accounts)
    return {card.id: count for card, count in zip(campaign.spec.cards, counts, strict=True)}


async def pay_late_shares(tx: Tx) -> None:
    """Pay the late shares that their sponsors' accounts cover; the others wait."""
    due = await store.take_late_shares(tx, PAID_AT_ONCE)
    if not due:
        return
    campaigns = await campaign_store.see(tx.connection, sorted({one.campaign for one in due}))
    groups = [
        Group(
            GroupId(derived_id("late", f"{one.campaign}/{one.person}")),
            (
                Transfer(
                    sponsor_account(campaigns[one.campaign].spec.sponsor),
                    money_of(one.person),
                    one.minor,
                    "late share",
                ),
            ),
        )
        for one in due
    ]
    answers = await post(tx, groups)
    paid = [one for one, answer in zip(due, answers, strict=True) if not isinstance(answer, Refusal)]
    if not paid:
        return
    await store.set_late_shares_paid(tx, paid)
    for one in paid:
        body = {"campaign": one.campaign, "minor": one.minor}
        tx.announce(Fact("fortune.won", body, (one.person,)))


async def friends_rule(connection: Connection, campaign: str) -> FriendsForCards | None:
    """The rule of a campaign, or None when there is no such campaign."""
    found = (await campaign_store.see(connection, [campaign])).get(campaign)
    return found.spec.friends_for_cards if found else None
