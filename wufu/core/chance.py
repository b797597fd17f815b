"""Chance: where secrets come from, and how a secret becomes draws that anybody can check.

The story. A round is created: the server takes a 32-byte secret `S` from a `Chance`, and publishes its
`commitment` together with the hash of the round's `canonical_json`. The round opens: the players' seeds are
frozen under a Merkle root `R` (`wufu.core.merkle`). From then on the round has one key, `round_key(S, R,
beacon, id)`, and every tap of every player is already decided: it is one 64-bit word of an AES keystream.
The round closes: `S` is published and each player rebuilds the key and the words. `docs/fairness.md` tells
the same story to players, with known-answer vectors.

Two keystreams under one round key, `p` a player's number and `i` a tap's number:

| keystream | counter block (16 bytes)                    | one word                 | decides     |
| --------- | ------------------------------------------- | ------------------------ | ----------- |
| first     | `p` (8 bytes) ‖ `i // 2` (8 bytes)          | half `i % 2` of AES_K    | which prize |
| second    | `p` (8 bytes) ‖ `2^63 + attempt * 2^48 + i` | the first half of AES_K  | how much    |

All integers are big-endian and unsigned. A tap number is below 2^48, so the two never share a block. The
first keystream is AES-128-CTR of NIST SP 800-38A with the initial counter block `p ‖ 0`. We encrypt the
counter blocks ourselves (which is what CTR means) since thousands of players then fit into one call of the
cipher.

The words of an `Odds` table: the first prize whose threshold `t` is above the word wins; no such prize, no
win. Numbers in a range come from words by rejection, never by a bare remainder (`uniform_below`).

Laws: nothing here reads a clock or does I/O; equal arguments give equal answers, except with
`Chance.system()`, the one door through which real randomness enters Wufu; no float takes part in any
decision.
"""

import hashlib
import hmac
import itertools
import json
import re
import secrets
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Self
from uuid import UUID

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

SECRET_SIZE = 32  # bytes of a round's secret, of a player's seed, of a hash
KEY_SIZE = 16  # bytes of a round key: AES-128
WORD_BITS = 64
MOST_TAPS = 1 << 48  # tap numbers are below this, so that an attempt fits above them in the second keystream
MOST_ATTEMPTS = 1 << 15  # attempts are below this; the bit above them marks the second keystream
MOST_DEPTH = 64  # nesting that `canonical_json` accepts

_SECOND_KEYSTREAM = 1 << 63
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


# --- Secrets --------------------------------------------------------------------------------------


class Chance:
    """A source of secrets and ids: `Chance.system()` in earnest, `Chance.seeded(n)` to repeat a run exactly.

    A seeded source does not care about the order of the questions: each secret has a label, and equal
    (seed, label) give equal bytes. A label must therefore name its one use in full, such as
    `round/gala-2016/1/secret`. Whoever knows the seed knows every secret: seeds are for demos and tests.
    """

    __slots__ = ("_key", "_serial")

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self._serial = itertools.count()

    @classmethod
    def system(cls) -> Self:
        """Secrets from the operating system's generator."""
        return cls(None)

    @classmethod
    def seeded(cls, seed: int) -> Self:
        """Secrets that follow from `seed`, any integer."""
        return cls(sha256(b"wufu/chance/" + str(seed).encode()))

    def secret(self, label: str, size: int = SECRET_SIZE) -> bytes:
        """`size` secret bytes (1 to 8160). Seeded: HKDF-SHA256 of seed and `label`; system: fresh."""
        if not 1 <= size <= 255 * 32:
            raise ValueError(f"a secret has 1 to 8160 bytes, not {size}")
        if self._key is None:
            return secrets.token_bytes(size)
        return hkdf_sha256(self._key, b"", b"wufu/secret/" + label.encode(), size)

    def uuid7(self, now: datetime) -> UUID:
        """A UUID of version 7 (RFC 9562, section 5.7): milliseconds of `now` since 1970, then 74 random bits.

        Seeded: the bits follow from the seed and from how many ids were asked before, so a run repeats its
        ids only if it asks in the same order. `now` must be aware and not before 1970.
        """
        if now.tzinfo is None:
            raise ValueError("an id needs an aware time")
        milliseconds = (now - _EPOCH) // _MILLISECOND
        if not 0 <= milliseconds < 1 << 48:
            raise ValueError(f"an id cannot carry the time {now.isoformat()}")
        if self._key is None:
            tail = int.from_bytes(secrets.token_bytes(10))
        else:
            number = next(self._serial).to_bytes(8)
            tail = int.from_bytes(hmac.digest(self._key, b"wufu/uuid7/" + number, "sha256")[:10])
        rand_a, rand_b = (tail >> 62) & 0xFFF, tail & ((1 << 62) - 1)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)


