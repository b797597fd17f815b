"""Tap batches against a durable Redis script: batches a second through the whole path, in one run.

Phones send batches of 25 taps over NATS (TCP; a phone's WebSocket ends in the same server) to a running Wufu
(as `wufu serve` runs it, jobs included). A batch is answered when it is committed: its
checks (the round, the order, the human limit), 25 draws under the round's key and odds, what they won as
ledger transfers from mint or stock, the player's progress, and the facts for the phone; fsync and
synchronous_commit on. The odds are those of 2016.

*redis*: a real redis-server with `appendfsync always` runs a script with the same checks: order, token
bucket, 25 random numbers against the odds, stock counted down, progress and wins kept in the player's hash.
It has no ledger, no proof and no facts. Same load process, connections and windows.

The two take turns; medians are reported. With `rate`, batches come at that rate whatever the answers do, and
latency counts from when each was due. `lost` are batches that were answered and are not in the database.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import asyncpg
import msgspec

from bench.packet_load import Done
from bench.redpacket import running_redis
from bench.tap_load import TapJob
from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import Refusal
from wufu.crowd import serving
from wufu.db import Database, Tx, check_laws, counted, migrate
from wufu.db.engines import Engines, mint_crowd_pass
from wufu.fortune import (
    CampaignClock,
    Dials,
    Join,
    announce,
    create,
    gala_2016,
    join,
    set_clock,
    turn_campaign,
)
from wufu.ledger import named_group
from wufu.main import LAWS
from wufu.people import NewPerson, create_people
from wufu.servers import fitting, more_servers
from wufu.wallet import fund

CAMPAIGN = CampaignId("gala-2016")
ROUND = 1
TAPS = 25
CLIENTS = 8
WINDOW = 500
PEOPLE = 40_000
BATCH = 10_000
SPEED = 8.0
"""Campaign seconds a second: with it a phone may send 25 taps several times a second, so that the human limit
is checked for every batch and stops none."""
SETTLE_SECONDS = 1.0

SCRIPT = """
local kept = redis.call('HMGET', KEYS[1], 'next', 'tokens', 'at')
local next, tokens, at = tonumber(kept[1] or 0), tonumber(kept[2] or 30), tonumber(kept[3] or 0)
local first, count = tonumber(ARGV[1]), tonumber(ARGV[2])
if first ~= next then return 'order' end
local clock = redis.call('TIME')
local now = (clock[1] + clock[2] / 1000000) * 8
tokens = math.min(30, tokens + (now - at) * 15)
if count > tokens then return 'limit' end
local wins = ''
for tap = first, first + count - 1 do
  local word = math.random()
  if word < 0.0049 then
    local prize = math.floor(word * 1000)
    if redis.call('HINCRBY', KEYS[2], prize, -1) >= 0 then
      wins = wins .. tap .. ':' .. prize .. ','
      redis.call('HINCRBY', KEYS[1], 'card:' .. prize, 1)
    end
  end
end
redis.call('HSET', KEYS[1], 'next', first + count, 'tokens', tokens - count, 'at', now, 'last', wins)
return wins .. (first + count)
"""

Progress = Callable[[str], None]


class TapsBench(msgspec.Struct, frozen=True):
    """What was measured: medians over the rounds, `ratio` to Redis in the same run; half load beside it."""

    ratio: float
    batches_per_second: int
    taps_per_second: int
    p50_ms: float
    p99_ms: float
    lost: int
    half_load_batches_per_second: int
    half_load_p99_ms: float
    redis_batches_per_second: int
    redis_p99_ms: float
    redis_version: str
    batches_each: int
    phones: int
    taps_a_batch: int
    clients: int
    in_flight: int
    servers: int
    rate: float | None
    rounds_batches_per_second: list[int]
    rounds_redis: list[int]
    wins: int
    transfers: int
    laws: dict[str, int]


async def measure(
    *,
    batches: int = 120_000,
    rounds: int = 3,
    rate: float | None = None,
    people: int = PEOPLE,
    tell: Progress = lambda _: None,
) -> TapsBench:
    """Run everything on engines of its own, in a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="wufu-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # the engines may run as another user, who has to pass through
        async with (
            running_redis(Path(folder) / "redis", tell) as redis,
            Engines.start(Path(folder) / "wufu", tell=lambda _: None) as engines,
        ):
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url, connections=3) as database:
                tell(f"setting up: {people:,} players")
                first = await _open_round(database, people)
                await _let_the_load_settle(engines)
                async with (
                    serving(engines, seed=2016, with_jobs=True),
                    more_servers(engines, fitting() - 1, keep_objects=Path(folder) / "objects", tell=tell),
                ):
                    script = await redis.client.script_load(SCRIPT)
                    await redis.client.hset("stock", mapping={str(prize): 10**9 for prize in range(6)})
                    bench = _Bench(engines, database, first, people, tell)
                    return await bench.measure(batches, rounds, rate, redis.port, script, redis.version)


