"""Notifications by the clock: what came in is collected, and what is due is posted."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import nats.errors
from nats.aio.client import Client

from wufu.chat.push import store, verbs
from wufu.chat.push.model import Due, next_try
from wufu.chat.push.post import Post, Posted
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Database, Job, Said, Tx, in_transaction

log = logging.getLogger("wufu.push")

EVERYTHING_SECONDS = 30.0
"""How often all conversations are looked at, for what this server did not hear of."""
ANSWER_SECONDS = 0.3
LOOPBACK = "WUFU_PUSH_LOOPBACK"

Looks = Callable[[PersonId, str], Awaitable[bool]]


def here_subject(person: PersonId, session: object) -> str:
    """What a device listens on while its page is on the screen."""
    return f"me.{person}.here.{session}"


def looking_by(client: Client) -> Looks:
    """Whether a device is looking: NATS says at once when nobody listens on its subject."""

    async def looks(person: PersonId, session: str) -> bool:
        try:
            await client.request(here_subject(person, session), b"", timeout=ANSWER_SECONDS)
        except nats.errors.NoRespondersError:
            return False
        except (TimeoutError, nats.errors.TimeoutError):
            return True  # it listens, and it may not answer
        except nats.errors.Error:
            return False
        return True

    return looks


class Waking:
    """Notes which conversations something came into, and posts what is due."""

    def __init__(self, database: Database, looks: Looks, *, loopback: bool | None = None) -> None:
        self._database = database
        self._looks = looks
        self.loopback = os.environ.get(LOOPBACK) == "1" if loopback is None else loopback
        self._post: Post | None = None
        self._opening = asyncio.Lock()
        self._touched: set[ConversationId] = set()
        self._everything_at = 0.0
        self.posted: dict[str, int] = {}
        """How many had which outcome since the start."""

    async def hear(self, said: Sequence[Said]) -> None:
        """A hearer of the database: what was just sent, and where."""
        for one in said:
            if isinstance(one.body, dict) and one.body.get("kind") == "changes":
                self._touched.add(one.body["conversation"])

    async def close(self) -> None:
        """Hang up."""
        if self._post is not None:
            await self._post.close()
            self._post = None

    async def turn(self, database: Database, *, everything: bool = False) -> int:
        """Collect what came, post what is due; how many were posted or given up."""
        clock = asyncio.get_running_loop().time()
        everything = everything or clock >= self._everything_at
        touched, self._touched = self._touched, set()
        if everything:
            self._everything_at = clock + EVERYTHING_SECONDS
        if everything or touched:
            which = None if everything else sorted(touched)
            await database.run(partial(verbs.collect, touched=which), actor="system/push")
        total = 0
        while due := await database.run(verbs.take_due, actor="system/push"):
            ends = await asyncio.gather(*(self._one(database, each) for each in due), return_exceptions=True)
            for end in ends:
                if isinstance(end, BaseException):
                    # Nothing is lost: it is due again when its lease is over.
                    log.error("a notification could not be posted", exc_info=end)
            total += len(due)
        return total

    async def _one(self, database: Database, due: Due) -> None:
        async with database.read() as connection:
            composed = await verbs.compose(connection, due)
        if composed is None or await self._looks(due.person, str(due.session)):
            outcome = Posted("taken", why="not needed")
            self._count("not needed")
        else:
            outcome = await (await self._open(database)).send(*composed, database.clock())
            self._count(outcome.outcome)
        await database.run(lambda tx: self._settle(tx, due, outcome), actor="system/push")

    async def _settle(self, tx: Tx, due: Due, posted: Posted) -> None:
        if posted.outcome == "gone":
            log.info("a subscription of %s is gone (%s)", due.person, posted.why)
            await store.drop_subscriptions(tx.connection, [(due.person, due.session)])
            return
        again_at = None
        if posted.outcome == "again":
            again_at = next_try(due.tries, tx.now, posted.wait)
        if posted.outcome == "refused" or (posted.outcome == "again" and again_at is None):
            log.warning("a notification for %s is given up (%s)", due.person, posted.why)
        await store.settle_due(tx.connection, due, again_at)

    async def _open(self, database: Database) -> Post:
        async with self._opening:  # several are posted side by side, and one line out serves them all
            if self._post is None:
                key = await database.run(verbs.see_key, actor="system/push")
                self._post = Post(key, loopback=self.loopback)
            return self._post

    def _count(self, outcome: str) -> None:
        self.posted[outcome] = self.posted.get(outcome, 0) + 1

    def jobs(self) -> list[Job]:
        """The work of notifications by the clock."""
        return [
            Job("send notifications", 1, self.turn),
            Job("sweep subscriptions", 600, in_transaction(verbs.sweep)),
        ]
