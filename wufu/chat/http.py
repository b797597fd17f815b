"""Chat over HTTP: lists, history, catching up, groups. The hot verbs go through the live table."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from wufu.chat import listing, syncing, views
from wufu.chat.bodies import LONGEST_TEXT
from wufu.chat.model import MOST_PEOPLE
from wufu.chat.moderation import verbs as moderation
from wufu.chat.verbs import groups, invites, safety
from wufu.chat.verbs.direct import direct_conversation
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import MalformedBody
from wufu.db import Connection, Tx
from wufu.edge import Door

T = TypeVar("T")
MOST_HELD = 1_000
"""What a phone holds of as many drawers as it asks about at once."""
Number = Annotated[int, Field(ge=1, lt=2**63)]
Group = ConversationId


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GroupBody(Body):
    id: UUID
    title: str = Field(max_length=200)
    people: list[Number] = Field(max_length=MOST_PEOPLE)


class PersonBody(Body):
    person: Number


class PeopleBody(Body):
    people: list[Number] = Field(min_length=1, max_length=MOST_PEOPLE)


class TitleBody(Body):
    title: str = Field(max_length=200)


class TextBody(Body):
    text: str = Field(max_length=4000)


class OnBody(Body):
    on: bool


class MuteBody(Body):
    person: Number
    seconds: int = Field(ge=0, le=groups.LONGEST_MUTE_SECONDS)


class RoleBody(Body):
    person: Number
    role: Literal["admin", "member"]


class InviteBody(Body):
    expires_seconds: int = Field(ge=60, le=30 * 24 * 3600)
    uses: int = Field(ge=1, le=MOST_PEOPLE)


class AnswerBody(Body):
    accept: bool


class OwnBody(Body):
    notify: Literal["all", "mentions", "none"] | None = None
    pinned: bool | None = None
    hidden_through: int | None = Field(default=None, ge=0, lt=2**63)


class CompareBody(Body):
    drawers: dict[Annotated[str, Field(pattern="^[0-9a-f]$")], Annotated[str, Field(max_length=64)]]


class HaveBody(Body):
    change: int = Field(ge=0, lt=2**63)
    read: int = Field(default=0, ge=0, lt=2**63)
    peer: int | None = Field(default=None, ge=0, lt=2**63)
    mark: str = Field(default="", max_length=40)
    version: int = Field(default=0, ge=0, lt=2**63)
    """Of pages built before there were marks; it says nothing any more."""


class PlaceBody(Body):
    at: datetime
    conversation: UUID


class SyncBody(Body):
    have: dict[UUID, HaveBody] = Field(max_length=MOST_HELD)
    within: str = Field(default=syncing.DRAWERS, pattern="^[0-9a-f]{1,16}$")
    below: PlaceBody | None = None


class SettingsBody(Body):
    """What is left out stays as it is."""

    receipts: bool | None = None
    presence: bool | None = None
    strangers: bool | None = None


class ReportBody(Body):
    id: UUID
    conversation: UUID
    numbers: list[Number] = Field(min_length=1, max_length=20)
    reason: Literal["spam", "fraud", "abuse", "nudity", "other"]
    note: str = Field(default="", max_length=500)
    shown: dict[Number, Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]] = Field(
        default_factory=dict, max_length=20
    )
    """Of secrets: the words that the reporter saw, if they choose to say."""


def router(door: Door) -> APIRouter:
    """Every route of chat, under `/api`."""
    routes = APIRouter(prefix="/chat", tags=["chat"])
    _lists(routes, door)
    _messages(routes, door)
    _founding(routes, door)
    _running(routes, door)
    _ruling(routes, door)
    _own(routes, door)
    return routes


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")


async def _read(door: Door, see: Callable[[Connection], Awaitable[T]]) -> T:
    async with door.database.read() as connection:
        return await see(connection)


async def _act(
    door: Door,
    person: PersonId,
    conversation: ConversationId,
    verb: Callable[[Tx], Awaitable[object]],
) -> Response:
    """Do something in a group and answer how the conversation stands."""
    await door.database.run(verb, actor=f"person/{person}")
    return await _conversation(door, person, conversation)


async def _conversation(door: Door, person: PersonId, conversation: ConversationId) -> Response:
    view = await _read(door, lambda connection: listing.see_conversation(connection, person, conversation))
    return _json({"conversation": view})


def _lists(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("")
    async def chats(person: Me) -> Response:
        """One's conversations, the newest first, and what the badge shows."""
        return _json(await _read(door, lambda connection: listing.see_chats(connection, person)))

    @routes.post("/compare")
    async def compare(body: CompareBody, person: Me) -> Response:
        """Which drawers differ from what a phone holds, by their digests (`wufu/chat/syncing.py`)."""
        differ = await _read(door, lambda connection: syncing.compare(connection, person, body.drawers))
        return _json({"differ": differ})

    @routes.post("/sync")
    async def sync(body: SyncBody, person: Me) -> Response:
        """What a phone lacks that holds `have` of the drawers `within`; the page after `below`."""
        have = {
            ConversationId(each): syncing.Have(held.change, held.read, held.peer, held.mark)
            for each, held in body.have.items()
        }
        below = None
        if body.below is not None:
            if body.below.at.tzinfo is None:
                raise MalformedBody(where="body.below.at", why="Expected a time with its offset")
            below = syncing.Place(body.below.at, ConversationId(body.below.conversation))
        return _json(
            await _read(door, lambda connection: syncing.sync(connection, person, have, body.within, below))
        )

    @routes.get("/search")
    async def search(
        person: Me,
        q: Annotated[str, Query(max_length=200)],
        conversation: UUID | None = None,
        before: Annotated[str | None, Query(max_length=120)] = None,
    ) -> Response:
        """Messages with all the words of `q`. `before`: `sent_at|conversation|number` of the last one."""
        within = ConversationId(conversation) if conversation is not None else None
        page = _page(before) if before is not None else None
        return _json(
            await _read(door, lambda connection: views.see_found(connection, person, q, within, page))
        )

    @routes.get("/settings")
    async def settings(person: Me) -> Response:
        """What one shows of oneself."""
        return _json(await _read(door, lambda connection: safety.see_settings(connection, person)))

    @routes.post("/settings")
    async def change_settings(body: SettingsBody, person: Me) -> Response:
        """Set what one shows of oneself."""
        wanted = body.model_dump(exclude_none=True)
        return _json(
            await door.database.run(
                lambda tx: safety.change_some_settings(tx, person, wanted), actor=f"person/{person}"
            )
        )

    @routes.get("/conversations/{conversation}")
    async def conversation(conversation: Group, person: Me) -> Response:
        """One conversation with its members."""
        return _json(await _read(door, lambda connection: listing.see_page(connection, person, conversation)))


