"""The load of `bench/redpacket.py`, a process of its own: it opens packets, or asks Redis to.

It speaks each protocol directly over asyncio streams of bytes, both in the same way: a number of connections,
on each so many requests under way; every piece of answers that arrives is followed by as many new requests,
written at once. So the load costs about the same whichever is asked, and little of the two cores.

Two modes. *Closed*: always as many under way as the windows allow; the rate is what comes of it. *Open*:
request `i` is due at `i / rate` seconds whatever the answers do, and its latency counts from then: a server
that stalls is not spared the requests it delayed (no coordinated omission).
"""

import asyncio
import base64
import json
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import cast

import msgspec
import nkeys
import numpy as np
import uvloop

TICK_SECONDS = 0.001
STALL_SECONDS = 60.0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: everything a load needs, as JSON on the command line.

    Request `i` opens packet `i % len(packets)` for person `people[i]`; with Redis the packets are key names.
    """

    kind: str
    host: str
    port: int
    clients: int
    window: int
    first_person: int
    count: int
    packets: list[str]
    tokens: list[str] = []
    rate: float | None = None
    jwt: str = ""
    seed: str = ""
    script: str = ""


class Done(msgspec.Struct, frozen=True):
    """What came of it. `wrong` are answers that are not a share; times are milliseconds."""

    seconds: float
    per_second: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    wrong: int
    first_wrong: str


class Load:
    """The requests of all connections: which is next, when each was due, what was answered."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.next = 0
        self.answered = 0
        self.due = np.zeros(job.count)
        self.came = np.zeros(job.count)
        self.wrong = 0
        self.first_wrong = ""
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def got(self, number: int, now: float) -> None:
        self.came[number] = now
        self.answered += 1
        if self.answered == self.job.count and not self.finished.done():
            self.finished.set_result(None)

    def blame(self, answer: bytes) -> None:
        self.wrong += 1
        self.first_wrong = self.first_wrong or answer[:200].decode(errors="replace")


class Wire(asyncio.Protocol):
    """One connection: frames requests, takes answers apart; the two protocols are its subclasses."""

    def __init__(self, load: Load, serial: int) -> None:
        self.load = load
        self.serial = serial
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it
        self.greet()

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.ready, self.load.finished):
            if not future.done():
                future.set_exception(exc or ConnectionError("the server closed the connection"))

    def send(self, count: int) -> None:
        """Send the next `count` requests, as many as there are, in one write."""
        load = self.load
        first = load.next
        last = min(first + count, load.job.count)
        if first == last:
            return
        load.next = last
        if load.job.rate is None:
            load.due[first:last] = time.perf_counter()
        assert self.transport is not None
        self.transport.write(b"".join([self.request(number) for number in range(first, last)]))

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        answers = self.take()
        if answers and self.load.job.rate is None:
            self.send(answers)

    def greet(self) -> None:
        raise NotImplementedError

    def request(self, number: int) -> bytes:
        raise NotImplementedError

    def take(self) -> int:
        """Take whole answers off the buffer; how many there were."""
        raise NotImplementedError


class NatsWire(Wire):
    """Opens packets: publishes to `do.<person>.open_packet`, hears `me.<person>.r.…`."""

    def greet(self) -> None:
        self.name = f"b{self.serial}"
        job = self.load.job
        bodies = zip(job.packets, job.tokens, strict=True)
        self.bodies = [json.dumps({"packet": one, "token": token}).encode() for one, token in bodies]
        self.template = f"PUB do.%d.open_packet me.%d.r.{self.name}.%d %d\r\n".encode()

    def data_received(self, data: bytes) -> None:
        if self.started:
            super().data_received(data)
            return
        self.buffer += data
        if self.buffer.startswith(b"INFO") and b"\r\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\r\n")
            self._sign_in(json.loads(line[5:]))
        if b"PONG\r\n" in self.buffer:
            self.buffer = self.buffer.partition(b"PONG\r\n")[2]
            self.started = True
            self.ready.set_result(None)

    def _sign_in(self, info: dict[str, str]) -> None:
        job = self.load.job
        signature = nkeys.from_seed(bytearray(job.seed, "ascii")).sign(info["nonce"].encode())
        hello = {
            "verbose": False,
            "pedantic": False,
            "lang": "wufu-bench",
            "version": "1",
            "protocol": 1,
            "jwt": job.jwt,
            "sig": base64.urlsafe_b64encode(signature).decode().rstrip("="),
            "no_responders": False,
            "headers": False,
        }
        subscription = f"SUB me.*.r.{self.name}.* 1\r\nPING\r\n"
        assert self.transport is not None
        self.transport.write(f"CONNECT {json.dumps(hello)}\r\n{subscription}".encode())

    def request(self, number: int) -> bytes:
        body = self.bodies[number % len(self.bodies)]
        person = self.load.job.first_person + number
        return b"%b%b\r\n" % (self.template % (person, person, number, len(body)), body)

    def take(self) -> int:
        buffer, place, answers, now = self.buffer, 0, 0, time.perf_counter()
        while (end := buffer.find(b"\r\n", place)) >= 0:
            head = buffer[place:end]
            if not head.startswith(b"MSG "):
                if head.startswith(b"PING"):
                    assert self.transport is not None
                    self.transport.write(b"PONG\r\n")
                elif head.startswith(b"-ERR"):
                    raise ConnectionError(head.decode())
                place = end + 2
                continue
            _, subject, _, size = head.split(b" ")
            after = end + 2 + int(size) + 2
            if after > len(buffer):
                break
            if buffer[end + 2 : end + 7] != b'{"ok"':
                self.load.blame(buffer[end + 2 : after - 2])
            self.load.got(int(subject[subject.rfind(b".") + 1 :]), now)
            answers += 1
            place = after
        self.buffer = buffer[place:]
        return answers


