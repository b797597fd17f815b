"""What people see of a campaign: its public face, their own part, their proof; never a secret too early."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.fortune.acts import (
    CARDS,
    ROUND_1,
    a_gift,
    an_ask,
    an_offer,
    asked,
    friends_playing,
    heard,
    offered,
)
from tests.fortune.proofs import failures
from tests.world import GALA, World
from wufu.core.chance import sha256
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Connection
from wufu.fortune import (
    CampaignView,
    Tap,
    cancel,
    gift,
    see_campaign,
    see_mine,
    see_proof,
    tap,
    turn_campaign,
)
from wufu.fortune.refusals import NotFriends, NotJoined, UnknownCampaign
from wufu.fortune.template import ROUND_LENGTH, ROUNDS_2016, SETTLED_2016
from wufu.fortune.views import MineView, see_pulse, see_spare_cards
from wufu.wallet import money_of

ROUND_2 = ROUNDS_2016[1]


async def view(world: World) -> CampaignView:
    async with world.database.read() as connection:
        return await see_campaign(connection, GALA, world.clock())


async def mine(world: World, person: PersonId) -> MineView:
    async with world.database.read() as connection:
        return await see_mine(connection, GALA, person)


async def proof(world: World, person: PersonId) -> Any:
    """The proof file as it is downloaded."""
    async with world.database.read() as connection:
        return json.loads(msgspec.json.encode(await see_proof(connection, GALA, person)))


async def secrets(connection: Connection) -> dict[int, str]:
    rows = await connection.fetch("SELECT number, secret FROM round_secret WHERE campaign = $1", GALA)
    return {row["number"]: row["secret"].hex() for row in rows}


async def test_the_public_face_counts_players_taps_and_full_sets(world: World) -> None:
    a, b, _ = await friends_playing(world, expected=300, scarce_stock=1000)
    shown = await view(world)
    assert (shown.players, shown.taps, shown.holders, shown.pool_minor) == (3, 0, 0, 1_000_00)
    assert shown.clock.campaign_now == ROUND_1
    for card in CARDS:
        await world.hand_out(card, a)
    await world.ask(tap, Tap(b, GALA, 1, 0, 7))
    shown = await view(world)
    assert shown.holders == 1
    assert shown.taps == world.taps_made[a, GALA] + 7
    assert [card.id for card in shown.cards] == list(CARDS)
    assert [card.scarce for card in shown.cards] == [False] * 4 + [True]
    assert (shown.friends_for_cards.friends, shown.friends_for_cards.cards) == (10, 3)


async def test_the_pulse_is_the_changing_part_of_the_public_face(world: World) -> None:
    await friends_playing(world)
    shown = msgspec.to_builtins(await view(world))
    async with world.database.read() as connection:
        pulse = msgspec.to_builtins(await see_pulse(connection, GALA, world.clock()))
        assert await see_pulse(connection, "nowhere", world.clock()) is None
    assert pulse.pop("kind") == "pulse"
    assert {name: shown[name] for name in pulse} == pulse


async def test_my_part_shows_cards_taps_requests_swaps_and_cash(world: World) -> None:
    a, b, c = await friends_playing(world, expected=12)
    while not (await mine(world, a)).cash:
        await world.tap_on(a)
    for card in ("aiguo", "hexie"):
        await world.hand_out(card, a)
        await world.hand_out(card, b)
    await asked(world, an_ask(a, b, name="of b"), an_ask(a, name="of all"), an_ask(b, a, "hexie", "of a"))
    await offered(world, an_offer(a, b, name="to b"), an_offer(b, a, name="to a"))
    part = await mine(world, a)
    assert part.joined
    assert part.number == 1
    assert part.cards == {card: await world.cards(a, card) for card in CARDS}
    its_round = part.rounds[0]
    assert (its_round.number, its_round.next) == (1, world.taps_made[a, GALA])
    assert its_round.wins >= sum(part.cards.values())
    assert [one.passed_to for one in part.cash] == [None] * len(part.cash)
    assert await world.balance(money_of(a)) == sum(one.minor for one in part.cash)
    requests = {(one.asker.person, one.to.person if one.to else None, one.state) for one in part.requests}
    assert requests == {(a, b, "open"), (a, None, "open"), (b, a, "open")}
    assert {(one.proposer.person, one.to.person, one.state) for one in part.swaps} == {
        (a, b, "offered"),
        (b, a, "offered"),
    }
    assert {one.passed_to for one in part.cash} == {None}
    stranger = await mine(world, c)
    assert (stranger.requests, stranger.swaps, stranger.cash) == ([], [], [])
    assert stranger.rounds[0].next == 0


async def test_a_request_of_mine_that_was_given_stays_but_a_friends_goes(world: World) -> None:
    a, b, _ = await friends_playing(world)
    await world.hand_out("aiguo", b)
    await asked(world, an_ask(a, b))
    await world.ask(gift, a_gift(b, a, request="ask"))
    assert [one.state for one in (await mine(world, a)).requests] == ["given"]
    assert (await mine(world, b)).requests == []


async def test_who_did_not_join_sees_an_empty_part(world: World) -> None:
    await friends_playing(world)
    (stranger,) = await world.people(1)
    part = await mine(world, stranger)
    assert not part.joined
    assert part.number is None
    assert part.cards == dict.fromkeys(CARDS, 0)
    assert part.won is None


async def test_friends_see_what_one_can_spare_and_strangers_nothing(world: World) -> None:
    a, b, _ = await friends_playing(world)
    (stranger,) = await world.people(1)
    while not any(count >= 2 for count in (await mine(world, a)).cards.values()):
        await world.tap_on(a)
    cards = (await mine(world, a)).cards
    async with world.database.read() as connection:
        spare = await see_spare_cards(connection, GALA, b, a)
        assert spare == {card: count for card, count in cards.items() if count >= 2}
        for person in (stranger, a):
            with pytest.raises(NotFriends):
                await see_spare_cards(connection, GALA, person, a)


async def test_an_unknown_campaign_is_refused_in_every_view(world: World) -> None:
    (one,) = await world.people(1)
    await world.campaign()
    for campaign in ("nowhere", "", "\x00", "五福", "a" * 500, "gala\n"):
        await _refused_in_every_view(world, campaign, one)


async def _refused_in_every_view(world: World, campaign: str, one: PersonId) -> None:
    refusals: list[Refusal] = []
    async with world.database.read() as connection:
        for asking in (
            see_campaign(connection, campaign, world.clock()),
            see_mine(connection, campaign, one),
            see_proof(connection, campaign, one),
            see_spare_cards(connection, campaign, one, one),
        ):
            with pytest.raises(UnknownCampaign) as raised:
                await asking
            refusals.append(raised.value)
    assert {str(refusal.facts["campaign"]) for refusal in refusals} == {campaign[:40]}


async def test_no_secret_is_seen_anywhere_before_its_round_is_over(world: World) -> None:
    a, b, _ = await friends_playing(world)
    async with world.database.read() as connection:
        kept = await secrets(connection)
    for instant, open_rounds in (
        (ROUND_1 + timedelta(minutes=1), {1, 2, 3, 4, 0}),
        (ROUND_1 + ROUND_LENGTH, {2, 3, 4, 0}),
        (ROUND_2, {2, 3, 4, 0}),
        (SETTLED_2016, set[int]()),
    ):
        await world.at(instant)
        async with world.database.read() as connection:
            seen = [
                await see_campaign(connection, GALA, world.clock()),
                await see_pulse(connection, GALA, world.clock()),
                await see_mine(connection, GALA, a),
                await see_proof(connection, GALA, b),
                *(await heard(world)),
            ]
        text = msgspec.json.encode(seen).decode()
        assert {number for number, secret in kept.items() if secret not in text} == open_rounds


async def test_a_secret_fits_its_commitment_once_it_is_shown(world: World) -> None:
    await friends_playing(world)
    await world.at(ROUND_2)
    first, second = (await view(world)).rounds[:2]
    async with world.database.read() as connection:
        kept = await secrets(connection)
    assert first.secret == kept[1]
    assert second.secret is None
    assert first.commitment != second.commitment


async def test_the_friends_round_is_committed_to_before_it_opens(world: World) -> None:
    """The cards for new friends are drawn too, so their secret is fixed in public like the others."""
    await world.campaign()
    async with world.database.read() as connection:
        seen = await see_campaign(connection, GALA, world.clock())
        kept = await secrets(connection)
    assert (seen.state, seen.friends_round.number, seen.friends_round.secret) == ("announced", 0, None)
    assert seen.friends_round.commitment == sha256(bytes.fromhex(kept[0])).hex()


async def test_a_player_who_joined_in_time_can_prove_every_round(world: World) -> None:
    a, b, c = await friends_playing(world, expected=12)
    for _ in range(6):
        await world.tap_on(a)
    assert failures(await proof(world, a)), "the round is not over, so nothing can be drawn again"
    await world.at(ROUND_2)
    await world.ask(tap, Tap(a, GALA, 2, 0, 30), Tap(b, GALA, 2, 0, 11))
    await world.at(SETTLED_2016)
    for person in (a, b, c):
        file = await proof(world, person)
        assert failures(file) == []
    shown = await proof(world, a)
    assert [its_round["taps"] for its_round in shown["rounds"]] == [0, world.taps_made[a, GALA], 30, 0, 0]
    assert [its_round["seed_path"] is None for its_round in shown["rounds"]] == [False] * 5
    outcomes = {win["outcome"] for win in shown["rounds"][1]["wins"]}
    assert {"card", "cash"} <= outcomes


async def test_a_player_who_joined_late_proves_with_the_seed_from_the_next_round_on(world: World) -> None:
    await friends_playing(world)
    (late,) = await world.people(1)
    await world.join([late])
    await world.ask(tap, Tap(late, GALA, 1, 0, 30))
    await world.at(ROUND_2)
    await world.ask(tap, Tap(late, GALA, 2, 0, 30))
    await world.at(SETTLED_2016)
    file = await proof(world, late)
    assert failures(file) == []
    assert [its_round["seed_path"] is None for its_round in file["rounds"]] == [True, True] + [False] * 3
    assert [its_round["taps"] for its_round in file["rounds"]] == [0, 30, 30, 0, 0]


async def test_a_sold_out_prize_can_still_be_proved(world: World) -> None:
    (a, *_) = await friends_playing(world, expected=3, scarce_stock=1)
    for _ in range(10):
        await world.tap_on(a)
    await world.at(SETTLED_2016)
    file = await proof(world, a)
    assert "sold out" in {win["outcome"] for win in file["rounds"][1]["wins"]}
    assert failures(file) == []


async def test_winners_and_losers_can_prove_the_settlement(world: World) -> None:
    players = await friends_playing(world, 4, expected=300, scarce_stock=1000)
    for winner in players[1:]:
        for card in CARDS:
            await world.hand_out(card, winner)
    await world.at(SETTLED_2016)
    for number, person in enumerate(players, 1):
        file = await proof(world, person)
        assert failures(file) == []
        settled = file["settlement"]
        assert (settled["winners"], settled["each_minor"]) == (3, 33_333)
        assert (settled["winner"] or {}).get("number") == (number if number > 1 else None)


async def test_a_changed_proof_of_ours_fails(world: World) -> None:
    (a, *_) = await friends_playing(world)
    await world.tap_on(a)
    await world.at(SETTLED_2016)
    file = await proof(world, a)
    assert failures(file) == []
    file["rounds"][1]["wins"].pop()
    assert failures(file)


async def test_before_the_opening_there_is_nothing_to_prove(world: World) -> None:
    one, two = await world.people(2)
    await world.campaign()
    await world.join([one])
    assert (await proof(world, one))["rounds"] == []
    async with world.database.read() as connection:
        with pytest.raises(NotJoined):
            await see_proof(connection, GALA, two)


async def test_a_cancelled_campaign_can_be_proved_as_far_as_it_went(world: World) -> None:
    (a, *_) = await friends_playing(world)
    await world.tap_on(a)
    await world.run(lambda tx: cancel(tx, GALA))
    await turn_campaign(world.database, GALA)
    file = await proof(world, a)
    assert failures(file) == []
    assert len(file["rounds"]) == 2
