"""Phones of the HTTP tests: the real application with photo packets, without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx

from tests.photos.acts import PICTURE, do
from tests.world import an_id
from wufu import chat, people, photos, ties, wallet
from wufu.core.ids import PersonId
from wufu.db import Database
from wufu.edge import Door, VerbTable, create_http
from wufu.ledger import named_group
from wufu.objects import ObjectStore, Workshop
from wufu.wallet import fund, money_of

PIN = "123456"
SEED = "cd" * 32


class Phones:
    """One application, and as many phones as a test wants."""

    def __init__(self, database: Database, store: ObjectStore, workshop: Workshop) -> None:
        door = Door(database, people.session_lookup(database.clock), demo=True)
        verbs = VerbTable(database, (*ties.VERBS, *wallet.VERBS, *photos.VERBS))
        routers = [
            people.router(door),
            ties.router(door),
            *wallet.routers(door),
            photos.router(door, store, workshop),
        ]
        self.database = database
        self.app = create_http(door, verbs, routers, None)

    @asynccontextmanager
    async def phone(self, login: str | None = None, minor: int = 1_000_00) -> AsyncIterator["Phone"]:
        """A phone with its own cookies; of a new person with money and a PIN, if named."""
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 1234))
        async with httpx.AsyncClient(transport=transport, base_url="https://wufu.test") as client:
            phone = Phone(client)
            if login is not None:
                await phone.register(login)
                if minor:
                    holder = money_of(phone.person).holder
                    await do(self.database, fund, holder, minor, named_group("rich", login))
            yield phone

    async def befriend(self, one: "Phone", *others: "Phone") -> None:
        for other in others:
            await one.post("/api/ties/ask", person=other.person)
            await other.post("/api/ties/accept", person=one.person)

    async def talk(self, one: "Phone", other: "Phone") -> str:
        """The conversation of two friends."""
        made = await do(self.database, chat.direct_conversation, one.person, other.person)
        return str(made)


class Phone:
    """Asks, and answers the decoded body, or "status code" of a refusal."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.person = PersonId(0)

    async def get(self, path: str) -> Any:
        return self._read(await self.client.get(path))

    async def post(self, path: str, **body: Any) -> Any:
        return self._read(await self.client.post(path, json=body, headers={"X-Wufu": "1"}))

    async def upload(self, path: str, content: bytes = PICTURE, **query: Any) -> Any:
        sent = await self.client.post(path, params=query, content=content, headers={"X-Wufu": "1"})
        return self._read(sent)

    async def post_photo(self, name: str = "photo", content: bytes = PICTURE, **query: Any) -> Any:
        asked = {
            "id": str(an_id(name)),
            "least_minor": 100,
            "most_minor": 500,
            "audience": "friends",
            **query,
        }
        return await self.upload("/api/upload/photo", content, **asked)

    async def verb(self, name: str, **body: Any) -> Any:
        answer = await self.post(f"/api/do/{name}", **body)
        return answer["ok"] if isinstance(answer, dict) else answer

    async def pay(self, photo: str, **more: Any) -> Any:
        """Ask what it costs, and pay that."""
        asked = await self.verb("ask_photo", photo=photo, seed=SEED)
        if isinstance(asked, str):
            return asked
        return await self.verb("pay_photo", **{"photo": photo, "minor": asked["minor"], "pin": PIN, **more})

    async def clear(self, photo: str) -> bytes | str:
        """The clear picture, by the one road there is, or the refusal on the way."""
        address = await self.get(f"/api/photos/{photo}/clear")
        return address if isinstance(address, str) else await self.picture(address["url"])

    async def picture(self, url: str) -> bytes | str:
        response = await self.client.get(url)
        if response.status_code == 200:
            return response.content
        refused: str = self._read(response)
        return refused

    async def register(self, login: str) -> None:
        body = {"login": login, "password": "correct horse", "name": login.title(), "device": "test"}
        self.person = (await self.post("/api/people/register", **body))["me"]["person"]
        await self.post("/api/people/pin", pin=PIN, password="correct horse")

    @staticmethod
    def _read(response: httpx.Response) -> Any:
        body = response.json()
        if "refusal" in body:
            assert response.status_code >= 400
            return f"{response.status_code} {body['refusal']['code']}"
        assert response.status_code == 200, body
        return body


def the_id(answer: Any) -> str:
    """The id of the photo in an answer."""
    assert isinstance(answer, dict), answer
    return str(UUID(answer["photo"]["id"]))
