"""Engines, a fresh database for each test, and a world that is built only by real verbs.

One pair of engines serves a whole test process; each test gets a database of its
own, cloned from a migrated template. After every test that used it all laws are
checked (`lawful.py`): a verb that leaves the books wrong fails the test that called it.
"""

import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.lawful import assert_lawful, learn_template
from tests.world import World
from wufu.core.chance import Chance
from wufu.db import Database, migrate
from wufu.db.engines import Engines, start_engines_for_tests

TEMPLATE = "wufu_template"
CLONE = f"TEMPLATE {TEMPLATE} OWNER wufu_owner STRATEGY FILE_COPY"
_numbers = itertools.count(1)

LONG = (
    "tests/journeys/test_chat_browser.py",
    "tests/journeys/test_packets_browser.py",
    "tests/crash/test_serving.py",
    "tests/journeys/test_secret_browser.py",
    "tests/db/engines/test_taking_up.py",
    "tests/journeys/test_chat_order_browser.py",
    "tests/journeys/test_fortune_http.py",
    "tests/journeys/test_photos_browser.py",
    "tests/crash/test_chat_crashes.py",
    "tests/journeys/test_friends_browser.py",
    "tests/chat/media/test_http.py",
    "tests/journeys/test_live.py",
    "tests/journeys/test_browser.py",
    "tests/journeys/test_packets.py",
    "tests/chat/secret/test_secret.py",
    "tests/crowd/test_demo.py",
    "tests/insight/test_spark.py",
    "tests/journeys/test_edge_http.py",
    "tests/journeys/test_console_http.py",
    "tests/crowd/test_run.py",
    "tests/chat/push/test_push.py",
    "tests/db/engines/test_supervision.py",
    "tests/photos/test_http.py",
    "tests/journeys/test_console_browser.py",
)
"""The files that take longest, the longest first; a Chromium, which computes, beside what mostly waits."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-schema", action="store_true", help="write schema/current.sql anew")
    parser.addoption("--sim-seed", default=None, help="simulate this seed, or a range of seeds: 7 or 100-140")
    parser.addoption("--sim-steps", default=250, type=int, help="steps of a simulation")


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one worker more than there are cores, since tests wait for phones too; at most four."""
    return min(len(os.sched_getaffinity(0)) + 1, 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files of LONG first, so that no worker begins minutes of work when the others are done."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@dataclass(slots=True)
class TestClock:
    """A clock that tests set."""

    now: datetime = datetime(2016, 1, 31, 12, tzinfo=UTC)

    __test__ = False

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[Engines]:
    """Real engines, without fsync: nothing here is about power cuts (tests/crash starts its own)."""
    async with start_engines_for_tests() as started:
        await migrate(started.owner_url)
        yield started


@pytest.fixture(scope="session")
async def admin(engines: Engines) -> AsyncIterator[asyncpg.Connection]:
    """The superuser who makes and drops each test's database; the template is there."""
    connection = await asyncpg.connect(_url(engines.database_url, "postgres"))
    try:
        await connection.execute(f"ALTER DATABASE wufu RENAME TO {TEMPLATE}")
        await connection.execute(f"CREATE DATABASE wufu_learning {CLONE}")
        learning = await asyncpg.connect(_url(engines.owner_url, "wufu_learning"))
        try:
            await learn_template(learning)
        finally:
            await learning.close()
        await connection.execute("DROP DATABASE wufu_learning")
        yield connection
    finally:
        await connection.close()


def _url(url: str, database: str) -> str:
    head, _, options = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{database}" + (f"?{options}" if options else "")


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """The addresses of one test's own database."""

    app_url: str
    owner_url: str
    superuser_url: str


@pytest.fixture
async def fresh(engines: Engines, admin: asyncpg.Connection) -> AsyncIterator[FreshDatabase]:
    """A migrated, empty database of this test's own."""
    name = f"wufu_test_{next(_numbers)}"
    await admin.execute(f"CREATE DATABASE {name} {CLONE}")
    yield FreshDatabase(
        _url(engines.app_url, name), _url(engines.owner_url, name), _url(engines.database_url, name)
    )
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> TestClock:
    """Half a day before the 2016 campaign opens; tests move it."""
    return TestClock()


@pytest.fixture
async def database(fresh: FreshDatabase, clock: TestClock) -> AsyncIterator[Database]:
    """The test's database through the application role; afterwards every law is checked."""
    async with Database.connect(fresh.app_url, clock=clock, chance=Chance.seeded(2016)) as connected:
        yield connected
        async with connected.read() as connection:
            await assert_lawful(connection)


@pytest.fixture
def world(database: Database, clock: TestClock) -> World:
    """People, ties, money and campaigns, made by real verbs."""
    return World(database, clock)
