"""A whole graph in one go: rows in PostgreSQL's binary COPY format, straight from arrays.

The rows come in the order of the primary key, so the index grows at its right end and is packed, and the
table lies in the order in which it is walked: one person's ties are neighbours on the disk.
"""

import struct
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from wufu.core.ids import PersonId
from wufu.db import Connection

ROWS_AT_ONCE = 500_000
LISTS_AT_ONCE = 20_000
LIST_HEAD = struct.Struct(">hiqi")
"""Two fields; a number of eight bytes; how many bytes of friends follow."""
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
CAUSE = b"imported"
TIE_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("person_size", ">i4"),
        ("person", ">i8"),
        ("friend_size", ">i4"),
        ("friend", ">i8"),
        ("since_size", ">i4"),
        ("since", ">i8"),
        ("cause_size", ">i4"),
        ("cause", f"S{len(CAUSE)}"),
    ]
)
Ints = NDArray[np.int64]


async def touched(connection: Connection, people: list[PersonId]) -> bool:
    """Whether any of these people ever had to do with ties: a row of theirs is locked by every change."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM tie_person WHERE person IN (SELECT unnest($1::bigint[])))", people
    )
    return found


async def insert_people(connection: Connection, people: Ints, friends: Ints, day: date) -> None:
    """The rows of people nobody touched yet, with their numbers of friends. They stay locked until commit."""
    await connection.execute(
        """
        INSERT INTO tie_person (person, friends, asks_on, asks)
        SELECT u.person, u.friends, $3, 0 FROM unnest($1::bigint[], $2::int[]) AS u (person, friends)
        ORDER BY u.person
        """,
        people.tolist(),
        friends.tolist(),
        day,
    )


async def insert_ties(
    connection: Connection, persons: Ints, friends: Ints, since: datetime, tell: Callable[[int], None]
) -> None:
    """Both directions of ties, already in order of person and friend; `tell` hears how many were sent."""
    micros = (since - POSTGRES_EPOCH) // (POSTGRES_EPOCH.resolution)
    await connection.copy_to_table(
        "tie",
        source=_rows(persons, friends, micros, tell),
        columns=["person", "friend", "since", "cause"],
        format="binary",
    )


async def _rows(
    persons: Ints, friends: Ints, micros: int, tell: Callable[[int], None]
) -> AsyncIterator[bytes]:
    yield HEADER
    for start in range(0, len(persons), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        rows = np.empty(len(persons[some]), dtype=TIE_ROW)
        rows["fields"] = 4
        rows["person_size"] = rows["friend_size"] = rows["since_size"] = 8
        rows["person"], rows["friend"], rows["since"] = persons[some], friends[some], micros
        rows["cause_size"], rows["cause"] = len(CAUSE), CAUSE
        yield rows.tobytes()
        tell(start + len(rows))
    yield TRAILER


async def insert_lists(connection: Connection, people: Ints, counts: Ints, friends: Ints) -> None:
    """The lists of people: `friends` of all of them one after the other, `counts` of each."""
    await connection.copy_to_table(
        "tie_list", source=_lists(people, counts, friends), columns=["person", "friends"], format="binary"
    )


async def _lists(people: Ints, counts: Ints, friends: Ints) -> AsyncIterator[bytes]:
    values = memoryview(friends.astype(">i8").tobytes())
    ends = np.cumsum(counts) * 8
    yield HEADER
    for start in range(0, len(people), LISTS_AT_ONCE):
        some = bytearray()
        for place in range(start, min(start + LISTS_AT_ONCE, len(people))):
            size = int(counts[place]) * 8
            some += LIST_HEAD.pack(2, 8, int(people[place]), size)
            some += values[int(ends[place]) - size : int(ends[place])]
        yield bytes(some)
    yield TRAILER


async def settle(connection: Connection) -> None:
    """Statistics and visibility map of what was just loaded. Not within a transaction."""
    await connection.execute("VACUUM (ANALYZE) tie, tie_person, tie_list")
