"""Announced facts: written with the change they tell of, carried on afterwards.

A verb's facts go into `outbox` in its own transaction, so a fact exists exactly
when its change does. The relay (one at a time) takes them in order and, in one
transaction of its own, lets the listeners act, numbers each fact for each phone
it goes to, and removes it: a listener's effect happens exactly once, and a
crash at any moment leaves the fact in the outbox or fully carried on.

A person's facts are numbered 1, 2, 3, … without holes. A phone that sees a gap,
or comes back, asks for what it lacks; so the push over the live edge may lose a
message without anything being missed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wufu.core.ids import PersonId
from wufu.db.parking import (
    Listener,
    ListenersFailed,
    Numbered,
    Place,
    hear_safely,
    name_of,
    park,
    parked_lanes,
    split_waiting,
)
from wufu.db.tx import Connection, Fact, Tx

KEPT = timedelta(days=7)
"""How long a phone may stay away and still catch up fact by fact."""


MOST_DELIVERIES = 20_000
"""One turn of the relay stays small, also when single facts go to thousands of people."""


class Delivery(msgspec.Struct, frozen=True):
    """One fact for one person, with its number in that person's sequence."""

    person: PersonId
    number: int
    kind: str
    body: dict[str, object]
    at: datetime


async def put(connection: Connection, facts: Sequence[Fact], now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO outbox (kind, body, audience, at)
        SELECT f.kind, f.body, CASE f.audience WHEN '' THEN '{}'
                                    ELSE string_to_array(f.audience, ',')::bigint[] END, $4
        FROM unnest($1::text[], $2::jsonb[], $3::text[]) WITH ORDINALITY
             AS f (kind, body, audience, place)
        ORDER BY f.place
        """,
        [fact.kind for fact in facts],
        [fact.body for fact in facts],
        # unnest flattens arrays of arrays, so an audience travels as text.
        [",".join(map(str, fact.to)) for fact in facts],
        now,
    )


class Carried(msgspec.Struct, frozen=True):
    """What one round of the relay did: the facts it took, by outbox id, and the deliveries to push."""

    facts: dict[int, Fact]
    deliveries: list[Delivery]


async def carry(
    tx: Tx,
    listeners: Mapping[str, Sequence[Listener]],
    limit: int = 2000,
    given_up: Collection[Place] | None = None,
) -> Carried:
    """Take up to `limit` facts from the outbox in order, act on them and number them.

    The caller holds the relay's lock (`wufu.db.locks`), so order is kept. `given_up` (not None) makes it
    careful: listeners act in savepoints, what fails is found fact by fact, and what is among these is parked
    (`parking.py`). Raises ListenersFailed for the others.
    """
    rows = await tx.connection.fetch(
        "SELECT id, kind, body, audience, at FROM outbox ORDER BY id LIMIT $1", limit
    )
    if not rows:
        return Carried({}, [])
    rows = _within(rows, MOST_DELIVERIES)
    facts = {row["id"]: Fact(row["kind"], row["body"], tuple(row["audience"]), row["at"]) for row in rows}
    await _let_listen(tx, listeners, facts, given_up)
    deliveries = await _number(tx.connection, rows)
    await tx.connection.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", list(facts))
    return Carried(facts, deliveries)


async def _let_listen(
    tx: Tx,
    listeners: Mapping[str, Sequence[Listener]],
    facts: Mapping[int, Fact],
    given_up: Collection[Place] | None,
) -> None:
    heard: dict[str, list[Numbered]] = {}
    for number, fact in facts.items():
        heard.setdefault(fact.kind, []).append((number, fact))
    lanes = await parked_lanes(tx.connection)
    failures: dict[Place, Exception] = {}
    for kind, its_facts in heard.items():
        for listener in listeners.get(kind, ()):
            name = name_of(listener)
            free, behind = split_waiting(lanes, name, its_facts)
            await park(tx, name, behind, "waiting")
            if given_up is not None:
                failures |= await hear_safely(tx, lanes, name, listener, free, given_up)
            elif free:
                await listener(tx, [fact for _, fact in free])
    if failures:
        raise ListenersFailed(failures)


def _within(rows: list[asyncpg.Record], most: int) -> list[asyncpg.Record]:
    """As many rows from the front as go to `most` people together, but at least one."""
    people = 0
    for place, row in enumerate(rows):
        people += len(row["audience"])
        if people > most and place:
            return rows[:place]
    return rows


async def _number(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[Delivery]:
    counts: dict[PersonId, int] = {}
    for row in rows:
        for person in row["audience"]:
            counts[person] = counts.get(person, 0) + 1
    if not counts:
        return []
    people = sorted(counts)
    heads = await connection.fetch(
        """
        INSERT INTO inbox_head AS head (person, number)
        SELECT * FROM unnest($1::bigint[], $2::bigint[])
        ON CONFLICT (person) DO UPDATE SET number = head.number + excluded.number
        RETURNING person, number
        """,
        people,
        [counts[person] for person in people],
    )
    following = {head["person"]: head["number"] - counts[head["person"]] + 1 for head in heads}
    deliveries = []
    for row in rows:
        for person in row["audience"]:
            deliveries.append(Delivery(person, following[person], row["kind"], row["body"], row["at"]))
            following[person] += 1
    await connection.execute(
        """
        INSERT INTO inbox (person, number, kind, body, at)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::jsonb[], $5::timestamptz[])
        """,
        [delivery.person for delivery in deliveries],
        [delivery.number for delivery in deliveries],
        [delivery.kind for delivery in deliveries],
        [delivery.body for delivery in deliveries],
        [delivery.at for delivery in deliveries],
    )
    return deliveries


async def see_cursor(connection: Connection, person: PersonId) -> int:
    """The number of the newest fact of a person; 0 when there is none."""
    number: int | None = await connection.fetchval("SELECT number FROM inbox_head WHERE person = $1", person)
    return number or 0


async def see_facts(
    connection: Connection, person: PersonId, after: int, limit: int = 500
) -> list[Delivery] | None:
    """The facts of a person numbered above `after`, oldest first.

    None when some of them are no longer kept, or when there never was a fact `after` (the database
    was restored from a backup): the phone takes a fresh snapshot.
    """
    rows = await connection.fetch(
        "SELECT * FROM inbox WHERE person = $1 AND number > $2 ORDER BY number LIMIT $3",
        person,
        after,
        limit,
    )
    if not rows:
        return [] if await see_cursor(connection, person) == after else None
    if rows[0]["number"] != after + 1:
        return None
    return [Delivery(**row) for row in rows]


async def forget_old_facts(tx: Tx) -> None:
    await tx.connection.execute("DELETE FROM inbox WHERE at < $1", tx.now - KEPT)
