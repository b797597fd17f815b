"""Assembles the server: engines' addresses in, a running Wufu out.

Imported only by the command line and the crowd.

The order here is the order of life: database, verbs, the live edge, the relay,
the clock's jobs, HTTP. Everything ends in the opposite order when the block ends.
"""

import asyncio
import contextlib
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from fastapi import APIRouter, FastAPI
from nats.aio.client import Client

from wufu import (
    chat,
    console,
    db,
    fortune,
    insight,
    ledger,
    objects,
    people,
    phone,
    photos,
    privacy,
    redpacket,
    ties,
    trust,
    wallet,
)
from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.db import Database, Job, Law, Listener, migrate, run_jobs
from wufu.db.engines import Engines, mint_server_pass
from wufu.db.outbox import forget_old_facts
from wufu.edge import Door, LiveEdge, LiveVerb, Relay, VerbTable, connect, create_http

log = logging.getLogger("wufu")

PAGE = Path(__file__).with_name("app_dist")
"""The built phone page; shipped inside the package."""


def merged(*domains: Mapping[str, Sequence[Listener]]) -> dict[str, tuple[Listener, ...]]:
    """Kind of fact → everybody who hears it, in the order of the domains."""
    kinds = dict.fromkeys(kind for domain in domains for kind in domain)
    return {kind: tuple(one for domain in domains for one in domain.get(kind, ())) for kind in kinds}


LAWS: tuple[Law, ...] = (
    *db.LAWS,
    *ledger.LAWS,
    *people.LAWS,
    *objects.LAWS,
    *ties.LAWS,
    *trust.LAWS,
    *chat.LAWS,
    *wallet.LAWS,
    *redpacket.LAWS,
    *photos.LAWS,
    *fortune.LAWS,
    *insight.LAWS,
    *console.LAWS,
    *privacy.LAWS,
)
VERBS: tuple[LiveVerb, ...] = (
    *ties.VERBS,
    *chat.VERBS,
    *wallet.VERBS,
    *redpacket.VERBS,
    *photos.VERBS,
    *fortune.VERBS,
)
LISTENERS = merged(
    trust.LISTENERS,
    chat.LISTENERS,
    wallet.LISTENERS,
    redpacket.LISTENERS,
    photos.LISTENERS,
    fortune.LISTENERS,
    insight.LISTENERS,
)


OBJECTS = "objects"
"""The object store's folder in a data directory."""


class PortTaken(Exception):
    """The port for HTTP cannot be used; the message says why and what can be done."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running Wufu: its database, its doors, and what was assembled."""

    engines: Engines
    database: Database
    client: Client
    verbs: VerbTable
    edge: LiveEdge
    relay: Relay
    http: FastAPI
    store: objects.ObjectStore
    workshop: objects.Workshop
    forecasting: console.Forecasting
    url: str | None = None


def jobs_of(edge: LiveEdge, store: objects.ObjectStore, waking: chat.Waking, lake: insight.Lake) -> list[Job]:
    """Everything that happens by the clock."""
    return [
        *ledger.jobs(),
        *objects.jobs(store),
        *trust.jobs(),
        *chat.jobs(waking),
        *wallet.jobs(),
        *redpacket.jobs(),
        *photos.jobs(),
        *fortune.jobs(edge.broadcast),
        *insight.jobs(lake),
        *console.jobs(LAWS),
        *privacy.jobs(),
        *people.jobs(),
        Job("sweep phone numbers", 3600, db.in_transaction(people.sweep_phones)),
        Job("sweep people", 3600, db.in_transaction(people.sweep)),
        Job("sweep ties", 3600, db.in_transaction(ties.sweep)),
        Job("forget old facts", 3600, db.in_transaction(forget_old_facts)),
    ]


