"""Tie strength kept up with facts as they come, beside a naive peer, on one server in one run.

A skewed graph: the ends of each pair are drawn with weights 1 / rank, and so is the pair of each fact, over
some weeks of history. Two loads take turns on the same tables, several times over:

- *ours*: `ties.note_acts` in batches as the relay takes them from the outbox, one transaction a batch;
- *naive*: for each fact one UPSERT of its day's count, then the strength of the pair computed anew from all
  its days and written, in transactions of as many facts as ours.

All of it is durable (fsync and synchronous_commit on). CPU seconds are of this process and of all of
PostgreSQL's. Afterwards every law of ties is checked: both loads leave the same tables, and the law folds a
sample of pairs anew in SQL.
"""

import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from wufu.core.ids import PersonId
from wufu.db import Database, Tx, check_laws, counted, migrate
from wufu.db.engines import Engines
from wufu.ties import LAWS, Act, note_acts, recompute_pairs

PEOPLE = 50_000
PAIRS = 300_000
BATCH = 2_000
"""As many facts as the relay takes at once."""
HISTORY_DAYS = 28
HISTORY_FACTS = 20_000
ROUNDS = 3
NAIVE_SHARE = 20
"""The naive load gets one fact for so many of ours: it is that much slower."""
FIRST_DAY = date(2016, 1, 1)
KINDS = ("message", "message", "message", "message", "message", "part", "packet", "transfer", "photo", "gift")
TICKS = os.sysconf("SC_CLK_TCK")

Progress = Callable[[str], None]


class StrengthBench(msgspec.Struct, frozen=True):
    """What was measured: medians of the rounds; `ratio` is our facts a second to the naive ones."""

    ratio: float
    facts_per_second: int
    cpu_seconds_per_10k_facts: float
    naive_facts_per_second: int
    naive_cpu_seconds_per_10k_facts: float
    cpu_ratio: float
    batch: int
    people: int
    pairs: int
    facts: int
    naive_facts: int
    pairs_kept: int
    acts_kept: int
    rounds_facts_per_second: list[int]
    rounds_naive_facts_per_second: list[int]
    audit_seconds: float
    laws: dict[str, int]


