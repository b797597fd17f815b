"""Money over HTTP: from the bank, to a friend, with the PIN, back to the bank."""

import asyncio

from tests.journeys.acts import balance, refused, top_up
from tests.journeys.phone import PIN, SignUp, fresh_id
from wufu.main import Server


async def test_topped_up_money_is_sent_with_the_pin_and_stands_in_both_statements(
    server: Server, sign_up: SignUp
) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await dong.set_pin()
    await top_up(dong, 100_00)
    body = {"id": fresh_id(), "to": lan.person, "minor": 30_01, "note": "新年快乐", "pin": PIN}
    for _ in range(2):  # a repeat of the same request is the same transfer
        assert (await dong.do("transfer", **body))["balance_minor"] == 69_99
    assert (await balance(dong), await balance(lan)) == (69_99, 30_01)
    sent, came = (await dong.get("/api/wallet/statement"))["entries"]
    assert (sent["minor"], sent["reason"], sent["note"]) == (-30_01, "transfer", "新年快乐")
    assert (sent["with"]["person"], sent["with"]["name"]) == (lan.person, "lan 王")
    assert (came["minor"], came["balance_minor"]) == (100_00, 100_00)
    [received] = (await lan.get("/api/wallet/statement"))["entries"]
    assert (received["minor"], received["with"]["person"]) == (30_01, dong.person)
    conflict = await refused(dong, "POST", "/api/do/transfer", {**body, "minor": 1})
    assert (conflict.code, conflict.status) == ("id_conflict", 409)


async def test_no_money_moves_without_the_right_pin(server: Server, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await top_up(dong, 100_00)

    def send(pin: str) -> dict[str, object]:
        return {"id": fresh_id(), "to": lan.person, "minor": 1, "pin": pin}

    assert (await refused(dong, "POST", "/api/do/transfer", send(PIN))).code == "no_pin"
    await dong.set_pin()
    for left in (4, 3, 2, 1):
        wrong = await refused(dong, "POST", "/api/do/transfer", send("000000"))
        assert (wrong.code, wrong.status, wrong.facts) == ("wrong_pin", 403, {"tries_left": left})
    locked = await refused(dong, "POST", "/api/do/transfer", send("000000"))
    assert (locked.code, locked.status) == ("pin_locked", 423)
    assert (await refused(dong, "POST", "/api/do/transfer", send(PIN))).code == "pin_locked"
    withdrawal = {"id": fresh_id(), "minor": 1, "pin": PIN}
    assert (await refused(dong, "POST", "/api/wallet/withdraw", withdrawal)).code == "pin_locked"
    assert (await balance(dong), await balance(lan)) == (100_00, 0)


async def test_a_lock_ends_by_itself(server: Server, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await dong.set_pin()
    await top_up(dong, 1_00)
    body = {"id": fresh_id(), "to": lan.person, "minor": 1_00}
    for _ in range(5):
        await refused(dong, "POST", "/api/do/transfer", {**body, "pin": "000000"})
    server.database.clock.advance(minutes=1, seconds=1)  # type: ignore[attr-defined]
    assert (await dong.do("transfer", **body, pin=PIN))["balance_minor"] == 0


async def test_what_one_does_not_have_is_not_sent(server: Server, sign_up: SignUp) -> None:
    dong, lan = await sign_up("dong"), await sign_up("lan")
    await dong.set_pin()
    await top_up(dong, 1_00)
    body = {"id": fresh_id(), "to": lan.person, "minor": 1_01, "pin": PIN}
    refusal = await refused(dong, "POST", "/api/do/transfer", body)
    assert (refusal.code, refusal.status) == ("not_enough", 409)
    for minor in (0, -1_00):
        bad = await refused(dong, "POST", "/api/do/transfer", {**body, "id": fresh_id(), "minor": minor})
        assert bad.code in {"bad_amount", "malformed_body"}
    nobody = await refused(dong, "POST", "/api/do/transfer", {**body, "id": fresh_id(), "to": 987_654_321})
    assert nobody.code == "unknown_person"
    assert (await balance(dong), await balance(lan)) == (1_00, 0)


async def test_a_withdrawal_leaves_for_the_bank_or_comes_back(server: Server, sign_up: SignUp) -> None:
    dong = await sign_up("dong")
    await dong.set_pin()
    await top_up(dong, 100_00)
    body = {"id": fresh_id(), "minor": 50_00, "pin": PIN}
    answer = await dong.post("/api/wallet/withdraw", body)
    assert answer["withdrawal"]["minor"] == 50_00
    assert await balance(dong) == 50_00
    fails = {"id": fresh_id(), "minor": 10_13, "pin": PIN}  # the sandbox fails amounts that end in 13
    await dong.post("/api/wallet/withdraw", fails)
    async with asyncio.timeout(20):
        while {order["state"] for order in (await dong.get("/api/wallet"))["orders"]} != {
            "confirmed",
            "failed",
        }:
            await asyncio.sleep(0.05)
    assert await balance(dong) == 50_00


async def test_a_bank_notice_that_nobody_signed_credits_nothing(server: Server, sign_up: SignUp) -> None:
    dong = await sign_up("dong")
    order = {"id": fresh_id(), "minor": 1_14}  # the sandbox loses the notice of amounts that end in 14
    await dong.post("/api/wallet/top-up", order)
    notice = {"reference": f"{dong.person}.{order['id']}", "kind": "top_up", "minor": 1_14}
    forged = await refused(dong, "POST", "/api/bank/notify", {**notice, "state": "confirmed"})
    assert (forged.code, forged.status) == ("bad_signature", 401)
    assert await balance(dong) in {0, 1_14}  # 1.14 only when the job asked the bank meanwhile
