"""Settlement: who holds the full set shares the pool, to the fen, once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fortune.acts import CARDS, a_gift, friends_playing, heard, told
from tests.world import GALA, World
from wufu.core.ids import PersonId
from wufu.core.merkle import EMPTY_ROOT, merkle_root, numbered_leaf
from wufu.core.money import split_equal
from wufu.db import Tx
from wufu.fortune import gift, pool_account, see_campaign, see_mine, sponsor_account, turn_campaign
from wufu.fortune.model import Given, cash_account, passing_account
from wufu.fortune.refusals import CampaignNotRunning
from wufu.fortune.template import SETTLED_2016
from wufu.fortune.verbs.campaigns import turn
from wufu.fortune.verbs.settlement import pay_some, split_lanes
from wufu.fortune.views import SettlementView
from wufu.wallet import money_of

POOL = 100_003


class PowerCut(Exception):
    """The server dies in the middle of a transaction."""


async def collectors(world: World, people: int, full_sets: int, pool: int = POOL) -> list[PersonId]:
    """Friends of whom the last `full_sets` hold all five cards; the others lack at least one."""
    players = await friends_playing(world, people, expected=300, scarce_stock=1000, pool_minor=pool)
    for player in players[people - full_sets :]:
        for card in CARDS:
            await world.hand_out(card, player)
    return players


async def settlement(world: World) -> SettlementView:
    async with world.database.read() as connection:
        shown = (await see_campaign(connection, GALA, world.clock())).settlement
    assert shown is not None
    return shown


async def won(world: World, people: Sequence[PersonId], before: Sequence[int]) -> list[int]:
    """How much more money each has than before."""
    money = [await world.balance(money_of(person)) for person in people]
    return [now - then for now, then in zip(money, before, strict=True)]


async def money(world: World, people: Sequence[PersonId]) -> list[int]:
    return [await world.balance(money_of(person)) for person in people]


def test_the_pool_of_2016_splits_as_it_did() -> None:
    pool, winners = 21_500_000_000, 791_405
    each, remainder = split_equal(pool, winners)
    assert (each, each * winners, remainder) == (27_166, 21_499_308_230, 691_770)
    assert split_equal(pool, 0) == (0, pool)
    assert split_equal(2, 3) == (0, 2)


async def test_full_sets_share_the_pool_and_the_remainder_returns(world: World) -> None:
    players = await collectors(world, 5, 3)
    before = await money(world, players)
    await world.at(SETTLED_2016)
    assert await won(world, players, before) == [0, 0, 33_334, 33_334, 33_334]
    root = merkle_root([numbered_leaf(number) for number in (3, 4, 5)])
    shown = await settlement(world)
    assert (shown.winners, shown.each_minor, shown.paid_minor, shown.remainder_minor) == (
        3,
        33_334,
        100_002,
        1,
    )
    assert shown.winners_root == root.hex()
    assert shown.settled_at is not None
    for account in (pool_account(GALA), cash_account(GALA), passing_account(GALA)):
        assert await world.balance(account) == 0
    async with world.database.read() as connection:
        mine = [(await see_mine(connection, GALA, player)).won for player in players]
    assert [one and (one.minor, one.place) for one in mine] == [
        None,
        None,
        (33_334, 1),
        (33_334, 2),
        (33_334, 3),
    ]


async def test_without_a_winner_everything_returns_to_the_sponsor(world: World) -> None:
    await friends_playing(world, pool_minor=POOL)
    everything = POOL + await world.balance(cash_account(GALA))
    await world.at(SETTLED_2016)
    assert await world.balance(sponsor_account(GALA)) == everything
    shown = await settlement(world)
    assert (shown.winners, shown.each_minor, shown.remainder_minor) == (0, 0, POOL)
    assert shown.winners_root == EMPTY_ROOT.hex()


async def test_a_single_winner_gets_the_whole_pool(world: World) -> None:
    players = await collectors(world, 3, 1)
    before = await money(world, players)
    await world.at(SETTLED_2016)
    assert await won(world, players, before) == [0, 0, POOL]


async def test_a_pool_of_fewer_fen_than_winners_pays_nobody(world: World) -> None:
    players = await collectors(world, 3, 3, pool=2)
    before = await money(world, players)
    await world.at(SETTLED_2016)
    assert await won(world, players, before) == [0, 0, 0]
    assert (await settlement(world)).remainder_minor == 2


async def test_a_set_that_lost_a_card_a_moment_before_does_not_win(world: World) -> None:
    players = await collectors(world, 3, 2)
    loser, winner = players[1:]
    for place in range(await world.cards(loser, "hexie")):
        await world.ask(gift, a_gift(loser, players[0], "hexie", name=str(place)))
    before = await money(world, players)
    await world.at(SETTLED_2016 - timedelta(microseconds=1))
    # Back it goes, too late: the clock has come to the instant before the gift does.
    await world.at(SETTLED_2016)
    late = await world.ask_one(gift, a_gift(players[0], loser, "hexie", name="back"))
    assert late == CampaignNotRunning(state="settled")
    assert await won(world, [players[0], winner], [before[0], before[2]]) == [0, POOL]


async def test_a_set_completed_a_moment_before_wins(world: World) -> None:
    players = await collectors(world, 3, 2)
    first, second = players[1:]
    surplus = await world.cards(first, "hexie")
    for place in range(surplus):
        await world.ask(gift, a_gift(first, second, "hexie", name=str(place)))
    await world.at(SETTLED_2016 - timedelta(microseconds=1))
    assert isinstance(await world.ask_one(gift, a_gift(second, first, "hexie", name="back")), Given)
    before = await money(world, players)
    await world.at(SETTLED_2016)
    assert await won(world, players, before) == [0, POOL // 2, POOL // 2]


async def test_portions_go_on_where_a_crash_left_them_and_pay_everybody_once(world: World) -> None:
    players = await collectors(world, 5, 5)
    before = await money(world, players)
    await world.move_clock_only(SETTLED_2016)
    while await world.run(partial(turn, campaign=GALA)):
        pass
    assert await world.run(partial(pay_some, campaign=GALA, most=2))
    assert await won(world, players, before) == [20_000, 20_000, 0, 0, 0]

    async def dies(tx: Tx) -> None:
        assert await pay_some(tx, GALA, 2)
        raise PowerCut

    with pytest.raises(PowerCut):
        await world.run(dies)
    assert await won(world, players, before) == [20_000, 20_000, 0, 0, 0]
    assert (await settlement(world)).settled_at is None
    assert await world.run(partial(pay_some, campaign=GALA, most=2))
    await turn_campaign(world.database, GALA)
    assert await won(world, players, before) == [20_000] * 5
    assert (await settlement(world)).settled_at is not None
    assert not await world.run(partial(pay_some, campaign=GALA))
    assert await won(world, players, before) == [20_000] * 5


async def test_two_payers_take_a_lane_each_and_neither_waits_for_the_other(world: World) -> None:
    players = await collectors(world, 5, 5)
    before = await money(world, players)
    await world.move_clock_only(SETTLED_2016)
    while await world.run(partial(turn, campaign=GALA)):
        pass
    first_has_paid, second_has_paid = asyncio.Event(), asyncio.Event()

    async def holding(tx: Tx) -> bool:
        goes_on = await pay_some(tx, GALA, 5)
        first_has_paid.set()
        # The second pays, commits and finds nothing more to do while this one has not committed.
        await asyncio.wait_for(second_has_paid.wait(), 30)
        return goes_on

    first = asyncio.create_task(world.run(holding))
    await first_has_paid.wait()
    assert await world.run(partial(pay_some, campaign=GALA, most=5))
    assert not await world.run(partial(pay_some, campaign=GALA, most=5))
    assert sorted(await won(world, players, before)) == [0, 0, 20_000, 20_000, 20_000]
    assert (await settlement(world)).settled_at is None
    second_has_paid.set()
    assert await first
    assert not await world.run(partial(pay_some, campaign=GALA))
    assert await won(world, players, before) == [20_000] * 5
    assert (await settlement(world)).settled_at is not None


@given(winners=st.integers(0, 1000), lanes=st.integers(1, 9))
def test_lanes_cover_every_place_once_and_none_is_empty(winners: int, lanes: int) -> None:
    split = split_lanes(GALA, winners, lanes)
    places = [place for lane in split for place in range(lane.after_place + 1, lane.last_place + 1)]
    assert places == list(range(1, winners + 1))
    lengths = [lane.last_place - lane.after_place for lane in split]
    assert len(split) == min(lanes, winners)
    assert not lengths or (min(lengths) > 0 and max(lengths) - min(lengths) <= 1)
    assert all(lane.paid_through == lane.after_place for lane in split)


async def test_cards_stand_still_while_winners_are_paid(world: World) -> None:
    players = await collectors(world, 3, 2)
    await world.move_clock_only(SETTLED_2016)
    while await world.run(partial(turn, campaign=GALA)):
        pass
    refused = await world.ask_one(gift, a_gift(players[1], players[0]))
    assert refused == CampaignNotRunning(state="settling")
    await turn_campaign(world.database, GALA)


async def test_who_was_given_a_full_set_and_never_joined_does_not_win(world: World) -> None:
    players = await collectors(world, 3, 2)
    (guest,) = await world.people(1)
    await world.befriend((guest, players[1]))
    for card in CARDS:
        await world.hand_out(card, players[1])
        given = await world.ask_one(gift, a_gift(players[1], guest, card, name=card))
        assert isinstance(given, Given)
        await world.hand_out(card, players[1])
    assert all([await world.cards(guest, card) for card in CARDS])
    async with world.database.read() as connection:
        assert (await see_campaign(connection, GALA, world.clock())).holders == 2
    await world.at(SETTLED_2016)
    assert (await settlement(world)).winners == 2
    assert await world.balance(money_of(guest)) == 0


async def test_every_winner_is_told_once_and_nobody_else(world: World) -> None:
    players = await collectors(world, 4, 2)
    await heard(world)
    await world.move_clock_only(SETTLED_2016)
    while await world.run(partial(turn, campaign=GALA)):
        pass
    while await world.run(partial(pay_some, campaign=GALA, most=1)):
        pass
    facts = [fact for fact in await heard(world) if fact.kind == "fortune.won"]
    assert [fact.to for fact in facts] == [(players[2],), (players[3],)]
    assert {(fact.body["minor"], fact.body["winners"]) for fact in facts} == {(POOL // 2, 2)}
    assert await told(world, players[0]) == []
