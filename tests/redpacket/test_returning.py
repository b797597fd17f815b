"""What nobody opened goes back: after its time, once, whatever breaks off in the middle."""

from functools import partial
from types import ModuleType

import pytest

from tests.redpacket.acts import Packets
from wufu.db import Database, Tx
from wufu.redpacket import return_all_due, return_due, set_merchant
from wufu.redpacket.store import packets as store
from wufu.redpacket.verbs import returning


async def test_what_is_left_returns_after_a_day_and_not_before(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li, minor=1_000, shares=5)
    got = await packets.open(mei, sent)
    assert await return_all_due(packets.world.database) == 0
    assert await packets.a_day_later() == 1
    assert await packets.money(li) == 100_000 - got.minor
    assert await packets.escrow(sent.id) == 0
    view = await packets.view(li, sent.id)
    assert (view.state, view.refund_minor, view.opened) == ("returned", 1_000 - got.minor, 1)


async def test_a_packet_that_nobody_opened_returns_whole(packets: Packets) -> None:
    (li,) = await packets.people(1)
    await packets.send(li)
    await packets.a_day_later()
    assert await packets.money(li) == 100_000


async def test_a_finished_packet_returns_nothing(packets: Packets) -> None:
    li, mei = await packets.people(2)
    await packets.open(mei, await packets.send(li, shares=1))
    assert await packets.a_day_later() == 0


async def test_it_returns_once(packets: Packets) -> None:
    (li,) = await packets.people(1)
    await packets.send(li)
    await packets.a_day_later()
    assert await packets.a_day_later() == 0
    assert await packets.money(li) == 100_000


async def test_the_time_is_configured(packets: Packets) -> None:
    (li,) = await packets.people(1)
    await packets.limit(lives_seconds=60)
    await packets.send(li)
    packets.world.clock.now = packets.world.clock.now.replace(minute=1)
    assert await return_all_due(packets.world.database) == 1


async def test_the_sender_is_told_with_the_money(packets: Packets) -> None:
    (li,) = await packets.people(1)
    one, other = await packets.send(li, "a", minor=10), await packets.send(li, "b", minor=20)
    await packets.a_day_later()
    told = await packets.told("packet.returned")
    assert {(body["packet"], body["refund_minor"]) for body, _ in told} == {
        (str(one.id), 10),
        (str(other.id), 20),
    }
    assert all(to == [li] for _, to in told)
    moved = [body["balance_minor"] for body, _ in await packets.told("wallet.moved")]
    assert moved[-1] == 100_000
    assert min(moved[-2:]) in (99_980, 99_990)


async def test_a_large_sweep_goes_in_portions(packets: Packets, monkeypatch: pytest.MonkeyPatch) -> None:
    (li,) = await packets.people(1)
    monkeypatch.setattr(returning, "AT_ONCE", 3)
    for number in range(7):
        await packets.send(li, f"p{number}", minor=100)
    packets.world.clock.now = packets.world.clock.now.replace(day=31, month=3)
    portions = [await packets.world.run(return_due) for _ in range(4)]
    assert portions == [3, 3, 1, 0]
    assert await packets.money(li) == 100_000


class Crash(Exception):
    """The server dies here."""


@pytest.mark.parametrize("where", ["post", "change", "balances"])
async def test_a_crash_in_the_middle_of_a_sweep_loses_and_doubles_nothing(
    packets: Packets, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The second portion breaks off at one of its steps; the next sweep ends what is left."""
    (li,) = await packets.people(1)
    sent = [await packets.send(li, f"p{number}", minor=100) for number in range(6)]
    packets.world.clock.now = packets.world.clock.now.replace(month=3)
    target: ModuleType = store if where == "change" else returning
    real = getattr(target, where)
    calls = 0

    async def crashing(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Crash
        return await real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(returning, "AT_ONCE", 2)
        patch.setattr(target, where, crashing)
        with pytest.raises(Crash):
            await return_all_due(packets.world.database)
    assert await packets.money(li) == 100_000 - 400
    assert sorted([await packets.escrow(one.id) for one in sent]) == [0, 0, 100, 100, 100, 100]
    assert await return_all_due(packets.world.database) == 4
    assert await packets.money(li) == 100_000


async def test_two_sweeps_at_once_share_the_work(packets: Packets) -> None:
    (li,) = await packets.people(1)
    for number in range(6):
        await packets.send(li, f"p{number}", minor=100)
    packets.world.clock.now = packets.world.clock.now.replace(month=3)
    database: Database = packets.world.database

    async def slowly(tx: Tx) -> int:
        done = await return_due(tx)
        # While this portion is not committed another sweep passes it over and finds nothing.
        assert await database.run(return_due, actor="other") == 0
        return done

    assert await database.run(slowly, actor="test") == 6
    assert await packets.money(li) == 100_000


async def test_a_merchants_packet_returns_in_one_piece(packets: Packets) -> None:
    shop, mei = await packets.people(2, minor=10**8)
    await packets.world.run(partial(set_merchant, person=shop, merchant=True))
    sent = await packets.send(shop, merchant=True, shares=500_000, minor=10**8)
    got = await packets.open(mei, sent)
    await packets.a_day_later()
    assert await packets.money(shop) == 10**8 - got.minor
