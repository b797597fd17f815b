"""`wufu texts`: texts on their way to phones, to be read where there is no gateway."""

import typer
from rich.table import Table

from wufu.cli.tools import DataOption, JsonOption, data_dir, out, print_json, read_database
from wufu.people import see_texts

app = typer.Typer()


@app.command()
def texts(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Texts of the last ten minutes that no gateway has taken."""
    found = read_database(data_dir(data), see_texts)
    if as_json:
        print_json({"texts": found})
        return
    if not found:
        out.print("Nothing waits.")
        return
    table = Table("to", "says", "at", box=None, header_style="dim")
    for one in found:
        table.add_row(one.phone, one.body, one.at.isoformat(" ", "seconds"))
    out.print(table)
