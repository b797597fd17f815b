"""What a person calls their friends, and the lists they sort them into."""

from collections.abc import Sequence
from uuid import UUID

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.label import FriendGroup, Label
from wufu.ties.model import Pair
from wufu.ties.store.pairs import columns


async def end(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Labels end with the friendship, of both."""
    for table in ("tie_label", "tie_group_member"):
        await connection.execute(
            f"""
            DELETE FROM {table} AS t USING unnest($1::bigint[], $2::bigint[]) AS gone (one, other)
            WHERE t.person = gone.one AND t.friend = gone.other
            """,
            *columns(pairs),
        )


async def of_person(connection: Connection, person: PersonId) -> dict[PersonId, Label]:
    rows = await connection.fetch(
        "SELECT friend, remark, starred, tags FROM tie_label WHERE person = $1", person
    )
    return {row["friend"]: Label(row["remark"], row["starred"], tuple(row["tags"])) for row in rows}


async def put(connection: Connection, person: PersonId, friend: PersonId, label: Label) -> None:
    await connection.execute(
        """
        INSERT INTO tie_label (person, friend, remark, starred, tags) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person, friend) DO UPDATE
        SET remark = excluded.remark, starred = excluded.starred, tags = excluded.tags
        """,
        person,
        friend,
        label.remark,
        label.starred,
        list(label.tags),
    )


async def drop(connection: Connection, person: PersonId, friend: PersonId) -> None:
    await connection.execute("DELETE FROM tie_label WHERE person = $1 AND friend = $2", person, friend)


async def groups(connection: Connection, person: PersonId) -> list[FriendGroup]:
    """A person's lists by name, each with its members in order."""
    rows = await connection.fetch(
        """
        SELECT g.id, g.name,
               ARRAY(SELECT m.friend FROM tie_group_member AS m
                     WHERE m.person = $1 AND m.group_id = g.id ORDER BY m.friend) AS people
        FROM tie_group AS g WHERE g.person = $1 ORDER BY g.name, g.id
        """,
        person,
    )
    return [FriendGroup(row["id"], row["name"], row["people"]) for row in rows]


async def put_group(connection: Connection, person: PersonId, group: FriendGroup) -> None:
    await connection.execute(
        """
        INSERT INTO tie_group (person, id, name) VALUES ($1, $2, $3)
        ON CONFLICT (person, id) DO UPDATE SET name = excluded.name
        """,
        person,
        group.id,
        group.name,
    )
    await _empty(connection, person, group.id)
    await connection.execute(
        "INSERT INTO tie_group_member (person, group_id, friend) SELECT $1, $2, unnest($3::bigint[])",
        person,
        group.id,
        group.people,
    )


async def drop_group(connection: Connection, person: PersonId, group: UUID) -> None:
    await _empty(connection, person, group)
    await connection.execute("DELETE FROM tie_group WHERE person = $1 AND id = $2", person, group)


async def _empty(connection: Connection, person: PersonId, group: UUID) -> None:
    await connection.execute(
        "DELETE FROM tie_group_member WHERE person = $1 AND group_id = $2", person, group
    )
