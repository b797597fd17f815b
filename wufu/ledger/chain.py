"""The sealed chain: how a changed, removed, added or moved transfer is found, and named.

Every few seconds the sealer takes the transfers since the last block, digests
each row (SHA-256 of its canonical bytes, `seq` included) and writes a block:
the numbers, the digests, and

    hash = SHA-256(previous hash ‖ number ‖ first ‖ last ‖ numbers ‖ digests)

with integers as 8 big-endian bytes and 32 zero bytes before the first block.
Posting never waits for it. A row is sealed only once it is final, which is the
fine point: numbers are taken before a transaction commits, so a low one may
appear late. Every poster has its transaction id before it takes a number.
Hence, when the sealer reads the highest number taken and only then takes an id
of its own, all numbers up to that one belong to transactions with lower ids;
and once no lower id is running, those that are not there never will be.

Who owns the database can rewrite a row, its digest and every later block. So an
operator publishes the head, (number, hash), where it cannot be rewritten, and
hands it to `check_chain` as the anchor.
"""

import asyncio
import hashlib
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import asyncpg
import numpy as np
from msgspec import Struct

from wufu.db import Connection, Database, Only, Tx, try_lock
from wufu.ledger.store import sealing

BLOCK_ROWS = 10_000
"""The widest range of numbers in one block; at most so many rows."""

PATIENCE_SECONDS = 10.0
MOST_COMPARED = 500
"""Up to so many damaged rows are compared with each other to tell a moved row from a changed one."""

SEQS_BEFORE = -(2**63)
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

FaultKind = Literal["changed", "removed", "added", "moved", "link", "gap", "anchor"]


class ChainHead(Struct, frozen=True):
    """What an operator publishes: the newest block's number and hash."""

    number: int
    hash: bytes


class ChainFault(Struct, frozen=True):
    """One thing that is not as it was sealed: in which block, which transfer (`seq`), and what."""

    kind: FaultKind
    block: int
    seq: int | None
    detail: str


async def seal(database: Database) -> int:
    """Seal all transfers that are final by now; returns how many. One server at a time.

    Waits for the transactions that run at this moment, at most ten seconds; what
    is not final then is sealed at the next turn.
    """

    async with database.read() as connection:
        if await sealing.newest_seq(connection) == (await sealing.seal_head(connection)).last_seq:
            return 0

    async def look(tx: Tx) -> tuple[int, int]:
        # In this order: see the module's docstring.
        newest = await sealing.newest_seq(tx.connection)
        return newest, await sealing.take_xid(tx.connection)

    newest, xid = await database.run(look, actor="system/seal")
    if not await _all_before_ended(database, xid):
        return 0
    sealed = 0

    async def one_block(tx: Tx) -> int | None:
        if not await try_lock(tx, Only.SEAL):
            return None
        head = await sealing.seal_head(tx.connection)
        if head.last_seq >= newest:
            return None
        return await sealing.add_seal(tx.connection, head, min(newest, head.last_seq + BLOCK_ROWS), tx.now)

    while (rows := await database.run(one_block, actor="system/seal")) is not None:
        sealed += rows
    return sealed


async def _all_before_ended(database: Database, xid: int) -> bool:
    waited = 0.0
    while waited < PATIENCE_SECONDS:
        async with database.read() as connection:
            if await sealing.oldest_running_xid(connection) >= xid:
                return True
        await asyncio.sleep(0.01)
        waited += 0.01
    return False


async def check_chain(
    connection: Connection,
    anchor: ChainHead | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[ChainFault], ChainHead | None]:
    """Recompute every block from the transfers, name each fault, and give the head (None: nothing sealed).

    Call it in a read transaction, so that all blocks are seen at one instant.
    `anchor` is a head published earlier. `progress` is told (blocks done, blocks).
    """
    numbers = await sealing.seal_numbers(connection)
    faults: list[ChainFault] = []
    damage = _Damage()
    previous = sealing.SealHead(0, 0, bytes(32))
    anchored: bytes | None = None
    for done, number in enumerate(numbers, 1):
        block = await sealing.read_seal(connection, number)
        follows = number == previous.number + 1
        faults += _check_hash(block, previous) if follows else [_gap(previous, block)]
        # Before the first block there is nothing: whatever has a lower number was added.
        first = block["first_seq"] if previous.number else SEQS_BEFORE
        damage.compare(block, *await sealing.recompute(connection, first, block["last_seq"]))
        previous = sealing.SealHead(number, block["last_seq"], block["hash"])
        if anchor is not None and number == anchor.number:
            anchored = block["hash"]
        if progress is not None:
            progress(done, len(numbers))
    if anchor is not None and anchored != anchor.hash:
        what = "is gone" if anchored is None else "does not have the published hash"
        faults.append(ChainFault("anchor", anchor.number, None, f"block {anchor.number} {what}"))
    faults += await damage.name(connection)
    return faults, ChainHead(previous.number, previous.hash) if numbers else None


