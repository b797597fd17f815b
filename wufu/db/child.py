"""A second process of Wufu for work that must not share a core with the first.

It is this Python running a module of ours. Told what to do by one line of JSON on its standard input (where
nobody else can read it, for it names keys), it says `ready` on its standard output and works until its input
ends. A parent that is killed closes
that input too, so no child outlives it; Ctrl-C in the terminal does not reach a child, its parent ends it in
order.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import msgspec

START_SECONDS = 60.0
STOP_SECONDS = 10.0
LONGEST_TASK = 16 * 1024 * 1024
READY = b"ready\n"


class ChildFailed(Exception):
    """The other process ended before it was ready; it has said why on standard error."""


@contextlib.asynccontextmanager
async def child(module: str, work: str, task: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m <module> <work>` with `task` (as JSON) from when it is ready until the block ends.

    Raises ChildFailed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        work,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        await tell_child(process, task)
        try:
            said = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        except TimeoutError:
            said = b""
        if said != READY:
            raise ChildFailed(f"the process {module} {work} did not come up")
        yield process
    finally:
        await _stop(process)


async def tell_child(process: asyncio.subprocess.Process, task: object) -> None:
    """Give a child a task, as a line of JSON; one that has ended hears nothing."""
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        await process.stdin.drain()


async def _stop(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    for end in (process.terminate, process.kill):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
            return
        with contextlib.suppress(ProcessLookupError):
            end()
    await process.wait()


class Parent:
    """The other end, in the child: what is to be done, and when to stop."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    @classmethod
    async def meet(cls) -> "Parent":
        reader = asyncio.StreamReader(limit=LONGEST_TASK)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        return cls(reader)

    async def task(self) -> bytes:
        """The next task, as JSON; empty when the parent is gone."""
        return await self._reader.readline()

    async def ready(self) -> None:
        """Say that the work has begun."""
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()

    async def gone(self) -> None:
        """Wait until the parent wants us to stop, or is no more."""
        while await self._reader.read(4096):
            pass
