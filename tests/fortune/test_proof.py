"""A valid proof holds; a changed one fails with the line that is wrong."""

import copy
import json

import pytest

from tests.fortune.proofs import (
    BEACON_VALUE,
    LATE_THEN_IN_TIME,
    PLAYER,
    WITH_BEACON,
    Json,
    Place,
    a_proof,
    a_round,
    changed,
    failures,
    places,
)
from wufu.core.chance import canonical_json, sha256
from wufu.core.merkle import MerkleTree, numbered_leaf
from wufu.fortune.proof import DRAND, OPERATOR_TRUSTED, check_proof, draws_of, spell_path
from wufu.fortune.proof_file import FieldError


def a_neighbour(value: Json) -> Json:
    """The smallest change of a value: one more, one other digit, one other letter."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        last = value[-1]
        return value[:-1] + ("0" if last == "9" else chr(ord(last) ^ 1))
    return value


def test_the_test_world_has_every_kind_of_win() -> None:
    outcomes = {(win["prize"], win["outcome"]) for win in LATE_THEN_IN_TIME["rounds"][1]["wins"]}
    assert outcomes == {("aiguo", "card"), ("jingye", "card"), ("jingye", "sold out"), ("cash", "cash")}


# --- What holds ---------------------------------------------------------------------


@pytest.mark.parametrize("proof", [LATE_THEN_IN_TIME, WITH_BEACON])
def test_an_honest_proof_holds_line_by_line(proof: Json) -> None:
    assert failures(proof) == []
    assert failures(json.loads(json.dumps(proof))) == []


def test_the_lines_say_what_was_checked_in_numbers() -> None:
    first, second = LATE_THEN_IN_TIME["rounds"]
    texts = [line.text for line in check_proof(LATE_THEN_IN_TIME)]
    sold_out = sum(win["outcome"] == "sold out" for win in second["wins"])
    assert sold_out > 0
    assert texts[0].startswith("entropy: operator-trusted entropy, 2 of 2 rounds have no beacon")
    assert any(
        text.startswith("round 1: joined after the round opened: this seed counts from") for text in texts
    )
    assert any(text.startswith("round 2: the seed of player 5 is number 5 of 5 under ") for text in texts)
    assert any(
        text.startswith(
            f"round 2: {second['taps']:,} taps re-drawn, {len(second['wins'])} prizes ({sold_out} sold out)"
        )
        and text.endswith("all as claimed")
        for text in texts
    )
    assert f"round 1: secret revealed, and it hashes to the commitment {first['commitment'][:16]}…" in texts
    assert (
        "settlement: ¥215,000,000.00 among 3 winners, rounded down to the fen, is ¥71,666,666.66 each"
        in texts
    )
    assert texts[-1].startswith("settlement: player 5 is winner 3 of 3 under ")


def test_a_long_round_is_drawn_again_in_full() -> None:
    long = a_proof(a_round(1, about=5_000))
    assert failures(long) == []
    assert len(long["rounds"][0]["wins"]) > 400


def test_a_beacon_is_named_for_the_reader_to_compare() -> None:
    texts = [line.text for line in check_proof(WITH_BEACON)]
    assert texts[0] == "entropy: drand, 0 of 1 rounds have no beacon"
    assert any(
        f"quicknet 123 (compare with that network's own record: {BEACON_VALUE})" in text for text in texts
    )


def test_the_golden_settlement_of_2016_holds() -> None:
    golden: Json = {
        "pool_minor": 21_500_000_000,
        "winners": 791_405,
        "each_minor": 27_166,
        "paid_minor": 21_499_308_230,
        "remainder_minor": 691_770,
        "winners_root": "00" * 32,
        "winner": None,
    }
    proof = a_proof() | {"settlement": golden}
    assert failures(proof) == []
    for field in ("winners", "each_minor", "paid_minor", "remainder_minor", "pool_minor"):
        for step in (-1, 1):
            forged = failures(changed(proof, ("settlement", field), golden[field] + step))
            assert any("remainder_minor" in text or field in text for text in forged)


def test_without_winners_everything_returns() -> None:
    nobody = {
        "pool_minor": 100,
        "winners": 0,
        "each_minor": 0,
        "paid_minor": 0,
        "remainder_minor": 100,
        "winners_root": sha256(b"").hex(),
        "winner": None,
    }
    proof = a_proof() | {"settlement": nobody}
    assert failures(proof) == []
    assert any(
        "winners_root" in text for text in failures(changed(proof, ("settlement", "winners_root"), "00" * 32))
    )


def test_a_file_with_neither_round_nor_settlement_does_not_pass() -> None:
    assert any("nothing to check" in text for text in failures(a_proof() | {"settlement": None}))


def test_draws_of_a_round_are_its_wins_before_the_stock_is_asked() -> None:
    played = LATE_THEN_IN_TIME["rounds"][1]
    draws = draws_of(played | {"wins": []}, PLAYER)
    assert [(draw.tap, draw.prize, draw.minor) for draw in draws] == [
        (win["tap"], win["prize"], win.get("minor")) for win in played["wins"]
    ]
    assert {draw.prize for draw in draws if draw.stocked} == {"jingye"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("secret", None, "secret: is not revealed"),
        ("taps", "x", "taps: must be"),
        ("spec", 1, "spec: must be"),
    ],
)
def test_draws_of_a_round_that_cannot_be_drawn_are_refused(field: str, value: Json, said: str) -> None:
    with pytest.raises(FieldError, match=said):
        draws_of(LATE_THEN_IN_TIME["rounds"][1] | {field: value}, PLAYER)


# --- What does not hold -------------------------------------------------------------


def named_by(place: Place) -> tuple[str, ...]:
    """The words of which one must stand in a failing line when this place was changed."""
    keys = [step for step in place if isinstance(step, str)]
    if "spec" in keys:
        return ("spec_hash", "spec.")
    if "beacon_value" in keys:
        return ("wins",)  # the value of a beacon shows in the key, and the key in the draws
    return (keys[-1],)


@pytest.mark.parametrize(
    ("proof", "place"),
    [
        pytest.param(proof, place, id=f"{name}-{'.'.join(map(str, place))}")
        for name, proof in (("in-time", a_proof(a_round(2))), ("beacon", WITH_BEACON))
        for place, value in places(proof)
        if isinstance(value, str | int)
    ],
)
def test_the_smallest_change_of_any_value_fails_with_the_line_that_names_it(
    proof: Json, place: Place
) -> None:
    value: Json = proof
    for step in place:
        value = value[step]
    found = failures(changed(proof, place, a_neighbour(value)))
    assert any(word in text for text in found for word in named_by(place)), found


def test_every_changed_byte_of_the_file_fails() -> None:
    """Each byte in turn becomes its neighbour; what still is JSON with another meaning must not pass."""
    proof = a_proof(a_round(2, about=20))
    file = json.dumps(proof, separators=(",", ":")).encode()
    forged = 0
    for at, byte in enumerate(file):
        try:
            other = json.loads(file[:at] + bytes([byte ^ 1]) + file[at + 1 :])
        except ValueError:
            continue
        if other != proof:
            forged += 1
            assert failures(other), f"byte {at}: {file[max(at - 20, 0) : at + 20]!r}"
    assert forged > len(file) // 2


@pytest.mark.parametrize("gone", ["aiguo", "jingye", "cash"])
def test_a_withheld_win_is_named(gone: str) -> None:
    wins = LATE_THEN_IN_TIME["rounds"][1]["wins"]
    at, win = next((at, win) for at, win in enumerate(wins) if win["prize"] == gone)
    found = failures(changed(LATE_THEN_IN_TIME, ("rounds", 1, "wins"), wins[:at] + wins[at + 1 :]))
    assert f"round 2: wins: tap {win['tap']} draws {gone!r}, but the list withholds it" in found


def test_an_invented_win_is_named() -> None:
    played = LATE_THEN_IN_TIME["rounds"][1]
    tap = next(tap for tap in range(played["taps"]) if tap not in {win["tap"] for win in played["wins"]})
    wins = [*played["wins"], {"tap": tap, "prize": "jingye", "outcome": "card"}]
    found = failures(changed(LATE_THEN_IN_TIME, ("rounds", 1, "wins"), wins))
    assert f"round 2: wins: tap {tap} claims 'jingye', but it draws nothing" in found


def test_a_win_beyond_the_taps_and_a_win_told_twice_are_named() -> None:
    wins = LATE_THEN_IN_TIME["rounds"][1]["wins"]
    beyond = {"tap": 1234, "prize": "jingye", "outcome": "card"}
    found = failures(changed(LATE_THEN_IN_TIME, ("rounds", 1, "wins"), [*wins, wins[0], beyond]))
    assert any(f"tap {wins[0]['tap']} is listed twice" in text for text in found)
    assert any("tap 1,234 is claimed, but only" in text for text in found)


@pytest.mark.parametrize(
    ("prize", "change", "said"),
    [
        ("aiguo", {"prize": "jingye"}, "claims the prize 'jingye', the draw is 'aiguo'"),
        ("aiguo", {"outcome": "sold out"}, "says sold out (outcome), but 'aiguo' carries no stock"),
        ("aiguo", {"outcome": "cash", "minor": 5}, "says cash (outcome), but 'aiguo' is a card prize"),
        ("cash", {"minor": 1}, "claims an amount (minor) of 1, the draw is "),
        ("cash", {"outcome": "card", "minor": None}, "says card (outcome), but 'cash' is a cash prize"),
    ],
)
def test_a_win_told_otherwise_is_named(prize: str, change: Json, said: str) -> None:
    wins = LATE_THEN_IN_TIME["rounds"][1]["wins"]
    at = next(at for at, win in enumerate(wins) if win["prize"] == prize)
    found = failures(changed(LATE_THEN_IN_TIME, ("rounds", 1, "wins", at), wins[at] | change))
    assert any(f"round 2: wins: tap {wins[at]['tap']} {said}" in text for text in found), found


def test_many_faults_are_counted_and_only_the_first_are_told() -> None:
    found = failures(changed(a_proof(a_round(1, about=5_000)), ("rounds", 0, "wins"), []))
    assert len(found) == 21
    assert "things not as claimed" in found[-1]


def test_a_secret_that_is_not_revealed_fails_plainly() -> None:
    found = failures(changed(LATE_THEN_IN_TIME, ("rounds", 1, "secret"), None))
    assert len(found) == 1
    assert found[0].startswith("round 2: secret: not revealed yet")


def test_a_seed_once_counted_cannot_drop_out_of_a_later_root() -> None:
    proof = a_proof(a_round(2), a_round(3))
    found = failures(changed(proof, ("rounds", 1, "seed_path"), None))
    assert found == ["round 3: seed_path: is null, but this seed was in the root of an earlier round"]


def test_the_root_of_no_players_is_known() -> None:
    late = changed(LATE_THEN_IN_TIME, ("rounds", 0, "players"), 0)
    assert any("seeds_root" in text and "no players" in text for text in failures(late))


def test_thresholds_that_do_not_rise_fail_even_when_they_were_committed() -> None:
    proof = copy.deepcopy(LATE_THEN_IN_TIME)
    played = proof["rounds"][1]
    played["spec"]["odds"][1]["upto"] = played["spec"]["odds"][0]["upto"]
    played["spec_hash"] = sha256(canonical_json(played["spec"])).hex()
    found = failures(proof)
    assert len(found) == 1
    assert found[0].startswith("round 2: spec.odds: the threshold ")


def test_other_odds_fail_by_their_hash_and_by_their_draws() -> None:
    spec = LATE_THEN_IN_TIME["rounds"][1]["spec"]
    kinder = changed(spec, ("odds", 2, "upto"), str(2**64 - 1))
    found = failures(changed(LATE_THEN_IN_TIME, ("rounds", 1, "spec"), kinder))
    assert any("spec_hash: the rules hash to" in text for text in found)
    assert any("withholds" in text for text in found)


@pytest.mark.parametrize(
    ("proof", "label"), [(LATE_THEN_IN_TIME, DRAND), (WITH_BEACON, OPERATOR_TRUSTED), (WITH_BEACON, "dice")]
)
def test_entropy_is_labelled_as_the_rounds_deserve(proof: Json, label: str) -> None:
    found = failures(proof | {"entropy": label})
    assert len(found) == 1
    assert found[0].startswith("entropy: ")


@pytest.mark.parametrize(("proof", "value"), [(LATE_THEN_IN_TIME, BEACON_VALUE), (WITH_BEACON, None)])
def test_a_beacon_value_is_there_exactly_when_the_rules_name_a_beacon(proof: Json, value: Json) -> None:
    found = failures(changed(proof, ("rounds", 0, "beacon_value"), value))
    assert len(found) == 1
    assert found[0].startswith("round 1: beacon_value: the rules name ")


def test_a_round_of_another_campaign_or_told_twice_is_named() -> None:
    played = LATE_THEN_IN_TIME["rounds"][1]
    found = failures(a_proof(played, played))
    assert "round 2: spec.id: 'gala-2016/2' is in the file twice" in found
    assert any(
        "is no round of the campaign 'gala'" in text
        for text in failures(a_proof(played) | {"campaign": "gala"})
    )


def test_the_share_of_another_winner_is_no_proof_of_this_player() -> None:
    winners = MerkleTree([numbered_leaf(number) for number in (1, 4, 5)])
    other = {"number": 4, "path": spell_path(winners.path(1))}
    found = failures(changed(LATE_THEN_IN_TIME, ("settlement", "winner"), other))
    assert found == ["settlement: winner.number: is 4, the file is of player 5"]
