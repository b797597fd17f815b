"""Designs of friends-for-cards: cards for each friend with a bonus, for the invited only, and a hold-out."""

import json
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fortune.acts import CARDS, heard, relay
from tests.fortune.proofs import failures
from tests.world import GALA, World
from wufu.core.ids import CampaignId, PersonId
from wufu.fortune import (
    TEMPLATES,
    BadCampaign,
    CampaignClock,
    Dials,
    FriendsForCards,
    cards_earned,
    create,
    find_template,
    gala_2016,
    in_holdout,
    see_counted,
    see_proof,
)
from wufu.fortune.rewards import Made, check_rule, count_friends
from wufu.fortune.template import OPENED_2016, SETTLED_2016
from wufu.fortune.views import MineView, see_mine

OPEN = OPENED_2016 + timedelta(hours=1)
EACH = FriendsForCards(4, 1, "each", bonus=2)
INVITED = FriendsForCards(3, 1, "each", reward="invited")

RULES = st.builds(
    FriendsForCards,
    friends=st.integers(1, 12),
    cards=st.integers(1, 4),
    design=st.sampled_from(["threshold", "each"]),
    bonus=st.just(0),
    reward=st.sampled_from(["both", "invited"]),
    holdout_permille=st.sampled_from([0, 100, 200]),
)


async def mine_of(world: World, person: PersonId) -> MineView:
    async with world.database.read() as connection:
        return await see_mine(connection, GALA, person)


async def befriend(world: World, person: PersonId, others: Sequence[PersonId]) -> None:
    """The person asks, the others accept; everything announced is heard."""
    await world.befriend(*((person, other) for other in others))
    while await relay(world):
        pass


async def playing(world: World, rule: FriendsForCards, people: int = 6) -> list[PersonId]:
    """People without any ties who play an open campaign under a rule."""
    players = await world.people(people)
    await world.campaign(rule=rule)
    await world.join(players)
    await world.at(OPEN)
    return players


# --- The pure rule --------------------------------------------------------------------------------


def test_a_card_for_each_friend_and_a_bonus_with_the_last() -> None:
    assert [cards_earned(EACH, friends) for friends in range(7)] == [0, 1, 2, 3, 6, 6, 6]
    assert [cards_earned(FriendsForCards(3, 2), friends) for friends in range(5)] == [0, 0, 0, 2, 2]


@given(RULES, st.integers(0, 30))
def test_what_was_earned_never_shrinks_and_never_passes_the_most(rule: FriendsForCards, friends: int) -> None:
    assert cards_earned(rule, friends) <= cards_earned(rule, friends + 1) <= rule.most


@given(RULES, st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.booleans()), max_size=25))
def test_counting_all_at_once_or_one_by_one_comes_to_the_same(
    rule: FriendsForCards, ties: list[tuple[int, int, bool]]
) -> None:
    first_of = {
        frozenset((a, b)): Made(PersonId(a), PersonId(b), PersonId(a if first else b)) for a, b, first in ties
    }
    made = [tie for tie in first_of.values() if tie.a != tie.b]
    once = {one.person: 0 for one in count_friends(rule, "gala", made, (), {})}
    for one in count_friends(rule, "gala", made, (), {}):
        once[one.person] += one.rewarded
    known: set[tuple[PersonId, PersonId]] = set()
    counts: dict[PersonId, int] = {}
    for tie in [*made, *made]:
        for one in count_friends(rule, "gala", [tie], known, counts):
            known.add((one.person, one.friend))
            counts[one.person] = counts.get(one.person, 0) + one.rewarded
    assert counts == once
    assert all(
        count <= rule.friends and not (count and in_holdout("gala", person, rule.holdout_permille))
        for person, count in counts.items()
    )


