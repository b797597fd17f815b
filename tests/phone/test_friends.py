"""A friend's page and suggestions: what chat and dealings know, under the consents that ties keep."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from tests.chat.acts import group_of
from tests.people.phones import Phone
from tests.world import World
from wufu import people, phone, ties
from wufu.chat import groups_with, shared_groups
from wufu.core.ids import PersonId
from wufu.db import Database
from wufu.db.engines import Engines
from wufu.edge import Door, VerbTable, create_http

Newcomer = Callable[[str], Awaitable[tuple[Phone, PersonId]]]


@pytest.fixture
async def newcomer(database: Database, engines: Engines) -> AsyncIterator[Newcomer]:
    """Registers somebody by name and gives their phone and number."""
    door = Door(database, people.session_lookup(database.clock))
    routers = [people.router(door), ties.router(door), phone.router(door, engines)]
    app = create_http(door, VerbTable(database, ()), routers, None)
    clients = []

    async def come(name: str) -> tuple[Phone, PersonId]:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1234))
        client = httpx.AsyncClient(transport=transport, base_url="https://wufu.test")
        clients.append(client)
        one = Phone(client)
        return one, PersonId(await one.register(name.lower(), name))

    yield come
    for client in clients:
        await client.aclose()


async def test_who_shares_friends_and_groups_is_suggested_with_reasons(
    world: World, newcomer: Newcomer
) -> None:
    (ada, a), (_, b), (_, c), (dan, d) = [await newcomer(name) for name in ("Ada", "Bob", "Cat", "Dan")]
    await world.befriend((a, b), (b, c), (b, d))
    await group_of(world, [b, a, d], "棋友")
    [first, second] = (await ada.get("/api/friends/suggestions"))["people"]
    assert (first["person"], first["name"], first["mutual"]) == (d, "Dan", 1)
    assert first["reasons"] == [
        {"kind": "shared_groups", "count": 1, "names": ["棋友"]},
        {"kind": "mutual_friends", "count": 1, "names": []},
    ]
    assert (second["person"], second["mutual"]) == (c, 1)
    assert second["reasons"] == [{"kind": "mutual_friends", "count": 1, "names": []}]
    assert len((await ada.get("/api/friends/suggestions?limit=1"))["people"]) == 1
    await dan.post("/api/ties/privacy", suggested=False)
    await ada.post("/api/ties/suggestions/dismiss", person=c)
    assert (await ada.get("/api/friends/suggestions"))["people"] == []
    assert await ada.get("/api/friends/suggestions?limit=x") == "422 malformed_body"


async def test_a_friends_page_tells_what_two_share_and_nothing_across_a_block(
    world: World, newcomer: Newcomer
) -> None:
    (ada, a), (bob, b), (_, c) = [await newcomer(name) for name in ("Ada", "Bob", "Cat")]
    await world.befriend((a, b), (b, c), (a, c))
    await group_of(world, [a, b, c], "一家人")
    await ada.post("/api/ties/label", person=b, remark="老鲍")
    page = await ada.get(f"/api/friends/{b}")
    assert (page["person"]["name"], page["tie"]) == ("Bob", "friend")
    assert page["since"] == "2016-01-31T12:00:00Z"
    assert (page["mutual"]["count"], [one["person"] for one in page["mutual"]["people"]]) == (1, [c])
    assert [group["title"] for group in page["groups"]] == ["一家人"]
    assert page["label"] == {"remark": "老鲍", "starred": False, "tags": []}
    assert (await bob.get(f"/api/friends/{a}"))["label"] is None
    await bob.post("/api/ties/block", person=a)
    for me, other, tie in ((ada, b, "none"), (bob, a, "blocked")):
        page = await me.get(f"/api/friends/{other}")
        assert (page["tie"], page["since"], page["groups"]) == (tie, None, [])
        assert page["mutual"] == {"seen": False, "count": 0, "people": []}
    assert await ada.get("/api/friends/999999") == "404 unknown_person"
    assert await ada.get("/api/friends/0") == "422 malformed_body"
    assert await ada.get(f"/api/friends/{2**63}") == "422 malformed_body"


async def test_small_groups_are_looked_at_first_and_never_too_many_members(world: World) -> None:
    me, *others = await world.people(30)
    await world.befriend(*((me, other) for other in others))
    for number, size in enumerate((25, 3, 10)):
        await group_of(world, [me, *others[number : number + size - 1]], f"群{size}")
    async with world.database.read() as connection:
        found = await shared_groups(connection, me, 500)
        assert [one.title for one in found[others[1]]] == ["群3", "群25"]
        assert [one.people for one in found[others[2]]] == [3, 10, 25]
        assert set(await shared_groups(connection, me, 2)) == set(others[1:3])
        assert [one.title for one in await groups_with(connection, me, others[2])] == ["群3", "群10", "群25"]
        assert await groups_with(connection, others[0], others[-1]) == []
        assert await shared_groups(connection, others[-1], 10) == {}
