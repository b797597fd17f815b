"""Forwarding: messages of one conversation told in another, as the one who forwards may see them.

What is kept is a copy: it does not change with the originals. Secrets, what was recalled or burnt, and
notices cannot be forwarded; cards and media go along by name only, for whoever opens them must have a right
of their own.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from wufu.chat.bodies import PLAIN, Body, Checked, Kind, as_it_is
from wufu.chat.model import SYSTEM, Message, SendMessage
from wufu.chat.refusals import NoSuchMessage
from wufu.chat.store import conversations, messages
from wufu.core.ids import ConversationId
from wufu.core.refusals import Refusal
from wufu.db import Tx
from wufu.people import see_people

MOST_FORWARDED = 50
Number = Annotated[int, Meta(ge=1)]
NEVER = frozenset({"secret", "gone", "notice"})


class Forward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    conversation: ConversationId
    numbers: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=MOST_FORWARDED)]


async def check_forwards(tx: Tx, asked: Sequence[tuple[SendMessage, Body]]) -> Checked:
    """What each forward tells, or no_such_message."""
    wanted = [(request.person, msgspec.convert(body, Forward)) for request, body in asked]
    places = {(each.conversation, number) for _, each in wanted for number in each.numbers}
    members = await conversations.members(tx.connection, [(each.conversation, one) for one, each in wanted])
    rooms = await conversations.see(tx.connection, {each.conversation for _, each in wanted})
    found = await messages.at(tx.connection, places)
    views = await see_people(tx.connection, {message.sender for message in found.values()})
    answers: list[Body | Refusal] = []
    for person, each in wanted:
        member = members.get((each.conversation, person))
        told: list[Message] = []
        for number in each.numbers:
            message = found.get((each.conversation, number))
            if member is None or message is None or number <= member.sees_after or not may_forward(message):
                break
            told.append(message)
        if len(told) < len(each.numbers):
            answers.append(NoSuchMessage(number=each.numbers[len(told)]))
            continue
        answers.append(
            {
                "title": rooms[each.conversation].title,
                "items": [
                    {
                        "sender": message.sender,
                        "name": views[message.sender].name if message.sender in views else "",
                        "kind": message.kind,
                        "body": _told(message),
                        "sent_at": message.sent_at,
                    }
                    for message in told
                ],
            }
        )
    return answers


def may_forward(message: Message) -> bool:
    return message.kind not in NEVER and message.recalled_by is None and message.sender != SYSTEM


def _told(message: Message) -> Body:
    kind = PLAIN.get(message.kind)
    return kind.forwarded(message.body) if kind is not None else {}


FORWARD = Kind(Forward, as_it_is, check_forwards)
