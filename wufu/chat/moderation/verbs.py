"""What moderators see and decide. Who asks stands in `tx.actor`; the caller has checked that they may.

Locks: the conversation, then the report.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from wufu.chat.kinds import ENDED, tell
from wufu.chat.media import verbs as media
from wufu.chat.model import SYSTEM, Message
from wufu.chat.moderation import store
from wufu.chat.moderation.model import (
    LONGEST_SILENCE_SECONDS,
    Case,
    Decided,
    Evidence,
    ModeratorAct,
    MyReport,
    NoSuchReport,
    NothingToTakeDown,
    ReportDecided,
    ReportLine,
    TrailLine,
    Verdict,
    clean_why,
    same_messages,
    state_of,
)
from wufu.chat.refusals import NoSuchConversation
from wufu.chat.store import conversations, groups, messages
from wufu.chat.verbs import common
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import MalformedBody, UnknownPerson
from wufu.db import Connection, Fact, Tx
from wufu.objects import ObjectId
from wufu.people import see_people

MOST_LISTED = 200
MOST_BEFORE = 20


# --- Seeing ---------------------------------------------------------------------------------------


async def see_reports(connection: Connection, limit: int = MOST_LISTED) -> list[ReportLine]:
    """Reports that nobody has decided, the longest waiting first."""
    rows = await store.waiting(connection, max(1, min(limit, MOST_LISTED)))
    kinds = await _kinds(connection, [row["conversation"] for row in rows])
    return [_line(row, kinds, rows) for row in rows]


async def see_case(connection: Connection, report: UUID) -> Case:
    """A report with the evidence as its reporter saw it. Raises no_such_report."""
    row = await store.find(connection, report)
    if row is None:
        raise NoSuchReport(id=str(report))
    its = (row["reporter"], row["id"])
    conversation: ConversationId = row["conversation"]
    place = (await conversations.see(connection, [conversation]))[conversation]
    now = await messages.at(connection, [(conversation, number) for number in row["numbers"]])
    seen = msgspec.convert(row["evidence"], list[Message])
    people = await see_people(connection, {message.sender for message in seen if message.sender})
    shown = await store.shown(connection, its)
    kinds = {conversation: place.kind}
    line = _line(row, kinds, await store.waiting_in(connection, conversation))
    return Case(
        line,
        place.title,
        place.people,
        [
            Evidence(
                message.number,
                message.sender,
                people[message.sender].name if message.sender in people else "",
                message.kind,
                message.body,
                shown.get(message.number),
                message.sent_at,
                _state(message, now.get((conversation, message.number))),
                _media(message),
            )
            for message in seen
        ],
        await store.ruling_of(connection, its),
        await store.trail_about(connection, line.senders, conversation, MOST_BEFORE),
    )


async def see_evidence_file(connection: Connection, report: UUID, file: UUID) -> tuple[ObjectId, str]:
    """Where a picture, voice or film of a report lies that waits for its ruling, and its type.

    Raises no_such_report, unknown_media.
    """
    row = await store.find(connection, report)
    if row is None:
        raise NoSuchReport(id=str(report))
    kept = await media.see_held(connection, (row["reporter"], row["id"]), file)
    return ObjectId(kept.content), kept.media_type


async def see_my_reports(connection: Connection, person: PersonId, limit: int = 50) -> list[MyReport]:
    """One's own reports and what became of them, the newest first."""
    return [MyReport(*row) for row in await store.mine(connection, person, limit)]


async def see_trail(
    connection: Connection, limit: int = MOST_LISTED, act: ModeratorAct | None = None
) -> list[TrailLine]:
    """What moderators did, the newest first."""
    return await store.trail(connection, max(1, min(limit, MOST_LISTED)), act)


# --- Deciding -------------------------------------------------------------------------------------


