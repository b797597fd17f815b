import asyncio

from tests.people.phones import phone
from wufu.db import Database


async def test_two_phones_become_friends(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        a, b = await ada.register("ada", "Ada"), await bob.register("bob", "Bob")
        [found] = (await ada.get("/api/people/find?q=bob"))["people"]
        assert found == {"person": b, "name": "Bob", "avatar": found["avatar"], "tie": "none"}
        assert await ada.post("/api/ties/ask", person=b) == {"tie": "asked"}
        lists = await bob.get("/api/ties")
        [request] = lists["requests"]
        assert (request["person"], request["name"], lists["friends"]) == (a, "Ada", [])
        assert request["asked_at"] == "2016-01-31T12:00:00Z"
        assert [one["person"] for one in (await ada.get("/api/ties"))["asked"]] == [b]
        assert await bob.post("/api/ties/accept", person=a) == {"tie": "friend"}
        [friend] = (await ada.get("/api/ties"))["friends"]
        assert friend == {
            "person": b,
            "name": "Bob",
            "avatar": found["avatar"],
            "mutual": 0,
            "since": "2016-01-31T12:00:00Z",
            "remark": "",
            "starred": False,
            "tags": [],
            "new": True,
        }
        assert await ada.post("/api/ties/remove", person=b) == {"tie": "none"}
        assert await ada.post("/api/ties/block", person=b) == {"tie": "blocked"}
        assert [one["person"] for one in (await ada.get("/api/ties"))["blocked"]] == [b]
        assert await bob.post("/api/ties/ask", person=a) == {"tie": "asked"}
        assert await ada.post("/api/ties/ask", person=b) == "409 blocked_by_you"
        assert await ada.post("/api/ties/unblock", person=b) == {"tie": "none"}
        assert await ada.post("/api/ties/refuse", person=b) == {"tie": "none"}


async def test_requests_that_come_together_are_answered_each(database: Database) -> None:
    async with phone(database) as ada:
        others = []
        for n in range(5):
            async with phone(database) as other:
                others.append(await other.register(f"other{n}", f"Other {n}"))
        wanted = [*others, 2**62, -1, 0]
        answers = await asyncio.gather(*(ada.post("/api/ties/ask", person=one) for one in others[:1]))
        assert answers == ["401 not_signed_in"]
        me = await ada.register("ada", "Ada")
        answers = await asyncio.gather(*(ada.post("/api/ties/ask", person=one) for one in [*wanted, me]))
        assert answers == [{"tie": "asked"}] * 5 + ["404 unknown_person"] * 3 + ["422 tie_to_self"]


async def test_malformed_ties_are_refused(database: Database) -> None:
    async with phone(database) as ada:
        await ada.register("ada", "Ada")
        assert await ada.post("/api/ties/ask") == "422 malformed_body"
        assert await ada.post("/api/ties/ask", person="1") == "422 malformed_body"
        assert await ada.post("/api/ties/marry", person=1) == "404 not_found"
        assert await ada.post("/api/ties/accept", person=999) == "404 unknown_person"
        assert await ada.get("/api/people/find?q=%00") == "422 malformed_body"


async def test_a_code_shows_who_it_leads_to_unless_they_hide(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        a = await ada.register("ada", "Ada")
        b = await bob.register("bob", "Bob")
        [found] = (await ada.get(f"/api/people/find?person={b}"))["people"]
        assert (found["person"], found["name"], found["tie"]) == (b, "Bob", "none")
        await bob.post("/api/me/settings", findable=False)
        assert (await ada.get(f"/api/people/find?person={b}"))["people"] == []
        await ada.post("/api/ties/block", person=b)
        assert (await bob.get(f"/api/people/find?person={a}"))["people"] == []
        assert await ada.get("/api/people/find?person=-1") == "422 malformed_body"
        assert await ada.get(f"/api/people/find?person={2**63}") == "422 malformed_body"
