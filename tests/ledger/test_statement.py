"""What people read: balances now and then, statements with running balances, who holds a full set."""

import itertools
from uuid import UUID

import pytest

from tests.conftest import TestClock
from wufu.core.ids import GroupId
from wufu.db import Database
from wufu.ledger import (
    Account,
    Entry,
    Group,
    Transfer,
    balance_at,
    balances,
    holders_of_all,
    issued,
    post,
    statement,
)

WORLD = Account("world", "world", "CNY", may_overdraw=True)
ANN, BOB = (Account(f"person/{number}", "money", "CNY") for number in (1, 2))


async def move(database: Database, number: int, *moves: tuple[Account, Account, int]) -> None:
    transfers = tuple(Transfer(*what, f"reason {number}") for what in moves)
    await database.run(lambda tx: post(tx, [Group(GroupId(UUID(int=number)), transfers)]), actor="test")


async def test_a_statement_is_newest_first_with_the_balance_after_each_line(
    database: Database, clock: TestClock
) -> None:
    await move(database, 1, (WORLD, ANN, 10))
    clock.advance(seconds=1)
    await move(database, 2, (ANN, BOB, 4))
    await move(database, 3, (BOB, ANN, 1))
    async with database.read() as connection:
        entries = await statement(connection, ANN)
    assert [(entry.minor, entry.balance_minor, entry.holder, entry.purpose) for entry in entries] == [
        (1, 7, "person/2", "money"),
        (-4, 6, "person/2", "money"),
        (10, 10, "world", "world"),
    ]
    assert [entry.group for entry in entries] == [UUID(int=3), UUID(int=2), UUID(int=1)]
    assert [entry.reason for entry in entries] == ["reason 3", "reason 2", "reason 1"]
    assert [(clock.now - entry.at).total_seconds() for entry in entries] == [0, 0, 1]


async def test_pages_of_a_statement_join_without_a_gap_or_a_repeat(database: Database) -> None:
    await move(database, 1, (WORLD, ANN, 1000))
    for number in range(2, 25):
        await move(database, number, (ANN, BOB, number), (BOB, ANN, 1))
    async with database.read() as connection:
        whole = await statement(connection, ANN, limit=1000)
        pages: list[Entry] = []
        while page := await statement(connection, ANN, before=pages[-1].seq if pages else None, limit=7):
            pages += page
    assert pages == whole
    assert len(whole) == 47
    assert whole[-1].balance_minor == 1000
    assert [entry.seq for entry in whole] == sorted((entry.seq for entry in whole), reverse=True)
    assert all(
        newer.balance_minor == older.balance_minor + newer.minor  # type: ignore[operator]
        for newer, older in itertools.pairwise(whole)
    )


async def test_an_account_that_may_overdraw_has_a_statement_without_balances(database: Database) -> None:
    await move(database, 1, (WORLD, ANN, 10))
    async with database.read() as connection:
        (entry,) = await statement(connection, WORLD)
    assert (entry.minor, entry.balance_minor) == (-10, None)


async def test_a_statement_of_nothing_is_empty(database: Database) -> None:
    async with database.read() as connection:
        assert await statement(connection, ANN) == []
        assert await balances(connection, []) == []


async def test_a_past_balance_is_what_was_held_then(database: Database, clock: TestClock) -> None:
    start = clock.now
    await move(database, 1, (WORLD, ANN, 10))
    clock.advance(seconds=10)
    await move(database, 2, (ANN, BOB, 4))
    clock.advance(seconds=10)
    await move(database, 3, (BOB, ANN, 1))
    async with database.read() as connection:
        for seconds, expected in ((-1, 0), (0, 10), (9, 10), (10, 6), (19, 6), (20, 7), (999, 7)):
            clock.now = start
            clock.advance(seconds=seconds)
            assert await balance_at(connection, ANN, clock.now) == expected, seconds
        assert await balance_at(connection, WORLD, clock.now) == -10


async def test_what_a_mint_issued_is_what_it_gave_less_what_came_back(database: Database) -> None:
    mint = Account("fortune/gala/mint", "world", "gala/jing", may_overdraw=True)
    ann = Account("person/1", "card", "gala/jing")
    async with database.read() as connection:
        assert await issued(connection, mint) == 0
    await move(database, 1, (mint, ann, 5))
    await move(database, 2, (ann, mint, 2))
    async with database.read() as connection:
        assert await issued(connection, mint) == 3
        assert await balances(connection, [mint, ann]) == [-3, 3]


async def test_a_full_set_is_one_of_each(database: Database) -> None:
    assets = [f"gala/{name}" for name in ("a", "b", "c")]
    mints = {asset: Account("mint", "world", asset, may_overdraw=True) for asset in assets}
    given = {"person/1": "abc", "person/2": "aab", "person/3": "abcabc", "person/10": "abc", "person/4": "c"}
    number = 0
    for holder, letters in given.items():
        for letter in letters:
            number += 1
            asset = f"gala/{letter}"
            await move(database, number, (mints[asset], Account(holder, "card", asset), 1))
    # A card given away is not held, and one shown is not one held.
    card = Account("person/10", "card", "gala/c")
    await move(database, 98, (card, Account("person/2", "card", "gala/c"), 1))
    await move(database, 99, (mints["gala/a"], Account("person/4", "shown", "gala/a"), 1))
    async with database.read() as connection:
        three = {"person/1", "person/2", "person/3"}
        assert set(await holders_of_all(connection, "card", assets)) == three
        assert set(await holders_of_all(connection, "card", [*assets, "gala/a"])) == three
        assert set(await holders_of_all(connection, "card", ["gala/c"])) == three | {"person/4"}
        assert len(await holders_of_all(connection, "card", assets)) == 3
        assert await holders_of_all(connection, "card", [*assets, "gala/none"]) == []
        assert await holders_of_all(connection, "card", []) == []


async def test_an_account_keeps_to_what_it_was_opened_as(database: Database) -> None:
    await move(database, 1, (WORLD, ANN, 10))
    overdrawing_ann = Account(ANN.holder, ANN.purpose, ANN.asset, may_overdraw=True)
    limited_world = Account(WORLD.holder, WORLD.purpose, WORLD.asset)
    with pytest.raises(ValueError, match="may not overdraw"):
        await move(database, 2, (overdrawing_ann, BOB, 50))
    with pytest.raises(ValueError, match="that may overdraw"):
        await move(database, 3, (ANN, limited_world, 1))
