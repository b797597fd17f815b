"""Ten new friends give three cards: once, and only for friends that are new since the announcement."""

import json
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from tests.fortune.acts import CARDS, ROUND_1, relay
from tests.fortune.proofs import failures
from tests.world import GALA, World
from wufu.core.chance import draw_words
from wufu.core.ids import PersonId
from wufu.fortune import announce, see_proof
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.template import OPENED_2016, SETTLED_2016
from wufu.fortune.views import see_mine
from wufu.ties import Block, RemoveTie, Unblock, block, remove_ties, unblock

OPEN = OPENED_2016 + timedelta(hours=1)


async def all_cards(world: World, person: PersonId) -> int:
    return sum([await world.cards(person, card) for card in CARDS])


async def befriend(world: World, person: PersonId, others: Sequence[PersonId]) -> None:
    await world.befriend(*((person, other) for other in others))


async def counted(world: World, person: PersonId) -> tuple[int, int]:
    """New friends, and cards given for them, as the person sees it."""
    async with world.database.read() as connection:
        mine = await see_mine(connection, GALA, person)
    return mine.new_friends, mine.friend_cards_given


async def test_the_tenth_new_friend_brings_three_cards_and_the_eleventh_none(world: World) -> None:
    one, *others = await world.people(21)
    await world.campaign()
    await world.join([one])
    await world.at(OPEN)
    await befriend(world, one, others[:9])
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((9, 0), 0)
    await befriend(world, one, others[9:10])
    deliveries = await relay(world)
    deliveries += await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((10, 3), 3)
    came = [fact.body for fact in deliveries if fact.kind == "fortune.card_came"]
    assert {body["cause"] for body in came} == {"friends"}
    assert {str(body["card"]): body["held"] for body in came} == {
        card: held for card in CARDS if (held := await world.cards(one, card))
    }
    await befriend(world, one, others[10:])
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((20, 3), 3)


async def test_the_cards_are_the_first_draws_of_round_0(world: World) -> None:
    one, *others = await world.people(11)
    await world.campaign()
    await world.join([*others, one])
    await world.at(OPEN)
    await befriend(world, one, others[:10])
    await relay(world)
    async with world.database.read() as connection:
        friends_round = (await campaign_store.see(connection, [GALA]))[GALA].rounds[0]
        secret = (await campaign_store.secrets(connection, [(GALA, 0)]))[GALA, 0]
    words = draw_words(friends_round.key(secret), 11, 0, 3)
    drawn = [CARDS[index] for index in friends_round.spec.table().prize_indices(words).tolist()]
    assert [await world.cards(one, card) for card in CARDS] == [drawn.count(card) for card in CARDS]
    await world.at(SETTLED_2016)
    async with world.database.read() as connection:
        proof = json.loads(msgspec.json.encode(await see_proof(connection, GALA, one)))
    assert [win["prize"] for win in proof["rounds"][0]["wins"]] == drawn
    assert failures(proof) == []


async def test_friends_made_before_the_announcement_do_not_count(world: World) -> None:
    one, *others = await world.people(11)
    await world.campaign(announced=False)
    await befriend(world, one, others[:5])
    # The relay was away: these friendships are heard of only after the announcement.
    world.clock.now += timedelta(minutes=1)
    await world.run(lambda tx: announce(tx, GALA))
    await world.join([one])
    await befriend(world, one, others[5:])
    await world.at(OPEN)
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((5, 0), 0)


async def test_a_friend_removed_and_made_again_counts_once(world: World) -> None:
    one, *others = await world.people(10)
    await world.campaign()
    await world.join([one])
    await world.at(OPEN)
    for _ in range(3):
        await befriend(world, one, others)
        await world.ask(remove_ties, *(RemoveTie(one, other) for other in others))
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((9, 0), 0)


async def test_old_friends_who_part_and_make_it_up_are_not_new(world: World) -> None:
    one, new, *others = await world.people(12)
    await befriend(world, one, others)
    await relay(world)
    world.clock.now += timedelta(days=1)
    await world.campaign()
    await world.join([one])
    await world.at(OPEN)
    await world.ask(remove_ties, *(RemoveTie(one, other) for other in others[:5]))
    await world.ask(block, *(Block(other, one) for other in others[5:]))
    await world.ask(unblock, *(Unblock(other, one) for other in others[5:]))
    await befriend(world, one, [*others, new])
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((1, 0), 0)


async def test_friends_made_between_announcement_and_opening_count_when_it_opens(world: World) -> None:
    one, *others = await world.people(11)
    await world.campaign()
    await world.join([one])
    await befriend(world, one, others)
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((10, 0), 0)
    await world.at(OPENED_2016)
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((10, 3), 3)


async def test_who_joins_after_making_the_friends_gets_the_cards_on_joining(world: World) -> None:
    one, *others = await world.people(11)
    await world.campaign()
    await world.at(OPEN)
    await befriend(world, one, others)
    await relay(world)
    assert await all_cards(world, one) == 0
    await world.join([one])
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((10, 3), 3)


async def test_a_relay_that_repeats_itself_gives_nothing_twice(world: World) -> None:
    """Both sides' facts of a friendship name the pair, and every listener hears both."""
    people = await world.people(12)
    await world.campaign()
    await world.join(people)
    await world.at(ROUND_1)
    await world.befriend(*((a, b) for place, a in enumerate(people) for b in people[:place]))
    while await relay(world):
        pass
    assert {await all_cards(world, person) for person in people} == {3}
    assert {await counted(world, person) for person in people} == {(11, 3)}


async def test_friends_made_after_the_end_bring_nothing(world: World) -> None:
    one, *others = await world.people(11)
    await world.campaign()
    await world.join([one])
    await world.at(SETTLED_2016)
    await befriend(world, one, others)
    await relay(world)
    assert (await counted(world, one), await all_cards(world, one)) == ((0, 0), 0)
