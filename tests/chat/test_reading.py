"""Cursors, receipts and who may know of them; typing and looking."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from tests.chat.acts import friends, group_of, pair_of, say, seen, text, to
from tests.world import World
from wufu.chat.listing import see_chats
from wufu.chat.model import Notify
from wufu.chat.verbs import groups
from wufu.chat.verbs.reading import (
    Look,
    ReadChat,
    ReadThrough,
    Typing,
    look,
    read_chats,
    sweep,
    typing,
)
from wufu.chat.verbs.safety import ChatSettings, change_settings
from wufu.chat.views import Readers, see_readers
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Said

HIDDEN = ChatSettings(receipts=False, presence=False)


async def told(world: World) -> list[Said]:
    """What is said from here on."""
    heard: list[Said] = []

    async def hear(said: Sequence[Said]) -> None:
        heard.extend(said)

    world.database.hearers.append(hear)
    return heard


async def readers(world: World, person: PersonId, group: ConversationId, number: int) -> Readers:
    async with world.database.read() as connection:
        return await see_readers(connection, person, group, number)


async def test_a_cursor_goes_up_only_and_not_beyond_the_newest_message(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, *(text(one, conversation, f"{n}") for n in range(4)))
    for through, expected in ((3, 3), (2, 3), (-5, 3), (2**62, 5), (0, 5)):
        answer = await world.ask_one(read_chats, ReadChat(other, conversation, through))
        assert answer == ReadThrough(conversation, expected)
    assert (await seen(world, other, conversation)).unread == 0
    view = await seen(world, one, conversation)
    assert (view.peer_read_through, view.peer_read_at) == (5, world.clock.now)


async def test_a_batch_of_cursors_is_answered_each(world: World) -> None:
    one, other, conversation = await pair_of(world)
    (third,) = await world.people(1)
    answers = await world.ask(
        read_chats,
        ReadChat(other, conversation, 0),
        ReadChat(third, conversation, 1),
        ReadChat(other, conversation, 1),
        ReadChat(one, conversation, 1),
    )
    codes = [answer.code if isinstance(answer, Refusal) else answer.through for answer in answers]
    assert codes == [1, "no_such_conversation", 1, 1]


async def test_unread_counts_what_people_said_and_did_not_take_back(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[1], group, "a"), text(people[2], group, "b"), text(people[1], group, "c"))
    assert [(await seen(world, one, group)).unread for one in people] == [3, 1, 2]
    await world.ask(read_chats, ReadChat(people[0], group, 3))
    assert (await seen(world, people[0], group)).unread == 1


async def test_the_badge_follows_what_one_wants_to_be_told(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "a"), text(people[0], group, "b", mentions=(people[1],)))
    badges = {}
    kinds: tuple[Notify, ...] = ("all", "mentions", "none")
    for notify in kinds:
        own = groups.Own(notify=notify)
        await world.run(partial(groups.set_own, person=people[1], conversation=group, own=own))
        async with world.database.read() as connection:
            badges[notify] = (await see_chats(connection, people[1])).unread
    assert badges == {"all": 2, "mentions": 1, "none": 0}


async def test_the_other_is_told_that_one_has_read_unless_one_of_them_hides_it(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, *(text(one, conversation, f"{n}") for n in range(3)))
    heard = await told(world)
    await world.ask(read_chats, ReadChat(other, conversation, 2))
    assert [said.subject for said in heard] == [f"me.{other}.chat", f"me.{one}.chat"]
    for shy in (one, other):
        await world.run(partial(change_settings, person=shy, settings=HIDDEN))
        assert (await seen(world, one, conversation)).peer_read_through is None
        assert (await seen(world, other, conversation)).peer_read_through is None
        heard.clear()
        await world.ask(read_chats, ReadChat(other, conversation, 3 if shy == one else 4))
        assert [said.subject for said in heard] == [f"me.{other}.chat"]
        await world.run(partial(change_settings, person=shy, settings=ChatSettings()))


async def test_the_sender_of_a_group_sees_who_has_read_and_when(world: World) -> None:
    people = await friends(world, 5)
    group = await group_of(world, people[:4])
    await say(world, text(people[1], group, "read this"))
    times = []
    for reader in (people[0], people[2]):
        world.clock.now += timedelta(minutes=5)
        times.append(world.clock.now)
        await world.ask(read_chats, ReadChat(reader, group, 2))
    await world.run(partial(groups.add_people, person=people[0], conversation=group, people=[people[4]]))
    found = await readers(world, people[1], group, 2)
    assert [(each.person, each.at) for each in found.readers] == list(
        zip((people[0], people[2]), times, strict=True)
    )
    assert [view.person for view in found.unread] == [people[3]], "who came later is not waited for"
    assert (await readers(world, people[0], group, 2)) == found
    with pytest.raises(Refusal, match="not_allowed_here"):
        await readers(world, people[3], group, 2)


async def test_reading_again_and_again_leaves_one_row_a_minute_and_no_time_before_the_message(
    world: World,
) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    for number in range(2, 62):
        world.clock.now += timedelta(seconds=2)
        await say(world, text(people[0], group, f"{number}"))
        await world.ask(read_chats, ReadChat(people[1], group, number))
    async with world.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM chat_read") <= 3
    (reader,) = (await readers(world, people[0], group, 61)).readers
    assert reader.at == world.clock.now
    (first,) = (await readers(world, people[0], group, 2)).readers
    assert first.at is not None
    assert world.clock.now - first.at <= timedelta(seconds=118)


async def test_who_hides_their_reading_is_counted_and_sees_nobodys(world: World) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "read this"))
    await world.ask(read_chats, *(ReadChat(one, group, 2) for one in people[1:]))
    await world.run(partial(change_settings, person=people[1], settings=HIDDEN))
    found = await readers(world, people[0], group, 2)
    assert ([each.person for each in found.readers], found.hidden) == (people[2:], 1)
    await world.run(partial(change_settings, person=people[0], settings=HIDDEN))
    assert (await readers(world, people[0], group, 2)) == Readers([], [], 3)


async def test_who_left_has_no_times_of_reading(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await world.ask(read_chats, ReadChat(people[1], group, 1))
    await world.run(partial(groups.leave, person=people[1], conversation=group))
    async with world.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM chat_read") == 0


async def test_typing_is_told_to_the_other_and_to_small_groups(world: World) -> None:
    people = await friends(world, 60)
    small, large = await group_of(world, people[:3]), await group_of(world, people, "large")
    one, other = people[0], people[1]
    direct = (await say(world, to(one, other, "hello")))[0].conversation
    heard = await told(world)
    (stranger,) = await world.people(1)
    await world.ask(
        typing,
        Typing(one, direct),
        Typing(one, direct),
        Typing(one, small),
        Typing(one, large),
        Typing(stranger, small),
    )
    room = (await seen(world, one, small)).room
    assert sorted(said.subject for said in heard) == sorted([f"me.{other}.chat", str(room)])


async def test_looking_is_told_at_coming_and_going_alone_and_ends_by_itself(world: World) -> None:
    one, other, conversation = await pair_of(world)
    heard = await told(world)
    mine, theirs = Look(one, conversation, True), Look(other, conversation, True)
    (first,) = await world.ask(look, mine)
    (second,) = await world.ask(look, theirs)
    assert not isinstance(first, Refusal)
    assert not isinstance(second, Refusal)
    assert (first.people, second.people) == ([], [one])
    await world.ask(look, mine, mine)
    assert len(heard) == 2, "looking on is not told again"
    world.clock.now += timedelta(seconds=46)
    (alone,) = await world.ask(look, mine)
    assert not isinstance(alone, Refusal)
    assert alone.people == []
    await world.ask(look, Look(one, conversation, False))
    assert [said.body["on"] for said in heard] == [True, True, True, False]  # type: ignore[index]
    await world.run(sweep)
    async with world.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM chat_presence") == 0


async def test_who_hides_their_presence_is_not_shown(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await world.run(partial(change_settings, person=one, settings=HIDDEN))
    heard = await told(world)
    await world.ask(look, Look(one, conversation, True))
    (present,) = await world.ask(look, Look(other, conversation, True))
    assert not isinstance(present, Refusal)
    assert present.people == []
    assert len(heard) == 1


async def test_in_a_large_group_only_the_number_of_those_present_is_told(world: World) -> None:
    people = await friends(world, 55)
    group = await group_of(world, people)
    await world.ask(look, *(Look(one, group, True) for one in people[:10]))
    (present,) = await world.ask(look, Look(people[20], group, True))
    assert not isinstance(present, Refusal)
    assert (present.people, present.count) == ([], 10)
