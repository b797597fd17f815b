"""Reports keep what the reporter saw; links are looked at; settings are one's own."""

from functools import partial

import pytest

from tests.chat.acts import friends, group_of, history, pair_of, say, text
from tests.world import World, an_id
from wufu.chat import add_people
from wufu.chat.bodies import links_in
from wufu.chat.moderation.verbs import see_case, see_reports
from wufu.chat.verbs.change import RecallMessage, recall_messages
from wufu.chat.verbs.safety import ChatSettings, Report, change_settings, report, see_settings
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal


def a_report(conversation: ConversationId, *numbers: int, note: str = "") -> Report:
    return Report(an_id("report"), conversation, numbers, "fraud", note)


async def file(world: World, person: PersonId, request: Report) -> str:
    try:
        await world.run(partial(report, person=person, request=request))
    except Refusal as refusal:
        return refusal.code
    return "ok"


async def test_what_was_reported_stays_as_it_was_seen(world: World) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, text(one, conversation, "send me your password"))
    assert await file(world, other, a_report(conversation, 2, 1, 2)) == "ok"
    await world.ask(recall_messages, RecallMessage(one, conversation, 2))
    async with world.database.read() as connection:
        (waiting,) = await see_reports(connection)
        kept = await see_case(connection, waiting.id)
    assert (waiting.reporter, waiting.reason, waiting.numbers) == (other, "fraud", [1, 2])
    assert [each.seen["text"] for each in kept.evidence] == ["hello", "send me your password"]
    assert [each.now for each in kept.evidence] == ["there", "recalled"]
    assert (await history(world, other, conversation))[-1].body == {}


async def test_a_report_again_is_one_and_with_other_content_a_conflict(world: World) -> None:
    _, other, conversation = await pair_of(world)
    assert await file(world, other, a_report(conversation, 1)) == "ok"
    assert await file(world, other, a_report(conversation, 1)) == "ok"
    assert await file(world, other, a_report(conversation, 1, note="really")) == "id_conflict"
    async with world.database.read() as connection:
        assert len(await see_reports(connection)) == 1


async def test_one_reports_only_what_one_sees(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people[:2])
    await say(world, text(people[0], group, "before"))
    await world.run(partial(add_people, person=people[0], conversation=group, people=[people[2]]))
    (stranger,) = await world.people(1)
    assert await file(world, people[2], a_report(group, 2)) == "no_such_message"
    assert await file(world, people[2], a_report(group, 99)) == "no_such_message"
    assert await file(world, stranger, a_report(group, 1)) == "no_such_conversation"


async def test_settings_are_as_usual_until_one_changes_them(world: World) -> None:
    (me,) = await world.people(1)
    async with world.database.read() as connection:
        assert await see_settings(connection, me) == ChatSettings(True, True, False)
    new = ChatSettings(receipts=False, presence=True, strangers=True)
    await world.run(partial(change_settings, person=me, settings=new))
    async with world.database.read() as connection:
        assert await see_settings(connection, me) == new


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("看 https://example.com/a?b=1。好", [("https://example.com/a?b=1", False)]),
        ("www.example.com", [("www.example.com", False)]),
        ("(http://example.com/a)", [("http://example.com/a", False)]),
        ("http://10.0.0.1/pay", [("http://10.0.0.1/pay", True)]),
        ("http://[::1]/", [("http://[::1]/", True)]),
        ("http://bank.example@evil.example/", [("http://bank.example@evil.example/", True)]),
        ("http://xn--e1awd7f.example/", [("http://xn--e1awd7f.example/", True)]),
        ("http://\u0430pple.example/", [("http://\u0430pple.example/", True)]),
        ("http://支付宝.example/", [("http://支付宝.example/", False)]),
        ("http://localhost:8000/", [("http://localhost:8000/", True)]),
        ("javascript://%0aalert(1)", [("javascript://%0aalert(1", True)]),
        ("http://example.com:99999/", [("http://example.com:99999/", True)]),
        ("no links. at all, a.b", []),
    ],
)
def test_links_are_found_and_the_odd_ones_marked(said: str, found: list[tuple[str, bool]]) -> None:
    assert [(link.url, link.risky) for link in links_in(said)] == found


def test_a_text_full_of_links_is_looked_at_up_to_a_bound() -> None:
    assert len(links_in("http://a.example " * 200)) == 20
