"""Somebody signs in: their device and network are noted as marks, and floods of new accounts are refused."""

from collections.abc import Awaitable, Callable

from wufu.db import Tx
from wufu.people import Arrival
from wufu.trust.marks import marks_of
from wufu.trust.model import MOST_MADE_BY_DEVICE, MOST_MADE_BY_NETWORK, MarkKind, TooManyAccounts, day_of
from wufu.trust.store import signals

MOST_MADE: dict[MarkKind, int] = {"device": MOST_MADE_BY_DEVICE, "network": MOST_MADE_BY_NETWORK}


def greeter(key: bytes) -> Callable[[Tx, Arrival], Awaitable[None]]:
    """What `people.router` calls inside every sign-in's transaction; `key` hashes the marks.

    Raises too_many_accounts when a device or a network makes more accounts in a day than it may; the whole
    registration is then undone, what was counted for it too.
    """

    async def greet(tx: Tx, arrival: Arrival) -> None:
        await signals.put_people(tx.connection, [arrival.person], arrival.registered, tx.now)
        marks = marks_of(key, arrival.device, arrival.address)
        if not marks:
            return
        await signals.put_marks(tx.connection, arrival.person, marks, arrival.registered, tx.now)
        if not arrival.registered:
            return
        for mark in marks:
            made = await signals.count_made(tx.connection, mark, day_of(tx.now))
            if made > MOST_MADE[mark.kind]:
                raise TooManyAccounts(by=mark.kind)

    return greet
