import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import TestClock
from tests.photos.acts import PICTURE, Album, do
from tests.world import an_id
from wufu.core.ids import GroupId, PersonId
from wufu.core.refusals import IdConflict, NotAllowed
from wufu.db import Tx
from wufu.ledger import Account, Group, Transfer, post
from wufu.objects import drop_dead, erase_dropped, sweep
from wufu.photos import (
    CommentPhoto,
    Detail,
    LikePhoto,
    Paid,
    Photo,
    Removed,
    RemovePhoto,
    ReportPhoto,
    Settings,
    comment_photos,
    like_photos,
    remove_photos,
    report_photos,
    review_photo,
    see_photo,
    see_queue,
    set_settings,
)
from wufu.photos.model import GUARANTEE, credit_time, death_of
from wufu.photos.refusals import PhotoGone, PhotoHeld, PhotoLimit
from wufu.photos.verbs.ending import credit_due, end_due, take_away
from wufu.photos.verbs.seeing import show_clear
from wufu.ties import Block, block
from wufu.wallet import money_of


async def _photo(album: Album, photo: Photo) -> dict[str, object]:
    async with album.database.read() as connection:
        row = await connection.fetchrow("SELECT * FROM photo WHERE id = $1", photo.id)
    assert row is not None
    return dict(row)


def files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "objects").rglob("*") if path.is_file() and path.name != "key"]


async def spend(album: Album, person: PersonId) -> None:
    """Everything a person has goes out of the world."""
    [minor] = await album.money(person)
    target = Account("world/elsewhere", "world", "CNY", may_overdraw=True)

    async def work(tx: Tx) -> None:
        group = Group(
            GroupId(an_id(f"spend {person}")), (Transfer(money_of(person), target, minor, "spent"),)
        )
        await post(tx, [group])

    await album.database.run(work, actor="test")


# --- Midnight -------------------------------------------------------------------------------------


async def test_at_midnight_the_post_and_every_copy_of_its_picture_die(
    album: Album, clock: TestClock, tmp_path: Path
) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author, message="年夜饭", detail=Detail(0, 0, 200, 200))
    paid = await album.pay(viewer, photo.id)
    await do(album.database, show_clear, viewer, photo.id)
    await do(album.database, comment_photos, [CommentPhoto(viewer, an_id("c"), photo.id, "香")])
    assert len(files(tmp_path)) == 2
    clock.now = photo.dies_at
    assert await do(album.database, end_due) == 1
    assert await do(album.database, end_due) == 0
    assert await erase_dropped(album.database, album.store) == 2
    assert not files(tmp_path)
    row = await _photo(album, photo)
    assert (row["ended"], row["message"], row["blur"], row["clear_object"]) == ("died", "", None, None)
    async with album.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM photo_comment") == 0
        seen = await see_photo(connection, viewer, photo.id, clock.now)
    assert (seen.photo.ended, seen.photo.blur, seen.photo.detail, seen.comments) == ("died", None, None, [])
    assert seen.photo.secret is not None
    assert await album.money(author) == [1_000_00 + paid.minor]


async def test_it_dies_at_the_next_midnight_in_china_or_the_campaigns(clock: TestClock) -> None:
    noon = clock.now  # 20:00 in China
    assert death_of(noon, Settings()) == noon + timedelta(hours=4)
    late = noon + timedelta(hours=3, minutes=55)
    assert death_of(late, Settings()) == noon + timedelta(hours=28)
    assert death_of(noon, Settings(death_minute=30)) == noon + timedelta(hours=4, minutes=30)
    campaign = noon + timedelta(days=7)
    assert death_of(noon, Settings(dies_at=int(campaign.timestamp()))) == campaign
    past = Settings(dies_at=int((noon - timedelta(days=1)).timestamp()))
    assert death_of(noon, past) == noon + timedelta(hours=4)


async def test_many_photos_end_at_one_midnight(album: Album, clock: TestClock) -> None:
    [author] = await album.people(1, minor=0)
    photos = [await album.post(author, f"photo {n}") for n in range(3)]
    clock.now = photos[0].dies_at
    ended = await asyncio.gather(do(album.database, end_due), do(album.database, end_due))
    assert sorted(ended) == [0, 3]


async def test_a_crash_in_the_middle_of_midnight_ends_nothing_by_halves(
    album: Album, clock: TestClock, tmp_path: Path
) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author, credit="evening")
    paid = await album.pay(viewer, photo.id)
    clock.now = photo.dies_at

    async def dies(tx: Tx) -> None:
        await end_due(tx)
        raise LookupError

    with pytest.raises(LookupError):
        await album.database.run(dies, actor="test")
    assert (await _photo(album, photo))["ended"] is None
    assert await album.pending(photo.id) == paid.minor
    assert await do(album.database, end_due) == 1
    assert await album.pending(photo.id) == 0
    assert await album.money(author) == [1_000_00 + paid.minor]
    await erase_dropped(album.database, album.store)
    assert not files(tmp_path)


