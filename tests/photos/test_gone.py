"""Photos of and for people who have left Wufu: their money account is closed, and every end goes through."""

import asyncio

import pytest

from tests.conftest import TestClock
from tests.photos.acts import Album, do
from tests.photos.test_ending import spend
from wufu.core.ids import PersonId
from wufu.db import Tx, check_laws
from wufu.ledger import AccountNotEmpty, close_account
from wufu.photos import LAWS, Removed, RemovePhoto, Reviewed, remove_photos, review_photo, see_unsettled
from wufu.photos.model import GUARANTEE, UNCLAIMED
from wufu.photos.verbs.ending import credit_due, end_due
from wufu.photos.verbs.seeing import show_clear
from wufu.ties import Block, block
from wufu.wallet import money_of


async def leave(album: Album, person: PersonId) -> None:
    """The money account of a person is emptied and closed, whatever they had to do with photos."""
    await spend(album, person)
    await do(album.database, close_account, money_of(person))


async def told_of_refunds(album: Album) -> set[int]:
    async with album.database.read() as connection:
        rows = await connection.fetch("SELECT audience FROM outbox WHERE kind = 'photos.refunded'")
    return {person for row in rows for person in row["audience"]}


# --- Ends go through ------------------------------------------------------------------------------


@pytest.mark.parametrize("credit", ["now", "evening"])
async def test_a_takedown_keeps_the_part_of_who_is_gone_and_refunds_the_others(
    album: Album, credit: str
) -> None:
    author, gone, here = await album.friends(3)
    photo = await album.post(author, credit=credit)
    one, other = await album.pay(gone, photo.id), await album.pay(here, photo.id)
    await leave(album, gone)
    done = await do(album.database, review_photo, photo.id, "take_down", "indecent")
    assert done == Reviewed(photo.id, "take_down", one.minor + other.minor, one.minor)
    assert await album.money(author, here) == [1_000_00, 1_000_00], "the author keeps nothing"
    assert await album.held(UNCLAIMED) == one.minor
    assert await album.pending(photo.id) == 0
    assert await told_of_refunds(album) == {here}
    again = await do(album.database, review_photo, photo.id, "take_down")
    assert again == Reviewed(photo.id, "take_down")
    assert await album.held(UNCLAIMED) == one.minor


async def test_what_an_author_has_spent_is_owed_for_who_is_gone_as_well(album: Album) -> None:
    author, gone, here = await album.friends(3)
    photo = await album.post(author)
    one, other = await album.pay(gone, photo.id), await album.pay(here, photo.id)
    await leave(album, gone)
    await spend(album, author)
    await do(album.database, review_photo, photo.id, "take_down")
    assert await album.money(author, here) == [0, 1_000_00]
    assert await album.held(UNCLAIMED) == one.minor
    assert await album.held(GUARANTEE) == -one.minor - other.minor


async def test_a_takedown_goes_through_when_everybody_is_gone(album: Album, clock: TestClock) -> None:
    author, *viewers = await album.friends(3)
    photo = await album.post(author)
    paid = [await album.pay(viewer, photo.id) for viewer in viewers]
    clock.now = photo.dies_at
    await do(album.database, end_due)
    for person in (author, *viewers):
        await leave(album, person)
    done = await do(album.database, review_photo, photo.id, "take_down")
    assert done.refunded_minor == done.unclaimed_minor == sum(one.minor for one in paid)
    assert await album.held(UNCLAIMED) == -await album.held(GUARANTEE) == done.refunded_minor
    assert await told_of_refunds(album) == set()


async def test_a_removal_goes_through_when_a_payer_who_never_saw_it_is_gone(album: Album) -> None:
    author, gone, here = await album.friends(3)
    photo = await album.post(author)
    one, other = await album.pay(gone, photo.id), await album.pay(here, photo.id)
    await leave(album, gone)
    [answer] = await do(album.database, remove_photos, [RemovePhoto(author, photo.id)])
    assert answer == Removed(photo.id, one.minor + other.minor)
    assert await album.held(UNCLAIMED) == one.minor


async def test_midnight_comes_for_all_photos_when_a_payer_of_one_is_gone(
    album: Album, clock: TestClock
) -> None:
    """Whoever was shut out and left before midnight must not keep every other photo alive."""
    author, gone, here = await album.friends(3)
    shut, other = await album.post(author, "shut"), await album.post(author, "other")
    paid = await album.pay(gone, shut.id)
    kept = await album.pay(here, other.id)
    await do(album.database, block, [Block(author, gone)])
    await leave(album, gone)
    clock.now = shut.dies_at
    assert await do(album.database, end_due) == 2
    assert await album.money(author) == [1_000_00 + kept.minor]
    assert await album.held(UNCLAIMED) == paid.minor


