"""What can be searched."""

from collections.abc import Mapping, Sequence

from wufu.chat.model import Message
from wufu.chat.store.messages import COLUMNS, Place, message_of
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection


async def put(connection: Connection, words: Mapping[Place, str]) -> None:
    """Note the words of messages, instead of any before. Words of one message are separated by spaces."""
    await connection.execute(
        """
        INSERT INTO message_words (conversation, number, words)
        SELECT u.conversation, u.number, array_to_tsvector(string_to_array(u.words, ' '))
        FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS u (conversation, number, words)
        ON CONFLICT (conversation, number) DO UPDATE SET words = excluded.words
        """,
        [conversation for conversation, _ in words],
        [number for _, number in words],
        list(words.values()),
    )


async def drop(connection: Connection, places: Sequence[Place]) -> None:
    """Forget the words of messages."""
    await connection.execute(
        """
        DELETE FROM message_words AS w USING unnest($1::uuid[], $2::bigint[]) AS u (conversation, number)
        WHERE w.conversation = u.conversation AND w.number = u.number
        """,
        [conversation for conversation, _ in places],
        [number for _, number in places],
    )


async def find(
    connection: Connection,
    person: PersonId,
    query: str,
    within: ConversationId | None,
    before: tuple[object, ...],
    hidden: Sequence[PersonId],
    limit: int,
) -> list[Message]:
    """The newest messages that have all words of `query`, among those the person may see.

    `before` is (sent_at, conversation, number) of the last one seen, or () at the beginning. Messages of
    `hidden` people are left out.
    """
    sent_at, conversation, number = before or (None, None, None)
    columns = ", ".join(f"m.{column.strip()}" for column in COLUMNS.split(","))
    rows = await connection.fetch(
        f"""
        SELECT {columns}
        FROM chat_member AS me
        JOIN message_words AS w ON w.conversation = me.conversation
             AND w.number > greatest(me.joined_number, me.hidden_through)
        JOIN message AS m ON m.conversation = w.conversation AND m.number = w.number
        WHERE me.person = $1 AND w.words @@ $2::tsquery AND ($3::uuid IS NULL OR me.conversation = $3)
              AND ($4::timestamptz IS NULL OR (m.sent_at, m.conversation, m.number) < ($4, $5, $6))
              AND m.sender <> ALL ($7::bigint[])
        ORDER BY m.sent_at DESC, m.conversation DESC, m.number DESC LIMIT $8
        """,
        person,
        query,
        within,
        sent_at,
        conversation,
        number,
        hidden,
        limit,
    )
    return [message_of(row) for row in rows]
