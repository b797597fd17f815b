"""What cannot be read fails with the field that is wrong; nothing makes the checker raise."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fortune.proofs import LATE_THEN_IN_TIME, Json, Place, a_proof, a_round, changed, failures, places
from wufu.fortune.proof import Line, check_proof

BAD_VALUES: list[Json] = [
    None,
    True,
    -1,
    10**30,
    10**5000,
    1.5,
    float("nan"),
    "",
    "x",
    "\ud800",
    "0" * 64,
    "\x1b[31m",
    [],
    [[]],
    {},
    {"a": 1},
    {1: 2},
    b"bytes",
]


def a_deep_list(depth: int) -> Json:
    value: Json = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("wufu",), "proof/2", "wufu: this program reads proof/1 only"),
        (("player",), None, "player: must be a JSON object"),
        (("player", "number"), True, "player.number: must be a whole number"),
        (("player", "number"), 2**53, "player.number: must be from 0 to"),
        (("player", "seed"), "AB" * 32, "player.seed: must be 64 lowercase hexadecimal digits"),
        (("rounds",), {}, "rounds: must be a list"),
        (("rounds",), [None] * 1001, "rounds: must hold at most 1,000 entries"),
        (("rounds", 0), None, "rounds[0]: must be a JSON object"),
        (("rounds", 1, "secret"), "ab" * 31, "rounds[1].secret: must be 64"),
        (("rounds", 1, "taps"), 10**6 + 1, "rounds[1].taps: must be from 0 to 1,000,000"),
        (("rounds", 1, "seed_path", 0), ["up", "00"], "rounds[1].seed_path[0][0]: must be left or right"),
        (("rounds", 1, "seed_path", 0), ["left"], "rounds[1].seed_path[0]: must hold 2 entries"),
        (("rounds", 1, "seed_path"), [["left", "00" * 32]] * 65, "rounds[1].seed_path: must hold at most 64"),
        (("rounds", 1, "spec", "extra"), 1.5, "rounds[1].spec: canonical JSON has no float"),
        (("rounds", 1, "spec", "extra"), "\ud800", "rounds[1].spec: canonical JSON has no lone surrogates"),
        (
            ("rounds", 1, "spec", "extra"),
            a_deep_list(5000),
            "rounds[1].spec: canonical JSON nests at most 64 deep",
        ),
        (("rounds", 1, "spec", "extra"), 10**5000, "rounds[1].spec: "),
        (
            ("rounds", 1, "spec", "closes_at"),
            "2016-02-07T12:36:00Z",
            "rounds[1].spec.closes_at: must be after",
        ),
        (("rounds", 1, "spec", "opens_at"), "2016-02-30T12:36:00Z", "rounds[1].spec.opens_at: is not a date"),
        (
            ("rounds", 1, "spec", "opens_at"),
            "2016-02-07 12:36",
            "rounds[1].spec.opens_at: must be an instant",
        ),
        (("rounds", 1, "spec", "beacon"), {"chain": "quicknet"}, "rounds[1].spec.beacon.round: is missing"),
        (
            ("rounds", 1, "spec", "odds", 0, "upto"),
            5,
            "rounds[1].spec.odds[0].upto: must be an unsigned 64-bit",
        ),
        (
            ("rounds", 1, "spec", "odds", 0, "upto"),
            str(2**64),
            "rounds[1].spec.odds[0].upto: must be an unsigned",
        ),
        (
            ("rounds", 1, "spec", "odds", 0, "kind"),
            "car",
            "rounds[1].spec.odds[0].kind: must be card or cash",
        ),
        (("rounds", 1, "spec", "odds", 2, "most"), 65, "rounds[1].spec.odds[2].most: must be from 66 to"),
        (("rounds", 1, "spec", "odds", 1, "stock"), -1, "rounds[1].spec.odds[1].stock: must be from 0"),
        (("rounds", 1, "spec", "odds", 0, "release"), [], "rounds[1].spec.odds[0].release: needs a stock"),
        (
            ("rounds", 1, "spec", "odds", 1, "release", 1),
            ["2016-02-02T00:00:00Z", 1, 100],
            "rounds[1].spec.odds[1].release[1]: must be later than the step before it and release no less",
        ),
        (
            ("rounds", 1, "spec", "odds", 1, "release", 1),
            ["2016-02-02T00:00:00Z", 3, 0],
            "rounds[1].spec.odds[1].release[1][2]: must be from 1",
        ),
        (
            ("rounds", 1, "wins", 0, "outcome"),
            "lost",
            "rounds[1].wins[0].outcome: must be card, cash or sold out",
        ),
        (("rounds", 1, "wins", 0, "prize"), "\x1b[31m", "rounds[1].wins[0].prize: must be a text"),
        (("settlement", "winners"), "3", "settlement.winners: must be a whole number"),
        (("settlement", "winner"), {"number": 5}, "settlement.winner.path: is missing"),
    ],
    ids=lambda value: "int" if isinstance(value, int) else None,  # one is too long to be spelled
)
def test_a_malformed_field_is_a_failing_line_that_names_it(place: Place, value: Json, said: str) -> None:
    found = failures(changed(LATE_THEN_IN_TIME, place, value))
    assert any(text.startswith(said) for text in found), found


def test_a_missing_field_is_named() -> None:
    required = [place for place, _ in places(LATE_THEN_IN_TIME) if isinstance(place[-1], str)]
    optional = {"stock", "release"}
    assert len(required) > 100
    for place in required:
        forged = copy.deepcopy(LATE_THEN_IN_TIME)
        inner = forged
        for step in place[:-1]:
            inner = inner[step]
        del inner[place[-1]]
        spelled = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)[1:]
        said = (
            "needs a stock"
            if place[-1] == "stock"
            else "spec_hash"
            if place[-1] in optional
            else "is missing"
        )
        found = failures(forged)
        assert any(said in text and (place[-1] in optional or spelled in text) for text in found), (
            place,
            found,
        )


def test_only_a_cash_win_has_an_amount() -> None:
    wins = LATE_THEN_IN_TIME["rounds"][1]["wins"]
    at = next(at for at, win in enumerate(wins) if win["outcome"] == "card")
    found = failures(changed(LATE_THEN_IN_TIME, ("rounds", 1, "wins", at), wins[at] | {"minor": 5}))
    assert found[0] == f"rounds[1].wins[{at}].minor: belongs to a cash win only"


def test_a_wrong_round_does_not_keep_the_others_from_being_checked() -> None:
    lines = check_proof(changed(LATE_THEN_IN_TIME, ("rounds", 0, "taps"), None))
    assert Line(False, "rounds[0].taps: must be a whole number") in lines
    assert any(
        line.ok and line.text.startswith("round 2: ") and "taps re-drawn" in line.text for line in lines
    )
    assert any(line.ok and line.text.startswith("settlement: ") for line in lines)


@pytest.mark.parametrize("value", BAD_VALUES, ids=lambda value: type(value).__name__)
def test_what_is_no_proof_at_all_fails(value: Json) -> None:
    assert failures(value)


@pytest.mark.parametrize("value", BAD_VALUES, ids=lambda value: type(value).__name__)
def test_no_value_anywhere_makes_the_checker_raise(value: Json) -> None:
    proof = a_proof(a_round(2, about=20))
    for place, _ in places(proof):
        assert check_proof(changed(proof, place, value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_random_json_never_raises(value: Json) -> None:
    assert failures(value)


SMALL = a_proof(a_round(2, about=20))


@settings(max_examples=200)
@given(st.data())
def test_a_proof_with_random_parts_never_raises(data: st.DataObject) -> None:
    proof = SMALL
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([place for place, _ in places(proof)] or [("wufu",)]))
        proof = changed(proof, place, data.draw(json_values))
    assert check_proof(proof)
