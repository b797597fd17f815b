"""A secret from one phone to another: sealed, fetched, seen, burnt; and everybody who must not have it."""

import asyncio
from pathlib import Path

import pytest

from tests.chat.secret.conftest import Meet, meeting
from tests.chat.secret.sealing import SecretPhone, framed, secret_bytes, unframed
from tests.chat.serving import Household, household
from tests.conftest import FreshDatabase
from tests.journeys.conftest import OffsetClock, engines_at
from tests.journeys.phone import Refused, fresh_id
from wufu.db.engines import Engines

PLAIN = "今晚八点老地方".encode()


async def gone(phone: SecretPhone, conversation: str, number: int) -> None:
    """Wait until the message is gone."""
    async with asyncio.timeout(20):
        while (await phone.message(conversation, number))["kind"] != "gone":
            await asyncio.sleep(0.05)


async def no_objects(house: Household) -> None:
    async with asyncio.timeout(20):
        while house.files():
            await asyncio.sleep(0.05)


async def test_a_secret_is_read_by_its_reader_and_then_is_gone(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    message, sent, _ = await dong.send(conversation, PLAIN)
    assert house.files()

    shown = await li.message(conversation, sent["number"])
    assert (shown["kind"], shown["body"]["timer_seconds"]) == ("secret", 10)
    assert shown["body"]["readers"] == {str(li.person): {"seen_at": None, "burnt_at": None}}

    frame = await li.fetch(conversation, message)
    (sender,) = [key for key in await li.keys(conversation) if key["device"] == dong.device]
    assert li.open(conversation, message, 10, frame, sender) == PLAIN

    seen = await li.see(conversation, message)
    assert (await li.see(conversation, message)) == seen
    shown = await dong.message(conversation, sent["number"])
    assert shown["body"]["readers"][str(li.person)]["seen_at"] is not None
    assert shown["change"] > sent["change"]

    await li.burn(conversation, message)
    shown = await dong.message(conversation, sent["number"])
    assert (shown["kind"], shown["body"]) == ("gone", {"was": "secret"})
    with pytest.raises(Refused, match="secret_gone"):
        await li.fetch(conversation, message)
    with pytest.raises(Refused, match="secret_gone"):
        await li.see(conversation, message)
    assert (await li.burn(conversation, message))["burnt_at"]
    await no_objects(house)


async def test_a_device_gets_its_own_wrap_and_no_other(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    tablet = SecretPhone(await house.phone("li"), "tablet")
    await tablet.register()
    conversation = await dong.direct(li)
    message, _, frame = await dong.send(conversation, PLAIN)
    assert set(unframed(frame)[0]["wraps"]) == {li.device, tablet.device}
    for reader in (li, tablet):
        given = await reader.fetch(conversation, message)
        assert set(unframed(given)[0]["wraps"]) == {reader.device}
    # Seen on one device, the time runs for the person.
    seen = await tablet.see(conversation, message)
    assert await li.see(conversation, message) == seen


async def test_repeats_have_the_same_answer_and_other_bytes_are_a_conflict(
    meet: Meet, house: Household
) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    message, sent, frame = await dong.send(conversation, PLAIN)
    assert await dong.post(conversation, message, 10, frame) == sent
    other = dong.seal(conversation, message, 10, await dong.keys(conversation), b"something else")
    with pytest.raises(Refused, match="id_conflict"):
        await dong.post(conversation, message, 10, other)
    with pytest.raises(Refused, match="id_conflict"):
        await li.send(conversation, PLAIN, message=message)
    assert len(house.files()) == 1

    await li.burn(conversation, message)
    again = await dong.post(conversation, message, 10, frame)
    assert (again["number"], again["expires_at"]) == (sent["number"], None)
    assert (await dong.message(conversation, sent["number"]))["kind"] == "gone"
    await no_objects(house)


async def test_the_same_message_sent_twice_at_once_is_one_message(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    message, keys = fresh_id(), await dong.keys(conversation)
    frame = dong.seal(conversation, message, 10, keys, PLAIN)
    answers = await asyncio.gather(*(dong.post(conversation, message, 10, frame) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(house.files()) == 1


async def test_an_unwrapped_device_of_a_reader_stops_the_message_unless_it_is_left_out(
    meet: Meet, house: Household
) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    keys = await dong.keys(conversation)
    tablet = SecretPhone(await house.phone("li"), "tablet")
    await tablet.register()
    message = fresh_id()
    with pytest.raises(Refused, match="keys_changed") as refused:
        await dong.post(conversation, message, 10, dong.seal(conversation, message, 10, keys, PLAIN))
    listed = {key["device"] for key in refused.value.facts["keys"]}
    assert listed == {dong.device, li.device, tablet.device}
    message, _, _ = await dong.send(conversation, PLAIN, left_out=(tablet.device,))
    await li.fetch(conversation, message)
    with pytest.raises(Refused, match="not_for_this_device"):
        await tablet.fetch(conversation, message)


async def test_a_wrap_for_somebody_outside_is_refused(meet: Meet) -> None:
    dong, li, wang = await meet("dong", "li", "wang")
    conversation = await dong.direct(li)
    keys = [*await dong.keys(conversation), *await dong.keys(await dong.direct(wang))]
    message = fresh_id()
    with pytest.raises(Refused, match="keys_changed"):
        await dong.post(conversation, message, 10, dong.seal(conversation, message, 10, keys, PLAIN))


async def test_nobody_outside_the_conversation_gets_anything(meet: Meet) -> None:
    dong, li, wang = await meet("dong", "li", "wang")
    conversation = await dong.direct(li)
    message, _, frame = await dong.send(conversation, PLAIN)
    for act in (
        lambda: wang.fetch(conversation, message),
        lambda: wang.burn(conversation, message),
        lambda: wang.keys(conversation),
        lambda: wang.post(conversation, fresh_id(), 10, frame),
    ):
        with pytest.raises(Refused, match=r"no_such_conversation|bad_sealed"):
            await act()
    with pytest.raises(Refused, match="secret_gone"):
        await wang.see(conversation, message)
    assert await li.fetch(conversation, message)


async def test_who_blocked_the_sender_gets_no_secrets(meet: Meet) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    await li.phone.post("/api/ties/block", {"person": dong.person})
    with pytest.raises(Refused, match="not_friends"):
        await dong.send(conversation, PLAIN)


async def test_phones_cannot_send_a_secret_as_an_ordinary_message(meet: Meet) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    for kind in ("secret", "gone"):
        with pytest.raises(Refused, match="kind_not_allowed"):
            await dong.phone.do(
                "send_message", id=fresh_id(), conversation=conversation, kind=kind, body={"text": "x"}
            )


async def test_editing_forwarding_and_searching_leak_nothing(meet: Meet) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    _, sent, _ = await dong.send(conversation, PLAIN)
    with pytest.raises(Refused):
        await dong.phone.do("edit_message", conversation=conversation, number=sent["number"], text="x")
    with pytest.raises(Refused):
        await li.phone.do(
            "send_message",
            id=fresh_id(),
            to=dong.person,
            kind="forward",
            body={"conversation": conversation, "numbers": [sent["number"]]},
        )
    for words in ("secret", "老地方", "timer_seconds"):
        found = await li.phone.get(f"/api/chat/search?q={words}")
        assert found["found"] == []


async def test_recalling_burns_at_once(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    message, sent, _ = await dong.send(conversation, PLAIN)
    await dong.phone.do("recall_message", conversation=conversation, number=sent["number"])
    with pytest.raises(Refused, match="secret_gone"):
        await li.fetch(conversation, message)
    shown = await li.message(conversation, sent["number"])
    assert shown["recalled_by"] == dong.person
    assert shown["body"] == {}
    await no_objects(house)


async def test_the_senders_word_burns_it_for_everybody(meet: Meet) -> None:
    dong, li, wang = await meet("dong", "li", "wang")
    group = fresh_id()
    people = [li.person, wang.person]
    await dong.phone.post("/api/chat/groups", {"id": group, "title": "家", "people": people})
    message, sent, _ = await dong.send(group, PLAIN, timer=60)
    await li.see(group, message)
    await dong.burn(group, message)
    await gone(wang, group, sent["number"])
    for reader in (li, wang):
        with pytest.raises(Refused, match="secret_gone"):
            await reader.fetch(group, message)


async def test_in_a_group_it_is_gone_when_the_last_reader_burnt_it(meet: Meet) -> None:
    dong, li, wang = await meet("dong", "li", "wang")
    group = fresh_id()
    await dong.phone.post(
        "/api/chat/groups", {"id": group, "title": "家", "people": [li.person, wang.person]}
    )
    message, sent, _ = await dong.send(group, PLAIN)
    await li.see(group, message)
    await li.burn(group, message)
    with pytest.raises(Refused, match="secret_gone"):
        await li.fetch(group, message)
    assert await wang.fetch(group, message)
    shown = await dong.message(group, sent["number"])
    assert shown["body"]["readers"][str(li.person)]["burnt_at"] is not None
    assert shown["body"]["readers"][str(wang.person)]["burnt_at"] is None
    await asyncio.gather(wang.burn(group, message), wang.see(group, message), return_exceptions=True)
    await gone(dong, group, sent["number"])


@pytest.mark.parametrize(("timer", "grace"), [(1, 5), (60, 5), (86_400, 600)])
async def test_a_silent_phone_is_not_waited_for(
    meet: Meet, clock: OffsetClock, timer: int, grace: int
) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    message, sent, _ = await dong.send(conversation, PLAIN, timer=timer)
    await li.see(conversation, message)
    clock.advance(seconds=timer + grace - 30 if timer > 1 else 0)
    assert await li.fetch(conversation, message)
    clock.advance(seconds=31)
    with pytest.raises(Refused, match="secret_gone"):
        await li.fetch(conversation, message)
    await gone(dong, conversation, sent["number"])


async def test_what_nobody_opens_is_gone_after_a_week(
    meet: Meet, clock: OffsetClock, house: Household
) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    message, sent, _ = await dong.send(conversation, PLAIN)
    clock.advance(days=6, hours=23)
    assert await li.fetch(conversation, message)
    clock.advance(hours=2)
    with pytest.raises(Refused, match="secret_gone"):
        await li.fetch(conversation, message)
    await gone(dong, conversation, sent["number"])
    await no_objects(house)


async def test_a_screenshot_is_told_to_the_sender(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    message, _, _ = await dong.send(conversation, PLAIN)
    async with asyncio.timeout(20):
        for _ in range(3):
            await li.phone.do("tell_screenshot", conversation=conversation, message=message)
        facts: list[str] = []
        while "secret.screenshot" not in facts:
            facts = [fact["kind"] for fact in (await dong.phone.get("/api/facts?after=0"))["facts"]]
    assert facts.count("secret.screenshot") == 1
    with pytest.raises(Refused, match="secret_gone"):
        await dong.phone.do("tell_screenshot", conversation=conversation, message=message)


async def test_malformed_messages_are_refused_in_words(meet: Meet, house: Household) -> None:
    dong, li = await meet("dong", "li")
    conversation = await dong.direct(li)
    keys, message = await dong.keys(conversation), fresh_id()
    good = dong.seal(conversation, message, 10, keys, PLAIN)
    sealed, ciphertext = unframed(good)
    wrong = [
        b"",
        b"\0\0\0\xff{}",
        b"\0\0\0\0" + ciphertext,
        framed({**sealed, "v": 2}, ciphertext),
        framed({**sealed, "wraps": {}}, ciphertext),
        framed({**sealed, "wraps": {li.device: "AAAA"}}, ciphertext),
        framed({**sealed, "plain": "text"}, ciphertext),
        framed({**sealed, "from": fresh_id()}, ciphertext),
        framed(sealed, ciphertext + b"x"),
        framed(sealed, b""),
        framed({**sealed, "left_out": "all"}, ciphertext),
    ]
    for body in wrong:
        with pytest.raises(Refused, match="bad_sealed"):
            await dong.post(conversation, message, 10, body)
    with pytest.raises(Refused, match="bad_timer"):
        await dong.post(conversation, message, 7, good)
    with pytest.raises(Refused, match="body_too_large"):
        await dong.post(conversation, message, 10, framed(sealed, secret_bytes(8160) * 600))
    stranger = await house.phone("chen")
    with pytest.raises(Refused, match="no_device_key"):
        await SecretPhone(stranger).post(conversation, message, 10, good)
    assert not house.files()


async def test_a_server_that_died_after_burning_leaves_its_work_to_the_next(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, tmp_path: Path
) -> None:
    its, objects = engines_at(engines, fresh), tmp_path / "objects"
    async with household(its, clock, objects, with_jobs=False) as house:
        dong, li = await meeting(house)("dong", "li")
        conversation = await dong.direct(li)
        first, _, _ = await dong.send(conversation, PLAIN)
        second, sent, _ = await dong.send(conversation, PLAIN, timer=1)
        await li.burn(conversation, first)
        await li.see(conversation, second)
        assert len(house.files()) == 2
    clock.advance(seconds=7)
    async with household(its, clock, objects) as house:
        again = SecretPhone(await house.phone("dong"))
        again.phone.http.headers["Authorization"] = dong.phone.http.headers["Authorization"]
        await gone(again, conversation, sent["number"])
        await no_objects(house)
