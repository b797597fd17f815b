"""What is fetched of a page, and what never is: nothing private can be reached through a link."""

from collections.abc import Callable

import httpx
import pytest

from wufu.chat.previews.fetch import MOST_BYTES, fetch_preview
from wufu.chat.previews.model import NoPreview, Preview, checked_url, is_public, read_page

PAGE = """<!doctype html><html><head><title> 集五福 &amp; more
</title><meta property="og:description" content="A  prize\u200b pool">
<meta name="description" content="other">
</head><body><title>not this</title><meta property="og:title" content="nor this"></body></html>"""


async def _fetch(
    answer: Callable[[httpx.Request], httpx.Response],
    url: str = "https://news.example/a?b=1",
    names: dict[str, list[str]] | None = None,
) -> Preview:
    async def resolve(host: str, _port: int) -> list[str]:
        return (names or {"news.example": ["93.184.216.34"]})[host]

    return await fetch_preview(url, resolve=resolve, transport=httpx.MockTransport(answer))


def _html(text: str = PAGE, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=text.encode(), headers={"content-type": "text/html", **headers})


async def test_title_and_description_come_without_markup_and_without_invisible_characters() -> None:
    assert await _fetch(lambda _: _html()) == Preview("news.example", "集五福 & more", "A prize pool")


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return _html()

    await _fetch(answer)
    (request,) = asked
    assert request.url.host == "93.184.216.34"
    assert request.headers["host"] == "news.example"
    assert request.extensions["sni_hostname"] == "news.example"
    assert "cookie" not in request.headers
    assert "referer" not in request.headers


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.7", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "ff02::1", "::",
    ],
)  # fmt: skip
async def test_no_private_address_is_asked_not_even_beside_a_public_one(address: str) -> None:
    assert not is_public(address)
    for addresses in ([address], ["93.184.216.34", address]):
        with pytest.raises(NoPreview) as refused:
            await _fetch(lambda _: pytest.fail("asked"), names={"news.example": addresses})
        assert refused.value.facts["why"] == "private"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


async def test_a_redirect_is_looked_at_like_the_first_address() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://inside.example/secret"})

    names = {"news.example": ["93.184.216.34"], "inside.example": ["192.168.1.1"]}
    with pytest.raises(NoPreview) as refused:
        await _fetch(answer, names=names)
    assert refused.value.facts["why"] == "private"


async def test_redirects_end() -> None:
    turns = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal turns
        turns += 1
        return httpx.Response(302, headers={"location": f"/{turns}"})

    with pytest.raises(NoPreview):
        await _fetch(answer)
    assert turns == 4


@pytest.mark.parametrize(
    "url",
    [
        "ftp://news.example/", "file:///etc/passwd", "https://user:pw@news.example/", "https://news.example:8443/",
        "https://", "javascript:alert(1)", "https://news.example:x/", "http://[::1/",
    ],
)  # fmt: skip
def test_only_the_web_on_its_usual_ports_is_asked(url: str) -> None:
    with pytest.raises(NoPreview):
        checked_url(url)


class _Bomb(httpx.AsyncByteStream):
    """An answer that says it is packed; whoever unpacked it would find that it is not."""

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        yield b"not packed at all"


async def test_what_is_no_page_is_not_read() -> None:
    kinds = [
        httpx.Response(200, content=b"x", headers={"content-type": "image/png"}),
        httpx.Response(200, content=b"x"),
        httpx.Response(404, content=PAGE.encode(), headers={"content-type": "text/html"}),
        httpx.Response(
            200, stream=_Bomb(), headers={"content-type": "text/html", "content-encoding": "gzip"}
        ),
        _html("<html><body>nothing to say</body></html>"),
    ]
    reasons = []
    for kind in kinds:
        with pytest.raises(NoPreview) as refused:
            await _fetch(lambda _, kind=kind: kind)  # type: ignore[misc]
        reasons.append(refused.value.facts["why"])
    assert reasons == ["kind", "kind", "answer", "kind", "empty"]


async def test_no_more_than_a_quarter_of_a_megabyte_is_read() -> None:
    read = 0

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            nonlocal read
            yield PAGE.encode()
            while True:
                read += 65_536
                yield b" " * 65_536

    answer = httpx.Response(200, stream=Endless(), headers={"content-type": "text/html; charset=utf-8"})
    assert (await _fetch(lambda _: answer)).title == "集五福 & more"
    assert read <= MOST_BYTES + 65_536


def test_a_long_title_is_cut() -> None:
    found = read_page("h", f"<title>{'福' * 500}</title>")
    assert len(found.title) == 120
    assert found.title.endswith("…")
