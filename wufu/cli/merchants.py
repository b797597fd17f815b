"""`wufu merchant`: who sends packets of up to a million shares, and the limits of all packets."""

from typing import Annotated

import msgspec
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
from wufu.db import Connection, Tx
from wufu.people import PersonView, see_login, see_people
from wufu.redpacket import (
    BadPacket,
    Limits,
    see_merchants,
    see_packet_limits,
    set_merchant,
    set_packet_limits,
)

app = typer.Typer(help="Merchants, and the limits of red packets.", no_args_is_help=True)

WhoArgument = Annotated[str, typer.Argument(help="A login, or a person's number.")]


@app.command()
def make(who: WhoArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Let somebody send merchant packets. Doing it again changes nothing."""
    _turn(who, data, as_json, merchant=True)


@app.command()
def unmake(who: WhoArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Let somebody send merchant packets no more; those that were sent go on."""
    _turn(who, data, as_json, merchant=False)


def _turn(who: str, data: DataOption, as_json: bool, *, merchant: bool) -> None:
    async def work(tx: Tx) -> PersonView:
        person = await _person(tx.connection, who)
        await set_merchant(tx, person, merchant)
        return (await see_people(tx.connection, [person]))[person]

    found = write_database(data_dir(data), work)
    if as_json:
        print_json({"person": found.person, "name": found.name, "merchant": merchant})
    else:
        out.print(f"{found.name} ({found.person}) {'is' if merchant else 'is not'} a merchant.")


async def _person(connection: Connection, who: str) -> PersonId:
    numbered = who.isascii() and who.isdecimal() and len(who) < 19
    person = PersonId(int(who)) if numbered else await see_login(connection, who)
    if person is None or person not in await see_people(connection, [person]):
        stop(f"there is no person {who!r}: neither a number nor a login of somebody", 2)
    return person


@app.command(name="list")
def list_command(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Everybody who may send merchant packets."""

    async def work(connection: Connection) -> list[PersonView]:
        people = await see_merchants(connection)
        views = await see_people(connection, people)
        return [views[person] for person in people if person in views]

    found = read_database(data_dir(data), work)
    if as_json:
        print_json({"merchants": [{"person": one.person, "name": one.name} for one in found]})
        return
    table = Table("person", "name", box=None, header_style="dim")
    for one in found:
        table.add_row(str(one.person), one.name)
    out.print(table if found else "There is no merchant.")


@app.command()
def limits(
    change: Annotated[
        list[str] | None,
        typer.Argument(help="NAME=NUMBER, such as day_minor=500000; without any they are shown."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """The limits of red packets, in fen, shares, seconds and minutes since midnight; and other ones."""
    changes = dict(_change(one) for one in change or [])

    async def work(tx: Tx) -> Limits:
        now = msgspec.structs.replace(await see_packet_limits(tx.connection), **changes)
        try:
            await set_packet_limits(tx, now)
        except BadPacket as refusal:
            stop(str(refusal.facts["why"]), 2)
        return now

    if changes:
        now = write_database(data_dir(data), work)
    else:
        now = read_database(data_dir(data), see_packet_limits)
    fields = msgspec.structs.asdict(now)
    print_json(fields) if as_json else show_fields(fields)


def _change(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.isascii() or not number.isdecimal():
        stop(f"a change is NAME=NUMBER, not {text!r}", 2)
    if name not in Limits.__struct_fields__:
        stop(f"there is no limit {name!r}; there are: {', '.join(Limits.__struct_fields__)}", 2)
    return name, int(number)
