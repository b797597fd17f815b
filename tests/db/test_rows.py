"""Packed rows: the table holds what the driver would have put there."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wufu.db import Database, copy_rows, instant, numbers, text, uuids
from wufu.db.rows import pack_rows

AT = datetime(2016, 2, 7, 16, 18, 0, 123456, tzinfo=UTC)


async def test_packed_rows_read_as_they_were_meant(database: Database) -> None:
    ids = [UUID(int=0), UUID(int=2**128 - 1), uuid4()]
    async with database.borrow() as connection:
        await connection.execute(
            "CREATE TEMP TABLE kept"
            " (id uuid, small smallint, mid integer, big bigint, what text, at timestamptz)"
        )
        await copy_rows(
            connection,
            "kept",
            {
                "id": uuids(ids),
                "small": numbers([-(2**15), 0, 2**15 - 1], bits=16),
                "mid": numbers([-(2**31), 0, 2**31 - 1], bits=32),
                "big": numbers([-(2**63), 0, 2**63 - 1]),
                "what": text("红包 opened"),
                "at": instant(AT),
            },
            3,
        )
        rows = [tuple(row) for row in await connection.fetch("SELECT * FROM kept ORDER BY mid")]
    assert rows == [
        (ids[0], -(2**15), -(2**31), -(2**63), "红包 opened", AT),
        (ids[1], 0, 0, 0, "红包 opened", AT),
        (ids[2], 2**15 - 1, 2**31 - 1, 2**63 - 1, "红包 opened", AT),
    ]


async def test_one_value_stands_for_every_row_and_an_empty_text_is_no_null(database: Database) -> None:
    async with database.borrow() as connection:
        await connection.execute("CREATE TEMP TABLE same (a integer, b text NOT NULL)")
        await copy_rows(connection, "same", {"a": numbers(7, bits=32), "b": text("")}, 1000)
        assert await connection.fetchval("SELECT count(*) FROM same WHERE a = 7 AND b = ''") == 1000


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_counts_microseconds_from_2000(at: datetime) -> None:
    packed = pack_rows({"at": instant(at)}, 1)
    assert packed.startswith(b"PGCOPY\n\xff\r\n\0")
    microseconds = int.from_bytes(packed[-10:-2], signed=True)
    since = at - datetime(2000, 1, 1, tzinfo=UTC)
    assert microseconds == (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@pytest.mark.parametrize(("value", "bits"), [(2**15, 16), (-(2**31) - 1, 32), (2**63, 64), ([0, 2**31], 32)])
def test_a_number_that_does_not_fit_is_refused(value: int | list[int], bits: int) -> None:
    with pytest.raises(OverflowError):
        numbers(value, bits=bits)


def test_as_many_values_as_rows() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        pack_rows({"a": numbers([1, 2, 3])}, 2)
