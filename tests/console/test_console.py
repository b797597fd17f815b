"""Operators and their roles, the record of their acts, checks of the laws, live curves."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from tests.conftest import FreshDatabase
from tests.world import GALA, World, an_id
from wufu.console import (
    BadOperator,
    NotAnOperator,
    check_all_laws,
    grant_operator,
    note_act,
    revoke_operator,
    sample_nights,
    see_laws,
    see_night,
    see_operators,
    see_role,
)
from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict
from wufu.db import Database, Law, Tx, see_jobs
from wufu.fortune import see_campaign
from wufu.main import LAWS


async def _grant(world: World, person: PersonId, role: str) -> None:
    await world.database.run(lambda tx: grant_operator(tx, person, role), actor="operator/command line")


async def test_a_role_reaches_as_far_as_it_was_granted_and_ends_at_once(world: World) -> None:
    watcher, actor, nobody = await world.people(3)
    await _grant(world, watcher, "watch")
    await _grant(world, actor, "act")
    async with world.database.read() as connection:
        assert await see_role(connection, watcher, "watch") == "watch"
        assert await see_role(connection, actor, "watch") == "act"
        assert [one.person for one in await see_operators(connection)] == [watcher, actor]
        for person, needs in ((watcher, "act"), (nobody, "watch"), (nobody, "act")):
            with pytest.raises(NotAnOperator):
                await see_role(connection, person, needs)  # type: ignore[arg-type]
    assert await world.run(lambda tx: revoke_operator(tx, actor))
    assert not await world.run(lambda tx: revoke_operator(tx, actor))
    async with world.database.read() as connection:
        with pytest.raises(NotAnOperator):
            await see_role(connection, actor, "watch")


async def test_nobody_and_no_invented_role_can_be_granted(world: World) -> None:
    (person,) = await world.people(1)
    with pytest.raises(BadOperator):
        await _grant(world, person, "owner")
    with pytest.raises(BadOperator):
        await _grant(world, PersonId(987_654), "act")


async def test_an_act_is_written_down_once_and_its_id_names_no_other(world: World) -> None:
    actor, watcher = await world.people(2)
    await _grant(world, actor, "act")
    await _grant(world, watcher, "watch")
    act = an_id("stop")

    def note(person: PersonId, id_: UUID, facts: dict[str, object]):  # type: ignore[no-untyped-def]
        return world.run(lambda tx: note_act(tx, person, id_, "pause_round", facts))

    assert await note(actor, act, {"round": 1})
    assert not await note(actor, act, {"round": 1})
    with pytest.raises(IdConflict):
        await note(actor, act, {"round": 2})
    with pytest.raises(NotAnOperator):
        await note(watcher, an_id("other"), {"round": 1})


async def test_the_check_of_all_laws_is_kept_with_the_rows_that_break_them(world: World) -> None:
    bad = Law("nobody is called 玩家2", "SELECT id, name FROM person WHERE name = '玩家2'")
    await world.people(3)
    check = await check_all_laws(world.database, [*LAWS, bad])
    assert check.laws == len(LAWS) + 1
    (broken,) = check.broken
    assert (broken.law, broken.violations, broken.rows[0]["name"]) == (bad.name, 1, "玩家2")
    async with world.database.read() as connection:
        kept = await see_laws(connection)
    assert kept is not None
    assert kept.broken == check.broken
    assert kept.at == check.at


async def test_old_checks_are_forgotten(world: World) -> None:
    await check_all_laws(world.database, LAWS)
    world.clock.now += timedelta(days=31)
    await check_all_laws(world.database, LAWS)
    async with world.database.read() as connection:
        rows = await connection.fetch("SELECT at FROM law_check")
    assert [row["at"] for row in rows] == [world.clock.now]


async def test_a_live_curve_has_points_of_the_campaigns_own_time_and_not_too_many(world: World) -> None:
    await world.campaign()
    (player,) = await world.people(1)
    async with world.database.read() as connection:
        seen = await see_campaign(connection, GALA, world.clock())
    assert await world.run(sample_nights) == 0, "it is not open yet"
    await world.at(seen.rounds[0].opens_at)
    await world.join([player])
    assert await world.run(sample_nights) == 1
    assert await world.run(sample_nights) == 0, "no time has passed in the campaign"
    await world.tap_on(player)
    await world.at(seen.rounds[0].opens_at + timedelta(hours=2))
    assert await world.run(sample_nights) == 1
    async with world.database.read() as connection:
        night = await see_night(connection, GALA)
    assert [one.players for one in night.curve] == [1, 1]
    assert night.curve[0].taps == 0 < night.curve[1].taps
    assert night.curve[1].at == seen.rounds[0].opens_at + timedelta(hours=2)
    assert night.forecast is None


async def test_the_application_can_rewrite_neither_acts_nor_samples(
    database: Database, fresh: FreshDatabase
) -> None:
    async with database.borrow() as connection:
        for statement in (
            "UPDATE operator_act SET verb = 'nothing'",
            "DELETE FROM operator_act",
            "UPDATE night_sample SET holders = 0",
            "DELETE FROM night_sample",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_who_grants_themselves_breaks_a_law(database: Database, world: World) -> None:
    (person,) = await world.people(1)

    async def granted_by_itself(tx: Tx) -> None:
        await grant_operator(tx, person, "act")

    await database.run(granted_by_itself, actor=f"person/{person}")
    check = await check_all_laws(database, LAWS)
    assert [one.law for one in check.broken] == [
        "whoever acted in the console was granted it by somebody at the machine"
    ]
    await world.run(lambda tx: revoke_operator(tx, person))


async def test_jobs_that_ran_are_listed(database: Database) -> None:
    async with database.read() as connection:
        assert await see_jobs(connection) == []