@contextlib.asynccontextmanager
async def running(
    engines: Engines,
    *,
    keep_objects: Path,
    demo: bool = False,
    port: int | None = None,
    clock: Callable[[], datetime] = utc_now,
    chance: Chance | None = None,
    with_jobs: bool = True,
    beside: bool = False,
    extra: Callable[[Door], Sequence[APIRouter]] = lambda _: (),
    page: Path = PAGE,
) -> AsyncIterator[Server]:
    """Migrate, assemble and run on the given engines until the block ends.

    `keep_objects` is the folder of the object store, unless WUFU_OBJECTS_URL names a bucket; raises
    BadObjectStore. `port` serves HTTP on loopback (None: no HTTP); raises PortTaken. `extra` adds routers of
    the caller, such as the demo's. `with_jobs=False` leaves the clock to the caller. `beside` another server
    it answers only what needs no order (`wufu.servers`).
    """
    store = objects.ObjectStore.configured(keep_objects)
    lake = insight.Lake.configured(keep_objects.parent / insight.FACTS)
    await migrate(engines.owner_url)
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            Database.connect(engines.app_url, clock=clock, chance=chance)
        )
        verbs = VerbTable(database, VERBS)
        client = await connect(
            engines.nats_url, mint_server_pass(engines.account_seed, clock()), name="wufu server"
        )
        stack.push_async_callback(_quietly_close, client)
        edge = LiveEdge(client, verbs)
        database.hearers.append(edge.say)
        waking = chat.Waking(database, chat.looking_by(client))
        stack.push_async_callback(waking.close)
        database.hearers.append(waking.hear)
        await chat.settle_policy(database)
        relay = Relay(database, client, edge, LISTENERS)
        workshop = objects.Workshop()
        stack.push_async_callback(workshop.close)
        forecasting = console.Forecasting(database)
        stack.push_async_callback(forecasting.close)
        door = Door(database, people.session_lookup(clock), demo=demo)
        routers = [
            people.router(door, trust.greeter(store.key_for("trust marks"))),
            ties.router(door),
            ties.strength_router(door),
            trust.router(door),
            *chat.routers(door, store, workshop, waking),
            *wallet.routers(door),
            redpacket.router(door),
            photos.router(door, store, workshop),
            fortune.router(door),
            console.router(door, LAWS, forecasting, lake),
            phone.router(door, engines),
            privacy.router(door),
            *extra(door),
        ]
        http = create_http(door, verbs, routers, page)
        await stack.enter_async_context(_answering(edge, verbs, beside=beside))
        tasks = await stack.enter_async_context(_background())
        tasks.append(asyncio.create_task(relay.run(), name="relay"))
        if with_jobs:
            jobs = jobs_of(edge, store, waking, lake)
            tasks.append(asyncio.create_task(run_jobs(database, jobs), name="jobs"))
        url = await stack.enter_async_context(_serve_http(http, port)) if port is not None else None
        yield Server(engines, database, client, verbs, edge, relay, http, store, workshop, forecasting, url)


def collect_garbage_rarely() -> None:
    """Let Python look for cycles rarely, and not among what is alive now: our values hold none.

    By its own measure it looks after every 700 new objects: a third of the time of a settlement, and pauses
    in the middle of batches. Called when a command begins, and again when a server is assembled, which stays.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@contextlib.asynccontextmanager
async def _answering(edge: LiveEdge, verbs: VerbTable, *, beside: bool) -> AsyncIterator[None]:
    """Answer over NATS until the block ends, and then what was heard until then."""
    await edge.open(beside=beside)
    try:
        # What a server that is gone committed but no longer said, phones find by comparing.
        await edge.broadcast("chat", {"kind": "compare"})
        yield
    finally:
        await edge.close()
        await verbs.drain()


@contextlib.asynccontextmanager
async def _background() -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks: list[asyncio.Task[None]] = []
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _quietly_close(client: Client) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(client.drain(), timeout=3)


class _Uvicorn(uvicorn.Server):
    """uvicorn without its own signal handlers: Ctrl-C ends the whole of Wufu in order, not HTTP alone."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


@contextlib.asynccontextmanager
async def _serve_http(app: FastAPI, port: int) -> AsyncIterator[str]:
    listening = _listen(port)
    server = _Uvicorn(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3))
    task = asyncio.create_task(server.serve([listening]), name="http")
    try:
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def check_port(port: int) -> None:
    """Raises PortTaken: worth knowing before engines are started. 0 is any free one."""
    _listen(port).close()


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"port {port} cannot be used: {error.strerror}. Choose another one with --port."
        ) from error
    return listening
