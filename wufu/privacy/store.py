"""All SQL of privacy."""

from datetime import datetime

from wufu.core.ids import PersonId
from wufu.db import Connection, Tx
from wufu.privacy.model import Due


async def asked(connection: Connection, person: PersonId) -> tuple[datetime, datetime] | None:
    """When a person asked to leave and when they leave, while they still may stay."""
    row = await connection.fetchrow(
        "SELECT asked_at, leaves_at FROM leaving WHERE person = $1 AND closed_at IS NULL", person
    )
    return None if row is None else (row["asked_at"], row["leaves_at"])


async def put(tx: Tx, person: PersonId, leaves_at: datetime) -> None:
    """Ask to leave at an instant; asked again, only an earlier one counts."""
    await tx.connection.execute(
        """
        INSERT INTO leaving (person, asked_at, leaves_at) VALUES ($1, $2, $3)
        ON CONFLICT (person) DO UPDATE SET leaves_at = least(leaving.leaves_at, excluded.leaves_at)
        WHERE leaving.closed_at IS NULL
        """,
        person,
        tx.now,
        leaves_at,
    )


async def take_back(tx: Tx, person: PersonId) -> None:
    await tx.connection.execute("DELETE FROM leaving WHERE person = $1 AND closed_at IS NULL", person)


async def due(connection: Connection, now: datetime, closed_before: datetime, most: int) -> list[Due]:
    """Whose time has come: to be closed, or, closed long enough, to be emptied further."""
    rows = await connection.fetch(
        """
        SELECT person, closed_at, step FROM leaving
        WHERE done_at IS NULL AND (closed_at IS NULL AND leaves_at <= $1 OR closed_at <= $2)
        ORDER BY leaves_at, person LIMIT $3
        """,
        now,
        closed_before,
        most,
    )
    return [Due(**row) for row in rows]


async def lock(tx: Tx, person: PersonId) -> Due | None:
    """Take a person who is leaving and not gone yet; None when another server has them, or they stay."""
    row = await tx.connection.fetchrow(
        """
        SELECT person, closed_at, step FROM leaving
        WHERE person = $1 AND done_at IS NULL AND (closed_at IS NOT NULL OR leaves_at <= $2)
        FOR UPDATE SKIP LOCKED
        """,
        person,
        tx.now,
    )
    return None if row is None else Due(**row)


async def set_closed(tx: Tx, person: PersonId) -> None:
    await tx.connection.execute("UPDATE leaving SET closed_at = $2 WHERE person = $1", person, tx.now)


async def set_step(tx: Tx, person: PersonId, step: int, *, is_last: bool) -> None:
    await tx.connection.execute(
        "UPDATE leaving SET step = $2, done_at = CASE WHEN $3 THEN $4::timestamptz END WHERE person = $1",
        person,
        step,
        is_last,
        tx.now,
    )
