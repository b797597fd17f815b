"""Passing packets on, asking for them (讨红包), and settings.

Whoever asks is always answered the same: asked. Whether the one asked ever heard of it, refused it or does
not want to be asked at all is nowhere in what the asker sees; only a packet that comes is told.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from wufu.chat import SendCard, send_cards
from wufu.core.ids import ConversationId, PacketId, PersonId
from wufu.core.refusals import IdConflict, Refusal, UnknownPerson
from wufu.db import Fact, Tx
from wufu.ledger import BadAmount
from wufu.people import see_people
from wufu.redpacket.model import DAY_ZONE, LONGEST_MESSAGE, Limits, card_id, card_of, clean_text
from wufu.redpacket.refusals import (
    BadPacket,
    BadPacketMessage,
    NotToBeShared,
    TooManyAsksForPackets,
    UnknownAsk,
    UnknownPacket,
)
from wufu.redpacket.store import packets as store
from wufu.redpacket.store import people as people_store
from wufu.redpacket.store.people import Ask
from wufu.redpacket.verbs.telling import CARD, spell_person
from wufu.ties import are_friends, blocked
from wufu.wallet import NotReachable

MOST_SCOPES = 20
"""A packet that is passed on is shown in so many conversations at most."""


class SharePacket(msgspec.Struct, frozen=True):
    """Pass a packet on into one of one's groups."""

    person: PersonId
    packet: PacketId
    conversation: ConversationId


class Shared(msgspec.Struct, frozen=True):
    packet: PacketId
    conversation: ConversationId


class AskPacket(msgspec.Struct, frozen=True):
    """Ask a friend for a packet, perhaps of so many fen."""

    person: PersonId
    id: UUID
    to: PersonId
    minor: int | None = None
    message: str = ""


class Asked(msgspec.Struct, frozen=True):
    id: UUID
    state: str = "asked"


# --- Passing on -----------------------------------------------------------------------------------


async def share_packets(tx: Tx, requests: Sequence[SharePacket]) -> list[Shared | Refusal]:
    """Pass packets on. Refusals: unknown_packet, not_to_be_shared, and those of putting a card into a
    conversation. Doing it again changes nothing.
    """
    packets = await store.lock(tx.connection, {request.packet for request in requests})
    pairs = {(request.person, request.packet) for request in requests if request.packet in packets}
    opened = await store.openings_of(tx.connection, pairs) if pairs else {}
    scopes = await store.scopes_of(tx.connection, list(packets))
    answers: list[Shared | Refusal] = []
    for request in requests:
        packet = packets.get(request.packet)
        shown = scopes.setdefault(request.packet, [])
        if packet is None or (request.person, request.packet) not in opened:
            answers.append(UnknownPacket())
        elif request.conversation in shown:
            answers.append(Shared(request.packet, request.conversation))
        elif (
            not packet.fission
            or packet.state != "open"
            or tx.now >= packet.ends_at
            or len(shown) >= MOST_SCOPES
        ):
            answers.append(NotToBeShared())
        else:
            card = SendCard(
                request.conversation,
                request.person,
                card_id(packet.id, request.conversation),
                CARD,
                card_of(packet),
            )
            (sent,) = await send_cards(tx, [card])
            if isinstance(sent, Refusal):
                answers.append(sent)
                continue
            await store.add_scopes(tx.connection, [(packet.id, request.conversation, request.person)], tx.now)
            shown.append(request.conversation)
            answers.append(Shared(request.packet, request.conversation))
    return answers


# --- Asking ---------------------------------------------------------------------------------------


