"""The laws of red packets: queries that return the violations, and the one that needs a cipher."""

from collections.abc import AsyncIterator

from wufu.db import Connection, Law
from wufu.redpacket.model import Packet
from wufu.redpacket.split import all_shares

LAWS = (
    Law(
        "a packet's openings and refund sum to its total",
        """
        SELECT p.id, p.minor, p.left_minor, p.refund_minor, p.state, o.minor AS opened_minor
        FROM packet AS p
        LEFT JOIN (SELECT packet, sum(minor) AS minor FROM packet_opening GROUP BY packet) AS o
             ON o.packet = p.id
        WHERE coalesce(o.minor, 0) + CASE p.state WHEN 'open' THEN p.left_minor ELSE p.refund_minor END
              <> p.minor
        """,
    ),
    Law(
        "a packet's openings are numbered without holes, by different people, as many as it counts",
        """
        SELECT coalesce(p.id, o.packet) AS id, p.opened, o.openings, o.last, o.people
        FROM packet AS p
        FULL JOIN (SELECT packet, count(*) AS openings, max(place) AS last, count(DISTINCT person) AS people
                   FROM packet_opening GROUP BY packet) AS o ON o.packet = p.id
        WHERE p.id IS NULL OR p.opened <> coalesce(o.openings, 0)
           OR o.openings <> o.last + 1 OR o.openings <> o.people
        """,
    ),
    Law(
        "no packet is opened after its end",
        """
        SELECT p.id, p.ends_at, p.ended_at, o.place, o.at FROM packet AS p
        JOIN packet_opening AS o ON o.packet = p.id
        WHERE o.at >= p.ends_at OR o.at > p.ended_at OR o.at < p.sent_at
        """,
    ),
    Law(
        "a packet's escrow holds what is left, and nothing once it has ended",
        """
        SELECT coalesce('packet/' || p.id, a.holder) AS holder, p.state, p.left_minor,
               a.credits - a.debits AS balance_minor
        FROM packet AS p
        FULL JOIN (SELECT * FROM account WHERE purpose = 'escrow' AND holder LIKE 'packet/%') AS a
             ON a.holder = 'packet/' || p.id
        WHERE coalesce(a.credits - a.debits, 0)
              <> CASE p.state WHEN 'open' THEN p.left_minor ELSE 0 END
        """,
    ),
    Law(
        "each opening was paid once to whoever opened",
        """
        WITH paid AS (
            SELECT substr(escrow.holder, 8)::uuid AS packet, substr(purse.holder, 8)::bigint AS person,
                   sum(t.minor) AS minor, count(*) AS times
            FROM transfer AS t
            JOIN account AS escrow ON escrow.id = t.source AND escrow.purpose = 'escrow'
            JOIN account AS purse ON purse.id = t.target AND purse.holder LIKE 'person/%'
            WHERE t.reason = 'packet opened' AND escrow.holder LIKE 'packet/%'
            GROUP BY 1, 2)
        SELECT coalesce(o.packet, paid.packet) AS packet, coalesce(o.person, paid.person) AS person,
               o.minor, paid.minor AS paid_minor, paid.times
        FROM packet_opening AS o FULL JOIN paid ON paid.packet = o.packet AND paid.person = o.person
        WHERE o.minor IS DISTINCT FROM paid.minor OR paid.times <> 1
        """,
    ),
    Law(
        "a packet's luckiest is who got most, the earliest of equals",
        """
        SELECT p.id, p.best_minor, p.best_place, p.best_person, o.minor, o.place, o.person
        FROM packet AS p
        LEFT JOIN (SELECT DISTINCT ON (packet) packet, minor, place, person FROM packet_opening
                   ORDER BY packet, minor DESC, place) AS o ON o.packet = p.id
        WHERE (p.best_minor, p.best_place, p.best_person) IS DISTINCT FROM (o.minor, o.place, o.person)
        """,
    ),
    Law(
        # The canonical JSON of the terms, spelled by the database itself: sorted keys, no spaces.
        "a lucky packet's commitment is the hash of its secret and its terms",
        """
        SELECT id FROM packet WHERE split = 'lucky' AND commitment <> sha256(secret || convert_to(
            format('{"minor":%s,"most_minor":%s,"packet":"%s","sender":%s,"sent_at":"%s","shares":%s,'
                   '"split":"lucky"}', minor, most_minor, id, sender,
                   to_char(sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), shares), 'UTF8'))
        """,
    ),
    Law(
        "who opened a packet for one person is that person",
        """
        SELECT p.id, p.whom, o.person FROM packet AS p JOIN packet_opening AS o ON o.packet = p.id
        WHERE (p.whom IS NOT NULL AND NOT p.fission AND o.person <> p.whom)
           OR (p.fission AND o.place = 0 AND o.person <> p.whom)
           OR (p.target <> 'group' AND o.person = p.sender)
        """,
    ),
    Law(
        "what somebody sent today is the sum of their packets of the day",
        """
        SELECT d.person, d.day, d.sent_minor, coalesce(sum(p.minor), 0) AS sent
        FROM packet_person AS d
        LEFT JOIN packet AS p ON p.sender = d.person
              AND (p.sent_at AT TIME ZONE interval '8 hours')::date = d.day
        GROUP BY d.person, d.day, d.sent_minor HAVING d.sent_minor <> coalesce(sum(p.minor), 0)
        """,
    ),
)

SPLITS_LAW = "what was paid out of a packet is its committed split"
"""No query can compute it: the shares come from a cipher. `check_splits` is the law."""

PORTION = 500


async def check_splits(connection: Connection) -> list[dict[str, str]]:
    """Split every packet again, from its secret and its terms, and compare: the violations, by packet."""
    broken = []
    async for packet, paid in _paid(connection):
        expected = all_shares(packet.secret, packet.terms, len(paid))
        if paid != expected:
            place = next(
                (n for n, (a, b) in enumerate(zip(paid, expected, strict=False)) if a != b), len(expected)
            )
            broken.append({"packet": str(packet.id), "place": str(place)})
    return broken


async def _paid(connection: Connection) -> AsyncIterator[tuple[Packet, list[int]]]:
    """Every packet with what was paid out of it, in order; a portion of packets at a time."""
    columns = ", ".join(f"p.{name}" for name in Packet.__struct_fields__)
    after = None
    while True:
        rows = await connection.fetch(
            f"""
            SELECT {columns}, o.paid FROM packet AS p
            CROSS JOIN LATERAL (SELECT coalesce(array_agg(minor ORDER BY place), '{{}}') AS paid
                                FROM packet_opening WHERE packet = p.id) AS o
            WHERE $1::uuid IS NULL OR p.id > $1 ORDER BY p.id LIMIT {PORTION}
            """,
            after,
        )
        for row in rows:
            *fields, paid = row
            yield Packet(*fields), paid
        if len(rows) < PORTION:
            return
        after = rows[-1]["id"]
