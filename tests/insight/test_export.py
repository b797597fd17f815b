"""Facts into files: exactly once whatever dies when, fewer files later, nobody in them who was forgotten."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.conftest import TestClock
from tests.objects.bucket import bucket_running
from tests.world import GALA, World
from wufu.core.ids import PersonId
from wufu.db import Database, Fact, Only, Tx, carry, try_lock
from wufu.insight import (
    LISTENERS,
    BadInsight,
    Exported,
    Lake,
    backfill,
    bring_up_to_date,
    export,
    exporting,
    forget_in_files,
    forget_person,
    store,
)
from wufu.insight.exporting import clean_up, compact, retire
from wufu.main import LISTENERS as ALL_LISTENERS
from wufu.objects import BadObjectStore
from wufu.ties import RemoveTie, introduce, remove_ties

ONE, TWO, THREE = PersonId(1), PersonId(2), PersonId(3)


class PowerCut(Exception):
    """The server dies here."""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(folder=tmp_path / "lake")


async def announce(database: Database, *facts: Fact) -> None:
    async def work(tx: Tx) -> None:
        for fact in facts:
            tx.announce(fact)

    await database.run(work, actor="test")


async def relay(database: Database, listeners: Any = LISTENERS) -> None:
    async def work(tx: Tx) -> None:
        assert await try_lock(tx, Only.RELAY)
        await carry(tx, listeners)

    await database.run(work, actor="relay")


def talked(*pairs: tuple[PersonId, PersonId, int], day: str = "2016-02-01") -> Fact:
    return Fact("chat.talked", {"day": day, "pairs": [list(pair) for pair in pairs], "parts": []})


async def kept(database: Database, lake: Lake) -> list[dict[str, Any]]:
    """The rows of the files that count, in the order of their numbers."""
    async with database.read() as connection:
        files = await store.files(connection, "kept")
    assert lake.folder is not None
    rows = [row for file in files for row in pq.ParquetFile(lake.folder / file.path).read().to_pylist()]
    return sorted(rows, key=lambda row: int(row["number"]))


async def said(database: Database, lake: Lake) -> list[tuple[int, int, int]]:
    return [(row["a"], row["b"], row["count"]) for row in await kept(database, lake)]


def lying(lake: Lake) -> list[str]:
    assert lake.folder is not None
    return sorted(str(path.relative_to(lake.folder)) for path in lake.folder.rglob("*.parquet"))


async def test_facts_lie_by_kind_and_day_in_china(database: Database, lake: Lake, world: World) -> None:
    one, two = await world.people(2)
    await world.befriend((one, two))
    await announce(database, talked((one, two, 3)), talked((two, one, 1), day="2016-02-02"))
    await relay(database)
    assert await export(database, lake) == Exported(3, 3)
    assert [path.rsplit("/", 1)[0] for path in lying(lake)] == [
        "facts/kind=act/day=2016-02-01",
        "facts/kind=act/day=2016-02-02",
        "facts/kind=tie_born/day=2016-01-31",
    ]
    born = (await kept(database, lake))[0]
    assert (born["kind"], born["a"], born["b"], born["word"], born["flag"]) == (
        "tie_born",
        one,
        two,
        "asked",
        True,
    )
    assert set(born) == {"number", "kind", "at", "day", "a", "b", "word", "campaign", "count", "flag"}


async def test_no_word_that_somebody_wrote_is_in_the_files(
    database: Database, lake: Lake, world: World
) -> None:
    one, two = await world.people(2)
    await world.befriend((one, two))
    await announce(
        database, Fact("packet.opened", {"packet": "x", "person": {"person": two, "name": "王秘密"}}, (one,))
    )
    await relay(database)
    await export(database, lake)
    assert lake.folder is not None
    content = b"".join((lake.folder / path).read_bytes() for path in lying(lake))
    assert "玩家".encode() not in content
    assert "秘密".encode() not in content
    assert len(await kept(database, lake)) == 2


@pytest.mark.parametrize("dies_at", ["the first file", "the last file", "the commit"])
async def test_a_crash_between_writing_and_committing_loses_and_doubles_nothing(
    database: Database, lake: Lake, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    await announce(database, talked((ONE, TWO, 3)), talked((TWO, ONE, 1), day="2016-02-02"))
    await relay(database)
    put, unstage, written = lake.put, store.unstage, 0

    async def dying_put(path: str, content: bytes) -> None:
        nonlocal written
        written += 1
        await put(path, content)
        if dies_at == ("the first file" if written == 1 else "the last file"):
            raise PowerCut

    async def dying_unstage(connection: Any, upto: int) -> None:
        await unstage(connection, upto)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(lake, "put", dying_put)
        if dies_at == "the commit":
            patch.setattr(store, "unstage", dying_unstage)
        with pytest.raises(PowerCut):
            await export(database, lake)
    assert await kept(database, lake) == []
    left = lying(lake)
    assert left
    # More comes before the next try: it must not get into the files that were begun.
    await announce(database, talked((ONE, THREE, 9)))
    await relay(database)
    await export(database, lake)
    assert await said(database, lake) == [(1, 2, 3), (2, 1, 1), (1, 3, 9)]
    assert set(left) <= set(lying(lake))
    assert len(lying(lake)) == 3, "a file lies there that nobody knows"
    await export(database, lake)
    assert len(await kept(database, lake)) == 3


async def test_a_relay_that_dies_and_comes_again_is_heard_once(database: Database, lake: Lake) -> None:
    await announce(database, talked((ONE, TWO, 3)))

    async def dies(_tx: Tx, _facts: list[Fact]) -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        await relay(database, {"chat.talked": (*LISTENERS["chat.talked"], dies)})
    await relay(database)
    await relay(database)
    await export(database, lake)
    assert await said(database, lake) == [(1, 2, 3)]


async def test_facts_that_are_staged_while_others_export_keep_their_turn(
    database: Database, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    await announce(database, talked((ONE, TWO, 1)))
    await relay(database)
    put = lake.put

    async def put_while_more_comes(path: str, content: bytes) -> None:
        if "/day=2016-02-01/000000000001-" in path:
            await announce(database, talked((TWO, THREE, 2)))
            await relay(database)
        await put(path, content)

    monkeypatch.setattr(lake, "put", put_while_more_comes)
    await export(database, lake)
    assert await said(database, lake) == [(1, 2, 1), (2, 3, 2)]


async def test_exports_by_two_servers_at_once_write_each_fact_once(database: Database, lake: Lake) -> None:
    for number in range(1, 6):
        await announce(database, talked((ONE, TWO, number)))
    await relay(database)
    done = await asyncio.gather(*(export(database, lake) for _ in range(4)))
    assert sum(one.facts for one in done) == 5
    assert [count for _, _, count in await said(database, lake)] == [1, 2, 3, 4, 5]


async def small_files(database: Database, lake: Lake) -> None:
    for number in range(1, 4):
        await announce(database, talked((ONE, TWO, number)))
        await relay(database)
        await export(database, lake)
    assert len(lying(lake)) == 3


async def test_small_files_of_a_past_day_become_one(database: Database, lake: Lake, clock: TestClock) -> None:
    await small_files(database, lake)
    assert await compact(database, lake) == 0, "its day is not over"
    clock.advance(days=3)
    before = await kept(database, lake)
    assert await compact(database, lake) == 3
    assert len(lying(lake)) == 1
    assert await kept(database, lake) == before
    assert await compact(database, lake) == 0


@pytest.mark.parametrize("dies_at", ["before", "after"])
async def test_a_crash_in_compaction_leaves_the_old_files_and_no_new_one(
    database: Database, lake: Lake, clock: TestClock, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    await small_files(database, lake)
    clock.advance(days=3)
    before, put = await kept(database, lake), lake.put

    async def dying_put(path: str, content: bytes) -> None:
        if dies_at == "after":
            await put(path, content)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(lake, "put", dying_put)
        with pytest.raises(PowerCut):
            await compact(database, lake)
    assert await kept(database, lake) == before
    await clean_up(database, lake)
    assert len(lying(lake)) == 3
    assert await compact(database, lake) == 3
    assert await kept(database, lake) == before


async def test_somebody_forgotten_is_in_no_file_and_the_counts_stay(
    database: Database, lake: Lake, clock: TestClock
) -> None:
    await announce(database, talked((ONE, TWO, 3), (TWO, THREE, 4)))
    await relay(database)
    await export(database, lake)
    await announce(database, talked((THREE, TWO, 5)))
    await relay(database)
    await database.run(lambda tx: forget_person(tx, TWO), actor="test")
    await announce(database, talked((ONE, TWO, 6)))  # it was on its way
    await relay(database)
    await export(database, lake)
    assert await forget_in_files(database, lake) == 1
    rows = await kept(database, lake)
    assert [row["count"] for row in rows] == [3, 4, 5, 6]
    stand_ins = {number for row in rows for number in (row["a"], row["b"])} - {1, 3}
    assert len(stand_ins) == 1
    assert min(stand_ins) < 0
    assert await forget_in_files(database, lake) == 0
    assert len(lying(lake)) == 2, "the file with the person in it must be gone"
    clock.advance(days=2)
    await forget_in_files(database, lake)
    async with database.read() as connection:
        assert await store.forgotten(connection) == {}


async def test_files_of_long_ago_go(database: Database, lake: Lake, clock: TestClock) -> None:
    await announce(database, talked((ONE, TWO, 1)), talked((ONE, TWO, 2), day="2019-01-31"))
    await relay(database)
    clock.now = datetime(2019, 2, 3, 12, tzinfo=UTC)
    await export(database, lake)
    assert await retire(database, lake) == 0
    clock.advance(days=1)
    assert await retire(database, lake) == 1
    assert await said(database, lake) == [(1, 2, 2)]
    assert len(lying(lake)) == 1


async def test_forgetting_twice_keeps_the_stand_in(database: Database) -> None:
    await database.run(lambda tx: forget_person(tx, TWO), actor="test")
    async with database.read() as connection:
        first = await store.forgotten(connection)
    await database.run(lambda tx: forget_person(tx, TWO), actor="test")
    async with database.read() as connection:
        assert await store.forgotten(connection) == first


async def test_ties_from_before_anybody_listened_are_filled_in_once(
    database: Database, lake: Lake, world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await world.people(5)
    await world.befriend(*((people[0], other) for other in people[1:]))
    await relay(database, {})  # nobody listened
    clock.advance(hours=1)
    monkeypatch.setattr(exporting, "BACKFILLED_AT_ONCE", 3)
    assert await backfill(database) == 4
    assert await backfill(database) == 0
    await bring_up_to_date(database, lake)
    rows = await kept(database, lake)
    assert [(row["a"], row["b"], row["flag"]) for row in rows] == [
        (people[0], other, None) for other in people[1:]
    ]


async def test_imported_ties_are_fetched_by_the_moment_of_their_import(
    database: Database, lake: Lake, world: World, clock: TestClock
) -> None:
    one, two, three = await world.people(3)
    await bring_up_to_date(database, lake)
    clock.advance(hours=1)
    await world.run(lambda tx: introduce(tx, [(one, two), (two, three)]))
    await relay(database)
    await bring_up_to_date(database, lake)
    await bring_up_to_date(database, lake)
    assert [(row["a"], row["b"], row["word"]) for row in await kept(database, lake)] == [
        (one, two, "imported"),
        (two, three, "imported"),
    ]


async def test_players_and_the_hold_out_come_from_the_campaign(
    database: Database, lake: Lake, world: World
) -> None:
    people = await world.people(3)
    await world.campaign(people=3)
    await world.join(people)
    await relay(database, ALL_LISTENERS)
    await export(database, lake)
    rows = [row for row in await kept(database, lake) if row["kind"] == "joined"]
    assert [(row["a"], row["campaign"], row["flag"]) for row in rows] == [
        (one, GALA, False) for one in people
    ]


async def test_the_end_of_a_friendship_is_told_from_both_sides(
    database: Database, lake: Lake, world: World
) -> None:
    one, two = await world.people(2)
    await world.befriend((one, two))
    await world.ask(remove_ties, RemoveTie(one, two))
    await relay(database)
    await export(database, lake)
    ended = [(row["a"], row["b"]) for row in await kept(database, lake) if row["kind"] == "tie_ended"]
    assert sorted(ended) == [(one, two), (two, one)]


async def test_a_lost_file_is_told_in_words(database: Database, lake: Lake) -> None:
    await announce(database, talked((ONE, TWO, 3)))
    await relay(database)
    await export(database, lake)
    assert lake.folder is not None
    for path in lying(lake):
        (lake.folder / path).unlink()
    with pytest.raises(BadInsight, match="bring them back"):
        async with lake.at_hand(await _paths(database)):
            pass


async def _paths(database: Database) -> Sequence[str]:
    async with database.read() as connection:
        return [file.path for file in await store.files(connection, "kept")]


async def test_a_bucket_holds_the_same_files(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bucket_running() as (bucket, url):
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "WUFU_FACTS_URL": "s3://wufu/a/prefix",
        }.items():
            monkeypatch.setenv(name, value)
        remote = Lake.configured(Path("not used"))
        await announce(database, talked((ONE, TWO, 3)))
        await relay(database)
        await export(database, remote)
        assert [key.rsplit("/", 1)[0] for key in bucket.objects] == ["a/prefix/facts/kind=act/day=2016-02-01"]
        async with remote.at_hand(await _paths(database)) as files:
            rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
        assert [(row["a"], row["b"], row["count"]) for row in rows] == [(1, 2, 3)]
        await database.run(lambda tx: forget_person(tx, TWO), actor="test")
        assert await forget_in_files(database, remote) == 1
        assert len(bucket.objects) == 1


def test_a_url_that_is_no_bucket_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUFU_FACTS_URL", "https://elsewhere")
    with pytest.raises(BadObjectStore, match="s3://bucket/prefix"):
        Lake.configured(Path("not used"))
