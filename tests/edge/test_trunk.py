"""The trunk line: frames are cut out however the bytes come, and what is said is sent once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import pairwise

import nats.errors
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nats.aio.msg import Msg

from tests.journeys.phone import until
from wufu.core.clock import utc_now
from wufu.db.engines import Engines, mint_crowd_pass, mint_server_pass
from wufu.edge import connect, trunk
from wufu.edge.trunk import Trunk

Heard = tuple[bytes, bytes, bytes]


class Parrot(Trunk):
    """A trunk without a connection: notes what it hears, and what goes the library's way."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Heard] = []
        self.others: list[tuple[int, bytes, bytes, bytes, bytes | None]] = []
        self.pings = 0
        self.hearers[b"7"] = lambda *message: self.heard.append(message)

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None
    ) -> None:
        self.others.append((sid, subject, reply, data, headers))

    async def _process_ping(self) -> None:
        self.pings += 1

    async def feed(self, *pieces: bytes) -> None:
        for piece in pieces:
            await self._ps.parse(piece)


def frame(subject: bytes, reply: bytes, body: bytes, number: int = 7, headers: bytes = b"") -> bytes:
    words = [b"HMSG" if headers else b"MSG", subject, b"%d" % number, *([reply] if reply else [])]
    sizes = [b"%d" % len(headers), b"%d" % (len(headers) + len(body))] if headers else [b"%d" % len(body)]
    return b" ".join([*words, *sizes]) + b"\r\n" + headers + body + b"\r\n"


words = st.binary(min_size=1, max_size=8).filter(lambda word: word.split() == [word])
messages = st.lists(
    st.tuples(words, words | st.just(b""), st.binary(max_size=40), st.booleans(), st.booleans()), max_size=12
)


@given(messages=messages, cuts=st.lists(st.integers(0, 1_000), max_size=12))
@settings(max_examples=200, deadline=None)
def test_however_the_bytes_are_cut_every_message_is_heard_once_and_whole(
    messages: list[tuple[bytes, bytes, bytes, bool, bool]], cuts: list[int]
) -> None:
    """Also bodies that look like frames, frames with headers, and pings in between."""

    async def hear() -> Parrot:
        parrot = Parrot()
        stream = b"".join(
            frame(subject, reply, body, headers=b"NATS/1.0\r\n\r\n" if headed else b"")
            + (b"PING\r\n" if pinged else b"")
            for subject, reply, body, headed, pinged in messages
        )
        places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
        await parrot.feed(*(stream[place:after] for place, after in pairwise(places)))
        return parrot

    parrot = asyncio.run(hear())
    assert parrot.heard == [(subject, reply, body) for subject, reply, body, _, _ in messages]
    assert parrot.pings == sum(pinged for *_, pinged in messages)
    assert parrot.stats["in_msgs"] == len(messages)


async def test_a_message_of_another_subscription_goes_the_librarys_way() -> None:
    parrot = Parrot()
    headers = b"NATS/1.0 503\r\n\r\n"
    await parrot.feed(frame(b"a", b"", b"x"), frame(b"b", b"r", b"y", 8), frame(b"c", b"", b"", 9, headers))
    assert parrot.heard == [(b"a", b"", b"x")]
    assert parrot.others == [(8, b"b", b"r", b"y", None), (9, b"c", b"", b"", headers)]


async def test_a_message_that_trips_its_hearer_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parrot = Parrot()
    hear = parrot.hearers[b"7"]

    def trip(subject: bytes, reply: bytes, body: bytes) -> None:
        if body == b"bad":
            raise ValueError(body)
        hear(subject, reply, body)

    parrot.hearers[b"7"] = trip
    await parrot.feed(frame(b"a", b"", b"bad") + frame(b"a", b"", b"good"))
    assert parrot.heard == [(b"a", b"", b"good")]
    assert "could not be heard" in caplog.text


