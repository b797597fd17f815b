"""A whole server for each journey: its own database, shared engines, HTTP on a free port, jobs running."""

import contextlib
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from tests.conftest import FreshDatabase
from tests.journeys.browser import chromium_running
from tests.journeys.phone import PASSWORD, Phone, SignUp
from tests.lawful import assert_lawful
from tests.world import World
from wufu.core.clock import utc_now
from wufu.db.engines import Engines
from wufu.main import Server, running


class OffsetClock:
    """The real clock, which tests may put forward: passes are checked by NATS against real time."""

    def __init__(self) -> None:
        self._offset = timedelta()

    @property
    def now(self) -> datetime:
        return self()

    @now.setter
    def now(self, instant: datetime) -> None:
        self._offset = instant - utc_now()

    def __call__(self) -> datetime:
        return utc_now() + self._offset

    def advance(self, **delta: float) -> None:
        self._offset += timedelta(**delta)


@pytest.fixture
def clock() -> OffsetClock:
    return OffsetClock()


def engines_at(engines: Engines, fresh: FreshDatabase) -> Engines:
    """The session's engines with one test's own database."""
    return Engines.at(
        {
            **engines.addresses(),
            "app_url": fresh.app_url,
            "owner_url": fresh.owner_url,
            "superuser_url": fresh.superuser_url,
        }
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page as the build leaves it: an index, a public file and an asset."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>五福</title>", encoding="utf-8")
    (folder / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "assets" / "main-1a2b3c.js").write_text("'use strict'", encoding="utf-8")
    (tmp_path / "outside.txt").write_text("not yours", encoding="utf-8")
    return folder


@contextlib.asynccontextmanager
async def audited(
    engines: Engines, clock: OffsetClock, page: Path, *, demo: bool = False
) -> AsyncIterator[Server]:
    """A running server; when the block ends every law is checked."""
    with tempfile.TemporaryDirectory(prefix="wufu-objects-") as folder:
        keep = Path(folder)
        async with running(engines, keep_objects=keep, demo=demo, port=0, clock=clock, page=page) as server:
            yield server
            async with server.database.read() as connection:
                await assert_lawful(connection)


@pytest.fixture
async def server(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, page: Path
) -> AsyncIterator[Server]:
    async with audited(engines_at(engines, fresh), clock, page) as started:
        yield started


@pytest.fixture
async def demo_server(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, page: Path
) -> AsyncIterator[Server]:
    async with audited(engines_at(engines, fresh), clock, page, demo=True) as started:
        yield started


@pytest.fixture
def world(server: Server, clock: OffsetClock) -> World:
    """What an operator does, in the server's own database."""
    return World(server.database, clock)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium_running() as started:
        yield started


@contextlib.asynccontextmanager
async def phone_at(url: str) -> AsyncIterator[Phone]:
    """A phone that nobody signed in on yet."""
    async with httpx.AsyncClient(base_url=url, headers={"X-Wufu": "1"}, timeout=20) as http:
        yield Phone(http)


@pytest.fixture
async def stranger(server: Server) -> AsyncIterator[Phone]:
    assert server.url is not None
    async with phone_at(server.url) as phone:
        yield phone


@pytest.fixture
async def sign_up(server: Server) -> AsyncIterator[SignUp]:
    """`await sign_up("dong")`: a registered person's phone, closed when the test ends."""
    assert server.url is not None
    async with contextlib.AsyncExitStack() as stack:

        async def work(name: str) -> Phone:
            phone = await stack.enter_async_context(phone_at(str(server.url)))
            await register(phone, name)
            return phone

        yield work


async def register(phone: Phone, name: str) -> None:
    """A new person signs up on a phone."""
    body = {"login": name, "password": PASSWORD, "name": f"{name} 王", "device": "test"}
    phone.welcome(await phone.post("/api/people/register", body))