def _gap(previous: sealing.SealHead, block: asyncpg.Record) -> ChainFault:
    return ChainFault(
        "gap",
        block["number"],
        None,
        f"block {block['number']} comes after block {previous.number}: what was sealed between them is gone, "
        f"and transfers {previous.last_seq + 1} to {block['first_seq'] - 1} cannot be checked",
    )


def _check_hash(block: asyncpg.Record, previous: sealing.SealHead) -> list[ChainFault]:
    number, first, last = block["number"], block["first_seq"], block["last_seq"]
    faults = []
    if first != previous.last_seq + 1:
        detail = f"block {number} begins with transfer {first}, not {previous.last_seq + 1}"
        faults.append(ChainFault("link", number, None, detail))
    numbers = np.array(block["seqs"], dtype=">i8").tobytes()
    place = struct.pack(">qqq", number, first, last)
    if hashlib.sha256(previous.hash + place + numbers + block["digests"]).digest() != block["hash"]:
        detail = (
            f"block {number} does not have the hash of its contents after block {previous.number}: "
            "one of the two was rewritten"
        )
        faults.append(ChainFault("link", number, None, detail))
    return faults


class _Damage:
    """The rows that differ from what was sealed, gathered over all blocks, then told apart."""

    def __init__(self) -> None:
        self.missing: dict[int, tuple[int, bytes]] = {}  # seq → block, sealed digest
        self.foreign: dict[bytes, tuple[int, int]] = {}  # digest found → seq, block

    def compare(self, block: asyncpg.Record, seqs: list[int], digests: bytes) -> None:
        if block["seqs"] == seqs and block["digests"] == digests:
            return
        number = block["number"]
        sealed = set(_pairs(block["seqs"], block["digests"]))
        found = set(_pairs(seqs, digests))
        for seq, digest in sealed - found:
            self.missing[seq] = (number, digest)
        for seq, digest in found - sealed:
            self.foreign[digest] = (seq, number)

    async def name(self, connection: Connection) -> list[ChainFault]:
        """A fault for each row: a foreign row where one is missing was changed, or moved there."""
        rows = await sealing.read_rows(connection, sorted({seq for seq, _ in self.foreign.values()}))
        faults = []
        replaced: set[int] = set()
        comparable = len(rows) * len(self.missing) <= MOST_COMPARED**2
        for row in rows:
            if row["digest"] not in self.foreign:
                continue  # the untouched one of two rows with the same number
            seq, block = self.foreign[row["digest"]]
            origin = self._origin(row) if comparable else None
            where = f"transfer {seq} (group {row['group_id']}, line {row['ordinal']})"
            if origin is not None:
                replaced.add(origin)
                detail = f"{where} was sealed as number {origin} and has been moved"
                faults.append(ChainFault("moved", block, seq, detail))
            elif seq in self.missing:
                replaced.add(seq)
                faults.append(ChainFault("changed", block, seq, f"{where} was changed after it was sealed"))
            else:
                detail = f"{where} was added: block {block} covers its number and does not list it"
                faults.append(ChainFault("added", block, seq, detail))
        for seq in sorted(self.missing.keys() - replaced):
            block = self.missing[seq][0]
            faults.append(ChainFault("removed", block, seq, f"transfer {seq} was sealed and is gone"))
        return sorted(faults, key=lambda fault: (fault.block, fault.seq or 0))

    def _origin(self, row: asyncpg.Record) -> int | None:
        """The number under which this very row was sealed, if it was under another one."""
        for seq, (_, digest) in self.missing.items():
            if seq != row["seq"] and row_digest(row, seq) == digest:
                return seq
        return None


def _pairs(seqs: list[int], digests: bytes) -> list[tuple[int, bytes]]:
    return [(seq, digests[32 * place : 32 * place + 32]) for place, seq in enumerate(seqs)]


def row_digest(row: asyncpg.Record, seq: int) -> bytes:
    """The digest a row would have under a number, computed here as PostgreSQL computes it."""
    microseconds = (row["at"] - POSTGRES_EPOCH) // timedelta(microseconds=1)
    return hashlib.sha256(
        struct.pack(">q", seq)
        + row["group_id"].bytes
        + struct.pack(">h", row["ordinal"])
        + row["source"].bytes
        + row["target"].bytes
        + struct.pack(">qq", row["minor"], microseconds)
        + row["reason"].encode()
    ).digest()
