"""Conversations and their members."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import asyncpg

from wufu.chat.model import Conversation, Member, Notify, Role
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection

COLUMNS = (
    "id, kind, low, high, title, people, last_number, last_change, version, room, room_epoch, approval,"
    " all_muted, closed_at"
)
MEMBER = (
    "person, role, joined_number, joined_at, muted_until, read_through, read_at, notify, pinned,"
    " hidden_through"
)
WIDTH = len(COLUMNS.split(","))
BESIDE = 5
"""Columns of `see_mine` between the conversation's and the member's."""
Key = tuple[ConversationId, PersonId]


async def lock(
    connection: Connection, conversations: Iterable[ConversationId]
) -> dict[ConversationId, Conversation]:
    """Lock these conversations in the order of their ids until the transaction ends; those that exist."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM conversation WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        list(set(conversations)),
    )
    return {row["id"]: Conversation(*row) for row in rows}


async def see(
    connection: Connection, conversations: Iterable[ConversationId]
) -> dict[ConversationId, Conversation]:
    """These conversations as they are now, unlocked."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM conversation WHERE id = ANY($1::uuid[])", list(set(conversations))
    )
    return {row["id"]: Conversation(*row) for row in rows}


async def members(connection: Connection, keys: Iterable[Key]) -> dict[Key, Member]:
    """Those of the asked (conversation, person) who are members."""
    listed = list(set(keys))
    rows = await connection.fetch(
        f"""
        WITH key AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS u (c, p))
        SELECT conversation, {MEMBER} FROM key JOIN chat_member ON conversation = c AND person = p
        """,
        [conversation for conversation, _ in listed],
        [person for _, person in listed],
    )
    return {(row[0], row[1]): Member(*row[1:]) for row in rows}


async def members_of(connection: Connection, conversation: ConversationId) -> list[Member]:
    """Everybody in a conversation, by number."""
    rows = await connection.fetch(
        f"SELECT {MEMBER} FROM chat_member WHERE conversation = $1 ORDER BY person", conversation
    )
    return [Member(*row) for row in rows]


async def members_of_many(
    connection: Connection, conversations: Sequence[ConversationId]
) -> dict[ConversationId, list[PersonId]]:
    """The people of several conversations."""
    rows = await connection.fetch(
        "SELECT conversation, person FROM chat_member WHERE conversation = ANY($1::uuid[])", conversations
    )
    found: dict[ConversationId, list[PersonId]] = {}
    for conversation, person in rows:
        found.setdefault(conversation, []).append(person)
    return found


async def bear(
    connection: Connection, born: Mapping[ConversationId, tuple[PersonId, PersonId]], now: datetime
) -> None:
    """Conversations of two (or notes to oneself) and their members, where they are not there yet."""
    ordered = sorted(born.items())
    low = [min(pair) for _, pair in ordered]
    high = [max(pair) for _, pair in ordered]
    ids = [conversation for conversation, _ in ordered]
    await connection.execute(
        """
        INSERT INTO conversation (id, kind, low, high, title, people, created_by, created_at)
        SELECT u.id, CASE WHEN u.low = u.high THEN 'self' ELSE 'direct' END, u.low, u.high, '',
               CASE WHEN u.low = u.high THEN 1 ELSE 2 END, u.by, $5
        FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (id, low, high, by)
        ON CONFLICT (id) DO NOTHING
        """,
        ids,
        low,
        high,
        [pair[0] for _, pair in ordered],
        now,
    )
    await connection.execute(
        """
        INSERT INTO chat_member (conversation, person, role, joined_number, joined_at, read_through)
        SELECT u.id, u.person, 'member', 0, $3, 0 FROM unnest($1::uuid[], $2::bigint[]) AS u (id, person)
        ORDER BY 1, 2
        ON CONFLICT (conversation, person) DO NOTHING
        """,
        [*ids, *ids],
        [*low, *high],
        now,
    )


async def found(connection: Connection, new: Conversation, asked: bytes, by: PersonId, now: datetime) -> None:
    """A new group, with no members yet."""
    await connection.execute(
        """
        INSERT INTO conversation (id, kind, title, people, room, room_epoch, asked, created_by, created_at)
        VALUES ($1, 'group', $2, $3, $4, $5, $6, $7, $8)
        """,
        new.id,
        new.title,
        new.people,
        new.room,
        new.room_epoch,
        asked,
        by,
        now,
    )


async def is_there(connection: Connection, conversation: ConversationId, asked: bytes) -> bool | None:
    """Whether a conversation was founded by the request of this fingerprint; None: there is none."""
    rows = await connection.fetch("SELECT asked FROM conversation WHERE id = $1", conversation)
    return rows[0]["asked"] == asked if rows else None


async def keep(connection: Connection, changed: Iterable[Conversation]) -> None:
    """Write the counters of locked conversations."""
    ordered = sorted(changed, key=lambda each: each.id)
    await connection.execute(
        """
        UPDATE conversation AS kept SET last_number = new.last_number, last_change = new.last_change
        FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS new (id, last_number, last_change)
        WHERE kept.id = new.id
        """,
        [each.id for each in ordered],
        [each.last_number for each in ordered],
        [each.last_change for each in ordered],
    )


async def keep_settings(connection: Connection, changed: Conversation) -> None:
    """Write what a group is set to, and who many are in it."""
    await connection.execute(
        """
        UPDATE conversation SET title = $2, people = $3, version = $4, room = $5, room_epoch = $6,
                                approval = $7, all_muted = $8
        WHERE id = $1
        """,
        changed.id,
        changed.title,
        changed.people,
        changed.version,
        changed.room,
        changed.room_epoch,
        changed.approval,
        changed.all_muted,
    )


async def announce(
    connection: Connection, conversation: ConversationId, text: str | None, by: PersonId, now: datetime
) -> None:
    """Set or remove a group's announcement."""
    await connection.execute(
        "UPDATE conversation SET announcement = $2, announced_by = $3, announced_at = $4 WHERE id = $1",
        conversation,
        text,
        by if text is not None else None,
        now if text is not None else None,
    )


