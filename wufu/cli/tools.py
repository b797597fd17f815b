"""What the commands share: output, errors, engines for one command, and signals."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
import typer
import uvloop
from rich.console import Console

from wufu.core.refusals import Refusal
from wufu.db import ChildFailed, Connection, Database, DatabaseAway, MigrationRefused, Tx, migrate
from wufu.db.engines import EngineFailure, Engines, default_data_dir, reach_engines
from wufu.main import PortTaken, collect_garbage_rarely
from wufu.objects import BadObjectStore

T = TypeVar("T")

OPERATOR = "operator/command line"
"""Who acts, in records of what operators did."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data directory (default: in the user's data home).")
]


def data_dir(given: Path | None, name: str = "main") -> Path:
    """The data directory of a command: as given, or a named one in the data home."""
    return given.expanduser().resolve() if given else default_data_dir() / name


def print_json(value: object) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(msgspec.to_builtins(value), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_fields(value: object) -> None:
    """An object's fields, one a line, numbers with their thousands; nested ones below their name."""
    for name, field in msgspec.to_builtins(value).items():
        if isinstance(field, dict):
            out.print(f"[dim]{name}[/]")
            for inner, number in field.items():
                out.print(f"  {inner}  {number}")
        else:
            number = isinstance(field, int | float) and not isinstance(field, bool)
            out.print(f"[dim]{name:26}[/] {field:,}" if number else f"[dim]{name:26}[/] {field}")


def stop(message: str, code: int) -> NoReturn:
    """End the command with a sentence that says what to do."""
    err.print(f"[red]wufu:[/] {message}")
    raise typer.Exit(code)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; Ctrl-C and SIGTERM cancel it so that everything is put away in order."""
    collect_garbage_rarely()
    logging.basicConfig(level=os.environ.get("WUFU_LOG", "WARNING").upper(), format="%(message)s")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_until_told(work))
    except Refusal as refusal:
        facts = ", ".join(f"{name} {value}" for name, value in refusal.facts.items())
        stop(f"refused: {refusal.code}" + (f" ({facts})" if facts else ""), 1)
    except (EngineFailure, DatabaseAway, MigrationRefused, PortTaken, BadObjectStore, ChildFailed) as error:
        stop(str(error), 3)
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise typer.Exit(130) from None


async def _until_told(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    return await task


async def wait_for_the_end(engines: Engines) -> None:
    """Until Ctrl-C; ends early with EngineFailure when an engine cannot be kept running."""
    raise await engines.given_up()


@contextlib.asynccontextmanager
async def engines_for(data: Path) -> AsyncIterator[Engines]:
    """The engines of a data directory: those already running, else started for this command."""
    async with reach_engines(data, tell=lambda sentence: err.print(f"[dim]{sentence}[/]")) as engines:
        yield engines


def read_database(data: Path, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Read what a command shows, at one instant, from the database of a data directory."""

    async def reading() -> T:
        async with engines_for(data) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url) as database, database.read() as connection:
                return await work(connection)

    return run(reading())


def write_database(data: Path, work: Callable[[Tx], Awaitable[T]]) -> T:
    """One verb of the operator at this machine, in one transaction."""

    async def writing() -> T:
        async with engines_for(data) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url) as database:
                return await database.run(work, actor=OPERATOR)

    return run(writing())
