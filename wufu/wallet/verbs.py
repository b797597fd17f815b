"""Sending money, funding a sponsor, limits, and what a person sees of their wallet."""

from collections.abc import Mapping, Sequence, Set

import msgspec

from wufu.core.ids import GroupId, PersonId, person_of_holder
from wufu.core.money import CNY
from wufu.core.refusals import IdConflict, Refusal, UnknownPerson
from wufu.db import Connection, Fact, Tx
from wufu.ledger import Account, BadAmount, Group, Posted, Transfer, balances, post, statement
from wufu.people import PersonView, see_people
from wufu.ties import blocked
from wufu.wallet import store
from wufu.wallet.model import (
    BANK,
    LONGEST_NOTE,
    BadNote,
    Limits,
    Line,
    NotReachable,
    Order,
    SendMoney,
    Sent,
    TransferToSelf,
    clean_note,
    day_of,
    money_of,
    transfer_group,
    within,
)

TRANSFER, FUNDED = "transfer", "funded"
PAGE = 50
MOST_LIMIT = 10**15


# --- Sending --------------------------------------------------------------------------------------


async def transfer(tx: Tx, requests: Sequence[SendMoney]) -> list[Sent | Refusal]:
    """Send money from person to person; one answer a request. The PIN was checked before.

    The same id and content again has the same answer, also when that was a refusal about the state of things.
    Refusals: id_conflict, bad_note, bad_amount, transfer_to_self, unknown_person, over_limit, not_reachable,
    not_enough, account_closed.
    """
    said = [_said(request) for request in requests]
    firsts: dict[store.Key, SendMoney] = {}
    for request in said:
        firsts.setdefault((request.person, request.id), request)
    answers = await _decide(tx, list(firsts.values())) if firsts else {}
    return [
        answers[request.person, request.id]
        if request == firsts[request.person, request.id]
        else IdConflict(id=str(request.id))
        for request in said
    ]


def _said(request: SendMoney) -> SendMoney:
    """The request with its note in one spelling; an impossible note stays, to be refused."""
    note = clean_note(request.note)
    return request if note is None else msgspec.structs.replace(request, note=note)


async def _decide(tx: Tx, requests: Sequence[SendMoney]) -> dict[store.Key, Sent | Refusal]:
    """Decide requests with different ids, in order."""
    people = await see_people(tx.connection, {one for r in requests for one in (r.person, r.to)})
    known = [request for request in requests if request.person in people]
    days = await store.lock_people(tx.connection, {request.person for request in known}, day_of(tx.now))
    # After the locks: of two transactions with one id the second sees what the first one decided.
    earlier = await store.transfers(tx.connection, [(request.person, request.id) for request in known])
    limits = await store.limits(tx.connection)
    shut = await blocked(tx.connection, [(r.person, r.to) for r in known if r.to in people])
    answers: dict[store.Key, Sent | Refusal] = {}
    refused: list[tuple[SendMoney, None, Refusal]] = []
    fresh: list[SendMoney] = []
    for request in requests:
        key = (request.person, request.id)
        if key in earlier:
            before, answer = earlier[key]
            answers[key] = answer if before == request else IdConflict(id=str(request.id))
        elif refusal := _malformed(request, people, limits):
            answers[key] = refusal
        elif refusal := _forbidden(request, limits, days[request.person], shut):
            answers[key] = refusal
            refused.append((request, None, refusal))
        else:
            days[request.person].sent_minor += request.minor
            fresh.append(request)
    sent = await _post(tx, fresh, people)
    for request, answer in zip(fresh, sent, strict=True):
        answers[request.person, request.id] = answer
        if isinstance(answer, Refusal):
            days[request.person].sent_minor -= request.minor
    kept = [
        (request, None if isinstance(answer, Refusal) else transfer_group(request.person, request.id), answer)
        for request, answer in zip(fresh, sent, strict=True)
    ]
    if kept or refused:
        await store.insert_transfers(tx.connection, [*kept, *refused], tx.now)
        await store.put_days(tx.connection, days)
    return answers


def _malformed(request: SendMoney, people: Mapping[PersonId, PersonView], limits: Limits) -> Refusal | None:
    """What is wrong with a request whatever the state of things; not remembered."""
    if clean_note(request.note) is None:
        return BadNote(most=LONGEST_NOTE)
    if request.minor < 1:
        return BadAmount(minor=request.minor)
    if request.person == request.to:
        return TransferToSelf()
    for one in (request.person, request.to):
        if one not in people:
            return UnknownPerson(person=one)
    return within("transfer", limits.transfer, 0, request.minor)


def _forbidden(
    request: SendMoney, limits: Limits, day: store.Day, shut: Set[tuple[PersonId, PersonId]]
) -> Refusal | None:
    if (request.person, request.to) in shut:
        return NotReachable(person=request.to)
    return within("transfer_day", limits.transfer_day, day.sent_minor, request.minor)


