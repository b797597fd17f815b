"""Both engines at once: ours where no others are named, with one life for the block that uses them."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import asyncpg

from wufu.core.clock import utc_now
from wufu.db.engines.nats import keep_seeds, prepare_nats
from wufu.db.engines.passes import public_key
from wufu.db.engines.place import (
    EngineFailure,
    EnginePorts,
    check_reachable,
    choose_ports,
    engines_user,
    hold_lock,
    prepare_data_dir,
)
from wufu.db.engines.postgres import (
    APP_ROLE,
    OWNER_ROLE,
    SUPERUSER,
    cluster_folder,
    installed_binaries,
    prepare_postgres,
)
from wufu.db.engines.supervisor import Supervised

CONNECT_SECONDS = 15.0
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - what is made in it has a random name
MEMORY_WANTED = 4 << 30
"""Bytes that must be free in it before tests put their databases there."""


@dataclass(frozen=True, slots=True)
class _Database:
    superuser_url: str
    owner_url: str
    app_url: str
    engine: Supervised | None = None


@dataclass(frozen=True, slots=True)
class _Live:
    nats_url: str
    websocket_url: str
    account_seed: str = field(repr=False)
    operator_seed: str | None = field(default=None, repr=False)
    engine: Supervised | None = None


@dataclass(frozen=True, slots=True)
class Engines:
    """Both engines, running. URLs and keys stay the same through a restart of an engine."""

    _database: _Database
    _live: _Live

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls,
        data: Path,
        *,
        tell: Callable[[str], None],
        ports: EnginePorts | None = None,
        sync: bool = True,
        origins: Sequence[str] = (),
    ) -> AsyncIterator[Self]:
        """Start (or, by the environment, reach) both engines; stop what was started when the block ends.

        `tell` hears one plain sentence whenever an engine crashed, was started again or is given up.
        `ports` are asked for in so many words, and an error when taken; without them the last run's are used
        again. `sync=False` gives up durability for speed, in tests that do not test it. `origins` are the
        pages whose WebSockets NATS lets in (`nats.prepare_nats`). Raises EngineFailure: the data directory is
        in use (DataInUse) or out of reach (DataUnreachable), or an engine does not come up.
        """
        async with contextlib.AsyncExitStack() as stack:
            database, live = _named_database(), _named_live()
            if database is None or live is None:
                data = prepare_data_dir(data)
                stack.enter_context(hold_lock(data))
                owner = engines_user(cluster_folder(data))
                check_reachable(data, owner)
                if live is None:
                    seeds = keep_seeds(data)
                    chosen = choose_ports(data, ports)
                    nats = Supervised(prepare_nats(data, owner, chosen, seeds, utc_now(), origins), tell)
                    stack.push_async_callback(nats.stop)
                    await nats.start()
                    live = _Live(
                        nats_url=f"nats://127.0.0.1:{chosen.nats}",
                        websocket_url=f"ws://127.0.0.1:{chosen.websocket}",
                        account_seed=seeds.account,
                        operator_seed=seeds.operator,
                        engine=nats,
                    )
                if database is None:
                    how = await prepare_postgres(data, owner, tell, sync=sync)
                    postgres = Supervised(how, tell)
                    stack.push_async_callback(postgres.stop)
                    await postgres.start()
                    urls = (how.url(SUPERUSER), how.url(OWNER_ROLE), how.url(APP_ROLE))
                    database = _Database(*urls, engine=postgres)
            if database.engine is None:
                await _check_database(database)
            yield cls(_database=database, _live=live)

    @property
    def database_url(self) -> str:
        """PostgreSQL's superuser where the server is ours (test databases, benches), else the owner."""
        return self._database.superuser_url

    @property
    def owner_url(self) -> str:
        """The role that owns the schema: migrations only."""
        return self._database.owner_url

    @property
    def app_url(self) -> str:
        """The role the server runs as: migrations grant it what it may do."""
        return self._database.app_url

    @property
    def nats_url(self) -> str:
        """Where servers and load generators connect, with a pass."""
        return self._live.nats_url

    @property
    def websocket_url(self) -> str:
        """Where phones connect, with a pass."""
        return self._live.websocket_url

    @property
    def account_seed(self) -> str:
        """The key that passes are signed with. Whoever has it can be anybody."""
        return self._live.account_seed

    @property
    def operator_seed(self) -> str | None:
        """The key above the account's, where the NATS server is ours."""
        return self._live.operator_seed

    @property
    def postgres_pid(self) -> int | None:
        """The process id of our PostgreSQL now; None when the server is somebody else's."""
        return self._database.engine.pid if self._database.engine else None

    @property
    def nats_pid(self) -> int | None:
        """The process id of our NATS now; None when the server is somebody else's."""
        return self._live.engine.pid if self._live.engine else None

    @property
    def postgres_binaries(self) -> Path:
        """The folder of the installed PostgreSQL programs (psql, pg_dump, pgbench)."""
        return installed_binaries() / "bin"

    def addresses(self) -> dict[str, str]:
        """Where everything is and the key that passes are signed with, for another process of this user."""
        return {
            "superuser_url": self.database_url,
            "owner_url": self.owner_url,
            "app_url": self.app_url,
            "nats_url": self.nats_url,
            "websocket_url": self.websocket_url,
            "account_seed": self.account_seed,
        }

    @classmethod
    def at(cls, addresses: Mapping[str, str]) -> Self:
        """Engines that another process keeps running, by what its `addresses` said."""
        database = _Database(
            superuser_url=addresses["superuser_url"],
            owner_url=addresses["owner_url"],
            app_url=addresses["app_url"],
        )
        live = _Live(
            nats_url=addresses["nats_url"],
            websocket_url=addresses["websocket_url"],
            account_seed=addresses["account_seed"],
        )
        return cls(_database=database, _live=live)

    async def given_up(self) -> EngineFailure:
        """Wait until an engine cannot be kept running any more, and say why: the server should stop then."""
        engines = [engine for engine in (self._database.engine, self._live.engine) if engine is not None]
        if not engines:
            await asyncio.Event().wait()
        waits = [engine.given_up for engine in engines]
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()


