"""Reading what comes in: one JSON reader for both doors, and one for each verb.

JSON can say things that no column can hold: numbers beyond 64 bits, and the character U+0000, which
PostgreSQL's text does not have. A request with one of them is malformed here, at the door, and not an error
of the database deep inside a batch, where it would cost its neighbours a second try.

A verb's body is decoded straight into its request: what it may hold, what it must not, and that it says
nothing of who asks, is compiled once into a type without the field `person`.
"""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import msgspec
from msgspec import inspect

from wufu.core.ids import PersonId
from wufu.core.refusals import BodyTooLarge, MalformedBody

LARGEST_BODY = 16 * 1024

MOST = 1 << 63


def read_json(body: bytes) -> object:
    """The value of a JSON text. Refusal malformed_body: no JSON, or a value that nothing here can keep."""
    value = _decoded(msgspec.json.decode, body)
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


class BodyReader:
    """Reads the bodies of one verb into its `request`, a msgspec.Struct with a field `person`."""

    def __init__(self, request: type[Any]) -> None:
        fields = [field for field in msgspec.structs.fields(request) if field.name != "person"]
        # A misspelt optional field would silently mean something else; who asks is not for the body to say.
        body = msgspec.defstruct(
            request.__name__, [_defined(field) for field in fields], forbid_unknown_fields=True, kw_only=True
        )
        self._request = request
        self._decode = msgspec.json.Decoder(body).decode
        self._in_range = all(_keeps_in_range(inspect.type_info(field.type)) for field in fields)
        kinds = {parameter.kind for parameter in signature(request).parameters.values()}
        self._in_order = (
            Parameter.KEYWORD_ONLY not in kinds and next(iter(request.__struct_fields__)) == "person"
        )

    def read(self, person: PersonId, body: bytes) -> Any:
        """The request in a body, asked by `person`. Refusals: malformed_body, body_too_large."""
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge(bytes=len(body), most=LARGEST_BODY)
        if not self._in_range or b"\\u0000" in body:
            read_json(body)
        said = _decoded(self._decode, body)
        if self._in_order:
            return self._request(person, *msgspec.structs.astuple(said))
        return self._request(person=person, **msgspec.structs.asdict(said))


def _decoded(decode: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why, _, where = str(error).partition(" - at `")
        raise MalformedBody(where=where.rstrip("`") or "$", why=why[:200]) from error


def _defined(field: msgspec.structs.FieldInfo) -> tuple[str, Any, Any]:
    """The same field for another struct."""
    name = field.encode_name
    if field.default is not msgspec.NODEFAULT:
        return field.name, field.type, msgspec.field(name=name, default=field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return field.name, field.type, msgspec.field(name=name, default_factory=field.default_factory)
    return field.name, field.type, msgspec.field(name=name)


def _keeps_in_range(kind: inspect.Type) -> bool:
    """Whether a type is one of the few simple ones that let in no integer beyond 64 bits."""
    match kind:
        case inspect.IntType(ge=least, le=most):
            return least is not None and most is not None and least >= -MOST and most < MOST
        case inspect.UnionType(types=kinds):
            return all(map(_keeps_in_range, kinds))
        case (
            inspect.StrType()
            | inspect.UUIDType()
            | inspect.BoolType()
            | inspect.NoneType()
            | inspect.LiteralType()
        ):
            return True
    return False
