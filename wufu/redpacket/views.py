"""What people may see of packets: one packet, their history, their asks and settings."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from wufu.chat import see_role
from wufu.core.ids import ConversationId, PacketId, PersonId
from wufu.db import Connection
from wufu.people import PersonView, see_people
from wufu.redpacket.model import (
    DAY_ZONE,
    Kind,
    Packet,
    State,
    Target,
    has_luckiest,
    may_see,
    packet_of_token,
    refuse_opening,
    same_secret,
    token_text,
    year_bounds,
)
from wufu.redpacket.proof import PacketProof, prove
from wufu.redpacket.refusals import PacketNotEnded, UnknownPacket
from wufu.redpacket.split import Split
from wufu.redpacket.store import packets as store
from wufu.redpacket.store import people as people_store
from wufu.redpacket.verbs.telling import seconds_of

PAGE = 100
HISTORY_PAGE = 50
MOST_ASKS = 100
BEYOND = 1 << 31
FIRST_YEAR, LAST_YEAR = 2000, 2999
Side = Literal["sent", "received"]


class OpeningView(msgspec.Struct, frozen=True):
    place: int
    person: PersonView
    minor: int
    at: datetime
    luckiest: bool


class MyOpening(msgspec.Struct, frozen=True):
    place: int
    minor: int
    at: datetime
    luckiest: bool


class Luckiest(msgspec.Struct, frozen=True):
    person: PersonView
    minor: int
    place: int


class PacketView(msgspec.Struct, frozen=True, kw_only=True):
    """A packet as somebody may see it; what is None in the second half is not for them yet."""

    id: PacketId
    from_: PersonView = msgspec.field(name="from")
    to: Target
    only: PersonView | None
    conversation: ConversationId | None
    split: Split
    kind: Kind
    message: str
    cover: str
    merchant: bool
    needs_password: bool
    shares: int
    state: State
    sent_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    commitment: str | None
    can_open: bool
    why: str | None
    mine: MyOpening | None
    minor: int | None = None
    opened: int | None = None
    left_minor: int | None = None
    openings: list[OpeningView] | None = None
    next: int | None = None
    luckiest: Luckiest | None = None
    seconds: int | None = None
    refund_minor: int | None = None
    token: str | None = None
    password: str | None = None
    proof: bool = False


async def see_packet(
    connection: Connection,
    person: PersonId,
    packet: PacketId,
    now: datetime,
    *,
    token: str | None = None,
    below: int = BEYOND,
) -> PacketView:
    """A packet, with a page of its openings numbered below `below`. Refusal unknown_packet."""
    found, member = await _see(connection, person, packet, token)
    mine = await store.opening_of(connection, person, packet)
    refusal = None if mine else refuse_opening(found, person, now)
    ended = found.state != "open"
    whole = mine is not None or person == found.sender or (member and ended)
    page = await store.openings_below(connection, packet, min(below, BEYOND - 1), PAGE) if whole else []
    named = {found.sender, *(one.person for one, _ in page)}
    named |= {one for one in (found.whom, found.best_person) if one is not None}
    people = await see_people(connection, named)
    best = found.best_place if has_luckiest(found) else None
    view = PacketView(
        id=found.id,
        from_=people[found.sender],
        to=found.target,
        only=people[found.whom] if found.whom is not None else None,
        conversation=found.conversation,
        split=found.split,
        kind=found.kind,
        message=found.message,
        cover=found.cover,
        merchant=found.merchant,
        needs_password=found.password is not None,
        shares=found.shares,
        state=found.state,
        sent_at=found.sent_at,
        ends_at=found.ends_at,
        ended_at=found.ended_at,
        commitment=found.commitment.hex() if found.commitment else None,
        can_open=mine is None and refusal is None,
        why=refusal.code if refusal else None,
        mine=MyOpening(mine[0].place, mine[0].minor, mine[1], mine[0].place == best) if mine else None,
        proof=ended,
    )
    if not whole:
        return view
    best_person = found.best_person if best is not None else None
    return msgspec.structs.replace(
        view,
        minor=found.minor,
        opened=found.opened,
        left_minor=found.left_minor if found.state == "open" else 0,
        openings=[
            OpeningView(one.place, people[one.person], one.minor, at, one.place == best) for one, at in page
        ],
        next=page[-1][0].place if page and page[-1][0].place > 0 else None,
        luckiest=Luckiest(people[best_person], found.best_minor or 0, best or 0)
        if best_person is not None
        else None,
        seconds=seconds_of(found),
        refund_minor=found.refund_minor,
        token=token_text(found) if _may_pass_on(found, person, opened=mine is not None) else None,
        password=found.password if person == found.sender else None,
    )


def _may_pass_on(packet: Packet, person: PersonId, *, opened: bool) -> bool:
    if packet.target == "link":
        return person == packet.sender or opened
    return packet.fission and opened


async def see_packet_by_token(
    connection: Connection, person: PersonId, token: str, now: datetime, *, below: int = BEYOND
) -> PacketView:
    """The packet behind a link. Refusal unknown_packet."""
    packet = packet_of_token(token)
    if packet is None:
        raise UnknownPacket()
    return await see_packet(connection, person, packet, now, token=token, below=below)


async def see_packet_proof(
    connection: Connection, person: PersonId, packet: PacketId, *, token: str | None = None
) -> PacketProof:
    """The proof of a packet that has ended. Refusals unknown_packet, packet_not_ended."""
    found, _ = await _see(connection, person, packet, token)
    if found.state == "open":
        raise PacketNotEnded(ends_at=found.ends_at)
    return prove(found, await store.all_openings(connection, packet))


async def _see(
    connection: Connection, person: PersonId, packet: PacketId, token: str | None
) -> tuple[Packet, bool]:
    """A packet that this person may see, and whether they are in a conversation that shows it."""
    found = (await store.read(connection, [packet])).get(packet)
    if found is None:
        raise UnknownPacket()
    member = False
    for room in (await store.scopes_of(connection, [packet])).get(packet, ()):
        member = member or await see_role(connection, room, person) is not None
    linked = same_secret(token, token_text(found))
    # Somebody who opened it and then left the group, or whose link was lost, keeps what they got.
    if may_see(found, person, linked=linked, member=member) or await store.opening_of(
        connection, person, packet
    ):
        return found, member
    raise UnknownPacket()


# --- History --------------------------------------------------------------------------------------


class SentLine(msgspec.Struct, frozen=True):
    id: PacketId
    to: Target
    kind: Kind
    minor: int
    shares: int
    opened: int
    state: State
    refund_minor: int
    sent_at: datetime
    message: str


class ReceivedLine(msgspec.Struct, frozen=True):
    id: PacketId
    from_: PersonView = msgspec.field(name="from")
    kind: Kind
    minor: int
    luckiest: bool
    at: datetime
    message: str


class History(msgspec.Struct, frozen=True):
    """A page of a year's packets, and what the whole year adds up to; what came back was not sent."""

    side: Side
    year: int
    years: list[int]
    total_minor: int
    count: int
    luckiest: int
    entries: list[SentLine] | list[ReceivedLine]
    next: str | None


