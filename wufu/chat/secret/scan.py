"""Where one message left traces: every table (that of the objects too), every JetStream stream.

For whoever wants to know what is left of a secret after it burnt: `wufu traces ID` lists each place in which
the message's id occurs, and what stands there besides. Of a burnt message that is its number in the
conversation (`gone`, no content) and facts that say so. A row of `object` stands until its bytes are erased.
Raw files of the engines are looked through by the deletion proof (`tests/chat/secret/test_deletion.py`).
"""

from uuid import UUID

import msgspec
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import DeliverPolicy

from wufu.db import Connection

SHOWN = 300
PATIENCE_SECONDS = 5.0
CONTENTFUL = frozenset(("secret_message", "secret_reader", "secret_held", "message_words", "object"))
"""Tables in which no row of a burnt message may stand."""


class Trace(msgspec.Struct, frozen=True):
    """A place that names the message: a table, a stream or the object store, and what stands there."""

    place: str
    what: str
    content: bool
    """Whether a burnt message may not have left this."""


class Traces(msgspec.Struct, frozen=True):
    """All of them. `ok`: the message lives, or nothing is left that it may not have left."""

    message: UUID
    lives: bool
    ok: bool
    traces: list[Trace]


async def find_traces(connection: Connection, client: Client, message: UUID) -> Traces:
    """Look for a message everywhere; takes as long as reading every table and stream once."""
    traces = [*await scan_tables(connection, message), *await scan_streams(client, message)]
    lives = any(trace.place == "table secret_message" for trace in traces)
    return Traces(message, lives, lives or not any(trace.content for trace in traces), traces)


async def scan_tables(connection: Connection, message: UUID) -> list[Trace]:
    """Every row of every table that names the message, in whatever column."""
    tables = await connection.fetch(
        """
        SELECT c.oid::regclass::text AS name FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
          AND has_table_privilege(c.oid, 'SELECT')
        ORDER BY 1
        """
    )
    traces = []
    for table in tables:
        rows = await connection.fetch(
            # Bytes are shown in hexadecimal, so an id inside of them is found too.
            f"SELECT t::text AS row FROM {table['name']} AS t WHERE t::text ~ $1",
            f"{message}|{message.hex}",
        )
        traces += [
            Trace(f"table {table['name']}", row["row"][:SHOWN], _is_content(table["name"], row["row"]))
            for row in rows
        ]
    return traces


def _is_content(table: str, row: str) -> bool:
    return table in CONTENTFUL or (table == "message" and ",secret," in row)


async def scan_streams(client: Client, message: UUID) -> list[Trace]:
    """Every message of every JetStream stream that names it."""
    stream = client.jetstream()
    traces = []
    needles = (str(message).encode(), message.hex.encode(), message.bytes)
    for info in await stream.streams_info():
        name = info.config.name
        if name is None or not info.state.messages:
            continue
        reading = await stream.subscribe(
            ">", stream=name, ordered_consumer=True, deliver_policy=DeliverPolicy.ALL
        )
        try:
            left = info.state.messages
            while left:
                said = await reading.next_msg(timeout=PATIENCE_SECONDS)
                left = said.metadata.num_pending
                if any(needle in said.data for needle in needles):
                    text = f"{said.subject} {said.data[:SHOWN].decode(errors='replace')}"
                    traces.append(Trace(f"stream {name}", text, content="ciphertext" in text))
        except NatsTimeout:  # it shrank while we read
            pass
        finally:
            await reading.unsubscribe()
    return traces
