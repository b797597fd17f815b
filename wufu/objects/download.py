"""Objects over HTTP: a body that streams piece by piece, with headers under which it can do no harm.

Whether the asker may have the object was decided before. What is no picture, sound or film of a known kind
is given as a download that no browser opens as a page. One range is served (players seek by it); each
piece is checked before any of it is sent, the first one before the answer begins.
"""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from wufu.objects.model import PIECE, Shelved
from wufu.objects.place import ObjectStore

SHOWN = re.compile(r"image/(jpeg|png|webp|gif|avif)|(audio|video)/(webm|ogg|mp4|mpeg)(;.*)?")
"""What may be shown in a page. Not SVG: it can carry scripts."""
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}


async def download(
    objects: ObjectStore, shelved: Shelved, request: Request, *, name: str | None = None
) -> Response:
    """The answer that gives an object. `name`: what a saved file is called.

    Refusals object_gone, object_damaged; status 416 for a range that is not there.
    """
    asked = _asked(request.headers.get("range"), shelved.size)
    if asked == (0, 0) and shelved.size:
        return Response(status_code=416, headers={"content-range": f"bytes */{shelved.size}"})
    first, end = asked or (0, shelved.size)
    headers = {**content_headers(shelved.media_type, name), "accept-ranges": "bytes"}
    headers["content-length"] = str(end - first)
    if asked is not None:
        headers["content-range"] = f"bytes {first}-{end - 1}/{shelved.size}"
    # Read before the answer begins, so that what is gone or damaged is refused in so many words.
    opening = await objects.read_piece(shelved, first // PIECE)
    body = _pieces(objects, shelved, first, end, opening)
    status = 200 if asked is None else 206
    return StreamingResponse(body, status, headers=headers, media_type=_media_type(shelved.media_type))


def content_headers(media_type: str, name: str | None = None) -> dict[str, str]:
    """The safe headers, also for bytes that were made on the way. RFC 6266 for the name."""
    shown = "inline" if SHOWN.fullmatch(media_type) else "attachment"
    named = "" if name is None else f"; filename*=UTF-8''{quote(name, safe='')}"
    return {**HEADERS, "content-disposition": shown + named}


async def _pieces(
    objects: ObjectStore, shelved: Shelved, first: int, end: int, opening: bytes
) -> AsyncIterator[bytes]:
    yield opening[first % PIECE :][: end - first]
    for begins in range((first // PIECE + 1) * PIECE, end, PIECE):
        piece = await objects.read_piece(shelved, begins // PIECE)
        yield piece[: end - begins]


def _asked(header: str | None, size: int) -> tuple[int, int] | None:
    """From where to where; None for all of it (also when several ranges are asked), (0, 0) for nowhere."""
    match = RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        begins, end = max(0, size - int(last)), size
    else:
        begins, end = int(first), min(size, int(last) + 1) if last else size
    return (begins, end) if begins < end else (0, 0)


def _media_type(media_type: str) -> str:
    return media_type if SHOWN.fullmatch(media_type) else "application/octet-stream"
