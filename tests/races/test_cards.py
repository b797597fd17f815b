"""Cards wanted by two at once go one way only."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from tests.fortune.acts import a_gift, an_ask, an_offer, asked, friends_playing, holdings, keep, offered
from tests.races.acts import overlap
from tests.world import GALA, World, an_id
from wufu.core.ids import PersonId
from wufu.db import Tx
from wufu.fortune import AnswerSwap, Gift, answer_swap, gift
from wufu.fortune.model import Given, SwapEnded
from wufu.fortune.refusals import CampaignNotRunning, CardNotHeld, RequestClosed, SwapClosed, SwapGone
from wufu.fortune.template import SETTLED_2016
from wufu.fortune.verbs.campaigns import turn
from wufu.fortune.verbs.settlement import pay_some
from wufu.wallet import money_of

SWAP = an_id("swap")
Act = Callable[[Tx], Awaitable[Any]]


def one(verb: Callable[..., Awaitable[Any]], request: object) -> Act:
    async def act(tx: Tx) -> Any:
        (answer,) = await verb(tx, [request])
        return answer

    return act


def gives(request: Gift) -> Act:
    return one(gift, request)


def answers(person: PersonId, name: str = "swap", *, accept: bool) -> Act:
    return one(answer_swap, AnswerSwap(person, an_id(name), GALA, accept))


async def test_a_last_card_given_to_two_friends_at_once_goes_to_one(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    before = await holdings(world, [a, b, c])
    first, second = await overlap(world, gives(a_gift(a, b, name="1")), gives(a_gift(a, c, name="2")))
    assert (first, second) == (Given(0), CardNotHeld(card="aiguo"))
    after = await holdings(world, [a, b, c])
    assert [now["aiguo"] - then["aiguo"] for now, then in zip(after, before, strict=True)] == [-1, 1, 0]


async def test_the_same_gift_asked_twice_at_once_happens_once(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    before = await world.cards(b, "aiguo")
    assert await overlap(world, gives(a_gift(a, b)), gives(a_gift(a, b))) == (Given(0), Given(0))
    assert await world.cards(b, "aiguo") == before + 1


async def test_friends_who_give_each_other_a_card_at_once_both_do(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await keep(world, b, "aiguo", 1, sink=c)
    first, second = await overlap(world, gives(a_gift(a, b, name="1")), gives(a_gift(b, a, name="2")))
    assert isinstance(first, Given)
    assert isinstance(second, Given)
    assert [await world.cards(person, "aiguo") for person in (a, b)] == [1, 1]


async def test_a_request_answered_by_two_friends_at_once_takes_one_card(world: World) -> None:
    a, b, c = await friends_playing(world)
    for person in (a, b, c):
        await world.hand_out("aiguo", person)
    before = await world.cards(a, "aiguo")
    await asked(world, an_ask(a))
    first, second = await overlap(
        world,
        gives(a_gift(b, a, name="1", request="ask")),
        gives(a_gift(c, a, name="2", request="ask")),
    )
    assert isinstance(first, Given)
    assert second == RequestClosed(id=an_id("ask"))
    assert await world.cards(a, "aiguo") == before + 1


async def swap_offered(world: World) -> tuple[PersonId, PersonId, PersonId]:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await keep(world, b, "hexie", 1, sink=c)
    assert await offered(world, an_offer(a, b)) == [SwapEnded(SWAP, "offered")]
    return a, b, c


async def test_a_swap_accepted_while_its_card_is_given_away_moves_nothing(world: World) -> None:
    a, b, c = await swap_offered(world)
    hexie = await world.cards(a, "hexie")
    first, second = await overlap(world, gives(a_gift(a, c)), answers(b, accept=True))
    assert (first, second) == (Given(0), SwapGone(id=SWAP))
    assert (await world.cards(a, "hexie"), await world.cards(b, "hexie")) == (hexie, 1)


async def test_a_card_given_away_while_its_swap_is_accepted_is_gone(world: World) -> None:
    a, b, c = await swap_offered(world)
    first, second = await overlap(world, answers(b, accept=True), gives(a_gift(a, c)))
    assert (first, second) == (SwapEnded(SWAP, "done"), CardNotHeld(card="aiguo"))


async def test_two_swaps_of_one_card_accepted_at_once_are_one_swap(world: World) -> None:
    a, b, c = await swap_offered(world)
    await world.hand_out("hexie", c)
    await offered(world, an_offer(a, c, name="other"))
    first, second = await overlap(world, answers(b, accept=True), answers(c, "other", accept=True))
    assert (first, second) == (SwapEnded(SWAP, "done"), SwapGone(id=an_id("other")))
    assert await world.cards(a, "aiguo") == 0


async def test_the_same_swap_accepted_twice_at_once_is_done_once(world: World) -> None:
    a, b, _ = await swap_offered(world)
    before = await world.cards(a, "hexie")
    both = await overlap(world, answers(b, accept=True), answers(b, accept=True))
    assert both == (SwapEnded(SWAP, "done"), SwapEnded(SWAP, "done"))
    assert await world.cards(a, "hexie") == before + 1


@pytest.mark.parametrize("accepted_first", [True, False])
async def test_accepting_and_withdrawing_at_once_end_one_way(world: World, accepted_first: bool) -> None:
    a, b, _ = await swap_offered(world)
    accept, withdraw = answers(b, accept=True), answers(a, accept=False)
    if accepted_first:
        ended = await overlap(world, accept, withdraw)
        assert ended == (SwapEnded(SWAP, "done"), SwapClosed(id=SWAP, state="done"))
    else:
        ended = await overlap(world, withdraw, accept)
        assert ended == (SwapEnded(SWAP, "withdrawn"), SwapClosed(id=SWAP, state="withdrawn"))
    assert (await world.cards(a, "aiguo") == 0) == accepted_first


async def almost_settled(world: World) -> tuple[PersonId, PersonId, int]:
    """The last rounds are over; the next turn settles. The winner's and a friend's number; money so far."""
    winner, friend, sink = await friends_playing(world, expected=300, scarce_stock=1000)
    for card in ("aiguo", "fuqiang", "hexie", "youshan"):
        await keep(world, winner, card, 1, sink=sink)
    await world.hand_out("jingye", winner)
    for card in ("aiguo", "fuqiang", "hexie", "youshan"):
        surplus = await world.cards(winner, card) - 1
        for place in range(surplus):
            await world.ask(gift, a_gift(winner, sink, card, name=f"{card} {place}"))
    await world.move_clock_only(SETTLED_2016)
    # Rounds 1 to 4 open and close, eight steps: what is left to do is the settlement.
    for _ in range(7):
        assert await world.run(partial(turn, campaign=GALA))
    return winner, friend, await world.balance(money_of(winner))


@pytest.mark.parametrize("gift_first", [True, False])
async def test_a_gift_against_the_settlement_counts_before_it_or_not_at_all(
    world: World, gift_first: bool
) -> None:
    winner, friend, before = await almost_settled(world)
    giving, settling = gives(a_gift(winner, friend, "hexie", name="late")), partial(turn, campaign=GALA)
    if gift_first:
        given, settled = await overlap(world, giving, settling)
    else:
        settled, given = await overlap(world, settling, giving)
    assert settled
    while await world.run(partial(pay_some, campaign=GALA)):
        pass
    won = await world.balance(money_of(winner)) - before
    if gift_first:
        assert (given, won) == (Given(0), 0)
    else:
        assert (given, won > 0) == (CampaignNotRunning(state="settling"), True)


async def test_two_servers_paying_at_once_pay_every_winner_once(world: World) -> None:
    winner, _, before = await almost_settled(world)
    await world.run(partial(turn, campaign=GALA))
    await overlap(world, partial(pay_some, campaign=GALA, most=1), partial(pay_some, campaign=GALA, most=1))
    while await world.run(partial(pay_some, campaign=GALA)):
        pass
    assert await world.balance(money_of(winner)) - before in {1_000_00, 500_00, 333_33}
