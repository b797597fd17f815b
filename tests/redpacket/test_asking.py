"""Asking for packets (讨红包): always answered the same; nobody is exposed for not giving."""

from functools import partial
from typing import Any

import pytest

from tests.redpacket.acts import Packets
from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, Refusal, UnknownPerson
from wufu.ledger import BadAmount
from wufu.redpacket import AskPacket, allow_asking, ask_packets, refuse_ask, see_asks
from wufu.redpacket.refusals import BadPacket, BadPacketMessage, TooManyAsksForPackets, UnknownAsk
from wufu.redpacket.verbs.asking import Asked
from wufu.redpacket.views import Asks
from wufu.ties import Block, block
from wufu.wallet import NotReachable


async def ask(
    packets: Packets, person: PersonId, to: PersonId, name: str = "ask", **fields: Any
) -> Asked | Refusal:
    return await packets.world.ask_one(ask_packets, AskPacket(person, an_id(name), to, **fields))


async def seen(packets: Packets, person: PersonId) -> Asks:
    async with packets.world.database.read() as connection:
        return await see_asks(connection, person)


async def test_the_one_asked_is_told_and_may_answer_with_a_packet(packets: Packets) -> None:
    li, mei = await packets.friends(2)
    assert await ask(packets, mei, li, minor=88, message="恭喜发财") == Asked(an_id("ask"))
    ((body, to),) = await packets.told("packet.asked")
    assert to == [li]
    assert (body["minor"], body["message"], body["from"]["person"]) == (88, "恭喜发财", mei)
    (wish,) = (await seen(packets, li)).asks
    sent = await packets.send(li, to="friend", whom=mei, shares=1, request=wish.id)
    (mine,) = (await seen(packets, mei)).mine
    assert (mine.state, mine.packet) == ("answered", sent.id)
    assert (await seen(packets, li)).asks == []
    ((body, to),) = await packets.told("packet.answered")
    assert (to, body["packet"]) == ([mei], str(sent.id))


async def test_to_the_asker_silence_refusal_and_the_switch_look_alike(packets: Packets) -> None:
    mei, silent, refusing, switched_off, blocking = await packets.friends(5)
    await packets.world.run(partial(allow_asking, person=switched_off, allow=False))
    people = (silent, refusing, switched_off)
    answers = [await ask(packets, mei, other, f"to {other}") for other in people]
    assert answers == [Asked(an_id(f"to {other}")) for other in people]
    await packets.world.run(partial(refuse_ask, person=refusing, asker=mei, ask=an_id(f"to {refusing}")))
    mine = (await seen(packets, mei)).mine
    assert {(one.state, one.packet) for one in mine} == {("asked", None)}
    assert len(mine) == 3
    assert [to for _, to in await packets.told("packet.asked")] == [[silent], [refusing]]
    for other in (refusing, switched_off):
        assert (await seen(packets, other)).asks == []
    # Afterwards: whoever blocks is no friend any more, and that is what the asker is told.
    await packets.world.ask(block, Block(blocking, mei))
    assert isinstance(await ask(packets, mei, blocking, "to blocking"), NotReachable)


async def test_the_same_ask_again_is_one_ask(packets: Packets) -> None:
    li, mei = await packets.friends(2)
    assert await ask(packets, mei, li) == await ask(packets, mei, li)
    assert len((await seen(packets, li)).asks) == 1
    assert isinstance(await ask(packets, mei, li, minor=5), IdConflict)


async def test_asks_are_limited_a_day(packets: Packets) -> None:
    li, mei = await packets.friends(2)
    await packets.limit(asks_a_day=2)
    for name in "ab":
        await ask(packets, mei, li, name)
    assert await ask(packets, mei, li, "c") == TooManyAsksForPackets(most=2)
    await packets.a_day_later()
    assert await ask(packets, mei, li, "d") == Asked(an_id("d"))


@pytest.mark.parametrize(
    ("to", "fields", "refusal"),
    [
        (2, {"minor": 0}, BadAmount),
        (2, {"minor": 20_001}, BadAmount),
        (2, {"minor": -(1 << 63)}, BadAmount),
        (2, {"message": "福" * 26}, BadPacketMessage),
        (1, {}, BadPacket),
        (3, {}, NotReachable),
        (99, {}, UnknownPerson),
        ((1 << 63) - 1, {}, UnknownPerson),
    ],
)
async def test_what_cannot_be_asked(
    packets: Packets, to: int, fields: dict[str, Any], refusal: type[Refusal]
) -> None:
    await packets.friends(2)
    await packets.people(1)
    assert isinstance(await ask(packets, PersonId(1), PersonId(to), **fields), refusal)


async def test_an_ask_is_put_away_only_by_whom_it_was_put_to(packets: Packets) -> None:
    li, mei, bo = await packets.friends(3)
    await ask(packets, mei, li)
    for person, asker, name in ((bo, mei, "ask"), (li, bo, "ask"), (li, mei, "other")):
        with pytest.raises(UnknownAsk):
            await packets.world.run(partial(refuse_ask, person=person, asker=asker, ask=an_id(name)))


async def test_an_ask_of_somebody_else_is_not_answered(packets: Packets) -> None:
    li, mei, bo = await packets.friends(3)
    await ask(packets, mei, li)
    refused = await packets.try_send(li, to="friend", whom=bo, shares=1, request=an_id("ask"))
    assert isinstance(refused, UnknownAsk)


async def test_who_does_not_want_to_be_asked_cannot_tell_who_asked(packets: Packets) -> None:
    """An ask that was not heard cannot be answered either: it would tell the asker that it was there."""
    li, mei = await packets.friends(2)
    await packets.world.run(partial(allow_asking, person=li, allow=False))
    await ask(packets, mei, li)
    refused = await packets.try_send(li, to="friend", whom=mei, shares=1, request=an_id("ask"))
    assert isinstance(refused, UnknownAsk)
