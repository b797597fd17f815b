"""Photo packets on three phones: posted with a live preview, paid for, looked at, talked about, and gone."""

import io
import re
from collections.abc import AsyncIterator

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Browser, FilePayload, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage
from tests.journeys.conftest import OffsetClock
from tests.journeys.packets import MONEY, Family, family_at_home, phones, type_pin
from wufu.db.engines import Engines
from wufu.ties import Block, block

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture
async def family(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Family]:
    async with family_at_home(engines, fresh, clock) as home:
        yield home


def new_year_picture() -> bytes:
    """A lantern over a table, as a JPEG of 1200 by 900."""
    picture = Image.new("RGB", (1200, 900), "#2a3a5c")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 620, 1200, 900), fill="#7a4a2a")
    draw.ellipse((420, 120, 780, 480), fill="#d43a22")
    draw.rectangle((560, 480, 640, 560), fill="#e0b050")
    for place in range(80, 1200, 220):
        draw.ellipse((place, 660, place + 150, 760), fill="#f6efe0")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


async def _choose(phone: PhonePage) -> None:
    """Choose the picture; the server shows what the others will see."""
    file: FilePayload = {"name": "eve.jpg", "mimeType": "image/jpeg", "buffer": new_year_picture()}
    await phone.at("photo-file").set_input_files(file)
    # The first picture also waits for the process that decodes pictures.
    await expect(phone.at("photo-preview")).to_have_attribute("data-ready", "true", timeout=90_000)


async def _post(phone: PhonePage, message: str, *, detail: bool = False) -> str:
    """Choose the picture, look at what others will see, post; the photo's id."""
    await phone.touch("post-photo")
    await _choose(phone)
    if detail:
        await phone.touch("with-detail")
        await _drag_the_window(phone)
    await phone.at("photo-least").fill("2")
    await phone.at("photo-most").fill("3")
    await phone.touch("credit-now")
    await phone.at("photo-message").fill(message)
    await phone.touch("photo-go")
    await phone.sees("photo-earned")
    return phone.page.url.rsplit("/", 1)[1]


async def _drag_the_window(phone: PhonePage) -> None:
    """The window follows the finger, and shows what the server would show there."""
    await phone.sees("photo-window")
    box = await phone.at("photo-preview").bounding_box()
    before = await phone.at("photo-window").bounding_box()
    assert box
    assert before
    await phone.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    await phone.page.mouse.down()
    await phone.page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.8, steps=4)
    await phone.page.mouse.up()
    after = await phone.at("photo-window").bounding_box()
    assert after
    assert after["x"] < before["x"]
    assert after["y"] > before["y"]
    await expect(phone.at("photo-window").locator("img[src^='data:image']")).to_have_count(1)


async def _pay(phone: PhonePage) -> int:
    """Draw the price, pay it, see the picture clear; what it cost."""
    await phone.touch("photo-draw")
    await phone.sees("photo-price")
    minor = int(await phone.at("photo-price").get_attribute("data-minor") or 0)
    await phone.touch("photo-pay")
    await type_pin(phone)
    await phone.sees("photo-clear")
    return minor


async def test_a_photo_is_posted_paid_for_and_talked_about(family: Family, browser: Browser) -> None:
    async with phones(browser, 3) as (wang, li, aunt):
        await family.enter(wang, family.wang, "photos")
        photo = await _post(wang, "年夜饭", detail=True)
        await family.enter(li, family.li, "photos")
        await expect(li.at("photo-feed")).to_contain_text("年夜饭")
        await li.touch(f"photo-{photo}")
        await expect(li.at("photo-clear")).to_have_count(0)
        await expect(li.at("comment-text")).to_have_count(0)
        minor = await _pay(li)
        assert 200 <= minor <= 300
        assert await family.balance(family.li) == MONEY - minor
        # The clear picture is in this page's memory only.
        assert (await li.at("photo-clear").get_attribute("src") or "").startswith("blob:")
        await li.at("comment-text").fill("看着就香")
        await li.touch("comment-send")
        await expect(li.at("photo-comments")).to_contain_text("看着就香")
        await li.touch("photo-like")
        await expect(li.at("photo-like")).to_contain_text("1")

        # The author hears of the money, the like and the talk on the open page.
        await expect(wang.at("photo-earned")).to_have_attribute("data-minor", str(minor))
        await expect(wang.at("photo-payers")).to_contain_text("小李")
        await expect(wang.at("photo-comments")).to_contain_text("看着就香")
        assert await family.balance(family.wang) == MONEY + minor

        # Who did not pay sees the veil and no talk.
        await family.enter(aunt, family.aunt, f"photos/{photo}")
        await aunt.sees("photo-draw")
        await expect(aunt.at("photo-comments")).to_have_count(0)
        await expect(aunt.page.get_by_text("付过红包的人才能评论")).to_be_visible()
        for phone in (wang, li, aunt):
            phone.check()


