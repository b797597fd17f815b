"""The laws of media, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "an upload counts the messages that show it and the reports that wait with it",
        """
        WITH used AS (SELECT media FROM media_use UNION ALL SELECT media FROM chat_report_media)
        SELECT m.id, m.uses, count(u.media) AS used FROM media AS m LEFT JOIN used AS u ON u.media = m.id
        GROUP BY m.id, m.uses HAVING m.uses <> count(u.media)
        UNION ALL
        SELECT u.media, NULL, 1 FROM used AS u LEFT JOIN media AS m ON m.id = u.media WHERE m.id IS NULL
        """,
    ),
    Law(
        "only living messages of media kinds show media",
        """
        SELECT u.media, u.conversation, u.message, m.kind, m.recalled_by
        FROM media_use AS u LEFT JOIN message AS m ON m.conversation = u.conversation AND m.id = u.message
        WHERE m.id IS NULL OR m.recalled_by IS NOT NULL OR m.kind NOT IN ('picture', 'voice', 'video', 'file')
        """,
    ),
    Law(
        "a living message of a media kind shows its media",
        """
        SELECT m.conversation, m.number FROM message AS m
        LEFT JOIN media_use AS u
          ON u.conversation = m.conversation AND u.message = m.id AND u.media::text = m.body ->> 'media'
        WHERE m.kind IN ('picture', 'voice', 'video', 'file') AND m.recalled_by IS NULL AND u.media IS NULL
        """,
    ),
    Law(
        "an upload and its objects live together",
        """
        SELECT m.id, o.id AS object FROM media AS m
        LEFT JOIN object AS o ON o.id = m.object AND o.owner = 'media/' || m.id AND o.dropped_at IS NULL
        WHERE o.id IS NULL
        UNION ALL
        SELECT m.id, o.id FROM object AS o LEFT JOIN media AS m ON o.owner = 'media/' || m.id
        WHERE o.owner LIKE 'media/%' AND o.dropped_at IS NULL
          AND (m.id IS NULL OR o.id NOT IN (m.object, coalesce(m.thumb, m.object)))
        """,
    ),
)
