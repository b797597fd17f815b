"""Reports from phone to moderator and back: pictures wait for the ruling; of secrets what one chooses."""

import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from tests.chat.secret.sealing import SecretPhone
from tests.chat.serving import Household, household
from tests.conftest import FreshDatabase
from tests.journeys.conftest import OffsetClock, engines_at
from tests.journeys.phone import Phone, Refused, fresh_id, until
from wufu.chat import dismiss_report, see_case, see_evidence_file, see_reports, take_down
from wufu.chat.moderation.model import Case
from wufu.db.engines import Engines


@pytest.fixture
def clock() -> OffsetClock:
    return OffsetClock()


@pytest.fixture
async def house(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, tmp_path: Path
) -> AsyncIterator[Household]:
    async with household(engines_at(engines, fresh), clock, tmp_path / "objects") as its:
        yield its


async def report(phone: Phone, conversation: str, number: int, **more: object) -> str:
    id_ = fresh_id()
    body = {"id": id_, "conversation": conversation, "numbers": [number], "reason": "abuse", **more}
    await phone.post("/api/chat/reports", body)
    return id_


async def case(house: Household, id_: str) -> Case:
    async with house.server.database.read() as connection:
        return await see_case(connection, UUID(id_))


async def test_a_reported_picture_waits_for_the_ruling_whoever_takes_it_back(
    house: Household, tmp_path: Path
) -> None:
    dong, mei = await house.phone("dong"), await house.phone("mei")
    await house.befriend(dong, mei)
    picture = tmp_path / "picture.png"
    Image.new("RGB", (40, 30), (200, 0, 0)).save(picture)
    media = fresh_id()
    await dong.http.post(f"/api/upload/media/{media}?kind=picture", content=picture.read_bytes())
    sent = await dong.do("send_message", id=media, to=mei.person, kind="picture", body={"media": media})
    conversation, number = sent["conversation"], sent["number"]
    id_ = await report(mei, conversation, number)
    await dong.do("recall_message", conversation=conversation, number=number)
    found = await case(house, id_)
    [evidence] = found.evidence
    assert (evidence.now, str(evidence.media)) == ("recalled", media)
    async with house.server.database.read() as connection:
        object_id, media_type = await see_evidence_file(connection, UUID(id_), UUID(media))
    assert media_type.startswith("image/")
    assert str(object_id) in {path.name for path in house.files()}
    with pytest.raises(Refused, match="unknown_media"):
        await mei.get(f"/api/media/{media}")
    await house.server.database.run(partial(dismiss_report, report=UUID(id_), why=""), actor="test")
    await until(lambda: house.files() == [])


async def test_what_a_secret_said_comes_along_only_if_the_reporter_chooses_and_goes_with_the_ruling(
    house: Household,
) -> None:
    dong, mei = SecretPhone(await house.phone("dong")), SecretPhone(await house.phone("mei"))
    for phone in (dong, mei):
        await phone.register()
    await house.befriend(dong.phone, mei.phone)
    conversation = await dong.direct(mei)
    first, sent, _ = await dong.send(conversation, "恶毒的话".encode())
    silent = await report(mei.phone, conversation, sent["number"])
    spoken = await report(mei.phone, conversation, sent["number"], shown={str(sent["number"]): "恶毒的话"})
    [evidence] = (await case(house, silent)).evidence
    assert (evidence.kind, evidence.shown) == ("secret", None)
    assert "恶毒" not in json.dumps(evidence.seen, ensure_ascii=False)
    [evidence] = (await case(house, spoken)).evidence
    assert evidence.shown == "恶毒的话"
    # Burnt meanwhile: the report stays what it was, and nothing of the secret came back by it.
    await mei.burn(conversation, first)
    assert (await case(house, spoken)).evidence[0].now == "gone"
    async with house.server.database.read() as connection:
        assert {line.kind for line in await see_reports(connection)} == {"direct"}
    await house.server.database.run(partial(dismiss_report, report=UUID(spoken), why=""), actor="test")
    assert (await case(house, spoken)).evidence[0].shown is None
    mine = {each["id"]: each["state"] for each in (await mei.phone.get("/api/chat/reports"))["reports"]}
    assert mine == {silent: "waiting", spoken: "dismissed"}


async def test_a_reported_secret_that_is_taken_down_has_burnt(house: Household) -> None:
    dong, mei = SecretPhone(await house.phone("dong")), SecretPhone(await house.phone("mei"))
    for phone in (dong, mei):
        await phone.register()
    await house.befriend(dong.phone, mei.phone)
    conversation = await dong.direct(mei)
    message, sent, _ = await dong.send(conversation, b"worse")
    id_ = await report(mei.phone, conversation, sent["number"])
    await house.server.database.run(partial(take_down, report=UUID(id_), why=""), actor="test")
    with pytest.raises(Refused, match="secret_gone"):
        await mei.fetch(conversation, message)
    await until(lambda: house.files() == [])
