"""By the clock: look for farmed accounts, and open cases.

Each search reads, judges outside any transaction (in a thread where it is heavy), and hands what it found to
`suspect`, which decides under the lock of trust. Between reading and that lock an operator may have cleared
somebody: whoever's clearing the search did not know of is left out, and is judged anew next time.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from wufu.core.ids import PersonId
from wufu.db import Connection, Database, Fact, Only, Tx, wait_lock
from wufu.trust.edges import accepted_by, is_usable, score
from wufu.trust.farms import find_circles, judge_device, judge_pace
from wufu.trust.lockstep import find_lockstep
from wufu.trust.model import ACTS_KEPT, ASKS_KEPT, MARKS_KEPT, RULES, Ask, Kind, Suspicion, slot_of
from wufu.trust.store import cases, signals

MOST_IN_A_CASE = 2_000
MOST_ACTS = 500_000
MOST_ASKS = 200_000
MOST_NEWCOMERS = 50_000
SCORED_AT_ONCE = 500
MOST_SCORES = 500
LOCKSTEP_WINDOW = timedelta(hours=24)
PACE_WINDOW = timedelta(minutes=15)
FRESH_FOR = timedelta(minutes=15)
"""Scores are counted each minute of whoever asked or was answered since; a job that paused catches up."""

Since = Mapping[PersonId, datetime]


async def suspect(tx: Tx, found: Sequence[Suspicion], since: Since) -> list[PersonId]:
    """Open cases, or add people to open ones, and hold their rewards; who is newly held.

    `since` are the clearings the search knew of. Announces `trust.suspected` {people, at} of those whom no
    case held before. Whom a case of the same kind holds already stays with that one.
    """
    await wait_lock(tx, Only.TRUST)
    everybody = {person for one in found for person in one.people}
    before = await cases.held(tx.connection, everybody)
    for one in found:
        await _suspect_one(tx, one, since)
    news = sorted(await cases.held(tx.connection, everybody) - before)
    if news:
        tx.announce(Fact("trust.suspected", {"people": news, "at": tx.now}))
    return news


async def _suspect_one(tx: Tx, found: Suspicion, since: Since) -> None:
    pardons = await cases.pardons(tx.connection, found.kind, found.people)
    known = [one for one in found.people if pardons.get(one) == since.get(one)][:MOST_IN_A_CASE]
    already = await cases.cases_by(tx.connection, found.kind, known)
    fresh = [person for person in known if person not in already]
    if not fresh:
        return
    case = await cases.open_case_on(tx.connection, found.kind, found.subject) or _commonest(already)
    if case is None:
        case = tx.chance.uuid7(tx.now)
        await cases.insert_case(tx.connection, case, found, tx.now)
    else:
        await cases.grow_case(tx.connection, case, found.evidence, tx.now)
    await cases.hold(tx.connection, case, fresh, tx.now)


def _commonest(already: Mapping[PersonId, tuple[UUID, bool]]) -> UUID | None:
    """The open case most of a group are in; those in confirmed ones stay there and draw nobody in."""
    counted = Counter(case for case, is_open in already.values() if is_open)
    return min(counted, key=lambda case: (-counted[case], case), default=None)


async def find_devices(database: Database) -> list[PersonId]:
    """Look for devices on which too many accounts were made in the last 30 days."""
    now, rule = database.clock(), RULES.device
    async with database.read() as connection:
        fewest = min(rule.fewest_accounts, rule.fewest_with_haste)
        crowded = await signals.crowded_devices(connection, now - MARKS_KEPT, fewest, MOST_IN_A_CASE)
        since = await _since(connection, "device", now)
    found = [one for made in crowded if (one := judge_device(made, rule, since))]
    return await _tell(database, found, since)


async def find_pace(database: Database) -> list[PersonId]:
    """Look for people who asked or accepted faster than hands can."""
    now, rule = database.clock(), RULES.pace
    async with database.read() as connection:
        fewest = rule.most_asks_a_minute, min(rule.most_accepts_a_minute, rule.fewest_hasty)
        asks = await signals.busy_asks(connection, now - PACE_WINDOW, *fewest, MOST_ASKS)
        since = await _since(connection, "pace", now)
    found = await asyncio.to_thread(judge_pace, asks, rule, since)
    return await _tell(database, found, since)


async def find_groups(database: Database) -> list[PersonId]:
    """Look for accounts in lockstep within a day."""
    now, rule = database.clock(), RULES.lockstep
    async with database.read() as connection:
        first = slot_of(now - LOCKSTEP_WINDOW)
        acts = await signals.busy_acts(connection, first, rule.least_shared, MOST_ACTS)
        since = await _since(connection, "lockstep", now)
        networks = await signals.networks_of(connection, {act.person for act in acts})
    # What was done up to a clearing does not count; the slot it happened in goes with it.
    counted = [act for act in acts if act.person not in since or act.slot > slot_of(since[act.person])]
    found = await asyncio.to_thread(find_lockstep, counted, rule, networks)
    return await _tell(database, found, since)


async def find_rings(database: Database) -> list[PersonId]:
    """Look for circles of new accounts that know nobody else."""
    now, rule = database.clock(), RULES.circle
    async with database.read() as connection:
        newcomers = await signals.newcomers(connection, now - rule.new_for, MOST_NEWCOMERS)
        people = [one.person for one in newcomers]
        ties = await signals.accepted_among(connection, people)
        networks = await signals.networks_of(connection, people)
        scores = await signals.scores_of(connection, people)
        since = await _since(connection, "circle", now)
    found = await asyncio.to_thread(find_circles, newcomers, ties, networks, scores, rule, since)
    return await _tell(database, found, since)


async def find_high_scores(database: Database) -> list[PersonId]:
    """Count the scores of new accounts to whose asks something happened; cases of those that are high."""
    now, rule = database.clock(), RULES.graph
    found = []
    async with database.read() as connection:
        fresh = await signals.fresh_askers(connection, now - FRESH_FOR, now - rule.new_for, MOST_NEWCOMERS)
    await count_scores(database, fresh)
    async with database.read() as connection:
        totals = await signals.totals(connection)
        if totals is None or not is_usable(totals, rule):
            return []
        high = await signals.high_scores(connection, rule.suspect_from, rule.fewest_asks, MOST_SCORES)
        already = await cases.cases_by(connection, "graph", high)
        since = await cases.pardons(connection, "graph", high)
        asks = await signals.asks_of(connection, [one for one in high if one not in already], rule.most_asks)
        targets = await signals.targets(connection, {ask.asked for its in asks.values() for ask in its})
    for person, its in sorted(asks.items()):
        counted = _after(its, since.get(person))
        scored = score(counted, targets, totals, rule, now)
        if scored.log_odds < rule.suspect_from or scored.asks < rule.fewest_asks:
            continue
        evidence: dict[str, object] = {
            "log_odds": round(scored.log_odds, 3),
            "asks": scored.asks,
            "accepted": sum(accepted_by(ask, rule, now) is True for ask in counted),
            "selection": round(scored.selection, 3),
            "response": round(scored.response, 3),
        }
        found.append(Suspicion("graph", f"person/{person}", (person,), evidence))
    return await _tell(database, found, since)


async def _since(connection: Connection, kind: Kind, now: datetime) -> Since:
    """Clearings that can still matter: older ones are older than all evidence that is kept."""
    return await cases.pardons_since(connection, kind, now - ASKS_KEPT)


async def _tell(database: Database, found: Sequence[Suspicion], since: Since) -> list[PersonId]:
    if not found:
        return []

    async def work(tx: Tx) -> list[PersonId]:
        return await suspect(tx, found, since)

    return await database.run(work, actor="system/trust")


async def count_scores(database: Database, people: Sequence[PersonId]) -> None:
    """Count the graph scores of new accounts, some at a time."""
    for first in range(0, len(people), SCORED_AT_ONCE):
        some = people[first : first + SCORED_AT_ONCE]

        async def work(tx: Tx, some: Sequence[PersonId] = some) -> None:
            await _score(tx, some)

        await database.run(work, actor="system/trust")


async def _score(tx: Tx, people: Sequence[PersonId]) -> None:
    rule = RULES.graph
    totals = await signals.totals(tx.connection)
    if totals is None or not is_usable(totals, rule):
        return
    asks = await signals.asks_of(tx.connection, people, rule.most_asks)
    since = await cases.pardons(tx.connection, "graph", asks)
    counted = {person: _after(its, since.get(person)) for person, its in asks.items()}
    targets = await signals.targets(tx.connection, {ask.asked for its in counted.values() for ask in its})
    scored = {person: score(its, targets, totals, rule, tx.now) for person, its in counted.items() if its}
    scores = {person: (one.log_odds, one.asks) for person, one in scored.items()}
    await signals.put_scores(tx.connection, scores, tx.now)


def _after(asks: Sequence[Ask], cleared_at: datetime | None) -> list[Ask]:
    """What was asked before a clearing counts no more."""
    return [ask for ask in asks if cleared_at is None or ask.at > cleared_at]


async def count_priors(database: Database) -> None:
    """By the clock: count anew how fakes and real people ask each target, and score who is new by that."""
    rule = RULES.graph

    async def work(tx: Tx) -> list[PersonId]:
        await wait_lock(tx, Only.TRUST)
        await signals.count_targets(
            tx.connection, tx.now - rule.new_for, tx.now - rule.ignored_after, rule.response_prior, tx.now
        )
        # Also those to whom nothing happened: an ask that is not answered for days is an answer.
        after = tx.now - rule.new_for
        return await signals.fresh_askers(tx.connection, after, after, MOST_NEWCOMERS)

    await count_scores(database, await database.run(work, actor="system/trust"))


async def sweep(tx: Tx) -> None:
    """By the clock: forget marks after 30 days, asks after 60, acts after three."""
    await signals.sweep(tx.connection, tx.now - MARKS_KEPT, tx.now - ASKS_KEPT, slot_of(tx.now - ACTS_KEPT))
