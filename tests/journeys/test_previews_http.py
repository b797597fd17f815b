"""Previews over HTTP: off by default, and only of links in messages that one may see."""

import pytest

from tests.chat.acts import to
from tests.journeys.phone import Phone, Refused, SignUp
from tests.world import World
from wufu.chat import SentMessage, send_messages
from wufu.chat.previews.http import SWITCH
from wufu.core.ids import PersonId


async def _path(world: World, writer: Phone, reader: Phone) -> str:
    people = [PersonId((await phone.get("/api/me"))["person"]) for phone in (writer, reader)]
    await world.befriend((people[0], people[1]))
    (sent,) = await world.ask(
        send_messages, to(people[0], people[1], "看 http://127.0.0.1:1/x 和 https://localhost/")
    )
    assert isinstance(sent, SentMessage)
    return f"/api/chat/conversations/{sent.conversation}/messages/{sent.number}/preview"


async def test_previews_are_off_unless_the_installation_switches_them_on(
    world: World, sign_up: SignUp
) -> None:
    writer, reader = await sign_up("dong"), await sign_up("nan")
    path = await _path(world, writer, reader)
    assert await reader.get("/api/chat/previews") == {"possible": False}
    with pytest.raises(Refused, match="previews_off"):
        await reader.get(f"{path}/0")


async def test_a_link_into_the_house_has_no_preview_and_others_messages_none_at_all(
    world: World, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "on")
    writer, reader, other = [await sign_up(name) for name in ("dong", "nan", "xixi")]
    path = await _path(world, writer, reader)
    assert await reader.get("/api/chat/previews") == {"possible": True}
    for place in (0, 1):
        with pytest.raises(Refused, match="no_preview"):
            await reader.get(f"{path}/{place}")
    with pytest.raises(Refused, match="no_preview"):
        await reader.get(f"{path}/7")
    with pytest.raises(Refused, match="no_such_conversation"):
        await other.get(f"{path}/0")
