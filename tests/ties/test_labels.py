"""Remarks, tags, stars and lists: one's own, about friends only, gone with the friendship."""

import pytest

from tests.people.acts import do, some_people
from tests.people.phones import phone
from tests.ties.test_asking import announced, befriend
from tests.ties.test_races import at_once
from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.db import Database, Tx
from wufu.ties import (
    BadLabel,
    Block,
    FriendGroup,
    Label,
    NotFriendsWith,
    RemoveTie,
    SetLabel,
    block,
    remove_group,
    remove_ties,
    save_group,
    see_friends,
    see_groups,
    see_labels,
    set_label,
)
from wufu.ties.label import MOST_LISTS, TooManyLists


async def test_a_label_changes_what_is_given_and_is_seen_only_by_who_made_it(database: Database) -> None:
    a, b = await some_people(database, 2)
    await befriend(database, (a, b))
    await announced(database)
    assert await do(database, set_label, SetLabel(a, b, remark=" 老王 ")) == Label("老王")
    assert await do(database, set_label, SetLabel(a, b, starred=True)) == Label("老王", True)
    tags = ("同学", "棋友", "同学")
    assert await do(database, set_label, SetLabel(a, b, tags=tags)) == Label("老王", True, ("同学", "棋友"))
    async with database.read() as connection:
        [friend] = await see_friends(connection, a)
        assert (friend.remark, friend.starred, friend.tags) == ("老王", True, ("同学", "棋友"))
        [friend] = await see_friends(connection, b)
        assert (friend.name, friend.remark, friend.starred, friend.tags) == ("甲0", "", False, ())
        assert await see_labels(connection, b) == {}
    assert await do(database, set_label, SetLabel(a, b, "", False, ())) == Label()
    async with database.read() as connection:
        assert await see_labels(connection, a) == {}
    assert await announced(database) == []


async def test_absurd_labels_are_refused(database: Database) -> None:
    a, b, stranger = await some_people(database, 3)
    await befriend(database, (a, b))
    for other in (stranger, a, PersonId(10**6), PersonId(2**80), PersonId(-1)):
        with pytest.raises(NotFriendsWith):
            await do(database, set_label, SetLabel(a, other, "x"))
        with pytest.raises(NotFriendsWith):
            await do(database, save_group, a, FriendGroup(an_id("g"), "g", [b, other]))
    for remark in ("好" * 25, "a\u202eb", "\u3164", "x" * 10**6):
        with pytest.raises(BadLabel):
            await do(database, set_label, SetLabel(a, b, remark))
    for tags in ((" ",), ("x" * 13,), tuple(map(str, range(11))), ("a\x00",)):
        with pytest.raises(BadLabel):
            await do(database, set_label, SetLabel(a, b, tags=tags))
    async with database.read() as connection:
        assert (await see_labels(connection, a), await see_groups(connection, a)) == ({}, [])


async def test_lists_of_friends_are_made_changed_and_removed(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    await befriend(database, (a, b), (a, c))
    home = FriendGroup(an_id("home"), "家人", [c, b, c])
    for _ in range(2):
        assert await do(database, save_group, a, home) == FriendGroup(home.id, "家人", [b, c])
    await do(database, save_group, a, FriendGroup(an_id("work"), "同事", []))
    await do(database, save_group, a, FriendGroup(home.id, "一家人", [c]))
    async with database.read() as connection:
        assert await see_groups(connection, a) == [
            FriendGroup(home.id, "一家人", [c]),
            FriendGroup(an_id("work"), "同事", []),
        ]
        assert await see_groups(connection, b) == []
    for _ in range(2):
        await do(database, remove_group, a, home.id)
    await do(database, remove_group, b, an_id("work"))
    async with database.read() as connection:
        assert [group.name for group in await see_groups(connection, a)] == ["同事"]
    for n in range(MOST_LISTS - 1):
        await do(database, save_group, a, FriendGroup(an_id(f"{n}"), f"{n}", []))
    with pytest.raises(TooManyLists):
        await do(database, save_group, a, FriendGroup(an_id("more"), "more", []))
    with pytest.raises(BadLabel):
        await do(database, save_group, a, FriendGroup(home.id, " ", []))


@pytest.mark.parametrize("by", ["removing", "being removed", "blocking"])
async def test_labels_end_with_the_friendship(database: Database, by: str) -> None:
    a, b, c = await some_people(database, 3)
    await befriend(database, (a, b), (a, c), (b, c))
    for me, other in ((a, b), (b, a), (a, c)):
        await do(database, set_label, SetLabel(me, other, "x", True, ("t",)))
    await do(database, save_group, a, FriendGroup(an_id("g"), "g", [b, c]))
    if by == "blocking":
        await do(database, block, [Block(b, a)])
    else:
        await do(database, remove_ties, [RemoveTie(a, b) if by == "removing" else RemoveTie(b, a)])
    async with database.read() as connection:
        assert list(await see_labels(connection, a)) == [c]
        assert await see_labels(connection, b) == {}
        assert [group.people for group in await see_groups(connection, a)] == [[c]]


async def test_a_label_against_the_end_of_the_friendship_never_stays_behind(database: Database) -> None:
    people = await some_people(database, 20)
    pairs = list(zip(people[::2], people[1::2], strict=True))
    await befriend(database, *pairs)

    async def label(tx: Tx, requests: list[SetLabel]) -> list[object]:
        try:
            await save_group(tx, requests[0].person, FriendGroup(an_id("g"), "g", [requests[0].friend]))
            return [await set_label(tx, one) for one in requests]
        except NotFriendsWith as refusal:
            return [refusal]

    for a, b in pairs:
        await at_once(database, (label, [SetLabel(a, b, "x")]), (remove_ties, [RemoveTie(b, a)]))
        async with database.read() as connection:
            assert await see_labels(connection, a) == {}


async def test_labels_over_http(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        a, b = await ada.register("ada", "Ada"), await bob.register("bob", "Bob")
        await ada.post("/api/ties/ask", person=b, via="code")
        await bob.post("/api/ties/accept", person=a)
        label = await ada.post("/api/ties/label", person=b, remark="老王", tags=["同学"])
        assert label == {"label": {"remark": "老王", "starred": False, "tags": ["同学"]}}
        group = {"id": str(an_id("g")), "name": "家人", "people": [b]}
        assert await ada.post("/api/ties/groups", **group) == {"group": group}
        lists = await ada.get("/api/ties")
        assert lists["groups"] == [group]
        assert lists["friends"][0]["remark"] == "老王"
        assert await ada.post("/api/ties/groups/remove", id=group["id"]) == {}
        assert await ada.post("/api/ties/label", person=a, remark="x") == "409 not_friends_with"
        assert await ada.post("/api/ties/label", person=b, tags=["x"] * 51) == "422 malformed_body"
        assert await ada.post("/api/ties/ask", person=b, via="guess") == "422 malformed_body"
