"""The SQL of comments, reports and reviews."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.photos.model import Reason


class Comment(msgspec.Struct, frozen=True):
    photo: UUID
    id: UUID
    writer: PersonId
    text: str
    at: datetime


class Waiting(msgspec.Struct, frozen=True):
    """A photo in the review queue: how many found something wrong, why, and since when."""

    photo: UUID
    reports: int
    payers: int
    reasons: list[str]
    since: datetime


# --- Comments -------------------------------------------------------------------------------------


def _comment(row: asyncpg.Record) -> Comment:
    return Comment(row["photo"], row["id"], row["writer"], row["text"], row["at"])


async def comments(
    connection: Connection, keys: Iterable[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], Comment]:
    wanted = list(set(keys))
    rows = await connection.fetch(
        """
        SELECT c.* FROM unnest($1::uuid[], $2::uuid[]) AS k (photo, id)
        JOIN photo_comment AS c ON c.photo = k.photo AND c.id = k.id
        """,
        [photo for photo, _ in wanted],
        [id_ for _, id_ in wanted],
    )
    return {(row["photo"], row["id"]): _comment(row) for row in rows}


async def comments_of(connection: Connection, photo: UUID, limit: int) -> list[Comment]:
    """The newest comments of a photo, the oldest of them first."""
    rows = await connection.fetch(
        "SELECT * FROM photo_comment WHERE photo = $1 ORDER BY at DESC, id DESC LIMIT $2", photo, limit
    )
    return [_comment(row) for row in reversed(rows)]


async def counts_by(
    connection: Connection, pairs: Iterable[tuple[UUID, PersonId]]
) -> dict[tuple[UUID, PersonId], int]:
    """How many comments each writer has under each photo."""
    wanted = list(set(pairs))
    rows = await connection.fetch(
        """
        SELECT c.photo, c.writer, count(*) AS comments
        FROM unnest($1::uuid[], $2::bigint[]) AS k (photo, writer)
        JOIN photo_comment AS c ON c.photo = k.photo AND c.writer = k.writer
        GROUP BY c.photo, c.writer
        """,
        [photo for photo, _ in wanted],
        [writer for _, writer in wanted],
    )
    return {(row["photo"], row["writer"]): row["comments"] for row in rows}


async def insert_comments(connection: Connection, new: Sequence[Comment]) -> None:
    await connection.execute(
        """
        INSERT INTO photo_comment (photo, id, writer, text, at)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[])
        """,
        [one.photo for one in new],
        [one.id for one in new],
        [one.writer for one in new],
        [one.text for one in new],
        [one.at for one in new],
    )


async def delete_comment(connection: Connection, photo: UUID, id_: UUID) -> None:
    await connection.execute("DELETE FROM photo_comment WHERE photo = $1 AND id = $2", photo, id_)


async def comments_by(connection: Connection, writer: PersonId) -> list[Comment]:
    rows = await connection.fetch("SELECT * FROM photo_comment WHERE writer = $1 ORDER BY photo, id", writer)
    return [_comment(row) for row in rows]


async def liked_by(connection: Connection, viewer: PersonId) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT photo FROM photo_view WHERE viewer = $1 AND liked_at IS NOT NULL ORDER BY photo", viewer
    )
    return [row["photo"] for row in rows]


# --- Reports and reviews --------------------------------------------------------------------------


async def put_report(
    connection: Connection,
    photo: UUID,
    reporter: PersonId,
    reason: Reason,
    note: str,
    had_paid: bool,
    now: datetime,
) -> None:
    """Somebody's report; the first one of a person counts."""
    await connection.execute(
        """
        INSERT INTO photo_report (photo, reporter, reason, note, had_paid, at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
        """,
        photo,
        reporter,
        reason,
        note,
        had_paid,
        now,
    )


async def open_reports(connection: Connection, photo: UUID) -> int:
    """How many payers found something wrong that nobody looked at yet."""
    number: int = await connection.fetchval(
        "SELECT count(*) FROM photo_report WHERE photo = $1 AND had_paid AND reviewed_at IS NULL", photo
    )
    return number


async def queue(connection: Connection, limit: int) -> list[Waiting]:
    """Photos that wait for a review, those with most reports of payers first."""
    rows = await connection.fetch(
        """
        SELECT photo, count(*) AS reports, count(*) FILTER (WHERE had_paid) AS payers,
               array_agg(DISTINCT reason ORDER BY reason) AS reasons, min(at) AS since
        FROM photo_report WHERE reviewed_at IS NULL
        GROUP BY photo ORDER BY payers DESC, since, photo LIMIT $1
        """,
        limit,
    )
    return [
        Waiting(row["photo"], row["reports"], row["payers"], list(row["reasons"]), row["since"])
        for row in rows
    ]


async def put_review(
    connection: Connection, photo: UUID, reviewer: str, verdict: str, why: str, now: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO photo_review (photo, at, reviewer, verdict, why) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """,
        photo,
        now,
        reviewer,
        verdict,
        why,
    )
    await connection.execute(
        "UPDATE photo_report SET reviewed_at = $2 WHERE photo = $1 AND reviewed_at IS NULL", photo, now
    )
