"""Three phones in one conversation: the same messages in the same order on each, whatever the line does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage
from tests.journeys.conftest import OffsetClock
from tests.journeys.packets import Family, family_at_home, phones
from tests.world import an_id
from wufu.chat import SendMessage, send_messages
from wufu.core.ids import MessageId, PersonId
from wufu.core.refusals import Refusal
from wufu.db.engines import Engines

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture
async def family(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Family]:
    async with family_at_home(engines, fresh, clock) as home:
        yield home


@contextlib.asynccontextmanager
async def in_the_group(family: Family, browser: Browser) -> AsyncIterator[list[PhonePage]]:
    """Three phones that have the family's group open, with lines that can be cut."""
    async with phones(browser, 3) as three:
        for phone, person in zip(three, (family.wang, family.li, family.aunt), strict=True):
            await phone.prepare()
            await family.enter(phone, person, f"chat/c/{family.group}")
            await phone.sees("composer")
        yield three


async def write(phone: PhonePage, text: str) -> None:
    await phone.at("message-field").fill(text)
    await phone.touch("send")


def texts(phone: PhonePage) -> Locator:
    return phone.at("messages").get_by_test_id("text")


async def shows(phone: PhonePage, *lines: str) -> None:
    """Exactly these texts, in this order, and nothing on its way."""
    await expect(texts(phone)).to_have_text(list(lines))
    await expect(phone.at("pending")).to_have_count(0)


async def press(phone: PhonePage, number: int, act: str) -> None:
    """The menu of a message, and one line of it."""
    message = phone.at(f"message-{number}")
    await message.dispatch_event("pointerdown", {"button": 2})
    await message.dispatch_event("contextmenu")
    await phone.touch(act)


async def say(family: Family, person: PersonId, name: str, text: str) -> None:
    """Somebody else's phone, without a page."""
    request = SendMessage(person, MessageId(an_id(name)), "text", {"text": text}, conversation=family.group)
    [sent] = await family.world.ask(send_messages, request)
    assert not isinstance(sent, Refusal), sent


async def test_three_phones_see_the_same_messages_in_the_same_order(family: Family, browser: Browser) -> None:
    async with in_the_group(family, browser) as three:
        wang, li, aunt = three
        await write(wang, "到家了吗？")
        await shows(li, "到家了吗？")
        await write(li, "快了")
        await shows(aunt, "到家了吗？", "快了")
        # All at once: whatever order the server chose, it is the same on every phone.
        await asyncio.gather(*(write(phone, f"一起说 {place}") for place, phone in enumerate(three)))
        await expect(texts(wang)).to_have_count(5)
        lines = await texts(wang).all_inner_texts()
        assert sorted(lines[2:]) == ["一起说 0", "一起说 1", "一起说 2"]
        for phone in three:
            await shows(phone, *lines)
        for phone in three:
            phone.check()


async def test_a_phone_without_a_line_writes_and_reads_on_and_catches_up(
    family: Family, browser: Browser
) -> None:
    async with in_the_group(family, browser) as three:
        wang, li, aunt = three
        await write(wang, "一")
        await shows(li, "一")
        await li.cut()
        await li.page.context.set_offline(True)
        await write(li, "没网时写的")
        await write(li, "还有一句")
        await expect(li.at("pending")).to_have_count(2)
        await write(wang, "二")
        await write(aunt, "三")
        await shows(aunt, "一", "二", "三")
        assert await texts(li).all_inner_texts() == ["一", "没网时写的", "还有一句"]
        await li.page.context.set_offline(False)
        li.mend()
        for phone in three:
            await shows(phone, "一", "二", "三", "没网时写的", "还有一句")
        # From its own store, as the page shows it before it has asked anybody.
        await li.page.reload()
        await shows(li, "一", "二", "三", "没网时写的", "还有一句")


async def test_a_missed_push_is_fetched(family: Family, browser: Browser) -> None:
    async with in_the_group(family, browser) as (wang, li, _):
        await write(wang, "第一")
        await shows(li, "第一")
        await li.cut()
        for place in range(3):
            await say(family, family.aunt, f"while away {place}", f"错过 {place}")
        li.mend()
        await shows(li, "第一", "错过 0", "错过 1", "错过 2")
        await shows(wang, "第一", "错过 0", "错过 1", "错过 2")


