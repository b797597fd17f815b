"""One engine process: started in its own session and user, bound to our life, ended in good order.

An engine must not see the terminal's Ctrl-C (we end the engines ourselves, in order, after their clients),
and must not outlive us (the kernel signals it when we die). Its output goes to a log file in the data
directory, whose last lines are what a failed start is explained with.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wufu.db.engines.place import EngineFailure, Owner

LAUNCHER = Path(__file__).with_name("launch.py")
LOOK_SECONDS = 0.02  # how often a child's end is looked for; costs nothing and notices a crash at once
LOG_BYTES = 16 * 1024 * 1024  # a log longer than this is put aside at the next start


@dataclass(frozen=True, slots=True)
class Child:
    """A started engine process."""

    process: subprocess.Popen[bytes]
    log: Path
    log_start: int

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def status(self) -> int | None:
        """None while it runs; then its exit status, or minus the signal that ended it."""
        return self.process.poll()

    async def ended(self) -> int:
        """Wait for the end; the exit status, or minus the signal."""
        while (status := self.process.poll()) is None:
            await asyncio.sleep(LOOK_SECONDS)
        return status

    def last_words(self, lines: int = 6) -> str:
        """The end of what this process has logged."""
        with self.log.open("rb") as log:
            log.seek(self.log_start)
            said = log.read().decode("utf-8", "replace").strip().splitlines()
        return "\n".join(said[-lines:])

    async def stop(self, order: Sequence[tuple[signal.Signals, float]]) -> None:
        """Send each signal in turn until the process ends within the seconds given with it."""
        for sent, patience_seconds in order:
            if self.process.poll() is not None:
                return
            self.process.send_signal(sent)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended(), patience_seconds)
        await self.ended()


def launch(
    command: Sequence[str | Path],
    *,
    owner: Owner,
    folder: Path,
    log: Path,
    death_signal: signal.Signals,
    environment: Mapping[str, str] | None = None,
) -> Child:
    """Start an engine in `folder` as `owner`, its output appended to `log`.

    `death_signal` reaches it when the calling *thread* ends: call it from the thread of the event loop.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    arguments = [sys.executable, "-I", "-S", LAUNCHER, os.getpid(), int(death_signal), owner.uid, owner.gid]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in [*arguments, *command]],
            cwd=folder,
            # Nothing of ours leaks in: PGDATA, PGHOST or a locale would change what an engine does.
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        return Child(process=process, log=log, log_start=output.tell())


async def run_to_end(child: Child, what: str) -> None:
    """Wait for a process that ends by itself; EngineFailure with its last words if it did not end well."""
    try:
        status = await child.ended()
    except asyncio.CancelledError:
        child.process.kill()
        child.process.wait()
        raise
    if status != 0:
        raise EngineFailure(f"{what} failed ({describe_status(status)}):\n{child.last_words()}")


def describe_status(status: int) -> str:
    """How a process ended, in words: `signal 9` or `exit status 1`."""
    return f"signal {-status}" if status < 0 else f"exit status {status}"


async def wait_for_orphans(
    folder: Path, order: Sequence[tuple[signal.Signals, float]], *, leader: int | None = None
) -> int:
    """End and wait for processes that still run in `folder`, left by a server that died; how many there were.

    Only `leader` (all of them when it is not given or not among them) is signalled, in the given order: the
    helpers of a PostgreSQL server go by themselves once it is gone. A process we may not signal, or that does
    not go, raises EngineFailure.
    """
    found = processes_in(folder)
    for sent, patience_seconds in order:
        left = processes_in(folder)
        if not left:
            break
        for pid in [leader] if leader in left else left:
            _signal(pid, sent)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_all_gone(folder), patience_seconds)
    if left := processes_in(folder):
        raise EngineFailure(f"processes {left} of an earlier run still use {folder} and do not end")
    return len(found)


async def _all_gone(folder: Path) -> None:
    while processes_in(folder):
        await asyncio.sleep(LOOK_SECONDS)


def _signal(pid: int | None, sent: signal.Signals) -> None:
    assert pid is not None
    with contextlib.suppress(ProcessLookupError):
        try:
            os.kill(pid, sent)
        except PermissionError as error:
            raise EngineFailure(f"process {pid} still runs and belongs to somebody else") from error


def processes_in(folder: Path) -> list[int]:
    """The processes whose working directory is `folder`; none where there is no /proc to ask.

    An engine's working directory tells whose it is better than a process id in a file, which by now may be
    anybody's.
    """
    proc = Path("/proc")
    wanted = str(folder.resolve())
    found = []
    for entry in proc.iterdir() if proc.is_dir() else ():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if str((entry / "cwd").readlink()) == wanted:
                    found.append(int(entry.name))
    return sorted(found)
