"""What the detectors find on small towns that no threshold was chosen on."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wufu.cli.app import app
from wufu.trust import Evaluation, evaluate, synthetic_friends

PEOPLE = 700


@pytest.fixture(scope="module")
def towns() -> list[Evaluation]:
    return [evaluate(synthetic_friends(PEOPLE, seed), seed) for seed in (11, 12)]


def test_most_attackers_are_found_and_most_of_the_found_are_attackers(towns: list[Evaluation]) -> None:
    for town in towns:
        assert town.precision is not None
        assert town.recall is not None
        assert town.precision >= 0.75
        assert town.recall >= 0.5


def test_each_detector_finds_the_attack_it_is_for(towns: list[Evaluation]) -> None:
    for town in towns:
        for attack, detector in (("one_device", "device"), ("lockstep", "lockstep"), ("circle", "circle")):
            found = town.attacks[attack]
            assert found.by.get(detector, 0) >= 0.85 * found.people > 0, (town.seed, attack)


def test_the_score_beats_the_share_of_refusals(towns: list[Evaluation]) -> None:
    for town in towns:
        assert town.auc is not None
        assert town.auc_refusals is not None
        assert town.auc >= 0.85 > town.auc_refusals


def test_traps_are_rarely_sprung(towns: list[Evaluation]) -> None:
    for town in towns:
        for trap in ("newcomer", "family", "class", "team", "popular", "party", "veteran"):
            assert town.traps[trap].share <= 0.06, (town.seed, trap)


def test_what_cannot_be_seen_is_not_claimed(towns: list[Evaluation]) -> None:
    """Bought accounts look like who they were. If this ever fails, the guide has good news to tell."""
    assert all(town.attacks["purchased"].share <= 0.2 for town in towns)


def test_a_seed_is_a_town(towns: list[Evaluation]) -> None:
    assert evaluate(synthetic_friends(PEOPLE, 11), 11) == towns[0]


def test_the_command_prints_one_object_and_refuses_other_files(tmp_path: Path) -> None:
    edges = tmp_path / "edges.txt"
    friends = synthetic_friends(220, 5)
    edges.write_text("".join(f"{a} {b}\n" for a, its in friends.items() for b in its if a < b))
    answer = CliRunner().invoke(app, ["trust", "evaluate", "--edges", str(edges), "--seed", "3", "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout.splitlines()[-1])
    assert found["people"] > 220
    assert {"precision", "recall", "auc", "attacks", "traps"} <= found.keys()
    edges.write_text("1 2\n")
    assert CliRunner().invoke(app, ["trust", "evaluate", "--edges", str(edges)]).exit_code == 2
    assert CliRunner().invoke(app, ["trust", "evaluate", "--edges", str(tmp_path / "none")]).exit_code == 2
