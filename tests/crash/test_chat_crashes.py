"""kill -9 of the server, of PostgreSQL and of NATS while people talk, drawn by a seed.

Nothing that was answered is lost, nothing is doubled by a phone that asks again, numbers have no holes, and
what was being burnt is burnt.
"""

import contextlib
import json
import os
import random
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from nats.aio.msg import Msg

from tests.crash.serving import Serving, wufu
from tests.crash.talking import Sealed, TalkingPhone, talking
from tests.journeys.phone import Json, until
from tests.world import an_id
from wufu.chat import FoundGroup, direct_id, found_group
from wufu.core.clock import utc_now
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Database, Tx
from wufu.main import OBJECTS
from wufu.people import NewPerson, create_people, sign_in_persona
from wufu.ties import introduce

PEOPLE = 4
ACTS = 8
"""What every phone must have done before a crash, and again after it."""
INTERRUPTED = 6
"""Burnings under way when the plug is pulled."""

# nats-py does not close the socket of a connection that the server ended.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@dataclass(frozen=True, slots=True)
class Talk:
    """A server and the phones that talk there: all in one group, each with a neighbour of its own."""

    serving: Serving
    phones: list[TalkingPhone]
    group: ConversationId


@pytest.fixture(scope="module")
async def talk() -> AsyncIterator[Talk]:
    with tempfile.TemporaryDirectory(prefix="wufu-talk-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o711)
        serving = Serving(Path(folder) / "data")
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(serving.end)
            await serving.start()
            people, tokens = await _people(serving)
            phones = []
            for person, token in zip(people, tokens, strict=True):
                phone = TalkingPhone(serving, person, token, random.Random(person))
                stack.push_async_callback(phone.close)
                phones.append(phone)
            yield Talk(serving, phones, await _places(serving, phones))


async def _people(serving: Serving) -> tuple[list[PersonId], list[str]]:
    news = [NewPerson(f"家人{number}", "persona") for number in range(PEOPLE)]

    async def work(tx: Tx) -> list[PersonId]:
        people = await create_people(tx, news)
        await introduce(tx, [(one, other) for one in people for other in people if one < other])
        return people

    async with Database.connect(serving.engines.app_url, clock=utc_now, connections=2) as database:
        people = await database.run(work, actor="test")
        signed = [
            await database.run(partial(sign_in_persona, person=person), actor="test") for person in people
        ]
    return people, [each.token for each in signed]


async def _places(serving: Serving, phones: list[TalkingPhone]) -> ConversationId:
    people = [phone.person for phone in phones]
    group = ConversationId(an_id("a group that is crashed upon"))
    async with Database.connect(serving.engines.app_url, clock=utc_now, connections=1) as database:
        wanted = FoundGroup(people[0], group, "守岁", tuple(people[1:]))
        await database.run(lambda tx: found_group(tx, wanted), actor="test")
    for place, phone in enumerate(phones):
        other = phones[place ^ 1]
        phone.direct = str(direct_id(phone.person, other.person))
        phone.places = [str(group), phone.direct]
        await phone.fetch("POST", "/api/chat/direct", {"person": other.person})
        await phone.register()
    return group


@pytest.mark.parametrize(
    ("victim", "seed"),
    [("postgres", 1), ("server", 2), ("nats-server", 3)],
    ids=["postgres", "server", "nats"],
)
async def test_what_was_answered_stands_and_what_was_burning_is_burnt(
    talk: Talk, victim: str, seed: int
) -> None:
    for phone in talk.phones:
        phone.reseed(seed)
    reader, sender = talk.phones[0], talk.phones[1]
    async with talking(talk.phones) as act_on:
        await act_on(ACTS)
    # Some secrets are about to be burnt, and one has just come onto the screen, when the plug is pulled.
    before = len(reader.inbox)
    for _ in range(INTERRUPTED):
        await sender.seal(talk.phones)
    await sender.seal(talk.phones, timer=1)
    *burning, watched = reader.inbox[before:]
    await reader.see(watched)
    async with talking(talk.phones) as act_on:
        await act_on(ACTS)
        await reader.begin_burning(burning)
        await talk.serving.crash(victim)
        await act_on(ACTS)
    for one in burning:
        await reader.burn(one)
    await _is_burnt_by_the_server(talk.serving, watched)
    await _check(talk, watched)


async def _is_burnt_by_the_server(serving: Serving, one: Sealed) -> None:
    """Its time ran out while nobody was there: the clock's job makes up for it."""
    kind = "secret"
    while kind != "gone":
        async with serving.reading() as connection:
            kind = await connection.fetchval("SELECT kind FROM message WHERE id = $1", UUID(one.id))


async def _check(talk: Talk, watched: Sealed) -> None:
    """The books of all phones against the database, the folder of objects, and what phones pulled."""
    async with talk.serving.reading() as connection:
        rows = await connection.fetch(
            "SELECT conversation, number, id, kind, body, recalled_by, reactions FROM message"
            " WHERE sender <> 0"
        )
        cursors = await connection.fetch("SELECT conversation, person, read_through FROM chat_member")
    by_id = {str(row["id"]): row for row in rows}
    assert len(by_id) == len(rows), "an id stands once"
    secrets = [one for phone in talk.phones for one in phone.inbox]
    written = [one for phone in talk.phones for one in phone.book.written]
    known = {one.id for one in written} | {one.id for one in secrets}
    assert set(by_id) == known, "everything answered, nothing else"
    for one in written:
        row = by_id[one.id]
        assert (str(row["conversation"]), row["number"]) == (one.conversation, one.number)
        assert (row["recalled_by"] is not None) == one.recalled
        assert row["body"].get("text") == (None if one.recalled else one.text)
    for phone in talk.phones:
        for (place, number), on in phone.book.marked.items():
            [row] = [each for each in rows if (str(each["conversation"]), each["number"]) == (place, number)]
            stands = phone.person in (row["reactions"] or {}).get("👍", ())
            assert stands == (on and row["recalled_by"] is None)
    through = {(str(row["conversation"]), row["person"]): row["read_through"] for row in cursors}
    for phone in talk.phones:
        for place, number in phone.book.read.items():
            assert through[place, phone.person] >= number
    for sealed in secrets:
        if sealed.burnt or sealed is watched:
            assert by_id[sealed.id]["kind"] == "gone"
    await _holds_what_the_server_has(talk)
    await _nothing_burnt_lies_in_the_folder(talk.serving)
    audit = await wufu("audit", "--json", "--data", talk.serving.data)
    report = json.loads(audit.out.splitlines()[-1])
    assert report["ok"] is True, report
    assert set(report["laws"].values()) == {0}


async def _holds_what_the_server_has(talk: Talk) -> None:
    """What phones pulled in pieces, across crashes, is the conversation as a fresh phone sees it."""
    for phone in talk.phones:
        for place in phone.places:
            await phone.catch_up(place)
            fresh: dict[int, Json] = {}
            page = [{"number": 0}]
            while page:
                after = max([0, *fresh])
                path = f"/api/chat/conversations/{place}/messages?after={after}&limit=200"
                page = (await phone.fetch("GET", path))["messages"]
                fresh |= {each["number"]: each for each in page}
            assert sorted(fresh) == list(range(1, len(fresh) + 1)), "numbers without holes"
            assert phone.held[place] == fresh


async def _nothing_burnt_lies_in_the_folder(serving: Serving) -> None:
    """Every object in the folder has its row; those of burnt secrets are erased by the job."""
    folder = serving.data / OBJECTS
    while True:
        lying = {path.name for path in folder.rglob("*") if path.is_file() and len(path.name) == 36}
        async with serving.reading() as connection:
            live = await connection.fetchval("SELECT count(*) FROM secret_message")
            rows = await connection.fetch("SELECT id, dropped_at FROM object")
        if lying == {str(row["id"]) for row in rows} and all(row["dropped_at"] is None for row in rows):
            assert len(rows) == live
            return


async def test_a_moderators_command_reaches_phones_at_once_and_stands_in_the_trail(talk: Talk) -> None:
    sender, reporter = talk.phones[:2]
    data = talk.serving.data
    heard: list[Json] = []

    async def hear(message: Msg) -> None:
        heard.append(json.loads(message.data))

    message = str(an_id("to be taken down"))
    body = {"id": message, "conversation": sender.direct, "kind": "text", "body": {"text": "骗人的话"}}
    sent = await sender.insist("send_message", body)
    report = str(an_id("a report by command"))
    told = {"id": report, "conversation": sender.direct, "numbers": [sent["number"]], "reason": "fraud"}
    await reporter.fetch("POST", "/api/chat/reports", told)
    listed = json.loads((await wufu("chat", "reports", "--json", "--data", data)).out.splitlines()[-1])
    assert [one["id"] for one in listed["waiting"]] == [report]
    shown = await wufu("chat", "show", report, "--data", data)
    assert "骗人的话" in shown.out, shown.err
    await (await reporter.connected()).subscribe(f"me.{reporter.person}.chat", cb=hear)
    done = await wufu("chat", "take-down", report, "--why", "fraud", "--json", "--data", data)
    assert json.loads(done.out.splitlines()[-1])["messages"] == 1, done.err
    await until(lambda: any(news["kind"] == "changes" for news in heard))
    [gone] = next(news for news in heard if news["kind"] == "changes")["messages"]
    assert (gone["id"], gone["recalled_by"], gone.get("body")) == (message, 0, {})
    again = await wufu("chat", "dismiss", report, "--data", data)
    assert (again.status, "report_decided" in again.err) == (1, True)
    trail = json.loads((await wufu("chat", "trail", "--json", "--data", data)).out.splitlines()[-1])["trail"]
    assert [(line["act"], line["by"], line["why"]) for line in trail] == [
        ("take_down", "operator/command line", "fraud")
    ]
    assert (await wufu("chat", "mute", "1", "--data", data)).status == 2


async def test_no_process_is_left_after_the_talk(talk: Talk) -> None:
    """The last test here: it ends the server."""
    assert await talk.serving.stop() in {0, 130}
    assert await talk.serving.left() == []
