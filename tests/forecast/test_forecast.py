"""A small Monte Carlo: files are read or refused, bands are bands, dials work, the target is met."""

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from wufu.cli.app import app
from wufu.core.chance import Chance
from wufu.forecast import BadForecast, Forecaster, read_campaign
from wufu.forecast.model import CAMPAIGNS, dialled, draw_factors, middle

PEOPLE = 3_000
SMALL = """
title = "试"
rule = "taps"
reach = 400_000
joining = 0.5
inviting = 0.5
pool_fen = 1_000_000_000
scarce_stock = 20_000
taps_each = 200
[uncertain]
joining = 0.2
giving = 0.3
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    return file


def test_the_files_that_come_with_wufu_can_be_read() -> None:
    names = {file.stem for file in CAMPAIGNS.glob("*.toml")}
    assert {"2016", "2017", "2018", "town"} <= names
    for name in names:
        assert read_campaign(Path(name)).reach > 0
    assert abs(read_campaign(Path("2016")).people - 170_000_000) < 100_000
    assert abs(read_campaign(Path("town")).people - 1_000_000) < 1_000


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ('rule = "taps"', 'rule = "magic"', "rule"),
        ("joining = 0.5", "joining = 1.5", "joining"),
        ("scarce_stock = 20_000", "", "scarce_stock"),
        ("taps_each = 200", "taps_each = 1e9", "taps_each"),
        ("giving = 0.3", "weather = 0.3", "weather"),
        ("pool_fen = 1_000_000_000", "pool_fen = 0", "pool_fen"),
        ("reach = 400_000", "reach = 400_000\nsurprise = 1", "surprise"),
        ("[uncertain]", "[uncertain", "small.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(small: Path, was: str, becomes: str, why: str) -> None:
    small.write_text(SMALL.replace(was, becomes), encoding="utf-8")
    with pytest.raises(BadForecast, match=why):
        read_campaign(small)
    told = CliRunner().invoke(app, ["forecast", str(small)])
    assert told.exit_code == 2


def test_a_missing_file_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadForecast, match="2016, 2017, 2018"):
        read_campaign(tmp_path / "nowhere.toml")


def test_nine_of_ten_runs_lie_within_the_band_of_a_dial(small: Path) -> None:
    campaign = read_campaign(small)
    drawn = [draw_factors(campaign, Chance.seeded(1), run)["joining"] for run in range(2_000)]
    assert 0.88 < sum(1 / 1.2 <= factor <= 1.2 for factor in drawn) / len(drawn) < 0.92
    assert draw_factors(campaign, Chance.seeded(1), 7) == draw_factors(campaign, Chance.seeded(1), 7)


def test_a_forecast_repeats_itself_and_its_bands_are_ordered(small: Path) -> None:
    one, other = (
        Forecaster(read_campaign(small), seed=5, simulated=PEOPLE).forecast(runs=6) for _ in range(2)
    )
    assert msgspec.structs.replace(one, seconds=0) == msgspec.structs.replace(other, seconds=0)
    for band in (one.winners, one.people, one.each_fen, *one.cards.values(), *one.completion.values()):
        assert band.low <= band.median <= band.high
    assert one.winners.high <= 20_400  # the stock, whatever comes; rounded to simulated people
    assert set(one.sensitivity) == {"joining", "giving"}
    assert one.people.low < 400_000 < one.people.high


def test_more_people_than_expected_share_the_same_stock(small: Path) -> None:
    campaign = read_campaign(small)
    forecaster = Forecaster(campaign, seed=5, simulated=PEOPLE)
    usual, crowded = (forecaster.play(dialled(campaign, {"joining": factor}), 5) for factor in (1.0, 2.0))
    assert crowded.people == 2 * usual.people
    assert crowded.cards["jingye"] == pytest.approx(usual.cards["jingye"], rel=0.02)
    assert crowded.cards["aiguo"] > 1.9 * usual.cards["aiguo"]


def test_the_stock_is_solved_for_a_target(small: Path) -> None:
    campaign = read_campaign(small)
    found = Forecaster(campaign, seed=5, simulated=PEOPLE).forecast(runs=5, target=10_000)
    assert found.solved_scarce_stock is not None
    assert found.solved_winners == pytest.approx(10_000, rel=0.03)
    assert 9_000 < found.solved_scarce_stock < 20_000


def test_generosity_and_company_make_winners(small: Path) -> None:
    campaign = read_campaign(small)
    forecaster = Forecaster(campaign, seed=5, simulated=PEOPLE)
    mean = forecaster.play(dialled(campaign, {"giving": 0.01, "swapping": 0.01, "dear": 0.01}), 5)
    assert forecaster.play(middle(campaign), 5).winners > mean.winners
    assert forecaster.play(middle(campaign), 5).gifts > 10 * mean.gifts


def test_years_without_a_stock_are_played_with_cards() -> None:
    campaign = read_campaign(Path("2017"))
    forecaster = Forecaster(campaign, seed=5, simulated=PEOPLE)
    dials = middle(campaign)
    outcome = forecaster.play(dials, 5)
    drawn = sum(outcome.cards.values())
    assert drawn == pytest.approx(dials.cards_each * outcome.people, rel=0.01)
    assert outcome.cards["jingye"] == pytest.approx(0.1 * drawn, rel=0.05)
    assert outcome.servers == 0
    joker = read_campaign(Path("2018"))
    assert forecaster_winners(joker) > 0


def forecaster_winners(campaign: object) -> int:
    return Forecaster(campaign, seed=5, simulated=PEOPLE).play(middle(campaign), 5).winners  # type: ignore[arg-type]


def test_a_real_graph_is_played_in_copies(small: Path, tmp_path: Path) -> None:
    ring = tmp_path / "ring.txt"
    lines = [f"{one} {(one + step) % 500}" for one in range(500) for step in (1, 2, 3, 4, 5, 6)]
    ring.write_text("\n".join(lines), encoding="utf-8")
    told = CliRunner().invoke(
        app, ["forecast", str(small), "--ties", str(ring), "--runs", "5", "--people", "2000", "--json"]
    )
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert found["simulated_people"] == 2_000
    assert found["new_ties"]["median"] == 6 * found["people"]["median"]


@pytest.mark.parametrize("target", ["winners=0", "winners=many", "losers=3", "winners=99999999999"])
def test_an_absurd_target_is_refused(small: Path, target: str) -> None:
    told = CliRunner().invoke(app, ["forecast", str(small), "--target", target])
    assert told.exit_code == 2
    assert "winners=N" in told.output
