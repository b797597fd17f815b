"""Values, refusals and pure decisions of media: what an upload is, and what it may be."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from wufu.chat.media.containers import Film, Unreadable, read_mp4, read_ogg, read_webm
from wufu.chat.media.pictures import read_picture
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal

Kind = Literal["picture", "voice", "video", "file"]
KINDS: tuple[Kind, ...] = ("picture", "voice", "video", "file")

MOST_BYTES: dict[Kind, int] = {
    "picture": 20 << 20,
    "voice": 2 << 20,
    "video": 40 << 20,
    "file": 40 << 20,
}
LONGEST_SECONDS = 60
GRACE_SECONDS = 1.0
"""A recorder stops a moment after it was told to."""
LONGEST_NAME = 120
SWEPT_AFTER = timedelta(hours=24)
"""An upload that no message refers to lives so long."""
MOST_UNSENT = 100
"""Uploads of one person that no message refers to."""
LONGEST_WAVEFORM = 64
LOUDEST = 31

VOICE_CODECS = frozenset(("opus", "A_OPUS", "mp4a", "Opus"))
FILM_SOUNDS = VOICE_CODECS | {"A_VORBIS", "A_AAC"}
FILM_PICTURES = frozenset(
    ("V_VP8", "V_VP9", "V_AV1", "V_MPEG4/ISO/AVC", "avc1", "avc3", "hvc1", "hev1", "vp09", "av01")
)
LONGEST_FILM_SIDE = 8_192


class MediaUnreadable(Refusal):
    """It is broken, or not what was said: {why}."""

    code = "media_unreadable"
    status = 422


class MediaTypeRefused(Refusal):
    """Nothing of this type is carried: {type}."""

    code = "media_type_refused"
    status = 415


class MediaTooLong(Refusal):
    """Longer than a minute: {seconds, most}."""

    code = "media_too_long"
    status = 422


class TooManyUploads(Refusal):
    """So much was uploaded and not sent, or is uploaded right now, that more has to wait: {most}."""

    code = "too_many_uploads"
    status = 429


class UnknownMedia(Refusal):
    """No such upload, or none that the asker may see or use so: {media}."""

    code = "unknown_media"
    status = 404


class Prepared(msgspec.Struct, frozen=True):
    """An upload after it was judged and cleaned: what is kept of it."""

    media_type: str
    content: bytes
    width: int = 0
    height: int = 0
    tenths: int = 0
    thumb: bytes | None = None
    blur: bytes | None = None


class Media(msgspec.Struct, frozen=True):
    """A kept upload."""

    id: UUID
    person: PersonId
    kind: Kind
    media_type: str
    name: str
    size: int
    width: int
    height: int
    tenths: int
    digest: bytes
    content: UUID
    thumb: UUID | None
    uses: int
    uploaded_at: datetime
    blur: bytes | None = None


class MediaView(msgspec.Struct, frozen=True):
    """What a phone is told of its upload; `seconds` with one decimal."""

    id: UUID
    kind: Kind
    type: str
    size: int = msgspec.field(name="bytes")
    width: int | None
    height: int | None
    seconds: float | None
    name: str | None
    thumb: bool


def view_of(media: Media) -> MediaView:
    """Fields that mean nothing for its kind are None."""
    return MediaView(
        media.id,
        media.kind,
        media.media_type,
        media.size,
        media.width or None,
        media.height or None,
        media.tenths / 10 if media.kind in {"voice", "video"} else None,
        media.name if media.kind == "file" else None,
        media.thumb is not None,
    )


# --- Judging --------------------------------------------------------------------------------------


def sniff(data: bytes) -> str:
    """The family that the first bytes tell: jpeg, png, webp, gif, heif, mp4, webm, ogg, or ''."""
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return "gif"
    if data[:4] == b"OggS":
        return "ogg"
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return "webm"
    if data[4:8] == b"ftyp":
        return "heif" if data[8:12] in HEIF_BRANDS else "mp4"
    return ""


HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
)
PICTURES = frozenset(("jpeg", "png", "webp", "gif", "heif"))


def prepare(kind: Kind, data: bytes, name: str) -> Prepared:
    """Judge and clean an upload; takes a moment for pictures, so call it in a thread.

    Refusals media_unreadable, media_type_refused, media_too_long.
    """
    try:
        if kind == "picture":
            return _prepare_picture(data)
        if kind == "file":
            return _prepare_file(data, name)
        return _prepare_recording(kind, data)
    except Unreadable as error:
        raise MediaUnreadable(why=str(error)) from error


def _prepare_picture(data: bytes) -> Prepared:
    family = sniff(data)
    if family not in PICTURES:
        raise MediaTypeRefused(type=family or "unknown")
    picture = read_picture(data)
    return Prepared(
        picture.media_type,
        picture.content,
        picture.width,
        picture.height,
        thumb=picture.thumb,
        blur=picture.blur,
    )


def _prepare_recording(kind: Kind, data: bytes) -> Prepared:
    family = sniff(data)
    readers = {"ogg": read_ogg, "webm": read_webm, "mp4": read_mp4}
    if family not in readers or (family == "ogg" and kind == "video"):
        raise MediaTypeRefused(type=family or "unknown")
    film = readers[family](data)
    check_recording(kind, film)
    media_type = f"{'audio' if kind == 'voice' else 'video'}/{family}"
    return Prepared(media_type, film.cleaned, film.width, film.height, max(1, round(film.seconds * 10)))


def check_recording(kind: Kind, film: Film) -> None:
    """Refusals media_type_refused, media_unreadable, media_too_long."""
    if kind == "voice":
        if film.pictures or len(film.sounds) != 1:
            raise MediaUnreadable(why="a voice is one track of sound")
        allowed = VOICE_CODECS
    else:
        if len(film.pictures) != 1 or len(film.sounds) > 1:
            raise MediaUnreadable(why="a film is one track of pictures, and at most one of sound")
        if not 0 < film.width <= LONGEST_FILM_SIDE or not 0 < film.height <= LONGEST_FILM_SIDE:
            raise MediaUnreadable(why="a film has a size")
        allowed = FILM_SOUNDS | FILM_PICTURES
    if strange := {*film.sounds, *film.pictures} - allowed:
        raise MediaTypeRefused(type=ascii(min(strange))[:60])
    if film.seconds > LONGEST_SECONDS + GRACE_SECONDS:
        raise MediaTooLong(seconds=min(round(film.seconds), 1 << 40), most=LONGEST_SECONDS)
    if film.seconds <= 0:
        raise MediaUnreadable(why="nothing was recorded")


# --- Files ----------------------------------------------------------------------------------------

RUNNABLE_NAMES = frozenset(
    (
        "apk",
        "app",
        "appimage",
        "bat",
        "bin",
        "cmd",
        "com",
        "command",
        "cpl",
        "crx",
        "deb",
        "desktop",
        "dll",
        "dmg",
        "elf",
        "exe",
        "gadget",
        "hta",
        "htm",
        "html",
        "inf",
        "ins",
        "ipa",
        "iso",
        "jar",
        "job",
        "js",
        "jse",
        "jsp",
        "ksh",
        "lnk",
        "mht",
        "mhtml",
        "mjs",
        "msc",
        "msi",
        "msix",
        "msp",
        "mst",
        "pif",
        "pkg",
        "ps1",
        "psm1",
        "reg",
        "rgs",
        "rpm",
        "run",
        "scf",
        "scr",
        "sct",
        "sh",
        "shtml",
        "svg",
        "svgz",
        "swf",
        "sys",
        "url",
        "vb",
        "vbe",
        "vbs",
        "vbscript",
        "vhd",
        "vhdx",
        "wasm",
        "wsc",
        "wsf",
        "wsh",
        "xhtml",
        "xht",
        "xll",
        "xml",
        "xsl",
    )
)
RUNNABLE_BEGINNINGS = (
    b"MZ",  # Windows
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",  # Java classes and fat Mach-O
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"\0asm",
    b"L\0\0\0\x01\x14\x02\0",  # a Windows shortcut
)
MARKUP = re.compile(rb"(?i)<(!doctype\s+html|html|script|svg|iframe|body|\?xml)[\s>]")
MARKUP_WITHIN = 1_024
"""How far browsers look for signs of a page (WHATWG MIME Sniffing, section 7.1)."""
FILE_TYPES = {
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"\x1f\x8b": "application/gzip",
    b"7z\xbc\xaf\x27\x1c": "application/x-7z-compressed",
    b"\xd0\xcf\x11\xe0": "application/x-ole-storage",
}


def _prepare_file(data: bytes, name: str) -> Prepared:
    ending = name.rpartition(".")[2].lower()
    if ending in RUNNABLE_NAMES and "." in name:
        raise MediaTypeRefused(type=ending)
    if data.startswith(RUNNABLE_BEGINNINGS) or MARKUP.search(data[:MARKUP_WITHIN]):
        raise MediaTypeRefused(type="program or page")
    known = (kind for beginning, kind in FILE_TYPES.items() if data.startswith(beginning))
    return Prepared(next(known, "application/octet-stream"), data)


def clean_file_name(text: str) -> str:
    """A name that is shown and saved: no folders, no invisible or direction-changing characters."""
    base = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    kept = "".join(one for one in base if unicodedata.category(one)[0] not in {"C", "Z"} or one == " ").strip(
        " ."
    )
    if len(kept) > LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: LONGEST_NAME - 11]}…{dot}{ending}" if len(ending) <= 9 else kept[:LONGEST_NAME]
    return kept or "file"


# --- Messages -------------------------------------------------------------------------------------


class MediaBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a phone may say in a message of a media kind."""

    media: UUID
    waveform: list[int] | None = None
    poster: UUID | None = None