class _Bench:
    """The loads in their turns, and what is asked of the database afterwards."""

    def __init__(
        self, engines: Engines, database: Database, first: PersonId, people: int, tell: Progress
    ) -> None:
        self._engines = engines
        self._database = database
        self._first = first
        self._people = people
        self._tell = tell
        self._sent = {"nats taps": 0, "redis taps": 0}

    async def measure(
        self, batches: int, rounds: int, rate: float | None, redis_port: int, script: str, version: str
    ) -> TapsBench:
        # A phone's batches are whole turns of all phones.
        batches = max(batches // self._people, 1) * self._people
        host, _, port = self._engines.nats_url.partition("://")[2].partition(":")
        wufu = partial(self._load, "nats taps", host, int(port.strip("/")), batches)
        mine: list[Done] = []
        theirs: list[Done] = []
        await wufu(None, "")  # everybody's first batch makes their row: not what a night consists of
        for number in range(1, rounds + 1):
            mine.append(await wufu(rate, ""))
            self._tell(f"round {number}: {mine[-1].per_second:,} batches/s, p99 {mine[-1].p99_ms} ms")
            await asyncio.sleep(SETTLE_SECONDS)
            theirs.append(await self._load("redis taps", "127.0.0.1", redis_port, batches, rate, script))
            self._tell(f"round {number}: {theirs[-1].per_second:,} of Redis")
        capacity = statistics.median(done.per_second for done in mine)
        half = await wufu(capacity / 2 if rate is None else rate, "")
        for done in (*mine, *theirs, half):
            assert not done.wrong, done
        return await self._report(batches, rate, mine, theirs, half, version)

    async def _load(
        self, kind: str, host: str, port: int, batches: int, rate: float | None, script: str
    ) -> Done:
        granted = mint_crowd_pass(self._engines.account_seed, utc_now(), 3600)
        job = TapJob(
            kind=kind,
            host=host,
            port=port,
            clients=CLIENTS,
            window=min(WINDOW, max(self._people // (2 * CLIENTS), 1)),
            first_person=self._first,
            count=batches,
            packets=[],
            rate=rate,
            jwt=granted.jwt,
            seed=granted.seed,
            script=script,
            people=self._people,
            taps=TAPS,
            campaign=CAMPAIGN,
            round=ROUND,
            batches_before=self._sent[kind],
        )
        self._sent[kind] += batches // self._people
        return await _run_load(job)

    async def _report(
        self,
        batches: int,
        rate: float | None,
        mine: Sequence[Done],
        theirs: Sequence[Done],
        half: Done,
        version: str,
    ) -> TapsBench:
        async with self._database.read() as connection:
            kept = await connection.fetchval("SELECT sum(next)::bigint FROM tapping")
            wins = await connection.fetchval("SELECT count(*) FROM win")
            transfers = await connection.fetchval("SELECT count(*) FROM transfer")
            laws = dict(counted(await check_laws(connection, LAWS)))
        rate_mine = statistics.median(done.per_second for done in mine)
        rate_theirs = statistics.median(done.per_second for done in theirs)
        return TapsBench(
            ratio=round(rate_mine / rate_theirs, 2),
            batches_per_second=round(rate_mine),
            taps_per_second=round(rate_mine * TAPS),
            p50_ms=round(statistics.median(done.p50_ms for done in mine), 1),
            p99_ms=round(statistics.median(done.p99_ms for done in mine), 1),
            lost=self._sent["nats taps"] * self._people - kept // TAPS,
            half_load_batches_per_second=half.per_second,
            half_load_p99_ms=half.p99_ms,
            redis_batches_per_second=round(rate_theirs),
            redis_p99_ms=round(statistics.median(done.p99_ms for done in theirs), 1),
            redis_version=version,
            batches_each=batches,
            phones=self._people,
            taps_a_batch=TAPS,
            clients=CLIENTS,
            in_flight=CLIENTS * WINDOW,
            servers=fitting(),
            rate=rate,
            rounds_batches_per_second=[done.per_second for done in mine],
            rounds_redis=[done.per_second for done in theirs],
            wins=wins,
            transfers=transfers,
            laws=laws,
        )


async def _open_round(database: Database, people: int) -> PersonId:
    """Players who joined a campaign whose first round is open for days; the first player's number."""
    now = utc_now().replace(microsecond=0)
    day = timedelta(days=1)
    dials = Dials(
        people=people,
        taps_each=1_909,
        opens_at=now - 30 * day,
        rounds_at=(now - day,),
        round_seconds=7 * 86_400,
        settles_at=now + 30 * day,
    )

    async def make(tx: Tx) -> None:
        spec = gala_2016(CAMPAIGN, dials)
        money = spec.pool_minor + spec.cash_minor
        await fund(tx, f"sponsor/{spec.sponsor}", money, named_group("bench", "sponsor"))
        await create(tx, CAMPAIGN, spec, CampaignClock(now - 2 * day, tx.now, 0.0))
        await announce(tx, CAMPAIGN)

    await database.run(make, actor="bench")
    members: list[PersonId] = []
    chance = Chance.system()
    for start in range(0, people, BATCH):
        size = min(BATCH, people - start)
        news = [NewPerson(name=f"玩家{start + place}", origin="imported") for place in range(size)]
        made = await database.run(partial(create_people, people=news), actor="bench")
        joins = [Join(person, CAMPAIGN, chance.secret("seed").hex()) for person in made]
        answers = await database.run(partial(join, joins=joins), actor="bench")
        assert not any(isinstance(answer, Refusal) for answer in answers)
        members += made
    assert members == list(range(members[0], members[0] + people)), "numbers follow each other"
    await database.run(partial(set_clock, campaign=CAMPAIGN, shows=now, speed=SPEED), actor="bench")
    for _ in range(4):  # announced, running, the round open
        await turn_campaign(database, CAMPAIGN)
    return members[0]


async def _let_the_load_settle(engines: Engines) -> None:
    connection = await asyncpg.connect(engines.database_url)
    try:
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _run_load(job: TapJob) -> Done:
    """Run the load in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.tap_load",
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
