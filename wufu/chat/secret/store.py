"""All SQL of secret messages, except their laws. No statement here ever carries content."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.chat.secret.model import DeviceKey, Reader, Secret, b64
from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.db import Connection

Id = tuple[ConversationId, MessageId]


# --- Devices --------------------------------------------------------------------------------------


async def lock_devices(connection: Connection, person: PersonId) -> dict[UUID, tuple[UUID, bytes]]:
    """device → (session, key) of a person, locked."""
    rows = await connection.fetch(
        "SELECT device, session, key FROM secret_device WHERE person = $1 ORDER BY device FOR UPDATE", person
    )
    return {row["device"]: (row["session"], row["key"]) for row in rows}


async def put_device(
    connection: Connection, person: PersonId, device: UUID, session: UUID, key: bytes, now: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO secret_device (person, device, session, key, since) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person, device) DO UPDATE
        SET session = excluded.session, key = excluded.key,
            since = CASE WHEN secret_device.key = excluded.key THEN secret_device.since
                         ELSE excluded.since END
        """,
        person,
        device,
        session,
        key,
        now,
    )


async def take_devices_of_sessions(
    connection: Connection, sessions: Sequence[tuple[PersonId, UUID]]
) -> list[tuple[PersonId, UUID]]:
    """Remove the keys of these sessions: (person, device) of those removed."""
    rows = await connection.fetch(
        """
        DELETE FROM secret_device AS d USING unnest($1::bigint[], $2::uuid[]) AS s (person, session)
        WHERE d.person = s.person AND d.session = s.session RETURNING d.person, d.device
        """,
        [person for person, _ in sessions],
        [session for _, session in sessions],
    )
    return [(row["person"], row["device"]) for row in rows]


async def devices_of(connection: Connection, people: Iterable[PersonId]) -> list[tuple[DeviceKey, UUID]]:
    """The keys of these people with the session each belongs to, by person and device."""
    rows = await connection.fetch(
        "SELECT * FROM secret_device WHERE person = ANY($1::bigint[]) ORDER BY person, device", list(people)
    )
    return [
        (DeviceKey(row["person"], row["device"], b64(row["key"]), row["since"]), row["session"])
        for row in rows
    ]


async def all_sessions(connection: Connection) -> list[tuple[PersonId, UUID]]:
    rows = await connection.fetch("SELECT person, session FROM secret_device ORDER BY person, session")
    return [(row["person"], row["session"]) for row in rows]


async def companions(
    connection: Connection, person: PersonId, most_people: int, limit: int
) -> list[PersonId]:
    """Who shares a conversation with a person in which secrets are sent: the mode is on, or one lives."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT other.person FROM chat_member AS mine
        JOIN conversation AS c ON c.id = mine.conversation AND c.people <= $2
        JOIN chat_member AS other ON other.conversation = c.id AND other.person <> $1
        WHERE mine.person = $1
          AND (c.burn_seconds IS NOT NULL
               OR EXISTS (SELECT FROM secret_message AS s WHERE s.conversation = c.id))
        ORDER BY other.person LIMIT $3
        """,
        person,
        most_people,
        limit,
    )
    return [row["person"] for row in rows]


# --- Modes ----------------------------------------------------------------------------------------


async def set_mode(connection: Connection, conversation: ConversationId, seconds: int | None) -> bool:
    """Whether the mode is another one now."""
    changed = await connection.fetchval(
        """
        UPDATE conversation SET burn_seconds = $2, version = version + 1
        WHERE id = $1 AND burn_seconds IS DISTINCT FROM $2 RETURNING id
        """,
        conversation,
        seconds,
    )
    return changed is not None


async def modes_of(connection: Connection, person: PersonId) -> list[asyncpg.Record]:
    return list(
        await connection.fetch(
            """
            SELECT c.id AS conversation, c.burn_seconds AS timer_seconds FROM chat_member AS m
            JOIN conversation AS c ON c.id = m.conversation
            WHERE m.person = $1 AND c.burn_seconds IS NOT NULL ORDER BY c.id
            """,
            person,
        )
    )


# --- Messages -------------------------------------------------------------------------------------


