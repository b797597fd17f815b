"""The split of a pool and who it is for."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Connection, Tx


class Settlement(msgspec.Struct, frozen=True):
    campaign: str
    pool_minor: int
    winners: int
    each_minor: int
    remainder_minor: int
    winners_root: bytes
    frozen_at: datetime
    finished_at: datetime | None


class Lane(msgspec.Struct, frozen=True):
    """A stretch of winners, places `after_place + 1` to `last_place`, paid one after the other."""

    campaign: str
    lane: int
    after_place: int
    last_place: int
    paid_through: int


async def insert(
    tx: Tx, settled: Settlement, winners: Sequence[tuple[int, PersonId]], lanes: Sequence[Lane]
) -> None:
    """Write the split, its lanes, and its winners, (number, person) in order of player number."""
    fields = Settlement.__struct_fields__
    places = ", ".join(f"${place}" for place in range(1, len(fields) + 1))
    await tx.connection.execute(
        f"INSERT INTO settlement ({', '.join(fields)}) VALUES ({places})",
        *(getattr(settled, field) for field in fields),
    )
    await tx.connection.copy_records_to_table(
        "settlement_winner",
        columns=["person", "campaign", "place", "number"],
        records=[
            (person, settled.campaign, place, number) for place, (number, person) in enumerate(winners, 1)
        ],
    )
    await tx.connection.copy_records_to_table(
        "settlement_lane",
        columns=list(Lane.__struct_fields__),
        records=[msgspec.structs.astuple(lane) for lane in lanes],
    )


async def see(connection: Connection, campaign: str) -> Settlement | None:
    row = await connection.fetchrow("SELECT * FROM settlement WHERE campaign = $1", campaign)
    return Settlement(**row) if row else None


async def lock(tx: Tx, campaign: str) -> Settlement | None:
    row = await tx.connection.fetchrow(
        "SELECT * FROM settlement WHERE campaign = $1 FOR NO KEY UPDATE", campaign
    )
    return Settlement(**row) if row else None


async def take_lane(tx: Tx, campaign: str) -> Lane | None:
    """A lane with winners still to pay that nobody else is paying right now, locked; None: there is none."""
    row = await tx.connection.fetchrow(
        """
        SELECT * FROM settlement_lane WHERE campaign = $1 AND paid_through < last_place
        ORDER BY lane LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        """,
        campaign,
    )
    return Lane(**row) if row else None


async def all_paid(connection: Connection, campaign: str) -> bool:
    paid: bool = await connection.fetchval(
        """
        SELECT NOT EXISTS (
            SELECT FROM settlement_lane WHERE campaign = $1 AND paid_through < last_place
        )
        """,
        campaign,
    )
    return paid


async def winners_between(connection: Connection, campaign: str, after: int, through: int) -> list[PersonId]:
    """The winners of places `after + 1` to `through`, in order."""
    rows = await connection.fetch(
        """
        SELECT person FROM settlement_winner
        WHERE campaign = $1 AND place > $2 AND place <= $3 ORDER BY place
        """,
        campaign,
        after,
        through,
    )
    return [PersonId(row["person"]) for row in rows]


async def winner_numbers(connection: Connection, campaign: str) -> list[int]:
    """The player numbers of all winners, in order."""
    rows = await connection.fetch(
        "SELECT number FROM settlement_winner WHERE campaign = $1 ORDER BY place", campaign
    )
    return [row["number"] for row in rows]


async def place_of(connection: Connection, campaign: str, person: PersonId) -> int | None:
    """The winner's place, from 1, or None."""
    place: int | None = await connection.fetchval(
        "SELECT place FROM settlement_winner WHERE person = $1 AND campaign = $2", person, campaign
    )
    return place


async def set_paid_through(tx: Tx, lane: Lane, place: int) -> None:
    await tx.connection.execute(
        "UPDATE settlement_lane SET paid_through = $3 WHERE campaign = $1 AND lane = $2",
        lane.campaign,
        lane.lane,
        place,
    )


async def set_finished(tx: Tx, campaign: str) -> None:
    await tx.connection.execute(
        "UPDATE settlement SET finished_at = $2 WHERE campaign = $1", campaign, tx.now
    )
