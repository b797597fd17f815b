"""What a hostile or broken client gets over HTTP: coded refusals, closed doors, never a fault of ours."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx

from tests.journeys.acts import befriend, open_round, refused, tap_once
from tests.journeys.phone import Phone, SignUp, answer_of
from tests.world import GALA, World
from wufu.edge.bodies import LARGEST_BODY
from wufu.edge.guard import LARGEST_HTTP_BODY
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.template import ROUND_LENGTH, ROUNDS_2016
from wufu.main import VERBS, Server

NO_OBJECTS = [b"", b"[]", b"{", b"\xff\xfe", b"[" * 30_000]
ODD = [str(10**20), "-1", "0", str(2**63 - 1), "%00", "%ff", "x" * 300, "..%2f..%2fx", "🧧"]
POISON = [
    b'{"text":"\\u0000","person":99999999999999999999,"login":"\\u0000","id":"\\u0000","minor":1e400}',
    b'{"text":"\\ud800","name":"\\ud800","login":"\\ud800","password":"\\ud800","pin":"\\ud800"}',
    b'{"person":NaN,"minor":Infinity}',
]


def routes_of(server: Server) -> Iterator[tuple[str, str]]:
    """Every method and path of the API, as it describes itself, and those of the sandbox bank."""
    for path, methods in server.http.openapi()["paths"].items():
        for method in methods:
            yield method.upper(), path
    yield "POST", "/api/sandbox-bank/orders"
    yield "POST", "/api/sandbox-bank/orders/look"


def filled(path: str, **values: object) -> str:
    """A path with its parameters filled in."""
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


async def said(phone: Phone, method: str, path: str, body: bytes | None = None) -> httpx.Response:
    headers = {"content-type": "application/json"} if body is not None else {}
    return await phone.http.request(method, path, content=body, headers=headers)


def check_refusal(response: httpx.Response, what: object) -> None:
    """A coded refusal, with a status that does not blame us."""
    assert 400 <= response.status_code < 500, (what, response.status_code, response.text[:300])
    answer = response.json()
    assert set(answer) == {"refusal"}, (what, answer)
    assert set(answer["refusal"]) == {"code", "facts"}, (what, answer)


async def test_no_body_makes_the_server_fail(server: Server, sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    harmless = {"/api/people/sign-out", "/api/live/pass", "/api/privacy/stay"}
    paths = [path for method, path in routes_of(server) if method == "POST" and path not in harmless]
    assert len(paths) > 15
    for path in paths:
        for verb in [verb.name for verb in VERBS] if "{verb}" in path else [""]:
            where = filled(path, verb=verb, campaign=GALA, person=phone.person)
            bodies = (*NO_OBJECTS, *POISON)
            answers = await asyncio.gather(*(said(phone, "POST", where, body) for body in bodies))
            for body, answer in zip(bodies, answers, strict=True):
                check_refusal(answer, (where, body[:40]))
    assert (await phone.get("/api/me"))["person"] == phone.person


async def test_an_oversized_body_is_refused_before_it_is_read(server: Server, sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    large = b'{"text":"' + b"x" * LARGEST_HTTP_BODY + b'"}'

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 4096):
            yield large[start : start + 4096]

    for path in (f"/api/fortune/{GALA}/paste", "/api/do/tap", "/api/people/register", "/api/bank/notify"):
        for content in (large, in_pieces()):
            response = await phone.http.post(path, content=content)
            check_refusal(response, path)
            assert (response.status_code, response.json()["refusal"]["code"]) == (413, "body_too_large")
    verb = b'{"campaign":"' + b"x" * LARGEST_BODY + b'"}'
    response = await phone.http.post("/api/do/tap", content=verb)
    assert (response.status_code, response.json()["refusal"]["code"]) == (413, "body_too_large")


async def test_no_address_makes_the_server_fail(server: Server, sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    names = ("campaign", "friend", "person", "device", "verb")
    queries = ["facts?after=", "wallet/statement?before=", "friends/suggestions?limit=", "people/find?q="]
    for value in ODD:
        asked = [
            (method, filled(path, **dict.fromkeys(names, value)), b"{}" if method == "POST" else None)
            for method, path in routes_of(server)
            if "{" in path
        ]
        answers = await asyncio.gather(*(said(phone, *what) for what in asked))
        for what, answer in zip(asked, answers, strict=True):
            check_refusal(answer, what)
        for query in queries:
            response = await phone.http.get(f"/api/{query}{value}")
            if response.status_code != 200:
                check_refusal(response, (query, value))


async def test_what_is_not_there_is_a_coded_refusal(server: Server, sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        refusal = await refused(phone, method, "/api/nothing/here")
        assert (refusal.code, refusal.status) == ("not_found", 404), method
    verb = await refused(phone, "POST", "/api/do/fly", {})
    assert (verb.code, verb.status) == ("unknown_verb", 404)
    for path in (f"/api/fortune/{GALA}", f"/api/fortune/{GALA}/mine", f"/api/fortune/{GALA}/proof"):
        refusal = await refused(phone, "GET", path)
        assert (refusal.code, refusal.status) == ("unknown_campaign", 404)


async def test_nothing_private_is_shown_to_a_stranger(server: Server, stranger: Phone) -> None:
    public = {"/api/fortune", "/api/fortune/{campaign}", "/api/people/personas", "/api/openapi.json"}
    # Who was handed an invitation's code sees who invites before they have an account.
    public.add("/api/ties/invitations/look")
    for method, path in routes_of(server):
        if method == "GET" and path not in public:
            where = filled(path, campaign=GALA, friend=1, person=1)
            refusal = await refused(stranger, "GET", where)
            assert (refusal.code, refusal.status) == ("not_signed_in", 401), where


async def test_nobody_sees_somebody_elses_part(server: Server, world: World, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await open_round(world, dong, lan)
    await tap_once(world, dong)
    for path in ("/api/snapshot", f"/api/fortune/{GALA}/mine", f"/api/fortune/{GALA}/proof", "/api/wallet"):
        response = await lan.http.get(path, params={"person": dong.person, "player": 1, "number": 1})
        theirs = response.json()
        assert theirs != (await dong.http.get(path)).json() or path == "/api/wallet"
    assert (await lan.get(f"/api/fortune/{GALA}/mine?person={dong.person}"))["rounds"][0]["next"] == 0
    proof = await lan.get(f"/api/fortune/{GALA}/proof?person={dong.person}")
    assert proof["player"]["number"] == 2
    facts = (await lan.get(f"/api/facts?after=0&person={dong.person}"))["facts"]
    assert not facts
    spare = await refused(lan, "GET", f"/api/fortune/{GALA}/friends/{dong.person}")
    assert (spare.code, spare.status) == ("not_friends", 403)
    await befriend(dong, lan)
    shown = (await lan.get(f"/api/fortune/{GALA}/friends/{dong.person}"))["cards"]
    assert all(count >= 2 for count in shown.values())


async def test_a_secret_is_in_no_answer_before_its_round_is_over(
    server: Server, world: World, sign_up: SignUp
) -> None:
    dong = await sign_up("dong")
    await open_round(world, dong)
    await tap_once(world, dong)
    places = [(GALA, number) for number in range(5)]
    async with server.database.read() as connection:
        secrets = await campaign_store.secrets(connection, places)

    async def everything() -> str:
        texts = []
        for method, path in routes_of(server):
            if method == "GET":
                where = filled(path, campaign=GALA, friend=dong.person)
                texts.append((await dong.http.get(where)).text)
        return "".join(texts)

    before = await everything()
    assert len(secrets) == 5
    for secret in secrets.values():
        assert secret.hex() not in before
    await world.at(ROUNDS_2016[0] + ROUND_LENGTH + timedelta(seconds=1))
    after = await everything()
    shown = [place for place, secret in secrets.items() if secret.hex() in after]
    assert shown == [(GALA, 1)]


async def test_every_answer_carries_the_security_headers(server: Server, sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    for path in ("/", "/icon.svg", "/api/me", "/api/nothing", "/assets/none.js"):
        headers = (await phone.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-eval'" not in policy
    for path in ("/api/me", "/api/snapshot", "/api/wallet"):
        assert "no-store" in (await phone.http.get(path)).headers["cache-control"], path


async def test_the_page_is_served_and_is_never_an_old_copy(server: Server, stranger: Phone) -> None:
    for path in ("/", "/fu", "/chat/17", "/friends/%00", "/" + "x" * 3000):
        response = await stranger.http.get(path)
        assert response.status_code == 200, path
        assert "五福" in response.text
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["content-type"].startswith("text/html")
    icon = await stranger.http.get("/icon.svg")
    assert icon.text == "<svg/>"
    asset = await stranger.http.get("/assets/main-1a2b3c.js")
    assert asset.status_code == 200
    assert "javascript" in asset.headers["content-type"]
    missing = await stranger.http.get("/assets/main-000000.js")
    assert missing.status_code == 404
    assert missing.json()["refusal"]["code"] == "not_found"


async def test_no_path_leads_out_of_the_page(server: Server) -> None:
    assert server.url is not None
    paths = [
        "/../outside.txt",
        "/..%2foutside.txt",
        "/%2e%2e/outside.txt",
        "/assets/../../outside.txt",
        "/assets/..%2f..%2foutside.txt",
        "/assets/%2e%2e/%2e%2e/outside.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/assets//etc/passwd",
    ]
    async with httpx.AsyncClient() as http:
        for path in paths:
            response = await http.get(httpx.URL(server.url).copy_with(raw_path=path.encode()))
            assert response.status_code in {200, 404}, path
            assert "not yours" not in response.text, path
            assert "root:" not in response.text, path


async def test_the_api_describes_itself(server: Server, stranger: Phone) -> None:
    described = answer_of(await stranger.http.get("/api/openapi.json"))
    assert json.dumps(described)
    assert "/api/do/{verb}" in described["paths"]
