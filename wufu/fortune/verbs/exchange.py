"""Cards between friends: gift, ask, swap. Each is a list verb, safe to repeat by its id.

A card moves by one ledger transfer, a swap by two in one group: both or none.
Whether the card is there is the ledger's answer, not a check before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from uuid import UUID

from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Fact, Tx
from wufu.fortune.model import (
    AnswerSwap,
    Ask,
    Asked,
    Campaign,
    Gift,
    Given,
    Swap,
    SwapEnded,
    SwapState,
    card_account,
    gift_group,
    swap_group,
    token_text,
)
from wufu.fortune.refusals import (
    CampaignNotRunning,
    CardNotHeld,
    NotFriends,
    NotYours,
    RequestClosed,
    SwapClosed,
    SwapGone,
    UnknownCampaign,
    UnknownCard,
    UnknownRequest,
    UnknownSwap,
)
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import exchange as store
from wufu.fortune.verbs.cards import change_asks, change_offers, show_asks, show_offers
from wufu.ledger import Account, Group, NotEnough, Transfer, balances, post
from wufu.people import see_people
from wufu.ties import are_friends


class _InCampaign(Protocol):
    @property
    def person(self) -> PersonId: ...
    @property
    def campaign(self) -> str: ...


def refuse_unless_running(campaign: Campaign | None, request: _InCampaign) -> Refusal | None:
    """Cards move while the campaign runs, from its opening to its settlement."""
    if campaign is None:
        return UnknownCampaign(campaign=request.campaign)
    if campaign.state != "running":
        return CampaignNotRunning(state=campaign.state)
    return None


async def gift(tx: Tx, gifts: Sequence[Gift]) -> list[Given | Refusal]:
    """Give cards to friends. Refusals: unknown_campaign, campaign_not_running, unknown_card,
    not_friends, unknown_request, request_closed, card_not_held, id_conflict.
    """
    campaigns = await campaign_store.share(tx, {gift.campaign for gift in gifts})
    wanted = {gift.request for gift in gifts if gift.request}
    requests = await store.lock_requests(tx, sorted(wanted))
    board = _GiftBoard(
        campaigns,
        await are_friends(tx.connection, [(gift.person, gift.to) for gift in gifts]),
        await store.gifts(tx.connection, [gift.id for gift in gifts]),
        requests,
        {key for key, row in requests.items() if row.state == "open"},
    )
    answers: dict[Gift, Refusal] = {}
    again: list[Gift] = []
    given: list[Gift] = []
    waiting = list(dict.fromkeys(gifts))  # an impatient repeat in the same batch is one request
    while waiting:
        posting, waiting = _next_gifts(board, waiting, answers, again)
        outcomes = await post(tx, [_gift_group(one) for one in posting])
        for one, outcome in zip(posting, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                assert isinstance(outcome, NotEnough), outcome
                answers[one] = CardNotHeld(card=one.card)
                board.in_vain.add((one.person, one.campaign, one.card))
            else:
                given.append(one)
                board.taken[one.id] = one
                board.open_requests.discard(one.request)
    if given:
        await store.insert_gifts(tx, given)
        answered = [(one.request, one) for one in given if one.request is not None]
        await store.close_requests(tx, [(request, one.id) for request, one in answered])
        await change_asks(tx, [(requests[request], "given", one) for request, one in answered])
    held = await _held(tx, [*given, *again])
    await tell_moves(tx, [Move(one.campaign, one.card, one.person, one.to, "gift") for one in given])
    return [
        answers[one] if one in answers else Given(held[one.campaign, one.card, one.person]) for one in gifts
    ]


@dataclass(slots=True)
class _GiftBoard:
    """What a batch of gifts is decided from. `in_vain`: who lacked which card in this batch already."""

    campaigns: dict[str, Campaign]
    friends: set[tuple[PersonId, PersonId]]
    taken: dict[UUID, Gift]
    requests: dict[UUID, store.RequestRow]
    open_requests: set[UUID | None]
    in_vain: set[tuple[PersonId, str, str]] = field(default_factory=set)


def _next_gifts(
    board: _GiftBoard, waiting: Sequence[Gift], answers: dict[Gift, Refusal], again: list[Gift]
) -> tuple[list[Gift], list[Gift]]:
    """The gifts to post now, and those that wait for what becomes of these.

    Whether a gift is given is the ledger's word, so of the gifts under one id, or for one request, one
    is posted at a time.
    """
    posting: list[Gift] = []
    later: list[Gift] = []
    busy: set[UUID] = set()
    for one in waiting:
        if board.taken.get(one.id) == one:
            again.append(one)
            continue
        if one.id in board.taken:
            answers[one] = IdConflict(id=one.id)
            continue
        if one.id in busy or one.request in busy:
            later.append(one)
            continue
        refusal = refuse_unless_running(board.campaigns.get(one.campaign), one)
        refusal = refusal or _refuse_gift(one, board.campaigns[one.campaign], board.friends)
        refusal = refusal or _refuse_request(one, board)
        if refusal is None and (one.person, one.campaign, one.card) in board.in_vain:
            refusal = CardNotHeld(card=one.card)
        if refusal is None:
            posting.append(one)
            busy |= {one.id, one.request} if one.request else {one.id}
        else:
            answers[one] = refusal
    return posting, later


def _refuse_gift(one: Gift, campaign: Campaign, friends: set[tuple[PersonId, PersonId]]) -> Refusal | None:
    if campaign.spec.card(one.card) is None:
        return UnknownCard(card=one.card)
    if (one.person, one.to) not in friends:
        return NotFriends(person=one.to)
    return None


def _refuse_request(one: Gift, board: _GiftBoard) -> Refusal | None:
    if one.request is None:
        return None
    row = board.requests.get(one.request)
    if row is None or (row.person, row.card, row.campaign) != (one.to, one.card, one.campaign):
        return UnknownRequest(id=one.request)
    if one.request not in board.open_requests:
        return RequestClosed(id=one.request)
    return None


def _gift_group(one: Gift) -> Group:
    source = card_account(one.campaign, one.card, one.person)
    return Group(
        gift_group(one.id), (Transfer(source, card_account(one.campaign, one.card, one.to), 1, "gift"),)
    )


async def ask(tx: Tx, asks: Sequence[Ask]) -> list[Asked | Refusal]:
    """Ask for cards. Refusals: unknown_campaign, campaign_not_running, unknown_card, not_friends,
    id_conflict.
    """
    campaigns = await campaign_store.share(tx, {ask.campaign for ask in asks})
    before = await store.lock_requests(tx, sorted({ask.id for ask in asks}))
    taken = {key: Ask(row.person, key, row.campaign, row.card, row.asked_of) for key, row in before.items()}
    friends = await are_friends(tx.connection, [(ask.person, ask.to) for ask in asks if ask.to])
    views = await see_people(tx.connection, [ask.person for ask in asks])
    answers: list[Asked | Refusal] = []
    fresh: list[Ask] = []
    for one in asks:
        if one.id not in taken:
            refusal = refuse_unless_running(campaigns.get(one.campaign), one)
            refusal = refusal or _refuse_ask(one, campaigns[one.campaign], friends)
            if refusal is not None:
                answers.append(refusal)
                continue
            taken[one.id] = one
            fresh.append(one)
        card = campaigns[one.campaign].spec.card(one.card) if taken[one.id] == one else None
        if card is None:
            answers.append(IdConflict(id=one.id))
        else:
            answers.append(Asked(one.id, token_text(one.id, views[one.person].name, card)))
    if fresh:
        await store.insert_requests(tx, fresh)
        await show_asks(tx, fresh)
    for one in fresh:
        if one.to is not None:
            body = {
                "campaign": one.campaign,
                "request": one.id,
                "card": one.card,
                "from": views[one.person],
            }
            tx.announce(Fact("fortune.asked", body, (one.to,)))
    return answers


def _refuse_ask(one: Ask, campaign: Campaign, friends: set[tuple[PersonId, PersonId]]) -> Refusal | None:
    if campaign.spec.card(one.card) is None:
        return UnknownCard(card=one.card)
    if one.to is not None and (one.person, one.to) not in friends:
        return NotFriends(person=one.to)
    return None


async def swap(tx: Tx, offers: Sequence[Swap]) -> list[SwapEnded | Refusal]:
    """Offer swaps. Refusals: unknown_campaign, campaign_not_running, unknown_card, not_friends,
    card_not_held (the offered card must be there now), id_conflict.
    """
    campaigns = await campaign_store.share(tx, {offer.campaign for offer in offers})
    before = await store.lock_swaps(tx, sorted({offer.id for offer in offers}))
    taken = {
        key: Swap(row.proposer, key, row.campaign, row.partner, row.gives, row.wants)
        for key, row in before.items()
    }
    friends = await are_friends(tx.connection, [(offer.person, offer.to) for offer in offers])
    accounts = [card_account(offer.campaign, offer.gives, offer.person) for offer in offers]
    held = await balances(tx.connection, accounts)
    answers: list[SwapEnded | Refusal] = []
    fresh: list[Swap] = []
    for one, count in zip(offers, held, strict=True):
        refusal = refuse_unless_running(campaigns.get(one.campaign), one)
        refusal = refusal or _refuse_offer(one, campaigns[one.campaign], friends)
        if one.id in taken:
            same = taken[one.id] == one
            state: SwapState = before[one.id].state if one.id in before else "offered"
            answers.append(SwapEnded(one.id, state) if same else IdConflict(id=one.id))
        elif refusal is not None:
            answers.append(refusal)
        elif count < 1:
            answers.append(CardNotHeld(card=one.gives))
        else:
            taken[one.id] = one
            fresh.append(one)
            answers.append(SwapEnded(one.id, "offered"))
    if fresh:
        await store.insert_swaps(tx, fresh)
        await show_offers(tx, fresh)
    views = await see_people(tx.connection, [one.person for one in fresh])
    for one in fresh:
        body = {
            "campaign": one.campaign,
            "swap": one.id,
            "gives": one.gives,
            "wants": one.wants,
            "from": views[one.person],
        }
        tx.announce(Fact("fortune.swap_offered", body, (one.to,)))
    return answers


def _refuse_offer(one: Swap, campaign: Campaign, friends: set[tuple[PersonId, PersonId]]) -> Refusal | None:
    for card in (one.gives, one.wants):
        if campaign.spec.card(card) is None or one.gives == one.wants:
            return UnknownCard(card=card)
    if (one.person, one.to) not in friends:
        return NotFriends(person=one.to)
    return None


async def answer_swap(tx: Tx, answered: Sequence[AnswerSwap]) -> list[SwapEnded | Refusal]:
    """Accept or refuse offers; the proposer may take an offer back with `accept: false`.

    Refusals: unknown_swap, not_yours, swap_closed, not_friends, swap_gone (the offer ends),
    campaign_not_running. Answering the same way again gives the same answer.
    """
    campaigns = await campaign_store.share(tx, {one.campaign for one in answered})
    rows = await store.lock_swaps(tx, sorted({one.id for one in answered}))
    friends = await are_friends(tx.connection, [(row.partner, row.proposer) for row in rows.values()])
    state = {key: row.state for key, row in rows.items()}
    answers: dict[AnswerSwap, SwapEnded | Refusal] = {}
    done: list[store.SwapRow] = []
    waiting = list(dict.fromkeys(answered))
    while waiting:
        posting: dict[UUID, AnswerSwap] = {}
        later: list[AnswerSwap] = []
        for one in waiting:
            if one.id in posting:  # whether that swap is done is the ledger's word
                later.append(one)
                continue
            decided = _decide_answer(
                one, rows.get(one.id), state.get(one.id), campaigns.get(one.campaign), friends
            )
            if decided == "done":
                posting[one.id] = one
            elif isinstance(decided, Refusal | SwapEnded):
                answers[one] = decided
            else:
                state[one.id] = decided
                answers[one] = SwapEnded(one.id, decided)
        outcomes = await post(tx, [_swap_group(rows[key]) for key in posting])
        for (key, one), outcome in zip(posting.items(), outcomes, strict=True):
            if isinstance(outcome, Refusal):
                assert isinstance(outcome, NotEnough), outcome
                state[key] = "gone"
                answers[one] = SwapGone(id=key)
            else:
                state[key] = "done"
                done.append(rows[key])
                answers[one] = SwapEnded(key, "done")
        waiting = later
    ended = [(key, now) for key, now in state.items() if now != rows[key].state]
    if ended:
        await store.end_swaps(tx, ended)
        await change_offers(tx, [(rows[key], now) for key, now in ended])
    for key, now in ended:
        row = rows[key]
        body = {"campaign": row.campaign, "swap": key, "state": now}
        tx.announce(Fact("fortune.swap_ended", body, (row.proposer, row.partner)))
    there = [Move(row.campaign, row.gives, row.proposer, row.partner, "swap") for row in done]
    back = [Move(row.campaign, row.wants, row.partner, row.proposer, "swap") for row in done]
    await tell_moves(tx, [*there, *back])
    return [answers[one] for one in answered]


def _decide_answer(
    one: AnswerSwap,
    row: store.SwapRow | None,
    state: SwapState | None,
    campaign: Campaign | None,
    friends: set[tuple[PersonId, PersonId]],
) -> SwapState | SwapEnded | Refusal:
    if row is None or state is None or row.campaign != one.campaign:
        return UnknownSwap(id=one.id)
    if one.person not in (row.proposer, row.partner):
        return NotYours(id=one.id)
    wanted: SwapState = "done" if one.accept else "refused"
    if one.person == row.proposer:
        if one.accept:
            return NotYours(id=one.id)
        wanted = "withdrawn"
    if state == "gone" and wanted == "done":
        return SwapGone(id=row.id)
    if state != "offered":
        return SwapEnded(row.id, state) if state == wanted else SwapClosed(id=row.id, state=state)
    if wanted == "done":
        refusal = refuse_unless_running(campaign, one)
        if refusal is not None:
            return refusal
        if (row.partner, row.proposer) not in friends:
            return NotFriends(person=row.proposer)
    return wanted


def _swap_group(row: store.SwapRow) -> Group:
    def account(card: str, person: PersonId) -> Account:
        return card_account(row.campaign, card, person)

    return Group(
        swap_group(row.id),
        (
            Transfer(account(row.gives, row.proposer), account(row.gives, row.partner), 1, "swap"),
            Transfer(account(row.wants, row.partner), account(row.wants, row.proposer), 1, "swap"),
        ),
    )


Holding = tuple[str, str, PersonId]


async def _held(tx: Tx, gifts: Sequence[Gift]) -> dict[Holding, int]:
    holdings = sorted({(one.campaign, one.card, one.person) for one in gifts})
    counts = await balances(tx.connection, [card_account(*holding) for holding in holdings])
    return dict(zip(holdings, counts, strict=True))


class Move(NamedTuple):
    """One card that went from one person to another, and why."""

    campaign: str
    card: str
    source: PersonId
    target: PersonId
    cause: str


async def tell_moves(tx: Tx, moves: Sequence[Move]) -> None:
    """Tell both ends of each move how many of the card they hold now."""
    if not moves:
        return
    people = sorted({person for move in moves for person in (move.source, move.target)})
    holdings = sorted(
        {(move.campaign, move.card, person) for move in moves for person in (move.source, move.target)}
    )
    counts = await balances(tx.connection, [card_account(*holding) for holding in holdings])
    held = dict(zip(holdings, counts, strict=True))
    views = await see_people(tx.connection, people)
    for move in moves:
        common = {"campaign": move.campaign, "card": move.card, "cause": move.cause}
        left = held[move.campaign, move.card, move.source]
        came = held[move.campaign, move.card, move.target]
        tx.announce(
            Fact("fortune.card_left", {**common, "held": left, "to": views[move.target]}, (move.source,))
        )
        tx.announce(
            Fact("fortune.card_came", {**common, "held": came, "from": views[move.source]}, (move.target,))
        )
