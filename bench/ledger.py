"""The ledger against pgbench: durable double-entry transfers a second, on one server in one run.

Three loads take turns on the same PostgreSQL, several times over, because a
machine's speed drifts; medians are reported.

- *spread*: batches of transfers between 100,000 accounts, source and target
  both drawn from a Zipf distribution with exponent 1.0, so that the same few
  accounts are in every batch;
- *hot*: the same targets, but every transfer debits one pool account;
- *pgbench*: its TPC-B-like transaction (three balances and a history row), 16
  clients, prepared statements, scale 50.

All of it is durable (fsync and synchronous_commit on), goes through `ledger.post`
as the product does, and includes building the requests. Afterwards every row
is counted and every law of the ledger is checked.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
import numpy as np
import uvloop
from asyncpg.pgproto.pgproto import UUID
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from wufu.core.ids import GroupId
from wufu.core.refusals import Refusal
from wufu.db import Database, check_laws, counted, migrate
from wufu.db.engines import Engines
from wufu.ledger import LAWS, Account, Group, Transfer, check_chain, post, seal

ACCOUNTS = 100_000
BATCH = 10_000
SMALLER_BATCHES = (100, 1_000)
CONNECTIONS = 2
ROUNDS = 3
PGBENCH_CLIENTS = 16
PGBENCH_SCALE = 50
SEED_MINOR = 10**12

WORLD = Account("world", "world", "CNY", may_overdraw=True)
POOL = Account("fortune/bench/pool", "pool", "CNY")


class Checks(msgspec.Struct, frozen=True):
    """What is true of the database afterwards, and how fast that was found."""

    sealed: int
    sealed_per_second: int
    checked_per_second: int
    audit_seconds: float
    laws: dict[str, int]


class LedgerBench(msgspec.Struct, frozen=True):
    """What was measured. Rates are medians over the rounds; ratios are to pgbench in the same run."""

    ratio: float
    hot_ratio: float
    transfers_per_second: int
    hot_transfers_per_second: int
    pgbench_tps: int
    transfers_per_second_by_batch: dict[str, int]
    batch: int
    connections: int
    accounts: int
    pgbench_clients: int
    pgbench_scale: int
    rounds: int
    seconds: float
    rounds_transfers_per_second: list[int]
    rounds_hot_transfers_per_second: list[int]
    rounds_pgbench_tps: list[int]
    transfers: int
    checks: Checks


class Load:
    """Requests drawn from a seed: the same in every run."""

    def __init__(self) -> None:
        self.people = [Account(f"person/{number}", "money", "CNY") for number in range(1, ACCOUNTS + 1)]
        self.random = np.random.default_rng(2016)
        weights = 1 / np.arange(1, ACCOUNTS + 1)
        self.cumulative = (weights / weights.sum()).cumsum()
        self.made = 0

    def places(self, count: int) -> np.ndarray:
        return np.minimum(np.searchsorted(self.cumulative, self.random.random(count)), ACCOUNTS - 1)

    def ids(self, count: int) -> list[GroupId]:
        """UUIDv7s as a phone makes them, one bulk draw of randomness for all."""
        milliseconds = int(time.time() * 1000)
        self.made += count
        words = self.random.integers(0, 1 << 62, size=count).tolist()
        head = milliseconds << 80 | 0x7 << 76 | 0x2 << 62
        return [GroupId(UUID((head | word).to_bytes(16))) for word in words]

    def spread(self, count: int) -> list[Group]:
        sources, targets = self.places(count), self.places(count)
        targets = np.where(sources == targets, (targets + 1) % ACCOUNTS, targets)
        people = self.people
        return [
            Group(number, (Transfer(people[source], people[target], 5, "transfer"),))
            for number, source, target in zip(
                self.ids(count), sources.tolist(), targets.tolist(), strict=True
            )
        ]

    def hot(self, count: int) -> list[Group]:
        people = self.people
        return [
            Group(number, (Transfer(POOL, people[target], 5, "payout"),))
            for number, target in zip(self.ids(count), self.places(count).tolist(), strict=True)
        ]


async def measure(*, seconds: float = 8.0, quiet: bool = False) -> LedgerBench:
    """Run everything on engines of its own, in a temporary directory.

    `seconds` is how long each load runs in each round. A progress bar is shown on
    a terminal, unless `quiet`.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"))
    with (
        tempfile.TemporaryDirectory(prefix="wufu-bench-", ignore_cleanup_errors=True) as folder,
        Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bars,
    ):
        Path(folder).chmod(0o711)  # the engines may run as another user, who has to pass through
        async with (
            Engines.start(Path(folder), tell=console.print) as engines,
            _connected(engines) as database,
        ):
            return await _measure(engines, database, seconds, bars)


@asynccontextmanager
async def _connected(engines: Engines) -> AsyncIterator[Database]:
    await migrate(engines.owner_url)
    async with Database.connect(engines.app_url, connections=CONNECTIONS + 1) as database:
        yield database


