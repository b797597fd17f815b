"""What the journeys of packets and photos share: a family with money, and what their phones do."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from playwright.async_api import Browser, expect

from tests.conftest import FreshDatabase
from tests.journeys.browser import PhonePage, check_built, phone_page
from tests.journeys.conftest import OffsetClock, audited, engines_at
from tests.journeys.phone import PIN
from tests.world import World, an_id
from wufu.chat import FoundGroup, found_group
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Tx
from wufu.db.engines import Engines
from wufu.ledger import named_group
from wufu.main import PAGE, Server
from wufu.people import NewPerson, create_people, set_pin
from wufu.wallet import fund, see_balance

MONEY = 100_000


@dataclass(frozen=True, slots=True)
class Family:
    """A demo server; old Wang, Li and the aunt, friends with ¥1,000.00 each, and their group."""

    server: Server
    world: World
    wang: PersonId
    li: PersonId
    aunt: PersonId
    group: ConversationId

    @property
    def url(self) -> str:
        assert self.server.url is not None
        return self.server.url

    async def balance(self, person: PersonId) -> int:
        async with self.server.database.read() as connection:
            return await see_balance(connection, person)

    async def enter(self, phone: PhonePage, person: PersonId, at: str = "packets") -> None:
        """One touch on a persona, then the page `at`."""
        await phone.page.goto(self.url)
        await phone.touch(f"persona-{person}")
        await phone.sees("tab-packets")
        await self.goto(phone, at)

    async def goto(self, phone: PhonePage, at: str) -> None:
        await phone.page.goto(f"{self.url}/#/{at}")


@asynccontextmanager
async def family_at_home(engines: Engines, fresh: FreshDatabase, clock: OffsetClock) -> AsyncIterator[Family]:
    check_built(PAGE)
    async with audited(engines_at(engines, fresh), clock, PAGE, demo=True) as server:
        world = World(server.database, clock)
        news = [NewPerson(name, "persona") for name in ("老王", "小李", "阿姨")]
        wang, li, aunt = await world.run(partial(create_people, people=news))
        await world.befriend((wang, li), (wang, aunt), (li, aunt))
        group = ConversationId(an_id("the family"))
        await world.run(partial(_settle_in, people=(wang, li, aunt), group=group))
        yield Family(server, world, wang, li, aunt, group)


async def _settle_in(tx: Tx, people: Sequence[PersonId], group: ConversationId) -> None:
    await found_group(tx, FoundGroup(people[0], group, "一家人", tuple(people[1:])))
    for person in people:
        await fund(tx, f"person/{person}", MONEY, named_group("test", "family", str(person)))
        await set_pin(tx, person, PIN)


async def type_pin(phone: PhonePage) -> None:
    """Six keys of the pad, once it is there."""
    await phone.sees("pin-pad")
    for digit in PIN:
        await phone.touch(f"key-{digit}")


async def is_marked(phone: PhonePage, test_id: str, name: str, value: str) -> None:
    """Wait until an element says so in its data."""
    await expect(phone.at(test_id).first).to_have_attribute(f"data-{name}", value)


@asynccontextmanager
async def phones(browser: Browser, count: int, *, keeps_pages: bool = True) -> AsyncIterator[list[PhonePage]]:
    """So many phones of different people."""
    if count == 0:
        yield []
        return
    async with (
        phone_page(browser, keeps_pages=keeps_pages) as first,
        phones(browser, count - 1, keeps_pages=keeps_pages) as others,
    ):
        yield [first, *others]
