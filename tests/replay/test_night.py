"""A reduced night: every draw equal to the slow reference, nothing lost, and the same however it is cut."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from wufu.cli.app import app
from wufu.core.chance import amount_between, draw_words
from wufu.replay import Night, Stopped, WrongCheckpoint, draw_png, draw_text, gala_plan, report_of
from wufu.replay import night as night_module
from wufu.replay.checks import check_sample, taps_of
from wufu.replay.society import SCARCE

PEOPLE = 3_000


def played(people: int = PEOPLE, **dials: object) -> Night:
    night = Night(gala_plan(people, seed=7), **dials)  # type: ignore[arg-type]
    night.run()
    return night


def fingerprint(night: Night) -> tuple[bytes, bytes, int, int]:
    state = night.state
    return state.rows.tobytes(), state.money.tobytes(), state.tally.winners, state.tally.cash_fen


def test_every_tap_of_every_person_is_the_draw_of_the_slow_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """All 3,000 people and 5.7 million taps, one by one; then the whole night's counts follow from them."""
    monkeypatch.setattr(night_module, "SAMPLE", PEOPLE)
    night = played()
    plan, tally = night.plan, night.state.tally
    minted: Counter[str] = Counter()
    taps = 0
    for number in range(1, 5):
        its_round, key, seen = plan.spec.rounds[number], plan.key(number), tally.seen[number]
        odds, limited = its_round.table(), []
        for person in range(PEOPLE):
            count = taps_of(night, person, number)
            taps += count
            won = odds.prize_indices(draw_words(key, person + 1, 0, count))
            assert [int((won == kind).sum()) for kind in range(4)] == seen.commons[person][:4]
            minted.update(odds.prizes[prize] for prize in won.tolist() if 0 <= prize < 4)
            limited += [(person, int(tap), int(won[tap])) for tap in np.flatnonzero(won >= 4)]
        assert [tuple(hit) for hit in seen.hits] == limited
        cash = its_round.odds[5]
        assert cash.least is not None
        assert cash.most is not None
        for person, tap, fen in seen.cash:
            assert amount_between(key, person + 1, tap, cash.least, cash.most) == fen
    assert taps == tally.drawn == plan.taps
    friends = tally.friend_draws
    assert (
        sum(minted.values()) <= sum(tally.minted[kind] for kind in minted) <= sum(minted.values()) + friends
    )


def test_laws_hold_and_the_check_finds_nothing() -> None:
    report = report_of(played())
    assert report.laws
    assert not any(report.laws.values())
    assert report.checked_people == 1_000
    assert report.check_failures == 0
    assert report.paid_fen + report.remainder_fen == report.pool_fen
    assert report.ok


def test_a_draw_that_was_tampered_with_is_found() -> None:
    night = played()
    seen = night.state.tally.seen[2]
    seen.commons[17][0] += 1
    person, tap, fen = seen.cash[0]
    seen.cash[0] = (person, tap, fen + 1)
    assert len(check_sample(night)[2]) == 2


def test_a_card_that_appears_breaks_a_law() -> None:
    night = played()
    night.state.rows[5, SCARCE] += 1
    report = report_of(night)
    assert report.laws["cards held are the cards minted"] == 1
    assert not report.ok


def test_the_result_does_not_depend_on_how_the_work_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fingerprint(played(threads=1))
    monkeypatch.setattr(night_module, "PIECE", 170)
    monkeypatch.setattr(night_module, "WAVE", 901)
    assert fingerprint(played(threads=3)) == whole


def test_a_stopped_night_goes_on_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night_module, "WAVE", 500)
    whole = fingerprint(played())
    folder, stops = tmp_path / "checkpoint", 0
    while True:
        night = Night(gala_plan(PEOPLE, seed=7), folder=folder)
        assert night.resumed == (stops > 0)
        units = 0

        def tell(step: str, done: int, total: int, drawn: int, night: Night = night) -> None:
            nonlocal units
            units += 1
            if units == 37:  # in the middle of steps, rounds among them
                night.stop()

        try:
            night.run(tell)
            break
        except Stopped:
            stops += 1
    assert stops > 3
    assert fingerprint(night) == whole
    assert report_of(night).ok
    night.forget()
    assert not folder.exists()


def test_a_checkpoint_of_another_night_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoint"
    Night(gala_plan(100, seed=1), folder=folder)._save()
    with pytest.raises(WrongCheckpoint, match="other people, taps or seed"):
        Night(gala_plan(100, seed=2), folder=folder)
    (folder / "rows.npy").write_bytes(b"torn")
    with pytest.raises(WrongCheckpoint, match="cannot be read"):
        Night(gala_plan(100, seed=1), folder=folder)
    assert not Night(gala_plan(100, seed=2), folder=folder, fresh=True).resumed


def test_more_taps_than_fingers_can_do_are_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        Night(gala_plan(100, 100 * 20_000)).run()


def test_the_curve_looks_like_history() -> None:
    """60,000 people, so that 5,079 of 170 million are two: only the end can be compared closely."""
    night = played(60_000)
    report = report_of(night)
    last = report.completion[-1]
    assert last.history == 791_405
    assert 0.95 < last.scaled_to_2016 / last.history < 1.05
    assert abs(report.ties / (1_100_000_000 * 60_000 / 170_000_000) - 1) < 0.02
    full = [point.full_sets for point in report.completion]
    assert full == sorted(full)
    assert "791,405" in draw_text(report)


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    night = played()
    draw_png(report_of(night), night.plan, tmp_path / "night.png")
    assert (tmp_path / "night.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_prints_one_object(tmp_path: Path) -> None:
    asked = ["replay", "gala-2016", "--people", "2000", "--seed", "3", "--data", str(tmp_path), "--json"]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    assert report["people"] == 2000
    assert report["check_failures"] == 0
    assert report["taps"] == 324_500_000_000 * 2000 // 170_000_000
