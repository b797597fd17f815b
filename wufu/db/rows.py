"""Rows packed for COPY a column at a time, for the hottest tables.

The driver turns each value of each row into bytes by a call of its own. Where every column has one width,
numpy lays a whole column into the rows at once (decision 24).

The layout is COPY's binary format: a header, then for each row the number of its fields and for each field
its length in bytes and its value, big-endian, then a trailer
(https://www.postgresql.org/docs/18/sql-copy.html, "Binary Format").
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from wufu.db.tx import Connection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _HasBytes(Protocol):
    """What `uuid.UUID` and the driver's own are to us."""

    @property
    def bytes(self) -> bytes: ...


class Column(NamedTuple):
    """The values of a column: one for each row, or a single one for all. `form` is numpy's, big-endian."""

    form: str
    values: npt.ArrayLike


def uuids(values: Iterable[_HasBytes]) -> Column:
    return joined_uuids(np.frombuffer(b"".join([value.bytes for value in values]), dtype="V16"))


def joined_uuids(ids: npt.NDArray[np.void]) -> Column:
    """Ids that are arrays of 16 bytes already."""
    return Column("V16", ids)


def numbers(values: Sequence[int] | npt.NDArray[np.int64] | int, *, bits: int = 64) -> Column:
    """`smallint`, `integer` or `bigint` by `bits`. Raises OverflowError for a number that does not fit."""
    most = 1 << (bits - 1)
    if isinstance(values, int):
        if not -most <= values < most:
            raise OverflowError(f"{values} does not fit into {bits} bits")
        return Column(f">i{bits // 8}", values)
    column = np.array(values, dtype=np.int64)  # OverflowError beyond 64 bits
    if bits < 64 and column.size and not -most <= int(column.min()) <= int(column.max()) < most:
        raise OverflowError(f"a number does not fit into {bits} bits")
    return Column(f">i{bits // 8}", column)


def text(value: str) -> Column:
    """The same text in every row."""
    encoded = value.encode()
    return Column(f"V{len(encoded)}", np.void(encoded))


def instant(at: datetime) -> Column:
    """The same `timestamptz` in every row."""
    return Column(">i8", (at - _EPOCH) // _MICROSECOND)


async def copy_rows(connection: Connection, table: str, columns: Mapping[str, Column], count: int) -> None:
    """Append `count` rows to a table."""
    await connection.copy_to_table(
        table, source=_at_once(pack_rows(columns, count)), columns=list(columns), format="binary"
    )


async def _at_once(packed: bytes) -> AsyncIterator[bytes]:
    yield packed


def pack_rows(columns: Mapping[str, Column], count: int) -> bytes:
    """`count` rows in COPY's binary format."""
    fields = [("fields", ">i2")]
    for name, column in columns.items():
        fields += [(f"{name} length", ">i4"), (name, column.form)]
    rows = np.empty(count, dtype=fields)
    rows["fields"] = len(columns)
    for name, column in columns.items():
        rows[f"{name} length"] = rows.dtype[name].itemsize
        rows[name] = column.values
    return _HEADER + rows.tobytes() + _TRAILER
