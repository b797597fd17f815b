"""How packets are shown and told: cards in conversations, facts on phones."""

from collections.abc import Mapping, Sequence

from wufu.chat import ChangeCard, change_cards
from wufu.core.ids import PacketId, PersonId
from wufu.db import Fact, Tx
from wufu.ledger import balances
from wufu.people import PersonView, see_people
from wufu.redpacket.model import OPENED, Opening, Packet, card_id, card_of, has_luckiest
from wufu.redpacket.store import packets as store
from wufu.wallet import money_of, moved

CARD = "packet"


def spell_person(view: PersonView) -> dict[str, object]:
    return {"person": view.person, "name": view.name, "avatar": view.avatar}


async def change_their_cards(tx: Tx, packets: Sequence[Packet]) -> None:
    """Bring the cards of these packets up to date, wherever they are shown."""
    shown = await store.scopes_of(tx.connection, [packet.id for packet in packets])
    changes = [
        ChangeCard(conversation, card_id(packet.id, conversation), card_of(packet))
        for packet in packets
        for conversation in shown.get(packet.id, ())
    ]
    if changes:
        # A card that was recalled or whose conversation is gone stays so; the packet does not mind.
        await change_cards(tx, changes)


async def tell_openings(tx: Tx, packets: Mapping[PacketId, Packet], openings: Sequence[Opening]) -> None:
    """Facts about openings of packets that are told; call it after the money has moved."""
    told = [one for one in openings if packets[one.packet].is_told]
    if not told:
        return
    openers = sorted({one.person for one in told})
    senders = {packets[one.packet].sender for one in told}
    views = await see_people(tx.connection, {*openers, *senders})
    ends = await balances(tx.connection, [money_of(person) for person in openers])
    left = dict(zip(openers, ends, strict=True))
    facts: list[Fact] = []
    # Walking back from the balances at the end gives those in between.
    for one in reversed(told):
        packet = packets[one.packet]
        body: dict[str, object] = {
            "packet": str(one.packet),
            "person": spell_person(views[one.person]),
            "place": one.place,
            "minor": one.minor,
            "opened": one.place + 1,
            "shares": packet.shares,
            "state": "finished" if one.place + 1 == packet.shares else "open",
        }
        facts.append(Fact("packet.opened", body, _both(packet.sender, one.person)))
        facts.append(moved(one.person, left[one.person], one.minor, OPENED, "", views[packet.sender]))
        left[one.person] -= one.minor
    for fact in reversed(facts):
        tx.announce(fact)


def _both(one: PersonId, other: PersonId) -> tuple[PersonId, ...]:
    return (one,) if one == other else (one, other)


async def tell_finished(tx: Tx, packets: Sequence[Packet]) -> None:
    """Facts about packets that are all taken, to their senders and, when they are told, their openers."""
    views = await see_people(
        tx.connection,
        {packet.best_person for packet in packets if packet.best_person is not None},
    )
    for packet in packets:
        body: dict[str, object] = {
            "packet": str(packet.id),
            "luckiest": spell_luckiest(packet, views),
            "seconds": seconds_of(packet),
        }
        hearers = [packet.sender]
        if packet.is_told:
            openers = await store.openers(tx.connection, packet.id)
            hearers += [person for person in openers if person != packet.sender]
        tx.announce(Fact("packet.finished", body, tuple(hearers)))


def spell_luckiest(packet: Packet, views: Mapping[PersonId, PersonView]) -> dict[str, object] | None:
    """Who got most, the earliest on a tie; None while it is open or where nobody is named."""
    if not has_luckiest(packet) or packet.best_person is None:
        return None
    return {
        "person": spell_person(views[packet.best_person]),
        "minor": packet.best_minor,
        "place": packet.best_place,
    }


def seconds_of(packet: Packet) -> int | None:
    """How long it took until everything was taken."""
    if packet.state != "finished" or packet.ended_at is None:
        return None
    return int((packet.ended_at - packet.sent_at).total_seconds())
