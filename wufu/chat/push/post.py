"""Posting: a notification is encrypted for its device and handed to the push service, and nowhere else.

The name in the address is resolved here, every address it has must be public, and the connection goes to one
of those very addresses: a name that says something else a moment later gains nothing. TLS is still checked
against the name.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import httpx
import msgspec
from py_vapid import Vapid02
from pywebpush import WebPusher

from wufu.chat.push.model import BadSubscription, Payload, Subscription, check_endpoint, is_public
from wufu.chat.secret.model import b64

TTL_SECONDS = 24 * 3600
"""How long the service keeps it for a device that is off."""
PATIENCE_SECONDS = 10.0
SIGNED_FOR = timedelta(hours=12)
CONTACT = "mailto:operator@wufu.example"
LARGEST_PAYLOAD = 3_000

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Posted(msgspec.Struct, frozen=True):
    """What became of it: taken; gone (the address is no more); again (later, perhaps after `wait` seconds);
    refused (never).
    """

    outcome: Literal["taken", "gone", "again", "refused"]
    wait: int | None = None
    why: str = ""


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class Post:
    """One installation's way to push services."""

    def __init__(
        self,
        private_key: bytes,
        *,
        loopback: bool = False,
        contact: str | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        self._vapid = Vapid02.from_raw(b64(private_key).encode())
        self._loopback = loopback
        self._contact = contact or os.environ.get("WUFU_PUSH_CONTACT") or CONTACT
        self._resolve = resolve
        # Proxies of the environment would go where we did not look.
        self._client = httpx.AsyncClient(timeout=PATIENCE_SECONDS, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, to: Subscription, payload: Payload, now: datetime) -> Posted:
        """Hand one notification over."""
        try:
            check_endpoint(to.endpoint, loopback=self._loopback)
            url, headers, extensions = await self._where(to.endpoint)
        except BadSubscription as refusal:
            return Posted("gone", why=str(refusal.facts["why"]))
        except OSError as error:
            return Posted("again", why=f"{type(error).__name__}")
        headers |= self._signed(to.endpoint, now) | {
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(TTL_SECONDS),
            "urgency": "high",
            # A newer one of the same conversation replaces one that waits there (RFC 8030, 5.4).
            "topic": payload.conversation.hex,
        }
        try:
            answer = await self._client.post(
                url, content=_encrypted(to, payload), headers=headers, extensions=extensions
            )
        except httpx.HTTPError as error:
            return Posted("again", why=type(error).__name__)
        return _judge(answer)

    async def _where(self, endpoint: str) -> tuple[str, dict[str, str], dict[str, str]]:
        """The address with its name resolved, the headers and the name for TLS."""
        split = urlsplit(endpoint)
        host, port = split.hostname or "", split.port or 443
        if self._loopback and host == "127.0.0.1":
            return endpoint, {}, {}
        addresses = await self._resolve(host, port)
        if not addresses or not all(is_public(address) for address in addresses):
            raise BadSubscription(why="not a public address")
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        rest = split._replace(netloc=f"{address}:{port}").geturl()
        return rest, {"host": host}, {"sni_hostname": host}

    def _signed(self, endpoint: str, now: datetime) -> dict[str, str]:
        split = urlsplit(endpoint)
        claims = {
            "aud": f"{split.scheme}://{split.netloc}",
            "sub": self._contact,
            "exp": int((now + SIGNED_FOR).timestamp()),
        }
        signed: dict[str, str] = self._vapid.sign(claims)
        return {"authorization": signed["Authorization"]}


def _encrypted(to: Subscription, payload: Payload) -> bytes:
    keys = {"p256dh": b64(to.p256dh), "auth": b64(to.auth)}
    plain = msgspec.json.encode(payload)
    assert len(plain) <= LARGEST_PAYLOAD, len(plain)
    body: bytes = WebPusher({"endpoint": to.endpoint, "keys": keys}).encode(plain)["body"]
    return body


def _judge(answer: httpx.Response) -> Posted:
    """RFC 8030, 7.3 and 8.4: 404 and 410 mean that the subscription is no more."""
    if answer.is_success:
        return Posted("taken")
    why = str(answer.status_code)
    if answer.status_code in {404, 410}:
        return Posted("gone", why=why)
    if answer.status_code == 429 or answer.status_code >= 500:
        text = answer.headers.get("retry-after", "")
        return Posted("again", int(text) if text.isdecimal() and len(text) < 7 else None, why)
    return Posted("refused", why=why)
