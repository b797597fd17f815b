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

import msgspec
import nats.errors
from nats.aio.client import Client, RawCredentials
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from wufu.core.ids import PersonId
from wufu.db import Delivery, Said
from wufu.db.engines import Pass
from wufu.edge.verbs import VerbTable, render

log = logging.getLogger("wufu.live")

QUEUE = "wufu"
"""Servers of a cluster share the asking by this queue group."""

CLOSE_SECONDS = 3.0

OWN_REPLY = re.compile(r"me\.([1-9][0-9]{0,18})\.(?:inbox|r)(?:\.[A-Za-z0-9_-]+)+")
"""A person's own reply inbox; no wildcards, so that one answer reaches one inbox."""


async def connect(url: str, its_pass: Pass, *, name: str, inbox_prefix: str = "_INBOX") -> Client:
    """A NATS connection that comes back by itself, for as long as it takes."""

    async def told(error: Exception) -> None:
        log.warning("NATS: %s %s", type(error).__name__, error)

    return await nats.connect(
        url,
        name=name,
        user_credentials=RawCredentials(its_pass.credentials()),
        inbox_prefix=inbox_prefix.encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
        allow_reconnect=True,
        error_cb=told,
        pending_size=64 * 1024 * 1024,
    )


class LiveEdge:
    """The server's side of the live edge."""

    def __init__(self, client: Client, verbs: VerbTable) -> None:
        self._client = client
        self._verbs = verbs
        self._guarded: set[asyncio.Task[None]] = set()
        self._asking: Subscription | None = None

    async def open(self) -> None:
        """Begin to answer."""
        self._asking = await self._client.subscribe("do.*.*", queue=QUEUE, cb=self._heard)
        await self._client.flush()

    async def close(self) -> None:
        """Hear no more; what was heard is on its way to be answered."""
        if self._asking is not None:
            with contextlib.suppress(TimeoutError, nats.errors.Error):
                await asyncio.wait_for(self._asking.drain(), CLOSE_SECONDS)  # type: ignore[no-untyped-call]
        await asyncio.gather(*self._guarded, return_exceptions=True)

    async def _heard(self, message: Msg) -> None:
        _, number, verb = message.subject.split(".")
        reply = OWN_REPLY.fullmatch(message.reply)
        if reply is None or reply[1] != number:
            log.info("refused to answer %s to %s", message.subject[:80], message.reply[:80] or "nobody")
            return
        asking = self._answer(PersonId(int(number)), verb, message)
        if self._verbs.is_guarded(verb):
            # A guard is slow; the next message must not wait for it.
            task = asyncio.create_task(asking)
            self._guarded.add(task)
            task.add_done_callback(self._guarded.discard)
        else:
            await asking

    async def _answer(self, person: PersonId, verb: str, message: Msg) -> None:
        async def done(answer: object) -> None:
            await self._client.publish(message.reply, render(answer))

        await self._verbs.submit(person, verb, message.data, done)

    async def push(self, deliveries: Sequence[Delivery]) -> None:
        """Send facts to the phones they are for. A lost one is fetched by its number."""
        for delivery in deliveries:
            await self._client.publish(
                f"me.{delivery.person}.fact",
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
            await self._client.publish(one.subject, msgspec.json.encode(one.body))

    async def broadcast(self, subject: str, body: object) -> None:
        """Tell everyone who listens now; not kept."""
        await self._client.publish(f"all.{subject}", msgspec.json.encode(body))
