"""Players, their taps, and what the taps won."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Connection, Tx, json_text, numbers_text
from wufu.fortune.model import Progress, Tapped, Win

Place = tuple[PersonId, str, int]
"""One player's taps in one round: person, campaign, round."""


class PlayerRow(msgspec.Struct, frozen=True):
    person: PersonId
    number: int
    seed: bytes


async def players(
    connection: Connection, wanted: Sequence[tuple[PersonId, str]]
) -> dict[tuple[PersonId, str], PlayerRow]:
    """The players among (person, campaign) pairs."""
    rows = await connection.fetch(
        """
        SELECT person, campaign, number, seed FROM player
        JOIN unnest($1::bigint[], $2::text[]) AS wanted (person, campaign) USING (person, campaign)
        """,
        [person for person, _ in wanted],
        [campaign for _, campaign in wanted],
    )
    return {
        (row["person"], row["campaign"]): PlayerRow(row["person"], row["number"], row["seed"]) for row in rows
    }


async def take_numbers(tx: Tx, campaign: str, count: int) -> int:
    """Reserve `count` player numbers in a row; the first of them. Holds the counter until commit."""
    last: int = await tx.connection.fetchval(
        "UPDATE campaign_count SET players = players + $2 WHERE campaign = $1 RETURNING players",
        campaign,
        count,
    )
    return last - count + 1


async def insert_players(tx: Tx, rows: Sequence[tuple[PersonId, str, int, bytes]]) -> None:
    """Write (person, campaign, number, seed) rows."""
    await tx.connection.execute(
        """
        INSERT INTO player (person, campaign, number, seed, joined_at)
        SELECT *, $5 FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[])
        """,
        *map(list, zip(*rows, strict=True)),
        tx.now,
    )


async def seeds_in_order(connection: Connection, campaign: str, most: int | None = None) -> list[PlayerRow]:
    """All players of a campaign by number, or the first `most` of them."""
    rows = await connection.fetch(
        """
        SELECT person, number, seed FROM player
        WHERE campaign = $1 AND number <= coalesce($2, number) ORDER BY number
        """,
        campaign,
        most,
    )
    return [PlayerRow(row["person"], row["number"], row["seed"]) for row in rows]


async def numbers_of(
    connection: Connection, campaign: str, people: Sequence[PersonId]
) -> list[tuple[int, PersonId]]:
    """(player number, person) of those people who play, by number."""
    rows = await connection.fetch(
        """
        SELECT number, person FROM player
        WHERE campaign = $1 AND person = ANY($2::bigint[]) ORDER BY number
        """,
        campaign,
        people,
    )
    return [(row["number"], row["person"]) for row in rows]


async def lock_progress(
    tx: Tx, campaign: str, number: int, people: Sequence[PersonId], fresh: Progress
) -> tuple[dict[PersonId, int], dict[PersonId, Progress]]:
    """Player numbers, and the progress in one round, of those of `people` who play; locked in their order.

    Who taps for the first time begins as in `fresh`.
    """
    numbers, found = await _lock(tx, campaign, number, people)
    missing = [person for person in people if person not in found]
    joined = await players(tx.connection, [(person, campaign) for person in missing]) if missing else {}
    first = [person for person in missing if (person, campaign) in joined]
    if first:
        await tx.connection.execute(
            """
            INSERT INTO tapping (person, campaign, round, next, tokens_milli, tokens_at, last_first)
            SELECT person, $2, $3, $4, $5, $6, $7 FROM unnest($1::bigint[]) AS new (person)
            ON CONFLICT DO NOTHING
            """,
            first,
            campaign,
            number,
            fresh.next,
            fresh.tokens_milli,
            fresh.tokens_at,
            fresh.last_first,
        )
        more_numbers, more = await _lock(tx, campaign, number, first)
        numbers |= more_numbers
        found |= more
    return numbers, found


async def _lock(
    tx: Tx, campaign: str, number: int, people: Sequence[PersonId]
) -> tuple[dict[PersonId, int], dict[PersonId, Progress]]:
    rows = await tx.connection.fetch(
        """
        SELECT t.person, p.number, t.next, t.tokens_milli, t.tokens_at, t.last_first, t.last_answer
        FROM tapping AS t JOIN player AS p ON (p.person, p.campaign) = (t.person, t.campaign)
        WHERE t.campaign = $1 AND t.round = $2 AND t.person = ANY($3::bigint[])
        ORDER BY t.person
        FOR NO KEY UPDATE OF t
        """,
        campaign,
        number,
        people,
    )
    numbers, progress = {}, {}
    for person, player, following, tokens, tokens_at, last_first, answer in rows:
        numbers[person] = player
        if answer is not None:
            last: Tapped | None = msgspec.convert(answer, Tapped)
        else:
            # Most batches win nothing. Their answer says no more than `next`, and is not kept twice.
            last = Tapped(following, ()) if last_first >= 0 else None
        progress[person] = Progress(following, tokens, tokens_at, last_first, last)
    return numbers, progress


