"""All SQL of media, except their laws."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.chat.media.model import Media
from wufu.core.ids import PersonId
from wufu.db import Connection

Use = tuple[UUID, UUID, UUID]
"""(media, conversation, message)."""

COLUMNS = """
    id, person, kind, media_type, name, bytes AS size, width, height, tenths, digest, object AS content,
    thumb, uses, uploaded_at, blur
"""


def _media(row: asyncpg.Record) -> Media:
    return Media(**dict(row.items()))


async def insert(connection: Connection, media: Media) -> None:
    await connection.execute(
        """
        INSERT INTO media (id, person, kind, media_type, name, bytes, width, height, tenths, digest, object,
                           thumb, uses, uploaded_at, blur)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $14)
        """,
        media.id,
        media.person,
        media.kind,
        media.media_type,
        media.name,
        media.size,
        media.width,
        media.height,
        media.tenths,
        media.digest,
        media.content,
        media.thumb,
        media.uploaded_at,
        media.blur,
    )


async def one(connection: Connection, media: UUID) -> Media | None:
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM media WHERE id = $1", media)
    return None if row is None else _media(row)


async def lock(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Media]:
    """These uploads, locked in order of their ids until commit."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM media WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", ids
    )
    return {row["id"]: _media(row) for row in rows}


async def count_unsent(connection: Connection, person: PersonId) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM media WHERE person = $1 AND uses = 0", person
    )
    return count


# --- Uses -----------------------------------------------------------------------------------------


async def add_uses(connection: Connection, uses: Sequence[Use]) -> None:
    """Note uses of locked media; one that is there already is not counted twice."""
    rows = await connection.fetch(
        """
        INSERT INTO media_use (media, conversation, message)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
        ON CONFLICT DO NOTHING RETURNING media
        """,
        *_columns(uses),
    )
    await _count(connection, rows, 1)


async def take_uses(connection: Connection, messages: Sequence[tuple[UUID, UUID]]) -> set[UUID]:
    """Forget what these (conversation, message) used; the media that lost a use."""
    rows = await connection.fetch(
        """
        DELETE FROM media_use AS u USING unnest($1::uuid[], $2::uuid[]) AS m (conversation, message)
        WHERE u.conversation = m.conversation AND u.message = m.message RETURNING u.media
        """,
        [conversation for conversation, _ in messages],
        [message for _, message in messages],
    )
    await lock(connection, list({row["media"] for row in rows}))
    await _count(connection, rows, -1)
    return {row["media"] for row in rows}


async def hold(connection: Connection, reporter: PersonId, report: UUID, media: Sequence[UUID]) -> None:
    """Let locked media wait with a report."""
    rows = await connection.fetch(
        """
        INSERT INTO chat_report_media (reporter, report, media)
        SELECT $1, $2, unnest($3::uuid[]) ON CONFLICT DO NOTHING RETURNING media
        """,
        reporter,
        report,
        media,
    )
    await _count(connection, rows, 1)


async def is_held(connection: Connection, report: tuple[PersonId, UUID], media: UUID) -> bool:
    """Whether an upload waits with this report."""
    row = await connection.fetchrow(
        "SELECT FROM chat_report_media WHERE reporter = $1 AND report = $2 AND media = $3", *report, media
    )
    return row is not None


async def let_go(connection: Connection, reports: Sequence[tuple[PersonId, UUID]]) -> set[UUID]:
    """These reports are decided; the media that waited with them."""
    rows = await connection.fetch(
        """
        DELETE FROM chat_report_media AS u USING unnest($1::bigint[], $2::uuid[]) AS r (reporter, report)
        WHERE u.reporter = r.reporter AND u.report = r.report RETURNING u.media
        """,
        [reporter for reporter, _ in reports],
        [report for _, report in reports],
    )
    await lock(connection, list({row["media"] for row in rows}))
    await _count(connection, rows, -1)
    return {row["media"] for row in rows}


async def _count(connection: Connection, rows: Sequence[asyncpg.Record], step: int) -> None:
    counts: dict[UUID, int] = {}
    for row in rows:
        counts[row["media"]] = counts.get(row["media"], 0) + step
    if counts:
        ids = sorted(counts)
        await connection.execute(
            """
            UPDATE media SET uses = uses + c.step FROM unnest($1::uuid[], $2::integer[]) AS c (id, step)
            WHERE media.id = c.id
            """,
            ids,
            [counts[id_] for id_ in ids],
        )


def _columns(uses: Sequence[Use]) -> tuple[list[UUID], list[UUID], list[UUID]]:
    return [use[0] for use in uses], [use[1] for use in uses], [use[2] for use in uses]


async def seen_by(connection: Connection, pairs: Mapping[PersonId, set[UUID]]) -> set[tuple[PersonId, UUID]]:
    """Those of the (person, media) of which the person sees a living message that shows the media.

    A member sees what came after they joined and what they did not clear from their history.
    """
    asked = [(person, media) for person, ids in pairs.items() for media in ids]
    rows = await connection.fetch(
        """
        SELECT a.person, a.media FROM unnest($1::bigint[], $2::uuid[]) AS a (person, media)
        WHERE EXISTS (
            SELECT FROM media_use AS u
            JOIN message AS m ON m.conversation = u.conversation AND m.id = u.message
            JOIN chat_member AS c ON c.conversation = u.conversation AND c.person = a.person
            WHERE u.media = a.media AND m.recalled_by IS NULL
              AND m.number > c.joined_number AND m.number > c.hidden_through
        )
        """,
        [person for person, _ in asked],
        [media for _, media in asked],
    )
    return {(row["person"], row["media"]) for row in rows}


# --- Going ----------------------------------------------------------------------------------------


async def take_unused(connection: Connection, ids: Sequence[UUID]) -> list[Media]:
    """Remove those of these that no message uses any more; what was removed."""
    rows = await connection.fetch(
        f"DELETE FROM media WHERE id = ANY($1::uuid[]) AND uses = 0 RETURNING {COLUMNS}", ids
    )
    return [_media(row) for row in rows]


async def take_unsent(connection: Connection, before: datetime, limit: int) -> list[Media]:
    """Remove uploads from before an instant that were never sent; what was removed."""
    rows = await connection.fetch(
        f"""
        DELETE FROM media WHERE id IN (
            SELECT id FROM media WHERE uses = 0 AND uploaded_at < $1
            ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING {COLUMNS}
        """,
        before,
        limit,
    )
    return [_media(row) for row in rows]
