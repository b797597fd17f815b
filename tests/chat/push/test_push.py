"""Notifications: whom they wake, whom not, in which words, and what happens when the service says no."""

import asyncio
import json
from functools import partial
from typing import Any

import pytest

from tests.chat.push.conftest import PushService, Street, b64, check_vapid, subscribed, unb64
from tests.chat.secret.sealing import SecretPhone
from tests.journeys.conftest import OffsetClock
from tests.journeys.phone import Json, Phone, Refused, connected, fresh_id
from wufu.chat.push import store
from wufu.chat.push.post import Post, Posted
from wufu.chat.push.verbs import collect
from wufu.db.engines import mint_person_pass


async def two(street: Street) -> tuple[Phone, Phone]:
    dong, li = await street.phone("小东"), await street.phone("小李")
    await street.befriend(dong, li)
    return dong, li


async def say(phone: Phone, other: Phone, text: str) -> Json:
    return await phone.do("send_message", id=fresh_id(), to=other.person, kind="text", body={"text": text})


async def family(street: Street, *phones: Phone) -> str:
    group = fresh_id()
    people = [phone.person for phone in phones[1:]]
    await phones[0].post("/api/chat/groups", {"id": group, "title": "一家人", "people": people})
    return group


async def test_a_phone_that_is_away_is_woken_with_words_only_it_can_read(
    street: Street, post: PushService, clock: OffsetClock
) -> None:
    dong, li = await two(street)
    key = unb64((await li.get("/api/push/key"))["key"])
    browser = await subscribed(li, post)
    sent = await say(dong, li, "晚上回家吃饭吗？")
    assert await street.turn() == 1
    (woken,) = browser.woken
    assert woken == {
        "v": 1,
        "conversation": sent["conversation"],
        "number": sent["number"],
        "title": "小东",
        "body": "晚上回家吃饭吗？",
        "badge": 1,
        "tag": sent["conversation"],
        "secret": False,
        "at": woken["at"],
    }
    headers = browser.headers[0]
    claims = check_vapid(headers["authorization"], post.url, key, clock().timestamp())
    assert claims["sub"].startswith("mailto:")
    assert (headers["content-encoding"], headers["urgency"]) == ("aes128gcm", "high")
    assert "晚上".encode() not in browser.raw[0]
    assert await street.turn() == 0
    assert not (await subscribed(dong, post)).woken


async def test_of_a_secret_and_without_previews_it_says_only_that_there_is_something(
    street: Street, post: PushService
) -> None:
    dong, li = [SecretPhone(await street.phone(name)) for name in ("小东", "小李")]
    await street.befriend(dong.phone, li.phone)
    for phone in (dong, li):
        await phone.register()
    browser, shy = (
        await subscribed(li.phone, post),
        await subscribed(await street.phone("小李"), post, preview=False),
    )
    conversation = await dong.direct(li)
    await dong.send(conversation, "暗号".encode())
    await street.turn()
    assert [(one["title"], one["body"], one["secret"]) for one in browser.woken + shy.woken] == [
        ("五福", "你有一条新消息", True)
    ] * 2
    await say(dong.phone, li.phone, "公开的话")
    await street.turn()
    assert (browser.woken[-1]["body"], shy.woken[-1]["body"]) == ("公开的话", "你有一条新消息")
    assert "小东" not in json.dumps(shy.woken, ensure_ascii=False)


async def test_who_has_read_it_is_not_woken(street: Street, post: PushService) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)
    sent = await say(dong, li, "在吗")
    await li.do("read_chat", conversation=sent["conversation"], through=sent["number"])
    assert await street.turn() == 0
    assert not browser.woken


async def test_a_device_that_is_looking_is_left_alone_and_the_other_one_is_woken(
    street: Street, post: PushService, clock: OffsetClock
) -> None:
    dong, li = await two(street)
    tablet = await street.phone("小李")
    browser, other = await subscribed(li, post), await subscribed(tablet, post)
    here = (await li.get("/api/push/subscription"))["here"]
    engines = street.server.engines
    its_pass = mint_person_pass(engines.account_seed, li.person, None, clock(), lives_seconds=60)
    async with connected(engines.nats_url, its_pass, li.person, []) as line:
        await line.subscribe(here)
        await line.flush()
        await say(dong, li, "在吗")
        await street.turn()
    assert (len(browser.woken), len(other.woken)) == (0, 1)
    await say(dong, li, "还在吗")
    await street.turn()
    assert (len(browser.woken), len(other.woken)) == (1, 2)
    assert browser.woken[0]["badge"] == 2


