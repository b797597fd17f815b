"""Groups: founding, adding, leaving, removing, and what those who run one may do.

A group's news are said in its room, a subject that only its members' passes name. Whenever somebody leaves,
the room gets a new name that they never learn; everybody else's phone fetches a new pass.

Each verb locks the group's row first; people's counts of groups after it, in the order of their numbers.
"""

import base64
import unicodedata
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from wufu.chat.model import (
    MOST_GROUPS,
    MOST_PEOPLE,
    RANK,
    Act,
    Conversation,
    Member,
    Notify,
    Role,
    fingerprint,
    may,
)
from wufu.chat.refusals import (
    BadTitle,
    GroupFull,
    NoSuchMember,
    NotAllowedHere,
    NotFriends,
    TooManyGroups,
)
from wufu.chat.store import conversations, groups
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import IdConflict, MalformedBody, UnknownPerson
from wufu.db import Fact, Tx
from wufu.people import see_people
from wufu.ties import are_friends

LONGEST_TITLE = 40
LONGEST_ANNOUNCEMENT = 2_000
LONGEST_MUTE_SECONDS = 30 * 24 * 3600


class FoundGroup(msgspec.Struct, frozen=True):
    """A new group of friends; `id` is made on the phone."""

    person: PersonId
    id: ConversationId
    title: str
    people: tuple[PersonId, ...]


def clean_title(title: str) -> str:
    """A title in one spelling. Raises bad_title: 1 to 40 characters, none of them invisible."""
    clean = unicodedata.normalize("NFC", title).strip()
    odd = any(unicodedata.category(one)[0] == "C" and one != "\u200d" for one in clean)
    if odd or not 1 <= len(clean) <= LONGEST_TITLE:
        raise BadTitle(most=LONGEST_TITLE)
    return clean


async def found_group(tx: Tx, request: FoundGroup) -> ConversationId:
    """Found a group of oneself and friends. The same id and content again is the same group.

    Raises bad_title, group_full, silenced, not_friends, unknown_person, too_many_groups, id_conflict.
    """
    title = clean_title(request.title)
    people = sorted({*request.people} - {request.person})
    if len(people) + 1 > MOST_PEOPLE:
        raise GroupFull(most=MOST_PEOPLE)
    asked = fingerprint(request.person, title, people)
    there = await conversations.is_there(tx.connection, request.id, asked)
    if there is not None:
        if there:
            return request.id
        raise IdConflict(id=str(request.id))
    await common.check_voice(tx, request.person)
    await _check_friends(tx, request.person, people)
    new = Conversation(request.id, "group", None, None, title, len(people) + 1, 0, 0, 1, "", 0, False, False)
    new.room = _room_of(tx, new)
    await conversations.found(tx.connection, new, asked, request.person, tx.now)
    await _count(tx, [request.person, *people])
    await conversations.enter(tx.connection, new.id, [request.person], "owner", 0, tx.now)
    await conversations.enter(tx.connection, new.id, people, "member", 0, tx.now)
    names = await _names(tx, [request.person, *people[:10]])
    await common.notice(tx, new, "created", request.person, people=people, names=names)
    _tell_joined(tx, new, [request.person, *people], request.person)
    return new.id


async def add_people(
    tx: Tx, person: PersonId, conversation: ConversationId, people: Sequence[PersonId]
) -> list[PersonId]:
    """Add friends of one's own. Where joining needs approval they wait for it: these are answered.

    Raises no_such_conversation, not_friends, unknown_person, group_full, too_many_groups.
    """
    locked, member = await common.lock_one(tx, conversation, person, "add")
    wanted = sorted(set(people))
    if len(wanted) > MOST_PEOPLE:
        raise GroupFull(most=MOST_PEOPLE)
    there = await conversations.members(tx.connection, [(conversation, one) for one in wanted])
    new = [one for one in wanted if (conversation, one) not in there]
    if not new:
        return []
    await _check_friends(tx, person, new)
    if locked.approval and not may(member.role, "approve"):
        await ask_to_join(tx, locked, new, person)
        return new
    await let_in(tx, locked, new, person)
    return []


