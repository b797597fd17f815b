"""Edits, recalls and reactions: what happens to a message after it was sent."""

from datetime import timedelta

import pytest

from tests.chat.acts import changed, friends, group_of, history, pair_of, refused, say, seen, text
from tests.world import World
from wufu.chat import model
from wufu.chat.verbs.change import (
    EditMessage,
    React,
    RecallMessage,
    edit_messages,
    is_emoji,
    react,
    recall_messages,
)
from wufu.chat.verbs.groups import mute
from wufu.chat.views import see_found
from wufu.core.refusals import Refusal
from wufu.ties import Block, block


def code(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else "ok"


async def test_an_edit_is_seen_under_a_new_change_and_the_old_number(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, text(one, conversation, "dinner at sixx"))
    (edited,) = await world.ask(edit_messages, EditMessage(one, conversation, 2, "dinner at six"))
    assert not isinstance(edited, Refusal)
    assert (edited.number, edited.change) == (2, 3)
    (message,) = (await changed(world, other, conversation, 2)).messages
    assert message.body == {"text": "dinner at six"}
    assert message.edited_at == world.clock.now
    (again,) = await world.ask(edit_messages, EditMessage(one, conversation, 2, "dinner at six"))
    assert again == edited


async def test_only_ones_own_texts_can_be_edited_and_for_a_day(world: World) -> None:
    one, other, conversation = await pair_of(world)
    assert code(await world.ask_one(edit_messages, EditMessage(other, conversation, 1, "x"))) == (
        "not_allowed_here"
    )
    assert (
        code(await world.ask_one(edit_messages, EditMessage(one, conversation, 9, "x"))) == "no_such_message"
    )
    assert code(await world.ask_one(edit_messages, EditMessage(one, conversation, 1, ""))) == "bad_message"
    world.clock.now += timedelta(hours=24)
    assert code(await world.ask_one(edit_messages, EditMessage(one, conversation, 1, "x"))) == "ok"
    world.clock.now += timedelta(seconds=1)
    assert code(await world.ask_one(edit_messages, EditMessage(one, conversation, 1, "y"))) == "too_late"


async def test_an_edit_changes_whom_a_message_mentions_and_how_it_is_found(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[1], group, "苹果", mentions=(people[0],)))
    await world.ask(edit_messages, EditMessage(people[1], group, 2, "香蕉", (people[2],)))
    assert (await seen(world, people[0], group)).mentions == []
    assert (await seen(world, people[2], group)).mentions == [2]
    await world.ask(edit_messages, EditMessage(people[1], group, 2, "香蕉"))
    assert (await seen(world, people[2], group)).mentions == []
    async with world.database.read() as connection:
        assert (await see_found(connection, people[0], "苹果")).found == []
        assert len((await see_found(connection, people[0], "香蕉")).found) == 1


async def test_a_recall_within_two_minutes_leaves_nothing_of_what_was_said(world: World) -> None:
    one, other, conversation = await pair_of(world)
    request = text(one, conversation, "你猜我买了什么")
    await say(world, request)
    await world.ask(react, React(other, conversation, 2, "👍", True))
    world.clock.now += timedelta(minutes=2)
    (answer,) = await world.ask(recall_messages, RecallMessage(one, conversation, 2))
    assert code(answer) == "ok"
    (message,) = (await changed(world, other, conversation, 3)).messages
    assert (message.body, message.recalled_by, message.reactions, message.number) == ({}, one, {}, 2)
    async with world.database.read() as connection:
        assert (await see_found(connection, other, "买了什么")).found == []
    assert (await world.ask(recall_messages, RecallMessage(one, conversation, 2)))[0] == answer
    # The phone that sends it again, for it did not hear the answer, does not bring it back.
    (again,) = await say(world, request)
    assert again.number == 2
    assert (await history(world, other, conversation))[-1].body == {}


async def test_a_recall_is_too_late_after_two_minutes_but_not_for_who_runs_the_group(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[1], group, "oops"))
    world.clock.now += timedelta(minutes=2, seconds=1)
    for who, expected in ((people[2], "not_allowed_here"), (people[1], "too_late"), (people[0], "ok")):
        assert code(await world.ask_one(recall_messages, RecallMessage(who, group, 2))) == expected
    assert (
        code(await world.ask_one(recall_messages, RecallMessage(people[0], group, 1))) == "kind_not_allowed"
    )


async def test_reactions_are_people_by_emoji_and_each_is_given_once(world: World) -> None:
    one, other, conversation = await pair_of(world)
    asked = [React(one, conversation, 1, "👍", True), React(other, conversation, 1, "👍", True)]
    answers = await world.ask(react, *asked, *asked)
    assert not isinstance(answers[-1], Refusal)
    assert answers[-1].reactions == {"👍": [one, other]}
    assert answers[-1].change == 2, "a batch of reactions to one message is one change"
    (off,) = await world.ask(react, React(one, conversation, 1, "👍", False))
    assert not isinstance(off, Refusal)
    assert off.reactions == {"👍": [other]}
    assert (await history(world, one, conversation))[0].reactions == {"👍": [other]}


async def test_reactions_are_bounded_and_of_emoji(world: World) -> None:
    one, other, conversation = await pair_of(world)
    four = [React(one, conversation, 1, emoji, True) for emoji in "👍🎉😀🍎"]
    assert [code(answer) for answer in await world.ask(react, *four)] == ["ok"] * 3 + ["too_many_reactions"]
    for emoji in ("", "a", "<b>", "👍 ", "é", "五", "👍" * 17, "1"):
        assert code(await world.ask_one(react, React(other, conversation, 1, emoji, True))) == "bad_message"
    assert is_emoji("👨‍👩‍👧‍👦")
    assert is_emoji("❤️")
    assert is_emoji("1️⃣")
    people = {f"{chr(0x1F600 + kind)}": [one] for kind in range(model.MOST_KINDS_OF_REACTION)}
    assert model.decide_reaction(people, other, "👍", True) is None


async def test_across_a_block_nothing_is_edited_or_reacted_to_but_recalled(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await world.ask(block, Block(other, one))
    assert code(await world.ask_one(edit_messages, EditMessage(one, conversation, 1, "x"))) == "not_friends"
    assert code(await world.ask_one(react, React(one, conversation, 1, "👍", True))) == "not_friends"
    assert code(await world.ask_one(recall_messages, RecallMessage(one, conversation, 1))) == "ok"


@pytest.mark.parametrize("verb", ["edit", "react", "recall"])
async def test_who_is_not_in_a_conversation_changes_nothing(world: World, verb: str) -> None:
    _, _, conversation = await pair_of(world)
    (third,) = await world.people(1)
    answer: object
    if verb == "edit":
        answer = await world.ask_one(edit_messages, EditMessage(third, conversation, 1, "x"))
    elif verb == "react":
        answer = await world.ask_one(react, React(third, conversation, 1, "👍", True))
    else:
        answer = await world.ask_one(recall_messages, RecallMessage(third, conversation, 1))
    assert code(answer) == "no_such_conversation"


async def test_a_muted_member_neither_edits_nor_reacts(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    await say(world, text(people[1], group, "hm"))
    await world.run(lambda tx: mute(tx, people[0], group, people[1], 60))
    assert code(await world.ask_one(edit_messages, EditMessage(people[1], group, 2, "x"))) == "muted"
    assert code(await world.ask_one(react, React(people[1], group, 2, "👍", True))) == "muted"
    assert (await refused(world, text(people[1], group, "hey"))).code == "muted"
