"""The live edge as a phone has it: its own pass, over TCP and over WebSocket, verbs out and facts in."""

import asyncio
import gc
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import nats.errors
import pytest
from nats.aio.msg import Msg

from tests.conftest import FreshDatabase
from tests.journeys.acts import befriend, draw, draw_cash, held, mine, open_round, pass_time, top_up
from tests.journeys.conftest import OffsetClock, audited, engines_at
from tests.journeys.phone import PIN, Phone, Refused, SignUp, connected, fresh_id, fresh_seed, said_of, until
from tests.world import GALA, World
from wufu.core.clock import utc_now
from wufu.db.engines import Engines, mint_person_pass
from wufu.fortune.template import ROUNDS_2016
from wufu.main import Server

# nats-py does not close the socket of a connection that the server refused or ended.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Such sockets go with the test that left them, not in the middle of another one."""
    yield
    gc.collect()


@pytest.mark.parametrize("websocket", [False, True], ids=["tcp", "websocket"])
async def test_every_verb_works_over_the_line(
    server: Server, world: World, sign_up: SignUp, websocket: bool
) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await dong.set_pin()
    await top_up(dong, 10_00)
    await world.campaign(people=48)
    url = server.engines.websocket_url if websocket else server.engines.nats_url
    async with dong.online(url=url), lan.online(url=url):
        assert (await dong.ask("ask_tie", to=lan.person))["tie"] == "asked"
        assert (await lan.ask("accept_tie", asker=dong.person))["tie"] == "friend"
        assert [
            (await one.ask("join", campaign=GALA, seed=fresh_seed()))["number"] for one in (dong, lan)
        ] == [1, 2]
        await world.at(ROUNDS_2016[0])
        await pass_time(world)
        assert (await dong.ask("tap", campaign=GALA, round=1, first=0, count=30))["next"] == 30
        await draw(world, dong, "aiguo")
        await draw(world, lan, "hexie")
        had = await held(dong, "aiguo")
        gift = {"id": fresh_id(), "campaign": GALA, "to": lan.person, "card": "aiguo"}
        assert await dong.ask("gift", **gift) == {"held": had - 1}
        assert (await dong.ask("ask", id=fresh_id(), campaign=GALA, card="hexie", to=lan.person))["token"]
        swap = {"id": fresh_id(), "campaign": GALA, "to": dong.person, "gives": "hexie", "wants": "aiguo"}
        await draw(world, dong, "aiguo")
        assert (await lan.ask("swap", **swap))["state"] == "offered"
        answer = await dong.ask("answer_swap", id=swap["id"], campaign=GALA, accept=True)
        assert answer["state"] == "done"
        packet = await draw_cash(world, dong)
        assert await dong.ask("pass_cash", id=packet["id"], campaign=GALA, to=lan.person)
        sent = await dong.ask("transfer", id=fresh_id(), to=lan.person, minor=5_00, pin=PIN)
        assert sent["balance_minor"] == (await dong.get("/api/wallet"))["balance_minor"]
        with pytest.raises(Refused) as wrong:
            await dong.ask("transfer", id=fresh_id(), to=lan.person, minor=1, pin="000000")
        assert (wrong.value.code, wrong.value.facts) == ("wrong_pin", {"tries_left": 4})
        with pytest.raises(Refused) as unknown:
            await dong.ask("fly")
        assert unknown.value.code == "unknown_verb"
        assert dong.complaints == lan.complaints == []
        assert dong.strange == lan.strange == []


async def test_the_same_request_by_both_doors_is_one_request(
    server: Server, world: World, sign_up: SignUp
) -> None:
    """The page asks by HTTP when no answer came over the line."""
    dong = await sign_up("dong")
    await world.campaign(people=2)
    await dong.do("join", campaign=GALA, seed=fresh_seed())
    await world.at(ROUNDS_2016[0])
    await pass_time(world)
    body = {"campaign": GALA, "round": 1, "first": 0, "count": 20}
    async with dong.online(url=server.engines.nats_url):
        answers = await asyncio.gather(
            dong.ask("tap", **body), dong.do("tap", **body), dong.ask("tap", **body)
        )
    assert answers[0] == answers[1] == answers[2]
    assert (await mine(dong))["rounds"][0]["next"] == 20