def test_the_hold_out_is_the_published_rule_and_as_large_as_it_says() -> None:
    for person in range(1, 200):
        number = int.from_bytes(sha256(f"wufu/holdout/gala/{person}".encode()).digest()[:8], "big")
        assert in_holdout("gala", person, 100) == (number / 2**64 < 0.1)
    among = [person for person in range(1, 20_001) if in_holdout("gala", person, 100)]
    assert 1_850 < len(among) < 2_150
    other = [person for person in among if in_holdout("another", person, 100)]
    assert 150 < len(other) < 260, "who is in it in one campaign says nothing about the next"
    assert not any(in_holdout("gala", person, 0) for person in range(1, 2_000))
    assert all(in_holdout("gala", person, 200) for person in among)


@pytest.mark.parametrize(
    "rule",
    [
        FriendsForCards(0, 1),
        FriendsForCards(10, 0),
        FriendsForCards(10, 3, bonus=1),
        FriendsForCards(64, 2, "each"),
        FriendsForCards(5, 1, "each", bonus=-1),
        FriendsForCards(10, 3, holdout_permille=201),
        FriendsForCards(10, 3, holdout_permille=-1),
    ],
)
async def test_a_rule_that_does_not_add_up_makes_no_campaign(world: World, rule: FriendsForCards) -> None:
    with pytest.raises(BadCampaign):
        check_rule(rule)
    spec = msgspec.structs.replace(gala_2016("odd", Dials(people=10)), friends_for_cards=rule)
    with pytest.raises(BadCampaign):
        await world.run(
            lambda tx: create(tx, CampaignId("odd"), spec, CampaignClock(spec.opens_at, tx.now, 0.0))
        )


# --- Templates ------------------------------------------------------------------------------------


def test_the_rule_of_2016_is_written_as_it_always_was() -> None:
    spec = gala_2016("gala", Dials(people=300))
    assert json.loads(msgspec.json.encode(spec))["friends_for_cards"] == {"friends": 10, "cards": 3}
    assert spec.template == "2016"


def test_templates_differ_from_their_base_in_the_rule_alone(tmp_path: Path) -> None:
    assert {"2016", "2016-each", "2016-invited", "2016-measured"} <= set(TEMPLATES)
    base = gala_2016("gala", Dials(people=300))
    for name, template in TEMPLATES.items():
        spec = template("gala", Dials(people=300))
        assert spec.template == (name if name == "2016" else f"{name}/1")
        like = msgspec.structs.replace(spec, template="2016", friends_for_cards=base.friends_for_cards)
        assert like == base
    file = tmp_path / "mine.toml"
    file.write_text(
        'format = 1\nname = "mine"\nversion = 3\nbased_on = "2016"\n'
        '[friends_for_cards]\ndesign = "each"\nfriends = 2\ncards = 2\nbonus = 1\nholdout_permille = 50\n'
    )
    spec = find_template(str(file))("gala", Dials(people=300))
    assert spec.template == "mine/3"
    assert spec.friends_for_cards == FriendsForCards(2, 2, "each", bonus=1, holdout_permille=50)


