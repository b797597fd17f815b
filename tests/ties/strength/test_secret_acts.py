"""A secret message is an act like any other; burnt, it leaves the count of its day and nothing else."""

import asyncio
from pathlib import Path

from tests.chat.secret.conftest import meeting
from tests.chat.serving import Household, household
from tests.conftest import FreshDatabase
from tests.journeys.conftest import OffsetClock, engines_at
from wufu.chat.verbs import talk
from wufu.core.ids import PersonId
from wufu.db.engines import Engines
from wufu.ties import ActDay, see_acts

PLAIN = "除夕夜的秘密".encode()


async def acts_of(house: Household, person: int) -> list[ActDay]:
    """What the relay has carried of a person's talk, as soon as it has."""
    await talk.announce_talk(house.server.database)
    async with asyncio.timeout(20):
        while True:
            async with house.server.database.read() as connection:
                waiting = await connection.fetchval("SELECT count(*) FROM outbox WHERE kind = 'chat.talked'")
                if not waiting:
                    return await see_acts(connection, PersonId(person))
            await asyncio.sleep(0.02)


async def test_a_burnt_secret_leaves_the_count_of_its_day(
    engines: Engines, fresh: FreshDatabase, tmp_path: Path
) -> None:
    place = engines_at(engines, fresh)
    async with household(place, OffsetClock(), tmp_path / "objects", with_jobs=False) as house:
        dong, li = await meeting(house)("dong", "li")
        conversation = await dong.direct(li)
        message, _, _ = await dong.send(conversation, PLAIN)
        await li.see(conversation, message)
        await li.burn(conversation, message)
        (act,) = await acts_of(house, dong.person)
        assert (act.other, act.kind, act.mine, act.theirs) == (li.person, "message", 1, 0)
        await dong.send(conversation, PLAIN)
        (act,) = await acts_of(house, dong.person)
        assert (act.kind, act.mine) == ("message", 2)
