"""Whatever a phone sends, it gets an answer or a refusal that says why; never an error of ours."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.fortune.acts import friends_playing
from tests.world import GALA, World
from wufu.core.ids import PersonId
from wufu.core.refusals import BodyTooLarge, MalformedBody, Refusal, ServerBusy
from wufu.db import Connection
from wufu.edge import Door, ServerError, UnknownVerb, VerbTable, create_http, decode, render
from wufu.fortune import VERBS, Tap, router

ID = "018f3e5a-0000-7000-8000-000000000001"
BODIES: dict[str, dict[str, Any]] = {
    "join": {"campaign": GALA, "seed": "ab" * 32},
    "tap": {"campaign": GALA, "round": 1, "first": 0, "count": 1},
    "gift": {"id": ID, "campaign": GALA, "to": 2, "card": "aiguo", "request": ID},
    "ask": {"id": ID, "campaign": GALA, "card": "aiguo", "to": 2},
    "swap": {"id": ID, "campaign": GALA, "to": 2, "gives": "aiguo", "wants": "hexie"},
    "answer_swap": {"id": ID, "campaign": GALA, "accept": True},
    "pass_cash": {"id": ID, "campaign": GALA, "to": 2},
}
TYPES = {verb.name: verb.request for verb in VERBS}
NASTY: list[Any] = [
    None,
    True,
    -1,
    0,
    2**31,
    2**63 - 1,
    2**63,
    2**64,
    2**70,
    -(2**63),
    -(2**63) - 1,
    10**400,
    1.5,
    1.0,
    1e300,
    "",
    "\x00",
    "gala\x00",
    "gala\n",
    "五福",
    "x" * 300,
    "x" * 15_000,
    "'; DROP TABLE gift; --",
    "\ud800",
    ID.upper(),
    ID.replace("-", ""),
    [],
    [1],
    {},
    {"a": 1},
]


def test_every_verb_of_a_campaign_is_tried() -> None:
    assert BODIES.keys() == TYPES.keys()
    for name, body in BODIES.items():
        assert set(TYPES[name].__struct_fields__) == {"person", *body}


@pytest.mark.parametrize("verb", BODIES)
def test_a_good_body_is_read_with_the_caller_as_the_person(verb: str) -> None:
    request = decode(TYPES[verb], PersonId(7), json.dumps(BODIES[verb]).encode())
    assert request.person == 7
    assert request.campaign == GALA


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"null",
        b"7",
        b'"tap"',
        b"[]",
        b"{",
        b'{"campaign":"gala",}',
        b"{}",
        b"\xff\xfe",
        b'{"campaign":"\xff","round":1,"first":0,"count":1}',
        b"\xef\xbb\xbf{}",
        b"[" * 8_000 + b"]" * 8_000,
        b'{"a":' * 2_500 + b"1" + b"}" * 2_500,
        b'{"campaign":"gala","round":' + b"[" * 7_000 + b"]" * 7_000 + b',"first":0,"count":1}',
        b'{"campaign":"gala","round":NaN,"first":0,"count":1}',
        b'{"campaign":"gala","round":1e999,"first":0,"count":1}',
        b'{"campaign":"gala","round":01,"first":0,"count":1}',
        b'{"campaign":"gala","round":' + b"9" * 15_000 + b',"first":0,"count":1}',
        b'{"campaign":"gala","round":1,"first":0,"count":true}',
        b'{"campaign":"gala","round":"1","first":0,"count":1}',
        b'{"campaign":"gala","round":1,"first":0}',
        b'{"campaign":"gala","round":1,"first":0,"count":1,"prize":"jingye"}',
        b'{"campaign":"gala","round":1,"first":0,"count":1,"person":8}',
    ],
)
def test_a_body_that_is_no_tap_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody) as raised:
        decode(Tap, PersonId(7), body)
    assert len(render(raised.value)) < 1_000


def test_a_body_of_more_than_16_kilobytes_is_not_read() -> None:
    body = json.dumps(BODIES["tap"]).encode()
    assert decode(Tap, PersonId(7), body + b" " * (16 * 1024 - len(body)))
    with pytest.raises(BodyTooLarge):
        decode(Tap, PersonId(7), body + b" " * (16 * 1024 - len(body) + 1))
    with pytest.raises(BodyTooLarge):
        decode(Tap, PersonId(7), b"[" * 17_000)


def changed_bodies(verb: str) -> list[bytes]:
    """A good body with each of its fields nasty in turn, missing, or repeated."""
    good = BODIES[verb]
    bodies = [json.dumps({**good, field: value}) for field in good for value in NASTY]
    bodies += [json.dumps({name: good[name] for name in good if name != field}) for field in good]
    bodies += [json.dumps(good)[:-1] + f', "{field}": 3}}' for field in good]
    return [body.encode() for body in bodies]


@pytest.mark.parametrize("verb", BODIES)
async def test_nothing_a_phone_sends_becomes_an_error_of_ours(
    world: World, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    one, two, _ = await friends_playing(world)
    assert (one, two) == (1, 2)
    table = VerbTable(world.database, VERBS)
    for body in changed_bodies(verb):
        answer = await table.ask(one, verb, body)
        assert not isinstance(answer, ServerError | ServerBusy), body
        assert len(render(answer)) < 2_000
    assert "failed for a batch" not in caplog.text


async def test_no_value_that_passes_the_edge_breaks_its_neighbours(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """All readable nasty requests of a verb in one batch, as they would come in one night."""
    one, *_ = await friends_playing(world)
    for verb in VERBS:
        requests = []
        for body in changed_bodies(verb.name):
            try:
                requests.append(decode(verb.request, one, body))
            except Refusal:
                continue
        assert requests
        answers = await world.ask(verb.verb, *requests)
        assert len(answers) == len(requests)


async def test_an_unknown_verb_is_refused(world: World) -> None:
    table = VerbTable(world.database, VERBS)
    for name in ("mint", "", "tap;", "x" * 1_000):
        assert await table.ask(PersonId(1), name, b"{}") == UnknownVerb(verb=name[:40])


@pytest.fixture
async def phone(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Person 1 over HTTP, in a world with a running campaign."""
    await friends_playing(world)

    async def see_person(_: Connection, token: str) -> PersonId:
        return PersonId(int(token))

    door = Door(world.database, see_person)
    app = create_http(door, VerbTable(world.database, VERBS), [router(door)], None)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://wufu", headers={"Authorization": "Bearer 1"}
    ) as client:
        yield client


