"""Long arrays as text, for the hottest statements.

The driver asks of every element of an array whether it is itself an array, and calls a codec for it: 0.3 µs a
number. Written as text a number costs 0.1 µs here and next to nothing more in the database (decision 15).

Only for `unnest`: `$1::text::bigint[]` is read once there, but once for each row in a condition.
"""

from collections.abc import Iterable

import msgspec


def numbers_text(numbers: Iterable[int]) -> str:
    """`{1,2,3}`, for a parameter `$1::text::bigint[]`."""
    return "{" + msgspec.json.encode(list(numbers))[1:-1].decode() + "}"


def json_text(values: Iterable[object | None]) -> str:
    """`{null,"{\\"a\\":1}"}`, for a parameter `$1::text::jsonb[]`; None is NULL."""
    return "{" + ",".join(["null" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
