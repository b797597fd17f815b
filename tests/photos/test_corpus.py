"""A corpus of broken pictures, posted like any other: each is a photo or a refusal, and nothing is left."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from tests.photos.acts import as_file, do, natural
from tests.photos.phones import Phones
from wufu.core.chance import Chance
from wufu.photos import set_settings

PLACE = b"31.2304 N 121.4737 E"


def _exif() -> bytes:
    tags = Image.Exif()
    tags[0x0112], tags[0x010E] = 6, PLACE.decode()
    return tags.tobytes()


def _heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(natural(420, 400)).save(out, quality=60, exif=_exif())
    return out.getvalue()


SMALL = natural(420, 400)
GOOD = {
    "JPEG": as_file(SMALL, "JPEG", exif=_exif()),
    "progressive JPEG": as_file(SMALL, "JPEG", progressive=True, quality=60),
    "CMYK JPEG": as_file(SMALL.convert("CMYK"), "JPEG", quality=60),
    "PNG": as_file(SMALL, "PNG", exif=_exif()),
    "palette PNG": as_file(SMALL.quantize(), "PNG"),
    "WebP": as_file(SMALL, "WEBP", quality=60, exif=_exif()),
    "HEIC": _heic(),
}


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    def spelled(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    return b"\x89PNG\r\n\x1a\n" + b"".join(spelled(*chunk) for chunk in chunks)


def _head(
    width: int, height: int, depth: int = 8, colour: int = 2, interlaced: int = 0
) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)


HOSTILE = {
    "a JPEG of its head alone": GOOD["JPEG"][:20],
    "a JPEG that says it is 65,500 wide": GOOD["JPEG"].replace(
        struct.pack(">HH", 400, 420), struct.pack(">HH", 65_500, 65_500)
    ),
    "a JPEG without tables": b"\xff\xd8\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(400),
    "a JPEG whose exif turns in a circle": GOOD["JPEG"].replace(b"Exif\0\0MM\0*", b"Exif\0\0MM\0*\0\0\0\x08"),
    "a JPEG with a page behind it": GOOD["JPEG"] + b"<script>alert(1)</script>" + PLACE,
    "a page that begins as a JPEG": b"\xff\xd8\xff<html><script>alert(1)</script>",
    "a PNG without a picture": _png(_head(420, 400), (b"IEND", b"")),
    "a PNG of nothing": _png(_head(0, 0), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")),
    "a PNG of an unknown colour": _png(
        _head(420, 400, 8, 5), (b"IDAT", zlib.compress(b"x" * 9)), (b"IEND", b"")
    ),
    "a PNG that unpacks to a thousand times as much": _png(
        _head(420, 400), (b"IDAT", zlib.compress(bytes(50_000_000), 9)), (b"IEND", b"")
    ),
    "a PNG that is far too large inside": _png(_head(1 << 20, 1 << 20), (b"IDAT", b""), (b"IEND", b"")),
    "a PNG whose words unpack to a gigabyte": _png(
        _head(420, 400), (b"zTXt", b"c\0\0" + zlib.compress(bytes(200_000_000), 9)), (b"IEND", b"")
    ),
    "a WebP that says it is longer": GOOD["WebP"][:4] + b"\xff\xff\xff\x7f" + GOOD["WebP"][8:],
    "a WebP of its head alone": GOOD["WebP"][:30],
    "a HEIC of its head alone": GOOD["HEIC"][:64],
    "a film": b"\x00\x00\x00\x1cftypisom" + bytes(400),
    "a HEIC that is a film inside": GOOD["HEIC"][:16] + b"isomavc1" + GOOD["HEIC"][24:],
    "two pictures in one": GOOD["PNG"] + GOOD["JPEG"],
    "a JPEG that is a WebP inside": b"\xff\xd8\xff" + GOOD["WebP"],
}


def _damaged(content: bytes, name: str) -> Iterator[bytes]:
    """A good file cut, zeroed, doubled and flipped, from a seed."""
    secret = Chance.seeded(len(content)).secret(f"corpus/{name}", 64)
    places = [int.from_bytes(secret[at : at + 4]) % len(content) for at in range(0, 64, 4)]
    yield content[: places[0]]
    yield content[: places[1]] + bytes(400) + content[places[1] + 400 :]
    yield content[: places[2]] + content[places[2] // 2 :]
    flipped = bytearray(content)
    for place in places[3:]:
        flipped[place] ^= 1 << (place % 8)
    yield bytes(flipped)
    # The heads of files are where decoders believe most.
    headless = bytearray(content)
    for place in places[3:9]:
        headless[12 + place % 180] = 0xFF
    yield bytes(headless)


def _kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "key"]


async def _post_all(phones: Phones, corpus: dict[str, bytes]) -> dict[str, str]:
    """What became of each: "photo", or the refusal."""
    outcomes: dict[str, str] = {}
    await do(phones.database, set_settings, {"posts_day": 1000})
    async with phones.phone("ada") as ada:
        for name, content in corpus.items():
            box = {"x": 300, "y": 300, "width": 200, "height": 200}
            answer = await ada.post_photo(name, content, **box)
            outcomes[name] = answer if isinstance(answer, str) else "photo"
    return outcomes


async def test_hostile_files_are_refused_and_the_next_one_is_served(phones: Phones, tmp_path: Path) -> None:
    outcomes = await _post_all(phones, {**HOSTILE, **GOOD})
    assert {outcomes[name] for name in GOOD} == {"photo"}
    assert set(outcomes.values()) <= {"photo", "422 bad_picture"}
    harmless = {name for name in HOSTILE if outcomes[name] == "photo"}
    # What is behind or beside a good picture is left out of it, so these are photos like others.
    assert harmless <= {
        "a PNG that unpacks to a thousand times as much",
        "a JPEG with a page behind it",
        "a JPEG whose exif turns in a circle",
        "a WebP that says it is longer",
        "two pictures in one",
    }
    assert len(_kept(tmp_path / "objects")) == 2 * list(outcomes.values()).count("photo")


@pytest.mark.parametrize("kind", GOOD)
async def test_damaged_files_are_photos_or_refused(phones: Phones, tmp_path: Path, kind: str) -> None:
    corpus = {f"{kind} {number}": content for number, content in enumerate(_damaged(GOOD[kind], kind))}
    outcomes = await _post_all(phones, corpus)
    assert set(outcomes.values()) <= {"photo", "422 bad_picture"}
    assert "422 bad_picture" in outcomes.values()
    kept = _kept(tmp_path / "objects")
    assert len(kept) == 2 * list(outcomes.values()).count("photo")
    assert all(PLACE not in path.read_bytes() for path in kept)
