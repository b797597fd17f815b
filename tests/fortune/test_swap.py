"""Swaps: both cards move or none, and an offer ends once."""

import msgspec

from tests.fortune.acts import a_gift, an_offer, friends_playing, keep, offered, told
from tests.world import GALA, World, an_id
from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import IdConflict
from wufu.fortune import AnswerSwap, answer_swap, cancel, gift, swap
from wufu.fortune.model import Given, SwapEnded
from wufu.fortune.refusals import (
    CampaignNotRunning,
    CardNotHeld,
    NotFriends,
    NotYours,
    SwapClosed,
    SwapGone,
    UnknownCampaign,
    UnknownCard,
    UnknownSwap,
)
from wufu.fortune.views import see_mine
from wufu.ties import Block, RemoveTie, block, remove_ties

SWAP = an_id("swap")
OFFERED = SwapEnded(SWAP, "offered")
DONE = SwapEnded(SWAP, "done")
GONE = SwapGone(id=SWAP)


async def two_with_cards(world: World) -> tuple[PersonId, PersonId, PersonId]:
    """One holds a single 爱国福, another a single 和谐福; the third, a friend too, took the rest."""
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await keep(world, b, "hexie", 1, sink=c)
    return a, b, c


def accepts(person: PersonId, name: str = "swap") -> AnswerSwap:
    return AnswerSwap(person, an_id(name), GALA, accept=True)


def declines(person: PersonId, name: str = "swap") -> AnswerSwap:
    return AnswerSwap(person, an_id(name), GALA, accept=False)


async def held(world: World, *people: PersonId) -> list[tuple[int, int]]:
    return [(await world.cards(person, "aiguo"), await world.cards(person, "hexie")) for person in people]


async def test_an_accepted_swap_moves_both_cards(world: World) -> None:
    a, b, _ = await two_with_cards(world)
    before = await held(world, a, b)
    assert await world.ask_one(swap, an_offer(a, b)) == OFFERED
    assert await world.ask_one(answer_swap, accepts(b)) == DONE
    assert await held(world, a, b) == [
        (before[0][0] - 1, before[0][1] + 1),
        (before[1][0] + 1, before[1][1] - 1),
    ]
    kinds = [kind for kind, body in await told(world, a) if body.get("cause") == "swap" or "swap" in body]
    assert sorted(kinds) == ["fortune.card_came", "fortune.card_left", "fortune.swap_ended"]


async def test_the_one_asked_hears_of_the_offer_once(world: World) -> None:
    a, b, _ = await two_with_cards(world)
    await told(world, b)
    for _ in range(2):
        assert await offered(world, an_offer(a, b), an_offer(a, b)) == [OFFERED, OFFERED]
    ((kind, body),) = await told(world, b)
    assert kind == "fortune.swap_offered"
    assert (body["gives"], body["wants"], body["from"]["person"]) == ("aiguo", "hexie", a)


async def test_the_same_answer_again_gets_the_same_answer(world: World) -> None:
    a, b, _ = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    assert await world.ask(answer_swap, accepts(b), accepts(b)) == [DONE, DONE]
    after = await held(world, a, b)
    await world.ask(remove_ties, RemoveTie(a, b))
    assert await world.ask_one(answer_swap, accepts(b)) == DONE
    assert await world.ask_one(swap, an_offer(a, b)) == DONE
    assert await held(world, a, b) == after


async def test_a_swap_whose_card_is_gone_ends_and_moves_nothing(world: World) -> None:
    a, b, c = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    assert isinstance(await world.ask_one(gift, a_gift(a, c)), Given)
    before = await held(world, a, b, c)
    assert await world.ask_one(answer_swap, accepts(b)) == GONE
    assert await held(world, a, b, c) == before
    assert await world.ask_one(answer_swap, accepts(b)) == GONE
    closed = SwapClosed(id=SWAP, state="gone")
    assert await world.ask_one(answer_swap, declines(b)) == closed
    assert await world.ask_one(answer_swap, declines(a)) == closed
    async with world.database.read() as connection:
        (shown,) = (await see_mine(connection, GALA, a)).swaps
    assert shown.state == "gone"


async def test_a_swap_for_a_card_the_partner_lacks_ends_the_offer(world: World) -> None:
    a, b, c = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    await world.ask(gift, a_gift(b, c, "hexie"))
    before = await held(world, a, b)
    assert await world.ask_one(answer_swap, accepts(b)) == GONE
    assert await held(world, a, b) == before


async def test_accepting_twice_in_one_batch_what_is_gone_says_so_twice(world: World) -> None:
    a, b, c = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    await world.ask(gift, a_gift(a, c))
    answers = await world.ask(answer_swap, accepts(b), accepts(b), declines(a), declines(b))
    closed = SwapClosed(id=SWAP, state="gone")
    assert answers == [GONE, GONE, closed, closed]


async def test_one_card_offered_to_two_friends_goes_to_the_first_who_accepts(world: World) -> None:
    a, b, c = await two_with_cards(world)
    await world.hand_out("hexie", c)
    await offered(world, an_offer(a, b, name="to b"), an_offer(a, c, name="to c"))
    answers = await world.ask(answer_swap, accepts(c, "to c"), accepts(b, "to b"))
    assert answers == [SwapEnded(an_id("to c"), "done"), SwapGone(id=an_id("to b"))]


