"""Lists of pairs as the columns that `unnest` takes."""

from collections.abc import Iterable

from wufu.core.ids import PersonId
from wufu.ties.model import Pair


def columns(pairs: Iterable[Pair]) -> tuple[list[PersonId], list[PersonId]]:
    """The ones and the others of some pairs."""
    listed = list(pairs)
    return [one for one, _ in listed], [other for _, other in listed]
