"""The packets themselves: written, locked, changed, and their openings. The hot path is here.

A packet's row is locked before anything is decided about it, so openings of one packet happen one batch
after the other; batches over several packets lock them in the order of their ids.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import asyncpg

from wufu.core.ids import ConversationId, PacketId, PersonId
from wufu.db import Connection, copy_rows, instant, numbers, numbers_text, uuids
from wufu.redpacket.model import Limits, Opening, Packet

COLUMNS = ", ".join(Packet.__struct_fields__)

CHANGE = """
    UPDATE packet AS kept
    SET opened = new.opened, left_minor = new.left_minor, best_minor = new.best_minor,
        best_place = new.best_place, best_person = new.best_person, state = new.state,
        ended_at = new.ended_at, refund_minor = new.refund_minor
    FROM unnest($1::uuid[], $2::integer[], $3::bigint[], $4::bigint[], $5::integer[], $6::bigint[],
                $7::text[], $8::timestamptz[], $9::bigint[])
         AS new (id, opened, left_minor, best_minor, best_place, best_person, state, ended_at, refund_minor)
    WHERE kept.id = new.id
"""

Pair = tuple[PersonId, PacketId]


async def limits(connection: Connection) -> Limits:
    rows = await connection.fetch("SELECT name, value FROM packet_limit")
    return Limits(**{row["name"]: row["value"] for row in rows})


async def put_limits(connection: Connection, values: dict[str, int]) -> None:
    await connection.execute(
        """
        UPDATE packet_limit AS kept SET value = new.value
        FROM unnest($1::text[], $2::bigint[]) AS new (name, value) WHERE kept.name = new.name
        """,
        list(values),
        list(values.values()),
    )


def _packet(row: asyncpg.Record) -> Packet:
    return Packet(*row)


async def insert(connection: Connection, packets: Sequence[Packet]) -> None:
    await connection.copy_records_to_table(
        "packet",
        columns=Packet.__struct_fields__,
        records=[tuple(getattr(packet, name) for name in Packet.__struct_fields__) for packet in packets],
    )


async def lock(connection: Connection, ids: Iterable[PacketId]) -> dict[PacketId, Packet]:
    """Lock packets in the order of their ids, and how they stand; unknown ones are left out."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM packet WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", list(ids)
    )
    return {row["id"]: _packet(row) for row in rows}


async def read(connection: Connection, ids: Iterable[PacketId]) -> dict[PacketId, Packet]:
    rows = await connection.fetch(f"SELECT {COLUMNS} FROM packet WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: _packet(row) for row in rows}


async def lock_due(connection: Connection, now: datetime, most: int) -> list[Packet]:
    """Open packets whose time is over, the oldest first, but those that somebody is at right now."""
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS} FROM packet WHERE state = 'open' AND ends_at <= $1
        ORDER BY ends_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
        """,
        now,
        most,
    )
    return [_packet(row) for row in rows]


async def open_packets_of(connection: Connection, sender: PersonId) -> list[int]:
    """What is left in each of a sender's open packets, in fen."""
    rows = await connection.fetch(
        "SELECT left_minor FROM packet WHERE sender = $1 AND state = 'open'", sender
    )
    return [row["left_minor"] for row in rows]


async def change(connection: Connection, packets: Sequence[Packet]) -> None:
    """Write how locked packets stand now."""
    status = await connection.execute(
        CHANGE,
        [packet.id for packet in packets],
        [packet.opened for packet in packets],
        [packet.left_minor for packet in packets],
        [packet.best_minor for packet in packets],
        [packet.best_place for packet in packets],
        [packet.best_person for packet in packets],
        [packet.state for packet in packets],
        [packet.ended_at for packet in packets],
        [packet.refund_minor for packet in packets],
    )
    assert status == f"UPDATE {len(packets)}", status


# --- Openings -------------------------------------------------------------------------------------


