"""The sandbox bank: a small bank of its own, with its own book, that speaks the protocol of `bank.py`.

It books what it is asked, settles it at the next turn of its job, and tells the wallet by a signed
notification, again and again with growing pauses until the wallet takes it. Amounts steer it: those that end
in 13 fen fail; those that end in 14 fen are confirmed, but the notification is lost on the way.

It reaches the wallet at `WUFU_BANK_NOTIFY_URL`, or in the same process, through the same HTTP messages.
"""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeVar

import httpx
import msgspec
from fastapi import APIRouter, FastAPI, Request, Response

from wufu.core.refusals import BodyTooLarge, IdConflict, MalformedBody, Refusal
from wufu.db import Database, Tx
from wufu.edge import NotFound, render
from wufu.wallet import store
from wufu.wallet.bank import LARGEST_MESSAGE, PATIENCE_SECONDS, check_signed, signed
from wufu.wallet.model import Notice, OrderKind, next_look

Body = TypeVar("Body")

NAME = "sandbox"
SETTLED_AT_ONCE = 100
FAILS, LOST = 13, 14
"""The last two digits of an amount that steer what becomes of it."""


class _Asked(msgspec.Struct, frozen=True):
    reference: str
    kind: OrderKind
    minor: int


class _Looked(msgspec.Struct, frozen=True):
    reference: str


async def sandbox_key(database: Database) -> bytes:
    """The key that sandbox and wallet share; made at first use."""
    async with database.read() as connection:
        key = await store.bank_key(connection, NAME)
    if key is not None:
        return key

    async def work(tx: Tx) -> bytes:
        await store.put_bank_key(tx.connection, NAME, tx.chance.secret(f"bank/{NAME}/key", 32))
        made = await store.bank_key(tx.connection, NAME)
        assert made is not None
        return made

    return await database.run(work, actor="system/bank")


def decide(minor: int) -> Literal["confirmed", "failed"]:
    """What becomes of an order of this amount."""
    return "failed" if minor % 100 == FAILS else "confirmed"


def sandbox_router(database: Database) -> APIRouter:
    """The bank's side of the protocol; every request must be signed."""
    routes = APIRouter(prefix="/sandbox-bank", include_in_schema=False)

    async def read(request: Request, purpose: str) -> tuple[bytes, bytes]:
        body = await request.body()
        if len(body) > LARGEST_MESSAGE:
            raise BodyTooLarge(bytes=len(body), most=LARGEST_MESSAGE)
        key = await sandbox_key(database)
        check_signed(key, purpose, request.headers, body, database.clock())
        return body, key

    def answer(notice: Notice, key: bytes) -> Response:
        body = msgspec.json.encode(notice)
        return Response(body, headers=signed(key, "state", body, database.clock()))

    @routes.post("/orders")
    async def order(request: Request) -> Response:
        body, key = await read(request, "order")
        asked = _decode(body, _Asked)
        if not 1 <= asked.minor < 1 << 62 or not 1 <= len(asked.reference) <= 80:
            raise MalformedBody(where="$", why="no order of this kind")

        async def work(tx: Tx) -> Notice:
            wanted = Notice(asked.reference, asked.kind, asked.minor, "accepted")
            booked = await store.book_order(tx.connection, wanted, tx.now)
            if (booked.kind, booked.minor) != (asked.kind, asked.minor):
                raise IdConflict(id=asked.reference)
            return booked

        return answer(await database.run(work, actor="bank/sandbox"), key)

    @routes.post("/orders/look")
    async def look(request: Request) -> Response:
        body, key = await read(request, "look")
        reference = _decode(body, _Looked).reference
        async with database.read() as connection:
            booked = await store.booked_order(connection, reference) if "\0" not in reference else None
        if booked is None:
            raise NotFound(path="/orders/look")
        return answer(booked, key)

    return routes


def _decode(body: bytes, kind: type[Body]) -> Body:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedBody(where="$", why=str(error)[:200]) from error


def app_of(*routers: APIRouter) -> FastAPI:
    """Routers as an application of their own, to be reached without a socket."""
    app = FastAPI(openapi_url=None)

    async def refuse(_: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        return Response(render(refusal), refusal.status, media_type="application/json")

    app.add_exception_handler(Refusal, refuse)
    for router in routers:
        app.include_router(router)
    return app


async def turn(database: Database, notify: Callable[[], tuple[httpx.AsyncClient, str]]) -> int:
    """Settle what is booked and tell the wallet; how many notifications were taken.

    `notify` makes a client, and says where the wallet takes them. What is not taken is tried again later.
    """

    async def settle(tx: Tx) -> list[Notice]:
        settled = []
        for order, tries in await store.take_due_orders(tx.connection, tx.now, SETTLED_AT_ONCE):
            state = order.state if order.state != "accepted" else decide(order.minor)
            ended = msgspec.structs.replace(order, state=state)
            lost = order.minor % 100 == LOST
            await store.settle_order(tx.connection, ended, tx.now, next_look(tries), told=lost)
            if not lost:
                settled.append(ended)
        return settled

    settled = await database.run(settle, actor="bank/sandbox")
    if not settled:
        return 0
    key = await sandbox_key(database)
    making, url = notify()
    async with making as client:
        told = [
            order.reference for order in settled if await _tell(client, url, key, order, database.clock())
        ]

    async def note(tx: Tx) -> None:
        await store.note_told(tx.connection, told, tx.now)

    await database.run(note, actor="bank/sandbox")
    return len(told)


async def _tell(client: httpx.AsyncClient, url: str, key: bytes, order: Notice, now: datetime) -> bool:
    body = msgspec.json.encode(order)
    try:
        response = await client.post(url, content=body, headers=signed(key, "notice", body, now))
    except httpx.HTTPError:
        return False
    return response.is_success


def notify_line(wallet: APIRouter) -> tuple[httpx.AsyncClient, str]:
    """A client, and where the wallet takes notifications."""
    url = os.environ.get("WUFU_BANK_NOTIFY_URL")
    if url:
        return httpx.AsyncClient(timeout=PATIENCE_SECONDS), url
    return httpx.AsyncClient(transport=httpx.ASGITransport(app_of(wallet))), "http://wallet/bank/notify"
