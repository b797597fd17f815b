"""Chat in groups of 50 with everybody online, beside ejabberd's group chat, in one run on one machine.

Each phone is a connection of its own with its own pass. A message is written by one of a group to a
running server (`wufu.main.running`, its jobs included), answered when it is committed (fsync and
synchronous_commit on), and said once in the group's room, which NATS carries to all 50; a delivery is a
message that a phone heard. The load (`bench/chat_load.py`) is a process of its own on the same cores,
speaking TCP; phones' WebSockets end in the same NATS server.

- *closed*: as many messages under way as the window allows; gives the messages and deliveries a second;
- *half load*: messages come at half that rate whatever is heard; gives the latencies from writing to hearing;
- *ejabberd*: the same groups as rooms (multi-user chat, XEP-0045) with an archive, the same closed load. It
  writes its archive without flushing it to disk message by message;
- *idle*: sleeping phones on WebSockets, and what each costs the live edge in memory.

Lost, doubled and disordered deliveries are counted by the numbers that the phones heard; in the end every
message that was written is counted in the database, and every law is checked.
"""

import asyncio
import contextlib
import resource
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bench.chat_load import ChatDone, ChatJob, Group, Phone
from bench.ejabberd import running_ejabberd
from wufu.chat import FoundGroup, found_group, see_conversation
from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx, check_laws, counted
from wufu.db.engines import Engines, mint_person_pass
from wufu.main import LAWS, Server, running
from wufu.people import NewPerson, create_people
from wufu.ties import introduce

GROUP = 50
WINDOW = 400
PASS_SECONDS = 3600
SPARE_FILES = 1_000
"""Files a process keeps free beside its phones."""

Progress = Callable[[str], None]


class ChatBench(msgspec.Struct, frozen=True):
    """What was measured; `ratio` is our deliveries a second to ejabberd's in the same run."""

    ratio: float
    sent_per_second: int
    delivered_per_second: int
    half_rate: int
    p50_ms: float
    p99_ms: float
    lost: int
    duplicated: int
    out_of_order: int
    refused: int
    people: int
    groups: int
    messages: int
    ejabberd_version: str
    ejabberd_sent_per_second: int
    ejabberd_delivered_per_second: int
    ejabberd_p99_ms: float
    closed_p99_ms: float
    connections: int
    server_bytes_per_connection: int
    laws: dict[str, int]


