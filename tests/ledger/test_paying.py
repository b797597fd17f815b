"""Paying out: the same transfers and balances as posting the groups would make, or nothing at all."""

import asyncio
from collections.abc import Sequence
from functools import partial

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.test_races import race
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx, check_laws
from wufu.ledger import (
    LAWS,
    Account,
    AccountClosed,
    BadAmount,
    Group,
    NotEnough,
    Payout,
    Transfer,
    account_id,
    balances,
    close_account,
    named_group,
    numbered_group,
    pay_out,
    post,
    statement,
)
from wufu.ledger.payout import lay_out_bill

WORLD = Account("world", "world", "CNY", may_overdraw=True)
POT, JAR = Account("pot/1", "pot", "CNY"), Account("jar/2", "pot", "CNY")
PEOPLE = [Account(f"person/{number}", "money", "CNY") for number in range(1, 41)]
ANN, BOB, CEM = PEOPLE[:3]
CARD = Account("person/1", "card", "gala/jing")


def payout(
    targets: Sequence[Account],
    minors: Sequence[int],
    *,
    source: Account = POT,
    first: int = 0,
    reason: str = "opened",
) -> Payout:
    return Payout(source, ("packet", source.holder), first, targets, minors, reason)


async def give(database: Database, account: Account, minor: int) -> None:
    group = Group(named_group("given", account.holder), (Transfer(WORLD, account, minor, "seed"),))
    (answer,) = await database.run(lambda tx: post(tx, [group]), actor="test")
    assert not isinstance(answer, Refusal)


async def pay(database: Database, *payouts: Payout) -> None:
    await database.run(lambda tx: pay_out(tx, payouts), actor="test")


async def held(database: Database, *accounts: Account) -> list[int]:
    async with database.read() as connection:
        return await balances(connection, accounts)


async def transfers(database: Database) -> list[tuple[object, ...]]:
    async with database.borrow() as connection:
        rows = await connection.fetch(
            "SELECT group_id, ordinal, source, target, minor, reason FROM transfer ORDER BY group_id, ordinal"
        )
    return [tuple(row) for row in rows]


async def test_a_payout_leaves_the_same_rows_as_posting_its_groups(database: Database) -> None:
    await give(database, POT, 10_000)
    await give(database, JAR, 10_000)
    await give(database, ANN, 5)
    before = await transfers(database)
    minors = list(range(1, 41))
    await pay(database, payout(PEOPLE, minors, first=7), payout(PEOPLE[:3], [5, 6, 7], source=JAR))
    expected = [
        *before,
        *(
            (numbered_group(7 + place, "packet", POT.holder), 0, POT.id, one.id, minor, "opened")
            for place, (one, minor) in enumerate(zip(PEOPLE, minors, strict=True))
        ),
        *(
            (numbered_group(place, "packet", JAR.holder), 0, JAR.id, PEOPLE[place].id, 5 + place, "opened")
            for place in range(3)
        ),
    ]
    assert await transfers(database) == sorted(expected, key=lambda row: row[0].bytes)  # type: ignore[attr-defined]
    assert await held(database, POT, JAR) == [10_000 - sum(minors), 10_000 - 18]
    assert await held(database, *PEOPLE[:4]) == [5 + 1 + 5, 2 + 6, 3 + 7, 4]


async def test_an_account_is_opened_by_what_it_is_paid(database: Database) -> None:
    await give(database, POT, 100)
    await pay(database, payout([ANN, BOB], [40, 60]))
    assert await held(database, POT, ANN, BOB) == [0, 40, 60]
    async with database.read() as connection:
        (entry,) = await statement(connection, BOB)
    assert (entry.holder, entry.minor, entry.balance_minor) == (POT.holder, 60, 60)


async def test_who_is_closed_stops_all_of_it(database: Database) -> None:
    await give(database, POT, 100)
    await database.run(lambda tx: close_account(tx, BOB), actor="test")
    with pytest.raises(AccountClosed) as refused:
        await pay(database, payout([ANN, BOB, CEM], [1, 2, 3]))
    assert refused.value.facts == {"holder": BOB.holder}
    assert await held(database, POT, ANN, CEM) == [100, 0, 0]


async def test_a_closed_or_unknown_payer_pays_nothing(database: Database) -> None:
    with pytest.raises(NotEnough) as refused:
        await pay(database, payout([ANN, BOB], [1, 2]))
    assert (refused.value.facts["minor"], refused.value.facts["balance_minor"]) == (3, 0)
    await database.run(lambda tx: close_account(tx, POT), actor="test")
    with pytest.raises(AccountClosed):
        await pay(database, payout([ANN], [1]))
    assert await transfers(database) == []


async def test_no_payer_goes_below_zero(database: Database) -> None:
    await give(database, POT, 2)
    with pytest.raises(asyncpg.CheckViolationError):
        await pay(database, payout([ANN, BOB], [1, 2]))
    assert await held(database, POT, ANN) == [2, 0]


async def test_a_number_is_paid_once(database: Database) -> None:
    await give(database, POT, 100)
    await pay(database, payout([ANN, BOB], [1, 2]))
    with pytest.raises(asyncpg.UniqueViolationError):
        await pay(database, payout([CEM], [3], first=1))
    assert await held(database, POT, CEM) == [97, 0]


