"""Holds: placed, locked, ended."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wufu.core.ids import HoldId
from wufu.db import Connection
from wufu.ledger.model import Account, Ending, Hold, HoldState

ADD_HOLDS = """
    INSERT INTO hold (id, source, source_holder, source_purpose, source_may_overdraw,
                      target_holder, target_purpose, target_may_overdraw, asset, minor, expires_at, placed_at)
    SELECT new.*, $12
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[],
                $8::boolean[], $9::text[], $10::bigint[], $11::timestamptz[]) AS new
"""


async def add_holds(connection: Connection, holds: Sequence[Hold], now: datetime) -> None:
    await connection.execute(
        ADD_HOLDS,
        [hold.id for hold in holds],
        [hold.source.id for hold in holds],
        [hold.source.holder for hold in holds],
        [hold.source.purpose for hold in holds],
        [hold.source.may_overdraw for hold in holds],
        [hold.target.holder for hold in holds],
        [hold.target.purpose for hold in holds],
        [hold.target.may_overdraw for hold in holds],
        [hold.source.asset for hold in holds],
        [hold.minor for hold in holds],
        [hold.expires_at for hold in holds],
        now,
    )


async def lock_holds(connection: Connection, holds: Sequence[HoldId]) -> dict[HoldId, HoldState]:
    """Lock the holds in id order. Holds are locked before accounts, by every verb."""
    rows = await connection.fetch(
        "SELECT * FROM hold WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(holds)
    )
    return {row["id"]: _hold_state(row) for row in rows}


async def lock_expired_holds(connection: Connection, now: datetime, limit: int) -> list[HoldId]:
    """Open holds past their time, oldest first, but those that somebody is ending right now."""
    rows = await connection.fetch(
        """
        SELECT id FROM hold WHERE ended_at IS NULL AND expires_at <= $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def end_holds(connection: Connection, endings: Sequence[tuple[Ending, int]], now: datetime) -> None:
    """Write how holds ended; with each ending, how much of it reached the target."""
    await connection.execute(
        """
        UPDATE hold SET ended_at = $4, outcome = done.outcome, posted_minor = done.posted_minor
        FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS done (id, outcome, posted_minor)
        WHERE hold.id = done.id
        """,
        [ending.id for ending, _ in endings],
        [ending.outcome for ending, _ in endings],
        [posted for _, posted in endings],
        now,
    )


def _hold_state(row: asyncpg.Record) -> HoldState:
    asset = row["asset"]
    return HoldState(
        Hold(
            row["id"],
            Account(row["source_holder"], row["source_purpose"], asset, row["source_may_overdraw"]),
            Account(row["target_holder"], row["target_purpose"], asset, row["target_may_overdraw"]),
            row["minor"],
            row["expires_at"],
        ),
        row["outcome"],
        row["posted_minor"],
    )