async def see_history(
    connection: Connection, person: PersonId, side: Side, year: int | None, before: str | None, now: datetime
) -> History:
    """A page of what somebody sent or received in a year of China, the newest first."""
    year = min(max(now.astimezone(DAY_ZONE).year if year is None else year, FIRST_YEAR), LAST_YEAR)
    span = year_bounds(year)
    cursor = read_cursor(before) or (span[1], UUID(int=(1 << 128) - 1))
    entries: list[SentLine] | list[ReceivedLine]
    if side == "sent":
        totals = await people_store.total_sent(connection, person, span)
        sent = await people_store.sent(connection, person, span, cursor, HISTORY_PAGE)
        entries = [
            SentLine(
                one.id,
                one.target,
                _kind(one),
                one.minor,
                one.shares,
                one.opened,
                one.state,
                one.refund_minor,
                one.at,
                one.message,
            )
            for one in sent
        ]
        last = (sent[-1].at, sent[-1].id) if len(sent) == HISTORY_PAGE else None
    else:
        totals = await people_store.total_received(connection, person, span)
        received = await people_store.received(connection, person, span, cursor, HISTORY_PAGE)
        people = await see_people(connection, {one.sender for one in received})
        entries = [
            ReceivedLine(one.id, people[one.sender], _kind(one), one.minor, one.luckiest, one.at, one.message)
            for one in received
        ]
        last = (received[-1].at, received[-1].id) if len(received) == HISTORY_PAGE else None
    return History(
        side,
        year,
        await people_store.years(connection, person),
        totals.total_minor,
        totals.count,
        totals.luckiest,
        entries,
        spell_cursor(*last) if last else None,
    )


