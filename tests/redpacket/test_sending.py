"""Sending: money into escrow, limits, words, who may be sent to, and the same answer again."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.redpacket.acts import Packets
from tests.world import an_id
from wufu.chat import NoSuchConversation, NotFriends
from wufu.core.ids import PacketId, PersonId
from wufu.core.refusals import IdConflict, NotAllowed, Refusal, UnknownPerson
from wufu.ledger import BadAmount, NotEnough
from wufu.redpacket import (
    PacketSent,
    QuietHours,
    SendPacket,
    packet_commitment,
    send_packets,
    set_merchant,
)
from wufu.redpacket.refusals import (
    BadPacket,
    BadPacketMessage,
    BadPacketPassword,
    BadSplit,
    OverPacketLimit,
)
from wufu.redpacket.store import packets as store
from wufu.wallet import NotReachable

HUGE = (1 << 63) - 1


async def test_the_money_lies_in_an_escrow_of_the_packets_own(packets: Packets) -> None:
    (li,) = await packets.people(1)
    sent = await packets.send(li, minor=1_000, shares=5)
    assert sent.balance_minor == 99_000 == await packets.money(li)
    assert await packets.escrow(sent.id) == 1_000
    assert sent.token is not None
    assert sent.ends_at == packets.world.clock() + timedelta(days=1)


async def test_a_lucky_split_is_committed_to_at_sending(packets: Packets) -> None:
    (li,) = await packets.people(1)
    sent = await packets.send(li)
    async with packets.world.database.read() as connection:
        kept = (await store.read(connection, [sent.id]))[sent.id]
    assert kept.secret is not None
    assert sent.commitment == packet_commitment(kept.secret, kept.terms).hex()
    assert (await packets.view(li, sent.id)).commitment == sent.commitment


async def test_an_equal_packet_has_nothing_to_commit_to(packets: Packets) -> None:
    (li,) = await packets.people(1)
    assert (await packets.send(li, split="equal")).commitment is None


async def test_the_same_wish_again_has_the_same_answer_and_moves_nothing(packets: Packets) -> None:
    (li,) = await packets.people(1)
    first = await packets.send(li)
    await packets.send(li, "another")
    assert await packets.send(li) == first
    assert await packets.money(li) == 98_000


async def test_the_same_wish_twice_in_one_batch_is_one_packet(packets: Packets) -> None:
    (li,) = await packets.people(1)
    wish = SendPacket(person=li, id=PacketId(an_id("p")), to="link", split="lucky", minor=10, shares=2)
    one, other = await packets.world.ask(send_packets, wish, wish)
    assert one == other
    assert await packets.money(li) == 100_000 - 10


async def test_an_id_means_one_content(packets: Packets) -> None:
    (li,) = await packets.people(1)
    await packets.send(li, minor=1_000)
    assert isinstance(await packets.try_send(li, minor=1_001), IdConflict)
    assert await packets.money(li) == 99_000


async def test_an_id_that_somebody_else_used_is_taken(packets: Packets) -> None:
    li, mei = await packets.people(2)
    await packets.send(li)
    assert isinstance(await packets.try_send(mei), IdConflict)
    assert await packets.money(mei) == 100_000


async def test_a_refused_wish_stays_refused_when_money_has_come(packets: Packets) -> None:
    """A late duplicate of a wish that was refused must not surprise anybody."""
    (li,) = await packets.people(1, minor=500)
    refused = await packets.try_send(li, minor=1_000)
    assert isinstance(refused, NotEnough)
    await packets.fund(li, 10_000)
    assert await packets.try_send(li, minor=1_000) == refused
    assert await packets.money(li) == 10_500
    assert isinstance(await packets.try_send(li, "again", minor=1_000), PacketSent)


async def test_a_batch_cannot_send_more_than_the_purse_holds(packets: Packets) -> None:
    (li,) = await packets.people(1, minor=1_500)
    wishes = [
        SendPacket(person=li, id=PacketId(an_id(name)), to="link", split="lucky", minor=1_000, shares=2)
        for name in "ab"
    ]
    first, second = await packets.world.ask(send_packets, *wishes)
    assert isinstance(first, PacketSent)
    assert isinstance(second, NotEnough)


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"minor": 0}, BadAmount),
        ({"minor": -5}, BadAmount),
        ({"minor": HUGE}, BadAmount),
        ({"minor": 4}, BadSplit),
        ({"shares": 0}, BadSplit),
        ({"shares": -1}, BadSplit),
        ({"shares": -HUGE}, BadSplit),
        ({"shares": 101}, OverPacketLimit),
        ({"shares": HUGE}, OverPacketLimit),
        ({"minor": 5 * 20_000 + 1}, OverPacketLimit),
        ({"split": "equal", "minor": 1_001}, BadSplit),
        ({"split": "equal", "shares": 0}, BadSplit),
        ({"message": "福" * 26}, BadPacketMessage),
        ({"message": "a\u202eb"}, BadPacketMessage),
        ({"message": "a\nb"}, BadPacketMessage),
        ({"message": "福" * 10_000}, BadPacketMessage),
        ({"cover": ""}, BadPacket),
        ({"cover": "../x"}, BadPacket),
        ({"cover": "a" * 17}, BadPacket),
        ({"password": ""}, BadPacketPassword),
        ({"password": "  "}, BadPacketPassword),
        ({"password": "x" * 41}, BadPacketPassword),
        ({"whom": 2}, BadPacket),
        ({"conversation": an_id("room")}, BadPacket),
        ({"fission": True}, BadPacket),
        ({"request": an_id("ask")}, BadPacket),
        ({"to": "friend"}, BadPacket),
        ({"to": "friend", "whom": 1, "shares": 1}, BadPacket),
        ({"to": "friend", "whom": 2, "shares": 2}, BadPacket),
        ({"to": "friend", "whom": 2, "shares": 1, "password": "芝麻"}, BadPacket),
        ({"to": "friend", "whom": 2, "shares": 1, "fission": True}, BadPacket),
        ({"to": "friend", "whom": 2, "shares": 1, "merchant": True}, BadPacket),
        ({"to": "friend", "whom": 99, "shares": 1}, UnknownPerson),
        ({"to": "friend", "whom": HUGE, "shares": 1}, UnknownPerson),
        ({"to": "friend", "whom": -1, "shares": 1}, UnknownPerson),
        ({"to": "friend", "whom": 2, "shares": 1}, NotFriends),
        ({"to": "group"}, BadPacket),
        ({"to": "group", "conversation": an_id("nowhere")}, NoSuchConversation),
        ({"to": "group", "conversation": an_id("nowhere"), "whom": 2, "shares": 1}, NotReachable),
        ({"to": "group", "conversation": an_id("nowhere"), "whom": 2, "shares": 2}, BadPacket),
        ({"merchant": True}, NotAllowed),
    ],
)
async def test_what_cannot_be_sent_moves_nothing(
    packets: Packets, wish: dict[str, Any], refusal: type[Refusal]
) -> None:
    li, _ = await packets.people(2)
    assert li == 1
    assert isinstance(await packets.try_send(li, **wish), refusal)
    assert await packets.money(li) == 100_000


async def test_nobody_unknown_sends(packets: Packets) -> None:
    assert isinstance(await packets.try_send(PersonId(99)), UnknownPerson)


async def test_a_message_is_counted_in_characters_that_people_see(packets: Packets) -> None:
    (li,) = await packets.people(1)
    sent = await packets.send(li, message="  " + "福" * 25 + " ")
    assert (await packets.view(li, sent.id)).message == "福" * 25


async def test_a_days_total_is_limited_and_begins_anew_at_midnight_in_china(packets: Packets) -> None:
    (li,) = await packets.people(1)
    await packets.limit(day_minor=2_500)
    packets.world.clock.now = datetime(2016, 1, 31, 15, 59, tzinfo=UTC)
    await packets.send(li, "a")
    await packets.send(li, "b")
    refused = await packets.try_send(li, "c")
    assert refused == OverPacketLimit(limit="day_minor", most=2_500, left_minor=500)
    packets.world.clock.now = datetime(2016, 1, 31, 16, 0, tzinfo=UTC)
    await packets.send(li, "d")


async def test_limits_are_configured(packets: Packets) -> None:
    (li,) = await packets.people(1)
    await packets.limit(share_minor=100, shares=3)
    assert isinstance(await packets.try_send(li, "a", minor=301, shares=3), OverPacketLimit)
    assert isinstance(await packets.try_send(li, "b", minor=4, shares=4), OverPacketLimit)
    await packets.send(li, "c", minor=300, shares=3)


async def test_limits_make_sense(packets: Packets) -> None:
    for wrong in ({"shares": 0}, {"quiet_from": 1441}, {"merchant_shares": 1 << 31}, {"lives_seconds": -1}):
        with pytest.raises(BadPacket):
            await packets.limit(**wrong)


async def test_a_merchant_sends_many_shares_but_not_in_quiet_hours(packets: Packets) -> None:
    (shop,) = await packets.people(1, minor=10**9)
    assert isinstance(await packets.try_send(shop, "a", merchant=True), NotAllowed)
    await packets.world.run(partial(set_merchant, person=shop, merchant=True))
    packets.world.clock.now = datetime(2016, 1, 31, 14, 0, tzinfo=UTC)  # 22:00 in China
    refused = await packets.try_send(shop, "b", merchant=True, shares=1_000_000, minor=10**8)
    assert refused == QuietHours(until=datetime(2016, 2, 1, 0, 0, tzinfo=UTC))
    packets.world.clock.now = datetime(2016, 2, 1, 0, 0, tzinfo=UTC)
    sent = await packets.send(shop, "c", merchant=True, shares=1_000_000, minor=10**8)
    assert await packets.escrow(sent.id) == 10**8
    over = await packets.try_send(shop, "d", merchant=True, shares=1_000_001, minor=10**8)
    assert isinstance(over, OverPacketLimit)
    assert isinstance(await packets.try_send(shop, "e", shares=101, minor=10**6), OverPacketLimit)


async def test_quiet_hours_end_in_the_morning_of_the_same_day(packets: Packets) -> None:
    (shop,) = await packets.people(1)
    await packets.world.run(partial(set_merchant, person=shop, merchant=True))
    packets.world.clock.now = datetime(2016, 1, 31, 18, 30, tzinfo=UTC)  # 02:30 in China
    refused = await packets.try_send(shop, merchant=True)
    assert refused == QuietHours(until=datetime(2016, 2, 1, 0, 0, tzinfo=UTC))


async def test_a_friend_is_told_and_finds_it_in_the_conversation(packets: Packets) -> None:
    li, mei = await packets.friends(2)
    sent = await packets.send(li, to="friend", whom=mei, shares=1, message="新年好")
    ((body, audience),) = await packets.told("packet.came")
    assert audience == [mei]
    assert body["message"] == "新年好"
    assert body["packet"] == str(sent.id)
    assert body["conversation"] == str(sent.conversation)
    assert (await packets.view(mei, sent.id)).can_open


async def test_a_stranger_to_the_group_sends_nothing_there(packets: Packets) -> None:
    *family, stranger = await packets.friends(4)
    room = await packets.group(family)
    assert isinstance(await packets.try_send(stranger, to="group", conversation=room), NoSuchConversation)
    assert await packets.money(stranger) == 100_000


async def test_a_packet_for_one_member_is_for_a_member(packets: Packets) -> None:
    *family, stranger = await packets.friends(4)
    room = await packets.group(family)
    wish: dict[str, Any] = {"to": "group", "conversation": room, "shares": 1}
    assert isinstance(await packets.try_send(family[0], whom=stranger, **wish), NotReachable)
    await packets.send(family[0], "b", whom=family[1], **wish)
