"""A campaign over HTTP: join, tap, give, ask and paste, swap, pass cash, win, check."""

import json
from datetime import timedelta
from functools import partial

from tests.journeys.acts import (
    balance,
    befriend,
    draw,
    draw_cash,
    held,
    mine,
    open_round,
    refused,
    tap_once,
)
from tests.journeys.phone import SignUp, fresh_id, fresh_seed
from tests.world import GALA, World
from wufu.fortune import check_proof, pause_round, resume_round
from wufu.fortune.template import ROUND_LENGTH, ROUNDS_2016, SETTLED_2016
from wufu.main import Server


async def test_who_joins_taps_and_finds_the_cards(server: Server, world: World, sign_up: SignUp) -> None:
    dong = await sign_up("dong")
    early = {"campaign": GALA, "round": 1, "first": 0, "count": 1}
    unknown = await refused(dong, "POST", "/api/do/tap", early)
    assert (unknown.code, unknown.status) == ("unknown_campaign", 404)
    await world.campaign()
    assert (await refused(dong, "POST", "/api/do/tap", early)).code == "round_not_open"
    seed = fresh_seed()
    for _ in range(2):
        assert await dong.do("join", campaign=GALA, seed=seed) == {"number": 1}
    await world.at(ROUNDS_2016[0])
    first = await tap_once(world, dong)
    assert first["next"] == 30
    again = {"campaign": GALA, "round": 1, "first": 0, "count": 30}
    assert await dong.do("tap", **again) == first
    ahead = await refused(dong, "POST", "/api/do/tap", {**again, "first": 31})
    assert (ahead.code, ahead.facts) == ("tap_out_of_order", {"next": 30})
    too_many = await refused(dong, "POST", "/api/do/tap", {**again, "first": 30, "count": 31})
    assert (too_many.code, too_many.status) == ("too_many_taps", 429)
    cards = [win["prize"] for win in first["wins"] if win["outcome"] == "card"]
    seen = await mine(dong)
    assert sum(seen["cards"].values()) == len(cards)
    assert seen["rounds"][0] == {"number": 1, "next": 30, "wins": len(first["wins"])}
    view = await dong.get(f"/api/fortune/{GALA}")
    assert (view["players"], view["taps"], view["state"]) == (1, 30, "running")


async def test_a_held_round_keeps_its_taps(server: Server, world: World, sign_up: SignUp) -> None:
    dong = await sign_up("dong")
    await open_round(world, dong)
    await tap_once(world, dong, 10)

    await world.run(partial(pause_round, campaign=GALA, number=1))
    body = {"campaign": GALA, "round": 1, "first": 10, "count": 5}
    assert (await refused(dong, "POST", "/api/do/tap", body)).code == "round_paused"
    await world.run(partial(resume_round, campaign=GALA, number=1))
    assert (await dong.do("tap", **body))["next"] == 15


