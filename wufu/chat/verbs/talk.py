"""Who talked to whom, announced each minute as counts: `chat.talked`. One fact a message would cost too much.

Exactly once: numbers in a conversation have no holes and become visible in their order, so a cursor says what
was announced, and it moves in the transaction that announces. Only one server at a time does it.

What counts: messages between two people; and in groups of up to 20, where a message is said to each of the
others a little, 1000 // (people - 1) thousandths. In bigger groups one speaks to nobody in particular. A
secret message counts as any other, whether it is burnt by now or not; its content was never here. Cards do
not count (what they stand for is announced by their own domain), nor what was recalled before it was counted.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

import msgspec

from wufu.chat.store import talk as store
from wufu.chat.store.talk import Talk
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Database, Fact, Listener, Only, Tx, wait_lock
from wufu.ties import Act, noting

LATELY = timedelta(minutes=3)
"""Each minute those conversations are looked at in which something was said so lately; each hour all."""
MOST_TALKING = 20
CONVERSATIONS, MESSAGES = 200, 1_000
"""Looked at in one transaction: conversations, and messages of each."""
AT_ONCE = 10_000
"""Conversations found at once when all are looked at."""
MOST_ENTRIES = 2_000
"""Entries of one fact."""
WHOLE = 1_000

Entry = tuple[PersonId, PersonId, int]


class Talked(msgspec.Struct, frozen=True):
    """What `chat.talked` says: (from, to, messages) between two, (from, to, thousandths) in groups."""

    day: date
    pairs: list[Entry] = []
    parts: list[Entry] = []


async def announce_talk(database: Database) -> None:
    """Announce what was said lately, a portion of conversations in each transaction."""
    async with database.read() as connection:
        talking = await store.lately(connection, database.clock() - LATELY)
    await _announce(database, talking)


async def announce_all_talk(database: Database) -> None:
    """Announce whatever was not: after a crash, a long transaction, or before this server knew of it."""
    while True:
        async with database.read() as connection:
            talking = await store.waiting(connection, AT_ONCE)
        if not talking:
            return
        await _announce(database, talking)


async def _announce(database: Database, talking: Sequence[ConversationId]) -> None:
    for start in range(0, len(talking), CONVERSATIONS):
        some = talking[start : start + CONVERSATIONS]
        while await database.run(partial(announce_some, conversations=some), actor="system/chat"):
            pass


async def announce_some(tx: Tx, conversations: Sequence[ConversationId]) -> bool:
    """Announce what was said in these and not announced; whether so much was that some of it is left."""
    await wait_lock(tx, Only.TALK)
    stretches = await store.due(tx.connection, conversations, MESSAGES)
    if not stretches:
        return False
    people = {
        each.conversation: each.people
        for each in stretches
        if each.kind == "direct" or 2 <= each.people <= MOST_TALKING
    }
    said = await store.talk(tx.connection, [each for each in stretches if each.conversation in people])
    direct = {each.conversation for each in stretches if each.kind == "direct"}
    for fact in _facts(said, direct, people):
        tx.announce(fact)
    await store.note_announced(tx.connection, stretches)
    return any(each.through < each.last for each in stretches)


def _facts(
    said: Sequence[Talk], direct: set[ConversationId], people: Mapping[ConversationId, int]
) -> Iterator[Fact]:
    pairs: dict[date, dict[tuple[PersonId, PersonId], int]] = defaultdict(lambda: defaultdict(int))
    parts: dict[date, dict[tuple[PersonId, PersonId], int]] = defaultdict(lambda: defaultdict(int))
    for each in said:
        key = (each.sender, each.hearer)
        if each.conversation in direct:
            pairs[each.day][key] += each.messages
        else:
            parts[each.day][key] += each.messages * (WHOLE // (people[each.conversation] - 1))
    for name, days in (("pairs", pairs), ("parts", parts)):
        for day, counts in sorted(days.items()):
            entries = [(*key, count) for key, count in sorted(counts.items())]
            for start in range(0, len(entries), MOST_ENTRIES):
                yield Fact("chat.talked", {"day": day, name: entries[start : start + MOST_ENTRIES]})


def acts_of_talk(fact: Fact) -> list[Act]:
    """What `chat.talked` says about ties."""
    talked = msgspec.convert(fact.body, Talked)
    return [
        *(Act(person, other, "message", talked.day, count) for person, other, count in talked.pairs),
        *(Act(person, other, "part", talked.day, count) for person, other, count in talked.parts),
    ]


LISTENERS: Mapping[str, Sequence[Listener]] = {"chat.talked": (noting(acts_of_talk),)}
