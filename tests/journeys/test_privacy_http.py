"""One's own data out and leaving, over HTTP: both ask who it is once more."""

from datetime import timedelta

import pytest

from tests.journeys.conftest import OffsetClock
from tests.journeys.phone import PASSWORD, Phone, Refused, SignUp
from wufu.main import Server
from wufu.privacy import leave_due
from wufu.privacy.model import LAST_PASS


async def test_a_file_of_ones_own_data_is_given_for_the_password(sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    answer = await phone.http.post("/api/privacy/export", json={"password": PASSWORD})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["people"]["login"] == [{"login": "dong"}]
    with pytest.raises(Refused, match="wrong_password"):
        await phone.post("/api/privacy/export", {"password": "not this one"})
    with pytest.raises(Refused, match="not_allowed"):
        await phone.post("/api/privacy/export", {})


async def test_guesses_at_the_password_are_counted(sign_up: SignUp) -> None:
    phone = await sign_up("dong")
    for _ in range(5):
        with pytest.raises(Refused, match="wrong_password"):
            await phone.post("/api/privacy/leave", {"password": "a wrong one"})
    with pytest.raises(Refused, match="too_many_tries"):
        await phone.post("/api/privacy/leave", {"password": PASSWORD})


async def test_whoever_leaves_at_once_is_signed_out_everywhere(
    server: Server, clock: OffsetClock, sign_up: SignUp, stranger: Phone
) -> None:
    phone = await sign_up("dong")
    assert (await phone.get("/api/privacy/leaving"))["leaves_at"] is None
    asked = await phone.post("/api/privacy/leave", {"password": PASSWORD})
    assert asked["leaves_at"] is not None
    assert (await phone.post("/api/privacy/stay"))["leaves_at"] is None
    await phone.post("/api/privacy/leave", {"password": PASSWORD, "at_once": True})
    await leave_due(server.database)
    with pytest.raises(Refused, match="not_signed_in"):
        await phone.get("/api/me")
    with pytest.raises(Refused, match="wrong_password"):
        await stranger.post("/api/people/sign-in", {"login": "dong", "password": PASSWORD})
    clock.advance(seconds=(LAST_PASS + timedelta(seconds=1)).total_seconds())
    await leave_due(server.database)


async def test_nobody_elses_data_and_leaving_can_be_asked_for(stranger: Phone) -> None:
    for method, path in (
        ("POST", "/api/privacy/export"),
        ("GET", "/api/privacy/leaving"),
        ("POST", "/api/privacy/leave"),
        ("POST", "/api/privacy/stay"),
    ):
        with pytest.raises(Refused, match="not_signed_in"):
            await stranger.call(method, path, {"password": PASSWORD})
