"""What red packets speak in, and their pure decisions: no await, no clock, no chance."""

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal
from uuid import UUID

import msgspec

from wufu.core.ids import ConversationId, GroupId, MessageId, PacketId, PersonId
from wufu.core.money import CNY, LARGEST_MINOR
from wufu.core.refusals import Refusal
from wufu.ledger import Account, BadAmount, named_group
from wufu.redpacket.refusals import (
    BadPacket,
    BadPacketMessage,
    BadPacketPassword,
    BadSplit,
    NotForYou,
    OverPacketLimit,
    PacketFinished,
    PacketOver,
    QuietHours,
    UnknownPacket,
)
from wufu.redpacket.split import Split, Terms

LONGEST_MESSAGE: Final = 25
LONGEST_PASSWORD: Final = 40
MOST_OF_PEOPLE: Final = 100
"""Packets of up to so many shares are told of opening by opening, to phones and in conversations."""
TOKEN_BYTES: Final = 16
DAY_ZONE: Final = timezone(timedelta(hours=8))
"""Days, years and quiet hours are those of China."""

ESCROW: Final = "escrow"
SENT, OPENED, RETURNED = "packet sent", "packet opened", "packet returned"

Target = Literal["friend", "group", "link"]
State = Literal["open", "finished", "returned"]
Kind = Literal["lucky", "equal", "one", "fission"]

_COVER = re.compile("[a-z]{1,16}")
_TOKEN = re.compile("[A-Za-z0-9_-]{43}")
_HIDDEN = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_HIDDEN_KINDS = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")


# --- Requests and answers -------------------------------------------------------------------------


