"""States for tests, built only by real verbs: a world the product can reach."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID, uuid5

import msgspec

from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx
from wufu.fortune import (
    CampaignClock,
    Dials,
    FriendsForCards,
    Join,
    Tap,
    Tapped,
    announce,
    card_account,
    create,
    gala_2016,
    join,
    see_campaign,
    set_clock,
    tap,
    turn_campaign,
)
from wufu.ledger import Account, balances, named_group
from wufu.people import NewPerson, create_people
from wufu.ties import AcceptTie, AskTie, accept_ties, ask_ties
from wufu.wallet import fund

T = TypeVar("T")
R = TypeVar("R")
GALA = CampaignId("gala")
NAMESPACE = UUID("5f5f5f5f-0000-4000-8000-000000000000")


class SettableClock(Protocol):
    now: datetime

    def __call__(self) -> datetime: ...


def an_id(name: str) -> UUID:
    """The same id for the same name: ids in tests can be read."""
    return uuid5(NAMESPACE, name)


def seed_of(person: PersonId) -> str:
    """A client seed as a phone would make it; here it follows from the person."""
    return f"{person:064x}"


class World:
    """A small world in one test's database."""

    def __init__(self, database: Database, clock: SettableClock) -> None:
        self.database = database
        self.clock = clock
        self.taps_made: dict[tuple[PersonId, CampaignId], int] = {}

    async def run(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """One transaction, as the edge would run it."""
        return await self.database.run(work, actor="test")

    async def ask(self, verb: Callable[[Tx, Sequence[R]], Awaitable[Sequence[T]]], *requests: R) -> list[T]:
        """A batch of requests for one list verb, in one transaction."""
        return list(await self.run(lambda tx: verb(tx, requests)))

    async def ask_one(self, verb: Callable[[Tx, Sequence[R]], Awaitable[Sequence[T]]], request: R) -> T:
        (answer,) = await self.ask(verb, request)
        return answer

    async def people(self, count: int) -> list[PersonId]:
        news = [NewPerson(name=f"玩家{number}", origin="imported") for number in range(1, count + 1)]
        return await self.run(partial(create_people, people=news))

    async def befriend(self, *pairs: tuple[PersonId, PersonId]) -> None:
        asked = await self.ask(ask_ties, *(AskTie(a, b) for a, b in pairs))
        accepted = await self.ask(accept_ties, *(AcceptTie(b, a) for a, b in pairs))
        assert not any(isinstance(answer, Refusal) for answer in (*asked, *accepted)), (asked, accepted)

    async def campaign(
        self,
        *,
        people: int = 8,
        taps_each: int = 20,
        scarce_stock: int | None = None,
        pool_minor: int = 1_000_00,
        campaign: CampaignId = GALA,
        announced: bool = True,
        rule: FriendsForCards | None = None,
    ) -> CampaignId:
        """A campaign of the 2016 template whose clock stands still at its opening until a test moves it.

        `rule` is another one for new friends.
        """
        dials = Dials(
            people=people,
            taps_each=taps_each,
            scarce_stock=scarce_stock,
            pool_minor=pool_minor,
            sponsor=campaign,
        )
        spec = gala_2016(campaign, dials)
        if rule is not None:
            spec = msgspec.structs.replace(spec, friends_for_cards=rule)

        async def work(tx: Tx) -> None:
            money = spec.pool_minor + spec.cash_minor
            await fund(tx, f"sponsor/{campaign}", money, named_group("test", campaign))
            await create(tx, campaign, spec, CampaignClock(spec.opens_at - timedelta(hours=1), tx.now, 0.0))
            if announced:
                await announce(tx, campaign)

        await self.run(work)
        return campaign

    async def join(self, people: Sequence[PersonId], campaign: CampaignId = GALA) -> list[int]:
        answers = await self.ask(join, *(Join(person, campaign, seed_of(person)) for person in people))
        return [msgspec.to_builtins(answer)["number"] for answer in answers]

    async def at(self, instant: datetime, campaign: CampaignId = GALA) -> None:
        """Move the campaign's clock and let everything happen that is due."""
        await self.run(partial(set_clock, campaign=campaign, shows=instant, speed=0.0))
        await turn_campaign(self.database, campaign)

    async def move_clock_only(self, instant: datetime, campaign: CampaignId = GALA) -> None:
        """Move the campaign's clock while the jobs sleep."""
        await self.run(partial(set_clock, campaign=campaign, shows=instant, speed=0.0))

    async def cards(self, person: PersonId, card: str, campaign: CampaignId = GALA) -> int:
        return await self.balance(card_account(campaign, card, person))

    async def balance(self, account: Account) -> int:
        async with self.database.read() as connection:
            (held,) = await balances(connection, [account])
        return held

    async def hand_out(self, card: str, *people: PersonId, campaign: CampaignId = GALA) -> None:
        """Each of the people taps in round 1, which is open, until they hold the card."""
        for person in people:
            for _ in range(100):
                if await self.cards(person, card, campaign):
                    break
                await self.tap_on(person, campaign)
            else:
                raise AssertionError(f"{person} drew no {card} in {self.taps_made[person, campaign]} taps")

    async def tap_on(self, person: PersonId, campaign: CampaignId = GALA, count: int = 30) -> Tapped:
        """The next taps of a player in round 1; real time passes so that fingers can do it."""
        self.clock.now += timedelta(seconds=1)
        first = self.taps_made.get((person, campaign), 0)
        async with self.database.read() as connection:
            shown = (await see_campaign(connection, campaign, self.clock())).clock.campaign_now
        await self.at(shown + timedelta(seconds=2), campaign)
        answer = await self.ask_one(tap, Tap(person, campaign, 1, first, count))
        assert isinstance(answer, Tapped), answer
        self.taps_made[person, campaign] = answer.next
        return answer
