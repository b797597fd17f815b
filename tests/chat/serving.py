"""A whole server for the parts of chat that are reached over HTTP, and personas' phones (no hashing)."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx

from tests.journeys.phone import Phone
from tests.lawful import assert_lawful
from wufu.core.ids import PersonId
from wufu.db.engines import Engines
from wufu.main import Server, running
from wufu.people import NewPerson, create_people, sign_in_persona


class Household:
    """A running server, where its objects lie, and the phones of whoever lives there."""

    def __init__(self, server: Server, objects: Path, stack: contextlib.AsyncExitStack) -> None:
        self.server = server
        self.objects = objects
        self._stack = stack
        self._people: dict[str, PersonId] = {}

    async def phone(self, name: str) -> Phone:
        """A phone on which somebody is signed in; the same name again is another phone of the same person."""
        database = self.server.database
        if name not in self._people:
            new = NewPerson(name=name, origin="persona")
            (person,) = await database.run(partial(create_people, people=[new]), actor="test")
            self._people[name] = person
        its = self._people[name]
        signed = await database.run(lambda tx: sign_in_persona(tx, its), actor="test")
        http = httpx.AsyncClient(
            base_url=str(self.server.url), headers={"Authorization": f"Bearer {signed.token}"}, timeout=30
        )
        phone = Phone(await self._stack.enter_async_context(http))
        phone.person, phone.token = its, signed.token
        return phone

    async def befriend(self, one: Phone, other: Phone) -> None:
        await one.post("/api/ties/ask", {"person": other.person})
        await other.post("/api/ties/accept", {"person": one.person})

    def files(self) -> list[Path]:
        """The objects as they lie in the folder."""
        return [path for path in self.objects.rglob("*") if path.is_file() and len(path.name) == 36]


@contextlib.asynccontextmanager
async def household(
    engines: Engines, clock: Callable[[], datetime], objects: Path, *, with_jobs: bool = True
) -> AsyncIterator[Household]:
    """When the block ends, every law is checked."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            running(
                engines,
                keep_objects=objects,
                port=0,
                clock=clock,
                page=objects / "no page",
                with_jobs=with_jobs,
            )
        )
        yield Household(server, objects, stack)
        async with server.database.read() as connection:
            await assert_lawful(connection)
