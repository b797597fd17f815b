"""Shorthands of the tests of objects."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from wufu.db import Database, Tx
from wufu.objects import ObjectId, ObjectStore, put

P = ParamSpec("P")
T = TypeVar("T")
OWNER = "test/1"


async def do(
    database: Database,
    verb: Callable[Concatenate[Tx, P], Awaitable[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run one verb and commit it."""

    async def work(tx: Tx) -> T:
        return await verb(tx, *args, **kwargs)

    return await database.run(work, actor="test")


async def put_one(
    database: Database,
    store: ObjectStore,
    content: bytes = b"hello",
    *,
    owner: str = OWNER,
    dies_at: datetime | None = None,
    sealed: bool = False,
) -> ObjectId:
    return await do(database, put, store, content, owner, "image/jpeg", dies_at, sealed=sealed)


def files(folder: Path) -> list[Path]:
    """Every object's file in a store's folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "key")


def file_of(folder: Path, id_: ObjectId) -> Path:
    [path] = [path for path in files(folder) if path.name == str(id_)]
    return path
