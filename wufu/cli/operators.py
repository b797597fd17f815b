"""`wufu operators`: who may use the console. Only somebody at the machine can say."""

from typing import Annotated

import typer
from rich.table import Table

from wufu.cli.tools import (
    DataOption,
    JsonOption,
    data_dir,
    out,
    print_json,
    read_database,
    stop,
    write_database,
)
from wufu.console import grant_operator, revoke_operator, see_operators
from wufu.core.ids import PersonId
from wufu.db import Connection, Tx
from wufu.people import see_login

app = typer.Typer(help="Who may use the console, and what they may do there.", no_args_is_help=True)

WhoArgument = Annotated[str, typer.Argument(help="A login, or a person's number.")]


async def _person(connection: Connection, who: str) -> PersonId:
    if who.isdecimal() and len(who) < 19:
        return PersonId(int(who))
    person = await see_login(connection, who)
    if person is None:
        stop(f"nobody has the login {who!r}", 1)
    return person


@app.command(name="list")
def list_operators(data: DataOption = None, as_json: JsonOption = False) -> None:
    """All operators."""
    found = read_database(data_dir(data), see_operators)
    if as_json:
        print_json({"operators": found})
        return
    if not found:
        out.print("There are none yet: wufu operators grant LOGIN")
        return
    table = Table("person", "name", "role", "since", box=None, header_style="dim")
    for one in found:
        table.add_row(str(one.person), one.name, one.role, one.granted_at.isoformat(" ", "minutes"))
    out.print(table)


@app.command()
def grant(
    who: WhoArgument,
    role: Annotated[str, typer.Option(help="watch: see everything; act: also do.")] = "watch",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a person into the console, or change what they may do there."""

    async def work(tx: Tx) -> PersonId:
        person = await _person(tx.connection, who)
        await grant_operator(tx, person, role)
        return person

    person = write_database(data_dir(data), work)
    done = {"person": person, "role": role}
    print_json(done) if as_json else out.print(f"Person {person} may {role} in the console, at /console/.")


@app.command()
def revoke(who: WhoArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Take the role away, at once."""

    async def work(tx: Tx) -> tuple[PersonId, bool]:
        person = await _person(tx.connection, who)
        return person, await revoke_operator(tx, person)

    person, was = write_database(data_dir(data), work)
    if as_json:
        print_json({"person": person, "was_operator": was})
    else:
        out.print(f"Person {person} is no operator any more." if was else f"Person {person} was no operator.")
