"""What the ledger keeps of a person. It stays: the ledger knows a number, and no name."""

from wufu.db import Personal

PERSONAL = (
    Personal(
        "transfers",
        """
        SELECT t.at, a.asset, a.purpose, t.reason,
               CASE WHEN t.target = a.id THEN t.minor ELSE -t.minor END AS minor
        FROM account AS a JOIN transfer AS t ON a.id IN (t.source, t.target)
        WHERE a.holder = 'person/' || $1::bigint ORDER BY t.seq
        """,
        stays="money and cards are accounted for for ever, by a number that then is nobody's",
    ),
)
