"""Sending: numbers without holes, repeats, who may write to whom."""

from datetime import timedelta

import msgspec
import pytest

from tests.chat.acts import friends, group_of, history, message_id, pair_of, refused, say, seen, text, to
from tests.world import World
from wufu.chat import SendMessage, direct_id, send_messages
from wufu.chat.verbs.safety import ChatSettings, change_settings
from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.ties import Block, RemoveTie, Unblock, block, remove_ties, unblock


async def test_messages_of_a_batch_are_numbered_in_the_order_in_which_they_came(world: World) -> None:
    one, other, conversation = await pair_of(world)
    sent = await say(
        world, *(text(one if n % 2 else other, conversation, f"{n}", name=f"{n}") for n in range(10))
    )
    assert [answer.number for answer in sent] == list(range(2, 12))
    assert [answer.change for answer in sent] == list(range(2, 12))
    told = await history(world, other, conversation)
    assert [message.body["text"] for message in told] == ["hello", *map(str, range(10))]


async def test_the_same_message_again_has_the_same_answer(world: World) -> None:
    one, other, conversation = await pair_of(world)
    request = text(one, conversation, "once")
    first, again = await say(world, request, request)
    (later,) = await say(world, request)
    assert first == again == later
    assert (await seen(world, other, conversation)).last_number == 2


@pytest.mark.parametrize(
    "other",
    [
        {"body": {"text": "twice"}},
        {"kind": "sticker", "body": {"pack": "monkey", "name": "hi"}},
        {"reply_to": 1},
    ],
)
async def test_an_id_with_other_content_is_a_conflict(world: World, other: dict[str, object]) -> None:
    one, _, conversation = await pair_of(world)
    request = text(one, conversation, "once")
    await say(world, request)
    answer = await refused(world, msgspec.structs.replace(request, **other))
    assert answer == IdConflict(id=str(request.id))


async def test_somebody_elses_id_is_a_conflict(world: World) -> None:
    one, other, conversation = await pair_of(world)
    request = text(one, conversation, "mine")
    await say(world, request)
    assert (await refused(world, msgspec.structs.replace(request, person=other))).code == "id_conflict"


async def test_a_conversation_of_two_is_one_whoever_begins(world: World) -> None:
    one, other = await friends(world, 2)
    (first,) = await say(world, to(one, other, "hello"))
    (second,) = await say(world, to(other, one, "hello yourself"))
    assert first.conversation == second.conversation == direct_id(other, one)
    assert (first.number, second.number) == (1, 2)


async def test_notes_to_oneself_need_nobody(world: World) -> None:
    (me,) = await world.people(1)
    (note,) = await say(world, to(me, me, "milk"))
    view = await seen(world, me, note.conversation)
    assert (view.kind, view.with_, view.people_count, view.unread) == ("self", me, 1, 0)


async def test_a_stranger_is_refused_and_leaves_no_conversation(world: World) -> None:
    one, other = await world.people(2)
    assert (await refused(world, to(one, other, "hello"))).code == "not_friends"
    async with world.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM conversation") == 0


async def test_who_lets_strangers_write_hears_three_messages_before_answering(world: World) -> None:
    one, other = await world.people(2)
    await world.run(lambda tx: change_settings(tx, other, ChatSettings(strangers=True)))
    await say(world, *(to(one, other, f"knock {n}") for n in range(3)))
    assert (await refused(world, to(one, other, "knock again"))).code == "knock_limit"
    # Who lets strangers write may answer them, though these let nobody: as sparingly as they were written to.
    await say(world, *(to(other, one, f"who is there? {n}") for n in range(3)))
    assert (await refused(world, to(other, one, "hello?"))).code == "knock_limit"
    await say(world, to(one, other, "me"))
    await say(world, to(other, one, "ah"))


