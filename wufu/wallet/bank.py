"""Between the wallet and a bank: signed HTTP messages, both ways.

A message is a JSON body with two headers: `X-Bank-Time`, Unix seconds, and `X-Bank-Signature`, the hex
HMAC-SHA256 (RFC 2104) under the shared key of `purpose`, a newline, the time, a newline, the body. The
purpose keeps a message of one kind from being passed off as another: `order` (the wallet asks), `look` (the
wallet asks how an order stands), `state` (the bank's answer to both), `notice` (the bank tells). A message
more than five minutes away from our clock is refused; within them a repeated one is harmless, for everything
here may be repeated.

| call                       | body                            | answer                          |
| -------------------------- | ------------------------------- | ------------------------------- |
| POST /orders               | {reference, kind, minor}        | {reference, kind, minor, state} |
| POST /orders/look          | {reference}                     | the same, or 404                |
| bank → POST the notify URL | {reference, kind, minor, state} | 2xx once it is taken            |
"""

import hashlib
import hmac
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
import msgspec

from wufu.core.refusals import Refusal
from wufu.wallet.model import Notice, Order

TIME, SIGNATURE = "x-bank-time", "x-bank-signature"
WINDOW = timedelta(minutes=5)
PATIENCE_SECONDS = 10.0
LARGEST_MESSAGE = 4096


class BadSignature(Refusal):
    """A message that the bank did not sign, or not lately. `why` is one of missing, time, signature."""

    code = "bad_signature"
    status = 401


class BadNotice(Refusal):
    """A signed message that does not fit our books; `why` says how."""

    code = "bad_notice"


class Bank(Protocol):
    """A bank, as the wallet needs it. Both calls may be repeated; `httpx.HTTPError` when it is away."""

    async def submit(self, order: Order) -> Notice:
        """Ask for an order; the same reference again is the same order."""

    async def look(self, reference: str) -> Notice | None:
        """How an order stands; None when the bank never heard of it."""


class _Reference(msgspec.Struct, frozen=True):
    reference: str


def signature(key: bytes, purpose: str, seconds: str, body: bytes) -> str:
    """The hex signature of a message."""
    message = b"\n".join([purpose.encode(), seconds.encode(), body])
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def signed(key: bytes, purpose: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that sign a body."""
    seconds = str(int(now.timestamp()))
    return {
        TIME: seconds,
        SIGNATURE: signature(key, purpose, seconds, body),
        "content-type": "application/json",
    }


def check_signed(key: bytes, purpose: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises `bad_signature` unless the body was signed for this purpose, about now."""
    seconds, given = headers.get(TIME, ""), headers.get(SIGNATURE, "")
    if not re.fullmatch("[0-9]{1,11}", seconds) or not given:
        raise BadSignature(why="missing")
    if abs(datetime.fromtimestamp(int(seconds), UTC) - now) > WINDOW:
        raise BadSignature(why="time")
    if not hmac.compare_digest(signature(key, purpose, seconds, body).encode(), given.encode()):
        raise BadSignature(why="signature")


def read_notice(body: bytes) -> Notice:
    """What a bank says. Refusal bad_notice when it cannot be read."""
    try:
        return msgspec.json.decode(body, type=Notice)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadNotice(why=f"unreadable: {str(error)[:100]}") from error


class HttpBank:
    """A bank over HTTP. `key` is shared with it."""

    def __init__(self, client: httpx.AsyncClient, key: bytes, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._key = key
        self._clock = clock

    async def submit(self, order: Order) -> Notice:
        asked = {"reference": order.reference, "kind": order.kind, "minor": order.minor}
        response = await self._ask("/orders", "order", msgspec.json.encode(asked))
        response.raise_for_status()
        return self._read(response)

    async def look(self, reference: str) -> Notice | None:
        body = msgspec.json.encode(_Reference(reference))
        response = await self._ask("/orders/look", "look", body)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        response.raise_for_status()
        return self._read(response)

    async def _ask(self, path: str, purpose: str, body: bytes) -> httpx.Response:
        headers = signed(self._key, purpose, body, self._clock())
        return await self._client.post(path, content=body, headers=headers)

    def _read(self, response: httpx.Response) -> Notice:
        check_signed(self._key, "state", response.headers, response.content, self._clock())
        return read_notice(response.content)


def configured_bank() -> tuple[str, bytes] | None:
    """Address and key of the bank that the environment names, or None: then it is the sandbox."""
    url, key = os.environ.get("WUFU_BANK_URL"), os.environ.get("WUFU_BANK_KEY", "")
    return (url, bytes.fromhex(key)) if url else None


@asynccontextmanager
async def bank_at(
    url: str, key: bytes, clock: Callable[[], datetime], transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[HttpBank]:
    """A bank for the length of a block; with `transport` it is reached without a socket."""
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, transport=transport) as client:
        yield HttpBank(client, key, clock)
