"""Opening: once each, in order, to the last share, and only by those it is for."""

from functools import partial

import pytest

from tests.redpacket.acts import Packets
from tests.world import an_id
from wufu.core.ids import PacketId, PersonId
from wufu.redpacket import (
    NotForYou,
    Opened,
    PacketFinished,
    PacketOver,
    PacketPasswordNeeded,
    PacketTriesUsed,
    UnknownPacket,
    WrongPacketPassword,
    open_packets,
    set_merchant,
)


async def test_openers_get_money_one_share_each_and_the_last_takes_what_is_left(packets: Packets) -> None:
    li, *friends = await packets.people(6)
    sent = await packets.send(li, minor=1_000, shares=5)
    got = [await packets.open(friend, sent) for friend in friends]
    assert [one.place for one in got] == [0, 1, 2, 3, 4]
    assert [one.opened for one in got] == [1, 2, 3, 4, 5]
    assert [one.state for one in got] == ["open"] * 4 + ["finished"]
    assert sum(one.minor for one in got) == 1_000
    assert [await packets.money(friend) for friend in friends] == [100_000 + one.minor for one in got]
    assert await packets.escrow(sent.id) == 0


async def test_a_batch_splits_as_one_after_the_other_does(packets: Packets) -> None:
    li, *friends = await packets.people(6)
    together = await packets.send(li, "together", minor=1_000, shares=5)
    answers = await packets.open_all(friends, together)
    assert [one.place for one in answers if isinstance(one, Opened)] == [0, 1, 2, 3, 4]
    assert [one.opened for one in answers if isinstance(one, Opened)] == [1, 2, 3, 4, 5]
    assert sum(one.minor for one in answers if isinstance(one, Opened)) == 1_000


async def test_an_equal_packet_gives_everybody_the_same(packets: Packets) -> None:
    li, *friends = await packets.people(4)
    sent = await packets.send(li, split="equal", minor=999, shares=3)
    assert {(await packets.open(friend, sent)).minor for friend in friends} == {333}


async def test_opening_again_has_the_same_answer_and_moves_nothing(packets: Packets) -> None:
    li, mei, bo = await packets.people(3)
    sent = await packets.send(li)
    first = await packets.open(mei, sent)
    await packets.open(bo, sent)
    again = await packets.open(mei, sent, token=None)
    assert (again.place, again.minor, again.again, again.opened) == (0, first.minor, True, 2)
    assert await packets.money(mei) == 100_000 + first.minor


async def test_an_impatient_finger_opens_once(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li)
    one, other = await packets.open_all([mei, mei], sent)
    assert isinstance(one, Opened)
    assert isinstance(other, Opened)
    assert (one.place, other.place, one.again, other.again) == (0, 0, False, True)


async def test_who_comes_too_late_is_told_so_also_in_the_same_batch(packets: Packets) -> None:
    li, *friends = await packets.people(5)
    sent = await packets.send(li, minor=10, shares=2)
    answers = await packets.open_all(friends, sent)
    assert [type(answer) for answer in answers] == [Opened, Opened, PacketFinished, PacketFinished]
    assert await packets.try_open(friends[3], sent) == PacketFinished(shares=2)


async def test_nothing_opens_from_the_last_instant_on(packets: Packets) -> None:
    li, mei, bo = await packets.people(3)
    sent = await packets.send(li)
    packets.world.clock.now = sent.ends_at.replace(microsecond=0)
    assert await packets.try_open(mei, sent) == PacketOver(ended_at=sent.ends_at)
    await packets.a_day_later()
    assert isinstance(await packets.try_open(bo, sent), PacketOver)


async def test_a_link_opens_for_whoever_has_it_and_for_nobody_else(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li)
    assert sent.token is not None
    forged = sent.token[:-2] + ("AA" if sent.token[-2:] != "AA" else "BB")
    for wrong in (None, "", "x", forged, "ü" * 43, sent.token + "A"):
        assert isinstance(await packets.try_open(mei, sent, token=wrong), UnknownPacket), wrong
    await packets.open(mei, sent)


async def test_a_token_of_one_packet_opens_no_other(packets: Packets) -> None:
    li, mei = await packets.people(2)
    one, other = await packets.send(li, "one"), await packets.send(li, "other")
    assert isinstance(await packets.try_open(mei, one, token=other.token), UnknownPacket)


async def test_an_unknown_packet_is_unknown(packets: Packets) -> None:
    (li,) = await packets.people(1)
    assert isinstance(await packets.try_open(li, PacketId(an_id("nothing"))), UnknownPacket)


async def test_senders_cannot_fetch_their_own_money_back(packets: Packets) -> None:
    li, mei = await packets.friends(2)
    by_link = await packets.send(li, "link")
    to_mei = await packets.send(li, "friend", to="friend", whom=mei, shares=1)
    assert isinstance(await packets.try_open(li, by_link), NotForYou)
    assert isinstance(await packets.try_open(li, to_mei), NotForYou)


async def test_senders_may_join_in_their_groups_packet(packets: Packets) -> None:
    family = await packets.friends(3)
    room = await packets.group(family)
    sent = await packets.send(family[0], to="group", conversation=room)
    assert (await packets.open(family[0], sent)).place == 0


