"""`wufu replay …`: a night of the past, played again on this machine."""

import signal
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from wufu.cli.tools import DataOption, JsonOption, data_dir, err, out, print_json, show_fields, stop
from wufu.fortune import BadCampaign
from wufu.replay import Night, Stopped, WrongCheckpoint, draw_png, draw_text, gala_plan, report_of

app = typer.Typer(help="Play a night of the past again, every tap drawn.", no_args_is_help=True)

PEOPLE = 170_000_000


@app.callback()
def replay() -> None:
    """Play a night of the past again, every tap drawn."""


@app.command(name="gala-2016")
def gala_2016(
    people: Annotated[int, typer.Option(help="How many people.", min=10, max=2**31)] = PEOPLE,
    taps: Annotated[
        int | None, typer.Option(help="How many taps in all (default: as many a person as in 2016).", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="What everything is made from.")] = 2016,
    minutes_limit: Annotated[
        float | None, typer.Option(help="Stop after so many minutes, with a checkpoint.", min=0)
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a PNG here.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget a checkpoint; begin anew.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """The Monkey-Year night: 170 million people, 324.5 billion taps. Ctrl-C keeps a checkpoint; ask again."""
    folder = data_dir(data, "replay") / f"gala-2016-{people}-{taps or 'all'}-{seed}"
    try:
        night = Night(gala_plan(people, taps, seed), folder=folder, fresh=fresh)
    except WrongCheckpoint as error:
        stop(f"{error}. Begin anew with --fresh.", 2)
    except BadCampaign as refusal:
        stop(f"refused: {refusal.facts['why']}", 2)
    except ValueError as error:
        stop(str(error), 2)
    if night.resumed:
        err.print(f"[dim]going on from the checkpoint in {folder}[/]")
    try:
        whole = play(night, minutes_limit)
    except ValueError as error:
        stop(str(error), 2)
    report = report_of(night)
    if whole:
        night.forget()
    if plot is not None and whole:
        draw_png(report, night.plan, plot)
    if as_json:
        print_json(report)
    else:
        show_fields(report)
        if whole:
            out.print(draw_text(report))
    if not whole:
        err.print(f"Stopped; the checkpoint is in {folder}. The same command goes on from there.")
        raise typer.Exit(130)
    if not report.ok:
        raise typer.Exit(1)


def play(night: Night, minutes_limit: float | None) -> bool:
    """Run a night with a progress bar until its end (True), or until Ctrl-C or the limit (False)."""
    began = time.perf_counter()
    columns = (
        TextColumn("{task.description:18}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    before = {
        number: signal.signal(number, lambda *_: night.stop()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    told, drawn_before = began, night.state.tally.drawn
    try:
        with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
            task = bars.add_task("people", total=1, rate="")

            def tell(step: str, done: int, total: int, drawn: int) -> None:
                nonlocal told
                now = time.perf_counter()
                rate = f"{(drawn - drawn_before) / max(now - began, 1e-9) / 1e6:,.0f} million taps/s"
                bars.update(task, description=step, completed=done, total=total, rate=rate)
                if not err.is_terminal and now - told > 15:
                    told = now
                    left = (now - began) * (total - done) / max(done, 1)
                    err.print(f"{step}: {100 * done / total:.0f} %, {rate}, about {left:.0f} s left")
                if minutes_limit is not None and now - began > 60 * minutes_limit:
                    night.stop()

            night.run(tell)
    except Stopped:
        return False
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return True
