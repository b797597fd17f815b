"""The phone page in a real Chromium, on a server in demo mode: one eve from the first touch to the wallet."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage, check_built, phone_page
from tests.journeys.conftest import OffsetClock, audited, engines_at
from tests.journeys.phone import PIN
from tests.world import GALA, World, an_id
from wufu.core.ids import PersonId
from wufu.core.money import render_minor
from wufu.core.refusals import Refusal
from wufu.db.engines import Engines
from wufu.fortune import Ask, CampaignView, Gift, Swap, ask, gift, see_campaign, see_mine, set_clock, swap
from wufu.fortune.template import CARDS_2016, ROUNDS_2016, SETTLED_2016
from wufu.main import PAGE, Server
from wufu.people import NewPerson, create_people
from wufu.wallet import see_balance

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]
CARDS = [card.id for card in CARDS_2016]


@dataclass(frozen=True, slots=True)
class Eve:
    """A demo whose first round is open; two personas, and a friend of theirs who has all the cards."""

    server: Server
    world: World
    wang: PersonId
    li: PersonId
    friend: PersonId

    async def give(self, name: str, card: str) -> None:
        """The friend gives old Wang a card."""
        request = Gift(self.friend, an_id(name), GALA, self.wang, card)
        [given] = await self.world.ask(gift, request)
        assert not isinstance(given, Refusal), given


@pytest.fixture
async def eve(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Eve]:
    check_built(PAGE)
    async with audited(engines_at(engines, fresh), clock, PAGE, demo=True) as server:
        world = World(server.database, clock)
        news = [
            NewPerson("老王", "persona", line="爱热闹"),
            NewPerson("小李", "persona"),
            NewPerson("阿姨", "imported"),
        ]
        wang, li, friend = await world.run(partial(create_people, people=news))
        await world.befriend((wang, li), (wang, friend))
        await world.campaign(people=3, scarce_stock=12)
        await world.join([friend])
        await world.at(ROUNDS_2016[0])
        for card in CARDS:
            await world.hand_out(card, friend)
        await world.run(partial(set_clock, campaign=GALA, shows=None, speed=1.0))
        yield Eve(server, world, wang, li, friend)


async def _give_all(eve: Eve, phone: PhonePage) -> None:
    """The friend gives every card; each arrives on the open page."""
    for card in CARDS:
        had = await phone.held(card)
        await eve.give(f"all five, {card}", card)
        await phone.holds(card, had + 1)


async def _settled(eve: Eve) -> tuple[CampaignView, int]:
    """The campaign once it is paid: the server's own jobs may hold a lane that we passed over."""
    async with asyncio.timeout(20):
        while True:
            async with eve.server.database.read() as connection:
                view = await see_campaign(connection, GALA, eve.server.database.clock())
                balance = await see_balance(connection, eve.wang)
            if view.state == "settled":
                return view, balance
            await asyncio.sleep(0.05)


async def test_an_eve_from_the_first_touch_to_the_wallet(eve: Eve, browser: Browser) -> None:
    assert eve.server.url is not None
    async with phone_page(browser) as wang:
        await wang.enter_as(eve.server.url, eve.wang)
        await expect(wang.at("pool")).to_contain_text("1,000.00")
        await _tap_until_a_card_comes(eve, wang)
        await _give_all(eve, wang)
        await _give_one_back(eve, wang)
        await eve.give("the last one", "aiguo")
        await wang.holds("aiguo", (await _mine(eve, eve.wang))["aiguo"])

        await eve.world.at(SETTLED_2016)
        view, balance = await _settled(eve)
        assert view.settlement is not None
        each = view.settlement.each_minor
        assert balance >= each > 0
        await wang.sees("won-sheet")
        won = wang.at("won-sheet").get_by_test_id("won-amount")
        await expect(won).to_have_text(render_minor(each))

        await wang.at("won-sheet").get_by_test_id("check-draw").tap()
        await wang.touch("proof-check")
        await expect(wang.at("proof-verdict")).to_have_attribute("data-ok", "true")
        lines = wang.at("proof-lines").locator("li.line")
        assert await lines.count() > 15
        assert await lines.and_(wang.page.locator("[data-ok=false]")).count() == 0

        await wang.page.goto(f"{eve.server.url}/#/packets")
        await expect(wang.at("balance")).to_have_attribute("data-minor", str(balance))
        await expect(wang.at("statement")).to_contain_text(render_minor(each))

        await wang.touch("tab-me")
        await wang.touch("language-en")
        await expect(wang.at("tab-packets")).to_contain_text("Packets")
        await expect(wang.page.locator("html")).to_have_attribute("lang", "en")
        wang.check()


async def _mine(eve: Eve, person: PersonId) -> dict[str, int]:
    async with eve.server.database.read() as connection:
        return (await see_mine(connection, GALA, person)).cards


async def _taps(eve: Eve, person: PersonId) -> int:
    async with eve.server.database.read() as connection:
        return (await see_mine(connection, GALA, person)).rounds[0].next


async def _tap_until_a_card_comes(eve: Eve, phone: PhonePage) -> None:
    """Every touch is counted at once, every batch arrives, and what it won is in the tray."""
    shown = 0
    for _ in range(12):
        await phone.tap_on(12)
        shown = int(await phone.at("my-taps").inner_text())
        assert shown > 0
        if sum((await _mine(eve, eve.wang)).values()):
            break
    async with asyncio.timeout(30):
        while await _taps(eve, eve.wang) != int(await phone.at("my-taps").inner_text()):
            await asyncio.sleep(0.1)
    cards = await _mine(eve, eve.wang)
    assert sum(cards.values()), "a card comes with every other tap of these odds"
    for card, count in cards.items():
        await phone.holds(card, count)


