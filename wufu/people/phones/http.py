"""One's own phone number over HTTP. Finding others by theirs is for ties: they know who may be found."""

from typing import Annotated, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx
from wufu.edge import Door
from wufu.people.phones import verbs
from wufu.people.phones.model import Asked, Phone

T = TypeVar("T")


class NumberBody(BaseModel):
    model_config = ConfigDict(strict=True)
    number: str = Field(max_length=40)


class CodeBody(BaseModel):
    model_config = ConfigDict(strict=True)
    code: str = Field(max_length=20)


def router(door: Door) -> APIRouter:
    """`/api/me/phone`."""
    routes = APIRouter(prefix="/me/phone", tags=["people"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("")
    async def mine(person: Me) -> Response:
        """The last two digits of one's number, or null."""
        async with door.database.read() as connection:
            return _json({"phone": await verbs.see_phone(connection, person)})

    @routes.post("")
    async def ask(body: NumberBody, person: Me) -> Response:
        """Send a code to a number."""

        async def work(tx: Tx) -> Asked | Refusal:
            return await verbs.ask_code(tx, person, body.number)

        asked = _granted(await door.database.run(work, actor=f"person/{person}"))
        # Only where nobody's phone rings may the page know the code.
        return _json(asked if door.demo else msgspec.structs.replace(asked, code=None))

    @routes.post("/prove")
    async def prove(body: CodeBody, person: Me) -> Response:
        """Type the code that came."""

        async def work(tx: Tx) -> Phone | Refusal:
            return await verbs.prove_phone(tx, person, body.code)

        return _json({"phone": _granted(await door.database.run(work, actor=f"person/{person}"))})

    @routes.delete("")
    async def remove(person: Me) -> Response:
        """Take one's number away."""

        async def work(tx: Tx) -> None:
            await verbs.remove_phone(tx, person)

        await door.database.run(work, actor=f"person/{person}")
        return _json({"phone": None})

    return routes


def _granted(answer: T | Refusal) -> T:
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
