"""Rows to Parquet and back. Loaded late: a server without facts needs none of it."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import asyncpg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("day", pa.int32(), nullable=False),
        pa.field("a", pa.int64(), nullable=False),
        pa.field("b", pa.int64()),
        pa.field("word", pa.string()),
        pa.field("campaign", pa.string()),
        pa.field("count", pa.int64(), nullable=False),
        pa.field("flag", pa.bool_()),
    ]
)
"""`day` is counted from 1970-01-01 in China; the folder's name says it as a date."""


def encode(rows: Sequence[asyncpg.Record] | Sequence[Mapping[str, object]]) -> bytes:
    """Rows of one kind and day as a Parquet file."""
    columns = {field.name: pa.array([row[field.name] for row in rows], type=field.type) for field in SCHEMA}
    return _written(pa.table(columns, schema=SCHEMA))


def merge(contents: Sequence[bytes]) -> tuple[bytes, int]:
    """Several files as one, in the order of the rows' numbers, each number once; and how many rows."""
    table = pa.concat_tables([_read(content) for content in contents]).sort_by("number")
    return _written(table), table.num_rows


def replace_people(content: bytes, stand_ins: Mapping[int, int]) -> bytes | None:
    """The file with other numbers in place of some people's, or None when it names none of them."""
    table = _read(content)
    people, others = pa.array(list(stand_ins), pa.int64()), pa.array(list(stand_ins.values()), pa.int64())
    changed = False
    for name in ("a", "b"):
        place = pc.index_in(table[name], value_set=people)
        if place.null_count == len(place):
            continue
        changed = True
        replaced = pc.coalesce(others.take(place.combine_chunks()), table[name].combine_chunks())
        table = table.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), replaced)
    return _written(table) if changed else None


def _read(content: bytes) -> pa.Table:
    # As one file: the names of the folders above it are no columns here.
    return pq.ParquetFile(BytesIO(content)).read().cast(SCHEMA)


def _written(table: pa.Table) -> bytes:
    sink = BytesIO()
    # Version 2.6 keeps microseconds; both engines read it.
    pq.write_table(table, sink, compression="zstd", version="2.6")
    return sink.getvalue()
