"""kill -9 of the server, of PostgreSQL and of NATS in mid-round: no answered tap is lost, all laws hold."""

import json

import pytest

from tests.crash.conftest import EVE, Eve
from tests.crash.serving import wufu
from tests.crash.tapping import TappingPhone, tapping
from tests.journeys.phone import until
from wufu.core.clock import utc_now
from wufu.db import Database, see_facts
from wufu.fortune import see_mine
from wufu.fortune.store.taps import wins_of

ANSWERS = 4
"""Answers that every phone must have had before the crash, and again after it."""

# nats-py does not close the socket of a connection that the server ended.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.mark.parametrize("victim", ["postgres", "nats-server", "server"])
async def test_no_answered_tap_is_lost_when_something_is_killed_in_mid_round(eve: Eve, victim: str) -> None:
    serving = eve.serving
    async with serving.reading() as connection:
        starts = {one: (await see_mine(connection, EVE, one)).rounds[0].next for one in eve.players}
    async with tapping(serving.engines, EVE, starts) as phones:
        await until(lambda: all(phone.batches >= ANSWERS for phone in phones), 60)
        await serving.crash(victim)
        after = {phone.person: phone.batches for phone in phones}
        await until(lambda: all(phone.batches >= after[phone.person] + ANSWERS for phone in phones), 60)
    async with Database.connect(serving.engines.app_url, clock=utc_now, connections=1) as database:
        await _carried(database)
        assert any(phone.wins for phone in phones)
        for phone in phones:
            await _check(database, phone)
    audit = await wufu("audit", "--chain", "--json", "--data", serving.data)
    assert audit.status == 0, audit
    report = json.loads(audit.out.splitlines()[-1])
    assert report["ok"] is True
    assert report["faults"] == []
    assert set(report["laws"].values()) == {0}


async def _carried(database: Database) -> None:
    """Wait until the relay, too, is back at work and has carried everything."""
    left = 1
    while left:
        async with database.read() as connection:
            left = await connection.fetchval("SELECT count(*) FROM outbox")


async def _check(database: Database, phone: TappingPhone) -> None:
    async with database.read() as connection:
        mine = await see_mine(connection, EVE, phone.person)
        wins = (await wins_of(connection, phone.person, EVE)).get(1, [])
        facts = await see_facts(connection, phone.person, 0, limit=100_000)
    following = mine.rounds[0].next
    # One batch may be in whose answer was never heard.
    assert phone.following <= following <= phone.following + 3
    known = {(win.tap, win.prize, win.outcome, win.minor) for win in wins}
    answered = {(win["tap"], win["prize"], win["outcome"], win.get("minor")) for win in phone.wins}
    assert answered <= known
    cards = [win for win in wins if win.outcome == "card"]
    assert sum(mine.cards.values()) == len(cards)
    told = [fact.body["tap"] for fact in facts or () if fact.kind == "fortune.card_came"]
    assert told == [win.tap for win in cards], "each card was told of once, in order"


async def test_no_process_is_left_after_all_that(eve: Eve) -> None:
    """The last test here: it ends the server."""
    assert len(eve.serving.known) > 3
    assert await eve.serving.stop() in {0, 130}
    assert await eve.serving.left() == []
