"""What moderators decide about reports, who is told, and what nobody can do twice."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from tests.chat.acts import (
    friends,
    group_id,
    group_of,
    history,
    message_id,
    pair_of,
    refused,
    say,
    seen,
    text,
    to,
)
from tests.world import World, an_id
from wufu.chat import FoundGroup, SendCard, add_people, found_group, send_cards
from wufu.chat.moderation import verbs as moderation
from wufu.chat.moderation.model import Case, ReportLine
from wufu.chat.verbs import groups, invites
from wufu.chat.verbs.change import EditMessage, React, edit_messages, react
from wufu.chat.verbs.safety import MOST_WAITING, Report, report
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import see_facts
from wufu.db.outbox import carry

BAD = UUID("00000000-0000-4000-8000-000000000001")


async def file(
    world: World, person: PersonId, conversation: ConversationId, *numbers: int, name: str = ""
) -> UUID:
    """A report of these messages; its id."""
    request = Report(an_id(f"report {person} {numbers} {name}"), conversation, numbers, "abuse", "")
    await world.run(partial(report, person=person, request=request))
    world.clock.now += timedelta(seconds=1)
    return request.id


async def waiting(world: World) -> list[ReportLine]:
    async with world.database.read() as connection:
        return await moderation.see_reports(connection)


async def case(world: World, id_: UUID) -> Case:
    async with world.database.read() as connection:
        return await moderation.see_case(connection, id_)


async def told(world: World, person: PersonId, kind: str) -> list[dict[str, object]]:
    """The bodies of the facts of a kind that somebody's phone gets."""
    await world.run(partial(carry, listeners={}))
    async with world.database.read() as connection:
        facts = await see_facts(connection, person, 0, limit=1000)
    return [fact.body for fact in facts or () if fact.kind == kind]


async def code_of(world: World, work: partial) -> str:  # type: ignore[type-arg]
    try:
        await world.run(work)
    except Refusal as refusal:
        return refusal.code
    return "ok"


async def test_a_dismissed_report_is_gone_from_the_list_and_its_reporter_is_told(world: World) -> None:
    one, other, conversation = await pair_of(world)
    id_ = await file(world, other, conversation, 1)
    assert [(line.id, line.reporter, line.senders) for line in await waiting(world)] == [(id_, other, [one])]
    done = await world.run(partial(moderation.dismiss, report=id_, why="a joke  among\nfriends"))
    assert done.reports == 1
    assert await waiting(world) == []
    kept = await case(world, id_)
    assert kept.ruling is not None
    assert (kept.ruling.verdict, kept.ruling.by, kept.ruling.why) == (
        "dismissed",
        "test",
        "a joke among friends",
    )
    [fact] = await told(world, other, "chat.report_decided")
    assert fact == {"report": str(id_), "conversation": str(conversation), "verdict": "dismissed"}
    assert await told(world, one, "chat.report_decided") == []
    async with world.database.read() as connection:
        [mine] = await moderation.see_my_reports(connection, other)
        assert (mine.id, mine.state, mine.decided_at) == (id_, "dismissed", world.clock.now)
        assert await moderation.see_my_reports(connection, one) == []
    assert [message.body for message in await history(world, other, conversation)] == [{"text": "hello"}]


async def test_a_decision_again_changes_nothing_and_another_one_is_refused(world: World) -> None:
    _, other, conversation = await pair_of(world)
    id_ = await file(world, other, conversation, 1)
    assert (await world.run(partial(moderation.dismiss, report=id_, why=""))).reports == 1
    assert (await world.run(partial(moderation.dismiss, report=id_, why="again"))).reports == 0
    assert await code_of(world, partial(moderation.take_down, report=id_, why="")) == "report_decided"
    assert await code_of(world, partial(moderation.dismiss, report=BAD, why="")) == "no_such_report"
    async with world.database.read() as connection:
        assert [line.act for line in await moderation.see_trail(connection)] == ["dismiss"]
    assert len(await told(world, other, "chat.report_decided")) == 1


