"""Catching up: whatever a phone missed, what it holds in the end is what the server has.

A model of a phone follows the sync rule over pushes that are lost, doubled and late, disconnects at random,
and is compared with a fresh snapshot. The seed of a failing run repeats it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import msgspec
import pytest

from tests.chat.acts import changed, friends, group_id, group_of, say, text, to
from tests.world import World
from wufu.chat import FoundGroup, Message, direct_id, found_group, send_messages
from wufu.chat.listing import ConversationView, see_chats
from wufu.chat.model import Notify
from wufu.chat.syncing import (
    DRAWERS,
    MOST_VIEWS,
    Have,
    Place,
    compare,
    digest_of,
    drawer_of,
    line_of,
    sync,
)
from wufu.chat.verbs.change import (
    EditMessage,
    React,
    RecallMessage,
    edit_messages,
    react,
    recall_messages,
)
from wufu.chat.verbs.groups import Own, set_own, set_title
from wufu.chat.verbs.reading import ReadChat, read_chats
from wufu.chat.views import see_changes, see_history
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Said
from wufu.ties import RemoveTie, remove_ties


@dataclass(slots=True)
class Phone:
    """What a phone holds: messages, and up to which change it lacks nothing."""

    person: PersonId
    held: dict[ConversationId, dict[int, Message]] = field(default_factory=dict)
    through: dict[ConversationId, int] = field(default_factory=dict)
    views: dict[ConversationId, ConversationView] = field(default_factory=dict)
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

    async def catch_up(self, world: World) -> list[str]:
        """As the page does: compare drawers, then page through those that differ. What was asked and said."""
        async with world.database.read() as connection:
            differ = await compare(connection, self.person, self.digests())
        below: Place | None = None
        have = {each: self.have(each) for each in self.views if drawer_of(each) in differ}
        pages = []
        while differ:
            async with world.database.read() as connection:
                answer = await sync(connection, self.person, have, differ, below)
            pages.append(answer)
            for view in answer.conversations:
                self.views[view.id] = view
                have.pop(view.id, None)
            for conversation in answer.gone:
                for kept in (self.views, self.held, self.through, have):
                    kept.pop(conversation, None)
            for conversation, changes in answer.changes.items():
                self.keep(conversation, changes.messages)
                self.through[conversation] = max(self.through.get(conversation, 0), changes.through)
                while changes.more:
                    changes = await changed(world, self.person, conversation, self.through[conversation])
                    self.keep(conversation, changes.messages)
                    self.through[conversation] = changes.through
            below = answer.next
            if below is None:
                break
        self.lacks = False
        return [str(view.id) for page in pages for view in page.conversations]

    def have(self, conversation: ConversationId) -> Have:
        view = self.views[conversation]
        through = self.through.get(conversation, view.last_change)
        return Have(through, view.read_through, view.peer_read_through, view.mark)

    def digests(self) -> dict[str, str]:
        lines: dict[str, list[str]] = {drawer: [] for drawer in DRAWERS}
        for conversation, view in self.views.items():
            through = self.through.get(conversation, view.last_change)
            if view.kind == "group" or through:
                now = msgspec.structs.replace(view, last_change=through)
                lines[drawer_of(conversation)].append(line_of(now))
        return {drawer: digest_of(each) for drawer, each in lines.items()}


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
    elif roll < 0.95:
        await world.ask(react, *(React(each, group, number, "👍", chance.random() < 0.7) for each in people))
    elif roll < 0.98:
        await world.ask(read_chats, ReadChat(one, group, number), ReadChat(one, direct_id(*people[:2]), 3))
    else:
        notify: Notify = chance.choice(["all", "mentions", "none"])
        await world.run(lambda tx: set_own(tx, one, group, Own(notify, pinned=chance.random() < 0.5)))
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
            assert phone.views[view.id].mark == view.mark
            assert phone.views[view.id].read_through == view.read_through
            assert phone.views[view.id].peer_read_through == view.peer_read_through
        assert await compare(connection, phone.person, phone.digests()) == "", "nothing is left to say"


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
        assert (answer.gone, answer.conversations, answer.changes, answer.next) == ([group], [], {}, None)
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


async def _in_many_groups(world: World, many: int) -> list[PersonId]:
    people = await friends(world, 3)
    for place in range(many):
        world.clock.now += timedelta(seconds=1)
        wanted = FoundGroup(people[0], group_id(f"one of many {place}"), f"群{place}", tuple(people[1:]))
        await world.run(partial(found_group, request=wanted))
    return people


async def test_only_what_changed_is_said_whatever_changed_it(world: World) -> None:
    people = await _in_many_groups(world, 12)
    phone = Phone(people[1])
    assert len(await phone.catch_up(world)) == 12
    assert await phone.catch_up(world) == [], "an idle phone is told nothing"
    some = group_id("one of many 3")
    await say(world, text(people[0], some, "你好"))
    assert await phone.catch_up(world) == [str(some)]
    await world.ask(read_chats, ReadChat(people[1], some, 2))
    assert await phone.catch_up(world) == [str(some)], "another phone of mine read it"
    await world.run(lambda tx: set_own(tx, people[1], some, Own(notify="none")))
    assert await phone.catch_up(world) == [str(some)]
    await world.run(lambda tx: set_title(tx, people[0], some, "守岁"))
    assert await phone.catch_up(world) == [str(some)]
    assert phone.views[some].title == "守岁"
    await say(world, to(people[0], people[1], "私聊"))
    assert await phone.catch_up(world) == [str(direct_id(people[0], people[1]))]
    await world.ask(read_chats, ReadChat(people[1], direct_id(people[0], people[1]), 1))
    other = Phone(people[0])
    await other.catch_up(world)
    assert other.views[direct_id(people[0], people[1])].peer_read_through == 1
    await phone.catch_up(world)
    await world.ask(remove_ties, RemoveTie(people[0], people[1]))
    assert await phone.catch_up(world) == [str(direct_id(people[0], people[1]))], "no friends any more"
    assert phone.views[direct_id(people[0], people[1])].stranger


async def test_somebody_in_hundreds_of_groups_gets_them_in_pages_the_newest_first(world: World) -> None:
    many = 2 * MOST_VIEWS + 7
    people = await _in_many_groups(world, many)
    seen: list[ConversationView] = []
    below = None
    for size in (MOST_VIEWS, MOST_VIEWS, 7):
        async with world.database.read() as connection:
            page = await sync(connection, people[2], {}, below=below)
        assert len(page.conversations) == size
        below = page.next
        seen += page.conversations
    assert below is None
    assert [view.title for view in seen] == [f"群{place}" for place in reversed(range(many))]


async def test_a_page_is_cut_where_its_messages_are_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await _in_many_groups(world, 5)
    for place in range(5):
        await say(world, *(text(people[0], group_id(f"one of many {place}"), f"{n}") for n in range(7)))
        world.clock.now += timedelta(seconds=10)
    monkeypatch.setattr("wufu.chat.syncing.MOST_SYNCED", 12)
    sizes, below, first = [], None, True
    while first or below is not None:
        async with world.database.read() as connection:
            page = await sync(connection, people[1], {}, below=below)
        sizes.append(len(page.conversations))
        below, first = page.next, False
    assert sizes == [2, 2, 1]


async def test_a_drawer_is_compared_alone(world: World) -> None:
    people = await _in_many_groups(world, 6)
    phone = Phone(people[1])
    await phone.catch_up(world)
    one = group_id("one of many 2")
    await say(world, text(people[0], one, "你好"))
    async with world.database.read() as connection:
        digests = phone.digests()
        assert await compare(connection, people[1], digests) == drawer_of(one)
        others = {drawer: each for drawer, each in digests.items() if drawer != drawer_of(one)}
        assert await compare(connection, people[1], others) == ""
        outside = "".join(others)
        answer = await sync(connection, people[1], {}, outside)
    assert one not in {view.id for view in answer.conversations}


def test_a_digest_is_the_one_that_the_page_computes() -> None:
    # app/phone/test/chat-store.test.ts has the same words and digits.
    lines = [
        "00000000-0000-4000-8000-00000000000a 7 5 - mark",
        "00000000-0000-4000-8000-00000000001a 1 0 0 x",
    ]
    assert digest_of(lines) == digest_of(reversed(lines)) == "a97e9ba609d04b058a2d5aa4"
    assert digest_of([]) == "e3b0c44298fc1c149afbf4c8"