class RedisWire(Wire):
    """Asks Redis to run the pop-and-record script; answers come in the order of the requests."""

    def greet(self) -> None:
        job = self.load.job
        self.waiting: deque[int] = deque()
        sha = job.script.encode()
        self.heads = [
            b"*6\r\n$7\r\nEVALSHA\r\n$%d\r\n%b\r\n$1\r\n2\r\n$%d\r\n%b:shares\r\n$%d\r\n%b:taken\r\n"
            % (len(sha), sha, len(name) + 7, name, len(name) + 6, name)
            for name in (packet.encode() for packet in job.packets)
        ]
        self.started = True
        self.ready.set_result(None)

    def request(self, number: int) -> bytes:
        self.waiting.append(number)
        person = b"%d" % (self.load.job.first_person + number)
        return b"%b$%d\r\n%b\r\n" % (self.heads[number % len(self.heads)], len(person), person)

    def take(self) -> int:
        buffer, place, answers, now = self.buffer, 0, 0, time.perf_counter()
        while (end := buffer.find(b"\r\n", place)) >= 0:
            after = end + 2
            if buffer[place : place + 1] == b"$" and buffer[place : place + 2] != b"$-":
                after += int(buffer[place + 1 : end]) + 2
                if after > len(buffer):
                    break
            else:  # an error, nothing left, or a number that says why not
                self.load.blame(buffer[place:end])
            self.load.got(self.waiting.popleft(), now)
            answers += 1
            place = after
        self.buffer = buffer[place:]
        return answers


WIRES: dict[str, Callable[[Load, int], Wire]] = {"nats": NatsWire, "redis": RedisWire}


async def run(job: Job) -> Done:
    """Do the job; raises ConnectionError or TimeoutError when the server stops answering."""
    loop = asyncio.get_running_loop()
    load = Load(job)
    wires = []
    for serial in range(job.clients):
        wire = WIRES[job.kind](load, serial)
        await loop.create_connection(lambda wire=wire: wire, job.host, job.port)  # type: ignore[misc]
        await asyncio.wait_for(wire.ready, STALL_SECONDS)
        wires.append(wire)
    began = time.perf_counter()
    if job.rate is None:
        for wire in wires:
            wire.send(job.window)
    else:
        await _keep_time(job.rate, load, wires, began)
    await _watch(load)
    return _measure(load, began)


async def _keep_time(rate: float, load: Load, wires: list[Wire], began: float) -> None:
    """Send every request when it is due, over the connections in turn."""
    load.due[:] = began + np.arange(load.job.count) / rate
    turn = 0
    while load.next < load.job.count:
        due = min(int((time.perf_counter() - began) * rate) + 1, load.job.count)
        if due > load.next:
            wires[turn % len(wires)].send(due - load.next)
            turn += 1
        await asyncio.sleep(TICK_SECONDS)


async def _watch(load: Load) -> None:
    """Until every answer came, as long as some come at all."""
    before = -1
    while not load.finished.done():
        if load.answered == before:
            raise TimeoutError(f"{load.job.count - load.answered} answers did not come; {load.first_wrong}")
        before = load.answered
        await asyncio.wait([load.finished], timeout=STALL_SECONDS)
    load.finished.result()


def _measure(load: Load, began: float) -> Done:
    seconds = float(load.came.max()) - began
    took = (load.came - load.due) * 1000
    p50, p99 = np.percentile(took, [50, 99])
    return Done(
        seconds=round(seconds, 3),
        per_second=round(load.job.count / seconds),
        p50_ms=round(float(p50), 1),
        p99_ms=round(float(p99), 1),
        most_ms=round(float(took.max()), 1),
        wrong=load.wrong,
        first_wrong=load.first_wrong,
    )


def main() -> None:
    """`python -m bench.packet_load JOB`: one JSON object on standard output."""
    done = uvloop.run(run(msgspec.json.decode(sys.argv[1], type=Job)))
    print(msgspec.json.encode(done).decode())


if __name__ == "__main__":
    main()
