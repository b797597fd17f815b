"""Reading the whole graph, a portion at a time, for what is measured over all ties."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.model import Pair


class WholeTie(msgspec.Struct, frozen=True):
    """A tie once, a < b: since when, and what it came from."""

    a: PersonId
    b: PersonId
    since: datetime
    cause: str


async def see_all_ties(connection: Connection, after: Pair, limit: int) -> list[WholeTie]:
    """The next ties after the pair `after` in the order of their numbers; (0, 0) begins."""
    rows = await connection.fetch(
        """
        SELECT person AS a, friend AS b, since, cause FROM tie
        WHERE (person, friend) > ($1, $2) AND person < friend ORDER BY person, friend LIMIT $3
        """,
        *after,
        limit,
    )
    return [WholeTie(**row) for row in rows]


async def see_ties_made_at(connection: Connection, instants: Sequence[datetime]) -> list[WholeTie]:
    """The ties made at exactly these moments, such as those of imports. Reads every tie: for jobs."""
    rows = await connection.fetch(
        """
        SELECT person AS a, friend AS b, since, cause FROM tie
        WHERE person < friend AND since = ANY($1::timestamptz[]) ORDER BY person, friend
        """,
        list(instants),
    )
    return [WholeTie(**row) for row in rows]