async def announcement(connection: Connection, conversation: ConversationId) -> asyncpg.Record | None:
    """A group's announcement: text, by, at."""
    return await connection.fetchrow(
        """
        SELECT announcement AS text, announced_by AS by, announced_at AS at FROM conversation
        WHERE id = $1 AND announcement IS NOT NULL
        """,
        conversation,
    )


async def enter(
    connection: Connection,
    conversation: ConversationId,
    people: Sequence[PersonId],
    role: Role,
    after_number: int,
    now: datetime,
) -> None:
    """Make people members who see what comes after a number."""
    await connection.execute(
        """
        INSERT INTO chat_member (conversation, person, role, joined_number, joined_at, read_through)
        SELECT $1, u.person, $3, $4, $5, $4 FROM unnest($2::bigint[]) AS u (person)
        """,
        conversation,
        people,
        role,
        after_number,
        now,
    )


async def leave(connection: Connection, conversation: ConversationId, person: PersonId) -> None:
    """End somebody's membership, and forget when they read what."""
    await connection.execute(
        "DELETE FROM chat_member WHERE conversation = $1 AND person = $2", conversation, person
    )
    await connection.execute(
        "DELETE FROM chat_read WHERE conversation = $1 AND person = $2", conversation, person
    )


async def set_role(
    connection: Connection, conversation: ConversationId, person: PersonId, role: Role
) -> None:
    await connection.execute(
        "UPDATE chat_member SET role = $3 WHERE conversation = $1 AND person = $2", conversation, person, role
    )


async def mute(
    connection: Connection, conversation: ConversationId, person: PersonId, until: datetime | None
) -> None:
    await connection.execute(
        "UPDATE chat_member SET muted_until = $3 WHERE conversation = $1 AND person = $2",
        conversation,
        person,
        until,
    )


