"""The sealed chain: blocks written, read, and computed again."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from wufu.db import Connection

# A row's canonical bytes: fixed-width fields first, the text last, so no two rows spell alike.
DIGEST = """sha256(int8send(seq) || uuid_send(group_id) || int2send(ordinal) || uuid_send(source)
                   || uuid_send(target) || int8send(minor) || timestamptz_send(at) || textsend(reason))"""

SEAL = f"""
    INSERT INTO seal_block (number, first_seq, last_seq, rows, seqs, digests, hash, sealed_at)
    SELECT $1, $2, $3, count, seqs, digests,
           sha256($4::bytea || int8send($1) || int8send($2) || int8send($3) || seq_bytes || digests), $5
    FROM (SELECT count(*),
                 coalesce(array_agg(seq ORDER BY seq), '{{}}') AS seqs,
                 coalesce(string_agg(int8send(seq), ''::bytea ORDER BY seq), '') AS seq_bytes,
                 coalesce(string_agg(digest, ''::bytea ORDER BY seq), '') AS digests
          FROM (SELECT seq, {DIGEST} AS digest FROM transfer WHERE seq BETWEEN $2 AND $3) AS row) AS block
    RETURNING rows
"""

RECOMPUTE = f"""
    SELECT coalesce(array_agg(seq ORDER BY seq, digest), '{{}}') AS seqs,
           coalesce(string_agg(digest, ''::bytea ORDER BY seq, digest), '') AS digests
    FROM (SELECT seq, {DIGEST} AS digest FROM transfer WHERE seq BETWEEN $1 AND $2) AS row
"""


class SealHead(Struct, frozen=True):
    """The newest block: its number and hash, and the last `seq` it covers. Before the first: zeros."""

    number: int
    last_seq: int
    hash: bytes


async def newest_seq(connection: Connection) -> int:
    """The highest number ever taken, also by transactions that have not committed; 0 at first."""
    seq: int | None = await connection.fetchval("SELECT pg_sequence_last_value('transfer_seq_seq')")
    return seq or 0


async def count_transfers(connection: Connection) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM transfer")
    return count


async def take_xid(connection: Connection) -> int:
    xid: int = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
    return xid


async def oldest_running_xid(connection: Connection) -> int:
    xid: int = await connection.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return xid


async def seal_head(connection: Connection) -> SealHead:
    row = await connection.fetchrow(
        "SELECT number, last_seq, hash FROM seal_block ORDER BY number DESC LIMIT 1"
    )
    return SealHead(**row) if row else SealHead(0, 0, bytes(32))


async def add_seal(connection: Connection, head: SealHead, last_seq: int, now: datetime) -> int:
    """Seal the rows after `head` up to `last_seq` as the next block; how many there are."""
    rows: int = await connection.fetchval(SEAL, head.number + 1, head.last_seq + 1, last_seq, head.hash, now)
    return rows


async def seal_numbers(connection: Connection) -> list[int]:
    rows = await connection.fetch("SELECT number FROM seal_block ORDER BY number")
    return [row["number"] for row in rows]


async def read_seal(connection: Connection, number: int) -> asyncpg.Record:
    row = await connection.fetchrow("SELECT * FROM seal_block WHERE number = $1", number)
    assert row is not None
    return row


async def recompute(connection: Connection, first_seq: int, last_seq: int) -> tuple[list[int], bytes]:
    """The numbers and digests of the rows that are there now; equal numbers in the order of their digests."""
    row = await connection.fetchrow(RECOMPUTE, first_seq, last_seq)
    assert row is not None
    return row["seqs"], row["digests"]


async def read_rows(connection: Connection, seqs: Sequence[int]) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"SELECT *, {DIGEST} AS digest FROM transfer WHERE seq = ANY($1::bigint[]) ORDER BY seq", list(seqs)
    )
