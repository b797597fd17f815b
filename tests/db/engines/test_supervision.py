"""Engines come up, come back after a crash, and leave nothing behind."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import nats
import pytest
from nats.aio.client import Client, RawCredentials

from wufu.core.clock import utc_now
from wufu.db.engines import EngineFailure, Engines, mint_server_pass, supervisor
from wufu.db.engines.place import Owner
from wufu.db.engines.process import Child, launch, processes_in
from wufu.db.engines.supervisor import MOST_TRIES, Supervised


async def connect_nats(engines: Engines) -> Client:
    ours = mint_server_pass(engines.account_seed, utc_now())
    return await nats.connect(engines.nats_url, user_credentials=RawCredentials(ours.credentials()))


async def hear(told: list[str], words: str) -> str:
    while not any(words in line for line in told):
        await asyncio.sleep(0.02)
    return next(line for line in told if words in line)


async def test_both_engines_serve_and_leave_no_process(place: Path) -> None:
    async with Engines.start(place, tell=print, sync=False) as engines:
        connection = await asyncpg.connect(engines.app_url)
        assert await connection.fetchval("SELECT current_user") == "wufu_app"
        assert str(await connection.fetchval("SHOW server_version")).startswith("18.")
        assert await connection.fetchval("SHOW listen_addresses") == ""
        await connection.close()
        client = await connect_nats(engines)
        await client.flush()
        await client.close()
        assert processes_in(place / "postgres" / "18")
        assert processes_in(place / "nats") == [engines.nats_pid]
        for pid in (engines.postgres_pid, engines.nats_pid):
            assert pid is not None
            assert os.getsid(pid) == pid != os.getsid(0)  # out of reach of the terminal's Ctrl-C
    assert not processes_in(place / "postgres" / "18")
    assert not processes_in(place / "nats")


async def test_the_owner_makes_tables_and_the_application_only_what_it_is_granted(place: Path) -> None:
    async with Engines.start(place, tell=print, sync=False) as engines:
        owner = await asyncpg.connect(engines.owner_url)
        app = await asyncpg.connect(engines.app_url)
        await owner.execute("CREATE TABLE note (text text); GRANT SELECT, INSERT ON note TO wufu_app")
        await app.execute("INSERT INTO note VALUES ('五福')")
        for forbidden in ("UPDATE note SET text = ''", "DELETE FROM note", "CREATE TABLE other (n int)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(forbidden)
        await owner.close()
        await app.close()


async def test_a_killed_postgres_comes_back_with_what_it_confirmed(place: Path) -> None:
    told: list[str] = []
    async with Engines.start(place, tell=told.append) as engines:
        connection = await asyncpg.connect(engines.owner_url)
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert await connection.fetchval(f"SHOW {setting}") == "on", setting
        await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (5)")
        before = engines.postgres_pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        line = await hear(told, "started again")
        assert line.startswith("PostgreSQL stopped unexpectedly (signal 9); started again in ")
        assert engines.postgres_pid != before
        connection.terminate()
        again = await asyncpg.connect(engines.owner_url)
        assert await again.fetchval("SELECT n FROM kept") == 5
        await again.close()


async def test_a_killed_nats_comes_back_on_its_ports_with_its_streams(place: Path) -> None:
    told: list[str] = []
    async with Engines.start(place, tell=told.append, sync=False) as engines:
        client = await connect_nats(engines)
        await client.jetstream().add_stream(name="facts", subjects=["fact.>"])
        await client.jetstream().publish("fact.1", b"a card came")
        await client.close()
        before, url = engines.nats_pid, engines.nats_url
        assert before is not None
        os.kill(before, signal.SIGKILL)
        assert "NATS stopped unexpectedly (signal 9)" in await hear(told, "started again")
        assert (engines.nats_url, engines.nats_pid != before) == (url, True)
        client = await connect_nats(engines)
        kept = await client.jetstream().get_msg("facts", seq=1)
        assert kept.data == b"a card came"
        await client.close()


@dataclass
class Stumbling:
    """An engine, for the supervisor, that runs `good` times and from then on ends as soon as it starts."""

    folder: Path
    good: int
    name: str = "Stumbling"
    launched: int = 0

    async def launch(self) -> Child:
        self.launched += 1
        does = "read _" if self.launched <= self.good else "echo no room; exit 3"
        us = Owner(uid=os.geteuid(), gid=os.getegid(), name="us")
        return launch(
            [sys.executable, "-c", f"import os; os.execv('/bin/sh', ['sh', '-c', {does!r} + '; sleep 60'])"],
            owner=us,
            folder=self.folder,
            log=self.folder / "log",
            death_signal=signal.SIGKILL,
        )

    async def ready(self, child: Child) -> None:
        if self.launched > self.good:
            raise EngineFailure(f"it ended while starting ({await child.ended()}): {child.last_words()}")

    async def stop(self, child: Child) -> None:
        await child.stop([(signal.SIGKILL, 5.0)])


async def test_an_engine_that_does_not_come_back_is_given_up_in_the_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.001)
    told: list[str] = []
    engine = Stumbling(tmp_path, good=1)
    supervised = Supervised(engine, told.append)
    await supervised.start()
    os.kill(supervised.pid, signal.SIGKILL)
    problem = await supervised.given_up
    assert "Stumbling stopped unexpectedly (signal 9) and could not be kept running" in str(problem)
    assert "no room" in str(problem)
    assert engine.launched == 1 + MOST_TRIES
    assert told == [str(problem)]
    await supervised.stop()


async def test_an_engine_that_does_not_come_up_at_all_says_why(tmp_path: Path) -> None:
    supervised = Supervised(Stumbling(tmp_path, good=0), print)
    with pytest.raises(EngineFailure, match=r"Stumbling could not be started: .*no room"):
        await supervised.start()
    await supervised.stop()
