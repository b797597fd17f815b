"""The database as text: the dump is reviewed, and every table can be distributed."""

import re
import subprocess

import asyncpg
import pytest

from tests.conftest import FreshDatabase
from tests.tidy.source import ROOT
from wufu.db.engines import Engines

CURRENT = ROOT / "schema" / "current.sql"
DISTRIBUTE = ROOT / "schema" / "distribute.sql"


def dump(engines: Engines, url: str) -> str:
    """The schema as pg_dump writes it, without what differs from run to run."""
    done = subprocess.run(
        [engines.postgres_binaries / "pg_dump", "--schema-only", "--no-owner", url],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [
        line
        for line in done.stdout.splitlines()
        if line.strip()
        and not line.startswith(("--", "SET ", "SELECT pg_catalog.", "\\restrict", "\\unrestrict"))
    ]
    return "\n".join(lines) + "\n"


async def test_current_sql_is_what_the_migrations_make(
    engines: Engines, fresh: FreshDatabase, request: pytest.FixtureRequest
) -> None:
    """After a migration: `.venv/bin/pytest tests/tidy/test_schema.py --write-schema`, and review the diff."""
    made = dump(engines, fresh.superuser_url)
    if request.config.getoption("--write-schema"):
        CURRENT.write_text(made, encoding="utf-8")
    assert CURRENT.read_text(encoding="utf-8") == made


async def test_every_table_carries_its_distribution_key(fresh: FreshDatabase) -> None:
    connection = await asyncpg.connect(fresh.superuser_url)
    try:
        tables = await connection.fetch(
            """
            SELECT c.relname AS name, obj_description(c.oid) AS comment
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public'
            """
        )
        unique = await connection.fetch(
            """
            SELECT i.indrelid::regclass::text AS name, i.indexrelid::regclass::text AS index,
                   array_agg(a.attname::text) AS columns
            FROM pg_index AS i
            JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
            WHERE i.indisunique AND i.indrelid::regclass::text !~ '^pg_'
            GROUP BY i.indrelid, i.indexrelid
            """
        )
    finally:
        await connection.close()
    keys: dict[str, str | None] = {}
    for table in tables:
        said = re.search(r"distribution key: (\w+)|(reference table)", table["comment"] or "")
        assert said, f"{table['name']} does not say how it is distributed"
        keys[table["name"]] = said.group(1)
    without = [
        f"{row['index']} of {row['name']} lacks {keys[row['name']]}"
        for row in unique
        if row["name"] in keys and keys[row["name"]] and keys[row["name"]] not in row["columns"]
    ]
    assert not without


async def test_distribute_sql_places_every_table(fresh: FreshDatabase) -> None:
    connection = await asyncpg.connect(fresh.superuser_url)
    try:
        rows = await connection.fetch(
            """
            SELECT c.relname AS name, obj_description(c.oid) AS comment FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'public'
            """
        )
    finally:
        await connection.close()
    said = DISTRIBUTE.read_text(encoding="utf-8")
    for row in rows:
        key = re.search(r"distribution key: (\w+)", row["comment"] or "")
        wanted = (
            f"create_distributed_table('{row['name']}', '{key.group(1)}'"
            if key
            else f"create_reference_table('{row['name']}')"
        )
        assert wanted in said, row["name"]
