"""Strength over HTTP: what one shares with a friend, and how one's ties go. Each sees only their own.

The number itself stays here: it contains how many friends two people share, hidden ones too. Phones get the
state and up to five bars.
"""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path

from wufu.core.ids import PersonId
from wufu.edge import Door
from wufu.ties.label import NotFriendsWith
from wufu.ties.strength import verbs


def router(door: Door) -> APIRouter:
    """Every route of strength, under `/api`."""
    routes = APIRouter(tags=["ties"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/friends/strengths")
    async def strengths(person: Me) -> dict[str, object]:
        """How each of one's ties goes: its state and up to five bars."""
        now = door.database.clock()
        async with door.database.read() as connection:
            found = await verbs.see_strengths(connection, person, now)
        return {
            "strengths": {
                str(friend): {"state": each.state, "bars": each.bars} for friend, each in found.items()
            }
        }

    @routes.get("/friends/{friend}/shared")
    async def shared(person: Me, friend: Annotated[int, Path(ge=1, lt=2**63)]) -> Any:
        """What one has had with a friend: how often, both ways. Refusal not_friends_with."""
        now = door.database.clock()
        async with door.database.read() as connection:
            found = await verbs.see_shared(connection, person, PersonId(friend), now)
        if found is None:
            raise NotFriendsWith(person=friend)
        return msgspec.to_builtins(found)

    return routes
