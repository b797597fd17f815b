"""What a preview is, and how it is read out of a page: pure."""

import ipaddress
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import msgspec

from wufu.core.refusals import Refusal

LONGEST_TITLE, LONGEST_TEXT = 120, 240
PORTS = {"http": 80, "https": 443}


class PreviewsOff(Refusal):
    """This installation fetches nothing."""

    code = "previews_off"
    status = 404


class NoPreview(Refusal):
    """There is none to be had; `why`: address, private, answer, size, kind, time or empty."""

    code = "no_preview"
    status = 404


class TooManyPreviews(Refusal):
    code = "too_many_previews"
    status = 429


class Preview(msgspec.Struct, frozen=True):
    """What a page says of itself, without any markup."""

    host: str
    title: str
    text: str


def checked_url(url: str, base: str = "") -> str:
    """An address of the web on its usual port, without a user. Refusal no_preview."""
    whole = urljoin(base, url) if base else url
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        raise NoPreview(why="address") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise NoPreview(why="address")
    if port not in (None, PORTS[parts.scheme]):
        raise NoPreview(why="address")
    return whole


def is_public(address: str) -> bool:
    """Whether an IP address is anybody's: not a private, local, shared, reserved or multicast one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def read_page(host: str, page: str) -> Preview:
    """Title and description of a page. Refusal no_preview when it says neither."""
    reader = _Reader()
    reader.feed(page)
    title = reader.said.get("og:title") or reader.title
    text = reader.said.get("og:description") or reader.said.get("description") or ""
    found = Preview(host, _plain(title, LONGEST_TITLE), _plain(text, LONGEST_TEXT))
    if not found.title and not found.text:
        raise NoPreview(why="empty")
    return found


class _Reader(HTMLParser):
    """Keeps the title and what meta elements say, as far as the head goes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.said: dict[str, str] = {}
        self._in_title = self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._is_over = True
        self._in_title = tag == "title" and not self._is_over and not self.title
        if tag == "meta" and not self._is_over:
            given = {name: value or "" for name, value in attrs}
            name = (given.get("property") or given.get("name") or "").lower()
            self.said.setdefault(name, given.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        self._is_over = self._is_over or tag == "head"
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def _plain(text: str, most: int) -> str:
    """One line of visible characters, cut at a length."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: 8 * most])
    line = re.sub(r"\s+", " ", kept).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
