"""Forward-only migrations: plain SQL files, applied once each, in order.

A file that was applied is never edited; its digest is kept, and a changed file
stops the start with its name. All pending files are applied in one transaction
by the owner role, so a failed one leaves the database as it was.
"""

import hashlib
import re
from pathlib import Path

import asyncpg

FOLDER = Path(__file__).resolve().parents[2] / "schema" / "migrations"
PACKAGED = Path(__file__).resolve().parents[1] / "schema" / "migrations"
NAME = re.compile(r"^(\d{4})_[a-z_0-9]+\.sql$")

TABLE = """
    CREATE TABLE IF NOT EXISTS migration (
        number int PRIMARY KEY,
        name text NOT NULL,
        digest bytea NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    COMMENT ON TABLE migration IS 'The schema files applied so far. reference table';
"""


class MigrationRefused(Exception):
    """The schema files and the database disagree; the message says which file."""


def migration_files() -> list[Path]:
    """The schema files in order; numbers must follow each other from 1."""
    folder = PACKAGED if PACKAGED.is_dir() else FOLDER
    files = sorted(path for path in folder.iterdir() if NAME.match(path.name))
    numbers = [int(path.name[:4]) for path in files]
    if numbers != list(range(1, len(files) + 1)):
        raise MigrationRefused(f"{folder}: migrations are not numbered 0001, 0002, …: {numbers}")
    return files


async def migrate(owner_url: str) -> list[str]:
    """Bring the database up to the newest schema; the names of the files applied now."""
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            # Two servers may start at once; the second waits and finds nothing left to do.
            await connection.execute("SELECT pg_advisory_xact_lock(24324)")
            await connection.execute(TABLE)
            await connection.execute("GRANT SELECT ON migration TO wufu_app")
            known = {row["number"]: row for row in await connection.fetch("SELECT * FROM migration")}
            return [
                path.name
                for path in migration_files()
                if await _apply(connection, path, known.get(int(path.name[:4])))
            ]
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection, path: Path, before: asyncpg.Record | None) -> bool:
    text = path.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).digest()
    if before is not None:
        if before["digest"] != digest:
            raise MigrationRefused(f"{path.name} was changed after it was applied; add a new file instead")
        return False
    try:
        await connection.execute(text)
    except asyncpg.PostgresError as error:
        raise MigrationRefused(f"{path.name}: {error}") from error
    await connection.execute(
        "INSERT INTO migration (number, name, digest) VALUES ($1, $2, $3)",
        int(path.name[:4]),
        path.name,
        digest,
    )
    return True
