"""The laws of chat, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "message numbers have no holes",
        """
        SELECT c.id, c.last_number, m.messages, m.newest FROM conversation AS c
        LEFT JOIN (SELECT conversation, count(*) AS messages, max(number) AS newest
                   FROM message GROUP BY conversation) AS m ON m.conversation = c.id
        WHERE c.last_number <> coalesce(m.messages, 0) OR c.last_number <> coalesce(m.newest, 0)
        """,
    ),
    Law(
        "a message belongs to a conversation",
        """
        SELECT m.conversation, m.number FROM message AS m LEFT JOIN conversation AS c ON c.id = m.conversation
        WHERE c.id IS NULL
        """,
    ),
    Law(
        "the newest change of a conversation is the newest change of its messages",
        """
        SELECT c.id, c.last_change, max(m.change) FROM conversation AS c
        LEFT JOIN message AS m ON m.conversation = c.id
        GROUP BY c.id HAVING c.last_change <> coalesce(max(m.change), 0)
        """,
    ),
    Law(
        "a cursor is not beyond the newest message",
        """
        SELECT m.conversation, m.person FROM chat_member AS m JOIN conversation AS c ON c.id = m.conversation
        WHERE greatest(m.read_through, m.joined_number, m.hidden_through) > c.last_number
              OR least(m.read_through, m.joined_number, m.hidden_through) < 0
        """,
    ),
    Law(
        "times of reading are not beyond the cursor, and do not go back",
        """
        SELECT r.conversation, r.person, r.through FROM chat_read AS r
        LEFT JOIN chat_member AS m ON m.conversation = r.conversation AND m.person = r.person
        WHERE m.person IS NULL OR r.through > m.read_through
              OR EXISTS (SELECT 1 FROM chat_read AS n WHERE n.conversation = r.conversation
                         AND n.person = r.person AND n.through > r.through AND n.at < r.at)
        """,
    ),
    Law(
        "a group has exactly one owner and as many people as it says",
        """
        SELECT c.id, c.people, count(m.person), count(*) FILTER (WHERE m.role = 'owner')
        FROM conversation AS c
        LEFT JOIN chat_member AS m ON m.conversation = c.id
        WHERE c.kind = 'group'
        GROUP BY c.id
        HAVING count(m.person) <> c.people
               OR count(*) FILTER (WHERE m.role = 'owner') <> CASE WHEN c.people = 0 THEN 0 ELSE 1 END
        """,
    ),
    Law(
        "a conversation of two has these two, and notes have their writer",
        """
        SELECT c.id, c.low, c.high, array_agg(m.person) FROM conversation AS c
        LEFT JOIN chat_member AS m ON m.conversation = c.id
        WHERE c.kind <> 'group'
        GROUP BY c.id
        HAVING array_agg(m.person ORDER BY m.person)
               <> CASE WHEN c.low = c.high THEN ARRAY[c.low] ELSE ARRAY[c.low, c.high] END
               OR bool_or(m.role <> 'member' OR m.joined_number <> 0)
        """,
    ),
    Law(
        "two people have one conversation: its id is the hash of their numbers",
        """
        SELECT id FROM conversation
        WHERE kind <> 'group' AND replace(id::text, '-', '') <> overlay(overlay(
            substr(encode(sha256(convert_to(
                CASE WHEN low = high THEN 'wufu/self/' || low ELSE 'wufu/direct/' || low || '/' || high END,
                'UTF8')), 'hex'), 1, 32)
            PLACING '8' FROM 13 FOR 1)
            PLACING substr('89ab', 1 + (get_byte(sha256(convert_to(
                CASE WHEN low = high THEN 'wufu/self/' || low ELSE 'wufu/direct/' || low || '/' || high END,
                'UTF8')), 8) >> 4 & 3), 1) FROM 17 FOR 1)
        """,
    ),
    Law(
        "a person is counted in each of their groups, in at most 500",
        """
        SELECT coalesce(p.person, m.person) AS person, p.groups, m.groups FROM chat_person AS p
        FULL JOIN (SELECT person, count(*) AS groups FROM chat_member AS m
                   JOIN conversation AS c ON c.id = m.conversation WHERE c.kind = 'group'
                   GROUP BY person) AS m ON m.person = p.person
        WHERE coalesce(p.groups, 0) <> coalesce(m.groups, 0)
        """,
    ),
    Law(
        "nobody waits to join a group they are in",
        """
        SELECT j.conversation, j.person FROM chat_join AS j
        JOIN chat_member AS m ON m.conversation = j.conversation AND m.person = j.person
        """,
    ),
    Law(
        "of what was recalled or burnt nothing is kept",
        """
        SELECT m.conversation, m.number FROM message AS m
        LEFT JOIN message_words AS w ON w.conversation = m.conversation AND w.number = m.number
        LEFT JOIN message_mention AS n ON n.conversation = m.conversation AND n.number = m.number
        WHERE (m.recalled_by IS NOT NULL OR m.kind = 'gone')
              AND (m.asked IS NOT NULL OR w.number IS NOT NULL OR n.number IS NOT NULL
                   OR m.reactions IS NOT NULL OR (m.recalled_by IS NOT NULL AND m.body <> '{}'))
        """,
    ),
    Law(
        "mentions and words are those of messages",
        """
        SELECT n.conversation, n.number FROM message_mention AS n
        LEFT JOIN message AS m ON m.conversation = n.conversation AND m.number = n.number
        WHERE m.number IS NULL OR NOT n.person = ANY (m.mentions)
        UNION ALL
        SELECT w.conversation, w.number FROM message_words AS w
        LEFT JOIN message AS m ON m.conversation = w.conversation AND m.number = w.number
        WHERE m.number IS NULL OR m.kind IN ('secret', 'gone')
        """,
    ),
    Law(
        "a reply is to an earlier message",
        "SELECT conversation, number FROM message WHERE reply_to NOT BETWEEN 1 AND number - 1",
    ),
)
