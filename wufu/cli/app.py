"""`wufu`: the commands and their help."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Protocol

import msgspec
import typer
from rich.progress import Progress
from rich.table import Table

from wufu import __version__, photos, redpacket
from wufu.cli import campaign, facts, merchants, operators
from wufu.cli import chat as chat_moderation
from wufu.cli import photos as photo_packets
from wufu.cli import texts as phone_texts
from wufu.cli import traces as message_traces
from wufu.cli import trust as trust_queue
from wufu.cli.late import LateGroup
from wufu.cli.tools import (
    DataOption,
    JsonOption,
    data_dir,
    engines_for,
    err,
    out,
    print_json,
    run,
    stop,
    wait_for_the_end,
)
from wufu.crowd import run_demo
from wufu.db import Database, check_laws, counted, migrate
from wufu.db.engines import Engines, leave_addresses
from wufu.fortune import Line, check_proof
from wufu.ledger import ChainFault, ChainHead, check_chain
from wufu.main import LAWS, OBJECTS, check_port, collect_garbage_rarely, running
from wufu.servers import fitting, more_servers
from wufu.ties import EdgeList, Imported, import_ties, read_edges

app = typer.Typer(
    name="wufu",
    cls=LateGroup,
    help="五福 Wufu: a prize pool becomes lasting ties, provably fairly and to the last fen.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


class _Finding(Protocol):
    """What every check of a proof answers: one line, and whether it holds."""

    @property
    def ok(self) -> bool: ...

    @property
    def text(self) -> str: ...


PROOFS: Mapping[str, Callable[[object], Sequence[_Finding]]] = {
    photos.FORMAT: photos.check_photo_proof,
    redpacket.PROOF_FORMAT: redpacket.check_packet_proof,
}
"""The checks of proof files, by what a file calls itself."""

imports = typer.Typer(help="Bring people and ties in from a file.", no_args_is_help=True)
app.add_typer(imports, name="import")
app.add_typer(campaign.app, name="campaign")
app.add_typer(photo_packets.app, name="photos")
app.add_typer(chat_moderation.app, name="chat")
app.add_typer(merchants.app, name="merchant")
app.add_typer(facts.app, name="facts")
app.add_typer(trust_queue.app, name="trust")
app.add_typer(operators.app, name="operators")


@app.command()
def version(as_json: JsonOption = False) -> None:
    """The version."""
    print_json({"wufu": __version__}) if as_json else out.print(f"wufu {__version__}")


@app.command()
def demo(
    minutes: Annotated[float, typer.Option(help="How long the eve takes.", min=0.5, max=600)] = 5,
    people: Annotated[int, typer.Option(help="How many people live in it.", min=20, max=20_000)] = 300,
    port: Annotated[int, typer.Option(help="Where the page is served.", min=0, max=65_535)] = 8016,
    data: DataOption = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew; forget the last demo.")] = False,
    seed: Annotated[int, typer.Option(help="What the world is made from.")] = 2016,
) -> None:
    """A living world on this machine: open the page it prints and click a person."""
    run(
        run_demo(
            minutes=minutes, people=people, port=port, data=data_dir(data, "demo"), fresh=fresh, seed=seed
        )
    )


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Where HTTP is served.", min=0, max=65_535)] = 8016,
    servers: Annotated[
        int, typer.Option(help="How many processes answer; 0: one for two cores, at most 8.", min=0, max=64)
    ] = 0,
    data: DataOption = None,
) -> None:
    """Run Wufu until Ctrl-C, with its engines or those named in the environment."""

    def tell(sentence: str) -> None:
        err.print(sentence)

    async def work() -> None:
        check_port(port)
        async with (
            Engines.start(data_dir(data), tell=tell) as engines,
            running(engines, keep_objects=data_dir(data) / OBJECTS, port=port) as server,
            more_servers(
                engines, (servers or fitting()) - 1, keep_objects=data_dir(data) / OBJECTS, tell=tell
            ),
        ):
            collect_garbage_rarely()
            with leave_addresses(data_dir(data), engines):
                err.print(f"Wufu is at [bold]{server.url}[/], its data in {data_dir(data)}. Ctrl-C stops it.")
                await wait_for_the_end(engines)

    run(work())


@app.command(name="migrate")
def migrate_command(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Bring the database up to this version's schema."""

    async def work() -> list[str]:
        async with engines_for(data_dir(data)) as engines:
            return await migrate(engines.owner_url)

    applied = run(work())
    if as_json:
        print_json({"applied": applied})
    else:
        out.print("\n".join(f"applied {name}" for name in applied) or "The schema is up to date.")


