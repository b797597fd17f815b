"""Red packets against the durable Redis script: openings a second, in one run on one machine.

Each opening is by a different person, comes over NATS to a running server (as `wufu serve` runs it, its
jobs included), and is answered when it is committed: an opening row, a ledger transfer from the packet's
escrow, the counters of both accounts, with fsync and synchronous_commit on. The load is a process of its own
(`bench/packet_load.py`) on the same machine; nothing is left out of the two cores.

- *hot*: all of them open one packet;
- *spread*: the same number over 100 packets;
- *redis*: a real redis-server with `appendfsync always` runs the usual script: is the person in the hash of
  takers, else pop a share made beforehand and record who has it. Same load process, connections and windows.
  It keeps no ledger, no order of service and no proof. Twice: with requests pipelined just as ours are, and
  *one at a time* over 500 connections, as by app servers that wait for each answer.

The three take turns, several times over, because a machine's speed drifts; medians are reported. With
`rate`, requests come at that rate whatever the answers do, and latency counts from when each was due. In the
end every law is checked, every packet is split again from its secret, and every fen is counted.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
import redis.asyncio as redis_client

from bench.packet_load import Done, Job
from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import PacketId, PersonId
from wufu.core.money import CNY
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx, check_laws, counted
from wufu.db.engines import Engines, mint_crowd_pass
from wufu.ledger import Account, Group, Transfer, named_group, post
from wufu.main import LAWS, Server, collect_garbage_rarely, running
from wufu.people import NewPerson, create_people
from wufu.redpacket import (
    SPLITS_LAW,
    Limits,
    PacketSent,
    SendPacket,
    check_splits,
    send_packets,
    set_merchant,
    set_packet_limits,
)
from wufu.servers import fitting, more_servers
from wufu.wallet import money_of

CLIENTS = 8
WINDOW = 500
ALONE = 500
SPREAD_PACKETS = 100
BATCH = 10_000
MEAN_MINOR = 100
LARGEST_MINOR = 20_000
SETTLE_SECONDS = 1.0
LIMITS = Limits(20_000, 100, 10**12, LARGEST_MINOR, 1_000_000, 10**15, 0, 0, 86_400, 5, 20)

SCRIPT = """
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
local share = redis.call('RPOP', KEYS[1])
if not share then return -1 end
redis.call('HSET', KEYS[2], ARGV[1], share)
return share
"""

Progress = Callable[[str], None]


class NoRedis(Exception):
    """There is no redis-server and none could be installed; the message says what can be done."""


class RedPacketBench(msgspec.Struct, frozen=True):
    """What was measured: medians over the rounds; ratios of the hot packet to Redis in the same run."""

    ratio: float
    ratio_one_at_a_time: float
    hot_openings_per_second: int
    hot_p50_ms: float
    hot_p99_ms: float
    spread_openings_per_second: int
    spread_p50_ms: float
    spread_p99_ms: float
    redis_lua_per_second: int
    redis_p99_ms: float
    redis_one_at_a_time_per_second: int
    redis_one_at_a_time_p99_ms: float
    openings_each: int
    rounds: int
    clients: int
    in_flight: int
    servers: int
    rate: float | None
    redis_version: str
    rounds_hot: list[int]
    rounds_spread: list[int]
    rounds_redis: list[int]
    rounds_redis_one_at_a_time: list[int]
    openings: int
    audit_seconds: float
    laws: dict[str, int]


async def measure(
    *, openings: int = 150_000, rounds: int = 3, rate: float | None = None, tell: Progress = lambda _: None
) -> RedPacketBench:
    """Run everything on engines of its own, in a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="wufu-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # the engines may run as another user, who has to pass through
        async with (
            running_redis(Path(folder) / "redis", tell) as peer,
            Engines.start(Path(folder) / "wufu", tell=lambda _: None) as engines,
            running(engines, keep_objects=Path(folder) / "objects") as server,
            more_servers(engines, fitting() - 1, keep_objects=Path(folder) / "objects", tell=tell),
        ):
            collect_garbage_rarely()
            return await _measure(server, peer, openings, rounds, rate, tell)


