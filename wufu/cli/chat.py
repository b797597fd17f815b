"""`wufu chat`: the moderator's side of chat: reports, verdicts, silences, closed groups, the trail."""

import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
import typer
from nats.aio.client import Client
from rich.table import Table

from wufu.chat import (
    Case,
    Decided,
    Evidence,
    TrailLine,
    close_group,
    dismiss_report,
    mute_person,
    see_case,
    see_evidence_file,
    see_reports,
    see_trail,
    take_down,
)
from wufu.cli.tools import (
    OPERATOR,
    DataOption,
    JsonOption,
    data_dir,
    engines_for,
    out,
    print_json,
    read_database,
    run,
    stop,
)
from wufu.core.clock import utc_now
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection, Database, Said, Tx, migrate
from wufu.db.engines import mint_server_pass
from wufu.edge import connect
from wufu.main import OBJECTS
from wufu.objects import ObjectStore, fetch

T = TypeVar("T")

app = typer.Typer(help="Chat: reports and verdicts, silences, closed groups.", no_args_is_help=True)

ReportArgument = Annotated[UUID, typer.Argument(help="The report's id, as the list shows it.")]
ReportOption = Annotated[UUID | None, typer.Option("--report", help="The report that this answers.")]
WhyOption = Annotated[str, typer.Option("--why", help="A sentence for the record.")]


def _write(data: Path, work: Callable[[Tx], Awaitable[T]]) -> T:
    """Decide something, and say it on the live line, so that phones know at once."""

    async def writing() -> T:
        async with engines_for(data) as engines:
            await migrate(engines.owner_url)
            its_pass = mint_server_pass(engines.account_seed, utc_now())
            client = await connect(engines.nats_url, its_pass, name="wufu chat")
            try:
                async with Database.connect(engines.app_url) as database:
                    database.hearers.append(partial(_say, client))
                    return await database.run(work, actor=OPERATOR)
            finally:
                await client.drain()

    return run(writing())


async def _say(client: Client, said: Sequence[Said]) -> None:
    for one in said:
        await client.publish(one.subject, msgspec.json.encode(one.body))


