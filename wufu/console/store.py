"""All SQL of the console."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from wufu.console.model import BrokenLaw, KeptForecast, LawCheck, Role, Sample
from wufu.core.ids import CampaignId, PersonId
from wufu.db import Connection, Tx

# --- Operators ------------------------------------------------------------------------------------


async def role_of(connection: Connection, person: PersonId) -> Role | None:
    role: Role | None = await connection.fetchval("SELECT role FROM operator WHERE person = $1", person)
    return role


async def put_operator(tx: Tx, person: PersonId, role: Role) -> None:
    await tx.connection.execute(
        """
        INSERT INTO operator (person, role, granted_at, granted_by) VALUES ($1, $2, $3, $4)
        ON CONFLICT (person) DO UPDATE
        SET role = excluded.role, granted_at = excluded.granted_at, granted_by = excluded.granted_by
        """,
        person,
        role,
        tx.now,
        tx.actor,
    )


async def delete_operator(tx: Tx, person: PersonId) -> bool:
    done: str = await tx.connection.execute("DELETE FROM operator WHERE person = $1", person)
    return done != "DELETE 0"


async def operators(connection: Connection) -> list[tuple[PersonId, Role, datetime, str]]:
    rows = await connection.fetch("SELECT * FROM operator ORDER BY granted_at, person")
    return [(row["person"], row["role"], row["granted_at"], row["granted_by"]) for row in rows]


async def insert_act(tx: Tx, person: PersonId, act: UUID, verb: str, facts: dict[str, object]) -> bool:
    """Whether it is written now; False where the id is written already."""
    done: str = await tx.connection.execute(
        """
        INSERT INTO operator_act (person, id, verb, facts, at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person, id) DO NOTHING
        """,
        person,
        act,
        verb,
        facts,
        tx.now,
    )
    return done == "INSERT 0 1"


async def act_of(connection: Connection, person: PersonId, act: UUID) -> tuple[str, dict[str, object]]:
    row = await connection.fetchrow(
        "SELECT verb, facts FROM operator_act WHERE person = $1 AND id = $2", person, act
    )
    assert row is not None
    return row["verb"], row["facts"]


async def acts(connection: Connection, limit: int) -> list[tuple[PersonId, str, dict[str, object], datetime]]:
    rows = await connection.fetch("SELECT * FROM operator_act ORDER BY at DESC, id LIMIT $1", limit)
    return [(row["person"], row["verb"], row["facts"], row["at"]) for row in rows]


# --- Laws -----------------------------------------------------------------------------------------


async def insert_check(tx: Tx, check: LawCheck) -> None:
    await tx.connection.execute(
        """
        INSERT INTO law_check (at, took_seconds, laws, broken) VALUES ($1, $2, $3, $4)
        ON CONFLICT (at) DO NOTHING
        """,
        check.at,
        check.took_seconds,
        check.laws,
        msgspec.to_builtins(check.broken),
    )


async def forget_checks(tx: Tx, before: datetime) -> None:
    await tx.connection.execute("DELETE FROM law_check WHERE at < $1", before)


async def newest_check(connection: Connection) -> LawCheck | None:
    row = await connection.fetchrow("SELECT * FROM law_check ORDER BY at DESC LIMIT 1")
    if row is None:
        return None
    broken = msgspec.convert(row["broken"], list[BrokenLaw])
    return LawCheck(row["at"], row["took_seconds"], row["laws"], broken)


# --- Nights ---------------------------------------------------------------------------------------


async def newest_samples(
    connection: Connection, campaigns: Sequence[CampaignId]
) -> dict[CampaignId, datetime]:
    rows = await connection.fetch(
        "SELECT campaign, max(at) AS at FROM night_sample WHERE campaign = ANY($1::text[]) GROUP BY campaign",
        campaigns,
    )
    return {row["campaign"]: row["at"] for row in rows}


async def insert_sample(tx: Tx, campaign: CampaignId, sample: Sample) -> None:
    await tx.connection.execute(
        """
        INSERT INTO night_sample (campaign, at, holders, players, taps) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (campaign, at) DO NOTHING
        """,
        campaign,
        sample.at,
        sample.holders,
        sample.players,
        sample.taps,
    )


async def curve(connection: Connection, campaign: CampaignId) -> list[Sample]:
    rows = await connection.fetch(
        "SELECT at, holders, players, taps FROM night_sample WHERE campaign = $1 ORDER BY at", campaign
    )
    return [Sample(**row) for row in rows]


async def put_forecast(tx: Tx, campaign: CampaignId, people: int, forecast: dict[str, object]) -> None:
    await tx.connection.execute(
        """
        INSERT INTO night_forecast (campaign, made_at, people, forecast) VALUES ($1, $2, $3, $4)
        ON CONFLICT (campaign) DO UPDATE
        SET made_at = excluded.made_at, people = excluded.people, forecast = excluded.forecast
        """,
        campaign,
        tx.now,
        people,
        forecast,
    )


async def forecast(connection: Connection, campaign: CampaignId) -> KeptForecast | None:
    row = await connection.fetchrow(
        "SELECT made_at, people, forecast FROM night_forecast WHERE campaign = $1", campaign
    )
    return KeptForecast(**row) if row is not None else None
