"""The demo as a process: killed in the middle of an evening, started again, and ended in good order."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.crowd.paintings import paint
from wufu.crowd.people import dice

uuid7 = Chance.system().uuid7

PROGRAM = """
import sys
from pathlib import Path
import uvloop
from wufu.crowd import run_demo
uvloop.run(run_demo(minutes=2, people=30, port=0, data=Path(sys.argv[1]), seed=7, sync=False))
"""
READY_SECONDS = 60


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wufu-demo-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o711)
        yield Path(folder) / "data"


class Demo:
    """A demo that runs, and its page's address."""

    def __init__(self, process: asyncio.subprocess.Process, client: httpx.AsyncClient) -> None:
        self.process = process
        self._client = client

    async def call(self, path: str, body: object = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method = "GET" if body is None else "POST"
        answer = await self._client.request(
            method, f"/api{path}", headers=headers, json=body if body is not None else None
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def upload(self, path: str, content: bytes, token: str) -> Any:
        asked: dict[str, str | int] = {
            "id": str(uuid7(utc_now())),
            "least_minor": 100,
            "most_minor": 200,
            "audience": "friends",
        }
        headers = {"Authorization": f"Bearer {token}"}
        # The first picture also waits for the process that decodes pictures.
        answer = await self._client.post(
            f"/api{path}", params=asked, content=content, headers=headers, timeout=READY_SECONDS
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sign_in(self, name: str) -> tuple[int, str]:
        personas = (await self.call("/people/personas"))["personas"]
        person = next(one["person"] for one in personas if one["name"] == name)
        signed = await self.call(f"/people/personas/{person}/sign-in", {})
        return person, signed["token"]


@contextlib.asynccontextmanager
async def running_demo(place: Path) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-c", PROGRAM, str(place), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = b""
        async with asyncio.timeout(READY_SECONDS):
            while b"is open at" not in said:
                said = await process.stdout.readline()
                assert said, "the demo ended while starting"
        url = said.split()[-1].decode()
        reading = asyncio.create_task(process.stdout.read())  # or the pipe would fill up
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            yield Demo(process, client)
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(READY_SECONDS):
            await process.wait()
            await reading
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_killed_demo_takes_up_the_same_evening_with_the_same_people(place: Path) -> None:
    async with running_demo(place) as demo:
        me, token = await demo.sign_in("外婆")
        before = await demo.call("/snapshot", token=token)
        await until_players(demo, token, 30)
        demo.process.kill()
        await demo.process.wait()
    async with running_demo(place) as demo:
        snapshot = await demo.call("/snapshot", token=token)  # the session is still good
        assert snapshot["me"]["person"] == me
        assert snapshot["campaign"]["id"] == before["campaign"]["id"] == "eve-1"
        assert snapshot["friends_count"] == before["friends_count"] >= 8
        assert snapshot["wallet"]["balance_minor"] == 200_00
        # The town's people are awake again: somebody who is asked to be friends accepts in a moment.
        friends = await demo.call("/ties", token=token)
        stranger = next(one for one in range(13, 43) if one not in {f["person"] for f in friends["friends"]})
        assert (await demo.call("/ties/ask", {"person": stranger}, token))["tie"] == "asked"
        async with asyncio.timeout(READY_SECONDS):
            while stranger not in {f["person"] for f in (await demo.call("/ties", token=token))["friends"]}:
                await asyncio.sleep(0.2)
        # Pressing "again" at once answers the evening that has just begun; nobody loses anything.
        assert (await demo.call("/demo/again", {}, token))["campaign"] in {"eve-1", "eve-2"}
    assert demo.process.returncode == 0
    assert not (place / "addresses.json").exists()


async def test_the_town_opens_a_packet_in_a_group_and_says_something(place: Path) -> None:
    async with running_demo(place) as demo:
        _, token = await demo.sign_in("李老师")
        async with asyncio.timeout(READY_SECONDS):
            while not (groups := await groups_of(demo, token)):
                await asyncio.sleep(0.2)
        group = groups[0]["id"]
        wanted: dict[str, object] = {"id": str(uuid7(utc_now())), "to": "group", "conversation": group}
        wanted |= {"split": "lucky", "minor": 20_00, "shares": 3, "pin": "888888", "message": "新年好"}
        packet = (await demo.call("/do/send_packet", wanted, token))["ok"]["id"]
        async with asyncio.timeout(READY_SECONDS):
            while len((await demo.call(f"/packets/{packet}", token=token))["openings"]) < 3:
                await asyncio.sleep(0.3)
        # Somewhere in town somebody says something of their own accord, or treats a group.
        async with asyncio.timeout(READY_SECONDS):
            while not await spoken(demo):
                await asyncio.sleep(0.3)


async def test_the_town_shows_its_photos_and_pays_to_see_a_personas(place: Path) -> None:
    async with running_demo(place) as demo:
        me, token = await demo.sign_in("外婆")
        answer = await demo.upload("/upload/photo", paint("fu", dice(Chance.seeded(1), "fu")), token)
        mine = answer["photo"]["id"]
        async with asyncio.timeout(READY_SECONDS):
            while not (shown := await photos_of_others(demo, token, me)):
                await asyncio.sleep(0.5)
        assert shown[0]["author"]["person"] > 12
        assert shown[0]["blur"].startswith("data:image/webp")
        async with asyncio.timeout(READY_SECONDS):
            while not (seen := await demo.call(f"/photos/{mine}", token=token))["payers"]:
                await asyncio.sleep(0.5)
        assert seen["photo"]["earned_minor"] >= 100


async def photos_of_others(demo: Demo, token: str, me: int) -> list[dict[str, Any]]:
    photos = (await demo.call("/photos", token=token))["photos"]
    return [one for one in photos if one["author"]["person"] != me]


async def groups_of(demo: Demo, token: str) -> list[dict[str, Any]]:
    chats = await demo.call("/chat", token=token)
    return [one for one in chats["conversations"] if one["kind"] == "group"]


async def spoken(demo: Demo) -> bool:
    """Whether anything that is not the founding was said to one of the personas."""
    for name in ("李老师", "外婆", "小明", "大伟"):
        _, token = await demo.sign_in(name)
        for one in await groups_of(demo, token):
            if (
                one["last"] is not None
                and one["last"]["kind"] in ("text", "card")
                and one["last"]["sender"] > 12
            ):
                return True
    return False


async def until_players(demo: Demo, token: str, wanted: int) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while (await demo.call("/snapshot", token=token))["campaign"]["players"] < wanted:
            await asyncio.sleep(0.2)
