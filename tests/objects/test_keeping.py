from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import TestClock
from tests.objects.acts import OWNER, do, file_of, files, put_one
from wufu.core.refusals import BodyTooLarge
from wufu.db import Database, Tx
from wufu.objects import (
    LARGEST,
    PIECE,
    ObjectDamaged,
    ObjectGone,
    ObjectId,
    ObjectStore,
    Shelved,
    drop,
    drop_owned,
    fetch,
    hand_over,
    keep,
    look,
    look_at_owned,
    stage,
)


async def read(database: Database, store: ObjectStore, id_: ObjectId) -> bytes:
    async with database.read() as connection:
        return (await fetch(connection, store, id_, database.clock())).content


async def seen(database: Database, id_: ObjectId) -> Shelved | None:
    async with database.read() as connection:
        return await look(connection, id_, database.clock())


@pytest.mark.parametrize("sealed", [False, True])
async def test_what_is_put_is_read_again(database: Database, store: ObjectStore, sealed: bool) -> None:
    for size in (0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17):
        content = (bytes(range(251)) * (size // 251 + 1))[:size]
        id_ = await put_one(database, store, content, sealed=sealed)
        assert await read(database, store, id_) == content
        shelved = await seen(database, id_)
        assert shelved is not None
        assert (shelved.size, shelved.owner, shelved.media_type) == (size, OWNER, "image/jpeg")


async def test_a_sealed_object_cannot_be_read_from_the_folder(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    content = b"clear as day " * 1000
    sealed = await put_one(database, store, content, sealed=True)
    plain = await put_one(database, store, content)
    assert file_of(tmp_path / "objects", plain).read_bytes() == content
    assert b"clear as day" not in file_of(tmp_path / "objects", sealed).read_bytes()


async def test_two_sealed_objects_of_one_content_look_different(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    one = await put_one(database, store, b"same", sealed=True)
    other = await put_one(database, store, b"same", sealed=True)
    folder = tmp_path / "objects"
    assert file_of(folder, one).read_bytes() != file_of(folder, other).read_bytes()


@pytest.mark.parametrize("sealed", [False, True])
async def test_damaged_bytes_are_never_given_out(
    database: Database, store: ObjectStore, tmp_path: Path, sealed: bool
) -> None:
    content = b"first" * (PIECE // 5 + 1) + b"other" * (PIECE // 5 + 1)
    id_ = await put_one(database, store, content, sealed=sealed)
    path = file_of(tmp_path / "objects", id_)
    good = path.read_bytes()
    length = PIECE + (16 if sealed else 0)
    flipped = bytearray(good)
    flipped[PIECE + 99] ^= 1
    swapped = good[length : 2 * length] + good[:length] + good[2 * length :]
    for bad in (bytes(flipped), good[:-1], good[:length], b"", swapped):
        path.write_bytes(bad)
        with pytest.raises(ObjectDamaged):
            await read(database, store, id_)
    path.write_bytes(good)
    assert await read(database, store, id_) == content


async def test_bytes_that_are_not_there_are_gone(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    id_ = await put_one(database, store)
    file_of(tmp_path / "objects", id_).unlink()
    with pytest.raises(ObjectGone):
        await read(database, store, id_)


async def test_another_master_key_opens_nothing(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    id_ = await put_one(database, store, b"secret", sealed=True)
    (tmp_path / "objects" / "key").write_text("00" * 32)
    with pytest.raises(ObjectDamaged, match="object_damaged") as caught:
        await read(database, ObjectStore.open(tmp_path / "objects"), id_)
    assert caught.value.facts["why"] == "key"


async def test_nobody_gets_a_dropped_object(database: Database, store: ObjectStore) -> None:
    id_ = await put_one(database, store)
    assert await do(database, drop, [id_]) == {id_}
    assert await do(database, drop, [id_]) == set()
    assert await seen(database, id_) is None
    with pytest.raises(ObjectGone):
        await read(database, store, id_)


async def test_nobody_gets_an_object_past_its_death_even_while_the_jobs_sleep(
    database: Database, store: ObjectStore, clock: TestClock
) -> None:
    id_ = await put_one(database, store, dies_at=clock.now + timedelta(seconds=10))
    clock.advance(seconds=9)
    assert await read(database, store, id_) == b"hello"
    clock.advance(seconds=1)
    assert await seen(database, id_) is None
    with pytest.raises(ObjectGone):
        await read(database, store, id_)


async def test_an_object_is_not_born_dead(database: Database, store: ObjectStore, clock: TestClock) -> None:
    with pytest.raises(ValueError, match="die before it lives"):
        await put_one(database, store, dies_at=clock.now)


async def test_what_is_rolled_back_is_nobodys(database: Database, store: ObjectStore, tmp_path: Path) -> None:
    staged = await stage(store, b"hello", "image/jpeg", now=database.clock())

    async def work(tx: Tx) -> None:
        await keep(tx, staged, OWNER)
        raise LookupError

    with pytest.raises(LookupError):
        await database.run(work, actor="test")
    assert await seen(database, staged.id) is None
    assert len(files(tmp_path / "objects")) == 1


async def test_an_upload_becomes_a_messages(database: Database, store: ObjectStore, clock: TestClock) -> None:
    soon, later = clock.now + timedelta(hours=1), clock.now + timedelta(days=1)
    mine = await put_one(database, store, owner="upload/1", dies_at=soon)
    theirs = await put_one(database, store, owner="upload/2", dies_at=soon)
    assert await do(database, hand_over, [mine, theirs], "upload/1", "message/9", later) == {mine}
    async with database.read() as connection:
        [shelved] = await look_at_owned(connection, "message/9", clock.now)
        [untouched] = await look_at_owned(connection, "upload/2", clock.now)
    assert (shelved.id, shelved.dies_at) == (mine, later)
    assert (untouched.id, untouched.dies_at) == (theirs, soon)


async def test_everything_of_an_owner_is_dropped_at_once(database: Database, store: ObjectStore) -> None:
    mine = {await put_one(database, store) for _ in range(3)}
    other = await put_one(database, store, owner="test/2")
    assert await do(database, drop_owned, [OWNER]) == mine
    assert await seen(database, other) is not None


async def test_limits_and_types_hold(database: Database, store: ObjectStore) -> None:
    with pytest.raises(BodyTooLarge):
        await stage(store, bytes(LARGEST + 1), "image/jpeg", now=database.clock())
    for media_type in ("", "jpeg", "image/jpeg\r\nx: y", "text/html; charset=\n"):
        with pytest.raises(ValueError, match="media type"):
            await stage(store, b"", media_type, now=database.clock())