async def _measure(engines: Engines, database: Database, seconds: float, bars: Progress) -> LedgerBench:
    load = Load()
    pgbench = PgBench(engines)
    setup = bars.add_task("setting up", total=ACCOUNTS + 1, note="")
    await _open_accounts(database, load, lambda done: bars.update(setup, completed=done))
    await pgbench.set_up()
    task = bars.add_task("measuring", total=3 * ROUNDS + len(SMALLER_BATCHES), note="")
    spread, hot, tps = [], [], []
    total = ACCOUNTS + 1
    for _ in range(ROUNDS):
        rate, done = await _run(database, load.spread, BATCH, seconds)
        spread.append(rate)
        total += done
        _step(bars, task, f"{rate:,} transfers/s")
        rate, done = await _run(database, load.hot, BATCH, seconds)
        hot.append(rate)
        total += done
        _step(bars, task, f"{rate:,} transfers/s from one pool")
        tps.append(await pgbench.run(seconds))
        _step(bars, task, f"pgbench {tps[-1]:,} tps")
    by_batch = {}
    for batch in SMALLER_BATCHES:
        by_batch[str(batch)], done = await _run(database, load.spread, batch, seconds)
        total += done
        _step(bars, task, f"{by_batch[str(batch)]:,} transfers/s in batches of {batch}")
    by_batch[str(BATCH)] = round(statistics.median(spread))
    checks = await _check(database, total, bars)
    peer = round(statistics.median(tps))
    return LedgerBench(
        ratio=round(statistics.median(spread) / peer, 2),
        hot_ratio=round(statistics.median(hot) / peer, 2),
        transfers_per_second=round(statistics.median(spread)),
        hot_transfers_per_second=round(statistics.median(hot)),
        pgbench_tps=peer,
        transfers_per_second_by_batch=by_batch,
        batch=BATCH,
        connections=CONNECTIONS,
        accounts=ACCOUNTS,
        pgbench_clients=PGBENCH_CLIENTS,
        pgbench_scale=PGBENCH_SCALE,
        rounds=ROUNDS,
        seconds=seconds,
        rounds_transfers_per_second=spread,
        rounds_hot_transfers_per_second=hot,
        rounds_pgbench_tps=tps,
        transfers=total,
        checks=checks,
    )


def _step(bars: Progress, task: TaskID, note: str) -> None:
    bars.update(task, advance=1, note=note)


async def _open_accounts(database: Database, load: Load, progress: Callable[[int], None]) -> None:
    """Give every account, and the pool, more than the run can spend."""
    for first in range(0, ACCOUNTS, BATCH):
        people = load.people[first : first + BATCH]
        groups = [
            Group(number, (Transfer(WORLD, person, SEED_MINOR, "seed"),))
            for number, person in zip(load.ids(len(people)), people, strict=True)
        ]
        await _post(database, groups)
        progress(first + len(people))
    await _post(database, [Group(load.ids(1)[0], (Transfer(WORLD, POOL, 10**15, "seed"),))])


async def _post(database: Database, groups: Sequence[Group]) -> None:
    answers = await database.run(partial(post, groups=groups), actor="bench")
    refused = next((answer for answer in answers if isinstance(answer, Refusal)), None)
    assert refused is None, refused


async def _run(
    database: Database, draw: Callable[[int], list[Group]], batch: int, seconds: float
) -> tuple[int, int]:
    """Post batches from some connections for a while: (transfers a second, transfers)."""
    began = time.perf_counter()
    done = 0

    async def connection() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            await _post(database, draw(batch))
            done += batch

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return round(done / (time.perf_counter() - began)), done


class PgBench:
    """PostgreSQL's own benchmark, as it ships with the server."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        url, _, options = engines.database_url.partition("?")
        self.url = url.rsplit("/", 1)[0] + "/pgbench" + (f"?{options}" if options else "")

    async def set_up(self) -> None:
        connection = await asyncpg.connect(self.engines.database_url)
        await connection.execute("CREATE DATABASE pgbench")
        await connection.close()
        await self._pgbench("-i", "-s", str(PGBENCH_SCALE), "-q")

    async def run(self, seconds: float) -> int:
        whole = str(max(1, round(seconds)))
        clients = ("-c", str(PGBENCH_CLIENTS), "-j", "2")
        told = await self._pgbench(*clients, "-T", whole, "-M", "prepared", "-n")
        (line,) = (line for line in told.splitlines() if line.startswith("tps ="))
        return round(float(line.split()[2]))

    async def _pgbench(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            self.engines.postgres_binaries / "pgbench",
            *arguments,
            self.url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            told, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, told.decode()
        return told.decode()


async def _check(database: Database, total: int, bars: Progress) -> Checks:
    """Count the rows, seal them, check the chain and every law."""
    task = bars.add_task("auditing", total=3, note="sealing")
    began = time.perf_counter()
    sealed = await seal(database)
    seal_seconds = time.perf_counter() - began
    _step(bars, task, "checking the chain")
    async with database.read() as connection:
        rows = await connection.fetchval("SELECT count(*) FROM transfer")
        assert rows == total, f"{rows} transfers are in the database, not {total}"
        began = time.perf_counter()
        faults, _ = await check_chain(connection)
        check_seconds = time.perf_counter() - began
        _step(bars, task, "checking the laws")
        began = time.perf_counter()
        laws = counted(await check_laws(connection, LAWS))
        audit_seconds = time.perf_counter() - began
    _step(bars, task, "done")
    return Checks(
        sealed=sealed,
        sealed_per_second=round(sealed / seal_seconds),
        checked_per_second=round(total / check_seconds),
        audit_seconds=round(audit_seconds, 2),
        laws={**laws, "the sealed chain has no faults": len(faults)},
    )


def main(*, seconds: float = 8.0) -> None:
    """`python -m bench.ledger`: one JSON object on standard output."""
    found = uvloop.run(measure(seconds=seconds))
    print(json.dumps(msgspec.to_builtins(found)))


if __name__ == "__main__":
    main()
