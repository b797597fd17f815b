"""Values, refusals and pure decisions of ties.

A `Board` holds everything about the pairs a batch is about. The decisions below change it, in the order of
the requests; the store then writes what differs from what it read. So a batch in which one person asks and
another accepts costs the same few statements as any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal, UnknownPerson
from wufu.db import Fact
from wufu.people import PersonView
from wufu.ties.invitation import Invitation, InvitationOver

MOST_FRIENDS = 5_000
MOST_ASKS_A_DAY = 200
DAY_ZONE = timezone(timedelta(hours=8))
"""A day of asks begins at midnight in China."""
REFUSED_FOR = timedelta(days=7)
"""How long a refused asker's new asks reach nobody."""
TOLD_FOR = timedelta(days=1)
"""Who asks, withdraws and asks again within this does not ring the other's phone again."""

NEVER = datetime.min.replace(tzinfo=UTC)
"""The time of a board that is only looked at."""

Pair = tuple[PersonId, PersonId]
Via = Literal["asked", "name", "code", "phone", "suggestion", "group"]
"""How the asker says they came upon the other: for counting only, nothing is decided by it."""
Cause = Literal["asked", "name", "code", "phone", "suggestion", "group", "invited", "imported"]
State = Literal["none", "asked", "asking", "friend", "blocked"]
"""How somebody stands to me: I asked them; they are asking me; friends; I blocked them."""


# --- Requests and answers -------------------------------------------------------------------------


class AskTie(msgspec.Struct, frozen=True):
    person: PersonId
    to: PersonId
    via: Via = "asked"


class AcceptTie(msgspec.Struct, frozen=True):
    person: PersonId
    asker: PersonId


class RefuseTie(msgspec.Struct, frozen=True):
    person: PersonId
    asker: PersonId


class RemoveTie(msgspec.Struct, frozen=True):
    person: PersonId
    friend: PersonId


class Block(msgspec.Struct, frozen=True):
    person: PersonId
    blocked: PersonId


class Unblock(msgspec.Struct, frozen=True):
    person: PersonId
    blocked: PersonId


class Standing(msgspec.Struct, frozen=True):
    """How `other` stands to `person` after a request."""

    person: PersonId
    other: PersonId
    tie: State


class Friend(msgspec.Struct, frozen=True):
    """A line in a person's list of friends: `mutual` friends they have in common, and the person's labels."""

    person: PersonId
    name: str
    avatar: int
    mutual: int
    since: datetime
    remark: str = ""
    starred: bool = False
    tags: tuple[str, ...] = ()


class Asking(msgspec.Struct, frozen=True):
    """Somebody who asks me, or whom I asked."""

    person: PersonId
    name: str
    avatar: int
    asked_at: datetime


class Mutual(msgspec.Struct, frozen=True):
    """Friends in common with somebody: how many, and the first of them; nothing when they do not show it."""

    seen: bool
    count: int = 0
    people: list[PersonView] = []


class Found(msgspec.Struct, frozen=True):
    """Somebody found by name, login, code or phone number, and how they stand to who looked."""

    person: PersonId
    name: str
    avatar: int
    tie: State


# --- Refusals -------------------------------------------------------------------------------------


class TieToSelf(Refusal):
    code = "tie_to_self"
    status = 422


class NoSuchRequest(Refusal):
    """They do not ask, or do no longer."""

    code = "no_such_request"
    status = 404


class BlockedByYou(Refusal):
    """Who wants to ask somebody they blocked unblocks them first."""

    code = "blocked_by_you"


class TooManyAsks(Refusal):
    code = "too_many_asks"
    status = 429


class TooManyFriends(Refusal):
    """`person`, one of the two, has as many friends as anybody may have."""

    code = "too_many_friends"


# --- The board ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tie:
    since: datetime
    cause: Cause


@dataclass(frozen=True, slots=True)
class Request:
    """What the asked one sees."""

    cause: Cause
    at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """What the asker sees: open unless withdrawn, whatever became of the request."""

    at: datetime
    withdrawn_at: datetime | None = None
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    friends: int
    asks_on: date
    asks: int


