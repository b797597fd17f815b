"""Groups that people share."""

import asyncpg

from wufu.core.ids import PersonId
from wufu.db import Connection


async def members_of_small(connection: Connection, person: PersonId, walked: int) -> list[asyncpg.Record]:
    """Who else is in a person's smallest groups, `walked` members at most: person, title, people."""
    return await connection.fetch(
        """
        WITH mine AS MATERIALIZED (
            SELECT c.id, c.title, c.people,
                   sum(c.people) OVER (ORDER BY c.people, c.id ROWS UNBOUNDED PRECEDING) AS walked
            FROM chat_member AS m JOIN conversation AS c ON c.id = m.conversation
            WHERE m.person = $1 AND c.kind = 'group'
        )
        SELECT other.person, mine.title, mine.people
        FROM mine JOIN chat_member AS other ON other.conversation = mine.id
        WHERE mine.walked <= $2 AND other.person <> $1
        ORDER BY mine.people, mine.id, other.person
        """,
        person,
        walked,
    )


async def groups_of_both(
    connection: Connection, person: PersonId, other: PersonId, limit: int
) -> list[asyncpg.Record]:
    """The groups both are in: conversation, title; the smallest first."""
    return await connection.fetch(
        """
        SELECT c.id AS conversation, c.title
        FROM chat_member AS a
        JOIN conversation AS c ON c.id = a.conversation
        JOIN chat_member AS b ON b.conversation = a.conversation AND b.person = $2
        WHERE a.person = $1 AND c.kind = 'group'
        ORDER BY c.people, c.id LIMIT $3
        """,
        person,
        other,
        limit,
    )
