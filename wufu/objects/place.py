"""Where the bytes lie: a folder of this machine, or a bucket of S3.

In a folder a write is durable before anybody hears of it: obstore writes a file beside its place and moves
it there; then we flush the file and its folder to the disk. Erasing overwrites the bytes with zeros,
flushes, and then unlinks. On a file system that copies on write, or on flash, older copies of a block may
outlive that: what must not be read ever again is put *sealed*, and loses its key with its row.

In S3 a put is durable when it is answered, and erasing is a DELETE; keep versioning off in that bucket,
and let its lifecycle rules abort unfinished uploads. Credentials, region and endpoint come from the usual
`AWS_…` variables.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from wufu.core.chance import Chance, hkdf_sha256
from wufu.objects.model import (
    ObjectGone,
    ObjectId,
    Shelved,
    Staged,
    Stored,
    count_pieces,
    digests_of,
    id_of_path,
    in_pieces,
    is_orphan,
    object_key,
    open_piece,
    path_of,
    seal,
    shelf_name,
    stored_size,
)

log = logging.getLogger("wufu.objects")

URL, KEY = "WUFU_OBJECTS_URL", "WUFU_OBJECTS_KEY"
KEY_FILE = "key"
KEY_BYTES = 32
ZEROS = bytes(1 << 20)


class BadObjectStore(Exception):
    """The object store cannot be used as it is configured; the message says what to do."""


class ObjectStore:
    """One place for bytes. `place` is obstore's; `folder` is set where it is a folder of this machine."""

    def __init__(
        self,
        place: LocalStore | S3Store,
        key: bytes,
        folder: Path | None = None,
        chance: Chance | None = None,
    ) -> None:
        assert len(key) == KEY_BYTES
        self._place = place
        self._folder = folder
        self._key = key
        self._chance = chance or Chance.system()

    @classmethod
    def open(cls, place: Path | str) -> Self:
        """A folder (made when it is not there), or `s3://bucket/prefix`. Raises BadObjectStore.

        A folder's key is made once and lies in it beside the bytes, readable to its owner only; several
        servers on one bucket share a key by WUFU_OBJECTS_KEY (64 hex digits), which is asked for with S3.
        """
        named = os.environ.get(KEY)
        try:
            key = bytes.fromhex(named) if named else None
        except ValueError:
            key = b""
        if key is not None and len(key) != KEY_BYTES:
            raise BadObjectStore(f"{KEY} is 64 hex digits")
        if isinstance(place, str):
            if not place.startswith("s3://"):
                raise BadObjectStore(f"{URL} is s3://bucket/prefix, not {place!r}")
            if key is None:
                raise BadObjectStore(f"{URL} needs {KEY} beside it: 64 hex digits, the same on every server")
            try:
                return cls(S3Store.from_url(place), key)
            except BaseError as error:
                raise BadObjectStore(f"{URL}: {error}") from error
        folder = place.expanduser().resolve()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(LocalStore(folder), key or _key_of(folder), folder)
        except OSError as error:
            raise BadObjectStore(f"{folder}: {error.strerror or error}") from error

    @classmethod
    def configured(cls, folder: Path) -> Self:
        """The store that WUFU_OBJECTS_URL names, else the folder. Raises BadObjectStore."""
        return cls.open(os.environ.get(URL) or folder)

    def key_for(self, purpose: str) -> bytes:
        """A 32-byte key for another purpose than sealing, the same on every server of this store."""
        return hkdf_sha256(self._key, b"", b"wufu/key/" + purpose.encode(), KEY_BYTES)

    # --- Writing ----------------------------------------------------------------------------------

    async def stage(self, content: bytes, media_type: str, *, now: datetime, sealed: bool = False) -> Staged:
        """Write bytes durably, before any row speaks of them."""
        id_ = ObjectId(self._chance.uuid7(now))
        seed = self._chance.secret(f"object/{id_}") if sealed else None
        if seed is None:
            pieces = await asyncio.to_thread(in_pieces, content)
        else:
            pieces = await asyncio.to_thread(seal, object_key(self._key, seed, id_), content)
        digests = await asyncio.to_thread(digests_of, pieces)
        path = path_of(id_)
        await obstore.put_async(self._place, path, b"".join(pieces), use_multipart=False)
        if self._folder is not None:
            await asyncio.to_thread(_flush, self._folder / path)
        return Staged(id_, media_type, len(content), digests, seed)

    async def erase(self, id_: ObjectId) -> None:
        """Take the bytes away for good; those that are gone already stay gone."""
        if self._folder is not None:
            await asyncio.to_thread(_overwrite_and_unlink, self._folder / path_of(id_))
            return
        with contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._place, path_of(id_))

    # --- Reading ----------------------------------------------------------------------------------

    async def read_piece(self, shelved: Shelved, number: int) -> bytes:
        """One piece, checked against its digest. Refusals object_gone, object_damaged."""
        start, length = stored_size(shelved, number)
        path, stored = path_of(shelved.id), b""
        try:
            if length:
                stored = bytes(await obstore.get_range_async(self._place, path, start=start, length=length))
        except FileNotFoundError as gone:
            raise ObjectGone(id=str(shelved.id)) from gone
        except BaseError:
            # A file cut short has no such range: damage, which the digest of nothing tells.
            log.exception("the object %s cannot be read", shelved.id)
        key = None if shelved.seed is None else object_key(self._key, shelved.seed, shelved.id)
        return await asyncio.to_thread(open_piece, shelved, number, stored, key)

    async def read(self, shelved: Shelved) -> Stored:
        """All of it. Refusals object_gone, object_damaged."""
        pieces = [await self.read_piece(shelved, number) for number in range(count_pieces(shelved.size))]
        return Stored(b"".join(pieces), shelved.media_type)

    # --- Looking around ---------------------------------------------------------------------------

    async def on_shelf(self, shelf: int) -> AsyncIterator[ObjectId]:
        """Everything that lies on one of the 256 shelves."""
        async for listed in obstore.list(self._place, shelf_name(shelf), chunk_size=1000):
            for found in listed:
                if (id_ := id_of_path(found["path"])) is not None:
                    yield id_

    async def clear_half_written(self, shelf: int, now: datetime) -> int:
        """Take away what a crash left of writes that never ended, in a folder; how many there were."""
        if self._folder is None:
            return 0
        return await asyncio.to_thread(_clear_half_written, self._folder / shelf_name(shelf), now)


