"""The headless job: a whole campaign on a real graph, played through NATS, settled, audited and proved.

    wufu campaign run --ties FILE --template 2016 --seed N [--minutes M] --json

The graph is imported by the real verbs, everybody joins and plays four rounds over the live edge, cards
travel between friends, the pool is split. Then every law is checked, the ledger is sealed and its chain
recomputed, and the proofs of a sample of players are fetched, checked as `wufu verify` does, and compared
with what these players were told on the night. The server runs in a process of its own.

The seed fixes every secret: the rounds' secrets, the players' seeds, how much each of them taps. Players join
in order, so equal seeds give equal draws (`draws_digest`) in two runs on any machine; who comes first to a
scarce stock, and hence who trades what, may differ.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import CampaignId, PersonId
from wufu.crowd.eve import Eve
from wufu.crowd.line import Line
from wufu.crowd.people import GENEROUS_IN_100, Player, client_seed, dice, plan_taps
from wufu.crowd.phases import Phases
from wufu.crowd.server import serving
from wufu.db import Database, Tx, check_laws, counted
from wufu.db.engines import Engines, mint_crowd_pass
from wufu.fortune import (
    CampaignClock,
    CampaignSpec,
    Dials,
    announce,
    check_proof,
    compressed_eve,
    create,
    find_template,
    mint_account,
    see_campaign,
    see_proof,
    set_clock,
    stock_account,
    turn_campaign,
)
from wufu.ledger import balances, check_chain, count_transfers, issued, named_group, seal
from wufu.main import LAWS
from wufu.people import see_externals
from wufu.ties import BadEdgeList, EdgeList, import_ties, read_edges
from wufu.wallet import fund

CAMPAIGN = CampaignId("gala-2016")
TAPS_EACH = 1_050
PROOFS = 100
NAMESPACE = "ties"
PASS_SECONDS = 24 * 3600
EVE_SECONDS = 40 * 60
"""A timed eve is forty campaign minutes with rounds of five; its clock runs as fast as was asked for."""


class Report(msgspec.Struct, kw_only=True):
    """What a run did: the object that `--json` prints. `seconds` in all, `phases` each."""

    seed: int
    people: int = 0
    ties: int = 0
    taps: int = 0
    tap_batches: int = 0
    cards_minted: int = 0
    gifts: int = 0
    swaps: int = 0
    cash_passed: int = 0
    refusals: dict[str, int] = {}
    winners: int = 0
    each_fen: int = 0
    paid_fen: int = 0
    remainder_fen: int = 0
    transfers: int = 0
    laws: dict[str, int] = {}
    chain_faults: int = 0
    proofs_checked: int = 0
    proof_failures: int = 0
    faults: list[str] = []
    draws: int = 0
    draws_digest: str = ""
    seconds: float = 0.0
    phases: dict[str, float] = {}

    @property
    def ok(self) -> bool:
        """Whether every law holds, the chain is whole and every proof is right."""
        return not (any(self.laws.values()) or self.chain_faults or self.proof_failures)


async def run_campaign(
    *,
    ties: Path,
    seed: int,
    template: str = "2016",
    minutes: float | None = None,
    taps_each: int = TAPS_EACH,
    data: Path | None = None,
    proofs: int = PROOFS,
    sync: bool = True,
    phases: Phases | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Run the whole job. `data` must not have played this campaign yet; None: a temporary directory.

    `minutes` lets the eve pass in real time instead of step by step. `tell` hears of crashed engines. Raises
    BadEdgeList, BadCampaign (also for a wrong template), CampaignIdTaken, EngineFailure, OSError.
    """
    find_template(template)
    edges = read_edges(ties)
    if edges.bad:
        raise BadEdgeList(bad=edges.bad, lines=[msgspec.to_builtins(line) for line in edges.unread])
    report = Report(seed=seed)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with contextlib.AsyncExitStack() as stack:
        shown = stack.enter_context(phases or Phases())
        with shown.phase("engines"):
            place = data or stack.enter_context(_temporary_place())
            engines = await stack.enter_async_context(Engines.start(place, tell=tell, sync=sync))
            await stack.enter_async_context(serving(engines, seed=seed, with_jobs=minutes is not None))
            database = await stack.enter_async_context(
                Database.connect(engines.app_url, connections=4, chance=Chance.seeded(seed))
            )
            crowd_pass = mint_crowd_pass(engines.account_seed, utc_now(), PASS_SECONDS)
            line = await stack.enter_async_context(Line.open(engines.nats_url, crowd_pass))
        job = _Job(database, line, edges, seed, report, shown)
        await job.import_graph()
        await job.open_campaign(template, taps_each, minutes)
        await job.play(taps_each, timed=minutes is not None)
        await job.settle()
        await job.audit()
        await job.prove(proofs)
    report.seconds = round(loop.time() - began, 2)
    report.phases = shown.seconds
    return report


