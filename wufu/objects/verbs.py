"""What may be done with objects. Bytes are written before their row commits, and erased after it went."""

from collections.abc import Sequence
from datetime import datetime

from wufu.core.refusals import BodyTooLarge
from wufu.db import Connection, Tx
from wufu.objects import store
from wufu.objects.model import LARGEST, MEDIA_TYPE, ObjectGone, ObjectId, Shelved, Staged, Stored
from wufu.objects.place import ObjectStore

MOST_AT_ONCE = 500


async def stage(
    objects: ObjectStore, content: bytes, media_type: str, *, now: datetime, sealed: bool = False
) -> Staged:
    """Write bytes, outside any transaction; `keep` them in one within the hour, or the sweep takes them.

    `sealed`: encrypted under a key of its own. Refusal body_too_large above 64 MiB; ValueError at what is no
    media type.
    """
    if len(content) > LARGEST:
        raise BodyTooLarge(bytes=len(content), most=LARGEST)
    if not MEDIA_TYPE.fullmatch(media_type):
        raise ValueError(f"not a media type: {media_type!r}")
    return await objects.stage(content, media_type, now=now, sealed=sealed)


async def keep(tx: Tx, staged: Staged, owner: str, dies_at: datetime | None = None) -> ObjectId:
    """Give staged bytes an owner and, with the commit, a life. ValueError when it would be over already."""
    if dies_at is not None and dies_at <= tx.now:
        raise ValueError(f"an object of {owner} would die before it lives")
    await store.insert(tx.connection, staged, owner, tx.now, dies_at)
    return staged.id


async def put(
    tx: Tx,
    objects: ObjectStore,
    content: bytes,
    owner: str,
    media_type: str,
    dies_at: datetime | None = None,
    *,
    sealed: bool = False,
) -> ObjectId:
    """`stage` and `keep` in one: for small things, since the transaction waits for the disk or the bucket."""
    staged = await stage(objects, content, media_type, now=tx.now, sealed=sealed)
    return await keep(tx, staged, owner, dies_at)


async def hand_over(
    tx: Tx, ids: Sequence[ObjectId], before: str, after: str, dies_at: datetime | None = None
) -> set[ObjectId]:
    """Objects of one owner become another's, with another death; those for which it is so now.

    An object that is gone, or that is not `before`'s, is left as it is and is not in the answer. The same
    owner before and after: only the death changes.
    """
    if dies_at is not None and dies_at <= tx.now:
        raise ValueError(f"an object of {after} would die before it lives")
    return await store.hand_over(tx.connection, ids, before, after, dies_at, tx.now)


async def drop(tx: Tx, ids: Sequence[ObjectId]) -> set[ObjectId]:
    """With the commit nobody gets these objects any more, and sealed ones have lost their key.

    Their bytes are erased right after, by the jobs (`erase_dropped`). Answers those that lived.
    """
    return await store.drop(tx.connection, ids, tx.now)


async def drop_owned(tx: Tx, owners: Sequence[str]) -> set[ObjectId]:
    """`drop` everything of these owners."""
    return await store.drop_owned(tx.connection, owners, tx.now)


async def drop_dead(tx: Tx) -> int:
    """By the clock: drop what is past its death; how many."""
    dropped = await store.drop_dead(tx.connection, tx.now, MOST_AT_ONCE)
    if dropped < MOST_AT_ONCE:
        await store.note_sweep(tx.connection, "dead", tx.now)
    return dropped


# --- Reading --------------------------------------------------------------------------------------


async def look(connection: Connection, id_: ObjectId, now: datetime) -> Shelved | None:
    """What is known of an object; None when it is gone. Who may see it is for its owner to say."""
    return (await store.living(connection, [id_], now)).get(id_)


async def look_at_owned(connection: Connection, owner: str, now: datetime) -> list[Shelved]:
    """Every living object of an owner, the oldest first."""
    return await store.owned(connection, owner, now)


async def fetch(connection: Connection, objects: ObjectStore, id_: ObjectId, now: datetime) -> Stored:
    """All bytes of an object, checked. Refusals object_gone, object_damaged."""
    shelved = await look(connection, id_, now)
    if shelved is None:
        raise ObjectGone(id=str(id_))
    return await objects.read(shelved)
