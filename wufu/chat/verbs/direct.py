"""Conversations of two."""

from wufu.chat.model import direct_id
from wufu.chat.store import conversations
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Tx


async def direct_conversation(tx: Tx, one: PersonId, other: PersonId) -> ConversationId:
    """The conversation in which `one` may write to `other`, made if need be; notes if they are the same.

    Raises not_friends, blocked_by_you, unknown_person.
    """
    wanted = direct_id(one, other)
    if refused := await common.bear(tx, [(one, other)]):
        raise refused[wanted]
    assert await conversations.see(tx.connection, [wanted])
    return wanted
