"""Privacy over HTTP. Taking one's data out and leaving ask for the password (or the PIN of who has none)."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from wufu.core.ids import PersonId
from wufu.edge import Door
from wufu.people import guard_secret
from wufu.privacy import verbs

LONGEST_SECRET = 200


class SecretBody(BaseModel):
    model_config = ConfigDict(strict=True)
    password: str | None = Field(default=None, max_length=LONGEST_SECRET)
    pin: str | None = Field(default=None, max_length=LONGEST_SECRET)


class LeaveBody(SecretBody):
    at_once: bool = False


def router(door: Door) -> APIRouter:
    """Every route of privacy, under `/api/privacy`."""
    routes = APIRouter(prefix="/privacy", tags=["privacy"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    async def prove(person: PersonId, body: SecretBody) -> None:
        refusal = await guard_secret(door.database, person, password=body.password, pin=body.pin)
        if refusal is not None:
            raise refusal

    @routes.post("/export")
    async def export(body: SecretBody, person: Me) -> StreamingResponse:
        """Everything that is kept of the person who asks, as one JSON file."""
        await prove(person, body)
        now = door.database.clock()

        async def pieces() -> AsyncIterator[bytes]:
            async with door.database.read() as connection:
                async for piece in verbs.export(connection, person, now):
                    yield piece

        name = f"wufu-{person}-{now:%Y-%m-%d}.json"
        return StreamingResponse(
            pieces(),
            media_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @routes.get("/leaving")
    async def leaving(person: Me) -> Response:
        """Whether and when the person leaves, and what is to be settled before."""
        async with door.database.read() as connection:
            return _json(await verbs.see_leaving(connection, person))

    @routes.post("/leave")
    async def leave(body: LeaveBody, person: Me) -> Response:
        """Ask to leave, in seven days or at once."""
        await prove(person, body)
        work = partial(verbs.ask_to_leave, person=person, at_once=body.at_once)
        return _json(await door.database.run(work, actor=f"person/{person}"))

    @routes.post("/stay")
    async def stay(person: Me) -> Response:
        """Take it back."""
        return _json(await door.database.run(partial(verbs.stay, person=person), actor=f"person/{person}"))

    return routes


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