@dataclass(slots=True)
class Board:
    """Everything about the pairs of a batch, under lock.

    `ties` has (person, friend), `requests` (asked, asker), `asks` (asker, asked), `blocks` (person, blocked),
    `former` (person, former friend); both directions of each pair were read. `news` is what is to be
    announced.
    """

    now: datetime
    people: Mapping[PersonId, PersonView]
    ties: dict[Pair, Tie] = field(default_factory=dict)
    requests: dict[Pair, Request] = field(default_factory=dict)
    asks: dict[Pair, Ask] = field(default_factory=dict)
    blocks: dict[Pair, datetime] = field(default_factory=dict)
    former: dict[Pair, datetime] = field(default_factory=dict)
    counts: dict[PersonId, Counts] = field(default_factory=dict)
    news: list[Fact] = field(default_factory=list)
    imported: int = 0

    def copy(self) -> "Board":
        """The board as it is now, to compare with later."""
        return replace(
            self,
            ties=dict(self.ties),
            requests=dict(self.requests),
            asks=dict(self.asks),
            blocks=dict(self.blocks),
            former=dict(self.former),
            counts=dict(self.counts),
            news=[],
        )

    def standing(self, person: PersonId, other: PersonId) -> Standing:
        """How `other` stands to `person`, as `person` may know it."""
        return Standing(person, other, self._state(person, other))

    def _state(self, person: PersonId, other: PersonId) -> State:
        if (person, other) in self.ties:
            return "friend"
        if (person, other) in self.blocks:
            return "blocked"
        if (person, other) in self.requests:
            return "asking"
        ask = self.asks.get((person, other))
        return "asked" if ask is not None and ask.withdrawn_at is None else "none"


def day_of(now: datetime) -> date:
    """The day on which an ask is counted."""
    return now.astimezone(DAY_ZONE).date()


# --- Decisions ------------------------------------------------------------------------------------


def ask(board: Board, person: PersonId, to: PersonId, cause: Cause) -> Standing | Refusal:
    """One ask. Who is blocked or was refused lately is answered as if it had been sent."""
    if refusal := _strangers(board, person, to):
        return refusal
    if (person, to) in board.ties:
        return board.standing(person, to)
    if (person, to) in board.blocks:
        return BlockedByYou(person=to)
    if (person, to) in board.requests:
        return accept(board, person, to)
    before = board.asks.get((person, to))
    refused_at = before.refused_at if before is not None else None
    if refused_at is not None and board.now - refused_at >= REFUSED_FOR:
        refused_at = None
    hidden = refused_at is not None or (to, person) in board.blocks
    is_open = before is not None and before.withdrawn_at is None
    if is_open and (hidden or (to, person) in board.requests):
        return board.standing(person, to)
    if refusal := _count_ask(board, person, cause):
        return refusal
    board.asks[person, to] = Ask(board.now, None, refused_at)
    if not hidden:
        board.requests[to, person] = Request(cause, board.now)
        if cause != "imported" and (before is None or board.now - before.at >= TOLD_FOR):
            told: dict[str, object] = {"from": _view(board.people[person]), "at": board.now}
            board.news.append(Fact("ties.asked", told, (to,)))
    return board.standing(person, to)


def accept(board: Board, person: PersonId, asker: PersonId) -> Standing | Refusal:
    """Accept what `asker` asked; friends already are friends."""
    if refusal := _strangers(board, person, asker):
        return refusal
    if (person, asker) in board.ties:
        return board.standing(person, asker)
    request = board.requests.get((person, asker))
    if request is None:
        return NoSuchRequest(person=asker)
    for one in (person, asker):
        if board.counts[one].friends >= MOST_FRIENDS:
            return TooManyFriends(person=one, most=MOST_FRIENDS)
    _tie(board, asker, person, request.cause)
    return board.standing(person, asker)


def use_invitation(board: Board, invitation: Invitation, person: PersonId) -> Standing | Refusal:
    """The inviter consented by making the invitation, `person` does by using it: friends at once.

    Whoever is not to come in, for whatever reason, hears the one same answer: so a block is not told. Who
    parted after the invitation was made is not joined again by it: what the inviter consented to is over.
    Friends already are friends, and use nothing up.
    """
    inviter = invitation.inviter
    if refusal := _strangers(board, person, inviter):
        return refusal
    if (person, inviter) in board.ties:
        return board.standing(person, inviter)
    parted_at = board.former.get((inviter, person))
    if (
        invitation.state(board.now) != "live"
        or (inviter, person) in board.blocks
        or (parted_at is not None and parted_at >= invitation.made_at)
    ):
        return InvitationOver()
    if (person, inviter) in board.blocks:
        return BlockedByYou(person=inviter)
    for one in (person, inviter):
        if board.counts[one].friends >= MOST_FRIENDS:
            return TooManyFriends(person=one, most=MOST_FRIENDS)
    _tie(board, inviter, person, "invited")
    return board.standing(person, inviter)


def introduce(board: Board, one: PersonId, other: PersonId) -> bool | Refusal:
    """`one` asks and `other` accepts: whether that made them friends, or the first refusal."""
    if (one, other) in board.ties:
        return False
    answer = ask(board, one, other, "imported")
    if not isinstance(answer, Refusal) and answer.tie != "friend":
        answer = accept(board, other, one)
    return answer if isinstance(answer, Refusal) else True


