"""Top-ups and withdrawals against the real sandbox bank, over real (socketless) HTTP messages."""

import asyncio

import httpx
import msgspec
import pytest

from tests.conftest import TestClock
from tests.people.acts import do
from tests.ties.test_asking import announced
from tests.wallet.test_transfer import balance, rich
from tests.world import World, an_id
from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Database
from wufu.ledger import BadAmount, NotEnough
from wufu.wallet import (
    BadNotice,
    Notice,
    Order,
    OverLimit,
    TopUp,
    Withdraw,
    ask_top_up,
    ask_withdrawal,
    hear_bank,
    jobs,
)
from wufu.wallet.bank import signed
from wufu.wallet.jobs import look_after_orders, open_bank, submit
from wufu.wallet.notify import notify_router
from wufu.wallet.sandbox import app_of, sandbox_key, sandbox_router

ID = an_id("order")


async def bank_turn(database: Database) -> None:
    """The sandbox bank settles and notifies, as its job does."""
    [turn] = [job for job in jobs() if job.name == "sandbox bank"]
    await turn.work(database)


async def top_up(database: Database, person: PersonId, minor: int, id_: str = "order") -> Order:
    return await submit(database, await do(database, ask_top_up, TopUp(person, an_id(id_), minor)))


async def withdraw(database: Database, person: PersonId, minor: int, id_: str = "order") -> Order:
    return await submit(database, await do(database, ask_withdrawal, Withdraw(person, an_id(id_), minor)))


async def state_of(database: Database, order: Order) -> str:
    async with database.read() as connection:
        state: str = await connection.fetchval(
            "SELECT state FROM wallet_order WHERE person = $1 AND id = $2", order.person, order.id
        )
    return state


async def test_a_top_up_is_credited_when_the_bank_confirms_and_not_before(world: World) -> None:
    [a] = await rich(world, 1, 1_00)
    order = await top_up(world.database, a, 50_00)
    assert (order.state, await balance(world, a)) == ("asked", 1_00)
    await bank_turn(world.database)
    assert (await state_of(world.database, order), await balance(world, a)) == ("confirmed", 51_00)
    assert await announced(world.database) == [
        ("wallet.moved", (a,), {"balance_minor": 51_00, "minor": 50_00, "reason": "top_up"})
    ]
    # Asked again after the answer was lost: the same order, as it stands; nothing more is credited.
    assert (await top_up(world.database, a, 50_00)).state == "confirmed"
    await bank_turn(world.database)
    assert await balance(world, a) == 51_00


async def test_a_withdrawal_sets_aside_at_once_and_leaves_when_confirmed(world: World) -> None:
    [a] = await rich(world, 1, 80_00)
    order = await withdraw(world.database, a, 30_00)
    assert await balance(world, a) == 50_00
    await bank_turn(world.database)
    assert (await state_of(world.database, order), await balance(world, a)) == ("confirmed", 50_00)
    assert [body["minor"] for _, _, body in await announced(world.database)] == [-30_00]


async def test_what_the_bank_fails_comes_back_or_never_comes(world: World) -> None:
    [a] = await rich(world, 1, 80_00)
    into, out = await top_up(world.database, a, 10_13, "in"), await withdraw(world.database, a, 30_13, "out")
    assert await balance(world, a) == 49_87
    await bank_turn(world.database)
    assert [await state_of(world.database, order) for order in (into, out)] == ["failed", "failed"]
    assert await balance(world, a) == 80_00
    assert [body["minor"] for _, _, body in await announced(world.database)] == [-30_13, 30_13]


async def test_a_lost_notification_is_found_by_asking_the_bank(world: World, clock: TestClock) -> None:
    [a] = await rich(world, 1, 80_00)
    into, out = await top_up(world.database, a, 10_14, "in"), await withdraw(world.database, a, 30_14, "out")
    await bank_turn(world.database)
    assert await look_after_orders(world.database) == 0  # too early to look
    assert await state_of(world.database, into) == "asked"
    clock.advance(seconds=5)
    assert await look_after_orders(world.database) == 2
    assert [await state_of(world.database, order) for order in (into, out)] == ["confirmed", "confirmed"]
    assert await balance(world, a) == 60_00


async def test_an_order_that_never_reached_the_bank_is_submitted_later(
    world: World, clock: TestClock
) -> None:
    [a] = await rich(world, 1, 80_00)
    order = await do(world.database, ask_top_up, TopUp(a, ID, 10_00))  # then the server dies
    await bank_turn(world.database)
    clock.advance(seconds=5)
    assert await look_after_orders(world.database) == 0
    await bank_turn(world.database)
    assert (await state_of(world.database, order), await balance(world, a)) == ("confirmed", 90_00)