async def test_a_crash_between_picture_and_post_leaves_nothing(
    album: Album, clock: TestClock, tmp_path: Path
) -> None:
    author, *_ = await album.people(1)
    await do(album.database, set_settings, {"posts_day": 0})
    with pytest.raises(PhotoLimit):
        await album.post(author)
    assert len(files(tmp_path)) == 1
    clock.advance(hours=2)
    assert (await sweep(album.database, album.store)).orphans == 1
    assert not files(tmp_path)


# --- The author's hour ----------------------------------------------------------------------------


async def test_the_author_is_credited_at_nine_in_the_evening(album: Album, clock: TestClock) -> None:
    author, one, other = await album.friends(3)
    photo = await album.post(author, credit="evening")
    assert photo.credit_at == clock.now + timedelta(hours=1)
    first = await album.pay(one, photo.id)
    assert await album.money(author) == [1_000_00]
    assert await album.pending(photo.id) == first.minor
    clock.advance(minutes=59)
    assert await do(album.database, credit_due) == 0
    clock.advance(minutes=1)
    assert await do(album.database, credit_due) == 1
    assert await do(album.database, credit_due) == 0
    assert await album.money(author) == [1_000_00 + first.minor]
    second = await album.pay(other, photo.id)
    assert await album.money(author) == [1_000_00 + first.minor + second.minor]


async def test_after_the_hour_or_without_one_the_author_is_credited_at_once(clock: TestClock) -> None:
    evening, midnight = clock.now + timedelta(hours=1), clock.now + timedelta(hours=4)
    assert credit_time(clock.now, midnight, "evening", Settings()) == evening
    assert credit_time(evening, midnight, "evening", Settings()) is None
    assert credit_time(clock.now, evening, "evening", Settings()) is None
    assert credit_time(clock.now, midnight, "now", Settings()) is None


async def test_payments_and_the_hour_at_once_lose_nothing(album: Album, clock: TestClock) -> None:
    author, *viewers = await album.friends(9)
    photo = await album.post(author, credit="evening")
    minors = [(await album.ask(viewer, photo.id)).minor for viewer in viewers]
    assert photo.credit_at is not None
    clock.now = photo.credit_at
    pays = [album.pay(who, photo.id, minor) for who, minor in zip(viewers, minors, strict=True)]
    await asyncio.gather(*pays[:4], do(album.database, credit_due), *pays[4:])
    await do(album.database, credit_due)
    assert await album.money(author) == [1_000_00 + sum(minors)]
    assert await album.pending(photo.id) == 0


async def test_a_photo_nobody_paid_for_has_its_hour_too(album: Album, clock: TestClock) -> None:
    [author] = await album.people(1)
    photo = await album.post(author, credit="evening")
    assert photo.credit_at is not None
    clock.now = photo.credit_at
    assert await do(album.database, credit_due) == 1
    assert await do(album.database, credit_due) == 0


# --- Removal and takedown -------------------------------------------------------------------------


@pytest.mark.parametrize("credit", ["now", "evening"])
async def test_who_never_saw_a_removed_photo_gets_the_money_back(
    album: Album, credit: str, tmp_path: Path
) -> None:
    author, saw, unseen = await album.friends(3)
    photo = await album.post(author, credit=credit)
    one, other = await album.pay(saw, photo.id), await album.pay(unseen, photo.id)
    await do(album.database, show_clear, saw, photo.id)
    [answer] = await do(album.database, remove_photos, [RemovePhoto(author, photo.id)])
    assert answer == Removed(photo.id, other.minor)
    [again] = await do(album.database, remove_photos, [RemovePhoto(author, photo.id)])
    assert again == Removed(photo.id, 0)
    assert await album.money(saw, unseen) == [1_000_00 - one.minor, 1_000_00]
    assert await album.pending(photo.id) == (one.minor if credit == "evening" else 0)
    assert await album.pay(saw, photo.id, one.minor) == PhotoGone()
    await erase_dropped(album.database, album.store)
    assert not files(tmp_path)