def refuse(board: Board, person: PersonId, asker: PersonId) -> Standing | Refusal:
    """Refuse what `asker` asked. They are not told: to them it stays unanswered."""
    if refusal := _strangers(board, person, asker):
        return refusal
    if board.requests.pop((person, asker), None) is not None:
        board.asks[asker, person] = replace(board.asks[asker, person], refused_at=board.now)
        board.news.append(_refused(board, person, asker))
    return board.standing(person, asker)


def remove(board: Board, person: PersonId, friend: PersonId) -> Standing | Refusal:
    """End a friendship, or withdraw one's own ask."""
    if refusal := _strangers(board, person, friend):
        return refusal
    if (person, friend) in board.ties:
        _untie(board, person, friend)
    elif (mine := board.asks.get((person, friend))) is not None and mine.withdrawn_at is None:
        board.asks[person, friend] = replace(mine, withdrawn_at=board.now)
        if board.requests.pop((friend, person), None) is not None:
            board.news.append(_removed(person, friend))
    return board.standing(person, friend)


def block(board: Board, person: PersonId, blocked: PersonId) -> Standing | Refusal:
    """Hear no more of somebody: a friendship ends, what is pending vanishes, later asks reach nobody."""
    if refusal := _strangers(board, person, blocked):
        return refusal
    board.blocks.setdefault((person, blocked), board.now)
    if (person, blocked) in board.ties:
        _untie(board, person, blocked)
    # Their ask stays: to them it looks unanswered.
    if board.requests.pop((person, blocked), None) is not None:
        board.news.append(_refused(board, person, blocked))
    board.asks.pop((person, blocked), None)
    if board.requests.pop((blocked, person), None) is not None:
        board.news.append(_removed(person, blocked))
    return board.standing(person, blocked)


def unblock(board: Board, person: PersonId, blocked: PersonId) -> Standing | Refusal:
    """Let somebody ask again; nothing that was lost comes back."""
    if refusal := _strangers(board, person, blocked):
        return refusal
    board.blocks.pop((person, blocked), None)
    return board.standing(person, blocked)


def _strangers(board: Board, person: PersonId, other: PersonId) -> Refusal | None:
    if other == person:
        return TieToSelf(person=person)
    for one in (person, other):
        if one not in board.people:
            return UnknownPerson(person=one)
    return None


def _count_ask(board: Board, person: PersonId, cause: Cause) -> Refusal | None:
    counts = board.counts[person]
    if counts.friends >= MOST_FRIENDS:
        return TooManyFriends(person=person, most=MOST_FRIENDS)
    if cause == "imported":
        return None
    today = day_of(board.now)
    asks = counts.asks if counts.asks_on == today else 0
    if asks >= MOST_ASKS_A_DAY:
        return TooManyAsks(most=MOST_ASKS_A_DAY)
    board.counts[person] = Counts(counts.friends, today, asks + 1)
    return None


def _tie(board: Board, asker: PersonId, person: PersonId, cause: Cause) -> None:
    tie = Tie(board.now, cause)
    for one, other in ((asker, person), (person, asker)):
        board.ties[one, other] = tie
        board.requests.pop((one, other), None)
        board.asks.pop((one, other), None)
        counts = board.counts[one]
        board.counts[one] = Counts(counts.friends + 1, counts.asks_on, counts.asks)
    if cause == "imported":
        board.imported += 1
        return
    a, b = sorted((asker, person))
    for one, other in ((asker, person), (person, asker)):
        body: dict[str, object] = {"a": a, "b": b, "at": board.now, "new": (a, b) not in board.former}
        body |= {"cause": cause, "asker": asker}
        body |= _view(board.people[other])
        board.news.append(Fact("ties.accepted", body, (one,)))


def _untie(board: Board, person: PersonId, friend: PersonId) -> None:
    for one, other in ((person, friend), (friend, person)):
        del board.ties[one, other]
        board.former[one, other] = board.now
        counts = board.counts[one]
        board.counts[one] = Counts(counts.friends - 1, counts.asks_on, counts.asks)
        board.news.append(_removed(one, other))


def _refused(board: Board, person: PersonId, asker: PersonId) -> Fact:
    """For listeners only: no phone is told of a refusal."""
    return Fact("ties.refused", {"asker": asker, "person": person, "at": board.now})


def _removed(person: PersonId, of: PersonId) -> Fact:
    """Tells `of` that `person` is gone from their list."""
    return Fact("ties.removed", {"person": person, "of": of}, (of,))


def _view(view: PersonView) -> dict[str, object]:
    return {"person": view.person, "name": view.name, "avatar": view.avatar}
