"""The laws of the wallet, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "each transfer that was answered as sent is in the ledger once",
        """
        SELECT w.person, w.id, w.minor, sum(l.minor) AS in_ledger
        FROM wallet_transfer AS w LEFT JOIN transfer AS l ON l.group_id = w.group_id
        WHERE w.refusal IS NULL
        GROUP BY w.person, w.id HAVING count(l.group_id) <> 1 OR sum(l.minor) <> w.minor
        """,
    ),
    Law(
        "each confirmed top-up credited its amount once, and no other top-up did",
        """
        SELECT o.person, o.id, o.state, o.minor, sum(l.minor) AS in_ledger
        FROM wallet_order AS o LEFT JOIN transfer AS l ON l.group_id = o.ledger_id
        WHERE o.kind = 'top_up'
        GROUP BY o.person, o.id
        HAVING CASE WHEN o.state = 'confirmed' THEN count(l.group_id) <> 1 OR sum(l.minor) <> o.minor
                    ELSE count(l.group_id) > 0 END
        """,
    ),
    Law(
        "each withdrawal's hold stands as the withdrawal does",
        """
        SELECT o.person, o.id, o.state, h.outcome
        FROM wallet_order AS o LEFT JOIN hold AS h ON h.id = o.ledger_id
        WHERE o.kind = 'withdrawal'
          AND (h.id IS NULL OR h.minor <> o.minor
               OR h.outcome IS DISTINCT FROM
                  CASE o.state WHEN 'confirmed' THEN 'posted' WHEN 'failed' THEN 'voided' ELSE 'placed' END)
        """,
    ),
    Law(
        "the bank's book and ours agree on what ended",
        """
        SELECT o.person, o.id, o.state, b.state AS in_book
        FROM wallet_order AS o JOIN bank_order AS b ON b.reference = o.person || '.' || o.id
        WHERE o.kind <> b.kind OR o.minor <> b.minor OR (o.state <> 'asked' AND o.state <> b.state)
        """,
    ),
    Law(
        "what somebody sent today is the sum of their transfers of the day",
        """
        SELECT d.person, d.day, d.sent_minor, coalesce(sum(t.minor), 0) AS sent
        FROM wallet_person AS d
        LEFT JOIN wallet_transfer AS t ON t.person = d.person AND t.refusal IS NULL
              AND (t.at AT TIME ZONE interval '8 hours')::date = d.day
        GROUP BY d.person, d.day, d.sent_minor HAVING d.sent_minor <> coalesce(sum(t.minor), 0)
        """,
    ),
    Law(
        "what somebody withdrew today is the sum of the withdrawals they asked for today",
        """
        SELECT d.person, d.day, d.withdrawn_minor, coalesce(sum(o.minor), 0) AS withdrawn
        FROM wallet_person AS d
        LEFT JOIN wallet_order AS o ON o.person = d.person AND o.kind = 'withdrawal'
              AND (o.asked_at AT TIME ZONE interval '8 hours')::date = d.day
        GROUP BY d.person, d.day, d.withdrawn_minor HAVING d.withdrawn_minor <> coalesce(sum(o.minor), 0)
        """,
    ),
)
