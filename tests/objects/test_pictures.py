"""Hostile and odd pictures: what comes out has pixels and nothing else, or a reason."""

import asyncio
import io
import os
import struct
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from wufu.objects import (
    BadPicture,
    Picture,
    Workshop,
    clean_picture,
    open_picture,
    picture_and_thumbnail,
    picture_kind,
)

KINDS = ("JPEG", "PNG", "WEBP", "HEIF")
PLACE = b"31.2304 N 121.4737 E"


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    shop = Workshop()
    yield shop
    await shop.close()


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """A picture with something in it."""
    picture = Image.radial_gradient("L").resize((width, height))
    return Image.merge(
        "RGB", (picture, picture.rotate(90), picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    )


def encoded(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(picture).save(out, quality=80, **more)
    else:
        picture.save(out, kind, **more)
    return out.getvalue()


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = PLACE.decode()
    return tags.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_by_its_content_and_loses_its_metadata(kind: str) -> None:
    content = encoded(scene(), kind, exif=exif())
    assert PLACE in content
    assert picture_kind(content) == kind
    clean = clean_picture(content)
    assert (clean.width, clean.height) == (96, 64)
    assert PLACE not in clean.content
    with Image.open(io.BytesIO(clean.content)) as opened:
        assert opened.format == "JPEG"
        assert set(opened.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert not opened.getexif()


def test_text_of_every_other_kind_goes_too() -> None:
    about = PngInfo()
    about.add_text("GPS", PLACE.decode())
    about.add_itxt("xmp", PLACE.decode(), zip=True)
    assert PLACE not in clean_picture(encoded(scene(), "PNG", pnginfo=about)).content
    comment = encoded(scene(), "JPEG", comment=PLACE)
    assert PLACE in comment
    assert PLACE not in clean_picture(comment).content
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with Image.open(
        io.BytesIO(clean_picture(encoded(scene(), "JPEG", icc_profile=profile)).content)
    ) as opened:
        assert "icc_profile" not in opened.info


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_comes_out_upright(orientation: int) -> None:
    """The top left quarter is red once the orientation is obeyed."""
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("red", (0, 0, 32, 16))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = upright.transpose(undo[orientation]) if orientation in undo else upright
    opened = open_picture(encoded(lying, "JPEG", exif=exif(orientation), quality=95), most_side=64)
    assert opened.size == (64, 32)
    assert opened.getpixel((8, 8)) == pytest.approx((254, 0, 0), abs=8)
    assert opened.getpixel((56, 24)) == pytest.approx((255, 255, 255), abs=8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    source = scene().convert("L") if mode == "I;16" else scene()
    opened = open_picture(encoded(source.convert(mode), kind), most_side=96)
    assert (opened.mode, opened.size) == ("RGB", (96, 64))


def test_what_was_transparent_is_white() -> None:
    glass = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    assert open_picture(encoded(glass, "PNG"), most_side=64).getpixel((5, 5)) == (255, 255, 255)


def test_large_pictures_become_small() -> None:
    [picture, small] = picture_and_thumbnail(encoded(scene(3000, 2000), "JPEG"), 1024, 100)
    assert (picture.width, picture.height) == (1024, 683)
    assert (small.width, small.height) == (100, 67)


def png(width: int, height: int, data: bytes) -> bytes:
    """A PNG whose head says what it likes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_decompression_bombs_are_refused_before_they_are_opened() -> None:
    bombs = [
        png(50_000, 50_000, zlib.compress(bytes(1_000_000), 9)),
        png(2**31 - 1, 2**31 - 1, b""),
        png(7_100, 7_100, zlib.compress(bytes(7_100 * (7_100 * 3 + 1)), 9)),
    ]
    for bomb in bombs:
        with pytest.raises(BadPicture) as caught:
            clean_picture(bomb)
        assert caught.value.facts["why"] == "pixels"


def test_other_types_are_refused_whatever_they_are_called() -> None:
    others = [
        b"",
        b"GIF89a" + bytes(20),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        encoded(scene(), "GIF"),
        encoded(scene(), "BMP"),
        encoded(scene(), "TIFF"),
        encoded(scene(), "ICO"),
        b"RIFF\x00\x00\x00\x00AVI ",
        b"\x00\x00\x00\x1cftypmp42" + bytes(20),
    ]
    for other in others:
        with pytest.raises(BadPicture) as caught:
            clean_picture(other)
        assert caught.value.facts["why"] == "type", other[:12]


def test_animated_and_tiny_pictures_are_refused() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green")]
    for kind in ("PNG", "WEBP"):
        with pytest.raises(BadPicture) as caught:
            clean_picture(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert caught.value.facts["why"] == "animated"
    with pytest.raises(BadPicture) as caught:
        clean_picture(encoded(scene(200, 20), "PNG"), least_side=64)
    assert caught.value.facts["why"] == "small"


def broken(content: bytes, seed: int) -> Iterator[bytes]:
    """Variants of a good file: cut, with bytes flipped, zeroed or doubled, from a small generator."""
    state = seed

    def below(most: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (state >> 33) % most

    for round_ in range(40):
        data = bytearray(content)
        for _ in range(1 + below(12)):
            at = below(len(data))
            how = (round_ + below(5)) % 5
            if how == 0:
                data[at] ^= 1 << below(8)
            elif how == 1:
                del data[at:]
            elif how == 2:
                data[at : at + below(64)] = bytes(below(64))
            elif how == 3:
                data[at:at] = data[at : at + below(200)]
            else:
                data[at : at + 4] = b"\xff\xff\xff\xff"
            if not data:
                break
        yield bytes(data)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_broken_file_does_more_than_be_refused(workshop: Workshop, kind: str) -> None:
    """A generated corpus, through the child as in earnest: each is a picture or a refusal with a reason."""
    content = encoded(scene(160, 120), kind, exif=exif(6))
    outcomes: dict[str, int] = {}
    for number, data in enumerate(broken(content, seed=len(content))):
        try:
            picture = await workshop.do(Picture, clean_picture, data)
            outcome = "picture"
            assert PLACE not in picture.content, number
        except BadPicture as refusal:
            outcome = str(refusal.facts["why"])
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert outcomes.get("broken", 0) > 5
    assert (await workshop.do(Picture, clean_picture, content)).width in (120, 160)


async def test_a_child_that_dies_costs_only_its_own_picture(workshop: Workshop) -> None:
    with pytest.raises(BadPicture):
        await workshop.do(int, os._exit, 3)
    good = encoded(scene(), "JPEG")
    assert (await workshop.do(Picture, clean_picture, good)).width == 96


async def test_a_picture_that_takes_too_long_is_broken() -> None:
    shop = Workshop(patience_seconds=0.2)
    with pytest.raises(BadPicture):
        await shop.do(object, time.sleep, 60)
    await shop.close()


async def test_a_child_may_not_fill_memory_or_write_files(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(BadPicture) as caught:
        await workshop.do(bytes, bytes, 4 << 30)
    assert caught.value.facts["why"] == "pixels"
    with pytest.raises(RuntimeError, match="File too large"):
        await workshop.do(object, Path.write_bytes, tmp_path / "left behind", b"evil")
    assert not (tmp_path / "left behind").read_bytes()
    assert (await workshop.do(Picture, clean_picture, encoded(scene(), "PNG"))).height == 64


async def test_pictures_take_turns_and_a_cancelled_one_mixes_up_nothing(workshop: Workshop) -> None:
    sizes = [40, 50, 60, 70]
    wanted = [workshop.do(Picture, clean_picture, encoded(scene(size, size), "JPEG")) for size in sizes]
    assert [picture.width for picture in await asyncio.gather(*wanted)] == sizes
    task = asyncio.create_task(workshop.do(Picture, clean_picture, encoded(scene(2000, 2000), "PNG")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await workshop.do(Picture, clean_picture, encoded(scene(30, 30), "JPEG"))).width == 30
