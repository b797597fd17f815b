"""The heavy rooms, opened when somebody goes in: Parquet, the expressions' engine, the learners.

Together they cost seconds and some hundred megabytes, and a server that only serves needs none of them. So
the front door names them here, and nothing imports them before they are asked for.
"""

from importlib import import_module
from typing import Any

ROOMS = {
    name: f"wufu.insight.{name}"
    for name in (
        "engine",
        "expressions",
        "parquet",
        "recommend",
        "ranking",
        "survival",
    )
}


def room(name: str) -> Any:
    """One of the heavy modules, imported now if it was not yet."""
    return import_module(ROOMS[name])
