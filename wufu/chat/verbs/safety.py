"""Reports, and what people show of themselves.

A report keeps the messages as the reporter saw them: a sender who edits or recalls afterwards changes nothing
of it. Of secrets there is nothing on the server to keep; what was burnt stays burnt.
"""

from typing import Literal
from uuid import UUID

import msgspec

from wufu.chat.refusals import NoSuchMessage
from wufu.chat.store import conversations, groups, messages
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import IdConflict
from wufu.db import Connection, Tx

Reason = Literal["spam", "fraud", "abuse", "nudity", "other"]


class Report(msgspec.Struct, frozen=True):
    """Messages somebody wants looked at; `id` is made on the phone."""

    id: UUID
    conversation: ConversationId
    numbers: tuple[int, ...]
    reason: Reason
    note: str


class ChatSettings(msgspec.Struct, frozen=True):
    """Whether one shows that one has read, that one looks, and whether strangers may write."""

    receipts: bool = True
    presence: bool = True
    strangers: bool = False


async def report(tx: Tx, person: PersonId, request: Report) -> None:
    """Report messages one sees. Raises no_such_conversation, no_such_message, id_conflict."""
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


async def sweep(tx: Tx) -> None:
    """By the clock: forget invitations that are over."""
    await groups.forget_invites(tx.connection, tx.now)
