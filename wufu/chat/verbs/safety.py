"""Reports, and what people show of themselves.

A report keeps the messages as the reporter saw them: a sender who edits or recalls afterwards changes
nothing of it, and what pictures show stays until the report is decided (`moderation/`). Of secrets there is
nothing on the server to keep; the reporter may add the words they saw (`shown`). What was burnt stays burnt.
"""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec

from wufu.chat.media import verbs as media
from wufu.chat.refusals import BadMessage, NoSuchMessage, TooManyReports
from wufu.chat.store import conversations, groups, messages
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import IdConflict
from wufu.db import Connection, Tx

MOST_WAITING = 100
"""Reports of one person that nobody has decided yet."""

Reason = Literal["spam", "fraud", "abuse", "nudity", "other"]


class Report(msgspec.Struct, frozen=True):
    """Messages somebody wants looked at; `id` is made on the phone."""

    id: UUID
    conversation: ConversationId
    numbers: tuple[int, ...]
    reason: Reason
    note: str
    shown: dict[int, str] = {}
    """By number, what the reporter's phone shows of secrets, if they chose to say."""


class ChatSettings(msgspec.Struct, frozen=True):
    """Whether one shows that one has read, that one looks, and whether strangers may write."""

    receipts: bool = True
    presence: bool = True
    strangers: bool = False


async def report(tx: Tx, person: PersonId, request: Report) -> None:
    """Report messages one sees.

    Raises no_such_conversation, no_such_message, bad_message (shown of what is no secret), too_many_reports,
    id_conflict.
    """
    numbers = sorted(set(request.numbers))
    before = await groups.reported(tx.connection, person, request.id)
    if before is not None:
        if (before["conversation"], before["numbers"], before["reason"], before["note"]) != (
            request.conversation,
            numbers,
            request.reason,
            request.note,
        ):
            raise IdConflict(id=str(request.id))
        return
    member = await common.see_member(tx.connection, request.conversation, person)
    found = await messages.at(tx.connection, [(request.conversation, number) for number in numbers])
    for number in numbers:
        if (request.conversation, number) not in found or number <= member.sees_after:
            raise NoSuchMessage(number=number)
    evidence = [found[request.conversation, number] for number in numbers]
    secrets = {message.number for message in evidence if message.kind in ("secret", "gone")}
    if (odd := set(request.shown) - secrets) or any(not text.strip() for text in request.shown.values()):
        raise BadMessage(where=f"$.shown.{min(odd, default=0)}", why="Only what a secret in the report said")
    if await groups.waiting_reports(tx.connection, person) >= MOST_WAITING:
        raise TooManyReports(most=MOST_WAITING)
    await groups.report(
        tx.connection,
        person,
        request.id,
        request.conversation,
        numbers,
        request.reason,
        request.note,
        msgspec.to_builtins(evidence),
        tx.now,
    )
    if request.shown:
        await groups.show(tx.connection, person, request.id, request.shown)
    await media.hold(tx, person, request.id, evidence)


async def see_settings(connection: Connection, person: PersonId) -> ChatSettings:
    """What a person shows of themselves."""
    found = (await conversations.flags_of(connection, [person])).get(person)
    if found is None:
        return ChatSettings()
    return ChatSettings(found["receipts"], found["presence"], found["strangers"])


async def change_settings(tx: Tx, person: PersonId, settings: ChatSettings) -> None:
    """Set what one shows of oneself."""
    await conversations.set_flags(
        tx.connection, person, settings.receipts, settings.presence, settings.strangers
    )
    common.say_to(tx, [person], {"kind": "settings"})


async def change_some_settings(tx: Tx, person: PersonId, wanted: Mapping[str, bool]) -> ChatSettings:
    """Set some of what one shows of oneself; the rest stays. How it is then."""
    # The row's lock: two phones that change two things at once both get what they asked for.
    await conversations.lock_group_counts(tx.connection, [person])
    settings = msgspec.structs.replace(await see_settings(tx.connection, person), **wanted)
    await change_settings(tx, person, settings)
    return settings


async def sweep(tx: Tx) -> None:
    """By the clock: forget invitations that are over."""
    await groups.forget_invites(tx.connection, tx.now)
