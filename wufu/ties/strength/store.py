"""All SQL of strength, except its laws: acts by the day, and what follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import asyncpg

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.strength.model import MOST_A_DAY, Bond, Counts, Key, Pair

FoldRow = tuple[date, int, Counts]

# --- Acts -----------------------------------------------------------------------------------------


async def add_acts(
    connection: Connection, rows: Mapping[Key, Counts]
) -> list[tuple[Key, tuple[int, int] | None, tuple[int, int]]]:
    """Add to the rows of acts, in the order of their keys.

    Each with what counts (ab, ba) before and after; before is None when the row is new. Both are read by the
    statement that writes, so of two transactions that add to one row the second sees what the first made.
    """
    answers = await connection.fetch(
        """
        INSERT INTO tie_act AS act (a, b, day, kind, ab, ba, campaign_ab, campaign_ba)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::date[], $4::smallint[],
                             $5::int[], $6::int[], $7::int[], $8::int[])
        ON CONFLICT (a, b, day, kind) DO UPDATE
        SET ab = least(act.ab + excluded.ab, $9),
            ba = least(act.ba + excluded.ba, $9),
            campaign_ab = least(act.campaign_ab + excluded.campaign_ab, $9),
            campaign_ba = least(act.campaign_ba + excluded.campaign_ba, $9)
        RETURNING new.a, new.b, new.day, new.kind, old.ab, old.ba, new.ab, new.ba
        """,
        *([key[place] for key in rows] for place in range(4)),
        *([counts[place] for counts in rows.values()] for place in range(4)),
        MOST_A_DAY,
    )
    return [
        (Key(a, b, day, kind), None if old_ab is None else (old_ab, old_ba), (ab, ba))
        for a, b, day, kind, old_ab, old_ba, ab, ba in answers
    ]


async def acts_of(connection: Connection, pairs: Iterable[Pair]) -> dict[Pair, list[FoldRow]]:
    """All acts of pairs in the order of their days: (day, kind, counts)."""
    rows = await connection.fetch(
        """
        WITH key AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS u (one, other))
        SELECT act.* FROM key JOIN tie_act AS act ON act.a = one AND act.b = other
        ORDER BY act.a, act.b, act.day, act.kind
        """,
        *_columns(pairs),
    )
    found: dict[Pair, list[FoldRow]] = {}
    for a, b, day, kind, *counts in rows:
        found.setdefault((a, b), []).append((day, kind, Counts(*counts)))
    return found


async def totals(connection: Connection, pair: Pair) -> list[tuple[int, int, int]]:
    """(kind, ab, ba) of everything that a pair ever did, campaigns included."""
    rows = await connection.fetch(
        """
        SELECT kind, sum(ab::bigint + campaign_ab) AS ab, sum(ba::bigint + campaign_ba) AS ba
        FROM tie_act WHERE a = $1 AND b = $2 GROUP BY kind ORDER BY kind
        """,
        *pair,
    )
    return [(row["kind"], int(row["ab"]), int(row["ba"])) for row in rows]


# --- Bonds ----------------------------------------------------------------------------------------


def _bond(row: asyncpg.Record) -> Bond:
    return Bond(
        row["days"],
        row["first_day"],
        row["last_day"],
        row["squares"],
        row["gap"],
        row["pace"],
        row["run"],
        row["before"],
        row["ab"],
        row["ba"],
    )


async def lock(connection: Connection, pairs: Iterable[Pair]) -> dict[Pair, Bond]:
    """What is kept of these pairs, locked in the order of the pairs."""
    rows = await connection.fetch(
        """
        WITH key AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS u (one, other))
        SELECT s.* FROM key JOIN tie_strength AS s ON s.a = one AND s.b = other
        ORDER BY s.a, s.b FOR UPDATE OF s
        """,
        *_columns(pairs),
    )
    return {(row["a"], row["b"]): _bond(row) for row in rows}


async def add(connection: Connection, bonds: Mapping[Pair, Bond]) -> None:
    """Write pairs that are not there yet; who was first in a race makes the other's transaction run again."""
    await connection.execute(
        """
        INSERT INTO tie_strength (a, b, days, first_day, last_day, squares, gap, pace, run, before, ab, ba)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::date[], $5::date[], $6::bigint[],
                             $7::int[], $8::int[], $9::smallint[], $10::text[], $11::bigint[], $12::bigint[])
        """,
        *_columns(bonds),
        *_bond_columns(bonds),
    )


