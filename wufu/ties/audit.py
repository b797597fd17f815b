"""The laws of ties, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "a tie is symmetric",
        """
        SELECT a.person, a.friend FROM tie AS a
        LEFT JOIN tie AS b ON b.person = a.friend AND b.friend = a.person
        WHERE b.person IS NULL OR b.since <> a.since OR b.cause <> a.cause
        """,
    ),
    Law(
        "nobody is tied to themselves, asks or blocks themselves",
        """
        SELECT person FROM tie WHERE person = friend
        UNION ALL SELECT asked FROM tie_request WHERE asked = asker
        UNION ALL SELECT asker FROM tie_ask WHERE asked = asker
        UNION ALL SELECT person FROM tie_block WHERE person = blocked
        """,
    ),
    Law(
        "no tie where one blocked the other",
        "SELECT t.* FROM tie AS t JOIN tie_block AS b ON b.person = t.person AND b.blocked = t.friend",
    ),
    Law(
        "no request where one blocked the other",
        """
        SELECT r.asked, r.asker FROM tie_request AS r
        JOIN tie_block AS b ON (b.person = r.asked AND b.blocked = r.asker)
        UNION ALL
        SELECT r.asked, r.asker FROM tie_request AS r
        JOIN tie_block AS b ON (b.person = r.asker AND b.blocked = r.asked)
        """,
    ),
    Law(
        "friends ask nothing of each other",
        """
        SELECT r.asked, r.asker FROM tie_request AS r
        JOIN tie AS t ON t.person = r.asked AND t.friend = r.asker
        UNION ALL
        SELECT a.asked, a.asker FROM tie_ask AS a JOIN tie AS t ON t.person = a.asker AND t.friend = a.asked
        """,
    ),
    Law(
        "two who asked each other are friends",
        """
        SELECT a.asked, a.asker FROM tie_request AS a
        JOIN tie_request AS b ON b.asked = a.asker AND b.asker = a.asked
        """,
    ),
    Law(
        "a request is an open ask of the asker",
        """
        SELECT r.asked, r.asker FROM tie_request AS r
        LEFT JOIN tie_ask AS a ON a.asker = r.asker AND a.asked = r.asked
        WHERE a.asker IS NULL OR a.withdrawn_at IS NOT NULL OR a.refused_at IS NOT NULL
        """,
    ),
    Law(
        "parting is remembered by both",
        """
        SELECT a.person, a.friend FROM tie_former AS a
        LEFT JOIN tie_former AS b ON b.person = a.friend AND b.friend = a.person
        WHERE b.parted_at IS DISTINCT FROM a.parted_at
        """,
    ),
    Law(
        "a person's count of friends is the number of their ties",
        """
        SELECT coalesce(p.person, t.person) AS person, p.friends, t.ties
        FROM tie_person AS p
        FULL JOIN (SELECT person, count(*) AS ties FROM tie GROUP BY person) AS t ON t.person = p.person
        WHERE coalesce(p.friends, 0) <> coalesce(t.ties, 0)
        """,
    ),
    Law(
        "a person's list of friends is their ties",
        """
        SELECT coalesce(l.person, t.person) AS person
        FROM tie_list AS l
        FULL JOIN (
            SELECT person, string_agg(int8send(friend), ''::bytea ORDER BY friend) AS friends
            FROM tie GROUP BY person
        ) AS t ON t.person = l.person
        WHERE coalesce(l.friends, ''::bytea) <> coalesce(t.friends, ''::bytea)
        """,
    ),
    Law(
        "an invitation was used as often as people used it",
        """
        SELECT coalesce(i.inviter, u.inviter) AS inviter, coalesce(i.id, u.invitation) AS id, i.used, u.uses
        FROM tie_invitation AS i
        FULL JOIN (
            SELECT inviter, invitation, count(*) AS uses FROM tie_invitation_use GROUP BY inviter, invitation
        ) AS u ON u.inviter = i.inviter AND u.invitation = i.id
        WHERE coalesce(i.used, 0) <> coalesce(u.uses, 0) OR i.id IS NULL
        """,
    ),
    Law(
        "labels and lists are of friends",
        """
        SELECT l.person, l.friend FROM tie_label AS l
        LEFT JOIN tie AS t ON t.person = l.person AND t.friend = l.friend WHERE t.person IS NULL
        UNION ALL
        SELECT m.person, m.friend FROM tie_group_member AS m
        LEFT JOIN tie AS t ON t.person = m.person AND t.friend = m.friend
        LEFT JOIN tie_group AS g ON g.person = m.person AND g.id = m.group_id
        WHERE t.person IS NULL OR g.person IS NULL
        """,
    ),
)
