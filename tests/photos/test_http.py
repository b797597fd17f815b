"""Photo packets as phones use them, over HTTP."""

import asyncio
import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.conftest import TestClock
from tests.photos.acts import PICTURE, as_file, do, natural
from tests.photos.phones import PIN, SEED, Phones, the_id
from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.objects import LARGEST_PICTURE, ObjectStore
from wufu.photos import Found, find_mark, photo_bits
from wufu.photos.tickets import make_ticket, read_link, read_ticket
from wufu.photos.verbs.ending import end_due

GONE = "404 photo_gone"


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), dtype=float)


def of_data_url(url: str) -> bytes:
    return base64.b64decode(url.partition(",")[2])


async def test_a_photo_is_posted_paid_seen_liked_and_talked_about(phones: Phones, store: ObjectStore) -> None:
    async with phones.phone("ada") as ada, phones.phone("bob") as bob:
        await phones.befriend(ada, bob)
        posted = await ada.post_photo(message="年夜饭")
        id_ = the_id(posted)
        [shown] = (await bob.get("/api/photos"))["photos"]
        assert (shown["id"], shown["message"], shown["mine"], shown["payers"]) == (id_, "年夜饭", False, 0)
        assert shown["author"]["name"] == "Ada"
        assert (shown["earned_minor"], shown["secret"], shown["my"]["asked"]) == (None, None, None)
        assert await bob.clear(id_) == "403 photo_unpaid"
        asked = await bob.verb("ask_photo", photo=id_, seed=SEED)
        paid = await bob.verb("pay_photo", photo=id_, minor=asked["minor"], pin=PIN)
        assert paid["balance_minor"] == 1_000_00 - asked["minor"]
        picture = await bob.clear(id_)
        assert isinstance(picture, bytes)
        assert np.abs(pixels(picture) - pixels(PICTURE)).mean() < 8
        key = store.key_for("photo marks")
        found = find_mark(Image.open(io.BytesIO(picture)), key)
        assert found == Found(bob.person, photo_bits(an_id("photo")))
        assert (await bob.verb("like_photo", photo=id_, on=True))["likes"] == 1
        assert (await bob.verb("like_photo", photo=id_, on=True))["likes"] == 1
        said = {"id": str(an_id("c")), "photo": id_, "text": "好香"}
        first = await bob.verb("comment_photo", **said)
        assert await bob.verb("comment_photo", **said) == first
        assert await bob.verb("comment_photo", **{**said, "text": "else"}) == "409 id_conflict"
        whole = await ada.get(f"/api/photos/{id_}")
        assert [comment["text"] for comment in whole["comments"]] == ["好香"]
        assert [(payer["person"], payer["minor"]) for payer in whole["payers"]] == [
            (bob.person, asked["minor"])
        ]
        assert (whole["photo"]["earned_minor"], whole["photo"]["likes"]) == (asked["minor"], 1)
        assert (await bob.get(f"/api/photos/{id_}"))["payers"] == []
        assert await ada.verb("remove_comment", photo=id_, id=str(an_id("c"))) == {"photo": id_}
        assert (await ada.get(f"/api/photos/{id_}"))["comments"] == []
        assert isinstance(await ada.clear(id_), bytes)


async def test_a_preview_is_what_others_will_see(phones: Phones, tmp_path: Path) -> None:
    box: dict[str, Any] = {"x": 100, "y": 200, "width": 200, "height": 200}
    async with phones.phone("ada") as ada:
        preview = await ada.upload("/api/upload/photo-preview", **box)
        assert not [
            path for path in (tmp_path / "objects").rglob("*") if path.is_file() and path.name != "key"
        ]
        posted = (await ada.post_photo(**box))["photo"]
        assert posted["blur"] == preview["blur"]
        detail = await ada.client.get(posted["detail"]["url"])
        assert detail.content == of_data_url(preview["detail"])
        assert detail.headers["content-type"] == "image/jpeg"
        assert detail.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in detail.headers["content-security-policy"]
        assert {**posted["detail"], "url": ""} == {**box, "url": ""}
        assert (preview["width"], preview["height"]) == (640, 480)


