"""Random histories against a second, naive ledger: a list of what happened, summed again each time."""

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import FreshDatabase
from wufu.core.chance import Chance
from wufu.core.ids import GroupId
from wufu.core.refusals import Refusal
from wufu.db import Database, check_laws
from wufu.ledger import LAWS, Account, Group, Posted, Transfer, balances, post
from wufu.ledger.model import BOUNDLESS, decide, lay_out

NAMES = ("ann", "bob", "cem", "dan")
ASSETS = ("CNY", "gala/jing")
WORLD = "world"

moves = st.tuples(
    st.sampled_from((*NAMES, WORLD)),
    st.sampled_from((*NAMES, WORLD)),
    st.sampled_from(ASSETS),
    st.integers(min_value=-1, max_value=9),
).filter(lambda move: move[0] != move[1])
groups = st.tuples(st.integers(min_value=0, max_value=12), st.lists(moves, min_size=1, max_size=4))
histories = st.lists(st.lists(groups, min_size=1, max_size=8), min_size=1, max_size=5)

Move = tuple[str, str, str, int]
NaiveGroup = tuple[int, list[Move]]


class NaiveLedger:
    """Everything that was posted, in a list; every question reads it from the start."""

    def __init__(self) -> None:
        self.posted: list[NaiveGroup] = []

    def balance(self, name: str, asset: str, also: list[Move] = []) -> int:  # noqa: B006
        everything = [move for _, its_moves in self.posted for move in its_moves] + also
        return sum(
            minor * ((target == name) - (source == name))
            for source, target, what, minor in everything
            if what == asset
        )

    def post(self, group: NaiveGroup) -> str:
        number, its_moves = group
        for known, content in self.posted:
            if known == number:
                return "again" if content == its_moves else "group_conflict"
        for place, (source, _, asset, minor) in enumerate(its_moves):
            if minor <= 0:
                return "bad_amount"
            if source != WORLD and self.balance(source, asset, its_moves[:place]) < minor:
                return "not_enough"
        self.posted.append(group)
        return "ok"


def _account(name: str, asset: str) -> Account:
    return Account(name, "held", asset, may_overdraw=name == WORLD)


def _group(group: NaiveGroup) -> Group:
    number, its_moves = group
    return Group(
        GroupId(UUID(int=number + 1)),
        tuple(
            Transfer(_account(source, asset), _account(target, asset), minor, "r")
            for source, target, asset, minor in its_moves
        ),
    )


def _word(answer: Posted | Refusal) -> str:
    if isinstance(answer, Refusal):
        return answer.code
    return "again" if answer.again else "ok"


@given(batch=st.lists(groups, min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_one_decision_agrees_with_the_naive_ledger(batch: list[NaiveGroup]) -> None:
    naive = NaiveLedger()
    laid = lay_out([_group(group) for group in batch])
    start = [BOUNDLESS if account.may_overdraw else 0 for account in laid.accounts]
    ruling = decide(laid, start, frozenset(), {})
    assert [_word(answer) for answer in ruling.answers] == [naive.post(group) for group in batch]
    for account, taken, came in zip(laid.accounts, ruling.debits, ruling.credits, strict=True):
        balance = naive.balance(account.holder, account.asset)
        assert came - taken == (0 if account.may_overdraw else balance)
    assert sum(ruling.posted.minors) == sum(minor for _, moved in naive.posted for _, _, _, minor in moved)


async def test_random_histories_agree_with_the_naive_ledger(fresh: FreshDatabase) -> None:
    """All histories share one database and have names of their own: a database each would be slow."""
    async with Database.connect(
        fresh.app_url, clock=lambda: datetime(2016, 2, 7, tzinfo=UTC), chance=Chance.seeded(1)
    ) as database:
        loop_runs = _Histories(database)
        await loop_runs.run()
        async with database.read() as connection:
            verdicts = await check_laws(connection, LAWS)
        assert not any(verdict.violations for verdict in verdicts), verdicts


class _Histories:
    """Hypothesis is not asynchronous: it draws the histories first, then they are played."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.drawn: list[list[list[NaiveGroup]]] = []

    async def run(self) -> None:
        @given(history=histories)
        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def draw(history: list[list[NaiveGroup]]) -> None:
            self.drawn.append(history)

        draw()
        for number, history in enumerate(self.drawn):
            await self.play(number, history)

    async def play(self, number: int, history: list[list[NaiveGroup]]) -> None:
        naive = NaiveLedger()
        for batch in history:
            posting = [_renamed(number, group) for group in batch]
            answers = await self.database.run(partial(post, groups=posting), actor="test")
            assert [_word(answer) for answer in answers] == [naive.post(group) for group in batch], history
        keys = [(name, asset) for name in (*NAMES, WORLD) for asset in ASSETS]
        async with self.database.read() as connection:
            found = await balances(connection, [_named(number, *key) for key in keys])
        assert found == [naive.balance(*key) for key in keys], history


def _named(number: int, name: str, asset: str) -> Account:
    return Account(f"{number}/{name}", "held", asset, may_overdraw=name == WORLD)


def _renamed(number: int, group: NaiveGroup) -> Group:
    group_number, its_moves = group
    return Group(
        GroupId(UUID(int=(number + 1) * 1000 + group_number)),
        tuple(
            Transfer(_named(number, source, asset), _named(number, target, asset), minor, "r")
            for source, target, asset, minor in its_moves
        ),
    )
