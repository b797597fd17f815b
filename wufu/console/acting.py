"""What every route of the console does: ask for a role, do an act and write it down, answer in JSON."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
from fastapi import Request, Response
from pydantic import BaseModel

from wufu.console import verbs
from wufu.console.model import Role
from wufu.core.ids import PersonId
from wufu.db import Tx
from wufu.edge import Door


class ActBody(BaseModel):
    """An act has the id that the page gave it: pressed twice, it is written down once."""

    id: UUID


def asks(door: Door, needs: Role) -> Callable[[Request], Awaitable[PersonId]]:
    """Who asks, if their role reaches so far. Refusals not_signed_in, not_an_operator."""

    async def operator(request: Request) -> PersonId:
        person = await door.person(request)
        async with door.database.borrow() as connection:
            await verbs.see_role(connection, person, needs)
        return person

    return operator


async def act(
    door: Door,
    person: PersonId,
    id_: UUID,
    verb: str,
    facts: dict[str, object],
    work: Callable[[Tx], Awaitable[object]],
) -> Response:
    """Do it and write it down, both or neither; sent again, it is not done again."""

    async def both(tx: Tx) -> object:
        if not await verbs.note_act(tx, person, id_, verb, facts):
            return {}
        return await work(tx)

    return as_json(await door.database.run(both, actor=f"operator/{person}"))


def as_json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
