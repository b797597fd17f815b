"""Opening: the hot verb. A batch of wishes, one lock a packet, one call of the ledger.

In order: lock the packets, see who of these people opened before and who may open at all, decide each wish,
split off as many shares as were granted (one call of the cipher a packet), change the cards, move the money,
write the openings. The same wish again is answered as before: packet and person are its id.

What a huge packet costs does not depend on how huge it is: what is left, how many are open and the luckiest
so far stand in its row, and a share is found by its number in the keystream.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from wufu.chat import members_of
from wufu.core.ids import PacketId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx
from wufu.ledger import Payout, pay_out
from wufu.redpacket.model import (
    OPENED,
    Limits,
    Opened,
    Opening,
    OpenPacket,
    Packet,
    escrow_of,
    may_see,
    opening_series,
    plain_password,
    refuse_opening,
    same_secret,
    take,
    token_text,
)
from wufu.redpacket.refusals import (
    PacketFinished,
    PacketPasswordNeeded,
    PacketTriesUsed,
    UnknownPacket,
    WrongPacketPassword,
)
from wufu.redpacket.split import lucky_shares, packet_key
from wufu.redpacket.store import packets as store
from wufu.redpacket.verbs.telling import change_their_cards, tell_finished, tell_openings
from wufu.wallet import money_of

Pair = store.Pair


class _Desk(msgspec.Struct):
    """One packet of a batch: found once for each wish, since hashing an id costs as much as deciding."""

    packet: Packet
    token: str
    members: AbstractSet[PersonId]
    found: dict[PersonId, Opening] = msgspec.field(default_factory=dict)
    queue: list[PersonId] = msgspec.field(default_factory=list)
    waiting: set[PersonId] = msgspec.field(default_factory=set)
    tokens: dict[str | None, bool] = msgspec.field(default_factory=dict)

    def is_linked(self, token: str | None) -> bool:
        """Whether it is the packet's token; many say the same one, and it is compared once."""
        found = self.tokens.get(token)
        if found is None:
            found = self.tokens[token] = same_secret(token, self.token)
        return found


async def open_packets(tx: Tx, requests: Sequence[OpenPacket]) -> list[Opened | Refusal]:
    """Open one share for each; answers in order. Refusals: unknown_packet, not_for_you, packet_finished,
    packet_over, packet_password_needed, wrong_packet_password, packet_tries_used.
    """
    packets = await store.lock(tx.connection, {request.packet for request in requests})
    members = await _members(tx, packets)
    desks = {
        name: _Desk(packet, token_text(packet), members.get(name, frozenset()))
        for name, packet in packets.items()
    }
    places = [desks.get(request.packet) for request in requests]
    pairs = [
        (request.person, desk.packet.id)
        for request, desk in zip(requests, places, strict=True)
        if desk is not None
    ]
    if pairs:
        for (person, name), opening in (await store.openings_of(tx.connection, pairs)).items():
            desks[name].found[person] = opening
    passwords = await _Passwords.of(tx, packets, pairs)
    answers: list[Opened | Refusal | None] = [None] * len(requests)
    first: list[bool] = [False] * len(requests)
    for place, (request, desk) in enumerate(zip(requests, places, strict=True)):
        if desk is None:
            answers[place] = UnknownPacket()
        elif request.person not in desk.found and request.person not in desk.waiting:
            refusal = _refuse(tx, desk, request) or passwords.refuse(desk.packet, request)
            if refusal is not None:
                answers[place] = refusal
                continue
            desk.queue.append(request.person)
            desk.waiting.add(request.person)
            first[place] = True
    await passwords.keep(tx)
    await _take(tx, desks)
    for place, (request, desk) in enumerate(zip(requests, places, strict=True)):
        if desk is not None and answers[place] is None:
            answers[place] = _answer(desk, desk.found[request.person], fresh=first[place])
    return [answer for answer in answers if answer is not None]


def _refuse(tx: Tx, desk: _Desk, request: OpenPacket) -> Refusal | None:
    packet = desk.packet
    linked = desk.is_linked(request.token)
    if not may_see(packet, request.person, linked=linked, member=request.person in desk.members):
        return UnknownPacket()
    if refusal := refuse_opening(packet, request.person, tx.now):
        return refusal
    if packet.opened + len(desk.queue) == packet.shares:
        return PacketFinished(shares=packet.shares)
    return None


