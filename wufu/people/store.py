"""All SQL of people, except its laws."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.people.model import NewPerson, PinState, Session

# --- People ---------------------------------------------------------------------------------------


async def new_numbers(connection: Connection, count: int) -> list[PersonId]:
    """The next `count` numbers, ascending."""
    rows = await connection.fetch("SELECT nextval('person_id_seq') AS id FROM generate_series(1, $1)", count)
    return sorted(row["id"] for row in rows)


async def take_externals(connection: Connection, owners: Mapping[str, PersonId]) -> dict[str, PersonId]:
    """Whose each external name is now: the number proposed for it, or the one it already had."""
    names = sorted(owners)  # in order, so that two imports of one graph wait for each other and not in a ring
    await connection.execute(
        """
        INSERT INTO person_external (external, person)
        SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING
        """,
        names,
        [owners[name] for name in names],
    )
    return await people_of_externals(connection, names)


async def people_of_externals(connection: Connection, names: Sequence[str]) -> dict[str, PersonId]:
    rows = await connection.fetch("SELECT * FROM person_external WHERE external = ANY($1::text[])", names)
    return {row["external"]: row["person"] for row in rows}


async def insert_people(
    connection: Connection, people: Sequence[tuple[PersonId, NewPerson, int]], now: datetime
) -> None:
    """Each: number, what is known, avatar."""
    await connection.execute(
        """
        INSERT INTO person (id, name, avatar, line, origin, language, findable, created_at)
        SELECT new.*, $8 FROM unnest(
            $1::bigint[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::boolean[]
        ) AS new
        """,
        [number for number, _, _ in people],
        [person.name for _, person, _ in people],
        [avatar for _, _, avatar in people],
        [person.line for _, person, _ in people],
        [person.origin for _, person, _ in people],
        [person.language for _, person, _ in people],
        [person.findable for _, person, _ in people],
        now,
    )


async def people_by_number(connection: Connection, people: Iterable[PersonId]) -> list[asyncpg.Record]:
    return await connection.fetch(
        "SELECT id, name, avatar, origin, findable FROM person WHERE id = ANY($1::bigint[])", list(people)
    )


async def me(connection: Connection, person: PersonId) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        SELECT person.*, password.login, pin.person IS NOT NULL AS has_pin
        FROM person LEFT JOIN password ON password.person = person.id LEFT JOIN pin ON pin.person = person.id
        WHERE person.id = $1
        """,
        person,
    )


async def personas(connection: Connection, limit: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "SELECT id, name, avatar, line FROM person WHERE origin = 'persona' ORDER BY id LIMIT $1", limit
    )


async def findable_by_name(connection: Connection, name: str, limit: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "SELECT id, name, avatar FROM person WHERE findable AND name = $1 ORDER BY id LIMIT $2", name, limit
    )


async def update_person(
    connection: Connection, person: PersonId, name: str | None, language: str | None, findable: bool | None
) -> None:
    await connection.execute(
        """
        UPDATE person SET name = coalesce($2, name), language = coalesce($3, language),
               findable = coalesce($4, findable)
        WHERE id = $1
        """,
        person,
        name,
        language,
        findable,
    )


# --- Logins and passwords -------------------------------------------------------------------------


async def person_of_login(connection: Connection, login: str) -> PersonId | None:
    person: PersonId | None = await connection.fetchval("SELECT person FROM login WHERE login = $1", login)
    return person


async def insert_login(
    connection: Connection, login: str, person: PersonId, hashed: str, now: datetime
) -> None:
    await connection.execute("INSERT INTO login (login, person) VALUES ($1, $2)", login, person)
    await connection.execute(
        "INSERT INTO password (person, login, hash, changed_at) VALUES ($1, $2, $3, $4)",
        person,
        login,
        hashed,
        now,
    )


async def password_hash(connection: Connection, person: PersonId) -> str | None:
    hashed: str | None = await connection.fetchval("SELECT hash FROM password WHERE person = $1", person)
    return hashed


# --- Wrong sign-ins -------------------------------------------------------------------------------


TRIES_LOCK = 0x5F10


async def hold_tries(connection: Connection, keys: Sequence[str]) -> None:
    """Judge tries under these keys in turn, until the end of the transaction; a key may have no row yet."""
    for key in sorted(keys):
        await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", TRIES_LOCK, key)


async def tries_of(connection: Connection, keys: Sequence[str]) -> dict[str, asyncpg.Record]:
    rows = await connection.fetch("SELECT * FROM sign_in_try WHERE key = ANY($1::text[])", keys)
    return {row["key"]: row for row in rows}


