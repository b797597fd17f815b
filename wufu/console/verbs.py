"""What the console does and sees, one function each."""

from collections.abc import Sequence
from uuid import UUID

from wufu.console import store
from wufu.console.model import (
    CHECKS_KEPT,
    ROLES,
    Act,
    BadOperator,
    BrokenLaw,
    LawCheck,
    Night,
    NotAnOperator,
    Operator,
    Role,
    Sample,
    is_due,
)
from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import IdConflict
from wufu.db import Connection, Database, Law, Tx, check_laws
from wufu.fortune import live_campaigns, see_campaign, see_hours
from wufu.people import see_people

MOST_ACTS = 200

# --- Operators ------------------------------------------------------------------------------------


async def grant_operator(tx: Tx, person: PersonId, role: str) -> None:
    """Give a person a role in the console, or another one. Refusal bad_operator."""
    if role not in ROLES:
        raise BadOperator(why=f"a role is one of {', '.join(ROLES)}")
    if person not in await see_people(tx.connection, [person]):
        raise BadOperator(why="there is no such person")
    await store.put_operator(tx, person, role)


async def revoke_operator(tx: Tx, person: PersonId) -> bool:
    """Take the role away at once; whether there was one."""
    return await store.delete_operator(tx, person)


async def see_operators(connection: Connection) -> list[Operator]:
    """All operators, the longest-serving first."""
    rows = await store.operators(connection)
    names = await see_people(connection, [person for person, *_ in rows])
    return [
        Operator(person, names[person].name, role, granted_at, granted_by)
        for person, role, granted_at, granted_by in rows
        if person in names
    ]


async def see_role(connection: Connection, person: PersonId, needs: Role) -> Role:
    """The person's role, if it reaches as far as is needed. Refusal not_an_operator."""
    role = await store.role_of(connection, person)
    if role is None or (needs == "act" and role != "act"):
        raise NotAnOperator(needs=needs)
    return role


async def note_act(tx: Tx, person: PersonId, act: UUID, verb: str, facts: dict[str, object]) -> bool:
    """Write down what an operator does, in the transaction that does it; False: it was done before.

    Refusals: not_an_operator; id_conflict where the same id names another act.
    """
    await see_role(tx.connection, person, "act")
    if await store.insert_act(tx, person, act, verb, facts):
        return True
    if await store.act_of(tx.connection, person, act) != (verb, facts):
        raise IdConflict(id=str(act))
    return False


async def see_acts(connection: Connection) -> list[Act]:
    """The newest 200 acts of operators."""
    rows = await store.acts(connection, MOST_ACTS)
    names = await see_people(connection, {person for person, *_ in rows})
    return [
        Act(person, names[person].name if person in names else str(person), verb, facts, at)
        for person, verb, facts, at in rows
    ]


# --- Laws -----------------------------------------------------------------------------------------


async def check_all_laws(database: Database, laws: Sequence[Law]) -> LawCheck:
    """Check every law at one instant, and keep the outcome; a month of outcomes is kept."""
    async with database.read() as connection:
        began = database.clock()
        verdicts = await check_laws(connection, laws)
    took = (database.clock() - began).total_seconds()
    broken = [BrokenLaw(one.law, one.violations, one.rows) for one in verdicts if one.violations]
    check = LawCheck(began, max(took, 0.0), len(verdicts), broken)

    async def keep(tx: Tx) -> None:
        await store.insert_check(tx, check)
        await store.forget_checks(tx, tx.now - CHECKS_KEPT)

    await database.run(keep, actor="system/console")
    return check


async def see_laws(connection: Connection) -> LawCheck | None:
    """The newest check of all laws; None before the first."""
    return await store.newest_check(connection)


# --- Nights ---------------------------------------------------------------------------------------


async def sample_nights(tx: Tx) -> int:
    """Keep how every campaign that is on stands now, where its curve wants a point; how many were kept."""
    campaigns = await live_campaigns(tx.connection)
    newest = await store.newest_samples(tx.connection, campaigns)
    kept = 0
    for campaign in campaigns:
        hours = await see_hours(tx.connection, campaign, tx.now)
        at = min(hours.campaign_now, hours.settles_at)
        if at < hours.opens_at or not is_due(newest.get(campaign), at, hours.opens_at, hours.settles_at):
            continue
        seen = await see_campaign(tx.connection, campaign, tx.now)
        await store.insert_sample(tx, campaign, Sample(at, seen.holders, seen.players, seen.taps))
        kept += 1
    return kept


async def see_night(
    connection: Connection, campaign: CampaignId, forecasting: list[str | int] | None = None
) -> Night:
    """A campaign's live curve and its newest forecast."""
    return Night(
        campaign,
        await store.curve(connection, campaign),
        await store.forecast(connection, campaign),
        forecasting,
    )
