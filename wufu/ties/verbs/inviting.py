"""Making, looking at, using and revoking invitations.

`use_invitations` and `look_at_invitation` answer their refusals as values: a wrong code must be remembered,
and raising would roll that back. Locks: invitations in the order of their keys, then people's ties.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, MalformedBody, Refusal
from wufu.db import Connection, Tx
from wufu.people import see_people
from wufu.ties import model
from wufu.ties.invitation import (
    GUESSES_FOR,
    LONGEST_NOTE,
    MOST_DAYS,
    MOST_LIVE,
    MOST_USES,
    MOST_WRONG,
    SECRET,
    BadSecret,
    Invitation,
    InvitationLook,
    InvitationOver,
    InvitationView,
    LookAtInvitation,
    Made,
    MakeInvitation,
    NoSuchInvitation,
    TooManyGuesses,
    TooManyInvitations,
    UsedBy,
    UseInvitation,
    code_of,
    hash_of,
    read_code,
    text_of,
)
from wufu.ties.label import clean_words
from wufu.ties.model import Board, Pair, Standing
from wufu.ties.store import board as boards
from wufu.ties.store import invitations as store
from wufu.ties.verbs.forming import decide
from wufu.ties.verbs.seeing import blocked, see_standing_with

CodeKey = tuple[PersonId, bytes]


async def make_invitation(tx: Tx, request: MakeInvitation) -> Made:
    """Make an invitation. The same id, secret and terms again: the same answer.

    Raises malformed_body, bad_secret, bad_label, id_conflict, too_many_invitations.
    """
    new = _checked(request)
    await boards.lock(tx.connection, [request.person])
    known = await store.one(tx.connection, request.person, request.id)
    if known is not None:
        code = code_of(request.person, known.salt, request.secret)
        days = (known.expires_at - known.made_at).days
        if hash_of(code) != known.code_hash or (known.uses, known.note, days) != (
            new.uses,
            new.note,
            new.days,
        ):
            raise IdConflict(id=str(request.id))
        return await _made(tx.connection, known, code)
    if await store.count_live(tx.connection, request.person, tx.now) >= MOST_LIVE:
        raise TooManyInvitations(most=MOST_LIVE)
    salt = tx.chance.secret(f"invitation/{request.person}/{request.id}", 16)
    code = code_of(request.person, salt, request.secret)
    expires_at = tx.now + timedelta(days=new.days)
    made = Invitation(
        request.person, request.id, hash_of(code), salt, new.note, new.uses, 0, tx.now, expires_at
    )
    await store.insert(tx.connection, made)
    return await _made(tx.connection, made, code)


def _checked(request: MakeInvitation) -> MakeInvitation:
    if not SECRET.fullmatch(request.secret):
        raise BadSecret()
    if not 1 <= request.uses <= MOST_USES:
        raise MalformedBody(where="body.uses", why=f"Expected 1 to {MOST_USES}")
    if not 1 <= request.days <= MOST_DAYS:
        raise MalformedBody(where="body.days", why=f"Expected 1 to {MOST_DAYS}")
    note = clean_words(request.note, "note") if request.note.strip() else ""
    assert len(note) <= LONGEST_NOTE
    return msgspec.structs.replace(request, note=note)


async def _made(connection: Connection, invitation: Invitation, code: str) -> Made:
    views = await see_people(connection, [invitation.inviter])
    return Made(
        invitation.id,
        code,
        f"/#/i/{code}",
        text_of(views[invitation.inviter].name, code),
        invitation.uses,
        invitation.expires_at,
    )


async def revoke_invitation(tx: Tx, person: PersonId, invitation: UUID) -> None:
    """End one's own invitation; who used it before stays a friend. Raises no_such_invitation."""
    if not await store.revoke(tx.connection, person, invitation, tx.now):
        raise NoSuchInvitation()


async def see_invitations(connection: Connection, person: PersonId, now: datetime) -> list[InvitationView]:
    """One's invitations, the newest first, with who used them."""
    made = await store.of_inviter(connection, person, MOST_LIVE)
    uses = await store.uses_of(connection, person, [one.id for one in made])
    views = await see_people(connection, {user for _, user, _ in uses})
    by_invitation: dict[UUID, list[UsedBy]] = {one.id: [] for one in made}
    for invitation, user, at in uses:
        by_invitation[invitation].append(UsedBy(user, views[user].name, views[user].avatar, at))
    return [
        InvitationView(
            one.id,
            one.note,
            one.made_at,
            one.expires_at,
            one.uses,
            one.used,
            one.state(now),
            by_invitation[one.id],
        )
        for one in made
    ]


