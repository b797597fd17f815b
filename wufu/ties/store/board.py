"""The board in the database: read under lock, write what the decisions changed.

Every change locks the `tie_person` rows of both people first, in the order of their numbers, so that asks
that cross, an accept against a block, and two accepts happen one after the other. Reads come after the locks:
under READ COMMITTED each statement sees what the previous holder committed.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeVar

from wufu.core.ids import PersonId
from wufu.db import Connection
from wufu.ties.model import Ask, Board, Counts, Pair, Request, Tie
from wufu.ties.store import labels
from wufu.ties.store.pairs import columns

Value = TypeVar("Value")
NO_DAY = date(2000, 1, 1)


async def lock(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, Counts]:
    """Lock these people's ties until the end of the transaction; their counters."""
    ordered = sorted(set(people))
    await connection.execute(
        """
        INSERT INTO tie_person (person, friends, asks_on, asks)
        SELECT p.person, 0, $2, 0 FROM unnest($1::bigint[]) AS p (person) ON CONFLICT DO NOTHING
        """,
        ordered,
        NO_DAY,
    )
    rows = await connection.fetch(
        "SELECT * FROM tie_person WHERE person = ANY($1::bigint[]) ORDER BY person FOR UPDATE", ordered
    )
    return {row["person"]: Counts(row["friends"], row["asks_on"], row["asks"]) for row in rows}


async def read(connection: Connection, board: Board, pairs: Iterable[Pair]) -> None:
    """Fill the board with both directions of these pairs, in one statement."""
    both = {pair for one, other in pairs for pair in ((one, other), (other, one))}
    rows = await connection.fetch(
        """
        WITH pair AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS u (one, other))
        SELECT 'tie' AS what, one, other, since AS at, cause,
               NULL::timestamptz AS withdrawn_at, NULL::timestamptz AS refused_at
        FROM pair JOIN tie ON person = one AND friend = other
        UNION ALL
        SELECT 'request', one, other, at, cause, NULL, NULL
        FROM pair JOIN tie_request ON asked = one AND asker = other
        UNION ALL
        SELECT 'ask', one, other, at, NULL, withdrawn_at, refused_at
        FROM pair JOIN tie_ask ON asker = one AND asked = other
        UNION ALL
        SELECT 'block', one, other, at, NULL, NULL, NULL
        FROM pair JOIN tie_block ON person = one AND blocked = other
        UNION ALL
        SELECT 'former', one, other, parted_at, NULL, NULL, NULL
        FROM pair JOIN tie_former ON person = one AND friend = other
        """,
        *columns(sorted(both)),
    )
    for what, one, other, at, cause, withdrawn_at, refused_at in rows:
        if what == "tie":
            board.ties[one, other] = Tie(at, cause)
        elif what == "request":
            board.requests[one, other] = Request(cause, at)
        elif what == "ask":
            board.asks[one, other] = Ask(at, withdrawn_at, refused_at)
        elif what == "block":
            board.blocks[one, other] = at
        else:
            board.former[one, other] = at


async def write(connection: Connection, before: Board, after: Board) -> None:
    """Write what the decisions changed: at most thirteen statements, however many requests there were."""
    await _delete(connection, "tie", "person", "friend", before.ties, after.ties)
    if gone := [pair for pair in before.ties if pair not in after.ties]:
        await labels.end(connection, gone)
    await _delete(connection, "tie_request", "asked", "asker", before.requests, after.requests)
    await _delete(connection, "tie_ask", "asker", "asked", before.asks, after.asks)
    await _delete(connection, "tie_block", "person", "blocked", before.blocks, after.blocks)
    await _put_ties(connection, _changed(before.ties, after.ties))
    await _put_requests(connection, _changed(before.requests, after.requests))
    await _put_asks(connection, _changed(before.asks, after.asks))
    await _put_blocks(connection, _changed(before.blocks, after.blocks))
    await _put_former(connection, _changed(before.former, after.former))
    if turned := {person for person, _ in before.ties.keys() ^ after.ties.keys()}:
        await _list_friends(connection, turned)
    counts = {person: counts for person, counts in after.counts.items() if counts != before.counts[person]}
    if counts:
        await connection.execute(
            """
            UPDATE tie_person AS kept SET friends = new.friends, asks_on = new.asks_on, asks = new.asks
            FROM unnest($1::bigint[], $2::int[], $3::date[], $4::int[])
                 AS new (person, friends, asks_on, asks)
            WHERE kept.person = new.person
            """,
            list(counts),
            [each.friends for each in counts.values()],
            [each.asks_on for each in counts.values()],
            [each.asks for each in counts.values()],
        )


