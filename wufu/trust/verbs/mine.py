"""What somebody under review sees and may do, and forgetting somebody."""

from wufu.core.ids import PersonId
from wufu.db import Connection, Only, Tx, wait_lock
from wufu.trust.model import AlreadyAsked, NotLookedAt, Standing, clean_words
from wufu.trust.store import cases, signals


async def see_mine(connection: Connection, person: PersonId) -> Standing:
    """Whether one's rewards are being looked at, since when, and whether one may ask for a review.

    Nothing of why, and of nobody else: what gave a farm away would teach the next one.
    """
    rows = await cases.cases_of(connection, person)
    asked = [row["asked_at"] for row in rows if row["asked_at"] is not None]
    return Standing(
        bool(rows),
        min((row["held_at"] for row in rows), default=None),
        any(row["asked_at"] is None for row in rows),
        max(asked, default=None),
    )


async def ask_for_review(tx: Tx, person: PersonId, words: str) -> Standing:
    """Ask the operator to look again, once a case, in one's own words; their cases come first in the queue.

    The same words again are answered again. Refusals: bad_words, not_looked_at, already_asked.
    """
    words = clean_words(words)
    await wait_lock(tx, Only.TRUST)
    rows = await cases.cases_of(tx.connection, person)
    if not rows:
        raise NotLookedAt()
    unasked = [row["case"] for row in rows if row["asked_at"] is None]
    if not unasked and all(row["words"] != words for row in rows):
        raise AlreadyAsked()
    await cases.put_words(tx.connection, person, unasked, words, tx.now)
    return await see_mine(tx.connection, person)


async def forget_person(tx: Tx, person: PersonId) -> None:
    """Everything trust keeps about somebody who leaves; repeatable.

    How many accounts a device made stays counted for its 30 days, without saying whose: otherwise a farm
    would delete its accounts to make new ones. Decisions keep a number that nobody has any more.
    """
    await wait_lock(tx, Only.TRUST)
    await signals.forget(tx.connection, person)
    await cases.forget(tx.connection, person)


async def export_person(connection: Connection, person: PersonId) -> dict[str, object]:
    """What trust keeps about somebody, for their own export: times and counts, no hashes, no reasons."""
    kept = await signals.kept_about(connection, person)
    return {**kept, "reviews": await cases.suspicions_of(connection, person)}