@pytest.mark.parametrize(
    "stream",
    [
        b"MSG a 7 x\r\n",
        b"MSG a 7 -1\r\n",
        b"MSG a 7 r 1_0\r\n",
        b"HMSG a 7 5 3\r\nabc\r\n",
        b"MSG a 7 2\r\nabc\r\n",
        b"MSG a\r\n",
        b"\r\n",
        b"GET / HTTP/1.1\r\n",
        b"x" * (trunk.LONGEST_LINE + 1),
    ],
)
async def test_what_is_no_nats_ends_the_connection(stream: bytes) -> None:
    parrot = Parrot()
    with pytest.raises(nats.errors.ProtocolError):
        await parrot.feed(stream)
    assert parrot.heard == []


async def test_half_a_message_of_a_lost_connection_is_not_the_beginning_of_the_next_one() -> None:
    parrot = Parrot()
    await parrot.feed(frame(b"a", b"", b"first")[:-4])
    parrot._ps.reset()
    await parrot.feed(frame(b"b", b"", b"second"))
    assert parrot.heard == [(b"b", b"", b"second")]


async def test_what_follows_the_end_of_a_connection_is_not_kept() -> None:
    class Ending(Parrot):
        async def _process_ping(self) -> None:
            self._ps.reset()

    parrot = Ending()
    await parrot.feed(b"PING\r\n" + frame(b"a", b"", b"old")[:-3])
    await parrot.feed(frame(b"b", b"", b"new"))
    assert parrot.heard == [(b"b", b"", b"new")]


# --- With a real server -------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def lines(engines: Engines, url: str | None = None) -> AsyncIterator[tuple[Trunk, Trunk]]:
    """The server's trunk, and a phones' line."""
    now, seed = utc_now(), engines.account_seed
    served = await connect(url or engines.nats_url, mint_server_pass(seed, now), name="test")
    phones = await connect(url or engines.nats_url, mint_crowd_pass(seed, now, 600), name="phones")
    try:
        yield served, phones
    finally:
        await phones.close()
        await served.close()


async def test_messages_come_the_short_way_and_answers_go_back(engines: Engines) -> None:
    """Fails when the library renames what the short way stands on."""
    async with lines(engines) as (served, phones):
        numbers: list[bytes] = []
        answers: list[Msg] = []

        def answer(_: bytes, reply: bytes, body: bytes) -> None:
            numbers.append(body)
            served.say_soon(reply, body * 2)

        async def hear(message: Msg) -> None:
            answers.append(message)

        subscription = await served.hear("do.*.*", "test", answer)
        await phones.subscribe("me.17.r.*", cb=hear)
        await asyncio.gather(served.flush(), phones.flush())
        for number in range(500):
            await phones.publish("do.17.try", b"%d" % number, reply=f"me.17.r.{number}")
        await until(lambda: len(answers) == 500)
        assert numbers == [b"%d" % number for number in range(500)]
        assert [message.data for message in answers] == [number * 2 for number in numbers]
        assert subscription.pending_msgs == subscription.delivered == 0


async def test_a_subject_with_a_space_an_answer_too_large_and_a_full_queue_are_refused(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lines(engines) as (served, _):
        for subject in (b"", b"a b", b"a\r\nPUB b 0\r\n"):
            with pytest.raises(nats.errors.BadSubjectError):
                served.say_soon(subject, b"")
        with pytest.raises(nats.errors.MaxPayloadError):
            served.say_soon(b"a", b"x" * (served.max_payload + 1))
        monkeypatch.setattr(trunk, "MOST_PENDING_BYTES", 100)
        served.say_soon(b"a", b"x" * 100)
        with pytest.raises(nats.errors.OutboundBufferLimitError):
            served.say_soon(b"a", b"")
        await served.flush()
        served.say_soon(b"a", b"")  # there is room again
        assert served.is_connected
    with pytest.raises(nats.errors.ConnectionClosedError):
        served.say_soon(b"a", b"")
