"""Sending: the money leaves the sender, the split is committed to, and a conversation shows the packet.

Order of locks: what the senders do with packets, then the conversations, then the ledger. A wish that is
refused for the state of things (money, limits, friends) is remembered under its id like one that was
granted, so that a late duplicate of it never moves money.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from wufu.chat import SendCard, direct_conversation, see_role, send_cards
from wufu.core.ids import ConversationId, PacketId, PersonId
from wufu.core.refusals import IdConflict, NotAllowed, Refusal, UnknownPerson
from wufu.db import Fact, Tx
from wufu.ledger import Group, NotEnough, Transfer, balances, post
from wufu.people import PersonView, see_people
from wufu.redpacket.model import (
    DAY_ZONE,
    LONGEST_MESSAGE,
    SENT,
    TOKEN_BYTES,
    Limits,
    Packet,
    PacketSent,
    SendPacket,
    card_id,
    card_of,
    clean_text,
    content_of,
    escrow_of,
    most_of_a_share,
    plain_password,
    quiet_until,
    refuse_sending,
    sending_group,
    token_text,
)
from wufu.redpacket.refusals import OverPacketLimit, UnknownAsk
from wufu.redpacket.split import packet_commitment
from wufu.redpacket.store import packets as store
from wufu.redpacket.store import people as people_store
from wufu.redpacket.verbs.telling import CARD, spell_person
from wufu.wallet import NotReachable, money_of, moved

Key = people_store.Key


class _Round(msgspec.Struct):
    """What the decisions of one batch share; days and purses shrink as packets are granted."""

    limits: Limits
    people: Mapping[PersonId, PersonView]
    days: dict[PersonId, people_store.Day]
    purses: dict[PersonId, int]
    asks: Mapping[people_store.AskKey, people_store.Ask]


async def send_packets(tx: Tx, requests: Sequence[SendPacket]) -> list[PacketSent | Refusal]:
    """Send packets; the payment PIN was checked before. The same id and content again has the same answer.

    Refusals: id_conflict, bad_packet, bad_split, bad_amount, bad_packet_message, bad_packet_password,
    unknown_person, not_allowed (no merchant), quiet_hours, over_packet_limit, unknown_ask, not_reachable,
    not_enough, and those of putting a card into a conversation.
    """
    firsts: dict[Key, SendPacket] = {}
    for request in requests:
        firsts.setdefault((request.person, request.id), request)
    answers = await _decide(tx, list(firsts.values())) if firsts else {}
    return [
        answers[request.person, request.id]
        if request == firsts[request.person, request.id]
        else IdConflict(id=str(request.id))
        for request in requests
    ]


async def _decide(tx: Tx, requests: Sequence[SendPacket]) -> dict[Key, PacketSent | Refusal]:
    """Decide wishes with different ids, in order."""
    now = await _open_round(tx, requests)
    earlier = await people_store.sendings(tx.connection, [(r.person, r.id) for r in requests])
    existing = await store.read(tx.connection, {request.id for request in requests})
    answers: dict[Key, PacketSent | Refusal] = {}
    refused: list[tuple[SendPacket, Refusal]] = []
    granted: dict[PacketId, tuple[SendPacket, Packet]] = {}
    for request in requests:
        key = (request.person, request.id)
        if key in earlier:
            answers[key] = _again(request, earlier[key], existing.get(request.id))
        elif request.id in existing or request.id in granted:
            answers[key] = IdConflict(id=str(request.id))
        elif refusal := refuse_sending(request, now.limits) or _stranger(request, now):
            answers[key] = refusal
        else:
            try:
                conversation = await _allow(tx, request, now)
            except Refusal as refusal:
                answers[key] = refusal
                refused.append((request, refusal))
                continue
            now.days[request.person].sent_minor += request.minor
            now.purses[request.person] -= request.minor
            granted[request.id] = (request, _make(tx, request, conversation, now.limits))
    refused += await _show(tx, now, granted)
    answers.update({(request.person, request.id): refusal for request, refusal in refused})
    sent = await _pay(tx, now, list(granted.values()))
    answers.update({(request.person, request.id): answer for request, answer in sent})
    kept = [(request, answer.balance_minor) for request, answer in sent]
    if kept or refused:
        await people_store.insert_sendings(tx.connection, [*kept, *refused], tx.now)
        await people_store.put_days(tx.connection, now.days)
    return answers


async def _open_round(tx: Tx, requests: Sequence[SendPacket]) -> _Round:
    named = {one for r in requests for one in (r.person, r.whom) if one is not None}
    people = await see_people(tx.connection, named)
    askers = {r.whom for r in requests if r.request is not None and r.whom is not None}
    locked = {one for one in ({r.person for r in requests} | askers) if one in people}
    days = await people_store.lock_people(tx.connection, locked, tx.now.astimezone(DAY_ZONE).date())
    senders = sorted({request.person for request in requests})
    purses = await balances(tx.connection, [money_of(person) for person in senders])
    asks = await people_store.asks(
        tx.connection,
        [(r.whom, r.request) for r in requests if r.request is not None and r.whom is not None],
    )
    limits = await store.limits(tx.connection)
    return _Round(limits, people, days, dict(zip(senders, purses, strict=True)), asks)


def _again(request: SendPacket, before: people_store.Sending, packet: Packet | None) -> PacketSent | Refusal:
    if before.content != content_of(request):
        return IdConflict(id=str(request.id))
    if before.refusal is not None:
        return before.refusal
    assert packet is not None
    assert before.balance_minor is not None
    return _answer(packet, before.balance_minor)


def _answer(packet: Packet, balance_minor: int) -> PacketSent:
    return PacketSent(
        packet.id,
        balance_minor,
        packet.ends_at,
        packet.commitment.hex() if packet.commitment else None,
        token_text(packet) if packet.target == "link" else None,
        packet.conversation,
    )


def _stranger(request: SendPacket, now: _Round) -> Refusal | None:
    for one in (request.person, request.whom):
        if one is not None and one not in now.people:
            return UnknownPerson(person=one)
    return None


async def _allow(tx: Tx, request: SendPacket, now: _Round) -> ConversationId | None:
    """The conversation that will show the packet; raises the refusal of what the state of things forbids."""
    day, limits = now.days[request.person], now.limits
    if request.merchant:
        if not day.merchant:
            raise NotAllowed(missing="merchant")
        if quiet := quiet_until(limits, tx.now):
            raise quiet
    most = limits.merchant_day_minor if request.merchant else limits.day_minor
    if day.sent_minor + request.minor > most:
        left = max(0, most - day.sent_minor)
        raise OverPacketLimit(limit="day_minor", most=most, left_minor=left)
    if request.request is not None:
        ask = now.asks.get((request.whom or request.person, request.request))
        if ask is None or ask.asked != request.person or not ask.heard:
            raise UnknownAsk()
    purse = now.purses[request.person]
    if purse < request.minor:
        raise NotEnough(
            holder=money_of(request.person).holder,
            purpose="money",
            asset="CNY",
            minor=request.minor,
            balance_minor=purse,
        )
    if request.to == "friend":
        assert request.whom is not None
        return await direct_conversation(tx, request.person, request.whom)
    conversation = request.conversation
    if (
        conversation is not None
        and request.whom is not None
        and await see_role(tx.connection, conversation, request.whom) is None
    ):
        raise NotReachable(person=request.whom)
    return conversation


def _make(tx: Tx, request: SendPacket, conversation: ConversationId | None, limits: Limits) -> Packet:
    name = f"packet/{request.id}"
    packet = Packet(
        id=request.id,
        sender=request.person,
        split=request.split,
        minor=request.minor,
        shares=request.shares,
        most_minor=most_of_a_share(limits, merchant=request.merchant),
        message=clean_text(request.message, LONGEST_MESSAGE) or "",
        cover=request.cover,
        target=request.to,
        whom=request.whom,
        conversation=conversation,
        token=tx.chance.secret(f"{name}/token", TOKEN_BYTES),
        password=plain_password(request.password) if request.password is not None else None,
        fission=request.fission,
        merchant=request.merchant,
        secret=tx.chance.secret(f"{name}/secret") if request.split == "lucky" else None,
        commitment=None,
        sent_at=tx.now,
        ends_at=tx.now + timedelta(seconds=limits.lives_seconds),
        opened=0,
        left_minor=request.minor,
        best_minor=None,
        best_place=None,
        best_person=None,
        state="open",
        ended_at=None,
        refund_minor=0,
    )
    if packet.secret is not None:
        packet.commitment = packet_commitment(packet.secret, packet.terms)
    return packet


async def _show(
    tx: Tx, now: _Round, granted: dict[PacketId, tuple[SendPacket, Packet]]
) -> list[tuple[SendPacket, Refusal]]:
    """Put cards into conversations. What a conversation refuses is taken out of `granted` again."""
    cards = [
        SendCard(
            packet.conversation, packet.sender, card_id(packet.id, packet.conversation), CARD, card_of(packet)
        )
        for _, packet in granted.values()
        if packet.conversation is not None
    ]
    shown = [packet.id for _, packet in granted.values() if packet.conversation is not None]
    refused = []
    for name, answer in zip(shown, await send_cards(tx, cards) if cards else [], strict=True):
        if isinstance(answer, Refusal):
            request, _ = granted.pop(name)
            now.days[request.person].sent_minor -= request.minor
            now.purses[request.person] += request.minor
            refused.append((request, answer))
    return refused


async def _pay(
    tx: Tx, now: _Round, granted: Sequence[tuple[SendPacket, Packet]]
) -> list[tuple[SendPacket, PacketSent]]:
    """Move the money into escrow, write the packets, tell both sides."""
    if not granted:
        return []
    groups = [
        Group(
            sending_group(packet.id),
            (Transfer(money_of(packet.sender), escrow_of(packet.id), packet.minor, SENT),),
        )
        for _, packet in granted
    ]
    for posted in await post(tx, groups):
        if isinstance(posted, Refusal):
            # The purse was looked into without its lock. The card is in the conversation already, so the
            # whole transaction is undone; the edge finds out whose it was and gives them this answer.
            raise posted
    await store.insert(tx.connection, [packet for _, packet in granted])
    scopes = [
        (packet.id, packet.conversation, packet.sender)
        for _, packet in granted
        if packet.conversation is not None
    ]
    if scopes:
        await store.add_scopes(tx.connection, scopes, tx.now)
    senders = sorted({packet.sender for _, packet in granted})
    ends = await balances(tx.connection, [money_of(person) for person in senders])
    left = dict(zip(senders, ends, strict=True))
    sent: list[tuple[SendPacket, PacketSent]] = []
    facts: list[Fact] = []
    for request, packet in reversed(granted):
        sent.append((request, _answer(packet, left[packet.sender])))
        facts += _facts(packet, request, now.people)
        facts.append(moved(packet.sender, left[packet.sender], -packet.minor, SENT))
        left[packet.sender] += packet.minor
    for fact in reversed(facts):
        tx.announce(fact)
    for request, packet in granted:
        if request.request is not None and request.whom is not None:
            await people_store.answer_ask(tx.connection, request.whom, request.request, packet.id)
    return sent[::-1]


def _facts(packet: Packet, request: SendPacket, people: Mapping[PersonId, PersonView]) -> list[Fact]:
    if packet.whom is None:
        return []
    sender = spell_person(people[packet.sender])
    body: dict[str, object] = {
        "packet": str(packet.id),
        "from": sender,
        "conversation": str(packet.conversation),
        "message": packet.message,
        "cover": packet.cover,
    }
    facts = [Fact("packet.came", body, (packet.whom,))]
    if request.request is not None:
        answer: dict[str, object] = {"id": str(request.request), "packet": str(packet.id), "from": sender}
        facts.append(Fact("packet.answered", answer, (packet.whom,)))
    return facts
