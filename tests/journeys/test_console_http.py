"""The console over HTTP: closed to everybody without a role, acts done once, forecasts beside the server."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from tests.chat.acts import to
from tests.journeys.phone import Phone, Refused, SignUp, fresh_id
from tests.world import GALA, World
from wufu.chat import SentMessage, send_messages
from wufu.console import grant_operator
from wufu.core.ids import PersonId
from wufu.main import Server

GETS = (
    "/api/console",
    f"/api/console/nights/{GALA}",
    "/api/console/photos",
    "/api/console/reports",
    "/api/console/cases",
    "/api/console/ties",
)
POSTS = (
    "/api/console/laws/check",
    f"/api/console/nights/{GALA}/forecast",
    f"/api/console/nights/{GALA}/pause",
    f"/api/console/nights/{GALA}/resume",
    f"/api/console/nights/{GALA}/cancel",
    "/api/console/photos/00000000-0000-7000-8000-000000000000",
    "/api/console/reports/00000000-0000-7000-8000-000000000000",
    "/api/console/cases/00000000-0000-7000-8000-000000000000",
)
BODY = {
    "id": "00000000-0000-7000-8000-000000000001",
    "number": 1,
    "people": 500,
    "taps_each": 50,
    "verdict": "take_down",
    "why": "seen",
}


async def _grant(server: Server, phone: Phone, role: str) -> None:
    person = PersonId((await phone.get("/api/me"))["person"])
    await server.database.run(lambda tx: grant_operator(tx, person, role), actor="operator/command line")


async def test_without_a_role_every_route_is_closed(
    server: Server, world: World, stranger: Phone, sign_up: SignUp
) -> None:
    await world.campaign()
    nobody, watcher = await sign_up("dong"), await sign_up("nan")
    await _grant(server, watcher, "watch")
    for path in GETS:
        with pytest.raises(Refused, match="not_signed_in"):
            await stranger.get(path)
        with pytest.raises(Refused, match="not_an_operator"):
            await nobody.get(path)
        await watcher.get(path)
    for path in POSTS:
        with pytest.raises(Refused, match="not_signed_in"):
            await stranger.post(path, BODY | {"verdict": "confirm"} if "/cases/" in path else BODY)
        for phone in (nobody, watcher):
            # A verdict that this queue does not know is malformed before anybody is asked who they are.
            with pytest.raises(Refused, match="not_an_operator"):
                await phone.post(path, BODY | {"verdict": "confirm"} if "/cases/" in path else BODY)


async def test_a_round_is_stopped_and_resumed_and_both_are_on_record(
    server: Server, world: World, sign_up: SignUp
) -> None:
    await world.campaign()
    operator = await sign_up("dong")
    await _grant(server, operator, "act")
    async with server.database.read() as connection:
        opens_at = await connection.fetchval("SELECT opens_at FROM campaign_round WHERE number = 1")
    await world.at(opens_at + timedelta(seconds=5))
    path = f"/api/console/nights/{GALA}"
    stop = {"id": fresh_id(), "number": 1}
    await operator.post(f"{path}/pause", stop)
    await operator.post(f"{path}/pause", stop)
    assert (await operator.get(path))["campaign"]["rounds"][0]["state"] == "paused"
    with pytest.raises(Refused, match="id_conflict"):
        await operator.post(f"{path}/resume", stop)
    await operator.post(f"{path}/resume", {"id": fresh_id(), "number": 1})
    with pytest.raises(Refused, match="round_not_open"):
        await operator.post(f"{path}/resume", {"id": fresh_id(), "number": 1})
    acts = (await operator.get("/api/console"))["acts"]
    assert [(one["verb"], one["facts"]) for one in acts] == [
        ("resume_round", {"campaign": GALA, "round": 1}),
        ("pause_round", {"campaign": GALA, "round": 1}),
    ], "what was refused is not on record as done"


async def test_a_campaign_is_forecast_beside_the_server(
    server: Server, world: World, sign_up: SignUp
) -> None:
    await world.campaign(people=400, taps_each=60, scarce_stock=80)
    operator = await sign_up("dong")
    await _grant(server, operator, "act")
    path = f"/api/console/nights/{GALA}"
    assert (await operator.get(path))["expected"] == {"people": 400, "taps_each": 60}
    with pytest.raises(Refused, match="malformed_body"):
        await operator.post(f"{path}/forecast", {"people": 99, "taps_each": 60})
    await operator.post(f"{path}/forecast", {"people": 400, "taps_each": 60})
    with pytest.raises(Refused, match="forecast_under_way"):
        await operator.post(f"{path}/forecast", {"people": 400, "taps_each": 60})
    async with asyncio.timeout(100):
        while (night := (await operator.get(path))["night"])["forecasting"] is not None:
            await asyncio.sleep(0.2)
    found = night["forecast"]["forecast"]
    assert 0 < found["winners"]["low"] <= found["winners"]["median"] <= found["winners"]["high"] <= 80
    assert found["cards"]["jingye"]["high"] <= 80
    assert len(found["completion"]) == 4


async def test_an_unknown_campaign_is_said_to_be_unknown(server: Server, sign_up: SignUp) -> None:
    operator = await sign_up("dong")
    await _grant(server, operator, "act")
    with pytest.raises(Refused, match="unknown_campaign"):
        await operator.get("/api/console/nights/nothing-of-that-name")


async def test_the_consoles_page_is_served_below_the_phones(server: Server, stranger: Phone) -> None:
    answer: httpx.Response = await stranger.http.get("/console/")
    assert answer.status_code == 200


async def test_a_reported_message_is_taken_down_from_the_console(
    server: Server, world: World, sign_up: SignUp
) -> None:
    rude, hurt, operator = [await sign_up(name) for name in ("rude", "hurt", "oper")]
    await _grant(server, operator, "act")
    people = [PersonId((await phone.get("/api/me"))["person"]) for phone in (rude, hurt)]
    await world.befriend((people[0], people[1]))
    (sent,) = await world.ask(send_messages, to(people[0], people[1], "坏话"))
    assert isinstance(sent, SentMessage)
    report = {
        "id": fresh_id(),
        "conversation": str(sent.conversation),
        "numbers": [sent.number],
        "reason": "spam",
        "note": "他骂我",
    }
    await hurt.post("/api/chat/reports", report)
    (waiting,) = await operator.get("/api/console/reports")
    case = await operator.get(f"/api/console/reports/{waiting['id']}")
    assert case["evidence"][0]["seen"] == {"text": "坏话"}
    verdict = {"id": fresh_id(), "verdict": "take_down", "why": "骂人"}
    await operator.post(f"/api/console/reports/{waiting['id']}", verdict)
    await operator.post(f"/api/console/reports/{waiting['id']}", verdict)
    assert await operator.get("/api/console/reports") == []
    acts = (await operator.get("/api/console"))["acts"]
    assert [one["verb"] for one in acts] == ["rule_report"]