async def test_taking_down_takes_the_words_from_everybody_and_settles_all_reports_of_them(
    world: World,
) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "脏话一"), text(people[0], group, "无辜的"))
    first = await file(world, people[1], group, 2)
    second = await file(world, people[2], group, 2, 3)
    apart = await file(world, people[3], group, 3)
    assert [line.others for line in await waiting(world)] == [1, 2, 1]
    done = await world.run(partial(moderation.take_down, report=first, why="abuse"))
    assert (done.reports, done.messages) == (2, 1)
    assert [line.id for line in await waiting(world)] == [apart]
    shown = {message.number: message for message in await history(world, people[3], group)}
    assert (shown[2].body, shown[2].recalled_by) == ({}, 0)
    assert shown[3].body == {"text": "无辜的"}
    assert (await case(world, second)).ruling is not None
    for reporter in people[1:3]:
        assert [fact["verdict"] for fact in await told(world, reporter, "chat.report_decided")] == ["acted"]
    assert await told(world, people[3], "chat.report_decided") == []
    # The evidence stays as it was seen.
    kept = await case(world, first)
    assert [(each.seen["text"], each.now) for each in kept.evidence] == [("脏话一", "recalled")]
    assert (await world.run(partial(moderation.take_down, report=first, why=""))).messages == 0


async def test_what_is_gone_already_cannot_be_taken_down(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "脏话"))
    first = await file(world, people[1], group, 2)
    await world.run(partial(moderation.take_down, report=first, why=""))
    again = await file(world, people[2], group, 2)
    assert await code_of(world, partial(moderation.take_down, report=again, why="")) == "nothing_to_take_down"
    assert [line.id for line in await waiting(world)] == [again]


async def test_who_is_silenced_writes_nowhere_but_to_themselves_and_until_then_only(world: World) -> None:
    people = await friends(world, 3)
    one, other = people[:2]
    group = await group_of(world, people)
    await say(world, text(one, group, "早"), to(one, other, "在吗"))
    id_ = await file(world, other, group, 2)
    done = await world.run(partial(moderation.mute, person=one, seconds=3600, why="spam", report=id_))
    assert (done.reports, await waiting(world)) == (1, [])
    refusal = await refused(world, text(one, group, "还说"))
    assert (refusal.code, refusal.facts["until"]) == ("silenced", done.until)
    assert done.until is not None
    assert (await refused(world, to(one, other, "还说"))).code == "silenced"
    for no in (
        await world.ask_one(edit_messages, EditMessage(one, group, 2, "改了")),
        await world.ask_one(react, React(one, group, 2, "👍", True)),
        await world.ask_one(send_cards, SendCard(group, one, message_id("card"), "packet", {"note": "骂人"})),
    ):
        assert isinstance(no, Refusal)
        assert no.code == "silenced"
    for work in (
        partial(groups.set_title, person=one, conversation=group, title="骂人"),
        partial(groups.set_announcement, person=one, conversation=group, text="骂人"),
        partial(found_group, request=FoundGroup(one, group_id("new"), "骂人", ())),
    ):
        assert await code_of(world, work) == "silenced"
    await say(world, to(one, one, "自己的笔记"))
    await say(world, text(other, group, "安静了"))
    assert [fact["until"] for fact in await told(world, one, "chat.silenced")] == [done.until.isoformat()]
    world.clock.now += timedelta(seconds=3600)
    await say(world, text(one, group, "对不起"))


async def test_a_silence_without_an_end_is_lifted_by_hand(world: World) -> None:
    one, _, conversation = await pair_of(world)
    await world.run(partial(moderation.mute, person=one, seconds=None, why="a robot"))
    world.clock.now += timedelta(days=4000)
    assert (await refused(world, text(one, conversation, "买吗"))).facts == {"until": None}
    await world.run(partial(moderation.mute, person=one, seconds=0, why="no robot"))
    await say(world, text(one, conversation, "谢谢"))
    assert len(await told(world, one, "chat.voice_back")) == 1
    await world.run(partial(moderation.mute, person=one, seconds=0, why="again"))
    async with world.database.read() as connection:
        trail = await moderation.see_trail(connection)
        assert [(line.act, line.person, line.why) for line in trail] == [
            ("unmute", one, "no robot"),
            ("mute", one, "a robot"),
        ]
        assert [line.act for line in await moderation.see_trail(connection, act="mute")] == ["mute"]


async def test_absurd_silences_are_refused(world: World) -> None:
    (one,) = await world.people(1)
    assert await code_of(world, partial(moderation.mute, person=one, seconds=-1, why="")) == "malformed_body"
    assert (
        await code_of(world, partial(moderation.mute, person=one, seconds=10**9, why="")) == "malformed_body"
    )
    assert (
        await code_of(world, partial(moderation.mute, person=PersonId(10**15), seconds=9, why=""))
        == "unknown_person"
    )


