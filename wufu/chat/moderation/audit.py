"""The laws of moderation, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "a ruling is of a report, and what was shown of secrets waits for one",
        """
        SELECT u.reporter, u.report FROM chat_ruling AS u
        LEFT JOIN chat_report AS r ON r.reporter = u.reporter AND r.id = u.report WHERE r.id IS NULL
        UNION ALL
        SELECT s.reporter, s.report FROM chat_report_shown AS s
        LEFT JOIN chat_report AS r ON r.reporter = s.reporter AND r.id = s.report
        LEFT JOIN chat_ruling AS u ON u.reporter = s.reporter AND u.report = s.report
        WHERE r.id IS NULL OR u.report IS NOT NULL
        """,
    ),
    Law(
        "every ruling, silence and closing stands in the trail",
        """
        SELECT 'ruling' AS what, u.report::text FROM chat_ruling AS u
        WHERE NOT EXISTS (SELECT FROM chat_moderation AS m WHERE m.at = u.at AND m.by = u.by)
        UNION ALL
        SELECT 'silence', s.person::text FROM chat_silence AS s
        WHERE NOT EXISTS (SELECT FROM chat_moderation AS m
                          WHERE m.act = 'mute' AND m.person = s.person AND m.at = s.since
                            AND m.until IS NOT DISTINCT FROM s.until)
        UNION ALL
        SELECT 'closing', c.id::text FROM conversation AS c
        WHERE c.closed_at IS NOT NULL
          AND (c.kind <> 'group'
               OR NOT EXISTS (SELECT FROM chat_moderation AS m
                              WHERE m.act = 'close' AND m.conversation = c.id AND m.at = c.closed_at))
        """,
    ),
    Law(
        "the evidence of a report holds nothing of a secret but its timer, size and readers",
        """
        SELECT r.reporter, r.id FROM chat_report AS r, jsonb_array_elements(r.evidence) AS e
        WHERE e ->> 'kind' = 'secret'
          AND coalesce(e -> 'body', '{}') - '{timer_seconds,expires_at,bytes,readers}'::text[] <> '{}'
        """,
    ),
)
