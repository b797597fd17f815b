"""The law of the phone: an old snapshot and the facts since are what a fresh snapshot says."""

import asyncio
import contextlib
from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx

from tests.conftest import FreshDatabase
from tests.journeys.acts import befriend, draw, draw_cash, mine, open_round, tap_once, top_up
from tests.journeys.conftest import OffsetClock, audited, engines_at, register
from tests.journeys.phone import PIN, Json, Phone, SignUp, fresh_id, fresh_seed, until
from tests.world import GALA, World, an_id
from wufu import db
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import (
    Database,
    Fact,
    Only,
    Tx,
    carry,
    check_laws,
    counted,
    drop_parked,
    name_of,
    retry_parked,
    see_parked,
    try_lock,
)
from wufu.db.engines import Engines
from wufu.fortune import Gift, gift, release_cleared
from wufu.fortune.template import ROUNDS_2016, SETTLED_2016
from wufu.main import LISTENERS, Server

HEADER = {"X-Wufu": "1"}


def told(snapshot: Json) -> Json:
    """The part of a snapshot that facts keep up to date."""
    mine = snapshot["mine"]
    return {
        "balance": snapshot["wallet"]["balance_minor"],
        "askers": sorted((one["person"], one["name"], one["avatar"]) for one in snapshot["requests"]),
        "friends": snapshot["friends_count"],
        "cards": mine["cards"],
        "cash": sorted((one["id"], one["minor"], one["round"]) for one in mine["cash"]),
        "won": mine["won"] and mine["won"]["minor"],
    }


def told_by_others(snapshot: Json) -> Json:
    """What only others can do to this phone: wishes and offers."""
    me, mine = snapshot["me"]["person"], snapshot["mine"]
    return {
        "wishes": sorted((one["id"], one["card"]) for one in mine["requests"] if one["from"]["person"] != me),
        "offers": sorted(
            (one["id"], one["gives"], one["wants"], one["state"])
            for one in mine["swaps"]
            if one["from"]["person"] != me
        ),
    }


async def carried(server: Server) -> None:
    """Wait until the relay has taken everything that was announced."""
    left = 1
    async with asyncio.timeout(20):
        while left:
            await asyncio.sleep(0.01)
            async with server.database.read() as connection:
                left = await connection.fetchval("SELECT count(*) FROM outbox")


async def check_law(server: Server, what: str, *phones: Phone, over: bool = False) -> None:
    """What a phone has seen is what it would see; `over`: the campaign of its wishes is."""
    await carried(server)
    for phone in phones:
        await phone.catch_up()
        fresh = await phone.fresh()
        assert phone.seen["cursor"] == fresh["cursor"], what
        assert told(phone.seen) == told(fresh), f"{what}, phone of {phone.person}"
        seen, now = told_by_others(phone.seen), told_by_others(fresh)
        if over:
            # An open wish ends with its campaign, by a job of the server's own and without a fact.
            del seen["wishes"], now["wishes"]
        assert seen == now, f"{what}, phone of {phone.person}"