async def test_posting_again_has_the_same_answer(phones: Phones) -> None:
    async with phones.phone("ada") as ada, phones.phone("eve") as eve:
        first = await ada.post_photo(audience="link")
        assert await ada.post_photo(audience="link") == first
        both = await asyncio.gather(ada.post_photo("two"), ada.post_photo("two"))
        assert both[0] == both[1]
        assert await ada.post_photo(audience="link", message="x") == "409 id_conflict"
        assert await eve.post_photo(audience="link") == "409 id_conflict"


async def test_nobody_sees_the_picture_unpaid_by_any_road(
    phones: Phones, store: ObjectStore, clock: TestClock
) -> None:
    """Every address that is there, every ticket that is not one's own, before and after paying."""
    async with (
        phones.phone("ada") as ada,
        phones.phone("bob") as bob,
        phones.phone("eve") as eve,
        phones.phone() as nobody,
    ):
        await phones.befriend(ada, bob, eve)
        id_ = the_id(await ada.post_photo())
        key = store.key_for("photo tickets")
        clear = pixels(PICTURE)
        await bob.pay(id_)
        address = (await bob.get(f"/api/photos/{id_}/clear"))["url"]
        ticket = address.rpartition("/")[2]
        forged = [
            ticket[:-2] + ("AA" if ticket[-2:] != "AA" else "BB"),
            ticket + "A",
            ticket[:-1],
            "",
            "x",
            "é",
            "A" * 5000,
            make_ticket(b"guess" * 6 + b"ab", an_id("photo"), eve.person, clock.now.replace(year=2030)),
        ]
        for who, wanted in ((nobody, "401 not_signed_in"), (eve, "403 bad_ticket")):
            for one in (ticket, *forged):
                answer = await who.picture(f"/api/photos/clear/{one}")
                assert answer in (wanted, GONE, "422 malformed_body", "404 not_found"), (one, answer)
        assert await eve.clear(id_) == "403 photo_unpaid"
        assert await nobody.clear(id_) == "401 not_signed_in"
        # A ticket is no right: one made out to eve by the server itself opens nothing unpaid.
        own = make_ticket(key, an_id("photo"), eve.person, clock.now.replace(year=2030))
        assert await eve.picture(f"/api/photos/clear/{own}") == "403 photo_unpaid"
        for path in ("", "/detail", "/proof", "/clear", "/clear_object", "/blur"):
            response = await eve.client.get(f"/api/photos/{id_}{path}")
            assert not response.headers["content-type"].startswith("image/")
        view = (await eve.get(f"/api/photos/{id_}"))["photo"]
        blur = Image.open(io.BytesIO(of_data_url(view["blur"]))).convert("RGB").resize((640, 480))
        assert np.abs(np.asarray(blur, dtype=float) - clear).mean() > 8
        # And the payer's own address ends by itself.
        assert isinstance(await bob.picture(address), bytes)
        clock.advance(seconds=61)
        assert await bob.picture(address) == "403 bad_ticket"


async def test_a_block_shuts_out_at_once_also_with_an_address_in_hand(phones: Phones) -> None:
    async with phones.phone("ada") as ada, phones.phone("bob") as bob, phones.phone("cyd") as cyd:
        await phones.befriend(ada, bob, cyd)
        id_ = the_id(await ada.post_photo())
        await bob.pay(id_)
        await cyd.pay(id_)
        addresses = [(await who.get(f"/api/photos/{id_}/clear"))["url"] for who in (bob, cyd)]
        await ada.post("/api/ties/block", person=bob.person)
        await cyd.post("/api/ties/remove", person=ada.person)
        for who, address in zip((bob, cyd), addresses, strict=True):
            assert await who.picture(address) == GONE
            assert await who.clear(id_) == GONE
            assert await who.get(f"/api/photos/{id_}") == GONE
            assert (await who.get("/api/photos"))["photos"] == []
            for verb, more in (
                ("like_photo", {"on": True}),
                ("comment_photo", {"id": str(an_id("c")), "text": "x"}),
                ("ask_photo", {"seed": SEED}),
            ):
                assert await who.verb(verb, photo=id_, **more) == GONE
            # Who paid may still say that something is wrong.
            assert await who.verb("report_photo", photo=id_, reason="fraud") == {"photo": id_}


