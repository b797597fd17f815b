"""Sound and film as they come: Ogg, WebM and MP4 read far enough to judge them, and cleaned in place.

A phone's word about a file is worth nothing, so its kind, its length and its size on screen are read from its
own bytes. We do not decode: a decoder's bugs are the reader's browser's, which has a sandbox for them. What
the containers say beside sound and picture (titles, places, attachments, covers) is overwritten with the
container's own padding, byte for byte, so that nothing else moves.

Sources: Ogg RFC 3533, Opus in Ogg RFC 7845, EBML RFC 8794, Matroska RFC 9559, ISO 14496-12 (MP4's boxes).
"""

import struct
from collections.abc import Iterator

import msgspec

MOST_ELEMENTS = 400_000
"""A minute of film has some ten thousand parts; a file of millions only wants to keep us busy."""

OPUS_RATE = 48_000


class Unreadable(ValueError):
    """The bytes are not what their beginning says."""


class Film(msgspec.Struct, frozen=True):
    """What a recording holds: its length, codecs (of sound, of pictures), size on screen, cleaned bytes."""

    seconds: float
    sounds: tuple[str, ...]
    pictures: tuple[str, ...]
    width: int
    height: int
    cleaned: bytes


# --- Ogg ------------------------------------------------------------------------------------------


def read_ogg(data: bytes) -> Film:
    """One Opus stream in Ogg. Raises Unreadable."""
    serial: int | None = None
    newest = skip = 0
    cleaned = bytearray(data)
    for number, (start, end, granule, page_serial) in enumerate(_ogg_pages(data)):
        head = start + 27 + data[start + 26]
        if number == 0:
            if data[head : head + 8] != b"OpusHead" or end - head < 19:
                raise Unreadable("no Opus stream")
            serial, skip = page_serial, int.from_bytes(data[head + 10 : head + 12], "little")
        elif page_serial != serial:
            raise Unreadable("more than one stream")
        elif number == 1:
            _clean_opus_tags(cleaned, start, head, end)
        elif granule != (1 << 64) - 1:
            newest = max(newest, granule)
    if serial is None:
        raise Unreadable("empty")
    return Film(max(0, newest - skip) / OPUS_RATE, ("opus",), (), 0, 0, bytes(cleaned))