async def test_a_friends_packet_is_for_that_friend(packets: Packets) -> None:
    li, mei, bo = await packets.friends(3)
    sent = await packets.send(li, to="friend", whom=mei, shares=1)
    assert isinstance(await packets.try_open(bo, sent), UnknownPacket)
    assert (await packets.open(mei, sent)).minor == 1_000


async def test_a_groups_packet_is_for_its_members(packets: Packets) -> None:
    *family, stranger = await packets.friends(4)
    room = await packets.group(family)
    sent = await packets.send(family[1], to="group", conversation=room)
    assert isinstance(await packets.try_open(stranger, sent), UnknownPacket)
    assert (await packets.open(family[2], sent)).place == 0


async def test_a_packet_for_one_member_opens_for_nobody_else(packets: Packets) -> None:
    li, mei, bo = await packets.friends(3)
    room = await packets.group([li, mei, bo])
    sent = await packets.send(li, to="group", conversation=room, whom=bo, shares=1)
    for other in (li, mei):
        assert isinstance(await packets.try_open(other, sent), NotForYou)
    assert (await packets.open(bo, sent)).minor == 1_000


# --- 口令 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["Ｗｕｆｕ 五福", " wufu 五福 ", "WUFU 五福"])
async def test_a_password_is_compared_as_people_mean_it(packets: Packets, given: str) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, password="Wufu 五福")
    await packets.open(mei, sent, password=given)


async def test_without_a_password_nothing_is_counted(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, password="芝麻开门")
    for _ in range(6):
        for nothing in (None, "", "  "):
            assert isinstance(await packets.try_open(mei, sent, password=nothing), PacketPasswordNeeded)
    await packets.open(mei, sent, password="芝麻开门")


async def test_guessing_a_password_ends_after_five_tries_for_that_person_alone(packets: Packets) -> None:
    li, mei, bo = await packets.people(3)
    sent = await packets.send(li, password="芝麻开门")
    left = []
    for number in range(5):
        refused = await packets.try_open(mei, sent, password=f"guess {number}")
        assert isinstance(refused, WrongPacketPassword)
        left.append(refused.facts["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    assert isinstance(await packets.try_open(mei, sent, password="芝麻开门"), PacketTriesUsed)
    await packets.open(bo, sent, password="芝麻开门")


async def test_a_batch_of_guesses_learns_no_more_than_five_in_turn(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, password="7")
    wishes = [packets.wish(mei, sent, password=str(number)) for number in range(8)]
    answers = await packets.world.ask(open_packets, *wishes)
    assert [type(one) for one in answers] == [WrongPacketPassword] * 5 + [PacketTriesUsed] * 3


async def test_a_password_does_not_replace_the_link(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, password="芝麻开门")
    assert isinstance(await packets.try_open(mei, sent, token=None, password="芝麻开门"), UnknownPacket)


async def test_an_absurd_password_is_a_wrong_one(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, password="芝麻开门")
    assert isinstance(await packets.try_open(mei, sent, password="x" * 10_000), WrongPacketPassword)
    assert isinstance(await packets.try_open(mei, sent, password="\ud800"), WrongPacketPassword)


# --- Facts ----------------------------------------------------------------------------------------


async def test_sender_and_opener_are_told_of_each_opening_in_order(packets: Packets) -> None:
    li, mei, bo = await packets.people(3)
    sent = await packets.send(li, minor=10, shares=2)
    one, other = await packets.open_all([mei, bo], sent)
    assert isinstance(one, Opened)
    assert isinstance(other, Opened)
    told = await packets.told("packet.opened")
    assert [(body["person"]["person"], body["minor"], body["opened"], to) for body, to in told] == [
        (mei, one.minor, 1, [li, mei]),
        (bo, other.minor, 2, [li, bo]),
    ]
    moved = [(body["balance_minor"], to) for body, to in await packets.told("wallet.moved")][-2:]
    assert moved == [(100_000 + one.minor, [mei]), (100_000 + other.minor, [bo])]
    ((body, to),) = await packets.told("packet.finished")
    assert sorted(to) == sorted([li, mei, bo])
    best = max(one, other, key=lambda opened: (opened.minor, -opened.place))
    assert (body["luckiest"]["place"], body["luckiest"]["minor"]) == (best.place, best.minor)


async def test_the_earliest_of_equals_is_the_luckiest(packets: Packets) -> None:
    li, *friends = await packets.people(4)
    sent = await packets.send(li, minor=3, shares=3)  # one fen each
    for friend in reversed(friends):
        await packets.open(friend, sent)
    view = await packets.view(friends[0], sent.id)
    assert view.luckiest is not None
    assert view.luckiest.person.person == friends[2]


async def test_a_single_share_names_no_luckiest(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, shares=1)
    await packets.open(mei, sent)
    assert (await packets.view(mei, sent.id)).luckiest is None


async def test_a_huge_packet_is_not_told_opening_by_opening(packets: Packets) -> None:
    shop, *friends = await packets.people(4)
    await packets.world.run(partial(set_merchant, person=shop, merchant=True))
    sent = await packets.send(shop, merchant=True, shares=1_000, minor=50_000)
    await packets.open_all(friends, sent)
    assert await packets.told("packet.opened") == []
    assert [type(one) for one in await packets.open_all([PersonId(9999)], sent)] == [Opened]
