"""What a person does with packets: their day, their settings, their asks, what they sent and received."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec

from wufu.core import refusals
from wufu.core.ids import PacketId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Connection
from wufu.redpacket.model import SendPacket, State, Target, content_of
from wufu.redpacket.split import Split

# --- Days and settings ----------------------------------------------------------------------------


class Day(msgspec.Struct):
    """A person's settings, and what they sent and asked on the day of `day`."""

    day: date
    sent_minor: int
    asks: int
    allow_asking: bool = True
    merchant: bool = False


def _day(row: asyncpg.Record, today: date) -> Day:
    is_today = row["day"] == today
    return Day(
        today,
        row["sent_minor"] if is_today else 0,
        row["asks"] if is_today else 0,
        row["allow_asking"],
        row["merchant"],
    )


async def lock_people(connection: Connection, people: Iterable[PersonId], today: date) -> dict[PersonId, Day]:
    """Lock what these people do with packets, in the order of their numbers, and how it stands today."""
    ordered = sorted(set(people))
    await connection.execute(
        "INSERT INTO packet_person (person) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING", ordered
    )
    rows = await connection.fetch(
        "SELECT * FROM packet_person WHERE person = ANY($1::bigint[]) ORDER BY person FOR UPDATE", ordered
    )
    return {row["person"]: _day(row, today) for row in rows}


async def read_person(connection: Connection, person: PersonId, today: date) -> Day:
    row = await connection.fetchrow("SELECT * FROM packet_person WHERE person = $1", person)
    return _day(row, today) if row else Day(today, 0, 0)


async def put_days(connection: Connection, days: Mapping[PersonId, Day]) -> None:
    await connection.execute(
        """
        UPDATE packet_person AS kept
        SET day = new.day, sent_minor = new.sent_minor, asks = new.asks, allow_asking = new.allow_asking,
            merchant = new.merchant
        FROM unnest($1::bigint[], $2::date[], $3::bigint[], $4::integer[], $5::boolean[], $6::boolean[])
             AS new (person, day, sent_minor, asks, allow_asking, merchant)
        WHERE kept.person = new.person
        """,
        list(days),
        [day.day for day in days.values()],
        [day.sent_minor for day in days.values()],
        [day.asks for day in days.values()],
        [day.allow_asking for day in days.values()],
        [day.merchant for day in days.values()],
    )


# --- What was asked to be sent --------------------------------------------------------------------

Key = tuple[PersonId, PacketId]


class Sending(msgspec.Struct, frozen=True):
    """How a wish to send was answered; one of the two is there."""

    content: bytes
    balance_minor: int | None
    refusal: Refusal | None


async def sendings(connection: Connection, keys: Sequence[Key]) -> dict[Key, Sending]:
    """The wishes under these ids that were answered before."""
    rows = await connection.fetch(
        """
        SELECT s.sender, s.id, s.content, s.balance_minor, s.refusal
        FROM unnest($1::bigint[], $2::uuid[]) AS asked (sender, id)
        JOIN packet_sending AS s ON s.sender = asked.sender AND s.id = asked.id
        """,
        [person for person, _ in keys],
        [id_ for _, id_ in keys],
    )
    return {
        (row["sender"], row["id"]): Sending(
            row["content"],
            row["balance_minor"],
            refusals.ALL[row["refusal"]["code"]](**row["refusal"]["facts"]) if row["refusal"] else None,
        )
        for row in rows
    }


async def insert_sendings(
    connection: Connection, answered: Sequence[tuple[SendPacket, int | Refusal]], at: datetime
) -> None:
    """Each wish with the balance it left, or its refusal."""
    await connection.execute(
        """
        INSERT INTO packet_sending (sender, id, content, balance_minor, refusal, at)
        SELECT new.*, $6 FROM unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::bigint[], $5::jsonb[]) AS new
        """,
        [request.person for request, _ in answered],
        [request.id for request, _ in answered],
        [content_of(request) for request, _ in answered],
        [None if isinstance(answer, Refusal) else answer for _, answer in answered],
        [
            {"code": answer.code, "facts": answer.facts} if isinstance(answer, Refusal) else None
            for _, answer in answered
        ],
        at,
    )


# --- Asks -----------------------------------------------------------------------------------------


class Ask(msgspec.Struct, frozen=True):
    """A wish for a packet as its row stands."""

    asker: PersonId
    id: UUID
    asked: PersonId
    minor: int | None
    message: str
    at: datetime
    heard: bool
    refused: bool
    packet: PacketId | None


AskKey = tuple[PersonId, UUID]

ASK_COLUMNS = ", ".join(Ask.__struct_fields__)


async def asks(connection: Connection, keys: Sequence[AskKey]) -> dict[AskKey, Ask]:
    """Asks by asker and id. Whoever changes one holds the lock of its asker."""
    rows = await connection.fetch(
        f"""
        SELECT {", ".join(f"a.{name}" for name in Ask.__struct_fields__)}
        FROM unnest($1::bigint[], $2::uuid[]) AS wanted (asker, id)
        JOIN packet_ask AS a ON a.asker = wanted.asker AND a.id = wanted.id
        """,
        [asker for asker, _ in keys],
        [id_ for _, id_ in keys],
    )
    return {(row["asker"], row["id"]): Ask(*row) for row in rows}