async def ask_to_join(tx: Tx, locked: Conversation, people: Sequence[PersonId], inviter: PersonId) -> None:
    """Let people wait; those who run the group are told."""
    waiting = await groups.wait(tx.connection, locked.id, list(people), inviter, tx.now)
    runs = [
        each.person
        for each in await conversations.members_of(tx.connection, locked.id)
        if may(each.role, "approve")
    ]
    for one in waiting:
        tx.announce(Fact("chat.join_asked", {"conversation": locked.id, "person": one}, tuple(runs)))


async def let_in(tx: Tx, locked: Conversation, people: Sequence[PersonId], by: PersonId) -> None:
    """Make people members of a locked group. Raises group_full, too_many_groups."""
    if locked.people + len(people) > MOST_PEOPLE:
        raise GroupFull(most=MOST_PEOPLE)
    await _count(tx, people)
    await groups.stop_waiting(tx.connection, locked.id, list(people))
    locked.people += len(people)
    locked.version += 1
    # They see the notice of their own coming, and what comes after it.
    await conversations.enter(tx.connection, locked.id, people, "member", locked.last_number, tx.now)
    await conversations.keep_settings(tx.connection, locked)
    names = await _names(tx, [by, *people[:10]])
    await common.notice(tx, locked, "joined", by, people=list(people), names=names)
    _say_version(tx, locked)
    _tell_joined(tx, locked, people, by)


async def answer_join(
    tx: Tx, person: PersonId, conversation: ConversationId, who: PersonId, accept: bool
) -> None:
    """Let somebody in who waits, or not. Raises no_such_member: they do not wait (any more)."""
    locked, _ = await common.lock_one(tx, conversation, person, "approve")
    there = await conversations.members(tx.connection, [(conversation, who)])
    if there and accept:
        return
    if not await groups.stop_waiting(tx.connection, conversation, [who]):
        raise NoSuchMember(person=who)
    if accept:
        await let_in(tx, locked, [who], person)
    else:
        tx.announce(Fact("chat.join_refused", {"conversation": conversation}, (who,)))


async def leave(tx: Tx, person: PersonId, conversation: ConversationId) -> None:
    """Leave a group, quietly: no message says so. Who is not in it has left already.

    An owner's place goes to whoever has been admin, or else member, for longest.
    """
    locked = (await conversations.lock(tx.connection, [conversation])).get(conversation)
    mine = await conversations.members(tx.connection, [(conversation, person)])
    if locked is None or locked.kind != "group" or not mine:
        return
    if mine[conversation, person].role == "owner":
        rest = [
            each
            for each in await conversations.members_of(tx.connection, conversation)
            if each.person != person
        ]
        rest.sort(key=lambda each: (-RANK[each.role], each.joined_at, each.person))
        if rest:
            await conversations.set_role(tx.connection, conversation, rest[0].person, "owner")
            names = await _names(tx, [rest[0].person])
            await common.notice(tx, locked, "transferred", rest[0].person, names=names)
    await _take_out(tx, locked, person)


async def remove(tx: Tx, person: PersonId, conversation: ConversationId, who: PersonId) -> None:
    """Remove somebody. Raises no_such_conversation, not_allowed_here, no_such_member."""
    locked, _, _ = await _over(tx, person, conversation, who, "remove")
    await _take_out(tx, locked, who)


