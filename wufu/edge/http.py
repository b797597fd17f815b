"""The HTTP edge: everything that is not hot, and the hot verbs once more.

FastAPI routers of the domains are mounted under `/api`; the built phone page is
served from the same origin. A refusal is rendered here and nowhere else. Who
asks is found from the session cookie (pages) or a Bearer token (programs); the
look-up itself belongs to `people` and is handed in.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from wufu import __version__
from wufu.core.ids import PersonId
from wufu.core.refusals import MalformedBody, NotAllowed, NotSignedIn, Refusal
from wufu.db import Connection, Database, see_cursor, see_facts
from wufu.edge.guard import Guard
from wufu.edge.verbs import VerbTable, render

COOKIE = "wufu_session"


class NotFound(Refusal):
    code = "not_found"
    status = 404


@dataclass(frozen=True, slots=True)
class Door:
    """What a domain's routes are given: the database, who asks, and how we run.

    `see_person(connection, token)` answers the person of a session token, or None.
    """

    database: Database
    see_person: Callable[[Connection, str], Awaitable[PersonId | None]]
    demo: bool = False
    secure_cookies: bool = False

    async def person(self, request: Request) -> PersonId:
        """The signed-in person, or the refusal `not_signed_in`."""
        token, from_cookie = _token(request)
        if token is None:
            raise NotSignedIn()
        if from_cookie and request.method not in ("GET", "HEAD") and "x-wufu" not in request.headers:
            # Another site can make a browser send our cookie, but not this header.
            raise NotAllowed(missing="X-Wufu")
        async with self.database.borrow() as connection:
            person = await self.see_person(connection, token)
        if person is None:
            raise NotSignedIn()
        return person

    def token(self, request: Request) -> str | None:
        """The session token a request carries, unchecked."""
        return _token(request)[0]

    def keep_signed_in(self, response: Response, token: str, seconds: int) -> None:
        """Set the session cookie: unreadable to scripts, not sent from other sites."""
        response.set_cookie(
            COOKIE, token, max_age=seconds, httponly=True, samesite="strict", secure=self.secure_cookies
        )

    def forget(self, response: Response) -> None:
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self.secure_cookies)


def _token(request: Request) -> tuple[str | None, bool]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token, False
    return request.cookies.get(COOKIE), True


def create_http(door: Door, verbs: VerbTable, routers: Sequence[APIRouter], page: Path | None) -> FastAPI:
    """The HTTP application: `/api` from the routers, `/` from the built page."""
    # No docs pages: they would load their scripts from elsewhere. The description itself is there.
    app = FastAPI(
        title="Wufu 五福",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.add_middleware(Guard)
    app.add_exception_handler(Refusal, _render_refusal)
    app.add_exception_handler(RequestValidationError, _render_malformed)
    app.add_exception_handler(HTTPException, _render_http)
    for router in (*routers, _verbs_router(door, verbs), _facts_router(door)):
        app.include_router(router, prefix="/api")
    app.include_router(_nothing_else(), prefix="/api")
    if page is not None and page.is_dir():
        _serve_page(app, page)
    return app


def _nothing_else() -> APIRouter:
    """The end of the API: an address that is not there is a refusal, whatever the method."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def nothing(path: str) -> Response:
        raise NotFound(path=f"/api/{path}"[:100])

    return router


def _serve_page(app: FastAPI, page: Path) -> None:
    """The phone's page at `/`, and below it, in folders of their own, others such as the console's."""
    for folder in (*(inner for inner in page.iterdir() if (inner / "index.html").is_file()), page):
        at = "" if folder == page else f"/{folder.name}"
        app.mount(f"{at}/assets", StaticFiles(directory=folder / "assets"), name=f"assets{at}")
        app.add_api_route(
            f"{at}/{{path:path}}", _file_of(folder), methods=["GET", "HEAD"], include_in_schema=False
        )


def _file_of(folder: Path) -> Callable[[str], Awaitable[FileResponse]]:
    # Only what the build left here is ever looked up, so no address leads anywhere else.
    files = {path.name: path for path in folder.iterdir() if path.is_file()}

    async def file_of_page(path: str) -> FileResponse:
        # The page finds its own way from the address; nothing here may be an old copy.
        return FileResponse(files.get(path, folder / "index.html"), headers={"Cache-Control": "no-cache"})

    return file_of_page


def _verbs_router(door: Door, verbs: VerbTable) -> APIRouter:
    router = APIRouter(tags=["verbs"])

    @router.post("/do/{verb}")
    async def do_verb(
        verb: str, request: Request, person: Annotated[PersonId, Depends(door.person)]
    ) -> Response:
        """Ask for a hot verb by HTTP: the same body and answer as over the live edge."""
        answer = await verbs.ask(person, verb, await request.body())
        status = answer.status if isinstance(answer, Refusal) else 200
        return Response(render(answer), status, media_type="application/json")

    return router


def _facts_router(door: Door) -> APIRouter:
    router = APIRouter(tags=["facts"])

    @router.get("/facts")
    async def facts(
        person: Annotated[PersonId, Depends(door.person)], after: Annotated[int, Query(le=2**63 - 1)] = 0
    ) -> JSONResponse:
        """What a phone lacks after fact number `after`; `reset` asks for a fresh snapshot."""
        async with door.database.read() as connection:
            cursor = await see_cursor(connection, person)
            found = await see_facts(connection, person, max(0, after))
        return JSONResponse(
            {
                "cursor": cursor,
                "reset": found is None,
                "facts": [
                    msgspec.to_builtins(
                        {"number": fact.number, "kind": fact.kind, "at": fact.at, "body": fact.body}
                    )
                    for fact in found or ()
                ],
            }
        )

    return router


async def _render_refusal(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return Response(render(refusal), refusal.status, media_type="application/json")


async def _render_malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return await _render_refusal(request, MalformedBody(where=where, why=first["msg"]))


async def _render_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return await _render_refusal(request, NotFound(path=request.url.path[:100]))
    refusal = MalformedBody(where=request.url.path[:100], why=str(error.detail))
    return Response(render(refusal), error.status_code, media_type="application/json")
