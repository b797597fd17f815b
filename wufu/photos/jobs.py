"""Photo packets by the clock: the author's hour, and midnight.

At midnight all photos of a day end: in portions, one transaction each, as many as there are.
"""

from collections.abc import Awaitable, Callable

from wufu.db import Database, Job, Tx
from wufu.photos.verbs.ending import AT_ONCE, credit_due, end_due


def _until_done(verb: Callable[[Tx], Awaitable[int]]) -> Callable[[Database], Awaitable[int]]:
    async def work(database: Database) -> int:
        total, done = 0, AT_ONCE
        while done == AT_ONCE:
            done = await database.run(verb, actor="system/photos")
            total += done
        return total

    return work


def jobs() -> list[Job]:
    """The work of photo packets by the clock."""
    return [
        Job("credit photos", 1, _until_done(credit_due)),
        Job("end photos", 1, _until_done(end_due)),
    ]