READINGS = [
    ("/api/fortune", 200),
    ("/api/fortune/gala", 200),
    ("/api/fortune/gala/mine", 200),
    ("/api/fortune/gala/friends/2", 200),
    ("/api/fortune/gala/proof", 200),
    ("/api/facts?after=0", 200),
    ("/api/facts?after=-5", 200),
    (f"/api/facts?after={2**63 - 1}", 200),
    ("/api/fortune/nowhere", 404),
    ("/api/fortune/ga%00la", 422),
    ("/api/fortune/%E4%BA%94%E7%A6%8F/mine", 404),
    (f"/api/fortune/{'x' * 3000}/proof", 404),
    ("/api/fortune/gala/friends/4711", 403),
    ("/api/fortune/gala/friends/0", 422),
    ("/api/fortune/gala/friends/-1", 422),
    (f"/api/fortune/gala/friends/{2**63}", 422),
    (f"/api/fortune/gala/friends/{2**70}", 422),
    ("/api/fortune/gala/friends/two", 422),
    (f"/api/facts?after={2**63}", 422),
    ("/api/facts?after=x", 422),
    ("/api/fortune/gala/nothing", 404),
]


async def test_reading_over_http_answers_or_refuses(phone: httpx.AsyncClient) -> None:
    for path, status in READINGS:
        answer = await phone.get(path)
        assert answer.status_code == status, (path, answer.text)
        assert ("refusal" in answer.json()) == (status != 200)


PASTES: list[tuple[object, int, str]] = [
    ({"text": "新年快乐"}, 422, "bad_token"),
    ({"text": "\x00" * 100}, 422, "malformed_body"),
    ({"text": "¥" * 4000}, 422, "bad_token"),
    ({"text": "x" * 4001}, 422, "malformed_body"),
    ({"text": 5}, 422, "malformed_body"),
    ({}, 422, "malformed_body"),
    ([], 422, "malformed_body"),
    ({"text": "x" * 70_000}, 413, "body_too_large"),
]


async def test_pasting_over_http_answers_or_refuses(phone: httpx.AsyncClient) -> None:
    for body, status, code in PASTES:
        answer = await phone.post("/api/fortune/gala/paste", json=body)
        assert (answer.status_code, answer.json()["refusal"]["code"]) == (status, code), body


BODIES_OF_TAPS = [
    (b"not json", 422, "malformed_body"),
    (b"\xff\xff", 422, "malformed_body"),
    (b"[" * 10_000, 422, "malformed_body"),
    (b'{"campaign":"' + b"x" * 17_000 + b'"}', 413, "body_too_large"),
    (b"x" * 70_000, 413, "body_too_large"),
    (json.dumps({**BODIES["tap"], "count": 2**70}).encode(), 422, "malformed_body"),
]


async def test_a_verb_over_http_answers_or_refuses(phone: httpx.AsyncClient) -> None:
    for content, status, code in BODIES_OF_TAPS:
        answer = await phone.post("/api/do/tap", content=content)
        assert (answer.status_code, answer.json()["refusal"]["code"]) == (status, code), content[:100]
        good = await phone.post("/api/do/tap", json=BODIES["tap"])
        assert good.json()["ok"]["next"] == 1


async def test_an_id_is_the_same_however_it_is_spelled(world: World) -> None:
    spelled = {
        decode(TYPES["ask"], PersonId(1), json.dumps({**BODIES["ask"], "id": spelling}).encode())
        for spelling in (ID, ID.upper(), ID.replace("-", ""))
    }
    assert {request.id for request in spelled} == {UUID(ID)}
