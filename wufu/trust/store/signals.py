"""SQL of what was seen: marks of devices and networks, asks and their answers, acts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.trust.edges import Answers, Target, Totals, usual_rate
from wufu.trust.model import Act, Answer, Ask, Made, Mark, Newcomer

# --- Arrivals -------------------------------------------------------------------------------------


async def put_people(
    connection: Connection, people: Sequence[PersonId], registered: bool, now: datetime
) -> None:
    """Note since when people are known; who is known already stays as they are."""
    await connection.execute(
        """
        INSERT INTO trust_person (person, known_at, registered)
        SELECT p.person, $2, $3 FROM unnest($1::bigint[]) AS p (person) ON CONFLICT DO NOTHING
        """,
        people,
        now,
        registered,
    )


async def put_marks(
    connection: Connection, person: PersonId, marks: Sequence[Mark], made_here: bool, now: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO trust_mark AS kept (person, kind, mark, made_here, first_at, last_at)
        SELECT $1, m.kind, m.mark, $4, $5, $5 FROM unnest($2::text[], $3::bytea[]) AS m (kind, mark)
        ON CONFLICT (person, kind, mark)
        DO UPDATE SET last_at = greatest(kept.last_at, excluded.last_at)
        """,
        person,
        [mark.kind for mark in marks],
        [mark.mark for mark in marks],
        made_here,
        now,
    )


async def count_made(connection: Connection, mark: Mark, day: date) -> int:
    """Count one more account of a mark today, under the lock of its row; how many that makes."""
    made: int = await connection.fetchval(
        """
        INSERT INTO trust_made AS kept (mark, kind, made_on, accounts) VALUES ($1, $2, $3, 1)
        ON CONFLICT (mark, kind, made_on) DO UPDATE SET accounts = kept.accounts + 1
        RETURNING accounts
        """,
        mark.mark,
        mark.kind,
        day,
    )
    return made


async def crowded_devices(
    connection: Connection, since: datetime, fewest: int, most_people: int
) -> list[Made]:
    """Devices on which at least so many accounts were made since then, each with at most so many of these."""
    rows = await connection.fetch(
        """
        WITH crowded AS (
            SELECT mark FROM trust_mark
            WHERE kind = 'device' AND made_here AND first_at >= $1
            GROUP BY mark HAVING count(*) >= $2
        )
        SELECT m.mark, m.person, p.known_at, n.mark AS network
        FROM crowded JOIN trust_mark AS m USING (mark)
        JOIN trust_person AS p ON p.person = m.person
        LEFT JOIN trust_mark AS n ON n.person = m.person AND n.kind = 'network' AND n.made_here
        WHERE m.kind = 'device' AND m.made_here AND m.first_at >= $1
        ORDER BY m.mark, p.known_at, m.person
        """,
        since,
        fewest,
    )
    people: dict[bytes, dict[PersonId, Newcomer]] = {}
    networks: dict[bytes, set[bytes]] = {}
    for row in rows:
        its = people.setdefault(row["mark"], {})
        if len(its) < most_people or row["person"] in its:
            its[row["person"]] = Newcomer(row["person"], row["known_at"])
        if row["network"] is not None:
            networks.setdefault(row["mark"], set()).add(row["network"])
    return [Made(mark, tuple(its.values()), len(networks.get(mark, ()))) for mark, its in people.items()]


async def networks_of(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, bytes]:
    """The network prefix each account was made from, where it is known."""
    rows = await connection.fetch(
        """
        SELECT person, mark FROM trust_mark
        WHERE person = ANY($1::bigint[]) AND kind = 'network' AND made_here
        """,
        list(people),
    )
    return {row["person"]: row["mark"] for row in rows}


async def known_since(
    connection: Connection, people: Iterable[PersonId]
) -> dict[PersonId, tuple[datetime, bool]]:
    """Since when people are known and whether they registered; who is not known is left out."""
    rows = await connection.fetch(
        "SELECT * FROM trust_person WHERE person = ANY($1::bigint[])", list(set(people))
    )
    return {row["person"]: (row["known_at"], row["registered"]) for row in rows}


async def newcomers(connection: Connection, since: datetime, most: int) -> list[Newcomer]:
    """Those who registered since then, the newest first."""
    rows = await connection.fetch(
        """
        SELECT person, known_at FROM trust_person WHERE registered AND known_at >= $1
        ORDER BY known_at DESC, person LIMIT $2
        """,
        since,
        most,
    )
    return [Newcomer(row["person"], row["known_at"]) for row in rows]


# --- Asks -----------------------------------------------------------------------------------------


