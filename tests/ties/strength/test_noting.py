"""Acts as they come in: batches, late days, races; and the same number from scratch."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random

import asyncpg

from tests.conftest import FreshDatabase, TestClock
from tests.people.acts import do, some_people
from tests.world import World
from wufu.core.ids import PersonId
from wufu.db import Database, check_laws
from wufu.ties import (
    Act,
    Strength,
    forget_acts,
    introduce,
    note_acts,
    recompute,
    remove_ties,
    see_acts,
    see_dealings,
    see_shared,
    see_strength,
    see_strengths,
)
from wufu.ties.model import RemoveTie
from wufu.ties.strength import audit
from wufu.ties.strength.model import KINDS, MOST_A_DAY

START = date(2016, 1, 31)


async def note(database: Database, *acts: Act) -> None:
    await do(database, note_acts, acts)


def talk(one: PersonId, other: PersonId, days: Sequence[int], count: int = 4) -> list[Act]:
    """Both say something on these days."""
    return [
        Act(a, b, "message", START + timedelta(days=day), count)
        for day in days
        for a, b in ((one, other), (other, one))
    ]


async def strengths_of(database: Database, person: PersonId, at: datetime) -> dict[PersonId, Strength]:
    async with database.read() as connection:
        return await see_strengths(connection, person, at)


async def kept(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.fetch("SELECT * FROM tie_strength ORDER BY a, b")]


async def test_any_batches_in_any_order_of_days_come_to_the_number_from_scratch(database: Database) -> None:
    people = await some_people(database, 6)
    random = Random(5)
    acts = [
        Act(
            person,
            other,
            random.choice(sorted(KINDS)),
            START + timedelta(days=int(random.paretovariate(0.7)) % 300),
            random.choice([1, 1, 2, 5, 400, 3000]),
            random.random() < 0.2,
        )
        for person, other in (random.sample(people, 2) for _ in range(1_500))
    ]
    done = 0
    while done < len(acts):
        size = random.choice([1, 7, 60, 250])
        await note(database, *acts[done : done + size])
        done += size
    before = await kept(database)
    assert await do(database, recompute, people) == 0
    assert await kept(database) == before
    assert len(before) == 15


async def test_a_late_day_is_put_where_it_belongs(database: Database) -> None:
    one, other = await some_people(database, 2)
    await note(database, *talk(one, other, [0, 10]))
    late = await kept(database)
    await note(database, *talk(one, other, [4]))
    after = await kept(database)
    await do(database, forget_acts, one)
    await note(database, *talk(one, other, [0, 4, 10]))
    assert after == await kept(database) != late


async def test_two_who_note_at_once_lose_nothing(database: Database) -> None:
    people = await some_people(database, 4)
    a, b, *_ = people
    batches = [
        [*talk(a, b, [day], count), Act(a, people[2 + day % 2], "packet", START + timedelta(days=day))]
        for day in range(6)
        for count in (1, 2, 4)
    ]
    Random(2).shuffle(batches)
    await asyncio.gather(*(note(database, *batch) for batch in batches))
    assert await do(database, recompute, people) == 0
    async with database.read() as connection:
        acts = [each for each in await see_acts(connection, a) if each.other == b]
    assert [(each.mine, each.theirs) for each in acts] == [(7, 7)] * 6


async def test_the_law_finds_a_strength_that_is_not_what_the_acts_make(
    database: Database, fresh: FreshDatabase
) -> None:
    people = await some_people(database, 3)
    await note(database, *talk(people[0], people[1], range(0, 60, 3)), *talk(people[1], people[2], [1, 90]))
    right = await kept(database)
    for column, wrong in (
        ("ab", "ab + 1"),
        ("ba", "ba - 1"),
        ("days", "days + 1"),
        ("gap", "gap + 1"),
        ("pace", "pace + 1"),
        ("run", "run + 1"),
        ("squares", "squares + 1"),
        ("before", "'silent'"),
        ("last_day", "last_day + 1"),
        ("first_day", "first_day - 1"),
    ):
        async with database.pool.acquire() as connection:
            await connection.execute(f"UPDATE tie_strength SET {column} = {wrong} WHERE a = $1", people[0])
            (found, _) = await check_laws(connection, audit.LAWS)
        assert found.violations == 1, column
        assert await do(database, recompute, [people[1]]) == 1
        assert await kept(database) == right
    async with database.pool.acquire() as connection:
        await connection.execute(
            "UPDATE tie_act SET ab = ab + 60 WHERE a = $1 AND day = $2", people[0], START
        )
        (found, _) = await check_laws(connection, audit.LAWS)
        assert found.violations == 1
        await connection.execute(
            "UPDATE tie_act SET ab = ab - 60 WHERE a = $1 AND day = $2", people[0], START
        )
        await connection.execute("DELETE FROM tie_strength WHERE a = $1", people[0])
        (_, missing) = await check_laws(connection, audit.LAWS)
        assert missing.violations == 1
    await do(database, recompute, people)


async def test_of_a_large_table_the_law_takes_another_sample_every_day(
    database: Database, fresh: FreshDatabase
) -> None:
    people = await some_people(database, 12)
    pairs = [(one, other) for one in people for other in people if one < other]
    await note(database, *(act for pair in pairs for act in talk(*pair, [0])))
    owner = await asyncpg.connect(fresh.superuser_url)
    await owner.execute(
        f"""
        SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', 'tie_strength',
                                         'reltuples', {3 * audit.SAMPLE}::real)
        """
    )
    await owner.close()
    found: list[list[str]] = []
    for day in (1, 2, 3):
        await note(database, Act(people[0], people[1], "message", START + timedelta(days=day)))
        async with database.pool.acquire() as connection:
            await connection.execute("UPDATE tie_strength SET run = 9 WHERE (a, b) <> ($1, $2)", *people[:2])
            (verdict,) = await check_laws(connection, audit.LAWS[:1])
            rows = await connection.fetch(audit.LAWS[0].sql)
        assert verdict.violations == len(rows) < len(pairs) - 1
        found.append([f"{row['a']} {row['b']}" for row in rows])
    assert len({pair for some in found for pair in some}) == len(pairs) - 1 == sum(map(len, found))
    await do(database, recompute, people)


async def test_absurd_numbers_and_days_break_nothing(database: Database) -> None:
    one, other = await some_people(database, 2)
    far = [date(1, 1, 2), date(1999, 12, 31), date(5000, 1, 1), date(9999, 12, 30)]
    for day in far:
        await note(database, *[Act(one, other, kind, day, 10**25) for kind in sorted(KINDS)] * 2)
    async with database.read() as connection:
        assert {each.mine for each in await see_acts(connection, one)} == {MOST_A_DAY}
    await note(database, Act(one, other, "message", far[-1], 10**25), Act(one, one, "message", START))


async def test_a_strength_is_seen_the_same_from_both_sides_and_by_nobody_else(
    world: World, database: Database, clock: TestClock
) -> None:
    one, other, third, stranger = await world.people(4)
    await world.befriend((one, other), (one, third), (other, third))
    await note(
        database, *talk(one, other, range(20)), Act(one, third, "transfer", START), *talk(one, stranger, [3])
    )
    at = clock.now + timedelta(days=40)
    mine, theirs = await strengths_of(database, one, at), await strengths_of(database, other, at)
    assert mine[other] == theirs[one]
    assert mine.keys() == {other, third}
    async with database.read() as connection:
        for friend, expected in mine.items():
            assert await see_strength(connection, one, friend, at) == expected
            assert await see_strength(connection, friend, one, at) == expected
        assert await see_strength(connection, one, stranger, at) is None
        assert await see_shared(connection, one, stranger, at) is None
    assert mine[other].value > mine[third].value > 0.15  # all three are friends: an overlap of 1
    assert mine[other].state == "silent"
    await world.ask_one(remove_ties, RemoveTie(one, other))
    async with database.read() as connection:
        assert await see_strength(connection, one, other, at) is None


async def test_what_two_share_is_numbers_of_both_sides(
    world: World, database: Database, clock: TestClock
) -> None:
    one, other = await world.people(2)
    await world.befriend((one, other))
    await note(
        database,
        *talk(one, other, [1, 2], 3),
        Act(other, one, "packet", START, 2),
        Act(one, other, "gift", START, campaign=True),
        Act(one, other, "part", START, 5_000),
    )
    async with database.read() as connection:
        shared = await see_shared(connection, other, one, clock.now)
    assert shared is not None
    assert {each.kind: (each.mine, each.theirs) for each in shared.shared} == {
        "message": (6, 6),
        "packet": (2, 0),
        "gift": (0, 1),
    }
    assert (shared.first_on, shared.last_on, shared.days) == (START, START + timedelta(days=2), 3)
    assert (shared.state, shared.since) == ("new", clock.now)


async def test_past_dealings_need_both_sides_no_tie_and_no_campaign(world: World, database: Database) -> None:
    me, friend, met, writer, player = await world.people(5)
    await world.befriend((me, friend))
    await note(
        database,
        *talk(me, friend, [0]),
        *talk(met, me, [0, 5]),
        *(Act(writer, me, "message", START + timedelta(days=day), 50) for day in range(9)),
        Act(me, player, "swap", START, campaign=True),
        Act(player, me, "swap", START, campaign=True),
    )
    async with database.read() as connection:
        assert await see_dealings(connection, me, 10) == {met: 2}
        assert await see_dealings(connection, met, 10) == {me: 2}
        for absurd in (0, -1):
            assert await see_dealings(connection, me, absurd) == {}
        assert len(await see_dealings(connection, me, 10**20)) == 1


async def test_who_is_forgotten_leaves_no_act_and_no_strength(database: Database) -> None:
    low, gone, high = await some_people(database, 3)
    await note(
        database,
        *talk(low, gone, [0, 1]),
        *talk(gone, high, [0, 1]),
        *talk(low, high, [0, 1]),
        Act(gone, low, "cash", START, campaign=True),
    )
    async with database.read() as connection:
        assert len(await see_acts(connection, gone)) == 5
    for _ in range(2):
        await do(database, forget_acts, gone)
        async with database.read() as connection:
            assert await see_acts(connection, gone) == []
            assert len(await see_acts(connection, low)) == 2


async def test_a_person_with_5000_friends_is_read_and_folded_in_one_go(
    world: World, database: Database
) -> None:
    me, *friends = await world.people(5_001)
    await world.run(partial(introduce, pairs=[(me, friend) for friend in friends]))
    everybody = [Act(me, friend, "message", START, 1 + friend % 40) for friend in friends]
    await note(database, *everybody, *(Act(act.other, me, "message", START, 2) for act in everybody))
    found = await strengths_of(database, me, datetime(2016, 4, 1, tzinfo=UTC))
    assert found.keys() == set(friends)
    assert await do(database, recompute, [me]) == 0
    await note(database, Act(me, friends[-1], "transfer", START))
    async with database.read() as connection:
        at = datetime(2016, 4, 1, tzinfo=UTC)
        assert await see_strength(connection, me, friends[0], at) == found[friends[0]]
