"""`wufu campaign …`: what an operator does with a campaign from the command line."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from wufu.cli.tools import (
    DataOption,
    JsonOption,
    data_dir,
    engines_for,
    err,
    out,
    print_json,
    run,
    show_fields,
    stop,
)
from wufu.core.clock import utc_now
from wufu.core.ids import CampaignId
from wufu.core.money import render_minor
from wufu.crowd import run_campaign
from wufu.db import Database, Tx, migrate
from wufu.fortune import (
    TEMPLATES,
    BadCampaign,
    CampaignClock,
    CampaignSpec,
    CampaignView,
    Dials,
    announce,
    cancel,
    create,
    find_template,
    listed_campaigns,
    pause_round,
    resume_round,
    see_campaign,
    set_clock,
)

T = TypeVar("T")

app = typer.Typer(help="Make, run and steer campaigns.", no_args_is_help=True)

CampaignArgument = Annotated[str, typer.Argument(help="The campaign's id.")]
TEMPLATE_HELP = f"Which rules: {', '.join(TEMPLATES)}, or a TOML file."
RoundArgument = Annotated[int, typer.Argument(help="The round's number, from 1.", min=1)]


@app.command(name="run")
def run_command(
    ties: Annotated[Path, typer.Option(help="The acquaintance graph: two ids a line.")],
    template: Annotated[str, typer.Option(help=TEMPLATE_HELP)] = "2016",
    seed: Annotated[int, typer.Option(help="Fixes every secret of the run.")] = 2016,
    minutes: Annotated[
        float | None, typer.Option(help="Play the eve in so many real minutes (default: as fast as it goes).")
    ] = None,
    taps_each: Annotated[int, typer.Option(help="Taps of an average person.", min=1, max=4000)] = 1_050,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """The whole campaign on a real graph, headless: everyone plays through NATS; settle, audit, verify."""
    _template(template)
    if not ties.is_file():
        stop(f"cannot read {ties}: no such file", 2)
    report = run(
        run_campaign(
            ties=ties,
            template=template,
            seed=seed,
            minutes=minutes,
            taps_each=taps_each,
            data=data_dir(data) if data else None,
            tell=err.print,
        )
    )
    if as_json:
        print_json(report)
    else:
        show_fields(report)
    if not report.ok:
        raise typer.Exit(1)


@app.command(name="list")
def list_command(data: DataOption = None, as_json: JsonOption = False) -> None:
    """All campaigns that were announced."""

    async def work(database: Database) -> list[dict[str, str]]:
        async with database.read() as connection:
            return await listed_campaigns(connection)

    found = _with_database(data, work)
    if as_json:
        print_json({"campaigns": found})
        return
    table = Table("campaign", "title", "state", box=None, header_style="dim")
    for one in found:
        table.add_row(one["id"], f"{one['title']} {one['title_en']}", one["state"])
    out.print(table)


@app.command(name="show")
def show_command(campaign: CampaignArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """How a campaign stands."""

    async def work(database: Database) -> CampaignView:
        async with database.read() as connection:
            return await see_campaign(connection, campaign, database.clock())

    view = _with_database(data, work)
    if as_json:
        print_json(view)
        return
    out.print(f"[bold]{view.title}[/] {view.id}: {view.state}, its clock shows {view.clock.campaign_now}")
    out.print(
        f"pool {render_minor(view.pool_minor)}, {view.holders:,} full sets, "
        f"{view.players:,} players, {view.taps:,} taps"
    )
    table = Table("round", "state", "opens", "closes", "commitment", box=None, header_style="dim")
    for one in view.rounds:
        table.add_row(str(one.number), one.state, str(one.opens_at), str(one.closes_at), one.commitment)
    out.print(table)


@app.command(name="create")
def create_command(
    campaign: CampaignArgument,
    people: Annotated[int, typer.Option(help="How many people are expected.", min=1)],
    template: Annotated[str, typer.Option(help=TEMPLATE_HELP)] = "2016",
    taps_each: Annotated[int, typer.Option(help="Expected taps a person.", min=1)] = 1_909,
    pool_minor: Annotated[int, typer.Option(help="The pool, in fen.", min=1)] = 21_500_000_000,
    scarce_stock: Annotated[int | None, typer.Option(help="How many scarce cards.", min=0)] = None,
    data: DataOption = None,
) -> None:
    """Make a draft: rules, odds and commitments, not yet visible to anybody."""
    found = _template(template)
    dials = Dials(people=people, taps_each=taps_each, pool_minor=pool_minor, scarce_stock=scarce_stock)
    spec = found(campaign, dials)

    async def work(tx: Tx) -> None:
        await create(tx, CampaignId(campaign), spec, CampaignClock(tx.now, tx.now, 1.0))

    _act(data, work)
    out.print(f"{campaign} is a draft: pool {render_minor(spec.pool_minor)}, {len(spec.rounds) - 1} rounds.")


@app.command(name="announce")
def announce_command(campaign: CampaignArgument, data: DataOption = None) -> None:
    """Publish a draft's commitments and move the sponsor's money into its pool."""
    _act(data, partial(announce, campaign=CampaignId(campaign)))
    out.print(f"{campaign} is announced.")


@app.command(name="pause")
def pause_command(campaign: CampaignArgument, number: RoundArgument, data: DataOption = None) -> None:
    """Hold an open round; phones keep the taps and send them when it goes on."""
    _act(data, partial(pause_round, campaign=CampaignId(campaign), number=number))
    out.print(f"Round {number} of {campaign} is held. `wufu campaign resume {campaign} {number}` goes on.")


@app.command(name="resume")
def resume_command(campaign: CampaignArgument, number: RoundArgument, data: DataOption = None) -> None:
    """Let a held round go on; it closes later by the time it was held."""
    _act(data, partial(resume_round, campaign=CampaignId(campaign), number=number))
    out.print(f"Round {number} of {campaign} goes on.")


@app.command(name="cancel")
def cancel_command(
    campaign: CampaignArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DataOption = None,
) -> None:
    """Stop a campaign for good: the pool returns to the sponsor, all cards become void."""
    if not yes:
        typer.confirm(f"Cancel {campaign}? Every card in it becomes void. This cannot be undone.", abort=True)
    _act(data, partial(cancel, campaign=CampaignId(campaign)))
    out.print(f"{campaign} is cancelled; the sponsor has the money back.")


@app.command(name="clock")
def clock_command(
    campaign: CampaignArgument,
    speed: Annotated[float, typer.Option(help="Campaign seconds a real second.", min=0)],
    shows: Annotated[
        datetime | None, typer.Option(help="What it shows now, UTC (default: as it is).")
    ] = None,
    data: DataOption = None,
) -> None:
    """Set a campaign's clock; it never runs backwards."""
    instant = shows.replace(tzinfo=utc_now().tzinfo) if shows else None
    _act(data, partial(set_clock, campaign=CampaignId(campaign), shows=instant, speed=speed))
    out.print(f"The clock of {campaign} runs {speed:g} campaign seconds a second.")


def _template(name: str) -> Callable[[str, Dials], CampaignSpec]:
    try:
        return find_template(name)
    except BadCampaign as refusal:
        stop(str(refusal.facts["why"]), 2)


def _with_database(data: Path | None, work: Callable[[Database], Awaitable[T]]) -> T:
    async def in_engines() -> T:
        async with engines_for(data_dir(data)) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url) as database:
                return await work(database)

    return run(in_engines())


def _act(data: Path | None, verb: Callable[[Tx], Awaitable[object]]) -> None:
    async def work(database: Database) -> object:
        return await database.run(verb, actor="operator/cli")

    _with_database(data, work)
