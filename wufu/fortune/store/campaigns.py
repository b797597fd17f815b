"""Campaigns, rounds and their locks.

Who changes what a whole campaign may do (open, pause or close a round, settle,
cancel) takes the campaign's lock alone; every verb that moves cards shares it.
So a round's secret is published, and a set counted, only when no accepted tap
or gift is still on its way to a commit. Advisory locks queue fairly, which
row locks do not: a busy night cannot starve the operator.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

import asyncpg
import msgspec

from wufu.core.chance import canonical_json, sha256
from wufu.core.ids import CampaignId
from wufu.db import Connection, Tx
from wufu.fortune.model import (
    Campaign,
    CampaignClock,
    CampaignSpec,
    CampaignState,
    Round,
    RoundSpec,
    RoundState,
)

LOCK_CLASS = 0x5F10


def _lock_number(campaign: str) -> int:
    return int.from_bytes(hashlib.blake2b(campaign.encode(), digest_size=4).digest(), signed=True)


async def share(tx: Tx, campaigns: Collection[str]) -> dict[str, Campaign]:
    """The named campaigns as they stay until this transaction ends; unknown ones are left out."""
    names = sorted(set(campaigns))
    # Only what exists is locked: the server's table of locks is finite, invented names are not.
    await tx.connection.execute(
        """
        SELECT pg_advisory_xact_lock_shared($1, number) FROM (
            SELECT number FROM unnest($2::int[], $3::text[]) AS wanted (number, id) JOIN campaign USING (id)
            ORDER BY number
        ) AS existing
        """,
        LOCK_CLASS,
        list(map(_lock_number, names)),
        names,
    )
    return await see(tx.connection, names)


async def alone(tx: Tx, campaign: str) -> Campaign | None:
    """One campaign, with nobody else acting in it until this transaction ends."""
    await tx.connection.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK_CLASS, _lock_number(campaign))
    return (await see(tx.connection, [campaign])).get(campaign)


async def see(connection: Connection, campaigns: Sequence[str]) -> dict[str, Campaign]:
    """Campaigns by id, with their rounds."""
    rows = await connection.fetch(
        "SELECT *, spec::text AS spec_text FROM campaign WHERE id = ANY($1::text[])", campaigns
    )
    round_rows = await connection.fetch(
        """
        SELECT *, spec::text AS spec_text FROM campaign_round
        WHERE campaign = ANY($1::text[]) ORDER BY campaign, number
        """,
        campaigns,
    )
    rounds: dict[str, dict[int, Round]] = {row["id"]: {} for row in rows}
    for row in round_rows:
        rounds[row["campaign"]][row["number"]] = _round(row)
    return {row["id"]: _campaign(row, rounds[row["id"]]) for row in rows}


async def ids_in_state(connection: Connection, states: Sequence[CampaignState]) -> list[CampaignId]:
    rows = await connection.fetch(
        "SELECT id FROM campaign WHERE state = ANY($1::text[]) ORDER BY created_at, id", states
    )
    return [CampaignId(row["id"]) for row in rows]


async def newest(connection: Connection) -> CampaignId | None:
    """The campaign a phone should show: the newest that was announced."""
    found: str | None = await connection.fetchval(
        """
        SELECT id FROM campaign WHERE announced_at IS NOT NULL AND state <> 'cancelled'
        ORDER BY announced_at DESC, id LIMIT 1
        """
    )
    return CampaignId(found) if found else None


async def listed(connection: Connection) -> list[dict[str, str]]:
    """Id, titles and state of every announced campaign, newest first."""
    rows = await connection.fetch(
        """
        SELECT id, title, title_en, state FROM campaign WHERE announced_at IS NOT NULL
        ORDER BY announced_at DESC, id LIMIT 100
        """
    )
    return [dict(row) for row in rows]


async def insert(tx: Tx, campaign: str, spec: CampaignSpec, clock: CampaignClock) -> bool:
    """Write a draft; False when the id is taken."""
    status: str = await tx.connection.execute(
        """
        INSERT INTO campaign (id, title, title_en, template, spec, state, sponsor, opens_at, settles_at,
                              clock_at, clock_from, clock_speed, created_at)
        VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (id) DO NOTHING
        """,
        campaign,
        spec.title,
        spec.title_en,
        spec.template,
        msgspec.to_builtins(spec),
        spec.sponsor,
        spec.opens_at,
        spec.settles_at,
        clock.shown_at,
        clock.real_at,
        clock.speed,
        tx.now,
    )
    if not status.endswith(" 1"):
        return False
    await tx.connection.execute("INSERT INTO campaign_count (campaign) VALUES ($1)", campaign)
    return True


async def insert_round(
    tx: Tx, campaign: str, number: int, spec: RoundSpec, secret: bytes, commitment: bytes
) -> None:
    published = msgspec.to_builtins(spec)
    await tx.connection.execute(
        """
        INSERT INTO campaign_round (campaign, number, state, spec, spec_hash, commitment, opens_at, closes_at)
        VALUES ($1, $2, 'planned', $3, $4, $5, $6, $7)
        """,
        campaign,
        number,
        published,
        sha256(canonical_json(published)),
        commitment,
        spec.opens_at,
        spec.closes_at,
    )
    await tx.connection.execute(
        "INSERT INTO round_secret (campaign, number, secret) VALUES ($1, $2, $3)",
        campaign,
        number,
        secret,
    )


async def set_state(tx: Tx, campaign: str, state: CampaignState) -> None:
    await tx.connection.execute(
        """
        UPDATE campaign SET state = $2,
               announced_at = CASE WHEN $2 = 'announced' THEN $3 ELSE announced_at END
        WHERE id = $1
        """,
        campaign,
        state,
        tx.now,
    )


async def set_clock(tx: Tx, campaign: str, clock: CampaignClock) -> None:
    await tx.connection.execute(
        "UPDATE campaign SET clock_at = $2, clock_from = $3, clock_speed = $4 WHERE id = $1",
        campaign,
        clock.shown_at,
        clock.real_at,
        clock.speed,
    )


async def set_round_state(
    tx: Tx,
    campaign: str,
    number: int,
    state: RoundState,
    *,
    closes_at: datetime,
    paused_at: datetime | None = None,
) -> None:
    await tx.connection.execute(
        """
        UPDATE campaign_round SET state = $3, closes_at = $4, paused_at = $5
        WHERE campaign = $1 AND number = $2
        """,
        campaign,
        number,
        state,
        closes_at,
        paused_at,
    )


async def freeze_seeds(
    tx: Tx, campaign: str, number: int, root: bytes, players: int, beacon_value: bytes | None
) -> None:
    """Open a round over the frozen seeds."""
    await tx.connection.execute(
        """
        UPDATE campaign_round SET state = 'open', seeds_root = $3, players = $4, beacon_value = $5
        WHERE campaign = $1 AND number = $2
        """,
        campaign,
        number,
        root,
        players,
        beacon_value,
    )


async def publish_secret(tx: Tx, campaign: str, number: int) -> None:
    """Close a round and reveal its secret."""
    await tx.connection.execute(
        """
        UPDATE campaign_round AS r SET state = 'closed', paused_at = NULL, secret = s.secret
        FROM round_secret AS s
        WHERE r.campaign = $1 AND r.number = $2 AND s.campaign = $1 AND s.number = $2
        """,
        campaign,
        number,
    )


async def secrets(
    connection: Connection, rounds: Collection[tuple[str, int]]
) -> dict[tuple[str, int], bytes]:
    """The secrets of rounds, for drawing; the caller keeps them inside the server."""
    rows = await connection.fetch(
        """
        SELECT campaign, number, secret FROM round_secret
        JOIN unnest($1::text[], $2::int[]) AS wanted (campaign, number) USING (campaign, number)
        """,
        [campaign for campaign, _ in rounds],
        [number for _, number in rounds],
    )
    return {(row["campaign"], row["number"]): row["secret"] for row in rows}


@lru_cache(maxsize=64)
def _campaign_spec(text: str) -> CampaignSpec:
    return msgspec.json.decode(text, type=CampaignSpec)


@lru_cache(maxsize=256)
def _round_spec(text: str) -> RoundSpec:
    return msgspec.json.decode(text, type=RoundSpec)


def _campaign(row: asyncpg.Record, rounds: dict[int, Round]) -> Campaign:
    return Campaign(
        id=CampaignId(row["id"]),
        state=row["state"],
        spec=_campaign_spec(row["spec_text"]),
        clock=CampaignClock(row["clock_at"], row["clock_from"], row["clock_speed"]),
        opens_at=row["opens_at"],
        settles_at=row["settles_at"],
        announced_at=row["announced_at"],
        rounds=rounds,
    )


def _round(row: asyncpg.Record) -> Round:
    fields = {name: row[name] for name in Round.__struct_fields__ if name != "spec"}
    return Round(spec=_round_spec(row["spec_text"]), **fields)
