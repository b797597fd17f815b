"""Facts that a listener cannot hear: set aside, so that everything else goes on.

The relay lets listeners act in its own transaction, so one that fails holds up everything behind it. That is
right for a moment (the database was busy) and wrong for good (a poisoned fact). So the relay tries again;
what failed alone in `TRIES` turns is parked: a row here names the fact, the listener and the error, and the
rest of the outbox is carried on, the fact itself too: other listeners heard it, phones were told, the stream
has it.

Order. What comes for the same listener, of the same kind, to the same people waits behind a parked fact, in a
row of its own; other kinds and other people go on. A fact to nobody in particular is to everybody here:
behind it waits every later one of its kind for this listener.

Exactly once. Parking is in the transaction that removes the fact from the outbox; a retry lets the listener
act and removes the row in one transaction, holding the relay's lock, so that nothing of the lane overtakes
it. Dropping keeps the row as a record that this listener never heard this fact; what waited behind it is then
next.

A parked fact is a violation of a law: it shows in every audit until somebody has dealt with it.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from wufu.core.ids import PersonId
from wufu.db.errors import STOPS
from wufu.db.laws import Law
from wufu.db.locks import Only, wait_lock
from wufu.db.tx import Connection, Fact, Tx

log = logging.getLogger("wufu.relay")

Listener = Callable[[Tx, list[Fact]], Awaitable[None]]
"""Hears the facts of its kind, in order, inside the relay's transaction."""

Numbered = tuple[int, Fact]
"""A fact with its number in the outbox."""

TRIES = 5
"""Turns in which a fact fails alone before it is parked."""
LONGEST_ERROR = 500

State = Literal["failed", "waiting", "dropped"]


class Place(NamedTuple):
    """One fact for one listener."""

    fact: int
    listener: str


class Parked(msgspec.Struct, frozen=True):
    """A fact that a listener has not heard. `waiting`: it only stands behind one that failed."""

    id: int
    listener: str
    kind: str
    body: dict[str, object]
    audience: tuple[PersonId, ...]
    at: datetime
    state: State
    tries: int
    error: str
    parked_at: datetime

    @property
    def fact(self) -> Fact:
        return Fact(self.kind, self.body, self.audience, self.at)


class Retried(msgspec.Struct, frozen=True):
    """What a retry came to: facts that were heard now, and those that are still parked."""

    heard: int
    left: int


class NoParkedFact(LookupError):
    """There is no such fact among those that failed."""


class ListenersFailed(Exception):
    """Listeners failed at single facts; the turn is undone and tried again."""

    def __init__(self, failures: Mapping[Place, Exception]) -> None:
        super().__init__(", ".join(f"{place.listener} at fact {place.fact}" for place in failures))
        self.failures = failures


def name_of(listener: Listener) -> str:
    """The listener's name in rows: its module without `wufu.`, and its own."""
    name = getattr(listener, "__qualname__", type(listener).__qualname__)
    return f"{listener.__module__.removeprefix('wufu.')}.{name}"


def same_lane(kind: str, people: Collection[int], other_kind: str, others: Collection[int]) -> bool:
    """Whether two facts for one listener must keep their order."""
    return kind == other_kind and (not people or not others or not set(people).isdisjoint(others))


Lanes = dict[str, list[tuple[str, tuple[PersonId, ...]]]]
"""Listener → kind and people of what is parked for it."""


async def parked_lanes(connection: Connection) -> Lanes:
    """What is parked now; nearly always nothing."""
    rows = await connection.fetch(
        "SELECT listener, kind, audience FROM fact_parked WHERE state <> 'dropped' ORDER BY id"
    )
    lanes: Lanes = {}
    for row in rows:
        lanes.setdefault(row["listener"], []).append((row["kind"], tuple(row["audience"])))
    return lanes


def split_waiting(
    lanes: Lanes, name: str, facts: Sequence[Numbered]
) -> tuple[list[Numbered], list[Numbered]]:
    """(facts that a listener may hear, facts that wait behind what is parked for it). Adds these to
    `lanes`.
    """
    ahead = lanes.get(name)
    if not ahead:
        return list(facts), []
    free: list[Numbered] = []
    behind: list[Numbered] = []
    for number, fact in facts:
        if any(same_lane(fact.kind, fact.to, *other) for other in ahead):
            ahead.append((fact.kind, fact.to))
            behind.append((number, fact))
        else:
            free.append((number, fact))
    return free, behind


async def hear_safely(
    tx: Tx,
    lanes: Lanes,
    name: str,
    listener: Listener,
    facts: Sequence[Numbered],
    given_up: Collection[Place],
) -> dict[Place, Exception]:
    """Let a listener hear facts together, or one by one when that fails; the failures of those not given up.

    What is given up and fails again is parked, and what belongs behind it with it.
    """
    if not facts or await _try(tx, listener, [fact for _, fact in facts]) is None:
        return {}
    failures: dict[Place, Exception] = {}
    left = list(facts)
    while left:
        free, behind = split_waiting(lanes, name, left[:1])
        left = left[1:]
        await park(tx, name, behind, "waiting")
        for number, fact in free:
            error = await _try(tx, listener, [fact])
            place = Place(number, name)
            if error is None:
                continue
            if place in given_up:
                log.error(
                    "fact %d (%s) is parked: %s cannot hear it", number, fact.kind, name, exc_info=error
                )
                lanes.setdefault(name, []).append((fact.kind, fact.to))
                await park(tx, name, [(number, fact)], "failed", error)
            else:
                failures[place] = error
    return failures


