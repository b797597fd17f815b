"""Red packets over HTTP: what is not hot. The verbs themselves go through the live table."""

from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from wufu.core.ids import PacketId, PersonId
from wufu.edge import Door
from wufu.redpacket import views
from wufu.redpacket.verbs.asking import allow_asking, refuse_ask

LONGEST_TOKEN = 100


class SettingsBody(BaseModel):
    allow_asking: bool = Field(strict=True)


class RefuseBody(BaseModel):
    from_: int = Field(alias="from", strict=True, ge=1, lt=1 << 63)
    id: UUID


def router(door: Door) -> APIRouter:
    routes = APIRouter(prefix="/packets", tags=["packets"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    Token = Annotated[str | None, Query(max_length=LONGEST_TOKEN)]  # noqa: N806
    After = Annotated[int, Query(ge=0, le=views.BEYOND)]  # noqa: N806

    @routes.get("/settings")
    async def settings(person: Me) -> Response:
        """One's switch for being asked, and the limits."""
        async with door.database.read() as connection:
            return _json(await views.see_packet_settings(connection, person, door.database.clock()))

    @routes.post("/settings")
    async def change_settings(body: SettingsBody, person: Me) -> Response:
        """Switch being asked for packets on or off."""
        work = partial(allow_asking, person=person, allow=body.allow_asking)
        await door.database.run(work, actor=f"person/{person}")
        return await settings(person)

    @routes.get("/history")
    async def history(
        person: Me,
        side: views.Side = "received",
        year: Annotated[int | None, Query(ge=views.FIRST_YEAR, le=views.LAST_YEAR)] = None,
        before: Annotated[str | None, Query(max_length=LONGEST_TOKEN)] = None,
    ) -> Response:
        """A year's packets, sent or received, the newest first, and what the year adds up to."""
        async with door.database.read() as connection:
            now = door.database.clock()
            return _json(await views.see_history(connection, person, side, year, before, now))

    @routes.get("/asks")
    async def asks(person: Me) -> Response:
        """Who asks me for a packet, and whom I asked."""
        async with door.database.read() as connection:
            return _json(await views.see_asks(connection, person))

    @routes.post("/asks/refuse")
    async def refuse(body: RefuseBody, person: Me) -> Response:
        """Put an ask away; whoever asked learns nothing."""
        work = partial(refuse_ask, person=person, asker=PersonId(body.from_), ask=body.id)
        await door.database.run(work, actor=f"person/{person}")
        return _json({})

    @routes.get("/link/{token}")
    async def by_link(token: str, person: Me, after: After = views.BEYOND) -> Response:
        """The packet behind a link."""
        async with door.database.read() as connection:
            now = door.database.clock()
            return _json(
                await views.see_packet_by_token(connection, person, token[:LONGEST_TOKEN], now, below=after)
            )

    @routes.get("/{packet}")
    async def one(packet: UUID, person: Me, token: Token = None, after: After = views.BEYOND) -> Response:
        """A packet, and a page of who got what."""
        async with door.database.read() as connection:
            now = door.database.clock()
            return _json(
                await views.see_packet(connection, person, PacketId(packet), now, token=token, below=after)
            )

    @routes.get("/{packet}/proof")
    async def proof(packet: UUID, person: Me, token: Token = None) -> Response:
        """The proof of how a packet was split, as a file that `wufu verify` and the page can check."""
        async with door.database.read() as connection:
            file = await views.see_packet_proof(connection, person, PacketId(packet), token=token)
        return _json(file, {"Content-Disposition": f'attachment; filename="wufu-packet-{packet}.json"'})

    return routes


def _json(body: object, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)