async def insert_asks(connection: Connection, new: Sequence[Ask]) -> None:
    await connection.copy_records_to_table(
        "packet_ask",
        columns=Ask.__struct_fields__,
        records=[tuple(getattr(ask, name) for name in Ask.__struct_fields__) for ask in new],
    )


async def refuse_ask(connection: Connection, asker: PersonId, id_: UUID) -> None:
    await connection.execute(
        "UPDATE packet_ask SET refused = true WHERE asker = $1 AND id = $2 AND packet IS NULL", asker, id_
    )


async def answer_ask(connection: Connection, asker: PersonId, id_: UUID, packet: PacketId) -> None:
    await connection.execute(
        "UPDATE packet_ask SET packet = $3 WHERE asker = $1 AND id = $2", asker, id_, packet
    )


async def asks_to(connection: Connection, person: PersonId, most: int) -> list[Ask]:
    """What a person is asked for and has not answered, the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {ASK_COLUMNS} FROM packet_ask
        WHERE asked = $1 AND heard AND NOT refused AND packet IS NULL ORDER BY at DESC, id LIMIT $2
        """,
        person,
        most,
    )
    return [Ask(*row) for row in rows]


async def asks_by(connection: Connection, person: PersonId, most: int) -> list[Ask]:
    rows = await connection.fetch(
        f"SELECT {ASK_COLUMNS} FROM packet_ask WHERE asker = $1 ORDER BY at DESC, id LIMIT $2", person, most
    )
    return [Ask(*row) for row in rows]


# --- History --------------------------------------------------------------------------------------


class SentEntry(msgspec.Struct, frozen=True):
    """A packet in its sender's history."""

    id: PacketId
    target: Target
    split: Split
    fission: bool
    minor: int
    shares: int
    opened: int
    state: State
    refund_minor: int
    at: datetime
    message: str


class ReceivedEntry(msgspec.Struct, frozen=True):
    """An opening in its opener's history."""

    id: PacketId
    sender: PersonId
    target: Target
    split: Split
    fission: bool
    shares: int
    minor: int
    luckiest: bool
    at: datetime
    message: str


class Totals(msgspec.Struct, frozen=True):
    """What a year's packets add up to."""

    total_minor: int
    count: int
    luckiest: int


Span = tuple[datetime, datetime]

WON = "p.split = 'lucky' AND p.shares > 1 AND p.state = 'finished' AND p.best_person = o.person"


async def sent(
    connection: Connection, person: PersonId, span: Span, before: tuple[datetime, UUID], most: int
) -> list[SentEntry]:
    rows = await connection.fetch(
        """
        SELECT id, target, split, fission, minor, shares, opened, state, refund_minor, sent_at, message
        FROM packet WHERE sender = $1 AND sent_at >= $2 AND sent_at < $3 AND (sent_at, id) < ($4, $5)
        ORDER BY sent_at DESC, id DESC LIMIT $6
        """,
        person,
        *span,
        *before,
        most,
    )
    return [SentEntry(*row) for row in rows]


async def received(
    connection: Connection, person: PersonId, span: Span, before: tuple[datetime, UUID], most: int
) -> list[ReceivedEntry]:
    rows = await connection.fetch(
        f"""
        SELECT p.id, p.sender, p.target, p.split, p.fission, p.shares, o.minor, {WON} AS luckiest,
               o.at, p.message
        FROM packet_opening AS o JOIN packet AS p ON p.id = o.packet
        WHERE o.person = $1 AND o.at >= $2 AND o.at < $3 AND (o.at, o.packet) < ($4, $5)
        ORDER BY o.at DESC, o.packet DESC LIMIT $6
        """,
        person,
        *span,
        *before,
        most,
    )
    return [ReceivedEntry(*row) for row in rows]


async def total_sent(connection: Connection, person: PersonId, span: Span) -> Totals:
    row = await connection.fetchrow(
        """
        SELECT coalesce(sum(minor - refund_minor), 0)::bigint, count(*), 0 FROM packet
        WHERE sender = $1 AND sent_at >= $2 AND sent_at < $3
        """,
        person,
        *span,
    )
    assert row is not None
    return Totals(*row)


async def total_received(connection: Connection, person: PersonId, span: Span) -> Totals:
    row = await connection.fetchrow(
        f"""
        SELECT coalesce(sum(o.minor), 0)::bigint, count(*), count(*) FILTER (WHERE {WON})
        FROM packet_opening AS o JOIN packet AS p ON p.id = o.packet
        WHERE o.person = $1 AND o.at >= $2 AND o.at < $3
        """,
        person,
        *span,
    )
    assert row is not None
    return Totals(*row)


async def years(connection: Connection, person: PersonId) -> list[int]:
    """The years in China in which a person sent or received packets, the newest first."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT extract(year FROM at AT TIME ZONE interval '8 hours')::int AS year
        FROM (SELECT sent_at AS at FROM packet WHERE sender = $1
              UNION ALL SELECT at FROM packet_opening WHERE person = $1) AS mine
        ORDER BY year DESC
        """,
        person,
    )
    return [row["year"] for row in rows]


async def merchants(connection: Connection) -> list[PersonId]:
    """Everybody who may send merchant packets, by number."""
    rows = await connection.fetch("SELECT person FROM packet_person WHERE merchant ORDER BY person")
    return [PersonId(row["person"]) for row in rows]
