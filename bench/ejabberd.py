"""An ejabberd of the benchmark's own: Debian's package, one node, loopback, everything in a temporary folder.

It is started by Erlang directly, without a node name, so that no port mapper is left behind. People sign in
anonymously, rooms keep their messages in the archive (mod_mam in Mnesia, its default), nobody is slowed down.
"""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

LIBRARIES = Path("/usr/lib")

CONFIGURATION = """\
hosts: ["localhost"]
loglevel: error
listen:
  -
    port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_fsm_queue: 1000000
auth_method: [anonymous]
anonymous_protocol: sasl_anon
allow_multiple_connections: true
modules:
  mod_disco: {{}}
  mod_mam:
    db_type: mnesia
    default: always
  mod_muc:
    access: all
    access_create: all
    max_users: 1000
    history_size: 0
    default_room_options:
      mam: true
"""


class NoEjabberd(Exception):
    """There is no ejabberd and none could be installed; the message says what can be done."""


@contextlib.asynccontextmanager
async def running_ejabberd(folder: Path, tell: Callable[[str], None]) -> AsyncIterator[tuple[int, str]]:
    """Its port, and its version."""
    libraries, version = await _installed(tell)
    folder.mkdir(mode=0o700)
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (folder / "ejabberd.yml").write_text(CONFIGURATION.format(port=port))
    process = await asyncio.create_subprocess_exec(
        *("erl", "+K", "true", "+P", "250000", "-noinput"),
        *("-mnesia", "dir", f'"{folder / "mnesia"}"', "-s", "ejabberd"),
        cwd=folder,
        env={
            **os.environ,
            "EJABBERD_CONFIG_PATH": str(folder / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
            "ERL_LIBS": str(libraries),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            while not await _answers(port):
                if process.returncode is not None:
                    raise NoEjabberd(f"ejabberd ended at once with code {process.returncode}")
                await asyncio.sleep(0.1)
        yield port, version
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _installed(tell: Callable[[str], None]) -> tuple[Path, str]:
    """The folder of Erlang libraries that has ejabberd in it, and which version that is."""
    if (found := _find()) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        tell("installing ejabberd")
        process = await asyncio.create_subprocess_exec(
            *("apt-get", "install", "-y", "--no-install-recommends", "ejabberd"),
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await process.wait()
        found = _find()
    if found is None:
        raise NoEjabberd("there is no ejabberd: install it with `apt-get install ejabberd`")
    return found.parent, found.name.removeprefix("ejabberd-")


def _find() -> Path | None:
    if shutil.which("erl") is None:
        return None
    return next(iter(sorted(LIBRARIES.glob("*/ejabberd-*"), reverse=True)), None)
