"""Gifts, requests and their tokens: what moves, what is refused, what a repeat answers."""

from uuid import UUID

import msgspec
import pytest

from tests.fortune.acts import a_gift, an_ask, friends_playing, holdings, keep, told
from tests.world import GALA, World, an_id
from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Tx
from wufu.fortune import Gift, ask, cancel, gift
from wufu.fortune.model import (
    TOKEN_ALPHABET,
    Asked,
    Given,
    derived_id,
    request_of_token,
    token_of,
    win_id,
)
from wufu.fortune.refusals import (
    BadToken,
    CampaignNotRunning,
    CardNotHeld,
    NotFriends,
    RequestClosed,
    UnknownCampaign,
    UnknownCard,
    UnknownRequest,
)
from wufu.fortune.verbs.settlement import payout_series
from wufu.fortune.views import see_mine, see_pasted
from wufu.ledger import numbered_group
from wufu.ties import Block, RemoveTie, block, remove_ties


async def test_a_gift_moves_one_card_and_both_phones_hear_of_it(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    before = await world.cards(b, "aiguo")
    await told(world, a)
    assert await world.ask_one(gift, a_gift(a, b)) == Given(0)
    assert (await world.cards(a, "aiguo"), await world.cards(b, "aiguo")) == (0, before + 1)
    ((kind, body),) = await told(world, a)
    assert (kind, body["held"], body["to"]["person"]) == ("fortune.card_left", 0, b)


async def test_the_receiver_is_told_what_came_from_whom(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await told(world, b)
    await world.ask_one(gift, a_gift(a, b))
    ((kind, body),) = await told(world, b)
    assert (kind, body["card"], body["cause"], body["from"]["person"]) == (
        "fortune.card_came",
        "aiguo",
        "gift",
        a,
    )


async def test_the_same_gift_again_has_the_same_answer_and_moves_nothing(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    assert await world.ask(gift, a_gift(a, b), a_gift(a, b)) == [Given(0), Given(0)]
    before = await holdings(world, [a, b, c])
    await world.ask(remove_ties, RemoveTie(a, b))
    assert await world.ask_one(gift, a_gift(a, b)) == Given(0)
    await world.run(lambda tx: cancel(tx, GALA))
    assert await world.ask_one(gift, a_gift(a, b)) == Given(0)
    assert await holdings(world, [a, b, c]) == before


async def test_the_same_id_for_another_gift_is_a_conflict(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await keep(world, a, "hexie", 1, sink=c)
    answers = await world.ask(gift, a_gift(a, b), a_gift(a, c), a_gift(a, b, "hexie"))
    assert answers == [Given(0), IdConflict(id=an_id("gift")), IdConflict(id=an_id("gift"))]
    assert await world.ask_one(gift, a_gift(b, a)) == IdConflict(id=an_id("gift"))
    assert await world.cards(a, "hexie") == 1


async def test_of_one_last_card_given_twice_in_a_batch_one_gift_happens(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    before = await world.cards(b, "aiguo")
    answers = await world.ask(gift, a_gift(a, b, name="first"), a_gift(a, c, name="second"))
    assert answers == [Given(0), CardNotHeld(card="aiguo")]
    assert await world.cards(b, "aiguo") == before + 1


async def test_a_gift_that_is_refused_and_repeated_in_one_batch_is_refused_twice(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 0, sink=c)
    answers = await world.ask(gift, a_gift(a, b), a_gift(a, b), a_gift(a, c))
    assert answers == [CardNotHeld(card="aiguo")] * 3
    # A refusal used the id up for nothing: it may still name a gift.
    await keep(world, a, "hexie", 1, sink=c)
    assert await world.ask_one(gift, a_gift(a, b, "hexie")) == Given(0)


async def test_a_card_given_on_within_a_batch_arrives_at_its_end(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    await keep(world, b, "aiguo", 0, sink=c)
    before = await world.cards(c, "aiguo")
    answers = await world.ask(gift, a_gift(a, b, name="there"), a_gift(b, c, name="on"))
    assert answers == [Given(0), Given(0)]
    assert await world.cards(c, "aiguo") == before + 1


async def test_gifts_are_for_friends_only(world: World) -> None:
    a, b, c = await friends_playing(world)
    (stranger,) = await world.people(1)
    await keep(world, a, "aiguo", 1, sink=c)
    for to in (stranger, a, PersonId(4711)):
        assert await world.ask_one(gift, a_gift(a, to)) == NotFriends(person=to)
    await world.ask(remove_ties, RemoveTie(b, a))
    assert await world.ask_one(gift, a_gift(a, b)) == NotFriends(person=b)
    await world.ask(block, Block(c, a))
    assert await world.ask_one(gift, a_gift(a, c)) == NotFriends(person=c)
    assert await world.cards(a, "aiguo") == 1


async def test_a_gift_needs_a_running_campaign_and_a_card_of_it(world: World) -> None:
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    assert await world.ask_one(gift, a_gift(a, b, "joker")) == UnknownCard(card="joker")
    elsewhere = Gift(a, an_id("gift"), CampaignId("nowhere"), b, "aiguo")
    assert await world.ask_one(gift, elsewhere) == UnknownCampaign(campaign="nowhere")
    await world.campaign(campaign=CampaignId("next"))
    early = Gift(a, an_id("gift"), CampaignId("next"), b, "aiguo")
    assert await world.ask_one(gift, early) == CampaignNotRunning(state="announced")
    await world.run(lambda tx: cancel(tx, GALA))
    assert await world.ask_one(gift, a_gift(a, b)) == CampaignNotRunning(state="cancelling")


async def test_a_request_is_answered_by_one_friend_only(world: World) -> None:
    a, b, c = await friends_playing(world)
    for giver in (b, c):
        await world.hand_out("aiguo", giver)
    assert isinstance(await world.ask_one(ask, an_ask(a)), Asked)
    first, second = a_gift(b, a, name="1", request="ask"), a_gift(c, a, name="2", request="ask")
    answers = await world.ask(gift, first, second)
    assert isinstance(answers[0], Given)
    assert answers[1] == RequestClosed(id=an_id("ask"))
    assert await world.ask_one(gift, second) == RequestClosed(id=an_id("ask"))
    assert isinstance(await world.ask_one(gift, first), Given)
    async with world.database.read() as connection:
        (request,) = (await see_mine(connection, GALA, a)).requests
    assert request.state == "given"


async def test_who_has_no_card_to_give_does_not_close_the_request_for_others(world: World) -> None:
    a, b, c, d = await friends_playing(world, 4)
    await keep(world, b, "aiguo", 0, sink=a)
    await world.hand_out("aiguo", c)
    await world.ask(ask, an_ask(a))
    answers = await world.ask(
        gift,
        a_gift(b, a, name="1", request="ask"),
        a_gift(b, a, name="2", request="ask"),
        a_gift(c, a, name="3", request="ask"),
        a_gift(d, a, name="4", request="ask"),
    )
    assert answers[0] == answers[1] == CardNotHeld(card="aiguo")
    assert isinstance(answers[2], Given)
    assert answers[3] == RequestClosed(id=an_id("ask"))


async def test_a_gift_answers_a_request_of_that_person_for_that_card(world: World) -> None:
    a, b, c = await friends_playing(world)
    for card in ("aiguo", "hexie"):
        await world.hand_out(card, b)
    await world.ask(ask, an_ask(a))
    wrong = UnknownRequest(id=an_id("ask"))
    assert await world.ask_one(gift, a_gift(b, c, request="ask")) == wrong
    assert await world.ask_one(gift, a_gift(b, a, "hexie", request="ask")) == wrong
    nothing = await world.ask_one(gift, a_gift(b, a, request="no such ask"))
    assert nothing == UnknownRequest(id=an_id("no such ask"))


async def test_asking_again_gives_the_same_token_and_rings_once(world: World) -> None:
    a, b, _ = await friends_playing(world)
    await told(world, b)
    first = await world.ask_one(ask, an_ask(a, b))
    assert isinstance(first, Asked)
    assert await world.ask(ask, an_ask(a, b), an_ask(a, b)) == [first, first]
    rung = [body for kind, body in await told(world, b) if kind == "fortune.asked"]
    assert [body["request"] for body in rung] == [str(an_id("ask"))]
    await world.ask(remove_ties, RemoveTie(a, b))
    assert await world.ask_one(ask, an_ask(a, b)) == first
    await world.run(lambda tx: cancel(tx, GALA))
    assert await world.ask_one(ask, an_ask(a, b)) == first


async def test_what_asking_refuses(world: World) -> None:
    a, b, c = await friends_playing(world)
    (stranger,) = await world.people(1)
    assert await world.ask_one(ask, an_ask(a, card="joker")) == UnknownCard(card="joker")
    for to in (stranger, a):
        assert await world.ask_one(ask, an_ask(a, to)) == NotFriends(person=to)
    await world.ask(ask, an_ask(a, b))
    for other in (an_ask(a, c), an_ask(a), an_ask(a, b, "hexie"), an_ask(b, c)):
        assert await world.ask_one(ask, other) == IdConflict(id=an_id("ask"))
    elsewhere = msgspec.structs.replace(an_ask(a, name="new"), campaign=CampaignId("nowhere"))
    assert await world.ask_one(ask, elsewhere) == UnknownCampaign(campaign="nowhere")
    await world.run(lambda tx: cancel(tx, GALA))
    assert await world.ask_one(ask, an_ask(a, name="new")) == CampaignNotRunning(state="cancelling")


async def test_a_pasted_token_is_found_in_a_long_text(world: World) -> None:
    a, b, _ = await friends_playing(world)
    answer = await world.ask_one(ask, an_ask(a))
    assert isinstance(answer, Asked)
    texts = [
        answer.token,
        "转发¥100¥给你 " * 40 + answer.token + " 快点¥" + "啊" * 500,
        answer.token.lower().replace("¥", "￥"),
        answer.token.replace("¥", "¥ "),
    ]
    for text in texts:
        async with world.database.read() as connection:
            found = await see_pasted(connection, GALA, text)
        assert (found.id, found.asker.person, found.card) == (str(an_id("ask")), a, "aiguo")
    await world.hand_out("aiguo", b)
    assert isinstance(await world.ask_one(gift, a_gift(b, a, request="ask")), Given)


async def test_a_pasted_text_without_a_request_of_ours_is_refused(world: World) -> None:
    (a, *_) = await friends_playing(world)
    await world.campaign(campaign=CampaignId("other"))
    await world.ask(ask, an_ask(a))
    refused: list[tuple[str, str, Refusal]] = [
        (GALA, "新年快乐", BadToken()),
        (GALA, "", BadToken()),
        (GALA, f"¥{token_of(an_id('unknown'))}¥", UnknownRequest(id=an_id("unknown"))),
        ("other", f"¥{token_of(an_id('ask'))}¥", UnknownRequest(id=an_id("ask"))),
        ("nowhere", f"¥{token_of(an_id('ask'))}¥", UnknownCampaign(campaign="nowhere")),
        ("\x00", "", UnknownCampaign(campaign="\x00")),
    ]
    for campaign, text, refusal in refused:
        async with world.database.read() as connection:
            with pytest.raises(Refusal) as raised:
                await see_pasted(connection, campaign, text)
        assert raised.value == refusal


def test_a_token_with_one_letter_changed_or_two_swapped_is_no_token() -> None:
    token = token_of(an_id("ask"))
    assert request_of_token(f"¥{token}¥") == an_id("ask")
    for place, letter in enumerate(token):
        for other in TOKEN_ALPHABET:
            changed = token[:place] + other + token[place + 1 :]
            assert (request_of_token(f"¥{changed}¥") is not None) == (other == letter)
        for further in range(place):
            swapped = list(token)
            swapped[place], swapped[further] = token[further], letter
            same = letter == token[further]
            assert (request_of_token("¥" + "".join(swapped) + "¥") is not None) == same


@pytest.mark.parametrize("id_", [UUID(int=0), UUID(int=2**128 - 1), derived_id("x")])
def test_every_id_has_a_token_that_leads_back_to_it(id_: UUID) -> None:
    assert request_of_token(f"…¥{token_of(id_)}¥…") == id_


async def test_a_gift_cannot_take_the_name_of_somebodys_win_or_payout(world: World) -> None:
    """Whoever names a gift after another's coming payout must not stand in its way."""
    a, b, c = await friends_playing(world)
    await keep(world, a, "aiguo", 1, sink=c)
    paid = numbered_group(1, *payout_series(GALA))
    names = [paid, *(win_id(GALA, 1, b, tap) for tap in range(200))]

    async def groups(tx: Tx) -> set[UUID]:
        rows = await tx.connection.fetch("SELECT DISTINCT group_id FROM transfer")
        return {row["group_id"] for row in rows}

    for name in names[:3]:
        await world.ask(gift, Gift(a, name, GALA, b, "aiguo"), Gift(b, derived_id(name), GALA, a, "aiguo"))
    taken = await world.run(groups)
    assert paid not in taken
    drawn = [win.outcome for win in (await world.tap_on(b)).wins if win.prize == "aiguo"]
    assert set(drawn) <= {"card"}
