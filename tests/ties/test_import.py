import io
import itertools
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people.acts import do, some_people
from wufu.core.refusals import Refusal
from wufu.db import Database
from wufu.people import Claim, SignedIn, claim, offer_claim, see_externals, see_people
from wufu.ties import (
    MOST_FRIENDS,
    BadEdgeList,
    Block,
    BlockedByYou,
    EdgeList,
    NoSuchRequest,
    TieToSelf,
    block,
    count_friends,
    friends_of,
    import_ties,
    introduce,
    read_edges,
    see_requests,
)
from wufu.ties.bulk import refused_by_limit

SMALL = b"# five people\n\n0 1\r\n1 2\n2\t3\n3 1\n  4 0  \n# again, and the other way round\n1 0\n0 1\n2 2\n"


def read(text: bytes) -> EdgeList:
    return read_edges(io.BytesIO(text))


def test_an_edge_list_is_read_with_comments_duplicates_and_self_ties() -> None:
    edges = read(SMALL)
    assert edges.ids == ["0", "1", "2", "3", "4"]
    assert list(zip(edges.firsts, edges.seconds, strict=True)) == [(0, 1), (1, 2), (2, 3), (3, 1), (4, 0)]
    assert (edges.duplicates, edges.self_ties, edges.bad) == (2, 1, 0)


def test_ids_are_ordered_by_number_or_as_they_came(tmp_path: Path) -> None:
    file = tmp_path / "edges.txt"
    file.write_bytes(b"\xef\xbb\xbf10 9\n9 2")
    assert read_edges(file).ids == ["2", "9", "10"]
    assert read(b"zoe 10\n10 adam\n").ids == ["zoe", "10", "adam"]
    assert read(b"").ids == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"5", "1 words instead of two ids"),
        (b"1 2 3", "3 words instead of two ids"),
        (b"1 \x00", "not an id: \x00"),
        ("1 王".encode(), "not an id: 王"),
        (b"1 " + b"x" * 65, "not an id: " + "x" * 65),
        (b"\xff\xfe 1", "not an id: \\xff\\xfe"),
        (b"x" * 5_000, "too long"),
        (b"1,2", "1 words instead of two ids"),
    ],
)
async def test_a_bad_line_is_named_and_nothing_is_written(database: Database, line: bytes, why: str) -> None:
    edges = read(b"0 1\n" + line + b"\n1 2\n")
    assert (edges.bad, len(edges.firsts)) == (1, 2)
    with pytest.raises(BadEdgeList) as refused:
        await import_ties(database, edges, seed=1)
    lines = refused.value.facts["lines"]
    assert isinstance(lines, list)
    shown = lines[0]
    assert (shown["line"], shown["why"]) == (2, why)
    assert shown["text"]
    assert len(shown["text"]) <= 400
    async with database.read() as connection:
        assert await see_externals(connection, ["ties/0", "ties/1"]) == {}


async def test_bad_lines_may_be_skipped_and_only_the_first_are_shown(database: Database) -> None:
    edges = read(b"0 1\n" + b"bad\n" * 500 + b"1 2\n")
    assert (edges.bad, len(edges.unread), edges.unread[-1].line) == (500, 20, 21)
    imported = await import_ties(database, edges, seed=1, skip_bad=True)
    assert (imported.people, imported.new_ties, imported.bad_lines) == (3, 2, 500)


async def test_an_import_makes_people_with_names_and_their_ties(database: Database) -> None:
    told: list[tuple[int, int]] = []
    imported = await import_ties(
        database, read(SMALL), seed=1, batch=2, progress=lambda done, total: told.append((done, total))
    )
    assert (imported.people, imported.new_people, imported.ties, imported.new_ties) == (5, 5, 5, 5)
    assert (imported.duplicates, imported.self_ties, imported.refused) == (2, 1, {})
    assert told == [(2, 10), (4, 10), (5, 10), (10, 10)]
    async with database.read() as connection:
        people = await see_externals(connection, [f"ties/{n}" for n in range(5)])
        assert set(await friends_of(connection, people["ties/1"])) == {people[f"ties/{n}"] for n in (0, 2, 3)}
        views = await see_people(connection, people.values())
    assert all(len(view.name) >= 2 for view in views.values())
    # Nobody's phone is told of ties that were there before the phones.
    async with database.pool.acquire() as connection:
        rows = await connection.fetch("SELECT kind, audience, body FROM outbox ORDER BY id")
    assert {(row["kind"], tuple(row["audience"])) for row in rows} == {("ties.imported", ())}
    assert sum(row["body"]["ties"] for row in rows) == 5


