"""All SQL of objects, except their laws."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wufu.db import Connection
from wufu.objects.model import ObjectId, Shelved, Staged, shelf_of

LIVES = "dropped_at IS NULL AND (dies_at IS NULL OR dies_at > $2)"


async def insert(
    connection: Connection, staged: Staged, owner: str, now: datetime, dies_at: datetime | None
) -> None:
    await connection.execute(
        """
        INSERT INTO object (id, shelf, owner, media_type, size, digests, sealed, seed, kept_at, dies_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        staged.id,
        shelf_of(staged.id),
        owner,
        staged.media_type,
        staged.size,
        staged.digests,
        staged.seed is not None,
        staged.seed,
        now,
        dies_at,
    )


async def living(connection: Connection, ids: Sequence[ObjectId], now: datetime) -> dict[ObjectId, Shelved]:
    rows = await connection.fetch(f"SELECT * FROM object WHERE id = ANY($1::uuid[]) AND {LIVES}", ids, now)
    return {row["id"]: _shelved(row) for row in rows}


async def owned(connection: Connection, owner: str, now: datetime) -> list[Shelved]:
    rows = await connection.fetch(
        f"SELECT * FROM object WHERE owner = $1 AND {LIVES} ORDER BY id", owner, now
    )
    return [_shelved(row) for row in rows]


def _shelved(row: asyncpg.Record) -> Shelved:
    return Shelved(
        row["id"],
        row["owner"],
        row["media_type"],
        row["size"],
        row["digests"],
        row["seed"],
        row["dies_at"],
    )


async def hand_over(
    connection: Connection,
    ids: Sequence[ObjectId],
    before: str,
    after: str,
    dies_at: datetime | None,
    now: datetime,
) -> set[ObjectId]:
    rows = await connection.fetch(
        f"""
        UPDATE object SET owner = $4, dies_at = $5
        WHERE id IN (SELECT id FROM object WHERE id = ANY($1::uuid[]) AND owner = $3 AND {LIVES}
                     ORDER BY id FOR UPDATE)
        RETURNING id
        """,
        ids,
        now,
        before,
        after,
        dies_at,
    )
    return {row["id"] for row in rows}


# --- Dropping -------------------------------------------------------------------------------------


async def drop(connection: Connection, ids: Sequence[ObjectId], now: datetime) -> set[ObjectId]:
    """Those of `ids` that are dropped now and were not before."""
    rows = await connection.fetch(
        """
        UPDATE object SET dropped_at = $2, seed = NULL
        WHERE id IN (SELECT id FROM object WHERE id = ANY($1::uuid[]) AND dropped_at IS NULL
                     ORDER BY id FOR UPDATE)
        RETURNING id
        """,
        ids,
        now,
    )
    return {row["id"] for row in rows}


async def drop_owned(connection: Connection, owners: Sequence[str], now: datetime) -> set[ObjectId]:
    rows = await connection.fetch(
        """
        UPDATE object SET dropped_at = $2, seed = NULL
        WHERE id IN (SELECT id FROM object WHERE owner = ANY($1::text[]) AND dropped_at IS NULL
                     ORDER BY id FOR UPDATE)
        RETURNING id
        """,
        owners,
        now,
    )
    return {row["id"] for row in rows}


async def drop_dead(connection: Connection, now: datetime, limit: int) -> int:
    rows = await connection.fetch(
        """
        UPDATE object SET dropped_at = $1, seed = NULL
        WHERE id IN (SELECT id FROM object WHERE dies_at <= $1 AND dropped_at IS NULL
                     ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING id
        """,
        now,
        limit,
    )
    return len(rows)


async def take_dropped(connection: Connection, limit: int) -> list[ObjectId]:
    """Dropped objects, locked, that nobody else is erasing now."""
    rows = await connection.fetch(
        """
        SELECT id FROM object WHERE dropped_at IS NOT NULL
        ORDER BY dropped_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    return [row["id"] for row in rows]


async def forget(connection: Connection, ids: Sequence[ObjectId]) -> None:
    await connection.execute("DELETE FROM object WHERE id = ANY($1::uuid[])", ids)


async def note_sweep(connection: Connection, name: str, now: datetime) -> None:
    """Say how far a sweep came: to `now`, or to just before what is still left over."""
    left = "dies_at <= $2 AND dropped_at IS NULL" if name == "dead" else "dropped_at <= $2"
    await connection.execute(
        f"""
        INSERT INTO object_sweep AS kept (name, until)
        SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM object WHERE {left})
        ON CONFLICT (name) DO UPDATE SET until = greatest(kept.until, excluded.until)
        """,
        name,
        now,
    )


# --- The shelves ----------------------------------------------------------------------------------


async def known(connection: Connection, ids: Sequence[ObjectId]) -> set[ObjectId]:
    """Those of `ids` that have a row, dropped ones too."""
    rows = await connection.fetch("SELECT id FROM object WHERE id = ANY($1::uuid[])", ids)
    return {row["id"] for row in rows}


async def on_shelf(connection: Connection, shelf: int) -> list[tuple[ObjectId, bool]]:
    """What should lie on a shelf, and whether it was found lost before."""
    rows = await connection.fetch(
        "SELECT id, lost_at FROM object WHERE shelf = $1 AND dropped_at IS NULL", shelf
    )
    return [(row["id"], row["lost_at"] is not None) for row in rows]


async def note_lost(
    connection: Connection, lost: Sequence[ObjectId], found: Sequence[ObjectId], now: datetime
) -> None:
    await connection.execute(
        """
        UPDATE object SET lost_at = CASE WHEN id = ANY($1::uuid[]) THEN $3::timestamptz END
        WHERE id = ANY($1::uuid[]) OR id = ANY($2::uuid[])
        """,
        lost,
        found,
        now,
    )
