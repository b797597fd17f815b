"""What the ledger speaks in, its refusals, and the pure decision at its heart.

Values that exist by the million are `msgspec.Struct`s outside the garbage
collector's view: they hold no cycles, and a batch of twenty thousand would
otherwise be walked again and again.
"""

import hashlib
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import lru_cache
from itertools import compress
from typing import Final, Literal
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as FastUUID  # noqa: N811
from msgspec import Struct

from wufu.core.ids import AccountId, GroupId, HoldId
from wufu.core.money import LARGEST_MINOR
from wufu.core.refusals import Refusal

MOST_TRANSFERS: Final = 1 << 15
"""How many transfers a group may have: their ordinals are 16-bit."""

LONGEST_NAMES: Final = 400
MOST_REMEMBERED: Final = 1 << 18


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
    made = bytearray(hashlib.sha256("\0".join(names).encode()).digest()[:16])
    made[6] = made[6] & 0x0F | 0x80  # version 8
    made[8] = made[8] & 0x3F | 0x80  # the variant of RFC 9562
    # asyncpg's own UUID: the same values as uuid.UUID, several times faster to make, hash and send.
    return FastUUID(bytes(made))


def account_id(account: Account) -> AccountId:
    """The id of an account is a function of its three names: no look-up, and unique by shape."""
    known = _ids.get(account)
    if known is not None:
        return known
    holder, purpose, asset = account.holder, account.purpose, account.asset
    if not (holder and purpose and asset) or len(holder) + len(purpose) + len(asset) > LONGEST_NAMES:
        raise ValueError(f"an account's names have 1 to {LONGEST_NAMES} characters together: {account}")
    if "\0" in holder or "\0" in purpose or "\0" in asset:
        raise ValueError(f"an account's names have no zero bytes: {account}")
    if len(_ids) >= MOST_REMEMBERED:
        _ids.clear()
    made = _ids[account] = AccountId(name_uuid(holder, purpose, asset))
    return made


# Not an lru_cache: keeping the order of use costs more, in cache misses, than now and then starting anew.
_ids: dict[Account, AccountId] = {}


def named_group(*names: str) -> GroupId:
    """A group id for what has a name and happens once: `named_group("payout", campaign, holder)`."""
    return GroupId(name_uuid("group", *names))


def numbered_group(number: int, *names: str) -> GroupId:
    """The group id of one of a long series: `numbered_group(place, "payout", campaign)`.

    A UUID of version 8 whose first half is the hash of the names and whose second
    half is the number (below 2^62). A series posted in order is then written in
    order: the database works a quarter less than on ids without one.
    """
    if not 0 <= number < 1 << 62:
        raise ValueError(f"a number in a series is from 0 to 2^62 - 1, not {number}")
    return GroupId(FastUUID(series_of(names) + (1 << 63 | number).to_bytes(8)))


@lru_cache(maxsize=64)
def series_of(names: tuple[str, ...]) -> bytes:
    """The half of an id that all of a series have in common."""
    return name_uuid("series", *names).bytes[:8]


Line = tuple[AccountId, AccountId, int, str]
"""A transfer as the database keeps it: source, target, minor, reason."""


class Batch(Struct):
    """Groups laid out for one pass: all their transfers in order, a column for each fact.

    Inside a batch an account is its place in `accounts`: lists of small numbers
    are several times faster to work on than dictionaries of UUIDs.
    """

    groups: Sequence[Group]
    accounts: list[Account]
    account_ids: list[AccountId]
    group_ids: list[GroupId]
    ordinals: list[int]
    sources: list[int]
    targets: list[int]
    minors: list[int]
    reasons: list[str]


class Ruling(Struct):
    """The decision over a batch: an answer for each group, and what is to be written.

    `posted` are the batch's transfers that happen; `debits` and `credits` what
    they take from and give to each account of the batch, by its place (0 and 0
    for one that may overdraw: it keeps no counters).
    """

    answers: list[Posted | Refusal]
    posted: Batch
    debits: list[int]
    credits: list[int]


def lay_out(groups: Sequence[Group]) -> Batch:
    """Put the transfers of all groups into columns, and give each account a place."""
    if any(not 0 < len(group.transfers) <= MOST_TRANSFERS for group in groups):
        raise ValueError(f"a group has 1 to {MOST_TRANSFERS} transfers")
    transfers = [transfer for group in groups for transfer in group.transfers]
    places: dict[Account, int] = {}
    sources = [places.setdefault(transfer.source, len(places)) for transfer in transfers]
    targets = [places.setdefault(transfer.target, len(places)) for transfer in transfers]
    account_ids = [account_id(account) for account in places]
    if len(set(account_ids)) < len(account_ids):
        raise ValueError("an account may overdraw in one transfer of the batch and may not in another")
    return Batch(
        groups=groups,
        accounts=list(places),
        account_ids=account_ids,
        group_ids=[group.id for group in groups for _ in group.transfers],
        ordinals=[ordinal for group in groups for ordinal in range(len(group.transfers))],
        sources=sources,
        targets=targets,
        minors=[transfer.minor for transfer in transfers],
        reasons=[transfer.reason for transfer in transfers],
    )