class CrashError(Exception):
    pass


async def test_an_import_that_was_cut_off_leaves_no_tie_and_begins_again(database: Database) -> None:
    def crash(done: int, _total: int) -> None:
        if done >= 7:
            raise CrashError

    with pytest.raises(CrashError):
        await import_ties(database, read(SMALL), seed=1, batch=2, progress=crash)
    again = await import_ties(database, read(SMALL), seed=1, batch=3)
    assert (again.new_people, again.new_ties) == (0, 5)
    twice = await import_ties(database, read(SMALL), seed=2)
    assert (twice.new_people, twice.new_ties, twice.refused) == (0, 0, {})
    elsewhere = await import_ties(database, read(SMALL), seed=1, namespace="other")
    assert elsewhere.new_people == 5


async def test_people_who_know_each_other_already_are_tied_one_by_one_where_it_was_cut_off(
    database: Database,
) -> None:
    await import_ties(database, read(b"0 1\n"), seed=1)
    edges = read(SMALL)

    def crash(done: int, total: int) -> None:
        if done >= total - 2:
            raise CrashError

    with pytest.raises(CrashError):
        await import_ties(database, edges, seed=1, batch=2, progress=crash)
    again = await import_ties(database, edges, seed=1, batch=3)
    assert (again.new_people, again.new_ties) == (0, 1)


async def graph_of(
    database: Database, namespace: str, ids: list[str]
) -> tuple[set[tuple[str, str]], list[int]]:
    """The ties under one namespace, both directions, and the counters of its people."""
    async with database.read() as connection:
        people = await see_externals(connection, [f"{namespace}/{name}" for name in ids])
        names = {person: external.split("/")[1] for external, person in people.items()}
        ties = {
            (names[person], names[friend])
            for person in people.values()
            for friend in await friends_of(connection, person)
        }
        return ties, [await count_friends(connection, people[f"{namespace}/{name}"]) for name in ids]


async def test_ties_copied_in_one_go_are_the_ties_made_one_by_one(database: Database) -> None:
    pairs = Random(3).sample(list(itertools.combinations(range(40), 2)), 300)
    edges = read("".join(f"{a} {b}\n" for a, b in pairs).encode())
    copied = await import_ties(database, edges, seed=1, namespace="copied")
    await import_ties(database, read(b"%d %d\n" % pairs[7]), seed=1, namespace="made")
    made = await import_ties(database, edges, seed=1, namespace="made")
    assert (copied.new_ties, made.new_ties) == (300, 299)
    one = await graph_of(database, "copied", edges.ids)
    assert one == await graph_of(database, "made", edges.ids)
    assert len(one[0]) == sum(one[1]) == 600


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32))
def test_the_limit_refuses_the_same_ties_over_arrays_as_one_by_one(seed: int) -> None:
    random = Random(seed)
    hubs = [(0, n) for n in range(2, MOST_FRIENDS + 30)] + [(1, n) for n in range(2, MOST_FRIENDS + 10)]
    pairs = [*hubs, (0, 1)]
    random.shuffle(pairs)
    counts: dict[int, int] = {}
    naive = []
    for pair in pairs:
        full = any(counts.get(one, 0) >= MOST_FRIENDS for one in pair)
        naive.append(full)
        if not full:
            for one in pair:
                counts[one] = counts.get(one, 0) + 1
    columns = np.array(pairs, dtype=np.int64).T
    assert refused_by_limit(columns[0], columns[1], MOST_FRIENDS + 40).tolist() == naive


async def test_an_imported_person_claims_their_account(database: Database) -> None:
    await import_ties(database, read(SMALL), seed=1)
    async with database.read() as connection:
        people = await see_externals(connection, ["ties/3"])
    code = await do(database, offer_claim, people["ties/3"])
    answer = await do(database, claim, Claim(code, "three", "correct horse"))
    assert not isinstance(answer, Refusal)
    assert isinstance(answer, SignedIn)
    assert answer.person == people["ties/3"]


async def test_introducing_people_keeps_to_their_blocks_and_says_what_is_new(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    await do(database, block, [Block(b, c)])
    pairs = [(a, b), (a, b), (b, a), (c, b), (b, c), (a, a)]
    assert await do(database, introduce, pairs) == [
        True,
        False,
        False,
        NoSuchRequest(person=c),
        BlockedByYou(person=c),
        TieToSelf(person=a),
    ]
    async with database.read() as connection:
        assert await friends_of(connection, a) == [b]
        assert await see_requests(connection, b) == []
