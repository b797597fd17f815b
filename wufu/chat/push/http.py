"""Notifications over HTTP: our key, this device's subscription, one's quiet hours."""

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from wufu.chat.push import store, verbs
from wufu.chat.push.jobs import here_subject
from wufu.chat.push.model import BadSubscription, Quiet, Subscription, check_endpoint
from wufu.chat.secret.http import session_of
from wufu.chat.secret.model import b64, unb64
from wufu.core.ids import PersonId
from wufu.db import Tx
from wufu.edge import Door


class Keys(BaseModel):
    model_config = ConfigDict(strict=True)
    p256dh: str
    auth: str


class SubscriptionBody(BaseModel):
    model_config = ConfigDict(strict=True)
    endpoint: str
    keys: Keys
    preview: bool = True


class QuietBody(BaseModel):
    model_config = ConfigDict(strict=True)
    quiet_from: int | None
    quiet_to: int | None
    offset_minutes: int = 480


def router(door: Door, *, loopback: bool = False) -> APIRouter:
    """The routes of notifications, under `/api`. `loopback`: also a push service on this machine (tests)."""
    routes = APIRouter(tags=["push"])
    Me = Annotated[PersonId, Depends(door.person)]  # noqa: N806

    @routes.get("/push/key")
    async def key(_: Me) -> Response:
        """The key that a browser asks for when it subscribes."""
        private = await door.database.run(verbs.see_key, actor="system/push")
        return _json({"key": b64(verbs.public_half(private))})

    @routes.get("/push/subscription")
    async def subscription(request: Request, person: Me) -> Response:
        """Whether this device is woken, and what it listens on while it is looking."""
        session = await _session(door, request)
        async with door.database.borrow() as connection:
            mine = await store.subscription(connection, person, session)
        host = check_endpoint(mine.endpoint, loopback=True) if mine is not None else None
        return _json(
            {
                "subscribed": mine is not None,
                "preview": mine.preview if mine is not None else True,
                "endpoint_host": host,
                "here": here_subject(person, session),
            }
        )

    @routes.post("/push/subscription")
    async def subscribe(body: SubscriptionBody, request: Request, person: Me) -> Response:
        """Wake this device from now on."""
        session = await _session(door, request)
        try:
            p256dh, auth = unb64(body.keys.p256dh), unb64(body.keys.auth)
        except ValueError as error:
            raise BadSubscription(why="keys that are not base64url") from error

        async def work(tx: Tx) -> None:
            wanted = Subscription(person, session, body.endpoint, p256dh, auth, body.preview, tx.now)
            await verbs.subscribe(tx, wanted, loopback=loopback)

        await door.database.run(work, actor=f"person/{person}")
        return _json({})

    @routes.delete("/push/subscription")
    async def unsubscribe(request: Request, person: Me) -> Response:
        """Leave this device alone from now on."""
        session = await _session(door, request)
        await door.database.run(lambda tx: verbs.unsubscribe(tx, person, session), actor=f"person/{person}")
        return _json({})

    @routes.get("/push/settings")
    async def settings(person: Me) -> Response:
        """One's quiet hours."""
        async with door.database.borrow() as connection:
            return _json(await verbs.see_quiet(connection, person))

    @routes.post("/push/settings")
    async def set_settings(body: QuietBody, person: Me) -> Response:
        """Set one's quiet hours; both null: none."""
        quiet = Quiet(body.quiet_from, body.quiet_to, body.offset_minutes)
        await door.database.run(lambda tx: verbs.set_quiet(tx, person, quiet), actor=f"person/{person}")
        return _json(quiet)

    return routes


async def _session(door: Door, request: Request) -> UUID:
    async with door.database.borrow() as connection:
        return await session_of(door, connection, request)


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
