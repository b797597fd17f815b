"""Hand-made facts as files: what tests of the expressions stand on."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from wufu.core.ids import PersonId
from wufu.insight.facts import Row, act, day_number, joined, tie_born
from wufu.insight.parquet import encode

START = datetime(2016, 2, 1, 4, tzinfo=UTC)
DAY_0 = day_number(START)


def at(day: float) -> datetime:
    """So many days after the start, at noon in China."""
    return START + timedelta(days=day)


def born(a: int, b: int, day: float = 0, cause: str = "asked", *, new: bool | None = True) -> Row:
    return tie_born(PersonId(a), PersonId(b), at(day), cause, new=new)


def did(a: int, b: int, day: float, word: str = "message", campaign: str | None = None) -> Row:
    return act(PersonId(a), PersonId(b), word, at(day), campaign=campaign)


def talked(a: int, b: int, *days: float) -> list[Row]:
    """Both did something towards each other on each of the days."""
    return [row for day in days for row in (did(a, b, day), did(b, a, day))]


def ended(a: int, b: int, day: float) -> list[Row]:
    """A friendship ended: each is gone from the other's list."""
    one = Row("tie_ended", at(day), day_number(at(day)), PersonId(a), PersonId(b))
    return [one, msgspec.structs.replace(one, a=PersonId(b), b=PersonId(a))]


def plays(person: int, campaign: str = "gala", *, held_out: bool = False, day: float = 0) -> Row:
    return joined(PersonId(person), campaign, at(day), held_out=held_out)


def counted(a: int, b: int, *, rewarded: bool, campaign: str = "gala", day: float = 0) -> Row:
    return Row(
        "counted",
        at(day),
        day_number(at(day)),
        PersonId(a),
        PersonId(b),
        "threshold",
        campaign,
        flag=rewarded,
    )


def written(folder: Path, rows: Iterable[Row | Sequence[Row]]) -> list[Path]:
    """The rows in a file; lists among them are flattened."""
    flat = [row for one in rows for row in ([one] if isinstance(one, Row) else one)]
    listed = [{"number": number, **msgspec.structs.asdict(row)} for number, row in enumerate(flat, 1)]
    file = folder / "facts.parquet"
    file.write_bytes(encode(listed))
    return [file]
