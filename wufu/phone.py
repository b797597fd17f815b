"""What the phone page needs from several domains: a live pass, one snapshot, a friend's page, suggestions.

A snapshot carries the number of the newest fact it includes (`cursor`), read in
the same instant; a phone applies the facts above it. Facts carry how things
stand ("you hold 3"), not how they changed, so one that the snapshot already
includes does no harm.

Suggestions are made in ties, which alone decides who may be suggested to whom. Here only what other domains
know is brought along: who shares groups, and who dealt with whom without being friends.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Response

from wufu.chat import groups_with, see_rooms, shared_groups
from wufu.core.ids import PersonId
from wufu.core.refusals import UnknownPerson
from wufu.db import Connection, see_cursor
from wufu.db.engines import Engines, mint_person_pass
from wufu.edge import Door
from wufu.fortune import newest_campaign, see_campaign, see_mine
from wufu.people import see_me, see_people
from wufu.ties import (
    Evidence,
    SharedGroup,
    blocked,
    count_friends,
    see_dealings,
    see_labels,
    see_mutual,
    see_requests,
    see_standing_with,
    suggest,
    tied_since,
)
from wufu.wallet import see_balance

PASS_SECONDS = 15 * 60
"""A phone renews its pass before that. A device that was signed out keeps its line no longer."""
MOST_EVIDENCE = 250
"""People looked at because of shared groups, and as many because of dealings."""


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

    _friends(routes, door)
    return routes


def _friends(routes: APIRouter, door: Door) -> None:
    Signed = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/friends/suggestions")
    async def suggestions(person: Signed, limit: int = 20) -> Response:
        """People one may know, each with the reasons."""
        now = door.database.clock()
        async with door.database.read() as connection:
            also = await _evidence(connection, person)
            return _json({"people": await suggest(connection, person, limit, now=now, also=also)})

    @routes.get("/friends/{friend}")
    async def page(other: Annotated[int, Path(alias="friend", ge=1, lt=2**63)], person: Signed) -> Response:
        """One person's page: how they stand, the friends and groups in common, one's own labels."""
        who = PersonId(other)
        async with door.database.read() as connection:
            views = await see_people(connection, [who])
            if who not in views:
                raise UnknownPerson(person=who)
            standing = await see_standing_with(connection, person, who)
            apart = standing.tie == "blocked" or await blocked(connection, [(person, who)])
            body = {
                "person": views[who],
                "tie": standing.tie,
                "since": await tied_since(connection, person, who),
                "mutual": await see_mutual(connection, person, who),
                "groups": [] if apart else await groups_with(connection, person, who),
                "label": (await see_labels(connection, person)).get(who),
            }
        return _json(body)


async def _evidence(connection: Connection, person: PersonId) -> dict[PersonId, Evidence]:
    groups = await shared_groups(connection, person, MOST_EVIDENCE)
    dealings = await see_dealings(connection, person, MOST_EVIDENCE)
    return {
        other: Evidence(
            tuple(SharedGroup(group.title, group.people) for group in groups.get(other, ())),
            dealings.get(other, 0),
        )
        for other in {**dealings, **groups}
    }


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