@app.command()
def reports(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Reports that nobody has decided, the longest waiting first."""
    waiting = read_database(data_dir(data), see_reports)
    if as_json:
        print_json({"waiting": waiting})
        return
    table = Table(box=None, header_style="dim")
    # An id that is cut short cannot be copied into the next command.
    table.add_column("report", no_wrap=True, min_width=36)
    for name in ("reason", "of", "what", "where", "others too", "since"):
        table.add_column(name)
    for one in waiting:
        senders = ", ".join(map(str, one.senders))
        since = f"{one.at:%Y-%m-%d %H:%M}"
        table.add_row(
            str(one.id), one.reason, senders, ", ".join(one.kinds), one.kind, str(one.others), since
        )
    out.print(table if waiting else "No report waits.")


@app.command()
def show(
    report: ReportArgument,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write pictures, voices and films into this folder.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """A report with the evidence as its reporter saw it, and what was decided about these people before."""

    async def work(connection: Connection) -> Case:
        found = await see_case(connection, report)
        if to is not None:
            to.mkdir(parents=True, exist_ok=True)
            store = ObjectStore.configured(data_dir(data) / OBJECTS)
            for one in found.evidence:
                if one.media is not None:
                    await _write_file(connection, store, report, one, to)
        return found

    found = read_database(data_dir(data), work)
    if as_json:
        print_json(found)
        return
    line = found.report
    out.print(f"[bold]{line.reason}[/] reported by {line.reporter} at {line.at:%Y-%m-%d %H:%M}", line.note)
    out.print(f"[dim]in[/] {line.kind} {line.conversation} {found.title} [dim]({found.people} people)[/]")
    for one in found.evidence:
        out.print(f"  {one.number}  {one.sender} {one.name}  [dim]{one.kind}, {one.now}[/]", style=None)
        out.print(f"     {_words(one)}", markup=False)
    if found.ruling is not None:
        out.print(f"[dim]decided:[/] {found.ruling.verdict} by {found.ruling.by}: {found.ruling.why}")
    for before in found.before:
        out.print(f"[dim]before:[/] {_trail_words(before)}")


def _words(one: Evidence) -> str:
    if one.kind == "secret":
        return f"(the reporter's word for it) {one.shown}" if one.shown else "(a secret; nothing was shown)"
    text = one.seen.get("text")
    return str(text) if text is not None else str(one.seen)


async def _write_file(
    connection: Connection, store: ObjectStore, report: UUID, one: Evidence, folder: Path
) -> None:
    assert one.media is not None
    object_id, media_type = await see_evidence_file(connection, report, one.media)
    stored = await fetch(connection, store, object_id, utc_now())
    ending = mimetypes.guess_extension(media_type) or ".bin"
    (folder / f"{one.number}{ending}").write_bytes(stored.content)


@app.command()
def dismiss(
    report: ReportArgument, why: WhyOption = "", data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Nothing is wrong; whoever reported is told that somebody looked."""
    done = _write(data_dir(data), lambda tx: dismiss_report(tx, report, why))
    print_json(done) if as_json else out.print(f"{report} is closed.")


@app.command(name="take-down")
def take_down_command(
    report: ReportArgument, why: WhyOption = "", data: DataOption = None, as_json: JsonOption = False
) -> None:
    """The reported messages go, for everybody; other reports of them are decided with it."""
    done = _write(data_dir(data), lambda tx: take_down(tx, report, why))
    said = f"{done.messages} messages are gone; {done.reports} reports are decided."
    print_json(done) if as_json else out.print(said)


@app.command()
def mute(
    person: Annotated[int, typer.Argument(help="The person's number.", min=1)],
    hours: Annotated[
        float | None, typer.Option("--hours", help="For how long; 0: they may write again.", min=0)
    ] = None,
    until_lifted: Annotated[bool, typer.Option("--until-lifted", help="Without an end.")] = False,
    why: WhyOption = "",
    report: ReportOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let somebody not write to others, for a while or until it is lifted."""
    if (hours is None) != until_lifted:
        stop("say either --hours or --until-lifted", 2)
    seconds = None if hours is None else round(hours * 3600)
    done: Decided = _write(data_dir(data), lambda tx: mute_person(tx, PersonId(person), seconds, why, report))
    if as_json:
        print_json(done)
    elif seconds == 0:
        out.print(f"{person} may write again.")
    else:
        out.print(f"{person} may not write " + (f"until {done.until}." if done.until else "until lifted."))


@app.command()
def close(
    group: Annotated[UUID, typer.Argument(help="The group's id, as a report shows it.")],
    reopen: Annotated[bool, typer.Option("--reopen", help="Open it again.")] = False,
    why: WhyOption = "",
    report: ReportOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close a group: it can be read and left, nobody writes or comes in."""
    its = ConversationId(group)
    done = _write(data_dir(data), lambda tx: close_group(tx, its, why, closed=not reopen, report=report))
    print_json(done) if as_json else out.print(f"{group} is {'open' if reopen else 'closed'}.")


@app.command()
def trail(data: DataOption = None, as_json: JsonOption = False) -> None:
    """What moderators did, the newest first."""
    lines = read_database(data_dir(data), see_trail)
    if as_json:
        print_json({"trail": lines})
        return
    for line in lines:
        out.print(_trail_words(line), markup=False)
    if not lines:
        out.print("Nothing was ever done.")


def _trail_words(line: TrailLine) -> str:
    about = " ".join(str(one) for one in (line.person, line.conversation, line.numbers) if one is not None)
    until = f" until {line.until:%Y-%m-%d %H:%M}" if line.until else ""
    return f"{line.at:%Y-%m-%d %H:%M} {line.act} {about}{until} by {line.by}: {line.why}"