async def test_the_hour_comes_for_all_authors_when_one_is_gone(album: Album, clock: TestClock) -> None:
    author, other, viewer = await album.people(3)
    await album.befriend(viewer, author, other)
    photos = [await album.post(one, str(one), credit="evening") for one in (author, other)]
    paid = [await album.pay(viewer, photo.id) for photo in photos]
    await leave(album, author)
    assert photos[0].credit_at is not None
    clock.now = photos[0].credit_at
    assert await do(album.database, credit_due) == 2
    assert await album.money(other) == [1_000_00 + paid[1].minor]
    assert await album.held(UNCLAIMED) == paid[0].minor
    await do(album.database, review_photo, photos[0].id, "take_down")
    assert await album.money(viewer) == [1_000_00 - paid[1].minor]


# --- At once --------------------------------------------------------------------------------------


async def test_leaving_and_a_takedown_at_once_lose_nothing(album: Album) -> None:
    """Either the refund came first and stops the closing, or the account was closed and the part is kept."""
    author, *viewers = await album.friends(9)
    photo = await album.post(author)
    paid = {viewer: (await album.pay(viewer, photo.id)).minor for viewer in viewers}
    for viewer in viewers:
        await spend(album, viewer)

    async def close(person: PersonId) -> bool:
        try:
            await do(album.database, close_account, money_of(person))
        except AccountNotEmpty:
            return False
        return True

    first = [close(viewer) for viewer in viewers[:4]]
    rest = [close(viewer) for viewer in viewers[4:]]
    takedowns = [do(album.database, review_photo, photo.id, "take_down") for _ in range(2)]
    before, [done, again] = await asyncio.gather(asyncio.gather(*first), asyncio.gather(*takedowns))
    closed = dict(zip(viewers, [*before, *await asyncio.gather(*rest)], strict=True))
    assert {done.refunded_minor, again.refunded_minor} == {sum(paid.values()), 0}
    kept = sum(paid[viewer] for viewer in viewers if closed[viewer])
    assert await album.held(UNCLAIMED) == done.unclaimed_minor + again.unclaimed_minor == kept
    assert await album.money(*viewers) == [0 if closed[one] else paid[one] for one in viewers]


# --- What is waited for ---------------------------------------------------------------------------


async def test_a_paid_photo_that_is_up_is_not_settled_until_it_ends(album: Album, clock: TestClock) -> None:
    author, viewer, looker = await album.friends(3)
    photo = await album.post(author)
    paid = await album.pay(viewer, photo.id)
    await album.ask(looker, photo.id)
    async with album.database.read() as connection:
        assert await see_unsettled(connection, viewer) == {"photo_paid": (1, paid.minor, photo.dies_at)}
        assert await see_unsettled(connection, author) == {"photo": (1, paid.minor, photo.dies_at)}
        assert await see_unsettled(connection, looker) == {}, "who paid nothing waits for nothing"
    clock.now = photo.dies_at
    await do(album.database, end_due)
    async with album.database.read() as connection:
        assert [await see_unsettled(connection, one) for one in (viewer, author)] == [{}, {}]


async def test_what_was_refunded_is_settled(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    await album.pay(viewer, photo.id)
    await do(album.database, review_photo, photo.id, "take_down")
    async with album.database.read() as connection:
        assert await see_unsettled(connection, viewer) == {}


async def test_money_that_waits_for_the_authors_hour_is_not_settled(album: Album, clock: TestClock) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author, credit="evening")
    paid = await album.pay(viewer, photo.id)
    await do(album.database, show_clear, viewer, photo.id)
    await do(album.database, remove_photos, [RemovePhoto(author, photo.id)])
    async with album.database.read() as connection:
        assert await see_unsettled(connection, author) == {"photo_credit": (1, paid.minor, photo.credit_at)}
    clock.advance(hours=1)
    await do(album.database, credit_due)
    async with album.database.read() as connection:
        assert await see_unsettled(connection, author) == {}


# --- The laws can fail ----------------------------------------------------------------------------


class _Undo(Exception):
    pass


async def test_the_laws_about_what_is_kept_can_fail(album: Album) -> None:
    author, gone, here = await album.friends(3)
    photo = await album.post(author)
    await album.pay(gone, photo.id)
    await album.pay(here, photo.id)
    await leave(album, gone)
    await do(album.database, review_photo, photo.id, "take_down")
    back = "each refund gives a payer back what they paid, once, or is kept when they have left"
    kept = "what is kept for people who left is what photos gave back to them"
    mine = money_of(gone).holder
    for change, law in (
        ("UPDATE account SET closed_at = NULL WHERE holder = $1 AND purpose = 'money'", back),
        (
            "UPDATE photo_view SET refunded_at = NULL, refund_group = NULL WHERE 'person/' || viewer = $1",
            kept,
        ),
    ):

        async def broken(tx: Tx, change: str = change, law: str = law) -> None:
            await tx.connection.execute(change, mine)
            verdicts = await check_laws(tx.connection, LAWS)
            assert law in {verdict.law for verdict in verdicts if verdict.violations}
            raise _Undo

        with pytest.raises(_Undo):
            await album.database.run(broken, actor="test")
