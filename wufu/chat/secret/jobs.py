"""Secrets by the clock: what phones did not burn, what nobody opened, keys of sessions that ended.

Also the one decision that an installation makes about secrets, at its first start.
"""

import logging
import os
from collections.abc import Mapping

from wufu.chat.secret import devices, store, verbs
from wufu.db import Database, Job, Tx, in_transaction

log = logging.getLogger("wufu.secret")

VARIABLE = "WUFU_SECRET_RETENTION_DAYS"
MOST_DAYS = 365
DAY = 86_400


def jobs() -> list[Job]:
    """The work of secrets by the clock."""
    return [
        Job("burn secrets", 1, in_transaction(verbs.burn_due)),
        Job("release held secrets", 60, in_transaction(verbs.release_held)),
        Job("sweep device keys", 600, in_transaction(devices.sweep)),
    ]


async def settle_policy(database: Database, environment: Mapping[str, str] = os.environ) -> int:
    """Settle at the first start whether burnt ciphertext is held, and for how long; the seconds that stand.

    Later starts change nothing, whatever the environment says: people were told what was promised. ValueError
    when the variable is no number of days from 0 to 365.
    """
    text = environment.get(VARIABLE, "0")
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST_DAYS:
        raise ValueError(f"{VARIABLE} is a number of days from 0 to {MOST_DAYS}, not {text!r}")
    wanted = int(text) * DAY

    async def work(tx: Tx) -> int:
        return await store.settle_policy(tx.connection, wanted, tx.now)

    stands = await database.run(work, actor="system/secrets")
    if stands != wanted:
        log.warning(
            "%s says %s days, but this installation was set up with %s; that stands",
            VARIABLE,
            text,
            stands // DAY,
        )
    return stands
