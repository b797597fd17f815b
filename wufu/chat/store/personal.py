"""What somebody who leaves said, wherever it was; all messages are looked through, a portion at a time."""

from wufu.chat.store.messages import Id, Place
from wufu.core.ids import PersonId
from wufu.db import Connection


async def said_by(connection: Connection, person: PersonId, most: int) -> list[Place]:
    """Messages of a person that still say something."""
    rows = await connection.fetch(
        """
        SELECT conversation, number FROM message
        WHERE sender = $1 AND recalled_by IS NULL AND kind NOT IN ('gone', 'secret', 'notice') LIMIT $2
        """,
        person,
        most,
    )
    return [(row["conversation"], row["number"]) for row in rows]


async def naming(connection: Connection, person: PersonId, name: str, most: int) -> list[Place]:
    """Notices that call a person by another name than this."""
    rows = await connection.fetch(
        """
        SELECT conversation, number FROM message
        WHERE kind = 'notice' AND body -> 'names' ? $1 AND body -> 'names' ->> $1 <> $2 LIMIT $3
        """,
        str(person),
        name,
        most,
    )
    return [(row["conversation"], row["number"]) for row in rows]


async def secrets_of(connection: Connection, person: PersonId, most: int) -> list[Id]:
    """Secret messages of a person that are not burnt yet."""
    rows = await connection.fetch(
        "SELECT conversation, message FROM secret_message WHERE sender = $1 LIMIT $2", person, most
    )
    return [(row["conversation"], row["message"]) for row in rows]