async def test_a_card_is_given_to_a_friend_only(server: Server, world: World, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    await draw(world, dong, "aiguo")
    had = await held(dong, "aiguo")
    gift = {"id": fresh_id(), "campaign": GALA, "to": lan.person, "card": "aiguo"}
    stranger = await refused(dong, "POST", "/api/do/gift", gift)
    assert (stranger.code, stranger.status) == ("not_friends", 403)
    await befriend(dong, lan)
    for _ in range(2):
        assert await dong.do("gift", **gift) == {"held": had - 1}
    assert (await held(dong, "aiguo"), await held(lan, "aiguo")) == (had - 1, 1)
    lacking = {**gift, "id": fresh_id(), "to": dong.person, "card": "hexie"}
    assert (await refused(lan, "POST", "/api/do/gift", lacking)).code == "card_not_held"
    nothing = await refused(dong, "POST", "/api/do/gift", {**gift, "id": fresh_id(), "card": "nonsense"})
    assert (nothing.code, nothing.status) == ("unknown_card", 404)


async def test_a_pasted_token_finds_the_wish_and_a_gift_fulfils_it(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong, lan, mei = [await sign_up(name) for name in ("dong", "lan", "mei")]
    await open_round(world, dong, lan, mei)
    await befriend(dong, lan)
    await draw(world, lan, "hexie")
    before = await held(dong, "hexie")
    asked = await dong.do("ask", id=fresh_id(), campaign=GALA, card="hexie")
    text = f"快帮帮我！\n{asked['token']}\n谢谢"
    wish = (await lan.post(f"/api/fortune/{GALA}/paste", {"text": text}))["request"]
    assert (wish["id"], wish["card"], wish["from"]["person"]) == (asked["id"], "hexie", dong.person)
    bad = await refused(lan, "POST", f"/api/fortune/{GALA}/paste", {"text": "no token in here"})
    assert (bad.code, bad.status) == ("bad_token", 422)
    body = {"id": fresh_id(), "campaign": GALA, "to": dong.person, "card": "hexie", "request": wish["id"]}
    assert (await refused(mei, "POST", "/api/do/gift", body)).code == "not_friends"
    await lan.do("gift", **body)
    assert await held(dong, "hexie") == before + 1
    await draw(world, lan, "hexie")
    late = await refused(lan, "POST", "/api/do/gift", {**body, "id": fresh_id()})
    assert late.code == "request_closed"


async def test_a_swap_moves_both_cards_or_none(server: Server, world: World, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    await befriend(dong, lan)
    await draw(world, dong, "aiguo")
    await draw(world, lan, "fuqiang")
    counts = [await held(one, card) for one in (dong, lan) for card in ("aiguo", "fuqiang")]
    offer = {"id": fresh_id(), "campaign": GALA, "to": lan.person, "gives": "aiguo", "wants": "fuqiang"}
    assert (await dong.do("swap", **offer))["state"] == "offered"
    answer = {"id": offer["id"], "campaign": GALA, "accept": True}
    own = await refused(dong, "POST", "/api/do/answer_swap", answer)
    assert (own.code, own.status) == ("not_yours", 403)
    for _ in range(2):
        assert (await lan.do("answer_swap", **answer))["state"] == "done"
    after = [await held(one, card) for one in (dong, lan) for card in ("aiguo", "fuqiang")]
    assert [now - then for now, then in zip(after, counts, strict=True)] == [-1, 1, 1, -1]
    second = {**offer, "id": fresh_id()}
    await draw(world, dong, "aiguo")
    await dong.do("swap", **second)
    assert (await dong.do("answer_swap", id=second["id"], campaign=GALA, accept=False))[
        "state"
    ] == "withdrawn"
    closed = await refused(lan, "POST", "/api/do/answer_swap", {**answer, "id": second["id"]})
    assert closed.code == "swap_closed"


async def test_a_swap_whose_card_is_gone_moves_nothing(server: Server, world: World, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    await befriend(dong, lan)
    await draw(world, dong, "aiguo")
    await draw(world, lan, "fuqiang")
    offer = {"id": fresh_id(), "campaign": GALA, "to": lan.person, "gives": "aiguo", "wants": "fuqiang"}
    await dong.do("swap", **offer)
    while await held(dong, "aiguo"):
        await dong.do("gift", id=fresh_id(), campaign=GALA, to=lan.person, card="aiguo")
    had = await held(lan, "fuqiang")
    body = {"id": offer["id"], "campaign": GALA, "accept": True}
    assert (await refused(lan, "POST", "/api/do/answer_swap", body)).code == "swap_gone"
    assert await held(lan, "fuqiang") == had


async def test_a_cash_packet_is_passed_to_one_friend(server: Server, world: World, sign_up: SignUp) -> None:
    dong, lan, mei = [await sign_up(name) for name in ("dong", "lan", "mei")]
    await open_round(world, dong, lan, mei)
    await befriend(dong, lan)
    await befriend(dong, mei)
    packet = await draw_cash(world, dong)
    had = await balance(dong)
    assert had >= packet["minor"]
    body = {"id": packet["id"], "campaign": GALA, "to": lan.person}
    for _ in range(2):
        assert await dong.do("pass_cash", **body) == {"id": packet["id"]}
    assert await balance(lan) == packet["minor"]
    twice = await refused(dong, "POST", "/api/do/pass_cash", {**body, "to": mei.person})
    assert twice.code == "cash_already_passed"
    theirs = await refused(lan, "POST", "/api/do/pass_cash", {**body, "to": dong.person})
    assert theirs.code == "unknown_cash"
    assert (await balance(dong), await balance(mei)) == (had, 0)


async def test_a_full_set_shares_the_pool_and_everybody_can_check_the_draws(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    for number, opens_at in enumerate(ROUNDS_2016, 1):
        await world.at(opens_at + timedelta(seconds=2))
        for phone in (dong, lan):
            for _ in range(3):
                await tap_once(world, phone, number=number)
        await world.at(opens_at + ROUND_LENGTH)
    winners = [one for one in (dong, lan) if all((await mine(one))["cards"].values())]
    assert winners, "three hundred and sixty taps draw every card for somebody"
    before = {one.person: await balance(one) for one in winners}
    await world.at(SETTLED_2016)
    view = await dong.get(f"/api/fortune/{GALA}")
    settlement = view["settlement"]
    assert view["state"] == "settled"
    assert settlement["winners"] == len(winners)
    assert settlement["each_minor"] == 1_000_00 // len(winners)
    for one in winners:
        assert await balance(one) == before[one.person] + settlement["each_minor"]
        assert (await mine(one))["won"]["minor"] == settlement["each_minor"]
    for one in (dong, lan):
        response = await one.http.get(f"/api/fortune/{GALA}/proof")
        assert response.headers["content-disposition"].endswith('.json"')
        lines = check_proof(json.loads(response.content))
        assert all(line.ok for line in lines), [line for line in lines if not line.ok]
        assert len(lines) > 10
    over = {"campaign": GALA, "round": 4, "first": 0, "count": 1}
    assert (await refused(dong, "POST", "/api/do/tap", over)).code == "round_not_open"
