"""All SQL of moderation, except its laws. Reports are written by `store/groups.py`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.chat.moderation.model import ModeratorAct, Ruling, TrailLine, Verdict
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection

REPORT = "r.reporter, r.id, r.conversation, r.numbers, r.reason, r.note, r.evidence, r.at"
TRAIL = "id, act, by, why, report, person, conversation, numbers, until, at"
Report = tuple[PersonId, UUID]


async def waiting(connection: Connection, limit: int) -> list[asyncpg.Record]:
    """Reports without a ruling, the longest first."""
    return await connection.fetch(
        f"""
        SELECT {REPORT} FROM chat_report AS r
        LEFT JOIN chat_ruling AS u ON u.reporter = r.reporter AND u.report = r.id
        WHERE u.report IS NULL ORDER BY r.at, r.id LIMIT $1
        """,
        limit,
    )


async def waiting_in(connection: Connection, conversation: ConversationId) -> list[asyncpg.Record]:
    """Reports of one conversation without a ruling."""
    return await connection.fetch(
        f"""
        SELECT {REPORT} FROM chat_report AS r
        LEFT JOIN chat_ruling AS u ON u.reporter = r.reporter AND u.report = r.id
        WHERE u.report IS NULL AND r.conversation = $1 ORDER BY r.at, r.id
        """,
        conversation,
    )


async def find(connection: Connection, report: UUID) -> asyncpg.Record | None:
    """A report by its id. Phones make ids; should two people have made the same, the first one's."""
    return await connection.fetchrow(
        f"SELECT {REPORT} FROM chat_report AS r WHERE r.id = $1 ORDER BY r.at, r.reporter LIMIT 1", report
    )


async def lock(connection: Connection, report: Report) -> None:
    """Of two who decide one report the second waits. Reports are never changed, so it is a named lock."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"chat report {report[0]} {report[1]}"
    )


async def ruling_of(connection: Connection, report: Report) -> Ruling | None:
    row = await connection.fetchrow(
        "SELECT verdict, by, why, at FROM chat_ruling WHERE reporter = $1 AND report = $2", *report
    )
    return Ruling(*row) if row is not None else None


async def rule(
    connection: Connection, reports: Sequence[Report], verdict: Verdict, by: str, why: str, now: datetime
) -> list[Report]:
    """Settle reports; those that were not. What was shown of secrets goes."""
    reporters, ids = [reporter for reporter, _ in reports], [report for _, report in reports]
    rows = await connection.fetch(
        """
        INSERT INTO chat_ruling (reporter, report, verdict, by, why, at)
        SELECT u.reporter, u.report, $3, $4, $5, $6
        FROM unnest($1::bigint[], $2::uuid[]) AS u (reporter, report) ORDER BY 1, 2
        ON CONFLICT DO NOTHING RETURNING reporter, report
        """,
        reporters,
        ids,
        verdict,
        by,
        why,
        now,
    )
    await connection.execute(
        """
        DELETE FROM chat_report_shown AS s USING unnest($1::bigint[], $2::uuid[]) AS u (reporter, report)
        WHERE s.reporter = u.reporter AND s.report = u.report
        """,
        reporters,
        ids,
    )
    return [(row["reporter"], row["report"]) for row in rows]


async def mine(connection: Connection, reporter: PersonId, limit: int) -> list[asyncpg.Record]:
    """A person's own reports, the newest first, and what became of them."""
    return await connection.fetch(
        """
        SELECT r.id, r.conversation, r.numbers, r.reason, r.at, coalesce(u.verdict, 'waiting') AS state,
               u.at AS decided_at
        FROM chat_report AS r
        LEFT JOIN chat_ruling AS u ON u.reporter = r.reporter AND u.report = r.id
        WHERE r.reporter = $1 ORDER BY r.at DESC, r.id LIMIT $2
        """,
        reporter,
        limit,
    )


async def shown(connection: Connection, report: Report) -> dict[int, str]:
    """What the reporter chose to show of secrets, by number."""
    rows = await connection.fetch(
        "SELECT number, text FROM chat_report_shown WHERE reporter = $1 AND report = $2", *report
    )
    return {row["number"]: row["text"] for row in rows}


# --- Silence and closing --------------------------------------------------------------------------


async def silence(connection: Connection, person: PersonId, until: datetime | None, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO chat_silence (person, until, since) VALUES ($1, $2, $3)
        ON CONFLICT (person) DO UPDATE SET until = excluded.until, since = excluded.since
        """,
        person,
        until,
        now,
    )


async def give_voice(connection: Connection, person: PersonId) -> bool:
    """End a silence; whether there was one."""
    done = await connection.execute("DELETE FROM chat_silence WHERE person = $1", person)
    return done != "DELETE 0"


async def close(connection: Connection, conversation: ConversationId, at: datetime | None) -> None:
    await connection.execute(
        "UPDATE conversation SET closed_at = $2, version = version + 1 WHERE id = $1", conversation, at
    )


# --- The trail ------------------------------------------------------------------------------------


async def note(connection: Connection, line: TrailLine) -> None:
    await connection.execute(
        f"INSERT INTO chat_moderation ({TRAIL}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        line.id,
        line.act,
        line.by,
        line.why,
        line.report,
        line.person,
        line.conversation,
        line.numbers,
        line.until,
        line.at,
    )


async def trail(connection: Connection, limit: int, act: ModeratorAct | None = None) -> list[TrailLine]:
    """What moderators did, the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {TRAIL} FROM chat_moderation WHERE $2::text IS NULL OR act = $2
        ORDER BY at DESC, id DESC LIMIT $1
        """,
        limit,
        act,
    )
    return [TrailLine(*row) for row in rows]


async def trail_about(
    connection: Connection, people: Sequence[PersonId], conversation: ConversationId, limit: int
) -> list[TrailLine]:
    """What was done about these people and this place before, the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {TRAIL} FROM chat_moderation WHERE person = ANY($1::bigint[]) OR conversation = $2
        ORDER BY at DESC, id DESC LIMIT $3
        """,
        people,
        conversation,
        limit,
    )
    return [TrailLine(*row) for row in rows]
