"""Cash of the rounds: paid, and an equal packet set aside that the winner may pass on once."""

from uuid import UUID

from tests.fortune.acts import friends_playing, relay, told
from tests.world import GALA, World, an_id
from wufu.core.ids import CampaignId, PersonId
from wufu.fortune import PassCash, cancel, pass_cash, sponsor_account
from wufu.fortune.model import CashPassed, Win, cash_account, passing_account
from wufu.fortune.refusals import (
    CampaignNotRunning,
    CashAlreadyPassed,
    NotFriends,
    UnknownCampaign,
    UnknownCash,
)
from wufu.fortune.template import CASH_LEAST, CASH_MOST, SETTLED_2016
from wufu.fortune.views import MyCash, see_mine
from wufu.ledger import Account
from wufu.ties import RemoveTie, remove_ties
from wufu.wallet import money_of


async def packets(world: World, person: PersonId) -> list[MyCash]:
    async with world.database.read() as connection:
        return (await see_mine(connection, GALA, person)).cash


async def with_a_packet(world: World) -> tuple[PersonId, PersonId, PersonId, UUID, int]:
    """Three friends, the first of whom won cash: the people, the packet's id and amount."""
    a, b, c = await friends_playing(world, expected=12)
    while not (won := await packets(world, a)):
        await world.tap_on(a)
    return a, b, c, UUID(won[0].id), won[0].minor


async def test_a_cash_win_is_paid_at_once_and_as_much_set_aside(world: World) -> None:
    a, *_ = await friends_playing(world, expected=12)
    before = await world.balance(cash_account(GALA))
    wins: list[Win] = []
    while not wins:
        wins = [win for win in (await world.tap_on(a)).wins if win.outcome == "cash"]
    minors = [win.minor or 0 for win in wins]
    assert all(CASH_LEAST <= minor <= CASH_MOST for minor in minors)
    assert await world.balance(money_of(a)) == sum(minors)
    assert await world.balance(passing_account(GALA)) == sum(minors)
    assert await world.balance(cash_account(GALA)) == before - 2 * sum(minors)
    came = [body["minor"] for kind, body in await told(world, a) if kind == "fortune.cash_came"]
    assert came == minors


async def test_a_packet_passed_on_reaches_the_friend_once(world: World) -> None:
    a, b, _, packet, minor = await with_a_packet(world)
    mine = await world.balance(money_of(a))
    await relay(world)
    one = PassCash(a, packet, GALA, b)
    assert await world.ask(pass_cash, one, one) == [CashPassed(packet)] * 2
    assert await world.ask_one(pass_cash, one) == CashPassed(packet)
    assert await world.balance(money_of(b)) == minor
    assert await world.balance(money_of(a)) == mine
    ((kind, body),) = await told(world, b)
    assert (kind, body["minor"], body["from"]["person"]) == ("fortune.cash_came", minor, a)
    passed = [one.passed_to.person for one in await packets(world, a) if one.passed_to]
    assert passed == [b]


async def test_a_passed_packet_cannot_go_to_another(world: World) -> None:
    a, b, c, packet, _ = await with_a_packet(world)
    first, second = PassCash(a, packet, GALA, b), PassCash(a, packet, GALA, c)
    assert await world.ask(pass_cash, first, second) == [CashPassed(packet), CashAlreadyPassed(id=packet)]
    assert await world.ask_one(pass_cash, second) == CashAlreadyPassed(id=packet)
    assert await world.balance(money_of(c)) == 0


async def test_what_passing_refuses(world: World) -> None:
    a, b, c, packet, _ = await with_a_packet(world)
    (stranger,) = await world.people(1)
    for to in (stranger, a):
        assert await world.ask_one(pass_cash, PassCash(a, packet, GALA, to)) == NotFriends(person=to)
    await world.ask(remove_ties, RemoveTie(a, b))
    assert await world.ask_one(pass_cash, PassCash(a, packet, GALA, b)) == NotFriends(person=b)
    # Another's packet is as unknown as one that never was.
    assert await world.ask_one(pass_cash, PassCash(b, packet, GALA, c)) == UnknownCash(id=packet)
    assert await world.ask_one(pass_cash, PassCash(a, an_id("x"), GALA, c)) == UnknownCash(id=an_id("x"))
    nowhere = CampaignId("nowhere")
    assert await world.ask_one(pass_cash, PassCash(a, packet, nowhere, c)) == UnknownCampaign(
        campaign=nowhere
    )
    await world.campaign(campaign=CampaignId("other"))
    elsewhere = PassCash(a, packet, CampaignId("other"), c)
    assert await world.ask_one(pass_cash, elsewhere) == UnknownCash(id=packet)


async def test_what_nobody_passed_on_returns_to_the_sponsor(world: World) -> None:
    a, b, _, packet, _ = await with_a_packet(world)
    await world.run(lambda tx: cancel(tx, GALA))
    late = PassCash(a, packet, GALA, b)
    assert await world.ask_one(pass_cash, late) == CampaignNotRunning(state="cancelling")
    for account in (cash_account(GALA), passing_account(GALA)):
        assert await world.balance(account) == 0
    assert {one.returned for one in await packets(world, a)} == {True}


async def test_settlement_returns_the_unspent_cash_and_keeps_what_was_passed(world: World) -> None:
    a, b, _, packet, minor = await with_a_packet(world)
    await world.ask(pass_cash, PassCash(a, packet, GALA, b))
    before = await _in_the_campaign(world)
    await world.at(SETTLED_2016)
    late = PassCash(a, packet, GALA, b)
    assert await world.ask_one(pass_cash, late) == CashPassed(packet)
    assert await world.balance(money_of(b)) >= minor
    money = [await world.balance(money_of(person)) for person in (a, b)]
    assert before == sum(money) + await world.balance(sponsor_account(GALA))


async def _in_the_campaign(world: World) -> int:
    """All money there is, since it began: what the sponsor was given."""
    async with world.database.read() as connection:
        given: int = await connection.fetchval(
            "SELECT sum(minor)::bigint FROM transfer WHERE source = $1",
            Account("bank/sandbox", "world", "CNY", may_overdraw=True).id,
        )
    return given