async def measure(
    *,
    people: int = 1_000,
    groups: int = 20,
    seconds: float = 20.0,
    idle: int | None = None,
    tell: Progress = lambda _: None,
) -> ChatBench:
    """Run everything on engines of its own in a temporary folder. `people` is a multiple of `groups`."""
    with tempfile.TemporaryDirectory(prefix="wufu-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # the engines may run as another user, who has to pass through
        async with (
            Engines.start(Path(folder) / "wufu", tell=lambda _: None) as engines,
            running(engines, keep_objects=Path(folder) / "objects") as server,
        ):
            ours = _Ours(server, people, groups)
            tell(f"setting up: {people:,} people in {groups} groups")
            await ours.prepare()
            trial = await ours.talk(2_000)
            messages = max(1_000, int(trial.sent_per_second * seconds))
            closed = await ours.talk(messages)
            tell(f"{closed.sent_per_second:,} messages/s, {closed.delivered_per_second:,} deliveries/s")
            half = closed.sent_per_second / 2
            slow = await ours.talk(int(half * seconds), half)
            tell(f"at {half:,.0f} messages/s: p50 {slow.p50_ms} ms, p99 {slow.p99_ms} ms")
            connections, each = await ours.sleep(idle)
            tell(f"{connections:,} sleeping phones, {each:,} bytes each")
            laws = await ours.audit()
        async with running_ejabberd(Path(folder) / "ejabberd", tell) as (port, version):
            trial = await _talk_xmpp(port, "trial", people, groups, 2_000)
            messages = max(1_000, int(trial.sent_per_second * seconds))
            peer = await _talk_xmpp(port, "group", people, groups, messages)
            tell(f"ejabberd: {peer.sent_per_second:,} messages/s, {peer.delivered_per_second:,} deliveries/s")
    both = (closed, slow)
    return ChatBench(
        ratio=round(closed.delivered_per_second / peer.delivered_per_second, 2),
        sent_per_second=closed.sent_per_second,
        delivered_per_second=closed.delivered_per_second,
        half_rate=round(half),
        p50_ms=slow.p50_ms,
        p99_ms=slow.p99_ms,
        lost=sum(one.lost for one in both),
        duplicated=sum(one.duplicated for one in both),
        out_of_order=sum(one.out_of_order for one in both),
        refused=sum(one.refused for one in both),
        people=people,
        groups=groups,
        messages=ours.written,
        ejabberd_version=version,
        ejabberd_sent_per_second=peer.sent_per_second,
        ejabberd_delivered_per_second=peer.delivered_per_second,
        ejabberd_p99_ms=peer.p99_ms,
        closed_p99_ms=closed.p99_ms,
        connections=connections,
        server_bytes_per_connection=each,
        laws=laws,
    )


class _Ours:
    """People in groups on a running server, and the load on them."""

    def __init__(self, server: Server, people: int, groups: int) -> None:
        self.server = server
        self.people = people
        self.groups = groups
        self.members: list[list[PersonId]] = []
        self.ids: list[ConversationId] = []
        self.written = 0

    async def prepare(self) -> None:
        """Groups as people make them: friends of a founder, who founds the group with them."""
        size = self.people // self.groups
        for _ in range(self.groups):
            members, group = await self.server.database.run(partial(_found, size=size), actor="bench")
            self.members.append(members)
            self.ids.append(group)

    async def talk(self, messages: int, rate: float | None = None) -> ChatDone:
        """Everybody comes online, writes and hears."""
        url = urlsplit(self.server.engines.nats_url)
        job = await self._job(url.hostname or "", url.port or 0, messages, rate)
        async with _load(job) as told:
            done = msgspec.json.decode(await told(), type=ChatDone)
        assert not done.refused, done.first_refusal
        self.written += messages
        return done

    async def _job(self, host: str, port: int, messages: int = 0, rate: float | None = None) -> ChatJob:
        groups = []
        for members, conversation in zip(self.members, self.ids, strict=True):
            async with self.server.database.read() as connection:
                seen = await see_conversation(connection, members[0], conversation)
            assert seen.room is not None
            groups.append(Group(str(conversation), seen.room, seen.last_number))
        phones = [
            self._phone(person, place, groups[place].room)
            for place, members in enumerate(self.members)
            for person in members
        ]
        return ChatJob(
            kind="nats",
            host=host,
            port=port,
            phones=phones,
            groups=groups,
            messages=messages,
            window=WINDOW,
            rate=rate,
        )

    def _phone(self, person: PersonId, group: int, room: str) -> Phone:
        seed = self.server.engines.account_seed
        granted = mint_person_pass(seed, person, None, utc_now(), PASS_SECONDS, [room])
        return Phone(person, group, granted.jwt, granted.seed)

    async def sleep(self, wanted: int | None) -> tuple[int, int]:
        """How many phones sleep on WebSockets, and the bytes of memory each costs the NATS server."""
        pid = self.server.engines.nats_pid
        assert pid is not None
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE_FILES
        count = min(limit, wanted) if wanted is not None else limit
        url = urlsplit(self.server.engines.websocket_url)
        job = await self._job(url.hostname or "", url.port or 0)
        phones = [job.phones[place % len(job.phones)] for place in range(count)]
        before = _memory(pid)
        async with _load(msgspec.structs.replace(job, phones=phones), "idle") as told:
            standing = int(await told())
            after = _memory(pid)
        return standing, (after - before) // max(standing, 1)

    async def audit(self) -> dict[str, int]:
        """Every law; and every message that was written is there."""
        async with self.server.database.read() as connection:
            laws = dict(counted(await check_laws(connection, LAWS)))
            kept = await connection.fetchval("SELECT count(*) FROM message WHERE kind = 'text'")
        assert kept == self.written, f"{kept} messages are kept of {self.written} written"
        return laws


async def _found(tx: Tx, size: int) -> tuple[list[PersonId], ConversationId]:
    members = await create_people(
        tx, [NewPerson(name=f"群友{place}", origin="imported") for place in range(size)]
    )
    friends = await introduce(tx, [(members[0], other) for other in members[1:]])
    assert not any(isinstance(answer, Refusal) for answer in friends)
    group = ConversationId(Chance.system().uuid7(tx.now))
    await found_group(tx, FoundGroup(members[0], group, "一家人", tuple(members[1:])))
    return members, group


def _memory(pid: int) -> int:
    """Bytes of memory a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


async def _talk_xmpp(port: int, room: str, people: int, groups: int, messages: int) -> ChatDone:
    job = ChatJob(
        kind="xmpp",
        host="127.0.0.1",
        port=port,
        phones=[Phone(person, person % groups) for person in range(people)],
        groups=[Group("", f"{room}{place}@conference.localhost", 0) for place in range(groups)],
        messages=messages,
        window=WINDOW,
    )
    async with _load(job) as told:
        return msgspec.json.decode(await told(), type=ChatDone)


@contextlib.asynccontextmanager
async def _load(job: ChatJob, *arguments: str) -> AsyncIterator[Callable[[], "asyncio.Future[bytes]"]]:
    """The load in a process of its own, which ends with the block; call what is given for its answer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.chat_load",
        *arguments,
        cwd=Path(__file__).resolve().parents[1],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = process.stdout.readline
    try:
        process.stdin.write(msgspec.json.encode(job) + b"\n")
        await process.stdin.drain()
        yield lambda: asyncio.ensure_future(told())
    finally:
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 10)
        if process.returncode is None:
            process.kill()
            await process.wait()