class SendPacket(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to send a packet of `minor` fen in `shares` shares; `id` is made on the phone.

    `whom`: the friend it is for, or in a group the only member who may open it. `request`: the id of an
    ask that it answers.
    """

    person: PersonId
    id: PacketId
    to: Target
    split: Split
    minor: int
    shares: int
    whom: PersonId | None = None
    conversation: ConversationId | None = None
    message: str = ""
    cover: str = "fu"
    password: str | None = None
    fission: bool = False
    merchant: bool = False
    request: UUID | None = None


class PacketSent(msgspec.Struct, frozen=True):
    """The packet is on its way; the money has left the sender, who had `balance_minor` then."""

    id: PacketId
    balance_minor: int
    ends_at: datetime
    commitment: str | None
    token: str | None
    conversation: ConversationId | None


class OpenPacket(msgspec.Struct, frozen=True, gc=False):
    """A wish to open one share. The packet and the person are its id: there is one opening each."""

    person: PersonId
    packet: PacketId
    token: str | None = None
    password: str | None = None


class Opened(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What somebody got: share number `place` (from 0), `minor` fen. `again`: they had it already."""

    place: int
    minor: int
    opened: int
    shares: int
    state: State
    again: bool = False
    token: str | None = None


class Opening(msgspec.Struct, frozen=True, gc=False):
    """One share, as it was taken."""

    packet: PacketId
    person: PersonId
    place: int
    minor: int


class Limits(msgspec.Struct, frozen=True):
    """The limits in force. Amounts are fen, quiet hours minutes since midnight in China (equal: none)."""

    share_minor: int
    shares: int
    day_minor: int
    merchant_share_minor: int
    merchant_shares: int
    merchant_day_minor: int
    quiet_from: int
    quiet_until: int
    lives_seconds: int
    password_tries: int
    asks_a_day: int


class Packet(msgspec.Struct):
    """A packet as its row stands. The best share so far is kept, so that a million need no search."""

    id: PacketId
    sender: PersonId
    split: Split
    minor: int
    shares: int
    most_minor: int
    message: str
    cover: str
    target: Target
    whom: PersonId | None
    conversation: ConversationId | None
    token: bytes
    password: str | None
    fission: bool
    merchant: bool
    secret: bytes | None
    commitment: bytes | None
    sent_at: datetime
    ends_at: datetime
    opened: int
    left_minor: int
    best_minor: int | None
    best_place: int | None
    best_person: PersonId | None
    state: State
    ended_at: datetime | None
    refund_minor: int

    @property
    def terms(self) -> Terms:
        return Terms(
            str(self.id),
            self.sender,
            self.split,
            self.minor,
            self.shares,
            self.most_minor,
            spell_instant(self.sent_at),
        )

    @property
    def kind(self) -> Kind:
        """What people call it."""
        if self.fission:
            return "fission"
        return "one" if self.shares == 1 else self.split

    @property
    def has_token(self) -> bool:
        """Whether it is opened by whoever has the token."""
        return self.target == "link" or (self.fission and self.opened > 0)

    @property
    def is_told(self) -> bool:
        """Whether each opening is told to phones; in a huge packet the answers are all there is."""
        return self.shares <= MOST_OF_PEOPLE


# --- Names ----------------------------------------------------------------------------------------


def escrow_of(packet: PacketId) -> Account:
    """Where a packet's money lies until it is opened or returned."""
    return Account(f"packet/{packet}", ESCROW, CNY.code)


def sending_group(packet: PacketId) -> GroupId:
    return named_group("packet sent", str(packet))


def opening_series(packet: PacketId) -> tuple[str, ...]:
    """The ledger's groups of a packet's openings, numbered by place: a share is paid once by shape."""
    return ("packet", str(packet))


def returning_group(packet: PacketId) -> GroupId:
    return named_group("packet returned", str(packet))


def card_id(packet: PacketId, conversation: ConversationId) -> MessageId:
    """The message that shows the packet in a conversation; its id follows from both."""
    return MessageId(named_group("packet card", str(packet), str(conversation)))


def token_text(packet: Packet) -> str:
    """What a link carries: the packet's id and 128 secret bits, so that it is found by key."""
    return base64.urlsafe_b64encode(packet.id.bytes + packet.token).decode().rstrip("=")


def packet_of_token(token: str) -> PacketId | None:
    """The packet that a token speaks of, whether or not it is genuine; None when it is no token."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        return PacketId(UUID(bytes=base64.urlsafe_b64decode(token + "=")[:16]))
    except (binascii.Error, ValueError):
        return None


def same_secret(given: str | None, kept: str) -> bool:
    """Compare in a time that does not tell how much of it was right."""
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), kept.encode())


def spell_instant(at: datetime) -> str:
    """An instant in one spelling, to the microsecond, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def content_of(request: SendPacket) -> bytes:
    """What makes two requests with one id the same."""
    return hashlib.sha256(msgspec.json.encode(request)).digest()


# --- Words ----------------------------------------------------------------------------------------


def clean_text(text: str, most: int) -> str | None:
    """A short text in one spelling, or None when it is too long or has characters that cannot be seen."""
    if len(text) > 8 * most:
        return None
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > most or any(
        unicodedata.category(char) in _HIDDEN_KINDS or char in _HIDDEN for char in text
    ):
        return None
    return text


def plain_password(text: str) -> str:
    """A 口令 as it is compared: width, case and outer spaces do not matter."""
    return unicodedata.normalize("NFKC", text[: 8 * LONGEST_PASSWORD]).casefold().strip()


# --- Deciding a sending ---------------------------------------------------------------------------


def refuse_sending(request: SendPacket, limits: Limits) -> Refusal | None:
    """What is wrong with a packet whatever the state of things."""
    return _refuse_shape(request) or _refuse_words(request) or _refuse_amounts(request, limits)


def _refuse_shape(request: SendPacket) -> Refusal | None:
    why = None
    if request.to == "friend":
        if request.whom is None or request.conversation is not None:
            why = "a packet for a friend names the person and no conversation"
        elif request.whom == request.person:
            why = "a packet is for somebody else"
        elif request.shares != 1 and not request.fission:
            why = "a packet for a friend has one share, unless it may be passed on"
        elif request.password is not None:
            why = "a packet for a friend has no password"
    elif request.to == "group":
        if request.conversation is None:
            why = "a packet for a group names its conversation"
        elif request.whom is not None and request.shares != 1:
            why = "a packet for one person has one share"
        elif request.whom == request.person:
            why = "a packet is for somebody else"
    elif request.whom is not None or request.conversation is not None:
        why = "a packet by link names nobody"
    if request.fission and (request.to != "friend" or request.shares < 2):
        why = "a packet to pass on goes to a friend and has two shares or more"
    if request.request is not None and request.to != "friend":
        why = "an ask is answered by a packet for a friend"
    if request.merchant and request.to == "friend":
        why = "a merchant sends to groups and by link"
    return BadPacket(why=why) if why else None


def _refuse_words(request: SendPacket) -> Refusal | None:
    if clean_text(request.message, LONGEST_MESSAGE) is None:
        return BadPacketMessage(most=LONGEST_MESSAGE)
    if not _COVER.fullmatch(request.cover):
        return BadPacket(why="a cover is a word of 1 to 16 small letters")
    if request.password is not None and not (
        clean_text(request.password, LONGEST_PASSWORD) and plain_password(request.password)
    ):
        return BadPacketPassword(most=LONGEST_PASSWORD)
    return None


def most_of_a_share(limits: Limits, *, merchant: bool) -> int:
    return limits.merchant_share_minor if merchant else limits.share_minor


def _refuse_amounts(request: SendPacket, limits: Limits) -> Refusal | None:
    if not 1 <= request.minor < LARGEST_MINOR:
        return BadAmount(minor=request.minor)
    most_shares = limits.merchant_shares if request.merchant else limits.shares
    if request.shares > most_shares:
        return OverPacketLimit(limit="shares", most=most_shares)
    most = most_of_a_share(limits, merchant=request.merchant)
    whole = request.split == "lucky" or request.minor % max(1, request.shares) == 0
    if request.shares < 1 or request.minor < request.shares or not whole:
        return BadSplit(minor=request.minor, shares=request.shares, least_minor=1, most_minor=most)
    if request.minor > request.shares * most:
        return OverPacketLimit(limit="share_minor", most=most)
    return None


def quiet_until(limits: Limits, now: datetime) -> QuietHours | None:
    """The refusal in quiet hours, which may span midnight."""
    local = now.astimezone(DAY_ZONE)
    minute = 60 * local.hour + local.minute
    begin, end = limits.quiet_from, limits.quiet_until
    quiet = begin <= minute < end if begin <= end else minute >= begin or minute < end
    if not quiet:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    until = midnight + timedelta(minutes=end, days=1 if minute >= end else 0)
    return QuietHours(until=until.astimezone(UTC))


# --- Deciding an opening --------------------------------------------------------------------------


def may_see(packet: Packet, person: PersonId, *, linked: bool, member: bool) -> bool:
    """Whether somebody may know of a packet: sender, friend, a member of its group, whoever has its token.

    `linked`: they gave its token; it counts only where tokens do.
    """
    if linked and packet.has_token:
        return True
    return member or person == packet.sender or (packet.target == "friend" and person == packet.whom)


def refuse_opening(packet: Packet, person: PersonId, now: datetime) -> Refusal | None:
    """Why somebody who may see a packet and has not opened it cannot open it, but for its password."""
    if packet.target == "group":
        if packet.whom is not None and packet.whom != person:
            return NotForYou()
    elif person == packet.sender:
        # Their own money would come back before its time.
        return NotForYou()
    elif packet.target == "friend" and person != packet.whom and packet.opened == 0:
        return UnknownPacket()
    if packet.state == "finished":
        return PacketFinished(shares=packet.shares)
    if packet.state == "returned" or now >= packet.ends_at:
        return PacketOver(ended_at=packet.ended_at or packet.ends_at)
    return None


def take(packet: Packet, people: list[PersonId], amounts: list[int], now: datetime) -> list[Opening]:
    """The next shares go to these people, in order; the packet stands as it does afterwards."""
    first, name = packet.opened, packet.id
    openings = [
        Opening(name, person, place, minor)
        for place, (person, minor) in enumerate(zip(people, amounts, strict=True), first)
    ]
    best = max(amounts)
    if packet.best_minor is None or best > packet.best_minor:  # the earliest of equals stays the luckiest
        luckiest = openings[amounts.index(best)]
        packet.best_minor, packet.best_place, packet.best_person = best, luckiest.place, luckiest.person
    packet.opened += len(openings)
    packet.left_minor -= sum(amounts)
    if packet.opened == packet.shares:
        assert packet.left_minor == 0, packet.id
        packet.state, packet.ended_at = "finished", now
    return openings


def has_luckiest(packet: Packet) -> bool:
    """A luckiest is named of a lucky packet of several shares, when all of them are taken."""
    return packet.split == "lucky" and packet.shares > 1 and packet.state == "finished"


def card_of(packet: Packet) -> dict[str, object]:
    """What a conversation shows of a packet at first glance."""
    only = packet.whom if packet.target == "group" else None
    return {
        "packet": str(packet.id),
        "kind": packet.kind,
        "message": packet.message,
        "cover": packet.cover,
        "state": packet.state,
        "sender": packet.sender,
        "only": only,
        "needs_password": packet.password is not None,
        "shares": packet.shares,
        "opened": packet.opened,
    }


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """A year in China, from its first instant to that of the next."""
    return datetime(year, 1, 1, tzinfo=DAY_ZONE), datetime(year + 1, 1, 1, tzinfo=DAY_ZONE)