def _answer(desk: _Desk, opening: Opening, *, fresh: bool) -> Opened:
    packet = desk.packet
    last = opening.place + 1 == packet.shares
    return Opened(
        opening.place,
        opening.minor,
        opening.place + 1 if fresh else packet.opened,
        packet.shares,
        ("finished" if last else "open") if fresh else packet.state,
        again=not fresh,
        token=desk.token if packet.fission else None,
    )


async def _members(tx: Tx, packets: Mapping[PacketId, Packet]) -> dict[PacketId, set[PersonId]]:
    """Who may open a packet for being in a conversation that shows it."""
    shown = [
        packet.id
        for packet in packets.values()
        if packet.target == "group" or (packet.fission and packet.opened)
    ]
    if not shown:
        return {}
    scopes = await store.scopes_of(tx.connection, shown)
    rooms = {room for rooms in scopes.values() for room in rooms}
    people = {room: await members_of(tx.connection, room) for room in sorted(rooms)}
    return {packet: {person for room in rooms for person in people[room]} for packet, rooms in scopes.items()}


async def _take(tx: Tx, desks: Mapping[PacketId, _Desk]) -> None:
    """Give the next shares of each packet to those who queue for it, and move the money."""
    openings: list[Opening] = []
    changed: list[Packet] = []
    shown: list[Packet] = []
    payouts: list[Payout] = []
    for desk in desks.values():
        if not desk.queue:
            continue
        packet, people = desk.packet, desk.queue
        before = packet.opened
        taken = take(packet, people, _amounts(packet, len(people)), tx.now)
        desk.found.update(zip(people, taken, strict=True))
        changed.append(packet)
        openings += taken
        if packet.target != "link" and (before == 0 or packet.state != "open"):
            shown.append(packet)
        payouts.append(_payout(packet, taken))
    if not openings:
        return
    if shown:
        await change_their_cards(tx, shown)
    # It raises when an opener's account is closed: the money is there. The places of everybody behind them
    # depend on it, so the edge halves the batch until the one is alone with the answer.
    await pay_out(tx, payouts)
    await store.append(tx.connection, openings, tx.now)
    await store.change(tx.connection, changed)
    await tell_openings(tx, {packet.id: packet for packet in changed}, openings)
    finished = [packet for packet in changed if packet.state == "finished"]
    if finished:
        await tell_finished(tx, finished)


def _amounts(packet: Packet, count: int) -> list[int]:
    if packet.secret is None:
        return [packet.minor // packet.shares] * count
    terms = packet.terms
    return lucky_shares(packet_key(packet.secret, terms), terms, packet.opened, packet.left_minor, count)


def _payout(packet: Packet, openings: Sequence[Opening]) -> Payout:
    return Payout(
        source=escrow_of(packet.id),
        series=opening_series(packet.id),
        first=openings[0].place,
        targets=[money_of(one.person) for one in openings],
        minors=[one.minor for one in openings],
        reason=OPENED,
    )


class _Passwords:
    """The 口令 of a batch: compared in constant time, wrong ones counted by person."""

    def __init__(self, limits: Limits | None, tries: dict[Pair, int]) -> None:
        self._limits = limits
        self._tries = tries
        self._wrong: set[Pair] = set()

    @classmethod
    async def of(cls, tx: Tx, packets: Mapping[PacketId, Packet], pairs: Iterable[Pair]) -> "_Passwords":
        asked = [pair for pair in pairs if packets[pair[1]].password is not None]
        if not asked:
            return cls(None, {})
        return cls(await store.limits(tx.connection), await store.tries(tx.connection, asked))

    def refuse(self, packet: Packet, request: OpenPacket) -> Refusal | None:
        if packet.password is None:
            return None
        assert self._limits is not None
        pair = (request.person, packet.id)
        most, made = self._limits.password_tries, self._tries.get(pair, 0)
        if made >= most:
            return PacketTriesUsed()
        given = plain_password(request.password or "")
        if not given:
            return PacketPasswordNeeded()
        if same_secret(given, packet.password):
            return None
        self._tries[pair] = made + 1
        self._wrong.add(pair)
        return WrongPacketPassword(tries_left=most - made - 1)

    async def keep(self, tx: Tx) -> None:
        if self._wrong:
            await store.put_tries(tx.connection, {pair: self._tries[pair] for pair in self._wrong})
