"""Secrets, voices and pictures between real phones in Chromium: what burns is gone, what is sent arrives."""

import asyncio
import contextlib
import io
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial

import pytest
from PIL import Image
from playwright.async_api import Browser, BrowserContext, FilePayload, Locator, async_playwright, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import ARGUMENTS, PATIENCE_MS, PhonePage, check_built, chromium
from tests.journeys.conftest import OffsetClock, audited, engines_at
from tests.world import World
from wufu.core.ids import PersonId
from wufu.db.engines import Engines
from wufu.main import PAGE, Server
from wufu.people import NewPerson, create_people

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]
WORDS = "红包放在老地方"
FAKE_MEDIA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
"""A microphone that beeps, given without asking."""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *FAKE_MEDIA])
        try:
            yield started
        finally:
            await started.close()


@dataclass(frozen=True, slots=True)
class Home:
    """A demo in which three people know each other."""

    server: Server
    world: World
    wang: PersonId
    li: PersonId
    po: PersonId

    @property
    def url(self) -> str:
        assert self.server.url is not None
        return self.server.url


@pytest.fixture
async def home(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Home]:
    check_built(PAGE)
    async with audited(engines_at(engines, fresh), clock, PAGE, demo=True) as server:
        world = World(server.database, clock)
        news = [NewPerson("老王", "persona"), NewPerson("小李", "persona"), NewPerson("外婆", "persona")]
        wang, li, po = await world.run(partial(create_people, people=news))
        await world.befriend((wang, li), (wang, po), (li, po))
        yield Home(server, world, wang, li, po)


class Talker(PhonePage):
    """A phone that chats."""

    async def begin(self, home: Home, person: PersonId) -> None:
        await self.page.goto(home.url)
        await self.touch(f"persona-{person}")
        await expect(self.at("tab-chat")).to_be_visible()
        # A device's key is with the server before anybody seals to it.
        await self.knows_keys(person, 1)

    async def knows_keys(self, person: PersonId, least: int) -> None:
        """Wait until the server lists so many devices of somebody."""
        async with asyncio.timeout(20):
            while True:
                told = await self.page.evaluate(KEYS_OF, person)
                if sum(one["person"] == person for one in told.get("keys", [])) >= least:
                    return
                await asyncio.sleep(0.1)

    async def chat_with(self, home: Home, person: PersonId) -> None:
        await self.page.goto(f"{home.url}/#/chat/{person}")
        await self.sees("composer")

    async def go_secret(self, seconds: int) -> None:
        """Into secret mode with this timer; what it promises is said the first time."""
        await self.touch("toggle-more")
        await self.touch("mode-secret")
        await self.sees("secret-bar")
        promise = self.at("secret-promise")
        if await promise.count():
            await expect(promise).to_contain_text("截屏")
            await promise.locator("button").tap()
            await expect(promise).to_have_count(0)
        await self.touch(f"timer-{seconds}")

    async def write(self, text: str) -> None:
        await self.at("message-field").fill(text)
        await self.touch("send")

    async def open_secret(self) -> None:
        await self.page.locator("[data-testid^=unseal-]").last.tap()

    def secrets(self, state: str) -> Locator:
        return self.page.locator(f"[data-testid^=secret-][data-state={state}]")

    async def knows(self, text: str) -> list[str]:
        """Where the text still is on this phone: the page, what it keeps, and every database in it."""
        return list(await self.page.evaluate(SEARCH, text))


KEYS_OF = """(person) =>
  fetch(`/api/secrets/keys/of/${person}`, { headers: { 'X-Wufu': '1' } }).then((answer) => answer.json())
"""

