"""`wufu photos`: the operator's side of photo packets: reports, verdicts, settings, and whose a copy is."""

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
    run,
    show_fields,
    stop,
    write_database,
)
from wufu.core.clock import utc_now
from wufu.db import Connection
from wufu.main import OBJECTS
from wufu.objects import BadObjectStore, BadPicture, ObjectStore, Workshop, fetch
from wufu.photos import (
    Found,
    find_mark_in,
    payload,
    photo_bits,
    review_photo,
    see_clear_object,
    see_queue,
    see_reported,
    see_settings,
    set_settings,
    show_marked,
)

T = TypeVar("T")

app = typer.Typer(help="Photo packets: reports and verdicts, settings, marks.", no_args_is_help=True)

PhotoArgument = Annotated[UUID, typer.Argument(help="The photo's id, as the queue shows it.")]
WhyOption = Annotated[str, typer.Option("--why", help="A sentence for the record.")]


@app.command()
def queue(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Photos that people reported and nobody has looked at; those that most payers reported come first."""
    waiting = read_database(data_dir(data), see_queue)
    if as_json:
        print_json({"waiting": waiting})
        return
    table = Table(box=None, header_style="dim")
    # An id that is cut short cannot be copied into the next command.
    table.add_column("photo", no_wrap=True, min_width=36)
    for name in ("reports", "of payers", "reasons", "since"):
        table.add_column(name)
    for one in waiting:
        since = f"{one.since:%Y-%m-%d %H:%M}"
        table.add_row(str(one.photo), str(one.reports), str(one.payers), ", ".join(one.reasons), since)
    out.print(table if waiting else "Nothing waits for a review.")


@app.command()
def show(
    photo: PhotoArgument,
    to: Annotated[Path | None, typer.Option("--to", help="Write the clear picture to this file.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """How a photo stands; with --to also its clear picture, which carries the operator's mark (viewer 0)."""

    async def work(connection: Connection) -> dict[str, object]:
        found = await see_reported(connection, photo)
        if to is not None:
            store = _store(data)
            object_id = await see_clear_object(connection, photo)
            stored = await fetch(connection, store, object_id, utc_now())
            marked = payload(store.key_for("photo marks"), photo, 0)
            to.write_bytes(show_marked(stored.content, marked, None))
        names = ("id", "author", "audience", "posted_at", "dies_at", "ended", "held_at", "payers", "likes")
        return {**{name: getattr(found, name) for name in names}, "mark": photo_bits(photo)}

    told = read_database(data_dir(data), work)
    print_json(told) if as_json else show_fields(told)


@app.command()
def keep(
    photo: PhotoArgument, why: WhyOption = "", data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Nothing is wrong with a photo: its reports are closed, and it can be paid and seen again."""
    done = write_database(data_dir(data), lambda tx: review_photo(tx, photo, "keep", why))
    print_json(done) if as_json else out.print(f"{photo} stays.")


@app.command(name="take-down")
def take_down(
    photo: PhotoArgument, why: WhyOption = "", data: DataOption = None, as_json: JsonOption = False
) -> None:
    """End a photo now, erase its pictures, and give every payer their money back."""
    done = write_database(data_dir(data), lambda tx: review_photo(tx, photo, "take_down", why))
    if as_json:
        print_json(done)
        return
    kept = f", {done.unclaimed_minor} fen of them kept for payers who left" if done.unclaimed_minor else ""
    out.print(f"{photo} is gone; {done.refunded_minor} fen went back{kept}.")


@app.command()
def settings(
    change: Annotated[
        list[str] | None, typer.Argument(help="NAME=NUMBER, such as posts_day=5; without any they are shown.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """What people may post and pay, when authors are credited, when photos die."""
    changes: dict[str, int] = {}
    for one in change or []:
        name, _, number = one.partition("=")
        if not number.isdecimal():
            stop(f"a change is NAME=NUMBER, not {one!r}", 2)
        changes[name] = int(number)
    try:
        if changes:
            now = write_database(data_dir(data), lambda tx: set_settings(tx, changes))
        else:
            now = read_database(data_dir(data), see_settings)
    except ValueError as error:
        stop(str(error), 2)
    print_json(now) if as_json else show_fields(now)


@app.command()
def trace(
    file: Annotated[Path, typer.Argument(help="A copy of a picture that turned up somewhere.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whose view a picture was, by its invisible mark. Exit 1 when it carries none of this server's."""
    key = _store(data).key_for("photo marks")
    try:
        content = file.read_bytes()
    except OSError as error:
        stop(f"cannot read {file}: {error.strerror}", 2)

    async def work() -> Found | None:
        workshop = Workshop(patience_seconds=120)
        try:
            return await workshop.do(Found | None, find_mark_in, content, key)  # type: ignore[arg-type]
        except BadPicture as refusal:
            stop(f"{file} is no picture that can be read ({refusal.facts['why']})", 2)
        finally:
            await workshop.close()

    found = run(work())
    if as_json:
        print_json({"found": found})
    elif found is None:
        out.print("No mark of this server is in it.")
    else:
        out.print(f"It was shown to person {found.viewer}; the photo's mark is {found.photo}.")
    raise typer.Exit(0 if found else 1)


def _store(data: Path | None) -> ObjectStore:
    try:
        return ObjectStore.configured(data_dir(data) / OBJECTS)
    except BadObjectStore as error:
        stop(str(error), 3)
