"""Phones of the HTTP tests: the real application without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from wufu import people, ties, wallet
from wufu.db import Database
from wufu.edge import Door, VerbTable, create_http


@asynccontextmanager
async def phone(database: Database, *, demo: bool = True) -> AsyncIterator["Phone"]:
    """A phone with its own cookies."""
    door = Door(database, people.session_lookup(database.clock), demo=demo)
    verbs = VerbTable(database, wallet.VERBS)
    routers = [people.router(door), ties.router(door), *wallet.routers(door)]
    app = create_http(door, verbs, routers, None)
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="https://wufu.test") as client:
        yield Phone(client)


class Phone:
    """Asks, and answers the decoded body; `code` is a refusal's."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> Any:
        return self._read(await self.client.get(path))

    async def post(self, path: str, **body: Any) -> Any:
        return self._read(await self.client.post(path, json=body, headers={"X-Wufu": "1"}))

    async def delete(self, path: str) -> Any:
        return self._read(await self.client.delete(path, headers={"X-Wufu": "1"}))

    @staticmethod
    def _read(response: httpx.Response) -> Any:
        body = response.json()
        if "refusal" in body:
            assert response.status_code >= 400
            return f"{response.status_code} {body['refusal']['code']}"
        assert response.status_code == 200, body
        return body

    async def register(self, login: str, name: str) -> Any:
        answer = await self.post(
            "/api/people/register", login=login, password="correct horse", name=name, device=f"{name}'s phone"
        )
        return answer["me"]["person"]
