"""Media from phone to phone: uploaded, sent, seen by who may, and gone with the last message."""

import asyncio
import contextlib
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.chat.media.clips import mp4, ogg, picture, png_bomb, webm
from tests.chat.serving import Household
from tests.journeys.conftest import OffsetClock
from tests.journeys.phone import Json, Phone, Refused, answer_of, fresh_id
from wufu.chat import direct_id
from wufu.chat.media.verbs import sweep

WAVE = list(range(20))


async def upload(phone: Phone, kind: str, data: bytes, *, media: str = "", name: str = "") -> Json:
    media = media or fresh_id()
    parameters = {"kind": kind, "name": name}
    answer: Json = answer_of(
        await phone.http.post(f"/api/upload/media/{media}", params=parameters, content=data)
    )
    return answer


async def send(phone: Phone, other: Phone, kind: str, **body: Any) -> Json:
    return await phone.do("send_message", id=fresh_id(), to=other.person, kind=kind, body=body)


async def get(phone: Phone, path: str, **headers: str) -> httpx.Response:
    response = await phone.http.get(path, headers=headers)
    if not response.is_success:
        answer_of(response)
    return response


async def two(house: Household) -> tuple[Phone, Phone]:
    dong, li = await house.phone("dong"), await house.phone("li")
    await house.befriend(dong, li)
    return dong, li


async def gone(house: Household) -> None:
    async with asyncio.timeout(20):
        while house.files():
            await asyncio.sleep(0.05)


async def message_of(phone: Phone, sent: Json) -> Json:
    history = await phone.get(
        f"/api/chat/conversations/{sent['conversation']}/messages?around={sent['number']}"
    )
    (found,) = [one for one in history["messages"] if one["number"] == sent["number"]]
    return dict(found)


async def test_a_picture_is_seen_by_whom_it_was_sent_to(house: Household) -> None:
    dong, li = await two(house)
    chen = await house.phone("chen")
    media = await upload(dong, "picture", picture())
    assert (media["type"], media["width"], media["height"], media["thumb"]) == ("image/jpeg", 480, 640, True)
    path = f"/api/media/{media['id']}"
    for other in (li, chen):
        with pytest.raises(Refused, match="unknown_media"):
            await get(other, path)

    sent = await send(dong, li, "picture", media=media["id"])
    body = (await message_of(li, sent))["body"]
    assert len(bytes.fromhex(body.pop("blur"))) == 36
    assert body == {
        "media": media["id"],
        "type": "image/jpeg",
        "bytes": media["bytes"],
        "width": 480,
        "height": 640,
        "thumb": True,
    }
    given = await get(li, path)
    assert given.headers["content-type"] == "image/jpeg"
    assert given.headers["content-disposition"] == "inline"
    assert "sandbox" in given.headers["content-security-policy"]
    assert "nosniff" in given.headers["x-content-type-options"]
    assert Image.open(io.BytesIO(given.content)).size == (480, 640)
    assert Image.open(io.BytesIO((await get(li, path + "/thumb")).content)).size == (360, 480)
    for act in (path, path + "/thumb", f"/api/media/{fresh_id()}"):
        with pytest.raises(Refused, match="unknown_media"):
            await get(chen, act)


async def test_with_the_last_message_the_bytes_go(house: Household) -> None:
    dong, li = await two(house)
    wang = await house.phone("wang")
    await house.befriend(li, wang)
    media = await upload(dong, "voice", ogg())
    sent = await send(dong, li, "voice", media=media["id"], waveform=WAVE)
    passed_on = await send(li, wang, "voice", media=media["id"], waveform=WAVE)
    await get(wang, f"/api/media/{media['id']}")

    await dong.do("recall_message", conversation=sent["conversation"], number=sent["number"])
    await get(li, f"/api/media/{media['id']}")  # in the message they sent on
    await li.do("recall_message", conversation=passed_on["conversation"], number=passed_on["number"])
    for phone in (dong, li, wang):
        with pytest.raises(Refused, match="unknown_media"):
            await get(phone, f"/api/media/{media['id']}")
    await gone(house)


async def test_nobody_sends_what_they_do_not_see(house: Household) -> None:
    dong, li = await two(house)
    media = await upload(dong, "picture", picture(size=(64, 64)))
    voice = await upload(dong, "voice", ogg())
    for phone, other, kind, body in (
        (li, dong, "picture", {"media": media["id"]}),
        (dong, li, "video", {"media": media["id"]}),
        (dong, li, "picture", {"media": fresh_id()}),
        (dong, li, "picture", {"media": voice["id"]}),
    ):
        with pytest.raises(Refused, match="unknown_media"):
            await send(phone, other, kind, **body)
    for kind, body in (
        ("picture", {}),
        ("picture", {"media": "x"}),
        ("picture", {"media": media["id"], "width": 5}),
        ("picture", {"media": media["id"], "waveform": WAVE}),
        ("voice", {"media": voice["id"]}),
        ("voice", {"media": voice["id"], "waveform": [32]}),
        ("voice", {"media": voice["id"], "waveform": [-1]}),
        ("voice", {"media": voice["id"], "waveform": [1] * 65}),
        ("voice", {"media": voice["id"], "waveform": "loud"}),
    ):
        with pytest.raises(Refused, match="bad_message"):
            await send(dong, li, kind, **body)


