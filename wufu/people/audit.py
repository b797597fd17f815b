"""The laws of people, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "a session belongs to a person",
        "SELECT s.person, s.id FROM session AS s LEFT JOIN person AS p ON p.id = s.person WHERE p.id IS NULL",
    ),
    Law(
        "a login and a password name each other",
        """
        SELECT coalesce(l.person, p.person) AS person, l.login, p.login AS login_of_password
        FROM login AS l FULL JOIN password AS p USING (login)
        WHERE l.person IS DISTINCT FROM p.person
        """,
    ),
    Law(
        "who registered has a password, a persona has none",
        """
        SELECT p.id, p.origin, w.login FROM person AS p LEFT JOIN password AS w ON w.person = p.id
        WHERE (p.origin = 'registered' AND w.person IS NULL)
           OR (p.origin = 'persona' AND w.person IS NOT NULL)
        """,
    ),
    Law(
        "an imported person has a password exactly when a claim was used",
        """
        SELECT p.id, w.login, c.used_at
        FROM person AS p
        LEFT JOIN password AS w ON w.person = p.id
        LEFT JOIN claim_offer AS c ON c.person = p.id
        WHERE p.origin = 'imported' AND (w.person IS NULL) <> (c.used_at IS NULL)
        """,
    ),
    Law(
        "claims are offered to imported people, and used in time",
        """
        SELECT c.person, c.offered_at, c.used_at, c.expires_at
        FROM claim_offer AS c LEFT JOIN person AS p ON p.id = c.person
        WHERE p.origin IS DISTINCT FROM 'imported' OR c.used_at < c.offered_at OR c.used_at >= c.expires_at
        """,
    ),
    Law(
        "an external name is one person's",
        """
        SELECT e.external, e.person FROM person_external AS e LEFT JOIN person AS p ON p.id = e.person
        WHERE p.id IS NULL
        UNION ALL
        SELECT min(external), person FROM person_external GROUP BY person HAVING count(*) > 1
        """,
    ),
    Law(
        "nobody has more than twenty devices",
        "SELECT person, count(*) AS devices FROM session GROUP BY person HAVING count(*) > 20",
    ),
    Law(
        "a session lasts at most a month unused and a year in all",
        """
        SELECT person, id FROM session
        WHERE expires_at > seen_at + interval '30 days' OR expires_at > created_at + interval '365 days'
        """,
    ),
    Law(
        "who has left has no name, no way in and no session",
        """
        SELECT p.id, p.name FROM person AS p
        WHERE p.left_at IS NOT NULL
          AND (p.name <> '已注销' OR p.line <> '' OR p.findable
               OR EXISTS (SELECT FROM login AS l WHERE l.person = p.id)
               OR EXISTS (SELECT FROM password AS w WHERE w.person = p.id)
               OR EXISTS (SELECT FROM session AS s WHERE s.person = p.id))
        """,
    ),
)
