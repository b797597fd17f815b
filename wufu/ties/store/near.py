"""Who is near whom: the walk over friends of friends, and whom people do not want suggested."""

from collections.abc import Sequence
from datetime import datetime

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.suggestion import Near, Walk, pick

WALK = """
WITH mine AS MATERIALIZED (
    SELECT p.person, p.friends, p.friends_seen
    FROM tie AS t JOIN tie_person AS p ON p.person = t.friend
    WHERE t.person = $1
), via AS MATERIALIZED (
    SELECT person, friends,
           sum(friends) OVER (ORDER BY friends, person ROWS UNBOUNDED PRECEDING) AS walked
    FROM mine WHERE friends_seen <> 'nobody'
), settled AS (
    SELECT person FROM mine
    UNION ALL SELECT $1
    UNION ALL SELECT asked FROM tie_ask WHERE asker = $1 AND withdrawn_at IS NULL
    UNION ALL SELECT asker FROM tie_request WHERE asked = $1
    UNION ALL SELECT blocked FROM tie_block WHERE person = $1
    UNION ALL SELECT other FROM tie_dismissal WHERE person = $1 AND at > $3
)
SELECT v.friends, l.friends AS list
FROM via AS v JOIN tie_list AS l ON l.person = v.person WHERE v.walked <= $2
UNION ALL
SELECT 0, string_agg(int8send(person), ''::bytea) FROM settled
"""
"""The friends with the fewest friends first, until `$2` ties are walked; last, who is not to be suggested."""

WILLING = """
SELECT c.person, coalesce(p.friends, 0) AS friends, coalesce(p.friends_seen, 'friends') AS friends_seen
FROM unnest($2::bigint[]) AS c (person) LEFT JOIN tie_person AS p ON p.person = c.person
WHERE coalesce(p.suggested, true)
  AND NOT EXISTS (SELECT FROM tie_block AS b WHERE b.person = c.person AND b.blocked = $1)
"""


async def near(
    connection: Connection,
    person: PersonId,
    walked: int,
    dismissed_after: datetime,
    also: Sequence[PersonId],
) -> list[Near]:
    """Candidates for a person: those that share most, and of `also` whoever may be suggested; in no order.

    A walk is over at most `walked` ties. Who hides their friends comes with nothing shared.
    """
    rows = await connection.fetch(WALK, person, walked, dismissed_after)
    lists = [(row[0], row[1]) for row in rows if row[0]]
    [settled] = [row[1] for row in rows if not row[0]]
    picked = pick(Walk([degree for degree, _ in lists], [each for _, each in lists], settled), also)
    if not picked:
        return []
    willing = await connection.fetch(WILLING, person, list(picked))
    return [
        Near(one, *((0, 0) if seen == "nobody" else picked[one]), friends) for one, friends, seen in willing
    ]


async def count_dismissed(connection: Connection, person: PersonId) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM tie_dismissal WHERE person = $1", person)
    return count


async def dismiss(connection: Connection, person: PersonId, other: PersonId, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO tie_dismissal (person, other, at) VALUES ($1, $2, $3)
        ON CONFLICT (person, other) DO UPDATE SET at = excluded.at
        """,
        person,
        other,
        now,
    )


async def restore(connection: Connection, person: PersonId, other: PersonId) -> None:
    await connection.execute("DELETE FROM tie_dismissal WHERE person = $1 AND other = $2", person, other)


async def forget_dismissals(connection: Connection, before: datetime) -> None:
    await connection.execute("DELETE FROM tie_dismissal WHERE at <= $1", before)
