"""Routes of campaigns: what anybody signed in may see. The verbs go through the live table."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from wufu.core.ids import PersonId
from wufu.edge import Door
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.views import (
    campaign_of,
    see_campaign,
    see_mine,
    see_pasted,
    see_proof,
    see_spare_cards,
)


class Pasted(BaseModel):
    """A text somebody pasted; a 口令 may stand anywhere in it."""

    text: str = Field(max_length=4000)


def router(door: Door) -> APIRouter:
    routes = APIRouter(prefix="/fortune", tags=["fortune"])
    signed_in = Depends(door.person)
    Signed = Annotated[PersonId, signed_in]  # noqa: N806  a type, made here because the door is given here

    @routes.get("")
    async def campaigns() -> Response:
        """The campaigns that were announced, newest first."""
        async with door.database.read() as connection:
            found = await campaign_store.listed(connection)
        return _json({"campaigns": found})

    @routes.get("/{campaign}")
    async def campaign_view(campaign: str) -> Response:
        """A campaign's public face: rounds, commitments, pool, how many hold a full set."""
        async with door.database.read() as connection:
            return _json(await see_campaign(connection, campaign, door.database.clock()))

    @routes.get("/{campaign}/mine")
    async def mine(campaign: str, person: Signed) -> Response:
        """My cards, taps, requests, swaps and cash in a campaign."""
        async with door.database.read() as connection:
            return _json(await see_mine(connection, campaign, person))

    @routes.get("/{campaign}/friends/{friend}")
    async def spare_cards(
        campaign: str, friend: Annotated[int, Path(ge=1, le=2**63 - 1)], person: Signed
    ) -> Response:
        """The cards a friend can spare."""
        async with door.database.read() as connection:
            cards = await see_spare_cards(connection, campaign, person, PersonId(friend))
        return _json({"cards": cards})

    @routes.get("/{campaign}/proof")
    async def proof(campaign: str, person: Signed) -> Response:
        """The proof of my draws, as a file that `wufu verify` and the page can check."""
        async with door.database.read() as connection:
            file = await see_proof(connection, campaign, person)
        name = f"wufu-proof-{campaign}.json"
        return _json(file, {"Content-Disposition": f'attachment; filename="{name}"'})

    @routes.post("/{campaign}/paste")
    async def paste(campaign: str, pasted: Pasted, person: Signed) -> Response:
        """Find the request behind a pasted 口令."""
        async with door.database.read() as connection:
            await campaign_of(connection, campaign)
            return _json({"request": await see_pasted(connection, campaign, pasted.text)})

    return routes


def _json(body: object, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)