def _page(text: str) -> tuple[datetime, ConversationId, int]:
    try:
        sent_at, conversation, number = text.split("|")
        at = datetime.fromisoformat(sent_at)
        page = at.astimezone(UTC), ConversationId(UUID(conversation)), min(int(number), 2**63 - 1)
    except (ValueError, OverflowError) as error:
        raise MalformedBody(where="query.before", why="Expected sent_at|conversation|number") from error
    return page


def _messages(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    Place = Annotated[int | None, Query(ge=0, lt=2**63 - 1)]  # noqa: N806

    @routes.get("/conversations/{conversation}/changes")
    async def changes(
        conversation: Group,
        person: Me,
        after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
        limit: Annotated[int, Query(ge=1, le=views.LONGEST_PAGE)] = views.LONGEST_PAGE,
    ) -> Response:
        """What changed after a change number, in order."""
        return _json(
            await _read(
                door, lambda connection: views.see_changes(connection, person, conversation, after, limit)
            )
        )

    @routes.get("/conversations/{conversation}/messages")
    async def history(
        conversation: Group,
        person: Me,
        before: Place = None,
        after: Place = None,
        around: Place = None,
        limit: Annotated[int, Query(ge=1, le=views.LONGEST_PAGE)] = views.PAGE,
    ) -> Response:
        """A page of the history by number."""
        found = await _read(
            door,
            lambda connection: views.see_history(
                connection, person, conversation, before=before, after=after, around=around, limit=limit
            ),
        )
        return _json({"messages": found})

    @routes.get("/conversations/{conversation}/readers/{number}")
    async def readers(
        conversation: Group, number: Annotated[int, Path(ge=1, lt=2**63)], person: Me
    ) -> Response:
        """Who has read a message, and when."""
        return _json(
            await _read(door, lambda connection: views.see_readers(connection, person, conversation, number))
        )

    @routes.post("/reports")
    async def report(body: ReportBody, person: Me) -> Response:
        """Have messages looked at; they are kept as they are now."""
        request = safety.Report(
            body.id,
            ConversationId(body.conversation),
            tuple(body.numbers),
            body.reason,
            body.note,
            dict(body.shown),
        )
        await door.database.run(lambda tx: safety.report(tx, person, request), actor=f"person/{person}")
        return _json({})

    @routes.get("/reports")
    async def my_reports(person: Me) -> Response:
        """One's own reports, and what became of them."""
        found = await _read(door, lambda connection: moderation.see_my_reports(connection, person))
        return _json({"reports": found})


def _founding(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/direct")
    async def direct(body: PersonBody, person: Me) -> Response:
        """The conversation with somebody, or one's notes to oneself."""
        found = await door.database.run(
            lambda tx: direct_conversation(tx, person, PersonId(body.person)), actor=f"person/{person}"
        )
        return await _conversation(door, person, found)

    @routes.post("/groups")
    async def found_group(body: GroupBody, person: Me) -> Response:
        """Found a group of friends."""
        people = tuple(PersonId(one) for one in body.people)
        request = groups.FoundGroup(person, ConversationId(body.id), body.title, people)
        return await _act(door, person, request.id, lambda tx: groups.found_group(tx, request))

    @routes.post("/conversations/{conversation}/people")
    async def add(conversation: Group, body: PeopleBody, person: Me) -> Response:
        """Add friends; `waiting` are those who need the consent of who runs the group."""
        people = [PersonId(one) for one in body.people]
        waiting = await door.database.run(
            lambda tx: groups.add_people(tx, person, conversation, people), actor=f"person/{person}"
        )
        view = await _read(
            door, lambda connection: listing.see_conversation(connection, person, conversation)
        )
        return _json({"conversation": view, "waiting": waiting})

    @routes.post("/conversations/{conversation}/invites")
    async def invite(conversation: Group, body: InviteBody, person: Me) -> Response:
        """A link that lets people in."""
        return _json(
            await door.database.run(
                lambda tx: invites.invite(tx, person, conversation, body.expires_seconds, body.uses),
                actor=f"person/{person}",
            )
        )

    @routes.delete("/conversations/{conversation}/invites")
    async def end_invites(conversation: Group, person: Me) -> Response:
        """End all links of a group."""
        await door.database.run(
            lambda tx: invites.end_invites(tx, person, conversation), actor=f"person/{person}"
        )
        return _json({})

    @routes.get("/invites/{token}")
    async def invitation(token: str, person: Me) -> Response:
        """Where a link leads."""
        now = door.database.clock()
        return _json(
            await _read(door, lambda connection: invites.see_invitation(connection, person, token, now))
        )

    @routes.post("/invites/{token}/join")
    async def join(token: str, person: Me) -> Response:
        """Follow a link."""
        joined = await door.database.run(lambda tx: invites.join(tx, person, token), actor=f"person/{person}")
        answer: dict[str, object] = {"state": joined.state, "conversation_id": joined.conversation}
        if joined.state == "joined":
            answer["conversation"] = await _read(
                door, lambda connection: listing.see_conversation(connection, person, joined.conversation)
            )
        return _json(answer)


def _running(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    group = "/conversations/{conversation}"

    @routes.post(f"{group}/title")
    async def title(conversation: Group, body: TitleBody, person: Me) -> Response:
        """Rename a group."""
        return await _act(
            door, person, conversation, lambda tx: groups.set_title(tx, person, conversation, body.title)
        )

    @routes.post(f"{group}/announcement")
    async def announcement(conversation: Group, body: TextBody, person: Me) -> Response:
        """Pin a text to a group; an empty one removes it."""
        return await _act(
            door,
            person,
            conversation,
            lambda tx: groups.set_announcement(tx, person, conversation, body.text),
        )

    @routes.post(f"{group}/approval")
    async def approval(conversation: Group, body: OnBody, person: Me) -> Response:
        """Whether joining needs consent."""
        return await _act(
            door, person, conversation, lambda tx: groups.set_approval(tx, person, conversation, body.on)
        )

    @routes.post(f"{group}/all-muted")
    async def all_muted(conversation: Group, body: OnBody, person: Me) -> Response:
        """Whether only those who run the group speak."""
        return await _act(
            door, person, conversation, lambda tx: groups.silence_all(tx, person, conversation, body.on)
        )


def _ruling(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806
    group = "/conversations/{conversation}"

    @routes.post(f"{group}/remove")
    async def remove(conversation: Group, body: PersonBody, person: Me) -> Response:
        """Remove somebody."""
        who = PersonId(body.person)
        return await _act(door, person, conversation, lambda tx: groups.remove(tx, person, conversation, who))

    @routes.post(f"{group}/mute")
    async def mute(conversation: Group, body: MuteBody, person: Me) -> Response:
        """Let somebody not speak for some seconds; 0 ends it."""
        who = PersonId(body.person)
        return await _act(
            door, person, conversation, lambda tx: groups.mute(tx, person, conversation, who, body.seconds)
        )

    @routes.post(f"{group}/role")
    async def role(conversation: Group, body: RoleBody, person: Me) -> Response:
        """Make somebody an admin, or a member again."""
        who = PersonId(body.person)
        return await _act(
            door, person, conversation, lambda tx: groups.set_role(tx, person, conversation, who, body.role)
        )

    @routes.post(f"{group}/transfer")
    async def transfer(conversation: Group, body: PersonBody, person: Me) -> Response:
        """Give the group to somebody in it."""
        who = PersonId(body.person)
        return await _act(
            door, person, conversation, lambda tx: groups.transfer(tx, person, conversation, who)
        )

    @routes.post(f"{group}/joins/{{who}}")
    async def answer_join(
        conversation: Group, who: Annotated[int, Path(ge=1, lt=2**63)], body: AnswerBody, person: Me
    ) -> Response:
        """Let somebody in who waits, or not."""
        asker = PersonId(who)
        return await _act(
            door,
            person,
            conversation,
            lambda tx: groups.answer_join(tx, person, conversation, asker, body.accept),
        )


def _own(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.post("/conversations/{conversation}/leave")
    async def leave(conversation: Group, person: Me) -> Response:
        """Leave a group, quietly."""
        await door.database.run(lambda tx: groups.leave(tx, person, conversation), actor=f"person/{person}")
        return _json({})

    @routes.post("/conversations/{conversation}/settings")
    async def own(conversation: Group, body: OwnBody, person: Me) -> Response:
        """One's own flags: notifications, pinned, history cleared."""
        wanted = groups.Own(body.notify, body.pinned, body.hidden_through)
        return await _act(
            door,
            person,
            conversation,
            lambda tx: groups.set_own(tx, person, conversation, wanted),
        )
