"""Laws: what must hold at any instant, each a query that returns the violations.

Every domain lists its laws in `audit.py`. They run after every test, at the end
of every simulation, every few minutes in production, and by `wufu audit`.
"""

from collections.abc import Iterable, Mapping

import asyncpg
import msgspec

from wufu.db.tx import Connection

SHOWN = 20
"""How many violating rows of one law are shown; all of them are counted."""


class Law(msgspec.Struct, frozen=True):
    """A sentence that is true of a sound database, and the rows for which it is not."""

    name: str
    sql: str


class Verdict(msgspec.Struct, frozen=True):
    """How one law stands: the number of violations and the first of them."""

    law: str
    violations: int
    rows: list[dict[str, str]]


async def check_laws(connection: Connection, laws: Iterable[Law]) -> list[Verdict]:
    """Check each law on one connection; call it in a read transaction for one instant."""
    return [await _check(connection, law) for law in laws]


async def _check(connection: Connection, law: Law) -> Verdict:
    rows: list[asyncpg.Record] = await connection.fetch(law.sql)
    return Verdict(
        law.name,
        len(rows),
        [{name: str(value) for name, value in row.items()} for row in rows[:SHOWN]],
    )


def counted(verdicts: Iterable[Verdict]) -> Mapping[str, int]:
    """Law name → number of violations."""
    return {verdict.law: verdict.violations for verdict in verdicts}


# A person's facts have numbers without holes: the newest kept one is the head,
# and as many are kept as lie between the oldest kept and the head.
LAWS = (
    Law(
        "a person's facts are numbered without holes",
        """
        SELECT head.person, head.number, kept.oldest, kept.newest, kept.facts
        FROM inbox_head AS head
        JOIN (SELECT person, min(number) AS oldest, max(number) AS newest, count(*) AS facts
              FROM inbox GROUP BY person) AS kept USING (person)
        WHERE kept.newest <> head.number OR kept.newest - kept.oldest + 1 <> kept.facts
        """,
    ),
)
