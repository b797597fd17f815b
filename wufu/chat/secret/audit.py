"""The laws of secrets, as queries that return the violations: most say that content is nowhere."""

from wufu.db import Law

LAWS = (
    Law(
        "an unburnt secret has one object, and no object of a secret is without its secret",
        """
        SELECT s.conversation, s.message, s.object FROM secret_message AS s
        LEFT JOIN object AS o ON o.id = s.object AND o.dropped_at IS NULL
                             AND o.owner = 'secret/' || s.conversation || '/' || s.message
        WHERE o.id IS NULL
        UNION ALL
        SELECT NULL, NULL, o.id FROM object AS o
        LEFT JOIN secret_message AS s ON s.object = o.id
        LEFT JOIN secret_held AS h ON h.object = o.id
        WHERE o.owner LIKE 'secret/%' AND o.dropped_at IS NULL AND s.object IS NULL AND h.object IS NULL
        """,
    ),
    Law(
        "a message is secret exactly as long as it is not burnt, expired or recalled",
        """
        SELECT coalesce(m.conversation, s.conversation) AS conversation, m.number, s.message
        FROM (SELECT * FROM message WHERE kind = 'secret' AND recalled_by IS NULL) AS m
        FULL JOIN secret_message AS s
          ON s.conversation = m.conversation AND s.message = m.id
         AND s.number = m.number AND s.sender = m.sender
        WHERE m.id IS NULL OR s.message IS NULL
        """,
    ),
    Law(
        "a message says nothing of a secret but its timer, size and readers, and nothing once it is gone",
        """
        SELECT conversation, number, kind FROM message
        WHERE kind IN ('secret', 'gone') AND CASE
            WHEN recalled_by IS NOT NULL THEN body <> '{}'
            WHEN kind = 'gone' THEN body <> '{"was": "secret"}'
            ELSE body - '{timer_seconds,expires_at,bytes,readers}'::text[] <> '{}'
        END
        """,
    ),
    Law(
        "no secret can be searched",
        """
        SELECT w.conversation, w.number FROM message_words AS w JOIN message AS m USING (conversation, number)
        WHERE m.kind IN ('secret', 'gone')
        """,
    ),
    Law(
        "no fact tells anything of a secret but that there is one",
        """
        SELECT kind, body FROM (SELECT kind, body FROM outbox UNION ALL SELECT kind, body FROM inbox) AS fact
        WHERE kind LIKE 'secret.%' AND body - CASE kind
            WHEN 'secret.keys_changed' THEN '{person,device,key,since}'::text[]
            WHEN 'secret.mode_changed' THEN '{conversation,timer_seconds,by,at}'::text[]
            WHEN 'secret.screenshot' THEN '{conversation,message,person,at}'::text[]
            ELSE '{}'::text[]
        END <> '{}'
        """,
    ),
    Law(
        "a secret has readers, none of them its sender, and one of them has not burnt it",
        """
        SELECT s.conversation, s.message FROM secret_message AS s
        LEFT JOIN secret_reader AS r ON r.conversation = s.conversation AND r.message = s.message
        GROUP BY s.conversation, s.message, s.sender
        HAVING count(*) FILTER (WHERE r.person IS NOT NULL AND r.burnt_at IS NULL) = 0
            OR count(*) FILTER (WHERE r.person = s.sender) > 0
        """,
    ),
    Law(
        "burnt ciphertext is held only where that was settled at installation, and no longer",
        """
        SELECT h.conversation, h.message FROM secret_held AS h
        LEFT JOIN secret_policy AS p ON p.retention_seconds > 0
        WHERE p.one IS NULL OR h.until > h.burnt_at + p.retention_seconds * interval '1 second'
        """,
    ),
)
