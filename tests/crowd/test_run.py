"""The headless job, small: a whole campaign through NATS, twice with the same seed."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from wufu.core.chance import Chance
from wufu.crowd import Report, dice, run_campaign
from wufu.fortune import BadCampaign
from wufu.main import LAWS
from wufu.ties import BadEdgeList

PEOPLE = 60


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A ring in which everybody also knows some others."""
    rolled = dice(Chance.seeded(1), "graph")
    lines = ["# a small town"]
    for one in range(PEOPLE):
        others = {(one + 1) % PEOPLE, *(rolled.below(PEOPLE) for _ in range(6))} - {one}
        lines += [f"{one} {other}" for other in sorted(others)]
    file = tmp_path / "ties.txt"
    file.write_text("\n".join(lines))
    return file


async def run(graph: Path, seed: int) -> Report:
    return await run_campaign(ties=graph, seed=seed, taps_each=300, proofs=30, sync=False)


async def test_two_runs_with_one_seed_draw_the_same_and_leave_sound_books(graph: Path) -> None:
    one, other = await asyncio.gather(run(graph, 5), run(graph, 5))
    for report in (one, other):
        assert report.ok, report.faults
        assert report.laws == {law.name: 0 for law in LAWS}
        assert report.people == PEOPLE
        assert report.taps >= PEOPLE * 300
        assert report.proofs_checked == 30
        assert report.proof_failures == 0
        assert report.cards_minted > 0
        assert report.gifts + report.swaps > 0
        assert report.refusals == {}
        assert report.winners > 0
        assert report.each_fen * report.winners == report.paid_fen
        assert report.paid_fen + report.remainder_fen == 215_000_000_00
    assert one.draws_digest == other.draws_digest
    assert (one.draws, one.taps, one.tap_batches) == (other.draws, other.taps, other.tap_batches)
    wanted = "people ties taps tap_batches cards_minted gifts swaps winners each_fen paid_fen remainder_fen"
    assert msgspec.to_builtins(one).keys() >= {
        *wanted.split(),
        "transfers",
        "laws",
        "proofs_checked",
        "seconds",
    }


async def test_a_bad_line_in_the_graph_stops_the_run_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ties.txt"
    file.write_text("1 2\n3\n")
    with pytest.raises(BadEdgeList) as refused:
        await run(file, 1)
    assert refused.value.facts["lines"][0]["line"] == 2  # type: ignore[index]


async def test_an_unknown_template_is_refused_before_anything_is_started(graph: Path) -> None:
    with pytest.raises(BadCampaign) as refused:
        await run_campaign(ties=graph, seed=1, template="1999")
    assert "no template '1999'" in str(refused.value.facts["why"])
