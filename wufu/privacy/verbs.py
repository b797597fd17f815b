"""Leaving and staying, and the export."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Connection, Database, Tx, rows_of
from wufu.people import close_person
from wufu.privacy import store
from wufu.privacy.model import GRACE, LAST_PASS, Leaving, NotSettled, Unsettled
from wufu.privacy.plan import DOMAINS, SETTLING, STEPS
from wufu.trust import export_person as see_what_trust_keeps

log = logging.getLogger("wufu.privacy")

ACTOR = "system/privacy"
PEOPLE_AT_ONCE = 100

# --- Leaving --------------------------------------------------------------------------------------


async def see_leaving(connection: Connection, person: PersonId) -> Leaving:
    """When somebody leaves, if they asked to, and what is to be settled before."""
    asked = await store.asked(connection, person)
    asked_at, leaves_at = asked or (None, None)
    return Leaving(asked_at, leaves_at, await _unsettled(connection, person))


async def _unsettled(connection: Connection, person: PersonId) -> list[Unsettled]:
    found = [await look(connection, person) for look in SETTLING]
    return [Unsettled(what, *amount) for part in found for what, amount in part.items()]


async def ask_to_leave(tx: Tx, person: PersonId, *, at_once: bool = False) -> Leaving:
    """Leave in seven days, or at once. Asked again, only an earlier time counts.

    Refusal not_settled {unsettled}: at once only when there is nothing to settle.
    """
    if at_once and (unsettled := await _unsettled(tx.connection, person)):
        raise NotSettled(unsettled=msgspec.to_builtins(unsettled))
    await store.put(tx, person, tx.now if at_once else tx.now + GRACE)
    return await see_leaving(tx.connection, person)


async def stay(tx: Tx, person: PersonId) -> Leaving:
    """Take it back; whoever is gone already stays gone."""
    await store.take_back(tx, person)
    return await see_leaving(tx.connection, person)


async def leave_due(database: Database) -> int:
    """By the clock: close accounts whose time has come, and empty those that were closed. How many steps."""
    async with database.read() as connection:
        now = database.clock()
        people = await store.due(connection, now, now - LAST_PASS, PEOPLE_AT_ONCE)
    steps = 0
    for due in people:
        try:
            while await database.run(_one_step(PersonId(due.person)), actor=ACTOR):
                steps += 1
        except Refusal as refusal:
            # Money that came at the last moment, say: they wait, and nobody else waits for them.
            log.warning("person %s cannot leave yet: %r", due.person, refusal)
    return steps


def _one_step(person: PersonId) -> Callable[[Tx], Awaitable[bool]]:
    async def work(tx: Tx) -> bool:
        """Whether something was done and there may be more."""
        due = await store.lock(tx, person)
        if due is None:
            return False
        if due.closed_at is None:
            return await _close(tx, person)
        if tx.now < due.closed_at + LAST_PASS:
            return False
        has_more = await STEPS[due.step](tx, person)
        step = due.step if has_more else due.step + 1
        await store.set_step(tx, person, step, is_last=step == len(STEPS))
        return True

    return work


async def _close(tx: Tx, person: PersonId) -> bool:
    """Close an account with nothing left to settle; with something, it waits, and the page says for what."""
    if await _unsettled(tx.connection, person):
        return False
    await close_person(tx, person)
    await store.set_closed(tx, person)
    return True


# --- The export -----------------------------------------------------------------------------------


async def export(connection: Connection, person: PersonId, now: datetime) -> AsyncIterator[bytes]:
    """Everything that is kept of a person, as pieces of one JSON object; the connection reads one instant.

    {"wufu": "export/1", "person": …, "made_at": …, domain: {place: [rows]}, …}. Bytes are hexadecimal.
    """
    head = msgspec.json.encode({"wufu": "export/1", "person": person, "made_at": now})
    yield head[:-1]
    for domain, places in DOMAINS.items():
        yield b",\n" + msgspec.json.encode(domain) + b":{"
        for number, place in enumerate(places):
            yield (b"," if number else b"") + b"\n " + msgspec.json.encode(place.name) + b":["
            first = True
            async for rows in rows_of(connection, place, person):
                yield (b"" if first else b",") + b",".join(b"\n  " + _row(row) for row in rows)
                first = False
            yield b"]"
        yield b"}"
    yield b',\n"trust":' + msgspec.json.encode(await see_what_trust_keeps(connection, person))
    yield b"}\n"


def _row(row: dict[str, object]) -> bytes:
    plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
    return msgspec.json.encode(plain)
