"""Taps: what is accepted, what is drawn, what is refused."""

from datetime import timedelta

import msgspec

from tests.world import GALA, World
from wufu.core.chance import draw_words
from wufu.core.ids import CampaignId, PersonId
from wufu.fortune import Tap, Tapped, gala_2016, pause_round, resume_round, tap
from wufu.fortune.refusals import (
    NotJoined,
    RoundNotOpen,
    RoundPaused,
    TapOutOfOrder,
    TooManyTaps,
    UnknownCampaign,
)
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.template import ROUNDS_2016, Dials

ROUND_1 = ROUNDS_2016[0]
LATER = timedelta(seconds=2)


async def playing(
    world: World, people: int = 2, taps_each: int = 20, scarce_stock: int | None = None
) -> list[PersonId]:
    """People who joined a campaign whose first round is open."""
    players = await world.people(people)
    await world.campaign(people=people, taps_each=taps_each, scarce_stock=scarce_stock)
    await world.join(players)
    await world.at(ROUND_1)
    return players


def a_tap(person: PersonId, first: int, count: int, number: int = 1) -> Tap:
    return Tap(person, GALA, number, first, count)


async def test_accepted_taps_win_what_the_keystream_says(world: World) -> None:
    one, two = await playing(world)
    answers = await world.ask(tap, a_tap(one, 0, 30), a_tap(two, 0, 17))
    async with world.database.read() as connection:
        its_round = (await campaign_store.see(connection, [GALA]))[GALA].rounds[1]
        secret = (await campaign_store.secrets(connection, [(GALA, 1)]))[GALA, 1]
    key = its_round.key(secret)
    for number, count, answer in ((1, 30, answers[0]), (2, 17, answers[1])):
        assert isinstance(answer, Tapped)
        assert answer.next == count
        drawn = its_round.spec.table().prize_indices(draw_words(key, number, 0, count))
        expected = [
            (place, its_round.spec.odds[index].prize)
            for place, index in enumerate(drawn.tolist())
            if index >= 0
        ]
        assert [(win.tap, win.prize) for win in answer.wins] == expected
        assert expected, "odds of these dials win about every tenth tap"


async def test_a_won_card_is_in_the_ledger(world: World) -> None:
    one, _ = await playing(world)
    answer = await world.ask_one(tap, a_tap(one, 0, 30))
    assert isinstance(answer, Tapped)
    cards = [win.prize for win in answer.wins if win.outcome == "card"]
    assert cards
    for card in set(cards):
        assert await world.cards(one, card) == cards.count(card)


async def test_a_repeated_batch_gets_the_same_answer_and_nothing_twice(world: World) -> None:
    one, _ = await playing(world)
    first = await world.ask_one(tap, a_tap(one, 0, 30))
    again = await world.ask_one(tap, a_tap(one, 0, 30))
    assert msgspec.to_builtins(again) == msgspec.to_builtins(first)
    twice_in_one = await world.ask(tap, a_tap(one, 0, 30), a_tap(one, 0, 30))
    assert twice_in_one == [first, first]


async def test_a_repeated_batch_that_won_nothing_gets_the_same_answer(world: World) -> None:
    one, _ = await playing(world, taps_each=1_000_000)
    first = await world.ask_one(tap, a_tap(one, 0, 5))
    assert first == Tapped(5, ())
    assert await world.ask_one(tap, a_tap(one, 0, 5)) == first
    longer = await world.ask_one(tap, a_tap(one, 0, 6))
    assert isinstance(longer, TapOutOfOrder)
    assert longer.facts["next"] == 5


async def test_taps_that_skip_or_go_back_are_told_the_next_number(world: World) -> None:
    one, _ = await playing(world)
    assert await world.ask_one(tap, a_tap(one, 1, 5)) == TapOutOfOrder(next=0)
    await world.ask_one(tap, a_tap(one, 0, 5))
    assert await world.ask_one(tap, a_tap(one, 3, 5)) == TapOutOfOrder(next=5)
    assert await world.ask_one(tap, a_tap(one, 0, 4)) == TapOutOfOrder(next=5)
    assert await world.ask_one(tap, a_tap(one, 5, 0)) == TapOutOfOrder(next=5)
    assert await world.ask_one(tap, a_tap(one, 5, -3)) == TapOutOfOrder(next=5)


