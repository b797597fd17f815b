"""`wufu forecast FILE`: what a campaign will come to, before it begins."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from wufu.cli.tools import JsonOption, err, out, print_json, stop
from wufu.core.money import render_minor
from wufu.forecast import RUNS, SIMULATED, BadForecast, Band, Forecast, Forecaster, read_campaign
from wufu.fortune import BadCampaign
from wufu.ties import EdgeList, read_edges

app = typer.Typer()


@app.command()
def forecast(
    file: Annotated[
        Path, typer.Argument(help="A campaign file, or one that Wufu brings: 2016, 2017, 2018, town.")
    ],
    ties: Annotated[Path | None, typer.Option(help="A real acquaintance graph: two ids a line.")] = None,
    target: Annotated[str | None, typer.Option(help="Solve the scarce stock for winners=N.")] = None,
    runs: Annotated[int, typer.Option(help="How often the night is played.", min=5, max=10_000)] = RUNS,
    people: Annotated[
        int, typer.Option(help="How many simulated people stand for all.", min=1_000, max=2_000_000)
    ] = SIMULATED,
    seed: Annotated[int, typer.Option(help="What everything is made from.")] = 2016,
    as_json: JsonOption = False,
) -> None:
    """Forecast a campaign: winners, amounts, cards, load; medians, 5-95 % bands, what each dial does."""
    try:
        campaign = read_campaign(file)
        wanted = _target(target, campaign.rule)
        forecaster = Forecaster(campaign, seed=seed, simulated=people, edges=_edges(ties))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
            tasks: dict[str, TaskID] = {}

            def tell(what: str, done: int, total: int) -> None:
                task = (
                    tasks[what] if what in tasks else tasks.setdefault(what, bars.add_task(what, total=total))
                )
                bars.update(task, completed=done)

            found = forecaster.forecast(runs=runs, target=wanted, tell=tell)
    except BadForecast as error:
        stop(str(error), 2)
    except BadCampaign as refusal:
        stop(f"refused: {refusal.facts['why']}", 2)
    except ValueError as error:
        stop(str(error), 2)
    print_json(found) if as_json else show(found)


def _target(text: str | None, rule: str) -> int | None:
    if text is None:
        return None
    if rule != "taps":
        raise BadForecast("only rule 'taps' has a scarce stock that could be solved for")
    name, _, number = text.partition("=")
    if name != "winners" or not number.isdecimal() or not 1 <= int(number) <= 10**10:
        raise BadForecast(f"a target is winners=N, not {text!r}")
    return int(number)


def _edges(file: Path | None) -> EdgeList | None:
    if file is None:
        return None
    try:
        edges = read_edges(file)
    except OSError as error:
        raise BadForecast(f"cannot read {file}: {error.strerror}") from error
    if edges.bad:
        raise BadForecast(
            f"{edges.bad:,} lines of {file} are not ties; the first is line {edges.unread[0].line}"
        )
    if not edges.firsts:
        raise BadForecast(f"{file} has no ties")
    return edges


def show(found: Forecast) -> None:
    """A forecast for people."""
    out.print(f"[bold]{found.title}[/] {found.runs} runs, {found.simulated_people:,} people stand for all")
    table = Table("", "5 %", "median", "95 %", box=None, header_style="dim")
    rows: list[tuple[str, Band, bool]] = [
        ("people", found.people, False),
        ("winners", found.winners, False),
        ("each", found.each_fen, True),
        ("paid from the pool", found.paid_fen, True),
        ("cash packets", found.cash_fen, True),
        ("new ties", found.new_ties, False),
        *((f"cards {name}", band, False) for name, band in found.cards.items()),
        ("tap batches a second at the peak", found.peak_batches_per_second, False),
        ("servers", found.servers, False),
    ]
    for name, band, is_money in rows:
        shown = (render_minor(one) if is_money else f"{one:,}" for one in (band.low, band.median, band.high))
        table.add_row(name, *shown)
    out.print(table)
    if found.sensitivity:
        table = Table("dial", "band", "winners low", "winners high", "swing", box=None, header_style="dim")
        order = sorted(found.sensitivity.items(), key=lambda item: -abs(item[1].swing))
        for name, one in order:
            table.add_row(
                name, f"±{one.band:.0%}", f"{one.winners_low:,}", f"{one.winners_high:,}", f"{one.swing:+.1%}"
            )
        out.print(table)
    if found.solved_scarce_stock is not None:
        out.print(
            f"For {found.target_winners:,} winners: a scarce stock of [bold]{found.solved_scarce_stock:,}[/]"
            f" (played: {found.solved_winners:,})."
        )
    if found.actual_winners is not None and found.error is not None:
        inside = "inside" if found.inside_band else "outside"
        out.print(
            f"Really: {found.actual_winners:,} winners; the median is {found.error:+.1%}, {inside} the band."
        )