async def dismiss(tx: Tx, report: UUID, why: str) -> Decided:
    """Nothing is wrong. The same again changes nothing. Raises no_such_report, report_decided."""
    its, conversation, numbers = await _lock(tx, report)
    if not await _is_open(tx, its, "dismissed"):
        return Decided(0)
    await _rule(tx, [(its, conversation)], "dismissed", clean_why(why))
    await _note(tx, "dismiss", why, report=report, conversation=conversation, numbers=numbers)
    return Decided(1)


async def take_down(tx: Tx, report: UUID, why: str) -> Decided:
    """The reported messages go, for everybody; a secret burns. Settles all reports of any of them.

    What is left in the conversation is their numbers, recalled by nobody (`SYSTEM`). The same again changes
    nothing. Raises no_such_report, report_decided, nothing_to_take_down.
    """
    its, conversation, numbers = await _lock(tx, report)
    if not await _is_open(tx, its, "acted"):
        return Decided(0)
    locked = await conversations.lock(tx.connection, [conversation])
    found = await messages.at(tx.connection, [(conversation, number) for number in numbers])
    there = [
        message
        for message in found.values()
        if message.recalled_by is None and message.kind not in ("gone", "notice")
    ]
    if not there:
        raise NothingToTakeDown(numbers=numbers)
    there.sort(key=lambda each: each.number)
    empty: dict[str, object] = {}
    gone = [
        msgspec.structs.replace(
            message, body=empty, mentions=(), reactions={}, edited_at=None, recalled_by=SYSTEM
        )
        for message in there
    ]
    await common.rewrite(tx, locked, gone, forget=True)
    await tell(ENDED, tx, there)
    same = [
        (row["reporter"], row["id"])
        for row in await store.waiting_in(tx.connection, conversation)
        if same_messages(row["numbers"], [message.number for message in there])
    ]
    settled = await _rule(tx, [(each, conversation) for each in {its, *same}], "acted", clean_why(why))
    numbers_gone = [message.number for message in there]
    await _note(tx, "take_down", why, report=report, conversation=conversation, numbers=numbers_gone)
    return Decided(settled, len(there))


async def mute(
    tx: Tx, person: PersonId, seconds: int | None, why: str, report: UUID | None = None
) -> Decided:
    """Somebody may not write for so many seconds (None: until it is lifted; 0: they may again).

    With a `report` this is what was decided about it. Raises unknown_person, no_such_report, report_decided,
    malformed_body.
    """
    if seconds is not None and not 0 <= seconds <= LONGEST_SILENCE_SECONDS:
        raise MalformedBody(where="seconds", why=f"Expected 0 to {LONGEST_SILENCE_SECONDS}")
    if person not in await see_people(tx.connection, [person]):
        raise UnknownPerson(person=person)
    until = tx.now + timedelta(seconds=seconds) if seconds else None
    settled = await _decide_too(tx, report, why)
    if seconds == 0:
        ended = await store.give_voice(tx.connection, person)
        if ended:
            tx.announce(Fact("chat.voice_back", {}, (person,)))
        if ended or settled:
            await _note(tx, "unmute", why, report=report, person=person)
        return Decided(settled)
    await store.silence(tx.connection, person, until, tx.now)
    tx.announce(Fact("chat.silenced", {"until": until.isoformat() if until else None}, (person,)))
    await _note(tx, "mute", why, report=report, person=person, until=until)
    return Decided(settled, until=until)


async def close(
    tx: Tx, conversation: ConversationId, why: str, *, closed: bool = True, report: UUID | None = None
) -> Decided:
    """Close a group, or open it again: it can be read and left, nobody writes or comes in.

    Raises no_such_conversation, no_such_report, report_decided.
    """
    locked = (await conversations.lock(tx.connection, [conversation])).get(conversation)
    if locked is None or locked.kind != "group":
        raise NoSuchConversation()
    settled = await _decide_too(tx, report, why)
    act: ModeratorAct = "close" if closed else "reopen"
    if (locked.closed_at is not None) == closed:
        if settled:
            await _note(tx, act, why, report=report, conversation=conversation)
        return Decided(settled)
    await store.close(tx.connection, conversation, tx.now if closed else None)
    if closed:
        await groups.end_invites(tx.connection, conversation)
    await common.notice(tx, locked, "closed", SYSTEM, on=closed)
    for subject in locked.subjects():
        tx.say(
            subject,
            {"kind": "conversation", "conversation": conversation, "version": locked.version + 1},
        )
    await _note(tx, act, why, report=report, conversation=conversation)
    return Decided(settled)


