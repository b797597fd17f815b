"""The demo: a living world on one command, for whoever opens the page.

    wufu demo [--minutes 5] [--people 300] [--port N] [--data DIR] [--fresh] [--seed N]

The first start makes up a town (`world.py`) and announces an eve of four rounds; its people (`bots.py`, a
process of their own) play as soon as it opens. The server goes on until Ctrl-C. Started again it takes up
where it stopped: the clock of an eve that was on was held, and goes on. `fresh` begins anew.

A seed fixes the town and how its people are, not the server's secrets: a demo's draws are as secret as a
real campaign's.
"""

import asyncio
import contextlib
import logging
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Sequence
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter
from rich.console import Console

from wufu.console import FEWEST_PEOPLE, ForecastTask, ForecastUnderWay, grant_operator
from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import CampaignId, PersonId, person_holder
from wufu.crowd import evenings
from wufu.crowd.albums import Albums
from wufu.crowd.company import Company
from wufu.crowd.evenings import Evening
from wufu.crowd.line import Line
from wufu.crowd.tasks import Awake, Play, Stand
from wufu.crowd.telling import Telling
from wufu.crowd.world import NAMESPACE, PERSONAS, World, build_world, make_world
from wufu.db import ChildFailed, Connection, Database, Tx, child, see_cursor, tell_child
from wufu.db.engines import (
    EngineFailure,
    Engines,
    default_data_dir,
    hold_lock,
    leave_addresses,
    mint_crowd_pass,
)
from wufu.edge import Door
from wufu.fortune import CARDS_2016, expected_crowd, newest_campaign, see_campaign, see_mine, see_spec
from wufu.ledger import named_group
from wufu.main import OBJECTS, PAGE, Server, running
from wufu.people import see_externals
from wufu.ties import friends_of, see_requests
from wufu.wallet import fund

log = logging.getLogger("wufu.demo")

PORT = 8016
PEOPLE = 300
MINUTES = 5.0
PASS_SECONDS = 30 * 24 * 3600
WELCOME_MINOR = 200_00
"""What every persona finds in the wallet: enough to send some."""
AGAIN_SECONDS = 2.0
OURS = (
    "addresses.json",
    "demo.json",
    "engines",
    "keys.json",
    "logs",
    "nats",
    "ports.json",
    "postgres",
    "objects",
    "run",
)
"""What a data directory of Wufu has in it; `fresh` removes these and nothing else."""


class Town(msgspec.Struct, frozen=True):
    """What makes the same town again; kept in the data directory once it is built."""

    seed: int
    people: int


async def run_demo(
    *,
    minutes: float = MINUTES,
    people: int = PEOPLE,
    port: int = PORT,
    data: Path | None = None,
    fresh: bool = False,
    seed: int | None = None,
    console: Console | None = None,
    page: Path = PAGE,
    sync: bool = True,
) -> None:
    """Run the demo until SIGINT or SIGTERM.

    A taken port is replaced by a free one. In a town that is there already, `people` and `seed` are what they
    were. Raises EngineFailure (DataInUse, DataUnreachable, an engine that had to be given up), ValueError for
    too few people.
    """
    place = data or default_data_dir() / "demo"
    if fresh:
        clear(place)
    telling = Telling(console or Console())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sent in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sent, stop.set)
    try:
        with telling:
            async with Engines.start(place, tell=telling.say, sync=sync) as engines:
                with leave_addresses(place, engines):
                    await _serve(engines, place, telling, stop, minutes, people, port, seed, page)
    finally:
        for sent in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(sent)


def clear(place: Path) -> None:
    """Remove what an earlier demo left in its data directory. Raises DataInUse."""
    if not place.is_dir():
        return
    with hold_lock(place):
        for name in OURS:
            path = place / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


async def _serve(
    engines: Engines,
    place: Path,
    telling: Telling,
    stop: asyncio.Event,
    minutes: float,
    people: int,
    port: int,
    seed: int | None,
    page: Path,
) -> None:
    kept = _read_town(place)
    town = kept or Town(_any_seed() if seed is None else seed, people)
    world = make_world(town.seed, town.people)
    evening = Evening(town.people, round(minutes * 60))

    def extra(door: Door) -> Sequence[APIRouter]:
        return [evenings.router(door, evening)]

    async with running(
        engines, keep_objects=place / OBJECTS, demo=True, port=free_port(port), extra=extra, page=page
    ) as server:
        database = server.database
        if kept is None:
            telling.say("building a town: its people, their families, their friends")
            folk = await _build(database, world, town)
            _write_town(place, town)
        else:
            folk = await _folk(database, world)
        if await evenings.newest_evening(database) is None:
            await evenings.begin(database, evening, evenings.FIRST_WAIT)
        await evenings.go_on(database)
        assert server.url is not None
        telling.welcome(server.url, port, [name for name, _, _ in PERSONAS])
        async with _background(
            _keep_bots(engines, database, folk, world, town, telling),
            _keep_company(engines, server, folk, world, town),
            telling.follow(database),
            _foresee(server),
        ):
            problem = await _stopped(engines, stop)
        if problem is not None:
            raise problem
        telling.say("ending: the evening is held until the next start")
        await evenings.hold(database)


