"""All SQL of the wallet and of the sandbox bank's book, except their laws."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from wufu.core import refusals
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Connection
from wufu.wallet.model import Limits, Notice, Order, SendMoney, Sent

NO_DAY = date(2000, 1, 1)


# --- Limits ---------------------------------------------------------------------------------------


async def limits(connection: Connection) -> Limits:
    rows = await connection.fetch("SELECT name, minor FROM wallet_limit")
    return Limits(**{row["name"]: row["minor"] for row in rows})


async def put_limits(connection: Connection, values: Mapping[str, int]) -> None:
    await connection.execute(
        """
        UPDATE wallet_limit AS kept SET minor = new.minor
        FROM unnest($1::text[], $2::bigint[]) AS new (name, minor) WHERE kept.name = new.name
        """,
        list(values),
        list(values.values()),
    )


@dataclass(slots=True)
class Day:
    """What a person sent and withdrew on the day of `day`."""

    day: date
    sent_minor: int
    withdrawn_minor: int


async def lock_people(connection: Connection, people: Iterable[PersonId], today: date) -> dict[PersonId, Day]:
    """Lock what these people do with money until the end of the transaction, and what they did today."""
    ordered = sorted(set(people))
    await connection.execute(
        """
        INSERT INTO wallet_person (person, day, sent_minor, withdrawn_minor)
        SELECT p.person, $2, 0, 0 FROM unnest($1::bigint[]) AS p (person) ON CONFLICT DO NOTHING
        """,
        ordered,
        NO_DAY,
    )
    rows = await connection.fetch(
        "SELECT * FROM wallet_person WHERE person = ANY($1::bigint[]) ORDER BY person FOR UPDATE", ordered
    )
    return {
        row["person"]: Day(today, row["sent_minor"], row["withdrawn_minor"])
        if row["day"] == today
        else Day(today, 0, 0)
        for row in rows
    }


async def put_days(connection: Connection, days: Mapping[PersonId, Day]) -> None:
    await connection.execute(
        """
        UPDATE wallet_person AS kept
        SET day = new.day, sent_minor = new.sent_minor, withdrawn_minor = new.withdrawn_minor
        FROM unnest($1::bigint[], $2::date[], $3::bigint[], $4::bigint[])
             AS new (person, day, sent_minor, withdrawn_minor)
        WHERE kept.person = new.person
        """,
        list(days),
        [day.day for day in days.values()],
        [day.sent_minor for day in days.values()],
        [day.withdrawn_minor for day in days.values()],
    )


# --- Transfers ------------------------------------------------------------------------------------

Key = tuple[PersonId, UUID]
Decided = tuple[SendMoney, Sent | Refusal]


async def transfers(connection: Connection, keys: Sequence[Key]) -> dict[Key, Decided]:
    """The requests under these ids that were decided before, and how they were answered."""
    rows = await connection.fetch(
        """
        SELECT t.* FROM unnest($1::bigint[], $2::uuid[]) AS k (person, id)
        JOIN wallet_transfer AS t ON t.person = k.person AND t.id = k.id
        """,
        [person for person, _ in keys],
        [id_ for _, id_ in keys],
    )
    return {
        (row["person"], row["id"]): (
            SendMoney(row["person"], row["id"], row["recipient"], row["minor"], row["note"]),
            Sent(row["id"], row["balance_minor"]) if row["refusal"] is None else _refusal(row["refusal"]),
        )
        for row in rows
    }


def _refusal(kept: Mapping[str, object]) -> Refusal:
    facts = kept["facts"]
    assert isinstance(facts, dict)
    return refusals.ALL[str(kept["code"])](**facts)


async def insert_transfers(
    connection: Connection, decided: Sequence[tuple[SendMoney, UUID | None, Sent | Refusal]], at: datetime
) -> None:
    """Each: the request, its group in the ledger if it was sent, and the answer."""
    await connection.execute(
        """
        INSERT INTO wallet_transfer (person, id, recipient, minor, note, group_id, balance_minor, refusal, at)
        SELECT new.*, $9 FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[],
                                     $6::uuid[], $7::bigint[], $8::jsonb[]) AS new
        """,
        [request.person for request, _, _ in decided],
        [request.id for request, _, _ in decided],
        [request.to for request, _, _ in decided],
        [request.minor for request, _, _ in decided],
        [request.note for request, _, _ in decided],
        [group for _, group, _ in decided],
        [answer.balance_minor if isinstance(answer, Sent) else None for _, _, answer in decided],
        [
            {"code": answer.code, "facts": answer.facts} if isinstance(answer, Refusal) else None
            for _, _, answer in decided
        ],
        at,
    )


# --- Orders at the bank ---------------------------------------------------------------------------


def _order(row: asyncpg.Record) -> Order:
    return Order(row["person"], row["id"], row["kind"], row["minor"], row["state"])


async def lock_order(connection: Connection, person: PersonId, id_: UUID) -> Order | None:
    row = await connection.fetchrow(
        "SELECT * FROM wallet_order WHERE person = $1 AND id = $2 FOR UPDATE", person, id_
    )
    return None if row is None else _order(row)


async def insert_order(
    connection: Connection, order: Order, ledger_id: UUID, now: datetime, next_look_at: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO wallet_order (person, id, kind, minor, state, asked_at, next_look_at, looks, ledger_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)
        """,
        order.person,
        order.id,
        order.kind,
        order.minor,
        order.state,
        now,
        next_look_at,
        ledger_id,
    )


