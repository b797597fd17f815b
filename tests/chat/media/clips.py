"""Small sounds, films and pictures made here, byte by byte, for tests."""

import io
import struct
from collections.abc import Sequence

from PIL import Image

from wufu.chat.media.containers import _ogg_checksum

GPS = b"31.2304N 121.4737E"


# --- Pictures -------------------------------------------------------------------------------------


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    """A picture with a gradient; a JPEG says where it was taken and that it lies on its side."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    if options.pop("see_through", False):
        image.putalpha(100)
    if kind in {"JPEG", "HEIF", "WEBP", "PNG"} and "exif" not in options:
        exif = Image.Exif()
        exif[0x0112] = 6  # turn by 90 degrees
        exif[0x010F] = "Spy Camera"
        exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
        options["exif"] = exif.tobytes()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def animation(frames: int = 4, size: tuple[int, int] = (64, 64)) -> bytes:
    images = [Image.new("RGB", size, (number * 20 % 256, 90, 200)) for number in range(frames)]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=80, loop=0)
    return out.getvalue()


def png_bomb(side: int) -> bytes:
    """A PNG that says it is that large and is a few bytes."""
    small = picture("PNG", (8, 8), exif=b"")
    head = bytearray(small)
    head[16:24] = struct.pack(">II", side, side)
    return bytes(head)


# --- Ogg ------------------------------------------------------------------------------------------


def ogg(seconds: float = 3.0, comment: bytes = GPS) -> bytes:
    """Opus in Ogg: two heads and a page a second."""
    pages = [b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)]
    pages.append(
        b"OpusTags" + struct.pack("<I4sI", 4, b"test", 1) + struct.pack("<I", len(comment)) + comment
    )
    data = b""
    for number, body in enumerate(pages):
        data += ogg_page(body, 0, number)
    whole = int(seconds)
    for second in range(1, whole + 1):
        data += ogg_page(bytes(50), second * 48_000 + 312, second + 1)
    return data + ogg_page(bytes(20), round(seconds * 48_000) + 312, whole + 2)


def ogg_page(body: bytes, granule: int, number: int, serial: int = 7) -> bytes:
    segments = [255] * (len(body) // 255) + [len(body) % 255]
    page = bytearray(b"OggS\0\0" + struct.pack("<qIII", granule, serial, number, 0))
    page += bytes([len(segments), *segments]) + body
    page[22:26] = _ogg_checksum(page).to_bytes(4, "little")
    return bytes(page)


# --- WebM -----------------------------------------------------------------------------------------


def element(id_: int, payload: bytes, *, unsized: bool = False) -> bytes:
    head = id_.to_bytes((id_.bit_length() + 7) // 8)
    if unsized:
        return head + b"\x01" + b"\xff" * 7 + payload
    return head + (len(payload) | 1 << 56).to_bytes(8) + payload


def webm(
    seconds: float = 3.0,
    codecs: Sequence[str] = ("A_OPUS",),
    *,
    live: bool = True,
    size: tuple[int, int] = (320, 240),
    title: bytes = GPS,
) -> bytes:
    """A recording of a browser: without lengths when `live`."""
    tracks = b""
    for codec in codecs:
        its = element(0x86, codec.encode())
        if codec.startswith("V_"):
            its += element(0xE0, element(0xB0, size[0].to_bytes(2)) + element(0xBA, size[1].to_bytes(2)))
        tracks += element(0xAE, its)
    info = element(0x2AD7B1, (1_000_000).to_bytes(3)) + element(0x7BA9, title)
    if not live:
        info += element(0x4489, struct.pack(">d", seconds * 1000))
    body = element(0x1549A966, info) + element(0x1654AE6B, tracks)
    body += element(0x1254C367, element(0x7373, b"place=" + title))
    for second in range(int(seconds) + 1):
        at = min(1000, round(seconds * 1000) - second * 1000)
        block = element(0xA3, b"\x81" + at.to_bytes(2) + b"\x80" + bytes(30))
        body += element(0x1F43B675, element(0xE7, (second * 1000).to_bytes(4)) + block, unsized=live)
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, body, unsized=live)


# --- MP4 ------------------------------------------------------------------------------------------


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def mp4(
    seconds: float = 3.0,
    tracks: Sequence[tuple[bytes, bytes]] = ((b"vide", b"avc1"), (b"soun", b"mp4a")),
    *,
    fragments: bool = False,
    place: bytes = GPS,
) -> bytes:
    """A film: whole, or in fragments as a browser records it."""
    length = 0 if fragments else round(seconds * 1000)
    its = b""
    for number, (kind, codec) in enumerate(tracks, 1):
        size = struct.pack(">II", 320 << 16, 240 << 16) if kind == b"vide" else bytes(8)
        tkhd = bytes(12) + struct.pack(">I", number) + bytes(60) + size
        mdhd = bytes(12) + struct.pack(">II", 1000, length) + bytes(4)
        stsd = bytes(4) + struct.pack(">I", 1) + struct.pack(">I4s", 16, codec) + bytes(8)
        minf = box(b"minf", box(b"stbl", box(b"stsd", stsd)))
        media = box(b"mdia", box(b"mdhd", mdhd) + box(b"hdlr", bytes(8) + kind + bytes(12)) + minf)
        its += box(b"trak", box(b"tkhd", tkhd) + media)
    mvhd = box(b"mvhd", bytes(12) + struct.pack(">II", 1000, length) + bytes(80))
    udta = box(b"udta", box(b"\xa9xyz", place))
    trex = b"".join(
        box(b"trex", bytes(4) + struct.pack(">IIIII", number, 1, 40, 0, 0))
        for number in range(1, len(tracks) + 1)
    )
    moov = box(b"moov", mvhd + its + udta + (box(b"mvex", trex) if fragments else b""))
    data = box(b"ftyp", b"isom" + bytes(4)) + moov
    if not fragments:
        return data + box(b"mdat", bytes(500))
    for _ in range(round(seconds)):
        runs = b"".join(
            box(
                b"traf",
                box(b"tfhd", b"\0\2\0\0" + struct.pack(">I", number))
                + box(b"trun", bytes(4) + struct.pack(">I", 25)),
            )
            for number in range(1, len(tracks) + 1)
        )
        data += box(b"moof", runs) + box(b"mdat", bytes(300))
    return data
