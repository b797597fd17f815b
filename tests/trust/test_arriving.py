"""Marks of devices and networks: what is kept of a sign-in, for how long, and what floods are refused."""

import asyncio

import pytest

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from tests.trust.acts import KEY, arrive, device, make_accounts, phone, suspected
from wufu.db import Database
from wufu.trust import TooManyAccounts, export_person, forget_person, sweep
from wufu.trust.marks import marks_of, network_prefix
from wufu.trust.model import MOST_MADE_BY_NETWORK


async def rows(database: Database, table: str) -> list[dict[str, object]]:
    async with database.read() as connection:
        return [dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")]


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:7:9::1", "2001:db8:7::/48"),
        ("127.0.0.1", None),
        ("::1", None),
        ("0.0.0.0", None),
        ("fe80::1%eth0", None),
        ("224.0.0.1", None),
        ("", None),
        ("testclient", None),
        ("1.2.3.4.5", None),
        ("9" * 1000, None),
    ],
)
def test_an_address_is_a_prefix_or_nothing(address: str, prefix: str | None) -> None:
    assert network_prefix(address) == prefix


def test_a_mark_is_a_keyed_hash() -> None:
    [its_device, network] = marks_of(KEY, device("a"), "203.0.113.77")
    assert (its_device.kind, network.kind) == ("device", "network")
    assert marks_of(KEY, device("a"), "203.0.113.200") == [its_device, network]
    other = marks_of(bytes(32), device("a"), "203.0.113.77")
    assert {one.mark for one in other}.isdisjoint({its_device.mark, network.mark})
    for malformed in ("", "x", device("a").upper(), device("a") + "\n", "' OR 1=1", "\ud800" * 36):
        assert marks_of(KEY, malformed, "") == []


async def test_a_sign_in_leaves_marks_and_no_names_of_devices_or_networks(database: Database) -> None:
    async with phone(database, "tablet", "203.0.113.77") as first:
        person = await first.register("tablet.0", "Ada")
    async with phone(database, "other", "203.0.113.200") as again:
        await again.post("/api/people/sign-in", login="tablet.0", password="correct horse")
    marks = await rows(database, "trust_mark")
    assert sorted((row["kind"], row["made_here"]) for row in marks) == [
        ("device", False),
        ("device", True),
        ("network", True),
    ]
    assert {row["person"] for row in marks} == {person}
    kept = repr([marks, await rows(database, "trust_made"), await rows(database, "trust_person")])
    for secret in (device("tablet"), device("other"), "203.0.113", "tablet"):
        assert secret not in kept


async def test_a_program_without_a_device_signs_in_all_the_same(database: Database) -> None:
    async with phone(database, "", "127.0.0.1") as one:
        assert await one.register("ada", "Ada")
    assert await rows(database, "trust_mark") == []
    assert len(await rows(database, "trust_person")) == 1


async def test_a_device_makes_five_accounts_a_day(database: Database, clock: TestClock) -> None:
    await make_accounts(database, clock, 5, "tablet")
    async with phone(database, "tablet") as one:
        answer = await one.post("/api/people/register", login="sixth", password="correct horse", name="六")
        assert answer == "429 too_many_accounts"
        assert await one.get("/api/me") == "401 not_signed_in"
    async with phone(database, "another") as one:
        assert await one.register("sixth", "六"), "the login was not taken by the refused one"
    clock.advance(days=1)
    async with phone(database, "tablet") as one:
        assert await one.register("seventh", "七")


async def test_accounts_made_at_once_are_counted_in_turn(database: Database) -> None:
    people = await some_people(database, 12, "imported")
    answers = await asyncio.gather(
        *(arrive(database, person, "farm", "203.0.113.7") for person in people), return_exceptions=True
    )
    assert sum(isinstance(answer, TooManyAccounts) for answer in answers) == 7
    assert {row["accounts"] for row in await rows(database, "trust_made")} == {5}


async def test_a_school_of_hundreds_may_register_and_a_flood_may_not(database: Database) -> None:
    [person, late] = await some_people(database, 2, "imported")
    await arrive(database, person, "", "203.0.113.7")
    async with database.pool.acquire() as connection:
        await connection.execute("UPDATE trust_made SET accounts = $1", MOST_MADE_BY_NETWORK - 1)
    await arrive(database, person, "", "203.0.113.8")
    with pytest.raises(TooManyAccounts):
        await arrive(database, late, "", "203.0.113.9")
    await arrive(database, late, "", "203.0.113.9", registered=False)


async def test_marks_are_forgotten_thirty_days_after_their_last_use(
    database: Database, clock: TestClock
) -> None:
    [person] = await make_accounts(database, clock, 1, "tablet")
    clock.advance(days=20)
    await arrive(database, person, "tablet", "198.51.100.7", registered=False)
    clock.advance(days=29)
    await do(database, sweep)
    assert len(await rows(database, "trust_mark")) == 2
    assert await rows(database, "trust_made") == [], "who made how many is 49 days old"
    clock.advance(days=2)
    await do(database, sweep)
    assert await rows(database, "trust_mark") == []


async def test_who_leaves_takes_their_marks_along_but_not_the_count(
    database: Database, clock: TestClock
) -> None:
    [person] = await make_accounts(database, clock, 1, "tablet")
    async with database.read() as connection:
        kept = await export_person(connection, person)
    assert [one["kind"] for one in kept["devices_and_networks"]] == ["device", "network"]  # type: ignore[attr-defined]
    assert "mark" not in repr(kept), "the hash would tell a person which accounts share their device"
    await do(database, forget_person, person)
    assert await rows(database, "trust_mark") == []
    assert {row["accounts"] for row in await rows(database, "trust_made")} == {1}


async def test_nothing_of_it_is_shown_to_other_people(database: Database, clock: TestClock) -> None:
    """Every route that shows a person to another is silent about devices, networks and suspicion."""
    from_farm = await make_accounts(database, clock, 2, "farm", "203.0.113.7")
    async with phone(database, "mine") as me:
        await me.register("ada", "Ada")
        paths = (
            "/api/people/find?q=甲0",
            f"/api/people/find?person={from_farm[0]}",
            "/api/ties",
            "/api/trust/mine",
            "/api/people/devices",
        )
        before = [repr(await me.get(path)) for path in paths]
        await suspected(database, from_farm)
        assert [repr(await me.get(path)) for path in paths] == before
        assert await me.get("/api/trust/mine") == {
            "looked_at": False,
            "since": None,
            "can_ask": False,
            "asked_at": None,
        }
        assert await me.post("/api/trust/ask-for-review", words="why?") == "409 not_looked_at"
        assert await me.post("/api/trust/ask-for-review", words=7) == "422 malformed_body"
        assert await me.get(f"/api/trust/cases/{from_farm[0]}") == "404 not_found"