async def _measure(
    server: Server, peer: "Peer", openings: int, rounds: int, rate: float | None, tell: Progress
) -> RedPacketBench:
    database = server.database
    tell(f"setting up: {openings:,} people with money")
    crowd = await _crowd(database, openings)
    await _let_the_load_settle(server.engines)
    hot: list[Done] = []
    spread: list[Done] = []
    redis: list[Done] = []
    alone: list[Done] = []
    for number in range(1, rounds + 1):
        for packets, found in ((1, hot), (SPREAD_PACKETS, spread)):
            sent = await _send(database, crowd, packets, openings)
            found.append(await _open(server, crowd, sent, openings, rate))
            tell(f"round {number}: {found[-1].per_second:,} openings/s, {packets} packets")
            await asyncio.sleep(SETTLE_SECONDS)
        redis.append(await peer.open(f"packet{number}", crowd, openings, rate, CLIENTS, WINDOW))
        tell(f"round {number}: {redis[-1].per_second:,} of Redis")
        alone.append(await peer.open(f"alone{number}", crowd, openings, rate, ALONE, 1))
        tell(f"round {number}: {alone[-1].per_second:,} of Redis, one at a time")
    for done in (*hot, *spread, *redis, *alone):
        assert not done.wrong, done
    return await _report(database, (hot, spread, redis, alone), openings, rate, peer.version)


async def _report(
    database: Database,
    found: tuple[list[Done], list[Done], list[Done], list[Done]],
    openings: int,
    rate: float | None,
    version: str,
) -> RedPacketBench:
    hot, spread, redis, alone = found
    began = time.perf_counter()
    async with database.read() as connection:
        laws = dict(counted(await check_laws(connection, LAWS)))
        laws[SPLITS_LAW] = len(await check_splits(connection))
        rows = await connection.fetchval("SELECT count(*) FROM packet_opening")
    assert rows == openings * (len(hot) + len(spread)), rows
    mine, peers, lone = (_median([done.per_second for done in loads]) for loads in (hot, redis, alone))
    return RedPacketBench(
        ratio=round(mine / peers, 2),
        ratio_one_at_a_time=round(mine / lone, 2),
        hot_openings_per_second=round(mine),
        hot_p50_ms=_median([done.p50_ms for done in hot]),
        hot_p99_ms=_median([done.p99_ms for done in hot]),
        spread_openings_per_second=round(_median([done.per_second for done in spread])),
        spread_p50_ms=_median([done.p50_ms for done in spread]),
        spread_p99_ms=_median([done.p99_ms for done in spread]),
        redis_lua_per_second=round(peers),
        redis_p99_ms=_median([done.p99_ms for done in redis]),
        redis_one_at_a_time_per_second=round(lone),
        redis_one_at_a_time_p99_ms=_median([done.p99_ms for done in alone]),
        openings_each=openings,
        rounds=len(hot),
        clients=CLIENTS,
        in_flight=CLIENTS * WINDOW,
        servers=fitting(),
        rate=rate,
        redis_version=version,
        rounds_hot=[done.per_second for done in hot],
        rounds_spread=[done.per_second for done in spread],
        rounds_redis=[done.per_second for done in redis],
        rounds_redis_one_at_a_time=[done.per_second for done in alone],
        openings=rows,
        audit_seconds=round(time.perf_counter() - began, 1),
        laws=laws,
    )


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1)


# --- Ours -----------------------------------------------------------------------------------------


class Crowd(msgspec.Struct, frozen=True):
    """A merchant, and the people who open: their numbers follow each other from `first`."""

    merchant: PersonId
    first: PersonId


async def _crowd(database: Database, count: int) -> Crowd:
    """People as real ones are: everybody has an account with some money in it already."""

    async def merchant(tx: Tx) -> PersonId:
        (person,) = await create_people(tx, [NewPerson(name="福记", origin="imported")])
        await set_merchant(tx, person, True)
        await set_packet_limits(tx, LIMITS)
        return person

    sender = await database.run(merchant, actor="bench")
    await database.run(partial(_fund, people=[sender], minor=10**14), actor="bench")
    people: list[PersonId] = []
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        news = [NewPerson(name=f"玩家{first + place}", origin="imported") for place in range(size)]
        made = await database.run(partial(create_people, people=news), actor="bench")
        await database.run(partial(_fund, people=made, minor=1), actor="bench")
        people += made
    assert people == list(range(people[0], people[0] + count)), "numbers follow each other"
    return Crowd(sender, people[0])


async def _fund(tx: Tx, people: Sequence[PersonId], minor: int) -> None:
    world = Account("bank/sandbox", "world", CNY.code, may_overdraw=True)
    groups = [
        Group(named_group("bench", str(one)), (Transfer(world, money_of(one), minor, "seed"),))
        for one in people
    ]
    assert not any(isinstance(answer, Refusal) for answer in await post(tx, groups))