async def openings_of(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, Opening]:
    """Which of these people opened which of these packets before."""
    packets = {packet: place for place, packet in enumerate({packet for _, packet in pairs}, 1)}
    rows = await connection.fetch(
        """
        SELECT o.packet, o.person, o.place, o.minor
        FROM unnest($1::text::bigint[], $2::text::integer[]) AS asked (person, packet)
        JOIN packet_opening AS o ON o.person = asked.person AND o.packet = ($3::uuid[])[asked.packet]
        """,
        numbers_text([person for person, _ in pairs]),
        numbers_text([packets[packet] for _, packet in pairs]),
        list(packets),
    )
    return {(row[1], row[0]): Opening(*row) for row in rows}


async def append(connection: Connection, openings: Sequence[Opening], at: datetime) -> None:
    await copy_rows(
        connection,
        "packet_opening",
        {
            "packet": uuids([one.packet for one in openings]),
            "person": numbers([one.person for one in openings]),
            "place": numbers([one.place for one in openings], bits=32),
            "minor": numbers([one.minor for one in openings]),
            "at": instant(at),
        },
        len(openings),
    )


async def openings_below(
    connection: Connection, packet: PacketId, before: int, most: int
) -> list[tuple[Opening, datetime]]:
    """Openings with a place below `before`, the newest first, each with its instant."""
    rows = await connection.fetch(
        """
        SELECT packet, person, place, minor, at FROM packet_opening
        WHERE packet = $1 AND place < $2 ORDER BY place DESC LIMIT $3
        """,
        packet,
        before,
        most,
    )
    return [(Opening(row[0], row[1], row[2], row[3]), row[4]) for row in rows]


async def openers(connection: Connection, packet: PacketId) -> list[PersonId]:
    rows = await connection.fetch("SELECT person FROM packet_opening WHERE packet = $1", packet)
    return [row["person"] for row in rows]


async def opening_of(
    connection: Connection, person: PersonId, packet: PacketId
) -> tuple[Opening, datetime] | None:
    row = await connection.fetchrow(
        "SELECT packet, person, place, minor, at FROM packet_opening WHERE person = $1 AND packet = $2",
        person,
        packet,
    )
    return (Opening(row[0], row[1], row[2], row[3]), row[4]) if row else None


async def all_openings(connection: Connection, packet: PacketId) -> list[Opening]:
    rows = await connection.fetch(
        "SELECT packet, person, place, minor FROM packet_opening WHERE packet = $1 ORDER BY place", packet
    )
    return [Opening(*row) for row in rows]


# --- Passwords ------------------------------------------------------------------------------------


async def tries(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, int]:
    """How often these people gave a wrong password; the packets are locked, so these rows are."""
    rows = await connection.fetch(
        """
        SELECT t.person, t.packet, t.tries FROM unnest($1::bigint[], $2::uuid[]) AS asked (person, packet)
        JOIN packet_try AS t ON t.packet = asked.packet AND t.person = asked.person
        """,
        [person for person, _ in pairs],
        [packet for _, packet in pairs],
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def put_tries(connection: Connection, counts: dict[Pair, int]) -> None:
    await connection.execute(
        """
        INSERT INTO packet_try (person, packet, tries)
        SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::integer[])
        ON CONFLICT (packet, person) DO UPDATE SET tries = excluded.tries
        """,
        [person for person, _ in counts],
        [packet for _, packet in counts],
        list(counts.values()),
    )


# --- Where packets are shown ----------------------------------------------------------------------


async def add_scopes(
    connection: Connection, scopes: Sequence[tuple[PacketId, ConversationId, PersonId]], at: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO packet_scope (packet, conversation, sharer, at)
        SELECT new.*, $4 FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS new ON CONFLICT DO NOTHING
        """,
        [packet for packet, _, _ in scopes],
        [conversation for _, conversation, _ in scopes],
        [sharer for _, _, sharer in scopes],
        at,
    )


async def scopes_of(
    connection: Connection, packets: Collection[PacketId]
) -> dict[PacketId, list[ConversationId]]:
    """The conversations that show these packets, in the order in which they came to them."""
    rows = await connection.fetch(
        """
        SELECT packet, conversation FROM packet_scope WHERE packet = ANY($1::uuid[])
        ORDER BY packet, at, conversation
        """,
        list(packets),
    )
    found: dict[PacketId, list[ConversationId]] = {}
    for packet, conversation in rows:
        found.setdefault(packet, []).append(conversation)
    return found
