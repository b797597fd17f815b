"""New friends, the cards given for them, and the cards that are held."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from wufu.core.ids import PersonId
from wufu.db import Connection, Tx
from wufu.fortune.rewards import Counted


class Due(msgspec.Struct, frozen=True):
    """A player with counted friends: `claimed` cards were given or are held already; `holding`: some are
    held.
    """

    person: PersonId
    number: int
    counted: int
    claimed: int
    holding: bool


class Hold(msgspec.Struct, frozen=True):
    """Cards that are due and held: the draws `first` to `first + cards - 1` of the player."""

    person: PersonId
    number: int
    first: int
    cards: int
    late: bool


class Reward(msgspec.Struct, frozen=True):
    """Cards given to a player: their draws from `first` on."""

    person: PersonId
    first: int
    cards: tuple[str, ...]


class CountedRow(msgspec.Struct, frozen=True):
    person: PersonId
    campaign: str
    friend: PersonId
    design: str
    rewarded: bool
    at: datetime


class LateShare(msgspec.Struct, frozen=True):
    person: PersonId
    campaign: str
    minor: int


# --- Friends that count ---------------------------------------------------------------------------


async def counted_pairs(
    connection: Connection, campaign: str, people: Sequence[PersonId]
) -> dict[tuple[PersonId, PersonId], bool]:
    """The (person, friend) pairs of these people that are counted already, and which are rewarded."""
    rows = await connection.fetch(
        "SELECT person, friend, rewarded FROM new_friend WHERE campaign = $1 AND person = ANY($2::bigint[])",
        campaign,
        people,
    )
    return {(row["person"], row["friend"]): row["rewarded"] for row in rows}


async def insert_counted(tx: Tx, campaign: str, design: str, counted: Sequence[Counted]) -> None:
    """Write down each (person, friend): once, ever, for a campaign."""
    await tx.connection.execute(
        """
        INSERT INTO new_friend (person, campaign, friend, design, rewarded, at)
        SELECT person, $1, friend, $2, rewarded, $6
        FROM unnest($3::bigint[], $4::bigint[], $5::boolean[]) AS made (person, friend, rewarded)
        """,
        campaign,
        design,
        [one.person for one in counted],
        [one.friend for one in counted],
        [one.rewarded for one in counted],
        tx.now,
    )


async def see_counted(
    connection: Connection,
    campaign: str,
    after: tuple[PersonId, PersonId] = (PersonId(0), PersonId(0)),
    limit: int = 10_000,
) -> list[CountedRow]:
    """The counted friends of a campaign, in the order of (person, friend), from after that pair on."""
    rows = await connection.fetch(
        """
        SELECT person, campaign, friend, design, rewarded, at FROM new_friend
        WHERE campaign = $1 AND (person, friend) > ($2, $3) ORDER BY person, friend LIMIT $4
        """,
        campaign,
        *after,
        limit,
    )
    return [CountedRow(**row) for row in rows]


async def friends_made(connection: Connection, person: PersonId, campaign: str) -> tuple[int, int]:
    """How many new friends a person made, and how many of them count towards cards."""
    row = await connection.fetchrow(
        """
        SELECT count(*) AS friends, count(*) FILTER (WHERE rewarded) AS counted
        FROM new_friend WHERE person = $1 AND campaign = $2
        """,
        person,
        campaign,
    )
    assert row is not None
    return row["friends"], row["counted"]


# --- Cards that are due ---------------------------------------------------------------------------


async def due_rewards(
    tx: Tx, campaign: str, least: int, most_cards: int, people: Sequence[PersonId] | None
) -> list[Due]:
    """Players with at least `least` counted friends and fewer than `most_cards` cards given or held.

    `people` narrows it down; None looks at everybody.
    """
    rows = await tx.connection.fetch(
        """
        WITH ready AS (
            SELECT person, count(*) FILTER (WHERE rewarded) AS counted FROM new_friend
            WHERE campaign = $1 AND ($4::bigint[] IS NULL OR person = ANY($4))
            GROUP BY person HAVING count(*) FILTER (WHERE rewarded) >= $2
        ), given AS (
            SELECT person, sum(cardinality(cards)) AS cards FROM friend_reward
            WHERE campaign = $1 AND ($4::bigint[] IS NULL OR person = ANY($4)) GROUP BY person
        ), held AS (
            SELECT person, sum(cards) AS cards FROM reward_hold
            WHERE campaign = $1 AND state = 'held' AND ($4::bigint[] IS NULL OR person = ANY($4))
            GROUP BY person
        )
        SELECT p.person, p.number, r.counted,
               (coalesce(g.cards, 0) + coalesce(h.cards, 0))::int AS claimed, h.cards IS NOT NULL AS holding
        FROM player AS p JOIN ready AS r USING (person)
             LEFT JOIN given AS g USING (person) LEFT JOIN held AS h USING (person)
        WHERE p.campaign = $1 AND coalesce(g.cards, 0) + coalesce(h.cards, 0) < $3
        ORDER BY p.person
        """,
        campaign,
        least,
        most_cards,
        people,
    )
    return [Due(**row) for row in rows]


async def insert_rewards(tx: Tx, campaign: str, rewards: Sequence[Reward]) -> None:
    await tx.connection.execute(
        """
        INSERT INTO friend_reward (person, campaign, first, cards, at)
        SELECT person, $1, first, string_to_array(cards, ','), $5
        FROM unnest($2::bigint[], $3::int[], $4::text[]) AS r (person, first, cards)
        """,
        campaign,
        [one.person for one in rewards],
        [one.first for one in rewards],
        [",".join(one.cards) for one in rewards],
        tx.now,
    )


async def reward_cards(connection: Connection, person: PersonId, campaign: str) -> list[str]:
    """The cards a person got for new friends, in the order they were drawn."""
    rows = await connection.fetch(
        "SELECT cards FROM friend_reward WHERE person = $1 AND campaign = $2 ORDER BY first", person, campaign
    )
    return [card for row in rows for card in row["cards"]]


# --- Cards that are held --------------------------------------------------------------------------


async def insert_holds(tx: Tx, campaign: str, holds: Sequence[tuple[PersonId, int, int]]) -> None:
    """Hold cards of people: (person, first draw, cards)."""
    await tx.connection.execute(
        """
        INSERT INTO reward_hold (person, campaign, first, cards, state, held_at)
        SELECT person, $1, first, cards, 'held', $5
        FROM unnest($2::bigint[], $3::int[], $4::int[]) AS h (person, first, cards)
        """,
        campaign,
        *map(list, zip(*holds, strict=True)),
        tx.now,
    )


async def held_people(
    connection: Connection, people: Sequence[PersonId] | None
) -> list[tuple[str, PersonId]]:
    """(campaign, person) with cards that are held, among these people or all."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT campaign, person FROM reward_hold
        WHERE state = 'held' AND ($1::bigint[] IS NULL OR person = ANY($1)) ORDER BY campaign, person
        """,
        people,
    )
    return [(row["campaign"], row["person"]) for row in rows]


async def lock_holds(tx: Tx, campaign: str, people: Sequence[PersonId]) -> list[Hold]:
    """What is held of these people's cards, in order, locked."""
    rows = await tx.connection.fetch(
        """
        SELECT h.person, p.number, h.first, h.cards, h.late FROM reward_hold AS h
        JOIN player AS p USING (person, campaign)
        WHERE h.campaign = $1 AND h.state = 'held' AND h.person = ANY($2::bigint[])
        ORDER BY h.person, h.first FOR NO KEY UPDATE OF h
        """,
        campaign,
        people,
    )
    return [Hold(**row) for row in rows]


