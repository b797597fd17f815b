"""What those see who did not pay: a few colours, and no picture.

A filter that can be undone is no protection: a Gaussian blur or a mosaic of a few dozen cells still
carries a face or a number, and programs that sharpen them are common. So the blur is not made from the
picture but from very little of it, and everything else is thrown away first:

1. the picture is averaged into a grid of at most 6 x 6 cells (6 x 4 for most photos);
2. each cell keeps 4 bits for each of red, green and blue;
3. from these numbers alone a small smooth picture is drawn.

So the blur is a function of at most 36 cells x 12 bits = 54 bytes (36 for most photos), and two photos
with the same numbers have the same blur, byte for byte. Whoever looks at it can learn these numbers and
nothing else, with any program whatsoever: of a photo of a million pixels, that some part at the top was
light and some part below red. A face takes some hundred bytes to tell from another one even for a trained
coder; a line of text has no trace at all in averages over a sixth of the picture. What a program paints
between the colours is invention.

The author may add a *detail*: a small part of the clear picture, which they choose to show.
"""

import base64
import io

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wufu.objects import as_jpeg, open_picture
from wufu.photos.model import DETAIL_SIDE, LEAST_SIDE, Detail

CELLS = 6
"""Cells along the longer side."""
BITS = 4
"""What is kept of each colour of a cell."""
SHOWN_SIDE = 72
"""Pixels of the longer side of what is drawn from the cells; a page stretches it."""
MOST_SIDE = 2048
"""Pixels of the longer side of the clear picture as it is kept."""
CLEAR_QUALITY = 92


class Developed(msgspec.Struct, frozen=True):
    """A posted picture: the clear one for the store, and what everybody may see of it (WebP, JPEG)."""

    clear: bytes
    width: int
    height: int
    blur: bytes
    detail: bytes | None


def develop(content: bytes, detail: Detail | None) -> Developed:
    """All that is made of an upload. Refusal bad_picture. For the workshop: it takes a second."""
    picture = open_picture(content, most_side=MOST_SIDE, least_side=LEAST_SIDE)
    return Developed(
        as_jpeg(picture, CLEAR_QUALITY, fine_colour=True),
        picture.width,
        picture.height,
        blur_of(picture),
        None if detail is None else detail_of(picture, detail),
    )


def preview(content: bytes, detail: Detail | None) -> Developed:
    """`develop` for the author's eyes before posting: the same blur and detail, without the clear picture."""
    developed = develop(content, detail)
    return msgspec.structs.replace(developed, clear=b"")


def blur_of(picture: Image.Image) -> bytes:
    """The blur, as a small WebP."""
    return draw(cells_of(picture), picture.size)


def cells_of(picture: Image.Image) -> NDArray[np.uint8]:
    """The few numbers that are kept: rows x columns x 3, each from 0 to 15."""
    columns, rows = _fit(picture.size, CELLS, least=2)
    means = picture.convert("RGB").resize((columns, rows), Image.Resampling.BOX)
    return np.right_shift(np.asarray(means, dtype=np.uint8), 8 - BITS, dtype=np.uint8)


def draw(cells: NDArray[np.uint8], size: tuple[int, int]) -> bytes:
    """A smooth picture of the cells; of `size` only the proportions are used, which everybody is told."""
    levels = (1 << BITS) - 1
    small = Image.fromarray((cells.astype(np.uint16) * 255 // levels).astype(np.uint8), "RGB")
    return _as_webp(small.resize(_fit(size, SHOWN_SIDE, least=1), Image.Resampling.BICUBIC))


def detail_of(picture: Image.Image, detail: Detail) -> bytes:
    """The chosen part, at most `DETAIL_SIDE` pixels a side, as a JPEG."""
    left, top, right, bottom = detail.box(picture.size)
    part = picture.crop((left, top, right, bottom))
    part.thumbnail((DETAIL_SIDE, DETAIL_SIDE), Image.Resampling.LANCZOS)
    return as_jpeg(part, 80)


def data_url(media_type: str, content: bytes) -> str:
    """The bytes as an address that needs no request."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _fit(size: tuple[int, int], longer: int, least: int) -> tuple[int, int]:
    """Width and height in the proportions of `size`, the longer one `longer`, rounded to the nearest."""
    width, height = size
    most = max(width, height)
    return (
        max(least, (2 * width * longer + most) // (2 * most)),
        max(least, (2 * height * longer + most) // (2 * most)),
    )


def _as_webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=60, method=4)
    return out.getvalue()