# --- Hashes and the key ---------------------------------------------------------------------------


def sha256(data: bytes) -> bytes:
    """SHA-256 of `data`, 32 bytes."""
    return hashlib.sha256(data).digest()


def commitment(secret: bytes) -> bytes:
    """What is published before the round: SHA-256 of the secret."""
    return sha256(secret)


def hkdf_sha256(ikm: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869), extract and expand; an empty salt is 32 zero bytes, as the RFC says."""
    return HKDF(algorithm=SHA256(), length=size, salt=salt or None, info=info).derive(ikm)


def round_key(secret: bytes, root: bytes, beacon: bytes, round_id: str) -> bytes:
    """The 16-byte key of a round: HKDF-SHA256(ikm=secret, salt=root ‖ beacon, info="wufu/round/" ‖ round id).

    `secret` and `root` have 32 bytes each, which keeps the salt unambiguous. `beacon` is the beacon's
    value, or `b""` in a round that names none.
    """
    if len(secret) != SECRET_SIZE or len(root) != SECRET_SIZE:
        raise ValueError("a round key is made of a secret and a root of 32 bytes each")
    return hkdf_sha256(secret, root + beacon, b"wufu/round/" + round_id.encode(), KEY_SIZE)


def canonical_json(value: object) -> bytes:
    """The one spelling of `value` that is hashed: RFC 8785 (JCS) for values without floats.

    Object keys sorted by their UTF-16 code units (so that a browser's default sort agrees), no spaces,
    UTF-8, only the escapes JSON requires. Takes str, int, bool, None, list (or tuple) and dict with str keys.
    Raises TypeError at anything else, a float above all (two languages rarely spell one alike), and
    ValueError at a lone surrogate or at nesting deeper than 64.
    """
    ordered = _ordered(value, MOST_DEPTH)
    return json.dumps(ordered, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _ordered(value: object, depth: int) -> object:
    if depth == 0:
        raise ValueError(f"canonical JSON nests at most {MOST_DEPTH} deep")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        if _LONE_SURROGATE.search(value):
            raise ValueError("canonical JSON has no lone surrogates")
        return value
    if isinstance(value, list | tuple):
        return [_ordered(item, depth - 1) for item in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"canonical JSON has keys of text, not {type(key).__name__}")
            _ordered(key, depth)
        return {key: _ordered(value[key], depth - 1) for key in sorted(value, key=_utf16_units)}
    raise TypeError(f"canonical JSON has no {type(value).__name__}")


def _utf16_units(key: str) -> bytes:
    return key.encode("utf-16-be")


# --- The first keystream: which prize -------------------------------------------------------------


def draw_words(key: bytes, player: int, first: int, count: int) -> NDArray[np.uint64]:
    """The words of one player's taps `first` to `first + count - 1`: `count` unsigned 64-bit integers."""
    return draw_words_of_many(
        key,
        np.array([player], dtype=np.uint64),
        np.array([first], dtype=np.int64),
        np.array([count], dtype=np.int64),
    )


def draw_words_of_many(
    key: bytes, players: NDArray[np.integer], firsts: NDArray[np.integer], counts: NDArray[np.integer]
) -> NDArray[np.uint64]:
    """The words of many requests (player, first tap, count), all in one array, in the order of the requests.

    The three arrays have one entry a request; the answer has `counts.sum()` words. A count may be 0. Raises
    ValueError at arrays of different lengths, at negative numbers and at taps from 2^48 up. One call of the
    cipher serves the whole batch, so that a request costs little more than its words.
    """
    _require_counters(players, firsts, counts)
    start_taps, tap_counts = firsts.astype(np.int64), counts.astype(np.int64)
    first_blocks = start_taps >> 1
    end_taps = start_taps + tap_counts
    block_counts = np.where(tap_counts > 0, ((end_taps + 1) >> 1) - first_blocks, 0)
    block_ends = np.cumsum(block_counts)
    total = int(block_ends[-1]) if block_ends.size else 0
    request = np.repeat(np.arange(len(players)), block_counts)  # which request each block serves
    # A running number over the whole batch, shifted so that each request begins at its own first block.
    numbers = (first_blocks - (block_ends - block_counts))[request]
    numbers += np.arange(total)
    blocks = np.empty((total, 2), dtype=">u8")
    blocks[:, 0] = players.astype(np.uint64)[request]
    blocks[:, 1] = numbers
    words = _encrypt(key, blocks).reshape(-1)
    # Blocks hold two words: drop the half before an odd start and the half after an odd end.
    used = tap_counts > 0
    before = 2 * (block_ends - block_counts)[used & (start_taps & 1 == 1)]
    after = 2 * block_ends[used & (end_taps & 1 == 1)] - 1
    if not before.size and not after.size:
        return words
    wanted = np.ones(len(words), dtype=np.bool_)
    wanted[before] = False
    wanted[after] = False
    return words[wanted]


def _require_counters(
    players: NDArray[np.integer], firsts: NDArray[np.integer], counts: NDArray[np.integer]
) -> None:
    if not (players.ndim == firsts.ndim == counts.ndim == 1 and len(players) == len(firsts) == len(counts)):
        raise ValueError("players, firsts and counts are three arrays of one length")
    if not len(players):
        return
    if any(array.dtype.kind not in "iu" for array in (players, firsts, counts)):
        raise ValueError("players, firsts and counts are integers")
    if int(players.min()) < 0 or int(firsts.min()) < 0 or int(counts.min()) < 0:
        raise ValueError("players, firsts and counts are not negative")
    # The two maxima together may belong to two requests; the exact test runs only in that rare case.
    if int(firsts.max()) + int(counts.max()) > MOST_TAPS and any(
        int(first) + int(count) > MOST_TAPS for first, count in zip(firsts, counts, strict=True)
    ):
        raise ValueError("tap numbers are below 2^48")


def _encrypt(key: bytes, blocks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """AES-128 of each row of big-endian counter halves, as native words of the same shape."""
    if len(key) != KEY_SIZE:
        raise ValueError(f"a round key has 16 bytes, not {len(key)}")
    # ECB over distinct counter blocks is the CTR keystream; no message is ever encrypted here. The cipher
    # wants room for one more block than it fills; the words are swapped where they lie, since at this speed a
    # copy of the batch costs as much as the cipher.
    cipher = Cipher(AES(key), ECB()).encryptor()  # noqa: S305
    room = np.empty(blocks.nbytes + KEY_SIZE - 1, dtype=np.uint8)
    cipher.update_into(blocks.reshape(-1).view(np.uint8).data, room.data)
    words = room[: blocks.nbytes].view(np.uint64)
    if sys.byteorder == "little":
        words.byteswap(inplace=True)
    return words.reshape(-1, 2)


# --- The second keystream: how much ---------------------------------------------------------------


def second_word(key: bytes, player: int, tap: int, attempt: int = 0) -> int:
    """Word `attempt` of a tap in the second keystream: the first 8 bytes of

    AES_K(player ‖ 2^63 + attempt * 2^48 + tap).
    """
    if not (0 <= player < 1 << 64 and 0 <= tap < MOST_TAPS and 0 <= attempt < MOST_ATTEMPTS):
        raise ValueError("a second word has a player below 2^64, a tap below 2^48 and an attempt below 2^15")
    block = np.array([[player, _SECOND_KEYSTREAM | attempt << 48 | tap]], dtype=">u8")
    return int(_encrypt(key, block)[0, 0])


def second_words_of_many(
    key: bytes, players: NDArray[np.integer], taps: NDArray[np.integer], attempt: int = 0
) -> NDArray[np.uint64]:
    """`second_word` of each (player, tap), with one call of the cipher."""
    _require_counters(players, taps, np.ones(len(taps), dtype=np.int64))
    if not 0 <= attempt < MOST_ATTEMPTS:
        raise ValueError("an attempt is below 2^15")
    blocks = np.empty((len(players), 2), dtype=">u8")
    blocks[:, 0] = players.astype(np.uint64)
    blocks[:, 1] = taps.astype(np.uint64) | np.uint64(_SECOND_KEYSTREAM | attempt << 48)
    return _encrypt(key, blocks)[:, 0]


def uniform_below(n: int, words: Iterable[int], bits: int = WORD_BITS) -> int:
    """A number from 0 to n - 1, each equally likely: the first word below 2^bits - 2^bits % n, modulo n.

    The accepted words are a whole number of runs of length n, so the remainder is unbiased; the few words
    of the broken last run are skipped. `words` are uniform in [0, 2^bits). Raises ValueError when `n` is
    not in [1, 2^bits] or when `words` ends before one is accepted.
    """
    if not 1 <= n <= 1 << bits:
        raise ValueError(f"a range has 1 to 2^{bits} numbers, not {n}")
    limit = (1 << bits) - (1 << bits) % n
    for word in words:
        if word < limit:
            return word % n
    raise ValueError("the words ran out before one was accepted")


def amount_between(key: bytes, player: int, tap: int, least: int, most: int) -> int:
    """The amount a tap draws, from `least` to `most` inclusive.

    It is least + uniform_below(most - least + 1, words), where the words are `second_word(key, player, tap,
    attempt)` for attempt = 0, 1, 2, ...
    """
    _require_range(least, most)
    words = (second_word(key, player, tap, attempt) for attempt in range(MOST_ATTEMPTS))
    return least + uniform_below(most - least + 1, words)


def amounts_of_many(
    key: bytes,
    players: NDArray[np.integer],
    taps: NDArray[np.integer],
    least: int,
    most: int,
) -> NDArray[np.int64]:
    """`amount_between` of each (player, tap), one range for all: the cash prizes of a batch in one call."""
    _require_range(least, most)
    size = most - least + 1
    last_accepted = np.uint64((1 << WORD_BITS) - (1 << WORD_BITS) % size - 1)
    words = second_words_of_many(key, players, taps)
    attempt = 0
    while (rejected := np.flatnonzero(words > last_accepted)).size:
        attempt += 1
        words[rejected] = second_words_of_many(key, players[rejected], taps[rejected], attempt)
    return (words % np.uint64(size)).astype(np.int64) + np.int64(least)


def _require_range(least: int, most: int) -> None:
    if not 0 <= least <= most < 1 << 63:
        raise ValueError(f"amounts run from least to most, both in [0, 2^63): not {least} to {most}")


# --- Odds -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Odds:
    """A table of prizes with rising thresholds: a word wins the first prize whose `upto` is above it.

    `entries` are (prize, upto) with 0 < upto < 2^64, strictly rising: prize k has probability (upto_k -
    upto_{k-1}) / 2^64, and what lies above the last threshold is nothing. Raises ValueError otherwise.
    """

    entries: tuple[tuple[str, int], ...]
    _uptos: NDArray[np.uint64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        below = 0
        for prize, upto in self.entries:
            if not below < upto < 1 << WORD_BITS:
                raise ValueError(f"the threshold {upto} of {prize!r} is not above {below} and below 2^64")
            below = upto
        uptos = np.array([upto for _, upto in self.entries], dtype=np.uint64)
        uptos.flags.writeable = False
        object.__setattr__(self, "_uptos", uptos)

    @property
    def prizes(self) -> tuple[str, ...]:
        """The prizes in the order of the table; `prize_indices` points into it."""
        return tuple(prize for prize, _ in self.entries)

    def prize_indices(self, words: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each word the index of the prize it wins, or -1."""
        indices = np.full(len(words), -1, dtype=np.int64)
        if self._uptos.size:
            # Most taps win nothing: one comparison clears them, and only the winners are searched for.
            winners = np.flatnonzero(words < self._uptos[-1])
            indices[winners] = np.searchsorted(self._uptos, words[winners], side="right")
        return indices


def thresholds(probabilities: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Cumulative 64-bit thresholds of probabilities given as (numerator, denominator), exactly floored.

    Threshold k is floor(2^64 * (p_0 + ... + p_k)) in exact fractions, so that no rounding adds up. A sum of
    exactly 1 gives 2^64 - 1, the largest threshold there is. Raises ValueError at a probability that is not
    positive or at a sum above 1.
    """
    total = Fraction(0)
    uptos: list[int] = []
    for numerator, denominator in probabilities:
        if numerator < 1 or denominator < 1:
            raise ValueError(f"a probability is a positive fraction, not {numerator}/{denominator}")
        total += Fraction(numerator, denominator)
        if total > 1:
            raise ValueError("the probabilities add up to more than 1")
        uptos.append(min((total.numerator << WORD_BITS) // total.denominator, (1 << WORD_BITS) - 1))
    return tuple(uptos)
