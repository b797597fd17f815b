"""Who talked to whom: counted each minute, exactly once, without a fact a message."""

import asyncio
from typing import Any

import pytest

from tests.chat.acts import friends, group_of, say, text, to
from tests.conftest import TestClock
from tests.world import World, an_id
from wufu.chat import SendCard, add_people, direct_id, send_cards
from wufu.chat.verbs import talk
from wufu.chat.verbs.change import RecallMessage, recall_messages
from wufu.core.ids import MessageId
from wufu.db import Tx


class PowerCut(Exception):
    """The server dies."""


Said = dict[str, dict[str, list[list[int]]]]


async def announced(world: World, *, every: bool = False) -> Said:
    """What the job announces now, by day and by pairs or parts."""
    await (talk.announce_all_talk if every else talk.announce_talk)(world.database)
    found: Said = {}

    async def take(tx: Tx) -> None:
        rows = await tx.connection.fetch(
            "DELETE FROM outbox WHERE kind = 'chat.talked' RETURNING body, audience"
        )
        for row in rows:
            assert row["audience"] == []
            body: dict[str, Any] = row["body"]
            day = found.setdefault(body.pop("day"), {})
            for name, entries in body.items():
                day.setdefault(name, []).extend(entries)

    await world.run(take)
    return found


async def test_messages_of_two_are_counted_each_way_once(world: World) -> None:
    one, other, third = await friends(world, 3)
    await say(world, *(to(one, other, f"{number}") for number in range(3)), to(one, third, "hi"))
    await say(world, to(other, one, "well"))
    assert await announced(world) == {
        "2016-01-31": {"pairs": [[one, other, 3], [one, third, 1], [other, one, 1]]}
    }
    assert await announced(world) == {}
    await say(world, to(other, one, "again"))
    assert await announced(world) == {"2016-01-31": {"pairs": [[other, one, 1]]}}
    assert await announced(world, every=True) == {}


async def test_a_message_in_a_group_is_said_to_each_of_the_others_a_little(world: World) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "a"), text(people[0], group, "b"), text(people[3], group, "c"))
    (parts,) = (await announced(world)).values()
    assert parts == {
        "parts": [
            *([people[0], other, 2 * 333] for other in people[1:]),
            *([people[3], other, 333] for other in people[:3]),
        ]
    }


async def test_in_a_large_group_one_speaks_to_nobody_in_particular(world: World) -> None:
    people = await friends(world, talk.MOST_TALKING + 1)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "hello all"))
    assert await announced(world) == {}
    assert await announced(world, every=True) == {}


async def test_cards_notices_notes_and_what_was_recalled_are_no_talk(world: World) -> None:
    one, other = await friends(world, 2)
    await say(world, to(one, other, "oops"), to(one, one, "buy dumplings"), to(one, other, "hello"))
    conversation = direct_id(one, other)
    await world.ask(recall_messages, RecallMessage(one, conversation, 1))
    await world.ask(send_cards, SendCard(conversation, one, MessageId(an_id("card")), "packet", {}))
    assert await announced(world) == {"2016-01-31": {"pairs": [[one, other, 1]]}}


async def test_a_day_ends_at_midnight_in_china(world: World, clock: TestClock) -> None:
    one, other = await friends(world, 2)
    clock.now = clock.now.replace(hour=15, minute=59, second=59)
    await say(world, to(one, other, "last year"))
    clock.advance(seconds=1)
    await say(world, to(one, other, "this year"), to(one, other, "indeed"))
    assert await announced(world) == {
        "2016-01-31": {"pairs": [[one, other, 1]]},
        "2016-02-01": {"pairs": [[one, other, 2]]},
    }


async def test_what_nobody_announced_for_hours_is_announced_by_the_hourly_job(
    world: World, clock: TestClock
) -> None:
    one, other = await friends(world, 2)
    await say(world, to(one, other, "hello"))
    clock.advance(hours=5)
    assert await announced(world) == {}
    assert await announced(world, every=True) == {"2016-01-31": {"pairs": [[one, other, 1]]}}


async def test_two_servers_at_once_announce_it_once(world: World) -> None:
    one, other = await friends(world, 2)
    await say(world, to(one, other, "hello"))
    second: list[asyncio.Task[None]] = []

    async def first(tx: Tx) -> None:
        await talk.announce_some(tx, [direct_id(one, other)])
        second.append(asyncio.create_task(talk.announce_talk(world.database)))
        async with asyncio.timeout(10):
            # Until the other one waits for this transaction.
            while not await tx.connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0)

    await world.run(first)
    await second[0]
    assert await announced(world) == {"2016-01-31": {"pairs": [[one, other, 1]]}}


async def test_a_server_that_dies_announcing_leaves_it_for_the_next(world: World) -> None:
    one, other = await friends(world, 2)
    await say(world, to(one, other, "hello"))

    async def announce_and_die(tx: Tx) -> None:
        await talk.announce_some(tx, [direct_id(one, other)])
        assert tx.announced
        raise PowerCut

    with pytest.raises(PowerCut):
        await world.run(announce_and_die)
    assert await announced(world) == {"2016-01-31": {"pairs": [[one, other, 1]]}}


async def test_many_messages_and_conversations_go_in_portions(
    world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "CONVERSATIONS", 2)
    monkeypatch.setattr(talk, "MESSAGES", 3)
    monkeypatch.setattr(talk, "MOST_ENTRIES", 1)
    me, *others = await friends(world, 6)
    for number in range(7):
        await say(world, *(to(me, other, f"{number}") for other in others))
        clock.advance(seconds=5)
    said = (await announced(world))["2016-01-31"]["pairs"]
    sums: dict[int, int] = {}
    for sender, hearer, count in said:
        assert (sender, count <= 3) == (me, True)
        sums[hearer] = sums.get(hearer, 0) + count
    assert sums == dict.fromkeys(others, 7)


async def test_who_joined_later_was_not_spoken_to(world: World, clock: TestClock) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people[:3])
    await say(world, text(people[0], group, "before"))
    await world.run(lambda tx: add_people(tx, people[0], group, [people[3]]))
    await say(world, text(people[0], group, "after"))
    clock.advance(seconds=60)
    (found,) = (await announced(world)).values()
    assert found == {
        "parts": [[people[0], people[1], 666], [people[0], people[2], 666], [people[0], people[3], 333]]
    }
