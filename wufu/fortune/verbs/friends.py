"""Cards for new friends: ten friends made since the announcement give three cards, once.

The cards are drawn from round 0, whose secret was committed to with the others:
a player's draw number i is tap i of that round.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from wufu.core.chance import draw_words
from wufu.core.ids import GroupId, PersonId
from wufu.db import Fact, Tx
from wufu.fortune.model import Campaign, Round, card_account, derived_id, mint_account
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import exchange as store
from wufu.ledger import Group, Transfer, balances, post

FRIENDS_ROUND = 0
DRAWN_AT_ONCE = 16
"""Words looked at for a reward; the odds of round 0 leave a 2^-64 chance of nothing for each."""


class TieAccepted(msgspec.Struct, frozen=True):
    """What `ties.accepted` says: who became friends, when, and whether for the first time."""

    a: PersonId
    b: PersonId
    at: datetime
    new: bool


class PlayersJoined(msgspec.Struct, frozen=True):
    """What `fortune.joined` says."""

    campaign: str
    people: list[PersonId]


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
        made = [(tie.a, tie.b) for tie in ties if tie.new and since is not None and tie.at >= since]
        if not made or campaign.state not in {"announced", "running"}:
            continue
        await store.insert_new_friends(tx, campaign.id, [*made, *((b, a) for a, b in made)])
        if campaign.state == "running":
            await give_due_rewards(tx, campaign, sorted({person for pair in made for person in pair}))


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


async def give_due_rewards(tx: Tx, campaign: Campaign, people: Sequence[PersonId] | None) -> None:
    """Draw and mint the cards of players who have earned them; all players when `people` is None."""
    rule = campaign.spec.friends_for_cards
    due = await store.due_rewards(tx, campaign.id, rule.friends, people)
    if not due:
        return
    friends_round = campaign.rounds[FRIENDS_ROUND]
    place = (campaign.id, FRIENDS_ROUND)
    key = friends_round.key((await campaign_store.secrets(tx.connection, [place]))[place])
    rewards = [(person, friend_cards(key, friends_round, number, rule.cards)) for person, number in due]
    groups = [
        Group(
            GroupId(derived_id("friends", campaign.id, person)),
            tuple(
                Transfer(
                    mint_account(campaign.id, card), card_account(campaign.id, card, person), 1, "friends"
                )
                for card in cards
            ),
        )
        for person, cards in rewards
    ]
    await post(tx, groups)
    await store.insert_rewards(tx, campaign.id, rewards)
    holdings = [(person, card) for person, cards in rewards for card in dict.fromkeys(cards)]
    held = await balances(
        tx.connection, [card_account(campaign.id, card, person) for person, card in holdings]
    )
    for (person, card), count in zip(holdings, held, strict=True):
        body = {"campaign": campaign.id, "card": card, "held": count, "cause": "friends"}
        tx.announce(Fact("fortune.card_came", body, (person,)))


def friend_cards(key: bytes, friends_round: Round, player: int, count: int) -> list[str]:
    """The cards of a player's reward: the first `count` prizes in their words of round 0."""
    words = draw_words(key, player, 0, DRAWN_AT_ONCE)
    indices = friends_round.spec.table().prize_indices(words)
    won = [friends_round.spec.odds[index].prize for index in indices.tolist() if index >= 0]
    assert len(won) >= count
    return won[:count]
