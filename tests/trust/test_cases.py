"""Cases: who is held, what is told, and what only an operator may do."""

import asyncio
from uuid import UUID

import pytest

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from tests.trust.acts import OPERATOR, announced, are_held, case_of, hear, judge, suspected, told
from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed, Refusal, UnknownPerson
from wufu.db import Database, Tx
from wufu.trust import (
    AlreadyAsked,
    BadWords,
    NotDecidable,
    NotLookedAt,
    UnknownCase,
    ask_for_review,
    decide,
    export_person,
    forget_person,
    see_case,
    see_mine,
    see_queue,
    see_report,
    suspect_by_hand,
)
from wufu.trust.model import Suspicion
from wufu.trust.verbs.detecting import suspect


async def test_who_is_suspected_is_held_until_an_operator_clears_them(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    case = await suspected(database, [a, b])
    assert await are_held(database, a, b, c) == {a, b}
    assert await told(database, "trust.suspected") == [[a, b]]
    done = await judge(database, case, "clear")
    assert (done.state, done.released) == ("cleared", [a, b])
    assert await are_held(database, a, b, c) == set()
    assert await told(database, "trust.cleared") == [[a, b]]


async def test_nobody_asked_is_nobody_held(database: Database) -> None:
    assert await are_held(database) == set()
    assert await are_held(database, PersonId(2**62), PersonId(1)) == set()


async def test_confirmed_people_stay_held_and_can_be_lifted(database: Database) -> None:
    a, b = await some_people(database, 2)
    case = await suspected(database, [a, b])
    assert (await judge(database, case, "confirm")).released == []
    assert await are_held(database, a, b) == {a, b}
    assert await told(database, "trust.cleared") == []
    assert (await judge(database, case, "lift", [a])).released == [a]
    assert await are_held(database, a, b) == {b}
    done = await judge(database, case, "lift")
    assert (done.state, done.released) == ("cleared", [b])
    async with database.read() as connection:
        decisions = (await see_case(connection, case)).decisions
    assert [(one.number, one.verb, one.people) for one in decisions] == [
        (1, "confirm", [a, b]),
        (2, "lift", [a]),
        (3, "lift", [b]),
    ]
    assert {one.actor for one in decisions} == {OPERATOR}


async def test_a_decision_made_twice_is_made_once(database: Database) -> None:
    [a] = await some_people(database, 1)
    case = await suspected(database, [a])
    assert (await judge(database, case, "clear")).released == [a]
    again = await judge(database, case, "clear")
    assert (again.state, again.released) == ("cleared", [])
    assert await told(database, "trust.cleared") == [[a]]
    with pytest.raises(NotDecidable):
        await judge(database, case, "confirm")


async def test_only_an_operator_decides(database: Database) -> None:
    [a] = await some_people(database, 1)
    case = await suspected(database, [a])

    async def clear(tx: Tx) -> object:
        return await decide(tx, case, "clear", "it is me")

    for actor in (f"person/{a}", "system/jobs", "edge/register", "xoperator/1"):
        with pytest.raises(NotAllowed):
            await database.run(clear, actor=actor)

    async def by_hand(tx: Tx) -> object:
        return await suspect_by_hand(tx, [a], "I do not like them")

    with pytest.raises(NotAllowed):
        await database.run(by_hand, actor=f"person/{a}")
    assert await are_held(database, a) == {a}


async def test_some_of_a_case_are_cleared_and_the_rest_confirmed(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    case = await suspected(database, [a, b])
    with pytest.raises(UnknownPerson):
        await judge(database, case, "clear", [c])
    with pytest.raises(NotDecidable):
        await judge(database, case, "confirm", [a])
    done = await judge(database, case, "clear", [a])
    assert (done.state, done.released) == ("open", [a])
    assert (await judge(database, case, "confirm")).state == "confirmed"
    assert await are_held(database, a, b) == {b}


async def test_two_cases_hold_until_both_let_go(database: Database) -> None:
    [a] = await some_people(database, 1)
    first = await suspected(database, [a], "device")
    second = await suspected(database, [a], "graph", f"person/{a}")
    assert first != second
    assert await told(database, "trust.suspected") == [[a]], "one who is held already is no news"
    assert (await judge(database, first, "clear")).released == []
    assert await told(database, "trust.cleared") == []
    assert (await judge(database, second, "clear")).released == [a]


async def test_the_same_finding_again_changes_nothing(database: Database) -> None:
    a, b = await some_people(database, 2)
    case = await suspected(database, [a, b])
    assert await suspected(database, [a, b]) == case
    assert await told(database, "trust.suspected") == [[a, b]]
    async with database.read() as connection:
        assert len(await see_queue(connection)) == 1


async def test_an_open_case_grows_and_a_confirmed_one_does_not(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    case = await suspected(database, [a])
    assert await suspected(database, [a, b]) == case
    async with database.read() as connection:
        assert [one.person for one in (await see_case(connection, case)).suspects] == [a, b]
    await judge(database, case, "confirm")
    await suspected(database, [a, b, c])
    fresh = await case_of(database, c)
    assert fresh != case, "nobody decided about the new one yet"
    assert await case_of(database, a) == case
    assert await told(database, "trust.suspected") == [[a], [b], [c]]


async def test_a_clearing_the_search_did_not_know_of_is_not_overturned(database: Database) -> None:
    a, b = await some_people(database, 2)
    case = await suspected(database, [a, b])
    await judge(database, case, "clear", [a])
    await judge(database, case, "clear")
    # This search read before the decisions: it knows of no clearing.
    stale = Suspicion("device", "d1", (a, b), {"accounts": 2})
    assert await do(database, suspect, [stale], {}) == []
    assert await are_held(database, a, b) == set()


async def test_a_suspicion_and_a_clearing_at_once_leave_no_half_state(database: Database) -> None:
    """Whoever comes first, the laws hold, and held means suspected after the clearing's knowledge."""
    people = await some_people(database, 6)
    case = await suspected(database, people[:3])
    found = Suspicion("device", "d1", tuple(people), {"accounts": 6})

    async def clear() -> object:
        try:
            return await judge(database, case, "clear")
        except Refusal as refusal:
            return refusal

    await asyncio.gather(*(do(database, suspect, [found], {}) for _ in range(3)), clear(), clear())
    held = await are_held(database, *people)
    # Cleared before or after the others were added: the first three are free either way, unless the case
    # had grown by then, when all six are.
    assert held in (set(), set(people[3:]))
    suspected_ = [one for named in await told(database, "trust.suspected") for one in named]
    cleared = [one for named in await told(database, "trust.cleared") for one in named]
    assert sorted(suspected_) == sorted([*cleared, *held]), "every fact once"


async def test_the_person_learns_that_and_nothing_else(database: Database) -> None:
    a, b = await some_people(database, 2)
    async with database.read() as connection:
        mine = await see_mine(connection, a)
    assert (mine.looked_at, mine.since, mine.can_ask, mine.asked_at) == (False, None, False, None)
    await suspected(database, [a, b])
    async with database.read() as connection:
        mine = await see_mine(connection, a)
    assert (mine.looked_at, mine.since, mine.can_ask) == (True, database.clock(), True)


async def test_a_review_is_asked_for_once_and_comes_first(database: Database, clock: TestClock) -> None:
    people = await some_people(database, 6)
    quiet = await suspected(database, people[1:], "circle", "c1")
    loud = await suspected(database, people[:1])
    with pytest.raises(NotLookedAt):
        await do(database, ask_for_review, PersonId(999), "please")
    for words in ("", "  ", "x" * 501, "\x00", "\ud800"):
        with pytest.raises(BadWords):
            await do(database, ask_for_review, people[0], words)
    asked = await do(database, ask_for_review, people[0], " We share a shop's tablet. ")
    assert (asked.can_ask, asked.asked_at) == (False, clock.now)
    assert await do(database, ask_for_review, people[0], "We share a shop's tablet.") == asked
    with pytest.raises(AlreadyAsked):
        await do(database, ask_for_review, people[0], "Hurry up.")
    async with database.read() as connection:
        assert [one.case for one in await see_queue(connection)] == [loud, quiet]
        assert (await see_case(connection, loud)).suspects[0].words == "We share a shop's tablet."
    await judge(database, loud, "clear")
    with pytest.raises(NotLookedAt):
        await do(database, ask_for_review, people[0], "again")


async def test_an_operator_opens_a_case_by_hand(database: Database) -> None:
    a, b = await some_people(database, 2)

    async def open_(tx: Tx) -> object:
        return await suspect_by_hand(tx, [a, b, a], "sold cards in a forum")

    case = await database.run(open_, actor=OPERATOR)
    assert await are_held(database, a, b) == {a, b}
    assert await database.run(open_, actor=OPERATOR) == case
    async with database.read() as connection:
        shown = await see_case(connection, case)  # type: ignore[arg-type]
    assert shown.explained == ["sold cards in a forum (operator/test)"]

    async def of_nobody(tx: Tx) -> object:
        return await suspect_by_hand(tx, [PersonId(2**62)], "who?")

    with pytest.raises(UnknownPerson):
        await database.run(of_nobody, actor=OPERATOR)


async def test_an_unknown_case_is_refused(database: Database) -> None:
    [a] = await some_people(database, 1)
    await suspected(database, [a])
    nowhere = UUID(int=7)
    with pytest.raises(UnknownCase):
        await judge(database, nowhere, "clear")
    async with database.read() as connection:
        with pytest.raises(UnknownCase):
            await see_case(connection, nowhere)


async def test_the_report_says_how_often_a_detector_was_right(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    for person, verdict in ((a, "confirm"), (b, "clear")):
        case = await suspected(database, [person], "graph", f"person/{person}")
        await judge(database, case, verdict)  # type: ignore[arg-type]
    await suspected(database, [c], "graph", f"person/{c}")
    async with database.read() as connection:
        assert await see_report(connection) == {
            "held": 2,
            "kinds": {"graph": {"open": 1, "confirmed": 1, "cleared": 1, "right": 0.5}},
        }


async def test_who_leaves_is_forgotten_and_the_case_still_stands(database: Database) -> None:
    a, b = await some_people(database, 2)
    case = await suspected(database, [a, b])
    await do(database, ask_for_review, a, "it was not me")
    await do(database, forget_person, a)
    await do(database, forget_person, a)
    assert await are_held(database, a, b) == {b}
    async with database.read() as connection:
        assert [one.person for one in (await see_case(connection, case)).suspects] == [b]
        kept = await export_person(connection, a)
        text = str(
            [
                dict(row)
                for table in ("trust_mark", "trust_person", "trust_suspect", "trust_pardon", "trust_score")
                for row in await connection.fetch(f"SELECT * FROM {table} WHERE person = $1", a)
            ]
        )
    assert (kept["known_since"], kept["reviews"], text) == (None, [], "[]")
    await judge(database, case, "clear")


async def test_facts_name_people_and_a_time_and_go_to_no_phone(database: Database) -> None:
    [a] = await some_people(database, 1)
    case = await suspected(database, [a])
    await judge(database, case, "clear")
    at = database.clock().isoformat().replace("+00:00", "Z")
    assert await announced(database, "trust.suspected") == [{"people": [a], "at": at}]
    assert await announced(database, "trust.cleared") == [{"people": [a], "at": at}]
    await hear(database)
    async with database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM inbox") == 0
