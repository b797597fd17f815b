"""A process of its own for work on files that strangers sent: decoding pictures above all.

Decoders are large C libraries, and a picture made to break one must cost nobody but its sender. So it is
opened in a child with little memory, no files to write and a time limit: when the child dies or takes too
long, the picture was broken, and the next one gets a new child. What goes to the child is ours (a function
of ours and its arguments, pickled); what comes back is not trusted to be: it is data of a stated type
(MessagePack), never code.

The child also keeps the event loop free: some hundred milliseconds of arithmetic a picture would stop
every other request of the server. It is started by the first picture and ends with its parent, whose end
closes its standard input. There is one, and pictures take turns: a small machine decodes one at a time.
"""

import asyncio
import contextlib
import logging
import os
import pickle
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import msgspec

from wufu.core import refusals
from wufu.core.refusals import Refusal, ServerBusy
from wufu.objects.model import BadPicture

T = TypeVar("T")
log = logging.getLogger("wufu.objects")

LENGTH = struct.Struct(">Q")
PATIENCE_SECONDS = 30.0
START_SECONDS = 60.0
MOST_WAITING = 16
MOST_MEMORY = 3 << 30
"""Of addresses, of which a decoder of 50 million pixels touches a few hundred MB."""
MOST_FILES = 64
READY = b"ready"


class _Answer(msgspec.Struct, frozen=True):
    """What the child says: the encoded value, or a refusal's code and facts, or an error's text."""

    value: bytes = b""
    refusal: str = ""
    facts: dict[str, str | int] = {}
    error: str = ""


class Workshop:
    """The child, when there is one. `close` it with the server."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def do(self, kind: type[T], work: Callable[..., T], *args: object) -> T:
        """`work(*args)` in the child; `work` is a function of a module, its answer a value of `kind`.

        Refusals: those that `work` raises; bad_picture when it breaks the child or takes too long;
        server_busy when too many wait.
        """
        if self._waiting >= MOST_WAITING:
            raise ServerBusy()
        self._waiting += 1
        try:
            async with self._turn:
                answer = await self._ask(pickle.dumps((work, args)))
        finally:
            self._waiting -= 1
        if answer.refusal:
            raise refusals.ALL[answer.refusal](**answer.facts)
        if answer.error:
            raise RuntimeError(answer.error)
        return msgspec.msgpack.decode(answer.value, type=kind)

    async def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()

    async def _ask(self, request: bytes) -> _Answer:
        child = await self._ready()
        try:
            async with asyncio.timeout(self._patience):
                return msgspec.msgpack.decode(await _exchange(child, request), type=_Answer)
        except (OSError, EOFError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("a picture broke its decoder: %r", error)
            await self.close()
            raise BadPicture(why="broken") from error
        except BaseException:
            # Cancelled in the middle: the child's answer would be taken for the next question's.
            await self.close()
            raise

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._child is not None and self._child.returncode is None:
            return self._child
        await self.close()
        child = self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from wufu.objects.workshop import serve; serve()",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # A library that computes with a thread a core would reserve memory for each.
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        assert child.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                assert await _read_framed(child.stdout) == READY
        except BaseException:
            await self.close()
            raise
        return child


async def _exchange(child: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(LENGTH.pack(len(request)) + request)
    await child.stdin.drain()
    return await _read_framed(child.stdout)


async def _read_framed(stream: asyncio.StreamReader) -> bytes:
    [length] = LENGTH.unpack(await stream.readexactly(LENGTH.size))
    return await stream.readexactly(length)


# --- In the child ---------------------------------------------------------------------------------


def serve() -> None:
    """Answer until the parent is gone."""
    come, go = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not get between the answers.
    sys.stdout = sys.stderr
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    _write_framed(go, READY)
    while head := come.read(LENGTH.size):
        # Our own parent's words, through a pipe that nobody else can write to.
        work, args = pickle.loads(come.read(*LENGTH.unpack(head)))  # noqa: S301
        _write_framed(go, msgspec.msgpack.encode(_answer(work, args)))


def _answer(work: Callable[..., Any], args: tuple[Any, ...]) -> _Answer:
    try:
        return _Answer(msgspec.msgpack.encode(work(*args)))
    except Refusal as refusal:
        return _Answer(refusal=refusal.code, facts=refusal.facts)  # type: ignore[arg-type]
    except MemoryError:
        return _Answer(refusal=BadPicture.code, facts={"why": "pixels"})
    except Exception as error:
        log.exception("work on a file failed")
        return _Answer(error=f"{type(error).__name__}: {error}")


def _write_framed(stream: BinaryIO, data: bytes) -> None:
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()
