"""All SQL of notifications, except their laws."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.chat.push.model import Due, Quiet, Subscription
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection

# --- The installation's key -----------------------------------------------------------------------


async def private_key(connection: Connection) -> bytes | None:
    key: bytes | None = await connection.fetchval("SELECT private_key FROM push_key")
    return key


async def keep_key(connection: Connection, key: bytes, now: datetime) -> bytes:
    """The key that stands: this one, if there was none."""
    await connection.execute(
        "INSERT INTO push_key (private_key, made_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", key, now
    )
    stands = await private_key(connection)
    assert stands is not None
    return stands


# --- Subscriptions --------------------------------------------------------------------------------


async def put_subscription(connection: Connection, one: Subscription) -> None:
    await connection.execute(
        """
        INSERT INTO push_subscription (person, session, endpoint, p256dh, auth, preview, since)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (person, session) DO UPDATE
        SET endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth,
            preview = excluded.preview
        """,
        one.person,
        one.session,
        one.endpoint,
        one.p256dh,
        one.auth,
        one.preview,
        one.since,
    )


async def subscription(connection: Connection, person: PersonId, session: UUID) -> Subscription | None:
    row = await connection.fetchrow(
        "SELECT * FROM push_subscription WHERE person = $1 AND session = $2", person, session
    )
    return None if row is None else Subscription(**dict(row.items()))


async def drop_subscriptions(connection: Connection, sessions: Sequence[tuple[PersonId, UUID]]) -> None:
    """Forget where these devices are woken, and what was on its way there."""
    arrays = [person for person, _ in sessions], [session for _, session in sessions]
    for table in ("push_due", "push_subscription"):
        await connection.execute(
            f"""
            DELETE FROM {table} AS t USING unnest($1::bigint[], $2::uuid[]) AS u (person, session)
            WHERE t.person = u.person AND t.session = u.session
            """,
            *arrays,
        )


async def drop_endpoint_elsewhere(
    connection: Connection, person: PersonId, session: UUID, endpoint: str
) -> None:
    """The same browser, signed in anew: its earlier session gets nothing any more."""
    rows = await connection.fetch(
        "SELECT session FROM push_subscription WHERE person = $1 AND session <> $2 AND endpoint = $3",
        person,
        session,
        endpoint,
    )
    await drop_subscriptions(connection, [(person, row["session"]) for row in rows])


async def all_sessions(connection: Connection) -> list[tuple[PersonId, UUID]]:
    rows = await connection.fetch("SELECT person, session FROM push_subscription ORDER BY person, session")
    return [(row["person"], row["session"]) for row in rows]


async def quiet_of(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, Quiet]:
    rows = await connection.fetch("SELECT * FROM push_person WHERE person = ANY($1::bigint[])", list(people))
    return {row["person"]: Quiet(row["quiet_from"], row["quiet_to"], row["offset_minutes"]) for row in rows}


async def put_quiet(connection: Connection, person: PersonId, quiet: Quiet) -> None:
    await connection.execute(
        """
        INSERT INTO push_person (person, quiet_from, quiet_to, offset_minutes) VALUES ($1, $2, $3, $4)
        ON CONFLICT (person) DO UPDATE
        SET quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
            offset_minutes = excluded.offset_minutes
        """,
        person,
        quiet.quiet_from,
        quiet.quiet_to,
        quiet.offset_minutes,
    )


# --- What waits -----------------------------------------------------------------------------------


async def waiting(
    connection: Connection, conversations: Sequence[ConversationId] | None, limit: int
) -> list[asyncpg.Record]:
    """Where somebody with a subscription has something new: person, conversation, last_number, number.

    `number` is the newest message they should hear of (None: only such as they muted, or sent themselves),
    since they subscribed. `conversations`: only these; None: all.
    """
    return list(
        await connection.fetch(
            """
            WITH subscriber AS (SELECT person, min(since) AS since FROM push_subscription GROUP BY person)
            SELECT m.person, m.conversation, c.last_number, new.number
            FROM subscriber AS s
            JOIN chat_member AS m ON m.person = s.person
            JOIN conversation AS c ON c.id = m.conversation
            LEFT JOIN push_mark AS k ON k.person = m.person AND k.conversation = m.conversation
            CROSS JOIN LATERAL (
                SELECT greatest(m.read_through, m.joined_number, m.hidden_through, coalesce(k.number, 0))
                       AS floor
            ) AS f
            LEFT JOIN LATERAL (
                SELECT one.number FROM message AS one
                WHERE one.conversation = m.conversation AND one.number > f.floor AND m.notify <> 'none'
                  AND one.sender <> m.person AND one.recalled_by IS NULL AND one.sent_at >= s.since
                  AND one.kind NOT IN ('notice', 'gone')
                  AND (m.notify = 'all' OR m.person = ANY(one.mentions) OR 0 = ANY(one.mentions))
                ORDER BY one.number DESC LIMIT 1
            ) AS new ON true
            WHERE c.last_number > f.floor AND ($1::uuid[] IS NULL OR m.conversation = ANY($1::uuid[]))
            ORDER BY m.person, m.conversation LIMIT $2
            """,
            conversations,
            limit,
        )
    )


async def put_marks(
    connection: Connection, marks: Sequence[tuple[PersonId, ConversationId, int]]
) -> set[tuple[PersonId, ConversationId]]:
    """Note up to where people were told of a conversation, or need not be; where that was news.

    Of two servers that looked at once one waits here for the other, and then has nothing to tell.
    """
    rows = await connection.fetch(
        """
        INSERT INTO push_mark AS kept (person, conversation, number)
        SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[])
        ON CONFLICT (person, conversation) DO UPDATE SET number = excluded.number
        WHERE kept.number < excluded.number
        RETURNING person, conversation
        """,
        *([mark[place] for mark in marks] for place in range(3)),
    )
    return {(row["person"], row["conversation"]) for row in rows}


async def put_due(
    connection: Connection, news: Sequence[tuple[PersonId, ConversationId, int]], now: datetime
) -> None:
    """Every device of these people is to hear of this message; it replaces an older one still on its way."""
    await connection.execute(
        """
        INSERT INTO push_due AS kept (person, session, conversation, number, tries, next_at)
        SELECT n.person, s.session, n.conversation, n.number, 0, $4
        FROM unnest($1::bigint[], $2::uuid[], $3::bigint[]) AS n (person, conversation, number)
        JOIN push_subscription AS s ON s.person = n.person
        ON CONFLICT (person, session, conversation) DO UPDATE
        SET number = greatest(kept.number, excluded.number), tries = 0, next_at = excluded.next_at
        """,
        *([one[place] for one in news] for place in range(3)),
        now,
    )


async def take_due(connection: Connection, now: datetime, lease_until: datetime, limit: int) -> list[Due]:
    """What is to be sent now; nobody else takes it until `lease_until`."""
    rows = await connection.fetch(
        """
        UPDATE push_due AS d SET next_at = $2
        WHERE (person, session, conversation) IN (
            SELECT person, session, conversation FROM push_due WHERE next_at <= $1
            ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING person, session, conversation, number, tries
        """,
        now,
        lease_until,
        limit,
    )
    return [Due(*row) for row in rows]


async def settle_due(connection: Connection, one: Due, again_at: datetime | None) -> None:
    """It is done (None), or tried again; a newer message that came meanwhile stays."""
    if again_at is None:
        await connection.execute(
            """
            DELETE FROM push_due
            WHERE person = $1 AND session = $2 AND conversation = $3 AND number = $4
            """,
            one.person,
            one.session,
            one.conversation,
            one.number,
        )
        return
    await connection.execute(
        """
        UPDATE push_due SET tries = $5, next_at = $6
        WHERE person = $1 AND session = $2 AND conversation = $3 AND number = $4
        """,
        one.person,
        one.session,
        one.conversation,
        one.number,
        one.tries + 1,
        again_at,
    )


async def heads_of(connection: Connection, person: PersonId) -> list[asyncpg.Record]:
    """Where a person has something unread: conversation, notify, and above which number."""
    return list(
        await connection.fetch(
            """
            SELECT m.conversation, m.notify,
                   greatest(m.read_through, m.joined_number, m.hidden_through) AS above
            FROM chat_member AS m JOIN conversation AS c ON c.id = m.conversation
            WHERE m.person = $1 AND m.notify <> 'none'
              AND c.last_number > greatest(m.read_through, m.joined_number, m.hidden_through)
            """,
            person,
        )
    )