def wrong_body(kind: Kind, body: MediaBody) -> str | None:
    """What is wrong with a body for its kind; None when nothing is."""
    if kind == "voice":
        waveform = body.waveform or []
        if not 1 <= len(waveform) <= LONGEST_WAVEFORM or not all(0 <= one <= LOUDEST for one in waveform):
            return "waveform"
    elif body.waveform is not None:
        return "waveform"
    if body.poster is not None and kind != "video":
        return "poster"
    return None


def message_body(media: Media, asked: MediaBody, poster: Media | None = None) -> dict[str, object]:
    """The body of the message, in our words. `blur`: colours that stand in its place until it has come."""
    body: dict[str, object] = {"media": str(media.id), "type": media.media_type, "bytes": media.size}
    if media.kind in {"picture", "video"}:
        body |= {"width": media.width, "height": media.height}
    if media.kind == "picture":
        body["thumb"] = media.thumb is not None
    if (shown := poster if media.kind == "video" else media) is not None and shown.blur is not None:
        body["blur"] = shown.blur.hex()
    if media.kind in {"voice", "video"}:
        body["seconds"] = media.tenths / 10
    if media.kind == "voice":
        body["waveform"] = asked.waveform
    if media.kind == "video" and asked.poster is not None:
        body["poster"] = str(asked.poster)
    if media.kind == "file":
        body["name"] = media.name
    return body