SEARCH = """async (text) => {
  const found = []
  if (document.documentElement.outerHTML.includes(text)) found.push('page')
  for (const store of [localStorage, sessionStorage])
    for (const [key, value] of Object.entries(store)) if (value.includes(text)) found.push(`storage ${key}`)
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((done) => {
      const asked = indexedDB.open(name)
      asked.onsuccess = () => done(asked.result)
    })
    for (const store of base.objectStoreNames) {
      const rows = await new Promise((done) => {
        const asked = base.transaction(store).objectStore(store).getAll()
        asked.onsuccess = () => done(asked.result)
      })
      if (JSON.stringify(rows).includes(text)) found.push(`${name}/${store}`)
    }
    base.close()
  }
  for (const name of await caches.keys())
    for (const kept of await (await caches.open(name)).matchAll())
      if (!kept.url.endsWith('.js') && (await kept.text()).includes(text)) found.push(`cache ${name}`)
  return found
}"""


@contextlib.asynccontextmanager
async def talkers(browser: Browser, home: Home, *people: PersonId) -> AsyncIterator[list[Talker]]:
    """Phones of their own, signed in."""
    async with contextlib.AsyncExitStack() as stack:
        phones = []
        for person in people:
            context = await browser.new_context(
                viewport={"width": 390, "height": 844},
                has_touch=True,
                is_mobile=True,
                locale="zh-CN",
                permissions=["microphone", "notifications"],
            )
            stack.push_async_callback(context.close)
            phone = Talker(await context.new_page())
            await phone.begin(home, person)
            phones.append(phone)
        yield phones


