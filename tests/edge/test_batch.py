"""Group commit: many requests, one transaction; each gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from wufu.core.refusals import NotAllowed, Refusal, ServerBusy
from wufu.db import Database, Tx
from wufu.edge import Batcher, ServerError, batch

POISON = -1


class Ledger:
    """A verb over numbers that notes what ran together and writes each number down in the database."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.held = asyncio.Event()
        self.held.set()
        self.entered = asyncio.Event()
        self.inside = 0
        self.most_inside = 0

    async def verb(self, tx: Tx, numbers: Sequence[int]) -> list[int | Refusal]:
        self.batches.append(list(numbers))
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.entered.set()
        try:
            await self.held.wait()
            await tx.connection.executemany(
                "INSERT INTO stock (campaign, prize, released) VALUES ('test', $1, 0)",
                [(str(number),) for number in numbers],
            )
            if POISON in numbers:
                raise RuntimeError("poisoned")
            return [number * 2 if number < 1_000 else NotAllowed(number=number) for number in numbers]
        finally:
            self.inside -= 1


async def written(database: Database) -> set[int]:
    async with database.read() as connection:
        rows = await connection.fetch("SELECT prize FROM stock WHERE campaign = 'test'")
    return {int(row["prize"]) for row in rows}


async def test_requests_that_come_together_run_in_one_transaction(database: Database) -> None:
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb)
    answers = await asyncio.gather(*(batcher.ask(number) for number in range(100)))
    assert answers == [number * 2 for number in range(100)]
    assert ledger.batches == [list(range(100))]


async def test_each_request_gets_its_own_answer_or_refusal(database: Database) -> None:
    batcher = Batcher(database, "note", Ledger().verb)
    answers = await asyncio.gather(*(batcher.ask(number) for number in (1, 1_000, 2)))
    assert answers == [2, NotAllowed(number=1_000), 4]


async def test_one_poisoned_request_does_not_fail_its_neighbours(database: Database) -> None:
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb)
    numbers = [*range(40), POISON, *range(40, 100)]
    answers = await asyncio.gather(*(batcher.ask(number) for number in numbers))
    assert answers == [ServerError() if number == POISON else number * 2 for number in numbers]
    assert await written(database) == set(range(100))
    # It is found by halving, not by a hundred transactions.
    assert len(ledger.batches) < 20


async def test_a_verb_that_raises_a_refusal_for_one_does_not_refuse_the_others(database: Database) -> None:
    async def verb(_: Tx, numbers: Sequence[int]) -> list[int | Refusal]:
        if 3 in numbers:
            raise NotAllowed(number=3)
        return list(numbers)

    batcher = Batcher(database, "note", verb)
    answers = await asyncio.gather(*(batcher.ask(number) for number in range(6)))
    assert answers == [0, 1, 2, NotAllowed(number=3), 4, 5]


async def test_a_value_the_driver_cannot_send_fails_alone_and_at_once(database: Database) -> None:
    async def verb(tx: Tx, numbers: Sequence[int]) -> list[int | Refusal]:
        rows = await tx.connection.fetch("SELECT * FROM unnest($1::bigint[]) AS number", list(numbers))
        return [row["number"] for row in rows]

    batcher = Batcher(database, "note", verb)
    answers = await asyncio.gather(*(batcher.ask(number) for number in (1, 2**70, 3)))
    assert answers == [1, ServerError(), 3]


async def test_a_verb_that_forgets_an_answer_is_an_error_of_ours_not_a_mix_up(database: Database) -> None:
    async def verb(_: Tx, numbers: Sequence[int]) -> list[int | Refusal]:
        return [number for number in numbers if number != 2]

    batcher = Batcher(database, "note", verb)
    answers = await asyncio.gather(*(batcher.ask(number) for number in (1, 2, 3)))
    assert answers == [1, ServerError(), 3]


async def test_who_went_away_does_not_keep_the_others_from_their_answers(database: Database) -> None:
    batcher = Batcher(database, "note", Ledger().verb)
    given: list[object] = []

    def gone(_: object) -> None:
        raise ConnectionResetError

    def stays(answer: object) -> None:
        given.append(answer)

    for number, done in enumerate((stays, gone, stays)):
        batcher.submit(number, done)
    await batcher.drain()
    assert given == [0, 4]


