"""Engines, a fresh database for each test, and a world that is built only by real verbs.

One pair of engines serves a whole test process; each test gets a database of its
own, cloned from a migrated template. After every test that used it all laws are
checked: a verb that leaves the books wrong fails the test that called it.
"""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.world import World
from wufu.core.chance import Chance
from wufu.db import Database, check_laws, counted, migrate
from wufu.db.engines import Engines, start_engines_for_tests
from wufu.main import LAWS

TEMPLATE = "wufu_template"
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-schema", action="store_true", help="write schema/current.sql anew")
    parser.addoption("--sim-seed", default=None, help="simulate this seed, or a range of seeds: 7 or 100-140")
    parser.addoption("--sim-steps", default=250, type=int, help="steps of a simulation")


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
        await _make_template(started)
        yield started


async def _make_template(engines: Engines) -> None:
    await migrate(engines.owner_url)
    connection = await asyncpg.connect(_url(engines.database_url, "postgres"))
    try:
        await connection.execute(f"ALTER DATABASE wufu RENAME TO {TEMPLATE}")
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
async def fresh(engines: Engines) -> AsyncIterator[FreshDatabase]:
    """A migrated, empty database of this test's own."""
    name = f"wufu_test_{next(_numbers)}"
    admin = await asyncpg.connect(_url(engines.database_url, "postgres"))
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER wufu_owner STRATEGY FILE_COPY")
        yield FreshDatabase(
            _url(engines.app_url, name), _url(engines.owner_url, name), _url(engines.database_url, name)
        )
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


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
            verdicts = await check_laws(connection, LAWS)
        broken = {verdict.law: verdict.rows for verdict in verdicts if verdict.violations}
        assert not broken, broken
        assert set(counted(verdicts)) == {law.name for law in LAWS}


@pytest.fixture
def world(database: Database, clock: TestClock) -> World:
    """People, ties, money and campaigns, made by real verbs."""
    return World(database, clock)
