"""The live edge over a line that breaks: every request is answered in the end, and none runs twice."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence

import msgspec
import pytest
from nats.aio.msg import Msg

from tests.edge.test_trunk import lines
from tests.journeys.phone import until
from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed, Refusal
from wufu.db import Database, Tx
from wufu.db.engines import Engines
from wufu.edge import LiveEdge, LiveVerb, VerbTable, trunk


class Note(msgspec.Struct, frozen=True):
    person: PersonId
    number: int
    attempt: int


class Notes:
    """A verb that counts what ran and writes each number down once."""

    def __init__(self) -> None:
        self.ran: Counter[int] = Counter()

    async def verb(self, tx: Tx, notes: Sequence[Note]) -> list[int | Refusal]:
        self.ran.update(note.attempt for note in notes)
        await tx.connection.executemany(
            "INSERT INTO stock (campaign, prize, released) VALUES ('test', $1, 0) ON CONFLICT DO NOTHING",
            [(str(note.number),) for note in notes],
        )
        return [note.number * 2 for note in notes]


async def test_over_a_line_that_breaks_again_and_again_nothing_is_lost_or_done_twice(
    database: Database, engines: Engines
) -> None:
    """A phone that hears nothing asks again, as phones do; a single asking never runs twice."""
    notes = Notes()
    table = VerbTable(database, [LiveVerb("note", Note, notes.verb)])
    async with lines(engines) as (served, phones):
        edge = LiveEdge(served, table)
        await edge.open()
        answers: dict[int, object] = {}

        async def hear(message: Msg) -> None:
            answers[int(message.subject.rpartition(".")[2])] = json.loads(message.data)["ok"]

        await phones.subscribe("me.17.r.*", cb=hear)
        await phones.flush()
        attempts, numbers = 0, range(1_500)
        for turn in range(60):
            missing = [number for number in numbers if number not in answers]
            if not missing:
                break
            for number in missing:
                attempts += 1
                body = json.dumps({"number": number, "attempt": attempts}).encode()
                await phones.publish("do.17.note", body, reply=f"me.17.r.{number}")
                if turn < 3 and number % 500 == 250:
                    await phones.flush()
                    _break(served)
            await phones.flush()
            await until(lambda: served.is_connected)
            await table.drain()
            await served.flush()
            await phones.flush()
        assert answers == {number: number * 2 for number in numbers}
        assert served.stats["reconnects"] >= 3
        assert set(notes.ran.values()) == {1}
        async with database.read() as connection:
            assert await connection.fetchval("SELECT count(*) FROM stock WHERE campaign = 'test'") == 1_500
        await edge.close()


def _break(line: trunk.Trunk) -> None:
    """The connection is gone without a word."""
    assert line._transport is not None
    line._transport._io_writer.transport.abort()  # type: ignore[attr-defined]


async def test_a_verb_whose_name_is_no_text_is_unknown_and_the_next_message_is_answered(
    database: Database, engines: Engines
) -> None:
    table = VerbTable(database, [LiveVerb("note", Note, Notes().verb)])
    async with lines(engines) as (served, phones):
        edge = LiveEdge(served, table)
        await edge.open()
        answers: list[bytes] = []

        async def hear(message: Msg) -> None:
            answers.append(message.data)

        await phones.subscribe("me.17.r.*", cb=hear)
        await phones._send_command(b"PUB do.17.\xff\xfe me.17.r.1 2\r\n{}\r\n")
        await phones.publish("do.17.note", b'{"number":1,"attempt":1}', reply="me.17.r.2")
        await until(lambda: len(answers) == 2)
        assert b"unknown_verb" in answers[0]
        assert answers[1] == b'{"ok":2}'
        await edge.close()


async def test_a_slow_guard_keeps_nobody_waiting_and_is_waited_for_at_the_end(database: Database) -> None:
    opened = asyncio.Event()

    async def guard(_: Database, note: Note) -> Refusal | None:
        await opened.wait()
        return NotAllowed() if note.number < 0 else None

    notes = Notes()
    table = VerbTable(
        database, [LiveVerb("slow", Note, notes.verb, guard), LiveVerb("note", Note, notes.verb)]
    )
    given: dict[int, object] = {}

    def ask(verb: str, number: int) -> None:
        body = json.dumps({"number": number, "attempt": number}).encode()
        table.submit(PersonId(17), verb, body, lambda answer: given.update({number: answer}))

    ask("slow", 1)
    ask("slow", -1)
    ask("note", 2)
    await until(lambda: 2 in given)
    assert given == {2: 4}
    opened.set()
    await table.drain()
    assert given == {2: 4, 1: 2, -1: NotAllowed()}


async def test_an_answer_that_cannot_be_sent_is_dropped_and_the_others_go_out(
    database: Database, engines: Engines, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """NATS takes nothing for long: what does not fit is asked again, under the same id."""
    table = VerbTable(database, [LiveVerb("note", Note, Notes().verb)])
    async with lines(engines) as (served, phones):
        edge = LiveEdge(served, table)
        await edge.open()
        answers: list[bytes] = []

        async def hear(message: Msg) -> None:
            answers.append(message.data)

        await phones.subscribe("me.17.r.*", cb=hear)
        await phones.flush()
        monkeypatch.setattr(trunk, "MOST_PENDING_BYTES", 60)
        for number in range(10):
            body = json.dumps({"number": number, "attempt": number}).encode()
            await phones.publish("do.17.note", body, reply=f"me.17.r.{number}")
        await phones.flush()
        await until(lambda: "could not be given" in caplog.text)
        await table.drain()
        await served.flush()
        await until(lambda: len(answers) >= 1)
        assert len(answers) < 10
        monkeypatch.undo()
        await phones.publish("do.17.note", b'{"number":9,"attempt":9}', reply="me.17.r.9")
        await until(lambda: b'{"ok":18}' in answers)
        await edge.close()
