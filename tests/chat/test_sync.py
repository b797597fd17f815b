"""Catching up: whatever a phone missed, what it holds in the end is what the server has.

A model of a phone follows the sync rule over pushes that are lost, doubled and late, disconnects at random,
and is compared with a fresh snapshot. The seed of a failing run repeats it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.chat.acts import friends, group_of, say, text, to
from tests.world import World
from wufu.chat import Message, direct_id, send_messages
from wufu.chat.listing import see_chats
from wufu.chat.verbs.change import (
    EditMessage,
    React,
    RecallMessage,
    edit_messages,
    react,
    recall_messages,
)
from wufu.chat.views import Have, see_changes, see_history, sync
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Said


@dataclass(slots=True)
class Phone:
    """What a phone holds: messages, and up to which change it lacks nothing."""

    person: PersonId
    held: dict[ConversationId, dict[int, Message]] = field(default_factory=dict)
    through: dict[ConversationId, int] = field(default_factory=dict)
    lacks: bool = True

    def keep(self, conversation: ConversationId, messages: Sequence[Message]) -> None:
        held = self.held.setdefault(conversation, {})
        for message in messages:
            before = held.get(message.number)
            if before is None or before.change < message.change:
                held[message.number] = message

    def hear(self, body: dict[str, object]) -> None:
        """One pushed word of changes: applied when it follows, else something is lacking."""
        conversation, messages = body["conversation"], body["messages"]
        have = self.through.get(conversation)  # type: ignore[call-overload]
        assert isinstance(messages, list)
        fresh = [message for message in messages if message.change > (have or 0)]
        if have is None or [each.change for each in fresh] != list(range(have + 1, have + 1 + len(fresh))):
            self.lacks = True
            return
        self.keep(conversation, fresh)  # type: ignore[arg-type]
        self.through[conversation] = have + len(fresh)  # type: ignore[index]

    async def catch_up(self, world: World) -> None:
        more = True
        while more:
            have = {each: Have(through) for each, through in self.through.items()}
            async with world.database.read() as connection:
                answer = await sync(connection, self.person, have)
            for conversation, changes in answer.changes.items():
                self.keep(conversation, changes.messages)
                self.through[conversation] = max(self.through.get(conversation, 0), changes.through)
            more = any(changes.more for changes in answer.changes.values())
        self.lacks = False


async def act(world: World, chance: random.Random, people: list[PersonId], group: ConversationId) -> None:
    """Something happens; whether it is refused does not matter here."""
    one = chance.choice(people)
    number = chance.randrange(1, 40)
    roll = chance.random()
    if roll < 0.6:
        size = chance.randrange(1, 4)
        await world.ask(send_messages, *(text(one, group, f"{chance.random()} 你好") for _ in range(size)))
    elif roll < 0.7:
        await world.ask(send_messages, to(people[0], people[1], f"{chance.random()}"))
    elif roll < 0.8:
        await world.ask(edit_messages, EditMessage(one, group, number, f"{chance.random()} edited"))
    elif roll < 0.9:
        await world.ask(recall_messages, RecallMessage(one, group, number))
    else:
        await world.ask(react, *(React(each, group, number, "👍", chance.random() < 0.7) for each in people))
    world.clock.now += timedelta(seconds=chance.choice([0, 1, 30]))


@pytest.mark.parametrize("seed", range(6))
async def test_a_phone_that_misses_words_holds_in_the_end_what_the_server_has(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    people = await friends(world, 4)
    group = await group_of(world, people)
    said: list[Said] = []

    async def hear(words: Sequence[Said]) -> None:
        said.extend(words)

    world.database.hearers.append(hear)
    phones = [Phone(person) for person in people[1:]]
    late: list[tuple[Phone, dict[str, object]]] = []
    for _ in range(60):
        await act(world, chance, people, group)
        words, said[:] = [word.body for word in said if f"me.{people[0]}." not in word.subject], []
        for phone in phones:
            for body in words:
                assert isinstance(body, dict)
                if body["kind"] != "changes" or (body["conversation"] != group and phone.person != people[1]):
                    continue
                for _ in range(chance.choice([0, 1, 1, 1, 1, 2])):  # lost, once, twice
                    if chance.random() < 0.15:
                        late.append((phone, body))
                    else:
                        phone.hear(body)
            if phone.lacks and chance.random() < 0.3:
                await phone.catch_up(world)
        if chance.random() < 0.3:
            chance.shuffle(late)
            while late:
                phone, body = late.pop()
                phone.hear(body)
    for phone in phones:
        await phone.catch_up(world)
        await _same_as_fresh(world, phone)


async def _same_as_fresh(world: World, phone: Phone) -> None:
    async with world.database.read() as connection:
        chats = await see_chats(connection, phone.person)
        for view in chats.conversations:
            history = await see_history(connection, phone.person, view.id, after=0, limit=200)
            assert [message.number for message in history] == list(range(1, view.last_number + 1))
            assert phone.held[view.id] == {message.number: message for message in history}
            assert phone.through[view.id] == view.last_change


async def test_a_phone_that_was_away_for_long_catches_up_page_by_page(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    phone = Phone(people[1])
    await phone.catch_up(world)
    for minute in range(15):
        world.clock.now = world.clock.now.replace(hour=13, minute=minute)
        await say(world, *(text(people[0], group, f"{minute} {n}") for n in range(35)))
    async with world.database.read() as connection:
        first = await sync(connection, phone.person, {group: Have(phone.through[group])})
    assert (len(first.changes[group].messages), first.changes[group].more) == (200, True)
    await phone.catch_up(world)
    assert list(phone.held[group]) == list(range(1, 15 * 35 + 2))


async def test_a_new_phone_begins_with_the_newest_twenty(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    await say(world, *(text(people[0], group, f"{n}") for n in range(30)))
    phone = Phone(people[1])
    await phone.catch_up(world)
    assert list(phone.held[group]) == list(range(12, 32))
    assert phone.through[group] == 31


async def test_a_phone_ahead_of_a_restored_database_begins_anew(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    async with world.database.read() as connection:
        answer = await sync(connection, people[1], {group: Have(10**6)})
    assert answer.changes[group].through == 1
    assert [message.number for message in answer.changes[group].messages] == [1]


async def test_nothing_is_answered_to_who_lacks_nothing_and_gone_is_what_one_left(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people[:2])
    async with world.database.read() as connection:
        assert (await sync(connection, people[1], {group: Have(1)})).changes == {}
        answer = await sync(connection, people[2], {group: Have(1)})
        assert (answer.gone, answer.conversations, answer.changes) == ([group], [], {})
        with pytest.raises(Refusal, match="no_such_conversation"):
            await see_changes(connection, people[2], group, 0)


async def test_a_conversation_nobody_has_spoken_in_is_not_listed(world: World) -> None:
    one, other = await friends(world, 2)
    await say(world, to(one, other, "hi"))
    (note,) = await say(world, to(one, one, "note"))
    async with world.database.read() as connection:
        mine = [view.id for view in (await see_chats(connection, one)).conversations]
        theirs = [view.id for view in (await see_chats(connection, other)).conversations]
    assert set(mine) == {note.conversation, direct_id(one, other)}
    assert theirs == [direct_id(one, other)]
