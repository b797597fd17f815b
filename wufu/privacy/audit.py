"""The laws of privacy."""

from wufu.db import Law

LAWS = (
    Law(
        "who has left completely has no ties and no open money account",
        """
        SELECT l.person FROM leaving AS l
        WHERE l.done_at IS NOT NULL
          AND (EXISTS (SELECT FROM tie AS t WHERE t.person = l.person)
               OR EXISTS (SELECT FROM account AS a WHERE a.holder = 'person/' || l.person
                          AND a.purpose = 'money' AND a.closed_at IS NULL))
        """,
    ),
)
