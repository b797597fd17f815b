"""Coming in, devices, the PIN and friends, over HTTP as the page does it."""

import contextlib
from functools import partial

import httpx

from tests.journeys.acts import refused
from tests.journeys.phone import PASSWORD, PIN, Phone, Refused, SignUp
from tests.world import World
from wufu.main import Server
from wufu.people import NewPerson, create_people


async def test_register_sign_out_and_sign_in_again(server: Server, sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    me = await phone.get("/api/me")
    assert (me["login"], me["name"], me["has_pin"], me["demo"]) == ("dong", "dong 王", False, False)
    await phone.post("/api/people/sign-out")
    refusal = await refused(phone, "GET", "/api/me")
    assert (refusal.code, refusal.status) == ("not_signed_in", 401)
    wrong = await refused(phone, "POST", "/api/people/sign-in", {"login": "dong", "password": "nonsense"})
    assert (wrong.code, wrong.status) == ("wrong_password", 403)
    assert phone.http.cookies.get("wufu_session") is None
    answer = await phone.post("/api/people/sign-in", {"login": "DONG", "password": PASSWORD})
    assert answer["me"]["person"] == phone.person
    assert (await phone.get("/api/me"))["person"] == phone.person


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    server: Server, stranger: Phone
) -> None:
    body = {"login": "lan", "password": PASSWORD, "name": "兰"}
    response = await stranger.http.post("/api/people/register", json=body)
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_a_login_is_taken_once(server: Server, sign_up: SignUp, stranger: Phone) -> None:
    await sign_up("dong")
    body = {"login": "Dong", "password": PASSWORD, "name": "another"}
    refusal = await refused(stranger, "POST", "/api/people/register", body)
    assert (refusal.code, refusal.status) == ("login_taken", 409)


async def test_a_program_signs_in_with_a_bearer_token(
    server: Server, sign_up: SignUp, stranger: Phone
) -> None:
    phone = await sign_up("dong")
    bearer = {"Authorization": f"Bearer {phone.token}"}
    response = await stranger.http.get("/api/me", headers=bearer)
    assert response.json()["person"] == phone.person
    forged = {"Authorization": f"Bearer {phone.token[:-1]}{'A' if phone.token[-1] != 'A' else 'B'}"}
    assert (await stranger.http.get("/api/me", headers=forged)).status_code == 401
    # A Bearer token is sent by a program on purpose, so it needs no proof against other sites.
    del stranger.http.headers["X-Wufu"]
    response = await stranger.http.post("/api/me/settings", json={"name": "东"}, headers=bearer)
    assert response.json()["name"] == "东"


async def test_a_cookie_alone_changes_nothing(server: Server, sign_up: SignUp) -> None:
    """Another site can make a browser send the cookie, but not the header."""
    phone = await sign_up("dong")
    del phone.http.headers["X-Wufu"]
    assert (await phone.get("/api/me"))["person"] == phone.person
    writes = ["/api/me/settings", "/api/people/sign-out", "/api/do/join", "/api/ties/ask", "/api/live/pass"]
    for path in writes:
        refusal = await refused(phone, "POST", path, {"name": "x", "person": 1})
        assert (refusal.code, refusal.status) == ("not_allowed", 403), path
    assert (await phone.get("/api/me"))["name"] == "dong 王"


async def test_another_device_can_be_signed_out(server: Server, sign_up: SignUp, stranger: Phone) -> None:
    phone = await sign_up("dong")
    body = {"login": "dong", "password": PASSWORD, "device": "lost phone"}
    stranger.welcome(await stranger.post("/api/people/sign-in", body))
    devices = (await phone.get("/api/people/devices"))["devices"]
    assert {(device["name"], device["current"]) for device in devices} == {
        ("test", True),
        ("lost phone", False),
    }
    lost = next(device["id"] for device in devices if not device["current"])
    await phone.call("DELETE", f"/api/people/devices/{lost}")
    assert (await refused(stranger, "GET", "/api/me")).code == "not_signed_in"
    assert len((await phone.get("/api/people/devices"))["devices"]) == 1


