"""`wufu bench …`: the measurements, each beside its peer in the same run."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench import ledger as ledger_bench
from bench.settle import settle
from wufu.cli.tools import JsonOption, err, print_json, run, show_fields

app = typer.Typer(help="Measure, with peers in the same run.", no_args_is_help=True)


@app.command(name="ledger")
def bench_ledger(
    seconds: Annotated[float, typer.Option(help="How long each phase runs.", min=1, max=600)] = 8.0,
    as_json: JsonOption = False,
) -> None:
    """Durable double-entry transfers a second, beside pgbench on the same server."""
    found = run(ledger_bench.measure(seconds=seconds, quiet=as_json))
    _show(found, as_json)


@app.command(name="settle")
def bench_settle(
    winners: Annotated[int, typer.Option(help="How many hold a full set.", min=1, max=5_000_000)] = 791_405,
    as_json: JsonOption = False,
) -> None:
    """Split ¥215,000,000.00 among so many winners, durably, and audit it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        tasks: dict[str, object] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)  # type: ignore[arg-type]

        found = run(settle(winners, progress))
    _show(found, as_json)
    if any(found.laws.values()):
        raise typer.Exit(1)


def _show(found: object, as_json: bool) -> None:
    print_json(found) if as_json else show_fields(found)
