import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import TestClock
from tests.objects.acts import do, file_of, files, put_one
from wufu.db import Database, Tx, check_laws, counted
from wufu.objects import (
    LAWS,
    ObjectId,
    ObjectStore,
    Swept,
    check_all,
    drop,
    drop_dead,
    erase_dropped,
    keep,
    look,
    put,
    stage,
    sweep,
)
from wufu.objects.jobs import jobs


async def lives(database: Database, id_: ObjectId) -> bool:
    async with database.read() as connection:
        return await look(connection, id_, database.clock()) is not None


async def rows(database: Database) -> int:
    async with database.read() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM object")
        return count


async def test_the_dead_are_dropped_and_their_bytes_erased(
    database: Database, store: ObjectStore, clock: TestClock, tmp_path: Path
) -> None:
    dying = await put_one(database, store, dies_at=clock.now + timedelta(hours=1), sealed=True)
    living = await put_one(database, store)
    clock.advance(hours=1)
    assert await do(database, drop_dead) == 1
    assert await erase_dropped(database, store) == 1
    assert await erase_dropped(database, store) == 0
    assert [path.name for path in files(tmp_path / "objects")] == [str(living)]
    assert await rows(database) == 1
    assert not await lives(database, dying)


async def test_bytes_are_overwritten_before_they_are_unlinked(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    id_ = await put_one(database, store, b"burn me" * 1000)
    with file_of(tmp_path / "objects", id_).open("rb") as held:
        await do(database, drop, [id_])
        await erase_dropped(database, store)
        assert held.read() == bytes(7000)


async def test_a_crash_after_the_bytes_went_leaves_nothing_behind(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    id_ = await put_one(database, store)
    await do(database, drop, [id_])
    file_of(tmp_path / "objects", id_).unlink()
    assert await erase_dropped(database, store) == 1
    assert await rows(database) == 0


async def test_what_cannot_be_erased_now_is_erased_later(
    database: Database, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, other = await put_one(database, store), await put_one(database, store)
    await do(database, drop, [stuck, other])
    erase = store.erase

    async def broken(id_: ObjectId) -> None:
        if id_ == stuck:
            raise PermissionError
        await erase(id_)

    with monkeypatch.context() as patch:
        patch.setattr(store, "erase", broken)
        assert await erase_dropped(database, store) == 1
    assert [path.name for path in files(tmp_path / "objects")] == [str(stuck)]
    assert await erase_dropped(database, store) == 1
    assert not files(tmp_path / "objects")


async def test_more_dropped_objects_than_one_turn_takes(database: Database, store: ObjectStore) -> None:
    async def many(tx: Tx) -> list[ObjectId]:
        return [await put(tx, store, b"x", "test/1", "image/png") for _ in range(110)]

    ids = await database.run(many, actor="test")
    await do(database, drop, ids)
    assert await erase_dropped(database, store) == 110


async def test_bytes_nobody_kept_are_swept_after_an_hour(
    database: Database, store: ObjectStore, clock: TestClock, tmp_path: Path
) -> None:
    kept = await put_one(database, store)
    staged = await stage(store, b"lost upload", "image/jpeg", now=clock.now)
    clock.advance(minutes=59)
    assert await sweep(database, store) == Swept()
    late = await stage(store, b"upload", "image/jpeg", now=clock.now)
    clock.advance(minutes=2)
    assert await sweep(database, store) == Swept(orphans=1)
    names = {path.name for path in files(tmp_path / "objects")}
    assert names == {str(kept), str(late.id)}
    assert str(staged.id) not in names


async def test_half_written_files_are_swept(
    database: Database, store: ObjectStore, clock: TestClock, tmp_path: Path
) -> None:
    id_ = await put_one(database, store)
    half = file_of(tmp_path / "objects", id_)
    half = half.with_name(f"{half.name}#1")
    half.write_bytes(b"half")
    assert await sweep(database, store) == Swept()
    clock.advance(hours=2)
    assert await sweep(database, store) == Swept(half_written=1)
    assert not half.exists()
    assert await lives(database, id_)


async def test_a_strange_file_in_the_folder_is_left_alone(
    database: Database, store: ObjectStore, clock: TestClock, tmp_path: Path
) -> None:
    for name in ("00/readme.txt", "zz/x", "00/00000000-0000-7000-8000-0000000000ff"):
        path = tmp_path / "objects" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    clock.advance(hours=2)
    assert await sweep(database, store) == Swept()
    assert len(files(tmp_path / "objects")) == 3


async def test_lost_bytes_break_a_law_until_they_are_back(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    id_ = await put_one(database, store, b"precious")
    path = file_of(tmp_path / "objects", id_)
    path.unlink()
    assert await sweep(database, store) == Swept(lost=1)
    assert (await _broken(database))["no object's bytes are lost"] == 1
    assert await sweep(database, store) == Swept(lost=1)
    path.write_bytes(b"precious")
    assert await sweep(database, store) == Swept()
    assert (await _broken(database))["no object's bytes are lost"] == 0


async def test_a_check_of_everything_names_what_is_damaged_and_lost(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    good, bad, gone = [await put_one(database, store, b"x" * 100, sealed=True) for _ in range(3)]
    file_of(tmp_path / "objects", bad).write_bytes(b"y" * 116)
    file_of(tmp_path / "objects", gone).unlink()
    checked = await check_all(database, store)
    assert (checked.objects, checked.damaged, checked.lost) == (3, (str(bad),), (str(gone),))
    assert await lives(database, good)


async def test_an_object_kept_while_the_sweep_looks_is_not_taken(
    database: Database, store: ObjectStore, clock: TestClock
) -> None:
    """An upload that took almost an hour to be kept: the row commits between list and look-up."""
    staged = await stage(store, b"slow", "image/jpeg", now=clock.now)
    clock.advance(minutes=61)
    await do(database, keep, staged, "test/1")
    assert await sweep(database, store) == Swept()
    assert await lives(database, staged.id)


async def test_two_servers_erase_and_sweep_at_once(
    database: Database, store: ObjectStore, clock: TestClock, tmp_path: Path
) -> None:
    ids = [await put_one(database, store) for _ in range(20)]
    for _ in range(5):
        await stage(store, b"orphan", "image/jpeg", now=clock.now)
    await do(database, drop, ids[:10])
    clock.advance(hours=2)
    turns = [erase_dropped(database, store), erase_dropped(database, store)]
    sweeps = [sweep(database, store), sweep(database, store)]
    erased = await asyncio.gather(*turns)
    swept = await asyncio.gather(*sweeps)
    assert sum(erased) == 10
    assert all(one.lost == 0 for one in swept)
    assert {path.name for path in files(tmp_path / "objects")} == {str(id_) for id_ in ids[10:]}


async def test_the_jobs_sweep_every_shelf_in_turn(
    database: Database, store: ObjectStore, clock: TestClock, tmp_path: Path
) -> None:
    for _ in range(30):
        await stage(store, b"orphan", "image/jpeg", now=clock.now)
    clock.advance(hours=2)
    [job] = [job for job in jobs(store) if job.name == "sweep objects"]
    for _ in range(16):
        await job.work(database)
        clock.advance(seconds=60)
    assert not files(tmp_path / "objects")


async def test_the_law_about_death_can_fail(database: Database, store: ObjectStore, clock: TestClock) -> None:
    id_ = await put_one(database, store, dies_at=clock.now + timedelta(minutes=1))

    async def sweep_later(tx: Tx) -> None:
        await tx.connection.execute(
            "INSERT INTO object_sweep VALUES ('dead', $1), ('dropped', $1)", tx.now + timedelta(hours=1)
        )

    await database.run(sweep_later, actor="test")
    assert (await _broken(database))["no object lives past its death"] == 1
    await do(database, drop, [id_])
    assert (await _broken(database))["a dropped object is erased"] == 1
    await erase_dropped(database, store)
    assert not any((await _broken(database)).values())


async def _broken(database: Database) -> dict[str, int]:
    async with database.read() as connection:
        return dict(counted(await check_laws(connection, LAWS)))