async def test_what_was_written_offline_goes_out_after_the_page_was_closed(
    family: Family, browser: Browser
) -> None:
    async with in_the_group(family, browser) as (_, li, aunt):
        await li.page.route("**/api/do/send_message", lambda route: route.abort())
        await li.cut()
        await write(li, "关机前写的")
        await li.sees("pending")
        await li.page.goto("about:blank")
        await li.page.unroute("**/api/do/send_message")
        li.mend()
        await family.goto(li, f"chat/c/{family.group}")
        await shows(li, "关机前写的")
        await shows(aunt, "关机前写的")


async def test_a_message_is_answered_marked_edited_and_taken_back(family: Family, browser: Browser) -> None:
    async with in_the_group(family, browser) as (wang, li, aunt):
        await write(wang, "八点看春晚")
        # The first is the note that the group was made.
        number = 2
        await press(li, number, "react-👍")
        for phone in (wang, aunt):
            await expect(phone.at("reaction-👍")).to_contain_text("1")
        await aunt.touch("reaction-👍")
        await expect(wang.at("reaction-👍")).to_contain_text("2")
        await aunt.touch("reaction-👍")
        await expect(li.at("reaction-👍")).to_contain_text("1")

        await press(aunt, number, "act-reply")
        await write(aunt, "好")
        await expect(wang.at("message-3").locator(".quote")).to_contain_text("八点看春晚")

        await press(wang, number, "act-edit")
        await wang.at("message-field").fill("七点半看春晚")
        await wang.touch("send")
        await shows(li, "七点半看春晚", "好")
        await expect(aunt.at("message-3").locator(".quote")).to_contain_text("七点半看春晚")

        await press(wang, number, "act-recall")
        for phone in (wang, li, aunt):
            await phone.sees("recalled-2")
            await shows(phone, "好")
        await expect(li.at("recalled-2")).to_contain_text("老王撤回了一条消息")
        for phone in (wang, li, aunt):
            phone.check()


async def test_names_unread_marks_and_readers(family: Family, browser: Browser) -> None:
    async with in_the_group(family, browser) as (wang, li, aunt):
        await aunt.page.goto(f"{family.url}/#/chat")
        await wang.at("message-field").press_sequentially("听好 @阿")
        await wang.touch(f"mention-{family.aunt}")
        await wang.touch("send")
        row = aunt.at(f"talk-{family.group}")
        await expect(row).to_have_attribute("data-unread", "1")
        await expect(row).to_contain_text("[有人@你]")
        await expect(aunt.at("tab-chat").locator("b")).to_have_text("1")
        await shows(li, "听好 @阿姨")
        await _is_read_by(wang, 2, family.li)
        await press(wang, 2, "act-readers")
        await wang.sees(f"reader-{family.li}")
        assert await wang.at(f"reader-{family.aunt}").count() == 0
        await wang.page.go_back()

        await row.tap()
        await shows(aunt, "听好 @阿姨")
        await aunt.page.go_back()
        await expect(row).to_have_attribute("data-unread", "0")
        await expect(aunt.at("tab-chat").locator("b")).to_have_count(0)
        await _is_read_by(wang, 2, family.aunt)
        for phone in (wang, li, aunt):
            phone.check()


async def _is_read_by(phone: PhonePage, number: int, person: PersonId) -> None:
    """Look at the list of readers until somebody is in it: phones tell of their reading a moment later."""
    async with asyncio.timeout(20):
        there = 0
        while not there:
            await press(phone, number, "act-readers")
            await expect(phone.at("readers").locator("h3").first).to_be_visible()
            there = await phone.at(f"reader-{person}").count()
            await phone.page.go_back()
            await expect(phone.at("readers")).to_have_count(0)


