"""Two at once and a crash in between: paying against every end of a photo, and a takedown that breaks off."""

import asyncio
from types import ModuleType

import pytest

from tests.conftest import TestClock
from tests.photos.acts import Album, do
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.photos import (
    LikePhoto,
    Paid,
    Photo,
    RemovePhoto,
    ReportPhoto,
    like_photos,
    remove_photos,
    report_photos,
    review_photo,
)
from wufu.photos.refusals import PhotoGone, PhotoHeld
from wufu.photos.store import photos as store
from wufu.photos.verbs import ending
from wufu.photos.verbs.ending import end_due
from wufu.ties import Block, block


async def _posted(album: Album, viewers: int) -> tuple[Photo, PersonId, dict[PersonId, int]]:
    """A photo, its author, and what each of so many viewers is to pay."""
    author, *others = await album.friends(viewers + 1)
    photo = await album.post(author)
    return photo, author, {one: (await album.ask(one, photo.id)).minor for one in others}


async def _paid_by(album: Album, answers: dict[PersonId, Paid | Refusal]) -> int:
    """Nobody who was refused lost anything; what the others paid."""
    for person, answer in answers.items():
        if isinstance(answer, Refusal):
            assert answer in (PhotoGone(), PhotoHeld())
            assert await album.money(person) == [1_000_00]
    return sum(answer.minor for answer in answers.values() if isinstance(answer, Paid))


@pytest.mark.parametrize("end", ["take_down", "remove", "midnight", "block"])
async def test_paying_against_an_end_is_before_it_or_not_at_all(
    album: Album, clock: TestClock, end: str
) -> None:
    photo, author, prices = await _posted(album, 8)

    async def ends() -> None:
        if end == "take_down":
            await do(album.database, review_photo, photo.id, "take_down")
        elif end == "remove":
            await do(album.database, remove_photos, [RemovePhoto(author, photo.id)])
        elif end == "midnight":
            clock.now = photo.dies_at
            await do(album.database, end_due)
        else:
            await do(album.database, block, [Block(author, one) for one in prices])

    pays = [album.pay(who, photo.id, minor) for who, minor in prices.items()]
    early, _ = await asyncio.gather(asyncio.gather(*pays[:4]), ends())
    late = await asyncio.gather(*pays[4:])
    paid = await _paid_by(album, dict(zip(prices, [*early, *late], strict=True)))
    assert late == [PhotoGone()] * 4
    everything = 9 * 1_000_00
    assert sum(await album.money(author, *prices)) == everything, "nothing is lost and nothing made"
    # Nobody was shown the picture: where it was taken away, all of it went back.
    assert await album.money(author) == [1_000_00 + (0 if end in ("take_down", "remove") else paid)]


async def test_the_last_report_and_a_payment_at_once(album: Album) -> None:
    photo, author, prices = await _posted(album, 6)
    people = list(prices)
    for one in people[:3]:
        await album.pay(one, photo.id, prices[one])
    reports = [do(album.database, report_photos, [ReportPhoto(one, photo.id, "fraud")]) for one in people[:3]]
    pays = [album.pay(one, photo.id, prices[one]) for one in people[3:]]
    _, answers = await asyncio.gather(asyncio.gather(*reports), asyncio.gather(*pays))
    paid = await _paid_by(album, dict(zip(people[3:], answers, strict=True)))
    assert await album.money(author) == [1_000_00 + paid + sum(prices[one] for one in people[:3])]
    # Held in whichever order they came.
    async with album.database.read() as connection:
        assert await connection.fetchval("SELECT held_at IS NOT NULL FROM photo")


async def test_likes_of_many_at_once_are_counted_once_each(album: Album) -> None:
    photo, _, prices = await _posted(album, 6)
    wishes = [LikePhoto(one, photo.id, True) for one in prices] * 2
    await asyncio.gather(*(do(album.database, like_photos, [wish]) for wish in wishes))
    async with album.database.read() as connection:
        assert await connection.fetchval("SELECT likes FROM photo") == 6


class Crash(Exception):
    """The server dies here."""


@pytest.mark.parametrize("where", ["post", "put_refunds", "end_photos", "balances"])
async def test_a_crash_in_the_middle_of_a_takedown_does_nothing_by_halves(
    album: Album, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    photo, author, prices = await _posted(album, 3)
    for one, minor in prices.items():
        await album.pay(one, photo.id, minor)
    target: ModuleType = store if where in ("put_refunds", "end_photos") else ending
    real = getattr(target, where)

    async def crashing(*args: object, **kwargs: object) -> object:
        await real(*args, **kwargs)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(target, where, crashing)
        with pytest.raises(Crash):
            await do(album.database, review_photo, photo.id, "take_down")
    assert await album.money(author) == [1_000_00 + sum(prices.values())]
    async with album.database.read() as connection:
        assert await connection.fetchval("SELECT ended FROM photo") is None
    done = await do(album.database, review_photo, photo.id, "take_down")
    assert done.refunded_minor == sum(prices.values())
    assert await album.money(author, *prices) == [1_000_00] * 4
