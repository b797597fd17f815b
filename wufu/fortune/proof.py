"""Checking a proof file: what the operator published, redone from nothing but the file.

`check_proof` takes the parsed JSON and answers a list of lines, each with what was checked, in numbers, and
whether it holds. It trusts nothing in the file: the secret must match its commitment, the rules their hash,
the player's seed must lead to the root, the key is rebuilt from these, and every tap is drawn again. A win
that the draw does not give fails, and so does a win that is left out. A file that cannot be read fails with
the field that is wrong; no input raises.

What a file alone cannot show, and a reader must compare outside: that the commitment and the root were
published when they should have been, that the beacon's value is the one its network published, and that
`taps` is as many as the player's own phone counted. `docs/fairness.md` says how.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wufu.core.chance import Odds, amounts_of_many, commitment, draw_words, round_key, sha256
from wufu.core.merkle import EMPTY_ROOT, Path, merkle_check, merkle_index, numbered_leaf
from wufu.core.money import render_minor, split_equal
from wufu.fortune.proof_file import (
    Field,
    FieldError,
    Kind,
    Player,
    Prize,
    Round,
    Settlement,
    Win,
    read_player,
    read_round,
    read_settlement,
)

FORMAT = "proof/1"
OPERATOR_TRUSTED = "operator-trusted entropy"
DRAND = "drand"

MOST_FAULTS = 20  # wins found wrong in one round before the rest are only counted


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: whether it holds, and a sentence that says what was checked."""

    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Draw:
    """A winning draw: what the keystream gives this tap. `minor` is the amount of a cash prize, else None.

    `stocked` says that the prize has a stock, so that the record may say sold out in its place.
    """

    tap: int
    prize: str
    kind: Kind
    minor: int | None
    stocked: bool


def check_proof(proof: object) -> list[Line]:
    """What holds in a proof file and what does not, line by line; `proof` is the parsed JSON. Never raises.

    The proof holds when every line is ok.
    """
    lines: list[Line] = []
    try:
        for line in _check_file(Field(proof, "")):
            lines.append(line)  # noqa: PERF402 - what was found before a wrong field stays
    except FieldError as wrong:
        lines.append(Line(False, str(wrong)))
    return lines


def draws_of(round_file: Mapping[str, object], player: int) -> list[Draw]:
    """The winning draws of a player in one entry of `rounds`, by tap: what its `wins` must list.

    `wins` itself is not compared and may be empty. Raises `FieldError` at a round that is malformed or whose
    secret is not revealed yet.
    """
    read = read_round(Field(dict(round_file), ""))
    if read.secret is None:
        raise FieldError("secret", "is not revealed yet")
    try:
        odds = _odds(read)
    except ValueError as wrong:
        raise FieldError("spec.odds", str(wrong)) from wrong
    return _drawn(read, _key(read, read.secret), player, odds)


def spell_path(path: Path) -> list[list[str]]:
    """A Merkle path as the file spells it: `[["left", "<hex>"], ...]`."""
    return [[side, beside.hex()] for side, beside in path]


# --- The file -----------------------------------------------------------------------


def _check_file(file: Field) -> Iterator[Line]:
    if file.at("wufu").value != FORMAT:
        raise file.at("wufu").malformed(f"this program reads {FORMAT} only")
    campaign = file.at("campaign").text()
    player = read_player(file)
    rounds: list[Round] = []
    unread = False
    for field in file.at("rounds").items():
        try:
            rounds.append(read_round(field))
        except FieldError as wrong:
            unread = True
            yield Line(False, str(wrong))
    if not unread:
        yield _check_entropy(file.at("entropy").text(), rounds)
    yield from _check_ids(campaign, rounds)
    seed_counts = False
    for played in rounds:
        yield from _check_round(played, player, seed_counts)
        seed_counts = seed_counts or played.seed_path is not None
    settlement = file.at("settlement")
    if settlement.value is not None:
        yield from _check_settlement(read_settlement(settlement), player)
    elif not rounds and not unread:
        yield Line(False, "rounds: neither a round nor a settlement, there is nothing to check")


