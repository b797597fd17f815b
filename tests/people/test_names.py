import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wufu.core.chance import Chance
from wufu.people import BadName, chinese_name, clean_name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("王伟", "王伟"),
        ("  王  伟 ", "王 伟"),
        ("Ada Lovelace", "Ada Lovelace"),
        ("e\u0301milie", "émilie"),
        ("🐒", "🐒"),
        ("7", "7"),
        ("x" * 24, "x" * 24),
    ],
)
def test_a_name_is_kept_in_one_spelling(written: str, kept: str) -> None:
    assert clean_name(written) == kept


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("...", "no_letter"),
        ("x" * 25, "too_long"),
        ("x" * 10_000, "too_long"),
        ("王\u200b伟", "invisible"),  # zero width space
        ("王\u202e伟", "invisible"),  # right to left override
        ("王\x00伟", "invisible"),
        ("王\n伟", "invisible"),
        ("\u3164", "invisible"),  # hangul filler: a letter that shows nothing
        ("王\u3000伟", "invisible"),  # ideographic space
        ("\ud800", "invisible"),
        ("\ue000", "invisible"),  # private use
        ("z" + "\u0335" * 20, "too_many_marks"),
    ],
)
def test_a_name_that_cannot_be_read_is_refused(written: str, why: str) -> None:
    with pytest.raises(BadName) as refused:
        clean_name(written)
    assert refused.value.facts["why"] == why


@given(st.text(max_size=60))
def test_whatever_is_kept_stays_as_it_is_and_shows(written: str) -> None:
    try:
        kept = clean_name(written)
    except BadName:
        return
    assert clean_name(kept) == kept
    assert 1 <= len(kept) <= 24
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") for char in kept)


def test_generated_names_are_plausible_and_follow_from_the_seed() -> None:
    def named(seed: int) -> list[str]:
        chance = Chance.seeded(seed)
        return [chinese_name(chance.secret(f"name/{number}", 16)) for number in range(3_000)]

    names = named(5)
    assert names == named(5)
    assert names != named(6)
    assert all(clean_name(name) == name and 2 <= len(name) <= 4 for name in names)
    wang = sum(name.startswith("王") for name in names)
    assert 0.05 < wang / len(names) < 0.12
    assert len(set(names)) > 2_000
