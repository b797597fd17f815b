"""What the facts of the wallet say about a tie: who sent money to whom."""

from collections.abc import Mapping, Sequence

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Fact, Listener
from wufu.ties import Act, noting
from wufu.wallet.verbs import TRANSFER


class _Other(msgspec.Struct, frozen=True):
    person: PersonId


class _Moved(msgspec.Struct, frozen=True):
    reason: str
    minor: int
    other: _Other | None = msgspec.field(name="with", default=None)


def acts_of_moved(fact: Fact) -> list[Act]:
    """A transfer is told to both; the payer's fact counts. All other money has acts of its own domain."""
    if fact.body["reason"] != TRANSFER:
        return []
    moved = msgspec.convert(fact.body, _Moved)
    if moved.minor >= 0 or moved.other is None or fact.at is None:
        return []
    return [Act(fact.to[0], moved.other.person, "transfer", fact.at)]


LISTENERS: Mapping[str, Sequence[Listener]] = {"wallet.moved": (noting(acts_of_moved),)}
