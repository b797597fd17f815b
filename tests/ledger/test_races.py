"""Two real connections at once: exactly one wins, and nobody is paid twice."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from tests.conftest import TestClock
from wufu.core.ids import GroupId, HoldId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx
from wufu.ledger import (
    Account,
    Group,
    GroupConflict,
    Held,
    Hold,
    HoldEnded,
    NotEnough,
    Posted,
    Transfer,
    balances,
    close_account,
    expire_holds,
    place_holds,
    post,
    post_holds,
    void_holds,
)

WORLD = Account("world", "world", "CNY", may_overdraw=True)
MINT = Account("mint", "world", "CNY", may_overdraw=True)
ANN, BOB, CEM = (Account(f"person/{number}", "money", "CNY") for number in (1, 2, 3))


def group(number: int, *moves: tuple[Account, Account, int]) -> Group:
    return Group(GroupId(UUID(int=number)), tuple(Transfer(*move, "race") for move in moves))


async def give(database: Database, account: Account, minor: int, number: int = 1000) -> None:
    await database.run(lambda tx: post(tx, [group(number, (WORLD, account, minor))]), actor="test")


Verb = Callable[[Tx], Awaitable[Sequence[Any]]]


async def race(database: Database, *verbs: Verb) -> list[Sequence[Any]]:
    """Run transactions against each other: all have begun before any acts, and each keeps its locks."""
    barrier = asyncio.Barrier(len(verbs))

    def meeting(verb: Verb) -> Verb:
        met = False

        async def work(tx: Tx) -> Sequence[Any]:
            nonlocal met
            if not met:  # a retried transaction does not wait for one that is gone
                met = True
                await barrier.wait()
            answer = await verb(tx)
            await asyncio.sleep(0.05)  # the other one runs into our locks
            return answer

        return work

    return await asyncio.gather(*(database.run(meeting(verb), actor="test") for verb in verbs))


async def held_by(database: Database, *accounts: Account) -> list[int]:
    async with database.read() as connection:
        return await balances(connection, accounts)


async def test_money_is_spent_once(database: Database) -> None:
    await give(database, ANN, 10)
    answers = await race(
        database,
        lambda tx: post(tx, [group(1, (ANN, BOB, 7))]),
        lambda tx: post(tx, [group(2, (ANN, CEM, 7))]),
    )
    kinds = sorted(type(answer).__name__ for (answer,) in answers)
    assert kinds == ["NotEnough", "Posted"]
    assert sorted(await held_by(database, ANN, BOB, CEM)) == [0, 3, 7]


async def test_the_same_group_at_once_is_posted_once(database: Database) -> None:
    await give(database, ANN, 10)
    same = group(1, (ANN, BOB, 5))
    answers = await race(database, lambda tx: post(tx, [same]), lambda tx: post(tx, [same]))
    assert sorted(answer.again for (answer,) in answers) == [False, True]
    assert await held_by(database, ANN, BOB) == [5, 5]


async def test_the_same_group_at_once_between_accounts_without_locks_is_posted_once(
    database: Database,
) -> None:
    same = group(1, (WORLD, MINT, 5))
    answers = await race(database, lambda tx: post(tx, [same]), lambda tx: post(tx, [same]))
    assert sorted(answer.again for (answer,) in answers) == [False, True]
    assert await held_by(database, WORLD, MINT) == [-5, 5]


async def test_the_same_group_at_once_is_posted_once_also_when_it_takes_the_last_fen(
    database: Database,
) -> None:
    await give(database, ANN, 5)
    same = group(1, (ANN, BOB, 5))
    answers = await race(database, lambda tx: post(tx, [same]), lambda tx: post(tx, [same]))
    assert sorted(answer.again for (answer,) in answers) == [False, True]
    assert await held_by(database, ANN, BOB) == [0, 5]


async def test_one_id_for_two_contents_at_once_is_a_conflict_for_the_second(database: Database) -> None:
    await give(database, ANN, 10)
    await give(database, CEM, 10, number=1001)
    answers = await race(
        database,
        lambda tx: post(tx, [group(1, (ANN, BOB, 5))]),
        lambda tx: post(tx, [group(1, (CEM, BOB, 4))]),
    )
    (first,), (second,) = answers
    assert {type(first), type(second)} == {Posted, GroupConflict}
    assert await held_by(database, BOB) in ([5], [4])


async def test_two_that_open_the_same_accounts_both_succeed(database: Database) -> None:
    answers = await race(
        database,
        lambda tx: post(tx, [group(1, (WORLD, ANN, 5)), group(2, (WORLD, BOB, 1)), group(3, (ANN, CEM, 5))]),
        lambda tx: post(tx, [group(4, (WORLD, BOB, 7)), group(5, (WORLD, ANN, 2)), group(6, (ANN, CEM, 1))]),
    )
    assert not any(isinstance(answer, Refusal) for some in answers for answer in some)
    assert await held_by(database, ANN, BOB, CEM) == [1, 8, 6]


async def test_crossing_transfers_do_not_wait_for_each_other_forever(database: Database) -> None:
    await give(database, ANN, 100)
    await give(database, BOB, 100, number=1001)

    async def run(first: int, source: Account, target: Account) -> None:
        for number in range(first, first + 20):
            await database.run(partial(post, groups=[group(number, (source, target, 1))]), actor="test")

    await asyncio.gather(run(1, ANN, BOB), run(101, BOB, ANN), run(201, ANN, BOB), run(301, BOB, ANN))
    assert await held_by(database, ANN, BOB) == [100, 100]


async def test_an_account_that_is_closed_meanwhile_gets_nothing(database: Database) -> None:
    await database.run(
        lambda tx: post(tx, [group(1, (WORLD, ANN, 5)), group(2, (ANN, BOB, 5))]), actor="test"
    )

    async def close(tx: Tx) -> list[Refusal | None]:
        try:
            await close_account(tx, ANN)
        except Refusal as refusal:
            return [refusal]
        return [None]

    (closed,), (posted,) = await race(database, close, lambda tx: post(tx, [group(3, (BOB, ANN, 5))]))
    # Either order is right; both at once is not.
    assert isinstance(closed, Refusal) != isinstance(posted, Refusal)
    assert await held_by(database, ANN, BOB) == ([5, 0] if closed else [0, 5])


@pytest.mark.parametrize("rival", ["void", "expire", "post"])
async def test_exactly_one_ending_of_a_hold_wins(database: Database, clock: TestClock, rival: str) -> None:
    await give(database, ANN, 10)
    number = HoldId(UUID(int=7))
    hold = Hold(number, ANN, BOB, 6, clock.now + timedelta(seconds=60))
    await database.run(lambda tx: place_holds(tx, [hold]), actor="test")
    late = clock.now + timedelta(seconds=61)

    async def expire(tx: Tx) -> list[Held | Refusal]:
        tx.now = late
        return await expire_holds(tx)

    async def end(tx: Tx) -> list[Held | Refusal]:
        if rival == "void":
            return await void_holds(tx, [number])
        return await post_holds(tx, [(number, 2)])

    posted, others = await race(
        database, lambda tx: post_holds(tx, [(number, None)]), expire if rival == "expire" else end
    )
    (first,) = posted
    if isinstance(first, Held):
        # An expiry passes over a hold that somebody is ending; any other rival is told.
        assert all(isinstance(other, HoldEnded) for other in others)
        assert await held_by(database, ANN, BOB) == [4, 6]
    else:
        assert isinstance(first, HoldEnded)
        assert await held_by(database, ANN, BOB) == ([8, 2] if rival == "post" else [10, 0])


async def test_two_that_place_the_same_hold_set_it_aside_once(database: Database, clock: TestClock) -> None:
    await give(database, ANN, 10)
    hold = Hold(HoldId(UUID(int=7)), ANN, BOB, 6, clock.now + timedelta(seconds=60))
    answers = await race(database, lambda tx: place_holds(tx, [hold]), lambda tx: place_holds(tx, [hold]))
    assert sorted(answer.again for (answer,) in answers) == [False, True]
    assert await held_by(database, ANN, hold.pending) == [4, 6]


async def test_a_crowd_on_one_pool_gets_exactly_what_is_in_it(database: Database) -> None:
    await give(database, ANN, 100)

    async def take(first: int) -> list[Posted | Refusal]:
        wishes = [group(number, (ANN, BOB, 3)) for number in range(first, first + 10)]
        return await database.run(lambda tx: post(tx, wishes), actor="test")

    answers = [answer for some in await asyncio.gather(*map(take, range(1, 100, 10))) for answer in some]
    assert sum(isinstance(answer, Posted) for answer in answers) == 33
    assert sum(isinstance(answer, NotEnough) for answer in answers) == 67
    assert await held_by(database, ANN, BOB) == [1, 99]
