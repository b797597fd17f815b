"""Ties over HTTP: one's lists, the six verbs (each batched with whoever else asks), invitations, finding
people, consents, labels. What suggestions and a friend's page need of several domains stands in `phone`.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from wufu.core.ids import PersonId
from wufu.core.refusals import NotSignedIn, Refusal
from wufu.db import Tx
from wufu.edge import Batcher, Door
from wufu.people import look_up, see_people
from wufu.ties.invitation import (
    DEFAULT_DAYS,
    InvitationLook,
    LookAtInvitation,
    Made,
    MakeInvitation,
    UseInvitation,
)
from wufu.ties.label import FriendGroup, Label, SetLabel
from wufu.ties.model import AcceptTie, AskTie, Block, RefuseTie, RemoveTie, Standing, Unblock, Via
from wufu.ties.privacy import FriendsSeen, Privacy, PrivacyChange
from wufu.ties.verbs import finding, forming, inviting, labelling, seeing, suggesting

NEW_FOR_SECONDS = 24 * 3600
"""How long a friend is shown as new."""
MOST_MEMBERS = 5_000


class Body(BaseModel):
    model_config = ConfigDict(strict=True)


class PhoneBody(Body):
    number: str = Field(max_length=40)


class PersonBody(Body):
    person: int


class AskBody(PersonBody):
    via: Via = "asked"


class InvitationBody(Body):
    id: Annotated[UUID, Field(strict=False)]
    secret: str
    uses: int = 1
    days: int = DEFAULT_DAYS
    note: str = ""


class IdBody(Body):
    id: Annotated[UUID, Field(strict=False)]


class CodeBody(Body):
    code: str


class PrivacyBody(Body):
    by_name: bool | None = None
    by_code: bool | None = None
    by_phone: bool | None = None
    suggested: bool | None = None
    friends_seen: FriendsSeen | None = None


class LabelBody(PersonBody):
    remark: str | None = None
    starred: bool | None = None
    tags: Annotated[list[str], Field(max_length=50)] | None = None


class GroupBody(IdBody):
    name: str
    people: Annotated[list[int], Field(max_length=MOST_MEMBERS)] = []


def router(door: Door) -> APIRouter:
    """Every route of ties, under `/api`."""
    routes = APIRouter(tags=["ties"])
    _lists(routes, door)
    _ask(routes, door)
    _change(routes, door, "accept", forming.accept_ties, AcceptTie)
    _change(routes, door, "refuse", forming.refuse_ties, RefuseTie)
    _change(routes, door, "remove", forming.remove_ties, RemoveTie)
    _change(routes, door, "block", forming.block, Block)
    _change(routes, door, "unblock", forming.unblock, Unblock)
    _find(routes, door)
    _own_invitations(routes, door)
    _others_invitations(routes, door)
    _privacy(routes, door)
    _dismissals(routes, door)
    _labels(routes, door)
    return routes


def _tie(answer: Standing | Refusal) -> dict[str, object]:
    if isinstance(answer, Refusal):
        raise answer
    return {"tie": answer.tie}


def _ask(routes: APIRouter, door: Door) -> None:
    batcher: Batcher[Any, Standing] = Batcher(door.database, "ties/ask", forming.ask_ties)

    @routes.post("/ties/ask", name="ask a tie")
    async def ask(body: AskBody, person: Annotated[PersonId, Depends(door.person)]) -> dict[str, object]:
        return _tie(await batcher.ask(AskTie(person, PersonId(body.person), body.via)))


def _change(
    routes: APIRouter, door: Door, name: str, verb: Any, request: Callable[[PersonId, PersonId], Any]
) -> None:
    batcher: Batcher[Any, Standing] = Batcher(door.database, f"ties/{name}", verb)

    @routes.post(f"/ties/{name}", name=f"{name} a tie")
    async def change(
        body: PersonBody, person: Annotated[PersonId, Depends(door.person)]
    ) -> dict[str, object]:
        return _tie(await batcher.ask(request(person, PersonId(body.person))))


def _lists(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/ties")
    async def ties(person: Me) -> dict[str, object]:
        """One's friends and lists of friends, who asks, whom one asked, and whom one blocked."""
        now = door.database.clock()
        async with door.database.read() as connection:
            friends = await seeing.see_friends(connection, person)
            groups = await labelling.see_groups(connection, person)
            requests = await seeing.see_requests(connection, person)
            asked = await seeing.see_asked(connection, person)
            blocked = await seeing.see_blocked(connection, person)
        return {
            "friends": [
                {
                    **msgspec.to_builtins(friend),
                    "new": (now - friend.since).total_seconds() < NEW_FOR_SECONDS,
                }
                for friend in friends
            ],
            "groups": msgspec.to_builtins(groups),
            "requests": msgspec.to_builtins(requests),
            "asked": msgspec.to_builtins(asked),
            "blocked": msgspec.to_builtins(blocked),
        }

    @routes.get("/ties/mutual/{friend}")
    async def mutual(other: Annotated[int, Path(alias="friend")], person: Me) -> dict[str, object]:
        """The friends in common with somebody, as far as they let it be seen."""
        async with door.database.read() as connection:
            found: dict[str, object] = msgspec.to_builtins(
                await seeing.see_mutual(connection, person, PersonId(other))
            )
        return found