async def test_an_old_snapshot_and_the_facts_since_are_a_fresh_snapshot(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await dong.set_pin()
    await open_round(world, dong, lan)
    for phone in (dong, lan):
        await phone.take_snapshot()

    async def step(what: str, act: Awaitable[object], *, over: bool = False) -> None:
        """Something happens while both phones are away; then they come back."""
        await act
        await check_law(server, what, dong, lan, over=over)

    ask = {"person": lan.person}
    await step("somebody asks to be friends", dong.post("/api/ties/ask", ask))
    await lan.post("/api/ties/refuse", {"person": dong.person})
    await lan.take_snapshot()  # what one's own phone did it knows from the answer
    await step("the other one asks and is accepted", befriend(lan, dong))
    await step("friends part", dong.post("/api/ties/remove", ask))
    await step("and come together again", befriend(lan, dong))
    await step("money comes from the bank", top_up(dong, 50_00))
    await step("money comes from a friend", _send(dong, lan))
    await step("cards are drawn", draw(world, dong, "aiguo"))
    await step("more cards are drawn", draw(world, lan, "hexie"))
    await step("a card is given", _gift(dong, lan, "aiguo"))
    await step("a card is wished for", _wish(dong, lan, "hexie"))
    await step("a wish is fulfilled", _gift(lan, dong, "hexie"))
    await draw(world, dong, "aiguo")
    await draw(world, lan, "hexie")
    for accept in (False, True):
        swap = fresh_id()
        await step("a swap is offered", _offer(dong, lan, swap))
        await step("a swap ends", lan.do("answer_swap", id=swap, campaign=GALA, accept=accept))
    await step("cash is drawn", draw_cash(world, dong))
    await step("cash is passed on", _pass(dong, lan))
    await step("a withdrawal is set aside", _withdraw(dong))
    await _complete_sets(world, dong, lan)
    await step("the pool is split", world.at(SETTLED_2016), over=True)
    assert any(phone.seen["mine"]["won"] for phone in (dong, lan))
    kinds = {fact["kind"] for phone in (dong, lan) for fact in phone.facts}
    assert kinds >= {
        "ties.asked",
        "ties.accepted",
        "ties.removed",
        "wallet.moved",
        "fortune.card_came",
        "fortune.card_left",
        "fortune.asked",
        "fortune.swap_offered",
        "fortune.swap_ended",
        "fortune.cash_came",
        "fortune.won",
    }


async def _send(giver: Phone, to: Phone) -> None:
    await giver.do("transfer", id=fresh_id(), to=to.person, minor=12_34, pin=PIN)


async def _withdraw(phone: Phone) -> None:
    await phone.post("/api/wallet/withdraw", {"id": fresh_id(), "minor": 1_00, "pin": PIN})


async def _gift(giver: Phone, to: Phone, card: str) -> None:
    await giver.do("gift", id=fresh_id(), campaign=GALA, to=to.person, card=card)


async def _wish(asker: Phone, to: Phone, card: str) -> None:
    await asker.do("ask", id=fresh_id(), campaign=GALA, card=card, to=to.person)


async def _offer(giver: Phone, to: Phone, swap: str) -> None:
    await giver.do("swap", id=swap, campaign=GALA, to=to.person, gives="aiguo", wants="hexie")


async def _pass(giver: Phone, to: Phone) -> None:
    packet = (await mine(giver))["cash"][0]
    await giver.do("pass_cash", id=packet["id"], campaign=GALA, to=to.person)


async def _complete_sets(world: World, *phones: Phone) -> None:
    """Tap on through the rounds until somebody holds the whole set."""
    for number, opens_at in enumerate(ROUNDS_2016, 1):
        if number > 1:
            await world.at(opens_at + timedelta(seconds=2))
        for _ in range(20):
            for phone in phones:
                await tap_once(world, phone, number=number)
                if all((await mine(phone))["cards"].values()):
                    return
    raise AssertionError("nobody completed a set")


async def test_facts_while_online_are_the_facts_of_a_phone_that_was_away(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    await befriend(dong, lan)
    await draw(world, dong, "aiguo")
    away = Phone(lan.http)
    away.person = lan.person
    await away.take_snapshot()
    async with lan.online(websocket=True):
        start = lan.seen["cursor"]
        await _gift(dong, lan, "aiguo")
        await _wish(dong, lan, "hexie")
        await lan.hears("fortune.asked")
    await away.catch_up()
    assert [fact for fact in away.facts if fact["number"] > start] == [
        fact for fact in lan.facts if fact["number"] > start
    ]


async def test_facts_that_were_never_pushed_are_fetched_at_the_gap(
    server: Server, world: World, sign_up: SignUp
) -> None:
    """As when the relay dies between its commit and its push."""
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    await befriend(dong, lan)
    await draw(world, dong, "aiguo", "fuqiang")
    await carried(server)
    async with lan.online(url=server.engines.nats_url):
        before = len(lan.heard("fortune.card_came"))

        async def carry_and_die(tx: Tx) -> int:
            async with asyncio.timeout(10):
                while not await try_lock(tx, Only.RELAY):
                    await asyncio.sleep(0.01)
            # While this transaction lasts, the server's own relay has nothing to do.
            await _gift(dong, lan, "aiguo")
            return len((await carry(tx, LISTENERS)).deliveries)

        assert await server.database.run(carry_and_die, actor="test") == 2
        assert len(lan.heard("fortune.card_came")) == before
        await _gift(dong, lan, "fuqiang")
        await until(lambda: len(lan.heard("fortune.card_came")) == before + 2)
        assert lan.gaps == 1
        assert [body["card"] for body in lan.heard("fortune.card_came")[before:]] == ["aiguo", "fuqiang"]
        await check_law(server, "after the gap", lan)


async def test_nothing_is_missed_while_the_server_is_away(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, page: Path
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        dong, lan = [
            Phone(await stack.enter_async_context(httpx.AsyncClient(headers=HEADER))) for _ in range(2)
        ]
        async with audited(engines_at(engines, fresh), clock, page) as server:
            for name, phone in (("dong", dong), ("lan", lan)):
                phone.http.base_url = httpx.URL(str(server.url))
                await register(phone, name)
            world = World(server.database, clock)
            await open_round(world, dong, lan)
            await befriend(dong, lan)
            await draw(world, dong, "aiguo")
            await carried(server)
            await stack.enter_async_context(lan.online(url=engines.nats_url))
        # Nobody carries this fact now: it waits in the outbox for the next server.
        async with Database.connect(fresh.app_url, clock=clock) as database:
            request = Gift(dong.person, an_id("late"), GALA, lan.person, "aiguo")
            [given] = await World(database, clock).ask(gift, request)
            assert not isinstance(given, Refusal), given
        async with audited(engines_at(engines, fresh), clock, page) as server:
            lan.http.base_url = dong.http.base_url = httpx.URL(str(server.url))
            came = await lan.hears("fortune.card_came")
            assert came["from"]["person"] == dong.person
            await check_law(server, "after the restart", lan)
            assert (await lan.ask("join", campaign=GALA, seed=fresh_seed()))["number"] == 2


async def test_a_poisoned_fact_is_parked_by_the_relay_and_everything_else_goes_on(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    poison = Fact("trust.cleared", {"people": "whoever"}, (PersonId(dong.person),))

    async def announce(tx: Tx) -> None:
        tx.announce(poison)

    await server.database.run(announce, actor="test")
    await befriend(dong, lan)
    await carried(server)
    async with server.database.read() as connection:
        (stuck,) = await see_parked(connection)
        violated = counted(await check_laws(connection, db.LAWS))
    assert (stuck.kind, stuck.state, stuck.body) == (poison.kind, "failed", poison.body)
    assert stuck.listener == name_of(release_cleared)
    assert stuck.error.startswith("ValidationError")
    assert sum(violated.values()) == 1
    assert [(await mine(phone))["new_friends"] for phone in (dong, lan)] == [1, 1]
    again = await server.database.run(partial(retry_parked, listeners=LISTENERS), actor="operator/test")
    assert (again.heard, again.left) == (0, 1)
    await server.database.run(partial(drop_parked, fact=stuck.id), actor="operator/test")
    await server.database.run(announce, actor="test")
    await carried(server)
    async with server.database.read() as connection:
        (second,) = await see_parked(connection)
    await server.database.run(partial(drop_parked, fact=second.id), actor="operator/test")
