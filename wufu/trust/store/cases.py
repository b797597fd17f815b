"""SQL of cases: who is suspected on what grounds, what was decided, who is held.

Whoever changes any of this holds the lock `Only.TRUST`, so that a suspicion and a decision about the same
person happen one after the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.trust.model import Decision, Evidence, Kind, State, Suspicion, Verdict, Waiting


async def held(connection: Connection, people: Iterable[PersonId]) -> set[PersonId]:
    """Those of the people whom at least one case holds."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT person FROM trust_suspect
        WHERE person = ANY($1::bigint[]) AND released_at IS NULL
        """,
        list(people),
    )
    return {row["person"] for row in rows}


async def cases_by(
    connection: Connection, kind: Kind, people: Iterable[PersonId]
) -> dict[PersonId, tuple[UUID, bool]]:
    """Which case of a kind holds each of these people, if any, and whether it is open."""
    rows = await connection.fetch(
        """
        SELECT s.person, c.id, c.state = 'open' AS open
        FROM trust_suspect AS s JOIN trust_case AS c ON c.id = s."case"
        WHERE s.person = ANY($1::bigint[]) AND s.released_at IS NULL AND c.kind = $2
        ORDER BY open, c.opened_at DESC, c.id
        """,
        list(people),
        kind,
    )
    return {row["person"]: (row["id"], row["open"]) for row in rows}


async def open_case_on(connection: Connection, kind: Kind, subject: str) -> UUID | None:
    """The open case on these very grounds."""
    found: UUID | None = await connection.fetchval(
        """
        SELECT id FROM trust_case WHERE kind = $1 AND subject = $2 AND state = 'open' ORDER BY opened_at, id
        """,
        kind,
        subject,
    )
    return found


async def insert_case(connection: Connection, case: UUID, found: Suspicion, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO trust_case (id, kind, subject, evidence, state, opened_at, grown_at)
        VALUES ($1, $2, $3, $4, 'open', $5, $5)
        """,
        case,
        found.kind,
        found.subject,
        found.evidence,
        now,
    )


async def grow_case(connection: Connection, case: UUID, evidence: Evidence, now: datetime) -> None:
    """Newer evidence on the same grounds; a confirmed case stays confirmed."""
    await connection.execute(
        "UPDATE trust_case SET evidence = $2, grown_at = $3 WHERE id = $1", case, evidence, now
    )


async def hold(connection: Connection, case: UUID, people: Sequence[PersonId], now: datetime) -> None:
    """Hold people by a case. Who was released from this same case is held again, on new evidence."""
    await connection.execute(
        """
        INSERT INTO trust_suspect AS kept (person, "case", held_at)
        SELECT p.person, $1, $3 FROM unnest($2::bigint[]) AS p (person)
        ON CONFLICT (person, "case") DO UPDATE SET released_at = NULL
        """,
        case,
        people,
        now,
    )


async def release(connection: Connection, case: UUID, people: Sequence[PersonId], now: datetime) -> None:
    await connection.execute(
        """
        UPDATE trust_suspect SET released_at = $3
        WHERE "case" = $1 AND person = ANY($2::bigint[]) AND released_at IS NULL
        """,
        case,
        people,
        now,
    )


async def set_state(connection: Connection, case: UUID, state: State, now: datetime) -> None:
    await connection.execute(
        "UPDATE trust_case SET state = $2, decided_at = $3 WHERE id = $1", case, state, now
    )