async def test_more_taps_than_fingers_can_do_are_refused_with_what_is_allowed(world: World) -> None:
    one, _ = await playing(world)
    assert await world.ask_one(tap, a_tap(one, 0, 31)) == TooManyTaps(next=0, allowed=30)
    assert isinstance(await world.ask_one(tap, a_tap(one, 0, 30)), Tapped)
    assert await world.ask_one(tap, a_tap(one, 30, 1)) == TooManyTaps(next=30, allowed=0)
    await world.at(ROUND_1 + timedelta(seconds=1))
    assert await world.ask_one(tap, a_tap(one, 30, 16)) == TooManyTaps(next=30, allowed=15)
    assert isinstance(await world.ask_one(tap, a_tap(one, 30, 15)), Tapped)
    assert await world.ask_one(tap, a_tap(one, 45, 2**62)) == TooManyTaps(next=45, allowed=0)


async def test_consecutive_batches_of_one_player_in_one_transaction_both_count(world: World) -> None:
    one, _ = await playing(world)
    answers = await world.ask(tap, a_tap(one, 0, 10), a_tap(one, 10, 10))
    assert [answer.next for answer in answers if isinstance(answer, Tapped)] == [10, 20]


async def test_taps_outside_an_open_round_are_refused(world: World) -> None:
    (one,) = await world.people(1)
    await world.campaign()
    await world.join([one])
    refused = await world.ask_one(tap, a_tap(one, 0, 1))
    assert isinstance(refused, RoundNotOpen)
    await world.at(ROUND_1)
    assert isinstance(await world.ask_one(tap, a_tap(one, 0, 1, number=2)), RoundNotOpen)
    assert isinstance(await world.ask_one(tap, a_tap(one, 0, 1, number=0)), RoundNotOpen)
    assert isinstance(await world.ask_one(tap, a_tap(one, 0, 1, number=99)), RoundNotOpen)
    await world.at(ROUND_1 + timedelta(minutes=5))
    closed = await world.ask_one(tap, a_tap(one, 0, 1))
    assert isinstance(closed, RoundNotOpen)
    assert closed.facts["state"] == "closed"


async def test_a_round_closes_at_its_time_even_if_the_clock_job_is_late(world: World) -> None:
    one, _ = await playing(world)
    closes = ROUND_1 + timedelta(minutes=5)
    await world.move_clock_only(closes)
    assert isinstance(await world.ask_one(tap, a_tap(one, 0, 1)), RoundNotOpen)


async def test_strangers_to_a_campaign_are_refused(world: World) -> None:
    await playing(world)
    (stranger,) = await world.people(1)
    assert await world.ask_one(tap, a_tap(stranger, 0, 1)) == NotJoined()
    unknown = Tap(stranger, CampaignId("nothing"), 1, 0, 1)
    assert await world.ask_one(tap, unknown) == UnknownCampaign(campaign="nothing")


async def test_a_paused_round_loses_no_tap_and_closes_later(world: World) -> None:
    one, _ = await playing(world)
    await world.at(ROUND_1 + timedelta(minutes=1))
    await world.run(lambda tx: pause_round(tx, GALA, 1))
    assert await world.ask_one(tap, a_tap(one, 0, 20)) == RoundPaused()
    await world.at(ROUND_1 + timedelta(minutes=7))
    await world.run(lambda tx: resume_round(tx, GALA, 1))
    answer = await world.ask_one(tap, a_tap(one, 0, 20))
    assert isinstance(answer, Tapped)
    assert answer.next == 20
    # Held for six minutes: it closes at minute eleven instead of five.
    await world.at(ROUND_1 + timedelta(minutes=10, seconds=59))
    assert isinstance(await world.ask_one(tap, a_tap(one, 20, 1)), Tapped)
    await world.at(ROUND_1 + timedelta(minutes=11))
    assert isinstance(await world.ask_one(tap, a_tap(one, 21, 1)), RoundNotOpen)


async def test_a_limited_prize_sells_out_and_the_record_says_so(world: World) -> None:
    (one,) = await playing(world, people=1, taps_each=20, scarce_stock=1)
    outcomes = []
    for _ in range(40):
        answer = await world.tap_on(one)
        outcomes += [win.outcome for win in answer.wins if win.prize == "jingye"]
        if "sold out" in outcomes:
            break
    assert "sold out" in outcomes
    assert await world.cards(one, "jingye") == outcomes.count("card") <= 1


def test_the_template_spells_out_exact_odds() -> None:
    spec = gala_2016("gala", Dials(people=1000, taps_each=1000, scarce_stock=50))
    lines = spec.rounds[1].odds
    assert [line.prize for line in lines] == ["aiguo", "fuqiang", "hexie", "youshan", "jingye", "cash"]
    # Four common cards of 2 a person, then twice the scarce stock, in a million taps.
    for place, hits in enumerate((2_000, 4_000, 6_000, 8_000, 8_100)):
        assert int(lines[place].upto) == 2**64 * hits // 1_000_000
    assert [number for _, number, _ in lines[4].release or []] == [2, 106, 204, 302, 400]
