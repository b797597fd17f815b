"""Nonsense at every door: random bodies, many of them nearly right, are refused or done, never half done."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import FreshDatabase
from tests.journeys.acts import befriend, draw, open_round
from tests.journeys.conftest import OffsetClock, audited, engines_at, phone_at, register
from tests.journeys.phone import PASSWORD, PIN, Json, Phone
from tests.world import GALA, World, an_id
from wufu.core.refusals import Refusal
from wufu.db.engines import Engines
from wufu.edge import render
from wufu.fortune.template import CARDS_2016
from wufu.main import VERBS, Server

TOKEN = "集五福 ¥A2B3C4D5E6F7G8H9J2K3L4M5N6P¥"
ENDS_A_SESSION = {"/api/people/sign-out"}

# --- What is sent -------------------------------------------------------------------------------------

numbers = st.one_of(
    st.integers(-3, 40),
    st.sampled_from([2**31, 2**53 + 1, 2**63 - 1, -(2**63), 10**30, 0.5, float("nan"), True]),
)
texts = st.one_of(
    st.text(max_size=20), st.sampled_from(["", "\0", "x" * 5_000, "\u202e五福", "¥", "' OR 1=1"])
)
anything = st.recursive(
    st.one_of(st.none(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
ids = st.sampled_from([str(an_id(f"fuzz {number}")) for number in range(6)])
people = st.sampled_from([1, 1, 2, 2, 3, 999])
cards = st.sampled_from([*(card.id for card in CARDS_2016), "nonsense"])
RIGHT: dict[str, st.SearchStrategy[object]] = {
    "campaign": st.sampled_from([GALA, GALA, GALA, "nothing"]),
    "id": ids,
    "request": st.one_of(st.none(), ids),
    "person": people,
    "to": people,
    "asker": people,
    "card": cards,
    "gives": cards,
    "wants": cards,
    "round": st.integers(0, 5),
    "first": st.sampled_from([0, 0, 5, 30]),
    "count": st.integers(0, 31),
    "seed": st.sampled_from(["ab" * 32, "AB" * 32, "zz" * 32, ""]),
    "accept": st.booleans(),
    "minor": st.integers(-1, 5_00),
    "pin": st.sampled_from([PIN, "000000"]),
    "old_pin": st.sampled_from([PIN, "000000"]),
    "note": texts,
    "text": st.sampled_from([TOKEN, "nothing"]),
    "login": st.sampled_from(["dong", "lan", "somebody"]),
    "password": st.sampled_from([PASSWORD, "wrong password"]),
    "name": texts,
    "code": st.sampled_from(["17-4k2m-9xw0-a3fe-qqz7", "nonsense"]),
    "language": st.sampled_from(["zh", "en", "tlh"]),
    "findable": st.booleans(),
    "reference": ids,
    "kind": st.sampled_from(["top_up", "withdrawal"]),
    "state": st.sampled_from(["confirmed", "failed"]),
}
FIELDS: dict[str, tuple[str, ...]] = {
    **{verb.name: verb.request.__struct_encode_fields__[1:] for verb in VERBS},
    "paste": ("text",),
    "ties": ("person",),
    "top-up": ("id", "minor"),
    "withdraw": ("id", "minor", "pin"),
    "pin": ("pin", "password", "old_pin"),
    "register": ("login", "password", "name", "language"),
    "sign-in": ("login", "password"),
    "claim": ("code", "login", "password"),
    "settings": ("name", "language", "findable"),
    "notify": ("reference", "kind", "minor", "state"),
}


@st.composite
def bodies(draw: st.DrawFn, fields: tuple[str, ...]) -> bytes:
    """A right body, one with a field wrong, missing or too many, or something else altogether."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(st.binary(max_size=40), anything.map(as_json)))
    body: dict[str, object] = {name: draw(RIGHT.get(name, anything)) for name in fields}
    for name in draw(st.lists(st.sampled_from([*fields, "more"]), max_size=1)):
        body[name] = draw(anything)
    for name in draw(st.lists(st.sampled_from(fields), max_size=1)):
        if draw(st.integers(0, 5)) == 0:
            body.pop(name, None)
    return as_json(body)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def _kind(path: str) -> str:
    """Which fields a route's body has."""
    parts = path.split("/")
    return next((part for part in reversed(parts) if part in FIELDS), "ties")


verb_calls = st.sampled_from(VERBS).flatmap(
    lambda verb: st.tuples(people.filter(lambda one: one < 3), st.just(verb.name), bodies(FIELDS[verb.name]))
)
segments = st.one_of(
    st.sampled_from([GALA, "1", "2", str(10**20), "%00", "-1"]), st.text("a%./0", min_size=1)
)


# --- Where it is sent ---------------------------------------------------------------------------------


@pytest.fixture
async def pair(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, page: object
) -> AsyncIterator[tuple[Server, list[Phone]]]:
    """A demo server (it has the most doors) and two friends with cards, money and a PIN. Then all laws."""
    async with audited(engines_at(engines, fresh), clock, page, demo=True) as server:  # type: ignore[arg-type]
        assert server.url is not None
        async with phone_at(server.url) as dong, phone_at(server.url) as lan:
            for phone, name in ((dong, "dong"), (lan, "lan")):
                await register(phone, name)
                await phone.set_pin()
            world = World(server.database, clock)
            await open_round(world, dong, lan)
            await befriend(dong, lan)
            await draw(world, dong, "aiguo")
            await draw(world, lan, "hexie")
            yield server, [dong, lan]


quick = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(calls=st.lists(verb_calls, min_size=1, max_size=12))
async def test_no_verb_fails_on_nonsense(
    pair: tuple[Server, list[Phone]], calls: list[tuple[int, str, bytes]]
) -> None:
    server, phones = pair
    asked = [server.verbs.ask(phones[person - 1].person, name, body) for person, name, body in calls]
    for call, answer in zip(calls, await asyncio.gather(*asked), strict=True):
        rendered: Json = json.loads(render(answer))
        assert set(rendered) in ({"ok"}, {"refusal"})
        if isinstance(answer, Refusal):
            assert answer.status < 500, (call, answer)


@quick
@given(data=st.data())
async def test_no_route_fails_on_nonsense(pair: tuple[Server, list[Phone]], data: st.DataObject) -> None:
    server, phones = pair
    declared: Mapping[str, Mapping[str, object]] = server.http.openapi()["paths"]
    paths = [path for path in declared if path not in ENDS_A_SESSION]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(server.http), base_url="http://wufu", timeout=30
    ) as http:
        for _ in range(data.draw(st.integers(1, 6))):
            path = data.draw(st.sampled_from(paths))
            method = data.draw(st.sampled_from(sorted(declared[path])))
            body = data.draw(bodies(FIELDS[_kind(path)])) if method == "post" else b""
            for name in ("verb", "campaign", "person", "friend", "device"):
                path = path.replace(f"{{{name}}}", data.draw(segments) if f"{{{name}}}" in path else "")
            token = data.draw(st.sampled_from([phone.token for phone in phones] * 4 + ["", "nonsense"]))
            response = await http.request(
                method, path, content=body, headers={"authorization": f"Bearer {token}"}
            )
            assert response.status_code < 500, (method, path, body, response.text)
            if response.status_code >= 400:
                assert set(response.json()) == {"refusal"}, (method, path, response.text)
