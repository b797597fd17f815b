"""What a person sees of their own ties, and what other domains ask about pairs."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.model import Pair
from wufu.ties.store.pairs import columns


async def _of_pairs(
    connection: Connection,
    select: str,
    key: str,
    other: str,
    pairs: Sequence[Pair],
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"""
        WITH pair AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS u (one, other))
        {select} ON t.{key} = pair.one AND t.{other} = pair.other
        """,
        *columns(pairs),
    )


async def tied(connection: Connection, pairs: Sequence[Pair]) -> set[Pair]:
    rows = await _of_pairs(
        connection, "SELECT t.person, t.friend FROM pair JOIN tie AS t", "person", "friend", pairs
    )
    return {(row["person"], row["friend"]) for row in rows}


async def blocks(connection: Connection, pairs: Sequence[Pair]) -> set[Pair]:
    """Those of the pairs (person, other) in which the person blocked the other."""
    rows = await _of_pairs(connection, "SELECT t.* FROM pair JOIN tie_block AS t", "person", "blocked", pairs)
    return {(row["person"], row["blocked"]) for row in rows}


async def friends(connection: Connection, person: PersonId) -> dict[PersonId, datetime]:
    """Friend → since, the newest first."""
    rows = await connection.fetch(
        "SELECT friend, since FROM tie WHERE person = $1 ORDER BY since DESC, friend", person
    )
    return {row["friend"]: row["since"] for row in rows}


async def since(connection: Connection, person: PersonId, friend: PersonId) -> datetime | None:
    at: datetime | None = await connection.fetchval(
        "SELECT since FROM tie WHERE person = $1 AND friend = $2", person, friend
    )
    return at


async def mutual(connection: Connection, mine: Sequence[PersonId]) -> dict[PersonId, int]:
    """How many of `mine` each of `mine` is tied to; those with none are left out.

    `IS TRUE` keeps the planner from making a join of it: a plan for any array guesses ten elements and then
    probes all pairs, 25 million for 5,000 friends. As a test it is a hash table, built once.
    """
    rows = await connection.fetch(
        """
        SELECT t.person, count(*) AS mutual
        FROM unnest($1::bigint[]) AS f (person) JOIN tie AS t USING (person)
        WHERE (t.friend IN (SELECT unnest($1::bigint[]))) IS TRUE
        GROUP BY t.person
        """,
        mine,
    )
    return {row["person"]: row["mutual"] for row in rows}


async def mutual_with(connection: Connection, viewer: PersonId, person: PersonId) -> list[PersonId]:
    """The friends that two people have in common, without those who are in nobody's lists."""
    rows = await connection.fetch(
        """
        SELECT mine.friend FROM tie AS mine
        JOIN tie AS theirs ON theirs.person = $2 AND theirs.friend = mine.friend
        JOIN tie_person AS p ON p.person = mine.friend
        WHERE mine.person = $1 AND p.friends_seen <> 'nobody'
        ORDER BY mine.friend
        """,
        viewer,
        person,
    )
    return [row["friend"] for row in rows]


async def requests(connection: Connection, person: PersonId, limit: int) -> list[tuple[PersonId, datetime]]:
    rows = await connection.fetch(
        "SELECT asker, at FROM tie_request WHERE asked = $1 ORDER BY at DESC, asker LIMIT $2", person, limit
    )
    return [(row["asker"], row["at"]) for row in rows]


async def asks(connection: Connection, person: PersonId, limit: int) -> list[tuple[PersonId, datetime]]:
    rows = await connection.fetch(
        """
        SELECT asked, at FROM tie_ask WHERE asker = $1 AND withdrawn_at IS NULL
        ORDER BY at DESC, asked LIMIT $2
        """,
        person,
        limit,
    )
    return [(row["asked"], row["at"]) for row in rows]


async def blocked_by(connection: Connection, person: PersonId) -> list[PersonId]:
    rows = await connection.fetch("SELECT blocked FROM tie_block WHERE person = $1 ORDER BY at DESC", person)
    return [row["blocked"] for row in rows]


async def friend_count(connection: Connection, person: PersonId) -> int:
    count: int | None = await connection.fetchval("SELECT friends FROM tie_person WHERE person = $1", person)
    return count or 0


async def forget_asks(connection: Connection, before: datetime) -> None:
    """Drop what was withdrawn so long ago that it no longer matters."""
    await connection.execute(
        "DELETE FROM tie_ask WHERE withdrawn_at < $1 AND (refused_at IS NULL OR refused_at < $1)", before
    )
