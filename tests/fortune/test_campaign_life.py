"""The life of a campaign: created, announced, turned by its clock, paused, cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.fortune.acts import CARDS, a_gift, an_ask, an_offer, friends_playing, heard
from tests.world import GALA, World, seed_of
from wufu.core.ids import CampaignId
from wufu.core.merkle import merkle_root, numbered_leaf
from wufu.core.refusals import Refusal
from wufu.db import Tx
from wufu.fortune import (
    BadCampaign,
    CampaignClock,
    CampaignIdTaken,
    CampaignSpec,
    CampaignView,
    Dials,
    Join,
    Tap,
    Tapped,
    announce,
    ask,
    cancel,
    compressed_eve,
    create,
    gala_2016,
    gift,
    join,
    listed_campaigns,
    mint_account,
    newest_campaign,
    pause_round,
    pool_account,
    resume_round,
    see_campaign,
    set_clock,
    sponsor_account,
    swap,
    tap,
    turn_campaign,
)
from wufu.fortune.model import Joined, cash_account, passing_account
from wufu.fortune.refusals import BadSeed, CampaignNotRunning, RoundNotOpen, UnknownCampaign
from wufu.fortune.template import OPENED_2016, ROUND_LENGTH, ROUNDS_2016, SETTLED_2016
from wufu.ledger import NotEnough, issued
from wufu.wallet import money_of

ROUND_1, ROUND_2 = ROUNDS_2016[:2]
ROUND = "fortune.round"


async def view(world: World, campaign: str = GALA) -> CampaignView:
    async with world.database.read() as connection:
        return await see_campaign(connection, campaign, world.clock())


async def states(world: World) -> list[str]:
    return [its_round.state for its_round in (await view(world)).rounds]


def spec_of(campaign: str) -> CampaignSpec:
    return gala_2016(campaign, Dials(people=8, taps_each=20, pool_minor=100_00))


async def draft(world: World, campaign: str) -> None:
    spec = spec_of(campaign)
    clock = CampaignClock(spec.opens_at - timedelta(hours=1), world.clock(), 0.0)
    await world.run(lambda tx: create(tx, CampaignId(campaign), spec, clock))


async def test_an_id_that_is_no_name_is_refused(world: World) -> None:
    for campaign in ("", "Gala", "五福", "-gala", "a" * 41, "a b", "a\n", "a/b", "a\x00", "²", "gala\n"):
        with pytest.raises(BadCampaign):
            await draft(world, campaign)


async def test_an_id_of_letters_digits_and_hyphens_is_taken_once(world: World) -> None:
    for campaign in ("g", "gala-2016", "2016", "a" * 40):
        await draft(world, campaign)
        with pytest.raises(CampaignIdTaken):
            await draft(world, campaign)


async def test_a_draft_is_shown_to_nobody(world: World) -> None:
    await world.campaign(announced=False)
    (one,) = await world.people(1)
    async with world.database.read() as connection:
        assert await listed_campaigns(connection) == []
        assert await newest_campaign(connection) is None
        with pytest.raises(UnknownCampaign):
            await see_campaign(connection, GALA, world.clock())
    refused = await world.ask_one(join, Join(one, GALA, seed_of(one)))
    assert refused == CampaignNotRunning(state="draft")


async def test_a_cancelled_draft_was_never_seen_and_moved_nothing(world: World) -> None:
    await draft(world, "gala")
    await world.run(lambda tx: cancel(tx, GALA))
    await turn_campaign(world.database, GALA)
    async with world.database.read() as connection:
        assert await listed_campaigns(connection) == []
        assert await newest_campaign(connection) is None
        with pytest.raises(UnknownCampaign):
            await see_campaign(connection, GALA, world.clock())


async def test_announcing_needs_the_sponsors_money(world: World) -> None:
    await draft(world, "gala")
    with pytest.raises(NotEnough):
        await world.run(lambda tx: announce(tx, GALA))
    assert await world.balance(pool_account(GALA)) == 0
    async with world.database.read() as connection:
        assert await listed_campaigns(connection) == []


async def test_announcing_moves_pool_and_cash_and_happens_once(world: World) -> None:
    await world.campaign(pool_minor=100_00)
    spec = gala_2016(GALA, Dials(people=8, taps_each=20, pool_minor=100_00))
    assert await world.balance(pool_account(GALA)) == 100_00
    assert await world.balance(cash_account(GALA)) == spec.cash_minor > 0
    assert await world.balance(sponsor_account(GALA)) == 0
    with pytest.raises(CampaignNotRunning):
        await world.run(lambda tx: announce(tx, GALA))
    with pytest.raises(UnknownCampaign):
        await world.run(lambda tx: announce(tx, CampaignId("nowhere")))


async def test_a_campaign_turns_through_its_rounds_by_its_clock(world: World) -> None:
    await world.campaign()
    assert (await view(world)).state == "announced"
    steps = [(OPENED_2016, ["planned"] * 4)]
    for place, start in enumerate(ROUNDS_2016):
        before, after = ["closed"] * place, ["planned"] * (3 - place)
        steps += [(start, [*before, "open", *after]), (start + ROUND_LENGTH, [*before, "closed", *after])]
    for instant, expected in steps:
        await world.at(instant - timedelta(microseconds=1))
        assert await states(world) != expected or instant == OPENED_2016
        await world.at(instant)
        assert await states(world) == expected
        assert (await view(world)).state == "running"
    await world.at(SETTLED_2016)
    assert (await view(world)).state == "settled"


async def test_a_round_is_opened_over_the_seeds_there_are_then(world: World) -> None:
    one, two, three = await world.people(3)
    await world.campaign()
    await world.join([one, two])
    await world.at(ROUND_1)
    await world.join([three])
    await world.at(ROUND_2)
    first, second = (await view(world)).rounds[:2]
    leaves = [
        numbered_leaf(number, bytes.fromhex(seed_of(person)))
        for number, person in enumerate((one, two, three), 1)
    ]
    assert (first.players, first.seeds_root) == (2, merkle_root(leaves[:2]).hex())
    assert (second.players, second.seeds_root) == (3, merkle_root(leaves).hex())


async def test_a_server_that_slept_through_rounds_opens_and_closes_them_in_order(world: World) -> None:
    await world.campaign()
    await world.move_clock_only(ROUNDS_2016[2] + timedelta(minutes=1))
    await turn_campaign(world.database, GALA)
    assert await states(world) == ["closed", "closed", "open", "planned"]
    facts = [(one.body["number"], one.body["state"]) for one in await heard(world) if one.kind == ROUND]
    assert facts == [(1, "open"), (1, "closed"), (2, "open"), (2, "closed"), (3, "open")]
    await world.move_clock_only(SETTLED_2016 + timedelta(days=9))
    await turn_campaign(world.database, GALA)
    assert (await view(world)).state == "settled"
    assert {bool(its_round.secret) for its_round in (await view(world)).rounds} == {True}


async def test_two_servers_that_turn_at_once_do_each_step_once(world: World) -> None:
    await world.campaign()
    await world.join(await world.people(5))
    await heard(world)
    for instant in (OPENED_2016, ROUND_1, ROUND_2, SETTLED_2016):
        await world.move_clock_only(instant)
        await asyncio.gather(*(turn_campaign(world.database, GALA) for _ in range(4)))
    kinds = [one.kind for one in await heard(world)]
    assert kinds.count("fortune.began") == kinds.count("fortune.settled") == 1
    assert kinds.count(ROUND) == 8
    assert await world.balance(sponsor_account(GALA)) > 0


async def test_two_servers_that_finish_a_cancelled_campaign_at_once_take_each_card_once(
    world: World,
) -> None:
    players = await friends_playing(world, 6)
    for player in players:
        await world.tap_on(player)
    await world.run(lambda tx: cancel(tx, GALA))
    await asyncio.gather(*(turn_campaign(world.database, GALA) for _ in range(4)))
    assert (await view(world)).state == "cancelled"
    async with world.database.read() as connection:
        assert await issued(connection, mint_account(GALA, "aiguo")) == 0


async def test_what_was_won_in_a_cancelled_campaign_is_void_but_paid_cash_stays(world: World) -> None:
    players = await friends_playing(world, 4, expected=12)
    minors = 0
    while not minors:
        for player in players:
            wins = (await world.tap_on(player)).wins
            minors += sum(win.minor or 0 for win in wins)
    given = (
        await world.balance(pool_account(GALA))
        + await world.balance(cash_account(GALA))
        + await world.balance(passing_account(GALA))
        + minors
    )
    await world.run(lambda tx: cancel(tx, GALA))
    assert await world.balance(sponsor_account(GALA)) == given - minors
    for account in (pool_account(GALA), cash_account(GALA), passing_account(GALA)):
        assert await world.balance(account) == 0
    await turn_campaign(world.database, GALA)
    for player in players:
        assert {await world.cards(player, card) for card in CARDS} == {0}
    assert sum([await world.balance(money_of(player)) for player in players]) == minors
    shown = await view(world)
    assert shown.state == "cancelled"
    assert shown.rounds[0].secret, "what was drawn can still be checked"
    assert shown.rounds[1].secret is None, "it never opened"


async def test_nobody_acts_in_a_cancelled_campaign(world: World) -> None:
    a, b, _ = await friends_playing(world)
    await world.hand_out("aiguo", a)
    (late,) = await world.people(1)
    for state in ("cancelling", "cancelled"):
        if state == "cancelling":
            await world.run(lambda tx: cancel(tx, GALA))
        else:
            await turn_campaign(world.database, GALA)
        over = CampaignNotRunning(state=state)
        assert await world.ask_one(gift, a_gift(a, b)) == over
        assert await world.ask_one(ask, an_ask(a)) == over
        assert await world.ask_one(swap, an_offer(a, b)) == over
        assert await world.ask_one(join, Join(late, GALA, seed_of(late))) == over
        assert await world.ask_one(join, Join(a, GALA, seed_of(a))) == Joined(1)
        assert isinstance(await world.ask_one(tap, Tap(b, GALA, 1, 0, 1)), RoundNotOpen)
        for act in (cancel, announce, partial(pause_round, number=1), partial(resume_round, number=1)):
            with pytest.raises(CampaignNotRunning):
                await world.run(partial(_call, act))


async def _call(act: Callable[[Tx, CampaignId], Awaitable[None]], tx: Tx) -> None:
    await act(tx, GALA)


async def test_a_settled_campaign_cannot_be_cancelled(world: World) -> None:
    await world.campaign()
    await world.at(SETTLED_2016)
    with pytest.raises(CampaignNotRunning):
        await world.run(lambda tx: cancel(tx, GALA))
    with pytest.raises(UnknownCampaign):
        await world.run(lambda tx: cancel(tx, CampaignId("nowhere")))


async def test_only_an_open_round_is_paused_and_only_a_paused_one_resumed(world: World) -> None:
    await world.campaign()
    with pytest.raises(CampaignNotRunning):
        await world.run(lambda tx: pause_round(tx, GALA, 1))
    await world.at(ROUND_1)
    for number in (0, 2, 5, -1, 2**40):
        with pytest.raises(RoundNotOpen):
            await world.run(partial(pause_round, campaign=GALA, number=number))
    with pytest.raises(RoundNotOpen):
        await world.run(lambda tx: resume_round(tx, GALA, 1))
    await world.run(lambda tx: pause_round(tx, GALA, 1))
    with pytest.raises(RoundNotOpen):
        await world.run(lambda tx: pause_round(tx, GALA, 1))
    assert (await states(world))[0] == "paused"


async def test_a_paused_round_holds_up_the_settlement(world: World) -> None:
    await world.campaign()
    await world.at(ROUND_1)
    await world.run(lambda tx: pause_round(tx, GALA, 1))
    await world.at(SETTLED_2016)
    assert await states(world) == ["paused", "closed", "closed", "closed"]
    assert (await view(world)).rounds[0].secret is None
    assert (await view(world)).state == "running"
    await world.run(lambda tx: resume_round(tx, GALA, 1))
    await world.at(SETTLED_2016 + ROUND_LENGTH)
    assert (await view(world)).state == "settled"


async def test_the_clock_never_runs_backwards(world: World) -> None:
    await world.campaign()
    shown = (await view(world)).clock.campaign_now
    for instant in (shown - timedelta(microseconds=1), OPENED_2016 - timedelta(days=1)):
        with pytest.raises(BadCampaign):
            await world.run(partial(set_clock, campaign=GALA, shows=instant, speed=1.0))
    for speed in (-1.0, float("nan"), float("inf"), 1_000_001.0):
        with pytest.raises(BadCampaign):
            await world.run(partial(set_clock, campaign=GALA, shows=None, speed=speed))
    await world.run(partial(set_clock, campaign=GALA, shows=None, speed=60.0))
    assert (await view(world)).clock.campaign_now == shown
    world.clock.now += timedelta(seconds=10)
    assert (await view(world)).clock.campaign_now == shown + timedelta(minutes=10)
    # A server whose own clock is behind shows the campaign standing still, not going back.
    world.clock.now -= timedelta(minutes=10)
    assert (await view(world)).clock.campaign_now == shown


def test_a_clock_that_ran_to_the_end_of_the_calendar_stands_still() -> None:
    began = datetime(2016, 1, 1, tzinfo=UTC)
    clock = CampaignClock(began, began, 1_000_000.0)
    assert clock.at(began + timedelta(days=3650)) == datetime.max.replace(tzinfo=UTC)


async def test_players_are_numbered_in_the_order_they_joined_and_keep_their_first_seed(
    world: World,
) -> None:
    one, two, three = await world.people(3)
    await world.campaign()
    asked = [Join(two, GALA, "ab" * 32), Join(one, GALA, "cd" * 32), Join(two, GALA, "ef" * 32)]
    assert await world.ask(join, *asked) == [Joined(1), Joined(2), Joined(1)]
    assert await world.ask(join, Join(one, GALA, "00" * 32), Join(three, GALA, "01" * 32)) == [
        Joined(2),
        Joined(3),
    ]
    await world.at(ROUND_1)
    seeds = [bytes.fromhex(pair * 32) for pair in ("ab", "cd", "01")]
    leaves = [numbered_leaf(number, seed) for number, seed in enumerate(seeds, 1)]
    assert (await view(world)).rounds[0].seeds_root == merkle_root(leaves).hex()


async def test_a_seed_that_is_not_64_digits_is_refused(world: World) -> None:
    one, two = await world.people(2)
    await world.campaign()
    ab = "ab"
    for seed in ("", ab, ab * 31, ab * 33, "xy" * 32, ab * 31 + " a", " " * 64, "１" * 64, "a" * 63):
        answers = await world.ask(join, Join(one, GALA, seed), Join(two, GALA, seed_of(two)))
        assert answers == [BadSeed(), Joined(1)]


async def test_joining_needs_a_campaign(world: World) -> None:
    (one,) = await world.people(1)
    nowhere = CampaignId("nowhere")
    refused = await world.ask_one(join, Join(one, nowhere, seed_of(one)))
    assert refused == UnknownCampaign(campaign=nowhere)
    await world.campaign()
    await world.at(SETTLED_2016)
    assert await world.ask_one(join, Join(one, GALA, seed_of(one))) == CampaignNotRunning(state="settled")


async def test_campaigns_do_not_know_each_other(world: World) -> None:
    one, two = await world.people(2)
    other = CampaignId("other")
    await world.campaign()
    await world.campaign(campaign=other)
    await world.join([one])
    await world.join([two, one], other)
    await world.at(ROUND_1)
    await world.at(ROUND_1, other)
    answers = await world.ask(tap, Tap(one, GALA, 1, 0, 30), Tap(one, other, 1, 0, 30))
    won = [{win.tap for win in answer.wins} for answer in answers if isinstance(answer, Tapped)]
    assert len(won) == 2
    assert won[0] != won[1]
    await world.run(lambda tx: cancel(tx, GALA))
    await turn_campaign(world.database, GALA)
    assert (await view(world, other)).state == "running"
    async with world.database.read() as connection:
        assert await newest_campaign(connection) == other
        assert {one["id"]: one["state"] for one in await listed_campaigns(connection)} == {
            GALA: "cancelled",
            other: "running",
        }


@pytest.mark.parametrize(
    "dials",
    [
        Dials(people=0),
        Dials(people=10**11),
        Dials(people=1, taps_each=0),
        Dials(people=1, taps_each=1),
        Dials(people=1, pool_minor=0),
        Dials(people=1, pool_minor=2**70),
        Dials(people=1, scarce_stock=-1),
        Dials(people=1, round_seconds=0),
        Dials(people=1, round_seconds=-5),
        Dials(people=1, round_seconds=10**9),
        Dials(people=1, rounds_at=()),
        Dials(people=1, rounds_at=ROUNDS_2016[::-1]),
        Dials(people=1, opens_at=ROUND_2),
        Dials(people=1, settles_at=ROUND_2),
        Dials(people=1, round_seconds=3600),
    ],
)
def test_dials_that_do_not_add_up_are_refused(dials: Dials) -> None:
    with pytest.raises(Refusal) as raised:
        gala_2016("gala", dials)
    assert isinstance(raised.value, BadCampaign)


@pytest.mark.parametrize("seconds", [1, 20, 60, 240, 86_400])
def test_a_compressed_eve_is_a_campaign_of_that_length(seconds: int) -> None:
    starts = datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)
    spec = gala_2016("eve", compressed_eve(Dials(people=8, taps_each=60), starts, seconds))
    assert abs((spec.settles_at - spec.opens_at).total_seconds() - max(seconds, 20)) <= 1
    assert len(spec.rounds) == 5
