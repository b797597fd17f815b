"""`wufu facts`: facts that some part of Wufu could not hear, and what is done about them."""

from typing import Annotated

import typer
from rich.table import Table

from wufu.cli.tools import (
    DataOption,
    JsonOption,
    data_dir,
    out,
    print_json,
    read_database,
    stop,
    write_database,
)
from wufu.db import Connection, NoParkedFact, Parked, Retried, Tx, drop_parked, retry_parked, see_parked
from wufu.main import LISTENERS

app = typer.Typer(help="Facts that a listener could not hear.", no_args_is_help=True)

FactArgument = Annotated[int, typer.Argument(help="The fact's number, as `parked` shows it.", min=1)]


@app.command()
def parked(
    dropped: Annotated[bool, typer.Option("--dropped", help="Also those that were dropped.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that is parked, in order: what failed, and what waits behind it."""

    async def work(connection: Connection) -> list[Parked]:
        return await see_parked(connection, dropped=dropped)

    found = read_database(data_dir(data), work)
    if as_json:
        print_json({"parked": found})
        return
    table = Table(
        "fact", "kind", "listener", "state", "tries", "since", "error", box=None, header_style="dim"
    )
    for one in found:
        since = f"{one.parked_at:%Y-%m-%d %H:%M}"
        table.add_row(str(one.id), one.kind, one.listener, one.state, str(one.tries), since, one.error)
    out.print(table if found else "Nothing is parked.")


@app.command()
def retry(
    fact: Annotated[
        int | None, typer.Argument(help="Only this fact and what waits behind it.", min=1)
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the listeners hear what is parked, in order. Exit 1 when something is still parked."""

    async def work(tx: Tx) -> Retried:
        return await retry_parked(tx, LISTENERS, only=fact)

    done = write_database(data_dir(data), work)
    if as_json:
        print_json(done)
    else:
        out.print(f"{done.heard} heard, {done.left} still parked.")
    raise typer.Exit(1 if done.left else 0)


@app.command()
def drop(
    fact: FactArgument,
    listener: Annotated[str | None, typer.Option(help="Only for this listener.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give up on a fact that failed: its listener never hears it. What waited behind it is heard now."""
    if not yes:
        typer.confirm(f"Drop fact {fact}? What should have come of it never will.", abort=True)

    async def work(tx: Tx) -> tuple[list[Parked], Retried]:
        dropped = await drop_parked(tx, fact, listener)
        return dropped, await retry_parked(tx, LISTENERS, only=None)

    try:
        dropped, done = write_database(data_dir(data), work)
    except NoParkedFact:
        stop(f"fact {fact} is not among those that failed; `wufu facts parked` shows them", 2)
    if as_json:
        print_json({"dropped": dropped, "heard": done.heard, "left": done.left})
    else:
        names = ", ".join(one.listener for one in dropped)
        out.print(f"{names} will not hear fact {fact}; {done.heard} behind it heard, {done.left} left.")
