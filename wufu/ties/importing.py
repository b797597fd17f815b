"""Import a graph: an edge list becomes people and ties, through the real verbs, in batches.

The file: two ids a line, separated by white space; an id is 1 to 64 of letters, digits, `_ . : @ -`; empty
lines and lines that begin with `#` are skipped. A bad line is reported with its number and its content, and
as long as there is one nothing at all is written, unless the caller says to skip them. A tie from somebody to
themselves and a tie said twice (in either direction) are counted and left out.

An id becomes the external name `<namespace>/<id>`, so importing again, or going on after a crash, finds the
same people and skips the ties that are there. Names follow from the seed and the id. Imported people have no
password until they claim their account.

Ties are made by the verbs, some thousand in each transaction, unless none of the people ever had to do with
ties: then all of them are copied in order, in one transaction (`bulk.py`), 30 million in some minutes.
"""

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from wufu.core.chance import Chance
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Database, Fact, Tx
from wufu.people import NewPerson, chinese_name, create_people, see_externals
from wufu.ties import bulk
from wufu.ties.model import TooManyFriends
from wufu.ties.store import bulk as store
from wufu.ties.store.board import NO_DAY
from wufu.ties.verbs.forming import introduce

ID = re.compile(rb"[A-Za-z0-9_.:@-]{1,64}")
LONGEST_LINE = 1_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_SHOWN = 20
SHOWN_LENGTH = 80
NAMESPACE = re.compile(r"[a-z0-9_-]{1,40}")
BATCH = 4_000
SETTLED_FROM = 200_000
"""Rows of a load after which the table is put in order at once; PostgreSQL does it by and by otherwise."""

Progress = Callable[[int, int], None]


class BadEdgeList(Refusal):
    """`bad` lines could not be read; `lines` are the first: {line, text, why}. Nothing was written."""

    code = "bad_edge_list"
    status = 422


class UnreadLine(msgspec.Struct, frozen=True):
    """A line that is no tie: its number from 1, the beginning of its text, and why."""

    line: int
    text: str
    why: str


@dataclass(slots=True)
class EdgeList:
    """What a file says: `ids` in order, and each tie once as two places in `ids`, in the file's order."""

    ids: list[str] = field(default_factory=list)
    firsts: Sequence[int] | NDArray[np.int64] = field(default_factory=list)
    seconds: Sequence[int] | NDArray[np.int64] = field(default_factory=list)
    duplicates: int = 0
    self_ties: int = 0
    bad: int = 0
    unread: list[UnreadLine] = field(default_factory=list)


class Imported(msgspec.Struct, frozen=True):
    """What an import did. `ties` are those of the file; `new_ties` those that were not there before."""

    people: int
    new_people: int
    ties: int
    new_ties: int
    refused: dict[str, int]
    duplicates: int
    self_ties: int
    bad_lines: int


# --- Reading --------------------------------------------------------------------------------------


