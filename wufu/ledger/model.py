"""What the ledger speaks in, its refusals, and the pure decision at its heart.

Values that exist by the million are `msgspec.Struct`s outside the garbage
collector's view: they hold no cycles, and a batch of twenty thousand would
otherwise be walked again and again.
"""

import hashlib
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as FastUUID  # noqa: N811
from msgspec import Struct

from wufu.core.ids import AccountId, GroupId, HoldId
from wufu.core.money import LARGEST_MINOR
from wufu.core.refusals import Refusal

MOST_TRANSFERS: Final = 1 << 15
"""How many transfers a group may have: their ordinals are 16-bit."""

LONGEST_NAME: Final = 200


class Account(Struct, frozen=True, gc=False, cache_hash=True):
    """A holder's amount of one asset for one purpose; opened by its first transfer.

    `may_overdraw` is for the outside of the system (a mint, the world): such an
    account may go below zero and keeps no counters. It is fixed at opening and
    is no part of the identity.
    """

    holder: str
    purpose: str
    asset: str
    may_overdraw: bool = False

    @property
    def id(self) -> AccountId:
        return account_id(self)


class Transfer(Struct, frozen=True, gc=False):
    """`minor` units move from `source` to `target`; both have the same asset."""

    source: Account
    target: Account
    minor: int
    reason: str

    def __post_init__(self) -> None:
        if self.source.asset != self.target.asset:
            raise ValueError(f"{self.source.asset} does not become {self.target.asset}")
        if self.source.holder == self.target.holder and self.source.purpose == self.target.purpose:
            raise ValueError(f"{self.source.holder} {self.source.purpose} moves nothing to itself")


class Group(Struct, frozen=True, gc=False):
    """Transfers that happen together or not at all, in this order; `id` is the idempotency key."""

    id: GroupId
    transfers: tuple[Transfer, ...]


class Posted(Struct, frozen=True, gc=False):
    """The group is in the ledger; `again` when it already was, with the same content."""

    id: GroupId
    again: bool = False


class Hold(Struct, frozen=True):
    """`minor` set aside from `source` for `target` until `expires_at`."""

    id: HoldId
    source: Account
    target: Account
    minor: int
    expires_at: datetime

    def __post_init__(self) -> None:
        # Building the transfer checks the assets before any amount is set aside.
        Transfer(self.source, self.target, self.minor, "")

    @property
    def pending(self) -> Account:
        """Where the amount lies while the hold is open."""
        return Account(f"hold/{self.id}", "pending", self.source.asset)


Outcome = Literal["placed", "posted", "voided", "expired"]


class Held(Struct, frozen=True):
    """How a hold stands after a verb; `minor` reached the target. `again`: it stood so before."""

    id: HoldId
    outcome: Outcome
    minor: int = 0
    again: bool = False


class Entry(Struct, frozen=True):
    """One line of a statement, seen from the account: `minor` is negative when it left.

    `holder` and `purpose` name the other side. `balance_minor` is the balance
    after this line, None for an account that may overdraw.
    """

    seq: int
    group: GroupId
    holder: str
    purpose: str
    minor: int
    reason: str
    at: datetime
    balance_minor: int | None


class NotEnough(Refusal):
    """The account holds `balance_minor`, which is less than `minor`."""

    code = "not_enough"


class GroupConflict(Refusal):
    """The id was used before for other transfers."""

    code = "group_conflict"


class AccountClosed(Refusal):
    code = "account_closed"


class BadAmount(Refusal):
    """An amount is a whole number of minor units from 1 to 2^62."""

    code = "bad_amount"
    status = 422


class AccountNotEmpty(Refusal):
    """Only an empty account can be closed."""

    code = "account_not_empty"


class AccountHasHolds(Refusal):
    """A hold that is still open may come back to this account."""

    code = "account_has_holds"


class UnknownHold(Refusal):
    code = "unknown_hold"
    status = 404


class HoldConflict(Refusal):
    """The id was used before for another hold."""

    code = "hold_conflict"


class HoldEnded(Refusal):
    """The hold has already ended otherwise; `outcome` says how."""

    code = "hold_ended"


