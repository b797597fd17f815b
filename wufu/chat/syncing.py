"""Catching up with all conversations at once: only what a phone lacks is said, page by page.

A phone's conversations lie in sixteen drawers, by the last digit of their ids. Of each drawer it keeps one
digest over what it holds: for every conversation the newest change, both cursors, and the mark of everything
else (`listing.mark_of`). It sends the sixteen digests (`compare`) and learns which drawers differ; an idle
phone is told "none" and that is all, however many conversations it has. For those that differ it says what it
holds (`sync`) and is answered the conversations that differ, the most recently used first, some at a time.

Nothing is kept for this: a digest is computed from how things stand, so a change of any cause is found, and
sending costs no row a member. The phone's half is `app/phone/src/features/chat/store/line.ts`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from wufu.chat.listing import (
    ConversationView,
    bare_views,
    newest_first,
    newest_of,
    people_in,
    with_news,
)
from wufu.chat.model import Message
from wufu.chat.store import conversations, messages
from wufu.chat.views import LONGEST_PAGE, Changes, changes_in
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection
from wufu.people import PersonView

DRAWERS = "0123456789abcdef"
MOST_VIEWS = 50
"""Conversations in one answer."""
MOST_SYNCED = 1_000
"""Messages in one answer; the last conversation in it may bring a page more."""
FIRST_PAGE = 20
DIGEST_DIGITS = 24


class Have(msgspec.Struct, frozen=True):
    """What a phone holds of a conversation: all changes through `change`, both cursors, the view's mark."""

    change: int = 0
    read: int = 0
    peer: int | None = None
    mark: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where a page ended: when something was last said there, and the conversation."""

    at: datetime
    conversation: ConversationId


class Synced(msgspec.Struct, frozen=True):
    """What a phone lacks. `next`: where the next page begins; None: this was the last."""

    conversations: list[ConversationView]
    gone: list[ConversationId]
    changes: dict[ConversationId, Changes]
    people: dict[PersonId, PersonView]
    next: Place | None


def drawer_of(conversation: ConversationId) -> str:
    """The drawer in which a conversation lies: the last digit of its id."""
    return conversation.hex[-1]


def digest_of(lines: Iterable[str]) -> str:
    """24 hexadecimal digits of SHA-256 over lines in order."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:DIGEST_DIGITS]


def line_of(view: ConversationView) -> str:
    """A conversation in a drawer's digest."""
    peer = "-" if view.peer_read_through is None else view.peer_read_through
    return f"{view.id} {view.last_change} {view.read_through} {peer} {view.mark}"


async def compare(connection: Connection, person: PersonId, held: Mapping[str, str]) -> str:
    """The drawers, of those whose digests a phone sends, in which it does not hold what there is."""
    views = await bare_views(connection, person, await conversations.see_mine(connection, person))
    lines: dict[str, list[str]] = {drawer: [] for drawer in DRAWERS}
    for view in views:
        if view.is_listed:
            lines[drawer_of(view.id)].append(line_of(view))
    return "".join(
        drawer for drawer in DRAWERS if drawer in held and held[drawer] != digest_of(lines[drawer])
    )


async def sync(
    connection: Connection,
    person: PersonId,
    have: Mapping[ConversationId, Have],
    within: str = DRAWERS,
    below: Place | None = None,
) -> Synced:
    """What a phone lacks that holds this much of these drawers: a page of conversations after `below`.

    Of one it knows: what changed since, at most 200 messages. Of one it does not know: the newest 20. A phone
    ahead of us (the database was restored from a backup) begins anew.
    """
    rows = [row for row in await conversations.see_mine(connection, person) if drawer_of(row["id"]) in within]
    bare = await bare_views(connection, person, rows)
    known = {view.id for view in bare}
    lacking = [view for view in bare if _is_lacking(view, have.get(view.id))]
    newest = await newest_of(connection, lacking)
    lacking = [msgspec.structs.replace(view, last=newest.get(view.id)) for view in lacking]
    lacking.sort(key=newest_first, reverse=True)
    if below is not None:
        lacking = [view for view in lacking if newest_first(view) < (below.at, below.conversation)]
    page: list[ConversationView] = []
    changes: dict[ConversationId, Changes] = {}
    said: list[Message] = []
    for view in lacking[:MOST_VIEWS]:
        if len(said) >= MOST_SYNCED:
            break
        page.append(view)
        if (found := await _changes(connection, view, have.get(view.id))) is not None:
            changes[view.id] = found
            said += found.messages
    views = await with_news(connection, person, page)
    end = newest_first(page[-1]) if page and len(page) < len(lacking) else None
    return Synced(
        views,
        [conversation for conversation in have if conversation not in known],
        changes,
        await people_in(connection, views, said),
        Place(*end) if end is not None else None,
    )


def _is_lacking(view: ConversationView, held: Have | None) -> bool:
    """Whether the phone has to be told of it. Its own cursor may be ahead: it will tell us."""
    if held is None:
        return view.is_listed
    return (
        held.change != view.last_change
        or held.mark != view.mark
        or held.peer != view.peer_read_through
        or held.read < view.read_through
    )


async def _changes(connection: Connection, view: ConversationView, held: Have | None) -> Changes | None:
    """The messages that a phone lacks of a conversation; None: none at all."""
    if held is not None and held.change == view.last_change:
        return None
    if held is None or held.change == 0 or held.change > view.last_change:
        newest = await messages.newest(connection, view.id, 2**63 - 1, view.sees_after, FIRST_PAGE)
        return Changes(sorted(newest, key=lambda each: each.change), view.last_change, False)
    return await changes_in(connection, view.id, view.last_change, view.sees_after, held.change, LONGEST_PAGE)