async def test_two_people_see_that_they_were_read(family: Family, browser: Browser) -> None:
    async with phones(browser, 2) as (wang, li):
        await family.enter(wang, family.wang, f"chat/{family.li}")
        await family.enter(li, family.li, "chat")
        await write(wang, "在吗？")
        await expect(wang.at("read-mark")).to_have_attribute("data-read", "sent")
        row = li.at(f"thread-{family.wang}")
        await expect(row).to_have_attribute("data-unread", "1")
        await row.tap()
        await shows(li, "在吗？")
        await expect(wang.at("read-mark")).to_have_attribute("data-read", "read")
        await li.at("message-field").press_sequentially("在")
        await expect(wang.at("under-title")).to_have_text("对方正在输入…")
        await li.touch("send")
        await shows(wang, "在吗？", "在")
        await li.at("message-field").fill("没写完的")
        await li.page.go_back()
        await expect(row).to_contain_text("[草稿]")
        wang.check()
        li.check()


async def test_a_group_is_made_joined_by_link_and_left(family: Family, browser: Browser) -> None:
    async with phones(browser, 2) as (wang, aunt):
        await family.enter(wang, family.wang, "chat")
        await family.enter(aunt, family.aunt, "chat")
        await wang.touch("chat-new")
        await wang.touch("new-group")
        await wang.at("group-name").fill("守岁")
        await wang.touch(f"choose-{family.li}")
        await wang.touch("group-make")
        await wang.sees("notice")
        await wang.touch("open-about")
        await wang.touch("invite")
        link = await wang.at("invite-code").get_attribute("data-link")
        assert link is not None
        await wang.page.go_back()

        await aunt.page.goto(link)
        await aunt.touch("join")
        await aunt.sees("composer")
        await write(aunt, "我来了")
        await expect(wang.at(f"member-{family.aunt}")).to_be_visible()
        await wang.page.go_back()
        await shows(wang, "我来了")

        await aunt.touch("open-about")
        await aunt.touch("leave")
        await aunt.page.locator(".van-dialog__confirm").tap()
        await aunt.sees("talks")
        await expect(aunt.at("talks").get_by_text("守岁")).to_have_count(0)
        await write(wang, "她走了")
        await shows(wang, "我来了", "她走了")
        await expect(aunt.page.get_by_text("她走了")).to_have_count(0)
        wang.check()


async def test_a_long_conversation_is_drawn_in_part_and_every_place_can_be_reached(
    family: Family, browser: Browser
) -> None:
    await _talk_long(family, LONG)
    async with phones(browser, 1) as (wang,):
        await family.enter(wang, family.wang, f"chat/c/{family.group}")
        await wang.sees(LAST)
        assert await wang.page.locator("[data-id]").count() < MOST_DRAWN
        # To where the unread begin, and back to the end.
        await wang.touch("to-unread")
        await expect(wang.at(FIRST)).to_be_in_viewport()
        assert await wang.page.locator("[data-id]").count() < MOST_DRAWN
        await wang.touch("to-newest")
        await expect(wang.at(LAST)).to_be_in_viewport()
        await family.goto(wang, "chat/search")
        await wang.at("search-text").fill("第777句")
        await wang.touch("found-778")
        await expect(wang.at("message-778")).to_be_in_viewport()
        wang.check()


LONG = 1_200
LAST = f"message-{LONG + 1}"
FIRST = "message-2"
"""The note that the group was made is the first."""
MOST_DRAWN = 90


async def _talk_long(family: Family, many: int) -> None:
    """An hour's talk of three, as fast as people may."""
    people = (family.wang, family.li, family.aunt)
    each = 90
    now = family.server.database.clock() - timedelta(hours=3)
    for first in range(1, many + 1, each):
        requests = [
            SendMessage(
                people[number % 3],
                MessageId(an_id(f"long {number}")),
                "text",
                {"text": f"第{number}句" + "，还有很多话要说" * (number % 7)},
                conversation=family.group,
            )
            for number in range(first, min(first + each, many + 1))
        ]
        answers = await family.server.database.run(
            partial(send_messages, requests=requests), actor="test", now=now
        )
        assert not any(isinstance(answer, Refusal) for answer in answers), answers
        now += timedelta(seconds=10)
