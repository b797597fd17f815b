"""Keys of devices: registered while signed in, gone with the session, every change told."""

import asyncio

import pytest

from tests.chat.secret.conftest import Meet
from tests.chat.secret.sealing import SecretPhone, b64
from tests.chat.serving import Household
from tests.journeys.conftest import OffsetClock
from tests.journeys.phone import Json, Phone, Refused, fresh_id

NO_KEYS = [
    "",
    "AAAA",
    b64(bytes(31)),
    b64(bytes(33)),
    b64(bytes(32)),
    b64(b"\1" + bytes(31)),
    # RFC 7748's points of small order: with them the agreed secret is always zero.
    b64(bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")),
    b64(bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")),
    b64(bytes(range(32))) + "=",
    "!" * 43,
]


async def facts_of(phone: Phone, kind: str, count: int) -> list[Json]:
    """Wait for so many facts of a kind."""
    async with asyncio.timeout(20):
        while True:
            facts = (await phone.get("/api/facts?after=0"))["facts"]
            found = [fact["body"] for fact in facts if fact["kind"] == kind]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)


async def test_registering_again_changes_nothing_and_a_new_key_is_told(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    first = await li.register()
    assert await li.register() == first
    await dong.phone.post("/api/secrets/mode", {"conversation": conversation, "timer_seconds": 10})

    li.key = SecretPhone(li.phone, "other").key
    changed = await li.register()
    assert changed["key"] != first["key"]
    assert changed["since"] > first["since"]
    told = (await facts_of(dong.phone, "secret.keys_changed", 2))[-1]
    assert (told["device"], told["key"]) == (li.device, changed["key"])


async def test_what_is_no_key_is_refused(house: Household) -> None:
    phone = await house.phone("dong")
    for key in NO_KEYS:
        with pytest.raises(Refused, match="bad_device_key"):
            await phone.post("/api/secrets/device", {"device": fresh_id(), "key": key})


async def test_a_device_is_one_sessions_as_long_as_it_stands(meet: Meet, house: Household) -> None:
    (dong,) = await meet("dong")
    again = SecretPhone(await house.phone("dong"))
    assert again.device == dong.device
    with pytest.raises(Refused, match="id_conflict"):
        await again.register()
    await dong.phone.post("/api/people/sign-out")
    assert (await again.register())["key"] == b64(again.public)
    own = (await again.phone.get(f"/api/secrets/keys/of/{dong.person}"))["keys"]
    assert [key["key"] for key in own] == [b64(again.public)]


async def test_a_session_has_one_device(meet: Meet, house: Household) -> None:
    (dong,) = await meet("dong")
    dong.device = fresh_id()
    await dong.register()
    keys = (await dong.phone.get(f"/api/secrets/keys/of/{dong.person}"))["keys"]
    assert [key["device"] for key in keys] == [dong.device]


async def test_signing_out_from_afar_takes_the_key_and_is_told(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    tablet = SecretPhone(await house.phone("li"), "tablet")
    await tablet.register()
    message, _, _ = await dong.send(conversation, b"only for you")
    assert await tablet.fetch(conversation, message)

    devices = (await tablet.phone.get("/api/people/devices"))["devices"]
    (current,) = [device["id"] for device in devices if device["current"]]
    await li.phone.call("DELETE", f"/api/people/devices/{current}")

    assert {key["device"] for key in await dong.keys(conversation)} == {dong.device, li.device}
    with pytest.raises(Refused, match="not_signed_in"):
        await tablet.fetch(conversation, message)
    told = (await facts_of(dong.phone, "secret.keys_changed", 2))[-1]  # the first was of one's own key
    assert told == {"person": li.person, "device": tablet.device, "key": None, "since": None}
    assert await li.fetch(conversation, message)


async def test_a_session_that_expired_has_no_key_in_any_list(
    meet: Meet, house: Household, clock: OffsetClock
) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    clock.advance(days=20)
    await dong.phone.get("/api/me")  # in use, so it stands longer
    clock.advance(days=15)
    assert {key["device"] for key in await dong.keys(conversation)} == {dong.device}
    tablet = SecretPhone(await house.phone("dong"), "tablet")
    await tablet.register()
    message, keys = fresh_id(), [{"person": 0, "device": tablet.device, "key": b64(tablet.public)}]
    with pytest.raises(Refused, match="no_reader"):
        await dong.post(conversation, message, 10, dong.seal(conversation, message, 10, keys, b"x"))


async def test_keys_are_shown_to_friends_and_to_nobody_else(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    keys = (await dong.phone.get(f"/api/secrets/keys/of/{li.person}"))["keys"]
    assert [key["device"] for key in keys] == [
        phone.device for phone in sorted((dong, li), key=lambda one: one.person)
    ]
    stranger = await house.phone("chen")
    with pytest.raises(Refused, match="unknown_person"):
        await stranger.get(f"/api/secrets/keys/of/{li.person}")
    with pytest.raises(Refused, match="unknown_person"):
        await stranger.get("/api/secrets/keys/of/9999999999999999")


async def test_the_mode_is_told_to_both_and_written_into_the_conversation(meet: Meet) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    for seconds in (10, 10, 60, None):
        await li.phone.post("/api/secrets/mode", {"conversation": conversation, "timer_seconds": seconds})
    told = await facts_of(dong.phone, "secret.mode_changed", 3)
    assert [(fact["timer_seconds"], fact["by"]) for fact in told] == [
        (10, li.person),
        (60, li.person),
        (None, li.person),
    ]
    history = (await dong.phone.get(f"/api/chat/conversations/{conversation}/messages"))["messages"]
    assert [one["body"]["seconds"] for one in reversed(history)] == [10, 60, None]
    assert (await dong.phone.get("/api/secrets/modes"))["modes"] == []
    with pytest.raises(Refused, match="bad_timer"):
        await li.phone.post("/api/secrets/mode", {"conversation": conversation, "timer_seconds": 2})


async def test_only_who_runs_a_group_switches_its_mode(meet: Meet) -> None:
    dong, li, wang = await meet("dong", "li", "wang")
    group = fresh_id()
    await dong.phone.post("/api/chat/groups", {"id": group, "title": "家", "people": [li.person]})
    with pytest.raises(Refused, match="not_allowed_here"):
        await li.phone.post("/api/secrets/mode", {"conversation": group, "timer_seconds": 10})
    with pytest.raises(Refused, match="no_such_conversation"):
        await wang.phone.post("/api/secrets/mode", {"conversation": group, "timer_seconds": 10})
    await dong.phone.post("/api/secrets/mode", {"conversation": group, "timer_seconds": 10})
    (mode,) = (await li.phone.get("/api/secrets/modes"))["modes"]
    assert (mode["conversation"], mode["timer_seconds"]) == (group, 10)
