"""The phones of `bench/chat.py`, a process of its own: they write into groups, and all of them hear.

Every phone is a connection of its own that speaks its protocol over bytes: NATS as a phone's pass allows it,
or XMPP as an occupant of a room. The text of message `i` is `i`, so every phone knows what it heard and when
that was written. A message is done when everybody in its group has heard it, its sender too.

Two modes. *Closed*: always so many messages under way; the rate is what comes of it. *Open*: message `i` is
due at `i / rate` seconds whatever was heard, and latency counts from then (no coordinated omission).

`idle` opens WebSockets as sleeping phones do, says how many stand, and holds them until its input ends.
"""

import asyncio
import base64
import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import nkeys
import numpy as np
import uvloop

TICK_SECONDS = 0.002
STALL_SECONDS = 15.0
AT_ONCE = 50
"""How many phones connect at the same time."""


class Phone(msgspec.Struct, frozen=True):
    """Who connects: `person` in the group of that place, with a pass where there is one."""

    person: int
    group: int
    jwt: str = ""
    seed: str = ""


class Group(msgspec.Struct, frozen=True):
    """A group: what it is called to the server, where its news come, and the number of its newest message."""

    name: str
    room: str
    last_number: int


class ChatJob(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, as JSON on standard input."""

    kind: str
    host: str
    port: int
    phones: list[Phone]
    groups: list[Group]
    messages: int
    window: int
    rate: float | None = None


class ChatDone(msgspec.Struct, frozen=True):
    """What came of it. `lost`, `duplicated` and `out_of_order` are deliveries; times are milliseconds."""

    seconds: float
    sent_per_second: int
    delivered_per_second: int
    deliveries: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    lost: int
    duplicated: int
    out_of_order: int
    refused: int
    first_refusal: str


class Talk:
    """All messages: when each was written, who has heard it; and when to write the next."""

    def __init__(self, job: ChatJob) -> None:
        self.job = job
        self.lines: list[list[Line]] = [[] for _ in job.groups]
        self.next = 0
        self.done = 0
        self.written = [0.0] * job.messages
        self.heard_by = [0] * job.messages
        self.waits: list[float] = []
        self.last = 0.0
        self.duplicated = 0
        self.out_of_order = 0
        self.refused = 0
        self.first_refusal = ""
        self.parsed: dict[bytes, list[tuple[int, int]]] = {}
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def write_next(self, due: float | None = None) -> None:
        """Write the next message, in the next group in turn, by the next of its people."""
        number = self.next
        if number == self.job.messages:
            return
        self.next += 1
        people = self.lines[number % len(self.lines)]
        self.written[number] = due or time.perf_counter()
        people[number // len(self.lines) % len(people)].write(number)

    def heard(self, line: "Line", message: int, now: float) -> None:
        """Somebody heard a message."""
        self.heard_by[message] += 1
        self.waits.append(now - self.written[message])
        if self.heard_by[message] == len(self.lines[line.phone.group]):
            self.last = now
            self.done += 1
            if self.done == self.job.messages and not self.finished.done():
                self.finished.set_result(None)
            elif self.job.rate is None:
                self.write_next()

    def refuse(self, answer: bytes) -> None:
        self.refused += 1
        self.first_refusal = self.first_refusal or answer[:300].decode(errors="replace")


class Line(asyncio.Protocol):
    """One phone's connection; the two protocols are its subclasses."""

    def __init__(self, talk: Talk, phone: Phone) -> None:
        self.talk = talk
        self.phone = phone
        self.group = talk.job.groups[phone.group]
        self.next = self.group.last_number + 1
        self.missing: set[int] = set()
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it
        self.greet()

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.ready, self.talk.finished):
            if not future.done():
                future.set_exception(exc or ConnectionError("the server closed a phone's connection"))

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        self.take()

    def say(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def greet(self) -> None:
        """Begin the conversation with the server."""

    def take(self) -> None:
        """Take what is whole off the buffer."""
        raise NotImplementedError

    def write(self, message: int) -> None:
        """Send a message into the phone's group."""
        raise NotImplementedError


SAID = re.compile(rb'"number":(\d+),[^{}]*"body":\{"text":"(\d+)"')


class NatsLine(Line):
    """A phone of Wufu: hears its group's room, publishes to `do.<person>.send_message`."""

    def greet(self) -> None:
        person, group = self.phone.person, self.group.name
        self.head = f"PUB do.{person}.send_message me.{person}.r.1 ".encode()
        self.body = f'{{"id":"%s","conversation":"{group}","kind":"text","body":{{"text":"%d"}}}}'

    def write(self, message: int) -> None:
        # A random id as a phone makes it; its time is in it, as in every UUIDv7.
        stamp = (time.time_ns() // 1_000_000).to_bytes(6)
        token = (stamp + bytes([0x70]) + os.urandom(1) + bytes([0x80]) + os.urandom(7)).hex()
        name = f"{token[:8]}-{token[8:12]}-{token[12:16]}-{token[16:20]}-{token[20:]}"
        body = (self.body % (name, message)).encode()
        self.say(b"%b%d\r\n%b\r\n" % (self.head, len(body), body))

    def take(self) -> None:
        buffer, place, now = self.buffer, 0, time.perf_counter()
        while (end := buffer.find(b"\r\n", place)) >= 0:
            if buffer.startswith(b"MSG ", place):
                after = end + 2 + int(buffer[buffer.rfind(b" ", place, end) + 1 : end]) + 2
                if after > len(buffer):
                    break
                payload = buffer[end + 2 : after - 2]
                if buffer.startswith(b"room.", place + 4):
                    self._hear(payload, now)
                elif not payload.startswith(b'{"ok"'):
                    self.talk.refuse(payload)
                place = after
                continue
            self._obey(buffer[place:end])
            place = end + 2
        self.buffer = buffer[place:]

    def _obey(self, line: bytes) -> None:
        if line.startswith(b"INFO ") and not self.ready.done():
            self._sign_in(json.loads(line[5:]))
        elif line == b"PONG" and not self.ready.done():
            self.ready.set_result(None)
        elif line == b"PING":
            self.say(b"PONG\r\n")
        elif line.startswith(b"-ERR"):
            raise ConnectionError(line.decode())

    def _sign_in(self, info: dict[str, str]) -> None:
        room = f"SUB {self.group.room} 1\r\nSUB me.{self.phone.person}.r.1 2\r\nPING\r\n"
        self.say(b"CONNECT " + _hello(self.phone, info["nonce"]) + b"\r\n" + room.encode())

    def _hear(self, payload: bytes, now: float) -> None:
        parsed = self.talk.parsed
        said = parsed.get(payload)
        if said is None:
            # All phones of a group hear the same bytes: taken apart once, so the load stays light.
            if len(parsed) > 20_000:
                parsed.clear()
            said = parsed[payload] = [(int(n), int(i)) for n, i in SAID.findall(payload)]
        for number, message in said:
            if number == self.next:
                self.next += 1
            elif number > self.next:
                self.missing.update(range(self.next, number))
                self.next = number + 1
            elif number in self.missing:
                self.missing.remove(number)
                self.talk.out_of_order += 1
            else:
                self.talk.duplicated += 1
                continue
            self.talk.heard(self, message, now)


BODY = re.compile(rb"<body>(\d+)</body>")
STREAM = (
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    b" to='localhost' version='1.0'>"
)
STEPS: tuple[tuple[bytes, bytes], ...] = (
    (b"</stream:features>", b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"),
    (b"<success", STREAM),
    (
        b"</stream:features>",
        b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    ),
)


class XmppLine(Line):
    """An occupant of a multi-user chat room (XEP-0045), signed in anonymously."""

    def greet(self) -> None:
        self.step = 0
        self.order: list[int] = []
        self.head = f"<message to='{self.group.room}' type='groupchat'><body>".encode()
        self.say(STREAM)

    def write(self, message: int) -> None:
        self.say(b"%b%d</body></message>" % (self.head, message))

    def take(self) -> None:
        if not self.ready.done():
            self._enter()
            return
        end = self.buffer.rfind(b"</message>")
        if end < 0:
            return
        whole, self.buffer = self.buffer[: end + 10], self.buffer[end + 10 :]
        now = time.perf_counter()
        if b"type='error'" in whole:
            self.talk.refuse(whole)
        for found in BODY.findall(whole):
            message = int(found)
            self.order.append(message)
            self.talk.heard(self, message, now)

    def _enter(self) -> None:
        if self.step < len(STEPS):
            awaited, answer = STEPS[self.step]
            if awaited in self.buffer:
                self.buffer = b""
                self.step += 1
                self.say(answer)
        elif self.step == len(STEPS) and b"</iq>" in self.buffer:
            self.buffer = b""
            self.step += 1
            nick = f"{self.group.room}/p{self.phone.person}"
            self.say(f"<presence to='{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>".encode())
        elif b"code='110'" in self.buffer:  # "this is you": one is in the room
            self.buffer = b""
            self.ready.set_result(None)


LINES: dict[str, Callable[[Talk, Phone], Line]] = {"nats": NatsLine, "xmpp": XmppLine}


def _hello(phone: Phone, nonce: str) -> bytes:
    """The body of NATS's CONNECT: a pass, and the signature that shows it is ours."""
    signature = nkeys.from_seed(bytearray(phone.seed, "ascii")).sign(nonce.encode())
    hello = {
        "verbose": False,
        "pedantic": False,
        "lang": "wufu-bench",
        "version": "1",
        "protocol": 1,
        "jwt": phone.jwt,
        "sig": base64.urlsafe_b64encode(signature).decode().rstrip("="),
    }
    return json.dumps(hello).encode()


async def run(job: ChatJob) -> ChatDone:
    """Do the job; what was not heard within `STALL_SECONDS` of the last hearing counts as lost."""
    loop = asyncio.get_running_loop()
    talk = Talk(job)
    for first in range(0, len(job.phones), AT_ONCE):
        lines = [LINES[job.kind](talk, phone) for phone in job.phones[first : first + AT_ONCE]]
        for line in lines:
            await loop.create_connection(lambda line=line: line, job.host, job.port)  # type: ignore[misc]
        async with asyncio.timeout(60):
            await asyncio.gather(*(line.ready for line in lines))
        for line in lines:
            talk.lines[line.phone.group].append(line)
    await asyncio.sleep(1.0)  # XMPP tells everybody who came in after them
    began = time.perf_counter()
    if job.rate is None:
        for _ in range(job.window):
            talk.write_next()
    else:
        await _keep_time(job.rate, talk, began)
    await _watch(talk)
    return _measure(talk, began)


async def _keep_time(rate: float, talk: Talk, began: float) -> None:
    """Write every message when it is due."""
    while talk.next < talk.job.messages and not talk.finished.done():
        due = min(int((time.perf_counter() - began) * rate) + 1, talk.job.messages)
        for message in range(talk.next, due):
            talk.write_next(began + message / rate)
        await asyncio.sleep(TICK_SECONDS)


async def _watch(talk: Talk) -> None:
    """Until everybody heard everything, or nobody hears anything any more."""
    before = -1
    while not talk.finished.done() and len(talk.waits) != before:
        before = len(talk.waits)
        await asyncio.wait([talk.finished], timeout=STALL_SECONDS)
    if talk.finished.done():
        talk.finished.result()


def _measure(talk: Talk, began: float) -> ChatDone:
    job = talk.job
    wanted = sum(len(talk.lines[number % len(job.groups)]) for number in range(job.messages))
    if job.kind == "xmpp":
        _compare_orders(talk)
    waits = np.array(talk.waits or [0.0]) * 1000
    p50, p99 = np.percentile(waits, [50, 99])
    seconds = max(talk.last - began, 1e-9)
    return ChatDone(
        seconds=round(seconds, 3),
        sent_per_second=round(talk.done / seconds),
        delivered_per_second=round(len(talk.waits) / seconds),
        deliveries=len(talk.waits),
        p50_ms=round(float(p50), 1),
        p99_ms=round(float(p99), 1),
        most_ms=round(float(waits.max()), 1),
        lost=wanted - len(talk.waits),
        duplicated=talk.duplicated,
        out_of_order=talk.out_of_order,
        refused=talk.refused,
        first_refusal=talk.first_refusal,
    )


def _compare_orders(talk: Talk) -> None:
    """XMPP numbers nothing: everybody in a room must have heard the same in the same order, once each."""
    for people in talk.lines:
        first = cast("XmppLine", people[0]).order
        for line in people:
            order = cast("XmppLine", line).order
            talk.duplicated += len(order) - len(set(order))
            talk.out_of_order += sum(mine != theirs for mine, theirs in zip(order, first, strict=False))


# --- Sleeping phones ------------------------------------------------------------------------------


async def sleep(job: ChatJob) -> int:
    """Open a WebSocket for each phone, signed in and subscribed; how many stand."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    standing = 0
    for first in range(0, len(job.phones), AT_ONCE):
        some = job.phones[first : first + AT_ONCE]
        standing += sum(await asyncio.gather(*(_doze(job, phone, first + n) for n, phone in enumerate(some))))
    return standing


_open: list[asyncio.StreamWriter] = []


async def _doze(job: ChatJob, phone: Phone, serial: int) -> bool:
    # One address has some 28,000 ports to call from; loopback has many addresses.
    caller = (f"127.0.0.{2 + serial // 20_000}", 0)
    try:
        reader, writer = await asyncio.open_connection(job.host, job.port, local_addr=caller)
    except OSError:
        return False
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET / HTTP/1.1\r\nHost: {job.host}:{job.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    info = json.loads((await _frame(reader))[5:])
    room = job.groups[phone.group].room
    words = b"CONNECT " + _hello(phone, info["nonce"]) + b"\r\n"
    words += f"SUB {room} 1\r\nSUB me.{phone.person}.> 2\r\nSUB all.> 3\r\nPING\r\n".encode()
    writer.write(_masked(words))
    answer = await _frame(reader)
    _open.append(writer)
    return answer.startswith(b"PONG")


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """One unmasked frame of a server (RFC 6455, 5.2)."""
    _, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2))
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8))
    return await reader.readexactly(size)


def _masked(data: bytes) -> bytes:
    """A client's binary frame; the mask is zeros, which every server must take as it takes any other."""
    size = len(data)
    head = bytes([0x82, 0x80 | size]) if size < 126 else b"\x82\xfe" + size.to_bytes(2)
    return head + bytes(4) + data


def main(arguments: Sequence[str]) -> None:
    """`python -m bench.chat_load < JOB`: one JSON object on standard output."""
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=ChatJob)
    if "idle" not in arguments:
        print(msgspec.json.encode(uvloop.run(run(job))).decode())
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(runner.run(sleep(job)), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
