"""Pictures that strangers send: told by their content, opened with care, and given on as nothing but pixels.

What a file is called or said to be does not count: its first bytes must be those of JPEG, PNG, WebP or
HEIC, and only that one decoder is tried. Its size in pixels is read from the head and refused before
anything is decoded. The pixels are turned upright, brought to sRGB, put over white where they were
transparent, and copied to a new picture without any of the old one's metadata: no place, no camera, no
owner's name, no hidden thumbnail.

These functions work for seconds and on hostile input: call them through `Workshop.do`.
"""

import contextlib
import io
import warnings

import msgspec
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from wufu.objects.model import BadPicture

MOST_PIXELS = 50_000_000
LARGEST_PICTURE = 20 << 20
"""Bytes of a picture that is uploaded."""
JPEG = "image/jpeg"
HEIC_BRANDS = frozenset([b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc", b"hevx"])
WHITE = (255, 255, 255)

pillow_heif.register_heif_opener()
# Our own limit is asked first; this one stands behind it.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class Picture(msgspec.Struct, frozen=True):
    """An encoded picture without metadata."""

    content: bytes
    media_type: str
    width: int
    height: int


def picture_kind(content: bytes) -> str | None:
    """JPEG, PNG, WEBP or HEIF, by the first bytes; None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return "HEIF"
    return None


def open_picture(content: bytes, *, most_side: int, least_side: int = 1) -> Image.Image:
    """The picture's pixels in sRGB, upright, no side longer than `most_side`, without metadata.

    Refusal bad_picture: `type` (none of the four), `pixels` (more than 50 million), `small` (a side below
    `least_side`), `animated`, `broken`.
    """
    kind = picture_kind(content)
    if kind is None:
        raise BadPicture(why="type")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        try:
            return _opened(content, kind, most_side, least_side)
        except BadPicture:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
            raise BadPicture(why="pixels") from error
        except Exception as error:
            # Decoders meet broken files with every kind of exception there is.
            raise BadPicture(why="broken") from error


def _opened(content: bytes, kind: str, most_side: int, least_side: int) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=[kind]) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise BadPicture(why="pixels")
        if min(width, height) < least_side:
            raise BadPicture(why="small")
        if kind in ("PNG", "WEBP") and getattr(opened, "n_frames", 1) > 1:
            raise BadPicture(why="animated")
        if kind == "JPEG":
            # The decoder can leave out detail that would be thrown away right after.
            opened.draft(None, (2 * most_side, 2 * most_side))
        opened.load()
        picture: Image.Image = opened
        with contextlib.suppress(Exception):
            picture = ImageOps.exif_transpose(picture)
        picture = _in_srgb(picture)
        picture.thumbnail((most_side, most_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        clean = Image.new("RGB", picture.size, WHITE)
        clean.paste(picture)
        return clean


def _in_srgb(picture: Image.Image) -> Image.Image:
    """8-bit RGB: transparency over white, the profile's colours as sRGB; a broken profile is left out."""
    profile = picture.info.get("icc_profile")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, (*WHITE, 255))
        picture = Image.alpha_composite(ground, picture).convert("RGB")
    elif picture.mode == "I;16":
        picture = picture.point(lambda value: value / 256).convert("L")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        with contextlib.suppress(Exception):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if found is not None:
                return found
    return picture.convert("RGB")


def as_jpeg(picture: Image.Image, quality: int = 88, *, fine_colour: bool = False) -> bytes:
    """A JPEG file; `fine_colour` keeps a colour for each pixel (4:4:4)."""
    out = io.BytesIO()
    picture.save(
        out, "JPEG", quality=quality, optimize=True, progressive=True, subsampling=0 if fine_colour else 2
    )
    return out.getvalue()


def clean_picture(content: bytes, most_side: int = 2048, quality: int = 88, least_side: int = 1) -> Picture:
    """What somebody sent as a JPEG without metadata. Refusal bad_picture, see `open_picture`."""
    picture = open_picture(content, most_side=most_side, least_side=least_side)
    return Picture(as_jpeg(picture, quality), JPEG, picture.width, picture.height)


def picture_and_thumbnail(content: bytes, most_side: int = 2048, thumbnail: int = 320) -> list[Picture]:
    """`clean_picture`, and the same small."""
    picture = open_picture(content, most_side=most_side)
    small = picture.copy()
    small.thumbnail((thumbnail, thumbnail), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return [
        Picture(as_jpeg(picture), JPEG, picture.width, picture.height),
        Picture(as_jpeg(small, 78), JPEG, small.width, small.height),
    ]
