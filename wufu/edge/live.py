"""The live edge: verbs asked and facts pushed over NATS.

A phone publishes to `do.<person>.<verb>`; its pass allows no other number, so
the subject proves who asks. Answers go only to reply subjects under the
caller's own `me.<person>.inbox.` or `me.<person>.r.`: with any other reply our
answer would come as somebody else's fact, or as one of the caller's own.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import Sequence
from functools import partial

import msgspec
import nats.errors
from nats.aio.client import RawCredentials
from nats.aio.subscription import Subscription

from wufu.core.ids import PersonId
from wufu.db import Delivery, Said
from wufu.db.engines import Pass
from wufu.edge.trunk import MOST_PENDING_BYTES, Trunk
from wufu.edge.verbs import VerbTable, render

log = logging.getLogger("wufu.live")

QUEUE = "wufu"
"""Servers of a cluster share the asking by this queue group."""

CLOSE_SECONDS = 3.0

OWN_REPLY = re.compile(rb"me\.([1-9][0-9]{0,18})\.(?:inbox|r)(?:\.[A-Za-z0-9_-]+)+")
"""A person's own reply inbox; no wildcards, so that one answer reaches one inbox."""


async def connect(url: str, its_pass: Pass, *, name: str, inbox_prefix: str = "_INBOX") -> Trunk:
    """A NATS connection that comes back by itself, for as long as it takes."""

    async def told(error: Exception) -> None:
        log.warning("NATS: %s %s", type(error).__name__, error)

    trunk = Trunk()
    await trunk.connect(
        url,
        name=name,
        user_credentials=RawCredentials(its_pass.credentials()),
        inbox_prefix=inbox_prefix.encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,  # type: ignore[arg-type]  # seconds; it may be a fraction
        allow_reconnect=True,
        error_cb=told,
        pending_size=MOST_PENDING_BYTES,
    )
    return trunk


class LiveEdge:
    """The server's side of the live edge."""

    def __init__(self, trunk: Trunk, verbs: VerbTable) -> None:
        self._trunk = trunk
        self._verbs = verbs
        self._asking: list[Subscription] = []

    async def open(self, *, beside: bool = False) -> None:
        """Begin to answer; `beside` another server of this machine only verbs that need no order.

        Requests of one person that follow each other reach servers in turn, so that what has to take effect
        in their order is left to one.
        """
        subjects = [f"do.*.{name}" for name in self._verbs.without_order()] if beside else ["do.*.*"]
        for subject in subjects:
            self._asking.append(await self._trunk.hear(subject, QUEUE, self._heard))
        await self._trunk.flush()

    async def close(self) -> None:
        """Hear no more; what was heard is on its way to be answered."""
        with contextlib.suppress(TimeoutError, nats.errors.Error):
            await asyncio.wait_for(
                asyncio.gather(*(one.drain() for one in self._asking)),  # type: ignore[no-untyped-call]
                CLOSE_SECONDS,
            )

    def _heard(self, subject: bytes, reply: bytes, body: bytes) -> None:
        _, number, verb = subject.split(b".")
        own = OWN_REPLY.fullmatch(reply)
        if own is None or own[1] != number:
            log.info("refused to answer %r to %r", subject[:80], reply[:80])
            return
        self._verbs.submit(
            PersonId(int(number)), verb.decode(errors="replace"), body, partial(self._answer, reply)
        )

    def _answer(self, reply: bytes, answer: object) -> None:
        try:
            self._trunk.say_soon(reply, render(answer))
        except nats.errors.Error as error:
            # Who asked asks again under the same id.
            log.warning("an answer could not be given: %s", error)

    async def push(self, deliveries: Sequence[Delivery]) -> None:
        """Send facts to the phones they are for. A lost one is fetched by its number."""
        for delivery in deliveries:
            self._trunk.say_soon(
                b"me.%d.fact" % delivery.person,
                msgspec.json.encode(
                    {
                        "number": delivery.number,
                        "kind": delivery.kind,
                        "at": delivery.at,
                        "body": delivery.body,
                    }
                ),
            )

    async def say(self, said: Sequence[Said]) -> None:
        """Pass on what a committed transaction said, in its order; not kept."""
        for one in said:
            self._trunk.say_soon(one.subject.encode(), msgspec.json.encode(one.body))

    async def broadcast(self, subject: str, body: object) -> None:
        """Tell everyone who listens now; not kept."""
        self._trunk.say_soon(f"all.{subject}".encode(), msgspec.json.encode(body))
