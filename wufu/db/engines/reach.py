"""Reaching engines from a second process: a command beside a running server.

A server leaves the addresses of its engines in `<data>/addresses.json`, readable
by its user only. A command uses them while that server runs, and starts the
engines for itself when none does.
"""

import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from wufu.db.engines.engines import Engines
from wufu.db.engines.place import DataInUse

FILE = "addresses.json"


@contextlib.asynccontextmanager
async def reach_engines(data: Path, *, tell: Callable[[str], None]) -> AsyncIterator[Engines]:
    """The engines of a data directory: those of the server that runs there, else started until the end.

    Raises EngineFailure as `Engines.start`, and DataInUse when a server is only just starting there.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            engines = await stack.enter_async_context(Engines.start(data, tell=tell))
        except DataInUse:
            engines = read_addresses(data)
        yield engines


@contextlib.contextmanager
def leave_addresses(data: Path, engines: Engines) -> Iterator[None]:
    """Let other commands of this user find the engines while the block runs."""
    file = data / FILE
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(engines.addresses(), out)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def read_addresses(data: Path) -> Engines:
    """The engines of the server that runs on a data directory. Raises DataInUse when it tells none yet."""
    try:
        return Engines.at(json.loads((data / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise DataInUse(
            f"{data} is in use by a process that is just starting or stopping; try again in a moment"
        ) from error