async def _let_the_load_settle(engines: Engines) -> None:
    """What any bulk load is followed by: statistics for the planner, and the load's own writes on disk."""
    connection = await asyncpg.connect(engines.database_url)
    try:
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _send(database: Database, crowd: Crowd, packets: int, openings: int) -> list[PacketSent]:
    """Lucky packets by link with as many shares together as there will be openings."""
    wishes = []
    for place in range(packets):
        shares = openings // packets + (place < openings % packets)
        wishes.append(
            SendPacket(
                person=crowd.merchant,
                id=PacketId(Chance.system().uuid7(utc_now())),
                to="link",
                split="lucky",
                minor=shares * MEAN_MINOR,
                shares=shares,
                merchant=True,
            )
        )

    async def work(tx: Tx) -> list[PacketSent | Refusal]:
        return await send_packets(tx, wishes)

    sent = []
    for answer in await database.run(work, actor="bench"):
        assert isinstance(answer, PacketSent), answer
        sent.append(answer)
    return sent


async def _open(
    server: Server, crowd: Crowd, sent: Sequence[PacketSent], openings: int, rate: float | None
) -> Done:
    granted = mint_crowd_pass(server.engines.account_seed, utc_now(), 3600)
    host, _, port = server.engines.nats_url.partition("://")[2].partition(":")
    return await _load(
        Job(
            kind="nats",
            host=host,
            port=int(port.strip("/")),
            clients=CLIENTS,
            window=WINDOW,
            first_person=crowd.first,
            count=openings,
            packets=[str(one.id) for one in sent],
            tokens=[one.token or "" for one in sent],
            rate=rate,
            jwt=granted.jwt,
            seed=granted.seed,
        )
    )


async def _load(job: Job) -> Done:
    """Run the load in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.packet_load",
        msgspec.json.encode(job).decode(),
        cwd=Path(__file__).resolve().parents[1],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        told, wrong = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, wrong.decode()
    return msgspec.json.decode(told, type=Done)


# --- Redis ----------------------------------------------------------------------------------------


class Peer:
    """A redis-server that runs, and the script in it."""

    def __init__(self, port: int, client: redis_client.Redis, version: str, script: str) -> None:
        self.port = port
        self.client = client
        self.version = version
        self.script = script

    async def open(
        self, name: str, crowd: Crowd, openings: int, rate: float | None, clients: int, window: int
    ) -> Done:
        """Load a packet's shares, made beforehand as such scripts want them, and open them all."""
        for first in range(0, openings, BATCH):
            count = min(BATCH, openings - first)
            await self.client.rpush(f"{name}:shares", *([MEAN_MINOR] * count))
        return await _load(
            Job(
                kind="redis",
                host="127.0.0.1",
                port=self.port,
                clients=clients,
                window=window,
                first_person=crowd.first,
                count=openings,
                packets=[name],
                rate=rate,
                script=self.script,
            )
        )


@contextlib.asynccontextmanager
async def running_redis(folder: Path, tell: Progress) -> AsyncIterator[Peer]:
    """A redis-server on loopback with every write flushed to disk before it is answered."""
    binary = await _redis_binary(tell)
    folder.mkdir(mode=0o700)
    port = _free_port()
    settings = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "daemonize": "no",
    }
    arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
    process = await asyncio.create_subprocess_exec(
        binary, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    client = redis_client.Redis(host="127.0.0.1", port=port)
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    await client.ping()
                    break
                except redis_client.ConnectionError:
                    if process.returncode is not None:
                        raise NoRedis(f"{binary} ended at once with code {process.returncode}") from None
                    await asyncio.sleep(0.05)
        version = str((await client.info("server"))["redis_version"])
        kept = await client.config_get("appendfsync")
        assert kept == {"appendfsync": "always"}, kept
        yield Peer(port, client, version, await client.script_load(SCRIPT))
    finally:
        await client.aclose()
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _redis_binary(tell: Progress) -> str:
    found = shutil.which("redis-server")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        tell("installing redis-server")
        process = await asyncio.create_subprocess_exec(
            "apt-get",
            "install",
            "-y",
            "--no-install-recommends",
            "redis-server",
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await process.wait()
        found = shutil.which("redis-server")
    if found is None:
        raise NoRedis("there is no redis-server on PATH: install it with `apt-get install redis-server`")
    return found


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