async def _foresee(server: Server) -> None:
    """Forecast every evening once it is announced, so that the console has something to compare it with."""
    foreseen = None
    while True:
        async with server.database.read() as connection:
            campaign = await newest_campaign(connection)
            spec = await see_spec(connection, campaign) if campaign else None
        crowd = expected_crowd(spec) if spec is not None else None
        if campaign is not None and campaign != foreseen and spec is not None and crowd is not None:
            people, taps_each = crowd
            if people < FEWEST_PEOPLE:
                return
            with contextlib.suppress(ForecastUnderWay):
                server.forecasting.begin(campaign, spec, ForecastTask(people, taps_each))
                foreseen = campaign
        await asyncio.sleep(AGAIN_SECONDS)


async def _stopped(engines: Engines, stop: asyncio.Event) -> EngineFailure | None:
    """Wait for the word to stop, or for an engine that cannot be kept running any more."""
    given_up = asyncio.create_task(engines.given_up())
    told = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([given_up, told], return_when=asyncio.FIRST_COMPLETED)
        return None if stop.is_set() else given_up.result()
    finally:
        given_up.cancel()
        told.cancel()


@contextlib.asynccontextmanager
async def _background(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do these beside the block, until it ends."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("a part of the demo ended early", exc_info=outcome)


def free_port(wanted: int) -> int:
    """The port if nobody listens there, else 0: any free one."""
    with socket.socket() as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


# --- The town -------------------------------------------------------------------------------------


def _any_seed() -> int:
    return int.from_bytes(Chance.system().secret("town", 6))


def _read_town(place: Path) -> Town | None:
    file = place / "demo.json"
    return msgspec.json.decode(file.read_bytes(), type=Town) if file.exists() else None


def _write_town(place: Path, town: Town) -> None:
    """Written last, at once and whole: a town of which this file tells is complete."""
    half = place / "demo.half"
    half.write_bytes(msgspec.json.encode(town))
    half.replace(place / "demo.json")


async def _build(database: Database, world: World, town: Town) -> list[PersonId]:
    """Make the town real, and put some money into the personas' wallets."""
    folk = await build_world(database, world, town.seed)

    async def welcome(tx: Tx) -> None:
        for person in folk[: len(PERSONAS)]:
            await fund(tx, person_holder(person), WELCOME_MINOR, named_group("demo", "welcome", str(person)))
            # Whoever sits in front of a demo may see all of it.
            await grant_operator(tx, person, "act")

    await database.run(welcome, actor="system/demo")
    return folk


async def _folk(database: Database, world: World) -> list[PersonId]:
    """Who the people of a town that was built before are."""
    names = [f"{NAMESPACE}/{place}" for place in range(len(world.neighbours))]
    async with database.read() as connection:
        known = await see_externals(connection, names)
    return [known[name] for name in names]


# --- Its people -----------------------------------------------------------------------------------


async def _keep_bots(
    engines: Engines,
    database: Database,
    folk: Sequence[PersonId],
    world: World,
    town: Town,
    telling: Telling,
) -> None:
    """Keep the people's process running; after a crash they go on where they were."""
    its_pass = mint_crowd_pass(engines.account_seed, utc_now(), PASS_SECONDS)
    first = len(PERSONAS)
    task = Play(
        nats_url=engines.nats_url,
        jwt=its_pass.jwt,
        nkey_seed=its_pass.seed,
        seed=town.seed,
        kinds=[card.id for card in CARDS_2016],
        people=[
            (person, one.generous) for person, one in zip(folk[first:], world.neighbours[first:], strict=True)
        ],
        personas=list(folk[:first]),
    )
    while True:
        with contextlib.suppress(ChildFailed):
            async with child("wufu.crowd", "bots", task) as process:
                # They listen by now, so nothing falls between what they are told and what they hear.
                await tell_child(process, await _how_they_stand(database, folk[first:]))
                await process.wait()
        telling.say("the town's people fell asleep; waking them up")
        await asyncio.sleep(AGAIN_SECONDS)


async def _keep_company(
    engines: Engines, server: Server, folk: Sequence[PersonId], world: World, town: Town
) -> None:
    """Let the town's people meet in their groups, and show each other their photos."""
    its_pass = mint_crowd_pass(engines.account_seed, utc_now(), PASS_SECONDS)
    async with Line.open(engines.nats_url, its_pass) as line:
        company = Company(server.database, line, world, folk, town.seed)
        async with _background(Albums(server, line, company, folk, town.seed).run()):
            await company.run()


async def _how_they_stand(database: Database, people: Sequence[PersonId]) -> Awake:
    """What these people's phones would fetch, all at one instant."""
    async with database.read() as connection:
        campaign = await newest_campaign(connection)
        seen = await see_campaign(connection, campaign, utc_now()) if campaign else None
        on = campaign if seen is not None and seen.state == "running" else None
        return Awake(on, [await _stand(connection, on, person) for person in people])


async def _stand(connection: Connection, campaign: CampaignId | None, person: PersonId) -> Stand:
    plain = Stand(
        person,
        await see_cursor(connection, person),
        await friends_of(connection, person),
        [one.person for one in await see_requests(connection, person)],
    )
    if campaign is None:
        return plain
    mine = await see_mine(connection, campaign, person)
    return msgspec.structs.replace(
        plain,
        cards=mine.cards,
        asked=[
            (one.id, one.card, one.asker.person)
            for one in mine.requests
            if one.state == "open" and one.asker.person != person
        ],
        offered=[
            (one.id, one.gives, one.wants, one.proposer.person)
            for one in mine.swaps
            if one.state == "offered" and one.to.person == person
        ],
    )
