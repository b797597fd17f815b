"""A phone that seals and opens secrets as the page does (`app/phone/src/features/chat/secret`).

X25519 for each device, a fresh key for each message, wrapped for each device of each reader; the agreement is
with the message's own key pair and with the sender's device, so a reader knows from which device it came.
"""

import base64
import hashlib
import json
from typing import Any
from uuid import uuid5

import httpx
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.journeys.phone import Json, Phone, Refused, fresh_id
from tests.world import NAMESPACE
from wufu.chat import direct_id
from wufu.core.chance import Chance


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def secret_bytes(size: int) -> bytes:
    return Chance.system().secret("test", size)


class SecretPhone:
    """One device of a person: their journeys' phone, with a key of its own."""

    def __init__(self, phone: Phone, device: str = "") -> None:
        self.phone = phone
        self.device = str(uuid5(NAMESPACE, f"device {phone.person} {device}"))
        self.key = X25519PrivateKey.generate()

    @property
    def person(self) -> int:
        return self.phone.person

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def private(self) -> bytes:
        return self.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    async def register(self) -> Json:
        answer: Json = await self.phone.post(
            "/api/secrets/device", {"device": self.device, "key": b64(self.public)}
        )
        return answer

    def with_(self, other: "SecretPhone") -> str:
        """The conversation with somebody."""
        return str(direct_id(self.phone.person, other.phone.person))

    async def direct(self, other: "SecretPhone") -> str:
        """The same, born."""
        await self.phone.post("/api/chat/direct", {"person": other.person})
        return self.with_(other)

    async def keys(self, conversation: str) -> list[Json]:
        found: list[Json] = (await self.phone.get(f"/api/secrets/keys?conversation={conversation}"))["keys"]
        return found

    # --- Sending ----------------------------------------------------------------------------------

    async def send(
        self,
        conversation: str,
        plain: bytes,
        *,
        message: str | None = None,
        timer: int = 10,
        left_out: tuple[str, ...] = (),
    ) -> tuple[str, Json, bytes]:
        """Seal for everybody's devices and send: message id, answer, and the bytes as they were sent."""
        message = message or fresh_id()
        keys = [key for key in await self.keys(conversation) if key["device"] not in left_out]
        frame = self.seal(conversation, message, timer, keys, plain, left_out)
        return message, await self.post(conversation, message, timer, frame), frame

    async def post(self, conversation: str, message: str, timer: int, frame: bytes) -> Json:
        response = await self.phone.http.post(
            f"/api/upload/secrets/{message}?conversation={conversation}&timer_seconds={timer}", content=frame
        )
        return answer_of(response)

    def seal(
        self,
        conversation: str,
        message: str,
        timer: int,
        keys: list[Json],
        plain: bytes,
        left_out: tuple[str, ...] = (),
    ) -> bytes:
        key, nonce, ephemeral = secret_bytes(32), secret_bytes(12), X25519PrivateKey.generate()
        aad = f"wufu/secret/1{conversation}{message}{timer}".encode()
        ciphertext = nonce + AESGCM(key).encrypt(nonce, plain, aad)
        digest = hashlib.sha256(ciphertext).digest()
        public = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        wraps = {}
        for reader in keys:
            if reader["person"] == self.person:
                continue
            theirs = X25519PublicKey.from_public_bytes(unb64(reader["key"]))
            agreed = ephemeral.exchange(theirs) + self.key.exchange(theirs)
            kek = _kek(agreed, public, message, self.device, reader["device"], digest)
            wraps[reader["device"]] = b64(AESGCM(kek).encrypt(bytes(12), key, None))
        sealed: Json = {
            "v": 1,
            "ephemeral": b64(public),
            "from": self.device,
            "sha256": b64(digest),
            "wraps": wraps,
        }
        if left_out:
            sealed["left_out"] = list(left_out)
        return framed(sealed, ciphertext)

    # --- Reading ----------------------------------------------------------------------------------

    async def fetch(self, conversation: str, message: str) -> bytes:
        response = await self.phone.http.get(f"/api/secrets/message/{message}?conversation={conversation}")
        if not response.is_success:
            answer_of(response)
        return response.content

    def open(self, conversation: str, message: str, timer: int, frame: bytes, sender: Json) -> bytes:
        """The plaintext; `sender` is the key (as listed) of the device that it says it comes from."""
        sealed, ciphertext = unframed(frame)
        assert sealed["from"] == sender["device"]
        assert list(sealed["wraps"]) == [self.device]
        digest = hashlib.sha256(ciphertext).digest()
        ephemeral = unb64(sealed["ephemeral"])
        agreed = self.key.exchange(X25519PublicKey.from_public_bytes(ephemeral)) + self.key.exchange(
            X25519PublicKey.from_public_bytes(unb64(sender["key"]))
        )
        kek = _kek(agreed, ephemeral, message, sealed["from"], self.device, digest)
        key = AESGCM(kek).decrypt(bytes(12), unb64(sealed["wraps"][self.device]), None)
        aad = f"wufu/secret/1{conversation}{message}{timer}".encode()
        return AESGCM(key).decrypt(ciphertext[:12], ciphertext[12:], aad)

    async def see(self, conversation: str, message: str) -> Json:
        return await self.phone.do("see_secret", conversation=conversation, message=message)

    async def burn(self, conversation: str, message: str) -> Json:
        return await self.phone.do("burn_secret", conversation=conversation, message=message)

    async def message(self, conversation: str, number: int) -> Json:
        """A message as chat shows it."""
        page = await self.phone.get(f"/api/chat/conversations/{conversation}/messages?around={number}")
        (found,) = [one for one in page["messages"] if one["number"] == number]
        return dict(found)


def _kek(agreed: bytes, ephemeral: bytes, message: str, sender: str, reader: str, digest: bytes) -> bytes:
    info = f"wufu/secret/1/wrap{message}{sender}{reader}".encode() + digest
    return HKDF(SHA256(), 32, salt=ephemeral, info=info).derive(agreed)


def framed(sealed: Any, ciphertext: bytes) -> bytes:
    # Without spaces, as phones write it: where there is none, no other byte means the same.
    head = json.dumps(sealed, separators=(",", ":")).encode()
    return len(head).to_bytes(4) + head + ciphertext


def unframed(frame: bytes) -> tuple[Json, bytes]:
    length = int.from_bytes(frame[:4])
    return json.loads(frame[4 : 4 + length]), frame[4 + length :]


def answer_of(response: httpx.Response) -> Json:
    answer: Json = response.json()
    if "refusal" in answer:
        raise Refused(answer["refusal"], response.status_code)
    assert response.is_success
    return answer
