"""A bucket for tests: the five calls of S3's protocol that the store makes, over real HTTP, in memory.

It checks nothing that S3 checks; it is there so that our side of the wire is real. The same calls were made
once against a full S3 server (moto 5.2).
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from xml.sax.saxutils import escape

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


class Bucket:
    """What lies in it, by key; `calls` are the methods that were asked."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.calls: list[str] = []

    async def answer(self, request: Request) -> Response:
        self.calls.append(request.method)
        key = request.path_params.get("key", "")
        if request.method == "PUT":
            self.objects[key] = await request.body()
            return Response(headers={"etag": '"1"'})
        if request.method == "POST":
            keys = re.findall(r"<Key>([^<]+)</Key>", (await request.body()).decode())
            for one in keys:
                self.objects.pop(one, None)
            gone = "".join(f"<Deleted><Key>{escape(one)}</Key></Deleted>" for one in keys)
            return _xml(f"<DeleteResult>{gone}</DeleteResult>")
        if "list-type" in request.query_params:
            return self._listed(request.query_params.get("prefix", ""))
        if key not in self.objects:
            return _xml("<Error><Code>NoSuchKey</Code></Error>", 404)
        return _part(self.objects[key], request.headers.get("range"))

    def _listed(self, prefix: str) -> Response:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size><ETag>1</ETag>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key, content in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>")


def _part(content: bytes, asked: str | None) -> Response:
    headers = {"etag": '"1"', "last-modified": DATE}
    match = re.fullmatch(r"bytes=(\d+)-(\d+)", asked or "")
    if match is None:
        return Response(content, headers=headers)
    first, last = int(match[1]), min(int(match[2]), len(content) - 1)
    if first > last:
        return _xml("<Error><Code>InvalidRange</Code></Error>", 416)
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers=headers)


def _xml(body: str, status: int = 200) -> Response:
    return Response(f'<?xml version="1.0"?>{body}', status, media_type="application/xml")


@contextlib.asynccontextmanager
async def bucket_running() -> AsyncIterator[tuple[Bucket, str]]:
    """A bucket named `wufu` and the address of its server."""
    bucket = Bucket()
    methods = ["GET", "PUT", "POST", "DELETE"]
    routes = [
        Route("/wufu", bucket.answer, methods=methods),
        Route("/wufu/{key:path}", bucket.answer, methods=methods),
    ]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield bucket, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
