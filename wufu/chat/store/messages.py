"""Messages: written with their numbers, changed under change numbers, read by either."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from wufu.chat.model import EVERYONE, KNOCKS, SYSTEM, Message
from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.db import Connection

COLUMNS = (
    "conversation, number, change, id, sender, kind, body, sent_at, reply_to, mentions, edited_at,"
    " recalled_by, reactions"
)
Id = tuple[ConversationId, MessageId]
Place = tuple[ConversationId, int]


def message_of(row: asyncpg.Record | tuple[Any, ...]) -> Message:
    """A row of COLUMNS as a message."""
    conversation, number, change, message, sender, kind, body, sent_at, reply_to, *rest = row
    mentions, edited_at, recalled_by, reactions = rest
    return Message(
        conversation,
        number,
        change,
        message,
        sender,
        kind,
        body,
        sent_at,
        reply_to,
        tuple(mentions),
        edited_at,
        recalled_by,
        reactions or {},
    )


async def earlier(connection: Connection, ids: Iterable[Id]) -> dict[Id, tuple[Message, bytes | None]]:
    """The messages that have these ids already, each with the fingerprint of what was asked."""
    listed = set(ids)
    rows = await connection.fetch(
        f"SELECT {COLUMNS}, asked FROM message WHERE id = ANY($1::uuid[])", [each for _, each in listed]
    )
    return {
        (row["conversation"], row["id"]): (message_of(row[:-1]), row[-1])
        for row in rows
        if (row["conversation"], row["id"]) in listed
    }


async def add(connection: Connection, messages: Sequence[Message], asked: Sequence[bytes | None]) -> None:
    """Write new messages, and whom they mention."""
    await connection.execute(
        """
        INSERT INTO message (conversation, number, change, id, sender, kind, body, sent_at, reply_to, asked,
                             mentions)
        SELECT m.conversation, m.number, m.change, m.id, m.sender, m.kind, m.body, m.sent_at, m.reply_to,
               m.asked,
               CASE m.mentions WHEN '' THEN '{}' ELSE string_to_array(m.mentions, ',')::bigint[] END
        FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[], $5::bigint[], $6::text[], $7::jsonb[],
                    $8::timestamptz[], $9::bigint[], $10::bytea[], $11::text[])
             AS m (conversation, number, change, id, sender, kind, body, sent_at, reply_to, asked, mentions)
        """,
        [each.conversation for each in messages],
        [each.number for each in messages],
        [each.change for each in messages],
        [each.id for each in messages],
        [each.sender for each in messages],
        [each.kind for each in messages],
        [each.body for each in messages],
        [each.sent_at for each in messages],
        [each.reply_to for each in messages],
        list(asked),
        # unnest flattens arrays of arrays, so mentions travel as text.
        [",".join(map(str, each.mentions)) for each in messages],
    )
    if any(each.mentions for each in messages):
        await add_mentions(connection, messages)


async def add_mentions(connection: Connection, messages: Sequence[Message]) -> None:
    """Note whom messages mention, so that they find them."""
    said = [(each.conversation, person, each.number) for each in messages for person in each.mentions]
    await connection.execute(
        """
        INSERT INTO message_mention (conversation, person, number)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING
        """,
        *([one[place] for one in said] for place in range(3)),
    )


async def drop_mentions(connection: Connection, places: Sequence[Place]) -> None:
    await connection.execute(
        """
        DELETE FROM message_mention AS m USING unnest($1::uuid[], $2::bigint[]) AS u (conversation, number)
        WHERE m.conversation = u.conversation AND m.number = u.number
        """,
        [conversation for conversation, _ in places],
        [number for _, number in places],
    )


async def at(connection: Connection, places: Iterable[Place]) -> dict[Place, Message]:
    """Messages by conversation and number."""
    listed = list(set(places))
    rows = await connection.fetch(
        f"""
        WITH key AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS u (c, n))
        SELECT {COLUMNS} FROM key JOIN message ON conversation = c AND number = n
        """,
        [conversation for conversation, _ in listed],
        [number for _, number in listed],
    )
    return {(row["conversation"], row["number"]): message_of(row) for row in rows}


async def change(connection: Connection, messages: Sequence[Message], forget: Sequence[bool]) -> None:
    """Write messages as they are now. `forget`: also the fingerprint of what was asked for."""
    await connection.execute(
        """
        UPDATE message AS kept
        SET change = new.change, kind = new.kind, body = new.body, edited_at = new.edited_at,
            recalled_by = new.recalled_by, reactions = new.reactions,
            mentions = CASE new.mentions WHEN '' THEN '{}'
                                         ELSE string_to_array(new.mentions, ',')::bigint[] END,
            asked = CASE WHEN new.forget THEN NULL ELSE kept.asked END
        FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[],
                    $7::bigint[], $8::jsonb[], $9::text[], $10::boolean[])
             AS new (conversation, number, change, kind, body, edited_at, recalled_by, reactions, mentions,
                     forget)
        WHERE kept.conversation = new.conversation AND kept.number = new.number
        """,
        [each.conversation for each in messages],
        [each.number for each in messages],
        [each.change for each in messages],
        [each.kind for each in messages],
        [each.body for each in messages],
        [each.edited_at for each in messages],
        [each.recalled_by for each in messages],
        [each.reactions or None for each in messages],
        [",".join(map(str, each.mentions)) for each in messages],
        list(forget),
    )


# --- Reading --------------------------------------------------------------------------------------


async def changes(
    connection: Connection, conversation: ConversationId, after: int, above: int, limit: int
) -> list[Message]:
    """What changed after change number `after` among messages numbered above `above`, in order of change."""
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM message WHERE conversation = $1 AND change > $2 AND number > $3
        ORDER BY change LIMIT $4
        """,
        conversation,
        after,
        above,
        limit,
    )
    return [message_of(row) for row in rows]