def _find(routes: APIRouter, door: Door) -> None:
    @routes.get("/people/find")
    async def find(
        person: Annotated[PersonId, Depends(door.person)],
        q: str = "",
        number: Annotated[int | None, Query(alias="person", ge=1, lt=2**63)] = None,
    ) -> dict[str, object]:
        """People by exact login or exact name, or the one behind a code (`person`), if findable so."""
        async with door.database.read() as connection:
            if number is None:
                found = await finding.find(connection, person, q)
            else:
                found = await finding.find_by_number(connection, person, PersonId(number))
        return {"people": msgspec.to_builtins(found)}

    @routes.post("/people/find-by-phone")
    async def find_by_phone(
        body: PhoneBody, person: Annotated[PersonId, Depends(door.person)]
    ) -> dict[str, object]:
        """Whoever has this whole phone number, if they let themselves be found so; so many numbers a day."""

        async def work(tx: Tx) -> PersonId | Refusal | None:
            return await look_up(tx, person, body.number)

        found = await door.database.run(work, actor=f"person/{person}")
        if isinstance(found, Refusal):
            raise found
        async with door.database.read() as connection:
            people = await finding.only_findable(connection, person, [found] if found else [], by="phone")
        return {"people": msgspec.to_builtins(people)}


def _own_invitations(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/ties/invitations")
    async def make(body: InvitationBody, person: Me) -> dict[str, object]:
        """A new invitation: the code is shown this once, only its hash is kept."""
        request = MakeInvitation(person, body.id, body.secret, body.uses, body.days, body.note)

        async def work(tx: Tx) -> Made:
            return await inviting.make_invitation(tx, request)

        made: dict[str, object] = msgspec.to_builtins(await door.database.run(work, actor=f"person/{person}"))
        return made

    @routes.get("/ties/invitations")
    async def invitations(person: Me) -> dict[str, object]:
        """One's own invitations and who used them."""
        async with door.database.read() as connection:
            listed = await inviting.see_invitations(connection, person, door.database.clock())
        return {"invitations": msgspec.to_builtins(listed)}

    @routes.post("/ties/invitations/revoke")
    async def revoke(body: IdBody, person: Me) -> dict[str, object]:
        """End an invitation; friends it made stay friends."""

        async def work(tx: Tx) -> None:
            await inviting.revoke_invitation(tx, person, body.id)

        await door.database.run(work, actor=f"person/{person}")
        return {"state": "revoked"}


def _others_invitations(routes: APIRouter, door: Door) -> None:
    batcher: Batcher[Any, Standing] = Batcher(door.database, "ties/use", inviting.use_invitations)

    async def maybe_person(request: Request) -> PersonId | None:
        try:
            return await door.person(request)
        except NotSignedIn:
            return None

    @routes.get("/ties/invitations/look")
    async def look(
        request: Request,
        code: Annotated[str, Query(max_length=4_000)],
        person: Annotated[PersonId | None, Depends(maybe_person)],
    ) -> dict[str, object]:
        """Who invites; also for those who have no account yet."""
        asked = LookAtInvitation(code, person, request.client.host if request.client else "")

        async def work(tx: Tx) -> InvitationLook | Refusal:
            return await inviting.look_at_invitation(tx, asked)

        answer = await door.database.run(work, actor="edge/look")
        if isinstance(answer, Refusal):
            raise answer
        seen: dict[str, object] = msgspec.to_builtins(answer)
        return seen

    @routes.post("/ties/invitations/use")
    async def use(body: CodeBody, person: Annotated[PersonId, Depends(door.person)]) -> dict[str, object]:
        """Become a friend of whoever invites."""
        answer = await batcher.ask(UseInvitation(person, body.code))
        tie = _tie(answer)
        assert not isinstance(answer, Refusal)
        async with door.database.read() as connection:
            views = await see_people(connection, [answer.other])
        return {**tie, "person": msgspec.to_builtins(views[answer.other])}


def _privacy(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/ties/privacy")
    async def privacy(person: Me) -> dict[str, object]:
        """By what one is found, whether one is suggested, who sees one's friends."""
        async with door.database.read() as connection:
            settings = (await finding.see_privacies(connection, [person]))[person]
        return msgspec.structs.asdict(settings)

    @routes.post("/ties/privacy")
    async def change(body: PrivacyBody, person: Me) -> dict[str, object]:
        """Change some of them."""

        async def work(tx: Tx) -> Privacy:
            return await finding.change_privacy(tx, person, PrivacyChange(**body.model_dump()))

        return msgspec.structs.asdict(await door.database.run(work, actor=f"person/{person}"))


def _dismissals(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/ties/suggestions/dismiss")
    async def dismiss(body: PersonBody, person: Me) -> dict[str, object]:
        """Do not suggest somebody for 90 days."""

        async def work(tx: Tx) -> None:
            await suggesting.dismiss(tx, person, PersonId(body.person))

        await door.database.run(work, actor=f"person/{person}")
        return {"dismissed": True}

    @routes.post("/ties/suggestions/restore")
    async def restore(body: PersonBody, person: Me) -> dict[str, object]:
        """Take it back."""

        async def work(tx: Tx) -> None:
            await suggesting.restore(tx, person, PersonId(body.person))

        await door.database.run(work, actor=f"person/{person}")
        return {"dismissed": False}


def _labels(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/ties/label")
    async def label(body: LabelBody, person: Me) -> dict[str, object]:
        """What one calls a friend; what is left out stays."""
        tags = None if body.tags is None else tuple(body.tags)
        change = SetLabel(person, PersonId(body.person), body.remark, body.starred, tags)

        async def work(tx: Tx) -> Label:
            return await labelling.set_label(tx, change)

        return {"label": msgspec.to_builtins(await door.database.run(work, actor=f"person/{person}"))}

    @routes.post("/ties/groups")
    async def group(body: GroupBody, person: Me) -> dict[str, object]:
        """Make a list of friends, or give it another name and other people."""
        wanted = FriendGroup(body.id, body.name, [PersonId(one) for one in body.people])

        async def work(tx: Tx) -> FriendGroup:
            return await labelling.save_group(tx, person, wanted)

        return {"group": msgspec.to_builtins(await door.database.run(work, actor=f"person/{person}"))}

    @routes.post("/ties/groups/remove")
    async def remove(body: IdBody, person: Me) -> dict[str, object]:
        """Remove a list; the friends stay."""

        async def work(tx: Tx) -> None:
            await labelling.remove_group(tx, person, body.id)

        await door.database.run(work, actor=f"person/{person}")
        return {}
