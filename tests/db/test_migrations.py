"""Forward-only migrations: each file once, in order, all or nothing."""

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import FreshDatabase
from wufu.db import MigrationRefused, migrate
from wufu.db import migrations as migrations_module
from wufu.db.migrations import migration_files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the schema files that a test may change."""
    copied = tmp_path / "migrations"
    copied.mkdir()
    for path in migration_files():
        shutil.copy(path, copied)
    monkeypatch.setattr(migrations_module, "FOLDER", copied)
    monkeypatch.setattr(migrations_module, "PACKAGED", tmp_path / "nowhere")
    return copied


@pytest.fixture
async def empty(fresh: FreshDatabase) -> FreshDatabase:
    """A database without any schema of ours."""
    connection = await asyncpg.connect(fresh.superuser_url)
    await connection.execute(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION wufu_owner;"
        "GRANT USAGE ON SCHEMA public TO wufu_app"
    )
    await connection.close()
    return fresh


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    return {row["tablename"] for row in rows}


def add(folder: Path, sql: str) -> str:
    name = f"{len(list(folder.iterdir())) + 1:04d}_test.sql"
    (folder / name).write_text(sql, encoding="utf-8")
    return name


async def test_all_files_are_applied_once_in_their_order(empty: FreshDatabase) -> None:
    files = [path.name for path in migration_files()]
    assert await migrate(empty.owner_url) == files
    assert await migrate(empty.owner_url) == []
    assert {"migration", "outbox", "account", "person", "tie", "campaign"} <= await tables(empty.app_url)


async def test_only_what_is_new_is_applied(fresh: FreshDatabase, folder: Path) -> None:
    name = add(folder, "CREATE TABLE later (id int PRIMARY KEY);")
    assert await migrate(fresh.owner_url) == [name]
    assert "later" in await tables(fresh.owner_url)


async def test_a_file_changed_after_it_was_applied_stops_the_start(
    fresh: FreshDatabase, folder: Path
) -> None:
    changed = next(iter(sorted(folder.iterdir())))
    changed.write_text(changed.read_text(encoding="utf-8") + "\n-- more\n", encoding="utf-8")
    with pytest.raises(MigrationRefused, match=changed.name):
        await migrate(fresh.owner_url)


async def test_a_failing_file_leaves_the_database_as_it_was(empty: FreshDatabase, folder: Path) -> None:
    name = add(folder, "CREATE TABLE half (id int); SELECT no_such_thing;")
    with pytest.raises(MigrationRefused, match=name):
        await migrate(empty.owner_url)
    assert await tables(empty.owner_url) == set()
    (folder / name).write_text("CREATE TABLE half (id int);", encoding="utf-8")
    assert (await migrate(empty.owner_url))[-1] == name


async def test_numbers_with_a_hole_or_a_double_are_refused(folder: Path) -> None:
    first, second, *_ = sorted(folder.iterdir())
    second.rename(folder / "0099_db.sql")
    with pytest.raises(MigrationRefused):
        migration_files()
    (folder / "0099_db.sql").rename(second)
    shutil.copy(first, folder / "0002_again.sql")
    with pytest.raises(MigrationRefused):
        migration_files()


async def test_what_is_no_migration_is_not_read(fresh: FreshDatabase, folder: Path) -> None:
    (folder / "README.md").write_text("not SQL", encoding="utf-8")
    (folder / "0001_db.sql~").write_text("not SQL", encoding="utf-8")
    assert await migrate(fresh.owner_url) == []


async def test_servers_that_start_at_once_migrate_once(empty: FreshDatabase) -> None:
    applied = await asyncio.gather(*(migrate(empty.owner_url) for _ in range(3)))
    assert sorted(map(len, applied)) == [0, 0, len(migration_files())]
