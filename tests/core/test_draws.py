"""The kernel against all else that can draw: the slow reference, `openssl`, and its own textbook cipher."""

import shutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from wufu.core import draws
from wufu.core.chance import MOST_TAPS, Odds, draw_words, draw_words_of_many, thresholds
from wufu.core.draws import STEP, count_prizes, draw_64, hits_of_many, round_keys

keys = st.binary(min_size=16, max_size=16)
ODDS = Odds((("aiguo", 2**62), ("jingye", 2**62 + 2**60), ("cash", 2**63)))


def step(key: bytes, player: int, block: int, threshold: int) -> tuple[int, list[int]]:
    words = np.empty(STEP, dtype=np.uint64)
    numbers = (np.uint64(number) for number in (player, block, threshold))
    return int(draw_64(round_keys(key), *numbers, words)), words.tolist()


def test_the_known_answers_of_the_fairness_page_come_out() -> None:
    key = bytes.fromhex("95a6c196887807ae529785cb6ca52e91")
    _, words = step(key, 2, 0, 0)
    assert [f"{word:016x}" for word in words[:3]] == [
        "4bfc6d72968798ad",
        "713b1d5eaa7f1265",
        "3207d0d4c001437e",
    ]
    _, words = step(key, 2, 500, 0)
    assert [f"{word:016x}" for word in words[:2]] == ["d51c4fb00e99b2e9", "7c762cb29c090528"]
    _, words = step(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), 0xF0F1F2F3F4F5F6F7, 0, 0)
    assert f"{words[3]:016x}" == "e0a5c1d64981b0ce"


def test_the_round_keys_are_those_of_fips_197() -> None:
    """The key expansion example of FIPS 197, appendix A.1: its last round key."""
    schedule = round_keys(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")).astype("<u8").tobytes()
    assert schedule[160:].hex() == "d014f9a8c9ee2589e13f0cc8b6630ca6"


@given(keys, st.integers(0, 2**64 - 1), st.integers(0, 2**47), st.integers(0, 2**64 - 1))
@settings(deadline=None)
def test_a_step_is_64_words_of_the_keystream_and_their_comparison(
    key: bytes, player: int, block: int, threshold: int
) -> None:
    counter = player.to_bytes(8, "big") + block.to_bytes(8, "big")
    stream = Cipher(AES(key), CTR(counter)).encryptor().update(bytes(8 * STEP))
    expected = [int.from_bytes(stream[at : at + 8], "big") for at in range(0, len(stream), 8)]
    hits, words = step(key, player, block, threshold)
    assert words == expected
    assert hits == sum(1 << place for place, word in enumerate(expected) if word < threshold)


@given(keys, st.integers(0, 2**64 - 1), st.integers(0, 2**47), st.integers(0, 2**64 - 1))
@settings(deadline=None, max_examples=25)
def test_a_processor_without_aes_draws_the_same(key: bytes, player: int, block: int, threshold: int) -> None:
    plain = np.empty(STEP, dtype=np.uint64)
    hits = int(
        draws._draw_64_plain(
            round_keys(key), np.uint64(player), np.uint64(block), np.uint64(threshold), plain
        )
    )
    assert (hits, plain.tolist()) == step(key, player, block, threshold)


@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_every_width_of_register_draws_the_same(blocks: int) -> None:
    if blocks > draws._BLOCKS:
        pytest.skip("this processor has no such registers")
    narrow = draws._step_in_blocks_of(blocks)

    @njit  # type: ignore[untyped-decorator, unused-ignore]
    def drawn(keys: Any, words: Any) -> Any:
        return narrow(keys, np.uint64(7), np.uint64(9), np.uint64(1 << 63), words)

    words = np.empty(STEP, dtype=np.uint64)
    assert (int(drawn(round_keys(bytes(16)), words)), words.tolist()) == step(bytes(16), 7, 9, 1 << 63)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on PATH")
def test_the_openssl_command_draws_the_same() -> None:
    key, player = bytes(range(16)), 170_000_000
    command = ["openssl", "enc", "-aes-128-ctr", "-K", key.hex(), "-iv", f"{player:016x}{0:016x}"]
    stream = subprocess.run(command, input=bytes(8 * STEP), capture_output=True, check=True).stdout
    assert step(key, player, 0, 0)[1] == np.frombuffer(stream, ">u8").tolist()


requests = st.lists(
    st.tuples(
        st.integers(0, 2**63),
        st.integers(0, 500) | st.integers(MOST_TAPS - 900, MOST_TAPS - 300),
        st.integers(0, 300),
    ),
    max_size=12,
)


@given(keys, requests, st.sampled_from([1, 2]))
@settings(deadline=None)
def test_many_requests_win_what_the_slow_reference_says(
    key: bytes, asked: list[tuple[int, int, int]], threads: int
) -> None:
    players = np.array([one[0] for one in asked], dtype=np.uint64)
    firsts = np.array([one[1] for one in asked], dtype=np.int64)
    counts = np.array([one[2] for one in asked], dtype=np.int64)
    won = ODDS.prize_indices(draw_words_of_many(key, players, firsts, counts))
    expected = [int((won == prize).sum()) for prize in range(3)]
    assert count_prizes(key, players, firsts, counts, ODDS, threads).tolist() == expected
    rows = []
    for request, (player, first, count) in enumerate(asked):
        prizes = ODDS.prize_indices(draw_words(key, player, first, count)).tolist()
        rows += [[request, first + place, prize] for place, prize in enumerate(prizes) if prize >= 0]
    assert hits_of_many(key, players, firsts, counts, ODDS).tolist() == rows


def test_certain_prizes_are_all_found() -> None:
    """Room is made for what is expected; certainty is the most there can be."""
    odds = Odds((("all", thresholds([(1, 1)])[0]),))
    one = np.ones(3, dtype=np.int64)
    assert len(hits_of_many(bytes(16), one, 0 * one, 500 * one, odds)) == 1500
    assert count_prizes(bytes(16), one, 0 * one, 500 * one, Odds(())).tolist() == []


@pytest.mark.parametrize(
    "bad",
    [
        {"players": [-1]},
        {"firsts": [-1]},
        {"counts": [-1]},
        {"firsts": [2**48]},
        {"counts": [1, 2]},
        {"players": [0.5]},
    ],
)
def test_absurd_requests_are_refused(bad: dict[str, list[float]]) -> None:
    given = {"players": [1], "firsts": [0], "counts": [1]} | bad
    players, firsts, counts = (np.array(given[name]) for name in ("players", "firsts", "counts"))
    with pytest.raises(ValueError):
        count_prizes(bytes(16), players, firsts, counts, ODDS)


def test_a_server_starts_without_the_compiler() -> None:
    """numba costs half a second and 100 MB: a live server draws through OpenSSL."""
    asked = "import sys, wufu.main; print('numba' in sys.modules or 'llvmlite' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "False"
