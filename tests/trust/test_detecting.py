"""From real verbs to cases: the searches over what people and farms really did."""

from datetime import timedelta

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from tests.trust.acts import are_held, befriend, case_of, hear, judge, make_accounts, told
from wufu import main, trust
from wufu.core.ids import PersonId
from wufu.db import Database, Fact, Tx
from wufu.ties import AskTie, Block, RefuseTie, ask_ties, block, refuse_ties
from wufu.trust import count_priors, see_case, suspect_by_hand, sweep
from wufu.trust.edges import count_targets
from wufu.trust.model import RULES, Ask
from wufu.trust.store import signals
from wufu.trust.verbs.detecting import find_devices, find_groups, find_high_scores, find_pace, find_rings


async def registered(database: Database, count: int) -> list[PersonId]:
    """People as if each had registered on a phone of their own."""
    people = await some_people(database, count, "imported")
    async with database.pool.acquire() as connection:
        await signals.put_people(connection, people, True, database.clock())
    return people


async def asks_in(database: Database) -> dict[tuple[PersonId, PersonId], str | None]:
    async with database.read() as connection:
        rows = await connection.fetch("SELECT * FROM trust_ask")
    return {(row["asker"], row["asked"]): row["answer"] for row in rows}


async def test_a_device_with_six_accounts_becomes_one_case_and_grows(
    database: Database, clock: TestClock
) -> None:
    first = await make_accounts(database, clock, 5, "farm")
    assert await find_devices(database) == []
    clock.advance(days=1)
    more = await make_accounts(database, clock, 1, "farm")
    family = await make_accounts(database, clock, 4, "tablet")
    assert await find_devices(database) == [*first, *more]
    assert await find_devices(database) == []
    clock.advance(days=1)
    [last] = await make_accounts(database, clock, 1, "farm")
    assert await find_devices(database) == [last]
    case = await case_of(database, last)
    assert case == await case_of(database, first[0])
    assert await are_held(database, *first, *more, last, *family) == {*first, *more, last}
    async with database.read() as connection:
        shown = await see_case(connection, case)
    assert shown.explained[0].startswith("7 accounts were made on one device from 1 network(s)")


async def test_a_cleared_device_is_left_alone_until_as_many_new_accounts_are_made(
    database: Database, clock: TestClock
) -> None:
    shop = await make_accounts(database, clock, 5, "shop")
    clock.advance(days=1)
    shop += await make_accounts(database, clock, 1, "shop")
    assert await find_devices(database) == shop
    await judge(database, await case_of(database, shop[0]), "clear")
    clock.advance(days=1)
    assert await find_devices(database) == []
    later = await make_accounts(database, clock, 5, "shop")
    assert await find_devices(database) == [], "five since the clearing are what any shop makes"
    clock.advance(days=1)
    later += await make_accounts(database, clock, 1, "shop")
    assert await find_devices(database) == later
    assert await are_held(database, *shop) == set()


async def test_asks_and_their_answers_are_heard_and_a_refusal_is_told_to_nobody(database: Database) -> None:
    a, b, c, d, e = await some_people(database, 5)
    await do(database, ask_ties, [AskTie(a, b), AskTie(a, c), AskTie(a, d), AskTie(a, e)])
    await do(database, refuse_ties, [RefuseTie(c, a)])
    await do(database, block, [Block(d, a)])
    await befriend(database, (a, b))
    kinds = await hear(database)
    assert kinds.count("ties.refused") == 2
    assert await asks_in(database) == {
        (a, b): "accepted",
        (a, c): "refused",
        (a, d): "refused",
        (a, e): None,
    }
    async with database.read() as connection:
        told_a = await connection.fetch("SELECT kind FROM inbox WHERE person = $1", a)
    assert [row["kind"] for row in told_a] == ["ties.accepted"], "the asker's phone hears of no refusal"


