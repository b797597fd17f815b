"""Invitations by link or QR code."""

from datetime import timedelta
from functools import partial

import pytest

from tests.chat.acts import friends, group_of, seen
from tests.world import World
from wufu.chat import members_of
from wufu.chat.verbs import groups
from wufu.chat.verbs.invites import (
    Invitation,
    InvitationView,
    Joined,
    end_invites,
    invite,
    join,
    see_invitation,
)
from wufu.chat.verbs.safety import sweep
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import MalformedBody, Refusal


async def invited(
    world: World, person: PersonId, group: ConversationId, *, seconds: int = 600, uses: int = 5
) -> Invitation:
    return await world.run(partial(invite, person=person, conversation=group, seconds=seconds, uses=uses))


async def look(world: World, person: PersonId, token: str) -> InvitationView:
    async with world.database.read() as connection:
        return await see_invitation(connection, person, token, world.clock.now)


async def follow(world: World, person: PersonId, token: str) -> Joined | str:
    try:
        return await world.run(partial(join, person=person, token=token))
    except Refusal as refusal:
        return refusal.code


async def test_whoever_has_the_link_comes_in_once(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    (stranger,) = await world.people(1)
    invitation = await invited(world, people[1], group)
    view = await look(world, stranger, invitation.token)
    assert (view.title, view.people_count, view.inviter.person, view.member) == (
        "family",
        2,
        people[1],
        False,
    )
    assert await follow(world, stranger, invitation.token) == Joined("joined", group)
    assert await follow(world, stranger, invitation.token) == Joined("joined", group)
    assert (await seen(world, stranger, group)).people_count == 3
    assert (await look(world, stranger, invitation.token)).member


async def test_a_link_ends_by_uses_by_time_and_by_who_runs_the_group(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    others = await world.people(5)
    once = await invited(world, people[0], group, uses=1)
    assert await follow(world, others[0], once.token) == Joined("joined", group)
    assert await follow(world, others[1], once.token) == "bad_invite"
    brief = await invited(world, people[0], group, seconds=60)
    world.clock.now += timedelta(seconds=60)
    assert await follow(world, others[1], brief.token) == "bad_invite"
    ended = await invited(world, people[0], group)
    await world.run(partial(end_invites, person=people[0], conversation=group))
    assert await follow(world, others[1], ended.token) == "bad_invite"
    assert await follow(world, others[1], "no-such-token") == "bad_invite"
    assert await follow(world, others[1], "x" * 10_000) == "bad_invite"
    with pytest.raises(Refusal, match="bad_invite"):
        await look(world, others[1], ended.token)
    await world.run(sweep)
    async with world.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM chat_invite") == 0


async def test_with_approval_one_waits_and_uses_the_link_once(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    (stranger,) = await world.people(1)
    await world.run(lambda tx: groups.set_approval(tx, people[0], group, True))
    invitation = await invited(world, people[1], group, uses=1)
    assert await follow(world, stranger, invitation.token) == Joined("waiting", group)
    async with world.database.read() as connection:
        assert await members_of(connection, group) == people
    await world.run(lambda tx: groups.answer_join(tx, people[0], group, stranger, True))
    assert (await seen(world, stranger, group)).role == "member"


@pytest.mark.parametrize(("seconds", "uses"), [(59, 1), (30 * 24 * 3600 + 1, 1), (600, 0), (600, 501)])
async def test_an_invitation_is_bounded(world: World, seconds: int, uses: int) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    with pytest.raises(MalformedBody):
        await invited(world, people[0], group, seconds=seconds, uses=uses)


async def test_strangers_invite_nobody_and_members_end_no_invitations(world: World) -> None:
    people = await friends(world, 2)
    group = await group_of(world, people)
    (stranger,) = await world.people(1)
    with pytest.raises(Refusal, match="no_such_conversation"):
        await invited(world, stranger, group)
    with pytest.raises(Refusal, match="not_allowed_here"):
        await world.run(partial(end_invites, person=people[1], conversation=group))