async def test_who_lets_no_strangers_write_cannot_answer_one_of_former_days(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await world.ask(remove_ties, RemoveTie(one, other))
    assert (await refused(world, text(other, conversation, "hey"))).code == "not_friends"
    (third,) = await world.people(1)
    await world.run(lambda tx: change_settings(tx, other, ChatSettings(strangers=True)))
    assert (await refused(world, to(other, third, "hey"))).code == "not_friends", "nobody wrote"


async def test_blocking_ends_talking_both_ways_and_says_why_only_to_who_blocked(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await world.ask(block, Block(other, one))
    assert (await refused(world, text(one, conversation, "hey"))).code == "not_friends"
    assert (await refused(world, text(other, conversation, "hey"))).code == "blocked_by_you"
    await world.ask(unblock, Unblock(other, one))
    assert (await refused(world, text(other, conversation, "hey"))).code == "not_friends"


async def test_who_is_no_friend_any_more_still_reads_what_was_said(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await world.ask(remove_ties, RemoveTie(one, other))
    assert (await refused(world, text(other, conversation, "hey"))).code == "not_friends"
    assert [message.body["text"] for message in await history(world, other, conversation)] == ["hello"]
    assert (await seen(world, other, conversation)).stranger


async def test_who_is_not_in_a_conversation_cannot_tell_that_it_is_there(world: World) -> None:
    one, _, conversation = await pair_of(world)
    (third,) = await world.people(1)
    there = await refused(world, text(third, conversation, "hey"))
    nowhere = await refused(world, text(third, direct_id(third, PersonId(one + 10**6)), "hey"))
    assert there == nowhere
    assert there.code == "no_such_conversation"


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("text", {"text": ""}, "bad_message"),
        ("text", {"text": "   \n"}, "bad_message"),
        ("text", {"text": "x" * 4001}, "bad_message"),
        ("text", {"text": 5}, "bad_message"),
        ("text", {"text": "hi", "links": []}, "bad_message"),
        ("text", {}, "bad_message"),
        ("sticker", {"pack": "../..", "name": "a"}, "bad_message"),
        ("place", {"latitude_e6": 90_000_001, "longitude_e6": 0}, "bad_message"),
        ("name_card", {"person": 0}, "bad_message"),
        ("name_card", {"person": 10**15}, "unknown_person"),
        ("forward", {"conversation": str(message_id("none")), "numbers": [1]}, "no_such_message"),
        ("forward", {"conversation": str(message_id("none")), "numbers": []}, "bad_message"),
        ("card", {"card": "packet"}, "kind_not_allowed"),
        ("notice", {"what": "joined"}, "kind_not_allowed"),
        ("gone", {}, "kind_not_allowed"),
        ("nonsense", {}, "kind_not_allowed"),
    ],
)
async def test_a_body_that_cannot_be_is_refused(
    world: World, kind: str, body: dict[str, object], code: str
) -> None:
    one, _, conversation = await pair_of(world)
    request = SendMessage(one, message_id("odd"), kind, body, conversation=conversation)
    assert (await refused(world, request)).code == code


async def test_a_bad_neighbour_in_a_batch_costs_the_others_nothing(world: World) -> None:
    one, other, conversation = await pair_of(world)
    answers = await world.ask(
        send_messages,
        text(one, conversation, "a"),
        text(one, conversation, ""),
        SendMessage(
            other, message_id("name card"), "name_card", {"person": 10**15}, conversation=conversation
        ),
        text(other, conversation, "b"),
    )
    assert [answer.code if isinstance(answer, Refusal) else answer.number for answer in answers] == [
        2,
        "bad_message",
        "unknown_person",
        3,
    ]


async def test_one_says_forty_messages_at_once_and_then_four_a_second(world: World) -> None:
    one, other, conversation = await pair_of(world)
    world.clock.now += timedelta(seconds=60)
    answers = await world.ask(send_messages, *(text(one, conversation, f"{n}") for n in range(45)))
    assert [isinstance(answer, Refusal) for answer in answers] == [False] * 40 + [True] * 5
    assert isinstance(answers[-1], Refusal)
    assert answers[-1].code == "too_fast"
    await say(world, text(other, conversation, "others may speak"))
    world.clock.now += timedelta(seconds=1)
    answers = await world.ask(send_messages, *(text(one, conversation, f"{n}") for n in range(40, 45)))
    assert [isinstance(answer, Refusal) for answer in answers] == [False] * 4 + [True]


async def test_a_reply_is_to_something_one_sees(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, text(other, conversation, "well?", reply_to=1))
    assert (await history(world, one, conversation))[-1].reply_to == 1
    for number in (0, -1, 3, 2**62):
        assert (await refused(world, text(one, conversation, "?", reply_to=number))).code == "no_such_message"


async def test_mentions_are_of_members_and_everyone_by_who_runs_the_group(world: World) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people[:3])
    await say(world, text(people[1], group, "you!", mentions=(people[2],)))
    assert (await seen(world, people[2], group)).mentions == [2]
    assert (await seen(world, people[0], group)).mentions == []
    assert (await refused(world, text(people[1], group, "?", mentions=(people[3],)))).code == "bad_mention"
    everyone = (PersonId(0),)
    assert (await refused(world, text(people[1], group, "all!", mentions=everyone))).code == "bad_mention"
    await say(world, text(people[0], group, "all!", mentions=everyone))
    assert (await seen(world, people[2], group)).mentions == [2, 3]


async def test_a_forward_tells_what_was_said_and_keeps_it(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[1], group, "secret recipe"), to(people[0], people[1], "hi"))
    request = SendMessage(
        people[0],
        message_id("forward"),
        "forward",
        {"conversation": str(group), "numbers": [2]},
        conversation=direct_id(people[0], people[1]),
    )
    first, again = await say(world, request, request)
    assert first == again
    body = (await history(world, people[1], first.conversation))[-1].body
    assert body["title"] == "family"
    assert isinstance(body["items"], list)
    assert [item["sender"] for item in body["items"]] == [people[1]]
    assert [item["body"] for item in body["items"]] == [{"text": "secret recipe"}]
    notice = msgspec.structs.replace(
        request, id=message_id("notice"), body={"conversation": str(group), "numbers": [1]}
    )
    assert (await refused(world, notice)).code == "no_such_message"
