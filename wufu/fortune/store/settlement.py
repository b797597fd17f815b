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
    paid_through: int
    frozen_at: datetime
    finished_at: datetime | None


async def insert(tx: Tx, settled: Settlement, winners: Sequence[tuple[int, PersonId]]) -> None:
    """Write the split and its winners, (number, person) in order of player number."""
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


async def see(connection: Connection, campaign: str) -> Settlement | None:
    row = await connection.fetchrow("SELECT * FROM settlement WHERE campaign = $1", campaign)
    return Settlement(**row) if row else None


async def lock(tx: Tx, campaign: str) -> Settlement | None:
    row = await tx.connection.fetchrow(
        "SELECT * FROM settlement WHERE campaign = $1 FOR NO KEY UPDATE", campaign
    )
    return Settlement(**row) if row else None


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


async def set_paid_through(tx: Tx, campaign: str, place: int) -> None:
    await tx.connection.execute(
        "UPDATE settlement SET paid_through = $2 WHERE campaign = $1", campaign, place
    )


async def set_finished(tx: Tx, campaign: str) -> None:
    await tx.connection.execute(
        "UPDATE settlement SET finished_at = $2 WHERE campaign = $1", campaign, tx.now
    )
