"""The first and last to see an HTTP request: what is let in, what headers go out, what a fault looks like.

Requests under `/api` are read whole before anything else happens, so that a body too large, or one that is no
JSON at all, is refused in one way whatever the route does with it. What comes under `/api/upload/` is a file
and no JSON: its route reads it by `read_upload`, after it knows who asks. An exception that nobody handled
becomes a coded refusal here: `server_busy` while the database is away, `server_error` for a bug of ours.
"""

import logging

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wufu.core.refusals import BodyTooLarge, MalformedBody, Refusal, ServerBusy
from wufu.db import DatabaseAway
from wufu.edge.batch import ServerError
from wufu.edge.bodies import read_json
from wufu.edge.verbs import render

log = logging.getLogger("wufu.http")

API = "/api/"
UPLOAD = "/api/upload/"
LARGEST_HTTP_BODY = 64 * 1024
LARGEST_UPLOAD = 64 * 1024 * 1024
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws://127.0.0.1:* ws://localhost:* wss:; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", POLICY.encode()),
]


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_api = scope["path"].startswith(API)
        # What one person sees must not be kept for the next one who uses the browser.
        extra = [*HEADERS, (b"cache-control", b"no-store")] if is_api else HEADERS
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                # A route that says something stricter about its own answer has the last word.
                said = {name.lower() for name, _ in message["headers"]}
                added = [header for header in extra if header[0] not in said]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            if scope["path"].startswith(UPLOAD):
                _check_upload(scope)
                body = receive
            else:
                body = _replayed(await _read(scope, receive), receive) if is_api else receive
            await self._app(scope, body, send_guarded)
            return
        except ClientDisconnect:
            return
        except Refusal as refusal:
            answer = refusal
        except DatabaseAway:
            answer = ServerBusy()
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            answer = ServerError()
        if not started:
            response = Response(render(answer), answer.status, media_type="application/json")
            await response(scope, receive, send_guarded)


async def read_upload(request: Request, most: int) -> bytes:
    """The body of a request under `/api/upload/`, at most `most` bytes.

    Refusal body_too_large, as soon as it is known; ClientDisconnect when the rest never came.
    """
    assert most <= LARGEST_UPLOAD
    _check_length(request.scope, most)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise BodyTooLarge(bytes=len(body), most=most)
    return bytes(body)


def _check_upload(scope: Scope) -> None:
    _check_address(scope)
    _check_length(scope, LARGEST_UPLOAD)


def _check_address(scope: Scope) -> None:
    if b"%00" in scope["query_string"] or "\0" in scope["path"]:
        raise MalformedBody(where="address", why="The character U+0000 is not allowed")


def _check_length(scope: Scope, most: int) -> None:
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > most:
        raise BodyTooLarge(bytes=int(announced), most=most)


async def _read(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Refusals body_too_large, malformed_body; ClientDisconnect when it never came."""
    _check_address(scope)
    _check_length(scope, LARGEST_HTTP_BODY)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_HTTP_BODY:
            raise BodyTooLarge(bytes=len(body), most=LARGEST_HTTP_BODY)
    if body:
        read_json(body)
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, and then whatever comes."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
