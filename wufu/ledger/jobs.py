"""What the ledger does by the clock: sealing, and returning holds whose time is over."""

from wufu.db import Job, in_transaction
from wufu.ledger.chain import seal
from wufu.ledger.verbs import expire_holds


def jobs() -> list[Job]:
    return [Job("seal transfers", 5, seal), Job("expire holds", 5, in_transaction(expire_holds))]