async def save_progress(
    tx: Tx, campaign: str, number: int, now: datetime, changed: Mapping[PersonId, Progress]
) -> None:
    """Write the progress of people who tapped at campaign time `now`. `last_answer` is set if it has wins.

    Their rows are locked and so exist. It is written as an upsert all the same: that has one plan, a look
    into the primary key for each row. A joined UPDATE, planned while the first taps of a campaign were
    coming in, once read the whole round for every row of a batch: seconds in place of milliseconds.
    """
    await tx.connection.execute(
        """
        INSERT INTO tapping (person, campaign, round, tokens_at, next, tokens_milli, last_first, last_answer)
        SELECT c.person, $1, $2, $3, c.next, c.tokens_milli, c.last_first, c.last_answer
        FROM unnest($4::text::bigint[], $5::text::bigint[], $6::text::bigint[], $7::text::bigint[],
                    $8::text::jsonb[])
             AS c (person, next, tokens_milli, last_first, last_answer)
        ON CONFLICT (person, campaign, round) DO UPDATE
        SET next = excluded.next, tokens_milli = excluded.tokens_milli, tokens_at = excluded.tokens_at,
            last_first = excluded.last_first, last_answer = excluded.last_answer
        """,
        campaign,
        number,
        now,
        numbers_text(changed),
        numbers_text([progress.next for progress in changed.values()]),
        numbers_text([progress.tokens_milli for progress in changed.values()]),
        numbers_text([progress.last_first for progress in changed.values()]),
        json_text([progress.last_answer for progress in changed.values()]),
    )


async def insert_wins(tx: Tx, wins: Sequence[tuple[Place, Win]]) -> None:
    await tx.connection.execute(
        """
        INSERT INTO win (person, campaign, round, tap, prize, outcome, minor, at)
        SELECT *, $8 FROM unnest($1::bigint[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[],
                                 $7::bigint[])
        """,
        [place[0] for place, _ in wins],
        [place[1] for place, _ in wins],
        [place[2] for place, _ in wins],
        [win.tap for _, win in wins],
        [win.prize for _, win in wins],
        [win.outcome for _, win in wins],
        [win.minor for _, win in wins],
        tx.now,
    )


async def wins_of(connection: Connection, person: PersonId, campaign: str) -> dict[int, list[Win]]:
    """A player's wins by round, in order of taps."""
    rows = await connection.fetch(
        "SELECT * FROM win WHERE person = $1 AND campaign = $2 ORDER BY round, tap", person, campaign
    )
    found: dict[int, list[Win]] = {}
    for row in rows:
        win = Win(row["tap"], row["prize"], row["outcome"], row["minor"])
        found.setdefault(row["round"], []).append(win)
    return found


async def taps_of(connection: Connection, person: PersonId, campaign: str) -> dict[int, int]:
    """How many taps of a player were accepted, by round."""
    rows = await connection.fetch(
        "SELECT round, next FROM tapping WHERE person = $1 AND campaign = $2", person, campaign
    )
    return {row["round"]: row["next"] for row in rows}


async def taps_in_all(connection: Connection, campaign: str) -> int:
    taps: int = await connection.fetchval(
        "SELECT coalesce(sum(next), 0)::bigint FROM tapping WHERE campaign = $1", campaign
    )
    return taps


async def players_in_all(connection: Connection, campaign: str) -> int:
    players: int | None = await connection.fetchval(
        "SELECT players FROM campaign_count WHERE campaign = $1", campaign
    )
    return players or 0


async def lock_stock(tx: Tx, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """How much of each (campaign, prize) is released so far, locked until the end."""
    ordered = sorted(set(wanted))
    campaigns, prizes = [pair[0] for pair in ordered], [pair[1] for pair in ordered]
    await tx.connection.execute(
        """
        INSERT INTO stock (campaign, prize, released)
        SELECT *, 0 FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING
        """,
        campaigns,
        prizes,
    )
    rows = await tx.connection.fetch(
        """
        SELECT s.* FROM stock AS s
        JOIN unnest($1::text[], $2::text[]) AS wanted (campaign, prize) USING (campaign, prize)
        ORDER BY campaign, prize
        FOR NO KEY UPDATE OF s
        """,
        campaigns,
        prizes,
    )
    return {(row["campaign"], row["prize"]): row["released"] for row in rows}


async def set_released(tx: Tx, released: Mapping[tuple[str, str], int]) -> None:
    await tx.connection.execute(
        """
        UPDATE stock AS s SET released = r.released
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS r (campaign, prize, released)
        WHERE (s.campaign, s.prize) = (r.campaign, r.prize)
        """,
        [pair[0] for pair in released],
        [pair[1] for pair in released],
        list(released.values()),
    )


async def insert_cash_packets(tx: Tx, packets: Sequence[tuple[PersonId, object, str, int, int, int]]) -> None:
    """Write (person, id, campaign, round, tap, minor) rows."""
    await tx.connection.execute(
        """
        INSERT INTO cash_packet (person, id, campaign, round, tap, minor)
        SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::int[], $5::bigint[], $6::bigint[])
        """,
        *map(list, zip(*packets, strict=True)),
    )
