"""What is done with acts: noted, folded, read by the two whom they concern, forgotten."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import date, datetime

from wufu.core.ids import PersonId
from wufu.db import Connection, Fact, Tx
from wufu.ties.strength import model, store
from wufu.ties.strength.model import (
    KIND_OF,
    NOTHING,
    Act,
    ActDay,
    Bond,
    Key,
    Pair,
    Shared,
    SharedKind,
    Strength,
    day_of,
)

SLICE = 500
"""Pairs that are folded anew at once."""
MOST_DEALINGS = 500

Masses = dict[Pair, dict[date, list[int]]]

# --- Noting ---------------------------------------------------------------------------------------


def noting(read: Callable[[Fact], Iterable[Act]]) -> Callable[[Tx, list[Fact]], Awaitable[None]]:
    """A listener that notes the acts which a fact tells of; the owner of the fact gives `read`.

    It runs in the relay's transaction, so each act is noted exactly once.
    """

    async def listen(tx: Tx, facts: list[Fact]) -> None:
        await note_acts(tx, [act for fact in facts for act in read(fact)])

    return listen


async def note_acts(tx: Tx, acts: Sequence[Act]) -> None:
    """Add acts to their days, and what follows from them to the strengths of their pairs.

    People need not be tied. Acts of a day before a pair's last one (a minute around midnight, or a relay that
    was behind) have their pair folded anew. Locks rows of acts, then of strengths, each in the order of keys.
    """
    rows = model.gather(acts)
    if not rows:
        return
    more, touched = _more(await store.add_acts(tx.connection, rows))
    if not touched:
        return
    known = await store.lock(tx.connection, sorted(touched))
    changed: dict[Pair, Bond] = {}
    late: list[Pair] = []
    for pair in sorted(touched):
        bond = known.get(pair, NOTHING)
        days = more.get(pair, {})
        if bond.days and any(day < bond.last_day for day in days):
            late.append(pair)
            continue
        for day in sorted(days):
            bond = model.step(bond, day, *days[day])
        changed[pair] = bond
    if late:
        anew = await store.acts_of(tx.connection, late)
        changed |= {pair: model.fold(anew[pair]) for pair in late}
    await _write(tx, known, changed)


def _more(added: Iterable[tuple[Key, tuple[int, int] | None, tuple[int, int]]]) -> tuple[Masses, set[Pair]]:
    """How much more mass each day of each pair has, and the pairs whose strengths have to be looked at.

    Most acts are not the first of their kind on their day and double nothing: they end here.
    """
    more: Masses = {}
    touched: set[Pair] = set()
    for (a, b, day, kind), before, (ab, ba) in added:
        more_ab, more_ba = model.mass(kind, ab), model.mass(kind, ba)
        if before is None:
            touched.add((a, b))
        else:
            more_ab -= model.mass(kind, before[0])
            more_ba -= model.mass(kind, before[1])
        if more_ab or more_ba:
            touched.add((a, b))
            day_masses = more.setdefault((a, b), {}).setdefault(day, [0, 0])
            day_masses[0] += more_ab
            day_masses[1] += more_ba
    return more, touched


async def _write(tx: Tx, known: dict[Pair, Bond], changed: dict[Pair, Bond]) -> None:
    fresh = {pair: bond for pair, bond in changed.items() if pair not in known}
    other = {pair: bond for pair, bond in changed.items() if pair in known and known[pair] != bond}
    if fresh:
        await store.add(tx.connection, fresh)
    if other:
        await store.change(tx.connection, other)


async def recompute(tx: Tx, people: Iterable[PersonId]) -> int:
    """Fold all pairs of these people anew from their acts; how many had been something else (by law: 0)."""
    pairs = {pair for person in sorted(set(people)) for pair in await store.pairs_of(tx.connection, person)}
    return await recompute_pairs(tx, pairs)


async def recompute_pairs(tx: Tx, pairs: Iterable[Pair]) -> int:
    """Fold these pairs (a < b) anew from their acts; how many had been something else."""
    wrong = 0
    for some in _slices(sorted(set(pairs))):
        known = await store.lock(tx.connection, some)
        acts = await store.acts_of(tx.connection, some)
        anew = {pair: model.fold(acts.get(pair, ())) for pair in some}
        wrong += sum(known.get(pair) != bond for pair, bond in anew.items())
        await _write(tx, known, anew)
    return wrong


async def forget_acts(tx: Tx, person: PersonId) -> None:
    """Delete every act and strength of a person, theirs and towards them.

    What was announced before and is still on its way would be noted again: forget once more a while later.
    """
    await store.forget(tx.connection, person)


# --- Reading --------------------------------------------------------------------------------------


async def see_strengths(connection: Connection, person: PersonId, now: datetime) -> dict[PersonId, Strength]:
    """How strong each tie of a person is now."""
    ties = await store.read_ties(connection, person)
    mutual = await store.mutual_counts(connection, list(ties))
    today, mine = day_of(now), len(ties)
    return {
        friend: model.strength(bond or NOTHING, today, since, mutual.get(friend, 0), mine, theirs)
        for friend, (since, bond, theirs) in ties.items()
    }


async def see_strength(
    connection: Connection, person: PersonId, friend: PersonId, now: datetime
) -> Strength | None:
    """How strong one tie is now; None when there is none. The same from both sides."""
    found = await store.read_tie(connection, person, friend)
    if found is None:
        return None
    since, bond, mutual, mine, theirs = found
    return model.strength(bond or NOTHING, day_of(now), since, mutual, mine, theirs)


async def see_shared(
    connection: Connection, person: PersonId, friend: PersonId, now: datetime
) -> Shared | None:
    """What a person and a friend have had with each other, for the eyes of these two; None: no friends."""
    found = await store.read_tie(connection, person, friend)
    if found is None:
        return None
    since, kept, mutual, mine, theirs = found
    bond = kept or NOTHING
    its = model.strength(bond, day_of(now), since, mutual, mine, theirs)
    first = person < friend
    sums = await store.totals(connection, (person, friend) if first else (friend, person))
    return Shared(
        its.state,
        its.bars,
        since,
        bond.first_day if bond.days else None,
        bond.last_day if bond.days else None,
        bond.days,
        [
            SharedKind(KIND_OF[kind], ab if first else ba, ba if first else ab)
            for kind, ab, ba in sums
            if KIND_OF[kind] != "part"
        ],
    )


async def see_dealings(connection: Connection, person: PersonId, limit: int) -> dict[PersonId, int]:
    """People without a tie who had to do with a person, and the person with them: days, the most first.

    What only one of them did counts nothing, so nobody gets into another's suggestions by writing to them.
    """
    wanted = max(0, min(limit, MOST_DEALINGS))
    return await store.dealings(connection, person, wanted) if wanted else {}


async def see_acts(connection: Connection, person: PersonId) -> list[ActDay]:
    """Everything that is kept of what a person and others did, for the export of one's own data."""
    found: list[ActDay] = []
    for some in _slices(await store.pairs_of(connection, person)):
        for (a, b), rows in (await store.acts_of(connection, some)).items():
            for day, kind, counts in rows:
                ab, ba = counts.ab + counts.campaign_ab, counts.ba + counts.campaign_ba
                mine, theirs = (ab, ba) if a == person else (ba, ab)
                found.append(ActDay(b if a == person else a, day, KIND_OF[kind], mine, theirs))
    return found


def _slices(pairs: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    for start in range(0, len(pairs), SLICE):
        yield pairs[start : start + SLICE]
