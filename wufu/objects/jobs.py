"""Objects by the clock: the dead are dropped, the dropped erased, and the shelves compared with the rows."""

import logging
from collections.abc import Iterable

import msgspec

from wufu.core.refusals import Refusal
from wufu.db import Database, Job, Tx, in_transaction
from wufu.objects import store, verbs
from wufu.objects.model import SHELVES, ObjectId, is_orphan
from wufu.objects.place import ObjectStore

log = logging.getLogger("wufu.objects")

ERASED_AT_ONCE = 100
SHELVES_A_TURN = 16
SWEEP_SECONDS = 60
LISTED_AT_ONCE = 1_000


class Swept(msgspec.Struct, frozen=True):
    """What a sweep found: bytes taken away that nobody owns, and objects whose bytes are not there."""

    orphans: int = 0
    half_written: int = 0
    lost: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            self.orphans + other.orphans, self.half_written + other.half_written, self.lost + other.lost
        )


class Checked(msgspec.Struct, frozen=True):
    """What reading every object found."""

    objects: int
    damaged: tuple[str, ...]
    lost: tuple[str, ...]


async def erase_dropped(database: Database, objects: ObjectStore) -> int:
    """Erase the bytes of dropped objects, then their rows; how many.

    The bytes first: after a crash in between the row is still there, and erasing nothing is no error. What
    cannot be erased now stays for the next turn and is logged.
    """

    async def work(tx: Tx) -> tuple[int, bool]:
        ids = await store.take_dropped(tx.connection, ERASED_AT_ONCE)
        erased: list[ObjectId] = []
        for id_ in ids:
            try:
                await objects.erase(id_)
            except Exception:
                log.exception("the object %s cannot be erased", id_)
            else:
                erased.append(id_)
        await store.forget(tx.connection, erased)
        if len(ids) < ERASED_AT_ONCE:
            await store.note_sweep(tx.connection, "dropped", tx.now)
        return len(erased), len(erased) == ERASED_AT_ONCE

    total, more = 0, True
    while more:
        erased, more = await database.run(work, actor="system/objects")
        total += erased
    return total


async def sweep(database: Database, objects: ObjectStore, shelves: Iterable[int] = range(SHELVES)) -> Swept:
    """Compare shelves with rows, both ways: bytes without a row go, rows without bytes are marked lost."""
    swept = Swept()
    for shelf in shelves:
        swept += await _sweep_shelf(database, objects, shelf)
    return swept


async def _sweep_shelf(database: Database, objects: ObjectStore, shelf: int) -> Swept:
    now = database.clock()
    # The rows first: an object kept after this look is on the shelf and simply not among them.
    async with database.borrow() as connection:
        rows = await store.on_shelf(connection, shelf)
    lying: set[ObjectId] = set()
    orphans = 0
    batch: list[ObjectId] = []
    async for id_ in objects.on_shelf(shelf):
        lying.add(id_)
        batch.append(id_)
        if len(batch) == LISTED_AT_ONCE:
            orphans += await _take_orphans(database, objects, batch)
            batch = []
    orphans += await _take_orphans(database, objects, batch)
    half_written = await objects.clear_half_written(shelf, now)
    lost = [id_ for id_, _ in rows if id_ not in lying]
    found = [id_ for id_, was_lost in rows if was_lost and id_ in lying]
    newly = [id_ for id_, was_lost in rows if not was_lost and id_ not in lying]
    if newly or found:
        await _note_lost(database, newly, found)
    return Swept(orphans, half_written, len(lost))


async def _take_orphans(database: Database, objects: ObjectStore, ids: list[ObjectId]) -> int:
    now = database.clock()
    old = [id_ for id_ in ids if is_orphan(id_, now)]
    if not old:
        return 0
    async with database.borrow() as connection:
        known = await store.known(connection, old)
    orphans = [id_ for id_ in old if id_ not in known]
    for id_ in orphans:
        await objects.erase(id_)
    return len(orphans)


async def _note_lost(database: Database, lost: list[ObjectId], found: list[ObjectId]) -> None:
    async def work(tx: Tx) -> None:
        # What was dropped and erased since we looked has no row any more and is not touched.
        await store.note_lost(tx.connection, lost, found, tx.now)

    for id_ in lost:
        log.error("the object %s is lost: its bytes are not in the store", id_)
    await database.run(work, actor="system/objects")


async def check_all(database: Database, objects: ObjectStore) -> Checked:
    """Read every object there is and check its digests."""
    read = 0
    damaged: list[str] = []
    lost: list[str] = []
    for shelf in range(SHELVES):
        async with database.borrow() as connection:
            rows = await store.on_shelf(connection, shelf)
            known = await store.living(connection, [id_ for id_, _ in rows], database.clock())
        for id_, shelved in known.items():
            read += 1
            try:
                await objects.read(shelved)
            except Refusal as refusal:
                (lost if refusal.code == "object_gone" else damaged).append(str(id_))
    return Checked(read, tuple(damaged), tuple(lost))


def jobs(objects: ObjectStore) -> list[Job]:
    """The objects' work by the clock."""

    async def erase(database: Database) -> int:
        return await erase_dropped(database, objects)

    async def sweep_some(database: Database) -> Swept:
        # Which shelves follows from the time, so nothing has to be remembered; all are swept in 16 turns.
        turn = int(database.clock().timestamp()) // SWEEP_SECONDS
        first = turn * SHELVES_A_TURN % SHELVES
        return await sweep(database, objects, range(first, first + SHELVES_A_TURN))

    return [
        Job("drop dead objects", 1, in_transaction(verbs.drop_dead)),
        Job("erase dropped objects", 0.5, erase),
        Job("sweep objects", SWEEP_SECONDS, sweep_some),
    ]
