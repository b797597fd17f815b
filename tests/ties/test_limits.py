from dataclasses import replace

import pytest

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from wufu.core.ids import PersonId
from wufu.db import Database
from wufu.people import PersonView
from wufu.ties import AskTie, Standing, TooManyAsks, TooManyFriends, ask_ties
from wufu.ties.model import MOST_FRIENDS, Board, Counts, accept, ask, day_of


async def test_two_hundred_asks_a_day_are_enough(database: Database, clock: TestClock) -> None:
    me, *others = await some_people(database, 203)
    answers = await do(database, ask_ties, [AskTie(me, other) for other in others[:199]])
    assert all(isinstance(answer, Standing) for answer in answers)
    answers = await do(database, ask_ties, [AskTie(me, other) for other in others[198:]])
    assert answers[:2] == [Standing(me, others[198], "asked"), Standing(me, others[199], "asked")]
    assert answers[2:] == [TooManyAsks(most=200)] * 2
    # To ask again what is open costs nothing; the next day begins at midnight in China, 16:00 UTC.
    assert await do(database, ask_ties, [AskTie(me, others[0])]) == [Standing(me, others[0], "asked")]
    clock.now = clock.now.replace(hour=15, minute=59)
    assert await do(database, ask_ties, [AskTie(me, others[200])]) == [TooManyAsks(most=200)]
    clock.advance(minutes=1)
    assert await do(database, ask_ties, [AskTie(me, others[200])]) == [Standing(me, others[200], "asked")]


async def test_imported_asks_do_not_count(database: Database) -> None:
    me, *others = await some_people(database, 250)
    answers = await do(database, ask_ties, [AskTie(me, other) for other in others], cause="imported")
    assert all(isinstance(answer, Standing) for answer in answers)
    assert await do(database, ask_ties, [AskTie(others[0], others[1])]) == [
        Standing(others[0], others[1], "asked")
    ]


@pytest.mark.parametrize("full", [PersonId(1), PersonId(2)])
def test_neither_of_two_may_have_more_than_five_thousand_friends(full: PersonId) -> None:
    a, b = PersonId(1), PersonId(2)
    now = TestClock().now
    board = Board(now, {person: PersonView(person, "甲", 0) for person in (a, b)})
    board.counts = {person: Counts(0, day_of(now), 0) for person in (a, b)}
    assert ask(board, a, b, "asked") == Standing(a, b, "asked")
    board.counts[full] = replace(board.counts[full], friends=MOST_FRIENDS)
    assert accept(board, b, a) == TooManyFriends(person=full, most=MOST_FRIENDS)
    assert board.ties == {}
    board.requests.clear()
    board.asks.clear()
    if full == a:
        assert ask(board, a, b, "asked") == TooManyFriends(person=a, most=MOST_FRIENDS)