async def test_a_link_lets_in_whoever_has_it(phones: Phones, store: ObjectStore) -> None:
    async with phones.phone("ada") as ada, phones.phone("eve") as eve, phones.phone("bob") as bob:
        posted = await ada.post_photo(audience="link")
        id_, token = the_id(posted), posted["link"]["token"]
        assert await eve.get(f"/api/photos/{id_}") == GONE
        for wrong in (token[:-2] + "AA", "", "é", token * 2, id_):
            assert await eve.post("/api/photos/open-link", token=wrong) == GONE
        opened = await eve.post("/api/photos/open-link", token=token)
        assert opened["photo"]["id"] == id_
        assert await eve.post("/api/photos/open-link", token=token) == opened
        assert (await eve.get(f"/api/photos/{id_}"))["photo"]["id"] == id_
        assert [one["id"] for one in (await eve.get("/api/photos"))["photos"]] == [id_]
        assert isinstance(await eve.pay(id_), dict)
        await bob.post("/api/photos/open-link", token=token)
        for one, other in ((ada, eve), (bob, ada)):
            await one.post("/api/ties/block", person=other.person)
        # Let in, one of them a payer; whoever blocked whom, neither is shown it any more.
        for who in (eve, bob):
            assert await who.post("/api/photos/open-link", token=token) == GONE
            assert await who.get(f"/api/photos/{id_}") == GONE
            assert await who.clear(id_) == GONE
        assert str(read_link(store.key_for("photo links"), token)) == id_


async def test_a_conversation_gets_a_card_that_ends_with_the_photo(phones: Phones, clock: TestClock) -> None:
    async with phones.phone("ada") as ada, phones.phone("bob") as bob, phones.phone("eve") as eve:
        await phones.befriend(ada, bob, eve)
        room = await phones.talk(ada, bob)
        posted = await ada.post_photo(audience="conversation", conversation=room, message="给你看")
        id_ = the_id(posted)
        body = await _card(phones)
        assert (body["card"], body["photo"], body["state"], body["message"]) == (
            "photo",
            id_,
            "open",
            "给你看",
        )
        assert body["blur"] == posted["photo"]["blur"]
        assert isinstance(await bob.pay(id_), dict)
        assert await eve.get(f"/api/photos/{id_}") == GONE
        assert await eve.pay(id_) == GONE
        assert await eve.post_photo("x", audience="conversation", conversation=room) == (
            "404 no_such_conversation"
        )
        clock.now = clock.now.replace(hour=16)
        await do(phones.database, end_due)
        body = await _card(phones)
        assert (body["state"], body["blur"], body["message"], body["payers"]) == ("ended", None, "", 1)


async def _card(phones: Phones) -> dict[str, Any]:
    async with phones.database.read() as connection:
        body: dict[str, Any] = await connection.fetchval("SELECT body FROM message WHERE kind = 'card'")
    return body


async def test_money_asks_for_the_pin(phones: Phones) -> None:
    async with phones.phone("ada") as ada, phones.phone("bob") as bob:
        await phones.befriend(ada, bob)
        id_ = the_id(await ada.post_photo())
        assert await bob.pay(id_, pin="000000") == "403 wrong_pin"
        assert await bob.clear(id_) == "403 photo_unpaid"
        assert isinstance(await bob.pay(id_), dict)


