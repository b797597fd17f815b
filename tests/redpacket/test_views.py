"""What people see of packets: enough, and not before it is theirs to see."""

from datetime import UTC, datetime

import pytest

from tests.redpacket.acts import Packets
from wufu.core.ids import PersonId
from wufu.redpacket import UnknownPacket, see_history, see_packet_by_token
from wufu.redpacket.views import History, Side, read_cursor


async def history(
    packets: Packets, person: PersonId, side: Side, year: int | None = None, before: str | None = None
) -> History:
    async with packets.world.database.read() as connection:
        return await see_history(connection, person, side, year, before, packets.world.clock())


async def test_before_opening_nobody_sees_how_much_there_is(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li)
    view = await packets.view(mei, sent.id, sent.token)
    assert view.can_open
    assert (view.minor, view.opened, view.openings, view.token, view.password) == (None,) * 5
    assert (view.shares, view.state, view.kind) == (5, "open", "lucky")


async def test_everyone_who_opened_sees_who_got_what(packets: Packets) -> None:
    li, mei, bo, *_ = await packets.people(4)
    sent = await packets.send(li)
    first, second = await packets.open(mei, sent), await packets.open(bo, sent)
    for person in (li, mei, bo):
        view = await packets.view(person, sent.id)
        assert view.openings is not None
        assert [(one.person.person, one.minor) for one in view.openings] == [
            (bo, second.minor),
            (mei, first.minor),
        ]
        assert view.left_minor == 1_000 - first.minor - second.minor
        assert view.luckiest is None
    assert (await packets.view(li, sent.id)).token == sent.token


async def test_strangers_see_nothing(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li)
    with pytest.raises(UnknownPacket):
        await packets.view(mei, sent.id)
    async with packets.world.database.read() as connection:
        for wrong in ("", "x", "A" * 43, "é" * 43):
            with pytest.raises(UnknownPacket):
                await see_packet_by_token(connection, mei, wrong, packets.world.clock())


async def test_a_group_sees_the_result_when_it_has_ended(packets: Packets) -> None:
    li, mei, bo = await packets.friends(3)
    room = await packets.group([li, mei, bo])
    sent = await packets.send(li, to="group", conversation=room, shares=1)
    assert (await packets.view(bo, sent.id)).openings is None
    await packets.open(mei, sent)
    view = await packets.view(bo, sent.id)
    assert view.openings is not None
    assert (view.can_open, view.why, len(view.openings)) == (False, "packet_finished", 1)


async def test_only_the_sender_sees_the_password_again(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, password="芝麻开门")
    await packets.open(mei, sent, password="芝麻开门")
    assert (await packets.view(li, sent.id)).password == "芝麻开门"
    assert (await packets.view(mei, sent.id)).password is None


async def test_openings_come_in_pages(packets: Packets) -> None:
    li, *many = await packets.people(101, minor=10_000)
    sent = await packets.send(li, shares=100, minor=10_000)
    await packets.open_all(many, sent)
    view = await packets.view(li, sent.id)
    assert view.openings is not None
    assert [one.place for one in view.openings] == list(range(99, -1, -1))
    assert view.next is None


async def test_a_year_adds_up(packets: Packets) -> None:
    li, mei = await packets.people(2)
    packets.world.clock.now = datetime(2015, 12, 31, 15, 0, tzinfo=UTC)
    old = await packets.open(mei, await packets.send(li, "old", shares=1))
    packets.world.clock.now = datetime(2015, 12, 31, 16, 0, tzinfo=UTC)  # midnight in China
    new = await packets.open(mei, await packets.send(li, "new", shares=2))
    await packets.a_day_later()
    sent = await history(packets, li, "sent")
    assert (sent.year, sent.years, sent.count) == (2016, [2016, 2015], 1)
    assert sent.total_minor == new.minor
    received = await history(packets, mei, "received")
    assert (received.total_minor, received.count) == (new.minor, 1)
    before = await history(packets, mei, "received", 2015)
    assert (before.total_minor, before.count, len(before.entries)) == (old.minor, 1, 1)


async def test_the_luckiest_are_counted(packets: Packets) -> None:
    li, mei, bo = await packets.people(3)
    sent = await packets.send(li, minor=2, shares=2)
    await packets.open_all([mei, bo], sent)
    assert (await history(packets, mei, "received")).luckiest == 1
    assert (await history(packets, bo, "received")).luckiest == 0


async def test_history_comes_in_pages_without_holes(packets: Packets) -> None:
    (li,) = await packets.people(1)
    sent = [(await packets.send(li, f"p{number}", minor=5)).id for number in range(53)]
    first = await history(packets, li, "sent")
    assert first.next is not None
    second = await history(packets, li, "sent", None, first.next)
    assert second.next is None
    assert sorted(one.id for one in (*first.entries, *second.entries)) == sorted(sent)


@pytest.mark.parametrize(
    "cursor", [None, "", ".", "x.y", "1", "1.", "٣.x", "9" * 17 + ".x", "-1.x", "5.not-a-uuid"]
)
def test_a_strange_cursor_is_none(cursor: str | None) -> None:
    assert read_cursor(cursor) is None
