"""The console over HTTP. Every route asks for a role before anything else."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from wufu.console import verbs
from wufu.console.acting import ActBody, act, as_json, asks
from wufu.console.forecasting import Forecasting
from wufu.console.model import FEWEST_PEOPLE, MOST_PEOPLE, ForecastTask
from wufu.console.safety import add_safety
from wufu.core.ids import CampaignId, PersonId
from wufu.db import Law, Tx, see_jobs, see_parked
from wufu.edge import Door
from wufu.fortune import (
    cancel,
    expected_crowd,
    listed_campaigns,
    pause_round,
    resume_round,
    see_campaign,
    see_spec,
)
from wufu.insight import BadInsight, Lake, see_ties_report
from wufu.people import see_people


class ForecastBody(BaseModel):
    model_config = ConfigDict(strict=True)
    people: int = Field(ge=FEWEST_PEOPLE, le=MOST_PEOPLE)
    taps_each: float = Field(ge=10, le=15_000)


class RoundBody(ActBody):
    number: int = Field(strict=True, ge=1, le=100)


def router(door: Door, laws: Sequence[Law], forecasting: Forecasting, lake: Lake) -> APIRouter:
    """Every route of the console, under `/api/console`."""
    routes = APIRouter(prefix="/console", tags=["console"])
    _overview(routes, door, laws)
    _nights(routes, door, forecasting)
    _ties(routes, door, lake)
    add_safety(routes, door)
    return routes


def _overview(routes: APIRouter, door: Door, laws: Sequence[Law]) -> None:
    Watcher = Annotated[PersonId, Depends(asks(door, "watch"))]  # noqa: N806
    Actor = Annotated[PersonId, Depends(asks(door, "act"))]  # noqa: N806

    @routes.get("")
    async def overview(person: Watcher) -> Response:
        """What the first page shows: who asks, the laws, campaigns, jobs, the newest acts."""
        async with door.database.read() as connection:
            names = await see_people(connection, [person])
            return as_json(
                {
                    "me": names[person],
                    "role": await verbs.see_role(connection, person, "watch"),
                    "laws": await verbs.see_laws(connection),
                    "campaigns": await listed_campaigns(connection),
                    "jobs": await see_jobs(connection),
                    "parked": [
                        {
                            "id": one.id,
                            "kind": one.kind,
                            "listener": one.listener,
                            "error": one.error,
                            "parked_at": one.parked_at,
                        }
                        for one in await see_parked(connection)
                    ],
                    "acts": await verbs.see_acts(connection),
                    "now": door.database.clock(),
                }
            )

    @routes.post("/laws/check")
    async def check(person: Actor) -> Response:
        """Check all laws now."""
        return as_json(await verbs.check_all_laws(door.database, laws))


def _ties(routes: APIRouter, door: Door, lake: Lake) -> None:
    Watcher = Annotated[PersonId, Depends(asks(door, "watch"))]  # noqa: N806

    @routes.get("/ties")
    async def ties(person: Watcher, campaign: CampaignId | None = None) -> Response:
        """What became of ties: born, alive, both ways, and what the reward did; or why nobody knows yet."""
        try:
            report = await see_ties_report(door.database, lake, campaign=campaign)
        except BadInsight as error:
            return as_json({"report": None, "why": str(error)})
        return as_json({"report": report, "why": None})


def _nights(routes: APIRouter, door: Door, forecasting: Forecasting) -> None:
    Watcher = Annotated[PersonId, Depends(asks(door, "watch"))]  # noqa: N806
    Actor = Annotated[PersonId, Depends(asks(door, "act"))]  # noqa: N806

    @routes.get("/nights/{campaign}")
    async def night(campaign: CampaignId, person: Watcher) -> Response:
        """A campaign: how it stands, the live curve, the forecast, and for whom its odds were made."""
        # Before the look at the database: a forecast that ends in between is then seen twice, not never.
        progress = forecasting.progress(campaign)
        async with door.database.read() as connection:
            seen = await see_campaign(connection, campaign, door.database.clock())
            crowd = expected_crowd(await see_spec(connection, campaign))
            night = await verbs.see_night(connection, campaign, progress)
        expected = {"people": crowd[0], "taps_each": crowd[1]} if crowd else None
        return as_json({"campaign": seen, "night": night, "expected": expected})

    @routes.post("/nights/{campaign}/forecast")
    async def forecast(campaign: CampaignId, body: ForecastBody, person: Actor) -> Response:
        """Begin a forecast; `GET` tells how far it is."""
        async with door.database.read() as connection:
            spec = await see_spec(connection, campaign)
        forecasting.begin(campaign, spec, ForecastTask(body.people, body.taps_each))
        return as_json({})

    @routes.post("/nights/{campaign}/pause")
    async def pause(campaign: CampaignId, body: RoundBody, person: Actor) -> Response:
        """Stop an open round: nobody can tap until it is resumed. Its clock runs on."""

        async def work(tx: Tx) -> dict[str, object]:
            await pause_round(tx, campaign, body.number)
            return {}

        facts: dict[str, object] = {"campaign": campaign, "round": body.number}
        return await act(door, person, body.id, "pause_round", facts, work)

    @routes.post("/nights/{campaign}/resume")
    async def resume(campaign: CampaignId, body: RoundBody, person: Actor) -> Response:
        """Let a stopped round go on."""

        async def work(tx: Tx) -> dict[str, object]:
            await resume_round(tx, campaign, body.number)
            return {}

        facts: dict[str, object] = {"campaign": campaign, "round": body.number}
        return await act(door, person, body.id, "resume_round", facts, work)

    @routes.post("/nights/{campaign}/cancel")
    async def call_off(campaign: CampaignId, body: ActBody, person: Actor) -> Response:
        """Cancel a campaign: cards are void, the money returns to the sponsor. There is no way back."""

        async def work(tx: Tx) -> dict[str, object]:
            await cancel(tx, campaign)
            return {}

        return await act(door, person, body.id, "cancel_campaign", {"campaign": campaign}, work)
