"""Invitations, who used them, and the codes that were tried and that nobody made."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.invitation import Invitation

COLUMNS = "inviter, id, code_hash, salt, note, uses, used, made_at, expires_at, revoked_at"
Key = tuple[PersonId, UUID]


def _invitation(row: asyncpg.Record) -> Invitation:
    return Invitation(**row)


async def one(connection: Connection, inviter: PersonId, invitation: UUID) -> Invitation | None:
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM tie_invitation WHERE inviter = $1 AND id = $2", inviter, invitation
    )
    return None if row is None else _invitation(row)


async def insert(connection: Connection, new: Invitation) -> None:
    await connection.execute(
        f"INSERT INTO tie_invitation ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.inviter,
        new.id,
        new.code_hash,
        new.salt,
        new.note,
        new.uses,
        new.used,
        new.made_at,
        new.expires_at,
        new.revoked_at,
    )


async def count_live(connection: Connection, inviter: PersonId, now: datetime) -> int:
    count: int = await connection.fetchval(
        """
        SELECT count(*) FROM tie_invitation
        WHERE inviter = $1 AND expires_at > $2 AND revoked_at IS NULL AND used < uses
        """,
        inviter,
        now,
    )
    return count


async def of_codes(
    connection: Connection, codes: Iterable[tuple[PersonId, bytes]], *, lock: bool
) -> dict[tuple[PersonId, bytes], Invitation]:
    """Whose invitations these are, by inviter and hash; locked in the order of their keys."""
    listed = sorted(set(codes))
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM tie_invitation
        WHERE (inviter, code_hash) IN (SELECT * FROM unnest($1::bigint[], $2::bytea[]))
        ORDER BY inviter, id {"FOR UPDATE" if lock else ""}
        """,
        [inviter for inviter, _ in listed],
        [code_hash for _, code_hash in listed],
    )
    return {(row["inviter"], row["code_hash"]): _invitation(row) for row in rows}


async def add_uses(connection: Connection, uses: Sequence[tuple[Key, PersonId]], now: datetime) -> None:
    """Write down who used which invitation, each once, and count them."""
    await connection.execute(
        """
        INSERT INTO tie_invitation_use (inviter, invitation, person, at)
        SELECT u.*, $4 FROM unnest($1::bigint[], $2::uuid[], $3::bigint[]) AS u
        """,
        [inviter for (inviter, _), _ in uses],
        [invitation for (_, invitation), _ in uses],
        [person for _, person in uses],
        now,
    )
    await connection.execute(
        """
        UPDATE tie_invitation AS kept SET used = kept.used + new.used
        FROM (
            SELECT u.inviter, u.id, count(*)::int AS used
            FROM unnest($1::bigint[], $2::uuid[]) AS u (inviter, id) GROUP BY u.inviter, u.id
        ) AS new
        WHERE kept.inviter = new.inviter AND kept.id = new.id
        """,
        [inviter for (inviter, _), _ in uses],
        [invitation for (_, invitation), _ in uses],
    )


async def revoke(connection: Connection, inviter: PersonId, invitation: UUID, now: datetime) -> bool:
    """Whether there is such an invitation; what was revoked before stays revoked since then."""
    done: str = await connection.execute(
        """
        UPDATE tie_invitation SET revoked_at = coalesce(revoked_at, $3) WHERE inviter = $1 AND id = $2
        """,
        inviter,
        invitation,
        now,
    )
    return done != "UPDATE 0"


async def of_inviter(connection: Connection, inviter: PersonId, limit: int) -> list[Invitation]:
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM tie_invitation WHERE inviter = $1 ORDER BY made_at DESC, id LIMIT $2",
        inviter,
        limit,
    )
    return [_invitation(row) for row in rows]


async def uses_of(
    connection: Connection, inviter: PersonId, ids: Sequence[UUID]
) -> list[tuple[UUID, PersonId, datetime]]:
    rows = await connection.fetch(
        """
        SELECT invitation, person, at FROM tie_invitation_use
        WHERE inviter = $1 AND invitation = ANY($2::uuid[]) ORDER BY at DESC, person
        """,
        inviter,
        list(ids),
    )
    return [(row["invitation"], row["person"], row["at"]) for row in rows]


async def forget(connection: Connection, ended_before: datetime) -> None:
    """Drop invitations that ended so long ago, with their uses."""
    await connection.execute(
        """
        WITH gone AS (DELETE FROM tie_invitation WHERE expires_at < $1 RETURNING inviter, id)
        DELETE FROM tie_invitation_use AS u USING gone
        WHERE u.inviter = gone.inviter AND u.invitation = gone.id
        """,
        ended_before,
    )


# --- Guesses --------------------------------------------------------------------------------------


async def guesses(
    connection: Connection, keys: Iterable[str], after: datetime
) -> dict[str, tuple[int, datetime]]:
    """How many wrong codes were tried under these keys in an hour that began after `after`, and its begin."""
    rows = await connection.fetch(
        "SELECT key, wrong, since FROM tie_guess WHERE key = ANY($1::text[]) AND since > $2",
        sorted(set(keys)),
        after,
    )
    return {row["key"]: (row["wrong"], row["since"]) for row in rows}


async def count_wrong(
    connection: Connection, wrong: dict[str, int], now: datetime, after: datetime
) -> dict[str, int]:
    """Count wrong codes; how many there are now under each key. A burst is counted in turn."""
    rows = await connection.fetch(
        """
        INSERT INTO tie_guess AS kept (key, wrong, since)
        SELECT u.*, $3 FROM unnest($1::text[], $2::int[]) AS u ORDER BY 1
        ON CONFLICT (key) DO UPDATE SET
            wrong = CASE WHEN kept.since > $4 THEN kept.wrong + excluded.wrong ELSE excluded.wrong END,
            since = CASE WHEN kept.since > $4 THEN kept.since ELSE excluded.since END
        RETURNING key, wrong
        """,
        list(wrong),
        list(wrong.values()),
        now,
        after,
    )
    return {row["key"]: row["wrong"] for row in rows}


async def forget_guesses(connection: Connection, before: datetime) -> None:
    await connection.execute("DELETE FROM tie_guess WHERE since <= $1", before)
