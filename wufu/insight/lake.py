"""Where the files of facts lie: a folder, or a bucket by URL.

`<place>/facts/kind=act/day=2016-02-07/000000000001-000000000482-0.parquet`: the layout that every analytics
engine reads. The place is the folder `lake` in the data directory; `WUFU_FACTS_URL` (`s3://bucket/prefix`)
names a bucket, which several servers share. A put to a folder is durable when it returns: flushed, renamed,
the folder's entry flushed.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from wufu.insight.facts import date_of
from wufu.insight.model import BadInsight, FactFile
from wufu.objects import BadObjectStore

URL = "WUFU_FACTS_URL"
FACTS = "lake"
"""The folder in a data directory."""


class Lake:
    """One place for files of facts; `folder` is set where it is a folder of this machine."""

    def __init__(self, *, folder: Path | None = None, bucket: S3Store | None = None) -> None:
        assert (folder is None) != (bucket is None)
        self.folder = folder
        self._bucket = bucket

    @classmethod
    def configured(cls, folder: Path) -> Self:
        """The place that WUFU_FACTS_URL names, else the folder. Raises BadObjectStore."""
        url = os.environ.get(URL)
        if not url:
            return cls(folder=folder.expanduser().resolve())
        if not url.startswith("s3://"):
            raise BadObjectStore(f"{URL} is s3://bucket/prefix, not {url!r}")
        try:
            return cls(bucket=S3Store.from_url(url))
        except BaseError as error:
            raise BadObjectStore(f"{URL}: {error}") from error

    async def put(self, path: str, content: bytes) -> None:
        """Write a file durably, or replace it: nobody ever sees half of it."""
        if self.folder is not None:
            await asyncio.to_thread(_put, self.folder / path, content)
        else:
            assert self._bucket is not None
            await obstore.put_async(self._bucket, path, content, use_multipart=False)

    async def erase(self, path: str) -> None:
        """Take a file away; what is gone stays gone."""
        if self.folder is not None:
            await asyncio.to_thread(_erase, self.folder / path)
            return
        assert self._bucket is not None
        with contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._bucket, path)

    async def get(self, path: str) -> bytes:
        """A file's bytes. Raises BadInsight when it is not there."""
        try:
            if self.folder is not None:
                return await asyncio.to_thread((self.folder / path).read_bytes)
            assert self._bucket is not None
            return bytes(await (await obstore.get_async(self._bucket, path)).bytes_async())
        except OSError as gone:
            raise BadInsight(f"the file of facts {path} is not there: bring it back from a backup") from gone

    @contextlib.asynccontextmanager
    async def at_hand(self, paths: Sequence[str]) -> AsyncIterator[list[Path]]:
        """The files on this machine's disk, those of a bucket fetched for as long as the block takes."""
        if self.folder is not None:
            missing = [path for path in paths if not (self.folder / path).is_file()]
            if missing:
                raise BadInsight(
                    f"{len(missing)} files of facts are not in {self.folder}, the first is {missing[0]}:"
                    " bring them back from a backup"
                )
            yield [self.folder / path for path in paths]
            return
        with tempfile.TemporaryDirectory(prefix="wufu-facts-") as name:
            fetched = []
            for place, path in enumerate(paths):
                file = Path(name) / f"{place}.parquet"
                content = await self.get(path)
                await asyncio.to_thread(file.write_bytes, content)
                fetched.append(file)
            yield fetched


def path_of(kind: str, day: int, first: int, last: int, generation: int) -> str:
    """A file's place: its kind, its day, the numbers it spans, and how often it was written anew."""
    return f"facts/kind={kind}/day={date_of(day)}/{first:012}-{last:012}-{generation}.parquet"


def sized(file: FactFile, size: int) -> FactFile:
    return FactFile(file.path, file.kind, file.day, file.first, file.last, file.rows, size)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _flush(folder)


def _erase(path: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        _flush(path.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
