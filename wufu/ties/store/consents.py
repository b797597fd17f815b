"""What people let others find and see."""

from collections.abc import Iterable

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.privacy import Privacy, PrivacyChange


async def privacies(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, Privacy]:
    """The settings of those who have a row; the others have never changed any."""
    rows = await connection.fetch(
        """
        SELECT person, by_name, by_code, by_phone, suggested, friends_seen
        FROM tie_person WHERE person = ANY($1::bigint[])
        """,
        list(people),
    )
    return {row[0]: Privacy(*row[1:]) for row in (tuple(row) for row in rows)}


async def change(connection: Connection, person: PersonId, change: PrivacyChange) -> None:
    """What is None stays; the person's row is there and locked."""
    await connection.execute(
        """
        UPDATE tie_person SET by_name = coalesce($2, by_name), by_code = coalesce($3, by_code),
            by_phone = coalesce($4, by_phone), suggested = coalesce($5, suggested),
            friends_seen = coalesce($6, friends_seen)
        WHERE person = $1
        """,
        person,
        change.by_name,
        change.by_code,
        change.by_phone,
        change.suggested,
        change.friends_seen,
    )