def _picture(colour: tuple[int, int, int] = (200, 51, 31)) -> FilePayload:
    """A photograph as a file chooser gives it."""
    image = Image.new("RGB", (1200, 900), colour)
    image.paste((217, 164, 65), (200, 200, 1000, 700))
    kept = io.BytesIO()
    image.save(kept, "JPEG")
    return {"name": "年夜饭.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


async def _choose(phone: Talker, tool: str, file: FilePayload) -> None:
    if not await phone.at(f"tool-{tool}").count():
        await phone.touch("toggle-more")
    async with phone.page.expect_file_chooser() as chosen:
        await phone.touch(f"tool-{tool}")
    await (await chosen.value).set_files([file])


async def test_a_secret_counts_down_and_is_gone_from_both_phones(home: Home, browser: Browser) -> None:
    async with talkers(browser, home, home.wang, home.li) as [wang, li]:
        await li.chat_with(home, home.wang)
        await wang.chat_with(home, home.li)
        await wang.go_secret(5)
        await expect(wang.page.locator(".look-secret")).to_have_count(1)
        await wang.write(WORDS)
        await expect(wang.secrets("mine")).to_contain_text("还没看")
        assert await wang.knows(WORDS) == [], "the sender keeps nothing"

        await expect(li.secrets("sealed")).to_have_count(1)
        assert await li.knows(WORDS) == []
        await li.open_secret()
        await expect(li.at("secret-content")).to_contain_text(WORDS)
        await li.sees("secret-left")
        assert await li.knows(WORDS) == ["page"], "in memory and on the screen, nowhere else"
        await expect(wang.secrets("mine")).to_contain_text("正在看")

        await expect(li.secrets("burnt")).to_have_count(1)
        assert await li.knows(WORDS) == []
        await expect(wang.secrets("burnt")).to_have_count(1)
        await li.page.reload()
        await expect(li.secrets("burnt")).to_have_count(1)
        assert await li.knows(WORDS) == []
        wang.check()
        li.check()


async def test_leaving_the_chat_or_the_page_does_not_stop_the_countdown(home: Home, browser: Browser) -> None:
    async with talkers(browser, home, home.wang, home.li) as [wang, li]:
        await wang.chat_with(home, home.li)
        await wang.go_secret(5)
        await wang.write(WORDS)
        await expect(wang.secrets("mine")).to_have_count(1)
        await wang.write("第二句")
        await expect(wang.secrets("mine")).to_have_count(2)
        await li.chat_with(home, home.wang)
        await expect(li.secrets("sealed")).to_have_count(2)
        await li.page.locator("[data-testid^=unseal-]").first.tap()
        await expect(li.at("secret-content")).to_contain_text(WORDS)
        # Away, and back by a fresh page: the words are gone, the time ran on, and the other one is unharmed.
        await li.page.goto(f"{home.url}/#/fu")
        await li.page.reload()
        await expect(li.at("tab-chat")).to_be_visible()
        await li.chat_with(home, home.wang)
        await expect(li.secrets("burnt")).to_have_count(1)
        assert await li.knows(WORDS) == []
        await expect(li.secrets("sealed")).to_have_count(1)
        await li.open_secret()
        await expect(li.at("secret-content")).to_contain_text("第二句")
        await li.at("secret-content").get_by_role("button", name="现在就烧掉").tap()
        await expect(li.secrets("burnt")).to_have_count(2)
        await expect(wang.secrets("burnt")).to_have_count(2)


async def test_a_secret_picture_and_a_secret_voice_burn_too(home: Home, browser: Browser) -> None:
    async with talkers(browser, home, home.wang, home.li) as [wang, li]:
        await wang.chat_with(home, home.li)
        await wang.go_secret(3)
        await _choose(wang, "picture", _picture())
        await expect(wang.secrets("mine")).to_have_count(1)
        await li.chat_with(home, home.wang)
        await li.open_secret()
        shown = li.at("secret-content").locator("img")
        await expect(shown).to_have_js_property("naturalWidth", 1200)
        await expect(li.secrets("burnt")).to_have_count(1)
        await expect(li.page.locator("img[src^=blob]")).to_have_count(0)

        await wang.touch("toggle-voice")
        await _talk(wang)
        await expect(wang.secrets("mine")).to_have_count(1)
        await expect(li.secrets("sealed")).to_have_count(1)
        await li.open_secret()
        await expect(li.at("secret-content").locator("[data-testid^=voice-]")).to_be_visible()
        await expect(li.secrets("burnt")).to_have_count(2)
        await expect(wang.secrets("burnt")).to_have_count(2)
        wang.check()
        li.check()


async def _talk(phone: Talker, seconds: float = 1.3) -> None:
    """Hold the button while the fake microphone beeps."""
    box = await phone.at("hold-to-talk").bounding_box()
    assert box is not None
    await phone.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await phone.page.mouse.down()
    await phone.sees("recording")
    await asyncio.sleep(seconds)
    await phone.page.mouse.up()


async def test_a_secret_in_a_group_burns_for_each_by_their_own_clock(home: Home, browser: Browser) -> None:
    async with talkers(browser, home, home.wang, home.li, home.po) as [wang, li, po]:
        group = await wang.page.evaluate(GROUP, [home.li, home.po])
        for phone in (wang, li, po):
            await phone.page.goto(f"{home.url}/#/chat/c/{group}")
            await phone.sees("composer")
        await wang.go_secret(3)
        await wang.write(WORDS)
        for phone in (li, po):
            await expect(phone.secrets("sealed")).to_have_count(1)
        await li.open_secret()
        await expect(li.at("secret-content")).to_contain_text(WORDS)
        await expect(li.secrets("burnt")).to_have_count(1)
        await expect(wang.secrets("mine")).to_contain_text("1/2")
        await expect(po.secrets("sealed")).to_have_count(1)
        await po.open_secret()
        await expect(po.at("secret-content")).to_contain_text(WORDS)
        await expect(po.secrets("burnt")).to_have_count(1)
        await expect(wang.secrets("burnt")).to_have_count(1)
        for phone in (wang, li, po):
            assert await phone.knows(WORDS) == []
            phone.check()


GROUP = """async (people) => {
  const id = crypto.randomUUID()
  const answer = await fetch('/api/chat/groups', {
    method: 'POST',
    headers: { 'X-Wufu': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify({ id, title: '一家人', people }),
  })
  if (!answer.ok) throw new Error(await answer.text())
  return id
}"""


async def test_both_phones_show_one_safety_number_and_a_new_device_is_reported(
    home: Home, browser: Browser
) -> None:
    async with talkers(browser, home, home.wang, home.li) as [wang, li]:
        numbers = []
        for phone, other in ((wang, home.li), (li, home.wang)):
            await phone.page.goto(f"{home.url}/#/safety/{other}")
            await phone.sees("safety-number")
            numbers.append(await phone.at("safety-number").get_attribute("data-number"))
        assert numbers[0] == numbers[1]
        assert re.fullmatch(r"\d{60}", str(numbers[0]))
        await wang.touch("safety-same")
        await wang.sees("safety-verified")
        # Another device of the friend: the number changes, and the phone that compared says so.
        async with talkers(browser, home, home.li):
            await wang.knows_keys(home.li, 2)
            await wang.chat_with(home, home.li)
            await wang.sees("keys-changed")
            await wang.go_secret(5)
            await wang.write(WORDS)
            await expect(wang.page.get_by_text("先在上面点")).to_be_visible()
            await expect(wang.at("message-field")).to_have_value(WORDS)
            await wang.touch("keys-accept")
            await wang.touch("send")
            await expect(wang.secrets("mine")).to_have_count(1)
            await wang.page.goto(f"{home.url}/#/safety/{home.li}")
            await expect(wang.at("safety-number")).not_to_have_attribute("data-number", str(numbers[0]))


async def test_a_voice_and_a_picture_arrive_and_can_be_played_and_seen(home: Home, browser: Browser) -> None:
    async with talkers(browser, home, home.wang, home.li) as [wang, li]:
        await wang.chat_with(home, home.li)
        await li.chat_with(home, home.wang)
        await wang.touch("toggle-voice")
        await _talk(wang)
        voice = li.page.locator("[data-testid^=voice-]")
        await expect(voice).to_have_count(1)
        await expect(li.page.get_by_label("没听过")).to_have_count(1)
        await li.page.locator("[data-testid^=play-]").tap()
        await expect(li.page.get_by_label("没听过")).to_have_count(0)

        await wang.touch("toggle-voice")
        await _choose(wang, "picture", _picture())
        picture = li.page.locator("[data-testid^=picture-]")
        await expect(picture.locator("img")).to_be_visible()
        await picture.tap()
        await expect(li.at("picture-viewer").locator("img")).to_have_js_property("naturalWidth", 1200)
        await li.page.go_back()
        await expect(li.at("picture-viewer")).to_have_count(0)

        await wang.touch("toggle-emoji")
        await wang.touch("stickers")
        await wang.touch("sticker-dumplings")
        await expect(li.page.locator("[data-sticker=dumplings]")).to_have_count(1)
        wang.check()
        li.check()


async def test_the_page_starts_without_a_server_and_shows_what_a_push_may_say(
    home: Home, browser: Browser
) -> None:
    async with talkers(browser, home, home.wang) as [wang]:
        await wang.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await wang.page.reload()
        await wang.sees("tab-chat")
        told = {"secret": True, "title": "小李", "body": WORDS, "conversation": "c"}
        await _push(wang.page.context, wang, told)
        await wang.page.context.set_offline(True)
        await wang.page.goto(home.url)
        await expect(wang.page.locator("#column")).to_be_visible()
        await wang.page.context.set_offline(False)
        await wang.sees("tab-chat")


async def _push(context: BrowserContext, phone: Talker, told: Mapping[str, object]) -> None:
    """Deliver a push while nobody looks, and read the notification: of a secret it says nothing."""
    session = await context.new_cdp_session(phone.page)
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    await session.send("ServiceWorker.enable")
    async with asyncio.timeout(20):
        while not registrations:
            await asyncio.sleep(0.05)
    origin = await phone.page.evaluate("location.origin")
    [worker] = context.service_workers
    await phone.page.goto("about:blank")
    sent = {"origin": origin, "registrationId": registrations[-1], "data": json.dumps({"v": 1, **told})}
    await session.send("ServiceWorker.deliverPushMessage", sent)
    shown: list[list[str]] = []
    async with asyncio.timeout(20):
        while not shown:
            shown = await worker.evaluate(
                "registration.getNotifications().then(all => all.map(one => [one.title, one.body]))"
            )
            await asyncio.sleep(0.05)
    assert shown == [["五福", "你有一条新消息"]]
