"""What the facts of photos say about a tie: who paid to see whose."""

from collections.abc import Mapping, Sequence

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Fact, Listener
from wufu.ties import Act, noting


class _Viewer(msgspec.Struct, frozen=True):
    person: PersonId


class _Paid(msgspec.Struct, frozen=True):
    viewer: _Viewer


def acts_of_paid(fact: Fact) -> list[Act]:
    """Who pays does something towards the author, who is told."""
    if fact.at is None:
        return []
    return [Act(msgspec.convert(fact.body, _Paid).viewer.person, fact.to[0], "photo", fact.at)]


LISTENERS: Mapping[str, Sequence[Listener]] = {"photos.paid": (noting(acts_of_paid),)}
