"""`wufu traces`: what is left of one message, in every table and stream."""

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from wufu.chat import Traces, find_traces
from wufu.cli.tools import DataOption, JsonOption, data_dir, engines_for, out, print_json, run
from wufu.core.clock import utc_now
from wufu.db import Database, migrate
from wufu.db.engines import mint_server_pass
from wufu.edge import connect


def traces(
    message: Annotated[UUID, typer.Argument(help="The message's id.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for a message in every table and stream. Exit 1 when a burnt one left more than its number."""

    async def work() -> Traces:
        async with engines_for(data_dir(data)) as engines:
            await migrate(engines.owner_url)
            client = await connect(
                engines.nats_url, mint_server_pass(engines.account_seed, utc_now()), name="wufu traces"
            )
            try:
                async with Database.connect(engines.app_url) as database, database.read() as connection:
                    return await find_traces(connection, client, message)
            finally:
                await client.close()

    found = run(work())
    if as_json:
        print_json(found)
    else:
        table = Table("place", "what stands there", box=None, header_style="dim")
        for trace in found.traces:
            table.add_row(
                trace.place, f"[red]{trace.what}[/]" if trace.content and not found.lives else trace.what
            )
        out.print(table)
        words = "The message lives." if found.lives else "Nothing is left but its number."
        out.print(words if found.ok else "[red]More is left than there may be.[/]")
    raise typer.Exit(0 if found.ok else 1)