async def test_an_order_is_looked_at_ever_more_seldom_while_the_bank_is_away(
    world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    [a] = await rich(world, 1, 80_00)
    monkeypatch.setenv("WUFU_BANK_URL", "http://127.0.0.1:9")  # nobody listens on the discard port
    monkeypatch.setenv("WUFU_BANK_KEY", "00" * 32)
    order = await top_up(world.database, a, 10_00)
    waits = []
    for _ in range(5):
        async with world.database.read() as connection:
            due = await connection.fetchval("SELECT next_look_at FROM wallet_order")
        waits.append((due - clock.now).total_seconds())
        clock.now = due
        await look_after_orders(world.database)
    assert waits == [5, 5, 10, 20, 40]
    monkeypatch.delenv("WUFU_BANK_URL")
    clock.advance(hours=1)
    await look_after_orders(world.database)
    await bank_turn(world.database)
    assert await state_of(world.database, order) == "confirmed"


async def test_orders_are_refused_before_anything_happens(world: World) -> None:
    [a] = await rich(world, 1, 80_00)
    for absurd in (0, -1):
        with pytest.raises(BadAmount):
            await top_up(world.database, a, absurd)
        with pytest.raises(BadAmount):
            await withdraw(world.database, a, absurd)
    for most in (50_000_01, 10**30):
        with pytest.raises(OverLimit):
            await top_up(world.database, a, most)
        with pytest.raises(OverLimit):
            await withdraw(world.database, a, most)
    with pytest.raises(NotEnough):
        await withdraw(world.database, a, 80_01)
    await withdraw(world.database, a, 80_00)
    for conflict in (withdraw(world.database, a, 70_00), top_up(world.database, a, 80_00)):
        with pytest.raises(IdConflict):
            await conflict


async def test_one_withdrawal_asked_twice_at_once_is_one(world: World) -> None:
    [a] = await rich(world, 1, 80_00)
    orders = await asyncio.gather(
        *(do(world.database, ask_withdrawal, Withdraw(a, ID, 50_00)) for _ in range(4))
    )
    assert {order.state for order in orders} == {"asked"}
    assert await balance(world, a) == 30_00


async def test_a_day_of_withdrawals_has_a_limit(world: World, clock: TestClock) -> None:
    [a] = await rich(world, 1, 300_000_00)
    for n in range(4):
        await withdraw(world.database, a, 50_000_00, f"{n}")
    with pytest.raises(OverLimit) as refused:
        await withdraw(world.database, a, 1, "more")
    assert refused.value.facts == {"limit": "withdrawal_day", "most_minor": 200_000_00, "left_minor": 0}
    clock.advance(days=1)
    assert (await withdraw(world.database, a, 1, "more")).state == "asked"


# --- Notifications --------------------------------------------------------------------------------


async def notify(
    database: Database, notice: object, *, key: bytes | None = None, purpose: str = "notice", age: int = 0
) -> httpx.Response:
    """Send the wallet a notification as the bank would, or almost."""
    body = notice if isinstance(notice, bytes) else msgspec.json.encode(notice)
    real = await sandbox_key(database)
    at = database.clock().timestamp() - age
    headers = signed(key or real, purpose, body, database.clock().fromtimestamp(at, database.clock().tzinfo))
    transport = httpx.ASGITransport(app_of(notify_router(database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://wallet") as client:
        return await client.post("/bank/notify", content=body, headers=headers)


async def test_forged_stale_and_misdirected_notifications_are_refused(world: World) -> None:
    [a] = await rich(world, 1, 1_00)
    order = await top_up(world.database, a, 50_00)
    notice = Notice(order.reference, "top_up", 50_00, "confirmed")
    forged = [
        await notify(world.database, notice, key=bytes(32)),
        await notify(world.database, notice, purpose="order"),
        await notify(world.database, notice, age=301),
        await notify(world.database, notice, age=-301),
    ]
    assert [response.json()["refusal"]["facts"]["why"] for response in forged] == [
        "signature",
        "signature",
        "time",
        "time",
    ]
    transport = httpx.ASGITransport(app_of(notify_router(world.database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://wallet") as client:
        bare = await client.post("/bank/notify", content=msgspec.json.encode(notice))
    assert (bare.status_code, bare.json()["refusal"]["code"]) == (401, "bad_signature")
    assert await balance(world, a) == 1_00
    taken = [await notify(world.database, notice, age=age) for age in (0, 200, 0)]
    assert [(response.status_code, response.json()) for response in taken] == [
        (200, {"state": "confirmed"})
    ] * 3
    await bank_turn(world.database)
    assert await balance(world, a) == 51_00


async def test_signed_notices_that_do_not_fit_the_books_change_nothing(world: World) -> None:
    [a] = await rich(world, 1, 1_00)
    order = await top_up(world.database, a, 50_00)
    fit = Notice(order.reference, "top_up", 50_00, "confirmed")
    misfits: list[object] = [
        msgspec.structs.replace(fit, minor=50_01),
        msgspec.structs.replace(fit, kind="withdrawal"),
        msgspec.structs.replace(fit, reference=f"{a}.{an_id('other')}"),
        msgspec.structs.replace(fit, reference=f"{10**30}.{ID}"),
        msgspec.structs.replace(fit, reference="\x00"),
        b"{",
        b"[]",
        b"\xff\xfe",
        {"reference": order.reference, "kind": "top_up", "minor": "50", "state": "confirmed"},
    ]
    for misfit in misfits:
        response = await notify(world.database, misfit)
        assert (response.status_code, response.json()["refusal"]["code"]) == (409, "bad_notice"), misfit
    assert await balance(world, a) == 1_00
    assert (await notify(world.database, b"x" * 5_000)).status_code == 413


async def test_an_order_that_ended_cannot_end_otherwise(world: World) -> None:
    [a] = await rich(world, 1, 80_00)
    order = await withdraw(world.database, a, 30_00)
    await bank_turn(world.database)
    with pytest.raises(BadNotice):
        await do(world.database, hear_bank, Notice(order.reference, "withdrawal", 30_00, "failed"))
    assert await balance(world, a) == 50_00


async def test_two_notices_of_one_order_at_once_credit_it_once(world: World) -> None:
    [a] = await rich(world, 1, 1_00)
    order = await top_up(world.database, a, 50_00)
    notice = Notice(order.reference, "top_up", 50_00, "confirmed")
    await bank_turn(world.database)
    answers = await asyncio.gather(*(do(world.database, hear_bank, notice) for _ in range(5)))
    assert {answer.state for answer in answers} == {"confirmed"}
    assert await balance(world, a) == 51_00


async def test_the_bank_tells_again_until_the_wallet_takes_it(
    world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    [a] = await rich(world, 1, 1_00)
    order = await top_up(world.database, a, 50_00)
    monkeypatch.setenv("WUFU_BANK_NOTIFY_URL", "http://127.0.0.1:9")
    await bank_turn(world.database)
    assert await state_of(world.database, order) == "asked"
    monkeypatch.delenv("WUFU_BANK_NOTIFY_URL")
    await bank_turn(world.database)  # pauses before the next try
    assert await state_of(world.database, order) == "asked"
    clock.advance(seconds=5)
    await bank_turn(world.database)
    assert await state_of(world.database, order) == "confirmed"


async def test_the_sandbox_answers_only_signed_requests(world: World) -> None:
    transport = httpx.ASGITransport(app_of(sandbox_router(world.database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://bank/sandbox-bank") as client:
        body = msgspec.json.encode({"reference": "1.x", "kind": "top_up", "minor": 1})
        assert (await client.post("/orders", content=body)).status_code == 401
        key, now = await sandbox_key(world.database), world.database.clock()
        for wrong in (b"{", msgspec.json.encode({"reference": "", "kind": "top_up", "minor": 1})):
            headers = signed(key, "order", wrong, now)
            assert (await client.post("/orders", content=wrong, headers=headers)).status_code == 422
        look = msgspec.json.encode({"reference": "\x00"})
        headers = signed(key, "look", look, now)
        assert (await client.post("/orders/look", content=look, headers=headers)).status_code == 404


async def test_the_sandbox_keeps_to_what_it_booked_first(world: World) -> None:
    async with open_bank(world.database) as bank:
        order = Order(PersonId(1), ID, "top_up", 5_00, "asked")
        assert (await bank.submit(order)).state == "accepted"
        assert (await bank.submit(order)).state == "accepted"
        with pytest.raises((httpx.HTTPStatusError, Refusal)):
            await bank.submit(msgspec.structs.replace(order, minor=5_01))
        assert await bank.look("nobody.heard") is None
