"""Each law of chat speaks when it is broken."""

import pytest

from tests.chat.acts import friends, group_of, say, text, to
from tests.world import World
from wufu.chat.audit import LAWS
from wufu.chat.verbs.change import RecallMessage, recall_messages
from wufu.chat.verbs.reading import ReadChat, read_chats
from wufu.db import check_laws

BREAKS = {
    "message numbers have no holes": "UPDATE message SET number = number + 5 WHERE number = 3",
    "a message belongs to a conversation": "UPDATE message SET conversation = gen_random_uuid()",
    "the newest change of a conversation is the newest change of its messages": (
        "UPDATE conversation SET last_change = last_change + 1"
    ),
    "a cursor is not beyond the newest message": "UPDATE chat_member SET read_through = 99",
    "times of reading are not beyond the cursor, and do not go back": "UPDATE chat_read SET through = 99",
    "a group has exactly one owner and as many people as it says": "UPDATE chat_member SET role = 'admin'",
    "a conversation of two has these two, and notes have their writer": (
        "DELETE FROM chat_member USING conversation AS c WHERE c.id = conversation AND c.kind = 'direct'"
    ),
    "two people have one conversation: its id is the hash of their numbers": (
        "UPDATE conversation SET id = gen_random_uuid() WHERE kind = 'direct'"
    ),
    "a person is counted in each of their groups, in at most 500": "UPDATE chat_person SET groups = 7",
    "nobody waits to join a group they are in": (
        "INSERT INTO chat_join (conversation, person, inviter, at)"
        " SELECT conversation, person, person, joined_at FROM chat_member"
    ),
    "of what was recalled or burnt nothing is kept": (
        """UPDATE message SET body = '{"text": "x"}' WHERE recalled_by IS NOT NULL"""
    ),
    "mentions and words are those of messages": "UPDATE message_words SET number = 99 WHERE number = 2",
    "a reply is to an earlier message": "UPDATE message SET reply_to = 3 WHERE number = 3",
}


def test_every_law_is_broken_once() -> None:
    assert {law.name for law in LAWS} == set(BREAKS)


@pytest.mark.parametrize("law", list(BREAKS))
async def test_a_broken_law_is_reported(world: World, law: str) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, *(text(people[0], group, f"word {n}", reply_to=1) for n in range(3)))
    await say(world, to(people[0], people[1], "hello"), to(people[0], people[0], "note"))
    await world.ask(recall_messages, RecallMessage(people[0], group, 4))
    await world.ask(read_chats, ReadChat(people[1], group, 3))
    async with world.database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(BREAKS[law])
        verdicts = await check_laws(connection, LAWS)
        await transaction.rollback()
    assert law in {verdict.law for verdict in verdicts if verdict.violations}
