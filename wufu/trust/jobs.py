"""Trust by the clock."""

from wufu import db
from wufu.db import Job
from wufu.trust.verbs.detecting import (
    count_priors,
    find_devices,
    find_groups,
    find_high_scores,
    find_pace,
    find_rings,
    sweep,
)


def jobs() -> list[Job]:
    """The searches, from the cheapest to the heaviest, the priors of the graph score, and forgetting."""
    return [
        Job("suspect devices", 60, find_devices),
        Job("suspect pace", 60, find_pace),
        Job("suspect scores", 60, find_high_scores),
        Job("suspect lockstep", 600, find_groups),
        Job("suspect circles", 600, find_rings),
        Job("count trust priors", 3600, count_priors),
        Job("sweep trust", 3600, db.in_transaction(sweep)),
    ]