def _kind(entry: people_store.SentEntry | people_store.ReceivedEntry) -> Kind:
    if entry.fission:
        return "fission"
    return "one" if entry.shares == 1 else entry.split


_EPOCH = datetime(1970, 1, 1, tzinfo=DAY_ZONE)
_MICROSECOND = timedelta(microseconds=1)
_MOST_MICROSECONDS = 32_000_000_000_000_000  # the year 2984


def spell_cursor(at: datetime, id_: UUID) -> str:
    return f"{(at - _EPOCH) // _MICROSECOND}.{id_}"


def read_cursor(text: str | None) -> tuple[datetime, UUID] | None:
    """Where a page ended, or None when it is no such place."""
    number, dot, id_ = (text or "").partition(".")
    if not (dot and number.isascii() and number.isdecimal() and len(number) < 18):
        return None
    if int(number) > _MOST_MICROSECONDS:
        return None
    try:
        return _EPOCH + int(number) * _MICROSECOND, UUID(id_)
    except ValueError:
        return None


# --- Asks and settings ----------------------------------------------------------------------------


class AskView(msgspec.Struct, frozen=True):
    id: UUID
    from_: PersonView = msgspec.field(name="from")
    minor: int | None
    message: str
    at: datetime


class MyAsk(msgspec.Struct, frozen=True):
    """An ask as its asker sees it: a refused, an unheard and an unanswered one look alike."""

    id: UUID
    to: PersonView
    minor: int | None
    message: str
    at: datetime
    state: Literal["asked", "answered"]
    packet: PacketId | None


class Asks(msgspec.Struct, frozen=True):
    asks: list[AskView]
    mine: list[MyAsk]


async def see_asks(connection: Connection, person: PersonId) -> Asks:
    """What one is asked for, and what one asked for."""
    to_me = await people_store.asks_to(connection, person, MOST_ASKS)
    by_me = await people_store.asks_by(connection, person, MOST_ASKS)
    people = await see_people(connection, {*(one.asker for one in to_me), *(one.asked for one in by_me)})
    return Asks(
        [AskView(one.id, people[one.asker], one.minor, one.message, one.at) for one in to_me],
        [
            MyAsk(
                one.id,
                people[one.asked],
                one.minor,
                one.message,
                one.at,
                "answered" if one.packet else "asked",
                one.packet,
            )
            for one in by_me
        ],
    )


async def see_packet_settings(connection: Connection, person: PersonId, now: datetime) -> dict[str, object]:
    """One's switch, the limits that hold for one, and whether one may send as a merchant."""
    day = await people_store.read_person(connection, person, now.astimezone(DAY_ZONE).date())
    limits = await store.limits(connection)
    shown = {
        "share_minor": limits.share_minor,
        "shares": limits.shares,
        "day_minor": limits.day_minor,
        "day_left_minor": max(0, limits.day_minor - day.sent_minor),
        "lives_seconds": limits.lives_seconds,
    }
    if day.merchant:
        shown |= {
            "merchant_share_minor": limits.merchant_share_minor,
            "merchant_shares": limits.merchant_shares,
            "merchant_day_minor": limits.merchant_day_minor,
            "quiet_from": limits.quiet_from,
            "quiet_until": limits.quiet_until,
        }
    return {"allow_asking": day.allow_asking, "merchant": day.merchant, "limits": shown}