async def test_nothing_to_pay_is_nothing_done(database: Database) -> None:
    await pay(database)
    await pay(database, payout([], []))
    assert await transfers(database) == []


@pytest.mark.parametrize("minors", [[0, 1], [-1, 5], [2**62, 1], [2**80, 1]])
async def test_an_absurd_amount_is_refused(database: Database, minors: list[int]) -> None:
    await give(database, POT, 100)
    with pytest.raises(BadAmount):
        await pay(database, payout([ANN, BOB], minors))


@pytest.mark.parametrize(
    ("payouts", "why"),
    [
        ([payout([ANN], [1]), payout([BOB], [1], first=1, reason="other")], "one reason"),
        (
            [payout([ANN], [1]), payout([Account("a", "card", "x")], [1], source=Account("m", "m", "x"))],
            "one asset",
        ),
        ([payout([CARD], [1])], "same asset"),
        ([payout([WORLD], [1])], "counters"),
        ([payout([ANN], [1], source=WORLD)], "counters"),
        ([payout([ANN], [1], source=BOB), payout([BOB], [1])], "not paid"),
    ],
)
def test_what_does_not_belong_together_is_not_laid_out(payouts: list[Payout], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        lay_out_bill(payouts)


@pytest.mark.parametrize(("first", "minors"), [(-1, [1]), (1 << 62, [1]), (0, [1, 2])])
def test_a_payout_has_numbers_of_its_series_and_an_amount_for_everybody(
    first: int, minors: list[int]
) -> None:
    with pytest.raises(ValueError, match=r"series|amounts"):
        payout([ANN], minors, first=first)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 39), st.integers(1, 2**40)), min_size=1, max_size=30),
        min_size=1,
        max_size=4,
    )
)
def test_a_bill_counts_what_its_transfers_move(parts: list[list[tuple[int, int]]]) -> None:
    payouts = [
        payout(
            [PEOPLE[who] for who, _ in part],
            [minor for _, minor in part],
            source=Account(f"p/{n}", "e", "CNY"),
        )
        for n, part in enumerate(parts)
    ]
    bill = lay_out_bill(payouts)
    given: dict[bytes, int] = {}
    taken: dict[bytes, int] = {}
    for source, target, minor in zip(
        bill.sources.tolist(), bill.targets.tolist(), bill.minors.tolist(), strict=True
    ):
        given[bytes(target)] = given.get(bytes(target), 0) + minor
        taken[bytes(source)] = taken.get(bytes(source), 0) + minor
    counted = [bytes(one) for one in bill.counted.tolist()]
    assert counted == sorted({*given, *taken})
    assert dict(zip(counted, bill.credits.tolist(), strict=True)) == {
        one: given.get(one, 0) for one in counted
    }
    assert dict(zip(counted, bill.debits.tolist(), strict=True)) == {
        one: taken.get(one, 0) for one in counted
    }
    assert {
        (group, bytes(target), minor)
        for group, target, minor in zip(
            map(bytes, bill.group_ids.tolist()), bill.targets.tolist(), bill.minors.tolist(), strict=True
        )
    } == {
        (numbered_group(place, *one.series).bytes, account_id(target).bytes, minor)
        for one in payouts
        for place, (target, minor) in enumerate(zip(one.targets, one.minors, strict=True))
    }


async def test_two_that_pay_the_same_people_both_do(database: Database) -> None:
    """New accounts and old ones, the other way round: the second finds what the first left."""
    await give(database, POT, 1000)
    await give(database, JAR, 1000)
    await give(database, CEM, 1)
    there, back = payout(PEOPLE, [1] * 40), payout(PEOPLE[::-1], [2] * 40, source=JAR)

    async def work(tx: Tx, one: Payout) -> list[None]:
        await pay_out(tx, [one])
        return []

    await race(database, partial(work, one=there), partial(work, one=back))
    assert await held(database, POT, JAR) == [960, 920]
    assert await held(database, *PEOPLE[:3]) == [3, 3, 4]


async def test_many_payers_and_posters_at_once_lose_nothing(database: Database) -> None:
    await give(database, POT, 10_000)
    await give(database, JAR, 10_000)
    for one in PEOPLE[:10]:
        await give(database, one, 100)

    async def swap(number: int) -> None:
        one, other = PEOPLE[number % 10], PEOPLE[(number + 3) % 10]
        group = Group(named_group("swap", str(number)), (Transfer(one, other, 1, "swap"),))
        await database.run(lambda tx: post(tx, [group]), actor="test")

    acts = [swap(number) for number in range(40)]
    for source in (POT, JAR):
        acts += [
            pay(database, payout(PEOPLE[shift : shift + 10], [1] * 10, source=source, first=10 * shift))
            for shift in range(0, 30, 3)
        ]
    await asyncio.gather(*acts)
    assert await held(database, POT, JAR) == [9_900, 9_900]
    assert sum(await held(database, *PEOPLE)) == 1_200
    async with database.read() as connection:
        assert not [verdict for verdict in await check_laws(connection, LAWS) if verdict.violations]
