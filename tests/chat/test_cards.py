"""Cards of other domains: sent, changed, and the small questions other domains ask."""

import pytest

from tests.chat.acts import changed, friends, group_id, group_of, history, message_id, refused, say, text
from tests.world import World
from wufu.chat import (
    ChangeCard,
    SendCard,
    change_cards,
    direct_conversation,
    direct_id,
    members_of,
    see_role,
    send_cards,
)
from wufu.chat.verbs.change import RecallMessage, recall_messages
from wufu.chat.verbs.groups import silence_all
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.ties import Block, block

PACKET: dict[str, object] = {"packet": "p1", "state": "open"}


async def test_a_card_changes_under_the_next_change_number(world: World) -> None:
    one, other = await friends(world, 2)
    conversation = await world.run(lambda tx: direct_conversation(tx, one, other))
    card = SendCard(conversation, one, message_id("card"), "packet", PACKET)
    first, again = await world.ask(send_cards, card, card)
    assert first == again
    change = ChangeCard(conversation, card.id, {"packet": "p1", "state": "finished"})
    (now,) = await world.ask(change_cards, change)
    (same,) = await world.ask(change_cards, change)
    assert not isinstance(now, Refusal)
    assert (now.number, now.change) == (1, 2)
    assert same == now
    (message,) = (await changed(world, other, conversation, 1)).messages
    assert message.body == {"card": "packet", "packet": "p1", "state": "finished"}


async def test_a_card_sent_again_after_it_changed_is_still_the_same(world: World) -> None:
    one, other = await friends(world, 2)
    conversation = await world.run(lambda tx: direct_conversation(tx, one, other))
    card = SendCard(conversation, one, message_id("card"), "packet", PACKET)
    await world.ask(send_cards, card)
    await world.ask(change_cards, ChangeCard(conversation, card.id, {"state": "finished"}))
    (again,) = await world.ask(send_cards, card)
    assert not isinstance(again, Refusal)
    assert again.number == 1
    (message,) = await history(world, other, conversation)
    assert message.body["state"] == "finished"


async def test_only_cards_change_and_only_known_ones(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "text", name="text"))
    answers = await world.ask(
        change_cards,
        ChangeCard(group, message_id("text"), {"text": "other words"}),
        ChangeCard(group, message_id("nothing"), {}),
        ChangeCard(group_id("nowhere"), message_id("text"), {}),
    )
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["no_such_message"] * 3


async def test_a_recalled_card_stays_recalled(world: World) -> None:
    one, other = await friends(world, 2)
    conversation = await world.run(lambda tx: direct_conversation(tx, one, other))
    await world.ask(send_cards, SendCard(conversation, one, message_id("card"), "packet", PACKET))
    await world.ask(recall_messages, RecallMessage(one, conversation, 1))
    (answer,) = await world.ask(change_cards, ChangeCard(conversation, message_id("card"), {"state": "open"}))
    assert not isinstance(answer, Refusal)
    (message,) = await history(world, other, conversation)
    assert (message.body, message.recalled_by) == ({}, one)


async def test_a_card_is_refused_where_its_sender_may_not_speak(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await world.run(lambda tx: silence_all(tx, people[0], group, True))
    stranger = (await world.people(1))[0]
    answers = await world.ask(
        send_cards,
        SendCard(group, people[1], message_id("1"), "packet", PACKET),
        SendCard(group, stranger, message_id("2"), "packet", PACKET),
        SendCard(group, people[0], message_id("3"), "packet", PACKET),
        SendCard(group, people[0], message_id("4"), "packet", {"much": "x" * 5000}),
    )
    codes = [answer.code if isinstance(answer, Refusal) else "sent" for answer in answers]
    assert codes == ["muted", "no_such_conversation", "sent", "bad_message"]


async def test_others_ask_who_is_in_a_conversation(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    async with world.database.read() as connection:
        assert await members_of(connection, group) == sorted(people)
        assert await members_of(connection, group_id("nowhere")) == []
        roles = [await see_role(connection, group, one) for one in (*people, PersonId(people[-1] + 1))]
    assert roles == ["owner", "member", "member", None]


async def test_a_conversation_of_two_is_for_friends(world: World) -> None:
    one, other = await friends(world, 2)
    stranger = (await world.people(1))[0]
    assert await world.run(lambda tx: direct_conversation(tx, other, one)) == direct_id(one, other)
    assert await world.run(lambda tx: direct_conversation(tx, one, one)) == direct_id(one, one)
    with pytest.raises(Refusal, match="not_friends"):
        await world.run(lambda tx: direct_conversation(tx, one, stranger))
    await world.ask(block, Block(one, other))
    with pytest.raises(Refusal, match="blocked_by_you"):
        await world.run(lambda tx: direct_conversation(tx, one, other))
    assert (await refused(world, text(other, direct_id(one, other), "hey"))).code == "not_friends"
