"""The end of a secret: its object and every row about it go.

Apart from the verbs, because recalling any message ends here too.
"""

from collections.abc import Sequence
from datetime import timedelta

from wufu.chat.model import Message
from wufu.chat.secret import store
from wufu.chat.secret.model import Secret
from wufu.db import Tx
from wufu.objects import ObjectId, drop


async def forget(tx: Tx, over: Sequence[Secret]) -> None:
    """Take away these locked secrets; where there is a hold, their ciphertext waits for its end."""
    await store.forget(tx.connection, [(each.conversation, each.message) for each in over])
    held = await store.retention(tx.connection)
    if held:
        await store.hold(tx.connection, over, tx.now, tx.now + timedelta(seconds=held))
    else:
        await drop(tx, [ObjectId(each.object) for each in over])


async def note_ended(tx: Tx, recalled: Sequence[Message]) -> None:
    """Secrets were recalled: burnt at once, for everybody. The caller writes the messages themselves."""
    ids = [(message.conversation, message.id) for message in recalled]
    over = await store.lock(tx.connection, ids)
    if over:
        await forget(tx, list(over.values()))
