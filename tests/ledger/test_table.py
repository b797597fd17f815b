"""What posting, closing and holding do, case by case; posting one by one and in batches."""

import pytest

from tests.conftest import TestClock
from tests.ledger.table import run_table
from wufu.db import Database

POSTING = {
    "money comes from the world and moves on": """
        world -> ann 10       ok
        ann -> bob 4          ok
        = ann 6, bob 4, world -10
    """,
    "all of it may go, not one more": """
        world -> ann 10       ok
        ann -> bob 11         not_enough 10
        ann -> bob 10         ok
        ann -> bob 1          not_enough 0
        = ann 0, bob 10
    """,
    "an account nobody opened holds nothing": """
        ann -> bob 1          not_enough 0
        = ann 0, bob 0, nobody 0
    """,
    "a later group spends what an earlier one brought": """
        ann -> bob 5          not_enough 0
        world -> ann 5        ok
        ann -> bob 5          ok
        bob -> cem 5          ok
        = ann 0, bob 0, cem 5
    """,
    "the transfers of a group see each other, in order": """
        world -> ann 5; ann -> bob 5; bob -> cem 5    ok
        world -> dan 5        ok
        eve -> fay 5; dan -> eve 5                    not_enough 0
        dan -> eve 5; eve -> fay 5                    ok
        = ann 0, bob 0, cem 5, dan 0, eve 0, fay 5
    """,
    "a group happens whole or not at all": """
        world -> ann 10       ok
        ann -> bob 4; ann -> cem 4; ann -> dan 4      not_enough 2
        = ann 10, bob 0, cem 0, dan 0
        ann -> bob 4; ann -> cem 4; ann -> dan 2      ok
        = ann 0, bob 4, cem 4, dan 2
    """,
    "a refused group takes nothing from those after it": """
        world -> ann 5        ok
        ann -> bob 5; bob -> cem 6                    not_enough 5
        ann -> dan 5          ok
        = ann 0, bob 0, cem 0, dan 5
    """,
    "a swap moves both cards or none": """
        mint@jing -> ann@jing 1     ok
        mint@fu -> bob@fu 1         ok
        ann@jing -> bob@jing 1; bob@fu -> ann@fu 1    ok
        ann@jing -> bob@jing 1; bob@fu -> ann@fu 1    not_enough 0
        = ann@jing 0, ann@fu 1, bob@jing 1, bob@fu 0, mint@jing -1, mint@fu -1
    """,
    "two assets of one holder are two accounts": """
        mint@jing -> ann@jing 3     ok
        ann@fu -> bob@fu 1          not_enough 0
        world -> ann 7              ok
        = ann 7, ann@jing 3, ann@fu 0
    """,
    "the same id with the same content happens once": """
        world -> ann 10       ok
        g1: ann -> bob 3      ok
        g1: ann -> bob 3      again
        g1: ann -> bob 3      again
        = ann 7, bob 3
    """,
    "the same answer comes even when it could not happen now": """
        world -> ann 3        ok
        g1: ann -> bob 3      ok
        bob -> cem 3          ok
        g1: ann -> bob 3      again
        = ann 0, bob 0, cem 3
    """,
    "the same id with another amount is a conflict": """
        world -> ann 10       ok
        g1: ann -> bob 3      ok
        g1: ann -> bob 4      group_conflict
        = ann 7, bob 3
    """,
    "the same id with another target, source, reason or length is a conflict": """
        world -> ann 10       ok
        world -> cem 10       ok
        g1: ann -> bob 3      ok
        g1: ann -> cem 3      group_conflict
        g1: cem -> bob 3      group_conflict
        g1: ann -> bob 3 for fun            group_conflict
        g1: ann -> bob 3; ann -> bob 3      group_conflict
        g1: ann -> bob 3      again
        = ann 7, bob 3, cem 10
    """,
    "the order inside a group is part of its content": """
        world -> ann 10       ok
        g1: ann -> bob 3; ann -> cem 2      ok
        g1: ann -> cem 2; ann -> bob 3      group_conflict
        g1: ann -> bob 3; ann -> cem 2      again
        = ann 5, bob 3, cem 2
    """,
    "a refused id may be tried again": """
        g1: ann -> bob 3      not_enough 0
        world -> ann 3        ok
        g1: ann -> bob 3      ok
        = ann 0, bob 3
    """,
    "a refused id may be tried again with other content": """
        g1: ann -> bob 3      not_enough 0
        world -> ann 2        ok
        g1: ann -> bob 2      ok
        = ann 0, bob 2
    """,
    "an amount is at least 1": """
        world -> ann 0        bad_amount
        world -> ann -5       bad_amount
        world -> ann 5; ann -> bob 0        bad_amount
        = ann 0, bob 0, world 0
    """,
    "an amount is at most 2^62": """
        world -> ann 4611686018427387904      ok
        world -> bob 4611686018427387905      bad_amount
        = ann 4611686018427387904, bob 0
    """,
    "what goes back to a mint is no longer issued": """
        mint@jing -> ann@jing 5     ok
        ann@jing -> mint@jing 2     ok
        ann@jing -> mint@jing 4     not_enough 3
        = ann@jing 3, mint@jing -3
    """,
    "a transfer between two that may overdraw has no limit": """
        mint -> world 1000    ok
        world -> mint 1       ok
        = mint -999, world 999
    """,
    "money going round comes back to where it was": """
        world -> ann 5        ok
        ann -> bob 5; bob -> cem 5; cem -> ann 5      ok
        = ann 5, bob 0, cem 0
    """,
    "one pool pays many": """
        world -> pool 10      ok
        pool -> ann 4         ok
        pool -> bob 4         ok
        pool -> cem 4         not_enough 2
        pool -> dan 2         ok
        = pool 0, ann 4, bob 4, cem 0, dan 2
    """,
}

