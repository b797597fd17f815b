"""What the facts of campaigns say about a tie: cards and cash that friends gave each other.

A campaign triggered all of it, so it is shown to the two and proves no living tie.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Fact, Listener
from wufu.ties import Act, noting


class _Giver(msgspec.Struct, frozen=True):
    person: PersonId


class _CardCame(msgspec.Struct, frozen=True):
    cause: Literal["gift", "swap"]
    giver: _Giver = msgspec.field(name="from")


class _CashCame(msgspec.Struct, frozen=True):
    giver: _Giver = msgspec.field(name="from")


def acts_of_card(fact: Fact) -> list[Act]:
    """A card that somebody gave or swapped; drawn ones come from nobody."""
    if "from" not in fact.body or fact.at is None:
        return []
    came = msgspec.convert(fact.body, _CardCame)
    return [Act(came.giver.person, fact.to[0], came.cause, fact.at, campaign=True)]


def acts_of_cash(fact: Fact) -> list[Act]:
    """Cash that a friend passed on; what was won oneself comes from nobody."""
    if "from" not in fact.body or fact.at is None:
        return []
    giver = msgspec.convert(fact.body, _CashCame).giver.person
    return [Act(giver, fact.to[0], "cash", fact.at, campaign=True)]


LISTENERS: Mapping[str, Sequence[Listener]] = {
    "fortune.card_came": (noting(acts_of_card),),
    "fortune.cash_came": (noting(acts_of_cash),),
}
