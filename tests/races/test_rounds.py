"""Taps, joins and cash against the operator, the clock and themselves."""

from datetime import timedelta
from functools import partial

import pytest

from tests.fortune.acts import CARDS, ROUND_1, friends_playing, relay
from tests.races.acts import overlap
from tests.races.test_cards import one
from tests.world import GALA, World
from wufu.core.ids import CashId
from wufu.db import Tx
from wufu.fortune import (
    Join,
    PassCash,
    Tap,
    Tapped,
    join,
    pass_cash,
    pause_round,
    see_campaign,
    see_mine,
    set_clock,
    tap,
)
from wufu.fortune.model import CashPassed, Joined, cash_id
from wufu.fortune.refusals import CashAlreadyPassed, RoundNotOpen, RoundPaused, TapOutOfOrder
from wufu.fortune.template import OPENED_2016, ROUND_LENGTH
from wufu.fortune.verbs.campaigns import turn
from wufu.ties import AcceptTie, AskTie, accept_ties, ask_ties
from wufu.wallet import money_of


async def secret_of_round_1(tx: Tx) -> bytes | None:
    secret: bytes | None = await tx.connection.fetchval(
        "SELECT secret FROM campaign_round WHERE campaign = $1 AND number = 1", GALA
    )
    return secret


@pytest.mark.parametrize("tap_first", [True, False])
async def test_no_tap_is_accepted_once_the_secret_is_out(world: World, tap_first: bool) -> None:
    a, *_ = await friends_playing(world)
    await world.move_clock_only(ROUND_1 + ROUND_LENGTH - timedelta(seconds=1))

    async def taps_in_time(tx: Tx) -> object:
        """A batch whose server looked at the clock just before the end."""
        (answer,) = await tap(tx, [Tap(a, GALA, 1, 0, 10)])
        return answer

    async def closes(tx: Tx) -> bool:
        late = Tx(tx.connection, tx.actor, tx.now + timedelta(hours=1), tx.chance, tx.announced)
        return await turn(late, GALA)

    # The clock runs, so that an hour later the round is over for one server and not for the other.
    await world.run(partial(_runs, speed=1.0))
    if tap_first:
        tapped, closed = await overlap(world, taps_in_time, closes)
        assert isinstance(tapped, Tapped)
    else:
        closed, tapped = await overlap(world, closes, taps_in_time)
        assert isinstance(tapped, RoundNotOpen)
    assert closed
    assert await world.run(secret_of_round_1)
    async with world.database.read() as connection:
        shown = await see_campaign(connection, GALA, world.clock())
    assert (shown.rounds[0].state, shown.taps) == ("closed", 10 if tap_first else 0)


async def _runs(tx: Tx, speed: float) -> None:
    await set_clock(tx, GALA, shows=None, speed=speed)


@pytest.mark.parametrize("tap_first", [True, False])
async def test_a_pause_against_a_tap_comes_before_or_after_it(world: World, tap_first: bool) -> None:
    a, *_ = await friends_playing(world)
    taps, pauses = one(tap, Tap(a, GALA, 1, 0, 10)), partial(pause_round, campaign=GALA, number=1)
    if tap_first:
        tapped, _ = await overlap(world, taps, pauses)
        assert isinstance(tapped, Tapped)
    else:
        _, tapped = await overlap(world, pauses, taps)
        assert tapped == RoundPaused()


@pytest.mark.parametrize("before", [0, 5])
async def test_the_same_batch_of_taps_sent_twice_at_once_is_drawn_once(world: World, before: int) -> None:
    a, *_ = await friends_playing(world)
    earlier = await world.ask_one(tap, Tap(a, GALA, 1, 0, before)) if before else Tapped(0, ())
    batch = one(tap, Tap(a, GALA, 1, before, 25))
    first, second = await overlap(world, batch, batch)
    assert first == second
    assert isinstance(first, Tapped)
    assert isinstance(earlier, Tapped)
    held = {card: await world.cards(a, card) for card in CARDS}
    won = [win.prize for win in (*earlier.wins, *first.wins) if win.outcome == "card"]
    assert held == {card: won.count(card) for card in CARDS}