async def test_facts_heard_twice_count_once(database: Database) -> None:
    a, b = await some_people(database, 2)
    view = {"person": a, "name": "甲", "avatar": 1}

    async def again(tx: Tx) -> None:
        at = tx.now.isoformat()
        tx.announce(Fact("ties.asked", {"from": view, "at": at}, (b,)))
        for one in (a, b):
            body = {"a": a, "b": b, "at": at, "new": True, "asker": a, "cause": "asked", **view}
            tx.announce(Fact("ties.accepted", body, (one,)))
        tx.announce(Fact("ties.refused", {"asker": a, "person": b, "at": at}))

    for _ in range(2):
        await database.run(again, actor="test")
        await hear(database)
    assert await asks_in(database) == {(a, b): "accepted"}
    async with database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM trust_act") == 1


async def test_accounts_that_ask_the_same_people_in_the_same_minutes_are_one_case(
    database: Database, clock: TestClock
) -> None:
    farm = await some_people(database, 8)
    targets = await some_people(database, 7)
    honest = await some_people(database, 8)
    for place, target in enumerate(targets):
        clock.advance(minutes=20)
        await do(database, ask_ties, [AskTie(one, target) for one in farm])
        # Honest people know some of the same people, but not at the same minutes.
        await hear(database)
        clock.advance(minutes=20 + 7 * place)
        await do(database, ask_ties, [AskTie(honest[place], target), AskTie(honest[place], targets[0])])
        await hear(database)
    assert await find_groups(database) == sorted(farm)
    assert await find_groups(database) == []
    assert await told(database, "trust.suspected") == [sorted(farm)]
    await judge(database, await case_of(database, farm[0]), "clear")
    assert await find_groups(database) == [], "not suspected again for the same evidence"


async def test_a_family_in_step_at_home_is_no_farm(database: Database, clock: TestClock) -> None:
    family = await make_accounts(database, clock, 5, "tablet")
    relatives = await some_people(database, 8)
    for relative in relatives:
        clock.advance(minutes=6)
        await do(database, ask_ties, [AskTie(one, relative) for one in family])
        await hear(database)
    assert await find_groups(database) == []


async def test_a_program_that_accepts_within_a_second_is_found(database: Database, clock: TestClock) -> None:
    askers = await some_people(database, 12)
    [program, slow] = await some_people(database, 2)
    for asker in askers:
        await do(database, ask_ties, [AskTie(asker, program), AskTie(asker, slow)])
        await hear(database)
        clock.advance(seconds=1)
        await befriend(database, (asker, program))
        clock.advance(seconds=4)
        await befriend(database, (asker, slow))
        await hear(database)
    assert await find_pace(database) == [program]


async def test_a_ring_of_new_accounts_is_found_and_a_class_with_families_is_not(
    database: Database, clock: TestClock
) -> None:
    parents = await some_people(database, 10)
    ring, pupils = await registered(database, 11), await registered(database, 11)
    for group in (ring, pupils):
        await befriend(database, *((a, b) for a in group for b in group if a < b))
    await befriend(database, *zip(pupils, parents, strict=False))
    await hear(database)
    assert await find_rings(database) == ring
    assert await are_held(database, *pupils, *parents) == set()


