"""What is kept of a person: shown in an export, taken away when the account goes.

Every domain lists its places in `personal.py`, as it lists its laws in `audit.py`. A test walks through the
schema: no column with a person's number may be in nobody's list.
"""

from collections.abc import AsyncIterator, Sequence

import msgspec

from wufu.core.ids import PersonId
from wufu.db.tx import Connection, Tx

ROWS_AT_ONCE = 500


class Personal(msgspec.Struct, frozen=True):
    """One place: its name in an export, its rows of person `$1`, and statements that take them away.

    Without statements the rows stay, because they are others' as well or the ledger's; `stays` says why.
    """

    name: str
    rows: str
    erase: tuple[str, ...] = ()
    stays: str = ""


async def rows_of(
    connection: Connection, place: Personal, person: PersonId
) -> AsyncIterator[list[dict[str, object]]]:
    """The rows of one place in portions, by a cursor: the connection is in a transaction."""
    portion: list[dict[str, object]] = []
    async for row in connection.cursor(place.rows, person, prefetch=ROWS_AT_ONCE):
        portion.append(dict(row))
        if len(portion) == ROWS_AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


async def erase(tx: Tx, places: Sequence[Personal], person: PersonId) -> None:
    """Take away what is kept of a person in these places."""
    for place in places:
        for statement in place.erase:
            await tx.connection.execute(statement, person)