@contextlib.asynccontextmanager
async def start_engines_for_tests(
    *, sync: bool = False, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Engines]:
    """Both engines on a fresh temporary directory that is gone afterwards; not durable unless `sync`."""
    with tempfile.TemporaryDirectory(
        prefix="wufu-test-", dir=None if sync else _memory_folder(), ignore_cleanup_errors=True
    ) as folder:
        if os.geteuid() == 0:
            # The engines' user must pass through, which pytest's own tmp_path would not let it.
            Path(folder).chmod(0o711)
        async with Engines.start(Path(folder), tell=tell, sync=sync) as engines:
            yield engines


def _memory_folder() -> Path | None:
    """A file system in memory with room for tests' databases, where there is one: they are made by copying
    a thousand small files each, which takes a quarter of the time there.
    """
    if not MEMORY_FOLDER.is_dir() or not os.access(MEMORY_FOLDER, os.W_OK):
        return None
    return MEMORY_FOLDER if shutil.disk_usage(MEMORY_FOLDER).free >= MEMORY_WANTED else None


def _named_database() -> _Database | None:
    """The PostgreSQL that the environment names."""
    url = os.environ.get("WUFU_DATABASE_URL")
    if not url:
        return None
    owner_url = os.environ.get("WUFU_DATABASE_OWNER_URL") or url
    return _Database(superuser_url=owner_url, owner_url=owner_url, app_url=url)


def _named_live() -> _Live | None:
    """The NATS that the environment names; EngineFailure when it names only half of it."""
    url = os.environ.get("WUFU_NATS_URL")
    if not url:
        return None
    websocket_url = os.environ.get("WUFU_NATS_WEBSOCKET_URL")
    account_seed = os.environ.get("WUFU_NATS_ACCOUNT_SEED")
    if not websocket_url or not account_seed:
        raise EngineFailure(
            "WUFU_NATS_URL needs WUFU_NATS_WEBSOCKET_URL and WUFU_NATS_ACCOUNT_SEED beside it"
        )
    try:
        public_key(account_seed)
    except ValueError as error:
        raise EngineFailure(f"WUFU_NATS_ACCOUNT_SEED: {error}") from error
    return _Live(nats_url=url, websocket_url=websocket_url, account_seed=account_seed)


async def _check_database(database: _Database) -> None:
    """Raise EngineFailure when a PostgreSQL that the environment names does not answer."""
    for variable, url in (
        ("WUFU_DATABASE_URL", database.app_url),
        ("WUFU_DATABASE_OWNER_URL", database.owner_url),
    ):
        try:
            connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise EngineFailure(f"the PostgreSQL of {variable} does not answer: {error}") from error
        await connection.close()
