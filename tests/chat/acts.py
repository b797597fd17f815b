"""Short hands for chat in tests: friends, groups, saying something."""

from uuid import UUID, uuid5

from tests.world import NAMESPACE, World
from wufu.chat import (
    FoundGroup,
    Message,
    SendMessage,
    SentMessage,
    direct_id,
    found_group,
    send_messages,
)
from wufu.chat.listing import ConversationView, see_conversation
from wufu.chat.views import Changes, see_changes, see_history
from wufu.core.ids import ConversationId, MessageId, PersonId
from wufu.core.refusals import Refusal
from wufu.ties import introduce


def message_id(name: str) -> MessageId:
    return MessageId(uuid5(NAMESPACE, f"message {name}"))


def group_id(name: str) -> ConversationId:
    return ConversationId(UUID(int=uuid5(NAMESPACE, f"group {name}").int))


def text(
    person: PersonId,
    conversation: ConversationId,
    said: str,
    *,
    name: str | None = None,
    reply_to: int | None = None,
    mentions: tuple[PersonId, ...] = (),
) -> SendMessage:
    """A text message; its id follows from who says what (or from `name`)."""
    return SendMessage(
        person,
        message_id(name or f"{person} {said}"),
        "text",
        {"text": said},
        conversation=conversation,
        reply_to=reply_to,
        mentions=mentions,
    )


def to(person: PersonId, other: PersonId, said: str, *, name: str | None = None) -> SendMessage:
    """A text to somebody, whether or not the conversation is there yet."""
    return SendMessage(
        person, message_id(name or f"{person} {other} {said}"), "text", {"text": said}, to=other
    )


async def say(world: World, *requests: SendMessage) -> list[SentMessage]:
    """Send messages that must not be refused."""
    answers = await world.ask(send_messages, *requests)
    assert not any(isinstance(answer, Refusal) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, SentMessage)]


async def refused(world: World, request: SendMessage) -> Refusal:
    """Send a message that must be refused."""
    answer = await world.ask_one(send_messages, request)
    assert isinstance(answer, Refusal), answer
    return answer


async def friends(world: World, count: int) -> list[PersonId]:
    """People of whom the first is friends with all others."""
    people = await world.people(count)
    await world.ask(introduce, *((people[0], other) for other in people[1:]))
    return people


async def group_of(world: World, people: list[PersonId], name: str = "family") -> ConversationId:
    """A group founded by the first, who is friends with the others."""
    request = FoundGroup(people[0], group_id(name), name, tuple(people[1:]))
    return await world.run(lambda tx: found_group(tx, request))


async def pair_of(world: World) -> tuple[PersonId, PersonId, ConversationId]:
    """Two friends who have said one word."""
    one, other = await friends(world, 2)
    await say(world, to(one, other, "hello"))
    return one, other, direct_id(one, other)


async def history(world: World, person: PersonId, conversation: ConversationId) -> list[Message]:
    """Everything somebody sees of a conversation (at most 200 messages), the oldest first."""
    async with world.database.read() as connection:
        return await see_history(connection, person, conversation, after=0, limit=200)


async def seen(world: World, person: PersonId, conversation: ConversationId) -> ConversationView:
    async with world.database.read() as connection:
        return await see_conversation(connection, person, conversation)


async def changed(world: World, person: PersonId, conversation: ConversationId, after: int) -> Changes:
    async with world.database.read() as connection:
        return await see_changes(connection, person, conversation, after)
