"""Damage for laws: what a superuser without constraints writes and takes back, and which laws noticed."""

from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from wufu.db import Law, check_laws

UNCHECKED = """
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
                 WHERE contype = 'c' AND conrelid <> 0 AND conrelid::regclass::text = ANY (%s) LOOP
        EXECUTE format('ALTER TABLE %%s DROP CONSTRAINT %%I', found.place, found.conname);
    END LOOP;
END $$
"""


async def unnoticed(
    url: str, laws: Sequence[Law], tables: Iterable[str], damage: Mapping[str, str]
) -> dict[str, set[str]]:
    """The statements of `damage` (statement → law) after which that law is not broken, and which ones are."""
    connection = await asyncpg.connect(url)
    missed: dict[str, set[str]] = {}
    try:
        await connection.execute("SET session_replication_role = replica")
        names = ", ".join(f"'{table}'" for table in tables)
        await connection.execute(UNCHECKED % f"ARRAY[{names}]")
        before = await _broken(connection, laws)
        assert before == set(), before
        for statement, law in damage.items():
            assert law in {one.name for one in laws}, law
            tried = connection.transaction()
            await tried.start()
            await connection.execute(statement)
            broken = await _broken(connection, laws)
            await tried.rollback()
            if law not in broken:
                missed[statement] = broken
    finally:
        await connection.close()
    return missed


async def _broken(connection: asyncpg.Connection, laws: Sequence[Law]) -> set[str]:
    return {verdict.law for verdict in await check_laws(connection, laws) if verdict.violations}