async def _take_out(tx: Tx, locked: Conversation, person: PersonId) -> None:
    """End a membership: the room moves to a name that who left does not know."""
    await conversations.lock_group_counts(tx.connection, [person])
    await conversations.count_groups(tx.connection, [person], -1)
    await conversations.leave(tx.connection, locked.id, person)
    locked.people -= 1
    locked.version += 1
    locked.room_epoch += 1
    locked.room = _room_of(tx, locked)
    await conversations.keep_settings(tx.connection, locked)
    if locked.people == 0:
        await groups.end_invites(tx.connection, locked.id)
    rest = [each.person for each in await conversations.members_of(tx.connection, locked.id)]
    common.say_to(tx, rest, {"kind": "rooms", "conversation": locked.id})
    tx.announce(Fact("chat.left", {"conversation": locked.id}, (person,)))


# --- Running a group ------------------------------------------------------------------------------


async def set_title(tx: Tx, person: PersonId, conversation: ConversationId, title: str) -> None:
    """Raises bad_title, no_such_conversation, not_allowed_here, group_closed, silenced."""
    clean = clean_title(title)
    await common.check_voice(tx, person)
    locked, _ = await common.lock_one(tx, conversation, person, "title")
    if locked.title != clean:
        locked.title = clean
        await _settle(tx, locked, "title", person, title=clean)


async def set_approval(tx: Tx, person: PersonId, conversation: ConversationId, on: bool) -> None:
    """Whether joining needs the consent of those who run the group."""
    locked, _ = await common.lock_one(tx, conversation, person, "approve")
    if locked.approval != on:
        locked.approval = on
        await _settle(tx, locked, "approval", person, on=on)


async def silence_all(tx: Tx, person: PersonId, conversation: ConversationId, on: bool) -> None:
    """Whether only those who run the group may speak."""
    locked, _ = await common.lock_one(tx, conversation, person, "silence_all")
    if locked.all_muted != on:
        locked.all_muted = on
        await _settle(tx, locked, "all_muted", person, on=on)


async def set_announcement(tx: Tx, person: PersonId, conversation: ConversationId, text: str) -> None:
    """Pin a text to the group, or remove it with an empty one. Raises malformed_body when too long."""
    clean = text.strip()
    await common.check_voice(tx, person)
    if len(clean) > LONGEST_ANNOUNCEMENT:
        raise MalformedBody(where="body.text", why=f"At most {LONGEST_ANNOUNCEMENT} characters")
    locked, _ = await common.lock_one(tx, conversation, person, "announce")
    before = await conversations.announcement(tx.connection, conversation)
    if (before["text"] if before is not None else "") == clean:
        return
    await conversations.announce(tx.connection, conversation, clean or None, person, tx.now)
    await _settle(tx, locked, "announcement", person, text=clean[:200])


async def set_role(tx: Tx, person: PersonId, conversation: ConversationId, who: PersonId, role: Role) -> None:
    """Make somebody an admin, or a member again."""
    if role == "owner":
        raise MalformedBody(where="body.role", why="Expected admin or member")
    locked, _, member = await _over(tx, person, conversation, who, "role")
    if member.role != role:
        await conversations.set_role(tx.connection, conversation, who, role)
        await _quietly(tx, locked)


async def transfer(tx: Tx, person: PersonId, conversation: ConversationId, who: PersonId) -> None:
    """Give the group to somebody in it; one stays as an admin."""
    locked, _, _ = await _over(tx, person, conversation, who, "transfer")
    await conversations.set_role(tx.connection, conversation, person, "admin")
    await conversations.set_role(tx.connection, conversation, who, "owner")
    await _settle(tx, locked, "transferred", who, names=await _names(tx, [who]))


async def mute(tx: Tx, person: PersonId, conversation: ConversationId, who: PersonId, seconds: int) -> None:
    """Let somebody not speak for a while; 0 ends it."""
    if not 0 <= seconds <= LONGEST_MUTE_SECONDS:
        raise MalformedBody(where="body.seconds", why=f"Expected 0 to {LONGEST_MUTE_SECONDS}")
    locked, _, _ = await _over(tx, person, conversation, who, "mute")
    until = tx.now + timedelta(seconds=seconds) if seconds else None
    await conversations.mute(tx.connection, conversation, who, until)
    await _quietly(tx, locked)


