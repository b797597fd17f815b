"""The console in Chromium: who is no operator is told so; a night is foreseen, stopped, resumed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage
from tests.journeys.conftest import OffsetClock
from tests.journeys.packets import Family, family_at_home
from tests.world import GALA
from wufu.console import check_all_laws, grant_operator, sample_nights
from wufu.db.engines import Engines
from wufu.main import LAWS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture
async def family(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Family]:
    async with family_at_home(engines, fresh, clock) as home:
        yield home


async def test_an_operator_foresees_a_night_stops_a_round_and_resumes_it(
    browser: Browser, family: Family
) -> None:
    world, database = family.world, family.server.database
    await world.campaign(people=200, taps_each=60, scarce_stock=40)
    async with database.read() as connection:
        opens_at = await connection.fetchval("SELECT opens_at FROM campaign_round WHERE number = 1")
    await world.at(opens_at + timedelta(seconds=5))
    await world.join([family.wang, family.li])
    await world.run(sample_nights)
    await check_all_laws(database, LAWS)
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    desk = PhonePage(await context.new_page())
    await desk.page.goto(f"{family.url}/console/")
    await desk.at(f"persona-{family.wang}").click()
    await expect(desk.at("not-operator")).to_contain_text("老王")
    desk.faults.clear()  # Chromium notes the refusal, which is what this page showed

    await database.run(lambda tx: grant_operator(tx, family.wang, "act"), actor="operator/command line")
    await desk.page.reload()
    await expect(desk.at("laws")).to_contain_text(f"{len(LAWS)}")
    await desk.at(f"night-{GALA}").click()
    await desk.sees("plot")
    await desk.at("forecast").click()
    await expect(desk.at("foreseen")).to_be_visible(timeout=100_000)
    await expect(desk.at("bands")).to_contain_text("敬业福")

    await desk.at("pause-1").click()
    await expect(desk.page.get_by_role("dialog")).to_contain_text("2 人正在参加")
    await desk.at("pause-1-sure").click()
    await desk.sees("resume-1")
    await desk.at("resume-1").click()
    await desk.at("resume-1-sure").click()
    await desk.sees("pause-1")
    await desk.page.get_by_role("link", name="总览").click()
    await expect(desk.page.get_by_text("恢复了一轮")).to_be_visible()
    assert desk.faults == []
    assert desk.abroad == []
    await context.close()
