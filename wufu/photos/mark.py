"""Marks in the clear picture that say who was shown it: an invisible one, and a visible one if asked for.
A picture that was sold is copied. The invisible mark makes a copy tell whose view it was: each viewer gets
the picture with 96 bits of their own, spread over all of it.

**The bits.** 40 are the viewer's number, 24 the first of SHA-256 of the photo's id, 32 the first of an
HMAC of both under the server's key. Without the key nobody can make a mark that accuses somebody else, and
a picture without a mark passes for one once in four thousand million looks.

**The places.** The brightness is cut into blocks of 8 x 8 pixels, JPEG's own, and each block carries one
bit: the sign of the difference of two middle frequencies of its DCT, (1, 2) and (2, 1). The bits fill a
tile of 12 x 8 blocks, and tiles repeat over the picture: in a photo of 1024 x 768 each bit stands in 128
places. What a place says is nudged no more than its block hides (more in rough ones), so the change is
about 45 dB below the picture.

**Reading.** The detector adds up what all places of a bit say, each limited so that no edge shouts, and
takes the signs; the HMAC tells whether they mean something. It does so for every offset of blocks and
tiles, so a crop is read too. It needs neither the photo nor the list of viewers.

It survives: saving again as JPEG down to about quality 50, WebP, crops that leave some thirty tiles,
brightness and contrast. It does not survive: scaling to another size, turning, a photo of the screen, or
somebody who averages the copies of several viewers. The visible mark is for those: the viewer's number,
faint, all over.
"""

import hashlib
import hmac
import io
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from wufu.objects import as_jpeg, open_picture

Floats = NDArray[np.float32]
BLOCK = 8
TILE_ROWS, TILE_COLUMNS = 8, 12
BITS = TILE_ROWS * TILE_COLUMNS
NUMBER_BYTES, PHOTO_BYTES, SEAL_BYTES = 5, 3, 4
MARGIN = 12.0
"""How far apart the two frequencies are put in a smooth block; JPEG's own rounding is about half of it."""
ROUGHEST = 24.0
SHOWN_QUALITY = 90
LARGEST_SIDE = 8192
"""A copy is read at its own size: scaling would move the places."""


class Found(msgspec.Struct, frozen=True):
    """Whose view a picture was: the viewer's number and the photo's 24 bits (hex)."""

    viewer: int
    photo: str


def photo_bits(photo: UUID) -> str:
    """The 24 bits by which a mark names a photo, in hex."""
    return hashlib.sha256(photo.bytes).hexdigest()[: 2 * PHOTO_BYTES]


def payload(key: bytes, photo: UUID, viewer: int) -> bytes:
    """The 12 bytes of a mark."""
    named = viewer.to_bytes(NUMBER_BYTES) + bytes.fromhex(photo_bits(photo))
    return named + _seal(key, named)


def _seal(key: bytes, named: bytes) -> bytes:
    return hmac.digest(key, b"wufu/photo mark/" + named, "sha256")[:SEAL_BYTES]


def show_marked(clear: bytes, marked: bytes, words: str | None) -> bytes:
    """The clear picture for one viewer: with the mark `marked` (`payload`), and `words` over it if given.

    For the workshop: it takes some hundred milliseconds.
    """
    with Image.open(io.BytesIO(clear), formats=["JPEG"]) as opened:
        picture = opened.convert("RGB")
    if words is not None:
        picture = _written_over(picture, words)
    bright, blue, red = picture.convert("YCbCr").split()
    bright = Image.fromarray(embed(np.asarray(bright), marked), "L")
    return as_jpeg(Image.merge("YCbCr", (bright, blue, red)).convert("RGB"), SHOWN_QUALITY, fine_colour=True)


# --- Blocks and frequencies -----------------------------------------------------------------------


def _cosines() -> Floats:
    """The 8-point DCT-II as an orthonormal matrix, as in JPEG (ITU-T T.81, A.3.3)."""
    place = np.arange(BLOCK)
    matrix = np.cos(np.pi * (2 * place[None, :] + 1) * place[:, None] / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    matrix[0] /= np.sqrt(2)
    made: Floats = matrix.astype(np.float32)
    return made


DCT = _cosines()
ONE, OTHER = np.outer(DCT[1], DCT[2]), np.outer(DCT[2], DCT[1])
"""The two frequencies as pictures of 8 x 8: a block's coefficient is its product with one of these."""


def _blocks(bright: NDArray[np.uint8] | Floats) -> Floats:
    """(rows, columns, 8, 8) of whole blocks; what is left over at the right and below has no say."""
    rows, columns = bright.shape[0] // BLOCK, bright.shape[1] // BLOCK
    cut = bright[: rows * BLOCK, : columns * BLOCK].astype(np.float32)
    return cut.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2)