async def ask_packets(tx: Tx, requests: Sequence[AskPacket]) -> list[Asked | Refusal]:
    """Ask friends for packets. Refusals: id_conflict, bad_packet_message, bad_amount, bad_packet,
    unknown_person, not_reachable (no friend), too_many_packet_asks; never one that tells of a refusal.
    """
    people = await see_people(tx.connection, {one for r in requests for one in (r.person, r.to)})
    both = [r for r in requests if r.person in people and r.to in people]
    locked = {one for r in both for one in (r.person, r.to)}
    days = await people_store.lock_people(tx.connection, locked, tx.now.astimezone(DAY_ZONE).date())
    known = await people_store.asks(tx.connection, [(r.person, r.id) for r in both])
    pairs = {(r.person, r.to) for r in both}
    friends = await are_friends(tx.connection, pairs)
    shut = await blocked(tx.connection, list(pairs))
    limits = await store.limits(tx.connection)
    new: list[Ask] = []
    answers: list[Asked | Refusal] = []
    for request in requests:
        ask = known.get((request.person, request.id))
        if ask is not None:
            answers.append(_same(request, ask))
            continue
        if refusal := _refuse_ask(request, limits):
            answers.append(refusal)
            continue
        unknown = next((one for one in (request.person, request.to) if one not in people), None)
        if unknown is not None:
            answers.append(UnknownPerson(person=unknown))
            continue
        day = days[request.person]
        if (request.person, request.to) not in friends:
            answers.append(NotReachable(person=request.to))
        elif day.asks >= limits.asks_a_day:
            answers.append(TooManyAsksForPackets(most=limits.asks_a_day))
        else:
            day.asks += 1
            heard = days[request.to].allow_asking and (request.person, request.to) not in shut
            message = clean_text(request.message, LONGEST_MESSAGE) or ""
            ask = Ask(
                request.person, request.id, request.to, request.minor, message, tx.now, heard, False, None
            )
            known[request.person, request.id] = ask
            new.append(ask)
            answers.append(Asked(request.id))
            if heard:
                body: dict[str, object] = {
                    "id": str(request.id),
                    "from": spell_person(people[request.person]),
                    "minor": request.minor,
                    "message": message,
                }
                tx.announce(Fact("packet.asked", body, (request.to,)))
    if new:
        await people_store.insert_asks(tx.connection, new)
        await people_store.put_days(tx.connection, days)
    return answers


def _same(request: AskPacket, ask: Ask) -> Asked | Refusal:
    message = clean_text(request.message, LONGEST_MESSAGE)
    if (request.to, request.minor, message) != (ask.asked, ask.minor, ask.message):
        return IdConflict(id=str(request.id))
    return Asked(request.id)


def _refuse_ask(request: AskPacket, limits: Limits) -> Refusal | None:
    if clean_text(request.message, LONGEST_MESSAGE) is None:
        return BadPacketMessage(most=LONGEST_MESSAGE)
    if request.minor is not None and not 1 <= request.minor <= limits.share_minor:
        return BadAmount(minor=request.minor)
    if request.person == request.to:
        return BadPacket(why="a packet is asked of somebody else")
    return None


async def refuse_ask(tx: Tx, person: PersonId, asker: PersonId, ask: UUID) -> None:
    """Put an ask away. The asker is not told and sees no difference. Refusal unknown_ask."""
    found = await people_store.asks(tx.connection, [(asker, ask)])
    mine = found.get((asker, ask))
    if mine is None or mine.asked != person or not mine.heard:
        raise UnknownAsk()
    await people_store.refuse_ask(tx.connection, asker, ask)


# --- Settings -------------------------------------------------------------------------------------


async def allow_asking(tx: Tx, person: PersonId, allow: bool) -> None:
    """Switch being asked for packets on or off."""
    days = await _lock_one(tx, person)
    days[person].allow_asking = allow
    await people_store.put_days(tx.connection, days)


async def set_merchant(tx: Tx, person: PersonId, merchant: bool) -> None:
    """Let somebody send merchant packets, or no more; for the operator. Refusal unknown_person."""
    if person not in await see_people(tx.connection, [person]):
        raise UnknownPerson(person=person)
    days = await _lock_one(tx, person)
    days[person].merchant = merchant
    await people_store.put_days(tx.connection, days)


async def set_packet_limits(tx: Tx, limits: Limits) -> None:
    """Put other limits in force, for what is sent from now on. Refusal bad_packet."""
    values = msgspec.structs.asdict(limits)
    for name, value in values.items():
        most = 24 * 60 if name.startswith("quiet") else 10**15
        least = 0 if name.startswith("quiet") else 1
        if not least <= value <= most:
            raise BadPacket(why=f"{name} is from {least} to {most}")
    if max(limits.shares, limits.merchant_shares) >= 1 << 31:
        raise BadPacket(why="a packet has fewer than 2^31 shares")
    await store.put_limits(tx.connection, values)


async def _lock_one(tx: Tx, person: PersonId) -> dict[PersonId, people_store.Day]:
    return await people_store.lock_people(tx.connection, [person], tx.now.astimezone(DAY_ZONE).date())