def decide(
    batch: Batch,
    balances: Sequence[int],
    closed: Set[int],
    known: Mapping[GroupId, Sequence[Line]],
) -> Ruling:
    """Decide every group in order, each seeing what those before it left.

    `balances` says what each account of the batch holds (0 when it is new,
    `BOUNDLESS` when it may overdraw), `known` the content of the groups that are
    in the ledger already. A refused group leaves no trace; one that comes twice
    is posted once.
    """
    held = list(balances)
    answers: list[Posted | Refusal] = []
    kept: list[bool] = []
    seen: dict[GroupId, Group | None] = dict.fromkeys(known)
    all_new = not known and len({group.id for group in batch.groups}) == len(batch.groups)
    sources, targets, minors = batch.sources, batch.targets, batch.minors
    upto = 0
    for group in batch.groups:
        first, upto = upto, upto + len(group.transfers)
        if not all_new:
            if group.id in seen:
                answers.append(_answer_again(group, seen[group.id], known))
                kept += [False] * (upto - first)
                continue
            seen[group.id] = group
        refusal: Refusal | None = None
        for place in range(first, upto):
            source, minor = sources[place], minors[place]
            left = held[source]
            if not 0 < minor <= left or minor > LARGEST_MINOR or closed:
                refusal = _refuse(batch, place, left, closed)
                if refusal is not None:
                    _undo(batch, first, place, held)
                    seen.pop(group.id, None)
                    break
            held[source] = left - minor
            held[targets[place]] += minor
        answers.append(refusal or Posted(group.id))
        kept += [refusal is None] * (upto - first)
    posted = batch if all(kept) else _keep(batch, kept)
    return Ruling(answers, posted, *_count(posted, balances, held))


def _count(posted: Batch, before: Sequence[int], after: Sequence[int]) -> tuple[list[int], list[int]]:
    """What each account gave and was given; the second follows from what it holds in the end."""
    debits = [0] * len(before)
    for source, minor in zip(posted.sources, posted.minors, strict=True):
        debits[source] += minor
    for place, account in enumerate(posted.accounts):
        if account.may_overdraw:
            debits[place] = 0
    credited = [
        0 if account.may_overdraw else end - start + out
        for account, start, end, out in zip(posted.accounts, before, after, debits, strict=True)
    ]
    return debits, credited


BOUNDLESS: Final = 1 << 100
"""What an account that may overdraw holds: more than any batch can move, so it is no case of its own."""


def _refuse(batch: Batch, place: int, left: int, closed: Set[int]) -> Refusal | None:
    """Why the transfer at a place cannot be, if so; `left` is what its source holds."""
    minor = batch.minors[place]
    if not 0 < minor <= LARGEST_MINOR:
        return BadAmount(minor=minor)
    for side in (batch.sources[place], batch.targets[place]):
        if side in closed:
            return AccountClosed(holder=batch.accounts[side].holder)
    if minor <= left:
        return None
    source = batch.accounts[batch.sources[place]]
    return NotEnough(
        holder=source.holder,
        purpose=source.purpose,
        asset=source.asset,
        minor=minor,
        balance_minor=left,
    )


def _undo(batch: Batch, first: int, upto: int, held: list[int]) -> None:
    for place in range(first, upto):
        held[batch.sources[place]] += batch.minors[place]
        held[batch.targets[place]] -= batch.minors[place]


def _answer_again(
    group: Group, earlier: Group | None, known: Mapping[GroupId, Sequence[Line]]
) -> Posted | Refusal:
    """The id was seen: in this batch (`earlier`), or in the ledger before it."""
    lines = known[group.id] if earlier is None else content(earlier)
    return Posted(group.id, again=True) if content(group) == lines else GroupConflict(id=str(group.id))


def _keep(batch: Batch, kept: list[bool]) -> Batch:
    """The batch without the transfers of refused and repeated groups."""
    return Batch(
        groups=batch.groups,
        accounts=batch.accounts,
        account_ids=batch.account_ids,
        group_ids=list(compress(batch.group_ids, kept)),
        ordinals=list(compress(batch.ordinals, kept)),
        sources=list(compress(batch.sources, kept)),
        targets=list(compress(batch.targets, kept)),
        minors=list(compress(batch.minors, kept)),
        reasons=list(compress(batch.reasons, kept)),
    )


def content(group: Group) -> list[Line]:
    """What makes two groups with the same id the same."""
    return [
        (account_id(transfer.source), account_id(transfer.target), transfer.minor, transfer.reason)
        for transfer in group.transfers
    ]


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
