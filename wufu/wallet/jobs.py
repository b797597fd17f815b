"""The wallet by the clock: the sandbox bank's turns, and looking after orders that stay open.

A notification may get lost, and the wallet may crash between committing an order and telling the bank. So
every open order is looked after: the bank is asked how it stands; an order it never heard of is submitted
again, under the same reference; one that ended is taken as if its notification had come.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from wufu.core.refusals import Refusal
from wufu.db import Database, Job, Tx
from wufu.wallet import sandbox, store
from wufu.wallet.bank import Bank, bank_at, configured_bank
from wufu.wallet.model import Notice, Order, next_look
from wufu.wallet.notify import notify_router
from wufu.wallet.orders import hear_bank

log = logging.getLogger("wufu.wallet")

LOOKED_AFTER_AT_ONCE = 50


@asynccontextmanager
async def open_bank(database: Database) -> AsyncIterator[Bank]:
    """The bank that the environment names, or the sandbox, for the length of a block."""
    named = configured_bank()
    if named is not None:
        async with bank_at(*named, database.clock) as bank:
            yield bank
        return
    key = await sandbox.sandbox_key(database)
    transport = httpx.ASGITransport(sandbox.app_of(sandbox.sandbox_router(database)))
    async with bank_at("http://bank/sandbox-bank", key, database.clock, transport) as bank:
        yield bank


async def submit(database: Database, order: Order) -> Order:
    """Tell the bank of an order that is committed; when the bank is away, the job does it later."""
    if order.state != "asked":
        return order
    async with open_bank(database) as bank:
        notice = await _ask(bank, order)
    return order if notice is None else await hear(database, notice)


async def hear(database: Database, notice: Notice) -> Order:
    """`hear_bank` in a transaction of its own."""

    async def work(tx: Tx) -> Order:
        return await hear_bank(tx, notice)

    return await database.run(work, actor="bank")


async def look_after_orders(database: Database) -> int:
    """Ask the bank about open orders that are due; how many of them ended."""

    async def take(tx: Tx) -> list[tuple[Order, int]]:
        due = await store.take_open_orders(tx.connection, tx.now, LOOKED_AFTER_AT_ONCE)
        # Postponed before the bank is asked: whatever happens then, the next look is not at once.
        await store.postpone_orders(tx.connection, due, [tx.now + next_look(looks) for _, looks in due])
        return due

    due = await database.run(take, actor="system/bank")
    if not due:
        return 0
    ended = 0
    async with open_bank(database) as bank:
        for order, _ in due:
            notice = await _look(bank, order)
            if notice is not None and (await hear(database, notice)).state != "asked":
                ended += 1
    return ended


async def _look(bank: Bank, order: Order) -> Notice | None:
    try:
        known = await bank.look(order.reference)
    except (httpx.HTTPError, Refusal) as error:
        log.warning("the bank did not say how %s stands: %r", order.reference, error)
        return None
    return await _ask(bank, order) if known is None else known


async def _ask(bank: Bank, order: Order) -> Notice | None:
    try:
        return await bank.submit(order)
    except (httpx.HTTPError, Refusal) as error:
        log.warning("the bank did not take %s: %r", order.reference, error)
        return None


async def _sandbox_turn(database: Database) -> int:
    if configured_bank() is not None:
        return 0
    return await sandbox.turn(database, lambda: sandbox.notify_line(notify_router(database)))


def jobs() -> list[Job]:
    """The wallet's work by the clock."""
    return [Job("sandbox bank", 0.5, _sandbox_turn), Job("look after bank orders", 2, look_after_orders)]
