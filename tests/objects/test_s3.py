"""The same store on S3's protocol, and how a store is configured."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import TestClock
from tests.objects.acts import do, put_one
from tests.objects.bucket import Bucket, bucket_running
from wufu.db import Database
from wufu.objects import (
    PIECE,
    BadObjectStore,
    ObjectDamaged,
    ObjectGone,
    ObjectId,
    ObjectStore,
    Swept,
    drop,
    erase_dropped,
    fetch,
    stage,
    sweep,
)

MASTER = "ab" * 32


@pytest.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bucket]:
    async with bucket_running() as (made, url):
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "WUFU_OBJECTS_KEY": MASTER,
            "WUFU_OBJECTS_URL": "s3://wufu/a/prefix",
        }.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def remote(bucket: Bucket, tmp_path: Path) -> ObjectStore:
    return ObjectStore.configured(tmp_path / "not used")


async def read(database: Database, store: ObjectStore, id_: ObjectId) -> bytes:
    async with database.read() as connection:
        return (await fetch(connection, store, id_, database.clock())).content


@pytest.mark.parametrize("sealed", [False, True])
async def test_what_is_put_in_a_bucket_is_read_again(
    database: Database, remote: ObjectStore, bucket: Bucket, sealed: bool
) -> None:
    for content in (b"", b"hello", b"word" * (PIECE // 2)):
        id_ = await put_one(database, remote, content, sealed=sealed)
        assert await read(database, remote, id_) == content
        [stored] = [body for key, body in bucket.objects.items() if key.endswith(str(id_))]
        assert (stored == content) is not sealed
    assert all(key.startswith("a/prefix/") for key in bucket.objects)


async def test_damage_and_loss_in_a_bucket_are_told(
    database: Database, remote: ObjectStore, bucket: Bucket
) -> None:
    id_ = await put_one(database, remote, b"hello")
    [key] = bucket.objects
    for content in (b"hallo", b"hell", b""):
        bucket.objects[key] = content
        with pytest.raises(ObjectDamaged):
            await read(database, remote, id_)
    del bucket.objects[key]
    with pytest.raises(ObjectGone):
        await read(database, remote, id_)
    assert await sweep(database, remote) == Swept(lost=1)
    await do(database, drop, [id_])
    assert await erase_dropped(database, remote) == 1


async def test_a_bucket_is_swept_as_a_folder_is(
    database: Database, remote: ObjectStore, bucket: Bucket, clock: TestClock
) -> None:
    kept = await put_one(database, remote)
    dropped = await put_one(database, remote)
    await stage(remote, b"orphan", "image/jpeg", now=clock.now)
    await do(database, drop, [dropped])
    assert await erase_dropped(database, remote) == 1
    clock.now += timedelta(hours=2)
    assert await sweep(database, remote) == Swept(orphans=1)
    [key] = bucket.objects
    assert key.endswith(str(kept))


def test_a_bucket_needs_a_key_that_all_servers_share(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WUFU_OBJECTS_KEY")
    with pytest.raises(BadObjectStore, match="WUFU_OBJECTS_KEY"):
        ObjectStore.open("s3://wufu")
    for wrong in ("xyz", "ab" * 31, "ab" * 33):
        monkeypatch.setenv("WUFU_OBJECTS_KEY", wrong)
        with pytest.raises(BadObjectStore, match="64 hex digits"):
            ObjectStore.open("s3://wufu")
    monkeypatch.setenv("WUFU_OBJECTS_KEY", MASTER)
    with pytest.raises(BadObjectStore, match="s3://bucket"):
        ObjectStore.open("ftp://wufu")


def test_a_folder_makes_its_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    one, other = ObjectStore.open(folder), ObjectStore.open(folder)
    assert one.key_for("x") == other.key_for("x") != one.key_for("y")
    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "key").write_text("not a key")
    with pytest.raises(BadObjectStore, match="backup"):
        ObjectStore.open(folder)
    (tmp_path / "file").touch()
    with pytest.raises(BadObjectStore):
        ObjectStore.open(tmp_path / "file")
