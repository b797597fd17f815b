"""Arrays as text: what PostgreSQL reads is what was written."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wufu.db import Database, json_text, numbers_text

values = st.none() | st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", 'b"', "c\\"]), inner),
    max_leaves=5,
)


@given(numbers=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=8), objects=st.lists(values, max_size=6))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_numbers_and_objects_come_back_as_they_were(
    database: Database, numbers: list[int], objects: list[object]
) -> None:
    async with database.borrow() as connection:
        rows = await connection.fetch(
            "SELECT number FROM unnest($1::text::bigint[]) AS number", numbers_text(numbers)
        )
        assert [row["number"] for row in rows] == numbers
        rows = await connection.fetch(
            "SELECT value FROM unnest($1::text::jsonb[]) AS value", json_text(objects)
        )
        assert [row["value"] for row in rows] == objects