async def put_pardons(connection: Connection, people: Sequence[PersonId], kind: Kind, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO trust_pardon (person, kind, at)
        SELECT p.person, $2, $3 FROM unnest($1::bigint[]) AS p (person)
        ON CONFLICT (person, kind) DO UPDATE SET at = excluded.at
        """,
        people,
        kind,
        now,
    )


async def pardons(connection: Connection, kind: Kind, people: Iterable[PersonId]) -> dict[PersonId, datetime]:
    """Until when evidence of this kind was judged as no proof, for each person cleared of it."""
    rows = await connection.fetch(
        "SELECT person, at FROM trust_pardon WHERE person = ANY($1::bigint[]) AND kind = $2",
        list(people),
        kind,
    )
    return {row["person"]: row["at"] for row in rows}


async def pardons_since(connection: Connection, kind: Kind, since: datetime) -> dict[PersonId, datetime]:
    rows = await connection.fetch(
        "SELECT person, at FROM trust_pardon WHERE kind = $1 AND at >= $2", kind, since
    )
    return {row["person"]: row["at"] for row in rows}


async def insert_decision(
    connection: Connection,
    case: UUID,
    verb: Verdict,
    actor: str,
    why: str,
    people: Sequence[PersonId],
    now: datetime,
) -> None:
    await connection.execute(
        """
        INSERT INTO trust_decision ("case", number, verb, actor, why, people, at)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6 FROM trust_decision WHERE "case" = $1
        """,
        case,
        verb,
        actor,
        why,
        people,
        now,
    )


# --- Reads ----------------------------------------------------------------------------------------


async def case_row(connection: Connection, case: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow("SELECT * FROM trust_case WHERE id = $1", case)


async def suspects(connection: Connection, case: UUID) -> list[asyncpg.Record]:
    return await connection.fetch('SELECT * FROM trust_suspect WHERE "case" = $1 ORDER BY person', case)


async def decisions(connection: Connection, case: UUID) -> list[Decision]:
    rows = await connection.fetch(
        """
        SELECT number, verb, actor, why, people, at FROM trust_decision WHERE "case" = $1 ORDER BY number
        """,
        case,
    )
    return [Decision(**row) for row in rows]


async def queue(connection: Connection, states: Sequence[State], most: int) -> list[Waiting]:
    """Cases in these states: where people asked for a review first, then the largest, then the oldest."""
    rows = await connection.fetch(
        """
        SELECT c.id, c.kind, c.state, c.opened_at, c.evidence,
               count(*) FILTER (WHERE s.released_at IS NULL) AS people,
               count(*) FILTER (WHERE s.asked_at IS NOT NULL AND s.released_at IS NULL) AS asked
        FROM trust_case AS c LEFT JOIN trust_suspect AS s ON s."case" = c.id
        WHERE c.state = ANY($1::text[])
        GROUP BY c.id
        ORDER BY asked DESC, people DESC, c.opened_at, c.id LIMIT $2
        """,
        list(states),
        most,
    )
    return [
        Waiting(
            row["id"],
            row["kind"],
            row["state"],
            row["people"],
            row["asked"],
            row["opened_at"],
            row["evidence"],
        )
        for row in rows
    ]


async def cases_of(connection: Connection, person: PersonId) -> list[asyncpg.Record]:
    """The cases that hold a person, the oldest first."""
    return await connection.fetch(
        """
        SELECT * FROM trust_suspect WHERE person = $1 AND released_at IS NULL ORDER BY held_at, "case"
        """,
        person,
    )


async def put_words(
    connection: Connection, person: PersonId, cases: Sequence[UUID], words: str, now: datetime
) -> None:
    await connection.execute(
        """
        UPDATE trust_suspect SET asked_at = $3, words = $4
        WHERE person = $1 AND "case" = ANY($2::uuid[]) AND asked_at IS NULL
        """,
        person,
        list(cases),
        now,
        words,
    )


async def counts(connection: Connection) -> Mapping[str, dict[str, int]]:
    """Kind → state → cases; and under `people` how many are held."""
    rows = await connection.fetch(
        "SELECT kind, state, count(*) AS cases FROM trust_case GROUP BY kind, state"
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["kind"], {})[row["state"]] = row["cases"]
    people = await connection.fetchval(
        "SELECT count(DISTINCT person) FROM trust_suspect WHERE released_at IS NULL"
    )
    found["people"] = {"held": people}
    return found


async def forget(connection: Connection, person: PersonId) -> None:
    await connection.execute("DELETE FROM trust_suspect WHERE person = $1", person)
    await connection.execute("DELETE FROM trust_pardon WHERE person = $1", person)


async def suspicions_of(connection: Connection, person: PersonId) -> list[dict[str, object]]:
    """When a person was looked at, for themselves: times and their own words only."""
    rows = await connection.fetch(
        "SELECT held_at, released_at, asked_at, words FROM trust_suspect WHERE person = $1 ORDER BY held_at",
        person,
    )
    return [dict(row) for row in rows]
