import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TestClock
from tests.people.acts import do
from tests.photos.acts import Album
from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Fact
from wufu.ledger import NotEnough
from wufu.photos import (
    Asked,
    AskPhoto,
    Paid,
    PayPhoto,
    RemovePhoto,
    ask_photos,
    check_photo_proof,
    pay_photos,
    remove_photos,
    see_proof,
    set_settings,
)
from wufu.photos.model import commitment_of, draw_amount
from wufu.photos.refusals import (
    PhotoAmount,
    PhotoGone,
    PhotoLimit,
    PhotoNotAsked,
    PhotoNotEnded,
    PhotoOwn,
)
from wufu.ties import Block, RemoveTie, block, remove_ties

SEED = "ab" * 32


async def test_the_drawn_amount_is_paid_to_the_author_once(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    asked = await album.ask(viewer, photo.id)
    assert 1_00 <= asked.minor <= 5_00
    paid = await album.pay(viewer, photo.id, asked.minor)
    assert paid == Paid(photo.id, asked.minor, 1_000_00 - asked.minor, album.database.clock())
    assert await album.money(author, viewer) == [1_000_00 + asked.minor, 1_000_00 - asked.minor]
    again = await album.pay(viewer, photo.id, asked.minor)
    assert again == paid
    assert await album.money(author, viewer) == [1_000_00 + asked.minor, 1_000_00 - asked.minor]


async def test_the_first_seed_counts(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author, least_minor=1, most_minor=200_00)
    first = await album.ask(viewer, photo.id, SEED)
    assert {(await album.ask(viewer, photo.id, f"{n:064x}")).minor for n in range(10)} == {first.minor}


async def test_two_seeds_at_once_draw_one_amount(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author, least_minor=1, most_minor=200_00)
    answers = await asyncio.gather(*(album.ask(viewer, photo.id, f"{n:064x}") for n in range(8)))
    assert len({answer.minor for answer in answers}) == 1
    [one, other] = await do(
        album.database, ask_photos, [AskPhoto(viewer, photo.id, f"{n:064x}") for n in (1, 2)]
    )
    assert one == other == answers[0]


async def test_two_payments_at_once_pay_once(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    minor = (await album.ask(viewer, photo.id)).minor
    answers = await asyncio.gather(*(album.pay(viewer, photo.id, minor) for _ in range(8)))
    batch = await do(album.database, pay_photos, [PayPhoto(viewer, photo.id, minor)] * 3)
    assert len({*answers, *batch}) == 1
    assert await album.money(author, viewer) == [1_000_00 + minor, 1_000_00 - minor]


async def test_many_viewers_pay_at_once(album: Album) -> None:
    author, *viewers = await album.friends(13)
    photo = await album.post(author)
    answers = await asyncio.gather(*(album.pay(viewer, photo.id) for viewer in viewers))
    assert all(isinstance(answer, Paid) for answer in answers), answers
    [has] = await album.money(author)
    assert has == 1_000_00 + sum(answer.minor for answer in answers)


async def test_one_batch_of_many_is_as_many_batches_of_one(album: Album) -> None:
    author, one, other, stranger = await album.people(4)
    await album.befriend(author, one, other)
    photo = await album.post(author)
    asks = [AskPhoto(who, photo.id, SEED) for who in (one, other, stranger, author, one)]
    asked = await do(album.database, ask_photos, asks)
    assert asked[2:4] == [PhotoGone(), PhotoOwn()]
    assert asked[0] == asked[4]
    amounts = [answer.minor for answer in asked if isinstance(answer, Asked)]
    assert len(amounts) == 3
    pays = [
        PayPhoto(one, photo.id, amounts[0]),
        PayPhoto(other, photo.id, amounts[1] + 1),
        PayPhoto(stranger, photo.id, 100),
        PayPhoto(one, photo.id, amounts[0]),
        PayPhoto(other, photo.id, amounts[1]),
        PayPhoto(author, photo.id, 100),
    ]
    paid = await do(album.database, pay_photos, pays)
    assert isinstance(paid[0], Paid)
    assert paid[0] == paid[3]
    assert isinstance(paid[4], Paid)
    assert [paid[1], paid[2], paid[5]] == [PhotoAmount(minor=amounts[1]), PhotoGone(), PhotoOwn()]
    assert await album.money(author) == [1_000_00 + amounts[0] + amounts[1]]


async def test_who_may_not_see_the_post_may_not_pay(album: Album) -> None:
    author, friend, stranger, blocked, former = await album.people(5)
    await album.befriend(author, friend, blocked, former)
    photo = await album.post(author)
    minor = (await album.ask(former, photo.id)).minor
    await do(album.database, block, [Block(author, blocked)])
    await do(album.database, remove_ties, [RemoveTie(former, author)])
    for person in (stranger, blocked, former):
        assert await album.ask(person, photo.id) == PhotoGone()
        assert await album.pay(person, photo.id, minor) == PhotoGone()
    assert await album.pay(friend, photo.id, 1_00) == PhotoNotAsked()
    assert await album.ask(friend, an_id("nothing")) == PhotoGone()
    assert await album.pay(friend, an_id("nothing"), 1) == PhotoGone()
    assert await album.ask(author, photo.id) == PhotoOwn()


async def test_a_seed_is_64_hex_digits(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    for seed in ("", "ab", "zz" * 32, "ab" * 33, "é" * 64, " " * 64):
        [answer] = await do(album.database, ask_photos, [AskPhoto(viewer, photo.id, seed)])
        assert isinstance(answer, Refusal)
        assert answer.code == "malformed_body"


async def test_absurd_amounts_are_not_the_drawn_one(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    drawn = (await album.ask(viewer, photo.id)).minor
    for minor in (0, -1, 1, 5_01, 2**62, -(2**62)):
        assert await album.pay(viewer, photo.id, minor) == PhotoAmount(minor=drawn)
    assert await album.money(author) == [1_000_00]


async def test_who_has_too_little_pays_nothing_and_may_try_again(album: Album) -> None:
    author, viewer = await album.friends(2, minor=50)
    photo = await album.post(author)
    answer = await album.pay(viewer, photo.id)
    assert isinstance(answer, NotEnough)
    assert await album.money(author, viewer) == [50, 50]
    [poor] = await _views(album, viewer)
    assert poor["paid_at"] is None


async def _views(album: Album, viewer: PersonId) -> list[Any]:
    async with album.database.read() as connection:
        return list(await connection.fetch("SELECT * FROM photo_view WHERE viewer = $1", viewer))


async def test_a_days_limit_holds_and_ends_with_the_day(album: Album, clock: TestClock) -> None:
    author, viewer = await album.friends(2)
    await do(album.database, set_settings, {"paid_day_minor": 5_00})
    first = await album.post(author, "first", least_minor=3_00, most_minor=3_00)
    second = await album.post(author, "second", least_minor=3_00, most_minor=3_00)
    assert isinstance(await album.pay(viewer, first.id), Paid)
    refused = await album.pay(viewer, second.id)
    assert refused == PhotoLimit(limit="paid_day_minor", most_minor=5_00, left_minor=2_00)
    clock.advance(hours=3, minutes=59)  # 23:59 in China
    assert await album.pay(viewer, second.id, 3_00) == refused
    assert isinstance(await album.pay(viewer, first.id, 3_00), Paid)  # paid before


async def test_nobody_pays_past_midnight_even_while_the_jobs_sleep(album: Album, clock: TestClock) -> None:
    author, viewer, late = await album.friends(3)
    photo = await album.post(author)
    minor = (await album.ask(late, photo.id)).minor
    clock.now = photo.dies_at - timedelta(seconds=1)
    assert isinstance(await album.pay(viewer, photo.id), Paid)
    clock.now = photo.dies_at
    assert await album.pay(late, photo.id, minor) == PhotoGone()
    assert await album.pay(viewer, photo.id, minor) == PhotoGone()


async def test_both_sides_are_told(album: Album) -> None:
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    paid = await album.pay(viewer, photo.id)
    facts = await _facts(album)
    [told] = [fact for fact in facts if fact.kind == "photos.paid"]
    assert told.to == (author,)
    assert (told.body["minor"], told.body["payers"]) == (paid.minor, 1)
    moved = {
        fact.to[0]: fact.body
        for fact in facts
        if fact.kind == "wallet.moved" and fact.body["reason"] == "photo"
    }
    assert moved[viewer]["minor"] == -paid.minor
    assert moved[author]["balance_minor"] == 1_000_00 + paid.minor


async def _facts(album: Album) -> list[Fact]:
    async with album.database.read() as connection:
        rows = await connection.fetch("SELECT kind, body, audience FROM outbox ORDER BY id")
    return [Fact(row["kind"], row["body"], tuple(row["audience"])) for row in rows]


# --- The draw -------------------------------------------------------------------------------------


@given(
    secret=st.binary(min_size=32, max_size=32),
    seed=st.binary(min_size=32, max_size=32),
    viewer=st.integers(1, 2**53),
    least=st.integers(1, 200_00),
    more=st.integers(0, 200_00),
)
def test_every_amount_is_in_the_range_and_repeatable(
    secret: bytes, seed: bytes, viewer: int, least: int, more: int
) -> None:
    drawn = [draw_amount(secret, an_id("x"), PersonId(viewer), seed, least, least + more) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert least <= drawn[0] <= least + more


def test_amounts_are_spread_evenly() -> None:
    """Ten amounts over 5,000 viewers: 500 each, within five standard deviations (21)."""
    counts = [0] * 10
    for viewer in range(1, 5001):
        counts[draw_amount(b"s" * 32, an_id("x"), PersonId(viewer), bytes(32), 1, 10) - 1] += 1
    assert all(abs(count - 500) < 106 for count in counts), counts


def test_the_amount_follows_from_secret_seed_viewer_and_photo() -> None:
    one = draw_amount(b"s" * 32, an_id("x"), PersonId(7), b"c" * 32, 1, 10**9)
    others = [
        draw_amount(b"t" * 32, an_id("x"), PersonId(7), b"c" * 32, 1, 10**9),
        draw_amount(b"s" * 32, an_id("y"), PersonId(7), b"c" * 32, 1, 10**9),
        draw_amount(b"s" * 32, an_id("x"), PersonId(8), b"c" * 32, 1, 10**9),
        draw_amount(b"s" * 32, an_id("x"), PersonId(7), b"d" * 32, 1, 10**9),
    ]
    assert len({one, *others}) == 5


async def test_the_proof_holds_and_a_forged_one_fails_at_the_line(album: Album) -> None:
    author, viewer, other = await album.friends(3)
    photo = await album.post(author)
    await album.pay(viewer, photo.id)
    await album.ask(other, photo.id)
    async with album.database.read() as connection:
        with pytest.raises(PhotoNotEnded):
            await see_proof(connection, viewer, photo.id)
    await do(album.database, remove_photos, [RemovePhoto(author, photo.id)])
    stranger, *_ = await album.people(1)
    async with album.database.read() as connection:
        mine = await see_proof(connection, viewer, photo.id)
        whole = await see_proof(connection, author, photo.id)
        with pytest.raises(PhotoGone):
            await see_proof(connection, stranger, photo.id)
    assert [draw.viewer for draw in mine.draws] == [viewer]
    assert [draw.viewer for draw in whole.draws] == [viewer, other]
    assert mine.commitment == photo.commitment.hex()
    assert photo.commitment == commitment_of(
        bytes.fromhex(mine.secret), photo.id, author, 1_00, 5_00, photo.posted_at
    )

    for proof in (mine, whole):
        lines = check_photo_proof(msgspec.json.decode(msgspec.json.encode(proof)))
        assert lines
        assert all(line.ok for line in lines), lines
    good = msgspec.to_builtins(whole)
    for path, value, word in (
        (("secret",), "00" * 32, "commitment"),
        (("commitment",), "00" * 32, "commitment"),
        (("terms", "most_minor"), 6_00, "commitment"),
        (("terms", "author"), 99, "commitment"),
        (("draws", 0, "minor"), good["draws"][0]["minor"] + 1, "draws"),
        (("draws", 1, "seed"), "00" * 32, "draws"),
        (("draws", 0, "viewer"), good["draws"][1]["viewer"], "draws"),
    ):
        forged = msgspec.json.decode(msgspec.json.encode(good))
        where = forged
        for part in path[:-1]:
            where = where[part]
        where[path[-1]] = value
        wrong = [line for line in check_photo_proof(forged) if not line.ok]
        assert wrong, path
        assert word in wrong[0].text or word in wrong[-1].text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["wufu", "terms", "draws", "secret"]), x),
        max_leaves=8,
    )
)
def test_no_file_breaks_the_check(value: object) -> None:
    lines = check_photo_proof(value)
    assert lines
    assert not all(line.ok for line in lines)
