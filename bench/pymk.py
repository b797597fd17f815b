"""People one may know on a graph of Pokec's size: load it, ask for random people, compare with memory.

The graph is synthetic and seeded, of the size of Pokec (a Slovak network of 1.6 million people and 30.6
million links; Takac, Zabovsky 2012): friends wanted follow a power law with a cut-off, half of the ties join
ends drawn by that (Chung and Lu 2002), the other half closes triangles (the second friend of a friend, as in
Holme and Kim 2002), so that mutual friends exist. It is loaded by `import_ties`, the product's own import.

Asked for, over 16 real connections, is `suggest` for random people, all of them with the same odds, then
`see_mutual` of them with one of their friends: first each connection again as soon as it is answered, which
tells how many there are in a second; then at half that rate, whatever the answers do (`p50_ms`, `p99_ms`,
from when each was due). Every answer of a sample is computed once more in memory with SciPy's sparse matrices
by the published rule, and must be equal; and by the rule without its bound, which tells what the bound costs.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import PersonId
from wufu.db import Connection, Database, check_laws, counted, migrate
from wufu.db.engines import Engines
from wufu.people import see_externals
from wufu.ties import LAWS, MOST_FRIENDS, EdgeList, import_ties, see_mutual, suggest

AT_ONCE = 16
SHOWN = 20
COMPARED = 300
EXPONENT, LARGEST = 2.6, 2_000
"""Of the law by which ends are drawn; closing triangles makes the tail heavier."""
CLOSED = 0.5
NAMESPACE = "pymk"
MOST_WALKED, PICKED, WEIGHT = 5_000, 100, 1 << 30
"""The published rule, said here once more: the reference takes nothing from the code it checks."""
Ints = NDArray[np.int64]
Tell = Callable[[str], None]


class Pymk(msgspec.Struct, frozen=True):
    """What the benchmark found. `equal` of `compared` answers are those computed in memory."""

    people: int
    ties: int
    most_friends: int
    mean_friends: float
    clustering: float
    load_seconds: float
    load_ties_seconds: float
    database_gigabytes: float
    asked: int
    at_once: int
    suggestions_per_second: float
    full_load_p50_ms: float
    full_load_p99_ms: float
    half_load_per_second: float
    p50_ms: float
    p99_ms: float
    alone_p50_ms: float
    alone_p99_ms: float
    busiest_ms: float
    mutual_p50_ms: float
    mutual_p99_ms: float
    compared: int
    equal: int
    overlap_at_10_without_bound: float
    memory_p50_ms: float
    memory_p99_ms: float
    laws: Mapping[str, int]


# --- The graph ------------------------------------------------------------------------------------


def make_graph(people: int, ties: int, seed: int) -> tuple[Ints, Ints]:
    """The two ends of different ties between `people` places; as many as asked, or a few fewer."""
    random = np.random.default_rng(seed)
    base = _distinct(*_by_weight(people, int(ties * (1 - CLOSED) * 1.04), random), people)
    base = base[random.permutation(len(base))][: int(ties * (1 - CLOSED))]
    keys = base
    while len(keys) < ties:
        closed = _close(keys, people, int((ties - len(keys)) * 1.3) + 100, random)
        fresh = np.setdiff1d(closed, keys, assume_unique=True)
        if not len(fresh):
            break
        keys = np.concatenate([keys, random.permutation(fresh)[: ties - len(keys)]])
    keys = random.permutation(keys)
    return keys // people, keys % people


def _by_weight(people: int, ties: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    weights = (np.arange(people) + 1.0) ** (-1 / (EXPONENT - 1))
    weights = np.minimum(weights * 2 * ties / weights.sum(), LARGEST)
    ends = np.cumsum(random.permutation(weights))
    draws = random.random(2 * ties) * ends[-1]
    drawn = np.searchsorted(ends, draws).astype(np.int64)
    return drawn[:ties], drawn[ties:]


def _distinct(one: Ints, other: Ints, people: int) -> Ints:
    """Each tie once as a key, the smaller end first; none from somebody to themselves."""
    keys = np.minimum(one, other) * people + np.maximum(one, other)
    return np.unique(keys[one != other])


def _close(keys: Ints, people: int, wanted: int, random: np.random.Generator) -> Ints:
    """Ties between the ends of random walks of two steps, whose first end is drawn by its ties."""
    graph = _adjacency(keys // people, keys % people, people)
    start, degrees = graph.indptr.astype(np.int64), np.diff(graph.indptr)
    heads = np.repeat(np.arange(people), degrees)
    first = random.integers(0, len(graph.indices), wanted)
    middle = graph.indices[first].astype(np.int64)
    last = graph.indices[start[middle] + (random.random(wanted) * degrees[middle]).astype(np.int64)]
    return _distinct(heads[first], last.astype(np.int64), people)


def _adjacency(one: Ints, other: Ints, people: int) -> sp.csr_array:
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    return sp.csr_array((np.ones(len(ends[0]), dtype=np.int64), ends), shape=(people, people))


# --- The reference --------------------------------------------------------------------------------


@dataclass(slots=True)
class Memory:
    """The published rule once more, over a sparse matrix whose places are `numbers[place]` people."""

    graph: sp.csr_array
    degrees: Ints
    numbers: Ints

    def suggest(self, place: int, walked: int | None) -> list[int]:
        """The numbers suggested to a place, best first; `walked` None walks everything."""
        mine = self.graph.indices[self.graph.indptr[place] : self.graph.indptr[place + 1]]
        via = mine[np.lexsort((self.numbers[mine], self.degrees[mine]))]
        if walked is not None:
            via = via[np.cumsum(self.degrees[via]) <= walked]
        shares = np.asarray((WEIGHT // self.degrees[via]) @ self.graph[via])
        shares[place] = 0
        shares[mine] = 0
        found = np.flatnonzero(shares)
        picked = found[np.lexsort((self.numbers[found], -shares[found]))][:PICKED]
        scores = shares[picked] / WEIGHT / self.degrees[picked] ** 0.25
        best = picked[np.lexsort((self.numbers[picked], -scores))][:SHOWN]
        return [int(number) for number in self.numbers[best]]

    def mutual(self, place: int, other: int) -> int:
        one, two = (
            self.graph.indices[self.graph.indptr[p] : self.graph.indptr[p + 1]] for p in (place, other)
        )
        return len(np.intersect1d(one, two, assume_unique=True))


# --- Measuring ------------------------------------------------------------------------------------


async def measure(people: int, ties: int, *, asks: int, seed: int, tell: Tell) -> Pymk:
    """Make the graph, load it into fresh durable engines, ask, compare, audit."""
    tell("making the graph")
    firsts, seconds = make_graph(people, ties, seed)
    with tempfile.TemporaryDirectory(prefix="wufu-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        async with Engines.start(Path(folder), tell=lambda _: None) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(
                engines.app_url, connections=AT_ONCE, chance=Chance.seeded(seed)
            ) as database:
                return await _measure(database, people, firsts, seconds, asks, seed, tell)


async def _measure(
    database: Database, people: int, firsts: Ints, seconds: Ints, asks: int, seed: int, tell: Tell
) -> Pymk:
    edges = EdgeList([str(place) for place in range(people)], firsts, seconds)
    load, load_ties = await _load(database, edges, seed, tell)
    memory = await _memory(database, edges, firsts, seconds)
    random = np.random.default_rng(seed + 1)
    some = random.integers(0, people, asks)
    tell(f"asking for {asks:,} people, {AT_ONCE} at once")

    async def one(connection: Connection, place: int) -> list[int]:
        who = PersonId(int(memory.numbers[place]))
        return [each.person for each in await suggest(connection, who, SHOWN, now=utc_now())]

    async def shared(connection: Connection, place: int) -> int:
        who, other = (PersonId(int(memory.numbers[p])) for p in (place, near[place]))
        return (await see_mutual(connection, who, other)).count

    await _ask_all(
        database, one, some[: asks // 10], AT_ONCE
    )  # the first touch of cold pages is not asked for
    began = time.perf_counter()
    full, _ = await _ask_all(database, one, some, AT_ONCE)
    rate = asks / (time.perf_counter() - began)
    # At full load every latency is the queue's. People wait at half of it, whatever the answers do.
    tell(f"asking {rate / 2:.0f} a second")
    times = await _ask_on_time(database, one, some, rate / 2)
    alone, answers = await _ask_all(database, one, some[:COMPARED], 1)
    busiest, _ = await _ask_all(database, one, np.argsort(-memory.degrees)[:20], 1)
    near = {int(place): _a_friend(memory, int(place), random) for place in some}
    began = time.perf_counter()
    _, counts = await _ask_all(database, shared, some, AT_ONCE)
    mutual = await _ask_on_time(database, shared, some, asks / (time.perf_counter() - began) / 2)
    tell("comparing with memory")
    in_memory, wanted, free = _remembered(memory, some[:COMPARED])
    for place, count in zip(some, counts, strict=True):
        assert not memory.degrees[place] or count == memory.mutual(place, near[int(place)]), place
    async with database.read() as connection:
        verdicts = counted(await check_laws(connection, LAWS))
    async with database.borrow() as connection:
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
    return Pymk(
        people=people,
        ties=len(firsts),
        most_friends=int(memory.degrees.max()),
        mean_friends=round(float(memory.degrees.mean()), 2),
        clustering=round(_clustering(memory, random), 4),
        load_seconds=round(load, 1),
        load_ties_seconds=round(load_ties, 1),
        database_gigabytes=round(size / 1e9, 2),
        asked=asks,
        at_once=AT_ONCE,
        suggestions_per_second=round(rate, 1),
        full_load_p50_ms=_ms(full, 50),
        full_load_p99_ms=_ms(full, 99),
        half_load_per_second=round(rate / 2, 1),
        p50_ms=_ms(times, 50),
        p99_ms=_ms(times, 99),
        alone_p50_ms=_ms(alone, 50),
        alone_p99_ms=_ms(alone, 99),
        busiest_ms=_ms(busiest, 100),
        mutual_p50_ms=_ms(mutual, 50),
        mutual_p99_ms=_ms(mutual, 99),
        compared=len(wanted),
        equal=sum(a == b for a, b in zip(answers, wanted, strict=True)),
        overlap_at_10_without_bound=_overlap(wanted, free),
        memory_p50_ms=_ms(in_memory, 50),
        memory_p99_ms=_ms(in_memory, 99),
        laws=verdicts,
    )


def _remembered(memory: Memory, places: Ints) -> tuple[list[float], list[list[int]], list[list[int]]]:
    """Seconds and answers in memory by the published rule, and answers by the rule without its bound."""
    times, bounded, free = [], [], []
    for place in places:
        began = time.perf_counter()
        bounded.append(memory.suggest(place, MOST_WALKED))
        times.append(time.perf_counter() - began)
        free.append(memory.suggest(place, None))
    return times, bounded, free


async def _load(database: Database, edges: EdgeList, seed: int, tell: Tell) -> tuple[float, float]:
    """Seconds of the whole import, and of its ties alone."""
    began = time.perf_counter()
    ties_began = began
    told = 0

    def progress(done: int, total: int) -> None:
        nonlocal ties_began, told
        if done <= len(edges.ids):
            ties_began = time.perf_counter()
        if done * 20 // total > told:
            told = done * 20 // total
            tell(f"loading: {done:,} of {total:,} people and ties")

    imported = await import_ties(
        database, edges, seed=seed, namespace=NAMESPACE, batch=20_000, progress=progress
    )
    assert imported.new_ties + sum(imported.refused.values()) == len(edges.firsts), imported
    ended = time.perf_counter()
    return ended - began, ended - ties_began


async def _memory(database: Database, edges: EdgeList, firsts: Ints, seconds: Ints) -> Memory:
    """The graph as it was loaded: without the ties that the limit refused."""
    async with database.read() as connection:
        known = await see_externals(connection, [f"{NAMESPACE}/{name}" for name in edges.ids])
    numbers = np.array([known[f"{NAMESPACE}/{name}"] for name in edges.ids], dtype=np.int64)
    graph = _adjacency(firsts, seconds, len(numbers))
    degrees = np.diff(graph.indptr).astype(np.int64)
    assert degrees.max() <= MOST_FRIENDS, "the graph has people with too many friends"
    graph.sort_indices()
    return Memory(graph, degrees, numbers)


async def _ask_all(
    database: Database,
    ask: Callable[[Connection, int], Awaitable[object]],
    places: Sequence[int] | Ints,
    at_once: int,
) -> tuple[list[float], list[object]]:
    """Seconds and answers, in the order of the places; `at_once` ask, each one after the other."""
    waiting = iter(enumerate(places))
    times = [0.0] * len(places)
    answers: list[object] = [None] * len(places)

    async def asker() -> None:
        for number, place in waiting:
            began = time.perf_counter()
            async with database.read() as connection:
                answers[number] = await ask(connection, int(place))
            times[number] = time.perf_counter() - began

    await asyncio.gather(*(asker() for _ in range(at_once)))
    return times, answers


async def _ask_on_time(
    database: Database,
    ask: Callable[[Connection, int], Awaitable[object]],
    places: Sequence[int] | Ints,
    rate: float,
) -> list[float]:
    """Seconds from when each ask was due, `rate` a second, to its answer: waiting for a connection counts."""
    times = [0.0] * len(places)
    began = time.perf_counter()

    async def asker(number: int, place: int) -> None:
        due = began + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        async with database.read() as connection:
            await ask(connection, place)
        times[number] = time.perf_counter() - due

    await asyncio.gather(*(asker(number, int(place)) for number, place in enumerate(places)))
    return times


def _a_friend(memory: Memory, place: int, random: np.random.Generator) -> int:
    """One of somebody's friends, or somebody else when there is none."""
    friends = memory.graph.indices[memory.graph.indptr[place] : memory.graph.indptr[place + 1]]
    return int(random.choice(friends)) if len(friends) else (place + 1) % len(memory.numbers)


def _clustering(memory: Memory, random: np.random.Generator) -> float:
    """The share of closed wedges, of 20,000 drawn at random people with two friends."""
    closed = tried = 0
    for place in random.integers(0, len(memory.numbers), 20_000):
        friends = memory.graph.indices[memory.graph.indptr[place] : memory.graph.indptr[place + 1]]
        if len(friends) >= 2:
            one, other = friends[random.choice(len(friends), 2, replace=False)]
            row = memory.graph.indices[memory.graph.indptr[one] : memory.graph.indptr[one + 1]]
            at = np.searchsorted(row, other)
            closed += bool(at < len(row) and row[at] == other)
            tried += 1
    return closed / max(tried, 1)


def _overlap(bounded: Sequence[list[int]], free: Sequence[list[int]]) -> float:
    shares = [len(set(a[:10]) & set(b[:10])) / len(b[:10]) for a, b in zip(bounded, free, strict=True) if b]
    return round(sum(shares) / max(len(shares), 1), 4)


def _ms(times: Sequence[float], percentile: int) -> float:
    return round(float(np.percentile(times, percentile)) * 1000, 2)
