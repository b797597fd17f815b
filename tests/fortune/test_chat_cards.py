"""Asks and offers stand in the conversation of the two people, and change there when they end."""

from typing import Any

from tests.fortune.acts import a_gift, an_ask, an_offer, asked, friends_playing, keep, offered
from tests.world import GALA, World, an_id
from wufu.chat import direct_id
from wufu.core.ids import PersonId
from wufu.fortune import AnswerSwap, answer_swap, ask, cancel, gift
from wufu.fortune.model import Asked, Given, SwapEnded
from wufu.fortune.template import SETTLED_2016
from wufu.fortune.verbs.cards import close_exchange
from wufu.ties import Block, RemoveTie, block, remove_ties


async def cards(world: World, one: PersonId, other: PersonId) -> list[dict[str, Any]]:
    """The cards in the conversation of two people, in order: bodies with their numbers and senders."""
    async with world.database.read() as connection:
        rows = await connection.fetch(
            """
            SELECT number, sender, body FROM message
            WHERE conversation = $1 AND kind = 'card' ORDER BY number
            """,
            direct_id(one, other),
        )
    return [{"number": row["number"], "sender": row["sender"], **row["body"]} for row in rows]


def answers(person: PersonId, *, accept: bool, name: str = "swap") -> AnswerSwap:
    return AnswerSwap(person, an_id(name), GALA, accept)


async def states(world: World, one: PersonId, other: PersonId) -> list[tuple[str, str]]:
    return [(each["card"], each["state"]) for each in await cards(world, one, other)]


async def test_an_ask_of_a_friend_stands_in_their_conversation(world: World) -> None:
    a, b, c = await friends_playing(world)
    await asked(world, an_ask(a, b))
    (shown,) = await cards(world, a, b)
    assert shown == {
        "number": 1,
        "sender": a,
        "card": "request",
        "request": str(an_id("ask")),
        "campaign": GALA,
        "wants": "aiguo",
        "from": a,
        "to": b,
        "state": "open",
    }
    assert await cards(world, a, c) == []


async def test_an_ask_of_whoever_the_token_reaches_stands_nowhere(world: World) -> None:
    a, b, c = await friends_playing(world)
    await asked(world, an_ask(a))
    assert [await cards(world, a, other) for other in (b, c)] == [[], []]


async def test_asking_again_shows_nothing_twice(world: World) -> None:
    a, b, _ = await friends_playing(world)
    for _ in range(2):
        await asked(world, an_ask(a, b), an_ask(a, b))
    assert await states(world, a, b) == [("request", "open")]


async def test_a_card_says_that_it_was_given_and_by_whom(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, c, "aiguo", 1, sink=b)
    await asked(world, an_ask(a, b))
    assert isinstance(await world.ask_one(gift, a_gift(c, a, request="ask")), Given)
    (shown,) = await cards(world, a, b)
    assert (shown["state"], shown["by"], shown["wants"]) == ("given", c, "aiguo")


async def test_an_offer_shows_how_it_ended(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await keep(world, b, "hexie", 1, sink=c)
    await offered(world, an_offer(a, b, name="one"), an_offer(a, b, name="two"), an_offer(a, b, name="three"))
    assert await states(world, a, b) == [("swap", "offered")] * 3
    await world.ask(answer_swap, answers(b, accept=False, name="one"), answers(a, accept=False, name="two"))
    await world.ask(answer_swap, answers(b, accept=True, name="three"))
    assert await states(world, a, b) == [("swap", "refused"), ("swap", "withdrawn"), ("swap", "done")]
    (shown, *_) = await cards(world, a, b)
    assert (shown["gives"], shown["wants"], shown["from"], shown["to"]) == ("aiguo", "hexie", a, b)


async def test_an_offer_whose_card_is_gone_says_so(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await keep(world, b, "hexie", 1, sink=c)
    await offered(world, an_offer(a, b))
    await world.ask(gift, a_gift(a, c))
    await world.ask(answer_swap, answers(b, accept=True))
    assert await states(world, a, b) == [("swap", "gone")]


async def test_what_is_refused_is_shown_to_nobody(world: World) -> None:
    a, b, c = await friends_playing(world)
    await world.ask(block, Block(b, a))
    await asked(world, an_ask(a, b))
    await offered(world, an_offer(a, b))
    assert await cards(world, a, b) == []
    assert await cards(world, a, c) == []


async def test_a_card_still_changes_when_the_two_are_no_friends_any_more(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await offered(world, an_offer(a, b))
    await world.ask(remove_ties, RemoveTie(a, b))
    assert await world.ask_one(answer_swap, answers(a, accept=False)) == SwapEnded(an_id("swap"), "withdrawn")
    assert await states(world, a, b) == [("swap", "withdrawn")]


async def test_what_nobody_answered_ends_with_the_campaign(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await asked(world, an_ask(a, b), an_ask(a, None, name="token"))
    await offered(world, an_offer(a, b))
    await close_exchange(world.database)
    assert await states(world, a, b) == [("request", "open"), ("swap", "offered")]
    await world.at(SETTLED_2016)
    for _ in range(2):
        await close_exchange(world.database)
        assert await states(world, a, b) == [("request", "expired"), ("swap", "expired")]
    refused = await world.ask_one(answer_swap, answers(b, accept=False))
    assert refused.code == "swap_closed"  # type: ignore[union-attr]


async def test_what_nobody_answered_ends_when_the_campaign_is_cancelled(world: World) -> None:
    a, b, _ = await friends_playing(world)
    await asked(world, an_ask(a, b))
    await world.run(lambda tx: cancel(tx, GALA))
    await close_exchange(world.database)
    assert await states(world, a, b) == [("request", "expired")]


async def test_a_batch_of_asks_between_many_people_is_shown_once_each(world: World) -> None:
    players = await friends_playing(world, 6)
    asks = [an_ask(one, other, name=f"{one} {other}") for one in players for other in players if one != other]
    assert all(isinstance(answer, Asked) for answer in await world.ask(ask, *asks))
    for place, one in enumerate(players):
        for other in players[:place]:
            shown = await cards(world, one, other)
            assert {each["sender"] for each in shown} == {one, other}
            assert [each["number"] for each in shown] == [1, 2]
