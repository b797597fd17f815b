"""`wufu insight …`: what became of ties, and how good our rules about them are."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from wufu.cli.tools import DataOption, JsonOption, data_dir, engines_for, err, out, print_json, run, stop
from wufu.core.ids import PersonId
from wufu.db import Database, migrate
from wufu.insight import (
    FACTS,
    BadInsight,
    Exported,
    Interval,
    Lake,
    RecommendStudy,
    SurvivalStudy,
    TiesReport,
    bring_up_to_date,
    forget_in_files,
    forget_person,
    see_ties_report,
    study_recommendations,
    study_survival,
)

app = typer.Typer(help="What became of ties, and how good our rules about them are.", no_args_is_help=True)


@app.callback()
def insight() -> None:
    """What became of ties, and how good our rules about them are."""


@app.command()
def ties(
    campaign: Annotated[str | None, typer.Option(help="Compare this campaign's hold-out, too.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ties born and alive, both ways, and what the reward did, from the exported facts."""

    async def work() -> TiesReport:
        lake = _lake(data_dir(data))
        async with engines_for(data_dir(data)) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url) as database:
                return await see_ties_report(database, lake, campaign=campaign)

    with _said():
        found = run(work())
    print_json(found) if as_json else _show_ties(found)


@app.command()
def export(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Write the facts into files now; the server does it each hour."""

    async def work() -> Exported:
        lake = _lake(data_dir(data))
        async with engines_for(data_dir(data)) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url) as database:
                return await bring_up_to_date(database, lake)

    with _said():
        done = run(work())
    if as_json:
        print_json(done)
    else:
        out.print(f"{done.facts:,} facts in {done.files:,} new files under {data_dir(data)}")


@app.command()
def forget(
    person: Annotated[int, typer.Argument(help="The person's number.", min=1, max=2**63 - 1)],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an anonymous number in a person's place, in every file of facts."""

    async def work() -> int:
        lake = _lake(data_dir(data))
        async with engines_for(data_dir(data)) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url) as database:
                await database.run(
                    lambda tx: forget_person(tx, PersonId(person)), actor="operator/command line"
                )
                return await forget_in_files(database, lake)

    with _said():
        files = run(work())
    print_json({"files": files}) if as_json else out.print(f"{files:,} files were written anew")


@app.command(name="recommend-eval")
def recommend_eval(
    edges: Annotated[Path, typer.Option(help="A list of ties: two ids a line, with --times three words.")],
    hide: Annotated[float, typer.Option(help="Which part of the ties to hide.")] = 0.1,
    seed: Annotated[int, typer.Option(help="Which ties are hidden follows from it.")] = 2016,
    times: Annotated[
        bool, typer.Option("--times", help="Lines end in seconds: learn from the past, ask the future.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Hide some ties and see which rule of suggestion finds them."""
    with _said(), _bars() as tell:
        found = study_recommendations(edges, hide=hide, seed=seed, times=times, tell=tell)
    print_json(found) if as_json else _show_rules(found)


@app.command()
def survival(
    messages: Annotated[Path, typer.Option(help="A list of messages: from, to, unix seconds.")],
    seed: Annotated[int, typer.Option(help="What folds and samples follow from.")] = 2016,
    as_json: JsonOption = False,
) -> None:
    """How many ties of a list of messages live, and whether their first week foretells it."""
    with _said(), _bars() as tell:
        found = study_survival(messages, seed=seed, tell=tell)
    print_json(found) if as_json else _show_survival(found)


def _lake(data: Path) -> Lake:
    return Lake.configured(data / FACTS)


@contextlib.contextmanager
def _said() -> Iterator[None]:
    """What cannot be answered ends the command with a sentence, not a traceback."""
    try:
        yield
    except BadInsight as error:
        stop(str(error), 2)


@contextlib.contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tell


# --- For people -----------------------------------------------------------------------------------


_table = partial(Table, box=None, header_style="dim")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _around(interval: Interval | None, form: str = "+.3f") -> str:
    if interval is None:
        return "–"
    return f"{interval.estimate:{form}} ({interval.low:{form}} to {interval.high:{form}})"


def _show_ties(found: TiesReport) -> None:
    out.print(f"[bold]Ties until {found.until}[/], from {found.facts:,} facts")
    table = _table("day", "cause", "born")
    for born in found.born:
        table.add_row(str(born.day), born.cause, f"{born.ties:,}")
    out.print(table)
    table = _table(
        "alive after", "formed for a reward", "ties", "alive", "share", box=None, header_style="dim"
    )
    names = {"all": "all", "rewarded": "yes", "others": "no"}
    for line in found.alive:
        table.add_row(
            f"{line.days} days", names[line.group], f"{line.ties:,}", f"{line.alive:,}", _percent(line.share)
        )
    out.print(table)
    both = found.reciprocity
    out.print(
        f"Both ways: {_percent(both.share)} of the {both.ties:,} ties with anything in their first 30 days."
    )
    if found.campaign is None:
        return
    out.print(
        f"[bold]What the reward of {found.campaign} did[/]: rewarded players less hold-out, 95 % intervals"
    )
    table = _table(
        "after", "people", "hold-out", "living ties each", "share alive", box=None, header_style="dim"
    )
    for one in found.differences:
        people = f"{one.rewarded_people:,}", f"{one.held_out_people:,}"
        table.add_row(f"{one.days} days", *people, _around(one.ties_each), _around(one.share))
    out.print(table)


def _show_rules(found: RecommendStudy) -> None:
    out.print(
        f"[bold]{found.ties:,} ties of {found.people:,} people[/]; {found.hidden:,} hidden {found.split},"
        f" {found.judged_everybody:,} people asked, {found.judged:,} of them with few visible ties"
    )
    table = _table("rule", "recall@10, few ties", "recall@10, everybody", "AUC")
    for rule in found.rules:
        few = "–" if rule.recall_at_10 is None else f"{rule.recall_at_10:.4f}"
        name = f"{rule.rule} (served)" if rule.rule == found.served else rule.rule
        table.add_row(name, few, f"{rule.recall_at_10_everybody:.4f}", f"{rule.auc:.4f}")
    out.print(table)


def _show_survival(found: SurvivalStudy) -> None:
    out.print(f"[bold]{found.ties:,} ties[/] in {found.messages:,} messages of {found.people:,} people")
    for line in found.survived:
        out.print(f"alive at {line.days} days: {_percent(line.share)} of {line.ties:,}")
    table = _table("foretold", "ties", "AUC", "by count of messages", "gain")
    for name, judged in (("cross-validated", found.cross_validated), ("in time", found.in_time)):
        if judged is not None:
            aucs = _around(judged.auc, ".3f"), _around(judged.baseline_auc, ".3f")
            table.add_row(name, f"{judged.ties:,}", *aucs, _around(judged.gain))
    out.print(table)
