from typing import Any

import pytest

from tests.people.acts import do, some_people
from tests.people.phones import phone
from wufu.db import Database
from wufu.people import offer_claim


async def test_a_phone_registers_and_is_known_by_its_cookie(database: Database) -> None:
    async with phone(database) as ada, phone(database) as stranger:
        answer = await ada.post("/api/people/register", login="Ada", password="correct horse", name="Ada")
        assert answer["me"] == {
            "person": answer["me"]["person"],
            "name": "Ada",
            "login": "ada",
            "avatar": answer["me"]["avatar"],
            "has_pin": False,
            "language": "zh",
            "findable": True,
            "demo": True,
        }
        assert await ada.get("/api/me") == answer["me"]
        cookie = next(iter(ada.client.cookies.jar))
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert cookie.get_nonstandard_attr("SameSite") == "strict"
        assert await stranger.get("/api/me") == "401 not_signed_in"
        stranger.client.headers["Authorization"] = f"Bearer {answer['token']}"
        assert await stranger.get("/api/me") == answer["me"]
        stranger.client.headers["Authorization"] = f"Bearer {answer['token'][:-1]}"
        assert await stranger.get("/api/me") == "401 not_signed_in"


async def test_another_site_cannot_use_the_cookie(database: Database) -> None:
    async with phone(database) as ada:
        await ada.register("ada", "Ada")
        for path in ("/api/me/settings", "/api/people/pin", "/api/people/sign-out"):
            response = await ada.client.post(path, json={"pin": "123456"})
            assert response.status_code == 403
        assert (await ada.get("/api/me"))["name"] == "Ada"


async def test_signing_in_out_and_devices(database: Database) -> None:
    async with phone(database) as mine, phone(database) as other, phone(database) as stranger:
        me = await mine.register("ada", "Ada")
        sign_in = {"login": "ada", "password": "correct horse", "device": "laptop"}
        assert (await other.post("/api/people/sign-in", **sign_in))["me"]["person"] == me
        assert await other.post("/api/people/sign-in", login="ada", password="wrong") == "403 wrong_password"
        devices = (await mine.get("/api/people/devices"))["devices"]
        assert {(device["name"], device["current"]) for device in devices} == {
            ("Ada's phone", True),
            ("laptop", False),
        }
        laptop = next(device["id"] for device in devices if device["name"] == "laptop")
        await stranger.register("bob", "Bob")
        await stranger.delete(f"/api/people/devices/{laptop}")  # not Bob's: nothing happens
        assert (await other.get("/api/me"))["person"] == me
        assert await mine.delete(f"/api/people/devices/{laptop}") == {}
        assert await other.get("/api/me") == "401 not_signed_in"
        assert await mine.delete("/api/people/devices/1") == "422 malformed_body"
        assert await mine.post("/api/people/sign-out") == {}
        assert await mine.get("/api/me") == "401 not_signed_in"
        assert await mine.post("/api/people/sign-out") == {}


async def test_wrong_passwords_are_counted_although_they_are_refused(database: Database) -> None:
    async with phone(database) as ada:
        await ada.register("ada", "Ada")
        for _ in range(5):
            wrong = await ada.post("/api/people/sign-in", login="ada", password="wrong horse")
            assert wrong == "403 wrong_password"
        late = await ada.post("/api/people/sign-in", login="ada", password="correct horse")
        assert late == "429 too_many_tries"


async def test_the_pin_over_http(database: Database) -> None:
    async with phone(database) as ada:
        await ada.register("ada", "Ada")
        pin = "/api/people/pin"
        assert await ada.post(pin, pin="123456") == "403 not_allowed"
        assert await ada.post(pin, pin="123456", password="wrong horse") == "403 wrong_password"
        assert await ada.post(pin, pin="12345", password="correct horse") == "422 bad_pin"
        assert await ada.post(pin, pin=123456, password="correct horse") == "422 malformed_body"
        assert await ada.post(pin, pin="123456", password="correct horse") == {}
        for _ in range(4):
            assert await ada.post(pin, pin="222222", old_pin="000000") == "403 wrong_pin"
        assert await ada.post(pin, pin="222222", old_pin="000000") == "423 pin_locked"
        assert await ada.post(pin, pin="222222", old_pin="123456") == "423 pin_locked"
        assert (await ada.get("/api/me"))["has_pin"] is True


