"""People over HTTP: coming in, signing in and out, devices, the PIN, settings, a demo's personas.

Hashing passwords is the one expensive thing a stranger can ask for, so only a few run at a time; who comes
when too many wait is told `server_busy`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal, ServerBusy
from wufu.db import Connection, Tx
from wufu.edge import Door, NotFound
from wufu.people import verbs
from wufu.people.model import LONGEST_SESSION, Arrival, Claim, Language, Register, Settings, SignedIn, SignIn
from wufu.people.phones import http as phones

T = TypeVar("T")

Greet = Callable[[Tx, Arrival], Awaitable[None]]
"""Told of everybody who is signed in, inside the same transaction; a refusal it raises undoes the sign-in."""

DEVICE = "X-Wufu-Device"
LONGEST_DEVICE_ID = 64
HASHED_AT_ONCE = 4
MOST_WAITING = 200


class RegisterBody(BaseModel):
    model_config = ConfigDict(strict=True)
    login: str
    password: str
    name: str
    device: str = ""
    language: Language = "zh"


class SignInBody(BaseModel):
    model_config = ConfigDict(strict=True)
    login: str
    password: str
    device: str = ""


class ClaimBody(BaseModel):
    model_config = ConfigDict(strict=True)
    code: str
    login: str
    password: str
    device: str = ""


class PinBody(BaseModel):
    model_config = ConfigDict(strict=True)
    pin: str
    password: str | None = None
    old_pin: str | None = None


class SettingsBody(BaseModel):
    model_config = ConfigDict(strict=True)
    name: str | None = None
    language: Language | None = None
    findable: bool | None = None


def session_lookup(
    clock: Callable[[], datetime],
) -> Callable[[Connection, str], Awaitable[PersonId | None]]:
    """What `Door.see_person` is made of: the person of a session token, or None; notes that it is in use."""

    async def see_person(connection: Connection, token: str) -> PersonId | None:
        now = clock()
        session = await verbs.see_session(connection, token, now)
        if session is None:
            return None
        await verbs.touch_session(connection, session, now)
        return session.person

    return see_person


class Turnstile:
    """Lets a few in at a time, keeps a bounded number waiting, and sends the rest away."""

    def __init__(self, at_once: int, most_waiting: int) -> None:
        self._gate = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._most_waiting = most_waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Refusal server_busy."""
        if self._waiting >= self._most_waiting:
            raise ServerBusy()
        self._waiting += 1
        try:
            await self._gate.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._gate.release()


async def greet_nobody(_tx: Tx, _arrival: Arrival) -> None:
    """Where nobody guards against farmed accounts."""


def router(door: Door, greet: Greet = greet_nobody) -> APIRouter:
    """Every route of people, under `/api`; `greet` is told of everybody who is signed in."""
    routes = APIRouter(tags=["people"])
    _coming_in(routes, door, Turnstile(HASHED_AT_ONCE, MOST_WAITING), greet)
    _personas(routes, door, greet)
    _self(routes, door, Turnstile(HASHED_AT_ONCE, MOST_WAITING))
    _devices(routes, door)
    routes.include_router(phones.router(door))
    return routes


async def _me(door: Door, person: PersonId) -> dict[str, object]:
    async with door.database.read() as connection:
        me = await verbs.see_me(connection, person)
    return {**msgspec.to_builtins(me), "demo": door.demo}


async def _welcome(door: Door, response: Response, answer: SignedIn | Refusal) -> dict[str, object]:
    if isinstance(answer, Refusal):
        raise answer
    door.keep_signed_in(response, answer.token, int(LONGEST_SESSION.total_seconds()))
    return {"me": await _me(door, answer.person), "token": answer.token}


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _device(request: Request) -> str:
    """The id the page made for this browser; programs send none."""
    return request.headers.get(DEVICE, "")[:LONGEST_DEVICE_ID]


