"""Facts to files, exactly once; small files into large ones; people out of files.

The story. Listeners hear the facts inside the relay's transaction and stage what is kept of them in
`insight_fact`: a fact is staged exactly when it is carried on. Each hour the export takes the staged facts
up to a number, writes a file for each kind and day, and in one transaction says that the files count and
that those facts are staged no longer. That commit is the only moment at which anything changes hands:

- killed before it, the facts are still staged, and the files that were written are overwritten: the number
  up to which is exported was itself committed first, so that the next try writes the same files;
- killed after it, nothing is left to do.

Compaction and forgetting write a file anew in the same way. The new file is noted as `writing` first; one
transaction then makes it count and its sources count no more; those are erased afterwards. Whatever is
`writing` when a turn begins was left by a crash and is erased. Readers go by the table, never by what lies
in the folder; the folder too holds each fact once, except while files change places, and after a crash
until the next turn.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from wufu import fortune, ties
from wufu.core.ids import PersonId
from wufu.db import Database, Fact, Only, Tx, wait_lock
from wufu.insight import store
from wufu.insight.facts import READERS, Row, day_number, joined, rows_of, tie_born
from wufu.insight.lake import Lake, path_of
from wufu.insight.late import room
from wufu.insight.model import Exported, FactFile

ACTOR = "system/insight"
AT_ONCE = 100_000
"""Facts in one turn of the export: some seconds of work and tens of megabytes."""
KEPT_DAYS = 3 * 366
"""Three campaigns of a yearly feast; what is older answers no question that the expressions ask."""
BACKFILLED_AT_ONCE = 10_000
SMALL = 64 * 1024**2
"""Files of a past day are merged until they are this large together."""


# --- Hearing --------------------------------------------------------------------------------------


async def stage(tx: Tx, rows: Sequence[Row]) -> None:
    """Keep rows until a file holds them.

    Under a lock until the commit, so that numbers are committed in their order: a fact can then never appear
    below a number up to which was exported already.
    """
    if rows:
        await wait_lock(tx, Only.STAGING)
        await store.stage(tx.connection, rows)


async def hear(tx: Tx, facts: list[Fact]) -> None:
    """Listen to every kind that insight knows: keep the numbers, in the relay's transaction."""
    await stage(tx, [row for fact in facts for row in rows_of(fact, tx.now)])


