"""Honest proof files to forge from: built by the slow road, one word and one amount at a time."""

import copy
from collections.abc import Iterator
from typing import Any

from wufu.core.chance import (
    Chance,
    amount_between,
    canonical_json,
    commitment,
    draw_words,
    round_key,
    sha256,
    thresholds,
)
from wufu.core.merkle import MerkleTree, numbered_leaf
from wufu.fortune.proof import DRAND, OPERATOR_TRUSTED, check_proof, spell_path

Json = Any
Place = tuple[str | int, ...]

CHANCE = Chance.seeded(2016)
PLAYERS = 5
PLAYER = 5  # the last leaf of five: its path has another shape in a tree of four or six
SEEDS = {number: CHANCE.secret(f"seed/{number}") for number in range(1, PLAYERS + 1)}
ODDS = thresholds([(1, 20), (1, 10), (1, 25)])
BEACON_VALUE = "ab" * 32


def a_spec(number: int, beacon: bool) -> Json:
    aiguo, jingye, cash = map(str, ODDS)
    release = [["2016-02-01T00:00:00Z", 2, 100], ["2016-02-07T12:36:00Z", 1, 1]]
    return {
        "id": f"gala-2016/{number}",
        "opens_at": "2016-02-07T12:36:00Z",
        "closes_at": "2016-02-07T12:41:00Z",
        "beacon": {"chain": "quicknet", "round": 123} if beacon else None,
        "odds": [
            {"prize": "aiguo", "kind": "card", "upto": aiguo},
            {"prize": "jingye", "kind": "card", "upto": jingye, "stock": 830_000, "release": release},
            {"prize": "cash", "kind": "cash", "upto": cash, "least": 66, "most": 888},
        ],
    }


def wins_of(key: bytes, taps: int) -> list[Json]:
    """The wins by the slow road, one word and one amount at a time; every second 敬业福 was sold out."""
    wins: list[Json] = []
    jingye = 0
    for tap, word in enumerate(draw_words(key, PLAYER, 0, taps).tolist()):
        if word < ODDS[0]:
            wins.append({"tap": tap, "prize": "aiguo", "outcome": "card"})
        elif word < ODDS[1]:
            jingye += 1
            wins.append({"tap": tap, "prize": "jingye", "outcome": "card" if jingye % 2 else "sold out"})
        elif word < ODDS[2]:
            minor = amount_between(key, PLAYER, tap, 66, 888)
            wins.append({"tap": tap, "prize": "cash", "outcome": "cash", "minor": minor})
    return wins


def taps_between_two_wins(key: bytes, about: int) -> int:
    """A number of taps whose last one won and whose next one would win: one tap more or less then shows."""
    winning = {win["tap"] for win in wins_of(key, 4 * about)}
    return next(taps for taps in range(about, 4 * about) if {taps - 1, taps} <= winning)


def a_round(number: int, *, beacon: bool = False, late: bool = False, about: int = 100) -> Json:
    spec = a_spec(number, beacon)
    secret = CHANCE.secret(f"round/{spec['id']}/secret")
    tree = MerkleTree(
        [numbered_leaf(player, seed) for player, seed in SEEDS.items() if not late or player < 5]
    )
    key = round_key(secret, tree.root, bytes.fromhex(BEACON_VALUE) if beacon else b"", spec["id"])
    taps = taps_between_two_wins(key, about)
    return {
        "spec": spec,
        "spec_hash": sha256(canonical_json(spec)).hex(),
        "commitment": commitment(secret).hex(),
        "secret": secret.hex(),
        "seeds_root": tree.root.hex(),
        "players": len(tree),
        "seed_path": None if late else spell_path(tree.path(PLAYER - 1)),
        "beacon_value": BEACON_VALUE if beacon else None,
        "taps": taps,
        "wins": wins_of(key, taps),
    }


def a_settlement() -> Json:
    winners = MerkleTree([numbered_leaf(number) for number in (1, 4, 5)])
    return {
        "pool_minor": 21_500_000_000,
        "winners": 3,
        "each_minor": 7_166_666_666,
        "paid_minor": 21_499_999_998,
        "remainder_minor": 2,
        "winners_root": winners.root.hex(),
        "winner": {"number": PLAYER, "path": spell_path(winners.path(2))},
    }


def a_proof(*rounds: Json, entropy: str = OPERATOR_TRUSTED) -> Json:
    return {
        "wufu": "proof/1",
        "campaign": "gala-2016",
        "entropy": entropy,
        "player": {"number": PLAYER, "seed": SEEDS[PLAYER].hex()},
        "rounds": list(rounds),
        "settlement": a_settlement(),
    }


LATE_THEN_IN_TIME = a_proof(a_round(1, late=True), a_round(2))
WITH_BEACON = a_proof(a_round(1, beacon=True), entropy=DRAND)


def failures(proof: Json) -> list[str]:
    return [line.text for line in check_proof(proof) if not line.ok]


def changed(proof: Json, place: Place, value: Json) -> Json:
    forged = copy.deepcopy(proof)
    inner = forged
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return forged


def places(value: Json, here: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Every place of a JSON value, containers too."""
    if here:
        yield here, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*here, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*here, index))