async def end_order(connection: Connection, order: Order, state: str, now: datetime) -> None:
    await connection.execute(
        "UPDATE wallet_order SET state = $3, ended_at = $4 WHERE person = $1 AND id = $2",
        order.person,
        order.id,
        state,
        now,
    )


async def orders_of(connection: Connection, person: PersonId, limit: int) -> list[Order]:
    rows = await connection.fetch(
        "SELECT * FROM wallet_order WHERE person = $1 ORDER BY asked_at DESC, id LIMIT $2", person, limit
    )
    return [_order(row) for row in rows]


async def notes(connection: Connection, sent: Sequence[tuple[PersonId, UUID]]) -> dict[UUID, str]:
    """The notes of transfers, each by sender and ledger group; those without one are left out."""
    rows = await connection.fetch(
        """
        SELECT t.group_id, t.note
        FROM unnest($1::bigint[], $2::uuid[]) AS k (person, group_id)
        JOIN wallet_transfer AS t ON t.person = k.person AND t.group_id = k.group_id AND t.note <> ''
        """,
        [person for person, _ in sent],
        [group for _, group in sent],
    )
    return {row["group_id"]: row["note"] for row in rows}


async def open_orders_of(connection: Connection, person: PersonId) -> list[Order]:
    """Orders that the bank has not answered yet."""
    rows = await connection.fetch("SELECT * FROM wallet_order WHERE person = $1 AND state = 'asked'", person)
    return [_order(row) for row in rows]


async def take_open_orders(connection: Connection, now: datetime, limit: int) -> list[tuple[Order, int]]:
    """Open orders that are due for a look, and how often they were looked at; held by us until we commit."""
    rows = await connection.fetch(
        """
        SELECT * FROM wallet_order WHERE state = 'asked' AND next_look_at <= $1
        ORDER BY next_look_at LIMIT $2 FOR UPDATE SKIP LOCKED
        """,
        now,
        limit,
    )
    return [(_order(row), row["looks"]) for row in rows]


async def postpone_orders(
    connection: Connection, orders: Sequence[tuple[Order, int]], looks_at: Sequence[datetime]
) -> None:
    await connection.execute(
        """
        UPDATE wallet_order AS kept SET next_look_at = new.at, looks = kept.looks + 1
        FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[]) AS new (person, id, at)
        WHERE kept.person = new.person AND kept.id = new.id
        """,
        [order.person for order, _ in orders],
        [order.id for order, _ in orders],
        looks_at,
    )


# --- The sandbox bank's book ----------------------------------------------------------------------


async def bank_key(connection: Connection, bank: str) -> bytes | None:
    key: bytes | None = await connection.fetchval("SELECT key FROM bank_key WHERE bank = $1", bank)
    return key


async def put_bank_key(connection: Connection, bank: str, key: bytes) -> None:
    await connection.execute(
        "INSERT INTO bank_key (bank, key) VALUES ($1, $2) ON CONFLICT DO NOTHING", bank, key
    )


def _notice(row: asyncpg.Record) -> Notice:
    return Notice(row["reference"], row["kind"], row["minor"], row["state"])


async def book_order(connection: Connection, order: Notice, now: datetime) -> Notice:
    """Put an order into the book, unless it is there; how the book has it."""
    await connection.execute(
        """
        INSERT INTO bank_order (reference, kind, minor, state, accepted_at, tries, next_try_at)
        VALUES ($1, $2, $3, 'accepted', $4, 0, $4) ON CONFLICT DO NOTHING
        """,
        order.reference,
        order.kind,
        order.minor,
        now,
    )
    booked = await booked_order(connection, order.reference)
    assert booked is not None
    return booked


async def booked_order(connection: Connection, reference: str) -> Notice | None:
    row = await connection.fetchrow("SELECT * FROM bank_order WHERE reference = $1", reference)
    return None if row is None else _notice(row)


async def take_due_orders(connection: Connection, now: datetime, limit: int) -> list[tuple[Notice, int]]:
    """Orders of the book that are to be settled or told of, and how often they were."""
    rows = await connection.fetch(
        """
        SELECT * FROM bank_order WHERE notified_at IS NULL AND next_try_at <= $1
        ORDER BY next_try_at, reference LIMIT $2 FOR UPDATE SKIP LOCKED
        """,
        now,
        limit,
    )
    return [(_notice(row), row["tries"]) for row in rows]


async def settle_order(
    connection: Connection, order: Notice, now: datetime, next_try: timedelta, *, told: bool
) -> None:
    await connection.execute(
        """
        UPDATE bank_order
        SET state = $2, ended_at = coalesce(ended_at, $3), tries = tries + 1, next_try_at = $4,
            notified_at = CASE WHEN $5 THEN $3::timestamptz END
        WHERE reference = $1
        """,
        order.reference,
        order.state,
        now,
        now + next_try,
        told,
    )


async def note_told(connection: Connection, references: Sequence[str], now: datetime) -> None:
    await connection.execute(
        "UPDATE bank_order SET notified_at = $2 WHERE reference = ANY($1::text[])", references, now
    )
