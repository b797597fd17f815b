"""Groups: founding, adding, leaving, and the rights of those who run one."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest

from tests.chat.acts import friends, group_id, group_of, history, refused, say, seen, text
from tests.world import World
from wufu.chat import MOST_PEOPLE, FoundGroup, add_people, found_group, members_of, see_rooms
from wufu.chat.listing import see_page
from wufu.chat.model import LEAST, RANK, Role, may
from wufu.chat.verbs import groups
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx


async def test_a_group_is_of_friends_and_everybody_reads_who_founded_it(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    view = await seen(world, people[1], group)
    assert (view.kind, view.title, view.people_count, view.role) == ("group", "family", 3, "member")
    assert (await seen(world, people[0], group)).role == "owner"
    (notice,) = await history(world, people[2], group)
    assert (notice.kind, notice.sender, notice.body["what"]) == ("notice", 0, "created")
    await say(world, text(people[2], group, "hello all"))


async def test_founding_again_is_the_same_group_and_with_other_people_a_conflict(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    assert await group_of(world, people) == group
    assert len(await history(world, people[0], group)) == 1
    other = FoundGroup(people[0], group, "family", (people[1],))
    with pytest.raises(Refusal, match="id_conflict"):
        await world.run(lambda tx: found_group(tx, other))


@pytest.mark.parametrize("title", ["", "  ", "x" * 41, "a\u202eb", "a\x07b"])
async def test_a_title_that_cannot_be_read_is_refused(world: World, title: str) -> None:
    (me,) = await world.people(1)
    with pytest.raises(Refusal, match="bad_title"):
        await world.run(lambda tx: found_group(tx, FoundGroup(me, group_id("g"), title, ())))


async def test_strangers_cannot_be_put_into_a_group(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people[:2])
    (stranger,) = await world.people(1)
    for other, code in ((stranger, "not_friends"), (PersonId(10**12), "unknown_person")):
        with pytest.raises(Refusal, match=code):
            await world.run(partial(add_people, person=people[0], conversation=group, people=[other]))
    with pytest.raises(Refusal, match="not_friends"):
        await world.run(partial(add_people, person=people[1], conversation=group, people=[people[2]]))


async def test_who_comes_later_sees_what_is_said_from_then_on(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people[:2])
    await say(world, text(people[0], group, "before"))
    await world.run(partial(add_people, person=people[0], conversation=group, people=[people[2]]))
    await say(world, text(people[0], group, "after"))
    told = await history(world, people[2], group)
    assert [message.body.get("text", message.body.get("what")) for message in told] == ["joined", "after"]
    assert (await seen(world, people[2], group)).unread == 1
    assert (await refused(world, text(people[2], group, "?", reply_to=2))).code == "no_such_message"


async def test_leaving_is_quiet_and_moves_the_room(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    before = await seen(world, people[0], group)
    await world.run(partial(groups.leave, person=people[2], conversation=group))
    await world.run(partial(groups.leave, person=people[2], conversation=group))
    after = await seen(world, people[0], group)
    assert (after.last_number, after.people_count) == (before.last_number, 2)
    assert after.room != before.room
    assert after.version == before.version + 1
    async with world.database.read() as connection:
        assert await see_rooms(connection, people[2]) == []
        assert await members_of(connection, group) == people[:2]
    assert (await refused(world, text(people[2], group, "hey"))).code == "no_such_conversation"


async def test_an_owner_who_leaves_hands_over_to_the_longest_admin_then_member(world: World) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people)
    await world.run(lambda tx: groups.set_role(tx, people[0], group, people[2], "admin"))
    for leaver, heir in ((0, 2), (2, 1), (1, 3)):
        await world.run(partial(groups.leave, person=people[leaver], conversation=group))
        assert (await seen(world, people[heir], group)).role == "owner"
    await world.run(partial(groups.leave, person=people[3], conversation=group))
    async with world.database.read() as connection:
        assert await members_of(connection, group) == []


async def test_rights_go_downward_only(world: World) -> None:
    owner, admin, second, member, other = people = await friends(world, 5)
    group = await group_of(world, people)
    for one in (admin, second):
        await world.run(partial(groups.set_role, person=owner, conversation=group, who=one, role="admin"))

    async def tries(who: PersonId, about: PersonId) -> list[str]:
        acts = [
            partial(groups.mute, person=who, conversation=group, who=about, seconds=60),
            partial(groups.set_role, person=who, conversation=group, who=about, role="member"),
            partial(groups.transfer, person=who, conversation=group, who=about),
            partial(groups.remove, person=who, conversation=group, who=about),
        ]
        return [await _code(world, act) for act in acts]

    no = "not_allowed_here"
    assert await tries(member, other) == [no] * 4
    assert await tries(admin, owner) == [no] * 4
    assert await tries(admin, second) == [no] * 4
    assert await tries(owner, owner) == [no] * 4
    assert await tries(admin, member) == ["ok", no, no, "ok"]
    assert await tries(owner, admin) == ["ok", "ok", "ok", no]
    assert (await seen(world, owner, group)).role == "admin"
    assert (await seen(world, admin, group)).role == "owner"


async def _code(world: World, act: Callable[[Tx], Awaitable[object]]) -> str:
    try:
        await world.run(act)
    except Refusal as refusal:
        return refusal.code
    return "ok"


@pytest.mark.parametrize("role", list(RANK))
def test_whoever_may_something_may_it_over_lower_roles_alone(role: Role) -> None:
    for act, least in LEAST.items():
        assert may(role, act) == (RANK[role] >= RANK[least])
        for over in RANK:
            assert may(role, act, over) <= (RANK[role] > RANK[over])  # type: ignore[arg-type]
    assert not may(None, "see")


async def test_a_mute_ends_by_itself_and_silence_spares_who_runs_the_group(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await world.run(lambda tx: groups.mute(tx, people[0], group, people[1], 60))
    refusal = await refused(world, text(people[1], group, "hey"))
    assert refusal.facts == {"until": world.clock.now + timedelta(seconds=60)}
    world.clock.now += timedelta(seconds=60)
    await say(world, text(people[1], group, "hey"))
    await world.run(lambda tx: groups.silence_all(tx, people[0], group, True))
    assert (await refused(world, text(people[2], group, "hey"))).facts == {"until": None}
    await say(world, text(people[0], group, "read the announcement"))


async def test_settings_are_seen_with_a_notice_and_a_new_version(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    before = await seen(world, people[1], group)
    await world.run(lambda tx: groups.set_title(tx, people[0], group, " 一家人 "))
    await world.run(lambda tx: groups.set_announcement(tx, people[0], group, "周六聚餐"))
    await world.run(lambda tx: groups.set_announcement(tx, people[0], group, "周六聚餐"))
    await world.run(lambda tx: groups.set_approval(tx, people[0], group, True))
    after = await seen(world, people[1], group)
    assert after.title == "一家人"
    assert after.announcement is not None
    assert (after.announcement.text, after.announcement.by) == ("周六聚餐", people[0])
    assert after.version == before.version + 3
    notices = [message.body["what"] for message in await history(world, people[1], group)]
    assert notices == ["created", "title", "announcement", "approval"]
    with pytest.raises(Refusal, match="not_allowed_here"):
        await world.run(lambda tx: groups.set_title(tx, people[1], group, "mine"))


async def test_where_joining_needs_consent_the_added_wait(world: World) -> None:
    people = await friends(world, 4)
    await world.befriend((people[1], people[3]), (people[1], people[2]))
    group = await group_of(world, people[:2])
    await world.run(lambda tx: groups.set_approval(tx, people[0], group, True))
    add = partial(add_people, person=people[1], conversation=group, people=people[2:])
    assert await world.run(add) == people[2:]
    assert await world.run(add) == people[2:]
    async with world.database.read() as connection:
        page = await see_page(connection, people[0], group)
        assert [waiting.person for waiting in page.joins] == people[2:]
        assert (await see_page(connection, people[1], group)).joins == []
    await world.run(lambda tx: groups.answer_join(tx, people[0], group, people[2], True))
    await world.run(lambda tx: groups.answer_join(tx, people[0], group, people[3], False))
    async with world.database.read() as connection:
        assert await members_of(connection, group) == people[:3]
    with pytest.raises(Refusal, match="no_such_member"):
        await world.run(lambda tx: groups.answer_join(tx, people[0], group, people[3], True))


async def test_a_group_has_at_most_five_hundred_people(world: World) -> None:
    people = await friends(world, MOST_PEOPLE + 1)
    with pytest.raises(Refusal, match="group_full"):
        await group_of(world, people)
    group = await group_of(world, people[:-1])
    with pytest.raises(Refusal, match="group_full"):
        await world.run(partial(add_people, person=people[0], conversation=group, people=[people[-1]]))
    await say(world, text(people[7], group, "a full house"))
    assert (await seen(world, people[400], group)).unread == 1


async def test_clearing_the_history_hides_it_from_oneself_alone(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "old"))
    clear = groups.Own(hidden_through=2, pinned=True, notify="mentions")
    await world.run(lambda tx: groups.set_own(tx, people[1], group, clear))
    await world.run(lambda tx: groups.set_own(tx, people[1], group, groups.Own(hidden_through=10**9)))
    assert await history(world, people[1], group) == []
    assert len(await history(world, people[0], group)) == 2
    view = await seen(world, people[1], group)
    assert (view.hidden_through, view.pinned, view.notify, view.unread) == (2, True, "mentions", 0)


async def test_nobody_outside_a_group_does_anything_in_it(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    (stranger,) = await world.people(1)
    nowhere = ConversationId(group_id("nowhere"))
    for who, where in ((stranger, group), (people[0], nowhere)):
        assert await _code(world, partial(groups.set_title, person=who, conversation=where, title="x")) == (
            "no_such_conversation"
        )
        act = partial(groups.remove, person=who, conversation=where, who=people[1])
        assert await _code(world, act) == "no_such_conversation"