async def set_own(
    connection: Connection,
    conversation: ConversationId,
    person: PersonId,
    notify: Notify,
    pinned: bool,
    hidden_through: int,
) -> None:
    """What a member set for themselves; clearing the history reads it too."""
    await connection.execute(
        """
        UPDATE chat_member SET notify = $3, pinned = $4, hidden_through = $5,
                               read_through = greatest(read_through, $5)
        WHERE conversation = $1 AND person = $2
        """,
        conversation,
        person,
        notify,
        pinned,
        hidden_through,
    )


async def groups_of(connection: Connection, person: PersonId) -> list[asyncpg.Record]:
    """The groups somebody is in, each with its room, in the order of joining."""
    return await connection.fetch(
        """
        SELECT c.id, c.room FROM chat_member AS m JOIN conversation AS c ON c.id = m.conversation
        WHERE m.person = $1 AND c.kind = 'group' ORDER BY m.joined_at, c.id
        """,
        person,
    )


async def lock_group_counts(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, int]:
    """In how many groups people are, locked in the order of their numbers."""
    ordered = sorted(set(people))
    await connection.execute(
        "INSERT INTO chat_person (person) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING", ordered
    )
    rows = await connection.fetch(
        "SELECT person, groups FROM chat_person WHERE person = ANY($1::bigint[]) ORDER BY person FOR UPDATE",
        ordered,
    )
    return {row["person"]: row["groups"] for row in rows}


async def count_groups(connection: Connection, people: Sequence[PersonId], more: int) -> None:
    """Count a group more, or one less, for people whose counts are locked."""
    await connection.execute(
        "UPDATE chat_person SET groups = groups + $2 WHERE person = ANY($1::bigint[])", people, more
    )


async def see_mine(
    connection: Connection, person: PersonId, only: Sequence[ConversationId] | None = None
) -> list[asyncpg.Record]:
    """A person's conversations with their own place in each, as one row a conversation."""
    return await connection.fetch(
        f"""
        SELECT c.{COLUMNS.replace(", ", ", c.")}, c.announcement, c.announced_by, c.announced_at,
               c.burn_seconds, c.created_at, m.{MEMBER.replace(", ", ", m.")}
        FROM chat_member AS m JOIN conversation AS c ON c.id = m.conversation
        WHERE m.person = $1 AND ($2::uuid[] IS NULL OR c.id = ANY($2))
        """,
        person,
        only,
    )


def place_of(row: asyncpg.Record) -> tuple[Conversation, Member]:
    """A row of `see_mine`."""
    return Conversation(*row[:WIDTH]), Member(*row[WIDTH + BESIDE :])


async def flags_of(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, asyncpg.Record]:
    """What people show of themselves: receipts, presence, strangers; who never said has no entry."""
    rows = await connection.fetch(
        "SELECT person, receipts, presence, strangers FROM chat_person WHERE person = ANY($1::bigint[])",
        list(set(people)),
    )
    return {row["person"]: row for row in rows}


async def silences(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, datetime | None]:
    """Which of these people moderators let not write, until when (None: without an end)."""
    rows = await connection.fetch(
        "SELECT person, until FROM chat_silence WHERE person = ANY($1::bigint[])", list(set(people))
    )
    return {row["person"]: row["until"] for row in rows}


async def set_flags(
    connection: Connection, person: PersonId, receipts: bool, presence: bool, strangers: bool
) -> None:
    await connection.execute(
        """
        INSERT INTO chat_person (person, receipts, presence, strangers) VALUES ($1, $2, $3, $4)
        ON CONFLICT (person) DO UPDATE
        SET receipts = excluded.receipts, presence = excluded.presence, strangers = excluded.strangers
        """,
        person,
        receipts,
        presence,
        strangers,
    )