@contextlib.contextmanager
def _temporary_place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wufu-campaign-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            # The engines run as another user then, who must pass through.
            Path(folder).chmod(0o711)
        yield Path(folder)


class _Job:
    """One run in progress: the phases in their order, each filling its part of the report."""

    def __init__(
        self, database: Database, line: Line, edges: EdgeList, seed: int, report: Report, shown: Phases
    ) -> None:
        self._database = database
        self._line = line
        self._edges = edges
        self._seed = seed
        self._chance = Chance.seeded(seed)
        self._report = report
        self._shown = shown
        self._players: list[Player] = []
        self._spec: CampaignSpec
        self._clock: CampaignClock
        self._eve: Eve

    async def import_graph(self) -> None:
        """Create the people and ties of the file; everybody becomes a player who knows their friends."""
        edges = self._edges
        with self._shown.phase("import") as tell:
            imported = await import_ties(
                self._database, edges, seed=self._seed, namespace=NAMESPACE, progress=tell
            )
        self._report.people = imported.people
        self._report.ties = imported.ties - sum(imported.refused.values())
        names = [f"{NAMESPACE}/{name}" for name in edges.ids]
        async with self._database.read() as connection:
            known = await see_externals(connection, names)
        people = [known[name] for name in names]
        friends: list[list[PersonId]] = [[] for _ in people]
        for one, other in zip(edges.firsts, edges.seconds, strict=True):
            friends[one].append(people[other])
            friends[other].append(people[one])
        rolled = dice(self._chance, "generous")
        self._players = [
            Player(person, tuple(circle), generous=rolled.hits(GENEROUS_IN_100, 100))
            for person, circle in zip(people, friends, strict=True)
        ]

    async def open_campaign(self, template: str, taps_each: int, minutes: float | None) -> None:
        """Create, fund and announce the campaign, and let everybody join."""
        with self._shown.phase("campaign"):
            dials = Dials(people=max(len(self._players), 1), taps_each=taps_each)
            speed = 0.0
            if minutes is not None:
                dials = compressed_eve(dials, utc_now(), EVE_SECONDS)
                speed = EVE_SECONDS / (minutes * 60)
            self._spec = spec = find_template(template)(CAMPAIGN, dials)
            self._clock = CampaignClock(spec.opens_at - timedelta(minutes=1), utc_now(), 0.0)
            await self._database.run(self._announce, actor="system/campaign")
            self._eve = Eve(
                self._line,
                CAMPAIGN,
                [card.id for card in spec.cards],
                self._players,
                self._chance,
                dice(self._chance, "eve"),
                utc_now,
            )
            await self._line.hear(self._eve.hear)
        with self._shown.phase("join"):
            await self._eve.join([client_seed(self._chance, place) for place in range(len(self._players))])
            await self._set_clock(spec.opens_at, speed)

    async def _announce(self, tx: Tx) -> None:
        spec = self._spec
        money = spec.pool_minor + spec.cash_minor
        await fund(tx, f"sponsor/{spec.sponsor}", money, named_group("campaign run", CAMPAIGN))
        await create(tx, CAMPAIGN, spec, self._clock)
        await announce(tx, CAMPAIGN)

    async def _set_clock(self, shows: datetime | None, speed: float = 0.0) -> None:
        async def work(tx: Tx) -> CampaignClock:
            return await set_clock(tx, CAMPAIGN, shows=shows, speed=speed)

        self._clock = await self._database.run(work, actor="system/campaign")

    async def _turn_at(self, instant: datetime) -> None:
        """Move the clock to an instant at which something is due, and let it happen."""
        await self._set_clock(instant)
        await turn_campaign(self._database, CAMPAIGN)

    # --- Playing ----------------------------------------------------------------------------------

    async def play(self, taps_each: int, *, timed: bool) -> None:
        """All rounds, and the trading after each of them."""
        rounds = self._spec.rounds[1:]
        seconds = (rounds[0].closes_at - rounds[0].opens_at) // timedelta(seconds=1)
        most = seconds // 2 * 30
        plan = plan_taps(self._chance, len(self._players), len(rounds), taps_each, most)
        if not timed:
            await turn_campaign(self._database, CAMPAIGN)
        for number, its_round in enumerate(rounds, 1):
            with self._shown.phase(f"round {number}") as tell:
                wanted = plan[:, number - 1]
                if timed:
                    await self._wait_for(number, "open")
                    closes_in = partial(self._until, its_round.closes_at)
                    await self._eve.play_timed(number, wanted, closes_in, self._clock.speed, tell)
                    await self._wait_for(number, "closed")
                else:
                    await self._turn_at(its_round.opens_at)
                    await self._eve.play_stepped(
                        number, wanted, its_round.opens_at, seconds, self._set_clock, tell
                    )
                    await self._turn_at(its_round.closes_at)
            with self._shown.phase("trade") as tell:
                await self._eve.trade(tell)

    def _until(self, instant: datetime) -> float:
        """Campaign seconds until an instant."""
        return (instant - self._clock.at(utc_now())).total_seconds()

    async def _wait_for(self, number: int, state: str) -> None:
        while True:
            async with self._database.read() as connection:
                seen = await see_campaign(connection, CAMPAIGN, utc_now())
            its_state = next(one.state for one in seen.rounds if one.number == number)
            if its_state in (state, "closed"):
                return
            await asyncio.sleep(0.1)

    async def settle(self) -> None:
        """Let midnight come, and note what the pool became."""
        report = self._report
        with self._shown.phase("settlement"):
            if not self._clock.speed:
                await self._turn_at(self._spec.settles_at)
            while True:
                async with self._database.read() as connection:
                    seen = await see_campaign(connection, CAMPAIGN, utc_now())
                if seen.state == "settled":
                    break
                await asyncio.sleep(0.2)
            assert seen.settlement is not None
            winners = seen.settlement.winners
            await self._eve.wait_until(lambda: len(self._eve.tally.won) >= winners)
        tally = self._eve.tally
        report.winners = seen.settlement.winners
        report.each_fen = seen.settlement.each_minor
        report.paid_fen = seen.settlement.paid_minor
        report.remainder_fen = seen.settlement.remainder_minor
        report.taps, report.tap_batches = tally.taps, tally.tap_batches
        report.gifts, report.swaps, report.cash_passed = tally.gifts, tally.swaps, tally.cash_passed
        report.refusals = dict(sorted(tally.refusals.items()))
        report.draws, report.draws_digest = len(tally.draws), tally.draws_digest()
        if seen.taps != tally.taps:
            report.faults.append(f"{tally.taps} taps were answered, the campaign counts {seen.taps}")

    # --- Checking ---------------------------------------------------------------------------------

    async def audit(self) -> None:
        """Check every law at one instant; seal the ledger and recompute its chain."""
        report = self._report
        with self._shown.phase("laws"):
            async with self._database.read() as connection:
                report.laws = dict(counted(await check_laws(connection, LAWS)))
                for card in self._spec.cards:
                    report.cards_minted += await issued(connection, mint_account(CAMPAIGN, card.id))
                in_stock = [stock_account(CAMPAIGN, card.id) for card in self._spec.cards]
                report.cards_minted -= sum(await balances(connection, in_stock))
        with self._shown.phase("chain") as tell:
            await seal(self._database)
            async with self._database.read() as connection:
                faults, _ = await check_chain(connection, progress=tell)
                report.transfers = await count_transfers(connection)
        report.chain_faults = len(faults)
        report.faults += [fault.detail for fault in faults]

    async def prove(self, most: int) -> None:
        """Fetch and check the proofs of a sample of players, winners of the pool first among them."""
        report, tally = self._report, self._eve.tally
        rolled = dice(self._chance, "proofs")
        winners = [player for player in self._players if player.person in tally.won]
        others = [player for player in self._players if player.person not in tally.won]
        sample = [
            *_some(winners, most // 2, rolled.below),
            *_some(others, most - min(most // 2, len(winners)), rolled.below),
        ]
        told: dict[int, set[tuple[int, int, str]]] = {}
        for draw in tally.draws:
            told.setdefault(draw.player, set()).add((draw.round, draw.tap, draw.prize))
        with self._shown.phase("proofs") as tell:
            for done, player in enumerate(sample, 1):
                async with self._database.read() as connection:
                    proof = await see_proof(connection, CAMPAIGN, player.person)
                faults = _faults(msgspec.json.encode(proof), told.get(player.number, set()))
                report.proofs_checked += 1
                report.proof_failures += bool(faults)
                report.faults += [f"player {player.number}: {fault}" for fault in faults[:3]]
                tell(done, len(sample))


def _some(players: list[Player], most: int, below: Callable[[int], int]) -> list[Player]:
    """Up to `most` of these players, each equally likely."""
    left = list(players)
    return [left.pop(below(len(left))) for _ in range(min(most, len(left)))]


def _faults(proof: bytes, told: set[tuple[int, int, str]]) -> list[str]:
    """What is wrong with a proof file, also measured by what the player was told on the night."""
    parsed = msgspec.json.decode(proof)
    faults = [line.text for line in check_proof(parsed) if not line.ok]
    proved = {
        (int(its_round["spec"]["id"].rsplit("/", 1)[1]), win["tap"], win["prize"])
        for its_round in parsed["rounds"]
        for win in its_round["wins"]
    }
    if proved != told:
        faults.append(f"{len(proved ^ told)} draws are not what the player was told")
    return faults
