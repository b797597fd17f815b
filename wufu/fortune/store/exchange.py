"""Gifts, requests, swaps, cash packets that travel, and friends made."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from wufu.core.ids import CampaignId, PersonId
from wufu.db import Connection, Tx
from wufu.fortune.model import Ask, Gift, Swap, SwapState


class RequestRow(msgspec.Struct, frozen=True):
    id: UUID
    campaign: CampaignId
    person: PersonId
    card: str
    asked_of: PersonId | None
    state: str
    gift: UUID | None
    at: datetime


class SwapRow(msgspec.Struct, frozen=True):
    id: UUID
    campaign: CampaignId
    proposer: PersonId
    partner: PersonId
    gives: str
    wants: str
    state: SwapState
    at: datetime


class CashRow(msgspec.Struct, frozen=True):
    person: PersonId
    id: UUID
    campaign: CampaignId
    round: int
    minor: int
    passed_to: PersonId | None
    returned_at: datetime | None


async def gifts(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Gift]:
    rows = await connection.fetch("SELECT * FROM gift WHERE id = ANY($1::uuid[])", ids)
    return {
        row["id"]: Gift(
            row["giver"], row["id"], row["campaign"], row["receiver"], row["card"], row["request"]
        )
        for row in rows
    }


async def insert_gifts(tx: Tx, given: Sequence[Gift]) -> None:
    await tx.connection.execute(
        """
        INSERT INTO gift (id, campaign, giver, receiver, card, request, at)
        SELECT *, $7 FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::uuid[])
        """,
        [gift.id for gift in given],
        [gift.campaign for gift in given],
        [gift.person for gift in given],
        [gift.to for gift in given],
        [gift.card for gift in given],
        [gift.request for gift in given],
        tx.now,
    )


async def lock_requests(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, RequestRow]:
    rows = await tx.connection.fetch(
        "SELECT * FROM card_request WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", ids
    )
    return {row["id"]: RequestRow(**row) for row in rows}


async def see_requests(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, RequestRow]:
    rows = await connection.fetch("SELECT * FROM card_request WHERE id = ANY($1::uuid[])", ids)
    return {row["id"]: RequestRow(**row) for row in rows}


async def insert_requests(tx: Tx, asks: Sequence[Ask]) -> None:
    await tx.connection.execute(
        """
        INSERT INTO card_request (id, campaign, person, card, asked_of, state, at)
        SELECT *, 'open', $6 FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
        """,
        [ask.id for ask in asks],
        [ask.campaign for ask in asks],
        [ask.person for ask in asks],
        [ask.card for ask in asks],
        [ask.to for ask in asks],
        tx.now,
    )


async def close_requests(tx: Tx, given: Sequence[tuple[UUID, UUID]]) -> None:
    """Mark requests as given: (request, gift) pairs."""
    await tx.connection.execute(
        """
        UPDATE card_request AS r SET state = 'given', gift = g.gift
        FROM unnest($1::uuid[], $2::uuid[]) AS g (id, gift) WHERE r.id = g.id
        """,
        [request for request, _ in given],
        [gift for _, gift in given],
    )


async def requests_of(connection: Connection, person: PersonId, campaign: str) -> list[RequestRow]:
    """What a person asked for, and what friends asked of the person; newest first."""
    rows = await connection.fetch(
        """
        SELECT * FROM card_request
        WHERE campaign = $2 AND (person = $1 OR asked_of = $1 AND state = 'open')
        ORDER BY at DESC, id LIMIT 200
        """,
        person,
        campaign,
    )
    return [RequestRow(**row) for row in rows]


async def expire_requests(tx: Tx, over: Sequence[str], most: int) -> list[RequestRow]:
    """End up to `most` open requests of campaigns in these states."""
    rows = await tx.connection.fetch(
        """
        UPDATE card_request SET state = 'expired' WHERE id IN (
            SELECT r.id FROM card_request AS r JOIN campaign AS c ON c.id = r.campaign
            WHERE r.state = 'open' AND c.state = ANY($1::text[])
            LIMIT $2 FOR NO KEY UPDATE OF r SKIP LOCKED)
        RETURNING *
        """,
        over,
        most,
    )
    return [RequestRow(**row) for row in rows]


async def expire_swaps(tx: Tx, over: Sequence[str], most: int) -> list[SwapRow]:
    """End up to `most` offers of campaigns in these states."""
    rows = await tx.connection.fetch(
        """
        UPDATE swap SET state = 'expired', ended_at = $3 WHERE id IN (
            SELECT s.id FROM swap AS s JOIN campaign AS c ON c.id = s.campaign
            WHERE s.state = 'offered' AND c.state = ANY($1::text[])
            LIMIT $2 FOR NO KEY UPDATE OF s SKIP LOCKED)
        RETURNING *
        """,
        over,
        most,
        tx.now,
    )
    return [_swap(row) for row in rows]


async def lock_swaps(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, SwapRow]:
    rows = await tx.connection.fetch(
        "SELECT * FROM swap WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", ids
    )
    return {row["id"]: _swap(row) for row in rows}


async def insert_swaps(tx: Tx, offers: Sequence[Swap]) -> None:
    await tx.connection.execute(
        """
        INSERT INTO swap (id, campaign, proposer, partner, gives, wants, state, at)
        SELECT *, 'offered', $7
        FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
        """,
        [offer.id for offer in offers],
        [offer.campaign for offer in offers],
        [offer.person for offer in offers],
        [offer.to for offer in offers],
        [offer.gives for offer in offers],
        [offer.wants for offer in offers],
        tx.now,
    )


async def end_swaps(tx: Tx, ended: Sequence[tuple[UUID, SwapState]]) -> None:
    await tx.connection.execute(
        """
        UPDATE swap AS s SET state = e.state, ended_at = $3
        FROM unnest($1::uuid[], $2::text[]) AS e (id, state) WHERE s.id = e.id
        """,
        [swap for swap, _ in ended],
        [state for _, state in ended],
        tx.now,
    )


async def swaps_of(connection: Connection, person: PersonId, campaign: str) -> list[SwapRow]:
    rows = await connection.fetch(
        """
        SELECT * FROM swap WHERE campaign = $2 AND (proposer = $1 OR partner = $1)
        ORDER BY state = 'offered' DESC, at DESC, id LIMIT 200
        """,
        person,
        campaign,
    )
    return [_swap(row) for row in rows]


def _swap(row: asyncpg.Record) -> SwapRow:
    return SwapRow(**{name: row[name] for name in SwapRow.__struct_fields__})


async def lock_cash(tx: Tx, wanted: Sequence[tuple[PersonId, UUID]]) -> dict[tuple[PersonId, UUID], CashRow]:
    rows = await tx.connection.fetch(
        """
        SELECT c.person, c.id, c.campaign, c.round, c.minor, c.passed_to, c.returned_at
        FROM cash_packet AS c
        JOIN unnest($1::bigint[], $2::uuid[]) AS wanted (person, id) USING (person, id)
        ORDER BY person, id FOR NO KEY UPDATE OF c
        """,
        [person for person, _ in wanted],
        [packet for _, packet in wanted],
    )
    return {(row["person"], row["id"]): CashRow(**row) for row in rows}


async def mark_passed(tx: Tx, passed: Sequence[tuple[PersonId, UUID, PersonId]]) -> None:
    """Write (person, packet, friend) passes."""
    await tx.connection.execute(
        """
        UPDATE cash_packet AS c SET passed_to = p.friend, passed_at = $4
        FROM unnest($1::bigint[], $2::uuid[], $3::bigint[]) AS p (person, id, friend)
        WHERE (c.person, c.id) = (p.person, p.id)
        """,
        *map(list, zip(*passed, strict=True)),
        tx.now,
    )


async def cash_of(connection: Connection, person: PersonId, campaign: str) -> list[CashRow]:
    rows = await connection.fetch(
        """
        SELECT person, id, campaign, round, minor, passed_to, returned_at FROM cash_packet
        WHERE person = $1 AND campaign = $2 ORDER BY round DESC, tap DESC LIMIT 200
        """,
        person,
        campaign,
    )
    return [CashRow(**row) for row in rows]


async def return_unpassed(tx: Tx, campaign: str) -> int:
    """Mark every packet nobody passed on as returned; their money is still in one account."""
    status: str = await tx.connection.execute(
        """
        UPDATE cash_packet SET returned_at = $2
        WHERE campaign = $1 AND passed_to IS NULL AND returned_at IS NULL
        """,
        campaign,
        tx.now,
    )
    return int(status.rsplit(maxsplit=1)[-1])
