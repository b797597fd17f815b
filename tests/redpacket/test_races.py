"""Two at once, on real connections: the last share, the same person, the end of the time."""

import asyncio
from collections import Counter

from tests.redpacket.acts import Packets
from wufu.core.ids import PersonId
from wufu.db import Tx
from wufu.redpacket import Opened, OpenPacket, PacketFinished, PacketSent, open_packets, return_all_due


async def open_apart(packets: Packets, *wishes: OpenPacket) -> list[object]:
    """Each wish in a transaction of its own, all at once."""
    return list(await asyncio.gather(*(packets.world.ask_one(open_packets, wish) for wish in wishes)))


async def test_many_run_for_the_last_share_and_one_gets_it(packets: Packets) -> None:
    li, *runners = await packets.people(11)
    sent = await packets.send(li, shares=1)
    answers = await open_apart(packets, *(packets.wish(one, sent) for one in runners))
    assert Counter(type(answer) for answer in answers) == {Opened: 1, PacketFinished: 9}


async def test_all_shares_go_out_once(packets: Packets) -> None:
    li, *runners = await packets.people(31)
    sent = await packets.send(li, shares=20, minor=2_000)
    answers = await open_apart(packets, *(packets.wish(one, sent) for one in runners))
    got = [answer for answer in answers if isinstance(answer, Opened)]
    assert sorted(one.place for one in got) == list(range(20))
    assert sum(one.minor for one in got) == 2_000


async def test_one_person_on_many_phones_opens_once(packets: Packets) -> None:
    li, mei = await packets.people(2)
    sent = await packets.send(li)
    answers = await open_apart(packets, *[packets.wish(mei, sent)] * 8)
    assert {answer.place for answer in answers if isinstance(answer, Opened)} == {0}
    assert Counter(answer.again for answer in answers if isinstance(answer, Opened)) == {False: 1, True: 7}
    assert await packets.escrow(sent.id) + await packets.money(mei) - 100_000 == 1_000


async def test_batches_that_meet_crosswise_both_come_through(packets: Packets) -> None:
    li, *runners = await packets.people(9)
    one, other = await packets.send(li, "one", shares=8), await packets.send(li, "other", shares=8)
    forward = [packets.wish(person, sent) for person in runners for sent in (one, other)]
    answers = await asyncio.gather(
        packets.world.ask(open_packets, *forward), packets.world.ask(open_packets, *reversed(forward))
    )
    assert all(isinstance(answer, Opened) for batch in answers for answer in batch)
    assert await packets.escrow(one.id) == await packets.escrow(other.id) == 0


async def test_the_sweep_and_the_last_openers_share_the_total(packets: Packets) -> None:
    """Openers who looked at the clock just before the end meet the sweep that looks just after it."""
    li, *runners = await packets.people(6)
    sent = await packets.send(li, shares=5)
    early = packets.world.clock.now

    async def late_sweep() -> None:
        packets.world.clock.now = sent.ends_at
        await return_all_due(packets.world.database)

    async def early_opening(person: PersonId) -> None:
        async def work(tx: Tx) -> None:
            await open_packets(tx, [packets.wish(person, sent)])

        await packets.world.database.run(work, actor="test", now=early)

    await asyncio.gather(*(early_opening(one) for one in runners), late_sweep())
    assert await packets.escrow(sent.id) == 0
    assert sum([await packets.money(one) for one in (li, *runners)]) == 600_000


async def test_one_wish_to_send_on_two_connections_is_one_packet(packets: Packets) -> None:
    (li,) = await packets.people(1)
    answers = await asyncio.gather(*(packets.try_send(li) for _ in range(6)))
    assert len({answer for answer in answers if isinstance(answer, PacketSent)}) == 1
    assert await packets.money(li) == 99_000
