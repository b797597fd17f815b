"""The studies of rules: on graphs and talks whose answers are known, and on input that is none."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from wufu.cli.insight import app
from wufu.insight import BadInsight, study_recommendations, study_survival
from wufu.insight.lots import Lots
from wufu.insight.ranking import SIMPLE, Graph, best, blocks
from wufu.insight.recommend import at_random, in_time
from wufu.insight.survival import DAY, auc

runner = CliRunner()


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


# --- Ranking --------------------------------------------------------------------------------------


def test_the_simple_rules_are_their_formulas() -> None:
    """A square with one diagonal, and a tail: counted by hand."""
    ties = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (2, 4)]
    graph = Graph.of(5, *np.array(ties).T)
    ((block, _),) = blocks(graph, silent, "")
    scores = {name: block.scores[name] for name in SIMPLE}
    # 1 and 3 share 0 (three ties) and 2 (four ties); 4 and 0 share 2.
    assert scores["common neighbours"][1, 3] == 2
    assert scores["Adamic-Adar"][1, 3] == pytest.approx(1 / np.log(3) + 1 / np.log(4))
    assert scores["resource allocation"][3, 1] == pytest.approx(1 / 3 + 1 / 4)
    assert scores["resource allocation / degree^0.25"][4, 0] == pytest.approx(1 / 4 / 3**0.25)
    assert block.scores["walks"][4, 0] == pytest.approx(walked(ties, 4, 0), rel=1e-4)
    for each in scores.values():
        assert all(each[a, b] == each[b, a] == -1 for a, b in ties), "who is a friend is no candidate"
        assert (np.diag(each) == -1).all()


def walked(ties: list[tuple[int, int]], start: int, end: int) -> float:
    """Σ ½^k of the chance to be at `end` after k = 2 … 5 random steps, path by path."""
    near = {one: [b if a == one else a for a, b in ties if one in (a, b)] for one in range(5)}
    total = 0.0
    for steps in range(2, 6):
        for path in itertools.product(range(5), repeat=steps - 1):
            whole = (start, *path, end)
            if all(b in near[a] for a, b in itertools.pairwise(whole)):
                total += 0.5**steps * float(np.prod([1 / len(near[one]) for one in whole[:-1]]))
    return total


def test_the_best_are_the_highest_above_nothing_equal_ones_by_number() -> None:
    scores = np.array([0, 3, -1, 5, 3, 3, 0], dtype=np.float32)
    assert best(scores, 3).tolist() == [3, 1, 4]
    assert best(scores, 99).tolist() == [3, 1, 4, 5]
    assert best(np.zeros(4, dtype=np.float32), 2).tolist() == []


def test_the_same_seed_hides_the_same_ties_and_every_tie_is_visible_or_hidden() -> None:
    firsts, seconds = np.arange(100), np.arange(100) + 100
    split = at_random(200, firsts, seconds, 0.1, Lots(3), "hide")
    again = at_random(200, firsts, seconds, 0.1, Lots(3), "hide")
    other = at_random(200, firsts, seconds, 0.1, Lots(4), "hide")
    assert split.hidden_firsts.tolist() == again.hidden_firsts.tolist() != other.hidden_firsts.tolist()
    assert sorted([*split.firsts, *split.hidden_firsts]) == firsts.tolist()
    assert len(split.hidden_firsts) == 10


def test_in_time_only_people_who_were_there_are_asked() -> None:
    firsts, seconds = np.array([0, 1, 0, 0, 2]), np.array([1, 2, 3, 2, 4])
    split = in_time(5, firsts, seconds, 0.4)
    assert split.firsts.tolist() == [0, 1, 0]
    assert (split.hidden_firsts.tolist(), split.hidden_seconds.tolist()) == ([0], [2])
    assert split.newcomers == 1


def circles(folder: Path, *, times: bool = False) -> Path:
    """Twelve circles of eighteen who nearly all know each other, and some ties across."""
    words = iter(Lots(1).words("circles", 20_000).tolist())
    ties = [
        (18 * circle + a, 18 * circle + b)
        for circle in range(12)
        for a, b in itertools.combinations(range(18), 2)
        if next(words) % 10 < 7
    ]
    ties += [(next(words) % 216, next(words) % 216) for _ in range(150)]
    ties = sorted({(min(tie), max(tie)) for tie in ties if tie[0] != tie[1]}, key=lambda _: next(words))
    file = folder / "circles.txt"
    file.write_text("".join(f"{a} {b}{f' {at}' if times else ''}\n" for at, (a, b) in enumerate(ties, 1)))
    return file


def test_in_circles_every_rule_finds_most_of_what_is_hidden(tmp_path: Path) -> None:
    found = study_recommendations(circles(tmp_path), hide=0.1, seed=2, times=False, tell=silent)
    rules = {rule.rule: rule for rule in found.rules}
    assert {"learned", "common neighbours", "Adamic-Adar", "resource allocation"} <= rules.keys()
    # A circle of 18 leaves some five unknown members each: ten places hold nearly all that is hidden.
    assert all(rule.recall_at_10_everybody > 0.85 for rule in found.rules)
    assert all(rule.auc > 0.9 for rule in found.rules)
    assert (found.recall_at_10, found.auc) == (rules["learned"].recall_at_10, rules["learned"].auc)
    again = study_recommendations(circles(tmp_path), hide=0.1, seed=2, times=False, tell=silent)
    assert again == found


def test_learning_never_sees_what_is_hidden(tmp_path: Path) -> None:
    """Ties by pure chance cannot be foretold: whoever does so has looked."""
    words = Lots(9).words("chance", 6_000).tolist()
    pairs = {(min(a, b), max(a, b)) for a, b in zip(words[::2], words[1::2], strict=True)}
    ties = {(a % 300, b % 300) for a, b in pairs if a % 300 != b % 300}
    file = tmp_path / "chance.txt"
    file.write_text("".join(f"{a} {b}\n" for a, b in sorted(ties)))
    found = study_recommendations(file, hide=0.1, seed=2, times=False, tell=silent)
    assert found.recall_at_10_everybody < 0.15
    assert 0.35 < found.auc < 0.65


def test_the_future_of_circles_is_found_from_their_past(tmp_path: Path) -> None:
    result = runner.invoke(
        app, ["recommend-eval", "--edges", str(circles(tmp_path, times=True)), "--times", "--json"]
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["split"] == "in time"
    assert found["recall_at_10_everybody"] > 0.8


# --- Survival -------------------------------------------------------------------------------------


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    scores, positive = np.array([1, 2, 2, 3, 0]), np.array([False, True, False, True, False])
    right = sum(
        1.0 if one > other else 0.5 if one == other else 0.0
        for one in scores[positive]
        for other in scores[~positive]
    )
    assert auc(scores, positive) == pytest.approx(right / 6)
    assert auc(-scores, positive) == pytest.approx(1 - right / 6)
    assert np.isnan(auc(scores, np.ones(5, dtype=bool)))


def talks(folder: Path, pairs: int = 160) -> Path:
    """Pairs who all write four times at first; in every third they go on, and those answer sooner."""
    lines = []
    for pair in range(pairs):
        a, b, start = 2 * pair, 2 * pair + 1, 1_000_000 + pair * DAY // 4
        stays = pair % 3 == 0
        pause = 3_600 if stays else 20_000 + 997 * (pair % 7)
        lines += [f"{(a, b)[i % 2]} {(b, a)[i % 2]} {start + i * pause}" for i in range(4)]
        if stays:
            lines += [f"{a} {b} {start + 20 * DAY}", f"{b} {a} {start + 29 * DAY}"]
    lines.append(f"0 1 {1_000_000 + 200 * DAY}")
    file = folder / "talks.txt"
    file.write_text("\n".join(["# from to time", *lines]))
    return file


def test_what_the_first_week_tells_is_found(tmp_path: Path) -> None:
    found = study_survival(talks(tmp_path), seed=1, tell=silent)
    assert (found.ties, found.messages, found.people) == (160, 160 * 4 + 54 * 2 + 1, 320)
    assert [(one.days, one.ties, one.alive) for one in found.survived] == [
        (7, 160, 0),
        (30, 160, 54),
        (60, 160, 0),
    ]
    judged = found.cross_validated
    assert judged.auc.estimate > 0.95, "the pace tells them apart"
    assert judged.baseline_auc.estimate == pytest.approx(0.5), "all wrote as often"
    assert judged.gain.low > 0.3
    assert judged.auc.low <= judged.auc.estimate <= judged.auc.high


def test_ties_born_too_late_are_not_called_dead(tmp_path: Path) -> None:
    file = talks(tmp_path)
    last = 1_000_000 + 25 * DAY
    lines = [line for line in file.read_text().splitlines()[1:] if int(line.split()[2]) <= last]
    file.write_text("\n".join(lines))
    with pytest.raises(BadInsight, match="needed are 50"):
        study_survival(file, seed=1, tell=silent)


# --- Bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        ("survival", "", "has no messages"),
        ("survival", "# nothing\n", "has no messages"),
        ("survival", "1 2\n", "line 1: 2 words instead of three"),
        ("survival", "1 2 5\n1 2 nan\n", "line 2: 'nan' is no time"),
        ("survival", "1 2 -5\n", "line 1: -5 is no time"),
        ("survival", "-1 2 5\n", "'-1' is nobody's id"),
        ("survival", "nan 2 5\n", "'nan' is nobody's id"),
        ("survival", "1 2 99999999999999999999\n", "is no time"),
        ("survival", "1 2 5\n2 1 6\n", "needed are 50"),
        ("recommend-eval", "", "has no ties"),
        ("recommend-eval", "1 2 3\n", "line 1: 3 words"),
        ("recommend-eval", "1 2\n", "at least 100 are needed"),
        ("recommend-eval", "1 1\n", "has no ties"),
    ],
)
def test_what_is_no_list_is_told_in_words(tmp_path: Path, command: str, text: str, said: str) -> None:
    file = tmp_path / "list.txt"
    file.write_text(text)
    result = runner.invoke(app, [command, "--messages" if command == "survival" else "--edges", str(file)])
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00binary"])
def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "list.txt"
    if content is not None:
        file.write_bytes(content)
    for command in (["survival", "--messages"], ["recommend-eval", "--times", "--edges"]):
        result = runner.invoke(app, [*command, str(file)])
        assert result.exit_code == 2
        assert "cannot read" in result.stderr or "is no text" in result.stderr


@pytest.mark.parametrize("hide", ["0", "0.9", "-1", "nan"])
def test_a_part_that_cannot_be_hidden_is_refused(tmp_path: Path, hide: str) -> None:
    result = runner.invoke(app, ["recommend-eval", "--edges", str(circles(tmp_path)), "--hide", hide])
    assert result.exit_code == 2
    assert "between 0.01 and 0.5" in " ".join(result.stderr.split())
