"""The load of `bench/taps.py`, a process of its own: phones that send their taps, to Wufu or to Redis.

The connections, windows and clocks are those of `bench/packet_load.py`. Request `i` is the batch number
`i // people` of phone `i % people`: a phone sends its batches in order, and long before its next one is due
the last one was answered, for there are many more phones than requests under way.
"""

import sys
from collections.abc import Callable

import msgspec
import uvloop

from bench.packet_load import WIRES, Job, Load, NatsWire, RedisWire, Wire, run


class TapJob(Job, frozen=True, kw_only=True):
    """A load of tap batches: `people` phones from `first_person` on, `taps` in each batch."""

    people: int
    taps: int
    campaign: str
    round: int
    batches_before: int = 0


def job_of(load: Load) -> TapJob:
    assert isinstance(load.job, TapJob)
    return load.job


class NatsTapWire(NatsWire):
    """Publishes to `do.<person>.tap`, hears `me.<person>.r.…`."""

    def greet(self) -> None:
        job = job_of(self.load)
        self.name = f"t{self.serial}"
        self.head = f"PUB do.%d.tap me.%d.r.{self.name}.%d %d\r\n".encode()
        self.body = (
            f'{{"campaign":"{job.campaign}","round":{job.round},"first":%d,"count":{job.taps}}}\r\n'.encode()
        )

    def request(self, number: int) -> bytes:
        job = job_of(self.load)
        batch, place = divmod(number, job.people)
        body = self.body % ((job.batches_before + batch) * job.taps)
        person = job.first_person + place
        return self.head % (person, person, number, len(body) - 2) + body


class RedisTapWire(RedisWire):
    """Asks Redis to run the script of `bench/taps.py`; answers come in the order of the requests."""

    def greet(self) -> None:
        job = job_of(self.load)
        super().greet()
        sha = job.script.encode()
        taps = b"%d" % job.taps
        self.before = b"*7\r\n$7\r\nEVALSHA\r\n$%d\r\n%b\r\n$1\r\n2\r\n" % (len(sha), sha)
        self.after = b"$5\r\nstock\r\n$%%d\r\n%%d\r\n$%d\r\n%b\r\n" % (len(taps), taps)

    def request(self, number: int) -> bytes:
        job = job_of(self.load)
        self.waiting.append(number)
        batch, place = divmod(number, job.people)
        key = b"player:%d" % (job.first_person + place)
        first = (job.batches_before + batch) * job.taps
        return b"%b$%d\r\n%b\r\n%b" % (self.before, len(key), key, self.after % (len(str(first)), first))


TAP_WIRES: dict[str, Callable[[Load, int], Wire]] = {"nats taps": NatsTapWire, "redis taps": RedisTapWire}


def main() -> None:
    """`python -m bench.tap_load JOB`: one JSON object on standard output."""
    WIRES.update(TAP_WIRES)
    done = uvloop.run(run(msgspec.json.decode(sys.argv[1], type=TapJob)))
    print(msgspec.json.encode(done).decode())


if __name__ == "__main__":
    main()
