"""The relay: carries announced facts to listeners, the fact stream and phones.

One server of a cluster relays at a time. Order within the outbox is kept. The
facts also go to the JetStream stream `FACTS` (subjects `fact.<kind>`) for other
systems: published before the relay's commit, with the outbox id as message id,
so that a repeat after a crash is dropped by the stream.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import RetentionPolicy, StorageType, StreamConfig

from wufu.db import TRIES, Database, Fact, Listener, ListenersFailed, Only, Place, Tx, carry, try_lock
from wufu.db.outbox import Carried
from wufu.edge.live import LiveEdge

log = logging.getLogger("wufu.relay")

IDLE_SECONDS = 0.5
"""How long a fact of another process may wait when nothing wakes this relay."""

STREAM = StreamConfig(
    name="FACTS",
    description="Every announced fact, for other systems",
    subjects=["fact.>"],
    retention=RetentionPolicy.LIMITS,
    storage=StorageType.FILE,
    max_age=7 * 24 * 3600,
    max_bytes=1024**3,
    duplicate_window=120,
)


class Relay:
    """Takes facts from the outbox until cancelled."""

    def __init__(
        self,
        database: Database,
        client: Client,
        edge: LiveEdge,
        listeners: Mapping[str, Sequence[Listener]],
    ) -> None:
        self._database = database
        self._client = client
        self._stream: JetStreamContext | None = None
        self._edge = edge
        self._listeners = listeners
        # After a turn that failed: find out at which facts, and how often each has failed alone.
        self._careful = False
        self._tries: Counter[Place] = Counter()
        self._given_up: set[Place] = set()

    async def run(self) -> None:
        while True:
            self._database.announced.clear()
            try:
                busy = await self.turn()
            except ListenersFailed as failed:
                log.warning("the relay tries again: %s", failed)
                busy = False
                await asyncio.sleep(IDLE_SECONDS)
            except Exception:
                # Nothing is lost: the facts are still in the outbox.
                log.exception("the relay stumbled; it tries again")
                busy = False
                await asyncio.sleep(IDLE_SECONDS)
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._database.announced.wait(), IDLE_SECONDS)

    async def turn(self) -> bool:
        """Carry one batch of facts; whether there was any.

        After a turn that failed the next is careful: it raises ListenersFailed naming the facts that fail
        alone, and parks those that did so in `TRIES` turns.
        """

        async def work(tx: Tx) -> Carried:
            if not await try_lock(tx, Only.RELAY):
                return Carried({}, [])
            carried = await carry(tx, self._listeners, given_up=self._given_up if self._careful else None)
            await self._publish(carried.facts, tx.now)
            return carried

        try:
            carried = await self._database.run(work, actor="system/relay")
        except ListenersFailed as failed:
            self._tries.update(failed.failures.keys())
            self._given_up = {place for place, tries in self._tries.items() if tries >= TRIES}
            raise
        except Exception:
            self._careful = True
            raise
        self._careful = False
        self._tries.clear()
        self._given_up.clear()
        await self._edge.push(carried.deliveries)
        return bool(carried.facts)

    async def _publish(self, facts: Mapping[int, Fact], now: datetime) -> None:
        if not facts:
            return
        if self._stream is None:
            stream = self._client.jetstream()
            await stream.add_stream(STREAM)
            self._stream = stream
        *earlier, (last, last_fact) = facts.items()
        for number, fact in earlier:
            await self._client.publish(
                f"fact.{fact.kind}", _body(fact, now), headers={"Nats-Msg-Id": str(number)}
            )
        # The stream stores in order: when it has acknowledged the last it has them all.
        await self._stream.publish(
            f"fact.{last_fact.kind}",
            _body(last_fact, now),
            headers={"Nats-Msg-Id": str(last)},
            timeout=10,
        )


def _body(fact: Fact, now: datetime) -> bytes:
    return msgspec.json.encode({"at": now, "body": fact.body})
