"""Invitations: a link or QR code that lets people into a group for some time and some uses.

The token is shown once, to who made it; the database keeps its hash.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from wufu.chat.model import MOST_PEOPLE
from wufu.chat.refusals import BadInvite, NoSuchConversation
from wufu.chat.store import conversations, groups
from wufu.chat.verbs import common
from wufu.chat.verbs.groups import ask_to_join, let_in
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import MalformedBody
from wufu.db import Connection, Tx
from wufu.people import PersonView, see_people

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=30)
TOKEN_BYTES = 16
LONGEST_TOKEN = 40


class Invitation(msgspec.Struct, frozen=True):
    """A new invitation. Whoever has the token may come in."""

    token: str
    link: str
    expires_at: datetime
    uses: int


class InvitationView(msgspec.Struct, frozen=True):
    """What somebody who was invited sees before joining."""

    title: str
    people_count: int
    inviter: PersonView
    approval: bool
    member: bool


class Joined(msgspec.Struct, frozen=True):
    """What became of following an invitation."""

    state: Literal["joined", "waiting"]
    conversation: ConversationId


async def invite(
    tx: Tx, person: PersonId, conversation: ConversationId, seconds: int, uses: int
) -> Invitation:
    """Make an invitation. Raises no_such_conversation, malformed_body."""
    lives = timedelta(seconds=max(0, min(seconds, 2 * 24 * 3600 * 30)))
    if not SHORTEST <= lives <= LONGEST:
        raise MalformedBody(where="body.expires_seconds", why="Expected 60 to 2592000")
    if not 1 <= uses <= MOST_PEOPLE:
        raise MalformedBody(where="body.uses", why=f"Expected 1 to {MOST_PEOPLE}")
    await common.lock_one(tx, conversation, person, "invite")
    # The label names its one use: a seeded source would give one token twice otherwise.
    secret = tx.chance.secret(f"invite/{tx.chance.uuid7(tx.now)}", TOKEN_BYTES)
    token = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    await groups.invite(tx.connection, _hash(token), conversation, person, uses, tx.now + lives)
    return Invitation(token, f"/#/chat/join/{token}", tx.now + lives, uses)


async def end_invites(tx: Tx, person: PersonId, conversation: ConversationId) -> None:
    """End all invitations of a group."""
    await common.lock_one(tx, conversation, person, "end_invites")
    await groups.end_invites(tx.connection, conversation)


async def see_invitation(
    connection: Connection, person: PersonId, token: str, now: datetime
) -> InvitationView:
    """Where an invitation leads. Raises bad_invite."""
    row = await groups.invitation(connection, _hash(token))
    if row is None:
        raise BadInvite()
    room = (await conversations.see(connection, [row["conversation"]])).get(row["conversation"])
    mine = await conversations.members(connection, [(row["conversation"], person)])
    over = row["expires_at"] <= now or row["uses_left"] == 0
    if room is None or room.closed_at is not None or (over and not mine):
        raise BadInvite()
    people = await see_people(connection, [row["inviter"]])
    return InvitationView(room.title, room.people, people[row["inviter"]], room.approval, bool(mine))


async def join(tx: Tx, person: PersonId, token: str) -> Joined:
    """Follow an invitation. Who is in already stays in, whatever became of the invitation.

    Raises bad_invite, group_full, too_many_groups.
    """
    token_hash = _hash(token)
    first = await groups.invitation(tx.connection, token_hash)
    if first is None:
        raise BadInvite()
    conversation: ConversationId = first["conversation"]
    locked = (await conversations.lock(tx.connection, [conversation])).get(conversation)
    if locked is None:
        raise NoSuchConversation()
    if await conversations.members(tx.connection, [(conversation, person)]):
        return Joined("joined", conversation)
    # Under the group's lock: of two who follow the last use one comes in.
    row = await groups.invitation(tx.connection, token_hash)
    if row is None or row["expires_at"] <= tx.now or row["uses_left"] == 0:
        raise BadInvite()
    if locked.people == 0 or locked.closed_at is not None:
        raise BadInvite()
    if person in [waiting["person"] for waiting in await groups.joins(tx.connection, conversation)]:
        return Joined("waiting", conversation)
    await groups.use(tx.connection, token_hash)
    if locked.approval:
        await ask_to_join(tx, locked, [person], row["inviter"])
        return Joined("waiting", conversation)
    await let_in(tx, locked, [person], row["inviter"])
    return Joined("joined", conversation)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token[:LONGEST_TOKEN].encode()).digest()
