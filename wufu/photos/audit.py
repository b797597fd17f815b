"""The laws of photo packets, as queries that return the violations.

Payments, credits and refunds are found in the ledger by the groups that the rows name; a photo's pending
account by its name.
"""

from wufu.db import Law

# What the ledger says about each photo: what it moved for payments, credits and refunds, and from where.
MOVED = """
    moved AS (
        SELECT g.photo, g.kind, t.minor, s.holder AS source, s.purpose AS source_purpose,
               e.holder AS target, e.purpose AS target_purpose
        FROM (SELECT photo, 'pay' AS kind, pay_group AS id FROM photo_view WHERE pay_group IS NOT NULL
              UNION ALL SELECT photo, 'refund', refund_group FROM photo_view WHERE refund_group IS NOT NULL
              UNION ALL SELECT id, 'credit', credit_group FROM photo WHERE credit_group IS NOT NULL) AS g
        JOIN transfer AS t ON t.group_id = g.id
        JOIN account AS s ON s.id = t.source JOIN account AS e ON e.id = t.target
    )
"""

LAWS = (
    Law(
        "a photo's payments equal its author's credits plus pending, less refunds",
        f"""
        WITH {MOVED},
        told AS (
            SELECT photo, sum(minor) FILTER (WHERE paid_at IS NOT NULL) AS paid,
                   coalesce(sum(minor) FILTER (WHERE refunded_at IS NOT NULL), 0) AS refunded
            FROM photo_view GROUP BY photo
        ),
        sums AS (
            SELECT p.id, p.author,
                   coalesce(sum(m.minor) FILTER (WHERE m.target = 'person/' || p.author
                                                 AND m.kind IN ('pay', 'credit')), 0)
                 + coalesce(sum(m.minor) FILTER (WHERE m.target_purpose = 'unclaimed'
                                                 AND m.kind = 'credit'), 0)
                 - coalesce(sum(m.minor) FILTER (WHERE m.source = 'person/' || p.author
                                                 AND m.kind = 'refund'), 0) AS credits,
                   coalesce(sum(m.minor) FILTER (WHERE m.source_purpose = 'guarantee'), 0) AS guaranteed
            FROM photo AS p LEFT JOIN moved AS m ON m.photo = p.id GROUP BY p.id, p.author
        )
        SELECT s.id, r.paid, r.refunded, s.credits, s.guaranteed, a.credits - a.debits AS pending
        FROM sums AS s LEFT JOIN told AS r ON r.photo = s.id
        LEFT JOIN account AS a ON a.holder = 'photo/' || s.id AND a.purpose = 'pending'
        WHERE coalesce(r.paid, 0) - coalesce(r.refunded, 0)
              <> s.credits + coalesce(a.credits - a.debits, 0) - s.guaranteed
        """,
    ),
    Law(
        "each payment for a photo is in the ledger once, from its viewer to its author or aside",
        f"""
        WITH {MOVED}
        SELECT v.photo, v.viewer, v.minor FROM photo_view AS v JOIN photo AS p ON p.id = v.photo
        WHERE v.paid_at IS NOT NULL AND 1 <> (
            SELECT count(*) FROM transfer AS t JOIN account AS s ON s.id = t.source
            JOIN account AS e ON e.id = t.target
            WHERE t.group_id = v.pay_group AND t.minor = v.minor
              AND s.holder = 'person/' || v.viewer AND s.purpose = 'money'
              AND CASE WHEN v.to_pending THEN e.holder = 'photo/' || v.photo AND e.purpose = 'pending'
                       ELSE e.holder = 'person/' || p.author AND e.purpose = 'money' END)
        UNION ALL
        SELECT photo, 0, minor FROM moved WHERE kind = 'pay' GROUP BY photo, minor, source
        HAVING count(*) > 1
        """,
    ),
    Law(
        "each refund gives a payer back what they paid, once, or is kept when they have left",
        f"""
        WITH {MOVED}
        SELECT v.photo, v.viewer, v.minor FROM photo_view AS v
        LEFT JOIN account AS own ON own.holder = 'person/' || v.viewer AND own.purpose = 'money'
        WHERE v.refunded_at IS NOT NULL AND 1 <> (
            SELECT count(*) FROM transfer AS t JOIN account AS e ON e.id = t.target
            WHERE t.group_id = v.refund_group AND t.minor = v.minor
              AND (e.id = own.id OR own.closed_at IS NOT NULL
                   AND (e.holder, e.purpose) = ('operator/photos', 'unclaimed')))
        UNION ALL
        SELECT p.id, p.author, m.minor FROM moved AS m JOIN photo AS p ON p.id = m.photo
        LEFT JOIN account AS own ON own.holder = 'person/' || p.author AND own.purpose = 'money'
        WHERE m.kind = 'credit' AND m.target_purpose = 'unclaimed' AND own.closed_at IS NULL
        UNION ALL
        SELECT p.id, p.author, m.minor FROM moved AS m JOIN photo AS p ON p.id = m.photo
        WHERE m.kind = 'refund' AND m.target = 'person/' || p.author
        """,
    ),
    Law(
        "what is kept for people who left is what photos gave back to them",
        f"""
        WITH {MOVED},
        kept AS (SELECT coalesce(sum(minor), 0) AS minor FROM moved WHERE target_purpose = 'unclaimed')
        SELECT kept.minor, a.credits - a.debits AS held FROM kept
        LEFT JOIN account AS a ON (a.holder, a.purpose) = ('operator/photos', 'unclaimed')
        WHERE coalesce(a.credits - a.debits, 0) <> kept.minor
        """,
    ),
    Law(
        "nothing stays aside for a photo whose author was credited",
        """
        SELECT p.id, a.credits - a.debits AS pending
        FROM photo AS p JOIN account AS a ON a.holder = 'photo/' || p.id AND a.purpose = 'pending'
        WHERE p.credited_at IS NOT NULL AND a.credits <> a.debits
        """,
    ),
    Law(
        "an amount that was drawn is in the author's range",
        """
        SELECT v.photo, v.viewer, v.minor FROM photo_view AS v JOIN photo AS p ON p.id = v.photo
        WHERE v.minor NOT BETWEEN p.least_minor AND p.most_minor OR v.viewer = p.author
        """,
    ),
    Law(
        "nobody sees a photo unpaid",
        """
        SELECT v.photo, v.viewer FROM photo_view AS v WHERE v.seen_at < v.paid_at
        UNION ALL
        SELECT c.photo, c.writer FROM photo_comment AS c JOIN photo AS p ON p.id = c.photo
        LEFT JOIN photo_view AS v ON v.photo = c.photo AND v.viewer = c.writer
        WHERE c.writer <> p.author AND v.paid_at IS NULL
        """,
    ),
    Law(
        "a photo's counters are what is there",
        """
        SELECT p.id, p.payers, p.likes, p.comments FROM photo AS p
        WHERE p.payers <> (SELECT count(*) FROM photo_view WHERE photo = p.id AND paid_at IS NOT NULL)
           OR p.likes <> (SELECT count(*) FROM photo_view WHERE photo = p.id AND liked_at IS NOT NULL)
           OR p.comments <> (SELECT count(*) FROM photo_comment WHERE photo = p.id)
        """,
    ),
    Law(
        "a photo's pictures live sealed exactly as long as it does",
        """
        SELECT o.id, o.owner, p.ended FROM object AS o
        LEFT JOIN photo AS p ON o.owner = 'photo/' || p.id AND o.id IN (p.clear_object, p.detail_object)
        WHERE o.owner LIKE 'photo/%' AND o.dropped_at IS NULL
          AND (p.id IS NULL OR NOT o.sealed OR o.dies_at <> p.dies_at + interval '1 minute')
        UNION ALL
        SELECT p.id, w.id::text, p.ended FROM photo AS p
        CROSS JOIN unnest(ARRAY[p.clear_object, p.detail_object]) AS w (id)
        LEFT JOIN object AS o ON o.id = w.id
        WHERE w.id IS NOT NULL AND (o.id IS NULL OR o.dropped_at IS NOT NULL)
        """,
    ),
    Law(
        "no photo lives past its midnight",
        """
        SELECT p.id, p.dies_at, s.until FROM photo AS p JOIN object_sweep AS s ON s.name = 'dead'
        WHERE p.ended IS NULL AND p.dies_at < s.until - interval '1 minute'
        """,
    ),
    Law(
        "what somebody posted and paid today is the sum of it",
        """
        SELECT d.person, d.day, d.posted, d.paid_minor FROM photo_person AS d
        WHERE d.posted <> (SELECT count(*) FROM photo WHERE author = d.person
                           AND (posted_at AT TIME ZONE interval '8 hours')::date = d.day)
           OR d.paid_minor <> (SELECT coalesce(sum(minor), 0) FROM photo_view WHERE viewer = d.person
                               AND (paid_at AT TIME ZONE interval '8 hours')::date = d.day)
        """,
    ),
)
