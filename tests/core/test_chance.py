"""Chance against independent implementations: openssl's CTR mode and HKDF, RFC vectors, single blocks."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from hypothesis import given
from hypothesis import strategies as st

from wufu.core.chance import (
    MOST_TAPS,
    Chance,
    Odds,
    amount_between,
    amounts_of_many,
    canonical_json,
    commitment,
    draw_words,
    draw_words_of_many,
    hkdf_sha256,
    round_key,
    second_word,
    sha256,
    thresholds,
    uniform_below,
)

# The worked example of docs/fairness.md, computed with openssl 3.0 (`dgst`, `kdf`, `enc -aes-128-ctr`).
SECRET = bytes(range(32))
COMMITMENT = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
ROOT = "8284ad73db1396e8798c95af9535c329c989246c0195b8c798ecfa7d7b31d0f7"
KEY = "95a6c196887807ae529785cb6ca52e91"
KEY_WITH_BEACON = "c83fa1c16063d57c3b091b988b185562"  # the beacon's value is 32 bytes 0xab
WORDS_0_TO_5 = (
    "4bfc6d72968798ad 713b1d5eaa7f1265 3207d0d4c001437e f3b4921d3fffad15 b634a49adc90916f d92aaf7dac0b1e8b"
)
WORDS_1000_1001 = "d51c4fb00e99b2e9 7c762cb29c090528"
SECOND_WORDS_1000 = "58e57abc2d5ad94f 27d9ba61e33ebb91"  # attempts 0 and 1
WIDE_KEY = "2b7e151628aed2a6abf7158809cf4f3c"
WIDE_PLAYER = 0xF0F1F2F3F4F5F6F7
WIDE_WORDS_0_TO_3 = "0c2fbbb65ad9672a 19fefd359bf34b02 afaf9cf2ead96d33 e0a5c1d64981b0ce"

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on PATH")

keys = st.binary(min_size=16, max_size=16)
players = st.integers(0, 2**64 - 1)


def words(spelled: str) -> list[int]:
    return [int(word, 16) for word in spelled.split()]


def uint64(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(list(values), dtype=np.uint64)


def word_by_one_block(key: bytes, player: int, second_half: int, half: int) -> int:
    """The slow reference: the CTR mode of `cryptography`, one block, one half of it."""
    counter = player.to_bytes(8, "big") + second_half.to_bytes(8, "big")
    stream = Cipher(AES(key), CTR(counter)).encryptor().update(bytes(16))
    return int.from_bytes(stream[8 * half : 8 * half + 8], "big")


def openssl_words(key: str, counter: str, count: int) -> list[int]:
    command = ["openssl", "enc", "-aes-128-ctr", "-K", key, "-iv", counter]
    stream = subprocess.run(command, input=bytes(8 * count), capture_output=True, check=True).stdout
    return [int.from_bytes(stream[at : at + 8], "big") for at in range(0, 8 * count, 8)]


# --- Known answers ------------------------------------------------------------------


def test_the_commitment_is_the_known_answer() -> None:
    assert commitment(SECRET).hex() == COMMITMENT


def test_hkdf_gives_the_first_vector_of_rfc_5869() -> None:
    okm = hkdf_sha256(b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42)
    assert okm.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_hkdf_gives_the_third_vector_of_rfc_5869_without_a_salt() -> None:
    okm = hkdf_sha256(b"\x0b" * 22, b"", b"", 42)
    assert okm.hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_the_round_key_is_the_known_answer() -> None:
    assert round_key(SECRET, bytes.fromhex(ROOT), b"", "gala-2016/1").hex() == KEY


def test_a_beacon_enters_the_salt_after_the_root() -> None:
    key = round_key(SECRET, bytes.fromhex(ROOT), b"\xab" * 32, "gala-2016/1")
    assert key.hex() == KEY_WITH_BEACON


@pytest.mark.parametrize(("secret", "root"), [(bytes(31), bytes(32)), (bytes(32), bytes(33))])
def test_a_round_key_takes_no_secret_or_root_of_another_size(secret: bytes, root: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        round_key(secret, root, b"", "gala-2016/1")


def test_the_words_of_a_player_are_the_known_answers() -> None:
    key = bytes.fromhex(KEY)
    assert draw_words(key, 2, 0, 6).tolist() == words(WORDS_0_TO_5)
    assert draw_words(key, 2, 1000, 2).tolist() == words(WORDS_1000_1001)
    assert draw_words(bytes.fromhex(WIDE_KEY), WIDE_PLAYER, 0, 4).tolist() == words(WIDE_WORDS_0_TO_3)


def test_the_second_words_of_a_tap_are_the_known_answers() -> None:
    key = bytes.fromhex(KEY)
    assert [second_word(key, 2, 1000, attempt) for attempt in (0, 1)] == words(SECOND_WORDS_1000)


@openssl
def test_openssl_gives_the_same_words() -> None:
    assert openssl_words(KEY, f"{2:016x}{0:016x}", 6) == words(WORDS_0_TO_5)
    assert openssl_words(WIDE_KEY, f"{WIDE_PLAYER:016x}{0:016x}", 4) == words(WIDE_WORDS_0_TO_3)
    long = openssl_words(KEY, f"{2:016x}{0:016x}", 5001)
    assert draw_words(bytes.fromhex(KEY), 2, 0, 5001).tolist() == long


@openssl
def test_openssl_gives_the_same_second_words() -> None:
    for tap, attempt in ((0, 0), (1000, 0), (1000, 1), (MOST_TAPS - 1, 32767)):
        counter = f"{2:016x}{2**63 + attempt * 2**48 + tap:016x}"
        assert openssl_words(KEY, counter, 1) == [second_word(bytes.fromhex(KEY), 2, tap, attempt)]


@openssl
def test_openssl_gives_the_same_round_key() -> None:
    for beacon, expected in ((b"", KEY), (b"\xab" * 32, KEY_WITH_BEACON)):
        options = {
            "digest": "SHA256",
            "hexkey": SECRET.hex(),
            "hexsalt": ROOT + beacon.hex(),
            "info": "wufu/round/gala-2016/1",
        }
        spelled = [part for name, value in options.items() for part in ("-kdfopt", f"{name}:{value}")]
        command = ["openssl", "kdf", "-keylen", "16", *spelled, "-binary", "HKDF"]
        ran = subprocess.run(command, capture_output=True, check=False)
        if ran.returncode:
            pytest.skip("this openssl has no kdf command")
        assert ran.stdout.hex() == expected


# --- The batch kernel ---------------------------------------------------------------


@given(
    keys,
    st.lists(st.tuples(players, st.integers(0, 2**47) | st.integers(0, 9), st.integers(0, 9)), max_size=12),
)
def test_a_batch_is_what_single_blocks_give(key: bytes, requests: list[tuple[int, int, int]]) -> None:
    expected = [
        word_by_one_block(key, player, tap // 2, tap % 2)
        for player, first, count in requests
        for tap in range(first, first + count)
    ]
    found = draw_words_of_many(
        key,
        uint64(player for player, _, _ in requests),
        np.array([first for _, first, _ in requests], dtype=np.int64),
        np.array([count for _, _, count in requests], dtype=np.int64),
    )
    assert found.dtype == np.uint64
    assert found.tolist() == expected


@given(keys, players, st.integers(0, 300), st.lists(st.integers(0, 40), max_size=8))
def test_taps_in_any_batches_draw_the_same_words(
    key: bytes, player: int, first: int, counts: list[int]
) -> None:
    whole = draw_words(key, player, first, sum(counts)).tolist()
    pieces: list[int] = []
    for count in counts:
        pieces += draw_words(key, player, first + len(pieces), count).tolist()
    assert pieces == whole


def test_signed_and_unsigned_requests_draw_the_same() -> None:
    requests = ([3, 4], [1, 8], [5, 2])
    signed = [np.array(column, dtype=np.int32) for column in requests]
    unsigned = [np.array(column, dtype=np.uint64) for column in requests]
    assert (
        draw_words_of_many(bytes(16), *signed).tolist() == draw_words_of_many(bytes(16), *unsigned).tolist()
    )


def test_no_requests_draw_no_words() -> None:
    none = np.array([], dtype=np.int64)
    assert draw_words_of_many(bytes(16), none, none, none).tolist() == []


@pytest.mark.parametrize(
    ("player", "first", "count"),
    [(-1, 0, 1), (1, -1, 1), (1, 0, -1), (1, MOST_TAPS, 1), (1, MOST_TAPS - 1, 2)],
)
def test_requests_outside_the_counters_are_refused(player: int, first: int, count: int) -> None:
    columns = [np.array([value, 1], dtype=np.int64) for value in (player, first, count)]
    with pytest.raises(ValueError, match=r"negative|2\^48"):
        draw_words_of_many(bytes(16), *columns)


def test_the_last_tap_there_is_can_be_drawn_beside_a_long_request() -> None:
    two = draw_words_of_many(bytes(16), uint64([1, 1]), np.array([MOST_TAPS - 1, 0]), np.array([1, 3]))
    assert two.tolist()[0] == word_by_one_block(bytes(16), 1, 2**47 - 1, 1)


def test_requests_of_unequal_columns_or_of_floats_are_refused() -> None:
    one, two = np.array([1]), np.array([1, 2])
    with pytest.raises(ValueError, match="one length"):
        draw_words_of_many(bytes(16), one, two, one)
    with pytest.raises(ValueError, match="integers"):
        draw_words_of_many(bytes(16), one, np.array([1.0]), one)


def test_a_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        draw_words(bytes(32), 1, 0, 1)


# --- Amounts ------------------------------------------------------------------------


@given(keys, players, st.integers(0, MOST_TAPS - 1), st.integers(0, 2**15 - 1))
def test_a_second_word_is_what_a_single_block_gives(key: bytes, player: int, tap: int, attempt: int) -> None:
    block = 2**63 + attempt * 2**48 + tap
    assert second_word(key, player, tap, attempt) == word_by_one_block(key, player, block, 0)


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_every_number_below_n_is_equally_likely(bits: int) -> None:
    """All sequences of three words: among those that accept one, each result comes equally often."""
    for n in range(1, 2**bits + 1):
        results: Counter[int] = Counter()
        for sequence in product(range(2**bits), repeat=3):
            try:
                results[uniform_below(n, sequence, bits)] += 1
            except ValueError:
                results[-1] += 1
        refused = results.pop(-1, 0)
        assert refused == (2**bits % n) ** 3
        assert sorted(results) == list(range(n))
        assert len(set(results.values())) == 1


def test_a_word_of_the_broken_last_run_is_skipped() -> None:
    limit = 2**64 - 2**64 % 10
    assert uniform_below(10, [limit - 1]) == 9
    assert uniform_below(10, [limit, 2**64 - 1, 23]) == 3


@pytest.mark.parametrize("n", [0, -1, 2**64 + 1])
def test_an_impossible_range_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="a range has"):
        uniform_below(n, [1])


@given(keys, players, st.integers(0, MOST_TAPS - 1), st.integers(0, 2**62), st.integers(0, 2**62 - 1))
def test_an_amount_lies_in_its_range_and_is_the_same_in_a_batch(
    key: bytes, player: int, tap: int, least: int, more: int
) -> None:
    amount = amount_between(key, player, tap, least, least + more)
    assert least <= amount <= least + more
    many = amounts_of_many(key, uint64([player]), np.array([tap]), least, least + more)
    assert many.tolist() == [amount]


def test_rejected_words_are_drawn_again_in_a_batch_as_one_by_one() -> None:
    """A range that rejects a quarter of all words, so that further attempts really happen."""
    key, most, taps = bytes.fromhex(KEY), 2**63 - 2, np.arange(200)
    size = 2**63 - 2**61
    limit = 2**64 - 2**64 % size
    assert sum(second_word(key, 7, tap) >= limit for tap in range(200)) > 30
    least = most - size + 1
    one_by_one = [amount_between(key, 7, tap, least, most) for tap in range(200)]
    assert amounts_of_many(key, np.full(200, 7), taps, least, most).tolist() == one_by_one


@pytest.mark.parametrize(("least", "most"), [(5, 4), (-1, 4), (0, 2**63)])
def test_an_amount_needs_a_range(least: int, most: int) -> None:
    with pytest.raises(ValueError, match="amounts run"):
        amount_between(bytes(16), 1, 0, least, most)


# --- Odds ---------------------------------------------------------------------------


def test_a_word_wins_the_first_prize_whose_threshold_is_above_it() -> None:
    odds = Odds((("aiguo", 10), ("jingye", 11), ("cash", 2**64 - 1)))
    drawn = odds.prize_indices(uint64([0, 9, 10, 11, 2**64 - 2, 2**64 - 1]))
    assert drawn.tolist() == [0, 0, 1, 2, 2, -1]
    assert odds.prizes == ("aiguo", "jingye", "cash")


def test_a_table_without_prizes_gives_nothing() -> None:
    assert Odds(()).prize_indices(uint64([0, 1])).tolist() == [-1, -1]


@given(
    st.lists(st.integers(1, 2**64 - 1), unique=True, max_size=8),
    st.lists(st.integers(0, 2**64 - 1), max_size=30),
)
def test_a_table_draws_what_reading_it_from_the_top_gives(uptos: list[int], drawn: list[int]) -> None:
    entries = tuple((f"prize-{index}", upto) for index, upto in enumerate(sorted(uptos)))
    near = [min(max(upto + step, 0), 2**64 - 1) for upto in uptos for step in (-1, 0, 1)]
    expected = [
        next((index for index, (_, upto) in enumerate(entries) if word < upto), -1) for word in drawn + near
    ]
    assert Odds(entries).prize_indices(uint64(drawn + near)).tolist() == expected


@pytest.mark.parametrize("uptos", [(0,), (5, 5), (6, 5), (2**64,)])
def test_thresholds_that_do_not_rise_are_refused(uptos: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="the threshold"):
        Odds(tuple(("aiguo", upto) for upto in uptos))


def test_thresholds_are_exact_floors_of_the_sums() -> None:
    assert thresholds([(1, 4), (1, 3), (1, 6)]) == (2**62, 2**64 * 7 // 12, 3 * 2**62)
    assert thresholds([(1, 3), (1, 3), (1, 3)]) == (2**64 // 3, 2**65 // 3, 2**64 - 1)


@pytest.mark.parametrize("probabilities", [[(0, 5)], [(-1, 5)], [(1, 0)], [(1, 2), (2, 3)]])
def test_probabilities_that_are_none_are_refused(probabilities: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="probabilit"):
        thresholds(probabilities)


# --- Secrets and ids ----------------------------------------------------------------


def test_a_seeded_source_does_not_care_about_order() -> None:
    forward, backward = Chance.seeded(8), Chance.seeded(8)
    labels = ["round/gala-2016/1/secret", "round/gala-2016/2/secret", "players/17/seed"]
    one = {label: forward.secret(label) for label in labels}
    other = {label: backward.secret(label) for label in reversed(labels)}
    assert one == other
    assert len(set(one.values())) == 3


def test_another_seed_or_size_gives_other_secrets() -> None:
    assert Chance.seeded(1).secret("a") != Chance.seeded(2).secret("a")
    assert Chance.seeded(-1).secret("a") != Chance.seeded(1).secret("a")
    assert len(Chance.seeded(1).secret("a", 100)) == 100


def test_the_system_source_ignores_the_label() -> None:
    chance = Chance.system()
    assert chance.secret("a") != chance.secret("a")
    assert len(chance.secret("a", 16)) == 16


@pytest.mark.parametrize("chance", [Chance.system(), Chance.seeded(3)])
@pytest.mark.parametrize("size", [0, -1, 8161])
def test_a_secret_has_a_sensible_size(chance: Chance, size: int) -> None:
    with pytest.raises(ValueError, match="1 to 8160"):
        chance.secret("a", size)


@pytest.mark.parametrize("make", [Chance.system, lambda: Chance.seeded(5)])
def test_an_id_is_a_version_7_uuid_that_carries_its_time(make: Callable[[], Chance]) -> None:
    chance = make()
    now = datetime(2016, 2, 7, 12, 36, 0, 123_999, tzinfo=UTC)
    ids = [chance.uuid7(now) for _ in range(1000)]
    assert len(set(ids)) == 1000
    milliseconds = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert {(one.version, one.variant, one.int >> 80) for one in ids} == {
        (7, "specified in RFC 4122", milliseconds)
    }
    # Every one of the 74 free bits is used: each is seen set and unset.
    ones = zeros = 0
    for one in ids:
        ones |= one.int
        zeros |= ~one.int
    free = (1 << 80) - 1 & ~(0xF << 76) & ~(0b11 << 62)
    assert ones & free == zeros & free == free


def test_an_id_sorts_by_its_instant_whatever_the_zone() -> None:
    chance = Chance.system()
    earlier = chance.uuid7(datetime(2016, 2, 7, 20, 36, tzinfo=timezone(timedelta(hours=8))))
    later = chance.uuid7(datetime(2016, 2, 7, 12, 36, 1, tzinfo=UTC))
    assert earlier < later


def test_seeded_ids_repeat_in_the_same_order() -> None:
    now = datetime(2016, 2, 7, tzinfo=UTC)
    one, other = Chance.seeded(5), Chance.seeded(5)
    assert [one.uuid7(now) for _ in range(3)] == [other.uuid7(now) for _ in range(3)]


@pytest.mark.parametrize(
    "now",
    [datetime(2016, 2, 7), datetime(1969, 12, 31, tzinfo=UTC)],  # noqa: DTZ001 - the naive one is the point
)
def test_an_id_needs_an_aware_time_after_1970(now: datetime) -> None:
    with pytest.raises(ValueError, match="an id"):
        Chance.system().uuid7(now)


# --- Canonical JSON -----------------------------------------------------------------


def test_canonical_json_sorts_keys_and_leaves_no_space() -> None:
    value = {"b": [1, True, None, -2], "a": {"d": "敬业福", "c": 'a"\\\n\u0001'}}
    assert canonical_json(value) == (
        '{"a":{"c":"a\\"\\\\\\n\\u0001","d":"敬业福"},"b":[1,true,null,-2]}'.encode()
    )


def test_canonical_json_has_one_spelling_for_lists_and_tuples() -> None:
    assert canonical_json({"a": (1, ["b"])}) == canonical_json({"a": [1, ("b",)]}) == b'{"a":[1,["b"]]}'


def test_canonical_json_sorts_keys_as_rfc_8785_does() -> None:
    # The example of RFC 8785, section 3.2.3: by UTF-16 code units, so the emoji comes before U+FB33.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    spelled = canonical_json(dict.fromkeys(keys, 0)).decode()
    assert [spelled.index(key if key != "\r" else "\\r") for key in expected] == sorted(
        spelled.index(key if key != "\r" else "\\r") for key in expected
    )


@pytest.mark.parametrize("value", [1.0, {"a": [float("nan")]}, {1: 2}, b"a", {"a": {3}}])
def test_canonical_json_refuses_what_is_spelled_in_many_ways(value: object) -> None:
    with pytest.raises(TypeError, match="canonical JSON"):
        canonical_json(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}])
def test_canonical_json_refuses_lone_surrogates(value: object) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        canonical_json(value)


def test_canonical_json_refuses_to_nest_without_end() -> None:
    value: list[object] = []
    for _ in range(2000):
        value = [value]
    with pytest.raises(ValueError, match="nests"):
        canonical_json(value)


def test_sha256_is_the_known_answer() -> None:
    assert sha256(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
