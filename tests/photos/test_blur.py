"""The blur: a function of a few numbers, and of nothing else in the picture."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from tests.photos.acts import PICTURE, as_file, natural
from wufu.objects import BadPicture
from wufu.photos import Detail, develop
from wufu.photos.blur import blur_of, cells_of, draw


def with_words(picture: Image.Image, words: str) -> Image.Image:
    """The picture with words on it, in the brightness around them half lighter and half darker."""
    out = picture.copy()
    pen = ImageDraw.Draw(out)
    for place, shade in ((0, 255), (3, 0)):
        pen.text((40 + place, 40), words, (shade, shade, shade))
    return out


def test_the_blur_is_drawn_from_a_few_numbers_alone() -> None:
    """36 bytes of a photo of a megabyte: 6 x 4 cells of 3 x 4 bits; the same numbers, the same bytes."""
    picture = natural(1200, 800)
    cells = cells_of(picture)
    assert cells.shape == (4, 6, 3)
    assert cells.max() < 16
    assert draw(cells, picture.size) == blur_of(picture)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (2000, 400), (400, 2000), (500, 500), (401, 1999)])
def test_no_shape_keeps_more_than_36_cells(size: tuple[int, int]) -> None:
    cells = cells_of(natural(*size))
    assert cells.shape[0] * cells.shape[1] <= 36
    with Image.open(io.BytesIO(blur_of(natural(*size)))) as opened:
        assert max(opened.size) == 72
        assert opened.format == "WEBP"


def test_pictures_that_differ_in_everything_but_those_numbers_have_one_blur() -> None:
    """A face is in the fine parts: shuffle all pixels within each cell, and the blur stays the same."""
    chance = np.random.default_rng(3)
    picture = natural(600, 400)
    pixels = np.asarray(picture).copy()
    for row in range(4):
        for column in range(6):
            cell = pixels[row * 100 : row * 100 + 100, column * 100 : column * 100 + 100]
            cell[:] = chance.permutation(cell.reshape(-1, 3)).reshape(100, 100, 3)
    other = Image.fromarray(pixels)
    assert np.abs(np.asarray(picture, dtype=int) - pixels).mean() > 20
    assert blur_of(other) == blur_of(picture)


def test_words_leave_no_trace() -> None:
    plain = Image.new("RGB", (640, 480), (120, 130, 140))
    assert (
        blur_of(with_words(plain, "PIN 123456")) == blur_of(with_words(plain, "PIN 654321")) == blur_of(plain)
    )


@given(seed=st.integers(0, 200))
@settings(max_examples=20, deadline=None)
def test_the_best_guess_from_the_blur_has_no_detail(seed: int) -> None:
    """What can be told of the fine parts by sharpening the blur is unrelated to those of the photo."""
    picture = natural(360, 240, seed=seed).convert("L")
    blurred = Image.open(io.BytesIO(blur_of(picture.convert("RGB")))).convert("L").resize(picture.size)
    guess = blurred.filter(ImageFilter.UnsharpMask(8, 400, 0))

    def fine(image: Image.Image) -> np.ndarray:
        values = np.asarray(image, dtype=float)
        rest: np.ndarray = values - np.asarray(image.filter(ImageFilter.GaussianBlur(12)), dtype=float)
        return rest.ravel()

    assert abs(np.corrcoef(fine(picture), fine(guess))[0, 1]) < 0.12


def test_the_blur_is_small_enough_for_a_card_and_carries_nothing_else() -> None:
    made = develop(as_file(natural(), comment=b"where I live"), None)
    assert len(made.blur) < 1500
    with Image.open(io.BytesIO(made.blur)) as opened:
        assert not opened.info.get("exif")
        assert not opened.info.get("icc_profile")
    assert b"where I live" not in made.clear + made.blur


def test_the_detail_is_the_chosen_part_and_no_more() -> None:
    picture = Image.new("RGB", (1000, 800), "red")
    picture.paste("blue", (500, 400, 700, 600))
    made = develop(as_file(picture, quality=95), Detail(500, 500, 200, 250))
    assert made.detail is not None
    with Image.open(io.BytesIO(made.detail)) as opened:
        assert max(opened.size) <= 160
        shown = np.asarray(opened.convert("RGB"), dtype=int)
    assert shown[4:-4, 4:-4, 2].min() > 200
    assert shown[4:-4, 4:-4, 0].max() < 60


def test_a_picture_too_small_for_a_mark_is_refused() -> None:
    with pytest.raises(BadPicture):
        develop(as_file(natural(399, 800)), None)
    assert develop(PICTURE, None).width == 640