async def test_an_asker_who_stops_waiting_harms_nobody(database: Database) -> None:
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb)
    ledger.held.clear()
    impatient = asyncio.create_task(batcher.ask(1))
    patient = asyncio.create_task(batcher.ask(2))
    await ledger.entered.wait()
    impatient.cancel()
    ledger.held.set()
    assert await patient == 4
    await batcher.drain()
    assert await written(database) == {1, 2}


async def test_while_batches_commit_the_next_ones_gather(database: Database) -> None:
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb)
    ledger.held.clear()
    waiting = []
    for number in range(batch.LANES):
        ledger.entered.clear()
        waiting.append(asyncio.create_task(batcher.ask(number)))
        await ledger.entered.wait()
    waiting += [asyncio.create_task(batcher.ask(number)) for number in range(10, 60)]
    await asyncio.sleep(batch.GATHER_SECONDS * 3)
    assert len(ledger.batches) == batch.LANES
    ledger.held.set()
    answers = await asyncio.gather(*waiting)
    assert answers == [number * 2 for number in (*range(batch.LANES), *range(10, 60))]
    assert [len(numbers) for numbers in ledger.batches] == [1] * batch.LANES + [50]
    assert ledger.most_inside == batch.LANES


async def test_a_second_lane_opens_for_many_at_once_and_for_few_only_in_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BUSY_SECONDS", 3_600.0)
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb)
    ledger.held.clear()
    waiting = [asyncio.create_task(batcher.ask(0))]
    await ledger.entered.wait()
    waiting += [asyncio.create_task(batcher.ask(number)) for number in range(1, batch.ENOUGH)]
    await asyncio.sleep(batch.GATHER_SECONDS * 3)
    assert ledger.batches == [[0]]  # few: they wait for the first to land
    ledger.entered.clear()
    waiting += [asyncio.create_task(batcher.ask(number)) for number in range(batch.ENOUGH, 800)]
    await ledger.entered.wait()
    assert ledger.batches == [[0], list(range(1, 800))]
    waiting.append(asyncio.create_task(batcher.ask(800)))
    ledger.held.set()
    assert await asyncio.gather(*waiting) == [number * 2 for number in range(801)]
    assert ledger.batches[2:] == [[800]]


async def test_what_is_left_of_a_crowd_sets_out_in_the_other_lane(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BUSY_SECONDS", 3_600.0)
    monkeypatch.setattr(batch, "MOST_IN_BATCH", 700)
    ledger = Ledger()
    ledger.held.clear()
    batcher = Batcher(database, "note", ledger.verb)
    waiting = [asyncio.create_task(batcher.ask(number)) for number in range(1_300)]
    while len(ledger.batches) < 2:
        ledger.entered.clear()
        await ledger.entered.wait()
    assert [len(numbers) for numbers in ledger.batches] == [700, 600]
    ledger.held.set()
    await asyncio.gather(*waiting)


async def test_with_one_lane_requests_take_effect_in_their_order(database: Database) -> None:
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb, lanes=1)
    waiting = []
    for number in range(200):
        waiting.append(asyncio.create_task(batcher.ask(number)))
        if number % 20 == 0:
            await asyncio.sleep(batch.GATHER_SECONDS)
    await asyncio.gather(*waiting)
    assert [number for numbers in ledger.batches for number in numbers] == list(range(200))
    assert ledger.most_inside == 1


async def test_a_batch_has_an_upper_size_and_the_rest_follows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST_IN_BATCH", 30)
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb)
    answers = await asyncio.gather(*(batcher.ask(number) for number in range(100)))
    assert answers == [number * 2 for number in range(100)]
    assert [len(numbers) for numbers in ledger.batches] == [30, 30, 30, 10]


async def test_a_full_queue_answers_busy_and_takes_more_when_it_has_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST_WAITING", 5)
    ledger = Ledger()
    batcher = Batcher(database, "note", ledger.verb)
    answers = await asyncio.gather(*(batcher.ask(number) for number in range(8)))
    assert answers == [0, 2, 4, 6, 8, ServerBusy(), ServerBusy(), ServerBusy()]
    assert await batcher.ask(9) == 18
    assert await written(database) == {*range(5), 9}


async def test_draining_waits_for_everything_submitted(database: Database) -> None:
    batcher = Batcher(database, "note", Ledger().verb)
    given: list[object] = []

    def done(answer: object) -> None:
        given.append(answer)

    for number in range(50):
        batcher.submit(number, done)
    await batcher.drain()
    assert given == [number * 2 for number in range(50)]
