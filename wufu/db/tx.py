"""A transaction, as a verb sees it.

`Tx` carries exactly six things: the connection, who acts, one `now`, a source
of secrets, `announce` and `say`. One `now` for the whole transaction means that
no two rows of it can disagree about when it happened, and that a simulator can
move time.

`announce` and `say` differ in what is kept. A fact is written with the change
and reaches every listener and phone in the end. What is said goes over the live
edge right after the commit and is kept nowhere: it may be lost, so it is for
what its hearers can ask for again (the messages of a conversation have numbers).
"""

from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import msgspec

from wufu.core.chance import Chance
from wufu.core.ids import PersonId

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
"""What readers take: a connection, or a pool's proxy of one."""


class Fact(msgspec.Struct, frozen=True):
    """Something that happened, in the past tense: `fortune.card_came`.

    `body` is JSON. `to` names the people whose phones are told; listeners inside
    the server hear every fact, also those with nobody to tell. `at` is when it was
    announced; the outbox gives it, so listeners have it and announcers leave it out.
    """

    kind: str
    body: dict[str, object]
    to: tuple[PersonId, ...] = ()
    at: datetime | None = None


class Said(msgspec.Struct, frozen=True):
    """A word for whoever listens on a live subject now: `room.k3`, `me.17.chat`. `body` becomes JSON."""

    subject: str
    body: object


@dataclass(slots=True)
class Tx:
    """One open transaction. Verbs take it first; nobody below the edge commits."""

    connection: Connection
    actor: str
    now: datetime
    chance: Chance
    announced: list[Fact] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def announce(self, fact: Fact) -> None:
        """Tell the world after the commit, and only if there is one."""
        self.announced.append(fact)

    def say(self, subject: str, body: object) -> None:
        """Say it on a live subject right after the commit, in the order of the calls; it may be lost."""
        self.said.append(Said(subject, body))