def _differences(blocks: Floats) -> Floats:
    differences: Floats = np.tensordot(blocks, ONE - OTHER, axes=((2, 3), (0, 1)))
    return differences


def _roughness(blocks: Floats) -> Floats:
    """How much a block hides: a rough one more. What its pixels differ by says so."""
    rough: Floats = np.clip(blocks.std(axis=(2, 3)) * np.float32(0.6), MARGIN, ROUGHEST)
    return rough


def _signs(marked: bytes, rows: int, columns: int) -> Floats:
    """+1 or -1 for each block: the bits, tiled."""
    bits = np.unpackbits(np.frombuffer(marked, dtype=np.uint8)).reshape(TILE_ROWS, TILE_COLUMNS)
    tiled = np.tile(bits, (-(-rows // TILE_ROWS), -(-columns // TILE_COLUMNS)))[:rows, :columns]
    return tiled.astype(np.float32) * 2 - 1


def embed(bright: NDArray[np.uint8], marked: bytes) -> NDArray[np.uint8]:
    """The brightness (0 to 255) with a mark in it; a small one has no room for all of it."""
    blocks = _blocks(bright)
    rows, columns = blocks.shape[:2]
    wanted, rough = _signs(marked, rows, columns), _roughness(blocks)
    lacking = np.clip(rough - wanted * _differences(blocks), 0, 2 * rough)
    # Half of what lacks goes to each of the two frequencies, which are orthonormal.
    blocks = blocks + (wanted * lacking / 2)[:, :, None, None] * (ONE - OTHER)
    out = bright.copy()
    flat = blocks.swapaxes(1, 2).reshape(rows * BLOCK, columns * BLOCK)
    out[: rows * BLOCK, : columns * BLOCK] = np.clip(np.rint(flat), 0, 255).astype(np.uint8)
    return out


# --- Reading --------------------------------------------------------------------------------------


def find_mark(picture: Image.Image, key: bytes) -> Found | None:
    """Whose view a picture was, or None when it carries no mark of this server."""
    bright = np.asarray(picture.convert("RGB").convert("YCbCr").split()[0])
    for down in range(BLOCK):
        for right in range(BLOCK):
            if (found := _read(bright[down:, right:], key)) is not None:
                return found
    return None


def find_mark_in(content: bytes, key: bytes) -> Found | None:
    """`find_mark` in a file that came from anywhere. Refusal bad_picture. For the workshop."""
    return find_mark(open_picture(content, most_side=LARGEST_SIDE), key)


def _read(bright: NDArray[np.uint8], key: bytes) -> Found | None:
    """Read with the blocks beginning where they do, for every offset of the tiles."""
    if min(bright.shape) < BLOCK:
        return None
    blocks = _blocks(bright)
    # Each place says at most 1: an edge that was there before would drown the others.
    said = np.clip(_differences(blocks) / _roughness(blocks), -1, 1)
    votes = np.zeros((TILE_ROWS, TILE_COLUMNS), dtype=np.float64)
    for row in range(min(TILE_ROWS, said.shape[0])):
        for column in range(min(TILE_COLUMNS, said.shape[1])):
            votes[row, column] = said[row::TILE_ROWS, column::TILE_COLUMNS].sum()
    for down in range(TILE_ROWS):
        for right in range(TILE_COLUMNS):
            bits = np.packbits(np.roll(votes, (down, right), axis=(0, 1)) > 0).tobytes()
            named = bits[: NUMBER_BYTES + PHOTO_BYTES]
            if hmac.compare_digest(bits[NUMBER_BYTES + PHOTO_BYTES :], _seal(key, named)):
                return Found(int.from_bytes(named[:NUMBER_BYTES]), named[NUMBER_BYTES:].hex())
    return None


# --- The visible mark -----------------------------------------------------------------------------


def _written_over(picture: Image.Image, words: str) -> Image.Image:
    """The picture with faint words all over it, light with a dark edge so that they show on anything."""
    size = max(14, min(picture.size) // 22)
    font = ImageFont.load_default(size)
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    wide = int(pen.textlength(words, font)) + 3 * size
    for number, y in enumerate(range(size, picture.height, 5 * size)):
        for x in range(-(number % 2) * wide // 2, picture.width, wide):
            pen.text((x, y), words, (255, 255, 255, 84), font, stroke_width=1, stroke_fill=(0, 0, 0, 48))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")