def _coming_in(routes: APIRouter, door: Door, turnstile: Turnstile, greet: Greet) -> None:
    async def arrived(tx: Tx, answer: SignedIn | Refusal, request: Request, registered: bool = False) -> None:
        if isinstance(answer, SignedIn):
            await greet(tx, Arrival(answer.person, registered, _device(request), _address(request)))

    async def hashing(work: Callable[[Tx], Awaitable[T]], actor: str) -> T:
        async with turnstile.turn():
            return await door.database.run(work, actor=actor)

    @routes.post("/people/register")
    async def register(body: RegisterBody, request: Request, response: Response) -> dict[str, object]:
        """A new person, signed in here."""
        asked = Register(body.login, body.password, body.name, body.device, body.language)

        async def work(tx: Tx) -> SignedIn:
            answer = await verbs.register(tx, asked)
            await arrived(tx, answer, request, registered=True)
            return answer

        return await _welcome(door, response, await hashing(work, "edge/register"))

    @routes.post("/people/sign-in")
    async def sign_in(body: SignInBody, request: Request, response: Response) -> dict[str, object]:
        """A session by login and password."""
        asked = SignIn(body.login, body.password, body.device, _address(request))

        async def work(tx: Tx) -> SignedIn | Refusal:
            answer = await verbs.sign_in(tx, asked)
            await arrived(tx, answer, request)
            return answer

        return await _welcome(door, response, await hashing(work, "edge/sign-in"))

    @routes.post("/people/claim")
    async def claim(body: ClaimBody, request: Request, response: Response) -> dict[str, object]:
        """An imported person takes their account with a one-time code."""
        asked = Claim(body.code, body.login, body.password, body.device, _address(request))

        async def work(tx: Tx) -> SignedIn | Refusal:
            answer = await verbs.claim(tx, asked)
            await arrived(tx, answer, request)
            return answer

        return await _welcome(door, response, await hashing(work, "edge/claim"))

    @routes.post("/people/sign-out")
    async def sign_out(request: Request, response: Response) -> dict[str, object]:
        """End this device's session; without one there is nothing to do."""
        token = door.token(request)
        if token is not None:
            # The cookie alone must not sign anybody out: another site can make a browser send it.
            person = await _signed_in(door, request)
            if person is not None:

                async def work(tx: Tx) -> None:
                    session = await verbs.see_session(tx.connection, token, tx.now)
                    if session is not None:
                        await verbs.sign_out(tx, session.person, session.id)

                await door.database.run(work, actor=f"person/{person}")
        door.forget(response)
        return {}


async def _signed_in(door: Door, request: Request) -> PersonId | None:
    try:
        return await door.person(request)
    except Refusal as refusal:
        if refusal.code == "not_signed_in":
            return None
        raise


def _personas(routes: APIRouter, door: Door, greet: Greet) -> None:
    @routes.get("/people/personas")
    async def personas() -> dict[str, object]:
        """Whom one may be in this demo."""
        if not door.demo:
            raise NotFound(path="/api/people/personas")
        async with door.database.read() as connection:
            return {"personas": msgspec.to_builtins(await verbs.see_personas(connection))}

    @routes.post("/people/personas/{person}/sign-in")
    async def be_persona(person: int, request: Request, response: Response) -> dict[str, object]:
        """A session as an invented person, with one click; only in a demo."""
        if not door.demo:
            raise NotFound(path=f"/api/people/personas/{person}")

        async def work(tx: Tx) -> SignedIn:
            answer = await verbs.sign_in_persona(tx, PersonId(person))
            await greet(tx, Arrival(answer.person, False, _device(request), _address(request)))
            return answer

        return await _welcome(door, response, await door.database.run(work, actor="edge/persona"))


def _self(routes: APIRouter, door: Door, turnstile: Turnstile) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/me")
    async def me(person: Me) -> dict[str, object]:
        """The signed-in person."""
        return await _me(door, person)

    @routes.post("/me/settings")
    async def settings(body: SettingsBody, person: Me) -> dict[str, object]:
        """Change one's name, language or whether one is found."""
        wanted = Settings(body.name, body.language, body.findable)

        async def work(tx: Tx) -> object:
            return await verbs.change_settings(tx, person, wanted)

        await door.database.run(work, actor=f"person/{person}")
        return await _me(door, person)

    @routes.post("/people/pin")
    async def pin(body: PinBody, person: Me) -> dict[str, object]:
        """Set or change the payment PIN."""

        async def work(tx: Tx) -> Refusal | None:
            return await verbs.set_pin(tx, person, body.pin, password=body.password, old_pin=body.old_pin)

        async with turnstile.turn():
            refusal = await door.database.run(work, actor=f"person/{person}")
        if refusal is not None:
            raise refusal
        return {}


def _devices(routes: APIRouter, door: Door) -> None:
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/people/devices")
    async def devices(request: Request, person: Me) -> dict[str, object]:
        """Where one is signed in."""
        now = door.database.clock()
        async with door.database.read() as connection:
            session = await verbs.see_session(connection, door.token(request) or "", now)
            current = None if session is None else session.id
            seen = await verbs.see_devices(connection, person, current, now)
        return {"devices": msgspec.to_builtins(seen)}

    @routes.delete("/people/devices/{device}")
    async def end_device(device: UUID, person: Me) -> dict[str, object]:
        """Sign another device (or this one) out."""

        async def work(tx: Tx) -> None:
            await verbs.sign_out(tx, person, device)

        await door.database.run(work, actor=f"person/{person}")
        return {}
