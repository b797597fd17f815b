"""Every column with a person's number is in some domain's list, or stands here with the reason why not."""

import re

import asyncpg

from tests.conftest import FreshDatabase
from wufu.privacy import DOMAINS

PERSONS = [
    "person", "friend", "sender", "author", "viewer", "reporter", "writer", "asker", "asked", "inviter",
    "giver", "receiver", "proposer", "partner", "passed_to", "blocked", "other", "recipient", "low",
    "high", "created_by", "announced_by", "recalled_by", "whom", "best_person", "sharer", "asked_of",
    "a", "b",
]  # fmt: skip

WITHOUT = {
    "conversation": "a conversation is named by the two people in it, and is the other one's as well",
    "insight_fact": "insight puts a stand-in in the place of the number itself (`insight.forget_person`)",
    "insight_forgotten": "the note of a stand-in, forgotten after a day",
    "leaving": "that somebody left, and when",
    "tie_strength": "goes with the acts (`ties.strength.forget_acts`)",
    "tie_act": "goes with the acts (`ties.strength.forget_acts`)",
    "trust_act": "trust shows and forgets what it keeps itself (`trust.forget_person`)",
    "trust_ask": "trust shows and forgets what it keeps itself",
    "trust_mark": "trust shows and forgets what it keeps itself",
    "trust_pardon": "trust shows and forgets what it keeps itself",
    "trust_person": "trust shows and forgets what it keeps itself",
    "trust_score": "trust shows and forgets what it keeps itself",
    "trust_suspect": "trust shows and forgets what it keeps itself",
    "trust_target": "trust shows and forgets what it keeps itself",
}


async def test_no_column_with_a_persons_number_is_in_nobodys_list(fresh: FreshDatabase) -> None:
    connection = await asyncpg.connect(fresh.superuser_url)
    try:
        rows = await connection.fetch(
            """
            SELECT DISTINCT table_name FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type = 'bigint' AND column_name = ANY($1::text[])
            """,
            PERSONS,
        )
    finally:
        await connection.close()
    listed = {
        table
        for places in DOMAINS.values()
        for place in places
        for statement in (place.rows, *place.erase)
        for table in re.findall(r"\b(?:FROM|JOIN|UPDATE)\s+(\w+)", statement)
    }
    tables = {row["table_name"] for row in rows}
    assert len(tables) > 50
    assert tables - listed - WITHOUT.keys() == set()


async def test_every_place_can_be_read_and_says_why_it_stays(fresh: FreshDatabase) -> None:
    connection = await asyncpg.connect(fresh.app_url)
    try:
        for domain, places in DOMAINS.items():
            names = [place.name for place in places]
            assert len(names) == len(set(names)), domain
            for place in places:
                await connection.fetch(place.rows, 1)
                for statement in place.erase:
                    await connection.execute(statement, 1)
    finally:
        await connection.close()
