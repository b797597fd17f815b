"""Ways into a group: invitations, and who waits to be let in; reports."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection


async def invite(
    connection: Connection,
    token_hash: bytes,
    conversation: ConversationId,
    inviter: PersonId,
    uses: int,
    expires_at: datetime,
) -> None:
    await connection.execute(
        """
        INSERT INTO chat_invite (token_hash, conversation, inviter, uses_left, expires_at)
        VALUES ($1, $2, $3, $4, $5)
        """,
        token_hash,
        conversation,
        inviter,
        uses,
        expires_at,
    )


async def invitation(connection: Connection, token_hash: bytes) -> asyncpg.Record | None:
    """An invitation by the hash of its token."""
    return await connection.fetchrow("SELECT * FROM chat_invite WHERE token_hash = $1", token_hash)


async def use(connection: Connection, token_hash: bytes) -> None:
    await connection.execute(
        "UPDATE chat_invite SET uses_left = uses_left - 1 WHERE token_hash = $1", token_hash
    )


async def end_invites(connection: Connection, conversation: ConversationId) -> None:
    await connection.execute("DELETE FROM chat_invite WHERE conversation = $1", conversation)


async def forget_invites(connection: Connection, now: datetime) -> None:
    """Forget invitations that are over."""
    await connection.execute("DELETE FROM chat_invite WHERE expires_at < $1 OR uses_left = 0", now)


async def wait(
    connection: Connection,
    conversation: ConversationId,
    people: list[PersonId],
    inviter: PersonId,
    now: datetime,
) -> list[PersonId]:
    """Let people wait to be let in; those who did not wait already."""
    rows = await connection.fetch(
        """
        INSERT INTO chat_join (conversation, person, inviter, at)
        SELECT $1, unnest($2::bigint[]), $3, $4 ON CONFLICT DO NOTHING RETURNING person
        """,
        conversation,
        people,
        inviter,
        now,
    )
    return [row["person"] for row in rows]


async def stop_waiting(
    connection: Connection, conversation: ConversationId, people: list[PersonId]
) -> list[PersonId]:
    """End the waiting of people; those who waited."""
    rows = await connection.fetch(
        "DELETE FROM chat_join WHERE conversation = $1 AND person = ANY($2::bigint[]) RETURNING person",
        conversation,
        people,
    )
    return [row["person"] for row in rows]


async def joins(connection: Connection, conversation: ConversationId) -> list[asyncpg.Record]:
    """Who waits to be let in, the longest first: person, inviter, at."""
    return await connection.fetch(
        "SELECT person, inviter, at FROM chat_join WHERE conversation = $1 ORDER BY at, person", conversation
    )


async def report(
    connection: Connection,
    reporter: PersonId,
    report_id: UUID,
    conversation: ConversationId,
    numbers: list[int],
    reason: str,
    note: str,
    evidence: object,
    now: datetime,
) -> None:
    await connection.execute(
        """
        INSERT INTO chat_report (reporter, id, conversation, numbers, reason, note, evidence, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        reporter,
        report_id,
        conversation,
        numbers,
        reason,
        note,
        evidence,
        now,
    )


async def reported(connection: Connection, reporter: PersonId, report_id: UUID) -> asyncpg.Record | None:
    """A report by its id."""
    return await connection.fetchrow(
        "SELECT * FROM chat_report WHERE reporter = $1 AND id = $2", reporter, report_id
    )


async def waiting_reports(connection: Connection, reporter: PersonId) -> int:
    """How many reports of somebody nobody has decided."""
    count: int = await connection.fetchval(
        """
        SELECT count(*) FROM chat_report AS r
        LEFT JOIN chat_ruling AS u ON u.reporter = r.reporter AND u.report = r.id
        WHERE r.reporter = $1 AND u.report IS NULL
        """,
        reporter,
    )
    return count


async def show(connection: Connection, reporter: PersonId, report_id: UUID, texts: Mapping[int, str]) -> None:
    """Keep what a reporter chose to show of secrets."""
    await connection.execute(
        """
        INSERT INTO chat_report_shown (reporter, report, number, text)
        SELECT $1, $2, u.number, u.text FROM unnest($3::bigint[], $4::text[]) AS u (number, text)
        """,
        reporter,
        report_id,
        list(texts),
        list(texts.values()),
    )