@app.command()
def audit(
    chain: Annotated[
        bool, typer.Option("--chain", help="Also recompute the ledger's hash-chained blocks.")
    ] = False,
    anchor: Annotated[
        str | None, typer.Option(help="A published chain head, NUMBER:HASH, that must still stand.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every law from the database alone. Exit 1 when one is broken."""
    published = _anchor(anchor) if anchor else None

    async def work() -> dict[str, object]:
        async with engines_for(data_dir(data)) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url) as database, database.read() as connection:
                verdicts = await check_laws(connection, LAWS)
                report: dict[str, object] = {
                    "ok": not any(verdict.violations for verdict in verdicts),
                    "laws": counted(verdicts),
                    "rows": {verdict.law: verdict.rows for verdict in verdicts if verdict.rows},
                }
                report = _with_splits(report, await redpacket.check_splits(connection))
                if chain or published:
                    report |= _chain_report(*await check_chain(connection, published))
                return report

    report = run(work())
    if chain or published:
        report["ok"] = bool(report["ok"]) and not report["faults"]
    print_json(report) if as_json else _show_audit(report)
    raise typer.Exit(0 if report["ok"] else 1)


app.command(name="texts")(phone_texts.texts)
app.command(name="traces")(message_traces.traces)


def _anchor(text: str) -> ChainHead:
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:
        stop(f"an anchor is NUMBER:HASH as `wufu audit --chain` prints it, not {text!r}", 2)
    return ChainHead(int(number), bytes.fromhex(digest))


def _with_splits(report: dict[str, object], broken: list[dict[str, str]]) -> dict[str, object]:
    """The report with the one law that no query can check: a packet's shares come from a cipher."""
    laws, rows, law = report["laws"], report["rows"], redpacket.SPLITS_LAW
    assert isinstance(laws, dict)
    assert isinstance(rows, dict)
    shown = {law: broken[:20]} if broken else {}
    return {"ok": bool(report["ok"]) and not broken, "laws": {**laws, law: len(broken)}, "rows": rows | shown}


def _chain_report(faults: list[ChainFault], head: ChainHead | None) -> dict[str, object]:
    return {
        "faults": [msgspec.to_builtins(fault) for fault in faults],
        "head": f"{head.number}:{head.hash.hex()}" if head else None,
    }


def _show_audit(report: dict[str, object]) -> None:
    table = Table("law", "violations", box=None, header_style="dim")
    laws, rows = report["laws"], report["rows"]
    assert isinstance(laws, dict)
    assert isinstance(rows, dict)
    for law, violations in laws.items():
        table.add_row(law, f"[red]{violations}[/]" if violations else "[green]0[/]")
        for row in rows.get(law, [])[:5]:
            table.add_row(f"  [red]{row}[/]", "")
    out.print(table)
    faults = report.get("faults", [])
    assert isinstance(faults, list)
    for fault in faults:
        out.print(f"[red]chain: {fault}[/]")
    if "head" in report:
        out.print(f"chain head [bold]{report['head'] or 'none yet'}[/]")
    out.print("[green]all laws hold[/]" if report["ok"] else "[red]laws are broken[/]")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A proof file, as the page downloads it.")],
    as_json: JsonOption = False,
) -> None:
    """Check a proof file line by line, with no server. Exit 1 when a line fails."""
    try:
        proof = json.loads(file.read_bytes())
    except OSError as error:
        stop(f"cannot read {file}: {error.strerror}", 2)
    except (ValueError, RecursionError) as error:
        lines: Sequence[_Finding] = [Line(ok=False, text=f"this is not a JSON file: {error}")]
    else:
        lines = _checker_of(proof)(proof)
    ok = all(line.ok for line in lines)
    if as_json:
        print_json({"ok": ok, "lines": lines})
    else:
        for line in lines:
            out.print("[green]✓[/]" if line.ok else "[red]✗[/]", line.text, markup=True)
        out.print("[green]Everything holds.[/]" if ok else "[red]This proof does not hold.[/]")
    raise typer.Exit(0 if ok else 1)


def _checker_of(proof: object) -> Callable[[object], Sequence[_Finding]]:
    """The check for what a file says it is; a campaign's says what is wrong with any other."""
    kind = proof.get("wufu") if isinstance(proof, dict) else None
    return PROOFS.get(kind, check_proof) if isinstance(kind, str) else check_proof


@imports.command(name="ties")
def import_ties_command(
    file: Annotated[Path, typer.Argument(help="Two ids a line; # begins a comment.")],
    seed: Annotated[int, typer.Option(help="What the people's names are made from.")] = 2016,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the good lines of a file that has bad ones.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import people and ties from an edge list, through the real verbs. Safe to run again."""

    async def work(edges: EdgeList) -> Imported:
        async with engines_for(data_dir(data)) as engines:
            await migrate(engines.owner_url)
            with Progress(console=err, disable=not err.is_terminal) as progress:
                bar = progress.add_task("ties", total=None)
                async with Database.connect(engines.app_url) as database:
                    return await import_ties(
                        database,
                        edges,
                        seed=seed,
                        skip_bad=skip_bad,
                        progress=lambda done, total: progress.update(bar, completed=done, total=total),
                    )

    try:
        edges = read_edges(file)
    except OSError as error:
        stop(f"cannot read {file}: {error.strerror}", 2)
    if edges.bad and not skip_bad:
        shown = "\n".join(f"  line {bad.line}: {bad.why}: {bad.text!r}" for bad in edges.unread)
        more = f"\n  and {edges.bad - len(edges.unread):,} more" if edges.bad > len(edges.unread) else ""
        stop(
            f"{edges.bad:,} lines of {file} are not ties; nothing was imported:\n{shown}{more}\n"
            "Mend them, or import the others with --skip-bad.",
            2,
        )
    done = run(work(edges))
    print_json(done) if as_json else out.print(f"Imported {done.people:,} people and {done.ties:,} ties.")


def main() -> None:
    """The console script."""
    app()