def _changed(before: Mapping[Pair, Value], after: Mapping[Pair, Value]) -> dict[Pair, Value]:
    return {pair: value for pair, value in after.items() if before.get(pair) != value}


async def _delete(
    connection: Connection,
    table: str,
    key: str,
    other: str,
    before: Mapping[Pair, object],
    after: Mapping[Pair, object],
) -> None:
    gone = [pair for pair in before if pair not in after]
    if gone:
        await connection.execute(
            f"""
            DELETE FROM {table} AS t USING unnest($1::bigint[], $2::bigint[]) AS gone (one, other)
            WHERE t.{key} = gone.one AND t.{other} = gone.other
            """,
            *columns(gone),
        )


async def _put_ties(connection: Connection, ties: Mapping[Pair, Tie]) -> None:
    if ties:
        await connection.execute(
            """
            INSERT INTO tie (person, friend, since, cause)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[])
            ON CONFLICT (person, friend) DO UPDATE SET since = excluded.since, cause = excluded.cause
            """,
            *columns(ties),
            [tie.since for tie in ties.values()],
            [tie.cause for tie in ties.values()],
        )


async def _list_friends(connection: Connection, people: Iterable[PersonId]) -> None:
    """Write the lists of people whose ties changed anew, from their ties, under their lock."""
    await connection.execute(
        """
        INSERT INTO tie_list (person, friends)
        SELECT p.person, coalesce((
            SELECT string_agg(int8send(t.friend), ''::bytea ORDER BY t.friend)
            FROM tie AS t WHERE t.person = p.person
        ), ''::bytea)
        FROM unnest($1::bigint[]) AS p (person)
        ON CONFLICT (person) DO UPDATE SET friends = excluded.friends
        """,
        sorted(people),
    )


async def _put_requests(connection: Connection, requests: Mapping[Pair, Request]) -> None:
    if requests:
        await connection.execute(
            """
            INSERT INTO tie_request (asked, asker, cause, at)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[])
            ON CONFLICT (asked, asker) DO UPDATE SET cause = excluded.cause, at = excluded.at
            """,
            *columns(requests),
            [request.cause for request in requests.values()],
            [request.at for request in requests.values()],
        )


async def _put_asks(connection: Connection, asks: Mapping[Pair, Ask]) -> None:
    if asks:
        await connection.execute(
            """
            INSERT INTO tie_ask (asker, asked, at, withdrawn_at, refused_at)
            SELECT * FROM unnest(
                $1::bigint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
            ON CONFLICT (asker, asked) DO UPDATE
            SET at = excluded.at, withdrawn_at = excluded.withdrawn_at, refused_at = excluded.refused_at
            """,
            *columns(asks),
            [ask.at for ask in asks.values()],
            [ask.withdrawn_at for ask in asks.values()],
            [ask.refused_at for ask in asks.values()],
        )


async def _put_blocks(connection: Connection, blocks: Mapping[Pair, datetime]) -> None:
    if blocks:
        await connection.execute(
            """
            INSERT INTO tie_block (person, blocked, at)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[])
            """,
            *columns(blocks),
            list(blocks.values()),
        )


async def _put_former(connection: Connection, former: Mapping[Pair, datetime]) -> None:
    if former:
        await connection.execute(
            """
            INSERT INTO tie_former (person, friend, parted_at)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[])
            ON CONFLICT (person, friend) DO UPDATE SET parted_at = excluded.parted_at
            """,
            *columns(former),
            list(former.values()),
        )