async def test_a_closed_group_is_read_and_left_and_nothing_else(world: World) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people[:3])
    invitation = await world.run(lambda tx: invites.invite(tx, people[0], group, 3600, 5))
    await say(world, text(people[0], group, "传销"))
    id_ = await file(world, people[1], group, 2)
    done = await world.run(partial(moderation.close, conversation=group, why="fraud", report=id_))
    assert done.reports == 1
    assert (await seen(world, people[2], group)).closed
    assert (await history(world, people[2], group))[-1].body == {"what": "closed", "by": 0, "on": True}
    assert (await refused(world, text(people[0], group, "还在吗"))).code == "group_closed"
    for work in (
        partial(add_people, person=people[0], conversation=group, people=[people[3]]),
        partial(groups.set_title, person=people[0], conversation=group, title="新名"),
        partial(groups.transfer, person=people[0], conversation=group, who=people[1]),
    ):
        assert await code_of(world, work) == "group_closed"
    assert (
        await code_of(world, partial(invites.join, person=people[3], token=invitation.token)) == "bad_invite"
    )
    await world.run(partial(groups.leave, person=people[2], conversation=group))
    again = await world.run(partial(moderation.close, conversation=group, why="twice"))
    assert again.reports == 0
    world.clock.now += timedelta(seconds=1)
    await world.run(partial(moderation.close, conversation=group, why="a mistake", closed=False))
    await say(world, text(people[0], group, "又开了"))
    async with world.database.read() as connection:
        assert [line.act for line in await moderation.see_trail(connection)] == ["reopen", "close"]


async def test_only_groups_are_closed(world: World) -> None:
    _, _, conversation = await pair_of(world)
    work = partial(moderation.close, conversation=conversation, why="")
    assert await code_of(world, work) == "no_such_conversation"


async def test_earlier_decisions_stand_beside_a_new_report(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[1], group, "一"), text(people[1], group, "二"))
    first = await file(world, people[0], group, 2)
    await world.run(partial(moderation.mute, person=people[1], seconds=60, why="first", report=first))
    second = await file(world, people[2], group, 3)
    kept = await case(world, second)
    assert [(line.act, line.person, line.why) for line in kept.before] == [("mute", people[1], "first")]
    assert kept.ruling is None


async def test_what_is_no_secret_cannot_be_shown(world: World) -> None:
    one, other, conversation = await pair_of(world)
    request = Report(an_id("report"), conversation, (1,), "abuse", "", {1: "he said worse"})
    assert await code_of(world, partial(report, person=other, request=request)) == "bad_message"
    request = Report(an_id("report"), conversation, (1,), "abuse", "", {2: "elsewhere"})
    assert await code_of(world, partial(report, person=one, request=request)) == "bad_message"


async def test_a_person_floods_the_list_only_so_far(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wufu.chat.verbs.safety.MOST_WAITING", 3)
    assert MOST_WAITING == 100
    _, other, conversation = await pair_of(world)
    ids = [await file(world, other, conversation, 1, name=f"{n}") for n in range(3)]
    request = Report(an_id("one more"), conversation, (1,), "abuse", "")
    assert await code_of(world, partial(report, person=other, request=request)) == "too_many_reports"
    await world.run(partial(moderation.dismiss, report=ids[0], why=""))
    assert await code_of(world, partial(report, person=other, request=request)) == "ok"


async def test_of_two_who_decide_at_once_one_comes_second(world: World) -> None:
    one, other, conversation = await pair_of(world)
    id_ = await file(world, other, conversation, 1)
    results = await asyncio.gather(
        code_of(world, partial(moderation.dismiss, report=id_, why="fine")),
        code_of(world, partial(moderation.take_down, report=id_, why="not fine")),
        code_of(world, partial(moderation.mute, person=one, seconds=60, why="so", report=id_)),
    )
    assert sorted(results) in (["ok", "ok", "report_decided"], ["ok", "report_decided", "report_decided"])
    async with world.database.read() as connection:
        rulings = await connection.fetch("SELECT verdict FROM chat_ruling")
    assert len(rulings) == 1
