"""Asking a host for its page, so that neither we nor anybody near us can be reached through it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit, urlunsplit

import httpx

from wufu.chat.previews.model import NoPreview, Preview, checked_url, is_public, read_page

PATIENCE_SECONDS = 5.0
MOST_BYTES = 256 * 1024
MOST_REDIRECTS = 3
AGENT = "WufuPreview/1 (+link preview; asks once for many)"

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


async def fetch_preview(
    url: str,
    *,
    resolve: Resolve = resolve,
    may_ask: Callable[[str], bool] = is_public,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Preview:
    """The preview of a page. Refusal no_preview {why}, whatever goes wrong on the way."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await _follow(checked_url(url), resolve, may_ask, transport)
    except TimeoutError:
        raise NoPreview(why="time") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
        raise NoPreview(why="answer") from None


async def _follow(
    url: str,
    resolve: Resolve,
    may_ask: Callable[[str], bool],
    transport: httpx.AsyncBaseTransport | None,
) -> Preview:
    # Without the environment's proxies: they would resolve the name again, and elsewhere.
    async with httpx.AsyncClient(trust_env=False, transport=transport, timeout=PATIENCE_SECONDS) as client:
        for _ in range(MOST_REDIRECTS + 1):
            host, request = await _ask(client, url, resolve, may_ask)
            answer = await client.send(request, stream=True, follow_redirects=False)
            try:
                if answer.is_redirect:
                    url = checked_url(answer.headers.get("location", ""), url)
                    continue
                return read_page(host, await _page(answer))
            finally:
                await answer.aclose()
    raise NoPreview(why="answer")


async def _ask(
    client: httpx.AsyncClient, url: str, resolve: Resolve, may_ask: Callable[[str], bool]
) -> tuple[str, httpx.Request]:
    """A request to the very address that was looked at, for the name that was asked for."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = await resolve(host, port)
    if not addresses or not all(map(may_ask, addresses)):
        raise NoPreview(why="private")
    at = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    to = urlunsplit((parts.scheme, at if parts.port is None else f"{at}:{port}", parts.path, parts.query, ""))
    headers = {
        "Host": parts.netloc,
        "User-Agent": AGENT,
        "Accept": "text/html",
        "Accept-Encoding": "identity",
    }
    return host, client.build_request("GET", to, headers=headers, extensions={"sni_hostname": host})


async def _page(answer: httpx.Response) -> str:
    if not answer.is_success:
        raise NoPreview(why="answer")
    if not answer.headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml")):
        raise NoPreview(why="kind")
    # Packed answers are not asked for and not unpacked: a small one can be a very large page.
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise NoPreview(why="kind")
    read = b""
    async for piece in answer.aiter_bytes():
        read += piece
        if len(read) >= MOST_BYTES:
            break  # a title stands near the beginning
    return read[:MOST_BYTES].decode(answer.charset_encoding or "utf-8", errors="replace")
