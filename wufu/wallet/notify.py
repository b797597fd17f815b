"""Where the bank's notifications come in: signed, or refused."""

from fastapi import APIRouter, Request

from wufu.core.refusals import BodyTooLarge
from wufu.db import Database, Tx
from wufu.wallet.bank import LARGEST_MESSAGE, check_signed, configured_bank, read_notice
from wufu.wallet.orders import hear_bank
from wufu.wallet.sandbox import sandbox_key


def notify_router(database: Database) -> APIRouter:
    """The one route that banks call."""
    routes = APIRouter(tags=["bank"])

    @routes.post("/bank/notify")
    async def notify(request: Request) -> dict[str, object]:
        """A bank's word on an order; the same again changes nothing."""
        body = await request.body()
        if len(body) > LARGEST_MESSAGE:
            raise BodyTooLarge(bytes=len(body), most=LARGEST_MESSAGE)
        named = configured_bank()
        key = await sandbox_key(database) if named is None else named[1]
        check_signed(key, "notice", request.headers, body, database.clock())
        notice = read_notice(body)

        async def work(tx: Tx) -> str:
            return (await hear_bank(tx, notice)).state

        return {"state": await database.run(work, actor="bank")}

    return routes
