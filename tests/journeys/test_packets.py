"""Red packets from phone to phone: sent over HTTP, opened over the live line, proved from the file alone."""

import pytest

from tests.journeys.acts import balance, befriend, refused, top_up
from tests.journeys.conftest import OffsetClock
from tests.journeys.phone import PIN, Json, Phone, Refused, SignUp, fresh_id, until
from wufu.db.engines import Engines
from wufu.redpacket import check_packet_proof


async def a_family(sign_up: SignUp) -> tuple[Phone, Phone, Phone]:
    """Li, who has a PIN and ¥100.00, and two friends of hers."""
    li, mei, bo = [await sign_up(name) for name in ("lili", "meimei", "bobo")]
    await li.set_pin()
    await befriend(li, mei)
    await befriend(li, bo)
    await top_up(li, 10_000)
    return li, mei, bo


def wish(**fields: object) -> Json:
    return {
        "id": fresh_id(),
        "to": "link",
        "split": "lucky",
        "minor": 1_000,
        "shares": 2,
        "pin": PIN,
        **fields,
    }


async def test_a_link_packet_goes_round_and_is_proved(engines: Engines, sign_up: SignUp) -> None:
    li, mei, bo = await a_family(sign_up)
    async with li.online(url=engines.nats_url), mei.online(url=engines.nats_url):
        asked = wish()
        sent = await li.ask("send_packet", **asked)
        assert sent == await li.do("send_packet", **asked), "both doors, the same answer"
        assert await balance(li) == 9_000 == sent["balance_minor"]
        opened = await mei.ask("open_packet", packet=sent["id"], token=sent["token"])
        assert (opened["place"], opened["opened"], opened["state"]) == (0, 1, "open")
        again = await mei.ask("open_packet", packet=sent["id"], token=sent["token"])
        assert (again["minor"], again["again"]) == (opened["minor"], True)
        heard = await li.hears("packet.opened")
        assert (heard["person"]["person"], heard["minor"]) == (mei.person, opened["minor"])
        assert (await refused(mei, "GET", f"/api/packets/{sent['id']}/proof")).code == "packet_not_ended"
        last = await bo.do("open_packet", packet=sent["id"], token=sent["token"])
        assert opened["minor"] + last["minor"] == 1_000
        finished = await mei.hears("packet.finished")
        assert finished["luckiest"]["minor"] == max(opened["minor"], last["minor"])
        # What the phone knows from facts is what a fresh snapshot says.
        await until(lambda: mei.seen["wallet"]["balance_minor"] == opened["minor"])
        view = await bo.get(f"/api/packets/link/{sent['token']}")
        assert [one["person"]["person"] for one in view["openings"]] == [bo.person, mei.person]
        assert (view["state"], view["commitment"]) == ("finished", sent["commitment"])
        proof = await mei.get(f"/api/packets/{sent['id']}/proof")
        assert all(line.ok for line in check_packet_proof(proof))
        assert proof["commitment"] == sent["commitment"]


async def test_a_friends_packet_is_a_card_in_the_conversation(engines: Engines, sign_up: SignUp) -> None:
    li, mei, _ = await a_family(sign_up)
    async with mei.online(url=engines.nats_url):
        sent = await li.do("send_packet", **wish(to="friend", whom=mei.person, shares=1, message="新年好"))
        came = await mei.hears("packet.came")
        assert (came["packet"], came["message"]) == (sent["id"], "新年好")
        path = f"/api/chat/conversations/{sent['conversation']}/messages"
        (card,) = [one for one in (await mei.get(path))["messages"] if one["kind"] == "card"]
        assert (card["body"]["card"], card["body"]["packet"], card["body"]["state"]) == (
            "packet",
            sent["id"],
            "open",
        )
        await mei.ask("open_packet", packet=sent["id"])
        (card,) = [one for one in (await mei.get(path))["messages"] if one["kind"] == "card"]
        assert (card["body"]["state"], card["body"]["opened"]) == ("finished", 1)


async def test_what_nobody_opened_comes_back_by_itself(
    engines: Engines, sign_up: SignUp, clock: OffsetClock
) -> None:
    li, mei, _ = await a_family(sign_up)
    sent = await li.do("send_packet", **wish())
    got = await mei.do("open_packet", packet=sent["id"], token=sent["token"])
    async with li.online(url=engines.nats_url):
        clock.advance(hours=24, minutes=1)
        back = await li.hears("packet.returned")
    assert back["refund_minor"] == 1_000 - got["minor"]
    assert await balance(li) == 10_000 - got["minor"]
    assert (await li.get(f"/api/packets/{sent['id']}"))["state"] == "returned"


