"""Bodies are read straight into requests, and say neither who asks nor what no column can hold."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wufu.core.ids import PersonId
from wufu.core.refusals import MalformedBody
from wufu.edge import decode
from wufu.edge.bodies import BodyReader, read_json

ME = PersonId(17)


class Wish(msgspec.Struct, frozen=True):
    """With numbers that have no bounds of their own."""

    person: PersonId
    id: UUID
    minor: int
    words: str = "好"
    parts: list[int] = msgspec.field(default_factory=list)


class Bounded(msgspec.Struct, frozen=True):
    person: PersonId
    count: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    kind: Literal["a", "b"] = "a"
    name: str | None = None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """All fields by name, the person not first, one field with another name on the wire."""

    note: str = ""
    person: PersonId
    of: int = msgspec.field(name="from")


ID = "0198b2b0-0000-7000-8000-000000000001"


def test_a_body_becomes_the_request_itself_with_the_caller_in_it() -> None:
    assert decode(Wish, ME, f'{{"id":"{ID}","minor":5}}'.encode()) == Wish(ME, UUID(ID), 5)
    assert decode(Bounded, ME, b'{"count":1,"name":null,"kind":"b"}') == Bounded(ME, 1, "b")
    assert decode(Named, ME, b'{"from":3}') == Named(person=ME, of=3)


def test_a_default_list_is_nobodys_elses() -> None:
    reader = BodyReader(Wish)
    one, other = (reader.read(ME, f'{{"id":"{ID}","minor":5}}'.encode()) for _ in range(2))
    one.parts.append(1)
    assert other.parts == []


@pytest.mark.parametrize("name", ["person", "Person", "from_", "of", " ", "\\u0070erson"])
def test_a_body_does_not_say_who_asks_nor_anything_unknown(name: str) -> None:
    for request, body in ((Bounded, '"count":1'), (Named, '"from":1')):
        with pytest.raises(MalformedBody):
            decode(request, ME, f'{{{body},"{name}":18}}'.encode())
        with pytest.raises(MalformedBody):
            decode(request, ME, f'{{"{name}":18,{body}}}'.encode())


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, 10**400])
def test_a_number_that_no_column_holds_is_malformed_wherever_it_stands(number: int) -> None:
    for body in (f'"minor":{number}', f'"minor":1,"parts":[1,{number}]'):
        with pytest.raises(MalformedBody):
            decode(Wish, ME, f'{{"id":"{ID}",{body}}}'.encode())
    with pytest.raises(MalformedBody):
        decode(Bounded, ME, f'{{"count":{number}}}'.encode())


def test_the_largest_numbers_are_read() -> None:
    assert decode(Bounded, ME, f'{{"count":{2**63 - 1}}}'.encode()).count == 2**63 - 1
    assert decode(Wish, ME, f'{{"id":"{ID}","minor":{-(2**63)}}}'.encode()).minor == -(2**63)


def test_no_text_holds_the_character_zero_but_it_may_speak_of_it() -> None:
    for text in ("\\u0000", "a\\u0000b", "\\\\\\u0000"):
        with pytest.raises(MalformedBody):
            decode(Bounded, ME, f'{{"count":1,"name":"{text}"}}'.encode())
    assert decode(Bounded, ME, b'{"count":1,"name":"\\\\u0000"}').name == "\\u0000"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_what_a_verbs_reader_lets_in_the_general_reader_lets_in_too(value: object) -> None:
    for request, given_fields in (
        (Bounded, {"count": value}),
        (Wish, {"id": ID, "minor": 1, "words": value}),
    ):
        body = msgspec.json.encode(given_fields)
        try:
            decode(request, ME, body)
        except MalformedBody:
            continue
        read_json(body)