def _check_entropy(label: str, rounds: list[Round]) -> Line:
    """The label must be the one the rounds deserve; the weaker one is said plainly and is no fault."""
    without = sum(played.spec.beacon is None for played in rounds)
    told = f"{without} of {len(rounds)} rounds have no beacon"
    if label not in (DRAND, OPERATOR_TRUSTED):
        return Line(False, f"entropy: {label!r} is not a label, {DRAND!r} and {OPERATOR_TRUSTED!r} are")
    if rounds and label != (OPERATOR_TRUSTED if without else DRAND):
        return Line(False, f"entropy: labelled {label!r}, but {told}")
    if label == DRAND:
        return Line(True, f"entropy: {DRAND}, {told}")
    return Line(
        True,
        f"entropy: {OPERATOR_TRUSTED}, {told}: there, an operator who enrolled invented players last could"
        " have steered the root",
    )


def _check_ids(campaign: str, rounds: list[Round]) -> Iterator[Line]:
    """Every round belongs to the campaign, and none is told twice."""
    seen: set[str] = set()
    for played in rounds:
        if not played.spec.id.startswith(campaign + "/"):
            yield _fails(played, f"spec.id: {played.spec.id!r} is no round of the campaign {campaign!r}")
        if played.spec.id in seen:
            yield _fails(played, f"spec.id: {played.spec.id!r} is in the file twice")
        seen.add(played.spec.id)


# --- A round ------------------------------------------------------------------------


def _holds(played: Round, text: str) -> Line:
    return Line(True, f"{played.name}: {text}")


def _fails(played: Round, text: str) -> Line:
    return Line(False, f"{played.name}: {text}")


def _short(data: bytes) -> str:
    return f"{data.hex()[:16]}…"


def _check_round(played: Round, player: Player, seed_counts: bool) -> Iterator[Line]:
    """The lines of one round; `seed_counts`: an earlier round of the file had this seed in its root."""
    yield _check_spec_hash(played)
    odds_line, odds = _check_odds(played)
    yield odds_line
    yield _check_seed(played, player, seed_counts)
    beacon_fault = _beacon_fault(played)
    if beacon_fault:
        yield _fails(played, beacon_fault)
    if played.secret is None:
        yield _fails(played, "secret: not revealed yet, so no tap can be drawn again before the round closes")
        return
    yield _check_commitment(played, played.secret)
    if beacon_fault:
        return
    key = _key(played, played.secret)
    yield _holds(played, f"key rebuilt from {_sources(played)}: {key.hex()}")
    if odds is not None:
        yield from _check_wins(played, _drawn(played, key, player.number, odds))


def _check_spec_hash(played: Round) -> Line:
    found = sha256(played.spec.canonical)
    if found != played.spec_hash:
        return _fails(
            played,
            f"spec_hash: the rules hash to {_short(found)}, the published hash is {_short(played.spec_hash)}",
        )
    return _holds(played, f"the rules of {played.spec.id} hash to the published {_short(found)}")


def _check_odds(played: Round) -> tuple[Line, Odds | None]:
    try:
        odds = _odds(played)
    except ValueError as wrong:
        return _fails(played, f"spec.odds: {wrong}"), None
    if not odds.entries:
        return _holds(played, "odds as committed: no prizes"), odds
    one_in = (1 << 64) // odds.entries[-1][1]
    count = len(odds.entries)
    return _holds(
        played, f"odds as committed: {count} rising thresholds, about one tap in {one_in:,} wins"
    ), odds