async def test_voices_films_and_files_arrive_in_the_servers_words(house: Household) -> None:
    dong, li = await two(house)
    voice = await upload(dong, "voice", webm(4.2))
    sent = await send(dong, li, "voice", media=voice["id"], waveform=WAVE)
    body = (await message_of(li, sent))["body"]
    assert (body["seconds"], body["type"], body["waveform"]) == (4.2, "audio/webm", WAVE)

    poster = await upload(dong, "picture", picture(size=(320, 240), exif=b""))
    film = await upload(dong, "video", mp4(7))
    sent = await send(dong, li, "video", media=film["id"], poster=poster["id"])
    body = (await message_of(li, sent))["body"]
    assert (body["seconds"], body["width"], body["poster"]) == (7.0, 320, poster["id"])
    await get(li, f"/api/media/{poster['id']}/thumb")
    ranged = await get(li, f"/api/media/{film['id']}", range="bytes=4-7")
    assert (ranged.status_code, ranged.content) == (206, b"ftyp")

    file = await upload(dong, "file", b"%PDF-1.7 ...", name="../报告 一.pdf")
    sent = await send(dong, li, "file", media=file["id"])
    body = (await message_of(li, sent))["body"]
    assert (body["name"], body["bytes"]) == ("报告 一.pdf", 12)
    given = await get(li, f"/api/media/{file['id']}")
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6%8A%A5")
    await dong.do("recall_message", conversation=sent["conversation"], number=sent["number"])
    with pytest.raises(Refused, match="unknown_media"):
        await get(li, f"/api/media/{file['id']}")


async def test_an_upload_repeated_is_the_same_and_other_bytes_are_a_conflict(house: Household) -> None:
    dong, li = await two(house)
    media, data = fresh_id(), ogg()
    answers = await asyncio.gather(*(upload(dong, "voice", data, media=media) for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    for phone, kind, other in ((dong, "voice", data + b"x"), (dong, "file", data), (li, "voice", data)):
        with pytest.raises(Refused, match="id_conflict"):
            await upload(phone, kind, other, media=media)


async def test_broken_uploads_are_refused_and_leave_nothing(house: Household) -> None:
    dong, _ = await two(house)
    for kind, data, code in (
        ("picture", b"", "media_unreadable"),
        ("picture", b"\xff\xd8\xff" + bytes(500), "media_unreadable"),
        ("picture", png_bomb(50_000), "media_unreadable"),
        ("picture", b"GIF89a" + bytes(20), "media_unreadable"),
        ("picture", ogg(), "media_type_refused"),
        ("voice", ogg(70), "media_too_long"),
        ("voice", bytes((2 << 20) + 1), "body_too_large"),
        ("file", b"MZ", "media_type_refused"),
        ("song", b"x", "malformed_body"),
    ):
        with pytest.raises(Refused, match=code):
            await upload(dong, kind, data)
    assert not house.files()
    with contextlib.suppress(httpx.HTTPError):  # the answer may come while we are still talking
        response = await dong.http.post(f"/api/upload/media/{fresh_id()}?kind=voice", content=_unmeasured())
        assert response.status_code == 413


async def _unmeasured() -> Any:
    """A body that does not say how long it is."""
    for _ in range(3):
        yield bytes(1 << 20)


async def test_what_was_never_sent_is_swept_after_a_day(house: Household, clock: OffsetClock) -> None:
    dong, li = await two(house)
    unsent = await upload(dong, "voice", ogg())
    sent = await upload(dong, "voice", ogg(2))
    await send(dong, li, "voice", media=sent["id"], waveform=WAVE)
    clock.advance(hours=23)
    assert await house.server.database.run(sweep, actor="test") == 0
    clock.advance(hours=2)
    await house.server.database.run(sweep, actor="test")
    with pytest.raises(Refused, match="unknown_media"):
        await get(dong, f"/api/media/{unsent['id']}")
    with pytest.raises(Refused, match="unknown_media"):
        await send(dong, li, "voice", media=unsent["id"], waveform=WAVE)
    await get(li, f"/api/media/{sent['id']}")


async def test_who_left_or_joined_later_does_not_see_it(house: Household) -> None:
    dong, li = await two(house)
    wang = await house.phone("wang")
    await house.befriend(dong, wang)
    group = fresh_id()
    await dong.post("/api/chat/groups", {"id": group, "title": "家", "people": [li.person]})
    media = await upload(dong, "voice", ogg())
    await dong.do(
        "send_message",
        id=fresh_id(),
        conversation=group,
        kind="voice",
        body={"media": media["id"], "waveform": WAVE},
    )
    path = f"/api/media/{media['id']}"
    await get(li, path)
    await dong.post(f"/api/chat/conversations/{group}/people", {"people": [wang.person]})
    await li.post(f"/api/chat/conversations/{group}/leave")
    for phone in (li, wang):
        with pytest.raises(Refused, match="unknown_media"):
            await get(phone, path)


async def test_forwarded_media_do_not_open_a_way_to_them(house: Household) -> None:
    dong, li = await two(house)
    chen = await house.phone("chen")
    await house.befriend(li, chen)
    media = await upload(dong, "voice", ogg())
    sent = await send(dong, li, "voice", media=media["id"], waveform=WAVE)
    await send(
        li,
        chen,
        "forward",
        conversation=str(direct_id(dong.person, li.person)),
        numbers=[sent["number"]],
    )
    with pytest.raises(Refused, match="unknown_media"):
        await get(chen, f"/api/media/{media['id']}")


async def test_too_many_uploads_at_once_have_to_wait(house: Household) -> None:
    dong, _ = await two(house)
    answers = await asyncio.gather(
        *(upload(dong, "file", b"x" * (1 << 20), name="a.txt") for _ in range(12)), return_exceptions=True
    )
    codes = {answer.code for answer in answers if isinstance(answer, Refused)}
    assert codes <= {"too_many_uploads"}
    assert any(not isinstance(answer, BaseException) for answer in answers)