async def change(connection: Connection, bonds: Mapping[Pair, Bond]) -> None:
    """Write pairs that are there, under their locks."""
    await connection.execute(
        """
        UPDATE tie_strength AS s
        SET days = n.days, first_day = n.first_day, last_day = n.last_day, squares = n.squares, gap = n.gap,
            pace = n.pace, run = n.run, before = n.before, ab = n.ab, ba = n.ba
        FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::date[], $5::date[], $6::bigint[],
                    $7::int[], $8::int[], $9::smallint[], $10::text[], $11::bigint[], $12::bigint[])
             AS n (a, b, days, first_day, last_day, squares, gap, pace, run, before, ab, ba)
        WHERE s.a = n.a AND s.b = n.b
        """,
        *_columns(bonds),
        *_bond_columns(bonds),
    )


def _columns(pairs: Iterable[Pair]) -> tuple[list[PersonId], list[PersonId]]:
    listed = list(pairs)
    return [one for one, _ in listed], [other for _, other in listed]


def _bond_columns(bonds: Mapping[Pair, Bond]) -> list[list[object]]:
    return [[bond[place] for bond in bonds.values()] for place in range(len(Bond._fields))]


async def pairs_of(connection: Connection, person: PersonId) -> list[Pair]:
    """Every pair of which something is kept and one is this person, in order."""
    rows = await connection.fetch(
        """
        SELECT a, b FROM tie_strength WHERE a = $1
        UNION SELECT a, b FROM tie_strength WHERE b = $1
        UNION SELECT a, b FROM tie_act WHERE a = $1
        ORDER BY a, b
        """,
        person,
    )
    return [(row["a"], row["b"]) for row in rows]


async def forget(connection: Connection, person: PersonId) -> None:
    """Delete every act and strength of a person."""
    for statement in (
        "DELETE FROM tie_act WHERE a = $1",
        """
        DELETE FROM tie_act AS act USING tie_strength AS s
        WHERE s.b = $1 AND act.a = s.a AND act.b = s.b
        """,
        "DELETE FROM tie_strength WHERE a = $1",
        "DELETE FROM tie_strength WHERE b = $1",
    ):
        await connection.execute(statement, person)


# --- Reading --------------------------------------------------------------------------------------


async def read_tie(
    connection: Connection, person: PersonId, friend: PersonId
) -> tuple[datetime, Bond | None, int, int, int] | None:
    """A tie: since when, what is kept, how many friends of both, the one, the other. None: there is none."""
    row = await connection.fetchrow(
        """
        SELECT t.since, s.*, one.friends AS mine, other.friends AS theirs,
               (SELECT count(*) FROM tie AS x JOIN tie AS y ON y.friend = x.friend
                WHERE x.person = t.person AND y.person = t.friend) AS mutual
        FROM tie AS t
        LEFT JOIN tie_strength AS s
          ON s.a = least(t.person, t.friend) AND s.b = greatest(t.person, t.friend)
        LEFT JOIN tie_person AS one ON one.person = t.person
        LEFT JOIN tie_person AS other ON other.person = t.friend
        WHERE t.person = $1 AND t.friend = $2
        """,
        person,
        friend,
    )
    if row is None:
        return None
    bond = None if row["a"] is None else _bond(row)
    return row["since"], bond, row["mutual"], row["mine"] or 0, row["theirs"] or 0


async def read_ties(
    connection: Connection, person: PersonId
) -> dict[PersonId, tuple[datetime, Bond | None, int]]:
    """A person's ties: since when, what is kept, and how many friends the other one has."""
    rows = await connection.fetch(
        """
        SELECT t.friend, t.since, p.friends AS theirs, s.*
        FROM tie AS t
        LEFT JOIN tie_person AS p ON p.person = t.friend
        LEFT JOIN tie_strength AS s
          ON s.a = least(t.person, t.friend) AND s.b = greatest(t.person, t.friend)
        WHERE t.person = $1 ORDER BY t.friend
        """,
        person,
    )
    return {
        row["friend"]: (row["since"], None if row["a"] is None else _bond(row), row["theirs"] or 0)
        for row in rows
    }


async def mutual_counts(connection: Connection, mine: Sequence[PersonId]) -> dict[PersonId, int]:
    """How many of `mine` each of `mine` is tied to; those with none are left out.

    `IS TRUE` keeps the planner from making a join of it, as for one's list of friends.
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


async def dealings(connection: Connection, person: PersonId, limit: int) -> dict[PersonId, int]:
    """Who is no friend of a person but had to do with them both ways: on how many days, the most first."""
    rows = await connection.fetch(
        """
        SELECT past.other, past.days
        FROM (SELECT b AS other, days, last_day FROM tie_strength WHERE a = $1 AND ab > 0 AND ba > 0
              UNION ALL
              SELECT a, days, last_day FROM tie_strength WHERE b = $1 AND ab > 0 AND ba > 0) AS past
        WHERE NOT EXISTS (SELECT FROM tie AS t WHERE t.person = $1 AND t.friend = past.other)
        ORDER BY past.days DESC, past.last_day DESC, past.other LIMIT $2
        """,
        person,
        limit,
    )
    return {row["other"]: row["days"] for row in rows}
