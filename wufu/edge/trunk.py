"""The trunk line to NATS, which carries everybody's asking and answers: the client library, with a short way.

nats-py makes an object, a queue entry and a task's turn of every message, and an awaited command of every
answer. Connecting, signing in, coming back, pings, JetStream and everything that comes seldom stay with it
(decision 15 has the figures). Two things go past it:

- what arrives for a subject taken with `hear` is cut out of the received bytes and handed over in the same
  turn of the loop, by a call;
- what is said with `say_soon` in one turn of the loop goes out in one write.

Both touch names of the library that are not public; tests/edge/test_trunk.py fails if one of them changes.
"""

import asyncio
import logging
from collections.abc import Callable

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import (
    BadSubjectError,
    ConnectionClosedError,
    MaxPayloadError,
    OutboundBufferLimitError,
    ProtocolError,
)
from nats.protocol.parser import Parser

log = logging.getLogger("wufu.live")

Hearer = Callable[[bytes, bytes, bytes], None]
"""Called with subject, reply subject (empty: none) and body of each message, in the order of their coming."""

LONGEST_LINE = 1024 * 1024

MANY = 50
"""After so many messages in one turn everybody else gets one."""

MOST_PENDING_BYTES = 64 * 1024 * 1024
"""How much may wait to be sent while NATS is away or slow; what is said beyond that is dropped."""


class Trunk(Client):
    """A connection to NATS that comes back by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.hearers: dict[bytes, Hearer] = {}
        self._ps = _Cutter(self)
        self._saying: list[bytes] = []
        self._saying_bytes = 0

    async def hear(self, subject: str, queue: str, hearer: Hearer) -> Subscription:
        """Call `hearer` with every message of `subject`."""

        async def early(message: Msg) -> None:
            # It came before we knew the subscription's number.
            hearer(message.subject.encode(), message.reply.encode(), message.data)

        subscription = await self.subscribe(subject, queue=queue, cb=early)
        self.hearers[b"%d" % subscription._id] = hearer
        return subscription

    def say_soon(self, subject: bytes, body: bytes) -> None:
        """Publish at the end of this turn of the loop, after what was said before.

        While the connection is away it waits. Raises MaxPayloadError; OutboundBufferLimitError when too much
        is waiting; BadSubjectError; ConnectionClosedError.
        """
        if subject.split() != [subject]:
            raise BadSubjectError
        if self.is_closed:
            raise ConnectionClosedError
        if len(body) > self.max_payload:
            raise MaxPayloadError
        if self._pending_data_size + self._saying_bytes > MOST_PENDING_BYTES:
            raise OutboundBufferLimitError
        frame = b"PUB %b %d\r\n%b\r\n" % (subject, len(body), body)
        if not self._saying:
            asyncio.get_running_loop().call_soon(self._say)
        self._saying.append(frame)
        self._saying_bytes += len(frame)

    def _say(self) -> None:
        self.stats["out_msgs"] += len(self._saying)
        self.stats["out_bytes"] += self._saying_bytes
        self._pending.append(b"".join(self._saying))
        self._pending_data_size += self._saying_bytes
        self._saying, self._saying_bytes = [], 0
        if self.is_connected and self._flush_queue is not None and self._flush_queue.empty():
            self._flush_queue.put_nowait(asyncio.get_running_loop().create_future())


class _Cutter(Parser):
    """Cuts whole frames out of what was received. Lines that are not messages are the library's."""

    def __init__(self, trunk: Trunk) -> None:
        self._trunk = trunk
        self._resets = 0
        super().__init__(trunk)

    def reset(self) -> None:
        """Begin anew, with a new connection."""
        super().reset()
        self._rest = b""  # the beginning of a frame whose end has not come
        self._resets += 1

    async def parse(self, data: bytes = b"") -> None:
        """Hand over every message of what was received. ProtocolError: this is not NATS speaking."""
        if self._rest:
            data = self._rest + data
        place, heard, trunk, resets = 0, 0, self._trunk, self._resets
        while (end := data.find(b"\r\n", place)) >= 0:
            head = _head(data[place:end].split())
            if head is None:
                await super().parse(data[place : end + 2])
                if self.buf:
                    raise ProtocolError("nats: unknown protocol")
                place = end + 2
            else:
                subject, number, reply, header_bytes, all_bytes = head
                start = end + 2
                after = start + all_bytes
                if after + 2 > len(data):
                    break
                if data[after : after + 2] != b"\r\n":
                    raise ProtocolError("nats: a message of another length than announced")
                place = after + 2
                body = data[start + header_bytes : after]
                if (hearer := trunk.hearers.get(number)) is not None:
                    heard += 1
                    trunk.stats["in_msgs"] += 1
                    trunk.stats["in_bytes"] += len(body)
                    try:
                        hearer(subject, reply, body)
                    except Exception:
                        # One message must not end the line for everybody.
                        log.exception("a message to %r could not be heard", subject[:80])
                    continue
                headers = data[start : start + header_bytes] or None
                await trunk._process_msg(int(number), subject, reply, body, headers)  # type: ignore[arg-type]
            if self._resets != resets:
                return  # what is left came over a connection that is no more
        self._rest = data[place:]
        if heard > MANY:
            await asyncio.sleep(0)  # what the messages before these are waiting for may have come meanwhile
        if len(self._rest) > LONGEST_LINE and b"\r\n" not in self._rest:
            raise ProtocolError("nats: a line without an end")


def _head(words: list[bytes]) -> tuple[bytes, bytes, bytes, int, int] | None:
    """Subject, number of the subscription, reply subject, bytes of headers and of all; None: no message."""
    header_bytes = b"0"
    match words:
        case [b"MSG", subject, number, reply, all_bytes]:
            pass
        case [b"MSG", subject, number, all_bytes]:
            reply = b""
        case [b"HMSG", subject, number, reply, header_bytes, all_bytes]:
            pass
        case [b"HMSG", subject, number, header_bytes, all_bytes]:
            reply = b""
        case _:
            return None
    if not (header_bytes.isdigit() and all_bytes.isdigit() and int(header_bytes) <= int(all_bytes)):
        raise ProtocolError("nats: malformed message")
    return subject, number, reply, int(header_bytes), int(all_bytes)
