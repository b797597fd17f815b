"""Texts out: to the installation's gateway, signed as to a bank, or nowhere.

`WUFU_TEXTS_URL` and `WUFU_TEXTS_KEY` name the gateway: a POST of {id, to, text} with an HMAC-SHA256 of time
and body; any answer of 200 to 299 is taken as sent. It may come twice (by `id`, the same text). Without them
texts wait ten minutes for an operator to read (`wufu texts`), and go.
"""

import asyncio
import hashlib
import hmac
import logging
import os
from datetime import timedelta

import httpx
import msgspec

from wufu.db import Database, Job, Tx
from wufu.people.phones import store
from wufu.people.phones.model import CODE_LIVES, Text

log = logging.getLogger("wufu.texts")

URL, KEY = "WUFU_TEXTS_URL", "WUFU_TEXTS_KEY"
AT_ONCE = 50
AGAIN = timedelta(seconds=20)
PATIENCE_SECONDS = 8.0
ACTOR = "system/texts"


async def send_texts(database: Database, *, url: str | None = None, key: str | None = None) -> int:
    """Send what is due and forget what was sent; how many were."""
    url, key = url or os.environ.get(URL), key or os.environ.get(KEY)
    due: list[Text] = []
    if url and key:

        async def take(tx: Tx) -> list[Text]:
            return await store.take_texts(tx.connection, tx.now, tx.now + AGAIN, AT_ONCE)

        due = await database.run(take, actor=ACTOR)
    sent = (
        await _post(due, url, key.encode(), int(database.clock().timestamp())) if url and key and due else []
    )

    async def forget(tx: Tx) -> None:
        await store.drop_texts(tx.connection, [one.id for one in sent], tx.now - CODE_LIVES)

    await database.run(forget, actor=ACTOR)
    return len(sent)


async def _post(due: list[Text], url: str, key: bytes, seconds: int) -> list[Text]:
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as gateway:

        async def post(text: Text) -> Text | None:
            body = msgspec.json.encode({"id": text.id, "to": text.phone, "text": text.body})
            signature = hmac.new(key, b"text\n%d\n%s" % (seconds, body), hashlib.sha256).hexdigest()
            headers = {
                "content-type": "application/json",
                "x-wufu-time": str(seconds),
                "x-wufu-signature": signature,
            }
            try:
                answer = await gateway.post(url, content=body, headers=headers)
            except httpx.HTTPError as error:
                log.warning("the gateway for texts cannot be reached: %s", error)
                return None
            return text if answer.is_success else None

        return [text for text in await asyncio.gather(*map(post, due)) if text is not None]


def jobs() -> list[Job]:
    return [Job("send texts", 2.0, send_texts)]