async def hear_joined(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `fortune.joined`: who plays, and who of them is in the hold-out."""
    rows = []
    for fact in facts:
        campaign = str(fact.body["campaign"])
        rule = await fortune.friends_rule(tx.connection, campaign)
        permille = rule.holdout_permille if rule is not None else 0
        for person in _people(fact):
            held_out = fortune.in_holdout(campaign, person, permille)
            rows.append(joined(person, campaign, tx.now, held_out=held_out))
    await stage(tx, rows)


def _people(fact: Fact) -> list[PersonId]:
    people = fact.body["people"]
    assert isinstance(people, list)
    return people


async def hear_imported(tx: Tx, facts: list[Fact]) -> None:
    """Listen to `ties.imported`, which names nobody: the ties of that moment are fetched by the job."""
    await store.note_imports(tx.connection, [datetime.fromisoformat(str(fact.body["at"])) for fact in facts])


LISTENERS = {
    **dict.fromkeys(READERS, (hear,)),
    "fortune.joined": (hear_joined,),
    "ties.imported": (hear_imported,),
}


# --- What happened before anybody listened --------------------------------------------------------


async def backfill(database: Database) -> int:
    """Stage the ties that were there before insight listened, and imported ones; how many now.

    A portion and the place reached are committed together, so each tie is staged once. A tie that was also
    heard as a fact has the same two people and the same moment, and counts once in every expression.
    """
    staged = await database.run(_fetch_imported, actor=ACTOR)
    while True:
        portion = await database.run(_backfill_some, actor=ACTOR)
        if portion is None:
            return staged
        staged += portion


async def _backfill_some(tx: Tx) -> int | None:
    """One portion of ties by the smaller number of the two; None when all have been staged."""
    await wait_lock(tx, Only.INSIGHT)
    reached = await store.progress(tx.connection, store.BACKFILL)
    first, second, since = reached or (0, 0, tx.now)
    if first < 0:
        return None
    listed = await ties.see_all_ties(tx.connection, (PersonId(first), PersonId(second)), BACKFILLED_AT_ONCE)
    await stage(
        tx,
        [tie_born(one.a, one.b, one.since, one.cause, new=None) for one in listed if one.since < since],
    )
    last = (listed[-1].a, listed[-1].b) if len(listed) == BACKFILLED_AT_ONCE else (-1, -1)
    await store.note_progress(tx.connection, store.BACKFILL, *last, since)
    return len(listed)


async def _fetch_imported(tx: Tx) -> int:
    await wait_lock(tx, Only.INSIGHT)
    instants = await store.take_imports(tx.connection)
    reached = await store.progress(tx.connection, store.BACKFILL)
    # Those before the back-fill began are found by it.
    wanted = [at for at in instants if reached is not None and at >= reached[2]]
    listed = await ties.see_ties_made_at(tx.connection, wanted) if wanted else []
    await stage(tx, [tie_born(one.a, one.b, one.since, one.cause, new=None) for one in listed])
    return len(listed)


# --- Into files -----------------------------------------------------------------------------------


async def export(database: Database, lake: Lake) -> Exported:
    """Write all staged facts into files; how many facts and files. Safe to repeat, and for two at once."""
    done = Exported()
    while upto := await database.run(_open_turn, actor=ACTOR):
        done += await _export_turn(database, lake, upto)
    return done


async def _open_turn(tx: Tx) -> int:
    """The number up to which is exported next: the one that a crash left open, or a new one; 0 for none."""
    await wait_lock(tx, Only.INSIGHT)
    reached = await store.progress(tx.connection, store.EXPORT)
    if reached is not None and reached[0] < reached[1]:
        return reached[1]
    await wait_lock(tx, Only.STAGING)  # whoever stages now commits before we look
    upto = await store.newest_staged(tx.connection, AT_ONCE)
    if upto:
        await store.note_progress(tx.connection, store.EXPORT, reached[1] if reached else 0, upto, tx.now)
    return upto


async def _export_turn(database: Database, lake: Lake, upto: int) -> Exported:
    async def work(tx: Tx) -> Exported:
        await wait_lock(tx, Only.INSIGHT)
        reached = await store.progress(tx.connection, store.EXPORT)
        if reached is None or reached[:2] == (upto, upto):
            return Exported()  # another server was faster
        rows = await store.staged(tx.connection, upto)
        files = []
        for (kind, day), group in groupby(rows, key=lambda row: (row["kind"], row["day"])):
            listed = list(group)
            content = await _in_thread("encode", listed)
            # The file is named for the turn, so that a second try writes the same one.
            file = FactFile(
                path_of(kind, day, reached[0] + 1, upto, 0),
                kind,
                day,
                reached[0] + 1,
                upto,
                len(listed),
                len(content),
            )
            await lake.put(file.path, content)
            files.append(file)
        await store.note_files(tx.connection, files, "kept", tx.now)
        await store.unstage(tx.connection, upto)
        await store.note_progress(tx.connection, store.EXPORT, upto, upto, tx.now)
        return Exported(len(rows), len(files))

    return await database.run(work, actor=ACTOR)


async def _in_thread(name: str, *arguments: object) -> Any:
    """A function of `parquet.py` in a thread, which also loads it: the event loop goes on meanwhile."""

    def work() -> object:
        return getattr(room("parquet"), name)(*arguments)

    return await asyncio.to_thread(work)


# --- Fewer files, and without some people ---------------------------------------------------------


async def clean_up(database: Database, lake: Lake) -> int:
    """Erase files that count no longer, and what a crash left half done; how many."""

    async def work(tx: Tx) -> int:
        await wait_lock(tx, Only.INSIGHT)
        dead = await store.files(tx.connection, "writing", "dropped")
        for file in dead:
            await lake.erase(file.path)
        await store.erase_notes(tx.connection, [file.path for file in dead])
        return len(dead)

    return await database.run(work, actor=ACTOR)


async def compact(database: Database, lake: Lake) -> int:
    """Merge the small files of past days into one a kind and day; how many files were merged."""
    async with database.read() as connection:
        kept = await store.files(connection, "kept", before_day=day_number(database.clock()))
    merged = 0
    for _, group in groupby(kept, key=lambda file: (file.kind, file.day)):
        small = _small(list(group))
        if len(small) > 1 and await _rewrite(database, lake, small, merge_only=True):
            merged += len(small)
    await clean_up(database, lake)
    return merged


def _small(files: Sequence[FactFile]) -> list[FactFile]:
    """As many small files from the front as make a large one."""
    chosen: list[FactFile] = []
    total = 0
    for file in files:
        if file.bytes < SMALL and total < SMALL:
            chosen.append(file)
            total += file.bytes
    return chosen


async def _rewrite(database: Database, lake: Lake, sources: Sequence[FactFile], *, merge_only: bool) -> bool:
    """Write some files anew as one: merged, or also without the forgotten. False when there was no need."""

    async def note(tx: Tx) -> FactFile:
        await wait_lock(tx, Only.INSIGHT)
        reached = await store.progress(tx.connection, store.GENERATION)
        generation = (reached[0] if reached else 0) + 1
        await store.note_progress(tx.connection, store.GENERATION, generation, generation, tx.now)
        first, last = min(file.first for file in sources), max(file.last for file in sources)
        kind, day = sources[0].kind, sources[0].day
        rows = sum(file.rows for file in sources)
        fresh = FactFile(path_of(kind, day, first, last, generation), kind, day, first, last, rows, 0)
        await store.note_files(tx.connection, [fresh], "writing", tx.now)
        return fresh

    async def work(tx: Tx) -> bool:
        await wait_lock(tx, Only.INSIGHT)
        kept = {file.path for file in await store.files(tx.connection, "kept")}
        if not kept.issuperset(file.path for file in sources):
            await store.drop_files(tx.connection, [fresh.path], tx.now)
            return False  # another server was faster
        contents = [await lake.get(file.path) for file in sources]
        content, rows = await _in_thread("merge", contents)
        assert rows == fresh.rows, (fresh, rows)
        if not merge_only:
            stand_ins = await store.forgotten(tx.connection)
            replaced = await _in_thread("replace_people", content, stand_ins)
            content = content if replaced is None else replaced
        await lake.put(fresh.path, content)
        done = FactFile(fresh.path, fresh.kind, fresh.day, fresh.first, fresh.last, fresh.rows, len(content))
        await store.note_files(tx.connection, [done], "kept", tx.now)
        await store.drop_files(tx.connection, [file.path for file in sources], tx.now)
        return True

    fresh = await database.run(note, actor=ACTOR)
    return await database.run(work, actor=ACTOR)


async def retire(database: Database, lake: Lake) -> int:
    """Let the files of days that are too long ago go; how many."""

    async def work(tx: Tx) -> int:
        await wait_lock(tx, Only.INSIGHT)
        old = await store.files(tx.connection, "kept", before_day=day_number(tx.now) - KEPT_DAYS)
        await store.drop_files(tx.connection, [file.path for file in old], tx.now)
        return len(old)

    retired = await database.run(work, actor=ACTOR)
    await clean_up(database, lake)
    return retired


async def forget_person(tx: Tx, person: PersonId) -> None:
    """Take a person out of insight: a stand-in, drawn by chance, takes the place of their number.

    Staged facts are changed in this transaction; the files are written anew by `forget_in_files` (the hourly
    job; call it to have it at once). For a day facts that were still on their way get the same stand-in; then
    the note of whose it was goes, and nobody can tell any more. Repeatable. Numbers of ties and of people
    stay right, which is why the rows stay.
    """
    known = await store.forgotten(tx.connection)
    stand_in = known.get(person)
    if stand_in is None:
        stand_in = -1 - (int.from_bytes(tx.chance.secret(f"insight/forgotten/{person}/{tx.now}", 8)) >> 2)
    await store.forget(tx.connection, person, stand_in, tx.now)


async def forget_in_files(database: Database, lake: Lake) -> int:
    """Write every file anew that names somebody who is to be forgotten; how many files."""
    async with database.read() as connection:
        stand_ins = await store.forgotten(connection)
        kept = await store.files(connection, "kept") if stand_ins else []
    changed = 0
    for file in kept:
        content = await lake.get(file.path)
        if await _in_thread("replace_people", content, stand_ins) is not None:
            changed += await _rewrite(database, lake, [file], merge_only=False)

    async def end(tx: Tx) -> None:
        await store.end_forgetting(tx.connection, tx.now - store.LINGERING)

    await clean_up(database, lake)
    await database.run(end, actor=ACTOR)
    return changed
