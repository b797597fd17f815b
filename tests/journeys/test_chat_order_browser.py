"""Order among people on phones: a group changes hands, words travel on, reports are heard, strangers wait."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage
from tests.journeys.conftest import OffsetClock
from tests.journeys.packets import Family, family_at_home, phones
from tests.journeys.test_chat_browser import in_the_group, press, shows, texts, write
from wufu.chat import close_group, mute_person, see_reports, take_down
from wufu.core.ids import PersonId
from wufu.db.engines import Engines
from wufu.people import NewPerson, create_people

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture
async def family(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Family]:
    async with family_at_home(engines, fresh, clock) as home:
        yield home


async def confirm(phone: PhonePage) -> None:
    await phone.page.locator(".van-dialog__confirm").last.tap()


async def test_a_group_changes_hands_and_the_new_owner_runs_it(family: Family, browser: Browser) -> None:
    async with in_the_group(family, browser) as (wang, li, aunt):
        await wang.touch("open-about")
        await wang.touch(f"member-{family.li}")
        await wang.touch("member-transfer")
        await confirm(wang)
        for phone in (li, aunt):
            await expect(phone.at("notice").last).to_contain_text("成了群主")
        await expect(aunt.at("notice").last).to_contain_text("小李")
        # What only an owner may do is now offered to Li, and no longer to Wang, who stays an admin.
        await li.touch("open-about")
        await li.touch(f"member-{family.aunt}")
        await li.sees("member-transfer")
        await li.touch("member-role")
        await expect(li.at(f"member-{family.aunt}")).to_contain_text("管理员")
        await wang.page.reload()
        await wang.touch(f"member-{family.aunt}")
        await wang.sees("member-sheet")
        await expect(wang.at("member-transfer")).to_have_count(0)
        for phone in (wang, li, aunt):
            phone.check()


async def test_words_travel_on_alone_and_as_a_bundle(family: Family, browser: Browser) -> None:
    async with in_the_group(family, browser) as (wang, li, aunt):
        await write(wang, "八点吃饭")
        await write(wang, "带酒")
        await shows(li, "八点吃饭", "带酒")
        await family.goto(aunt, f"chat/{family.li}")
        await aunt.sees("composer")
        await press(li, 2, "act-forward")
        await li.touch(f"pick-{family.aunt}")
        await li.touch("pick-done")
        await shows(aunt, "八点吃饭")

        await press(li, 2, "act-select")
        await li.at("message-3").tap()
        await li.touch("select-forward")
        await li.touch(f"pick-{family.aunt}")
        await li.touch("pick-done")
        await expect(aunt.at("forward-bundle")).to_be_visible()
        await aunt.touch("forward-bundle")
        await expect(aunt.page.get_by_text("带酒").last).to_be_visible()
        for phone in (wang, li, aunt):
            phone.check()


async def test_a_report_is_heard_and_the_message_goes_from_three_phones(
    family: Family, browser: Browser
) -> None:
    async with in_the_group(family, browser) as three:
        wang, li, aunt = three
        await write(wang, "很难听的话")
        await shows(aunt, "很难听的话")
        await press(li, 2, "act-report")
        await li.touch("reason-abuse")
        await li.touch("report-send")
        await expect(li.at("report-send")).to_have_count(0)
        async with family.server.database.read() as connection:
            [waiting] = await see_reports(connection)
        assert (waiting.reporter, waiting.senders) == (family.li, [family.wang])
        await decide(family, partial(take_down, report=waiting.id, why="abuse"))
        for phone in three:
            await expect(phone.at("recalled-2")).to_contain_text("已被移除")
            await shows(phone)
        await expect(li.page.get_by_text("你的举报处理好了")).to_be_visible()
        await family.goto(li, "chat/settings")
        await expect(li.at("my-reports").locator("[data-state]")).to_have_attribute("data-state", "acted")

        await decide(family, partial(mute_person, person=family.wang, seconds=3600, why="abuse"))
        await expect(wang.page.get_by_text("之前你不能发言")).to_be_visible()
        await write(wang, "我还要说")
        await expect(wang.at("failed")).to_contain_text("禁言")
        await decide(family, partial(close_group, conversation=family.group, why="abuse"))
        await expect(aunt.page.get_by_text("只能看不能说")).to_be_visible()
        for phone in three:
            phone.check()


async def decide(family: Family, work: partial) -> None:  # type: ignore[type-arg]
    await family.server.database.run(work, actor="operator/test")


async def test_strangers_wait_apart_until_one_answers(family: Family, browser: Browser) -> None:
    new = NewPerson("陌生人", "persona")
    [stranger] = await family.world.run(partial(create_people, people=[new]))
    async with phones(browser, 2) as (wang, foreign):
        await family.enter(wang, family.wang, "chat/settings")
        await wang.touch("set-strangers")
        await expect(wang.at("set-strangers")).to_have_attribute("aria-checked", "true")
        await family.goto(wang, "chat")
        await family.enter(foreign, PersonId(stranger), f"chat/{family.wang}")
        for said in ("你好", "在吗", "买茶叶吗"):
            await write(foreign, said)
        await expect(texts(foreign)).to_have_count(3)
        await expect(foreign.at("pending")).to_have_count(0)
        await write(foreign, "还有一句")
        await expect(foreign.at("failed")).to_contain_text("3")
        await foreign.touch("discard")

        # Apart from the list, and silent: no badge.
        await wang.sees("strangers")
        await expect(wang.at(f"thread-{stranger}")).to_have_count(0)
        await wang.touch("strangers")
        await wang.touch(f"thread-{stranger}")
        await wang.sees("stranger")
        await shows(wang, "你好", "在吗", "买茶叶吗")
        await write(wang, "不买")
        await shows(foreign, "你好", "在吗", "买茶叶吗", "不买")
        wang.check()
        foreign.check()
