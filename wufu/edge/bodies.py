"""Reading what comes in: one JSON reader for both doors.

JSON can say things that no column can hold: numbers beyond 64 bits, and the character U+0000, which
PostgreSQL's text does not have. A request with one of them is malformed here, at the door, and not an error
of the database deep inside a batch, where it would cost its neighbours a second try.
"""

import msgspec

from wufu.core.refusals import MalformedBody

MOST = 1 << 63


def read_json(body: bytes) -> object:
    """The value of a JSON text. Refusal malformed_body: no JSON, or a value that nothing here can keep."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody(where="$", why=str(error)[:200]) from error
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            if "\0" in one:
                raise MalformedBody(where="$", why="The character U+0000 is not allowed")
        elif isinstance(one, dict):
            left += one
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif isinstance(one, int) and not -MOST <= one < MOST:
            raise MalformedBody(where="$", why="A number is out of range")
    return value
