"""The demo's photos: pictures made by code, words in both languages, and an audience for everybody."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wufu.core.chance import Chance
from wufu.core.ids import PersonId
from wufu.crowd.albums import CAPTIONS, REMARKS, first_authors
from wufu.crowd.paintings import HEIGHT, MOTIFS, WIDTH, Motif, paint
from wufu.crowd.people import dice
from wufu.photos import develop
from wufu.photos.model import LONGEST_COMMENT, LONGEST_MESSAGE, clean_text


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_is_a_picture_that_can_be_posted(motif: Motif) -> None:
    content = paint(motif, dice(Chance.seeded(7), "painting"))
    with Image.open(io.BytesIO(content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (WIDTH, HEIGHT))
        colours = opened.resize((48, 60)).getcolors(48 * 60)
        assert colours is not None
        assert len(colours) > 300, "a picture, not a ground with something on it"
    developed = develop(content, None)
    assert (developed.width, developed.height) == (WIDTH, HEIGHT)


def test_equal_dice_paint_equal_pictures_and_others_others() -> None:
    one, again, other = (paint("plum", dice(Chance.seeded(seed), "painting")) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_everything_is_said_in_both_languages_and_fits() -> None:
    assert set(CAPTIONS) == set(MOTIFS)
    for words in CAPTIONS.values():
        assert set(words) == {"zh", "en"}
        assert all(clean_text(one, LONGEST_MESSAGE) == one for said in words.values() for one in said)
    assert set(REMARKS) == {"zh", "en"}
    assert all(clean_text(one, LONGEST_COMMENT) == one for said in REMARKS.values() for one in said)


@given(
    friends=st.dictionaries(
        st.integers(13, 30).map(PersonId), st.sets(st.integers(1, 12).map(PersonId)), max_size=12
    ),
    waiting=st.sets(st.integers(1, 12).map(PersonId)),
    each=st.integers(1, 3),
)
def test_everybody_who_waits_finds_photos_of_as_many_friends_as_there_are(
    friends: dict[PersonId, set[PersonId]], waiting: set[PersonId], each: int
) -> None:
    authors = first_authors(friends, waiting, each)
    assert len(set(authors)) == len(authors)
    for one in waiting:
        known = sum(one in circle for circle in friends.values())
        assert sum(one in friends[author] for author in authors) >= min(each, known)
    assert all(friends[author] & waiting for author in authors)
