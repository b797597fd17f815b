"""Packets to pass on (裂变): the friend first, then whoever the openers bring."""

from tests.redpacket.acts import Packets
from tests.world import an_id
from wufu.chat import NoSuchConversation
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.redpacket import NotToBeShared, PacketSent, SharePacket, UnknownPacket, share_packets
from wufu.redpacket.verbs.asking import Shared


async def to_pass_on(packets: Packets) -> tuple[list[PersonId], PacketSent]:
    people = await packets.friends(6)
    sent = await packets.send(people[0], to="friend", whom=people[1], fission=True, minor=1_000, shares=4)
    return people, sent


async def share(
    packets: Packets, person: PersonId, sent: PacketSent, room: ConversationId
) -> Shared | Refusal:
    return await packets.world.ask_one(share_packets, SharePacket(person, sent.id, room))


async def test_the_friend_comes_first(packets: Packets) -> None:
    (_, mei, bo, *_), sent = await to_pass_on(packets)
    assert sent.token is None
    assert isinstance(await packets.try_open(bo, sent), UnknownPacket)
    got = await packets.open(mei, sent)
    assert got.place == 0
    assert got.token is not None


async def test_whoever_has_the_link_opens_after_the_friend(packets: Packets) -> None:
    (_, mei, bo, yu, *_), sent = await to_pass_on(packets)
    token = (await packets.open(mei, sent)).token
    got = await packets.open(bo, sent, token=token)
    assert got.place == 1
    assert got.token == token
    assert isinstance(await packets.try_open(yu, sent), UnknownPacket)


async def test_an_opener_brings_it_into_a_group(packets: Packets) -> None:
    people, sent = await to_pass_on(packets)
    _, mei, bo, yu, *_ = people
    await packets.world.befriend((mei, bo), (mei, yu))
    room = await packets.group([mei, bo, yu])
    assert isinstance(await share(packets, mei, sent, room), UnknownPacket)
    await packets.open(mei, sent)
    assert await share(packets, mei, sent, room) == Shared(sent.id, room)
    assert await share(packets, mei, sent, room) == Shared(sent.id, room)
    assert (await packets.open(bo, sent)).place == 1
    assert (await packets.view(yu, sent.id)).can_open


async def test_only_openers_pass_on_and_only_to_groups_of_theirs(packets: Packets) -> None:
    people, sent = await to_pass_on(packets)
    li, mei, bo, yu, *_ = people
    await packets.world.befriend((bo, yu))
    room = await packets.group([bo, yu])
    await packets.open(mei, sent)
    assert isinstance(await share(packets, li, sent, room), UnknownPacket)
    assert isinstance(await share(packets, mei, sent, room), NoSuchConversation)
    nowhere = ConversationId(an_id("nowhere"))
    assert isinstance(await share(packets, mei, sent, nowhere), NoSuchConversation)


async def test_a_packet_of_another_kind_is_not_passed_on(packets: Packets) -> None:
    li, mei, bo = await packets.friends(3)
    sent = await packets.send(li)
    await packets.open(mei, sent)
    await packets.world.befriend((mei, bo))
    room = await packets.group([mei, bo])
    assert isinstance(await share(packets, mei, sent, room), NotToBeShared)


async def test_what_has_ended_is_not_passed_on(packets: Packets) -> None:
    people, sent = await to_pass_on(packets)
    _, mei, bo, *_ = people
    await packets.open(mei, sent)
    await packets.world.befriend((mei, bo))
    room = await packets.group([mei, bo])
    packets.world.clock.now = sent.ends_at
    assert isinstance(await share(packets, mei, sent, room), NotToBeShared)