# --- Shared ---------------------------------------------------------------------------------------


async def _lock(tx: Tx, report: UUID) -> tuple[store.Report, ConversationId, list[int]]:
    row = await store.find(tx.connection, report)
    if row is None:
        raise NoSuchReport(id=str(report))
    # The conversation first: whoever takes messages down has it, and decides their other reports too.
    await conversations.lock(tx.connection, [row["conversation"]])
    its = (row["reporter"], row["id"])
    await store.lock(tx.connection, its)
    return its, row["conversation"], row["numbers"]


async def _is_open(tx: Tx, its: store.Report, verdict: Verdict) -> bool:
    """Whether it waits for a ruling; False: it has this one. Raises report_decided."""
    before = await store.ruling_of(tx.connection, its)
    if before is None:
        return True
    if before.verdict != verdict:
        raise ReportDecided(verdict=before.verdict)
    return False


async def _decide_too(tx: Tx, report: UUID | None, why: str) -> int:
    """Settle the report that a mute or a closing answers, if one is named."""
    if report is None:
        return 0
    its, conversation, _ = await _lock(tx, report)
    if not await _is_open(tx, its, "acted"):
        return 0
    return await _rule(tx, [(its, conversation)], "acted", clean_why(why))


async def _rule(
    tx: Tx, reports: Sequence[tuple[store.Report, ConversationId]], verdict: Verdict, why: str
) -> int:
    """Settle reports and tell whoever made them; how many were not settled before."""
    places = dict(reports)
    settled = await store.rule(tx.connection, list(places), verdict, tx.actor, why, tx.now)
    await media.let_go(tx, settled)
    for its in sorted(settled):
        body: dict[str, object] = {
            "report": str(its[1]),
            "conversation": str(places[its]),
            "verdict": verdict,
        }
        tx.announce(Fact("chat.report_decided", body, (its[0],)))
    return len(settled)


async def _note(
    tx: Tx,
    act: ModeratorAct,
    why: str,
    *,
    report: UUID | None = None,
    person: PersonId | None = None,
    conversation: ConversationId | None = None,
    numbers: list[int] | None = None,
    until: datetime | None = None,
) -> None:
    id_ = tx.chance.uuid7(tx.now)
    line = TrailLine(id_, act, tx.actor, clean_why(why), report, person, conversation, numbers, until, tx.now)
    await store.note(tx.connection, line)


async def _kinds(connection: Connection, ids: Sequence[ConversationId]) -> dict[ConversationId, str]:
    return {id_: place.kind for id_, place in (await conversations.see(connection, ids)).items()}


def _line(
    row: asyncpg.Record, kinds: Mapping[ConversationId, str], waiting: Sequence[asyncpg.Record]
) -> ReportLine:
    seen = msgspec.convert(row["evidence"], list[Message])
    others = {
        other["reporter"]
        for other in waiting
        if other["conversation"] == row["conversation"]
        and other["reporter"] != row["reporter"]
        and same_messages(other["numbers"], row["numbers"])
    }
    return ReportLine(
        row["id"],
        row["reporter"],
        row["conversation"],
        kinds.get(row["conversation"], "group"),
        sorted({message.sender for message in seen}),
        [message.kind for message in seen],
        list(row["numbers"]),
        row["reason"],
        row["note"],
        len(others),
        row["at"],
    )


def _state(seen: Message, now: Message | None) -> str:
    if now is None:
        return "gone"
    return state_of(seen.body, now.kind, now.body, now.recalled_by is not None)


def _media(message: Message) -> UUID | None:
    media = message.body.get("media")
    return UUID(str(media)) if isinstance(media, str) else None
