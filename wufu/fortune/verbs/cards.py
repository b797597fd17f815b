"""Asks and offers as cards in the conversation of the two people: shown when made, changed when they end.

A card's message is named after the ask or the offer, so that doing it twice shows one. What chat refuses (the
other one cannot be written to) leaves the ask or the offer as it is: it is also on the page of the campaign.

Locks: after the campaign, the rows and the ledger's accounts, the conversations.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from wufu.chat import ChangeCard, SendCard, change_cards, direct_id, send_cards
from wufu.core.ids import MessageId, PersonId
from wufu.db import Database, Tx
from wufu.fortune.model import Ask, CampaignState, Gift, Swap, derived_id
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import exchange as store

REQUEST, SWAP = "request", "swap"
CLOSED_AT_ONCE = 500
OVER: tuple[CampaignState, ...] = ("settling", "settled", "cancelling", "cancelled")


def card_message(kind: str, name: UUID) -> MessageId:
    """The message that shows an ask or an offer."""
    return MessageId(derived_id("card", kind, name))


def request_card(
    name: UUID,
    campaign: str,
    card: str,
    person: PersonId,
    to: PersonId,
    state: str,
    by: PersonId | None = None,
) -> dict[str, object]:
    """What a card of an ask says; `by` gave the card."""
    body: dict[str, object] = {
        "request": str(name),
        "campaign": campaign,
        "wants": card,
        "from": person,
        "to": to,
        "state": state,
    }
    return body if by is None else {**body, "by": by}


def swap_card(
    name: UUID, campaign: str, gives: str, wants: str, proposer: PersonId, partner: PersonId, state: str
) -> dict[str, object]:
    """What a card of an offer says."""
    return {
        "swap": str(name),
        "campaign": campaign,
        "gives": gives,
        "wants": wants,
        "from": proposer,
        "to": partner,
        "state": state,
    }


async def show_asks(tx: Tx, asks: Iterable[Ask]) -> None:
    """Put asks of one friend into their conversations."""
    cards = [
        SendCard(
            direct_id(one.person, one.to),
            one.person,
            card_message(REQUEST, one.id),
            REQUEST,
            request_card(one.id, one.campaign, one.card, one.person, one.to, "open"),
        )
        for one in asks
        if one.to is not None
    ]
    pairs = [(one.person, one.to) for one in asks if one.to is not None]
    if cards:
        await send_cards(tx, cards, between=pairs)


async def show_offers(tx: Tx, offers: Sequence[Swap]) -> None:
    """Put offers into their conversations."""
    cards = [
        SendCard(
            direct_id(one.person, one.to),
            one.person,
            card_message(SWAP, one.id),
            SWAP,
            swap_card(one.id, one.campaign, one.gives, one.wants, one.person, one.to, "offered"),
        )
        for one in offers
    ]
    if cards:
        await send_cards(tx, cards, between=[(one.person, one.to) for one in offers])


async def change_asks(tx: Tx, ended: Sequence[tuple[store.RequestRow, str, Gift | None]]) -> None:
    """Bring the cards of asks up to date: (row, state, the gift that answered it)."""
    changes = [
        ChangeCard(
            direct_id(row.person, row.asked_of),
            card_message(REQUEST, row.id),
            request_card(
                row.id, row.campaign, row.card, row.person, row.asked_of, state, gift.person if gift else None
            ),
        )
        for row, state, gift in ended
        if row.asked_of is not None
    ]
    if changes:
        # A card that was recalled, or never could be sent, stays so.
        await change_cards(tx, changes)


async def change_offers(tx: Tx, ended: Sequence[tuple[store.SwapRow, str]]) -> None:
    """Bring the cards of offers up to date: (row, state)."""
    changes = [
        ChangeCard(
            direct_id(row.proposer, row.partner),
            card_message(SWAP, row.id),
            swap_card(row.id, row.campaign, row.gives, row.wants, row.proposer, row.partner, state),
        )
        for row, state in ended
    ]
    if changes:
        await change_cards(tx, changes)


async def close_some(tx: Tx, most: int = CLOSED_AT_ONCE) -> bool:
    """End a portion of what is still asked or offered in campaigns that are over; whether there was any."""
    asks = await store.expire_requests(tx, OVER, most)
    offers = await store.expire_swaps(tx, OVER, most)
    await change_asks(tx, [(row, "expired", None) for row in asks])
    await change_offers(tx, [(row, "expired") for row in offers])
    return bool(asks or offers)


async def close_exchange(database: Database) -> None:
    """By the clock: end what nobody can answer any more."""
    async with database.read() as connection:
        if not await campaign_store.ids_in_state(connection, OVER):
            return
    while await database.run(close_some, actor="system/campaigns"):
        pass