async def test_priors_in_the_database_are_those_of_the_pure_function(
    database: Database, clock: TestClock
) -> None:
    veterans = await some_people(database, 12)
    fakes = await registered(database, 4)
    unknown = await registered(database, 3)
    ties = [(a, b) for a in veterans for b in veterans if a < b and (a * b) % 3]
    await befriend(database, *ties)
    await befriend(database, *((fake, veterans[0]) for fake in fakes), (fakes[0], fakes[1]))
    await do(database, ask_ties, [AskTie(fake, one) for fake in fakes for one in veterans[1:6]])
    await do(database, refuse_ties, [RefuseTie(veterans[1], fake) for fake in fakes])
    await do(database, ask_ties, [AskTie(one, veterans[2]) for one in unknown])
    await hear(database)

    async def catch(tx: Tx) -> None:
        await suspect_by_hand(tx, fakes, "caught")

    await database.run(catch, actor="operator/test")
    clock.advance(days=4)
    await count_priors(database)
    labels = {**dict.fromkeys(fakes, True), **dict.fromkeys(veterans, False)}
    async with database.read() as connection:
        rows = await connection.fetch("SELECT asker, asked, at, answer, answered_at FROM trust_ask")
        asks = [Ask(**row) for row in rows]
        expected, totals = count_targets(asks, labels, RULES.graph, clock.now)
        assert await signals.targets(connection, [*veterans, *fakes, *unknown]) == expected
        counted = await signals.totals(connection)
    assert counted is not None
    assert (counted.fake_asks, counted.real_asks) == (totals.fake_asks, totals.real_asks)
    for mine, theirs in ((counted.fakes, totals.fakes), (counted.reals, totals.reals)):
        assert (mine.asks, mine.accepts) == (theirs.asks, theirs.accepts)
        assert abs(mine.expected - theirs.expected) < 1e-9


async def test_who_begins_like_known_fakes_gets_a_case_and_a_cleared_one_no_other(
    database: Database, clock: TestClock
) -> None:
    veterans = await some_people(database, 20)
    easy, known = veterans[:10], veterans[10:]
    fakes = await registered(database, 10)
    await befriend(database, *((a, b) for a in veterans for b in known if a < b))
    await do(database, ask_ties, [AskTie(fake, one) for fake in fakes for one in easy])
    await hear(database)

    async def catch(tx: Tx) -> None:
        await suspect_by_hand(tx, fakes, "caught")

    await database.run(catch, actor="operator/test")
    clock.advance(days=4)
    await count_priors(database)
    [bad, good, shy] = await registered(database, 3)
    await do(database, ask_ties, [AskTie(bad, one) for one in easy])
    await do(database, ask_ties, [AskTie(good, one) for one in known])
    await do(database, ask_ties, [AskTie(shy, one) for one in easy[:4]])
    await hear(database)
    assert await find_high_scores(database) == [bad], "four asks are too few to tell"
    async with database.read() as connection:
        scores = await signals.scores_of(connection, [bad, good])
    assert scores[bad] > 3 > scores[good]
    await judge(database, await case_of(database, bad), "clear")
    assert await find_high_scores(database) == []
    clock.advance(hours=1)
    await do(database, ask_ties, [AskTie(bad, known[0])])
    await hear(database)
    assert await find_high_scores(database) == [], "what was asked before the clearing counts no more"


async def test_without_known_fakes_there_is_no_score(database: Database) -> None:
    [new] = await registered(database, 1)
    veterans = await some_people(database, 10)
    await count_priors(database)
    await do(database, ask_ties, [AskTie(new, one) for one in veterans])
    await hear(database)
    assert await find_high_scores(database) == []
    async with database.read() as connection:
        assert await signals.scores_of(connection, [new]) == {}


async def test_asks_and_acts_are_forgotten_in_time(database: Database, clock: TestClock) -> None:
    a, b = await some_people(database, 2)
    await do(database, ask_ties, [AskTie(a, b)])
    await hear(database)
    for days, asks, acts in ((2, 1, 1), (2, 1, 0), (57, 0, 0)):
        clock.now += timedelta(days=days)
        await do(database, sweep)
        async with database.read() as connection:
            assert await connection.fetchval("SELECT count(*) FROM trust_ask") == asks
            assert await connection.fetchval("SELECT count(*) FROM trust_act") == acts


def test_the_server_lets_trust_hear_beside_whoever_else_hears() -> None:
    for kind, listeners in trust.LISTENERS.items():
        assert set(listeners) <= set(main.LISTENERS[kind])
    assert len(main.LISTENERS["ties.accepted"]) > 1, "fortune counts new friends from the same fact"
    assert {job.name for job in trust.jobs()} >= {"suspect devices", "count trust priors", "sweep trust"}
