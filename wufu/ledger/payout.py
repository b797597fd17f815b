"""Paying out: one account pays many, each once. What `post` does for any groups, for the shape that is hot.

A red packet's openings and a settlement's payouts are thousands of transfers from one account, one to a
group, in a numbered series. Little has to be decided: a payee cannot run short, and the caller knows what the
payer holds. So no account is locked or read beforehand. All are counted where they stand, in id order, by one
statement: an account that is closed is not found by it, and one that would run short stops it. And columns of
equal width need no value to be touched alone (decision 24).
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from wufu.core.ids import AccountId
from wufu.core.money import LARGEST_MINOR
from wufu.ledger.model import Account, BadAmount, account_id, series_of

Numbers = npt.NDArray[np.int64]
Ids = npt.NDArray[np.void]
"""Ids as 16 bytes each."""

_ID = np.dtype("V16")
_HALVES = np.dtype([("high", ">u8"), ("low", ">u8")])


class Payout(Struct, frozen=True):
    """`source` pays `minors[i]` to `targets[i]`, in the group `numbered_group(first + i, *series)`.

    The caller has a lock of its own over the series: it pays each number once, knows how far it came and what
    is left. Where it is wrong the database stops it: a number is a key, and no account goes below zero.
    """

    source: Account
    series: tuple[str, ...]
    first: int
    targets: Sequence[Account]
    minors: Sequence[int]
    reason: str

    def __post_init__(self) -> None:
        if len(self.targets) != len(self.minors):
            raise ValueError(f"{len(self.targets)} targets and {len(self.minors)} amounts")
        if self.first < 0 or self.first + len(self.targets) > 1 << 62:
            raise ValueError(f"a number in a series is from 0 to 2^62 - 1, not {self.first}")


class Bill(Struct):
    """Payouts laid out for writing, a transfer at each place, in the order of the ids of those who are paid.

    `counted` are the accounts in id order, each once, with what it gives (`debits`) and is given (`credits`).
    """

    reason: str
    group_ids: Ids
    sources: Ids
    targets: Ids
    minors: Numbers
    counted: Ids
    debits: Numbers
    credits: Numbers

    def given_to(self, accounts: Collection[AccountId]) -> dict[AccountId, int]:
        """What these of the counted accounts are given."""
        places = {bytes(id_): place for place, id_ in enumerate(self.counted.tolist())}
        return {account: int(self.credits[places[account.bytes]]) for account in accounts}


def lay_out_bill(payouts: Sequence[Payout]) -> Bill:
    """Lay payouts out. Raises `BadAmount`.

    Raises ValueError where payouts are mixed that no caller mixes: assets or reasons, an account that pays
    and is paid, or one that may overdraw.
    """
    reason, asset = payouts[0].reason, payouts[0].source.asset
    if any(payout.reason != reason or payout.source.asset != asset for payout in payouts):
        raise ValueError("payouts made together have one asset and one reason")
    payers = [payout.source for payout in payouts]
    payees = [target for payout in payouts for target in payout.targets]
    amounts = [minor for payout in payouts for minor in payout.minors]
    if any(payee.may_overdraw or payee.asset != asset for payee in payees):
        raise ValueError("whoever is paid has an account of the same asset, and one with counters")
    if any(payer.may_overdraw for payer in payers) or not set(payers).isdisjoint(payees):
        raise ValueError("whoever pays has an account with counters, and is not paid")
    if min(amounts) <= 0 or sum(amounts) > LARGEST_MINOR:
        raise BadAmount(minor=min(amounts) if min(amounts) <= 0 else max(amounts))
    sizes = [len(payout.targets) for payout in payouts]
    sources, targets, minors = np.repeat(_ids(payers), sizes), _ids(payees), np.array(amounts, dtype=np.int64)
    order = _order(targets)
    # Everybody who counts does so in this order, so two that count the same accounts do not wait for each
    # other crosswise; and neighbours in the indexes are written one after the other.
    counted, places = _distinct(np.concatenate([sources, targets]))
    debits = np.zeros(len(counted), dtype=np.int64)
    credits = np.zeros(len(counted), dtype=np.int64)  # noqa: A001 - the ledger's word
    np.add.at(debits, places[: len(sources)], minors)
    np.add.at(credits, places[len(sources) :], minors)
    return Bill(
        reason=reason,
        group_ids=np.concatenate([_groups(payout) for payout in payouts])[order],
        sources=sources[order],
        targets=targets[order],
        minors=minors[order],
        counted=counted,
        debits=debits,
        credits=credits,
    )


def _ids(accounts: Sequence[Account]) -> Ids:
    return np.frombuffer(b"".join([account_id(account).bytes for account in accounts]), dtype=_ID)


def _groups(payout: Payout) -> Ids:
    """The ids that `numbered_group` makes, all at once."""
    ids = np.empty(len(payout.targets), dtype=_HALVES)
    ids["high"] = int.from_bytes(series_of(payout.series))
    ids["low"] = np.arange(payout.first, payout.first + len(ids), dtype=np.uint64) | np.uint64(1 << 63)
    return ids.view(_ID)


def _order(ids: Ids) -> npt.NDArray[np.intp]:
    """The places of ids in the order in which the database sorts them."""
    halves = ids.view(_HALVES)
    return np.lexsort((halves["low"].astype(np.uint64), halves["high"].astype(np.uint64)))


def _distinct(ids: Ids) -> tuple[Ids, npt.NDArray[np.intp]]:
    """Different ids in order, and for each of the given ones its place among them."""
    order = _order(ids)
    ordered = ids[order]
    halves = ordered.view(_HALVES)
    new = np.r_[False, halves[1:] != halves[:-1]]
    places = np.empty(len(ids), dtype=np.intp)
    places[order] = np.cumsum(new)
    return ordered[np.r_[True, new[1:]]], places
