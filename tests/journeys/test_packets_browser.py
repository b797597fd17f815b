"""Red packets on two and three phones: sent, opened with the seal, looked at, checked, asked for."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage
from tests.journeys.conftest import OffsetClock
from tests.journeys.packets import MONEY, Family, family_at_home, is_marked, phones, type_pin
from wufu.db.engines import Engines

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture
async def family(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Family]:
    async with family_at_home(engines, fresh, clock) as home:
        yield home


async def _fill(phone: PhonePage, minor: str, message: str, shares: int | None = None) -> None:
    """The fields that every packet has, and the PIN."""
    if shares is not None:
        await phone.at("packet-shares").fill(str(shares))
    await phone.at("packet-minor").fill(minor)
    await phone.at("packet-message").fill(message)
    await phone.touch("packet-go")
    await type_pin(phone)


async def _sent(phone: PhonePage) -> str:
    """The page of the packet that was just sent: its id."""
    await phone.sees("packet-summary")
    return phone.page.url.split("/packets/")[1].partition("?")[0]


async def _to_group(family: Family, phone: PhonePage) -> None:
    await phone.touch("send-packet")
    await phone.touch("packet-to")
    await phone.touch("to-group")
    await phone.touch(f"group-{family.group}")
    await expect(phone.at("packet-to")).to_contain_text("一家人")


async def _open(phone: PhonePage) -> int:
    """Press the seal; what was in it."""
    await phone.touch("packet-open")
    await phone.sees("packet-amount")
    return int(await phone.at("packet-amount").get_attribute("data-minor") or 0)


async def test_a_packet_for_a_friend_is_opened_in_the_chat(family: Family, browser: Browser) -> None:
    async with phones(browser, 2) as (wang, li):
        await family.enter(wang, family.wang)
        await family.enter(li, family.li)
        await wang.touch("send-packet")
        await wang.touch("packet-to")
        await wang.touch(f"friend-{family.li}")
        await wang.at("cover-plum").tap()
        await wang.at("packet-minor").fill("200.01")
        await expect(wang.at("packet-problem")).to_contain_text("每个最多 ¥200.00")
        await expect(wang.at("packet-go")).to_be_disabled()
        await _fill(wang, "8.88", "新年好")
        packet = await _sent(wang)
        assert await family.balance(family.wang) == MONEY - 888

        await family.goto(li, f"chat/{family.wang}")
        await is_marked(li, f"packet-{packet}", "state", "open")
        await li.touch(f"packet-{packet}")
        await expect(li.at("envelope-words")).to_have_text("新年好")
        assert await _open(li) == 888
        await expect(li.at("packet-desk")).to_have_count(0)
        assert await family.balance(family.li) == MONEY + 888
        # The sender hears of it on the open page.
        await expect(wang.at("packet-openings")).to_contain_text("小李")
        await li.page.go_back()
        await is_marked(li, f"packet-{packet}", "state", "opened")

        await family.goto(li, "packets")
        await expect(li.at("balance")).to_have_attribute("data-minor", str(MONEY + 888))
        await expect(li.at("statement")).to_contain_text("收红包")
        await li.touch("packet-history")
        await expect(li.at("year-total")).to_have_attribute("data-minor", "888")
        await expect(li.at("packet-entries")).to_contain_text("老王")
        wang.check()
        li.check()


async def test_the_last_share_of_a_group_names_the_luckiest_and_the_split_can_be_checked(
    family: Family, browser: Browser
) -> None:
    async with phones(browser, 3, keeps_pages=False) as (wang, li, aunt):
        await family.enter(wang, family.wang)
        await _to_group(family, wang)
        await _fill(wang, "20", "大吉大利", shares=2)
        packet = await _sent(wang)
        await family.enter(li, family.li, f"packets/{packet}")
        await li.touch("packet-envelope")
        first = await _open(li)
        await expect(li.at("packet-openings").locator("li.row")).to_have_count(1)
        await expect(li.at("luckiest")).to_have_count(0)

        await family.enter(aunt, family.aunt, f"packets/{packet}")
        await aunt.touch("packet-envelope")
        second = await _open(aunt)
        assert first + second == 2_000
        best = "小李" if first >= second else "你"
        lucky = aunt.at("packet-openings").locator("li.row[data-luckiest=true]")
        await expect(lucky).to_have_count(1)
        await expect(lucky).to_contain_text(best)
        # Who opened first is told that it is over, and may check it now.
        await expect(li.at("luckiest")).to_have_count(1)
        for phone in (aunt, li):
            await phone.touch("packet-check")
            await phone.touch("split-check")
            await expect(phone.at("split-verdict")).to_have_attribute("data-ok", "true")
            assert await phone.at("split-lines").locator("li").count() >= 6

        await expect(wang.at("packet-summary")).to_contain_text("2 个红包共 ¥20.00")
        await expect(wang.at("packet-openings").locator("li.row")).to_have_count(2)
        for phone in (wang, li, aunt):
            phone.check()


async def test_a_packet_by_link_opens_with_the_right_words_only(family: Family, browser: Browser) -> None:
    async with phones(browser, 2, keeps_pages=False) as (wang, aunt):
        await family.enter(wang, family.wang)
        await wang.touch("send-packet")
        await wang.touch("packet-to")
        await wang.touch("to-link")
        await wang.touch("pick-link")
        await wang.touch("way-equal")
        await wang.touch("with-words")
        await wang.at("packet-password").fill("芝麻开门")
        await _fill(wang, "1.50", "", shares=3)
        await wang.sees("packet-link")
        link = await wang.at("packet-link").first.inner_text()
        await wang.touch("see-packet")
        await _sent(wang)
        assert await family.balance(family.wang) == MONEY - 450

        await family.enter(aunt, family.aunt)
        await aunt.page.goto(link)
        await expect(aunt.at("envelope-words")).to_have_text("恭喜发财，大吉大利")
        await aunt.at("packet-words").fill("芝麻关门")
        await aunt.touch("packet-open")
        await expect(aunt.page.get_by_text("口令不对")).to_be_visible()
        await aunt.at("packet-words").fill(" 芝麻开门 ")
        assert await _open(aunt) == 150
        await aunt.page.goto(f"{family.url}/#/p/nonesuch")
        await aunt.sees("packet-lost")
        wang.check()


async def test_a_packet_for_one_is_sealed_for_the_others(family: Family, browser: Browser) -> None:
    async with phones(browser, 3, keeps_pages=False) as (wang, li, aunt):
        await family.enter(wang, family.wang)
        await _to_group(family, wang)
        await wang.touch("way-one")
        await wang.touch("packet-only")
        await wang.touch(f"member-{family.li}")
        await _fill(wang, "6.66", "只给你")
        packet = await _sent(wang)
        await family.enter(aunt, family.aunt, f"packets/{packet}")
        await expect(aunt.at("packet-verdict")).to_have_text("这是给小李的专属红包")
        await expect(aunt.at("packet-openings")).to_have_count(0)
        await family.enter(li, family.li, f"packets/{packet}")
        await li.touch("packet-envelope")
        assert await _open(li) == 666
        for phone in (wang, li, aunt):
            phone.check()


async def test_a_friend_asks_is_answered_and_may_be_asked_no_more(family: Family, browser: Browser) -> None:
    async with phones(browser, 2, keeps_pages=False) as (wang, li):
        await family.enter(wang, family.wang)
        await family.enter(li, family.li)
        await li.touch("ask-packet")
        await li.touch(f"friend-{family.wang}")
        await li.at("ask-line").fill("讨个彩头")
        await li.touch("ask-go")
        await expect(li.at("packet-asks")).to_contain_text("你向老王讨了红包")
        await expect(wang.at("packet-asks")).to_contain_text("讨个彩头")
        await wang.page.locator("[data-testid^=give-ask-]").tap()
        await expect(wang.at("packet-to")).to_contain_text("小李")
        await _fill(wang, "1.88", "给你")
        await _sent(wang)
        await expect(li.at("packet-asks")).to_contain_text("已经发给你了")

        await family.goto(wang, "packets/history")
        await wang.touch("packet-settings")
        await wang.touch("allow-asking")
        await expect(wang.at("allow-asking")).to_have_attribute("aria-checked", "false")
        wang.check()
        li.check()


async def test_the_words_are_said_in_the_chat(family: Family, browser: Browser) -> None:
    async with phones(browser, 2, keeps_pages=False) as (wang, li):
        await family.enter(wang, family.wang)
        await _to_group(family, wang)
        await wang.touch("with-words")
        await wang.at("packet-password").fill("芝麻开门")
        await _fill(wang, "3.00", "猜猜口令", shares=2)
        packet = await _sent(wang)
        await family.enter(li, family.li, f"chat/c/{family.group}")
        await is_marked(li, f"packet-{packet}", "state", "open")
        # Talk that answers nothing is no try; an answer to the card is.
        await _say(li, "是什么呀")
        await _answer(li, packet, "芝麻关门")
        await expect(li.page.get_by_text("口令不对，还可以试 4 次")).to_be_visible()
        await _answer(li, packet, "芝麻开门")
        await is_marked(li, f"packet-{packet}", "state", "opened")
        assert await family.balance(family.li) > MONEY
        li.check()


async def _say(phone: PhonePage, text: str) -> None:
    await phone.at("message-field").fill(text)
    await phone.touch("send")
    await expect(phone.at("messages")).to_contain_text(text)


async def _answer(phone: PhonePage, packet: str, text: str) -> None:
    """Long press the packet's card, answer it."""
    await phone.at(f"packet-{packet}").dispatch_event("contextmenu")
    await phone.touch("act-reply")
    await _say(phone, text)


async def test_a_friend_opens_first_and_passes_the_rest_on(family: Family, browser: Browser) -> None:
    async with phones(browser, 3, keeps_pages=False) as (wang, li, aunt):
        await family.enter(wang, family.wang, f"packets/send?person={family.li}")
        await wang.touch("way-fission")
        await _fill(wang, "9.00", "一起分", shares=3)
        packet = await _sent(wang)
        await family.enter(aunt, family.aunt, f"packets/{packet}")
        await expect(aunt.at("packet-openings")).to_have_count(0)
        await family.enter(li, family.li, f"packets/{packet}")
        await li.touch("packet-envelope")
        first = await _open(li)
        await li.touch("packet-pass")
        await li.touch("pass-group")
        await li.touch(f"group-{family.group}")
        await family.goto(aunt, f"chat/c/{family.group}")
        await aunt.touch(f"packet-{packet}")
        second = await _open(aunt)
        assert 0 < first + second < 900
        assert await family.balance(family.aunt) == MONEY + second