async def test_a_muted_conversation_wakes_nobody_and_mentions_wake_who_wants_only_those(
    street: Street, post: PushService
) -> None:
    dong, li = await two(street)
    wang = await street.phone("小王")
    await street.befriend(dong, wang)
    group = await family(street, dong, li, wang)
    mine, hers = await subscribed(li, post), await subscribed(wang, post)
    await li.post(f"/api/chat/conversations/{group}/settings", {"notify": "mentions"})
    await wang.post(f"/api/chat/conversations/{group}/settings", {"notify": "none"})

    async def call(text: str, *mentions: int) -> None:
        body: Json = {"id": fresh_id(), "conversation": group, "kind": "text", "body": {"text": text}}
        await dong.do("send_message", **body, mentions=list(mentions))
        await street.turn()

    await call("大家好")
    assert (mine.woken, hers.woken) == ([], [])
    await call("@小李 @小王", li.person, wang.person)
    assert [(one["title"], one["body"], one["badge"]) for one in mine.woken] == [
        ("一家人", "小东: @小李 @小王", 1)
    ]
    await call("@所有人", 0)
    assert (len(mine.woken), hers.woken) == (2, [])


async def test_at_night_nobody_is_woken_and_in_the_morning_not_for_it_either(
    street: Street, post: PushService, clock: OffsetClock
) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)
    minute = clock().hour * 60 + clock().minute
    quiet = {"quiet_from": (minute - 5) % 1440, "quiet_to": (minute + 60) % 1440, "offset_minutes": 0}
    await li.post("/api/push/settings", quiet)
    assert await li.get("/api/push/settings") == quiet
    await say(dong, li, "睡了吗")
    await street.turn()
    clock.advance(hours=2)
    await street.turn()
    assert not browser.woken
    await say(dong, li, "早")
    await street.turn()
    assert [(one["body"], one["badge"]) for one in browser.woken] == [("早", 2)]
    for wrong in (
        {**quiet, "quiet_to": None},
        {**quiet, "quiet_from": 1440},
        {**quiet, "offset_minutes": 900},
    ):
        with pytest.raises(Refused, match="bad_quiet"):
            await li.post("/api/push/settings", wrong)


async def test_a_burst_is_one_notification_about_the_newest(street: Street, post: PushService) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)
    for number in range(5):
        await say(dong, li, f"第{number}句")
    await street.turn()
    assert [(one["body"], one["badge"]) for one in browser.woken] == [("第4句", 5)]


async def test_what_was_recalled_meanwhile_is_not_told(street: Street, post: PushService) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)
    post.says = [(503, {})]
    sent = await say(dong, li, "说错了")
    await street.turn()
    await dong.do("recall_message", conversation=sent["conversation"], number=sent["number"])
    street.server.database.clock.advance(minutes=5)  # type: ignore[attr-defined]
    await street.turn()
    assert not browser.woken
    assert post.asked == 1


async def test_a_service_that_stumbles_is_asked_again_later(
    street: Street, post: PushService, clock: OffsetClock
) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)
    post.says = [(500, {}), (429, {"Retry-After": "300"})]
    await say(dong, li, "你好")
    await street.turn()
    await street.turn()
    assert post.asked == 1
    clock.advance(seconds=11)
    await street.turn()
    assert (post.asked, browser.woken) == (2, [])
    clock.advance(seconds=200)
    await street.turn()
    assert post.asked == 2
    clock.advance(seconds=101)
    await street.turn()
    assert len(browser.woken) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_an_address_that_is_gone_is_forgotten(street: Street, post: PushService, status: int) -> None:
    dong, li = await two(street)
    await subscribed(li, post)
    post.says = [(status, {})]
    await say(dong, li, "你好")
    await street.turn()
    assert not (await li.get("/api/push/subscription"))["subscribed"]
    await say(dong, li, "还好吗")
    assert await street.turn() == 0


