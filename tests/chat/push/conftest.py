"""A household without a clock, a push service on this machine, and phones that subscribe to it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import http_ece
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.chat.serving import Household, household
from tests.conftest import FreshDatabase
from tests.journeys.conftest import OffsetClock, engines_at
from tests.journeys.phone import Json, Phone
from wufu.chat import Waking, looking_by
from wufu.core.chance import Chance
from wufu.db.engines import Engines


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """A browser's side of a subscription: its keys, and what it was woken with."""

    def __init__(self, url: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = Chance.system().secret("test", 16)
        self.url = url
        self.woken: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.raw: list[bytes] = []

    def body(self, preview: bool = True) -> Json:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": b64(point), "auth": b64(self.auth)}
        return {"endpoint": self.url, "keys": keys, "preview": preview}

    def take(self, data: bytes, headers: dict[str, str]) -> None:
        plain = http_ece.decrypt(data, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        self.woken.append(json.loads(plain))
        self.headers.append(headers)
        self.raw.append(data)


class PushService:
    """What a browser vendor runs: takes what is encrypted for a browser, and may say no."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.says: list[tuple[int, dict[str, str]]] = []
        """What it answers next, before it takes anything."""
        self.asked = 0
        self.url = ""

    async def hear(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.says:
            status, headers = self.says.pop(0)
            return web.Response(status=status, headers=headers)
        browser = self.browsers[request.path]
        browser.take(await request.read(), {name.lower(): value for name, value in request.headers.items()})
        return web.Response(status=201)

    def browser(self) -> Browser:
        path = f"/push/{len(self.browsers)}"
        self.browsers[path] = browser = Browser(self.url + path)
        return browser


def check_vapid(header: str, audience: str, key: bytes, now: float) -> Json:
    """The claims of a VAPID header (RFC 8292) after its signature was checked."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert unb64(parts["k"]) == key
    signed, _, signature = parts["t"].rpartition(".")
    raw = unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    dss = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(dss, signed.encode(), ec.ECDSA(SHA256()))
    claims: Json = json.loads(unb64(signed.split(".")[1]))
    assert claims["aud"] == audience
    assert now < claims["exp"] <= now + 24 * 3600
    return claims


@pytest.fixture
def clock() -> OffsetClock:
    return OffsetClock()


@pytest.fixture
async def post() -> AsyncIterator[PushService]:
    service = PushService()
    app = web.Application()
    app.router.add_post("/{path:.*}", service.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


class Street(Household):
    """A household with its postman: `await street.turn()` is one round of his."""

    waking: Waking

    async def turn(self) -> int:
        return await self.waking.turn(self.server.database, everything=True)


@pytest.fixture
async def street(
    engines: Engines,
    fresh: FreshDatabase,
    clock: OffsetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Street]:
    monkeypatch.setenv("WUFU_PUSH_LOOPBACK", "1")
    async with household(engines_at(engines, fresh), clock, tmp_path / "objects", with_jobs=False) as house:
        house.__class__ = Street
        assert isinstance(house, Street)
        house.waking = Waking(house.server.database, looking_by(house.server.client), loopback=True)
        yield house
        await house.waking.close()


async def subscribed(phone: Phone, post: PushService, **options: Any) -> Browser:
    browser = post.browser()
    await phone.post("/api/push/subscription", browser.body(**options))
    # Only what comes after the subscription wakes; a clock of milliseconds may stand still meanwhile.
    await asyncio.sleep(0)
    return browser