async def test_malformed_messages_are_refused_like_bodies(server: Server, sign_up: SignUp) -> None:
    dong = await sign_up("dong")
    async with dong.online(url=server.engines.nats_url):
        assert dong.line is not None
        for body in (b"", b"[]", b"{", b"\xff", b'{"campaign":"\\u0000"}', b'{"person":1}', b"[" * 9_000):
            said = await dong.line.request(f"do.{dong.person}.tap", body, timeout=10)
            with pytest.raises(Refused) as refused:
                said_of(said.data)
            assert refused.value.code == "malformed_body", body[:20]
        large = await dong.line.request(f"do.{dong.person}.tap", b" " * 16_385, timeout=10)
        with pytest.raises(Refused) as refused:
            said_of(large.data)
        assert refused.value.code == "body_too_large"


# --- What a pass does not open ------------------------------------------------------------------------


async def test_a_pass_opens_nobody_elses_subjects(server: Server, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    async with dong.online(url=server.engines.nats_url):
        line = dong.line
        assert line is not None
        subjects = [
            f"do.{lan.person}.tap",
            f"me.{lan.person}.fact",
            f"me.{dong.person}.fact",
            "all.fortune.gala",
        ]
        for subject in [
            *subjects,
            "fact.wallet.moved",
            "$JS.API.STREAM.DELETE.FACTS",
            "$SYS.REQ.SERVER.PING",
        ]:
            dong.complaints.clear()
            await line.publish(subject, b"{}")
            await line.flush()
            await until(lambda: any("permissions violation for publish" in one for one in dong.complaints))
        for subject in (f"me.{lan.person}.>", "me.*.fact", "do.>", "fact.>", "$JS.API.>"):
            dong.complaints.clear()
            await line.subscribe(subject)
            await line.flush()
            await until(lambda: any("permissions violation for sub" in one for one in dong.complaints))


async def test_a_forged_reply_reaches_nobody_and_stops_nobody(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await world.campaign(people=2)
    url = server.engines.nats_url
    async with dong.online(url=url), lan.online(url=url):
        assert dong.line is not None
        assert lan.line is not None
        landed: list[str] = []

        async def hear(message: Msg) -> None:
            landed.append(message.subject)

        for phone in (dong, lan):
            await phone.line.subscribe(f"me.{phone.person}.>", cb=hear)  # type: ignore[union-attr]
        subject, body = f"do.{dong.person}.join", {"campaign": GALA, "seed": "x" * 64}
        forged = [
            f"me.{lan.person}.fact",
            f"me.{lan.person}.inbox.a",
            f"me.{dong.person}.fact",
            f"me.{dong.person}",
            f"me.{dong.person}.inbox",
            f"me.{dong.person}0.inbox.a",
            "me.x.inbox.a",
            "all.fortune.gala",
            f"do.{lan.person}.join",
            "$JS.API.STREAM.PURGE.FACTS",
            "fact.wallet.moved",
        ]
        for reply in forged:
            await dong.line.publish(subject, json.dumps(body).encode(), reply=reply)
        for reply in (f"me.{dong.person}.inbox.*", f"me.{dong.person}.inbox.>", f"me.{dong.person}.inbox..a"):
            await _publish_raw(dong, subject, reply)
        await dong.line.publish(subject, json.dumps(body).encode())
        answers = await asyncio.gather(
            *(lan.ask("join", campaign=GALA, seed=fresh_seed()) for _ in range(5)),
        )
        assert answers == [{"number": 1}] * 5
        await dong.line.flush()
        assert not [place for place in landed if place not in _answers(lan, landed)]
        assert lan.strange == dong.strange == []
        with pytest.raises(Refused):  # and dong, too, still gets proper answers
            await dong.ask("join", **body)


def _answers(phone: Phone, landed: list[str]) -> list[str]:
    """The subjects of proper answers to a phone's own requests."""
    return [
        place for place in landed if place.startswith(f"me.{phone.person}.inbox.") and place.count(".") > 3
    ]


async def _publish_raw(phone: Phone, subject: str, reply: str) -> None:
    """A message as no honest client would send it: the client library refuses such a reply subject."""
    assert phone.line is not None
    await phone.line._send_publish(subject, reply, b"{}", 2, None)


async def test_a_line_ends_when_its_pass_does(server: Server, sign_up: SignUp) -> None:
    dong = await sign_up("dong")
    granted = await dong.post("/api/live/pass")
    assert timedelta(minutes=10) < _life(granted["expires_at"]) < timedelta(hours=2)
    short = mint_person_pass(server.engines.account_seed, dong.person, None, utc_now(), 2)
    complaints: list[str] = []
    async with connected(server.engines.nats_url, short, dong.person, complaints) as line:
        answer = await line.request(f"do.{dong.person}.fly", b"{}", timeout=10)
        assert b"unknown_verb" in answer.data
        await until(lambda: not line.is_connected)
        # The client comes back by itself as long as it may; with this pass it may not.
        with pytest.raises((nats.errors.Error, TimeoutError)):
            await line.request(f"do.{dong.person}.fly", b"{}", timeout=2)


async def test_a_server_that_stops_answers_everything_it_heard(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, page: Path
) -> None:
    answers: list[bytes] = []

    async def hear(message: Msg) -> None:
        answers.append(message.data)

    its_pass = mint_person_pass(engines.account_seed, 7, None, utc_now(), 600)
    async with connected(engines.nats_url, its_pass, 7, []) as line:
        await line.subscribe("me.7.inbox.*", cb=hear)
        async with audited(engines_at(engines, fresh), clock, page):
            for number in range(500):
                body = json.dumps({"campaign": "none", "round": 1, "first": number, "count": 1})
                await line.publish("do.7.tap", body.encode(), reply=f"me.7.inbox.{number}")
            await line.flush()
        await line.flush()
        await until(lambda: len(answers) == 500)
        assert all(b"unknown_campaign" in answer for answer in answers)


def _life(expires_at: str) -> timedelta:
    return type(utc_now()).fromisoformat(expires_at) - utc_now()


async def test_who_signed_out_gets_no_pass(server: Server, sign_up: SignUp) -> None:
    dong = await sign_up("dong")
    await dong.post("/api/people/sign-out")
    with pytest.raises(Refused) as refused:
        await dong.post("/api/live/pass")
    assert (refused.value.code, refused.value.status) == ("not_signed_in", 401)


# --- Facts --------------------------------------------------------------------------------------------


async def test_facts_come_in_order_and_without_holes(server: Server, world: World, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    await befriend(dong, lan)
    await draw(world, dong, "aiguo", "fuqiang")
    async with lan.online(url=server.engines.nats_url):
        before = lan.seen["cursor"]
        for card in ("aiguo", "fuqiang"):
            for _ in range(await held(dong, card)):
                await dong.do("gift", id=fresh_id(), campaign=GALA, to=lan.person, card=card)
        given = len([1 for card in ("aiguo", "fuqiang") for _ in range(await held(lan, card))])
        await until(lambda: len(lan.heard("fortune.card_came")) >= 2)
        await lan.catch_up()
        numbers = [fact["number"] for fact in lan.facts if fact["number"] > before]
        assert numbers == list(range(before + 1, before + 1 + len(numbers)))
        came = lan.heard("fortune.card_came")
        assert [body["from"]["person"] for body in came] == [dong.person] * len(came)
        assert len(came) <= given


async def test_the_pulse_tells_everybody_how_the_campaign_stands(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong = await sign_up("dong")
    await open_round(world, dong)
    async with dong.online(websocket=True):
        assert dong.line is not None
        pulses: list[dict[str, object]] = []

        async def hear(message: Msg) -> None:
            pulses.append(json.loads(message.data))

        await dong.line.subscribe(f"all.fortune.{GALA}", cb=hear)
        await pass_time(world)
        await dong.ask("tap", campaign=GALA, round=1, first=0, count=30)
        await until(lambda: any(pulse["taps"] == 30 for pulse in pulses))
        assert {pulse["kind"] for pulse in pulses} == {"pulse"}
        assert all(set(pulse) <= {*dong.seen["campaign"], "kind"} for pulse in pulses)
