"""By the clock: whose time has come leaves."""

from wufu.db import Job
from wufu.privacy.verbs import leave_due

LEAVE_SECONDS = 30.0


def jobs() -> list[Job]:
    return [Job("let people leave", LEAVE_SECONDS, leave_due)]
