"""Friends on two phones at once: invitations, requests, suggestions, blocks, privacy, labels; a long list."""

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage
from tests.journeys.conftest import OffsetClock
from tests.journeys.packets import Family, family_at_home, phones
from tests.journeys.phone import PASSWORD
from wufu.core.ids import PersonId
from wufu.db.engines import Engines
from wufu.people import NewPerson, create_people
from wufu.ties import are_friends, introduce

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


KEPT = """async (name) => {
  const base = await new Promise((done) => {
    indexedDB.open(name).onsuccess = (event) => done(event.target.result)
  })
  const asked = base.transaction('ties').objectStore('ties').get('all')
  const ties = await new Promise((done) => (asked.onsuccess = () => done(asked.result)))
  base.close()
  return ties?.groups.length === 1 && ties.friends.some((one) => one.remark === '单阿姨')
}"""
"""Whether the phone has kept the list with what was changed in it."""


@pytest.fixture
async def family(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Family]:
    async with family_at_home(engines, fresh, clock) as home:
        yield home


async def neighbour(family: Family) -> PersonId:
    """Somebody who knows the aunt and nobody else."""
    [person] = await family.world.run(partial(create_people, people=[NewPerson("单仲先", "persona")]))
    await family.world.befriend((family.aunt, person))
    return person


async def friends(family: Family, one: PersonId, other: PersonId) -> bool:
    async with family.server.database.read() as connection:
        return bool(await are_friends(connection, [(one, other)]))


async def find(phone: PhonePage, text: str) -> None:
    """Type into the search of the friends tab, and look beyond one's own friends."""
    await phone.at("find").fill(text)
    await phone.touch("find-there")


async def make_invitation(family: Family, phone: PhonePage) -> str:
    """Make an invitation for one and stay on its sheet; the link."""
    await family.goto(phone, "friends/code?show=invitation")
    await phone.touch("invitation-make")
    code = phone.at("invitation-made").get_by_test_id("invitation-code")
    await expect(code).to_have_attribute("data-link", re.compile(r"#/i/\d+-[0-9a-z]{16}$"))
    return str(await code.get_attribute("data-link"))


async def test_a_link_brings_somebody_without_an_account_and_both_phones_show_it(
    family: Family, browser: Browser
) -> None:
    async with phones(browser, 2) as (wang, guest):
        await family.enter(wang, family.wang)
        link = await make_invitation(family, wang)
        await wang.page.keyboard.press("Escape")
        await family.goto(wang, "friends")
        await wang.sees(f"friend-{family.li}")

        await guest.page.goto(link)
        await expect(guest.at("invited-by")).to_contain_text("老王")
        await guest.touch("invitation-join")
        await guest.page.locator("input[name=name]").fill("新来的")
        await guest.page.locator("input[name=login]").fill("newcomer")
        await guest.page.locator("input[name=password]").fill(PASSWORD)
        await guest.touch("enter")
        await expect(guest.at("friend-name")).to_have_text("老王")

        await expect(wang.at("friends").get_by_text("新来的")).to_be_visible()
        await family.goto(wang, "friends/code?show=invitation")
        await wang.touch("invitation-used")
        await expect(wang.page.locator("[data-testid^=used-by-]")).to_contain_text("新来的")
        await expect(wang.at("invitations").locator("li").first).to_have_attribute("data-state", "used_up")
        wang.check()
        guest.check()


async def test_a_picture_of_a_code_is_read_and_asks_before_it_connects(
    family: Family, browser: Browser
) -> None:
    person = await neighbour(family)
    async with phones(browser, 2) as (wang, other):
        await family.enter(wang, family.wang)
        await make_invitation(family, wang)
        picture = await wang.at("invitation-code").screenshot()
        await family.enter(other, person, "friends/scan")
        upload = FilePayload(
            name="nothing.png", mimeType="image/png", buffer=await wang.at("copy-text").screenshot()
        )
        await other.at("scan-picture").set_input_files(upload)
        await expect(other.page.get_by_text("图片里没有找到码")).to_be_visible()
        upload = FilePayload(name="code.png", mimeType="image/png", buffer=picture)
        await other.at("scan-picture").set_input_files(upload)
        await expect(other.at("invited-by")).to_contain_text("老王")
        assert not await friends(family, family.wang, person)
        await other.touch("invitation-accept")
        await expect(other.at("friend-name")).to_have_text("老王")
        assert await friends(family, family.wang, person)
        # Once more: it was for one.
        text = await wang.at("invitation-text").inner_text()
        await family.goto(other, "friends/scan")
        await other.touch("scan-paste")
        await other.at("paste-invite").fill(text)
        await other.touch("paste-open")
        await expect(other.page.get_by_text("你们已经是朋友")).to_be_visible()
        wang.check()
        other.check()


