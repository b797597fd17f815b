"""A real Chromium, and pages in it that are phones: what they say on the console and ask for is noted."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    WebSocketRoute,
    async_playwright,
    expect,
)

from wufu.core.ids import PersonId

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000
HOME = "127.0.0.1"


def chromium() -> str:
    """The machine's Chromium. Without one the test is skipped, but never where nobody would notice."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium on this machine")
        pytest.skip("there is no Chromium on this machine")
    return found


@contextlib.asynccontextmanager
async def chromium_running() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class PhonePage:
    """One phone's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.abroad: list[str] = []
        self.sockets: list[str] = []
        self._lines: list[WebSocketRoute] = []
        self._is_cut = False
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self.sockets.append(socket.url))

    def at(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    async def sees(self, test_id: str) -> None:
        await expect(self.at(test_id)).to_be_visible()

    async def touch(self, test_id: str) -> None:
        await self.at(test_id).first.tap()

    async def enter_as(self, url: str, person: PersonId) -> None:
        """One touch on a persona, and the eve is there."""
        await self.page.goto(url)
        await self.touch(f"persona-{person}")
        await self.sees("tap-button")

    async def tap_on(self, times: int) -> None:
        """Touch the big 福, no faster than a person may."""
        for _ in range(times):
            await self.touch("tap-button")

    async def held(self, card: str) -> int:
        return int(await self.at(f"slot-{card}").get_attribute("data-held") or 0)

    async def holds(self, card: str, count: int) -> None:
        """Wait until the tray shows so many of a card."""
        await expect(self.at(f"slot-{card}")).to_have_attribute("data-held", str(count))

    async def cut(self) -> None:
        """The live line breaks, and stays broken until `mend`."""
        self._is_cut = True
        for line in self._lines:
            await line.close(code=1001)
        self._lines.clear()

    def mend(self) -> None:
        self._is_cut = False

    async def prepare(self) -> None:
        """Lay the live line through our hands, so that it can be cut."""
        await self.page.route_web_socket("**/*", self._laid)

    async def _laid(self, line: WebSocketRoute) -> None:
        if self._is_cut:
            await line.close(code=1001)
        else:
            line.connect_to_server()
            self._lines.append(line)

    def check(self) -> None:
        """Nothing went wrong in it, and it asked for nothing from elsewhere."""
        assert self.faults == []
        assert self.abroad == []
        assert self.sockets
        assert all(urlsplit(url).hostname == HOME for url in self.sockets)

    def _said(self, message: ConsoleMessage) -> None:
        # Chromium reports the answer "nobody is signed in yet" to the page's first question as an error.
        if message.type == "error" and not message.location.get("url", "").endswith("/api/me"):
            self.faults.append(f"{message.text} {message.location}")

    def _asked(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")) and urlsplit(url).hostname != HOME:
            self.abroad.append(url)


@contextlib.asynccontextmanager
async def phone_page(browser: Browser, *, keeps_pages: bool = True) -> AsyncIterator[PhonePage]:
    """A phone of its own: 390 by 844, touch, nothing remembered.

    `keeps_pages=False`: without the worker that fetches every page there is, to show them without a line. It
    is a second and a half of computing for each phone, in journeys that never lose the line.
    """
    context = await browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        service_workers="allow" if keeps_pages else "block",
    )
    try:
        yield PhonePage(await context.new_page())
    finally:
        await context.close()


def check_built(page: Path) -> None:
    assert (page / "index.html").is_file(), "the page is not built: run `make setup`"
