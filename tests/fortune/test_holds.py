"""Cards of people who are looked at: held, not lost, and given exactly once when they are cleared."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from tests.fortune.acts import CARDS, ROUND_1, keep, relay, told
from tests.world import GALA, World
from wufu.core.ids import PersonId
from wufu.fortune import FriendsForCards, cancel, sponsor_account
from wufu.fortune.template import SETTLED_2016
from wufu.fortune.verbs.friends import pay_late_shares, release_held
from wufu.fortune.views import MineView, see_campaign, see_mine
from wufu.ledger import Group, Transfer, named_group, post
from wufu.trust import Verdict, decide, suspect_by_hand
from wufu.wallet import fund, money_of

EACH = FriendsForCards(4, 4, "each")
"""Sixteen cards for four friends: every common kind is among them."""


async def suspected(world: World, *people: PersonId) -> UUID:
    """An operator opens a case about these people."""
    work = partial(suspect_by_hand, people=people, why="too quick")
    return await world.database.run(work, actor="operator/test")


async def cleared(world: World, case: UUID, verdict: Verdict = "clear") -> None:
    """The operator decides, and everybody hears it."""
    work = partial(decide, case=case, verdict=verdict, why="all is well")
    await world.database.run(work, actor="operator/test")
    while await relay(world):
        pass


async def playing(world: World, people: int = 7) -> tuple[PersonId, PersonId, list[PersonId]]:
    """Somebody with an old friend and people to befriend; all play, and the first round is open."""
    one, old, *others = await world.people(people)
    await world.befriend((one, old))
    await relay(world)
    world.clock.now += timedelta(minutes=1)
    await world.campaign(rule=EACH, scarce_stock=16)
    await world.join([one, old, *others])
    await world.at(ROUND_1)
    return one, old, others


async def befriend(world: World, person: PersonId, others: Sequence[PersonId]) -> None:
    await world.befriend(*((person, other) for other in others))
    while await relay(world):
        pass


async def mine_of(world: World, person: PersonId) -> MineView:
    async with world.database.read() as connection:
        return await see_mine(connection, GALA, person)


async def stand(world: World, person: PersonId) -> tuple[int, int, int]:
    """Cards given for friends, cards that are held, and cards in the hand."""
    mine = await mine_of(world, person)
    return mine.friend_cards_given, mine.friends_reward.cards_held, sum(mine.cards.values())


async def test_cards_of_somebody_looked_at_are_held_and_come_when_they_are_cleared(world: World) -> None:
    one, _, others = await playing(world)
    case = await suspected(world, one)
    await told(world, one)
    await world.befriend((one, others[0]))
    facts = await told(world, one)
    facts += await told(world, one)
    assert ("fortune.reward_held", {"campaign": GALA, "cards": 4}) in facts
    assert await stand(world, one) == (0, 4, 0)
    assert await stand(world, others[0]) == (4, 0, 4), "their friend is not looked at"
    await cleared(world, case)
    assert await stand(world, one) == (4, 0, 4)


async def test_cleared_twice_gives_once(world: World) -> None:
    one, _, others = await playing(world)
    case = await suspected(world, one)
    await befriend(world, one, others[:2])
    await cleared(world, case)
    assert await stand(world, one) == (8, 0, 8)
    await cleared(world, case)
    await world.run(release_held)
    await world.run(release_held)
    again = await suspected(world, one)
    await cleared(world, again)
    assert await stand(world, one) == (8, 0, 8)


async def test_two_cases_hold_until_both_are_cleared(world: World) -> None:
    one, old, others = await playing(world)
    case = await suspected(world, one)
    await befriend(world, one, others[:1])
    await cleared(world, case, "confirm")
    assert await stand(world, one) == (0, 4, 0)
    await world.run(release_held)
    assert await stand(world, one) == (0, 4, 0), "the clock frees nobody"
    await cleared(world, case, "lift")
    assert await stand(world, one) == (4, 0, 4)
    assert await stand(world, old) == (0, 0, 0)


async def test_what_comes_while_something_is_held_waits_behind_it(world: World) -> None:
    """The draws of a person are given in their order, so that the proof has no holes."""
    one, _, others = await playing(world)
    await befriend(world, one, others[:1])
    case = await suspected(world, one)
    await befriend(world, one, others[1:2])
    await world.database.run(
        partial(decide, case=case, verdict="clear", why="all is well"), actor="operator/test"
    )
    # Cleared, and a friend more, before anybody hears of either.
    await world.befriend((one, others[2]))
    while await relay(world):
        pass
    assert await stand(world, one) == (12, 0, 12)


async def test_somebody_suspected_again_before_the_clearing_is_heard_stays_held(world: World) -> None:
    one, _, others = await playing(world)
    case = await suspected(world, one)
    await befriend(world, one, others[:1])
    await world.database.run(
        partial(decide, case=case, verdict="clear", why="all is well"), actor="operator/test"
    )
    again = await suspected(world, one)
    while await relay(world):
        pass
    assert await stand(world, one) == (0, 4, 0)
    await cleared(world, again)
    assert await stand(world, one) == (4, 0, 4)


async def one_card_short(world: World) -> tuple[PersonId, PersonId, UUID]:
    """Somebody with all cards but 和谐福, whose sixteen cards for friends are held when the pool is split."""
    one, old, others = await playing(world)
    for card in CARDS:
        await world.hand_out(card, one)
    await keep(world, one, "hexie", 0, sink=old)
    case = await suspected(world, one)
    await befriend(world, one, others[:4])
    assert (await mine_of(world, one)).friends_reward.cards_held == 16
    await world.at(SETTLED_2016)
    return one, old, case


async def test_settlement_waits_for_nobody_and_the_sponsor_owes_a_late_share(world: World) -> None:
    one, _, case = await one_card_short(world)
    async with world.database.read() as connection:
        settled = await see_campaign(connection, GALA, world.clock())
    assert settled.settlement is not None
    before = await world.balance(money_of(one))
    assert (await mine_of(world, one)).won is None
    await cleared(world, case)
    given, held, _ = await stand(world, one)
    assert (given, held) == (16, 0)
    assert await world.cards(one, "hexie") > 0
    # The pool by the winners and the one whose cards were held.
    owed = settled.pool_minor // (settled.settlement.winners + 1)
    for _ in range(2):
        await world.run(pay_late_shares)
        assert await world.balance(money_of(one)) - before == owed
    won = (await mine_of(world, one)).won
    assert won is not None
    assert (won.minor, won.place) == (owed, None)
    facts = await told(world, one)
    assert [body for kind, body in facts if kind == "fortune.won"] == [{"campaign": GALA, "minor": owed}]


async def test_a_late_share_waits_for_the_sponsors_money(world: World) -> None:
    one, _, case = await one_card_short(world)
    sponsor = sponsor_account(GALA)
    left = await world.balance(sponsor)
    rich = money_of((await world.people(1))[0])
    spent = Group(named_group("test", "spent"), (Transfer(sponsor, rich, left, "elsewhere"),))
    await world.run(lambda tx: post(tx, [spent]))
    await cleared(world, case)
    await world.run(pay_late_shares)
    assert (await mine_of(world, one)).won is None
    await world.run(lambda tx: fund(tx, sponsor.holder, left, named_group("test", "again")))
    await world.run(pay_late_shares)
    assert (await mine_of(world, one)).won is not None


async def test_late_cards_that_complete_no_set_bring_no_share(world: World) -> None:
    one, _, others = await playing(world)
    case = await suspected(world, one)
    await befriend(world, one, others[:1])
    await world.at(SETTLED_2016)
    await cleared(world, case)
    await world.run(pay_late_shares)
    assert (await stand(world, one))[:2] == (4, 0)
    assert (await mine_of(world, one)).won is None


async def test_a_cancelled_campaign_gives_nothing_any_more(world: World) -> None:
    one, _, others = await playing(world)
    case = await suspected(world, one)
    await befriend(world, one, others[:1])
    await world.run(lambda tx: cancel(tx, GALA))
    await cleared(world, case)
    assert (await stand(world, one))[:2] == (0, 0)


async def test_cards_earned_before_the_opening_are_held_too(world: World) -> None:
    one, *others = await world.people(3)
    await world.campaign(rule=EACH)
    await world.join([one])
    case = await suspected(world, one)
    await befriend(world, one, others)
    await world.at(ROUND_1)
    while await relay(world):
        pass
    assert await stand(world, one) == (0, 8, 0)
    await cleared(world, case)
    assert await stand(world, one) == (8, 0, 8)
