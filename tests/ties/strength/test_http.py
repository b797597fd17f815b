"""What phones are told of strength: states, bars and numbers of one's own ties, never the value."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx

from tests.conftest import TestClock
from tests.people.acts import do
from tests.people.phones import Phone
from wufu import people, ties
from wufu.db import Database
from wufu.edge import Door, VerbTable, create_http
from wufu.ties import Act, note_acts


@contextlib.asynccontextmanager
async def phone(database: Database) -> AsyncIterator[Phone]:
    door = Door(database, people.session_lookup(database.clock), demo=True)
    routers = [people.router(door), ties.router(door), ties.strength_router(door)]
    app = create_http(door, VerbTable(database, ()), routers, None)
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="https://wufu.test") as client:
        yield Phone(client)


async def test_two_friends_see_what_they_share_and_nobody_else_does(
    database: Database, clock: TestClock
) -> None:
    async with phone(database) as ada, phone(database) as bob, phone(database) as eve:
        a, b = await ada.register("ada", "Ada"), await bob.register("bob", "Bob")
        await eve.register("eve", "Eve")
        await ada.post("/api/ties/ask", person=b)
        await bob.post("/api/ties/accept", person=a)
        await do(
            database,
            note_acts,
            [
                Act(a, b, "message", clock.now, 3),
                Act(b, a, "packet", clock.now),
                Act(a, b, "part", clock.now),
            ],
        )
        assert await ada.get("/api/friends/strengths") == {"strengths": {str(b): {"state": "new", "bars": 1}}}
        assert await bob.get(f"/api/friends/{a}/shared") == {
            "state": "new",
            "bars": 1,
            "since": "2016-01-31T12:00:00Z",
            "first_on": "2016-01-31",
            "last_on": "2016-01-31",
            "days": 1,
            "shared": [
                {"kind": "message", "mine": 0, "theirs": 3},
                {"kind": "packet", "mine": 1, "theirs": 0},
            ],
        }
        assert await eve.get(f"/api/friends/{a}/shared") == "409 not_friends_with"
        assert await eve.get("/api/friends/strengths") == {"strengths": {}}
        clock.now += timedelta(days=29, hours=8)
        assert (await ada.get(f"/api/friends/{b}/shared"))["state"] == "fading"


async def test_malformed_and_strange_requests_are_refused(database: Database) -> None:
    async with phone(database) as ada:
        assert await ada.get("/api/friends/strengths") == "401 not_signed_in"
        assert await ada.get("/api/friends/1/shared") == "401 not_signed_in"
        me = await ada.register("ada", "Ada")
        for number in (me, 999, 2**62):
            assert await ada.get(f"/api/friends/{number}/shared") == "409 not_friends_with"
        for number in (0, -1, 2**63, "x"):
            assert await ada.get(f"/api/friends/{number}/shared") == "422 malformed_body"