def _key_of(folder: Path) -> bytes:
    """The folder's own key; two servers that start at once agree on one."""
    path = folder / KEY_FILE
    if not path.exists():
        fresh = folder / f".{KEY_FILE}-{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(Chance.system().secret("objects/key").hex() + "\n", encoding="ascii")
        _flush_file(fresh)
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        _flush_file(folder)
    text = path.read_text(encoding="ascii").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadObjectStore(f"{path} is no key of 64 hex digits; bring it back from a backup")
    return key


def _flush(path: Path) -> None:
    """To the disk: the bytes, their name, and the name of their shelf, which may be new."""
    for one in (path, path.parent, path.parent.parent):
        _flush_file(one)


def _flush_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _overwrite_and_unlink(path: Path) -> None:
    try:
        with path.open("r+b", buffering=0) as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                left -= file.write(ZEROS[:left])
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    _flush_file(path.parent)


def _clear_half_written(shelf: Path, now: datetime) -> int:
    """obstore writes `<name>#<number>` beside the place and moves it there."""
    cleared = 0
    for path in shelf.glob("*#*") if shelf.is_dir() else ():
        id_ = id_of_path(f"{shelf.name}/{path.name.partition('#')[0]}")
        if id_ is not None and is_orphan(id_, now):
            _overwrite_and_unlink(path)
            cleared += 1
    return cleared
