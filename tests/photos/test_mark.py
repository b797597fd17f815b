"""The marks: read after what people do to a picture, never where there is none, and not to be seen."""

import io
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.photos.acts import as_file, natural
from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.photos import Found, find_mark, payload, photo_bits, show_marked
from wufu.photos.mark import BITS, embed

KEY = b"k" * 32
PHOTO = an_id("photo")
VIEWER = PersonId(170_000_017)
CLEAR = as_file(natural(1024, 768), quality=92, subsampling=0)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


@pytest.fixture(scope="module")
def shown() -> Image.Image:
    return opened(show_marked(CLEAR, payload(KEY, PHOTO, VIEWER), None))


def test_the_mark_names_the_viewer_and_the_photo(shown: Image.Image) -> None:
    assert find_mark(shown, KEY) == Found(VIEWER, photo_bits(PHOTO))


@pytest.mark.parametrize("quality", [95, 85, 75, 60, 50])
def test_saving_again_as_jpeg_leaves_it(shown: Image.Image, quality: int) -> None:
    again = opened(as_file(shown, "JPEG", quality=quality))
    assert find_mark(again, KEY) == Found(VIEWER, photo_bits(PHOTO))


def test_saving_several_times_leaves_it(shown: Image.Image) -> None:
    for quality in (90, 70, 80, 65):
        shown = opened(as_file(shown, "JPEG", quality=quality))
    assert find_mark(shown, KEY) is not None


def test_webp_and_png_leave_it(shown: Image.Image) -> None:
    for content in (as_file(shown, "WEBP", quality=75), as_file(shown, "PNG")):
        assert find_mark(opened(content), KEY) is not None


def test_a_crop_leaves_it(shown: Image.Image) -> None:
    for left, top in ((8, 8), (37, 21), (1, 7)):
        part = shown.crop((left, top, 700, 600))
        assert find_mark(opened(as_file(part, "JPEG", quality=80)), KEY) is not None


def test_brighter_and_with_more_contrast_it_is_still_there(shown: Image.Image) -> None:
    changed = shown.point([min(255, int(value * 1.15 + 8)) for value in range(256)] * 3)
    assert find_mark(opened(as_file(changed, "JPEG", quality=75)), KEY) is not None


def test_the_smallest_picture_carries_it() -> None:
    clear = as_file(natural(400, 400, seed=5), quality=92, subsampling=0)
    small = opened(show_marked(clear, payload(KEY, PHOTO, VIEWER), None))
    assert find_mark(opened(as_file(small, "JPEG", quality=75)), KEY) == Found(VIEWER, photo_bits(PHOTO))


def test_there_is_none_where_none_was_put(shown: Image.Image) -> None:
    part = (0, 0, 480, 416)
    assert find_mark(opened(CLEAR).crop(part), KEY) is None
    assert find_mark(Image.new("RGB", (480, 416), "white"), KEY) is None
    assert find_mark(Image.new("RGB", (5, 3)), KEY) is None
    assert find_mark(shown.crop(part), b"x" * 32) is None
    assert find_mark(shown.crop(part), KEY) is not None


def test_a_mark_without_the_key_accuses_nobody(shown: Image.Image) -> None:
    forged = payload(b"guess" * 6 + b"ab", PHOTO, PersonId(5))
    assert find_mark(opened(show_marked(CLEAR, forged, None)), KEY) is None


def test_the_mark_cannot_be_seen() -> None:
    """Beside the same picture saved without a mark: above 40 dB, and no pixel far from what it was."""
    plain = np.asarray(opened(CLEAR).convert("L"), dtype=float)
    marked = embed(np.asarray(opened(CLEAR).convert("L")), payload(KEY, PHOTO, VIEWER)).astype(float)
    error = np.abs(plain - marked)
    assert 10 * np.log10(255**2 / (error**2).mean()) > 40
    assert error.max() <= 16


def test_the_visible_mark_is_over_all_of_it_and_the_other_one_stays() -> None:
    plain = np.asarray(opened(CLEAR), dtype=float)
    over = opened(show_marked(CLEAR, payload(KEY, PHOTO, VIEWER), "No. 17  2016-02-07"))
    changed = np.abs(np.asarray(over, dtype=float) - plain).max(axis=2) > 24
    for rows in np.array_split(changed, 3, axis=0):
        for part in np.array_split(rows, 3, axis=1):
            assert part.mean() > 0.002
    assert find_mark(opened(as_file(over, "JPEG", quality=80)), KEY) is not None


def test_two_viewers_get_two_pictures() -> None:
    one, other = (show_marked(CLEAR, payload(KEY, PHOTO, PersonId(n)), None) for n in (1, 2))
    assert one != other
    assert (find_mark(opened(one), KEY), find_mark(opened(other), KEY)) == (
        Found(1, photo_bits(PHOTO)),
        Found(2, photo_bits(PHOTO)),
    )


@given(viewer=st.integers(1, 2**40 - 1), photo=st.uuids(), seed=st.integers(0, 50))
@settings(max_examples=15, deadline=None)
def test_any_viewer_and_photo_is_read_back(viewer: int, photo: UUID, seed: int) -> None:
    clear = as_file(natural(480, 416, seed=seed), quality=92, subsampling=0)
    shown = opened(show_marked(clear, payload(KEY, photo, PersonId(viewer)), None))
    assert find_mark(shown, KEY) == Found(viewer, photo_bits(photo))
    assert BITS == 96
