"""Trust over HTTP: one's own standing, and asking for a review. Operators have the command line."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from wufu.core.ids import PersonId
from wufu.db import Tx
from wufu.edge import Door
from wufu.trust.model import Standing
from wufu.trust.verbs import mine


class WordsBody(BaseModel):
    model_config = ConfigDict(strict=True)
    words: str


def router(door: Door) -> APIRouter:
    """Every route of trust, under `/api`."""
    routes = APIRouter(tags=["trust"])

    @routes.get("/trust/mine")
    async def see(person: Annotated[PersonId, Depends(door.person)]) -> dict[str, object]:
        """Whether one's rewards are being looked at."""
        async with door.database.read() as connection:
            return _told(await mine.see_mine(connection, person))

    @routes.post("/trust/ask-for-review")
    async def ask(body: WordsBody, person: Annotated[PersonId, Depends(door.person)]) -> dict[str, object]:
        """Ask the operator to look again, once."""

        async def work(tx: Tx) -> Standing:
            return await mine.ask_for_review(tx, person, body.words)

        return _told(await door.database.run(work, actor=f"person/{person}"))

    return routes


def _told(standing: Standing) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(standing)
    return told
