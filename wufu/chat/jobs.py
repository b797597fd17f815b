"""Work of chat by the clock."""

from wufu.chat.verbs import reading, safety, talk
from wufu.db import Job, in_transaction

SWEEP_SECONDS = 600
TALK_SECONDS, ALL_TALK_SECONDS = 60, 3600


def jobs() -> list[Job]:
    """Forget what is over: who looked at what, old times of reading, invitations. Say who talked to whom."""
    return [
        Job("sweep reading", SWEEP_SECONDS, in_transaction(reading.sweep)),
        Job("sweep invitations", SWEEP_SECONDS, in_transaction(safety.sweep)),
        Job("announce talk", TALK_SECONDS, talk.announce_talk),
        Job("announce all talk", ALL_TALK_SECONDS, talk.announce_all_talk),
    ]
