"""All SQL of phone numbers and texts."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.people.phones.model import Phone, Proof, Text


async def key(connection: Connection) -> bytes | None:
    found: bytes | None = await connection.fetchval("SELECT key FROM phone_key")
    return found


async def keep_key(connection: Connection, new: bytes) -> bytes:
    """The key that stands: this one, if there was none."""
    await connection.execute("INSERT INTO phone_key (key) VALUES ($1) ON CONFLICT DO NOTHING", new)
    stands = await key(connection)
    assert stands is not None
    return stands


async def phone_of(connection: Connection, person: PersonId) -> Phone | None:
    row = await connection.fetchrow("SELECT ending, since FROM phone_number WHERE person = $1", person)
    return None if row is None else Phone(**row)


async def person_of(connection: Connection, digest: bytes) -> PersonId | None:
    found: PersonId | None = await connection.fetchval(
        "SELECT person FROM phone_number WHERE digest = $1", digest
    )
    return found


async def put_phone(connection: Connection, person: PersonId, proof: Proof, now: datetime) -> None:
    """The number is this person's now, and no other of theirs is."""
    await connection.execute(
        "DELETE FROM phone_number WHERE person = $1 AND digest <> $2", person, proof.digest
    )
    await connection.execute(
        """
        INSERT INTO phone_number (digest, person, ending, since) VALUES ($1, $2, $3, $4)
        ON CONFLICT (digest) DO UPDATE SET person = excluded.person, since = excluded.since
        """,
        proof.digest,
        person,
        proof.ending,
        now,
    )


async def drop_phone(connection: Connection, person: PersonId) -> None:
    await connection.execute("DELETE FROM phone_number WHERE person = $1", person)


async def lock_proof(connection: Connection, person: PersonId) -> Proof | None:
    row = await connection.fetchrow(
        """
        SELECT digest, ending, code_hash, sent_at, expires_at, wrong FROM phone_proof
        WHERE person = $1 FOR UPDATE
        """,
        person,
    )
    return None if row is None else Proof(**row)


async def put_proof(connection: Connection, person: PersonId, proof: Proof) -> None:
    await connection.execute(
        """
        INSERT INTO phone_proof (person, digest, ending, code_hash, sent_at, expires_at, wrong)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (person) DO UPDATE
        SET digest = excluded.digest, ending = excluded.ending, code_hash = excluded.code_hash,
            sent_at = excluded.sent_at, expires_at = excluded.expires_at, wrong = excluded.wrong
        """,
        person,
        proof.digest,
        proof.ending,
        proof.code_hash,
        proof.sent_at,
        proof.expires_at,
        proof.wrong,
    )


async def drop_proof(connection: Connection, person: PersonId) -> None:
    await connection.execute("DELETE FROM phone_proof WHERE person = $1", person)


async def use(connection: Connection, keys: Sequence[str], day: date) -> int:
    """Count one use under each key; the highest count of them, this one included."""
    rows = await connection.fetch(
        """
        INSERT INTO phone_use AS kept (key, day, uses) SELECT k, $2, 1 FROM unnest($1::text[]) AS k ORDER BY k
        ON CONFLICT (key, day) DO UPDATE SET uses = kept.uses + 1 RETURNING uses
        """,
        keys,
        day,
    )
    uses: list[int] = [row["uses"] for row in rows]
    return max(uses)


async def sweep(connection: Connection, now: datetime, uses_before: date) -> None:
    await connection.execute("DELETE FROM phone_proof WHERE expires_at < $1", now)
    await connection.execute("DELETE FROM phone_use WHERE day < $1", uses_before)


# --- Texts ----------------------------------------------------------------------------------------


async def put_text(connection: Connection, id_: UUID, phone: str, body: str, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO text_message (id, phone, body, at, next_try_at) VALUES ($1, $2, $3, $4, $4)",
        id_,
        phone,
        body,
        now,
    )


async def take_texts(connection: Connection, now: datetime, next_try_at: datetime, most: int) -> list[Text]:
    """Texts that are due, put off until the next try: who takes them sends them outside the transaction."""
    rows = await connection.fetch(
        """
        UPDATE text_message SET tries = tries + 1, next_try_at = $2
        WHERE id IN (SELECT id FROM text_message WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $3
                     FOR UPDATE SKIP LOCKED)
        RETURNING id, phone, body, at
        """,
        now,
        next_try_at,
        most,
    )
    return [Text(**row) for row in rows]


async def texts(connection: Connection, most: int) -> list[Text]:
    rows = await connection.fetch(
        "SELECT id, phone, body, at FROM text_message ORDER BY at DESC, id LIMIT $1", most
    )
    return [Text(**row) for row in rows]


async def drop_texts(connection: Connection, ids: Sequence[UUID], before: datetime) -> None:
    """Forget texts that were sent, and those too old to be of use."""
    await connection.execute("DELETE FROM text_message WHERE id = ANY($1::uuid[]) OR at < $2", ids, before)