def name_uuid(*names: str) -> UUID:
    """The UUID of a sequence of names: version 8, SHA-256 of the names joined by zero bytes (RFC 9562, B.2).

    SHA-256 because PostgreSQL computes it too: the law that an account's id is
    the hash of its name is then a query.
    """
    digest = bytearray(hashlib.sha256("\0".join(names).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    # asyncpg's own UUID: the same values as uuid.UUID, several times faster to make, hash and send.
    return FastUUID(bytes(digest))


@lru_cache(maxsize=1 << 17)
def account_id(account: Account) -> AccountId:
    """The id of an account is a function of its three names: no look-up, and unique by shape."""
    names = (account.holder, account.purpose, account.asset)
    if any(not name or "\0" in name or len(name) > LONGEST_NAME for name in names):
        raise ValueError(f"an account's names have 1 to {LONGEST_NAME} characters: {names}")
    return AccountId(name_uuid(*names))


def named_group(*names: str) -> GroupId:
    """A group id for what has a name and happens once: `named_group("payout", campaign, holder)`."""
    return GroupId(name_uuid("group", *names))


Line = tuple[AccountId, AccountId, int, str]
"""A transfer as the database keeps it: source, target, minor, reason."""


class Batch(Struct):
    """Groups laid out for one pass: the account ids of all transfers in order, and who they are."""

    groups: Sequence[Group]
    sources: list[AccountId]
    targets: list[AccountId]
    accounts: dict[AccountId, Account]


class Ruling(Struct):
    """The decision over a batch: an answer for each group, and what is to be written.

    The columns of the new transfers, and by account what they take and give
    (accounts that may overdraw keep no counters and are not listed).
    """

    answers: list[Posted | Refusal]
    group_ids: list[GroupId]
    ordinals: list[int]
    sources: list[AccountId]
    targets: list[AccountId]
    minors: list[int]
    reasons: list[str]
    debits: dict[AccountId, int]
    credits: dict[AccountId, int]


def lay_out(groups: Sequence[Group]) -> Batch:
    """Name every account of the groups by its id, once."""
    sources: list[AccountId] = []
    targets: list[AccountId] = []
    accounts: dict[AccountId, Account] = {}
    for group in groups:
        if not 0 < len(group.transfers) <= MOST_TRANSFERS:
            raise ValueError(f"a group has 1 to {MOST_TRANSFERS} transfers, not {len(group.transfers)}")
        for transfer in group.transfers:
            source, target = account_id(transfer.source), account_id(transfer.target)
            sources.append(source)
            targets.append(target)
            accounts[source] = transfer.source
            accounts[target] = transfer.target
    return Batch(groups, sources, targets, accounts)


def decide(
    batch: Batch,
    balances: Mapping[AccountId, int],
    closed: Set[AccountId],
    known: Mapping[GroupId, Sequence[Line]],
) -> Ruling:
    """Decide every group in order, each seeing what those before it left.

    `balances` has every account of the batch that may not overdraw (0 when it is
    new), `known` the content of the groups that are in the ledger already. A
    refused group leaves no trace; one that comes twice is posted once.
    """
    now = dict(balances)
    ruling = Ruling([], [], [], [], [], [], [], {}, {})
    seen: dict[GroupId, Group] = {}
    upto = 0
    for group in batch.groups:
        first, upto = upto, upto + len(group.transfers)
        if group.id in known or group.id in seen:
            lines = known[group.id] if group.id in known else content(seen[group.id])
            same = content(group) == lines
            ruling.answers.append(Posted(group.id, again=True) if same else _conflict(group))
            continue
        refusal = _apply(group, batch, first, now, closed)
        if refusal is not None:
            ruling.answers.append(refusal)
            continue
        seen[group.id] = group
        _record(group, batch, first, ruling)
    # What an account was given follows from what it holds now: one dictionary less in the loop.
    for account, balance in now.items():
        given = balance - balances[account] + ruling.debits.get(account, 0)
        if given:
            ruling.credits[account] = given
    return ruling


def _apply(
    group: Group, batch: Batch, first: int, balances: dict[AccountId, int], closed: Set[AccountId]
) -> Refusal | None:
    """Move the amounts of one group, or move nothing and say why."""
    for place, transfer in enumerate(group.transfers, first):
        source, target, minor = batch.sources[place], batch.targets[place], transfer.minor
        left = balances.get(source)
        refusal: Refusal | None = None
        if not 0 < minor <= LARGEST_MINOR:
            refusal = BadAmount(minor=minor)
        elif closed and not closed.isdisjoint((source, target)):
            refusal = AccountClosed(holder=batch.accounts[source if source in closed else target].holder)
        elif left is not None and left < minor:
            refusal = _not_enough(transfer, left)
        if refusal is not None:
            _undo(group, batch, first, place, balances)
            return refusal
        if left is not None:
            balances[source] = left - minor
        held = balances.get(target)
        if held is not None:
            balances[target] = held + minor
    return None


def _undo(group: Group, batch: Batch, first: int, upto: int, balances: dict[AccountId, int]) -> None:
    for place in range(first, upto):
        minor = group.transfers[place - first].minor
        if batch.sources[place] in balances:
            balances[batch.sources[place]] += minor
        if batch.targets[place] in balances:
            balances[batch.targets[place]] -= minor


def _record(group: Group, batch: Batch, first: int, ruling: Ruling) -> None:
    ruling.answers.append(Posted(group.id))
    debits = ruling.debits
    for ordinal, transfer in enumerate(group.transfers):
        source = batch.sources[first + ordinal]
        ruling.group_ids.append(group.id)
        ruling.ordinals.append(ordinal)
        ruling.sources.append(source)
        ruling.targets.append(batch.targets[first + ordinal])
        ruling.minors.append(transfer.minor)
        ruling.reasons.append(transfer.reason)
        if not transfer.source.may_overdraw:
            debits[source] = debits.get(source, 0) + transfer.minor


def content(group: Group) -> list[Line]:
    """What makes two groups with the same id the same."""
    return [
        (account_id(transfer.source), account_id(transfer.target), transfer.minor, transfer.reason)
        for transfer in group.transfers
    ]


def _not_enough(transfer: Transfer, balance: int) -> NotEnough:
    source = transfer.source
    return NotEnough(
        holder=source.holder,
        purpose=source.purpose,
        asset=source.asset,
        minor=transfer.minor,
        balance_minor=balance,
    )


def _conflict(group: Group) -> GroupConflict:
    return GroupConflict(id=str(group.id))


# --- Holds ----------------------------------------------------------------------------------------


class HoldState(Struct):
    """A hold as its row says it stands."""

    hold: Hold
    outcome: Outcome
    posted_minor: int


class Ending(Struct, frozen=True):
    """A wish to end a hold. `minor`: how much to post, None for all of it."""

    id: HoldId
    outcome: Literal["posted", "voided", "expired"]
    minor: int | None = None


def placing(hold: Hold) -> Group:
    """The group that sets a hold's amount aside; its id follows from the hold's."""
    return Group(
        named_group("hold", str(hold.id), "place"),
        (Transfer(hold.source, hold.pending, hold.minor, "hold"),),
    )


def decide_ending(state: HoldState | None, ending: Ending, now: datetime) -> Group | Held | Refusal:
    """What ending a hold takes: a group to post, or the answer when there is nothing to move.

    Whoever ends a hold first ends it; the same ending again is answered the same.
    From `expires_at` on it can only expire.
    """
    if state is None:
        return UnknownHold(id=str(ending.id))
    hold = state.hold
    posted = (hold.minor if ending.minor is None else ending.minor) if ending.outcome == "posted" else 0
    if state.outcome != "placed":
        if (state.outcome, state.posted_minor) == (ending.outcome, posted):
            return Held(hold.id, state.outcome, posted, again=True)
        return HoldEnded(id=str(hold.id), outcome=state.outcome)
    if ending.outcome == "posted":
        if now >= hold.expires_at:
            return HoldEnded(id=str(hold.id), outcome="expired")
        if not 0 < posted <= hold.minor:
            return BadAmount(minor=posted)
    moves = []
    if posted:
        moves.append(Transfer(hold.pending, hold.target, posted, "hold posted"))
    if posted < hold.minor:
        moves.append(Transfer(hold.pending, hold.source, hold.minor - posted, f"hold {ending.outcome}"))
    return Group(named_group("hold", str(hold.id), "end"), tuple(moves))
