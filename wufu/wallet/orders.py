"""Top-ups and withdrawals: asking for them, and hearing what the bank made of them.

Nothing here talks to the bank: these are the transactions before and after. An order is asked for and
committed; then the bank is told (`jobs.submit`); its answer comes back as a notice, over the notify route or
from the job that looks after open orders, and both end here, in `hear_bank`.
"""

from uuid import UUID

from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, Refusal
from wufu.db import Tx
from wufu.ledger import (
    BadAmount,
    Group,
    Hold,
    Transfer,
    balances,
    place_holds,
    post,
    post_holds,
    void_holds,
)
from wufu.wallet import store
from wufu.wallet.bank import BadNotice
from wufu.wallet.model import (
    BANK,
    FIRST_LOOK,
    FOREVER,
    Notice,
    Order,
    OrderKind,
    OrderState,
    TopUp,
    Withdraw,
    day_of,
    money_of,
    read_reference,
    top_up_group,
    withdrawal_hold,
    within,
)
from wufu.wallet.verbs import moved

TOP_UP, WITHDRAWAL, RETURNED = "top_up", "withdrawal", "withdrawal_returned"


async def ask_top_up(tx: Tx, request: TopUp) -> Order:
    """Ask for money from the bank; it is credited when the bank confirms.

    The same id and amount again is the same order as it stands now. Refusals: bad_amount, over_limit,
    id_conflict.
    """
    if (known := await _known(tx, request.person, request.id, "top_up", request.minor)) is not None:
        return known
    limits = await store.limits(tx.connection)
    if refusal := within("top_up", limits.top_up, 0, request.minor):
        raise refusal
    order = Order(request.person, request.id, "top_up", request.minor, "asked")
    group = top_up_group(order.person, order.id)
    await store.insert_order(tx.connection, order, group, tx.now, tx.now + FIRST_LOOK)
    return order


async def ask_withdrawal(tx: Tx, request: Withdraw) -> Order:
    """Ask for money to the bank; it is set aside at once. The PIN was checked before.

    The same id and amount again is the same order as it stands now. Refusals: bad_amount, over_limit,
    not_enough, account_closed, id_conflict.
    """
    if (known := await _known(tx, request.person, request.id, "withdrawal", request.minor)) is not None:
        return known
    limits = await store.limits(tx.connection)
    days = await store.lock_people(tx.connection, [request.person], day_of(tx.now))
    day = days[request.person]
    if refusal := within("withdrawal", limits.withdrawal, 0, request.minor):
        raise refusal
    if refusal := within("withdrawal_day", limits.withdrawal_day, day.withdrawn_minor, request.minor):
        raise refusal
    hold = withdrawal_hold(request.person, request.id)
    money = money_of(request.person)
    [held] = await place_holds(tx, [Hold(hold, money, BANK, request.minor, FOREVER)])
    if isinstance(held, Refusal):
        raise held
    day.withdrawn_minor += request.minor
    await store.put_days(tx.connection, days)
    order = Order(request.person, request.id, "withdrawal", request.minor, "asked")
    await store.insert_order(tx.connection, order, hold, tx.now, tx.now + FIRST_LOOK)
    await _tell(tx, order, -order.minor, WITHDRAWAL)
    return order


async def hear_bank(tx: Tx, notice: Notice) -> Order:
    """Take a bank's word on an order, once; its signature was checked. A repeated notice changes nothing.

    Refusal bad_notice when it does not fit: an unknown order, another kind or amount, or another end than the
    one it already had.
    """
    key = read_reference(notice.reference)
    order = None if key is None else await store.lock_order(tx.connection, *key)
    if order is None:
        raise BadNotice(why="unknown order", reference=notice.reference[:80])
    if (notice.kind, notice.minor) != (order.kind, order.minor):
        raise BadNotice(why="another kind or amount", reference=notice.reference)
    if notice.state in ("accepted", order.state):
        return order
    if order.state != "asked":
        raise BadNotice(why=f"ended before as {order.state}", reference=notice.reference)
    confirmed = notice.state == "confirmed"
    ended: OrderState = "confirmed" if confirmed else "failed"
    if order.kind == "top_up":
        if confirmed:
            await _credit(tx, order)
    else:
        hold = withdrawal_hold(order.person, order.id)
        [held] = await post_holds(tx, [(hold, None)]) if confirmed else await void_holds(tx, [hold])
        if isinstance(held, Refusal):
            raise held
        if not confirmed:
            await _tell(tx, order, order.minor, RETURNED)
    await store.end_order(tx.connection, order, ended, tx.now)
    return Order(order.person, order.id, order.kind, order.minor, ended)


async def _known(tx: Tx, person: PersonId, id_: UUID, kind: OrderKind, minor: int) -> Order | None:
    """The order of this id, if there is one; held by us, so that two asks of one id take turns."""
    if minor < 1:
        raise BadAmount(minor=minor)
    await store.lock_people(tx.connection, [person], day_of(tx.now))
    known = await store.lock_order(tx.connection, person, id_)
    if known is not None and (known.kind, known.minor) != (kind, minor):
        raise IdConflict(id=str(id_))
    return known


async def _credit(tx: Tx, order: Order) -> None:
    money = money_of(order.person)
    group = Group(top_up_group(order.person, order.id), (Transfer(BANK, money, order.minor, TOP_UP),))
    [posted] = await post(tx, [group])
    if isinstance(posted, Refusal):
        raise posted
    await _tell(tx, order, order.minor, TOP_UP)


async def _tell(tx: Tx, order: Order, minor: int, reason: str) -> None:
    [balance] = await balances(tx.connection, [money_of(order.person)])
    tx.announce(moved(order.person, balance, minor, reason))
