"""`wufu bench …`: the measurements, each beside its peer in the same run."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench import chat as chat_bench
from bench import draws as draws_bench
from bench import ledger as ledger_bench
from bench import pymk as pymk_bench
from bench import redpacket as redpacket_bench
from bench import split as split_bench
from bench import strength as strength_bench
from bench import taps as taps_bench
from bench.settle import settle
from wufu.chat import MOST_PEOPLE
from wufu.cli.tools import JsonOption, err, print_json, run, show_fields, stop

app = typer.Typer(help="Measure, with peers in the same run.", no_args_is_help=True)


@app.command(name="ledger")
def bench_ledger(
    seconds: Annotated[float, typer.Option(help="How long each phase runs.", min=1, max=600)] = 8.0,
    as_json: JsonOption = False,
) -> None:
    """Durable double-entry transfers a second, beside pgbench on the same server."""
    found = run(ledger_bench.measure(seconds=seconds, quiet=as_json))
    _show(found, as_json)


@app.command(name="draws")
def bench_draws(
    seconds: Annotated[float, typer.Option(help="How long each measurement runs.", min=0.1, max=60)] = 2.0,
    as_json: JsonOption = False,
) -> None:
    """Draws a second of the kernel, beside `openssl speed -evp aes-128-ctr`."""
    _show(draws_bench.measure(seconds), as_json)


@app.command(name="taps")
def bench_taps(
    batches: Annotated[int, typer.Option(help="Batches each phase sends.", min=100, max=5_000_000)] = 120_000,
    rounds: Annotated[int, typer.Option(help="How often the loads take turns.", min=1, max=20)] = 3,
    rate: Annotated[
        float | None, typer.Option(help="Batches a second, whatever the answers do.", min=1)
    ] = None,
    phones: Annotated[int, typer.Option(help="How many phones tap.", min=100, max=1_000_000)] = 40_000,
    as_json: JsonOption = False,
) -> None:
    """Durable tap batches a second over NATS, beside a Redis script doing the same checks."""
    found = run(taps_bench.measure(batches=batches, rounds=rounds, rate=rate, people=phones, tell=err.print))
    _show(found, as_json)
    if found.lost or any(found.laws.values()):
        raise typer.Exit(1)


@app.command(name="chat")
def bench_chat(
    people: Annotated[int, typer.Option(help="How many phones are online.", min=10, max=20_000)] = 1_000,
    groups: Annotated[int, typer.Option(help="In how many groups.", min=1, max=1_000)] = 20,
    seconds: Annotated[float, typer.Option(help="How long each phase runs.", min=1, max=600)] = 20.0,
    idle: Annotated[int | None, typer.Option(help="Sleeping phones; as many as may be.", min=0)] = None,
    as_json: JsonOption = False,
) -> None:
    """Durable messages and their deliveries a second, everybody online, beside ejabberd's group chat."""
    if people % groups or not 2 <= people // groups <= MOST_PEOPLE:
        stop(f"{people} people do not make {groups} equal groups of 2 to {MOST_PEOPLE}", 2)
    found = run(chat_bench.measure(people=people, groups=groups, seconds=seconds, idle=idle, tell=err.print))
    _show(found, as_json)
    if found.lost or found.duplicated or found.out_of_order or any(found.laws.values()):
        raise typer.Exit(1)


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


@app.command(name="redpacket")
def bench_redpacket(
    openings: Annotated[int, typer.Option(help="Openings a phase.", min=1_000, max=1_000_000)] = 150_000,
    rounds: Annotated[int, typer.Option(help="How often the phases take turns.", min=1, max=20)] = 3,
    rate: Annotated[
        float | None,
        typer.Option(help="Requests a second, whatever the answers do; latency counts from when due.", min=1),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Durable openings of red packets a second over NATS, beside the durable Redis script."""

    def tell(sentence: str) -> None:
        err.print(f"[dim]{sentence}[/]")

    try:
        found = run(redpacket_bench.measure(openings=openings, rounds=rounds, rate=rate, tell=tell))
    except redpacket_bench.NoRedis as error:
        stop(str(error), 3)
    _show(found, as_json)
    if any(found.laws.values()):
        raise typer.Exit(1)


@app.command(name="pymk")
def bench_pymk(
    people: Annotated[int, typer.Option(help="How many people.", min=1_000, max=5_000_000)] = 1_600_000,
    ties: Annotated[int, typer.Option(help="How many ties.", min=1_000, max=100_000_000)] = 30_000_000,
    asks: Annotated[int, typer.Option(help="For how many people suggestions are asked.", min=300)] = 5_000,
    seed: Annotated[int, typer.Option(help="Of the graph and of who is asked for.")] = 2016,
    as_json: JsonOption = False,
) -> None:
    """People one may know on a synthetic graph of Pokec's size, beside SciPy in memory."""
    found = run(pymk_bench.measure(people, ties, asks=asks, seed=seed, tell=err.print))
    _show(found, as_json)
    if found.equal != found.compared or any(found.laws.values()):
        raise typer.Exit(1)


@app.command(name="split")
def bench_split(
    packets: Annotated[int, typer.Option(help="How many packets.", min=100, max=10_000_000)] = 100_000,
    as_json: JsonOption = False,
) -> None:
    """What a lucky split does by place: mean, spread, odds of being the luckiest."""
    found = split_bench.measure(packets)
    _show(found, as_json)
    if not found.sums_exact:
        raise typer.Exit(1)


@app.command(name="strength")
def bench_strength(
    facts: Annotated[int, typer.Option(help="Facts of ours a round.", min=20_000, max=5_000_000)] = 100_000,
    as_json: JsonOption = False,
) -> None:
    """Facts a second that tie strength keeps up with, beside recomputing a pair for each fact."""
    found = run(strength_bench.measure(facts=facts, tell=err.print))
    _show(found, as_json)
    if any(found.laws.values()):
        raise typer.Exit(1)


def _show(found: object, as_json: bool) -> None:
    print_json(found) if as_json else show_fields(found)