async def newest(
    connection: Connection, conversation: ConversationId, before: int, above: int, limit: int
) -> list[Message]:
    """Messages numbered below `before` and above `above`, the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM message WHERE conversation = $1 AND number < $2 AND number > $3
        ORDER BY number DESC LIMIT $4
        """,
        conversation,
        before,
        above,
        limit,
    )
    return [message_of(row) for row in rows]


async def following(
    connection: Connection, conversation: ConversationId, after: int, limit: int
) -> list[Message]:
    """Messages numbered above `after`, the oldest first."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM message WHERE conversation = $1 AND number > $2 ORDER BY number LIMIT $3",
        conversation,
        after,
        limit,
    )
    return [message_of(row) for row in rows]


async def knocks(
    connection: Connection, pairs: Sequence[tuple[ConversationId, PersonId]]
) -> dict[tuple[ConversationId, PersonId], int]:
    """How many messages each person sent there since anybody else spoke, at most KNOCKS.

    The newest KNOCKS messages tell: if one of them is another's, the person was answered.
    """
    found = {}
    for conversation, person in pairs:
        last = await newest(connection, conversation, 2**63 - 1, 0, KNOCKS)
        mine = 0
        for message in last:
            if message.sender != person:
                break
            mine += 1
        found[conversation, person] = mine
    return found


async def wrote(
    connection: Connection, pairs: Sequence[tuple[ConversationId, PersonId]]
) -> set[tuple[ConversationId, PersonId]]:
    """Those of these people who have written in their conversation."""
    rows = await connection.fetch(
        """
        SELECT u.conversation, u.person FROM unnest($1::uuid[], $2::bigint[]) AS u (conversation, person)
        WHERE EXISTS (SELECT FROM message AS m WHERE m.conversation = u.conversation AND m.sender = u.person)
        """,
        [conversation for conversation, _ in pairs],
        [person for _, person in pairs],
    )
    return {(row["conversation"], row["person"]) for row in rows}


async def last_of(
    connection: Connection, heads: Sequence[tuple[ConversationId, int]]
) -> dict[ConversationId, Message]:
    """The newest message of each conversation, given its number."""
    return {place[0]: message for place, message in (await at(connection, heads)).items()}


async def unread(
    connection: Connection, person: PersonId, heads: Sequence[tuple[ConversationId, int]], most: int
) -> dict[ConversationId, int]:
    """How many messages above a number other people sent (not recalled), counted up to `most`."""
    rows = await connection.fetch(
        """
        SELECT u.conversation, counted.unread
        FROM unnest($2::uuid[], $3::bigint[]) AS u (conversation, above)
        CROSS JOIN LATERAL (
            SELECT count(*) AS unread FROM (
                SELECT 1 FROM message AS m
                WHERE m.conversation = u.conversation AND m.number > u.above AND m.sender NOT IN ($1, $5)
                      AND m.recalled_by IS NULL
                LIMIT $4
            ) AS few
        ) AS counted
        """,
        person,
        [conversation for conversation, _ in heads],
        [above for _, above in heads],
        most,
        SYSTEM,
    )
    return {row["conversation"]: row["unread"] for row in rows}


async def mentions(
    connection: Connection, person: PersonId, heads: Sequence[tuple[ConversationId, int]], most: int
) -> dict[ConversationId, list[int]]:
    """The numbers above a number under which somebody, or everyone, is mentioned: the newest `most`."""
    rows = await connection.fetch(
        """
        SELECT u.conversation, noted.number
        FROM unnest($1::uuid[], $2::bigint[]) AS u (conversation, above)
        CROSS JOIN LATERAL (
            SELECT DISTINCT m.number FROM message_mention AS m
            WHERE m.conversation = u.conversation AND m.person IN ($3, $4) AND m.number > u.above
            ORDER BY m.number DESC LIMIT $5
        ) AS noted
        ORDER BY 2
        """,
        [conversation for conversation, _ in heads],
        [above for _, above in heads],
        person,
        EVERYONE,
        most,
    )
    found: dict[ConversationId, list[int]] = {}
    for conversation, number in rows:
        found.setdefault(conversation, []).append(number)
    return found


# --- Pace -----------------------------------------------------------------------------------------


async def lock_pace(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, datetime]:
    """How far ahead of their pace people are, locked in the order of their numbers."""
    rows = await connection.fetch(
        "SELECT person, due_at FROM chat_pace WHERE person = ANY($1::bigint[]) ORDER BY person FOR UPDATE",
        sorted(set(people)),
    )
    return {row["person"]: row["due_at"] for row in rows}


async def set_pace(connection: Connection, due: Mapping[PersonId, datetime]) -> None:
    ordered = sorted(due.items())
    await connection.execute(
        """
        INSERT INTO chat_pace (person, due_at) SELECT * FROM unnest($1::bigint[], $2::timestamptz[])
        ON CONFLICT (person) DO UPDATE SET due_at = excluded.due_at
        """,
        [person for person, _ in ordered],
        [at for _, at in ordered],
    )