async def _try(tx: Tx, listener: Listener, facts: list[Fact]) -> Exception | None:
    """Let a listener act inside a savepoint; its error, after which nothing of it is left."""
    announced, said = len(tx.announced), len(tx.said)
    try:
        async with tx.connection.transaction():
            await listener(tx, facts)
    except Exception as error:
        # A wrong argument (ValueError) is the listener's fault, though the driver calls it an interface
        # error.
        if isinstance(error, STOPS) and not isinstance(error, ValueError):
            raise
        del tx.announced[announced:], tx.said[said:]
        return error
    return None


async def park(
    tx: Tx, name: str, facts: Sequence[Numbered], state: State, error: Exception | None = None
) -> None:
    """Set facts aside for one listener."""
    if not facts:
        return
    await tx.connection.executemany(
        """
        INSERT INTO fact_parked (id, listener, kind, body, audience, at, state, tries, error, parked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        [
            (
                number,
                name,
                fact.kind,
                fact.body,
                list(fact.to),
                fact.at or tx.now,
                state,
                TRIES if error else 0,
                _words(error),
                tx.now,
            )
            for number, fact in facts
        ],
    )


def _words(error: Exception | None) -> str:
    if error is None:
        return ""
    return f"{type(error).__name__}: {error}".replace("\0", "")[:LONGEST_ERROR]


# --- What the operator does -----------------------------------------------------------------------


async def see_parked(connection: Connection, *, dropped: bool = False) -> list[Parked]:
    """Facts that are parked, in order; those that were dropped only if asked for."""
    rows = await connection.fetch(
        "SELECT * FROM fact_parked WHERE $1 OR state <> 'dropped' ORDER BY id, listener", dropped
    )
    return [msgspec.convert(dict(row), Parked) for row in rows]


async def retry_parked(
    tx: Tx,
    listeners: Mapping[str, Sequence[Listener]],
    only: int | None = None,
) -> Retried:
    """Let listeners hear what is parked, in order; `only` one fact and what waits behind it.

    What fails again stays, with what waits behind it.
    """
    await wait_lock(tx, Only.RELAY)
    parked = await see_parked(tx.connection)
    chosen = [one for one in parked if only is None or one.id == only]
    heard = 0
    stuck: list[Parked] = []
    for one in parked:
        meant = only is None or any(
            one.listener == other.listener and same_lane(one.kind, one.audience, other.kind, other.audience)
            for other in chosen
        )
        behind = any(
            one.listener == other.listener and same_lane(one.kind, one.audience, other.kind, other.audience)
            for other in stuck
        )
        if not meant or behind:
            stuck.append(one)
            continue
        listener = next((each for each in listeners.get(one.kind, ()) if name_of(each) == one.listener), None)
        error: Exception | None = NoParkedFact(f"no listener is called {one.listener} now")
        if listener is not None:
            error = await _try(tx, listener, [one.fact])
        if error is None:
            await _remove(tx, one)
            heard += 1
        else:
            await _note_failure(tx, one, error)
            stuck.append(one)
    return Retried(heard, len(stuck))


async def drop_parked(tx: Tx, fact: int, listener: str | None = None) -> list[Parked]:
    """Give up on a fact that failed: its listener (or all that failed at it) never hears it.

    What waited behind it is next; `retry_parked` lets it be heard. Raises NoParkedFact.
    """
    await wait_lock(tx, Only.RELAY)
    chosen = [
        one
        for one in await see_parked(tx.connection)
        if one.id == fact and one.state == "failed" and listener in (None, one.listener)
    ]
    if not chosen:
        raise NoParkedFact(fact)
    await tx.connection.execute(
        "UPDATE fact_parked SET state = 'dropped' WHERE id = $1 AND listener = ANY($2::text[])",
        fact,
        [one.listener for one in chosen],
    )
    return chosen


async def _remove(tx: Tx, one: Parked) -> None:
    await tx.connection.execute(
        "DELETE FROM fact_parked WHERE id = $1 AND listener = $2", one.id, one.listener
    )


async def _note_failure(tx: Tx, one: Parked, error: Exception) -> None:
    await tx.connection.execute(
        """
        UPDATE fact_parked SET state = 'failed', tries = tries + 1, error = $3
        WHERE id = $1 AND listener = $2
        """,
        one.id,
        one.listener,
        _words(error),
    )


PARKED_LAW = Law(
    "no fact is parked: every listener heard every fact",
    "SELECT id, listener, kind, state, error FROM fact_parked WHERE state <> 'dropped' ORDER BY id",
)
