"""A transaction, as a verb sees it.

`Tx` carries exactly five things: the connection, who acts, one `now`, a source
of secrets, and `announce`. One `now` for the whole transaction means that no
two rows of it can disagree about when it happened, and that a simulator can
move time.
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
    the server hear every fact, also those with nobody to tell.
    """

    kind: str
    body: dict[str, object]
    to: tuple[PersonId, ...] = ()


@dataclass(slots=True)
class Tx:
    """One open transaction. Verbs take it first; nobody below the edge commits."""

    connection: Connection
    actor: str
    now: datetime
    chance: Chance
    announced: list[Fact] = field(default_factory=list)

    def announce(self, fact: Fact) -> None:
        """Tell the world after the commit, and only if there is one."""
        self.announced.append(fact)
