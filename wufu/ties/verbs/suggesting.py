"""People one may know. What keeps somebody from being suggested is decided here and in the store's walk."""

from collections.abc import Mapping
from datetime import datetime

from wufu.core.ids import PersonId
from wufu.core.refusals import UnknownPerson
from wufu.db import Connection, Tx
from wufu.people import see_findable_people, see_people
from wufu.ties.model import TieToSelf
from wufu.ties.store import board as boards
from wufu.ties.store import near
from wufu.ties.suggestion import (
    DISMISSED_FOR,
    MOST_ALSO,
    MOST_DISMISSED,
    MOST_SUGGESTED,
    MOST_WALKED,
    NOTHING,
    Evidence,
    Suggestion,
    TooManyDismissed,
    rank,
    reasons,
)

SPARE = 5
"""Candidates looked up beyond those wanted: some of them are not to be found."""


async def suggest(
    connection: Connection,
    person: PersonId,
    limit: int = 20,
    *,
    now: datetime,
    also: Mapping[PersonId, Evidence] | None = None,
) -> list[Suggestion]:
    """People one may know, the best first, at most 50; `suggestion.py` tells the score and what bounds it.

    `also` is what the caller knows of candidates besides mutual friends, at most 500 of them. Never among the
    answers: friends, who asks or was asked, blocks either way, who was dismissed within 90 days, who does not
    let themselves be suggested or found. Who hides their friends is not judged by them.
    """
    wanted = max(0, min(limit, MOST_SUGGESTED))
    if not wanted:
        return []
    known = dict(list((also or {}).items())[:MOST_ALSO])
    found = await near.near(connection, person, MOST_WALKED, now - DISMISSED_FOR, list(known))
    ranked = rank(found, known)
    shown: list[Suggestion] = []
    for start in range(0, len(ranked), wanted + SPARE):
        some = ranked[start : start + wanted + SPARE]
        views = await see_findable_people(connection, [one.person for one in some])
        shown += [
            Suggestion(
                one.person, view.name, view.avatar, one.mutual, reasons(one, known.get(one.person, NOTHING))
            )
            for one in some
            if (view := views.get(one.person)) is not None
        ]
        if len(shown) >= wanted:
            break
    return shown[:wanted]


async def dismiss(tx: Tx, person: PersonId, other: PersonId) -> None:
    """Do not suggest somebody for 90 days. Refusals: tie_to_self, unknown_person, too_many_dismissed."""
    await _check(tx.connection, person, other)
    await boards.lock(tx.connection, [person])
    if await near.count_dismissed(tx.connection, person) >= MOST_DISMISSED:
        raise TooManyDismissed(most=MOST_DISMISSED)
    await near.dismiss(tx.connection, person, other, tx.now)


async def restore(tx: Tx, person: PersonId, other: PersonId) -> None:
    """Take a dismissal back. Refusals: tie_to_self, unknown_person."""
    await _check(tx.connection, person, other)
    await near.restore(tx.connection, person, other)


async def _check(connection: Connection, person: PersonId, other: PersonId) -> None:
    if person == other:
        raise TieToSelf(person=person)
    if other not in await see_people(connection, [other]):
        raise UnknownPerson(person=other)