async def test_a_request_reaches_the_other_phone_is_withdrawn_and_accepted(
    family: Family, browser: Browser
) -> None:
    person = await neighbour(family)
    async with phones(browser, 2) as (wang, other):
        await family.enter(wang, family.wang, "friends")
        await family.enter(other, person, "friends")
        await find(wang, "单仲先")
        await wang.at(f"found-{person}").get_by_test_id(f"add-{person}").tap()
        await other.sees(f"request-{family.wang}")
        await expect(other.at("tab-friends").locator("b")).to_have_text("1")
        await wang.touch("search-clear")
        await wang.touch("open-requests")
        await wang.touch(f"withdraw-{person}")
        await expect(other.at(f"request-{family.wang}")).to_have_count(0)

        # And the other way round, from a suggestion that was first dismissed and taken back.
        await other.sees(f"suggested-{family.wang}")
        await expect(other.at(f"suggested-{family.wang}")).to_contain_text("1 位共同好友")
        await other.touch(f"dismiss-{family.wang}")
        await other.touch(f"restore-{family.wang}")
        await other.touch(f"dismiss-{family.li}")
        await other.sees(f"restore-{family.li}")
        await other.touch(f"add-{family.wang}")
        await wang.touch(f"accept-{person}")
        await other.at("friends").get_by_test_id(f"friend-{family.wang}").wait_for()
        await family.goto(wang, "friends")
        await wang.at("friends").get_by_test_id(f"friend-{person}").wait_for()
        assert await friends(family, family.wang, person)
        # Who was dismissed does not come back by itself.
        await other.page.reload()
        await other.at("friends").get_by_test_id(f"friend-{family.wang}").wait_for()
        await other.page.wait_for_load_state("networkidle")
        await expect(other.at(f"suggested-{family.li}")).to_have_count(0)
        wang.check()
        other.check()


async def test_blocking_and_privacy_hide_somebody_and_can_be_undone(family: Family, browser: Browser) -> None:
    async with phones(browser, 2) as (wang, li):
        await family.enter(wang, family.wang, f"friends/{family.li}")
        await family.enter(li, family.li, "friends")
        await li.sees(f"friend-{family.wang}")
        await wang.touch("friend-block")
        await wang.page.locator(".van-dialog__confirm").tap()
        await expect(li.at(f"friend-{family.wang}")).to_have_count(0)
        await expect(wang.at(f"friend-{family.li}")).to_have_count(0)
        await find(li, "老王")
        await li.sees("found-nobody")

        await family.goto(wang, "me/privacy")
        await wang.touch(f"unblock-{family.li}")
        await expect(wang.at(f"blocked-{family.li}")).to_have_count(0)
        await li.touch("search-clear")
        await find(li, "老王")
        await li.sees(f"found-{family.wang}")

        await wang.touch("privacy-by_name")
        await expect(wang.at("privacy-by_name")).to_have_attribute("aria-checked", "false")
        await li.touch("search-clear")
        await find(li, "老王")
        await li.sees("found-nobody")
        wang.check()
        li.check()


async def test_what_i_call_a_friend_orders_the_list_and_stays_without_a_line(
    family: Family, browser: Browser
) -> None:
    async with phones(browser, 1) as (wang,):
        await family.enter(wang, family.wang, f"friends/{family.aunt}")
        await wang.touch("friend-label")
        await wang.at("remark").fill("单阿姨")
        await wang.at("tag").fill("家人")
        await wang.touch("label-save")
        await expect(wang.at("friend-name")).to_have_text("单阿姨")
        await wang.touch("friend-star")
        await expect(wang.at("friend-star")).to_have_attribute("aria-pressed", "true")
        await wang.touch("friend-groups")
        await wang.touch("in-new")
        await wang.at("group-name").fill("一家")
        await wang.at(f"choose-{family.li}").tap()
        await wang.touch("group-save")
        group = wang.page.get_by_test_id(re.compile("^in-[0-9a-f]"))
        await expect(group).to_have_attribute("aria-checked", "false")

        await family.goto(wang, "friends")
        shown = wang.at("friends").locator("h3, .title")
        await expect(shown).to_have_text(["星标朋友", "单阿姨", "S", "单阿姨", "X", "小李"])
        await wang.touch("filter-tag-家人")
        await expect(wang.at("friends").get_by_text("小李")).to_have_count(0)
        await wang.page.locator("[data-testid^=filter-group-]").tap()
        await expect(wang.at("friends").get_by_text("单阿姨")).to_have_count(0)
        await expect(wang.at("friends").get_by_text("小李")).to_be_visible()
        await wang.touch("filter-all")
        await wang.at("find").fill("say")
        await expect(wang.at(f"found-friend-{family.aunt}")).to_contain_text("单阿姨")
        wang.check()

        await wang.page.wait_for_function(KEPT, arg=f"wufu-friends-{family.wang}")
        await wang.page.route("**/api/**", lambda route: route.abort())
        await wang.page.reload()
        await wang.sees("offline")
        await expect(wang.at("friends").get_by_text("小李")).to_be_visible()


async def test_a_list_of_thousands_draws_what_is_seen_and_jumps_to_a_letter(
    family: Family, browser: Browser
) -> None:
    names = [f"{first}{number}" for first in "阿白曹丁冯高何蒋李马宁彭钱沈唐魏谢张" for number in range(80)]
    news = [NewPerson(name, "imported") for name in names]
    many = await family.world.run(partial(create_people, people=news))
    await family.world.run(lambda tx: introduce(tx, [(family.wang, person) for person in many]))
    async with phones(browser, 1) as (wang,):
        await family.enter(wang, family.wang, "friends")
        await wang.sees("letter-Z")
        rows = wang.at("friends").locator("li")
        assert 5 < await rows.count() < 60
        await wang.touch("letter-S")
        await expect(wang.at("friends").get_by_text("沈0", exact=True)).to_be_in_viewport()
        assert await rows.count() < 60
        # From a friend's page the list comes back where it was.
        await wang.at("friends").get_by_text("沈1", exact=True).tap()
        await wang.sees("friend-name")
        await asyncio.gather(wang.page.wait_for_url("**/#/friends"), wang.page.go_back())
        await expect(wang.at("friends").get_by_text("沈1", exact=True)).to_be_in_viewport()
        wang.check()
