"""What the console does by the clock: check all laws, and keep the points of live curves."""

from collections.abc import Sequence

from wufu.console.verbs import check_all_laws, sample_nights
from wufu.db import Database, Job, Law, in_transaction

CHECK_SECONDS = 300.0
SAMPLE_SECONDS = 1.0


def jobs(laws: Sequence[Law]) -> list[Job]:
    """The console's jobs; `laws` are those of every domain."""

    async def check(database: Database) -> None:
        await check_all_laws(database, laws)

    return [
        Job("check all laws", CHECK_SECONDS, check),
        Job("sample nights", SAMPLE_SECONDS, in_transaction(sample_nights)),
    ]
