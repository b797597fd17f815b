"""The laws of trust, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "every held person has an open or confirmed case",
        """
        SELECT s.person, s."case", c.state
        FROM trust_suspect AS s LEFT JOIN trust_case AS c ON c.id = s."case"
        WHERE s.released_at IS NULL AND (c.id IS NULL OR c.state = 'cleared')
        """,
    ),
    Law(
        "nobody is cleared of a suspicion but by an operator",
        """
        SELECT s.person, s."case", s.released_at FROM trust_suspect AS s
        WHERE s.released_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM trust_decision AS d
            WHERE d."case" = s."case" AND d.verb IN ('clear', 'lift') AND d.at = s.released_at
              AND d.actor LIKE 'operator/%' AND s.person = ANY(d.people)
        )
        """,
    ),
    Law(
        "a case stands as it was last decided",
        """
        SELECT c.id, c.state, c.decided_at FROM trust_case AS c
        WHERE c.state <> 'open' AND NOT EXISTS (
            SELECT FROM trust_decision AS d
            WHERE d."case" = c.id AND d.at = c.decided_at AND d.actor LIKE 'operator/%'
              AND (d.verb = 'confirm') = (c.state = 'confirmed')
        )
        """,
    ),
    Law(
        "decisions about a case are numbered without holes",
        """
        SELECT "case", count(*) AS decisions, max(number) AS newest FROM trust_decision
        GROUP BY "case" HAVING count(*) <> max(number)
        """,
    ),
    Law(
        "who was cleared is not held for the same kind of evidence from before",
        """
        SELECT s.person, s."case", s.held_at, p.at FROM trust_suspect AS s
        JOIN trust_case AS c ON c.id = s."case"
        JOIN trust_pardon AS p ON p.person = s.person AND p.kind = c.kind
        WHERE s.released_at IS NULL AND s.held_at <= p.at AND c.opened_at <= p.at
          AND c.grown_at <= p.at
        """,
    ),
)
