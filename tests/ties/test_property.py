"""Any sequence of requests among four people, against a second, naive model of what each may see."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TestClock
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.people import PersonView
from wufu.ties import model
from wufu.ties.invitation import Invitation
from wufu.ties.model import Board, Counts, Pair, Standing, day_of

Act = Literal["ask", "accept", "refuse", "remove", "block", "unblock", "use"]
PEOPLE = [PersonId(number) for number in range(1, 5)]
DECISIONS = {
    "accept": model.accept,
    "refuse": model.refuse,
    "remove": model.remove,
    "block": model.block,
    "unblock": model.unblock,
}

steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "ask", "ask", "accept", "accept", "refuse", "remove", "block", "unblock", "use"]
        ),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.integers(0, 200),
    ),
    max_size=60,
)


class Naive:
    """What follows from the story: who is friends, who has blocked whom, who sees an ask of theirs open."""

    def __init__(self) -> None:
        self.friends: set[frozenset[PersonId]] = set()
        self.blocks: set[Pair] = set()
        self.open: set[Pair] = set()

    def act(self, act: str, person: PersonId, other: PersonId, refused: bool) -> None:
        pair = frozenset((person, other))
        if refused or person == other:
            return
        if act == "unblock":
            self.blocks.discard((person, other))
        elif act == "block":
            self.blocks.add((person, other))
            self.friends.discard(pair)
            self.open.discard((person, other))
        elif act == "remove":
            if pair in self.friends:
                self.friends.discard(pair)
            else:
                self.open.discard((person, other))
        elif act == "ask" and pair not in self.friends:
            self.open.add((person, other))

    def meet(self, one: PersonId, other: PersonId) -> None:
        self.friends.add(frozenset((one, other)))
        self.open -= {(one, other), (other, one)}


INVITATIONS = {
    inviter: Invitation(
        inviter,
        UUID(int=inviter),
        bytes(32),
        bytes(16),
        "",
        500,
        0,
        TestClock().now + timedelta(hours=inviter),
        TestClock().now + timedelta(days=7),
    )
    for inviter in PEOPLE
}
"""Everybody made an invitation of many uses, each an hour later than the one before."""


def decide(board: Board, act: str, person: PersonId, other: PersonId) -> Standing | Refusal:
    if act == "ask":
        return model.ask(board, person, other, "asked")
    if act == "use":
        return model.use_invitation(board, INVITATIONS[other], person)
    return DECISIONS[act](board, person, other)


def check_laws(board: Board) -> None:
    for person, friend in board.ties:
        assert person != friend
        assert board.ties[friend, person] == board.ties[person, friend]
        assert not {(person, friend), (friend, person)} & board.blocks.keys()
        assert (person, friend) not in board.requests
        assert (person, friend) not in board.asks
    for asked, asker in board.requests:
        assert (asker, asked) not in board.requests
        ask = board.asks[asker, asked]
        assert ask.withdrawn_at is None
        assert ask.refused_at is None
        assert not {(asked, asker), (asker, asked)} & board.blocks.keys()
    for person in PEOPLE:
        assert board.counts[person].friends == sum(one == person for one, _ in board.ties)


@given(steps)
def test_any_sequence_of_requests_keeps_the_laws_and_tells_nobody_of_a_block(
    sequence: list[tuple[Act, PersonId, PersonId, int]],
) -> None:
    now = TestClock().now
    board = Board(now, {person: PersonView(person, "甲", 0) for person in PEOPLE})
    board.counts = {person: Counts(0, day_of(now), 0) for person in PEOPLE}
    naive = Naive()
    for act, person, other, hours in sequence:
        board.now += timedelta(hours=hours)
        was_friend = frozenset((person, other)) in naive.friends
        blocked = {(person, other), (other, person)} & naive.blocks
        answer = decide(board, act, person, other)
        if act == "use" and isinstance(answer, Standing):
            assert answer.tie == "friend"
            assert was_friend or not blocked
            parted_at = board.former.get((other, person))
            assert was_friend or parted_at is None or parted_at < INVITATIONS[other].made_at
        naive.act(act, person, other, isinstance(answer, Refusal))
        if isinstance(answer, Standing) and answer.tie == "friend":
            naive.meet(person, other)
        check_laws(board)
        assert {frozenset(pair) for pair in board.ties} == naive.friends
        assert set(board.blocks) == naive.blocks
        seen = {pair for pair, ask in board.asks.items() if ask.withdrawn_at is None}
        assert seen == naive.open
