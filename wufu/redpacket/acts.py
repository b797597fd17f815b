"""What the facts of red packets say about a tie: whose packet was opened by whom."""

from collections.abc import Mapping, Sequence

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Fact, Listener
from wufu.ties import Act, noting


class _Opener(msgspec.Struct, frozen=True):
    person: PersonId


class _Opened(msgspec.Struct, frozen=True):
    person: _Opener


def acts_of_opened(fact: Fact) -> list[Act]:
    """The first who is told is the sender. Huge packets tell nobody, and say nothing about two people."""
    if fact.at is None:
        return []
    return [Act(fact.to[0], msgspec.convert(fact.body, _Opened).person.person, "packet", fact.at)]


LISTENERS: Mapping[str, Sequence[Listener]] = {"packet.opened": (noting(acts_of_opened),)}