def _check_seed(played: Round, player: Player, seed_counts: bool) -> Line:
    root = _short(played.seeds_root)
    if played.players == 0 and played.seeds_root != EMPTY_ROOT:
        return _fails(played, f"seeds_root: {root} is not the root of no players")
    if played.seed_path is None:
        if seed_counts:
            return _fails(played, "seed_path: is null, but this seed was in the root of an earlier round")
        return _holds(
            played,
            "joined after the round opened: this seed counts from the next round on (players then: "
            f"{played.players:,})",
        )
    if not merkle_check(numbered_leaf(player.number, player.seed), played.seed_path, played.seeds_root):
        return _fails(
            played,
            f"seed_path: player {player.number} with this seed (player.number, player.seed) does not lead to"
            f" the published seeds_root {root}",
        )
    place = merkle_index([side for side, _ in played.seed_path], played.players)
    if place is None:
        return _fails(played, f"players: a tree of {played.players:,} seeds has no path of this shape")
    return _holds(
        played,
        f"the seed of player {player.number} is number {place + 1:,} of {played.players:,} under {root}",
    )


def _beacon_fault(played: Round) -> str | None:
    if played.spec.beacon is None and played.beacon_value is not None:
        return "beacon_value: the rules name no beacon, so there must be no value"
    if played.spec.beacon is not None and played.beacon_value is None:
        chain, number = played.spec.beacon
        return f"beacon_value: the rules name {chain} {number:,}, but its value is missing"
    return None


def _check_commitment(played: Round, secret: bytes) -> Line:
    found = commitment(secret)
    if found != played.commitment:
        return _fails(
            played,
            f"commitment: the secret hashes to {_short(found)}, committed was {_short(played.commitment)}",
        )
    return _holds(played, f"secret revealed, and it hashes to the commitment {_short(found)}")


def _sources(played: Round) -> str:
    if played.spec.beacon is None or played.beacon_value is None:
        return "secret and root, no beacon"
    chain, number = played.spec.beacon
    value = played.beacon_value.hex()
    return f"secret, root and beacon {chain} {number:,} (compare with that network's own record: {value})"


def _key(played: Round, secret: bytes) -> bytes:
    return round_key(secret, played.seeds_root, played.beacon_value or b"", played.spec.id)


# --- The taps -----------------------------------------------------------------------


def _odds(played: Round) -> Odds:
    return Odds(tuple((prize.name, prize.upto) for prize in played.spec.prizes))


def _drawn(played: Round, key: bytes, player: int, odds: Odds) -> list[Draw]:
    """Every winning tap from 0 to `taps` - 1, drawn again."""
    indices = odds.prize_indices(draw_words(key, player, 0, played.taps))
    draws: list[Draw] = []
    for index, prize in enumerate(played.spec.prizes):
        taps = np.flatnonzero(indices == index)
        draws.extend(_draws_of_prize(prize, key, player, taps))
    return sorted(draws, key=lambda draw: draw.tap)


def _draws_of_prize(prize: Prize, key: bytes, player: int, taps: NDArray[np.int64]) -> Iterator[Draw]:
    stocked = prize.stock is not None
    if prize.kind == "card":
        return (Draw(tap, prize.name, "card", None, stocked) for tap in taps.tolist())
    players = np.full(len(taps), player, dtype=np.uint64)
    amounts = amounts_of_many(key, players, taps, prize.least, prize.most).tolist()
    return (
        Draw(tap, prize.name, "cash", minor, stocked)
        for tap, minor in zip(taps.tolist(), amounts, strict=True)
    )


def _check_wins(played: Round, draws: list[Draw]) -> Iterator[Line]:
    """The wins claimed against the draws, both ways; the first faults by name, then the sum."""
    faults = list(_faults(played, draws))
    for fault in faults[:MOST_FAULTS]:
        yield _fails(played, fault)
    done = f"{played.taps:,} taps re-drawn, {len(draws):,} prizes"
    if faults:
        yield _fails(played, f"wins: {done}, {len(faults):,} things not as claimed")
        return
    sold_out = sum(win.outcome == "sold out" for win in played.wins)
    paid = sum(win.minor or 0 for win in played.wins)
    told = f" ({sold_out:,} sold out)" if sold_out else ""
    cash = f", {render_minor(paid)} in cash" if paid else ""
    yield _holds(played, f"{done}{told}{cash}, all as claimed")