async def test_the_pin_is_asked_for_and_a_wrong_one_sends_nothing(sign_up: SignUp) -> None:
    li, _, _ = await a_family(sign_up)
    with pytest.raises(Refused) as caught:
        await li.do("send_packet", **wish(pin="000000"))
    assert caught.value.code == "wrong_pin"
    assert await balance(li) == 10_000


async def test_asking_and_settings(engines: Engines, sign_up: SignUp) -> None:
    li, mei, bo = await a_family(sign_up)
    shown = await bo.post("/api/packets/settings", {"allow_asking": False})
    assert (shown["allow_asking"], shown["merchant"]) == (False, False)
    async with li.online(url=engines.nats_url):
        ask = fresh_id()
        assert (await mei.do("ask_packet", id=ask, to=li.person, minor=66))["state"] == "asked"
        assert (await li.hears("packet.asked"))["minor"] == 66
        ((one,), mine) = [
            (await phone.get("/api/packets/asks"))[key] for phone, key in ((li, "asks"), (mei, "mine"))
        ]
        assert one["from"]["person"] == mei.person
        assert mine[0]["state"] == "asked"
        await li.post("/api/packets/asks/refuse", {"from": mei.person, "id": ask})
        assert (await mei.get("/api/packets/asks"))["mine"] == mine
    assert (
        await refused(li, "POST", "/api/packets/asks/refuse", {"from": mei.person, "id": fresh_id()})
    ).code == ("unknown_ask")


async def test_history_by_year(sign_up: SignUp) -> None:
    li, mei, _ = await a_family(sign_up)
    sent = await li.do("send_packet", **wish())
    got = await mei.do("open_packet", packet=sent["id"], token=sent["token"])
    mine = await li.get("/api/packets/history?side=sent")
    assert (mine["total_minor"], mine["count"], mine["entries"][0]["id"]) == (1_000, 1, sent["id"])
    hers = await mei.get("/api/packets/history")
    assert (hers["side"], hers["total_minor"]) == ("received", got["minor"])
    assert hers["entries"][0]["from"]["person"] == li.person


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"to": "moon"},
        {"minor": 1 << 70},
        {"minor": 1.5},
        {"minor": "1000"},
        {"shares": None},
        {"message": "\ud800"},
        {"message": "a\u0000b"},
        {"whom": -1, "to": "friend"},
        {"person": 1},
        {"conversation": "x", "to": "group"},
    ],
)
async def test_absurd_wishes_are_refused_and_cost_nothing(sign_up: SignUp, body: Json) -> None:
    li = await sign_up("lili")
    await li.set_pin()
    sent = {} if not body else wish(**body)
    with pytest.raises((Refused, UnicodeEncodeError)) as caught:
        await li.do("send_packet", **sent)
    if isinstance(caught.value, Refused):
        assert 400 <= caught.value.status < 500, caught.value


@pytest.mark.parametrize(
    "path",
    [
        "/api/packets/nonsense",
        "/api/packets/0194d2b0-0000-7000-8000-000000000001",
        "/api/packets/0194d2b0-0000-7000-8000-000000000001/proof?token=" + "x" * 99,
        "/api/packets/link/x",
        "/api/packets/link/%F0%9F%A7%A7",
        "/api/packets/history?year=-5",
        "/api/packets/history?year=99999999999999999999",
        "/api/packets/history?side=both",
        "/api/packets/0194d2b0-0000-7000-8000-000000000001?after=-1",
    ],
)
async def test_absurd_addresses_are_refused(sign_up: SignUp, path: str) -> None:
    li = await sign_up("lili")
    assert 400 <= (await refused(li, "GET", path)).status < 500


async def test_a_strange_cursor_shows_the_first_page(sign_up: SignUp) -> None:
    li = await sign_up("lili")
    for cursor in ("x", "1.2", "9" * 30 + ".x"):
        assert (await li.get(f"/api/packets/history?before={cursor}"))["entries"] == []


async def test_nobody_sees_packets_without_signing_in(stranger: Phone) -> None:
    for path in ("settings", "history", "asks", "link/x", "0194d2b0-0000-7000-8000-000000000001"):
        assert (await refused(stranger, "GET", f"/api/packets/{path}")).code == "not_signed_in"
