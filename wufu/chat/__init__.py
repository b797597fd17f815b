"""Chat 来往: conversations of two, groups to 500, notes to oneself; exact, quick, able to forget.

The story. A phone sends a message with an id it made itself. The conversation's row is locked, the message
gets the next number (1, 2, 3, … without holes) and the next change number, one statement writes the batch,
one commit makes it durable, and one word over the live edge tells everybody: a group's news are said once,
in the group's room, and NATS carries them to its members' phones; two people's are said on their own lines.

What is said may be lost; nothing is missed. Every visible change of a message (an edit, a recall, a
reaction, a card that changed, a burning) takes the conversation's next change number. A phone that sees a
gap, comes back, or has heard nothing for a minute asks for what changed after the number it has. So there
is no row and no message per member: reading, too, is one cursor a member (`read_through`), and who has read
a message is computed from the cursors; their times are kept sparsely, one row a minute at most.

Who hears a room. A room's subject is a secret name that only its members' passes list, never a wildcard.
When somebody leaves, the room gets a new name; the others fetch a new pass. What one may see begins with
the number at which one joined (`joined_number`), and ends with leaving.

Who may do what in a conversation is one table, `model.LEAST`. Who may write to whom: friends; a stranger up
to three messages before an answer, if the other lets strangers, who then may answer; nobody across a block.

Cards of other domains (`send_cards`, `change_cards`) are messages whose body their owner may change.

If you add a kind of message: a line in `kinds.py`, a look in the app, and whether it may be forwarded and
searched. If you add something a group can be set to: `conversation.version` must grow with it.

Locks: conversations in the order of their ids; then people's paces or counts in the order of their numbers.
Tables: conversation, chat_member, message, message_mention, message_words, chat_read, chat_invite,
chat_join, chat_person, chat_pace, chat_presence, chat_report, chat_talk. Secret messages, media,
notifications and what moderators decide have chapters of their own: `secret/`, `media/`, `push/`,
`moderation/`. Facts: `chat.joined` {conversation, title, by}, `chat.left` {conversation}, `chat.join_asked`
{conversation, person}, `chat.join_refused` {conversation}; `chat.talked` {day, pairs, parts} to nobody.
Laws: `audit.py`.
"""

from fastapi import APIRouter

from wufu.chat import audit, live, parts
from wufu.chat import jobs as clockwork
from wufu.chat.http import router
from wufu.chat.listing import see_chats, see_conversation
from wufu.chat.model import (
    MOST_GROUPS,
    MOST_PEOPLE,
    ChangeCard,
    Message,
    Role,
    SendCard,
    SendMessage,
    SentMessage,
    direct_id,
    room_subject,
)
from wufu.chat.moderation.model import (
    Case,
    Decided,
    Evidence,
    MyReport,
    NoSuchReport,
    NothingToTakeDown,
    ReportDecided,
    ReportLine,
    TrailLine,
)
from wufu.chat.moderation.verbs import close as close_group
from wufu.chat.moderation.verbs import dismiss as dismiss_report
from wufu.chat.moderation.verbs import mute as mute_person
from wufu.chat.moderation.verbs import (
    see_case,
    see_evidence_file,
    see_my_reports,
    see_reports,
    see_trail,
    take_down,
)
from wufu.chat.personal import PERSONAL, forget_person
from wufu.chat.push.jobs import Waking, looking_by
from wufu.chat.refusals import (
    BadInvite,
    BadMention,
    BadMessage,
    BadSearch,
    BadTitle,
    GroupClosed,
    GroupFull,
    KindNotAllowed,
    KnockLimit,
    Muted,
    NoSuchConversation,
    NoSuchMember,
    NoSuchMessage,
    NotAllowedHere,
    NotFriends,
    Silenced,
    TooFast,
    TooLate,
    TooManyGroups,
    TooManyReactions,
    TooManyReports,
)
from wufu.chat.secret.jobs import settle_policy
from wufu.chat.secret.live import VERBS as SECRET_VERBS
from wufu.chat.secret.scan import Trace, Traces, find_traces
from wufu.chat.shared import GroupInCommon, GroupWith, groups_with, shared_groups
from wufu.chat.verbs import talk
from wufu.chat.verbs.change import change_cards
from wufu.chat.verbs.direct import direct_conversation
from wufu.chat.verbs.groups import FoundGroup, add_people, found_group
from wufu.chat.verbs.send import send_cards, send_messages
from wufu.chat.views import members_of, see_role, see_rooms
from wufu.db import Job
from wufu.edge import Door
from wufu.objects import ObjectStore, Workshop

LAWS = (*audit.LAWS, *parts.LAWS)
VERBS = (*live.VERBS, *SECRET_VERBS)
LISTENERS = {**parts.LISTENERS, **talk.LISTENERS}


def jobs(waking: Waking) -> list[Job]:
    """The work of chat by the clock."""
    return [*clockwork.jobs(), *parts.jobs(waking)]


def routers(door: Door, objects: ObjectStore, workshop: Workshop, waking: Waking) -> list[APIRouter]:
    """Every route of chat, under `/api`."""
    return [router(door), *parts.routers(door, objects, workshop, waking)]


__all__ = [
    "LAWS",
    "LISTENERS",
    "MOST_GROUPS",
    "MOST_PEOPLE",
    "PERSONAL",
    "VERBS",
    "BadInvite",
    "BadMention",
    "BadMessage",
    "BadSearch",
    "BadTitle",
    "Case",
    "ChangeCard",
    "Decided",
    "Evidence",
    "FoundGroup",
    "GroupClosed",
    "GroupFull",
    "GroupInCommon",
    "GroupWith",
    "KindNotAllowed",
    "KnockLimit",
    "Message",
    "Muted",
    "MyReport",
    "NoSuchConversation",
    "NoSuchMember",
    "NoSuchMessage",
    "NoSuchReport",
    "NotAllowedHere",
    "NotFriends",
    "NothingToTakeDown",
    "ReportDecided",
    "ReportLine",
    "Role",
    "SendCard",
    "SendMessage",
    "SentMessage",
    "Silenced",
    "TooFast",
    "TooLate",
    "TooManyGroups",
    "TooManyReactions",
    "TooManyReports",
    "Trace",
    "Traces",
    "TrailLine",
    "Waking",
    "add_people",
    "change_cards",
    "close_group",
    "direct_conversation",
    "direct_id",
    "dismiss_report",
    "find_traces",
    "forget_person",
    "found_group",
    "groups_with",
    "jobs",
    "looking_by",
    "members_of",
    "mute_person",
    "room_subject",
    "routers",
    "see_case",
    "see_chats",
    "see_conversation",
    "see_evidence_file",
    "see_my_reports",
    "see_reports",
    "see_role",
    "see_rooms",
    "see_trail",
    "send_cards",
    "send_messages",
    "settle_policy",
    "shared_groups",
    "take_down",
]
