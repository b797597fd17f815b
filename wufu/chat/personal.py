"""What chat keeps of a person, and how all of it goes: groups left, messages emptied, secrets burnt.

A message that was sent keeps its number and says that it was taken back, as after a recall; so nobody's
numbers have holes. Notices forget the name.
"""

from collections.abc import Callable

import msgspec

from wufu.chat.kinds import ENDED, tell
from wufu.chat.model import Message
from wufu.chat.secret.verbs import burn_all
from wufu.chat.store import conversations, messages
from wufu.chat.store import personal as store
from wufu.chat.verbs import common
from wufu.chat.verbs.groups import leave
from wufu.core.ids import PersonId
from wufu.db import Personal, Tx, erase
from wufu.people import GONE

AT_ONCE = 200
"""Messages emptied, or groups left, in one transaction."""
BOTHS = "the other ones of the conversation have it as well"

PERSONAL = (
    Personal(
        "conversations",
        """
        SELECT conversation, role, joined_at, notify, pinned FROM chat_member WHERE person = $1
        ORDER BY joined_at
        """,
        stays="a conversation of two is the other one's as well; groups are left",
    ),
    Personal(
        "messages",
        """
        SELECT conversation, number, kind, body, reply_to, sent_at, edited_at FROM message
        WHERE sender = $1 AND recalled_by IS NULL AND kind <> 'gone' ORDER BY sent_at
        """,
        stays="the number stays, and that it was taken back; what it said goes",
    ),
    Personal(
        "uploads",
        """
        SELECT id, kind, media_type, name, bytes, uploaded_at FROM media
        WHERE person = $1 ORDER BY uploaded_at
        """,
        stays="an upload's bytes go with the last message that shows it",
    ),
    Personal(
        "secrets",
        """
        SELECT conversation, number, timer_seconds, sent_at, expires_at FROM secret_message
        WHERE sender = $1 ORDER BY sent_at
        """,
        ("DELETE FROM secret_reader WHERE person = $1",),
    ),
    Personal(
        "mentioned",
        "SELECT conversation, number FROM message_mention WHERE person = $1",
        ("DELETE FROM message_mention WHERE person = $1",),
    ),
    Personal(
        "read",
        "SELECT conversation, through, at FROM chat_read WHERE person = $1 ORDER BY at",
        ("DELETE FROM chat_read WHERE person = $1",),
    ),
    Personal(
        "reported",
        "SELECT conversation, reason, note, at FROM chat_report WHERE reporter = $1 ORDER BY at",
        stays="somebody looked, or will look, at what was reported",
    ),
    Personal(
        "what_became_of_reports",
        "SELECT verdict, why, at FROM chat_ruling WHERE reporter = $1 ORDER BY at",
        stays="what was decided is on record",
    ),
    Personal(
        "shown_with_reports",
        "SELECT number, text FROM chat_report_shown WHERE reporter = $1",
        ("DELETE FROM chat_report_shown WHERE reporter = $1",),
    ),
    Personal(
        "waiting_with_reports",
        "SELECT media FROM chat_report_media WHERE reporter = $1",
        stays="it goes with the ruling",
    ),
    Personal(
        "silenced",
        "SELECT since, until FROM chat_silence WHERE person = $1",
        ("DELETE FROM chat_silence WHERE person = $1",),
    ),
    Personal(
        "moderated",
        "SELECT act, why, at FROM chat_moderation WHERE person = $1 ORDER BY at",
        stays="what was decided is on record",
    ),
    Personal(
        "invitations",
        "SELECT conversation, uses_left, expires_at FROM chat_invite WHERE inviter = $1",
        ("DELETE FROM chat_invite WHERE inviter = $1",),
    ),
    Personal(
        "waiting_to_join",
        "SELECT conversation, inviter, at FROM chat_join WHERE person = $1",
        ("DELETE FROM chat_join WHERE person = $1 OR inviter = $1",),
    ),
    Personal(
        "settings",
        "SELECT receipts, presence, strangers, groups FROM chat_person WHERE person = $1",
        ("DELETE FROM chat_person WHERE person = $1",),
    ),
    Personal(
        "pace", "SELECT due_at FROM chat_pace WHERE person = $1", ("DELETE FROM chat_pace WHERE person = $1",)
    ),
    Personal(
        "looking_at",
        "SELECT * FROM chat_presence WHERE person = $1",
        ("DELETE FROM chat_presence WHERE person = $1",),
    ),
    Personal(
        "secret_devices",
        "SELECT device, since FROM secret_device WHERE person = $1",
        ("DELETE FROM secret_device WHERE person = $1",),
    ),
    Personal(
        "notifications",
        "SELECT endpoint, preview, since FROM push_subscription WHERE person = $1",
        (
            "DELETE FROM push_subscription WHERE person = $1",
            "DELETE FROM push_due WHERE person = $1",
            "DELETE FROM push_mark WHERE person = $1",
        ),
    ),
    Personal(
        "quiet_hours",
        "SELECT quiet_from, quiet_to, offset_minutes FROM push_person WHERE person = $1",
        ("DELETE FROM push_person WHERE person = $1",),
    ),
)


async def forget_person(tx: Tx, person: PersonId) -> bool:
    """Leave every group, take back every message, burn every secret. True: there is more."""
    groups = [row["id"] for row in await conversations.groups_of(tx.connection, person)]
    for conversation in groups[:AT_ONCE]:
        await leave(tx, person, conversation)
    said = await store.said_by(tx.connection, person, AT_ONCE)
    await tell(ENDED, tx, await _empty(tx, said, lambda message: _taken_back(message, person)))
    naming = await store.naming(tx.connection, person, GONE, AT_ONCE)
    await _empty(tx, naming, lambda message: _nameless(message, person))
    secrets = await store.secrets_of(tx.connection, person, AT_ONCE)
    await burn_all(tx, secrets)
    if AT_ONCE in (len(said), len(naming), len(secrets)) or len(groups) > AT_ONCE:
        return True
    await erase(tx, PERSONAL, person)
    return False


async def _empty(tx: Tx, places: list[messages.Place], change: Callable[[Message], Message]) -> list[Message]:
    """Rewrite messages so that nothing of what they said is kept; as they were before."""
    locked = await conversations.lock(tx.connection, {conversation for conversation, _ in places})
    found = await messages.at(tx.connection, places)
    changed = [change(found[place]) for place in sorted(found)]
    await common.rewrite(tx, locked, changed, forget=True)
    return list(found.values())


def _taken_back(message: Message, person: PersonId) -> Message:
    return msgspec.structs.replace(
        message, body={}, mentions=(), reactions={}, edited_at=None, recalled_by=person
    )


def _nameless(message: Message, person: PersonId) -> Message:
    names = message.body["names"]
    assert isinstance(names, dict)
    return msgspec.structs.replace(message, body={**message.body, "names": {**names, str(person): GONE}})
