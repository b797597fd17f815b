"""The proof file as values: every field read once, its form checked, its place named when it is wrong.

`docs/fairness.md` gives the format. Reading decides about form only (a hash is 64 hexadecimal digits, a stock
is a whole number); whether the values tell the truth is decided in `wufu.fortune.proof`. A wrong field raises
`FieldError` with its path, such as `rounds[0].spec.odds[2].upto`.

Limits keep a hostile file from costing more than a glance: a round has at most a million taps, a path 64
steps. Whole numbers stay below 2^53, so that the phone's JavaScript reads exactly what we read; the 64-bit
thresholds are decimal strings for the same reason. Fields this version does not know are left alone; inside
the spec they are covered by its hash.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias

from wufu.core.chance import SECRET_SIZE, canonical_json
from wufu.core.merkle import Path, Side

Kind: TypeAlias = Literal["card", "cash"]
Outcome: TypeAlias = Literal["card", "cash", "sold out"]

MOST_WHOLE = (1 << 53) - 1  # the largest integer a JavaScript number holds exactly
MOST_TAPS = 1_000_000  # in one round; a person taps at most 15 times a second
MOST_ITEMS = 1_000  # rounds, odds, steps of a release
MOST_STEPS = 64  # of a Merkle path
MOST_TEXT = 200  # characters of an id or a name

_UINT64 = re.compile(r"0|[1-9][0-9]{0,19}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_HEX = re.compile(r"[0-9a-f]*")


class FieldError(ValueError):
    """A field that cannot be read: `place` is its path in the file, `problem` what is wrong with it."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Prize:
    """One row of the odds. `least` and `most` (minor units) belong to cash; no `stock` means no limit."""

    name: str
    kind: Kind
    upto: int
    least: int
    most: int
    stock: int | None


@dataclass(frozen=True, slots=True)
class Spec:
    """The rules of a round, published before it; `canonical` is their one spelling, which the hash covers."""

    canonical: bytes
    id: str
    opens_at: datetime
    closes_at: datetime
    beacon: tuple[str, int] | None
    prizes: tuple[Prize, ...]


@dataclass(frozen=True, slots=True)
class Win:
    """One prize the record claims: `minor` is None unless the outcome is cash."""

    tap: int
    prize: str
    outcome: Outcome
    minor: int | None


