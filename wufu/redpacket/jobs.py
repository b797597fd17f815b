"""Red packets by the clock: what was not opened in time goes back."""

from wufu.db import Job
from wufu.redpacket.verbs.returning import return_all_due


def jobs() -> list[Job]:
    return [Job("return red packets", 1.0, return_all_due)]