BAD_POSTS: list[tuple[dict[str, Any], str]] = [
    ({"least_minor": 0}, "422 malformed_body"),
    ({"least_minor": 501}, "422 bad_photo"),
    ({"most_minor": 20_001}, "422 bad_photo"),
    ({"most_minor": 2**60}, "422 malformed_body"),
    ({"least_minor": "1.5"}, "422 malformed_body"),
    ({"audience": "everybody"}, "422 malformed_body"),
    ({"audience": "conversation"}, "422 bad_photo"),
    ({"conversation": str(an_id("room"))}, "422 bad_photo"),
    ({"audience": "conversation", "conversation": str(an_id("room"))}, "404 no_such_conversation"),
    ({"message": "长" * 51}, "422 bad_photo"),
    ({"message": "x\u202ey"}, "422 bad_photo"),
    ({"credit": "later"}, "422 malformed_body"),
    ({"id": "1"}, "422 malformed_body"),
    ({"x": 1}, "422 bad_photo"),
    ({"x": 0, "y": 0, "width": 1000, "height": 1000}, "422 bad_photo"),
    ({"x": 900, "y": 0, "width": 200, "height": 200}, "422 bad_photo"),
    ({"x": 0, "y": 0, "width": 10, "height": 200}, "422 bad_photo"),
    ({"x": -1, "y": 0, "width": 100, "height": 200}, "422 malformed_body"),
]


async def test_what_cannot_be_posted_is_refused(phones: Phones) -> None:
    async with phones.phone("ada") as ada:
        for query, refusal in BAD_POSTS:
            assert await ada.post_photo(**query) == refusal, query
        assert (await ada.get("/api/photos"))["photos"] == []


async def test_what_is_no_picture_is_refused(phones: Phones) -> None:
    async with phones.phone("ada") as ada, phones.phone() as nobody:
        for content in (b"", b"<svg/>", b'{"json": 1}', PICTURE[:2000], as_file(natural(300, 300))):
            assert await ada.post_photo(content=content) == "422 bad_picture"
            assert await ada.upload("/api/upload/photo-preview", content) == "422 bad_picture"
        assert await ada.post_photo(content=bytes(LARGEST_PICTURE + 1)) == "413 body_too_large"
        assert await nobody.post_photo() == "401 not_signed_in"
        without = await ada.client.post("/api/upload/photo-preview", content=PICTURE)
        assert without.json()["refusal"]["code"] == "not_allowed"
        for kind in ("PNG", "WEBP"):
            picture = as_file(natural(), kind)
            assert the_id(await ada.post_photo(kind, content=picture))


async def test_a_visible_mark_is_over_the_picture_if_the_author_likes(phones: Phones) -> None:
    async with phones.phone("ada") as ada, phones.phone("bob") as bob:
        await phones.befriend(ada, bob)
        shown: list[np.ndarray] = []
        for name, mark in (("plain", 0), ("marked", 1)):
            id_ = the_id(await ada.post_photo(name, visible_mark=mark))
            await bob.pay(id_)
            picture = await bob.clear(id_)
            assert isinstance(picture, bytes)
            shown.append(pixels(picture))
        assert (np.abs(shown[0] - shown[1]).max(axis=2) > 24).mean() > 0.005


async def test_the_feed_comes_in_pages_of_what_one_may_see(phones: Phones, clock: TestClock) -> None:
    async with phones.phone("ada") as ada, phones.phone("bob") as bob, phones.phone("eve") as eve:
        await phones.befriend(ada, bob)
        for number in range(20):
            clock.advance(seconds=1)
            the_id(await ada.post_photo(f"photo {number}"))
        clock.advance(seconds=1)
        mine = the_id(await bob.post_photo("of bob"))
        first = await bob.get("/api/photos")
        assert (len(first["photos"]), first["photos"][0]["id"]) == (20, mine)
        rest = await bob.get(f"/api/photos?before={first['next'].replace('+', '%2B')}")
        assert [one["id"] for one in rest["photos"]] == [str(an_id("photo 0"))]
        assert rest["next"] is None
        assert (await eve.get("/api/photos"))["photos"] == []
        assert await eve.get("/api/photos?before=yesterday") == "422 malformed_body"


