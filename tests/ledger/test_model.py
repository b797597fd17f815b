"""Values of the ledger: ids that follow from names, and what cannot be built at all."""

import hashlib
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wufu.ledger import Account, Group, Transfer, account_id, named_group, numbered_group
from wufu.ledger.model import lay_out

names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(names, names, names)
def test_an_account_id_is_a_version_8_uuid_of_sha256(holder: str, purpose: str, asset: str) -> None:
    found = account_id(Account(holder, purpose, asset))
    digest = hashlib.sha256(b"\0".join(name.encode() for name in (holder, purpose, asset))).digest()
    expected = int.from_bytes(digest[:16])
    version_and_variant = 0xF << 76 | 0x3 << 62
    assert found.int & ~version_and_variant == expected & ~version_and_variant
    assert (found.version, found.variant) == (8, RFC_4122)


def test_an_account_id_is_a_known_one() -> None:
    # printf 'person/17\0money\0CNY' | sha256sum
    assert Account("person/17", "money", "CNY").id == UUID("6dc3d4db-24fc-89a0-a1e0-b12ac5165d5a")


def test_names_do_not_run_into_each_other() -> None:
    assert Account("a", "bc", "d").id != Account("ab", "c", "d").id


def test_overdrawing_is_no_part_of_the_identity() -> None:
    assert Account("a", "b", "c").id == Account("a", "b", "c", may_overdraw=True).id


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 400])
def test_a_name_is_short_and_without_zero_bytes(name: str) -> None:
    with pytest.raises(ValueError, match="names have"):
        account_id(Account(name, "money", "CNY"))


def test_one_asset_does_not_become_another() -> None:
    with pytest.raises(ValueError, match="does not become"):
        Transfer(Account("a", "money", "CNY"), Account("b", "card", "gala/jing"), 1, "r")


def test_nothing_moves_to_where_it_is() -> None:
    with pytest.raises(ValueError, match="to itself"):
        Transfer(Account("a", "money", "CNY"), Account("a", "money", "CNY"), 1, "r")


def test_a_named_group_has_always_the_same_id_and_no_other_name_has_it() -> None:
    assert named_group("payout", "gala", "1") == named_group("payout", "gala", "1")
    assert named_group("payout", "gala", "1") != named_group("payout", "gala", "2")


def test_a_batch_has_one_answer_to_whether_an_account_may_overdraw() -> None:
    target = Account("a", "money", "CNY")
    groups = [
        Group(named_group(str(may)), (Transfer(Account("b", "money", "CNY", may), target, 1, "r"),))
        for may in (False, True)
    ]
    with pytest.raises(ValueError, match="may overdraw in one transfer"):
        lay_out(groups)


def test_a_group_is_not_empty() -> None:
    with pytest.raises(ValueError, match="1 to 32768 transfers"):
        lay_out([Group(named_group("empty"), ())])


def test_a_series_of_groups_is_in_order_and_apart_from_other_series() -> None:
    ids = [numbered_group(number, "payout", "gala") for number in (0, 1, 2, 255, 256, 2**62 - 1)]
    assert ids == sorted(ids)
    assert len({*ids, numbered_group(1, "payout", "other"), named_group("payout", "gala")}) == 8
    assert {(made.version, made.variant) for made in ids} == {(8, RFC_4122)}
    for number in (-1, 2**62):
        with pytest.raises(ValueError, match="number in a series"):
            numbered_group(number, "payout")
