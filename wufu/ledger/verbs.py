"""What may be done to the ledger, one function a verb."""

from collections.abc import Mapping, Sequence

from wufu.core.ids import AccountId, HoldId
from wufu.core.refusals import Refusal
from wufu.db import Tx
from wufu.ledger.model import (
    Account,
    AccountClosed,
    AccountHasHolds,
    AccountNotEmpty,
    Ending,
    Group,
    GroupConflict,
    Held,
    Hold,
    HoldConflict,
    NotEnough,
    Posted,
    account_id,
    decide,
    decide_ending,
    lay_out,
    placing,
)
from wufu.ledger.payout import Payout, lay_out_bill
from wufu.ledger.store import holding, paying, posting


async def post(tx: Tx, groups: Sequence[Group]) -> list[Posted | Refusal]:
    """Move amounts: the only writer of transfers. One answer a group, in order.

    Each group happens whole or not at all, and sees what the groups before it
    left. A group that is in the ledger already is answered `Posted(again=True)`,
    or `GroupConflict` when its id was used for other transfers. Refusals:
    `NotEnough`, `AccountClosed`, `BadAmount`. Call it few times a transaction and
    with all groups at once: the cost of a call is that of some hundred transfers.

    The groups are looked up before anything is locked, since others wait for our
    locks. When another transaction posts one of them in between, the primary key
    of `transfer` stops us and the next try sees it; only a refusal has to be
    looked up again, lest a repeated payment be told that its money is gone.
    """
    if not groups:
        return []
    batch = lay_out(groups)
    known = await posting.find_groups(tx.connection, [group.id for group in groups])
    locked = await posting.lock_accounts(tx.connection, batch)
    ruling = decide(batch, locked.balances, locked.closed, known)
    if ruling.posted is not batch:
        refused = [
            group.id
            for group, answer in zip(groups, ruling.answers, strict=True)
            if isinstance(answer, Refusal) and group.id not in known
        ]
        late = await posting.find_groups(tx.connection, refused) if refused else {}
        if late:
            ruling = decide(batch, locked.balances, locked.closed, known | late)
    if ruling.posted.group_ids:
        await posting.write(tx.connection, ruling, locked, tx.now)
    return ruling.answers


async def pay_out(tx: Tx, payouts: Sequence[Payout]) -> None:
    """Pay from few accounts to many, a group a payee: what `post` does for such groups, for half the work.

    Under a lock of the caller's over each series, which also says that the payer can pay (`Payout`). All of
    it happens, or it raises and the transaction is lost: `AccountClosed`, `BadAmount`, `NotEnough` from an
    account that was never opened; UniqueViolationError for a number that was paid before and
    CheckViolationError for more than the payer has, which are bugs of the caller. Once a transaction, and
    with no `post` beside it: accounts are locked in id order, as there, but for each call anew.
    """
    payouts = [payout for payout in payouts if payout.targets]
    if not payouts:
        return
    bill = lay_out_bill(payouts)
    missed = await paying.count(tx.connection, bill)
    if missed:
        await _open_payees(tx, payouts, bill.given_to(missed))
    await paying.append(tx.connection, bill, tx.now)


async def _open_payees(tx: Tx, payouts: Sequence[Payout], given: Mapping[AccountId, int]) -> None:
    """Credit those who could not be counted: open their accounts, unless they are closed."""
    there = await paying.closed_among(tx.connection, list(given))
    payers = {account_id(payout.source): payout.source for payout in payouts}
    payees = {account_id(target): target for payout in payouts for target in payout.targets}
    for id_ in given:
        account = payers.get(id_) or payees[id_]
        if there.get(id_):
            raise AccountClosed(holder=account.holder)
        if id_ in payers:
            minor = sum(sum(payout.minors) for payout in payouts if payout.source == account)
            raise NotEnough(
                holder=account.holder,
                purpose=account.purpose,
                asset=account.asset,
                minor=minor,
                balance_minor=0,
            )
    opened = [(payees[id_], minor) for id_, minor in given.items() if id_ not in there]
    if opened:
        await paying.open_payees(tx.connection, opened)
    # Those that somebody else opened between our two looks.
    if late := [(id_, given[id_]) for id_ in there]:
        assert not await paying.credit(tx.connection, late), late