async def test_the_settings_say_what_is_left_today(phones: Phones) -> None:
    async with phones.phone("ada") as ada:
        before = await ada.get("/api/photos/settings")
        await ada.post_photo()
        after = await ada.get("/api/photos/settings")
        assert after["posts_left"] == before["posts_left"] - 1 == before["posts_day"] - 1
        assert after["dies_at"] == "2016-01-31T16:00:00Z"
        assert after["most_minor"] == 200_00


async def test_only_payers_and_the_author_talk(phones: Phones) -> None:
    async with phones.phone("ada") as ada, phones.phone("bob") as bob, phones.phone("cyd") as cyd:
        await phones.befriend(ada, bob, cyd)
        id_ = the_id(await ada.post_photo())
        await bob.pay(id_)
        said = {"photo": id_, "text": "x"}
        assert await cyd.verb("comment_photo", id=str(an_id("1")), **said) == "403 photo_unpaid"
        assert isinstance(await bob.verb("comment_photo", id=str(an_id("2")), **said), dict)
        assert isinstance(await ada.verb("comment_photo", id=str(an_id("3")), **said), dict)
        assert (await cyd.verb("like_photo", photo=id_, on=True))["likes"] == 1
        assert (await cyd.verb("like_photo", photo=id_, on=False))["likes"] == 0
        assert (await cyd.get(f"/api/photos/{id_}"))["comments"] == []
        assert len((await bob.get(f"/api/photos/{id_}"))["comments"]) == 2
        assert await cyd.verb("remove_comment", photo=id_, id=str(an_id("2"))) == "403 photo_unpaid"
        assert await bob.verb("remove_comment", photo=id_, id=str(an_id("3"))) == "403 photo_unpaid"
        for text in ("", "  ", "长" * 101, "a\nb", "x\u202e"):
            body = {"id": str(an_id("4")), "photo": id_, "text": text}
            assert await bob.verb("comment_photo", **body) == "422 bad_comment"
        for number in range(19):
            await bob.verb("comment_photo", id=str(an_id(f"n{number}")), **said)
        assert await bob.verb("comment_photo", id=str(an_id("too much")), **said) == "409 photo_limit"


def test_a_ticket_is_read_only_as_it_was_made(clock: TestClock) -> None:
    key, until = b"k" * 32, clock.now.replace(hour=13)
    ticket = make_ticket(key, an_id("p"), PersonId(7), until)
    assert read_ticket(key, ticket, clock.now) == (an_id("p"), 7)
    assert read_ticket(key, ticket, until) is None
    assert read_ticket(b"x" * 32, ticket, clock.now) is None
    for place in range(len(ticket)):
        other = "A" if ticket[place] != "A" else "B"
        assert read_ticket(key, ticket[:place] + other + ticket[place + 1 :], clock.now) is None


async def test_a_reader_without_json_or_with_odd_ids_is_refused(phones: Phones) -> None:
    async with phones.phone("ada") as ada:
        for path in ("/api/photos/x", "/api/photos/x/clear", "/api/photos/x/detail", "/api/photos/x/proof"):
            assert await ada.get(path) == "422 malformed_body"
        id_ = str(an_id("nothing"))
        for path in ("", "/clear", "/detail", "/proof"):
            assert await ada.get(f"/api/photos/{id_}{path}") == GONE
        for verb, more in (
            ("remove_photo", {}),
            ("report_photo", {"reason": "other"}),
            ("pay_photo", {"minor": 1, "pin": PIN}),
            ("remove_comment", {"id": id_}),
        ):
            assert await ada.verb(verb, photo=id_, **more) == GONE
        assert await ada.verb("report_photo", photo=id_, reason="dull") == "422 malformed_body"
