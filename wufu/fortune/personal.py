"""What campaigns keep of a person, and how somebody leaves one that is on.

Draws, wins and swaps stay under a number that then is nobody's: other players' proofs rest on the same trees,
and the ledger on the same transfers. Nothing in them tells who it was.
"""

from wufu.core.ids import GroupId, PersonId
from wufu.db import Connection, Personal, Tx, erase
from wufu.fortune.model import card_account, derived_id, mint_account
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import friends as friends_store
from wufu.fortune.store import settlement as settlement_store
from wufu.ledger import Group, Transfer, balances, post

PROOFS = "other players' proofs and the ledger rest on it"
BOTHS = "it is the other one's as well"

PERSONAL = (
    Personal(
        "playing",
        "SELECT campaign, number, encode(seed, 'hex') AS seed, joined_at FROM player WHERE person = $1",
        stays=PROOFS,
    ),
    Personal(
        "taps",
        "SELECT campaign, round, next AS taps FROM tapping WHERE person = $1 ORDER BY campaign, round",
        ("UPDATE tapping SET last_answer = NULL WHERE person = $1",),
        stays=PROOFS,
    ),
    Personal(
        "wins",
        "SELECT campaign, round, tap, prize, outcome, minor, at FROM win WHERE person = $1 ORDER BY at, tap",
        stays=PROOFS,
    ),
    Personal(
        "cash_packets",
        """
        SELECT campaign, round, minor, passed_to, passed_at, returned_at FROM cash_packet
        WHERE person = $1 ORDER BY campaign, round
        """,
        stays=BOTHS,
    ),
    Personal(
        "new_friends",
        "SELECT campaign, friend, at, design, rewarded FROM new_friend WHERE person = $1 ORDER BY at",
        stays="who was counted for a reward must not be counted again",
    ),
    Personal(
        "friend_rewards",
        "SELECT campaign, cards, at FROM friend_reward WHERE person = $1 ORDER BY at",
        stays=PROOFS,
    ),
    Personal(
        "rewards_looked_at",
        """
        SELECT campaign, cards, state, held_at, ended_at FROM reward_hold
        WHERE person = $1 ORDER BY held_at
        """,
        stays=PROOFS,
    ),
    Personal(
        "late_shares",
        "SELECT campaign, minor, due_at, paid_at FROM late_share WHERE person = $1",
        stays=PROOFS,
    ),
    Personal("won", "SELECT campaign, place FROM settlement_winner WHERE person = $1", stays=PROOFS),
    Personal(
        "gifts_given",
        "SELECT campaign, receiver, card, at FROM gift WHERE giver = $1 ORDER BY at",
        stays=BOTHS,
    ),
    Personal(
        "gifts_got", "SELECT campaign, giver, card, at FROM gift WHERE receiver = $1 ORDER BY at", stays=BOTHS
    ),
    Personal(
        "asked_for",
        "SELECT campaign, card, asked_of, state, at FROM card_request WHERE person = $1 ORDER BY at",
        ("UPDATE card_request SET state = 'withdrawn' WHERE person = $1 AND state = 'open'",),
        stays=BOTHS,
    ),
    Personal(
        "swaps",
        """
        SELECT campaign, proposer, partner, gives, wants, state, at, ended_at FROM swap
        WHERE proposer = $1 OR partner = $1 ORDER BY at
        """,
        stays=BOTHS,
    ),
)


async def see_unsettled(connection: Connection, person: PersonId) -> dict[str, tuple[int, int]]:
    """What a campaign still owes a person: shares that wait to be paid."""
    shares: list[int] = []
    for campaign in await campaign_store.ids_in_state(connection, ["settling"]):
        settled = await settlement_store.see(connection, campaign)
        place = await settlement_store.place_of(connection, campaign, person)
        if settled is not None and place is not None:
            shares.append(settled.each_minor)
    shares += await friends_store.late_shares_due(connection, person)
    return {"settlement": (len(shares), sum(shares))} if shares else {}


async def forget_person(tx: Tx, person: PersonId) -> bool:
    """Give the cards of campaigns that are on back to their mints, held rewards with them. Repeatable."""
    ids = await campaign_store.ids_in_state(tx.connection, ["announced", "running"])
    for campaign in (await campaign_store.share(tx, ids)).values():
        cards = [card.id for card in campaign.spec.cards]
        accounts = [card_account(campaign.id, card, person) for card in cards]
        held = await balances(tx.connection, accounts)
        groups = [
            Group(
                GroupId(derived_id("left", campaign.id, card, person)),
                (Transfer(account, mint_account(campaign.id, card), count, "void"),),
            )
            for card, account, count in zip(cards, accounts, held, strict=True)
            if count
        ]
        await post(tx, groups)
        await friends_store.end_holds(tx, campaign.id, [person], "void")
    await erase(tx, PERSONAL, person)
    return False
