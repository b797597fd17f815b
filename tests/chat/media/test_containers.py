"""Sounds and films: measured from their own bytes, cleaned in place, refused when broken or wrong."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.media.clips import GPS, box, element, mp4, ogg, ogg_page, webm
from wufu.chat.media.containers import Unreadable, read_mp4, read_ogg, read_webm
from wufu.chat.media.model import (
    MediaTooLong,
    MediaTypeRefused,
    MediaUnreadable,
    clean_file_name,
    prepare,
    sniff,
)
from wufu.core.refusals import Refusal

READERS = {"ogg": read_ogg, "webm": read_webm, "mp4": read_mp4}
GOOD = {
    "ogg": ogg(12.5),
    "webm live": webm(12.5),
    "webm": webm(12.5, live=False),
    "webm film": webm(12.5, ("V_VP9", "A_OPUS")),
    "mp4": mp4(12.5),
    "mp4 fragments": mp4(12.0, fragments=True),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_length_is_read_from_the_sound_itself(name: str) -> None:
    film = READERS[name.split(maxsplit=1)[0]](GOOD[name])
    assert film.seconds == pytest.approx(12.0 if "fragments" in name else 12.5, abs=0.05)


@pytest.mark.parametrize("name", GOOD)
def test_what_was_written_beside_the_sound_is_gone_and_nothing_else_moved(name: str) -> None:
    data = GOOD[name]
    assert GPS in data
    film = READERS[name.split(maxsplit=1)[0]](data)
    assert GPS not in film.cleaned
    assert len(film.cleaned) == len(data)
    again = READERS[name.split(maxsplit=1)[0]](film.cleaned)
    assert (again.seconds, again.sounds, again.pictures) == (film.seconds, film.sounds, film.pictures)
    assert again.cleaned == film.cleaned


@pytest.mark.parametrize(
    ("kind", "data", "media_type"),
    [
        ("voice", ogg(), "audio/ogg"),
        ("voice", webm(), "audio/webm"),
        ("voice", mp4(tracks=((b"soun", b"mp4a"),), fragments=True), "audio/mp4"),
        ("video", webm(5, ("V_VP8", "A_OPUS")), "video/webm"),
        ("video", mp4(), "video/mp4"),
        ("video", mp4(tracks=((b"vide", b"hvc1"),)), "video/mp4"),
    ],
)
def test_recordings_of_browsers_and_phones_are_taken(kind: str, data: bytes, media_type: str) -> None:
    prepared = prepare(kind, data, "")  # type: ignore[arg-type]
    assert prepared.media_type == media_type
    assert prepared.tenths in {30, 50}
    assert (prepared.width, prepared.height) == ((320, 240) if kind == "video" else (0, 0))


@pytest.mark.parametrize(
    ("kind", "data", "refusal"),
    [
        ("voice", ogg(61.5), MediaTooLong),
        ("voice", webm(61.5), MediaTooLong),
        ("video", mp4(61.5), MediaTooLong),
        ("video", mp4(62, fragments=True), MediaTooLong),
        ("voice", webm(3, ("A_OPUS", "A_OPUS")), MediaUnreadable),
        ("voice", webm(3, ("V_VP9", "A_OPUS")), MediaUnreadable),
        ("voice", webm(3, ("A_VORBIS",)), MediaTypeRefused),
        ("voice", mp4(), MediaUnreadable),
        ("voice", b"RIFF1234WAVEfmt ", MediaTypeRefused),
        ("voice", b"ID3 an old song", MediaTypeRefused),
        ("video", ogg(), MediaTypeRefused),
        ("video", webm(), MediaUnreadable),
        ("video", webm(3, ("V_EVIL",)), MediaTypeRefused),
        ("video", webm(3, ("V_VP9",), size=(0, 240)), MediaUnreadable),
        ("video", webm(3, ("V_VP9", "S_TEXT/UTF8")), MediaUnreadable),
        ("video", mp4(tracks=((b"vide", b"avc1"), (b"text", b"tx3g"))), MediaUnreadable),
        ("video", mp4(tracks=((b"vide", b"evil"),)), MediaTypeRefused),
    ],
)
def test_what_is_too_long_or_something_else_is_refused(
    kind: str, data: bytes, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        prepare(kind, data, "")  # type: ignore[arg-type]


def test_a_length_that_lies_does_not_make_a_recording_shorter() -> None:
    long = webm(90, live=False)
    honest = read_webm(long).seconds
    lying = long.replace(element(0x4489, b"\x40\xf5\xf9\x00\0\0\0\0"), element(0x4489, bytes(8)))
    assert lying != long
    assert read_webm(lying).seconds == pytest.approx(honest)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_cut_anywhere_is_read_or_refused(name: str) -> None:
    data = GOOD[name]
    for end in range(0, len(data), max(1, len(data) // 300)):
        _read_or_refuse(READERS[name.split(maxsplit=1)[0]], data[:end])


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("seed", range(3))
def test_a_file_broken_anywhere_is_read_or_refused(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    for _ in range(150):
        data = bytearray(GOOD[name])
        for _ in range(chance.choice((1, 2, 8, 40))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        _read_or_refuse(READERS[name.split(maxsplit=1)[0]], bytes(data))


@given(st.binary(max_size=300), st.sampled_from(sorted(READERS)))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    _read_or_refuse(READERS[name], data)
    beginnings = {"ogg": b"OggS\0", "webm": element(0x1A45DFA3, b""), "mp4": box(b"ftyp", b"isom")}
    _read_or_refuse(READERS[name], beginnings[name] + data)


def _read_or_refuse(reader: object, data: bytes) -> None:
    assert callable(reader)
    try:
        film = reader(data)
    except Unreadable:
        return
    assert film.seconds >= 0
    assert len(film.cleaned) == len(data)


def test_a_million_parts_are_not_walked_through() -> None:
    with pytest.raises(Unreadable):
        read_webm(element(0x1A45DFA3, b"") + b"\xec\x80" * 500_000)
    with pytest.raises(Unreadable):
        read_mp4(box(b"free", b"") * 500_000)
    with pytest.raises(Unreadable):
        read_mp4(_nested(200))


def _nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(b"moov", data)
    return data


def test_chained_streams_are_refused() -> None:
    with pytest.raises(Unreadable):
        read_ogg(ogg(2) + ogg_page(b"OpusHead" + bytes(11), 0, 0, serial=8))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("报告.pdf", "报告.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\dong\\a.txt", "a.txt"),
        ("harmless\u202efdp.exe", "harmlessfdp.exe"),
        ("a\0b\nc.txt", "abc.txt"),
        ("   ", "file"),
        ("", "file"),
        (".hidden", "hidden"),
        ("x" * 300 + ".tar", "x" * 109 + "….tar"),
    ],
)
def test_file_names_are_harmless(name: str, shown: str) -> None:
    assert clean_file_name(name) == shown
    assert len(shown) <= 120


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.exe", b"anything"),
        ("a.PDF.Scr", b"anything"),
        ("a.html", b"anything"),
        ("a.svg", b"anything"),
        ("a.txt", b"MZ\x90\0"),
        ("a.txt", b"\x7fELF\2"),
        ("a.txt", b"#!/bin/sh\n"),
        ("a.txt", b"  <!DOCTYPE html><p>"),
        ("a.txt", b"\xef\xbb\xbf<script >alert(1)</script>"),
        ("a.pdf", b"%PDF-1.7 <svg onload=x>"),
    ],
)
def test_files_that_a_click_could_run_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(MediaTypeRefused):
        prepare("file", data, name)


def test_other_files_are_carried_as_they_are() -> None:
    assert prepare("file", b"%PDF-1.7\n", "a.pdf").media_type == "application/pdf"
    assert prepare("file", b"a < b > c", "a.txt").content == b"a < b > c"
    assert prepare("file", b"PK\x03\x04", "a.docx").media_type == "application/zip"


def test_the_first_bytes_tell_the_family() -> None:
    families = {name: sniff(data) for name, data in GOOD.items()}
    assert families == {name: name.split()[0] for name in GOOD}
    assert sniff(b"") == sniff(b"hello") == ""