@pytest.mark.parametrize("before", [0, 5])
async def test_two_batches_from_the_same_tap_on_at_once_are_one_and_a_refusal(
    world: World, before: int
) -> None:
    (a,) = await world.people(1)
    # So rare are prizes here that nothing but the player's own row stands between the two.
    await world.campaign(taps_each=1_000_000)
    await world.join([a])
    await world.at(ROUND_1)
    if before:
        await world.ask_one(tap, Tap(a, GALA, 1, 0, before))
    first, second = await overlap(
        world, one(tap, Tap(a, GALA, 1, before, 10)), one(tap, Tap(a, GALA, 1, before, 20))
    )
    assert isinstance(first, Tapped)
    assert second == TapOutOfOrder(next=before + 10)


async def test_one_person_joining_twice_at_once_has_one_number(world: World) -> None:
    people = await world.people(2)
    await world.campaign()
    asked = [one(join, Join(people[0], GALA, seed * 32)) for seed in ("ab", "cd")]
    assert await overlap(world, *asked) == (Joined(1), Joined(1))
    assert await world.ask_one(join, Join(people[1], GALA, "ef" * 32)) == Joined(2)
    async with world.database.read() as connection:
        seed = await connection.fetchval("SELECT seed FROM player WHERE person = $1", people[0])
    assert seed.hex() == "ab" * 32


async def test_two_people_joining_at_once_have_two_numbers(world: World) -> None:
    people = await world.people(2)
    await world.campaign()
    asked = [one(join, Join(person, GALA, "ab" * 32)) for person in people]
    assert await overlap(world, *asked) == (Joined(1), Joined(2))


async def test_who_joins_as_a_round_opens_is_in_its_root_or_not(world: World) -> None:
    people = await world.people(2)
    await world.campaign()
    await world.join(people[:1])
    await world.at(OPENED_2016)
    await world.move_clock_only(ROUND_1)
    joined, opened = await overlap(
        world, one(join, Join(people[1], GALA, "ab" * 32)), partial(turn, campaign=GALA)
    )
    assert (joined, opened) == (Joined(2), True)
    async with world.database.read() as connection:
        shown = await see_campaign(connection, GALA, world.clock())
    assert shown.rounds[0].players == 2


async def test_a_packet_passed_to_two_friends_at_once_reaches_one(world: World) -> None:
    a, b, c = await friends_playing(world, expected=12)
    cash: list[CashId] = []
    while not cash:
        wins = (await world.tap_on(a)).wins
        cash = [cash_id(GALA, 1, a, win.tap) for win in wins if win.outcome == "cash"]
    packet = cash[0]
    first, second = await overlap(
        world, one(pass_cash, PassCash(a, packet, GALA, b)), one(pass_cash, PassCash(a, packet, GALA, c))
    )
    assert (first, second) == (CashPassed(packet), CashAlreadyPassed(id=packet))
    assert await world.balance(money_of(b)) > 0
    assert await world.balance(money_of(c)) == 0
    again = await overlap(
        world, one(pass_cash, PassCash(a, packet, GALA, b)), one(pass_cash, PassCash(a, packet, GALA, b))
    )
    assert again == (CashPassed(packet), CashPassed(packet))


async def test_a_tenth_friend_while_joining_loses_no_cards(world: World) -> None:
    person, *others = await world.people(11)
    await world.campaign()
    await world.at(OPENED_2016)
    await world.befriend(*((person, other) for other in others[:9]))
    await relay(world)
    await world.ask(ask_ties, AskTie(others[9], person))

    async def joins(tx: Tx) -> object:
        return await join(tx, [Join(person, GALA, "ab" * 32)])

    async def tenth(_: Tx) -> None:
        await world.ask(accept_ties, AcceptTie(person, others[9]))
        await relay(world)

    await overlap(world, joins, tenth)
    await relay(world)
    async with world.database.read() as connection:
        mine = await see_mine(connection, GALA, person)
    assert (mine.new_friends, mine.friend_cards_given, sum(mine.cards.values())) == (10, 3, 3)
