"""Where notifications may go, when, and in which words, as pure decisions; and the way out."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.chat.push.conftest import Browser, unb64
from wufu.chat.model import Message
from wufu.chat.push.model import (
    BadSubscription,
    Payload,
    Quiet,
    Subscription,
    check_endpoint,
    is_public,
    next_try,
    sleeps,
    words_for,
)
from wufu.chat.push.post import Post
from wufu.core.ids import ConversationId, MessageId, PersonId

NIGHT = Quiet(22 * 60, 7 * 60, 480)
NOW = datetime(2026, 2, 7, 20, 36, tzinfo=UTC)


def message(kind: str = "text", **body: object) -> Message:
    room, id_ = ConversationId(UUID(int=1)), MessageId(UUID(int=2))
    return Message(room, 1, 1, id_, PersonId(1), kind, body, NOW)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "not an address",
        "",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["142.250.74.74", "2a00:1450:4001:82a::200a", "17.57.144.1"])
def test_push_services_are_public(address: str) -> None:
    assert is_public(address)


def test_known_services_may_be_posted_to() -> None:
    assert check_endpoint("https://fcm.googleapis.com/fcm/send/abc") == "fcm.googleapis.com"
    assert check_endpoint("https://web.push.apple.com/Qabc") == "web.push.apple.com"
    assert check_endpoint("https://updates.push.services.mozilla.com:443/wpush/v2/g")
    with pytest.raises(BadSubscription):
        check_endpoint("http://127.0.0.1:1/x")


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["142.250.74.74", "10.0.0.1"], []])
async def test_a_public_name_with_an_address_inside_is_not_connected_to(addresses: list[str]) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("push.example.com", 443)
        return addresses

    browser = Browser("https://push.example.com/x")
    keys = browser.body()["keys"]
    to = Subscription(PersonId(1), UUID(int=1), browser.url, unb64(keys["p256dh"]), browser.auth, True, NOW)
    payload = Payload(1, UUID(int=1), 1, "五福", "x", 1, "t", False, NOW)
    post = Post(b"\1" * 32, resolve=resolve)
    try:
        posted = await post.send(to, payload, NOW)
    finally:
        await post.close()
    assert (posted.outcome, posted.why) == ("gone", "not a public address")


@pytest.mark.parametrize(
    ("hour", "asleep"), [(13, False), (14, True), (18, True), (22, True), (23, False), (0, False)]
)
def test_quiet_hours_are_those_of_the_persons_own_clock_and_go_over_midnight(hour: int, asleep: bool) -> None:
    assert sleeps(NIGHT, datetime(2026, 2, 7, hour, 0, tzinfo=UTC)) is asleep


def test_quiet_hours_within_a_day_and_none() -> None:
    noon = Quiet(12 * 60, 13 * 60, 0)
    assert sleeps(noon, datetime(2026, 2, 7, 12, 59, tzinfo=UTC))
    assert not sleeps(noon, datetime(2026, 2, 7, 13, 0, tzinfo=UTC))
    assert not sleeps(Quiet(), NOW)


def test_waits_grow_and_end() -> None:
    waits = [next_try(tries, NOW) for tries in range(12)]
    known = [at - NOW for at in waits if at is not None]
    assert known == sorted(known)
    assert known[0] == timedelta(seconds=10)
    assert known[-1] == timedelta(hours=4)
    assert waits[10:] == [None, None]
    assert next_try(0, NOW, 10**9) == NOW + timedelta(hours=4)


def test_words_of_every_kind() -> None:
    def told(one: Message, **options: object) -> tuple[str, str]:
        about = {"sender": "小东", "group": None, "preview": True, "language": "zh"} | options
        return words_for(one, **about)  # type: ignore[arg-type]

    assert told(message(text="a\n b")) == ("小东", "a b")
    assert told(message(text="x" * 200))[1] == "x" * 119 + "…"
    assert told(message("picture", media="…"), language="en") == ("小东", "[Picture]")
    assert told(message("card", card="packet"), group="一家人") == ("一家人", "小东: [红包]")
    assert told(message("card", card="new one"))[1] == "[卡片]"
    assert told(message("secret", text="leak")) == ("五福", "你有一条新消息")
    assert told(message(text="leak"), preview=False, language="en") == ("Wufu", "You have a new message")