async def put_asks(
    connection: Connection, asks: Mapping[tuple[PersonId, PersonId], datetime], cause: str
) -> None:
    """Note asks (asker, asked), or invitations that were used; what was noted keeps its time and answer."""
    pairs = sorted(asks)
    await connection.execute(
        """
        INSERT INTO trust_ask (asker, asked, at, cause)
        SELECT a.*, $4 FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS a
        ON CONFLICT DO NOTHING
        """,
        [asker for asker, _ in pairs],
        [asked for _, asked in pairs],
        [asks[pair] for pair in pairs],
        cause,
    )


async def answer_asks(
    connection: Connection, pairs: Mapping[tuple[PersonId, PersonId], datetime], answer: Answer
) -> list[PersonId]:
    """Note how asks (asker, asked) were answered, unless accepted before; the askers it was news of."""
    listed = sorted(pairs)
    rows = await connection.fetch(
        """
        UPDATE trust_ask AS kept SET answer = $4, answered_at = greatest(a.at, kept.at)
        FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS a (asker, asked, at)
        WHERE kept.asker = a.asker AND kept.asked = a.asked
          AND kept.answer IS DISTINCT FROM 'accepted' AND kept.answer IS DISTINCT FROM $4
        RETURNING kept.asker
        """,
        [asker for asker, _ in listed],
        [asked for _, asked in listed],
        [pairs[pair] for pair in listed],
        answer,
    )
    return sorted({row["asker"] for row in rows})


async def asks_of(connection: Connection, askers: Iterable[PersonId], most: int) -> dict[PersonId, list[Ask]]:
    """The first `most` asks of each of these people, the oldest first."""
    rows = await connection.fetch(
        """
        SELECT a.asker, a.asked, a.at, a.answer, a.answered_at FROM unnest($1::bigint[]) AS p (person)
        CROSS JOIN LATERAL (
            SELECT * FROM trust_ask WHERE asker = p.person AND cause = 'asked' ORDER BY at, asked LIMIT $2
        ) AS a
        """,
        sorted(set(askers)),
        most,
    )
    found: dict[PersonId, list[Ask]] = {}
    for row in rows:
        found.setdefault(row["asker"], []).append(Ask(**row))
    return found


async def busy_asks(
    connection: Connection, since: datetime, fewest_asks: int, fewest_accepts: int, most: int
) -> list[Ask]:
    """Asks made or answered since then by whoever made or accepted at least so many, the newest first."""
    rows = await connection.fetch(
        """
        WITH recent AS MATERIALIZED (
            SELECT asker, asked, at, answer, answered_at FROM trust_ask WHERE cause = 'asked' AND at >= $1
            UNION
            SELECT asker, asked, at, answer, answered_at FROM trust_ask
            WHERE cause = 'asked' AND answered_at >= $1
        ), busy AS (
            SELECT asker AS person FROM recent GROUP BY asker HAVING count(*) >= $2
            UNION
            SELECT asked FROM recent WHERE answer = 'accepted' GROUP BY asked HAVING count(*) >= $3
        )
        SELECT * FROM recent
        WHERE asker IN (SELECT person FROM busy) OR asked IN (SELECT person FROM busy)
        ORDER BY greatest(at, answered_at) DESC, asker, asked LIMIT $4
        """,
        since,
        fewest_asks,
        fewest_accepts,
        most,
    )
    return [Ask(**row) for row in rows]


async def fresh_askers(
    connection: Connection, since: datetime, known_after: datetime, most: int
) -> list[PersonId]:
    """New accounts whose asks were made or answered since then."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT a.asker FROM (
            SELECT asker FROM trust_ask WHERE at >= $1 AND cause = 'asked'
            UNION ALL
            SELECT asker FROM trust_ask WHERE answered_at >= $1 AND cause = 'asked'
        ) AS a
        JOIN trust_person AS p ON p.person = a.asker
        WHERE p.registered AND p.known_at >= $2
        ORDER BY a.asker LIMIT $3
        """,
        since,
        known_after,
        most,
    )
    return [row["asker"] for row in rows]


async def accepted_among(
    connection: Connection, people: Sequence[PersonId]
) -> list[tuple[PersonId, PersonId]]:
    """Accepted asks with at least one end among these people."""
    rows = await connection.fetch(
        """
        SELECT asker, asked FROM trust_ask WHERE asker = ANY($1::bigint[]) AND answer = 'accepted'
        UNION
        SELECT asker, asked FROM trust_ask WHERE asked = ANY($1::bigint[]) AND answer = 'accepted'
        """,
        people,
    )
    return [(row["asker"], row["asked"]) for row in rows]


# --- Priors and scores ----------------------------------------------------------------------------


