from tests.people.acts import do
from tests.people.phones import Phone, phone
from tests.wallet.test_bank import bank_turn
from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.db import Database
from wufu.ledger import named_group
from wufu.wallet import fund, money_of

PIN = "123456"


async def rich_phone(database: Database, who: Phone, login: str, minor: int) -> PersonId:
    person = PersonId(await who.register(login, login.title()))
    await who.post("/api/people/pin", pin=PIN, password="correct horse")
    await do(database, fund, money_of(person).holder, minor, named_group("rich", login))
    return person


async def test_money_is_brought_in_sent_and_taken_out(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        await rich_phone(database, ada, "ada", 10_00)
        b = await rich_phone(database, bob, "bob", 1_00)
        top_up = {"id": str(an_id("in")), "minor": 50_00}
        assert (await ada.post("/api/wallet/top-up", **top_up))["top_up"] == {**top_up, "state": "asked"}
        await bank_turn(database)
        assert (await ada.post("/api/wallet/top-up", **top_up))["top_up"]["state"] == "confirmed"
        send = {"id": str(an_id("send")), "to": b, "minor": 20_00, "note": "饺子", "pin": PIN}
        sent = await ada.post("/api/do/transfer", **send)
        assert sent == {"ok": {"id": str(an_id("send")), "balance_minor": 40_00}}
        out = {"id": str(an_id("out")), "minor": 21_00}
        withdrawal = await bob.post("/api/wallet/withdraw", **out, pin=PIN)
        assert withdrawal["withdrawal"] == {**out, "state": "asked"}
        wallet = await bob.get("/api/wallet")
        assert (wallet["balance_minor"], wallet["has_pin"], wallet["banks"][0]["id"]) == (0, True, "sandbox")
        assert [(order["kind"], order["state"]) for order in wallet["orders"]] == [("withdrawal", "asked")]
        statement = await bob.get("/api/wallet/statement")
        assert [(line["minor"], line["balance_minor"]) for line in statement["entries"]] == [
            (-21_00, 0),
            (20_00, 21_00),
            (1_00, 1_00),
        ]
        assert statement["entries"][1]["with"]["name"] == "Ada"
        assert statement["entries"][1]["note"] == "饺子"
        assert statement["next"] is None


async def test_money_asks_for_the_pin_and_counts_wrong_ones(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        await rich_phone(database, ada, "ada", 10_00)
        b = await bob.register("bob", "Bob")
        send = {"id": str(an_id("send")), "to": b, "minor": 1_00}
        out = {"id": str(an_id("out")), "minor": 1_00}
        assert await ada.post("/api/do/transfer", **send) == "422 malformed_body"
        assert await ada.post("/api/do/transfer", **send, pin="000000") == "403 wrong_pin"
        assert await ada.post("/api/wallet/withdraw", **out, pin="000000") == "403 wrong_pin"
        for _ in range(2):
            await ada.post("/api/do/transfer", **send, pin="000000")
        assert await ada.post("/api/do/transfer", **send, pin="000000") == "423 pin_locked"
        assert await ada.post("/api/do/transfer", **send, pin=PIN) == "423 pin_locked"
        assert await ada.post("/api/wallet/withdraw", **out, pin=PIN) == "423 pin_locked"
        assert await bob.post("/api/wallet/withdraw", **out, pin=PIN) == "409 no_pin"
        assert (await ada.get("/api/wallet"))["balance_minor"] == 10_00


async def test_a_long_statement_comes_in_pages(database: Database) -> None:
    async with phone(database) as ada:
        a = await rich_phone(database, ada, "ada", 1)
        for n in range(119):
            await do(database, fund, money_of(a).holder, 1, named_group("page", str(n)))
        before, seen = None, []
        while True:
            page = await ada.get("/api/wallet/statement" + (f"?before={before}" if before else ""))
            seen += [line["balance_minor"] for line in page["entries"]]
            before = page["next"]
            if before is None:
                break
        assert seen == list(range(120, 0, -1))


async def test_malformed_orders_are_refused(database: Database) -> None:
    async with phone(database) as ada:
        await rich_phone(database, ada, "ada", 10_00)
        for body in (
            {},
            {"id": "1", "minor": 1},
            {"id": str(an_id("x")), "minor": "1"},
            {"id": str(an_id("x")), "minor": 1.5},
            {"id": str(an_id("x")), "minor": True},
        ):
            assert await ada.post("/api/wallet/top-up", **body) == "422 malformed_body"
        assert await ada.post("/api/wallet/top-up", id=str(an_id("x")), minor=10**15) == "409 over_limit"
        assert await ada.post("/api/wallet/top-up", id=str(an_id("x")), minor=0) == "422 bad_amount"
        assert await ada.get("/api/wallet/statement?before=x") == "422 malformed_body"
        assert (await ada.get(f"/api/wallet/statement?before={10**40}"))["entries"] == []
    async with phone(database) as stranger:
        for path in ("/api/wallet", "/api/wallet/statement"):
            assert await stranger.get(path) == "401 not_signed_in"
        assert await stranger.post("/api/wallet/top-up", id=str(an_id("x")), minor=1) == "401 not_signed_in"
        assert await stranger.post("/api/bank/notify", reference="1.x") == "401 bad_signature"
        assert await stranger.post("/api/sandbox-bank/orders", reference="1.x") == "401 bad_signature"
