"""The laws of objects, as queries that return the violations.

A sweep says up to when it did its work; a minute of grace is for transactions that began before it and
committed after.
"""

from wufu.db import Law
from wufu.objects.model import DIGEST, PIECE

LAWS = (
    Law(
        "no object lives past its death",
        """
        SELECT o.id, o.owner, o.dies_at, s.until FROM object AS o JOIN object_sweep AS s ON s.name = 'dead'
        WHERE o.dropped_at IS NULL AND o.dies_at < s.until - interval '1 minute'
        """,
    ),
    Law(
        "a dropped object is erased",
        """
        SELECT o.id, o.owner, o.dropped_at, s.until
        FROM object AS o JOIN object_sweep AS s ON s.name = 'dropped'
        WHERE o.dropped_at < s.until - interval '1 minute'
        """,
    ),
    Law(
        "an object has a digest for each piece",
        f"""
        SELECT id, owner, size, octet_length(digests) AS digests FROM object
        WHERE octet_length(digests) <> {DIGEST} * greatest(1, (size + {PIECE - 1}) / {PIECE})
        """,
    ),
    Law(
        "no object's bytes are lost",
        "SELECT id, owner, lost_at FROM object WHERE lost_at IS NOT NULL AND dropped_at IS NULL",
    ),
)