async def insert(connection: Connection, secret: Secret) -> None:
    await connection.execute(
        """
        INSERT INTO secret_message (conversation, message, number, sender, object, digest, timer_seconds,
                                    sent_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        secret.conversation,
        secret.message,
        secret.number,
        secret.sender,
        secret.object,
        secret.digest,
        secret.timer_seconds,
        secret.sent_at,
        secret.expires_at,
    )
    await connection.execute(
        """
        INSERT INTO secret_reader (conversation, message, person)
        SELECT $1, $2, * FROM unnest($3::bigint[])
        """,
        secret.conversation,
        secret.message,
        [reader.person for reader in secret.readers],
    )


async def lock(connection: Connection, ids: Iterable[Id]) -> dict[Id, Secret]:
    """Secrets that are not burnt for everybody, locked in order of their ids."""
    return await _read(connection, ids, "FOR UPDATE OF s")


async def look(connection: Connection, ids: Iterable[Id]) -> dict[Id, Secret]:
    """The same, without a lock."""
    return await _read(connection, ids, "")


async def _read(connection: Connection, ids: Iterable[Id], locking: str) -> dict[Id, Secret]:
    listed = sorted(set(ids))
    rows = await connection.fetch(
        f"""
        SELECT s.* FROM unnest($1::uuid[], $2::uuid[]) AS k (conversation, message)
        JOIN secret_message AS s ON s.conversation = k.conversation AND s.message = k.message
        ORDER BY s.conversation, s.message {locking}
        """,
        [conversation for conversation, _ in listed],
        [message for _, message in listed],
    )
    readers = await _readers(connection, [(row["conversation"], row["message"]) for row in rows])
    return {
        (row["conversation"], row["message"]): Secret(
            **dict(row.items()), readers=tuple(readers[row["conversation"], row["message"]])
        )
        for row in rows
    }


async def _readers(connection: Connection, ids: Sequence[Id]) -> dict[Id, list[Reader]]:
    rows = await connection.fetch(
        """
        SELECT r.* FROM unnest($1::uuid[], $2::uuid[]) AS k (conversation, message)
        JOIN secret_reader AS r ON r.conversation = k.conversation AND r.message = k.message
        ORDER BY r.person
        """,
        [conversation for conversation, _ in ids],
        [message for _, message in ids],
    )
    readers: dict[Id, list[Reader]] = {id_: [] for id_ in ids}
    for row in rows:
        reader = Reader(row["person"], row["seen_at"], row["burns_at"], row["burnt_at"])
        readers[row["conversation"], row["message"]].append(reader)
    return readers


async def keep_readers(connection: Connection, secrets: Sequence[Secret]) -> None:
    """Write down how these secrets stand for each of their readers."""
    rows = [(secret, reader) for secret in secrets for reader in secret.readers]
    await connection.execute(
        """
        UPDATE secret_reader AS r SET seen_at = n.seen_at, burns_at = n.burns_at, burnt_at = n.burnt_at
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[],
                    $6::timestamptz[])
             AS n (conversation, message, person, seen_at, burns_at, burnt_at)
        WHERE r.conversation = n.conversation AND r.message = n.message AND r.person = n.person
        """,
        [secret.conversation for secret, _ in rows],
        [secret.message for secret, _ in rows],
        [reader.person for _, reader in rows],
        [reader.seen_at for _, reader in rows],
        [reader.burns_at for _, reader in rows],
        [reader.burnt_at for _, reader in rows],
    )


async def note_screenshots(
    connection: Connection, told: Sequence[tuple[ConversationId, MessageId, PersonId]], now: datetime
) -> set[tuple[ConversationId, MessageId, PersonId]]:
    """Note that readers' phones saw their screen copied; those of whom nothing was noted before."""
    rows = await connection.fetch(
        """
        UPDATE secret_reader AS r SET screenshot_at = $4
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS t (conversation, message, person)
        WHERE r.conversation = t.conversation AND r.message = t.message AND r.person = t.person
          AND r.screenshot_at IS NULL
        RETURNING r.conversation, r.message, r.person
        """,
        *([one[place] for one in told] for place in range(3)),
        now,
    )
    return {(row["conversation"], row["message"], row["person"]) for row in rows}


async def forget(connection: Connection, ids: Sequence[Id]) -> None:
    """Delete everything about these secrets; readers go along."""
    await connection.execute(
        """
        DELETE FROM secret_message AS s USING unnest($1::uuid[], $2::uuid[]) AS k (conversation, message)
        WHERE s.conversation = k.conversation AND s.message = k.message
        """,
        [conversation for conversation, _ in ids],
        [message for _, message in ids],
    )


async def due(connection: Connection, now: datetime, limit: int) -> list[Id]:
    """Secrets of which something has to burn by now."""
    rows = await connection.fetch(
        """
        (SELECT conversation, message FROM secret_reader WHERE burns_at <= $1 AND burnt_at IS NULL
         ORDER BY burns_at LIMIT $2)
        UNION
        (SELECT conversation, message FROM secret_message WHERE expires_at <= $1
         ORDER BY expires_at LIMIT $2)
        """,
        now,
        limit,
    )
    return [(row["conversation"], row["message"]) for row in rows]


# --- The operator's hold --------------------------------------------------------------------------


async def settle_policy(connection: Connection, retention_seconds: int, now: datetime) -> int:
    """Settle the hold if it never was; the one that stands."""
    await connection.execute(
        "INSERT INTO secret_policy (retention_seconds, settled_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        retention_seconds,
        now,
    )
    return await retention(connection)


async def retention(connection: Connection) -> int:
    """Seconds for which burnt ciphertext is held; 0 unless it was switched on at installation."""
    seconds: int | None = await connection.fetchval("SELECT retention_seconds FROM secret_policy")
    return seconds or 0


async def hold(connection: Connection, secrets: Sequence[Secret], now: datetime, until: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO secret_held (conversation, message, object, burnt_at, until)
        SELECT *, $4, $5 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
        """,
        [secret.conversation for secret in secrets],
        [secret.message for secret in secrets],
        [secret.object for secret in secrets],
        now,
        until,
    )


async def take_held(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Objects whose hold is over; they are held no more."""
    rows = await connection.fetch(
        """
        DELETE FROM secret_held WHERE (conversation, message) IN (
            SELECT conversation, message FROM secret_held WHERE until <= $1
            ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING object
        """,
        now,
        limit,
    )
    return [row["object"] for row in rows]