class Own(msgspec.Struct, frozen=True):
    """What a member sets for themselves; None: as it is."""

    notify: Notify | None = None
    pinned: bool | None = None
    hidden_through: int | None = None


async def set_own(tx: Tx, person: PersonId, conversation: ConversationId, own: Own) -> None:
    """Set one's own flags. History is only ever cleared further, and at most up to its end."""
    locked = await conversations.lock(tx.connection, [conversation])
    member = await common.see_member(tx.connection, conversation, person)
    hidden = min(max(own.hidden_through or 0, member.hidden_through), locked[conversation].last_number)
    await conversations.set_own(
        tx.connection,
        conversation,
        person,
        own.notify or member.notify,
        member.pinned if own.pinned is None else own.pinned,
        hidden,
    )
    common.say_to(tx, [person], {"kind": "settings"})


# --- Shared ---------------------------------------------------------------------------------------


async def _over(
    tx: Tx, person: PersonId, conversation: ConversationId, who: PersonId, act: Act
) -> tuple[Conversation, Member, Member]:
    """A locked group, and the places of who acts and of whom it is about, who must stand lower."""
    locked, member = await common.lock_one(tx, conversation, person, act)
    other = (await conversations.members(tx.connection, [(conversation, who)])).get((conversation, who))
    if other is None:
        raise NoSuchMember(person=who)
    if not may(member.role, act, over=other.role):
        raise NotAllowedHere(needs="owner")
    return locked, member, other


async def _settle(tx: Tx, locked: Conversation, what: str, by: PersonId, **facts: object) -> None:
    """Write a group's settings, with a notice that everybody sees."""
    locked.version += 1
    await conversations.keep_settings(tx.connection, locked)
    await common.notice(tx, locked, what, by, **facts)
    _say_version(tx, locked)


async def _quietly(tx: Tx, locked: Conversation) -> None:
    """Something about the group's members changed that needs no notice."""
    locked.version += 1
    await conversations.keep_settings(tx.connection, locked)
    _say_version(tx, locked)


def _say_version(tx: Tx, locked: Conversation) -> None:
    for subject in locked.subjects():
        tx.say(
            subject,
            {"kind": "conversation", "conversation": locked.id, "version": locked.version},
        )


def _tell_joined(tx: Tx, locked: Conversation, people: Sequence[PersonId], by: PersonId) -> None:
    tx.announce(
        Fact("chat.joined", {"conversation": locked.id, "title": locked.title, "by": by}, tuple(people))
    )
    common.say_to(tx, people, {"kind": "rooms", "conversation": locked.id})


async def _check_friends(tx: Tx, person: PersonId, people: Sequence[PersonId]) -> None:
    known = await see_people(tx.connection, people)
    for one in people:
        if one not in known:
            raise UnknownPerson(person=one)
    friends = await are_friends(tx.connection, [(person, one) for one in people])
    for one in people:
        if (person, one) not in friends:
            raise NotFriends(person=one)


async def _count(tx: Tx, people: Sequence[PersonId]) -> None:
    counts = await conversations.lock_group_counts(tx.connection, people)
    for person, count in counts.items():
        if count >= MOST_GROUPS:
            raise TooManyGroups(person=person, most=MOST_GROUPS)
    await conversations.count_groups(tx.connection, people, 1)


async def _names(tx: Tx, people: Sequence[PersonId]) -> dict[str, str]:
    views = await see_people(tx.connection, people)
    return {str(person): view.name for person, view in views.items()}


def _room_of(tx: Tx, conversation: Conversation) -> str:
    """A fresh name of a room: 80 secret bits, 16 letters and digits."""
    secret = tx.chance.secret(f"room/{conversation.id}/{conversation.room_epoch}", 10)
    return base64.b32encode(secret).decode().lower()
