"""All SQL of insight."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.insight.facts import Row
from wufu.insight.model import FactFile

EXPORT, BACKFILL, GENERATION = "export", "ties", "generation"


# --- Facts on their way ---------------------------------------------------------------------------


async def stage(connection: Connection, rows: Sequence[Row]) -> None:
    """Keep rows until a file holds them, in this order; who is being forgotten is not named in them."""
    if not rows:
        return
    await connection.execute(
        """
        INSERT INTO insight_fact (kind, at, day, a, b, word, campaign, count, flag)
        SELECT f.kind, f.at, f.day, coalesce(x.stand_in, f.a), coalesce(y.stand_in, f.b),
               f.word, f.campaign, f.count, f.flag
        FROM unnest($1::text[], $2::timestamptz[], $3::int[], $4::bigint[], $5::bigint[], $6::text[],
                    $7::text[], $8::bigint[], $9::boolean[]) WITH ORDINALITY
             AS f (kind, at, day, a, b, word, campaign, count, flag, place)
        LEFT JOIN insight_forgotten AS x ON x.person = f.a
        LEFT JOIN insight_forgotten AS y ON y.person = f.b
        ORDER BY f.place
        """,
        *map(list, zip(*(msgspec.structs.astuple(_ordered(row)) for row in rows), strict=True)),
    )


class _Columns(msgspec.Struct, frozen=True):
    kind: str
    at: datetime
    day: int
    a: int
    b: int | None
    word: str | None
    campaign: str | None
    count: int
    flag: bool | None


def _ordered(row: Row) -> _Columns:
    """A row in the order of the statement's columns, whatever the order of its declaration."""
    return _Columns(row.kind, row.at, row.day, row.a, row.b, row.word, row.campaign, row.count, row.flag)


async def newest_staged(connection: Connection, most: int) -> int:
    """The number of the `most`-th staged fact, or of the last of fewer; 0 when there is none."""
    number: int | None = await connection.fetchval(
        "SELECT max(number) FROM (SELECT number FROM insight_fact ORDER BY number LIMIT $1) AS first", most
    )
    return number or 0


async def staged(connection: Connection, upto: int) -> list[asyncpg.Record]:
    """The staged facts numbered up to `upto`, by kind, day and number."""
    return await connection.fetch(
        """
        SELECT number, kind, at, day, a, b, word, campaign, count, flag
        FROM insight_fact WHERE number <= $1 ORDER BY kind, day, number
        """,
        upto,
    )


async def unstage(connection: Connection, upto: int) -> None:
    await connection.execute("DELETE FROM insight_fact WHERE number <= $1", upto)


# --- Progress -------------------------------------------------------------------------------------


async def progress(connection: Connection, what: str) -> tuple[int, int, datetime] | None:
    row = await connection.fetchrow("SELECT first, second, at FROM insight_progress WHERE what = $1", what)
    return None if row is None else (row["first"], row["second"], row["at"])


async def note_progress(connection: Connection, what: str, first: int, second: int, at: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO insight_progress (what, first, second, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (what) DO UPDATE
        SET first = excluded.first, second = excluded.second, at = excluded.at
        """,
        what,
        first,
        second,
        at,
    )


async def note_imports(connection: Connection, instants: Sequence[datetime]) -> None:
    await connection.execute(
        """
        INSERT INTO insight_import (at)
        SELECT DISTINCT * FROM unnest($1::timestamptz[]) ON CONFLICT DO NOTHING
        """,
        list(instants),
    )


async def take_imports(connection: Connection) -> list[datetime]:
    """The moments of imports that are yet to be fetched; they are not there any more."""
    rows = await connection.fetch("DELETE FROM insight_import RETURNING at")
    return sorted(row["at"] for row in rows)


# --- Files ----------------------------------------------------------------------------------------


async def note_files(connection: Connection, files: Sequence[FactFile], state: str, at: datetime) -> None:
    """Files that are being written (`writing`) or count from the commit on (`kept`)."""
    if not files:
        return
    await connection.execute(
        """
        INSERT INTO insight_file (path, kind, day, first, last, rows, bytes, state, at)
        SELECT f.*, $8, $9
        FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
             AS f (path, kind, day, first, last, rows, bytes)
        ON CONFLICT (path) DO UPDATE
        SET state = excluded.state, rows = excluded.rows, bytes = excluded.bytes, at = excluded.at
        """,
        [file.path for file in files],
        [file.kind for file in files],
        [file.day for file in files],
        [file.first for file in files],
        [file.last for file in files],
        [file.rows for file in files],
        [file.bytes for file in files],
        state,
        at,
    )


async def drop_files(connection: Connection, paths: Sequence[str], at: datetime) -> None:
    """From the commit on these files count no more."""
    await connection.execute(
        "UPDATE insight_file SET state = 'dropped', at = $2 WHERE path = ANY($1::text[])", list(paths), at
    )


async def files(connection: Connection, *states: str, before_day: int | None = None) -> list[FactFile]:
    """The files in some states, of days before `before_day` or of all, by kind, day and number."""
    rows = await connection.fetch(
        """
        SELECT path, kind, day, first, last, rows, bytes FROM insight_file
        WHERE state = ANY($1::text[]) AND ($2::int IS NULL OR day < $2)
        ORDER BY kind, day, first, path
        """,
        list(states),
        before_day,
    )
    return [FactFile(**row) for row in rows]


async def erase_notes(connection: Connection, paths: Sequence[str]) -> None:
    await connection.execute("DELETE FROM insight_file WHERE path = ANY($1::text[])", list(paths))


# --- Forgetting -----------------------------------------------------------------------------------


async def forget(connection: Connection, person: PersonId, stand_in: int, at: datetime) -> None:
    """Put a stand-in in a person's place, here at once and in the files by the next job. Repeatable."""
    await connection.execute(
        """
        INSERT INTO insight_forgotten (person, stand_in, at) VALUES ($1, $2, $3)
        ON CONFLICT (person) DO UPDATE SET at = excluded.at
        """,
        person,
        stand_in,
        at,
    )
    await connection.execute(
        """
        UPDATE insight_fact AS f
        SET a = CASE WHEN f.a = x.person THEN x.stand_in ELSE f.a END,
            b = CASE WHEN f.b = x.person THEN x.stand_in ELSE f.b END
        FROM insight_forgotten AS x WHERE x.person = $1 AND (f.a = $1 OR f.b = $1)
        """,
        person,
    )


async def forgotten(connection: Connection) -> dict[PersonId, int]:
    """Person → stand-in, of those who are being forgotten."""
    rows = await connection.fetch("SELECT person, stand_in FROM insight_forgotten ORDER BY person")
    return {row["person"]: row["stand_in"] for row in rows}


async def end_forgetting(connection: Connection, before: datetime) -> None:
    """Forget who was forgotten: from here on nobody can tell whose number the stand-in stands for."""
    await connection.execute("DELETE FROM insight_forgotten WHERE at < $1", before)


LINGERING = timedelta(days=1)
"""How long facts that were on their way when somebody was forgotten still get the stand-in."""