async def count_targets(
    connection: Connection,
    real_before: datetime,
    ignored_before: datetime,
    response_prior: float,
    now: datetime,
) -> None:
    """Count anew how labelled people asked each target: `edges.count_targets`, in the database.

    Labelled fake: whoever a case holds. Labelled real: imported people, and who registered before
    `real_before`, whom no case holds. An ask made before `ignored_before` and not answered was not accepted;
    a younger one without an answer is left out.
    """
    await connection.execute("DELETE FROM trust_target")
    await connection.execute(
        """
        INSERT INTO trust_target (person, fake_asks, fake_accepts, real_asks, real_accepts)
        SELECT a.asked,
               count(*) FILTER (WHERE held.person IS NOT NULL),
               count(*) FILTER (WHERE held.person IS NOT NULL AND a.answer = 'accepted'),
               count(*) FILTER (WHERE held.person IS NULL),
               count(*) FILTER (WHERE held.person IS NULL AND a.answer = 'accepted')
        FROM trust_ask AS a
        LEFT JOIN (SELECT DISTINCT person FROM trust_suspect WHERE released_at IS NULL) AS held
               ON held.person = a.asker
        LEFT JOIN trust_person AS p ON p.person = a.asker
        WHERE a.cause = 'asked' AND (a.answer IS NOT NULL OR a.at < $2)
          AND (held.person IS NOT NULL OR p.person IS NULL OR NOT p.registered OR p.known_at < $1)
        GROUP BY a.asked
        """,
        real_before,
        ignored_before,
    )
    await _sum_targets(connection, response_prior, now)


async def _sum_targets(connection: Connection, response_prior: float, now: datetime) -> None:
    usual = await connection.fetchrow(
        """
        SELECT coalesce(sum(t.fake_accepts + t.real_accepts), 0) AS accepts,
               coalesce(sum(t.fake_asks + t.real_asks), 0) AS asks
        FROM trust_target AS t WHERE NOT EXISTS (
            SELECT FROM trust_suspect AS s WHERE s.person = t.person AND s.released_at IS NULL)
        """
    )
    await connection.execute(
        """
        INSERT INTO trust_total AS kept
            (fake_asks, real_asks, fake_told, fake_accepts, fake_expected, real_told, real_accepts,
             real_expected, counted_at)
        SELECT coalesce(sum(t.fake_asks), 0), coalesce(sum(t.real_asks), 0),
               coalesce(sum(t.fake_asks) FILTER (WHERE t.honest), 0),
               coalesce(sum(t.fake_accepts) FILTER (WHERE t.honest), 0),
               coalesce(sum(t.fake_asks * t.own_rate) FILTER (WHERE t.honest), 0),
               coalesce(sum(t.real_asks) FILTER (WHERE t.honest), 0),
               coalesce(sum(t.real_accepts) FILTER (WHERE t.honest), 0),
               coalesce(sum(t.real_asks * t.own_rate) FILTER (WHERE t.honest), 0),
               $1
        FROM (
            SELECT t.*,
                   (fake_accepts + real_accepts + $3::float8 * $2::float8)
                   / (fake_asks + real_asks + $3::float8) AS own_rate,
                   NOT EXISTS (SELECT FROM trust_suspect AS s
                               WHERE s.person = t.person AND s.released_at IS NULL) AS honest
            FROM trust_target AS t
        ) AS t
        ON CONFLICT (one) DO UPDATE
        SET fake_asks = excluded.fake_asks, real_asks = excluded.real_asks,
            fake_told = excluded.fake_told, fake_accepts = excluded.fake_accepts,
            fake_expected = excluded.fake_expected, real_told = excluded.real_told,
            real_accepts = excluded.real_accepts, real_expected = excluded.real_expected,
            counted_at = excluded.counted_at
        """,
        now,
        usual_rate(usual["accepts"], usual["asks"]) if usual is not None else 0.5,
        response_prior,
    )


async def totals(connection: Connection) -> Totals | None:
    """The sums when they were last counted, or None before that."""
    row = await connection.fetchrow("SELECT * FROM trust_total")
    if row is None:
        return None
    return Totals(
        row["fake_asks"],
        row["real_asks"],
        Answers(row["fake_told"], row["fake_accepts"], row["fake_expected"]),
        Answers(row["real_told"], row["real_accepts"], row["real_expected"]),
    )


async def targets(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, Target]:
    rows = await connection.fetch(
        "SELECT * FROM trust_target WHERE person = ANY($1::bigint[])", list(set(people))
    )
    return {
        row["person"]: Target(row["fake_asks"], row["fake_accepts"], row["real_asks"], row["real_accepts"])
        for row in rows
    }


