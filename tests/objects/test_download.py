"""Objects over HTTP: ranges, headers, and what a damaged one becomes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.objects.acts import do, file_of
from wufu.core.refusals import Refusal
from wufu.db import Database
from wufu.objects import PIECE, ObjectId, ObjectStore, download, look, put

CONTENT = bytes(number % 251 for number in range(2 * PIECE + 1000))


@asynccontextmanager
async def client_of(
    database: Database, store: ObjectStore, id_: ObjectId
) -> AsyncIterator[httpx.AsyncClient]:
    async def give(request: Request) -> Response:
        async with database.read() as connection:
            shelved = await look(connection, id_, database.clock())
        assert shelved is not None
        return await download(store, shelved, request, name=request.query_params.get("name"))

    async def refused(_: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        return JSONResponse({"code": refusal.code}, refusal.status)

    app = Starlette(routes=[Route("/", give)], exception_handlers={Refusal: refused})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


RANGES = [
    ("bytes=0-0", 0, 0),
    ("bytes=5-", 5, len(CONTENT) - 1),
    ("bytes=-7", len(CONTENT) - 7, len(CONTENT) - 1),
    (f"bytes={PIECE - 3}-{PIECE + 3}", PIECE - 3, PIECE + 3),
    (f"bytes={PIECE}-{2 * PIECE}", PIECE, 2 * PIECE),
    (f"bytes=10-{10**14}", 10, len(CONTENT) - 1),
    (f"bytes=-{10**14}", 0, len(CONTENT) - 1),
]


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_range_is_exactly_what_was_asked(
    database: Database, store: ObjectStore, sealed: bool
) -> None:
    id_ = await do(database, put, store, CONTENT, "test/1", "video/mp4", sealed=sealed)
    async with client_of(database, store, id_) as client:
        for asked, first, last in RANGES:
            answer = await client.get("/", headers={"range": asked})
            assert answer.status_code == 206
            assert answer.content == CONTENT[first : last + 1], asked
            assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
            assert answer.headers["content-length"] == str(last + 1 - first)


async def test_anything_else_is_all_of_it_or_refused(database: Database, store: ObjectStore) -> None:
    id_ = await do(database, put, store, CONTENT, "test/1", "video/mp4")
    async with client_of(database, store, id_) as client:
        whole = await client.get("/")
        assert (whole.status_code, whole.content) == (200, CONTENT)
        for asked in ("bytes=-", "bytes=1-2,5-6", "lines=1-2", "bytes=a-b", "x"):
            answer = await client.get("/", headers={"range": asked})
            assert (answer.status_code, len(answer.content)) == (200, len(CONTENT)), asked
        for asked in (f"bytes={len(CONTENT)}-", "bytes=9-8", "bytes=-0"):
            answer = await client.get("/", headers={"range": asked})
            assert answer.status_code == 416, asked
            assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


async def test_what_could_run_in_a_page_is_only_saved(database: Database, store: ObjectStore) -> None:
    for media_type, given, shown in (
        ("image/jpeg", "image/jpeg", "inline"),
        ("audio/webm; codecs=opus", "audio/webm; codecs=opus", "inline"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
        ("text/html", "application/octet-stream", "attachment"),
        ("application/pdf", "application/octet-stream", "attachment"),
    ):
        id_ = await do(database, put, store, b"<script>alert(1)</script>", "test/1", media_type)
        async with client_of(database, store, id_) as client:
            answer = await client.get("/", params={"name": '年"\r\nx: y.html'})
        assert answer.headers["content-type"] == given
        assert answer.headers["content-disposition"] == (
            f"{shown}; filename*=UTF-8''%E5%B9%B4%22%0D%0Ax%3A%20y.html"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_an_empty_object_is_an_empty_answer(database: Database, store: ObjectStore) -> None:
    id_ = await do(database, put, store, b"", "test/1", "image/jpeg")
    async with client_of(database, store, id_) as client:
        answer = await client.get("/", headers={"range": "bytes=0-"})
    assert answer.content == b""


async def test_damage_is_refused_before_the_answer_begins(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    id_ = await do(database, put, store, CONTENT, "test/1", "video/mp4")
    path = file_of(tmp_path / "objects", id_)
    path.write_bytes(b"x" + CONTENT[1:])
    async with client_of(database, store, id_) as client:
        answer = await client.get("/")
        assert (answer.status_code, answer.json()) == (500, {"code": "object_damaged"})
        later = await client.get("/", headers={"range": f"bytes={PIECE}-"})
        assert later.content == CONTENT[PIECE:]
        path.unlink()
        assert (await client.get("/")).status_code == 404
