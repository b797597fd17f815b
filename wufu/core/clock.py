"""The only place that reads the wall clock.

Everything else is handed a time: a transaction carries one `now`, a campaign
computes its own time from it. A tidy test holds that no other file asks.
"""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)