HEAD = 'format = 1\nname = "a"\nversion = 1\nbased_on = "2016"\n[friends_for_cards]\n'
RULE = HEAD + "friends = 1\ncards = 1\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("format = 2", "format"),
        (RULE.replace('"a"', '"A B"'), "name"),
        (RULE.replace('"2016"', '"2019"'), "based_on"),
        (RULE.replace("cards = 1", "cards = 1.5"), "cards"),
        (RULE + "bonos = 1", "bonos"),
        (RULE + "holdout_permille = 500", "holdout_permille"),
        (HEAD + "friends = 1", "cards"),
        ("format = ", ""),
    ],
)
def test_a_broken_template_says_where(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(text)
    with pytest.raises(BadCampaign) as refused:
        find_template(str(file))
    assert why in str(refused.value.facts["why"])
    with pytest.raises(BadCampaign, match="bad_campaign"):
        find_template("2031")
    with pytest.raises(BadCampaign):
        find_template(str(tmp_path / "absent.toml"))


# --- In the world ---------------------------------------------------------------------------------


async def test_each_friend_brings_a_card_and_the_draws_can_be_checked(world: World) -> None:
    one, *others = await playing(world, EACH, people=7)
    for friends, cards in ((1, 1), (2, 2), (4, 6), (6, 6)):
        made = (await mine_of(world, one)).new_friends
        await befriend(world, one, others[made:friends])
        mine = await mine_of(world, one)
        assert (mine.new_friends, mine.friend_cards_given, sum(mine.cards.values())) == (
            friends,
            cards,
            cards,
        )
    assert (await mine_of(world, others[0])).friend_cards_given == 1, "the other side made a new friend too"
    await world.at(SETTLED_2016)
    async with world.database.read() as connection:
        proof = json.loads(msgspec.json.encode(await see_proof(connection, GALA, one)))
    assert [win["tap"] for win in proof["rounds"][0]["wins"]] == list(range(6))
    assert failures(proof) == []


async def test_the_invited_get_cards_and_who_asks_gets_none(world: World) -> None:
    one, *others = await playing(world, INVITED)
    await befriend(world, one, others)
    asker = await mine_of(world, one)
    assert (asker.new_friends, asker.friends_reward.counted, asker.friend_cards_given) == (5, 0, 0)
    for other in others:
        assert (await mine_of(world, other)).friend_cards_given == 1


async def test_ties_formed_for_the_reward_are_marked_and_announced_once(world: World) -> None:
    one, *others = await playing(world, INVITED)
    await world.befriend((one, others[0]))
    facts = [fact for fact in await heard(world) if fact.kind == "fortune.friend_counted"]
    assert [(fact.body["campaign"], fact.body["design"], fact.to) for fact in facts] == [(GALA, "each", ())]
    marked = dict(zip(map(tuple, facts[0].body["pairs"]), facts[0].body["rewarded"], strict=True))  # type: ignore[call-overload]
    assert marked == {(one, others[0]): False, (others[0], one): True}
    async with world.database.read() as connection:
        rows = await see_counted(connection, GALA)
        rest = await see_counted(connection, GALA, after=(rows[0].person, rows[0].friend))
    assert {(row.person, row.friend): (row.design, row.rewarded) for row in rows} == {
        pair: ("each", rewarded) for pair, rewarded in marked.items()
    }
    assert rest == rows[1:]


async def test_who_is_in_the_hold_out_gets_nothing_and_is_told(world: World) -> None:
    rule = FriendsForCards(2, 1, "each", holdout_permille=200)
    players = await playing(world, rule, people=24)
    out = [person for person in players if in_holdout(GALA, person, 200)]
    rest = [person for person in players if person not in out]
    assert out
    assert rest
    held_out, rewarded = out[0], rest[0]
    await befriend(world, held_out, rest[1:4])
    await befriend(world, rewarded, rest[4:7])
    without, with_cards = await mine_of(world, held_out), await mine_of(world, rewarded)
    assert (without.friends_reward.state, without.new_friends, without.friend_cards_given) == (
        "holdout",
        3,
        0,
    )
    assert (with_cards.friends_reward.state, with_cards.friend_cards_given) == ("on", 2)
    assert (await mine_of(world, rest[1])).friend_cards_given == 1, "a friend in the hold-out counts like any"
    async with world.database.read() as connection:
        rows = await see_counted(connection, GALA)
    assert {row.rewarded for row in rows if row.person in out} == {False}


async def test_each_design_gives_cards_that_were_earned_before_the_opening(world: World) -> None:
    one, *others = await world.people(4)
    await world.campaign(rule=EACH)
    await world.join([one])
    await befriend(world, one, others[:2])
    assert (await mine_of(world, one)).friend_cards_given == 0
    await world.at(OPEN)
    assert (await mine_of(world, one)).friend_cards_given == 2
    await befriend(world, one, others[2:])
    assert (await mine_of(world, one)).friend_cards_given == 3
    await world.join(others)
    await relay(world)
    assert [(await mine_of(world, other)).friend_cards_given for other in others] == [1, 1, 1]
    assert sum([await world.cards(one, card) for card in CARDS]) == 3