class Load:
    """Facts drawn from a seed: the same in every run."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(2016)
        ones, others = self._ranks(PEOPLE, PAIRS), self._ranks(PEOPLE, PAIRS)
        others = np.where(ones == others, (others + 1) % PEOPLE, others)
        self.ones, self.others = (ones + 1).tolist(), (others + 1).tolist()

    def _ranks(self, among: int, count: int) -> np.ndarray:
        """Places drawn with weights 1 / rank."""
        cumulative = (1 / np.arange(1, among + 1)).cumsum()
        return np.searchsorted(cumulative / cumulative[-1], self.random.random(count)).clip(0, among - 1)

    def facts(self, count: int, day: int) -> list[Act]:
        places = self._ranks(PAIRS, count)
        there = (self.random.random(count) < 0.5).tolist()
        kinds = self.random.integers(0, len(KINDS), count).tolist()
        on = FIRST_DAY + timedelta(days=day)
        return [
            Act(
                PersonId(self.ones[place] if turned else self.others[place]),
                PersonId(self.others[place] if turned else self.ones[place]),
                KINDS[kind],  # type: ignore[arg-type]
                on,
                300 if KINDS[kind] == "part" else 1,
                KINDS[kind] == "gift",
            )
            for place, turned, kind in zip(places.tolist(), there, kinds, strict=True)
        ]


async def measure(*, facts: int = 100_000, tell: Progress = lambda _: None) -> StrengthBench:
    """Run everything on engines of its own in a temporary folder. `facts` of ours a round."""
    with tempfile.TemporaryDirectory(prefix="wufu-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # the engines may run as another user, who has to pass through
        async with (
            Engines.start(Path(folder), tell=lambda _: None) as engines,
            _connected(engines) as database,
        ):
            return await _measure(engines, database, facts, tell)


@asynccontextmanager
async def _connected(engines: Engines) -> AsyncIterator[Database]:
    await migrate(engines.owner_url)
    async with Database.connect(engines.app_url, connections=2) as database:
        yield database


async def _measure(engines: Engines, database: Database, facts: int, tell: Progress) -> StrengthBench:
    load = Load()
    tell(f"{HISTORY_DAYS} days of history, {HISTORY_FACTS:,} facts each")
    for day in range(HISTORY_DAYS):
        await _ours(database, load.facts(HISTORY_FACTS, day))
    meter = _Meter(engines)
    ours: list[tuple[float, float]] = []
    naive: list[tuple[float, float]] = []
    for round_ in range(ROUNDS):
        some = load.facts(facts, HISTORY_DAYS + 2 * round_)
        ours.append(await meter.of(_ours(database, some), len(some)))
        tell(f"{ours[-1][0]:,.0f} facts/s, {ours[-1][1]:.3f} CPU s per 10,000")
        few = load.facts(facts // NAIVE_SHARE, HISTORY_DAYS + 2 * round_ + 1)
        naive.append(await meter.of(_naive(database, few), len(few)))
        tell(f"naive: {naive[-1][0]:,.0f} facts/s, {naive[-1][1]:.3f} CPU s per 10,000")
    began = time.perf_counter()
    async with database.read() as connection:
        laws = dict(counted(await check_laws(connection, LAWS)))
        pairs = await connection.fetchval("SELECT count(*) FROM tie_strength")
        acts = await connection.fetchval("SELECT count(*) FROM tie_act")
    audit = time.perf_counter() - began
    rate, cpu = (statistics.median(one[place] for one in ours) for place in (0, 1))
    naive_rate, naive_cpu = (statistics.median(one[place] for one in naive) for place in (0, 1))
    return StrengthBench(
        ratio=round(rate / naive_rate, 1),
        facts_per_second=round(rate),
        cpu_seconds_per_10k_facts=round(cpu, 3),
        naive_facts_per_second=round(naive_rate),
        naive_cpu_seconds_per_10k_facts=round(naive_cpu, 3),
        cpu_ratio=round(naive_cpu / cpu, 1),
        batch=BATCH,
        people=PEOPLE,
        pairs=PAIRS,
        facts=ROUNDS * facts,
        naive_facts=ROUNDS * (facts // NAIVE_SHARE),
        pairs_kept=pairs,
        acts_kept=acts,
        rounds_facts_per_second=[round(one) for one, _ in ours],
        rounds_naive_facts_per_second=[round(one) for one, _ in naive],
        audit_seconds=round(audit, 2),
        laws=laws,
    )


async def _ours(database: Database, facts: Sequence[Act]) -> None:
    for start in range(0, len(facts), BATCH):
        await database.run(partial(note_acts, acts=facts[start : start + BATCH]), actor="bench")


async def _naive(database: Database, facts: Sequence[Act]) -> None:
    for start in range(0, len(facts), BATCH):
        await database.run(partial(_one_by_one, facts=facts[start : start + BATCH]), actor="bench")


CODES = {"message": 1, "part": 2, "packet": 3, "transfer": 4, "gift": 5, "photo": 7}
UPSERT = """
    INSERT INTO tie_act AS act (a, b, day, kind, ab, ba, campaign_ab, campaign_ba)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (a, b, day, kind) DO UPDATE
    SET ab = act.ab + excluded.ab, ba = act.ba + excluded.ba,
        campaign_ab = act.campaign_ab + excluded.campaign_ab,
        campaign_ba = act.campaign_ba + excluded.campaign_ba
"""


async def _one_by_one(tx: Tx, facts: Sequence[Act]) -> None:
    for fact in facts:
        pair = (min(fact.person, fact.other), max(fact.person, fact.other))
        counts = [0, 0, 0, 0]
        counts[2 * fact.campaign + (fact.person > fact.other)] = fact.count
        await tx.connection.execute(UPSERT, *pair, fact.at, CODES[fact.kind], *counts)
        await recompute_pairs(tx, [pair])


class _Meter:
    """Facts a second and CPU seconds per 10,000 of a piece of work, PostgreSQL's processes included."""

    def __init__(self, engines: Engines) -> None:
        assert engines.postgres_pid is not None
        self._server = engines.postgres_pid

    async def of(self, work: Awaitable[None], facts: int) -> tuple[float, float]:
        cpu, began = self._cpu(), time.perf_counter()
        await work
        seconds = time.perf_counter() - began
        return facts / seconds, (self._cpu() - cpu) * 10_000 / facts

    def _cpu(self) -> float:
        """CPU seconds of this process, of PostgreSQL, of its children now, and of those that are gone."""
        total = time.process_time()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            pid, parent = int(stat.parent.name), int(fields[1])
            if self._server in (pid, parent):
                ticks = int(fields[11]) + int(fields[12])
                if pid == self._server:
                    ticks += int(fields[13]) + int(fields[14])
                total += ticks / TICKS
        return total
