"""One server to a data directory; the next one takes up where the last one stopped, however that ended."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest

from wufu.db.engines import DataInUse, Engines
from wufu.db.engines.process import processes_in

SERVER = """
import asyncio, pathlib, signal, sys, asyncpg
from wufu.db.engines import Engines

# A test run in the background hands an ignored Ctrl-C down to its children.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def main():
    async with Engines.start(pathlib.Path(sys.argv[1]), tell=print) as engines:
        connection = await asyncpg.connect(engines.owner_url)
        await connection.execute("CREATE TABLE kept (n int)")
        await connection.execute("INSERT INTO kept VALUES (5)")
        print(engines.nats_url, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_second_server_on_the_same_data_is_refused_by_name_of_the_first(place: Path) -> None:
    async with Engines.start(place, tell=print, sync=False):
        with pytest.raises(DataInUse, match=rf"in use by process {os.getpid()}\b"):
            async with Engines.start(place, tell=print, sync=False):
                pass


async def start_server(place: Path) -> tuple[asyncio.subprocess.Process, str]:
    """A server in a session of its own, as a terminal would start it, and where its NATS listens."""
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        str(place),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=dict(os.environ, PYTHONPATH=str(Path(__file__).parents[3])),
        start_new_session=True,
    )
    assert server.stdout is not None
    return server, (await server.stdout.readline()).decode().strip()


async def test_nothing_outlives_a_killed_server(place: Path) -> None:
    server, _ = await start_server(place)
    assert processes_in(place / "postgres" / "18")
    assert processes_in(place / "nats")
    server.send_signal(signal.SIGKILL)
    await server.wait()
    while processes_in(place / "postgres" / "18") or processes_in(place / "nats"):
        await asyncio.sleep(0.02)


async def test_the_next_server_takes_up_at_once_where_a_killed_one_stopped(place: Path) -> None:
    server, url = await start_server(place)
    server.send_signal(signal.SIGKILL)
    await server.wait()
    async with Engines.start(place, tell=print) as engines:
        connection = await asyncpg.connect(engines.owner_url)
        assert await connection.fetchval("SELECT n FROM kept") == 5
        await connection.close()
        assert engines.nats_url == url


async def test_ctrl_c_stops_the_engines_in_good_order(place: Path) -> None:
    server, _ = await start_server(place)
    os.killpg(server.pid, signal.SIGINT)
    await server.wait()
    assert not processes_in(place / "postgres" / "18")
    assert not processes_in(place / "nats")
    log = (place / "logs" / "postgres.log").read_text()
    assert log.count("received fast shutdown request") == 1
    assert "database system is shut down" in log.splitlines()[-1]


async def test_everything_killed_at_once_is_recovered_from(place: Path) -> None:
    async with Engines.start(place, tell=print) as engines:
        connection = await asyncpg.connect(engines.owner_url)
        await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        connection.terminate()
        for pid in [*processes_in(place / "postgres" / "18"), *processes_in(place / "nats")]:
            # A helper of PostgreSQL may be quicker: it goes by itself once its server is gone.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    async with Engines.start(place, tell=print) as engines:
        connection = await asyncpg.connect(engines.app_url)
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == 1
        await connection.close()


async def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(place: Path) -> None:
    async with Engines.start(place, tell=print, sync=False):
        pid_file = place / "postgres" / "18" / "postmaster.pid"
        left = pid_file.read_text()
    stranger = await asyncio.create_subprocess_exec("sleep", "600")
    pid_file.write_text("\n".join([str(stranger.pid), *left.split("\n")[1:]]))
    pid_file.chmod(0o600)
    async with Engines.start(place, tell=print, sync=False) as engines:
        assert engines.postgres_pid
    stranger.kill()
    await stranger.wait()


async def test_a_half_made_cluster_is_made_anew(place: Path) -> None:
    half = place / "postgres" / ".18-half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        place.chmod(0o711)
    async with Engines.start(place, tell=print, sync=False) as engines:
        assert engines.postgres_pid
        assert not half.exists()
