"""Who talked to whom since it was last announced: a cursor for each conversation, and counts up to it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from wufu.chat.model import SYSTEM, ConversationKind
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection


class Stretch(NamedTuple):
    """Messages of a conversation that are to be announced: those numbered above `after`, up to `through`.

    `last` is the number of its newest message.
    """

    conversation: ConversationId
    kind: ConversationKind
    people: int
    after: int
    through: int
    last: int


class Talk(NamedTuple):
    """How many messages somebody said to somebody in a conversation, on a day in China."""

    conversation: ConversationId
    day: date
    sender: PersonId
    hearer: PersonId
    messages: int


async def lately(connection: Connection, since: datetime) -> list[ConversationId]:
    """Conversations in which something was said from then on, by an index of block ranges."""
    rows = await connection.fetch("SELECT DISTINCT conversation FROM message WHERE sent_at >= $1", since)
    return [row["conversation"] for row in rows]


async def waiting(connection: Connection, limit: int) -> list[ConversationId]:
    """Some conversations of all in which something was said that was not announced."""
    rows = await connection.fetch(
        """
        SELECT c.id FROM conversation AS c LEFT JOIN chat_talk AS t ON t.conversation = c.id
        WHERE c.last_number > coalesce(t.number, 0) AND c.kind <> 'self' LIMIT $1
        """,
        limit,
    )
    return [row["id"] for row in rows]


async def due(connection: Connection, some: Sequence[ConversationId], most: int) -> list[Stretch]:
    """Those of these in which something was said that was not announced, at most `most` messages of each."""
    rows = await connection.fetch(
        """
        SELECT c.id, c.kind, c.people, coalesce(t.number, 0) AS after,
               least(c.last_number, coalesce(t.number, 0) + $2) AS through, c.last_number
        FROM conversation AS c LEFT JOIN chat_talk AS t ON t.conversation = c.id
        WHERE c.id = ANY($1::uuid[]) AND c.last_number > coalesce(t.number, 0) AND c.kind <> 'self'
        ORDER BY c.id
        """,
        some,
        most,
    )
    return [Stretch(*row) for row in rows]


async def talk(connection: Connection, stretches: Sequence[Stretch]) -> list[Talk]:
    """What people said in these to those who were there by then: no cards, nothing recalled."""
    rows = await connection.fetch(
        """
        WITH key AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[])
                                      AS u (c, after, through))
        SELECT m.conversation, (m.sent_at AT TIME ZONE 'UTC' + interval '8 hours')::date AS day,
               m.sender, o.person, count(*)
        FROM key JOIN message AS m ON m.conversation = c AND m.number > after AND m.number <= through
        JOIN chat_member AS o ON o.conversation = c AND o.person <> m.sender AND o.joined_number < m.number
        WHERE m.sender <> $4 AND m.kind NOT IN ('card', 'notice') AND m.recalled_by IS NULL
        GROUP BY m.conversation, day, m.sender, o.person
        ORDER BY day, m.sender, o.person, m.conversation
        """,
        [each.conversation for each in stretches],
        [each.after for each in stretches],
        [each.through for each in stretches],
        SYSTEM,
    )
    return [Talk(*row) for row in rows]


async def note_announced(connection: Connection, stretches: Sequence[Stretch]) -> None:
    """Move the cursors to the ends of these stretches."""
    await connection.execute(
        """
        INSERT INTO chat_talk (conversation, number) SELECT * FROM unnest($1::uuid[], $2::bigint[])
        ON CONFLICT (conversation) DO UPDATE SET number = excluded.number
        """,
        [each.conversation for each in stretches],
        [each.through for each in stretches],
    )