async def test_personas_are_there_in_a_demo_only(database: Database) -> None:
    [persona, _] = await some_people(database, 2)
    async with phone(database, demo=True) as demo, phone(database, demo=False) as real:
        shown = (await demo.get("/api/people/personas"))["personas"]
        assert shown[0]["person"] == persona
        assert set(shown[0]) == {"person", "name", "avatar", "line"}
        answer = await demo.post(f"/api/people/personas/{persona}/sign-in")
        assert answer["me"]["person"] == persona
        assert (await demo.get("/api/me"))["demo"] is True
        assert await demo.post("/api/people/pin", pin="123456") == {}
        assert await real.get("/api/people/personas") == "404 not_found"
        assert await real.post(f"/api/people/personas/{persona}/sign-in") == "404 not_found"
        assert await demo.post(f"/api/people/personas/{10**30}/sign-in") == "404 unknown_person"
        ada = await demo.register("ada", "Ada")
        assert await demo.post(f"/api/people/personas/{ada}/sign-in") == "404 unknown_person"


async def test_an_account_is_claimed_over_http(database: Database) -> None:
    [me] = await some_people(database, 1, "imported")
    code = await do(database, offer_claim, me)
    async with phone(database) as mine:
        claim = {"code": code, "login": "wang", "password": "correct horse"}
        assert (await mine.post("/api/people/claim", **claim))["me"]["login"] == "wang"
        taken = await mine.post("/api/people/claim", code=code, login="other", password="correct horse")
        assert taken == "403 bad_claim_code"


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("register", {}, "422 malformed_body"),
        ("register", {"login": 1, "password": "x" * 9, "name": "a"}, "422 malformed_body"),
        ("register", {"login": "ada", "password": "x" * 9, "name": "\u202e"}, "422 bad_name"),
        ("register", {"login": "ada", "password": "x" * 9, "name": "x" * 10_000}, "422 bad_name"),
        (
            "register",
            {"login": "ada", "password": "x" * 9, "name": "a", "language": "fr"},
            "422 malformed_body",
        ),
        ("register", {"login": "ada", "password": "x" * 100_000, "name": "a"}, "413 body_too_large"),
        ("sign-in", {"login": "?", "password": "?"}, "403 wrong_password"),
        ("sign-in", {"login": "\x00", "password": "\x00"}, "422 malformed_body"),
        ("sign-in", [], "422 malformed_body"),
        ("claim", {"code": "?", "login": "ada", "password": "x" * 9}, "403 bad_claim_code"),
    ],
)
async def test_malformed_bodies_are_refused(database: Database, path: str, body: Any, answer: str) -> None:
    async with phone(database) as someone:
        response = await someone.client.post(f"/api/people/{path}", json=body)
        assert someone._read(response) == answer


async def test_a_lone_surrogate_in_a_body_is_refused(database: Database) -> None:
    async with phone(database) as someone:
        text = rb'{"login": "ada", "password": "12345678", "name": "\ud800"}'
        response = await someone.client.post(
            "/api/people/register", content=text, headers={"content-type": "application/json"}
        )
        assert response.status_code == 422


async def test_settings_over_http(database: Database) -> None:
    async with phone(database) as ada:
        await ada.register("ada", "Ada")
        me = await ada.post("/api/me/settings", language="en", name="Countess", findable=False)
        assert (me["language"], me["name"], me["findable"]) == ("en", "Countess", False)
        assert await ada.get("/api/me") == me
        assert await ada.post("/api/me/settings", name="\u200b") == "422 bad_name"
        assert await ada.post("/api/me/settings", findable="yes") == "422 malformed_body"
