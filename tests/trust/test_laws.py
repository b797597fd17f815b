"""The laws of trust can be broken, and say so."""

import pytest

from tests.people.acts import some_people
from tests.trust.acts import judge, suspected
from wufu.db import Database, check_laws, counted
from wufu.trust import LAWS


@pytest.mark.parametrize(
    ("broken", "law"),
    [
        (
            "UPDATE trust_case SET state = 'cleared', decided_at = opened_at WHERE state = 'open'",
            "every held person has an open or confirmed case",
        ),
        (
            "UPDATE trust_suspect SET released_at = held_at WHERE released_at IS NULL",
            "nobody is cleared of a suspicion but by an operator",
        ),
        (
            "UPDATE trust_case SET decided_at = decided_at + interval '1 second' WHERE state <> 'open'",
            "a case stands as it was last decided",
        ),
        (
            """
            INSERT INTO trust_decision ("case", number, verb, actor, why, people, at)
            SELECT id, 7, 'confirm', 'operator/x', 'y', '{}', opened_at FROM trust_case
            """,
            "decisions about a case are numbered without holes",
        ),
        (
            "UPDATE trust_suspect SET released_at = NULL",
            "who was cleared is not held for the same kind of evidence from before",
        ),
    ],
)
async def test_a_broken_law_is_seen(database: Database, broken: str, law: str) -> None:
    a, b, c = await some_people(database, 3)
    await suspected(database, [a])
    await judge(database, await suspected(database, [b], "graph", "person/b"), "clear")
    await judge(database, await suspected(database, [c], "pace", "person/c"), "confirm")
    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        assert not any(counted(await check_laws(connection, LAWS)).values())
        await connection.execute(broken)
        assert counted(await check_laws(connection, LAWS))[law]
        await transaction.rollback()
