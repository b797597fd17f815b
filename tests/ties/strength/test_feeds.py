"""From what people do to acts: by real verbs, the outbox and the relay's listeners, each exactly once."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.chat.acts import say, to
from tests.conftest import TestClock
from tests.fortune.acts import a_gift, an_offer, friends_playing
from tests.fortune.test_cash import with_a_packet
from tests.people.acts import do
from tests.photos.acts import Album
from tests.redpacket.acts import Packets
from tests.world import GALA, World, an_id
from wufu.chat.verbs import talk
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx, carry
from wufu.fortune import AnswerSwap, PassCash, answer_swap, gift, pass_cash, swap
from wufu.main import LISTENERS
from wufu.objects import ObjectStore
from wufu.ties import ActDay, Strength, remove_ties, see_acts, see_strengths
from wufu.ties.model import RemoveTie
from wufu.wallet import SendMoney, transfer


async def relay(world: World, limit: int = 2000) -> int:
    """Everything announced reaches its listeners; how many facts there were."""
    carried = 0
    while found := (await world.run(lambda tx: carry(tx, LISTENERS, limit))).facts:
        carried += len(found)
    return carried


async def acts_of(world: World, person: PersonId) -> list[ActDay]:
    async with world.database.read() as connection:
        return await see_acts(connection, person)


async def counts(world: World, person: PersonId) -> list[tuple[PersonId, str, int, int]]:
    return [(each.other, each.kind, each.mine, each.theirs) for each in await acts_of(world, person)]


async def test_money_sent_counts_once_though_both_are_told(world: World) -> None:
    packets = Packets(world)
    one, other, third = await packets.people(3)
    await world.ask(transfer, SendMoney(one, an_id("a"), other, 5), SendMoney(one, an_id("b"), other, 7))
    await world.ask(transfer, SendMoney(other, an_id("c"), one, 5), SendMoney(one, an_id("d"), third, 5))
    await world.ask(transfer, SendMoney(one, an_id("a"), other, 5))
    await relay(world)
    assert await counts(world, one) == [(other, "transfer", 2, 1), (third, "transfer", 1, 0)]


async def test_a_packet_counts_for_its_sender_towards_everybody_who_opens(world: World) -> None:
    packets = Packets(world)
    one, other, third = await packets.friends(3)
    sent = await packets.send(one, shares=3)
    await packets.open_all([other, one, third, other], sent)
    await relay(world)
    assert await counts(world, one) == [(other, "packet", 1, 0), (third, "packet", 1, 0)]


async def test_a_photo_that_was_paid_for_counts_for_who_paid(world: World, tmp_path: Path) -> None:
    album = Album(world.database, ObjectStore.open(tmp_path / "objects"))
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    await album.pay(viewer, photo.id)
    await album.pay(viewer, photo.id)
    await relay(world)
    assert await counts(world, author) == [(viewer, "photo", 0, 1)]


async def test_cards_that_a_campaign_moved_are_shown_and_strengthen_nothing(world: World) -> None:
    one, other, third = await friends_playing(world)
    await world.hand_out("aiguo", one)
    await world.hand_out("hexie", other)
    assert not isinstance(await world.ask_one(swap, an_offer(one, other)), Refusal)
    await world.ask_one(answer_swap, AnswerSwap(other, an_id("swap"), GALA, accept=True))
    await world.hand_out("fuqiang", one)
    assert not isinstance(await world.ask_one(gift, a_gift(one, third, "fuqiang")), Refusal)
    before = await strengths(world, one)
    await relay(world)
    assert await counts(world, one) == [(other, "swap", 1, 1), (third, "gift", 1, 0)]
    assert await strengths(world, one) == before
    assert before[third].value == 0.15  # all are friends of each other


async def test_cash_that_was_passed_on_is_of_a_campaign_too(world: World) -> None:
    one, other, _, packet, _ = await with_a_packet(world)
    await relay(world)
    assert await counts(world, one) == []
    before = await strengths(world, one)
    await world.ask_one(pass_cash, PassCash(one, packet, GALA, other))
    await relay(world)
    assert await counts(world, one) == [(other, "cash", 1, 0)]
    assert await strengths(world, one) == before


async def strengths(world: World, person: PersonId) -> dict[PersonId, Strength]:
    async with world.database.read() as connection:
        return await see_strengths(connection, person, world.clock() + timedelta(days=1))


class PowerCut(Exception):
    """The relay's server dies."""


async def test_a_relay_that_dies_and_comes_back_counts_each_act_once(world: World) -> None:
    packets = Packets(world)
    one, other = await packets.friends(2)
    await say(world, *(to(one, other, f"{number}") for number in range(5)))
    await world.ask(transfer, *(SendMoney(one, an_id(f"{number}"), other, 1) for number in range(5)))
    await talk.announce_talk(world.database)
    await talk.announce_talk(world.database)

    async def carry_and_die(tx: Tx) -> None:
        assert (await carry(tx, LISTENERS, 4)).facts
        raise PowerCut

    for _ in range(6):
        with pytest.raises(PowerCut):
            await world.run(carry_and_die)
        await world.run(lambda tx: carry(tx, LISTENERS, 1))
    await talk.announce_all_talk(world.database)
    await relay(world)
    assert await counts(world, one) == [(other, "message", 5, 0), (other, "transfer", 5, 0)]


async def test_an_act_belongs_to_the_day_it_happened_however_late_the_relay(
    world: World, clock: TestClock
) -> None:
    packets = Packets(world)
    one, other = await packets.friends(2)
    clock.now = clock.now.replace(hour=15, minute=59, second=59)  # a second before midnight in China
    await world.ask(transfer, SendMoney(one, an_id("before"), other, 1))
    clock.advance(seconds=1)
    await world.ask(transfer, SendMoney(one, an_id("after"), other, 1))
    clock.advance(days=40)
    await relay(world)
    days = [(each.day, each.mine) for each in await acts_of(world, one)]
    assert days == [(date(2016, 1, 31), 1), (date(2016, 2, 1), 1)]


async def test_acts_outlive_the_tie_and_a_new_tie_finds_them(world: World) -> None:
    packets = Packets(world)
    one, other = await packets.friends(2)
    await world.ask(transfer, SendMoney(one, an_id("before"), other, 1))
    await relay(world)
    before = await strengths(world, one)
    await do(world.database, remove_ties, [RemoveTie(one, other)])
    assert await strengths(world, one) == {}
    await world.befriend((one, other))
    assert await strengths(world, one) == before
