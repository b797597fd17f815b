"""Pictures: written anew without anything but pixels; bombs and broken ones are refused before they cost."""

import io
import random

import pytest
from PIL import Image

from tests.chat.media.clips import animation, picture, png_bomb
from wufu.chat.media.model import MediaTypeRefused, MediaUnreadable, Prepared, prepare
from wufu.core.refusals import Refusal


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_picture_is_turned_upright_and_says_nothing_of_its_camera(kind: str) -> None:
    data = picture(kind)
    prepared = prepare("picture", data, "")
    image = opened(prepared.content)
    assert image.format in {"JPEG", "WEBP"}
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & {
        name for name, value in image.info.items() if value
    }
    for trace in (b"Spy Camera", b"Exif", b"http://ns.adobe"):
        assert trace not in prepared.content
        assert prepared.thumb is not None
        assert trace not in prepared.thumb
    # Decoders of HEIF and AVIF turn by themselves; either way it ends upright.
    assert image.size == (prepared.width, prepared.height)
    if kind in {"JPEG", "PNG", "WEBP"}:
        assert image.size == (480, 640)


def test_the_thumbnail_is_a_small_jpeg() -> None:
    prepared = prepare("picture", picture(size=(3000, 1000), exif=b""), "")
    assert prepared.thumb is not None
    thumb = opened(prepared.thumb)
    assert (thumb.format, thumb.size) == ("JPEG", (480, 160))


def test_a_dozen_colours_stand_in_a_pictures_place() -> None:
    half = Image.new("RGB", (400, 300), (255, 0, 0))
    half.paste((0, 0, 255), (200, 0, 400, 300))
    out = io.BytesIO()
    half.save(out, "PNG")
    blur = prepare("picture", out.getvalue(), "").blur
    assert blur is not None
    row = bytes([255, 0, 0] * 2 + [0, 0, 255] * 2)
    assert blur == row * 3
    for kind in ("PNG", "GIF"):
        data = picture(kind, see_through=True, exif=b"") if kind == "PNG" else animation(3)
        assert len(prepare("picture", data, "").blur or b"") == 36


def test_a_large_picture_is_scaled_down() -> None:
    prepared = prepare("picture", picture(size=(6000, 3000), exif=b""), "")
    assert (prepared.width, prepared.height) == (4096, 2048)


def test_what_is_see_through_stays_so() -> None:
    prepared = prepare("picture", picture("PNG", see_through=True, exif=b""), "")
    assert opened(prepared.content).mode == "RGBA"


def test_a_small_animation_moves_on_and_a_long_one_stands_still() -> None:
    assert getattr(opened(prepare("picture", animation(4), "").content), "n_frames", 1) == 4
    assert getattr(opened(prepare("picture", animation(150), "").content), "n_frames", 1) == 1


@pytest.mark.parametrize("side", [7_100, 20_000, 60_000, 2_000_000])
def test_a_bomb_is_refused_by_its_head(side: int) -> None:
    with pytest.raises(MediaUnreadable):
        prepare("picture", png_bomb(side), "")


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM" + bytes(100), b"%!PS", b"II*\0" + bytes(90)],
)
def test_other_formats_are_not_even_tried(data: bytes) -> None:
    with pytest.raises(MediaTypeRefused):
        prepare("picture", data, "picture.jpg")


SEEDS = {kind: picture(kind, (48, 32)) for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")} | {
    "GIF": animation(3, (24, 16))
}


@pytest.mark.parametrize("kind", SEEDS)
def test_broken_pictures_are_read_or_refused(kind: str) -> None:
    chance = random.Random(kind)
    data = SEEDS[kind]
    broken = [data[:end] for end in range(3, len(data), max(1, len(data) // 25))]
    for _ in range(60):
        hurt = bytearray(data)
        for _ in range(chance.choice((1, 3, 20))):
            hurt[chance.randrange(len(hurt))] = chance.randrange(256)
        broken.append(bytes(hurt))
    read = 0
    for one in broken:
        try:
            prepared = prepare("picture", one, "")
        except Refusal:
            continue
        assert isinstance(prepared, Prepared)
        assert opened(prepared.content).size == (prepared.width, prepared.height)
        read += 1
    assert read < len(broken)
