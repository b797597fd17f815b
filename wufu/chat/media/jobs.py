"""Media by the clock: uploads that were never sent go after a day."""

from wufu.chat.media import verbs
from wufu.db import Job, in_transaction


def jobs() -> list[Job]:
    """The work of media by the clock."""
    return [Job("sweep unsent media", 60, in_transaction(verbs.sweep))]
