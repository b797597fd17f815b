"""Ties over HTTP: one's lists, finding people, and the six verbs, each batched with whoever else asks."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.edge import Batcher, Door
from wufu.ties import verbs
from wufu.ties.model import AcceptTie, AskTie, Block, RefuseTie, RemoveTie, Standing, Unblock

NEW_FOR_SECONDS = 24 * 3600
"""How long a friend is shown as new."""


class PersonBody(BaseModel):
    model_config = ConfigDict(strict=True)
    person: int


def router(door: Door) -> APIRouter:
    """Every route of ties, under `/api`."""
    routes = APIRouter(tags=["ties"])
    _lists(routes, door)
    _change(routes, door, "ask", verbs.ask_ties, AskTie)
    _change(routes, door, "accept", verbs.accept_ties, AcceptTie)
    _change(routes, door, "refuse", verbs.refuse_ties, RefuseTie)
    _change(routes, door, "remove", verbs.remove_ties, RemoveTie)
    _change(routes, door, "block", verbs.block, Block)
    _change(routes, door, "unblock", verbs.unblock, Unblock)
    return routes


def _change(
    routes: APIRouter, door: Door, name: str, verb: Any, request: Callable[[PersonId, PersonId], Any]
) -> None:
    batcher: Batcher[Any, Standing] = Batcher(door.database, f"ties/{name}", verb)

    @routes.post(f"/ties/{name}", name=f"{name} a tie")
    async def change(
        body: PersonBody, person: Annotated[PersonId, Depends(door.person)]
    ) -> dict[str, object]:
        answer = await batcher.ask(request(person, PersonId(body.person)))
        if isinstance(answer, Refusal):
            raise answer
        return {"tie": answer.tie}


def _lists(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/ties")
    async def ties(person: Me) -> dict[str, object]:
        """One's friends, who asks, whom one asked, and whom one blocked."""
        now = door.database.clock()
        async with door.database.read() as connection:
            friends = await verbs.see_friends(connection, person)
            requests = await verbs.see_requests(connection, person)
            asked = await verbs.see_asked(connection, person)
            blocked = await verbs.see_blocked(connection, person)
        return {
            "friends": [
                {
                    **msgspec.to_builtins(friend),
                    "new": (now - friend.since).total_seconds() < NEW_FOR_SECONDS,
                }
                for friend in friends
            ],
            "requests": msgspec.to_builtins(requests),
            "asked": msgspec.to_builtins(asked),
            "blocked": msgspec.to_builtins(blocked),
        }

    @routes.get("/ties/suggestions")
    async def suggestions(person: Me, limit: int = 20) -> dict[str, object]:
        """People one may know."""
        async with door.database.read() as connection:
            return {"people": msgspec.to_builtins(await verbs.suggest(connection, person, limit))}

    @routes.get("/people/find")
    async def find(
        person: Me, q: str = "", number: Annotated[int | None, Query(alias="person", ge=1, lt=2**63)] = None
    ) -> dict[str, object]:
        """People by exact login or exact name, or the one behind a code (`person`), if findable."""
        async with door.database.read() as connection:
            if number is None:
                found = await verbs.find(connection, person, q)
            else:
                found = await verbs.find_by_number(connection, person, PersonId(number))
        return {"people": msgspec.to_builtins(found)}
