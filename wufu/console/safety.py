"""What people reported and what looks like abuse: queues for an operator, decided by their owners' verbs."""

from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wufu import chat, photos, trust
from wufu.console.acting import ActBody, act, as_json, asks
from wufu.core.ids import PersonId
from wufu.edge import Door

LONGEST_WHY = 200


class PhotoVerdict(ActBody):
    verdict: Literal["keep", "take_down"]
    why: str = Field(default="", max_length=LONGEST_WHY)


class ReportVerdict(ActBody):
    verdict: Literal["dismiss", "take_down"]
    why: str = Field(default="", max_length=LONGEST_WHY)


class CaseVerdict(ActBody):
    verdict: Literal["clear", "confirm", "lift"]
    why: str = Field(min_length=1, max_length=LONGEST_WHY)


def add_safety(routes: APIRouter, door: Door) -> None:
    """Queues of photos, of reported messages, of suspected accounts."""
    _photos(routes, door)
    _reports(routes, door)
    _cases(routes, door)


def _photos(routes: APIRouter, door: Door) -> None:
    Watcher = Annotated[PersonId, Depends(asks(door, "watch"))]  # noqa: N806
    Actor = Annotated[PersonId, Depends(asks(door, "act"))]  # noqa: N806

    @routes.get("/photos")
    async def queue(person: Watcher) -> Response:
        """Photos that people reported, those with most reports first."""
        async with door.database.read() as connection:
            return as_json(await photos.see_queue(connection))

    @routes.post("/photos/{photo}")
    async def review(photo: UUID, body: PhotoVerdict, person: Actor) -> Response:
        """Keep a reported photo, or take it down and give every payer their money back."""
        facts: dict[str, object] = {"photo": str(photo), "verdict": body.verdict, "why": body.why}
        return await act(
            door,
            person,
            body.id,
            "review_photo",
            facts,
            lambda tx: photos.review_photo(tx, photo, body.verdict, body.why),
        )


def _reports(routes: APIRouter, door: Door) -> None:
    Watcher = Annotated[PersonId, Depends(asks(door, "watch"))]  # noqa: N806
    Actor = Annotated[PersonId, Depends(asks(door, "act"))]  # noqa: N806

    @routes.get("/reports")
    async def reports(person: Watcher) -> Response:
        """Messages that people reported, the longest waiting first."""
        async with door.database.read() as connection:
            return as_json(await chat.see_reports(connection))

    @routes.get("/reports/{report}")
    async def report(report: UUID, person: Watcher) -> Response:
        """One report with the evidence as its reporter saw it."""
        async with door.database.read() as connection:
            return as_json(await chat.see_case(connection, report))

    @routes.post("/reports/{report}")
    async def rule(report: UUID, body: ReportVerdict, person: Actor) -> Response:
        """Nothing is wrong, or the messages go for everybody."""
        facts: dict[str, object] = {"report": str(report), "verdict": body.verdict, "why": body.why}
        verb = chat.dismiss_report if body.verdict == "dismiss" else chat.take_down
        return await act(
            door, person, body.id, "rule_report", facts, partial(verb, report=report, why=body.why)
        )


def _cases(routes: APIRouter, door: Door) -> None:
    Watcher = Annotated[PersonId, Depends(asks(door, "watch"))]  # noqa: N806
    Actor = Annotated[PersonId, Depends(asks(door, "act"))]  # noqa: N806

    @routes.get("/cases")
    async def cases(person: Watcher) -> Response:
        """Accounts that look farmed: those in which somebody asked for a review first."""
        async with door.database.read() as connection:
            return as_json(await trust.see_queue(connection))

    @routes.get("/cases/{case}")
    async def case(case: UUID, person: Watcher) -> Response:
        """One case with its people and its evidence in plain words."""
        async with door.database.read() as connection:
            return as_json(await trust.see_case(connection, case))

    @routes.post("/cases/{case}")
    async def decide(case: UUID, body: CaseVerdict, person: Actor) -> Response:
        """Nothing was wrong and rewards are given; or they stay held."""
        facts: dict[str, object] = {"case": str(case), "verdict": body.verdict, "why": body.why}
        work = partial(trust.decide, case=case, verdict=body.verdict, why=body.why)
        return await act(door, person, body.id, "decide_case", facts, work)