async def _give_one_back(eve: Eve, phone: PhonePage) -> None:
    """A card for the friend: the slot, give, whom."""
    had = await phone.held("aiguo")
    theirs = (await _mine(eve, eve.friend))["aiguo"]
    await phone.touch("slot-aiguo")
    await phone.touch("give")
    await phone.touch(f"friend-{eve.friend}")
    await phone.holds("aiguo", had - 1)
    assert (await _mine(eve, eve.friend))["aiguo"] == theirs + 1


async def test_two_phones_at_once_see_each_other(eve: Eve, browser: Browser) -> None:
    assert eve.server.url is not None
    async with contextlib.AsyncExitStack() as stack:
        wang, li = [await stack.enter_async_context(phone_page(browser)) for _ in range(2)]
        await wang.enter_as(eve.server.url, eve.wang)
        await li.enter_as(eve.server.url, eve.li)
        had = await wang.held("hexie")
        await eve.give("hexie for wang", "hexie")
        await wang.holds("hexie", had + 1)
        await wang.touch("slot-hexie")
        await wang.touch("give")
        await wang.touch(f"friend-{eve.li}")
        await li.holds("hexie", 1)
        await wang.holds("hexie", had)
        # And back: a wish reaches the other phone as something that waits for an answer.
        await wang.touch("slot-hexie")
        await wang.touch("ask")
        await wang.touch(f"friend-{eve.li}")
        await expect(li.at("tab-chat").locator("b")).to_have_text("1")
        await li.touch("tab-chat")
        await li.touch(f"thread-{eve.wang}")
        await li.page.locator("[data-testid^=give-]").tap()
        await wang.holds("hexie", had + 1)
        wang.check()
        li.check()


async def test_asks_and_offers_are_answered_in_the_conversation_and_change_on_both_phones(
    eve: Eve, browser: Browser
) -> None:
    assert eve.server.url is not None
    for card in ("hexie", "aiguo"):
        await eve.give(f"{card} for wang", card)
    to_li = Gift(eve.wang, an_id("aiguo for li"), GALA, eve.li, "aiguo")
    assert not isinstance(await eve.world.ask_one(gift, to_li), Refusal)
    async with contextlib.AsyncExitStack() as stack:
        wang, li = [await stack.enter_async_context(phone_page(browser)) for _ in range(2)]
        for phone, me, other in ((wang, eve.wang, eve.li), (li, eve.li, eve.wang)):
            await phone.enter_as(eve.server.url, me)
            await phone.page.goto(f"{eve.server.url}/#/chat/{other}")
            await phone.sees("composer")
        offer, wish = an_id("offer"), an_id("wish")
        await eve.world.ask(swap, Swap(eve.li, offer, GALA, eve.wang, "aiguo", "hexie"))
        for phone in (wang, li):
            await expect(phone.at(f"swap-{offer}")).to_have_attribute("data-state", "offered")
        await wang.touch(f"accept-{offer}")
        for phone in (wang, li):
            await expect(phone.at(f"swap-{offer}")).to_have_attribute("data-state", "done")
        await eve.world.ask(ask, Ask(eve.wang, wish, GALA, "hexie", eve.li))
        await expect(wang.at(f"request-{wish}")).to_contain_text("等回音")
        await li.touch(f"give-{wish}")
        for phone in (wang, li):
            await expect(phone.at(f"request-{wish}")).to_contain_text("已送到")
            await expect(phone.at(f"request-{wish}")).to_have_count(1)
            phone.check()
        assert (await _mine(eve, eve.li))["hexie"] == 0


async def test_money_comes_from_the_bank_and_goes_to_a_friend_with_the_pin(
    eve: Eve, browser: Browser
) -> None:
    assert eve.server.url is not None
    async with phone_page(browser) as wang:
        await wang.enter_as(eve.server.url, eve.wang)
        await wang.touch("tab-packets")
        await expect(wang.at("balance")).to_have_attribute("data-minor", "0")
        await wang.touch("top-up")
        await wang.at("amount").fill("88.88")
        await wang.touch("money-go")
        await expect(wang.at("balance")).to_have_attribute("data-minor", "8888")
        await wang.touch("transfer")
        await wang.touch(f"friend-{eve.li}")
        await wang.at("amount").fill("20")
        await wang.touch("money-go")
        await _type_pin(wang, "先设支付密码", PIN)
        await _type_pin(wang, "再输一次", PIN)
        await _type_pin(wang, "转给小李 ¥20.00", "000000")
        await expect(wang.page.get_by_text("支付密码不对，还可以试 4 次。")).to_be_visible()
        await _type_pin(wang, "转给小李 ¥20.00", PIN)
        await expect(wang.at("balance")).to_have_attribute("data-minor", "6888")
        async with eve.server.database.read() as connection:
            assert await see_balance(connection, eve.li) == 20_00
        wang.check()


async def _type_pin(phone: PhonePage, line: str, pin: str) -> None:
    """Six keys of the pad, once it asks with this line."""
    await expect(phone.page.get_by_text(line)).to_be_visible()
    for digit in pin:
        await phone.touch(f"key-{digit}")


async def test_a_phone_catches_up_after_its_line_was_cut(eve: Eve, browser: Browser) -> None:
    assert eve.server.url is not None
    async with phone_page(browser) as wang:
        await wang.prepare()
        await wang.enter_as(eve.server.url, eve.wang)
        await eve.give("while there", "youshan")
        await wang.holds("youshan", 1)
        await wang.cut()
        await wang.sees("offline")
        await eve.give("while away", "hexie")
        await asyncio.sleep(0.5)
        assert await wang.held("hexie") == 0
        wang.mend()
        await wang.holds("hexie", 1)
        await expect(wang.at("offline")).to_have_count(0)