async def test_nobody_removes_somebody_elses_photo(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    asked = [RemovePhoto(viewer, photo.id), RemovePhoto(author, an_id("none"))]
    assert await do(album.database, remove_photos, asked) == [PhotoGone(), PhotoGone()]


async def test_who_was_shut_out_unseen_has_the_money_back_at_midnight(album: Album, clock: TestClock) -> None:
    author, cheated, content = await album.friends(3)
    photo = await album.post(author)
    await album.pay(cheated, photo.id)
    paid = await album.pay(content, photo.id)
    await do(album.database, block, [Block(author, cheated)])
    clock.now = photo.dies_at
    await do(album.database, end_due)
    assert await album.money(author, cheated, content) == [
        1_000_00 + paid.minor,
        1_000_00,
        1_000_00 - paid.minor,
    ]


async def test_a_takedown_gives_everybodys_money_back(album: Album, clock: TestClock) -> None:
    author, *viewers = await album.friends(4)
    photo = await album.post(author, credit="evening")
    early = await album.pay(viewers[0], photo.id)
    await do(album.database, show_clear, viewers[0], photo.id)
    assert photo.credit_at is not None
    clock.now = photo.credit_at
    await do(album.database, credit_due)
    late = [await album.pay(viewer, photo.id) for viewer in viewers[1:]]
    done = await do(album.database, review_photo, photo.id, "take_down", "indecent")
    total = early.minor + sum(paid.minor for paid in late)
    assert done.refunded_minor == total
    assert await album.money(author, *viewers) == [1_000_00] * 4
    again = await do(album.database, review_photo, photo.id, "take_down")
    assert again.refunded_minor == 0
    with pytest.raises(NotAllowed):
        await do(album.database, review_photo, photo.id, "keep")
    assert await album.pay(viewers[0], photo.id, early.minor) == PhotoGone()


async def test_what_an_author_has_spent_comes_from_the_guarantee(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    paid = await album.pay(viewer, photo.id)
    await spend(album, author)
    done = await do(album.database, review_photo, photo.id, "take_down")
    assert done.refunded_minor == paid.minor
    assert await album.money(author, viewer) == [0, 1_000_00]
    assert await album.held(GUARANTEE) == -paid.minor


async def test_a_photo_that_died_can_still_be_taken_down(album: Album, clock: TestClock) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    await album.pay(viewer, photo.id)
    clock.now = photo.dies_at
    await do(album.database, end_due)
    await do(album.database, report_photos, [ReportPhoto(viewer, photo.id, "fraud", "不是年夜饭")])
    async with album.database.read() as connection:
        [waiting] = await see_queue(connection)
    assert (waiting.photo, waiting.reports, waiting.payers, waiting.reasons) == (photo.id, 1, 1, ["fraud"])
    await do(album.database, review_photo, photo.id, "take_down")
    assert await album.money(author, viewer) == [1_000_00, 1_000_00]
    async with album.database.read() as connection:
        assert await see_queue(connection) == []


async def test_enough_reports_of_payers_hold_a_photo_until_it_is_looked_at(album: Album) -> None:
    author, *viewers = await album.friends(6)
    photo = await album.post(author)
    for viewer in viewers[:3]:
        await album.pay(viewer, photo.id)
    await do(
        album.database, report_photos, [ReportPhoto(viewer, photo.id, "indecent") for viewer in viewers[3:]]
    )
    assert isinstance(await album.pay(viewers[3], photo.id), Paid)
    for viewer in viewers[:3]:
        await do(album.database, report_photos, [ReportPhoto(viewer, photo.id, "indecent")] * 2)
    assert await album.ask(viewers[4], photo.id) == PhotoHeld()
    with pytest.raises(Exception, match="photo_unpaid"):
        await do(album.database, show_clear, viewers[0], photo.id)
    await do(album.database, review_photo, photo.id, "keep", "ordinary")
    assert isinstance(await album.pay(viewers[4], photo.id), Paid)
    await do(album.database, show_clear, viewers[0], photo.id)


async def test_a_deleted_accounts_posts_words_and_likes_go(album: Album) -> None:
    author, other = await album.friends(2)
    mine, theirs = await album.post(author, "mine"), await album.post(other, "theirs")
    paid = await album.pay(other, mine.id)
    await album.pay(author, theirs.id)
    await do(album.database, like_photos, [LikePhoto(author, theirs.id, True)])
    await do(album.database, comment_photos, [CommentPhoto(author, an_id("c"), theirs.id, "好")])
    assert paid.minor
    assert await do(album.database, take_away, author) == 1
    assert await do(album.database, take_away, author) == 0
    row = await _photo(album, theirs)
    assert (row["likes"], row["comments"], row["ended"]) == (0, 0, None)
    assert (await _photo(album, mine))["ended"] == "removed"
    assert (await album.money(other))[0] > 1_000_00


# --- Posting --------------------------------------------------------------------------------------


async def test_posting_again_is_posting_once(album: Album, tmp_path: Path) -> None:
    [author] = await album.people(1)
    one, other = await asyncio.gather(album.post(author), album.post(author))
    assert one == other
    assert await album.post(author) == one
    with pytest.raises(IdConflict):
        await album.post(author, message="else")
    with pytest.raises(IdConflict):
        await album.post(author, content=PICTURE + b"\0")
    [thief] = await album.people(1)
    with pytest.raises(IdConflict):
        await album.post(thief)


async def test_a_days_posts_have_a_limit(album: Album, clock: TestClock) -> None:
    [author] = await album.people(1)
    await do(album.database, set_settings, {"posts_day": 2})
    await album.post(author, "one")
    await album.post(author, "two")
    with pytest.raises(PhotoLimit):
        await album.post(author, "three")
    await album.post(author, "two")
    clock.advance(hours=4)
    await do(album.database, end_due)
    await do(album.database, drop_dead)
    await album.post(author, "three")