# --- By code --------------------------------------------------------------------------------------


async def look_at_invitation(tx: Tx, look: LookAtInvitation) -> InvitationLook | Refusal:
    """Who invites, before one decides. Answers no_such_invitation, invitation_over, too_many_guesses."""
    key = f"person/{look.person}" if look.person is not None else f"address/{look.address[:80]}"
    [known] = await _by_codes(tx, [(key, look.code)], lock=False)
    if isinstance(known, Refusal):
        return known
    invitation, code = known
    tie = None
    over = invitation.state(tx.now) != "live"
    if look.person is not None:
        tie = (await see_standing_with(tx.connection, look.person, invitation.inviter)).tie
        hidden = await blocked(tx.connection, [(look.person, invitation.inviter)])
        over = (over or bool(hidden)) and tie != "friend"
    if over:
        return InvitationOver()
    views = await see_people(tx.connection, [invitation.inviter])
    return InvitationLook(views[invitation.inviter], code, invitation.expires_at, tie)


async def use_invitations(tx: Tx, requests: Sequence[UseInvitation]) -> list[Standing | Refusal]:
    """Become friends of whoever made the codes. The same again: the same answer, and no use is used up.

    Answers no_such_invitation, invitation_over, too_many_guesses, tie_to_self, blocked_by_you,
    too_many_friends.
    """
    known = await _by_codes(
        tx, [(f"person/{request.person}", request.code) for request in requests], lock=True
    )
    pairs: list[Pair] = []
    decisions = []
    left: dict[tuple[PersonId, UUID], Invitation] = {}
    uses: list[tuple[tuple[PersonId, UUID], PersonId]] = []

    def decision(board: Board, person: PersonId, inviter: PersonId, number: UUID) -> Standing | Refusal:
        invitation = left[inviter, number]
        was = (person, inviter) in board.ties
        answer = model.use_invitation(board, invitation, person)
        if not was and (person, inviter) in board.ties:
            uses.append(((inviter, number), person))
            left[inviter, number] = msgspec.structs.replace(invitation, used=invitation.used + 1)
        return answer

    for request, found in zip(requests, known, strict=True):
        if not isinstance(found, Refusal):
            invitation = found[0]
            left[invitation.inviter, invitation.id] = invitation
            pairs.append((request.person, invitation.inviter))
            decisions.append(partial(decision, number=invitation.id))
    answers = iter(await decide(tx, pairs, decisions))
    if uses:
        await store.add_uses(tx.connection, uses, tx.now)
    return [found if isinstance(found, Refusal) else next(answers) for found in known]


async def _by_codes(
    tx: Tx, asked: Sequence[tuple[str, str]], *, lock: bool
) -> list[tuple[Invitation, str] | Refusal]:
    """The invitation and code of each (who asks, text), or why not; wrong codes are counted by who asks."""
    after = tx.now - GUESSES_FOR
    before = await store.guesses(tx.connection, [key for key, _ in asked], after)
    codes = [read_code(text) for _, text in asked]
    keys: list[CodeKey | None] = [read and (read[0], hash_of(read[1])) for read in codes]
    found = await store.of_codes(tx.connection, [key for key in keys if key is not None], lock=lock)
    wrong: Counter[str] = Counter()
    answers: list[tuple[Invitation, str] | Refusal] = []
    for (who, _), read, key in zip(asked, codes, keys, strict=True):
        tried, since = before.get(who, (0, tx.now))
        if tried + wrong[who] >= MOST_WRONG:
            answers.append(TooManyGuesses(wait_seconds=math.ceil((since - after).total_seconds())))
        elif read is None or key is None:
            answers.append(NoSuchInvitation())  # a text without any code is no guess
        elif key not in found:
            wrong[who] += 1
            answers.append(NoSuchInvitation())
        else:
            answers.append((found[key], read[1]))
    if wrong:
        await store.count_wrong(tx.connection, dict(wrong), tx.now, after)
    return answers