@dataclass(frozen=True, slots=True)
class Player:
    number: int
    seed: bytes


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the file; None stands for JSON's null."""

    spec: Spec
    spec_hash: bytes
    commitment: bytes
    secret: bytes | None
    seeds_root: bytes
    players: int
    seed_path: Path | None
    beacon_value: bytes | None
    taps: int
    wins: tuple[Win, ...]

    @property
    def name(self) -> str:
        """What people call it: `round 3` for the id `gala-2016/3`."""
        return f"round {self.spec.id.rpartition('/')[2] or self.spec.id}"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The split of the pool; `winner` is (player number, path in the winners' tree) or None."""

    pool_minor: int
    winners: int
    each_minor: int
    paid_minor: int
    remainder_minor: int
    winners_root: bytes
    winner: tuple[int, Path] | None


@dataclass(frozen=True, slots=True)
class Field:
    """A place in the file: the value found there, and its path."""

    value: object
    place: str

    def malformed(self, problem: str) -> FieldError:
        """The finding that this field is wrong, to be raised."""
        return FieldError(self.place, problem)

    def at(self, key: str) -> "Field":
        """The field `key` of an object; it must be there, even where it may be null."""
        value = self._object()
        place = f"{self.place}.{key}" if self.place else key
        if key not in value:
            raise FieldError(place, "is missing")
        return Field(value[key], place)

    def maybe(self, key: str) -> "Field | None":
        """The field `key` of an object, or None when it is absent or null."""
        return None if self._object().get(key) is None else self.at(key)

    def _object(self) -> dict[str, object]:
        if not isinstance(self.value, dict):
            raise FieldError(self.place or "the file", "must be a JSON object")
        return self.value

    def items(self, most: int = MOST_ITEMS) -> Iterator["Field"]:
        """The fields of a list of at most `most`."""
        if not isinstance(self.value, list | tuple):
            raise self.malformed("must be a list")
        if len(self.value) > most:
            raise self.malformed(f"must hold at most {most:,} entries")
        return (Field(item, f"{self.place}[{index}]") for index, item in enumerate(self.value))

    def row(self, width: int) -> list["Field"]:
        """The fields of a list of exactly `width`."""
        fields = list(self.items())
        if len(fields) != width:
            raise self.malformed(f"must hold {width} entries")
        return fields

    def whole(self, least: int = 0, most: int = MOST_WHOLE) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.malformed("must be a whole number")
        if not least <= self.value <= most:
            raise self.malformed(f"must be from {least:,} to {most:,}")
        return self.value

    def uint64(self) -> int:
        """An unsigned 64-bit integer, written as a decimal string."""
        if isinstance(self.value, str) and _UINT64.fullmatch(self.value) and int(self.value) < 1 << 64:
            return int(self.value)
        raise self.malformed("must be an unsigned 64-bit number as a decimal string")

    def text(self) -> str:
        """A name or an id: printable, so that a forged file cannot write to the reader's terminal."""
        if isinstance(self.value, str) and 0 < len(self.value) <= MOST_TEXT and self.value.isprintable():
            return self.value
        raise self.malformed(f"must be a text of 1 to {MOST_TEXT} printable characters")

    def hex(self, size: int = SECRET_SIZE) -> bytes:
        if isinstance(self.value, str) and len(self.value) == 2 * size and _HEX.fullmatch(self.value):
            return bytes.fromhex(self.value)
        raise self.malformed(f"must be {2 * size} lowercase hexadecimal digits")

    def instant(self) -> datetime:
        if isinstance(self.value, str) and _INSTANT.fullmatch(self.value):
            try:
                return datetime.fromisoformat(self.value)
            except ValueError as wrong:
                raise self.malformed("is not a date of the calendar") from wrong
        raise self.malformed("must be an instant in UTC such as 2016-02-07T12:36:00Z")


def read_player(file: Field) -> Player:
    """The player the file is about: a number below 2^53 and the seed of 32 bytes."""
    player = file.at("player")
    return Player(player.at("number").whole(), player.at("seed").hex())


def read_round(field: Field) -> Round:
    """One entry of `rounds`."""
    secret, beacon_value, seed_path = (field.at(key) for key in ("secret", "beacon_value", "seed_path"))
    return Round(
        spec=_read_spec(field.at("spec")),
        spec_hash=field.at("spec_hash").hex(),
        commitment=field.at("commitment").hex(),
        secret=None if secret.value is None else secret.hex(),
        seeds_root=field.at("seeds_root").hex(),
        players=field.at("players").whole(),
        seed_path=None if seed_path.value is None else _read_path(seed_path),
        beacon_value=None if beacon_value.value is None else beacon_value.hex(),
        taps=field.at("taps").whole(0, MOST_TAPS),
        wins=tuple(_read_win(win) for win in field.at("wins").items(MOST_TAPS)),
    )


def read_settlement(field: Field) -> Settlement:
    """The value of `settlement`, which must not be null."""
    winner = field.at("winner")
    return Settlement(
        pool_minor=field.at("pool_minor").whole(),
        winners=field.at("winners").whole(),
        each_minor=field.at("each_minor").whole(),
        paid_minor=field.at("paid_minor").whole(),
        remainder_minor=field.at("remainder_minor").whole(),
        winners_root=field.at("winners_root").hex(),
        winner=None if winner.value is None else (winner.at("number").whole(), _read_path(winner.at("path"))),
    )


def _read_spec(field: Field) -> Spec:
    round_id = field.at("id").text()
    opens_at, closes_at = field.at("opens_at").instant(), field.at("closes_at").instant()
    if closes_at <= opens_at:
        raise field.at("closes_at").malformed("must be after opens_at")
    beacon = field.at("beacon")
    prizes = tuple(_read_prize(prize) for prize in field.at("odds").items())
    try:
        canonical = canonical_json(field.value)
    except (TypeError, ValueError) as wrong:
        raise field.malformed(str(wrong)) from wrong
    return Spec(
        canonical=canonical,
        id=round_id,
        opens_at=opens_at,
        closes_at=closes_at,
        beacon=None if beacon.value is None else (beacon.at("chain").text(), beacon.at("round").whole(1)),
        prizes=prizes,
    )


def _read_prize(field: Field) -> Prize:
    kind: Kind
    match field.at("kind").value:
        case "card":
            kind, least, most = "card", 0, 0
        case "cash":
            kind, least = "cash", field.at("least").whole(1)
            most = field.at("most").whole(least)
        case _:
            raise field.at("kind").malformed("must be card or cash")
    stock = field.maybe("stock")
    release = field.maybe("release")
    if release is not None:
        if stock is None:
            raise release.malformed("needs a stock to release")
        _read_release(release)
    return Prize(
        name=field.at("prize").text(),
        kind=kind,
        upto=field.at("upto").uint64(),
        least=least,
        most=most,
        stock=None if stock is None else stock.whole(),
    )


def _read_release(field: Field) -> None:
    """Steps (instant, n, d): from that instant on n/d of the stock has been released; both only grow."""
    last: tuple[datetime, Fraction] | None = None
    for step in field.items():
        at, numerator, denominator = step.row(3)
        whole = denominator.whole(1)
        instant, share = at.instant(), Fraction(numerator.whole(0, whole), whole)
        if last is not None and (instant <= last[0] or share < last[1]):
            raise step.malformed("must be later than the step before it and release no less")
        last = instant, share


def _read_win(field: Field) -> Win:
    outcome: Outcome
    match field.at("outcome").value:
        case "card":
            outcome = "card"
        case "cash":
            outcome = "cash"
        case "sold out":
            outcome = "sold out"
        case _:
            raise field.at("outcome").malformed("must be card, cash or sold out")
    minor = field.maybe("minor")
    if minor is not None and outcome != "cash":
        raise minor.malformed("belongs to a cash win only")
    return Win(
        tap=field.at("tap").whole(),
        prize=field.at("prize").text(),
        outcome=outcome,
        minor=field.at("minor").whole() if outcome == "cash" else None,
    )


def _read_path(field: Field) -> Path:
    path: Path = []
    for step in field.items(MOST_STEPS):
        side, beside = step.row(2)
        path.append((_read_side(side), beside.hex()))
    return path


def _read_side(field: Field) -> Side:
    match field.value:
        case "left":
            return "left"
        case "right":
            return "right"
        case _:
            raise field.malformed("must be left or right")