def read_edges(source: Path | BinaryIO, *, most_shown: int = MOST_SHOWN) -> EdgeList:
    """Read an edge list; bad lines are counted, and the first `most_shown` of them kept. Raises OSError."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return _read(stream, most_shown)
    return _read(source, most_shown)


def _read(stream: BinaryIO, most_shown: int) -> EdgeList:
    edges = EdgeList()
    places: dict[bytes, int] = {}
    firsts, seconds = array("q"), array("q")
    for number, line in _lines(stream):
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        if why := _wrong(line, words):
            edges.bad += 1
            if len(edges.unread) < most_shown:
                text = line.rstrip(b"\r\n")[:SHOWN_LENGTH].decode(errors="backslashreplace")
                edges.unread.append(UnreadLine(number, text, why))
            continue
        if words[0] == words[1]:
            edges.self_ties += 1
            places.setdefault(words[0], len(places))
            continue
        firsts.append(places.setdefault(words[0], len(places)))
        seconds.append(places.setdefault(words[1], len(places)))
    _arrange(edges, places, firsts, seconds)
    return edges


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Numbered lines; of an overlong one the beginning, so that a file without line ends fits in memory."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line


def _wrong(line: bytes, words: Sequence[bytes]) -> str:
    if len(line) > LONGEST_LINE:
        return "too long"
    if len(words) != 2:
        return f"{len(words)} words instead of two ids"
    for word in words:
        if not ID.fullmatch(word):
            return "not an id: " + word[:SHOWN_LENGTH].decode(errors="backslashreplace")
    return ""


def _arrange(edges: EdgeList, places: dict[bytes, int], firsts: "array[int]", seconds: "array[int]") -> None:
    """Put ids in order (by number if all are numbers, else as they came) and leave each tie in once."""
    ids = [name.decode() for name in places]
    if ids and all(name.isdecimal() for name in ids):
        order = sorted(range(len(ids)), key=lambda place: (int(ids[place]), ids[place]))
    else:
        order = list(range(len(ids)))
    edges.ids = [ids[place] for place in order]
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(len(ids))
    one, other = rank[np.array(firsts, dtype=np.int64)], rank[np.array(seconds, dtype=np.int64)]
    keys = np.minimum(one, other) * max(len(ids), 1) + np.maximum(one, other)
    _, kept = np.unique(keys, return_index=True)
    kept.sort()
    edges.duplicates = len(keys) - len(kept)
    edges.firsts, edges.seconds = one[kept].tolist(), other[kept].tolist()


# --- Writing --------------------------------------------------------------------------------------


async def import_ties(
    database: Database,
    edges: EdgeList,
    *,
    seed: int,
    namespace: str = "ties",
    skip_bad: bool = False,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Imported:
    """Create the people and ties of an edge list, some thousand in each transaction or all ties in one.

    `progress(done, total)` is called as it goes on, in people and ties together. Refusal bad_edge_list before
    anything is written. May be repeated, also after a crash in the middle.
    """
    assert NAMESPACE.fullmatch(namespace), namespace
    if edges.bad and not skip_bad:
        raise BadEdgeList(bad=edges.bad, lines=[msgspec.to_builtins(line) for line in edges.unread])
    total = len(edges.ids) + len(edges.firsts)
    tell = progress or _silent
    people: list[PersonId] = []
    new_people = 0
    chance = Chance.seeded(seed)
    for start in range(0, len(edges.ids), batch):
        names = [f"{namespace}/{name}" for name in edges.ids[start : start + batch]]
        created, numbers = await _create(database, names, chance)
        new_people += created
        people += numbers
        tell(len(people), total)
    made = await _copy(database, people, edges, lambda done: tell(len(people) + done, total))
    if made is None:
        made = await _introduce(database, people, edges, batch, lambda done: tell(len(people) + done, total))
    new_ties, refused = made
    return Imported(
        len(people),
        new_people,
        len(edges.firsts),
        new_ties,
        refused,
        edges.duplicates,
        edges.self_ties,
        edges.bad,
    )


async def _create(database: Database, names: Sequence[str], chance: Chance) -> tuple[int, list[PersonId]]:
    wanted = [NewPerson(chinese_name(chance.secret(f"name/{name}", 16)), "imported", name) for name in names]

    async def work(tx: Tx) -> tuple[int, list[PersonId]]:
        known = await see_externals(tx.connection, names)
        return len(names) - len(known), await create_people(tx, wanted)

    return await database.run(work, actor="system/import")


async def _copy(
    database: Database, people: Sequence[PersonId], edges: EdgeList, tell: Callable[[int], None]
) -> tuple[int, dict[str, int]] | None:
    """All ties in one transaction: how many, and what was refused. None: some people have ties already.

    Somebody else who touches one of the people meanwhile collides with the rows written first; then all of it
    is tried anew, and finds the touched one.
    """
    firsts, seconds = np.asarray(edges.firsts, dtype=np.int64), np.asarray(edges.seconds, dtype=np.int64)
    if not len(firsts):
        return 0, {}
    refused = bulk.refused_by_limit(firsts, seconds, len(people))
    numbers = np.array(people, dtype=np.int64)
    kept = ~refused
    persons, friends = bulk.both_directions(firsts[kept], seconds[kept], numbers)
    tied, counts = np.unique(persons, return_counts=True)

    async def work(tx: Tx) -> bool:
        if await store.touched(tx.connection, list(people)):
            return False
        await store.insert_people(tx.connection, tied, counts, NO_DAY)
        await store.insert_lists(tx.connection, tied, counts, friends)
        await store.insert_ties(tx.connection, persons, friends, tx.now, lambda rows: tell(rows // 2))
        tx.announce(Fact("ties.imported", {"ties": len(persons) // 2, "at": tx.now}))
        return True

    if not await database.run(work, actor="system/import"):
        return None
    if len(persons) >= SETTLED_FROM:
        async with database.borrow() as connection:
            await store.settle(connection)
    limited = int(refused.sum())
    return len(persons) // 2, {TooManyFriends.code: limited} if limited else {}


async def _introduce(
    database: Database,
    people: Sequence[PersonId],
    edges: EdgeList,
    batch: int,
    tell: Callable[[int], None],
) -> tuple[int, dict[str, int]]:
    """Tie by tie: how many are new, and the codes of what was refused."""
    new_ties = 0
    refused: dict[str, int] = {}
    for start in range(0, len(edges.firsts), batch):
        pairs = [
            (people[first], people[second])
            for first, second in zip(
                edges.firsts[start : start + batch], edges.seconds[start : start + batch], strict=True
            )
        ]
        made, codes = await _tie(database, pairs)
        new_ties += made
        for code in codes:
            refused[code] = refused.get(code, 0) + 1
        tell(start + len(pairs))
    return new_ties, refused


async def _tie(database: Database, pairs: Sequence[tuple[PersonId, PersonId]]) -> tuple[int, list[str]]:
    """How many of these ties are new, and the codes of what was refused."""

    async def work(tx: Tx) -> list[bool | Refusal]:
        return await introduce(tx, pairs)

    answers = await database.run(work, actor="system/import")
    return answers.count(True), [answer.code for answer in answers if isinstance(answer, Refusal)]


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""