async def close_account(tx: Tx, account: Account) -> None:
    """No transfer touches the account from now on; closing it twice is closing it once.

    Raises `AccountNotEmpty` and `AccountHasHolds`. An account that may overdraw is
    never locked, so nothing could hold its closing: ValueError.
    """
    if account.may_overdraw:
        raise ValueError(f"{account.holder} {account.purpose} may overdraw and cannot be closed")
    balance, closed = await posting.lock_account(tx.connection, account)
    if closed:
        return
    if balance:
        raise AccountNotEmpty(
            holder=account.holder, purpose=account.purpose, asset=account.asset, balance_minor=balance
        )
    # Whoever places a hold locks the account too, so none can appear after this look.
    if await posting.has_open_holds(tx.connection, account.id):
        raise AccountHasHolds(holder=account.holder)
    await posting.close(tx.connection, account.id, tx.now)


async def place_holds(tx: Tx, holds: Sequence[Hold]) -> list[Held | Refusal]:
    """Set amounts aside: they leave the source now and reach nobody until the hold ends.

    Refusals: those of `post`, and `HoldConflict` when the id was used for another hold.
    """
    answers = await post(tx, [placing(hold) for hold in holds])
    new = [
        hold
        for hold, answer in zip(holds, answers, strict=True)
        if isinstance(answer, Posted) and not answer.again
    ]
    if new:
        await holding.add_holds(tx.connection, new, tx.now)
    repeated = [
        hold.id
        for hold, answer in zip(holds, answers, strict=True)
        if isinstance(answer, Posted) and answer.again
    ]
    known = await holding.lock_holds(tx.connection, repeated) if repeated else {}
    held: list[Held | Refusal] = []
    for hold, answer in zip(holds, answers, strict=True):
        if isinstance(answer, GroupConflict):
            held.append(HoldConflict(id=str(hold.id)))
        elif isinstance(answer, Refusal):
            held.append(answer)
        elif not answer.again:
            held.append(Held(hold.id, "placed"))
        elif known[hold.id].hold == hold:
            state = known[hold.id]
            held.append(Held(hold.id, state.outcome, state.posted_minor, again=True))
        else:
            held.append(HoldConflict(id=str(hold.id)))
    return held


async def post_holds(tx: Tx, holds: Sequence[tuple[HoldId, int | None]]) -> list[Held | Refusal]:
    """Move held amounts on to their targets: all of each (None) or a part; the rest returns to its source.

    Refusals: `UnknownHold`, `HoldEnded`, `BadAmount`, `AccountClosed` (the hold stays open).
    """
    return await _end(tx, [Ending(hold, "posted", minor) for hold, minor in holds])


async def void_holds(tx: Tx, holds: Sequence[HoldId]) -> list[Held | Refusal]:
    """Return held amounts to their sources. Refusals: `UnknownHold`, `HoldEnded`."""
    return await _end(tx, [Ending(hold, "voided") for hold in holds])


async def expire_holds(tx: Tx, limit: int = 1000) -> list[Held | Refusal]:
    """Return the amounts of up to `limit` holds whose time is over; for the job clock."""
    due = await holding.lock_expired_holds(tx.connection, tx.now, limit)
    return await _end(tx, [Ending(hold, "expired") for hold in due])


async def _end(tx: Tx, endings: Sequence[Ending]) -> list[Held | Refusal]:
    """End holds in order. The locked row decides between two that end the same one."""
    states = await holding.lock_holds(tx.connection, list({ending.id for ending in endings}))
    answers: list[Held | Refusal | None] = [None] * len(endings)
    groups: dict[int, Group] = {}
    seen: set[HoldId] = set()
    later: list[int] = []
    for place, ending in enumerate(endings):
        if ending.id in seen:
            later.append(place)
            continue
        seen.add(ending.id)
        outcome = decide_ending(states.get(ending.id), ending, tx.now)
        if isinstance(outcome, Group):
            groups[place] = outcome
        else:
            answers[place] = outcome
    done = []
    for place, posted in zip(groups, await post(tx, list(groups.values())), strict=True):
        ending = endings[place]
        if isinstance(posted, Refusal):
            answers[place] = posted
            continue
        hold = states[ending.id].hold
        minor = (hold.minor if ending.minor is None else ending.minor) if ending.outcome == "posted" else 0
        done.append((ending, minor))
        answers[place] = Held(ending.id, ending.outcome, minor)
    if done:
        await holding.end_holds(tx.connection, done, tx.now)
    if later:
        # The same hold twice in one batch: the second wish meets what the first one left.
        for place, answer in zip(later, await _end(tx, [endings[place] for place in later]), strict=True):
            answers[place] = answer
    return [answer for answer in answers if answer is not None]