async def test_of_accepting_and_withdrawing_in_one_batch_the_first_counts(world: World) -> None:
    a, b, c = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    answers = await world.ask(answer_swap, declines(a), accepts(b))
    assert answers == [SwapEnded(SWAP, "withdrawn"), SwapClosed(id=SWAP, state="withdrawn")]
    await offered(world, an_offer(a, b, name="again"))
    again = an_id("again")
    answers = await world.ask(answer_swap, accepts(b, "again"), declines(a, "again"), declines(c, "again"))
    assert answers == [SwapEnded(again, "done"), SwapClosed(id=again, state="done"), NotYours(id=again)]


async def test_a_refused_offer_stays_refused(world: World) -> None:
    a, b, _ = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    before = await held(world, a, b)
    for _ in range(2):
        assert await world.ask_one(answer_swap, declines(b)) == SwapEnded(SWAP, "refused")
    assert await world.ask_one(answer_swap, accepts(b)) == SwapClosed(id=SWAP, state="refused")
    assert await world.ask_one(answer_swap, declines(a)) == SwapClosed(id=SWAP, state="refused")
    assert await held(world, a, b) == before


async def test_only_the_two_of_a_swap_answer_it_and_only_the_partner_accepts(world: World) -> None:
    a, b, c = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    assert await world.ask_one(answer_swap, accepts(a)) == NotYours(id=SWAP)
    assert await world.ask_one(answer_swap, accepts(c)) == NotYours(id=SWAP)
    assert await world.ask_one(answer_swap, declines(c)) == NotYours(id=SWAP)
    assert await world.ask_one(answer_swap, accepts(b, "other")) == UnknownSwap(id=an_id("other"))
    elsewhere = AnswerSwap(b, SWAP, CampaignId("nowhere"), accept=True)
    assert await world.ask_one(answer_swap, elsewhere) == UnknownSwap(id=SWAP)
    assert await world.ask_one(answer_swap, accepts(b)) == DONE


async def test_what_offering_refuses(world: World) -> None:
    a, b, c = await two_with_cards(world)
    (stranger,) = await world.people(1)
    for to in (stranger, a):
        assert await world.ask_one(swap, an_offer(a, to)) == NotFriends(person=to)
    await world.ask(remove_ties, RemoveTie(a, b))
    assert await world.ask_one(swap, an_offer(a, b)) == NotFriends(person=b)
    await world.ask(block, Block(c, b))
    assert await world.ask_one(swap, an_offer(b, c)) == NotFriends(person=c)
    assert await world.ask_one(swap, an_offer(a, c, "joker")) == UnknownCard(card="joker")
    assert await world.ask_one(swap, an_offer(a, c, "aiguo", "joker")) == UnknownCard(card="joker")
    assert await world.ask_one(swap, an_offer(a, c, "aiguo", "aiguo")) == UnknownCard(card="aiguo")
    await keep(world, a, "youshan", 0, sink=c)
    assert await world.ask_one(swap, an_offer(a, c, "youshan")) == CardNotHeld(card="youshan")
    elsewhere = msgspec.structs.replace(an_offer(a, c), campaign=CampaignId("nowhere"))
    assert await world.ask_one(swap, elsewhere) == UnknownCampaign(campaign="nowhere")
    assert await world.ask_one(swap, an_offer(a, c)) == OFFERED
    for other in (an_offer(a, c, wants="fuqiang"), an_offer(c, a)):
        assert await world.ask_one(swap, other) == IdConflict(id=SWAP)


async def test_friends_who_parted_do_not_swap(world: World) -> None:
    a, b, _ = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    await world.ask(remove_ties, RemoveTie(b, a))
    assert await world.ask_one(answer_swap, accepts(b)) == NotFriends(person=a)
    # The offer stands: they may make it up, or end it.
    await world.befriend((a, b))
    assert await world.ask_one(answer_swap, accepts(b)) == DONE


async def test_in_a_campaign_that_is_over_offers_can_only_be_declined(world: World) -> None:
    a, b, _ = await two_with_cards(world)
    await offered(world, an_offer(a, b), an_offer(a, b, name="second"))
    await world.run(lambda tx: cancel(tx, GALA))
    over = CampaignNotRunning(state="cancelling")
    assert await world.ask_one(answer_swap, accepts(b)) == over
    assert await world.ask_one(swap, an_offer(a, b, name="new")) == over
    assert await world.ask_one(answer_swap, declines(b)) == SwapEnded(SWAP, "refused")
    assert await world.ask_one(answer_swap, declines(a, "second")) == SwapEnded(an_id("second"), "withdrawn")


async def test_a_gift_under_the_id_of_an_offer_does_not_spoil_it(world: World) -> None:
    a, b, c = await two_with_cards(world)
    await offered(world, an_offer(a, b))
    await keep(world, b, "youshan", 1, sink=c)
    assert await world.ask_one(gift, a_gift(b, c, "youshan", name="swap")) == Given(0)
    assert await world.ask_one(answer_swap, accepts(b)) == DONE