CLOSING = {
    "a closed account takes part in nothing": """
        world -> ann 5        ok
        ann -> bob 5          ok
        close ann             ok
        bob -> ann 1          account_closed
        ann -> bob 1          account_closed
        bob -> cem 1; cem -> ann 1          account_closed
        = ann 0, bob 5, cem 0
    """,
    "only an empty account is closed": """
        world -> ann 5        ok
        close ann             account_not_empty
        ann -> bob 5          ok
        close ann             ok
        close ann             ok
        = ann 0, bob 5
    """,
    "an account that was never used can be closed": """
        close ann             ok
        world -> ann 5        account_closed
        = ann 0, world 0
    """,
    "what was posted before the closing is still answered": """
        world -> ann 5        ok
        g1: ann -> bob 5      ok
        close ann             ok
        g1: ann -> bob 5      again
        g1: ann -> bob 4      group_conflict
        = bob 5
    """,
    "an account with an open hold stays open": """
        world -> ann 5        ok
        hold h1: ann -> bob 5 until 60      placed
        close ann             account_has_holds
        void h1               voided
        close ann             account_not_empty
        = ann 5
    """,
}

HOLDS = {
    "a held amount is nobody's until it is posted": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        = ann 4, bob 0, h1 6
        ann -> cem 5          not_enough 4
        post h1               posted 6
        = ann 4, bob 6, h1 0
    """,
    "a part is posted and the rest returns": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        post h1 2             posted 2
        = ann 8, bob 2, h1 0
    """,
    "no more than was held is posted, and no less than 1": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        post h1 7             bad_amount
        post h1 0             bad_amount
        post h1 6             posted 6
        = ann 4, bob 6
    """,
    "a void returns all of it": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        void h1               voided
        = ann 10, bob 0, h1 0
    """,
    "a hold needs the money": """
        world -> ann 5        ok
        hold h1: ann -> bob 6 until 60      not_enough 5
        post h1               unknown_hold
        void h1               unknown_hold
        = ann 5
    """,
    "a hold of nothing is refused": """
        hold h1: world -> bob 0 until 60    bad_amount
        = bob 0
    """,
    "placing again is answered as it stands": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        hold h1: ann -> bob 6 until 60      placed again
        post h1 4             posted 4
        hold h1: ann -> bob 6 until 60      posted 4 again
        = ann 6, bob 4
    """,
    "another hold under the same id is a conflict": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        hold h1: ann -> bob 5 until 60      hold_conflict
        hold h1: ann -> cem 6 until 60      hold_conflict
        hold h1: ann -> bob 6 until 61      hold_conflict
        = ann 4, h1 6
    """,
    "who ends it first ends it": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        post h1               posted 6
        post h1               posted 6 again
        post h1 6             posted 6 again
        post h1 5             hold_ended posted
        void h1               hold_ended posted
        = ann 4, bob 6
    """,
    "a voided hold is not posted": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        void h1               voided
        void h1               voided again
        post h1               hold_ended voided
        = ann 10, bob 0
    """,
    "what expired returns, once": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        hold h2: ann -> bob 1 until 90      placed
        at 59
        expire
        at 60
        expire                expired
        expire
        post h1               hold_ended expired
        void h1               hold_ended expired
        = ann 9, bob 0, h1 0, h2 1
    """,
    "from its last instant on a hold is not posted, even before it is cleared away": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        at 60
        post h1               hold_ended expired
        = ann 4, h1 6
        expire                expired
        = ann 10, h1 0
    """,
    "a late void is still a void": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        at 70
        void h1               voided
        expire
        = ann 10
    """,
    "a hold for a closed account stays open": """
        world -> ann 10       ok
        hold h1: ann -> bob 6 until 60      placed
        close bob             ok
        post h1               account_closed
        = ann 4, h1 6
        void h1               voided
        = ann 10
    """,
    "the outside can hold, too": """
        hold h1: world -> ann 5 until 60    placed
        post h1 3             posted 3
        = world -3, ann 3
    """,
}


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in batches"])
async def test_posting(batched: bool, database: Database, clock: TestClock) -> None:
    for case, text in POSTING.items():
        await run_table(case, text, database, clock, batched=batched)


async def test_closing(database: Database, clock: TestClock) -> None:
    for case, text in CLOSING.items():
        await run_table(case, text, database, clock, batched=True)


@pytest.mark.parametrize("case", HOLDS)
async def test_holds(case: str, database: Database, clock: TestClock) -> None:
    await run_table(case, HOLDS[case], database, clock, batched=True)