async def put_scores(
    connection: Connection, scores: Mapping[PersonId, tuple[float, int]], now: datetime
) -> None:
    """Person → (log-odds, asks it was made of)."""
    people = sorted(scores)
    await connection.execute(
        """
        INSERT INTO trust_score AS kept (person, log_odds, asks, at)
        SELECT s.*, $4 FROM unnest($1::bigint[], $2::float8[], $3::int[]) AS s (person, log_odds, asks)
        ON CONFLICT (person) DO UPDATE
        SET log_odds = excluded.log_odds, asks = excluded.asks, at = excluded.at
        """,
        people,
        [scores[person][0] for person in people],
        [scores[person][1] for person in people],
        now,
    )


async def high_scores(
    connection: Connection, suspect_from: float, fewest_asks: int, most: int
) -> dict[PersonId, tuple[float, int]]:
    rows = await connection.fetch(
        """
        SELECT person, log_odds, asks FROM trust_score WHERE log_odds >= $1 AND asks >= $2
        ORDER BY log_odds DESC, person LIMIT $3
        """,
        suspect_from,
        fewest_asks,
        most,
    )
    return {row["person"]: (row["log_odds"], row["asks"]) for row in rows}


async def scores_of(connection: Connection, people: Sequence[PersonId]) -> dict[PersonId, float]:
    """The log-odds of those who have a score."""
    rows = await connection.fetch(
        "SELECT person, log_odds FROM trust_score WHERE person = ANY($1::bigint[])", people
    )
    return {row["person"]: row["log_odds"] for row in rows}


# --- Acts -----------------------------------------------------------------------------------------


async def put_acts(connection: Connection, acts: Iterable[Act]) -> None:
    """Note acts; the same one in the same slot is one."""
    listed = list(dict.fromkeys(acts))
    await connection.execute(
        """
        INSERT INTO trust_act (person, what, target, slot)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING
        """,
        [act.person for act in listed],
        [act.what for act in listed],
        [act.target for act in listed],
        [act.slot for act in listed],
    )


async def busy_acts(connection: Connection, slot: int, fewest: int, most: int) -> list[Act]:
    """Acts from a slot on of people who made at least so many, the newest first, at most so many."""
    rows = await connection.fetch(
        """
        SELECT person, what, target, slot FROM trust_act
        WHERE slot >= $1 AND person IN (
            SELECT person FROM trust_act WHERE slot >= $1 GROUP BY person HAVING count(*) >= $2)
        ORDER BY slot DESC, person LIMIT $3
        """,
        slot,
        fewest,
        most,
    )
    return [Act(*row) for row in rows]


# --- Forgetting -----------------------------------------------------------------------------------


async def sweep(
    connection: Connection, marks_before: datetime, asks_before: datetime, acts_before: int
) -> None:
    """Drop what was kept long enough."""
    await connection.execute("DELETE FROM trust_mark WHERE last_at < $1", marks_before)
    await connection.execute("DELETE FROM trust_made WHERE made_on < $1", marks_before.date())
    await connection.execute("DELETE FROM trust_ask WHERE at < $1", asks_before)
    await connection.execute("DELETE FROM trust_act WHERE slot < $1", acts_before)
    await connection.execute("DELETE FROM trust_score WHERE at < $1", asks_before)


async def forget(connection: Connection, person: PersonId) -> None:
    """Everything about one person, except what `trust_made` counts without saying who."""
    await connection.execute("DELETE FROM trust_mark WHERE person = $1", person)
    await connection.execute("DELETE FROM trust_person WHERE person = $1", person)
    await connection.execute("DELETE FROM trust_ask WHERE asker = $1", person)
    await connection.execute("DELETE FROM trust_ask WHERE asked = $1", person)
    await connection.execute("DELETE FROM trust_act WHERE person = $1", person)
    await connection.execute("DELETE FROM trust_act WHERE target = $1", f"person/{person}")
    await connection.execute("DELETE FROM trust_target WHERE person = $1", person)
    await connection.execute("DELETE FROM trust_score WHERE person = $1", person)


async def kept_about(connection: Connection, person: PersonId) -> dict[str, object]:
    """What is kept about one person, for themselves: no hashes, no other person's answer."""
    known = await known_since(connection, [person])
    marks = await connection.fetch(
        "SELECT kind, first_at, last_at FROM trust_mark WHERE person = $1 ORDER BY first_at, kind", person
    )
    asks = await connection.fetchval("SELECT count(*) FROM trust_ask WHERE asker = $1", person)
    acts = await connection.fetchval("SELECT count(*) FROM trust_act WHERE person = $1", person)
    return {
        "known_since": known[person][0] if person in known else None,
        "devices_and_networks": [dict(row) for row in marks],
        "asks_counted": asks,
        "acts_counted": acts,
    }