async def test_a_paid_photo_is_waited_for_before_an_account_closes(family: Family, browser: Browser) -> None:
    """The page says what is waited for and until when, to who paid and to whose photo it is."""
    async with phones(browser, 2, keeps_pages=False) as (wang, li):
        await family.enter(wang, family.wang, "photos")
        photo = await _post(wang, "年夜饭")
        await family.enter(li, family.li, f"photos/{photo}")
        minor = await _pay(li)
        money = f"¥{minor // 100}.{minor % 100:02}"
        await family.goto(li, "me/data")
        await expect(li.at("unsettled")).to_contain_text(
            re.compile(rf"撤下会退你 {money}；等到 \d+月\d+日 00:00")
        )
        await family.goto(wang, "me/data")
        await expect(wang.at("unsettled")).to_contain_text(
            re.compile(rf"已收 {money}；\d+月\d+日 00:00 到期")
        )
        for phone in (wang, li):
            phone.check()


async def test_who_is_blocked_is_out_at_once(family: Family, browser: Browser) -> None:
    async with phones(browser, 2, keeps_pages=False) as (wang, li):
        await family.enter(wang, family.wang, "photos")
        photo = await _post(wang, "只给朋友看")
        await family.enter(li, family.li, f"photos/{photo}")
        await _pay(li)
        await li.sees("photo-clear")
        await family.world.ask(block, Block(family.wang, family.li))
        # What is open closes, and nothing of it can be found again.
        await li.sees("photo-lost")
        await family.goto(li, "photos")
        await expect(li.at("photo-feed")).to_have_count(0)
        await family.goto(li, f"photos/{photo}")
        await li.sees("photo-lost")
        await expect(li.at("photo-clear")).to_have_count(0)


async def test_a_photo_that_its_author_removes_is_gone_everywhere(family: Family, browser: Browser) -> None:
    async with phones(browser, 2, keeps_pages=False) as (wang, li):
        await family.enter(wang, family.wang, "photos")
        photo = await _post(wang, "发错了")
        await family.enter(li, family.li, f"photos/{photo}")
        await _pay(li)
        await wang.touch("photo-more")
        await wang.touch("photo-remove")
        await expect(wang.at("photo-ended")).to_contain_text("作者删掉了")
        await expect(li.at("photo-ended")).to_contain_text("作者删掉了")
        await expect(li.at("photo-clear")).to_have_count(0)
        # What was paid can still be checked: the price was drawn fairly.
        await li.touch("photo-check")
        await li.touch("draw-check")
        await expect(li.at("draw-verdict")).to_have_attribute("data-ok", "true")
        wang.check()


async def test_a_photo_by_link_lets_in_who_has_it_and_can_be_reported(
    family: Family, browser: Browser
) -> None:
    async with phones(browser, 2, keeps_pages=False) as (wang, aunt):
        await family.enter(wang, family.wang, "photos")
        await wang.touch("post-photo")
        await _choose(wang)
        await wang.at("photo-most").fill("0.50")
        await expect(wang.at("photo-problem")).to_contain_text("最少不能比最多还多")
        await wang.at("photo-least").fill("0.10")
        await wang.touch("audience-link")
        await wang.touch("photo-go")
        link = await wang.at("photo-link").inner_text()
        await family.enter(aunt, family.aunt)
        await aunt.page.goto(link)
        await aunt.sees("photo-draw")
        await aunt.touch("photo-more")
        await aunt.touch("reason-indecent")
        await aunt.touch("report-go")
        await expect(aunt.page.get_by_text("收到了，会有人看")).to_be_visible()
        await aunt.page.goto(f"{family.url}/#/photos/l/nonesuch")
        await aunt.sees("photo-lost")