async def test_nobody_signs_out_somebody_elses_device(server: Server, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    [device] = (await dong.get("/api/people/devices"))["devices"]
    with contextlib.suppress(Refused):
        await lan.call("DELETE", f"/api/people/devices/{device['id']}")
    assert (await dong.get("/api/me"))["person"] == dong.person


async def test_a_pin_is_set_with_the_password_and_changed_with_the_old_one(
    server: Server, sign_up: SignUp
) -> None:
    phone = await sign_up("dong")
    bad = await refused(phone, "POST", "/api/people/pin", {"pin": "12345", "password": PASSWORD})
    assert bad.code == "bad_pin"
    wrong = await refused(phone, "POST", "/api/people/pin", {"pin": PIN, "password": "nonsense"})
    assert wrong.code == "wrong_password"
    assert not (await phone.get("/api/me"))["has_pin"]
    await phone.set_pin()
    assert (await phone.get("/api/me"))["has_pin"]
    await phone.post("/api/people/pin", {"pin": "314159", "old_pin": PIN})
    answer = await refused(phone, "POST", "/api/people/pin", {"pin": PIN, "old_pin": PIN})
    assert answer.code == "wrong_pin"


async def test_an_imported_person_cannot_be_signed_in_as(
    server: Server, world: World, stranger: Phone
) -> None:
    await world.run(partial(create_people, people=[NewPerson("导入", "imported", external="ties/1")]))
    for login in ("ties/1", "导入", "imported", "1"):
        refusal = await refused(stranger, "POST", "/api/people/sign-in", {"login": login, "password": ""})
        assert refusal.code == "wrong_password"


async def test_personas_are_for_demos_only(server: Server, world: World, stranger: Phone) -> None:
    [persona] = await world.run(partial(create_people, people=[NewPerson("老王", "persona")]))
    for method, path in (
        ("GET", "/api/people/personas"),
        ("POST", f"/api/people/personas/{persona}/sign-in"),
    ):
        refusal = await refused(stranger, method, path)
        assert (refusal.code, refusal.status) == ("not_found", 404)


async def test_in_a_demo_a_persona_is_one_click_away(demo_server: Server) -> None:
    world = World(demo_server.database, demo_server.database.clock)  # type: ignore[arg-type]
    news = [NewPerson("老王", "persona", line="爱打拍子"), NewPerson("小李", "imported", external="x/1")]
    persona, imported = await world.run(partial(create_people, people=news))
    assert demo_server.url is not None
    async with httpx.AsyncClient(base_url=demo_server.url, headers={"X-Wufu": "1"}) as http:
        phone = Phone(http)
        [shown] = (await phone.get("/api/people/personas"))["personas"]
        assert (shown["person"], shown["name"], shown["line"]) == (persona, "老王", "爱打拍子")
        phone.welcome(await phone.post(f"/api/people/personas/{persona}/sign-in"))
        assert (await phone.get("/api/me"))["demo"] is True
        refusal = await refused(phone, "POST", f"/api/people/personas/{imported}/sign-in")
        assert refusal.status in {403, 404}


async def test_friends_find_ask_accept_and_part(server: Server, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    [found] = (await dong.get("/api/people/find?q=lan"))["people"]
    assert (found["person"], found["tie"]) == (lan.person, "none")
    assert (await dong.post("/api/ties/ask", {"person": lan.person}))["tie"] == "asked"
    [asking] = (await lan.get("/api/ties"))["requests"]
    assert asking["person"] == dong.person
    assert (await lan.post("/api/ties/accept", {"person": dong.person}))["tie"] == "friend"
    for one, other in ((dong, lan), (lan, dong)):
        ties = await one.get("/api/ties")
        assert [friend["person"] for friend in ties["friends"]] == [other.person]
        assert not ties["requests"]
        assert not ties["asked"]
    assert (await dong.post("/api/ties/remove", {"person": lan.person}))["tie"] == "none"
    assert (await lan.get("/api/ties"))["friends"] == []


async def test_who_is_blocked_learns_nothing(server: Server, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await lan.post("/api/ties/block", {"person": dong.person})
    assert (await dong.get("/api/people/find?q=lan"))["people"] == []
    assert (await dong.post("/api/ties/ask", {"person": lan.person}))["tie"] == "asked"
    assert (await lan.get("/api/ties"))["requests"] == []
    refusal = await refused(lan, "POST", "/api/ties/ask", {"person": dong.person})
    assert refusal.code == "blocked_by_you"