def _faults(played: Round, draws: list[Draw]) -> Iterator[str]:
    claimed: dict[int, Win] = {}
    for win in played.wins:
        if win.tap in claimed:
            yield f"wins: tap {win.tap:,} is listed twice"
        claimed[win.tap] = win
    for draw in draws:
        claim = claimed.pop(draw.tap, None)
        if claim is None:
            yield f"wins: tap {draw.tap:,} draws {draw.prize!r}, but the list withholds it"
        else:
            fault = _fault(claim, draw)
            if fault:
                yield f"wins: tap {draw.tap:,} {fault}"
    for win in claimed.values():
        if win.tap >= played.taps:
            yield f"wins: tap {win.tap:,} is claimed, but only {played.taps:,} taps were made (taps)"
        else:
            yield f"wins: tap {win.tap:,} claims {win.prize!r}, but it draws nothing"


def _fault(claim: Win, draw: Draw) -> str | None:
    """What is wrong with a claim for a winning tap, or None."""
    if claim.prize != draw.prize:
        return f"claims the prize {claim.prize!r}, the draw is {draw.prize!r}"
    if claim.outcome == "sold out":
        return None if draw.stocked else f"says sold out (outcome), but {draw.prize!r} carries no stock"
    if claim.outcome != draw.kind:
        return f"says {claim.outcome} (outcome), but {draw.prize!r} is a {draw.kind} prize"
    if claim.minor != draw.minor:
        return f"claims an amount (minor) of {claim.minor}, the draw is {draw.minor}"
    return None


# --- The settlement -----------------------------------------------------------------


def _check_settlement(split: Settlement, player: Player) -> Iterator[Line]:
    each, _ = split_equal(split.pool_minor, split.winners)
    paid = each * split.winners
    among = f"{render_minor(split.pool_minor)} among {split.winners:,} winners"
    yield _check_amount(
        "each_minor", split.each_minor, each, f"{among}, rounded down to the fen, is {{}} each"
    )
    yield _check_amount(
        "paid_minor", split.paid_minor, paid, f"{split.winners:,} winners are paid {{}} in all"
    )
    left = split.pool_minor - paid
    yield _check_amount("remainder_minor", split.remainder_minor, left, "{} returns to the sponsor")
    yield _check_winner(split, player)


def _check_amount(name: str, said: int, found: int, sentence: str) -> Line:
    told = sentence.format(render_minor(found))
    if said != found:
        so = f"pool_minor, winners or {name} is wrong"
        return Line(False, f"settlement: {told}, but the file says {render_minor(said)}: {so}")
    return Line(True, f"settlement: {told}")


def _check_winner(split: Settlement, player: Player) -> Line:
    root = _short(split.winners_root)
    if split.winners == 0 and split.winners_root != EMPTY_ROOT:
        return Line(False, f"settlement: winners_root: {root} is not the root of no winners")
    if split.winner is None:
        return Line(True, f"settlement: player {player.number} claims no share under the root {root}")
    number, path = split.winner
    if number != player.number:
        return Line(False, f"settlement: winner.number: is {number}, the file is of player {player.number}")
    if not merkle_check(numbered_leaf(number), path, split.winners_root):
        return Line(
            False,
            f"settlement: winner.path: player {number} does not lead to the published winners_root {root}",
        )
    place = merkle_index([side for side, _ in path], split.winners)
    if place is None:
        return Line(False, f"settlement: winners: a tree of {split.winners:,} has no path of this shape")
    return Line(
        True, f"settlement: player {number} is winner {place + 1:,} of {split.winners:,} under {root}"
    )
