"""What the phone page needs from several domains at once: a live pass, and one snapshot.

A snapshot carries the number of the newest fact it includes (`cursor`), read in
the same instant; a phone applies the facts above it. Facts carry how things
stand ("you hold 3"), not how they changed, so one that the snapshot already
includes does no harm.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Response

from wufu.chat import see_rooms
from wufu.core.ids import PersonId
from wufu.db import see_cursor
from wufu.db.engines import Engines, mint_person_pass
from wufu.edge import Door
from wufu.fortune import newest_campaign, see_campaign, see_mine
from wufu.people import see_me
from wufu.ties import count_friends, see_requests
from wufu.wallet import see_balance

PASS_SECONDS = 15 * 60
"""A phone renews its pass before that. A device that was signed out keeps its line no longer."""


def router(door: Door, engines: Engines) -> APIRouter:
    routes = APIRouter(tags=["phone"])
    Signed = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/live/pass")
    async def live_pass(person: Signed) -> Response:
        """A short-lived pass to the live edge: only this person's subjects, and the rooms of their groups."""
        async with door.database.read() as connection:
            rooms = await see_rooms(connection, person)
        minted = mint_person_pass(
            engines.account_seed,
            person,
            None,
            door.database.clock(),
            lives_seconds=PASS_SECONDS,
            rooms=[subject for _, subject in rooms],
        )
        return _json(
            {
                "jwt": minted.jwt,
                "seed": minted.seed,
                "websocket_url": engines.websocket_url,
                "person": person,
                "expires_at": minted.expires_at,
                "rooms": [
                    {"conversation": conversation, "subject": subject} for conversation, subject in rooms
                ],
            }
        )

    @routes.get("/snapshot")
    async def snapshot(person: Signed) -> Response:
        """Everything the phone shows first, as of fact number `cursor`."""
        async with door.database.read() as connection:
            campaign = await newest_campaign(connection)
            body = {
                "cursor": await see_cursor(connection, person),
                "me": {**msgspec.to_builtins(await see_me(connection, person)), "demo": door.demo},
                "wallet": {"balance_minor": await see_balance(connection, person)},
                "campaign": campaign and await see_campaign(connection, campaign, door.database.clock()),
                "mine": campaign and await see_mine(connection, campaign, person),
                "requests": await see_requests(connection, person),
                "friends_count": await count_friends(connection, person),
            }
        return _json(body)

    return routes


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