async def count_wrong(
    connection: Connection, key: str, wrong: int, now: datetime, wait_until: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO sign_in_try AS kept (key, wrong, last_at, wait_until) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key) DO UPDATE
        SET wrong = excluded.wrong, last_at = excluded.last_at, wait_until = excluded.wait_until
        """,
        key,
        wrong,
        now,
        wait_until,
    )


async def forget_tries(connection: Connection, key: str) -> None:
    await connection.execute("DELETE FROM sign_in_try WHERE key = $1", key)


# --- PINs -----------------------------------------------------------------------------------------


async def pin_hash(connection: Connection, person: PersonId) -> str | None:
    hashed: str | None = await connection.fetchval("SELECT hash FROM pin WHERE person = $1", person)
    return hashed


async def lock_pin(connection: Connection, person: PersonId) -> tuple[str, PinState] | None:
    row = await connection.fetchrow("SELECT * FROM pin WHERE person = $1 FOR UPDATE", person)
    if row is None:
        return None
    return row["hash"], PinState(row["wrong"], row["lockouts"], row["locked_until"])


async def update_pin_state(connection: Connection, person: PersonId, state: PinState) -> None:
    await connection.execute(
        "UPDATE pin SET wrong = $2, lockouts = $3, locked_until = $4 WHERE person = $1",
        person,
        state.wrong,
        state.lockouts,
        state.locked_until,
    )


async def put_pin(connection: Connection, person: PersonId, hashed: str, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO pin (person, hash, wrong, lockouts, changed_at) VALUES ($1, $2, 0, 0, $3)
        ON CONFLICT (person) DO UPDATE
        SET hash = excluded.hash, wrong = 0, lockouts = 0, locked_until = NULL,
            changed_at = excluded.changed_at
        """,
        person,
        hashed,
        now,
    )


# --- Sessions -------------------------------------------------------------------------------------


async def insert_session(connection: Connection, session: Session, token_hash: bytes) -> None:
    await connection.execute(
        """
        INSERT INTO session (person, id, token_hash, device, created_at, seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        session.person,
        session.id,
        token_hash,
        session.device,
        session.created_at,
        session.seen_at,
        session.expires_at,
    )


async def drop_oldest_sessions(connection: Connection, person: PersonId, keep: int) -> None:
    await connection.execute(
        """
        DELETE FROM session WHERE person = $1 AND id IN (
            SELECT id FROM session WHERE person = $1 ORDER BY seen_at DESC, id DESC OFFSET $2)
        """,
        person,
        keep,
    )


async def session_of_token(
    connection: Connection, person: PersonId, token_hash: bytes, now: datetime
) -> Session | None:
    row = await connection.fetchrow(
        """
        SELECT person, id, device, created_at, seen_at, expires_at
        FROM session WHERE person = $1 AND token_hash = $2 AND expires_at > $3
        """,
        person,
        token_hash,
        now,
    )
    return None if row is None else Session(**row)


async def touch_session(
    connection: Connection, session: Session, now: datetime, expires_at: datetime
) -> None:
    # Two requests of one device may come at once; the later `seen_at` stays.
    await connection.execute(
        "UPDATE session SET seen_at = $3, expires_at = $4 WHERE person = $1 AND id = $2 AND seen_at < $3",
        session.person,
        session.id,
        now,
        expires_at,
    )


async def sessions_of(connection: Connection, person: PersonId, now: datetime) -> list[Session]:
    rows = await connection.fetch(
        """
        SELECT person, id, device, created_at, seen_at, expires_at
        FROM session WHERE person = $1 AND expires_at > $2 ORDER BY seen_at DESC, id
        """,
        person,
        now,
    )
    return [Session(**row) for row in rows]


async def delete_session(connection: Connection, person: PersonId, session: UUID) -> None:
    await connection.execute("DELETE FROM session WHERE person = $1 AND id = $2", person, session)


async def standing(
    connection: Connection, sessions: Sequence[tuple[PersonId, UUID]], now: datetime
) -> set[tuple[PersonId, UUID]]:
    """Those of the sessions that are neither ended nor expired."""
    rows = await connection.fetch(
        """
        SELECT s.person, s.id FROM unnest($1::bigint[], $2::uuid[]) AS u (person, id)
        JOIN session AS s ON s.person = u.person AND s.id = u.id WHERE s.expires_at > $3
        """,
        [person for person, _ in sessions],
        [session for _, session in sessions],
        now,
    )
    return {(row["person"], row["id"]) for row in rows}


# --- Claims ---------------------------------------------------------------------------------------


async def lock_person(connection: Connection, person: PersonId) -> asyncpg.Record | None:
    """A person's row, held until the end of the transaction: sign-ups of one person take turns."""
    return await connection.fetchrow("SELECT * FROM person WHERE id = $1 FOR NO KEY UPDATE", person)


async def put_offer(
    connection: Connection, person: PersonId, code_hash: bytes, now: datetime, expires_at: datetime
) -> None:
    """An offer; a new one replaces the one before."""
    await connection.execute(
        """
        INSERT INTO claim_offer (person, code_hash, offered_at, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (person) DO UPDATE
        SET code_hash = excluded.code_hash, offered_at = excluded.offered_at,
            expires_at = excluded.expires_at, used_at = NULL
        """,
        person,
        code_hash,
        now,
        expires_at,
    )


async def lock_offer(connection: Connection, person: PersonId, code_hash: bytes) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT * FROM claim_offer WHERE person = $1 AND code_hash = $2 FOR UPDATE", person, code_hash
    )


async def use_offer(connection: Connection, person: PersonId, now: datetime) -> None:
    await connection.execute("UPDATE claim_offer SET used_at = $2 WHERE person = $1", person, now)


async def set_left(connection: Connection, person: PersonId, now: datetime) -> None:
    await connection.execute("UPDATE person SET left_at = $2 WHERE id = $1", person, now)


# --- By the clock ---------------------------------------------------------------------------------


async def delete_expired(connection: Connection, now: datetime, tries_before: datetime) -> None:
    await connection.execute("DELETE FROM session WHERE expires_at <= $1", now)
    await connection.execute(
        "DELETE FROM sign_in_try WHERE last_at < $1 AND wait_until < $2", tries_before, now
    )
