"""Work of chat by the clock."""

from wufu.chat.verbs import reading, safety
from wufu.db import Job, in_transaction

SWEEP_SECONDS = 600


def jobs() -> list[Job]:
    """Forget what is over: who looked at what, old times of reading, invitations."""
    return [
        Job("sweep reading", SWEEP_SECONDS, in_transaction(reading.sweep)),
        Job("sweep invitations", SWEEP_SECONDS, in_transaction(safety.sweep)),
    ]
