"""Every law after every test, without asking again what cannot have changed.

A law is a query without arguments: what it finds depends on the rows of the tables it reads, and on
nothing else. All laws are asked of the template that tests' databases are cloned from. After a test the
answer of a law whose tables were empty there and are empty still is known to be the same, and only the
others are asked: of some 120 laws usually a third. A table counts as empty while its file has no bytes, so
a row that came and went again counts as a change. A law that reads anything but plain tables of ours (a
view, a partition, a function, the system catalogue) is asked always.
"""

from collections.abc import Collection, Sequence

import asyncpg

from wufu.db import Connection, Law, Verdict, check_laws, counted
from wufu.main import LAWS

_reads: dict[str, frozenset[str] | None] = {}
"""Law name → the tables it reads, None when that is not all it reads; of this process's template."""
_empty: frozenset[str] = frozenset()
"""The tables without a row in the template."""


async def learn_template(connection: asyncpg.Connection) -> None:
    """Check all laws in a clone of the template, and note what each of them reads.

    Leaves views behind. The connection is the schema owner's.
    """
    global _empty  # noqa: PLW0603 - one template a process, like the engines
    _demand(await check_laws(connection, LAWS), LAWS)
    _empty = await _empty_tables(connection)
    _reads.update(await tables_read(connection, LAWS))


async def tables_read(
    connection: asyncpg.Connection, laws: Sequence[Law]
) -> dict[str, frozenset[str] | None]:
    """Law name → the tables it reads, as PostgreSQL itself notes them; None: asked always. Makes views."""
    for number, law in enumerate(laws):
        await connection.execute(f"CREATE VIEW law_{number} AS SELECT 1 AS broken FROM ({law.sql}) AS law")
    rows = await connection.fetch(
        """
        SELECT law.relname AS view, read.relname AS name,
               coalesce(read.relkind = 'r' AND NOT read.relispartition AND NOT read.relhassubclass
                        AND read.relnamespace = 'public'::regnamespace, false) AS plain
        FROM pg_class AS law
        JOIN pg_rewrite AS rule ON rule.ev_class = law.oid
        JOIN pg_depend AS needs ON needs.classid = 'pg_rewrite'::regclass AND needs.objid = rule.oid
        LEFT JOIN pg_class AS read ON needs.refclassid = 'pg_class'::regclass AND read.oid = needs.refobjid
        WHERE law.relname ~ '^law_[0-9]+$' AND needs.refobjid <> law.oid
        """
    )
    found: dict[str, frozenset[str] | None] = {}
    for number, law in enumerate(laws):
        needs = [row for row in rows if row["view"] == f"law_{number}"]
        # PostgreSQL does not note what belongs to itself.
        whole = needs and all(row["plain"] for row in needs) and "pg_" not in law.sql
        found[law.name] = frozenset(row["name"] for row in needs) if whole else None
    return found


async def laws_to_ask(connection: Connection) -> list[Law]:
    """The laws that may stand otherwise here than in the template."""
    same = _empty & await _empty_tables(connection)
    return [law for law in LAWS if (reads := _reads.get(law.name)) is None or not reads <= same]


async def assert_lawful(connection: Connection) -> None:
    """Fail when a law is broken; on a connection of `Database.read`, for one instant."""
    # The transaction's view is taken before the files are looked at: what it sees is in them.
    laws = await laws_to_ask(connection)
    _demand(await check_laws(connection, laws), laws)


def _demand(verdicts: Sequence[Verdict], laws: Collection[Law]) -> None:
    broken = {verdict.law: verdict.rows for verdict in verdicts if verdict.violations}
    assert not broken, broken
    assert set(counted(verdicts)) == {law.name for law in laws}


async def _empty_tables(connection: Connection) -> frozenset[str]:
    rows = await connection.fetch(
        """
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) = 0
        """
    )
    return frozenset(row["relname"] for row in rows)
