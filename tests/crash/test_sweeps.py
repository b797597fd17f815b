"""A server that is killed in the middle of a sweep, for good: its process, not an exception.

Packets that return to their senders and photos that die at midnight go in portions. A process that does them
is killed once it has committed some of them and stands in the midst of the next; another one ends the rest.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.conftest import FreshDatabase, TestClock
from tests.photos.acts import Album
from tests.redpacket.acts import Packets
from tests.world import World
from wufu.db import Database
from wufu.objects import ObjectStore
from wufu.photos.jobs import jobs as photo_jobs
from wufu.redpacket import return_all_due

COUNT, BEFORE = 6, 2
PROGRAM = """
import asyncio, sys
from datetime import datetime
from wufu.db import Database
from wufu.photos.verbs import ending
from wufu.redpacket.verbs import returning

async def main(url, at, what, before):
    portions = 0
    module, name = (returning, "post") if what == "packets" else (ending, "drop_owned")
    real = getattr(module, name)

    async def slow(*args, **kwargs):
        nonlocal portions
        answer = await real(*args, **kwargs)
        portions += 1
        if portions > int(before):
            print("in the midst", flush=True)
            await asyncio.sleep(600)
        return answer

    setattr(module, name, slow)
    now = datetime.fromisoformat(at)
    async with Database.connect(url, clock=lambda: now) as database:
        if what == "packets":
            returning.AT_ONCE = 1
            await returning.return_all_due(database)
        else:
            ending.store.due_photos = one_only(ending.store.due_photos)
            while await database.run(ending.end_due, actor="system/photos"):
                pass

def one_only(real):
    async def due(connection, now, limit):
        return await real(connection, now, 1)
    return due

asyncio.run(main(*sys.argv[1:]))
"""


async def _killed_in_the_midst(fresh: FreshDatabase, at: str, what: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, fresh.app_url, at, what, str(BEFORE)), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(120):
        assert await process.stdout.readline() == b"in the midst\n"
    process.kill()
    await process.wait()


async def test_a_sweep_of_packets_that_is_killed_is_ended_by_another(
    world: World, fresh: FreshDatabase
) -> None:
    packets = Packets(world)
    (li,) = await packets.people(1)
    sent = [await packets.send(li, f"p{number}", minor=100) for number in range(COUNT)]
    world.clock.now = max(one.ends_at for one in sent)
    await _killed_in_the_midst(fresh, world.clock.now.isoformat(), "packets")
    assert await packets.money(li) == 100_000 - (COUNT - BEFORE) * 100
    held = [await packets.escrow(one.id) for one in sent]
    assert sorted(held) == [0] * BEFORE + [100] * (COUNT - BEFORE)
    assert await return_all_due(world.database) == COUNT - BEFORE
    assert await packets.money(li) == 100_000


async def test_a_midnight_that_is_killed_is_ended_by_another(
    database: Database, clock: TestClock, fresh: FreshDatabase, tmp_path: Path
) -> None:
    album = Album(database, ObjectStore.open(tmp_path / "objects"))
    author, viewer = await album.friends(2)
    photos = [await album.post(author, str(number), credit="evening") for number in range(COUNT)]
    paid = [(await album.pay(viewer, photo.id)).minor for photo in photos]
    clock.now = photos[0].dies_at
    await _killed_in_the_midst(fresh, clock.now.isoformat(), "photos")
    async with database.read() as connection:
        ended = await connection.fetchval("SELECT count(*) FROM photo WHERE ended = 'died'")
    assert ended == BEFORE
    held = sum([await album.pending(photo.id) for photo in photos])
    assert sum(await album.money(author)) + held == 1_000_00 + sum(paid)
    works: dict[str, Callable[[Database], Awaitable[object]]] = {job.name: job.work for job in photo_jobs()}
    assert await works["end photos"](database) == COUNT - BEFORE
    assert await album.money(author) == [1_000_00 + sum(paid)]