def _ogg_pages(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    at = pages = 0
    while at < len(data):
        if data[at : at + 5] != b"OggS\0" or at + 27 > len(data):
            raise Unreadable("a broken page")
        segments = data[at + 26]
        end = at + 27 + segments + sum(data[at + 27 : at + 27 + segments])
        pages += 1
        if end > len(data) or pages > MOST_ELEMENTS:
            raise Unreadable("a cut page")
        granule, serial = struct.unpack_from("<QI", data, at + 6)
        yield at, end, granule, serial
        at = end


def _clean_opus_tags(cleaned: bytearray, start: int, head: int, end: int) -> None:
    """Take the comments out of the second page and mend its checksum; the page keeps its length."""
    if cleaned[head : head + 8] != b"OpusTags" or end - head < 16:
        raise Unreadable("no tags where they must be")
    cleaned[head + 8 : end] = bytes(end - head - 8)  # no vendor, no comments, and padding
    cleaned[start + 22 : start + 26] = bytes(4)
    cleaned[start + 22 : start + 26] = _ogg_checksum(cleaned[start:end]).to_bytes(4, "little")


def _ogg_table() -> list[int]:
    table = []
    for byte in range(256):
        word = byte << 24
        for _ in range(8):
            word = (word << 1 ^ 0x04C11DB7 if word & 0x80000000 else word << 1) & 0xFFFFFFFF
        table.append(word)
    return table


OGG_TABLE = _ogg_table()


def _ogg_checksum(page: bytearray) -> int:
    word = 0
    for byte in page:
        word = (word << 8 & 0xFFFFFFFF) ^ OGG_TABLE[word >> 24 ^ byte]
    return word


# --- WebM -----------------------------------------------------------------------------------------

EBML, SEGMENT, INFO, TRACKS, TRACK = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE
CLUSTER, GROUP, VIDEO, AUDIO = 0x1F43B675, 0xA0, 0xE0, 0xE1
OPENED = frozenset((EBML, SEGMENT, INFO, TRACKS, TRACK, CLUSTER, GROUP, VIDEO, AUDIO))
"""Elements that are looked into; all others are stepped over."""
UNSIZED = frozenset((SEGMENT, CLUSTER))
"""Those that a live recorder leaves without a length."""
DOC_TYPE, SCALE, DURATION, CODEC, WIDTH, HEIGHT = 0x4282, 0x2AD7B1, 0x4489, 0x86, 0xB0, 0xBA
CLUSTER_TIME, SIMPLE_BLOCK, BLOCK = 0xE7, 0xA3, 0xA1
TAGS, ATTACHMENTS, CHAPTERS, TITLE, DATE, TRACK_NAME = (
    0x1254C367,
    0x1941A469,
    0x1043A770,
    0x7BA9,
    0x4461,
    0x536E,
)
SPOKEN = frozenset((TAGS, ATTACHMENTS, CHAPTERS, TITLE, DATE, TRACK_NAME))
"""What somebody wrote into the file; it becomes padding (Void)."""


def read_webm(data: bytes) -> Film:
    """A WebM file, also a live recording without lengths. Raises Unreadable."""
    cleaned = bytearray(data)
    doc_type, codecs = b"", []
    scale, length, newest, cluster, width, height = 1_000_000, 0.0, 0, 0, 0, 0
    for element, start, payload, size in _elements(data):
        value = data[payload : payload + size]
        if element == DOC_TYPE:
            doc_type = value.rstrip(b"\0")
        elif element == SCALE:
            scale = _number(value)
        elif element == DURATION:
            length = _real(value)
        elif element == CODEC:
            codecs.append(value[:40].rstrip(b"\0").decode("ascii", "replace"))
        elif element == WIDTH:
            width = max(width, _number(value))
        elif element == HEIGHT:
            height = max(height, _number(value))
        elif element == CLUSTER_TIME:
            cluster = _number(value)
            newest = max(newest, cluster)
        elif element in {SIMPLE_BLOCK, BLOCK}:
            newest = max(newest, cluster + _block_time(value))
        elif element in SPOKEN:
            _void(cleaned, start, payload + size)
    if doc_type != b"webm":
        raise Unreadable("not WebM")
    pictures = tuple(name for name in codecs if name.startswith("V_"))
    sounds = tuple(name for name in codecs if name.startswith("A_"))
    if len(pictures) + len(sounds) != len(codecs):
        raise Unreadable("a track that is neither sound nor picture")
    # A lying Duration cannot shorten the blocks, nor blocks shorten an honest Duration.
    seconds = max(newest, length) * scale / 1_000_000_000
    return Film(seconds, sounds, pictures, min(width, 1 << 20), min(height, 1 << 20), bytes(cleaned))


def _elements(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(id, start, payload, size) of every element, those in OPENED before what they contain."""
    at = seen = 0
    while at < len(data):
        start = at
        element, at = _vint(data, at, keep_marker=True)
        size, after = _vint(data, at, keep_marker=False)
        unknown = size == (1 << 7 * (after - at)) - 1
        at, seen = after, seen + 1
        if seen > MOST_ELEMENTS:
            raise Unreadable("too many parts")
        if element in OPENED:
            if unknown and element not in UNSIZED:
                raise Unreadable("an element without a length")
            continue
        if unknown or at + size > len(data):
            raise Unreadable("a cut element")
        yield element, start, at, size
        at += size


def _vint(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    if at >= len(data) or data[at] == 0:
        raise Unreadable("a broken number")
    length = 9 - data[at].bit_length()
    if at + length > len(data) or (keep_marker and length > 4):
        raise Unreadable("a cut number")
    value = int.from_bytes(data[at : at + length])
    return (value if keep_marker else value & ((1 << 7 * length) - 1)), at + length


def _number(value: bytes) -> int:
    if len(value) > 8:
        raise Unreadable("too long a number")
    return int.from_bytes(value)


def _real(value: bytes) -> float:
    if len(value) not in {0, 4, 8}:
        raise Unreadable("a broken length")
    number = struct.unpack(">f" if len(value) == 4 else ">d", value)[0] if value else 0.0
    if not 0 <= number < 1e15:
        raise Unreadable("an impossible length")
    return float(number)


def _block_time(block: bytes) -> int:
    """A block's time within its cluster: 16 signed bits after the track's number."""
    _, at = _vint(block, 0, keep_marker=False)
    if at + 2 > len(block):
        raise Unreadable("a cut block")
    return int.from_bytes(block[at : at + 2], signed=True)


def _void(cleaned: bytearray, start: int, end: int) -> None:
    length = end - start
    head = bytes([0xEC, 0x80 | length - 2]) if length < 10 else b"\xec\x01" + (length - 9).to_bytes(7)
    cleaned[start:end] = head + bytes(length - len(head))


# --- MP4 ------------------------------------------------------------------------------------------

BOXES = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"))
SPOKEN_BOXES = frozenset((b"udta", b"meta", b"uuid"))


class _Track:
    def __init__(self) -> None:
        self.kind, self.codec, self.scale, self.ends = b"", b"", 0, 0
        self.width = self.height = self.number = 0


def read_mp4(data: bytes) -> Film:
    """An MP4 file, whole or in fragments. Raises Unreadable."""
    cleaned = bytearray(data)
    tracks: list[_Track] = []
    movie = 0.0
    fragment = _Fragment(tracks)
    for kind, start, payload, end in _boxes(data):
        value = data[payload:end] if kind not in BOXES else b""
        if kind == b"trak":
            tracks.append(_Track())
        elif kind in SPOKEN_BOXES:
            cleaned[start + 4 : start + 8] = b"free"
            cleaned[payload:end] = bytes(end - payload)
        elif kind == b"mvhd":
            scale, length = _times(value)
            movie = length / scale if scale and length != (1 << 32) - 1 else 0.0
        elif kind in {b"tkhd", b"mdhd", b"hdlr", b"stsd"} and tracks:
            _about_track(tracks[-1], kind, value)
        elif kind in {b"tfhd", b"tfdt", b"trun", b"trex"}:
            fragment.hear(kind, value)
    sounds = tuple(track.codec.decode("latin1") for track in tracks if track.kind == b"soun")
    films = [track for track in tracks if track.kind == b"vide"]
    if not tracks or any(track.kind not in {b"soun", b"vide"} for track in tracks):
        raise Unreadable("a track that is neither sound nor picture")
    seconds = max([movie, *(track.ends / track.scale for track in tracks if track.scale)])
    return Film(
        seconds,
        sounds,
        tuple(track.codec.decode("latin1") for track in films),
        max((track.width for track in films), default=0),
        max((track.height for track in films), default=0),
        bytes(cleaned),
    )


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """(kind, start, payload, end) of every box, those in BOXES before what they contain."""
    at = seen = 0
    ends = [len(data)]
    while at < len(data):
        while len(ends) > 1 and at >= ends[-1]:
            ends.pop()
        start = at
        if at + 8 > ends[-1]:
            raise Unreadable("a cut box")
        size, kind = struct.unpack_from(">I4s", data, at)
        at += 8
        if size == 1:
            if at + 8 > ends[-1]:
                raise Unreadable("a cut box")
            size, at = struct.unpack_from(">Q", data, at)[0], at + 8
        end = ends[-1] if size == 0 else start + size
        seen += 1
        if end < at or end > ends[-1] or seen > MOST_ELEMENTS:
            raise Unreadable("a cut box")
        if kind in BOXES:
            if len(ends) > 10:
                raise Unreadable("boxes too deep")
            ends.append(end)
            yield kind, start, at, end
        else:
            yield kind, start, at, end
            at = end


def _times(value: bytes) -> tuple[int, int]:
    """Scale and length of `mvhd` or `mdhd`."""
    form = ">II" if value[:1] == b"\0" else ">IQ"
    return _unpack(form, value, 12 if value[:1] == b"\0" else 20)


def _unpack(form: str, value: bytes, at: int) -> tuple[int, int]:
    try:
        first, second = struct.unpack_from(form, value, at)
    except struct.error as error:
        raise Unreadable("a short box") from error
    return first, second


def _about_track(track: _Track, kind: bytes, value: bytes) -> None:
    if kind == b"tkhd":
        if len(value) < 84:
            raise Unreadable("a short box")
        track.number = _unpack(">II", value, 12 if value[:1] == b"\0" else 20)[0]
        width, height = _unpack(">II", value, len(value) - 8)
        track.width, track.height = width >> 16, height >> 16
    elif kind == b"mdhd":
        track.scale, length = _times(value)
        if length < (1 << 32) - 1:
            track.ends = length
    elif kind == b"hdlr":
        track.kind = value[8:12]
    elif kind == b"stsd":
        track.codec = value[12:16]


class _Fragment:
    """Adds up the lengths of the samples that fragments bring, track by track."""

    def __init__(self, tracks: list[_Track]) -> None:
        self._tracks = tracks
        self._usual: dict[int, int] = {}
        self._track: _Track | None = None
        self._each = self._time = 0

    def hear(self, kind: bytes, value: bytes) -> None:
        if kind == b"trex":
            number, _ = _unpack(">II", value, 4)
            self._usual[number] = _unpack(">II", value, 12)[0]
        elif kind == b"tfhd":
            flags = int.from_bytes(value[1:4])
            number, _ = _unpack(">II", value + bytes(8), 4)
            self._track = next((track for track in self._tracks if track.number == number), None)
            self._each = self._usual.get(number, 0)
            if flags & 8:
                at = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
                self._each = _unpack(">II", value + bytes(8), at)[0]
            self._time = self._track.ends if self._track else 0
        elif kind == b"tfdt":
            self._time = int.from_bytes(value[4 : 8 if value[:1] == b"\0" else 12])
        elif self._track is not None:
            self._time += self._run(value)
            self._track.ends = max(self._track.ends, self._time)

    def _run(self, value: bytes) -> int:
        """The length of a `trun`: its samples' own lengths, or as many usual ones."""
        flags = int.from_bytes(value[1:4])
        count = int.from_bytes(value[4:8])
        if not flags & 0x100:
            return count * self._each
        at = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
        width = 4 * sum(1 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
        if at + count * width > len(value):
            raise Unreadable("a short box")
        return sum(int.from_bytes(value[place : place + 4]) for place in range(at, at + count * width, width))
