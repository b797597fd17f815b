"""`wufu trust`: the operator's queue of accounts that look farmed, decisions, and how well they are found."""

from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.table import Table

from wufu.cli.tools import (
    DataOption,
    JsonOption,
    data_dir,
    out,
    print_json,
    read_database,
    show_fields,
    stop,
    write_database,
)
from wufu.core.ids import PersonId
from wufu.ties import read_edges
from wufu.trust import (
    Case,
    Decided,
    Evaluation,
    State,
    Verdict,
    decide,
    evaluate,
    explain,
    see_case,
    see_queue,
    see_report,
    suspect_by_hand,
    synthetic_friends,
)

T = TypeVar("T")

app = typer.Typer(help="Accounts that look farmed: cases, decisions, figures.", no_args_is_help=True)

CaseArgument = Annotated[UUID, typer.Argument(help="The case's id, as the queue shows it.")]
WhyOption = Annotated[str, typer.Option("--why", help="A sentence for the record.")]
PersonOption = Annotated[
    list[int] | None, typer.Option("--person", help="Only this person of the case; may be given often.")
]
FEWEST_PEOPLE, MOST_PEOPLE = 200, 100_000


@app.command()
def queue(
    confirmed: Annotated[bool, typer.Option("--confirmed", help="Those confirmed, instead.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cases that wait for a decision; where somebody asked for a review first, then the largest."""
    state: State = "confirmed" if confirmed else "open"
    waiting = read_database(data_dir(data), lambda connection: see_queue(connection, (state,)))
    if as_json:
        print_json({"waiting": waiting})
        return
    table = Table(box=None, header_style="dim")
    # An id that is cut short cannot be copied into the next command.
    table.add_column("case", no_wrap=True, min_width=36)
    for name in ("kind", "people", "asked", "since", "what was seen"):
        table.add_column(name)
    for one in waiting:
        since = f"{one.opened_at:%Y-%m-%d %H:%M}"
        seen = explain(one.kind, one.evidence)[0]
        table.add_row(str(one.case), one.kind, str(one.people), str(one.asked), since, seen)
    out.print(table if waiting else "No case waits for a decision.")


@app.command()
def show(case: CaseArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """A case: what was seen, who is in it, what they say, what was decided."""
    found = read_database(data_dir(data), lambda connection: see_case(connection, case))
    if as_json:
        print_json(found)
    else:
        _show(found)


def _show(found: Case) -> None:
    out.print(f"[bold]{found.kind}[/] case, {found.state}, opened {found.opened_at:%Y-%m-%d %H:%M}")
    for sentence in found.explained:
        out.print(f"  {sentence}")
    table = Table(
        "person", "name", "held since", "free since", "asks for a review", box=None, header_style="dim"
    )
    for one in found.suspects:
        free = f"{one.released_at:%Y-%m-%d %H:%M}" if one.released_at else ""
        table.add_row(str(one.person), one.name, f"{one.held_at:%Y-%m-%d %H:%M}", free, one.words or "")
    out.print(table)
    for decision in found.decisions:
        out.print(f"{decision.at:%Y-%m-%d %H:%M} {decision.verb} by {decision.actor}: {decision.why}")


def _decide(
    case: UUID, verdict: Verdict, why: str, people: list[int] | None, data: Path | None, as_json: bool
) -> None:
    chosen = [PersonId(person) for person in people] if people else None
    done: Decided = write_database(data_dir(data), lambda tx: decide(tx, case, verdict, why, chosen))
    if as_json:
        print_json(done)
    else:
        out.print(f"The case is {done.state}; {len(done.released)} people are free.")


@app.command()
def clear(
    case: CaseArgument,
    why: WhyOption,
    person: PersonOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nothing was wrong: rewards that were held are given, and the same evidence counts no more."""
    _decide(case, "clear", why, person, data, as_json)


@app.command()
def confirm(case: CaseArgument, why: WhyOption, data: DataOption = None, as_json: JsonOption = False) -> None:
    """It is what it looks like: the rewards of everybody left in the case stay held."""
    _decide(case, "confirm", why, None, data, as_json)


@app.command()
def lift(
    case: CaseArgument,
    why: WhyOption,
    person: PersonOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """A confirmed case was wrong after all, for everybody or for some."""
    _decide(case, "lift", why, person, data, as_json)


@app.command()
def suspect(
    person: Annotated[list[int], typer.Argument(help="Whose rewards to hold, by number.")],
    why: WhyOption,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a case by hand."""
    people = [PersonId(one) for one in person]
    case = write_database(data_dir(data), lambda tx: suspect_by_hand(tx, people, why))
    print_json({"case": case}) if as_json else out.print(f"Case {case}.")


@app.command()
def report(data: DataOption = None, as_json: JsonOption = False) -> None:
    """How many are held, and how often operators agreed with each kind of suspicion."""
    found = read_database(data_dir(data), see_report)
    print_json(found) if as_json else show_fields(found)


@app.command(name="evaluate")
def evaluate_command(
    edges: Annotated[
        Path | None,
        typer.Option("--edges", help="A friendship graph, two names a line."),
    ] = None,
    people: Annotated[
        int, typer.Option(help="Size of the synthetic graph.", min=FEWEST_PEOPLE, max=MOST_PEOPLE)
    ] = 4_000,
    seed: Annotated[int, typer.Option(help="What the town and its attackers are made from.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Attack a made-up town and print what is found: precision, recall by attack, false alarms by trap."""
    friends = synthetic_friends(people, seed) if edges is None else _friends(edges)
    found = evaluate(friends, seed)
    if as_json:
        print_json(found)
    else:
        _show_evaluation(found)


def _friends(path: Path) -> dict[PersonId, list[PersonId]]:
    try:
        read = read_edges(path)
    except OSError as error:
        stop(f"cannot read {path}: {error.strerror}", 2)
    if not FEWEST_PEOPLE <= len(read.ids) <= MOST_PEOPLE:
        stop(f"{path} has {len(read.ids)} people; a town has {FEWEST_PEOPLE} to {MOST_PEOPLE}", 2)
    friends: dict[PersonId, list[PersonId]] = {PersonId(place + 1): [] for place in range(len(read.ids))}
    for first, second in zip(read.firsts, read.seconds, strict=True):
        friends[PersonId(first + 1)].append(PersonId(second + 1))
        friends[PersonId(second + 1)].append(PersonId(first + 1))
    return friends


def _show_evaluation(found: Evaluation) -> None:
    for title, kinds in (("attack", found.attacks), ("trap", found.traps)):
        table = Table(title, "people", "suspected", "share", "by", box=None, header_style="dim")
        for kind, one in kinds.items():
            by = ", ".join(f"{name} {count}" for name, count in one.by.items())
            table.add_row(kind, str(one.people), str(one.suspected), f"{one.share:.1%}", by)
        out.print(table)
    show_fields(
        {
            "precision": found.precision,
            "recall": found.recall,
            "precision by detector": found.precision_by_detector,
            "AUC of the graph score": found.auc,
            "AUC of refusals alone": found.auc_refusals,
            "AUC by attack": found.auc_by_attack,
        }
    )