async def end_holds(tx: Tx, campaign: str, people: Sequence[PersonId] | None, state: str) -> None:
    """What is held of these people's cards (None: of everybody's) was given, or is void."""
    await tx.connection.execute(
        """
        UPDATE reward_hold SET state = $3, ended_at = $4
        WHERE campaign = $1 AND state = 'held' AND ($2::bigint[] IS NULL OR person = ANY($2))
        """,
        campaign,
        people,
        state,
        tx.now,
    )


async def mark_late(tx: Tx, campaign: str) -> None:
    """The pool is being split: what is still held is late."""
    await tx.connection.execute(
        "UPDATE reward_hold SET late = true WHERE campaign = $1 AND state = 'held'", campaign
    )


async def late_people(connection: Connection, campaign: str) -> int:
    """How many people's cards were held when the pool was split."""
    found: int = await connection.fetchval(
        "SELECT count(DISTINCT person) FROM reward_hold WHERE campaign = $1 AND late", campaign
    )
    return found


async def cards_held(connection: Connection, person: PersonId, campaign: str) -> int:
    found: int = await connection.fetchval(
        """
        SELECT coalesce(sum(cards), 0)::int FROM reward_hold
        WHERE person = $1 AND campaign = $2 AND state = 'held'
        """,
        person,
        campaign,
    )
    return found


# --- Late shares ----------------------------------------------------------------------------------


async def insert_late_shares(tx: Tx, shares: Sequence[LateShare]) -> None:
    await tx.connection.execute(
        """
        INSERT INTO late_share (person, campaign, minor, due_at)
        SELECT *, $4 FROM unnest($1::bigint[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING
        """,
        [one.person for one in shares],
        [one.campaign for one in shares],
        [one.minor for one in shares],
        tx.now,
    )


async def take_late_shares(tx: Tx, limit: int) -> list[LateShare]:
    """Late shares that are not paid and nobody else is paying, the oldest first, locked."""
    rows = await tx.connection.fetch(
        """
        SELECT person, campaign, minor FROM late_share WHERE paid_at IS NULL
        ORDER BY due_at, person LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
        """,
        limit,
    )
    return [LateShare(**row) for row in rows]


async def late_shares_due(connection: Connection, person: PersonId) -> list[int]:
    """What a person is still owed for cards that were held when a pool was split; in fen."""
    rows = await connection.fetch(
        "SELECT minor FROM late_share WHERE person = $1 AND paid_at IS NULL", person
    )
    return [row["minor"] for row in rows]


async def set_late_shares_paid(tx: Tx, paid: Sequence[LateShare]) -> None:
    await tx.connection.execute(
        """
        UPDATE late_share AS l SET paid_at = $3
        FROM unnest($1::bigint[], $2::text[]) AS p (person, campaign)
        WHERE (l.person, l.campaign) = (p.person, p.campaign)
        """,
        [one.person for one in paid],
        [one.campaign for one in paid],
        tx.now,
    )


async def late_share_of(connection: Connection, person: PersonId, campaign: str) -> int | None:
    """The late share that a person was paid, in fen."""
    found: int | None = await connection.fetchval(
        "SELECT minor FROM late_share WHERE person = $1 AND campaign = $2 AND paid_at IS NOT NULL",
        person,
        campaign,
    )
    return found