async def test_one_that_refuses_for_good_is_not_asked_again(
    street: Street, post: PushService, clock: OffsetClock
) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)
    post.says = [(403, {})]
    await say(dong, li, "你好")
    await street.turn()
    clock.advance(hours=5)
    assert await street.turn() == 0
    await say(dong, li, "再来")
    await street.turn()
    assert len(browser.woken) == 1


async def test_a_server_that_died_in_the_middle_leaves_it_to_the_next(
    street: Street, post: PushService, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)

    async def die(*_: Any) -> Posted:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(Post, "send", die)
        await say(dong, li, "你好")
        await street.turn()
    assert await street.turn() == 0
    clock.advance(seconds=61)
    await street.turn()
    assert len(browser.woken) == 1


async def test_signing_out_and_unsubscribing_end_it(street: Street, post: PushService) -> None:
    dong, li = await two(street)
    tablet = await street.phone("小李")
    browser, other = await subscribed(li, post), await subscribed(tablet, post)
    await li.call("DELETE", "/api/push/subscription")
    await tablet.post("/api/people/sign-out")
    await street.server.relay.turn()
    await say(dong, li, "你好")
    await street.turn()
    assert (browser.woken, other.woken) == ([], [])


async def test_old_messages_do_not_wake_a_new_subscription(
    street: Street, post: PushService, clock: OffsetClock
) -> None:
    dong, li = await two(street)
    await say(dong, li, "昨天的话")
    clock.advance(seconds=1)
    browser = await subscribed(li, post)
    await street.turn()
    assert not browser.woken


async def test_only_public_addresses_over_https_are_posted_to(street: Street, post: PushService) -> None:
    li = await street.phone("小李")
    good = post.browser().body()
    for endpoint in (
        "http://push.example.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://10.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://localhost/x",
        "https://printer.local/x",
        "https://push.example.com:8443/x",
        "https://user@push.example.com/x",
        "https://push.example.com\n.evil/x",
        "ftp://push.example.com/x",
        "http://127.0.0.2:80/x",
        "file:///etc/passwd",
        "",
        "https://push.example.com/" + "x" * 1000,
    ):
        with pytest.raises(Refused, match="bad_subscription"):
            await li.post("/api/push/subscription", {**good, "endpoint": endpoint})
    for keys in (
        {"p256dh": "", "auth": good["keys"]["auth"]},
        {"p256dh": b64(b"\4" + bytes(64)), "auth": good["keys"]["auth"]},
        {"p256dh": good["keys"]["p256dh"], "auth": b64(bytes(15))},
        {"p256dh": "!" * 87, "auth": good["keys"]["auth"]},
    ):
        with pytest.raises(Refused, match="bad_subscription"):
            await li.post("/api/push/subscription", {**good, "keys": keys})


async def test_two_servers_that_look_at_once_tell_it_once(
    street: Street, post: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    dong, li = await two(street)
    browser = await subscribed(li, post)
    await say(dong, li, "你好")
    looked, go = asyncio.Event(), asyncio.Event()
    really = store.waiting

    async def look_slowly(*asked: Any) -> Any:
        rows = await really(*asked)
        if not looked.is_set():
            looked.set()
            await go.wait()
        return rows

    monkeypatch.setattr(store, "waiting", look_slowly)
    database = street.server.database
    slow = asyncio.create_task(database.run(partial(collect, touched=None), actor="test"))
    await looked.wait()
    await street.turn()
    go.set()
    await slow
    await street.turn()
    assert len(browser.woken) == 1


async def test_what_is_due_together_goes_out_over_one_line(
    street: Street, post: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Post] = []

    class Counted(Post):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            opened.append(self)

    monkeypatch.setattr("wufu.chat.push.jobs.Post", Counted)
    dong, li = await two(street)
    browsers = [await subscribed(await street.phone("小李"), post) for _ in range(4)]
    await say(dong, li, "都响了吗？")
    assert await street.turn() == 4
    assert [len(browser.woken) for browser in browsers] == [1, 1, 1, 1]
    assert len(opened) == 1, "one line out, also for the first ones side by side"
