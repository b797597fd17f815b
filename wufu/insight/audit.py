"""The laws of insight, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "no two files of facts that count hold the same numbers of one kind and day",
        """
        SELECT a.path, b.path FROM insight_file AS a
        JOIN insight_file AS b ON b.kind = a.kind AND b.day = a.day AND b.path > a.path
         AND b.first <= a.last AND a.first <= b.last
        WHERE a.state = 'kept' AND b.state = 'kept'
        """,
    ),
    Law(
        "no fact is staged that a file holds",
        """
        SELECT f.number FROM insight_fact AS f JOIN insight_progress AS p ON p.what = 'export'
        WHERE f.number <= p.first
        """,
    ),
    Law(
        "nobody who is being forgotten is named by a staged fact",
        """
        SELECT f.number FROM insight_fact AS f
        JOIN insight_forgotten AS x ON x.person = f.a OR x.person = f.b
        """,
    ),
)
