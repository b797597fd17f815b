"""The settlement of 2016: so many full sets share the pool, durably, and every law is checked after it.

The crowd is loaded in bulk, as any benchmark's data: people who joined by the
real verb, five cards each by ledger transfers from the mint, and the rows of
the taps that would have won them, so that every law holds of it. Timed is what happens at the campaign's last
instant: the full sets are read, the split is fixed, every winner is paid in
portions, the remainder returns. Announced facts are written, as on the night;
pushing them is the relay's later work and not part of this number.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import asyncpg
import msgspec

from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import CampaignId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx, check_laws, counted, migrate
from wufu.db.engines import Engines
from wufu.fortune import (
    PAID_AT_ONCE,
    CampaignClock,
    Dials,
    Join,
    announce,
    card_account,
    create,
    gala_2016,
    join,
    mint_account,
    see_campaign,
    set_clock,
    turn_campaign,
)
from wufu.ledger import Group, Transfer, named_group, post
from wufu.main import LAWS
from wufu.people import NewPerson, create_people
from wufu.wallet import fund

CAMPAIGN = CampaignId("bench-settle")
BATCH = 10_000  # people loaded a transaction
Progress = Callable[[str, int, int], None]


class Settled(msgspec.Struct, frozen=True):
    """What the benchmark found. Times are seconds of wall clock."""

    winners: int
    each_fen: int
    paid_fen: int
    remainder_fen: int
    seconds: float
    freeze_seconds: float
    payouts_per_second: int
    audit_seconds: float
    setup_seconds: float
    laws: dict[str, int]


async def settle(winners: int, progress: Progress = lambda *_: None) -> Settled:
    """Set a crowd up on fresh durable engines, settle, audit."""
    with tempfile.TemporaryDirectory(prefix="wufu-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        async with Engines.start(Path(folder), tell=lambda _: None) as engines:
            await migrate(engines.owner_url)
            async with Database.connect(engines.app_url, chance=Chance.seeded(2016)) as database:
                began = time.perf_counter()
                await _prepare(database, winners, progress)
                await _let_the_load_settle(engines)
                setup = time.perf_counter() - began
                return await _measure(database, winners, setup, progress)


async def _let_the_load_settle(engines: Engines) -> None:
    """What any bulk load is followed by: statistics for the planner, and the load's own writes on disk."""
    connection = await asyncpg.connect(engines.database_url)
    try:
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _prepare(database: Database, winners: int, progress: Progress) -> None:
    dials = Dials(people=winners)
    spec = gala_2016(CAMPAIGN, dials)
    clock = CampaignClock(dials.opens_at, utc_now(), 0.0)

    async def open_campaign(tx: Tx) -> None:
        await fund(tx, f"sponsor/{spec.sponsor}", spec.pool_minor + spec.cash_minor, named_group("bench"))
        await create(tx, CAMPAIGN, spec, clock)
        await announce(tx, CAMPAIGN)

    await database.run(open_campaign, actor="bench")
    await turn_campaign(database, CAMPAIGN)
    for first in range(0, winners, BATCH):
        count = min(BATCH, winners - first)
        await database.run(
            partial(_crowd, first=first, count=count, cards=[card.id for card in spec.cards]), actor="bench"
        )
        progress("people with full sets", first + count, winners)
    for its_round in spec.rounds[1:]:
        for instant in (its_round.opens_at, its_round.closes_at):
            await database.run(partial(set_clock, campaign=CAMPAIGN, shows=instant, speed=0.0), actor="bench")
            await turn_campaign(database, CAMPAIGN)


async def _crowd(tx: Tx, first: int, count: int, cards: Sequence[str]) -> None:
    people = await create_people(
        tx, [NewPerson(name=f"玩家{first + place}", origin="imported") for place in range(count)]
    )
    await join(tx, [Join(person, CAMPAIGN, f"{person:064x}") for person in people])
    posted = await post(tx, [_full_set(person, cards) for person in people])
    assert not any(isinstance(answer, Refusal) for answer in posted)
    await tx.connection.execute(
        """
        INSERT INTO tapping (person, campaign, round, next, tokens_milli, tokens_at, last_first)
        SELECT person, $2, 1, $3, 0, $4, 0 FROM unnest($1::bigint[]) AS person
        """,
        people,
        CAMPAIGN,
        len(cards),
        tx.now,
    )
    await tx.connection.execute(
        """
        INSERT INTO win (person, campaign, round, tap, prize, outcome, at)
        SELECT person, $2, 1, tap - 1, prize, 'card', $4
        FROM unnest($1::bigint[]) AS person, unnest($3::text[]) WITH ORDINALITY AS won (prize, tap)
        """,
        people,
        CAMPAIGN,
        cards,
        tx.now,
    )


def _full_set(person: PersonId, cards: Sequence[str]) -> Group:
    return Group(
        named_group("bench", str(person)),
        tuple(
            Transfer(mint_account(CAMPAIGN, card), card_account(CAMPAIGN, card, person), 1, "bench")
            for card in cards
        ),
    )


async def _measure(database: Database, winners: int, setup: float, progress: Progress) -> Settled:
    async with database.read() as connection:
        settles_at = (await see_campaign(connection, CAMPAIGN, utc_now())).settles_at
    await database.run(partial(set_clock, campaign=CAMPAIGN, shows=settles_at, speed=0.0), actor="bench")
    began = time.perf_counter()
    first_portion: list[float] = []

    def paid(portions: int) -> None:
        if not first_portion:
            first_portion.append(time.perf_counter() - began)
        progress("paid", min(portions * PAID_AT_ONCE, winners), winners)

    await turn_campaign(database, CAMPAIGN, paid)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    async with database.read() as connection:
        laws = dict(counted(await check_laws(connection, LAWS)))
        view = await see_campaign(connection, CAMPAIGN, utc_now())
    assert view.settlement is not None
    return Settled(
        winners=view.settlement.winners,
        each_fen=view.settlement.each_minor,
        paid_fen=view.settlement.paid_minor,
        remainder_fen=view.settlement.remainder_minor,
        seconds=round(seconds, 2),
        freeze_seconds=round(first_portion[0], 2) if first_portion else 0.0,
        payouts_per_second=int(winners / seconds),
        audit_seconds=round(time.perf_counter() - began, 2),
        setup_seconds=round(setup, 2),
        laws=laws,
    )
