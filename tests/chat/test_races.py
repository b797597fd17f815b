"""Everything at once, over connections of their own: numbers stay whole, groups stay owned."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from tests.chat.acts import friends, group_of, history, message_id, pair_of, say, seen, text, to
from tests.world import World
from wufu.chat import (
    ChangeCard,
    FoundGroup,
    SendCard,
    SentMessage,
    add_people,
    change_cards,
    direct_id,
    found_group,
    members_of,
    send_cards,
    send_messages,
)
from wufu.chat.verbs import groups
from wufu.chat.verbs.change import EditMessage, React, RecallMessage, edit_messages, react, recall_messages
from wufu.chat.verbs.invites import invite, join
from wufu.chat.verbs.reading import ReadChat, read_chats
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx


async def test_batches_into_many_conversations_at_once_leave_no_hole(world: World) -> None:
    people = await friends(world, 6)
    rooms = [await group_of(world, people, f"group {n}") for n in range(4)]

    async def batch(turn: int) -> None:
        order = rooms if turn % 2 else rooms[::-1]
        await say(world, *(text(people[turn % 6], room, f"{turn}") for room in order))

    await asyncio.gather(*(batch(turn) for turn in range(24)))
    for room in rooms:
        told = await history(world, people[0], room)
        assert [message.number for message in told] == list(range(1, 26))
        assert {message.body["text"] for message in told[1:]} == {f"{turn}" for turn in range(24)}


async def test_one_message_sent_over_many_lines_at_once_is_one_message(world: World) -> None:
    one, other = await friends(world, 2)
    request = to(one, other, "hello")
    answers = await asyncio.gather(*(world.ask_one(send_messages, request) for _ in range(8)))
    assert len(set(map(repr, answers))) == 1
    assert len(await history(world, other, direct_id(one, other))) == 1


async def test_two_who_begin_to_talk_at_once_share_one_conversation(world: World) -> None:
    people = await friends(world, 7)
    await asyncio.gather(
        *(say(world, to(people[0], other, "a")) for other in people[1:]),
        *(say(world, to(other, people[0], "b")) for other in people[1:]),
    )
    for other in people[1:]:
        assert len(await history(world, other, direct_id(people[0], other))) == 2


async def test_everything_that_changes_a_message_at_once_takes_its_own_change_number(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, text(one, conversation, "a"), text(one, conversation, "b"))
    card = SendCard(conversation, one, message_id("card"), "packet", {"state": 0})
    await world.ask(send_cards, card)
    await asyncio.gather(
        *(world.ask(edit_messages, EditMessage(one, conversation, 1, f"edit {n}")) for n in range(5)),
        *(world.ask(react, React(who, conversation, 1, "👍", True)) for who in (one, other)),
        *(world.ask(change_cards, ChangeCard(conversation, card.id, {"state": n})) for n in range(1, 6)),
        world.ask(recall_messages, RecallMessage(one, conversation, 2)),
        *(say(world, text(other, conversation, f"{n}")) for n in range(5)),
    )
    view = await seen(world, one, conversation)
    told = await history(world, one, conversation)
    assert [message.number for message in told] == list(range(1, 10))
    assert len({message.change for message in told}) == 9
    assert view.last_change == max(message.change for message in told) == 4 + 5 + 2 + 5 + 1 + 5
    assert told[0].reactions.keys() == {"👍"}
    assert set(told[0].reactions["👍"]) == {one, other}


async def test_the_last_use_of_an_invitation_lets_one_in(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    others = await world.people(6)
    invitation = await world.run(partial(invite, person=people[0], conversation=group, seconds=600, uses=2))

    async def follow(person: PersonId) -> bool:
        try:
            await world.run(partial(join, person=person, token=invitation.token))
        except Refusal:
            return False
        return True

    assert sorted(await asyncio.gather(*map(follow, others))) == [False] * 4 + [True] * 2
    async with world.database.read() as connection:
        assert len(await members_of(connection, group)) == 4


async def test_all_who_leave_at_once_leave_one_owner_while_anybody_is_there(world: World) -> None:
    people = await friends(world, 8)
    group = await group_of(world, people)
    await asyncio.gather(
        *(world.run(partial(groups.leave, person=one, conversation=group)) for one in people[:7]),
        *(say(world, text(people[7], group, f"{n}")) for n in range(5)),
    )
    assert (await seen(world, people[7], group)).role == "owner"
    await world.run(partial(groups.leave, person=people[7], conversation=group))


async def test_adding_and_removing_the_same_person_at_once_leaves_the_counts_right(world: World) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people[:3])

    refused: set[str] = set()

    async def tries(act: Callable[[Tx], Awaitable[object]]) -> None:
        try:
            await world.run(act)
        except Refusal as refusal:
            refused.add(refusal.code)

    acts: list[Callable[[Tx], Awaitable[object]]] = []
    for _ in range(4):
        acts.append(partial(add_people, person=people[0], conversation=group, people=[people[3]]))
        acts.append(partial(groups.remove, person=people[0], conversation=group, who=people[3]))
        acts.append(partial(groups.leave, person=people[3], conversation=group))
    await asyncio.gather(*map(tries, acts))
    assert refused <= {"no_such_member", "no_such_conversation"}


async def test_a_group_founded_twice_at_once_is_one(world: World) -> None:
    people = await friends(world, 3)
    ids = await asyncio.gather(*(group_of(world, people) for _ in range(5)))
    assert len(set(ids)) == 1
    other = FoundGroup(people[1], ids[0], "other", ())
    answers = await asyncio.gather(
        *(world.run(lambda tx: found_group(tx, other)) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(answer, Refusal) and answer.code == "id_conflict" for answer in answers)


async def test_cursors_that_race_end_at_the_highest(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, *(text(one, conversation, f"{n}") for n in range(9)))
    await asyncio.gather(
        *(world.ask(read_chats, ReadChat(other, conversation, n)) for n in range(1, 11)),
        *(world.ask(read_chats, ReadChat(other, conversation, n)) for n in range(10, 0, -1)),
    )
    assert (await seen(world, other, conversation)).read_through == 10


async def test_a_pace_is_kept_over_many_lines(world: World) -> None:
    one, _, conversation = await pair_of(world)
    world.clock.now += timedelta(seconds=60)
    await say(world, text(one, conversation, "first"))
    answers = await asyncio.gather(
        *(world.ask_one(send_messages, text(one, conversation, f"{n}")) for n in range(60))
    )
    assert sum(isinstance(answer, SentMessage) for answer in answers) == 39
