"""The demo's evenings: one at a time, held and going on, and lively enough."""

from datetime import timedelta

from tests.conftest import TestClock
from wufu.crowd import evenings
from wufu.crowd.evenings import FIRST_WAIT, NEXT_WAIT, Evening, begin, dials_of, go_on, hold, newest_evening
from wufu.db import Database
from wufu.fortune import CampaignView, gala_2016, see_campaign, turn_campaign

EVENING = Evening(people=300, seconds=300)


async def see(database: Database, clock: TestClock, campaign: str) -> CampaignView:
    async with database.read() as connection:
        return await see_campaign(connection, campaign, clock())


async def test_the_first_evening_is_announced_and_funded(database: Database, clock: TestClock) -> None:
    campaign = await begin(database, EVENING, FIRST_WAIT)
    seen = await see(database, clock, campaign)
    assert (campaign, seen.state, seen.pool_minor) == ("eve-1", "announced", 21_500_00)
    assert seen.opens_at - clock.now == FIRST_WAIT
    assert await newest_evening(database) == campaign


async def test_pressing_again_twice_begins_one_evening(database: Database, clock: TestClock) -> None:
    first = await begin(database, EVENING, NEXT_WAIT)
    clock.advance(seconds=3)
    assert await begin(database, EVENING, NEXT_WAIT) == first


async def test_again_in_the_middle_of_an_evening_cancels_it_and_begins_another(
    database: Database, clock: TestClock
) -> None:
    first = await begin(database, EVENING, NEXT_WAIT)
    clock.advance(seconds=60)
    await turn_campaign(database, first)
    assert await begin(database, EVENING, NEXT_WAIT) == "eve-2"
    await turn_campaign(database, first)
    assert (await see(database, clock, first)).state == "cancelled"
    assert await newest_evening(database) == "eve-2"


async def test_a_held_evening_waits_and_goes_on_where_it_was(database: Database, clock: TestClock) -> None:
    campaign = await begin(database, EVENING, NEXT_WAIT)
    clock.advance(seconds=70)
    await hold(database)
    shown = (await see(database, clock, campaign)).clock.campaign_now
    clock.advance(hours=9)
    assert (await see(database, clock, campaign)).clock.campaign_now == shown
    await go_on(database)
    clock.advance(seconds=10)
    assert (await see(database, clock, campaign)).clock.campaign_now == shown + timedelta(seconds=10)


async def test_an_evening_that_was_not_held_is_not_turned_back(database: Database, clock: TestClock) -> None:
    campaign = await begin(database, EVENING, NEXT_WAIT)
    clock.advance(seconds=70)
    before = (await see(database, clock, campaign)).clock.campaign_now
    await go_on(database)
    assert (await see(database, clock, campaign)).clock.campaign_now == before


def test_who_taps_six_times_a_second_draws_several_cards_a_round(clock: TestClock) -> None:
    dials = dials_of(EVENING, clock.now)
    odds = gala_2016("eve-1", dials).rounds[1].odds
    cards_upto = max(int(line.upto) for line in odds if line.kind == "card" and line.stock is None)
    hits = dials.round_seconds * 6 * cards_upto / 2**64
    assert 3 <= hits <= 7


def test_one_in_five_can_have_the_scarce_card(clock: TestClock) -> None:
    assert dials_of(EVENING, clock.now).scarce_stock == 60
    assert dials_of(Evening(20, 60), clock.now).scarce_stock == 4


def test_a_short_evening_has_rounds_long_enough_to_tap_in(clock: TestClock) -> None:
    dials = dials_of(Evening(300, 1), clock.now)
    assert dials.round_seconds >= 5
    assert evenings.SHORTEST_SECONDS == 40
