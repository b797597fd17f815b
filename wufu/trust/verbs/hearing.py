"""What trust hears: asks, how they were answered, and acts whose minutes may give away who steers them.

Facts only, by their names: trust stands below most of those who tell them. What is heard is only written down
here, in the relay's transaction; it is judged by the clock (`detecting.py`).
"""

from datetime import datetime

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Fact, Tx
from wufu.ties import are_friends
from wufu.trust.model import Act, What, slot_of
from wufu.trust.store import signals


class _Somebody(msgspec.Struct, frozen=True):
    person: PersonId


class Asked(msgspec.Struct, frozen=True, rename={"asker": "from"}):
    asker: _Somebody
    at: datetime


class Accepted(msgspec.Struct, frozen=True):
    a: PersonId
    b: PersonId
    at: datetime
    asker: PersonId
    cause: str = "asked"


class Refused(msgspec.Struct, frozen=True):
    asker: PersonId
    person: PersonId
    at: datetime


class Joined(msgspec.Struct, frozen=True):
    campaign: str
    people: list[PersonId]


class Opened(msgspec.Struct, frozen=True):
    packet: str
    person: _Somebody


class CardLeft(msgspec.Struct, frozen=True):
    cause: str
    to: _Somebody


async def hear_asks(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `ties.asked`."""
    asks: dict[tuple[PersonId, PersonId], datetime] = {}
    for fact in facts:
        told = msgspec.convert(fact.body, Asked)
        for asked in fact.to:
            asks.setdefault((told.asker.person, asked), told.at)
    await signals.put_asks(tx.connection, asks, "asked")
    acts = [_act(asker, "ask", f"person/{asked}", at) for (asker, asked), at in asks.items()]
    await signals.put_acts(tx.connection, acts)


async def hear_accepts(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `ties.accepted`: told to both, counted once."""
    pairs: dict[str, dict[tuple[PersonId, PersonId], datetime]] = {"asked": {}, "invited": {}}
    for fact in facts:
        told = msgspec.convert(fact.body, Accepted)
        other = told.b if told.asker == told.a else told.a
        pairs["invited" if told.cause == "invited" else "asked"][told.asker, other] = told.at
    for cause, these in pairs.items():
        if these:
            # Asks that were made before trust listened, and invitations, are noted with their answer.
            await signals.put_asks(tx.connection, these, cause)
            await signals.answer_asks(tx.connection, these, "accepted")


async def hear_refusals(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `ties.refused`, which no phone is ever told."""
    told = [msgspec.convert(fact.body, Refused) for fact in facts]
    pairs = {(one.asker, one.person): one.at for one in told}
    await signals.answer_asks(tx.connection, pairs, "refused")


async def hear_joins(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `fortune.joined`."""
    told = [msgspec.convert(fact.body, Joined) for fact in facts]
    await signals.put_acts(
        tx.connection,
        [_act(person, "join", f"campaign/{one.campaign}", tx.now) for one in told for person in one.people],
    )


async def hear_openings(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `packet.opened`: openings of strangers' packets only.

    A family opens grandmother's packets within the same minutes, all evening: that is no lockstep.
    """
    told = [(msgspec.convert(fact.body, Opened), fact.to) for fact in facts]
    openings = [
        (one.person.person, sender, one.packet)
        for one, audience in told
        for sender in audience
        if sender != one.person.person
    ]
    friends = await are_friends(tx.connection, {(opener, sender) for opener, sender, _ in openings})
    acts = [
        _act(opener, "open", f"packet/{packet}", tx.now)
        for opener, sender, packet in openings
        if (opener, sender) not in friends
    ]
    await signals.put_acts(tx.connection, acts)


async def hear_gifts(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `fortune.card_left`: cards given away; who collects from many accounts has many givers."""
    acts = []
    for fact in facts:
        told = msgspec.convert(fact.body, CardLeft)
        if told.cause == "gift":
            acts += [_act(giver, "give", f"person/{told.to.person}", tx.now) for giver in fact.to]
    await signals.put_acts(tx.connection, acts)


def _act(person: PersonId, what: What, target: str, at: datetime) -> Act:
    return Act(person, what, target[:100], slot_of(at))


LISTENERS = {
    "ties.asked": (hear_asks,),
    "ties.accepted": (hear_accepts,),
    "ties.refused": (hear_refusals,),
    "fortune.joined": (hear_joins,),
    "packet.opened": (hear_openings,),
    "fortune.card_left": (hear_gifts,),
}
