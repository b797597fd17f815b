"""Pictures: decoded within limits, turned upright, and written anew without anything but what one sees.

Runs in a thread; pure but for the work of the decoders. HEIC is what iPhones take.
"""

import io
import struct
import warnings
import zlib

import msgspec
from PIL import Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener

from wufu.chat.media.containers import Unreadable

register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 16_384
KEPT_SIDE = 4_096
"""A longer side is scaled down to this."""
THUMB_SIDE = 480
BLUR_CELLS = (4, 3)
MOST_FRAMES = 120
MOST_MOVING_PIXELS = 40_000_000
"""All frames of an animation together; one with more becomes its first frame."""

BROKEN = (
    OSError,
    ValueError,
    SyntaxError,  # Pillow's word for a broken PNG
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What decoders throw at broken files, in our experience and the fuzz tests'."""


class Picture(msgspec.Struct, frozen=True):
    """A picture as it is kept: its type, bytes and size in pixels, and a small JPEG of it."""

    media_type: str
    content: bytes
    width: int
    height: int
    thumb: bytes
    blur: bytes
    """12 colours of 3 bytes, 4 across and 3 down: what stands in its place until it has come."""


class TooManyPixels(Unreadable):
    """It would unpack to more than we are willing to hold."""


def read_picture(data: bytes) -> Picture:
    """A picture written anew. Raises Unreadable, TooManyPixels."""
    try:
        # Broken metadata are warned of; they are left behind anyway.
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=FORMATS) as opened,
        ):
            width, height = opened.size
            if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
                raise TooManyPixels(f"{width} x {height} pixels")
            frames = getattr(opened, "n_frames", 1)
            if 1 < frames <= MOST_FRAMES and frames * width * height <= MOST_MOVING_PIXELS:
                return _moving(opened, frames)
            return _still(opened)
    except Unreadable:
        raise
    except BROKEN as error:
        raise Unreadable(f"not a picture we can read ({type(error).__name__})") from error


def _still(opened: Image.Image) -> Picture:
    see_through = opened.mode in {"RGBA", "LA", "PA"} or "transparency" in opened.info
    drawn = opened.format in {"PNG", "GIF", "WEBP"}
    opened.draft("RGB", (KEPT_SIDE, KEPT_SIDE))  # a JPEG is then decoded at a fraction of its size
    profile = opened.info.get("icc_profile")
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    seen = _to_srgb(upright.convert("RGBA" if see_through else "RGB"), profile)
    seen.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    if see_through or drawn:
        seen.save(out, "WEBP", quality=90, method=2, exif=b"", xmp=b"", icc_profile=b"")
        media_type = "image/webp"
    else:
        seen.save(out, "JPEG", quality=88, progressive=True, optimize=True)
        media_type = "image/jpeg"
    return Picture(media_type, out.getvalue(), *seen.size, _thumb(seen), _blur(seen))


def _moving(opened: Image.Image, frames: int) -> Picture:
    shown, lasting = [], []
    for number in range(frames):
        opened.seek(number)
        # Metadata of a frame would be written along with it.
        frame = Image.new("RGBA", opened.size)
        frame.paste(opened.convert("RGBA"))
        shown.append(frame)
        lasting.append(max(20, min(10_000, int(opened.info.get("duration") or 100))))
    out = io.BytesIO()
    shown[0].save(
        out, "WEBP", save_all=True, append_images=shown[1:], duration=lasting, loop=0, quality=75, method=0
    )
    return Picture("image/webp", out.getvalue(), *opened.size, _thumb(shown[0]), _blur(shown[0]))


def _to_srgb(seen: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as a screen without profiles shows them; a broken profile changes nothing."""
    if not profile or seen.mode != "RGB":
        return seen
    try:
        there = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(seen, there, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return seen
    if turned is None:
        return seen
    turned.info.pop("icc_profile", None)
    return turned


def _blur(seen: Image.Image) -> bytes:
    return _on_paper(seen.resize(BLUR_CELLS, Image.Resampling.BOX)).tobytes()


def _on_paper(seen: Image.Image) -> Image.Image:
    """Without transparency: on white."""
    if seen.mode == "RGB":
        return seen
    paper = Image.new("RGB", seen.size, (255, 255, 255))
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _thumb(seen: Image.Image) -> bytes:
    small = seen.copy()
    small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    small = _on_paper(small)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80, progressive=True, optimize=True)
    return out.getvalue()