async def _post(
    tx: Tx, requests: Sequence[SendMoney], people: Mapping[PersonId, PersonView]
) -> list[Sent | Refusal]:
    """Move the money and tell both sides, each with what they had right after."""
    posted = await post(
        tx,
        [
            Group(
                transfer_group(request.person, request.id),
                (
                    Transfer(
                        money_of(request.person),
                        money_of(request.to),
                        request.minor,
                        # A note may be taken away one day, and the ledger is for ever: it is not in it.
                        TRANSFER,
                    ),
                ),
            )
            for request in requests
        ],
    )
    both = sorted({one for request in requests for one in (request.person, request.to)})
    ends = await balances(tx.connection, [money_of(person) for person in both]) if both else []
    left = dict(zip(both, ends, strict=True))
    answers: list[Sent | Refusal] = []
    facts: list[Fact] = []
    # The accounts are locked, so walking back from the balances at the end gives those in between.
    for request, answer in zip(reversed(requests), reversed(posted), strict=True):
        if isinstance(answer, Refusal):
            answers.append(answer)
            continue
        for person, other, minor in (
            (request.to, request.person, request.minor),
            (request.person, request.to, -request.minor),
        ):
            facts.append(moved(person, left[person], minor, TRANSFER, request.note, people[other]))
        answers.append(Sent(request.id, left[request.person]))
        left[request.person] += request.minor
        left[request.to] -= request.minor
    for fact in reversed(facts):
        tx.announce(fact)
    return answers[::-1]


def moved(
    person: PersonId, balance: int, minor: int, reason: str, note: str = "", other: PersonView | None = None
) -> Fact:
    """Tells a person that their money changed: by `minor`, to `balance`."""
    body: dict[str, object] = {"balance_minor": balance, "minor": minor, "reason": reason}
    if note:
        body["note"] = note
    if other is not None:
        body["with"] = {"person": other.person, "name": other.name, "avatar": other.avatar}
    return Fact("wallet.moved", body, (person,))


async def fund(tx: Tx, holder: str, minor: int, id: GroupId) -> Posted:  # noqa: A002
    """Sandbox money for a holder, such as a campaign's sponsor: from the bank, once for each id.

    Refusals: bad_amount, group_conflict, account_closed.
    """
    account = Account(holder, "money", CNY.code)
    [answer] = await post(tx, [Group(id, (Transfer(BANK, account, minor, FUNDED),))])
    if isinstance(answer, Refusal):
        raise answer
    person = person_of_holder(holder)
    if person is not None and not answer.again:
        [balance] = await balances(tx.connection, [account])
        tx.announce(moved(person, balance, minor, FUNDED))
    return answer


# --- Limits ---------------------------------------------------------------------------------------


async def see_limits(connection: Connection) -> Limits:
    """The limits in force."""
    return await store.limits(connection)


async def set_limits(tx: Tx, limits: Limits) -> None:
    """Put other limits in force, from the next request on. Refusal bad_amount."""
    values = msgspec.structs.asdict(limits)
    for minor in values.values():
        if not 1 <= minor <= MOST_LIMIT:
            raise BadAmount(minor=minor)
    await store.put_limits(tx.connection, values)


# --- Seeing ---------------------------------------------------------------------------------------


async def see_balance(connection: Connection, person: PersonId) -> int:
    """What a person has, in fen; what is set aside for a withdrawal is not in it."""
    [balance] = await balances(connection, [money_of(person)])
    return balance


async def see_orders(connection: Connection, person: PersonId) -> list[Order]:
    """A person's newest top-ups and withdrawals."""
    return await store.orders_of(connection, person, PAGE)


async def see_statement(connection: Connection, person: PersonId, before: int | None = None) -> list[Line]:
    """Fifty lines of a person's statement, the newest first, below number `before`."""
    if before is not None and not 0 <= before < 1 << 62:
        return []
    entries = await statement(connection, money_of(person), before=before, limit=PAGE)
    others = {entry.seq: person_of_holder(entry.holder) for entry in entries}
    views = await see_people(connection, [other for other in others.values() if other is not None])
    sent = [
        (person if entry.minor < 0 else others[entry.seq], entry.group)
        for entry in entries
        if entry.reason == TRANSFER
    ]
    notes = await store.notes(connection, [(sender, group) for sender, group in sent if sender is not None])
    lines = []
    for entry in entries:
        # What the ledger says after the first word: which way a packet went, in old books also a note.
        reason, _, said = entry.reason.partition(" ")
        note = notes.get(entry.group, said)
        other = others[entry.seq]
        lines.append(
            Line(
                entry.seq,
                entry.at,
                entry.minor,
                reason,
                entry.holder,
                entry.balance_minor,
                note,
                other,
                views[other].name if other in views else None,
            )
        )
    return lines
