"""How far people have read, and who has a conversation on the screen."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg

from wufu.chat.store.conversations import Key
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection

SPARSE = timedelta(minutes=1)
"""A member's reading leaves at most one row in this time."""


async def advance(
    connection: Connection, wanted: Sequence[tuple[ConversationId, PersonId, int]], now: datetime
) -> dict[Key, tuple[int, bool]]:
    """Move cursors up, at most to the newest message: (conversation, person) → (through, whether it moved).

    Members' rows are locked in the order of their keys.
    """
    ordered = sorted(wanted)
    rows = await connection.fetch(
        """
        WITH key AS MATERIALIZED (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[])
                          AS u (k_conversation, k_person, k_through)
        )
        SELECT m.conversation, m.person, m.read_through, least(k.k_through, c.last_number) AS through
        FROM key AS k
        JOIN chat_member AS m ON m.conversation = k.k_conversation AND m.person = k.k_person
        JOIN conversation AS c ON c.id = m.conversation
        ORDER BY m.conversation, m.person FOR NO KEY UPDATE OF m
        """,
        *([one[place] for one in ordered] for place in range(3)),
    )
    found = {
        (row["conversation"], row["person"]): (
            max(row["through"], row["read_through"]),
            row["through"] > row["read_through"],
        )
        for row in rows
    }
    moved = [(*key, through) for key, (through, moves) in found.items() if moves]
    if moved:
        columns = [[one[place] for one in moved] for place in range(3)]
        await connection.execute(
            """
            UPDATE chat_member AS m SET read_through = u.through, read_at = $4
            FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS u (conversation, person, through)
            WHERE m.conversation = u.conversation AND m.person = u.person
            """,
            *columns,
            now,
        )
        await _note(connection, columns, now)
    return found


async def _note(connection: Connection, columns: Sequence[Sequence[object]], now: datetime) -> None:
    """Remember when: the newest row moves on while it is younger than SPARSE, else a new one begins.

    A row says: by `at` everything through `through` was read. A row that moves keeps its time, but not for
    what was sent after it: such a row is at most SPARSE too early, so the time of reading is shown as the
    later one of the row's time and the message's own.
    """
    await connection.execute(
        """
        WITH new AS MATERIALIZED (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS u (conversation, person, through)
        ), moved AS (
            UPDATE chat_read AS r SET through = new.through FROM new
            WHERE r.conversation = new.conversation AND r.person = new.person AND r.at > $5
                  AND r.through = (SELECT max(n.through) FROM chat_read AS n
                                   WHERE n.conversation = r.conversation AND n.person = r.person)
            RETURNING r.conversation, r.person
        )
        INSERT INTO chat_read (conversation, person, through, at)
        SELECT new.conversation, new.person, new.through, $4 FROM new
        WHERE NOT EXISTS (SELECT 1 FROM moved
                          WHERE moved.conversation = new.conversation AND moved.person = new.person)
        ON CONFLICT DO NOTHING
        """,
        *columns,
        now,
        now - SPARSE,
    )


async def readers(connection: Connection, conversation: ConversationId, number: int) -> list[asyncpg.Record]:
    """Who has read a message by their cursor, and when (None: no longer known), the earliest first."""
    return await connection.fetch(
        """
        SELECT m.person, r.at FROM chat_member AS m
        LEFT JOIN LATERAL (
            SELECT n.at FROM chat_read AS n
            WHERE n.conversation = m.conversation AND n.person = m.person AND n.through >= $2
            ORDER BY n.through LIMIT 1
        ) AS r ON true
        WHERE m.conversation = $1 AND m.read_through >= $2 AND m.joined_number < $2
        ORDER BY r.at NULLS FIRST, m.person
        """,
        conversation,
        number,
    )


async def peers(connection: Connection, keys: Iterable[Key]) -> dict[Key, tuple[int, datetime | None]]:
    """The cursors of these members."""
    listed = list(keys)
    rows = await connection.fetch(
        """
        WITH key AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS u (c, p))
        SELECT conversation, person, read_through, read_at
        FROM key JOIN chat_member ON conversation = c AND person = p
        """,
        [conversation for conversation, _ in listed],
        [person for _, person in listed],
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


async def forget(connection: Connection, before: datetime) -> None:
    """Forget when things were read long ago."""
    await connection.execute("DELETE FROM chat_read WHERE at < $1", before)


# --- Presence -------------------------------------------------------------------------------------


async def look(
    connection: Connection,
    keys: Sequence[tuple[ConversationId, PersonId]],
    now: datetime,
    until: datetime,
) -> set[Key]:
    """Note that people have conversations on the screen; those who had not."""
    rows = await connection.fetch(
        """
        INSERT INTO chat_presence AS kept (conversation, person, until)
        SELECT u.conversation, u.person, $3 FROM unnest($1::uuid[], $2::bigint[]) AS u (conversation, person)
        ORDER BY 1, 2
        ON CONFLICT (conversation, person) DO UPDATE SET until = excluded.until
        RETURNING conversation, person, old.until AS before
        """,
        [conversation for conversation, _ in keys],
        [person for _, person in keys],
        until,
    )
    return {(row[0], row[1]) for row in rows if row["before"] is None or row["before"] < now}


async def look_away(
    connection: Connection, keys: Sequence[tuple[ConversationId, PersonId]], now: datetime
) -> set[Key]:
    """Note that people look at conversations no longer; those who still did."""
    ordered = sorted(keys)
    rows = await connection.fetch(
        """
        DELETE FROM chat_presence AS kept
        USING unnest($1::uuid[], $2::bigint[]) AS u (conversation, person)
        WHERE kept.conversation = u.conversation AND kept.person = u.person
        RETURNING kept.conversation, kept.person, kept.until
        """,
        [conversation for conversation, _ in ordered],
        [person for _, person in ordered],
    )
    return {(row[0], row[1]) for row in rows if row["until"] >= now}


async def looking(
    connection: Connection, conversations: Sequence[ConversationId], now: datetime
) -> dict[ConversationId, list[PersonId]]:
    """Who has these conversations on the screen now, and shows it."""
    rows = await connection.fetch(
        """
        SELECT p.conversation, p.person FROM chat_presence AS p
        LEFT JOIN chat_person AS f ON f.person = p.person
        WHERE p.conversation = ANY($1::uuid[]) AND p.until >= $2 AND coalesce(f.presence, true)
        ORDER BY 1, 2
        """,
        conversations,
        now,
    )
    found: dict[ConversationId, list[PersonId]] = {}
    for conversation, person in rows:
        found.setdefault(conversation, []).append(person)
    return found


async def forget_presence(connection: Connection, before: datetime) -> None:
    await connection.execute("DELETE FROM chat_presence WHERE until < $1", before)
