"""The wallet over HTTP: balance, statement, top-up, withdrawal, and where the bank calls."""

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from wufu.core.ids import PersonId
from wufu.db import Tx
from wufu.edge import Door
from wufu.people import guard_pin, see_me
from wufu.wallet import verbs
from wufu.wallet.bank import configured_bank
from wufu.wallet.jobs import submit
from wufu.wallet.model import Line, Order, TopUp, Withdraw
from wufu.wallet.notify import notify_router
from wufu.wallet.orders import ask_top_up, ask_withdrawal
from wufu.wallet.sandbox import sandbox_router


class TopUpBody(BaseModel):
    id: UUID
    minor: int = Field(strict=True)


class WithdrawBody(BaseModel):
    id: UUID
    minor: int = Field(strict=True)
    pin: str


def routers(door: Door) -> list[APIRouter]:
    """Every route of the wallet, under `/api`; with the sandbox bank's own unless another bank is named."""
    banks = [] if configured_bank() is not None else [sandbox_router(door.database)]
    return [_own(door), notify_router(door.database), *banks]


def _own(door: Door) -> APIRouter:
    routes = APIRouter(tags=["wallet"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/wallet")
    async def wallet(person: Me) -> Response:
        """What one has, and what is on its way from or to the bank."""
        async with door.database.read() as connection:
            body = {
                "balance_minor": await verbs.see_balance(connection, person),
                "has_pin": (await see_me(connection, person)).has_pin,
                "banks": [{"id": "sandbox", "name": "沙盒银行", "name_en": "Sandbox Bank"}],
                "orders": await verbs.see_orders(connection, person),
                "limits": await verbs.see_limits(connection),
            }
        return _json(body)

    @routes.get("/wallet/statement")
    async def statement(person: Me, before: int | None = None) -> Response:
        """A page of one's statement, the newest first; `next` asks for the page after it."""
        async with door.database.read() as connection:
            lines = await verbs.see_statement(connection, person, before)
        following = lines[-1].seq if len(lines) == verbs.PAGE else None
        return _json({"entries": [_entry(line) for line in lines], "next": following})

    @routes.post("/wallet/top-up")
    async def top_up(body: TopUpBody, person: Me) -> Response:
        """Ask for money from the bank; it is credited when the bank confirms."""
        request = TopUp(person, body.id, body.minor)

        async def work(tx: Tx) -> Order:
            return await ask_top_up(tx, request)

        order = await door.database.run(work, actor=f"person/{person}")
        return _json({"top_up": _order(await submit(door.database, order))})

    @routes.post("/wallet/withdraw")
    async def withdraw(body: WithdrawBody, person: Me) -> Response:
        """Ask for money to the bank; it is set aside at once."""
        if refusal := await guard_pin(door.database, person, body.pin):
            raise refusal
        request = Withdraw(person, body.id, body.minor)

        async def work(tx: Tx) -> Order:
            return await ask_withdrawal(tx, request)

        order = await door.database.run(work, actor=f"person/{person}")
        return _json({"withdrawal": _order(await submit(door.database, order))})

    return routes


def _entry(line: Line) -> dict[str, object]:
    other: dict[str, object] = {"holder": line.holder}
    if line.person is not None:
        other |= {"person": line.person, "name": line.name}
    entry: dict[str, object] = {
        "seq": line.seq,
        "at": line.at,
        "minor": line.minor,
        "reason": line.reason,
        "with": other,
        "balance_minor": line.balance_minor,
    }
    return {**entry, "note": line.note} if line.note else entry


def _order(order: Order) -> dict[str, object]:
    return {"id": str(order.id), "state": order.state, "minor": order.minor}


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
