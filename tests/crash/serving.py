"""`wufu serve` as a process of its own, and what the kernel says about it and its children."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from tests.journeys.phone import until
from wufu.core.clock import utc_now
from wufu.db import Connection, Database
from wufu.db.engines import Engines
from wufu.db.engines.reach import read_addresses

READY = re.compile(r"Wufu is at (http://127\.0\.0\.1:\d+)")
COME_UP_SECONDS = 90.0
SERVE = ("serve", "--port", "0", "--servers", "2")


class Ended(NamedTuple):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


def environment() -> dict[str, str]:
    """The caller's environment without engines of somebody else's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WUFU_")}


async def wufu(*arguments: str | Path) -> Ended:
    """Run a command to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wufu.cli",
        *map(str, arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


class Process(NamedTuple):
    """A process, told from a later one with the same number by when it was started."""

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        now = process_of(self.pid)
        return now is not None and now.started == self.started and state_of(self.pid) != "Z"


def process_of(pid: int) -> Process | None:
    fields = _stat(pid)
    return None if fields is None else Process(pid, fields[19])


def state_of(pid: int) -> str:
    fields = _stat(pid)
    return "gone" if fields is None else fields[0]


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat (proc(5)) after the name: state, parent, …, start time at 19."""
    with contextlib.suppress(OSError):
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
    return None


def children_of(pid: int) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [one for one in pids if (fields := _stat(one)) is not None and int(fields[1]) == pid]


def family_of(pid: int) -> set[Process]:
    """A process and everything that descends from it."""
    found = {one} if (one := process_of(pid)) is not None else set()
    for child in children_of(pid):
        found |= family_of(child)
    return found


def processes_under(folder: Path) -> list[int]:
    """The processes whose working directory is in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and state_of(int(entry.name)) != "Z":
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink().is_relative_to(folder):
                    found.append(int(entry.name))
    return found


class Serving:
    """A data directory, and the server that runs on it, if one does."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = ""
        self.known: set[Process] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = data.parent / "serve.log"

    async def start(self) -> None:
        """Start the server and wait until it serves."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "wufu.cli", *SERVE, "--data", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                start_new_session=True,
            )
        await until(lambda: bool(READY.search(self.said())) or self.status is not None, COME_UP_SECONDS)
        ready = READY.search(self.said())
        assert ready is not None, self.said()
        self.url = ready[1]
        self.note()

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def status(self) -> int | None:
        """None while it runs; then its exit status, or minus the signal that ended it."""
        return None if self._process is None else self._process.poll()

    @property
    def engines(self) -> Engines:
        return read_addresses(self.data)

    def engine(self, program: str) -> int:
        """The process id of one of its engines: `postgres` or `nats-server`."""
        names = {
            pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0] for pid in children_of(self.pid)
        }
        [found] = [pid for pid, name in names.items() if name.endswith(program.encode())]
        return found

    def beside(self) -> int:
        """The process id of the second server."""
        [found] = [
            pid
            for pid in children_of(self.pid)
            if b"wufu.servers" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        ]
        return found

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Its database, as any other process of this user may read it."""
        async with (
            Database.connect(self.engines.app_url, clock=utc_now, connections=1) as database,
            database.read() as connection,
        ):
            yield connection

    def note(self) -> None:
        """Remember which processes there are, to see in the end that all are gone."""
        self.known |= family_of(self.pid)

    async def crash(self, victim: str) -> None:
        """kill -9 for `server`, `postgres` or `nats-server`; a server is started again as a person would."""
        self.note()
        pid = self.pid if victim == "server" else self.engine(victim)
        os.kill(pid, signal.SIGKILL)
        if victim == "server":
            await until(lambda: self.status is not None)
            await self.start()
        else:
            title = {"postgres": "PostgreSQL", "nats-server": "NATS"}[victim]
            told = re.compile(rf"{title} stopped unexpectedly \(signal 9\); started again")
            await until(lambda: told.search(self.said()) is not None, COME_UP_SECONDS)
            assert self.engine(victim) != pid
            self.note()

    async def stop(self, sent: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop and wait for its end; its exit status."""
        if self.status is None:
            self.note()
            os.kill(self.pid, sent)
            await until(lambda: self.status is not None, 60)
        assert self.status is not None
        return self.status

    async def left(self) -> list[int]:
        """Processes of any server that ever ran here and that did not go."""

        def still() -> list[int]:
            alive = [one.pid for one in self.known if one.is_alive]
            return [*alive, *processes_under(self.data)]

        with contextlib.suppress(TimeoutError):
            await until(lambda: not still(), 10)
        return still()

    async def end(self) -> None:
        """End it however it takes, for the sake of the tests after it."""
        if self._process is not None and self.status is None:
            with contextlib.suppress(TimeoutError):
                await self.stop()
            if self.status is None:
                self._process.kill()
            self._process.wait()
