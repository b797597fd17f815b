"""Which domain keeps what of a person, and in which order an account is emptied.

Money last but one, for others' packets and photos may still send some back; the facts that phones were told
last of all, for every step before tells some.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from wufu import chat, console, fortune, insight, ledger, people, photos, redpacket, ties, trust, wallet
from wufu.core.ids import PersonId
from wufu.db import INBOXES, Connection, Personal, Tx, erase

Forget = Callable[[Tx, PersonId], Awaitable[bool | None]]
"""Takes away what a domain keeps; True: call again, there is more."""

Amount = tuple[int, int] | tuple[int, int, datetime]
"""How many, how much in fen, and until when it stands in the way, where that is known."""

Look = Callable[[Connection, PersonId], Awaitable[Mapping[str, Amount]]]
"""What of a domain stands in the way."""

DOMAINS: Mapping[str, Sequence[Personal]] = {
    "people": people.PERSONAL,
    "ties": ties.PERSONAL,
    "chat": chat.PERSONAL,
    "ledger": ledger.PERSONAL,
    "wallet": wallet.PERSONAL,
    "red_packets": redpacket.PERSONAL,
    "photos": photos.PERSONAL,
    "campaigns": fortune.PERSONAL,
    "console": console.PERSONAL,
    "told": INBOXES,
}

SETTLING: Sequence[Look] = (
    wallet.see_unsettled,
    redpacket.see_unsettled,
    photos.see_unsettled,
    fortune.see_unsettled,
)


async def _forget_operator(tx: Tx, person: PersonId) -> None:
    await erase(tx, console.PERSONAL, person)


async def _forget_told(tx: Tx, person: PersonId) -> None:
    await erase(tx, INBOXES, person)


STEPS: Sequence[Forget] = (
    _forget_operator,
    fortune.forget_person,
    photos.forget_person,
    redpacket.forget_person,
    chat.forget_person,
    ties.forget_person,
    trust.forget_person,
    wallet.forget_person,
    insight.forget_person,
    _forget_told,
)
"""In this order; a step's number is kept, so new ones are added at the end but one, never in between."""
