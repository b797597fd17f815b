"""The laws of the console."""

from wufu.db import Law

LAWS = (
    Law(
        "a campaign's live curve never runs backwards",
        """
        SELECT campaign, at, players, taps FROM (
            SELECT *, lag(players) OVER earlier AS players_before, lag(taps) OVER earlier AS taps_before
            FROM night_sample WINDOW earlier AS (PARTITION BY campaign ORDER BY at)
        ) AS sample
        WHERE players < players_before OR taps < taps_before
        """,
    ),
    Law(
        "whoever acted in the console was granted it by somebody at the machine",
        """
        SELECT person, granted_by FROM operator
        WHERE granted_by ~ '^(person|operator)/[0-9]'
        """,
    ),
)
