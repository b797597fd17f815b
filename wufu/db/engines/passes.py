"""Passes: who may say what over NATS, written as JWTs that the server checks without asking us.

NATS knows three levels of keys (ed25519 "nkeys"). The *operator* signs the *account*; the account signs one
*user* pass for each connection. Our NATS server is configured with the operator's and the account's public
halves only, so it can check a pass but never make one; the seeds stay with Wufu.

| pass   | may publish      | may subscribe             | for                                       |
| ------ | ---------------- | ------------------------- | ----------------------------------------- |
| person | `do.<person>.>`  | `me.<person>.>`, `all.>`, | one phone of one person, for a short time |
|        |                  | each `room.<name>`        |                                           |
| crowd  | `do.>`           | `me.>`, `all.>`, rooms    | load generators that play many people     |
| server | everything       | everything                | Wufu's own processes, JetStream included  |

The rooms of a person's groups are listed one by one. A wildcard over rooms would hear every group; so the
pass of somebody in 500 groups is long, and the server's `max_control_line` must let it in (`nats.py`).

A permission that is not listed is refused by the server, so a person's pass reaches neither JetStream
(`$JS.>`), nor the server's own subjects (`$SYS.>`), nor anybody else's. The person's number is in the subject
and the subject is in the pass: that is the whole of the proof of who asks.

Formats: nkeys are base32 of a prefix, 32 bytes and a CRC-16 (nats-io/nkeys); the JWT's header is
`{"typ":"JWT","alg":"ed25519-nkey"}`, its claims are those of nats-io/jwt version 2, and its `jti` is the
base32 of the SHA-512/256 of the claims without it.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import nkeys

from wufu.core.chance import Chance

PERSON_PAYLOAD_BYTES = 64 * 1024  # the largest message a phone may send
PERSON_SUBSCRIPTIONS = 32  # a phone needs three; a program that opens thousands is not a phone
UNLIMITED = -1
ROOM = re.compile(r"room\.[a-z0-9]{8,40}")


@dataclass(frozen=True, slots=True)
class Pass:
    """A user's way in: the JWT, and the seed that proves it is ours to use.

    `seed` is empty when the phone made its own key and keeps it. `expires_at` is None for a pass that does
    not expire. The server closes a connection at the instant its pass expires.
    """

    jwt: str
    seed: str = field(repr=False)
    user: str
    expires_at: datetime | None = None

    def credentials(self) -> str:
        """The pass as the text of a NATS `.creds` file."""
        return (
            f"-----BEGIN NATS USER JWT-----\n{self.jwt}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{self.seed}\n------END USER NKEY SEED------\n"
        )


def mint_person_pass(
    account_seed: str,
    person: int,
    user_public_key: str | None,
    now: datetime,
    lives_seconds: int,
    rooms: Sequence[str] = (),
) -> Pass:
    """A short-lived pass for one person's phone: its own subjects and nothing else.

    `rooms` are the subjects of groups that it may hear, each in full. With `user_public_key` (a `U…` nkey)
    the phone keeps its own seed; with None a fresh seed is made for it. Raises ValueError when the key is not
    a user's public nkey, a room is not one, or `lives_seconds` is not positive.
    """
    if lives_seconds <= 0:
        raise ValueError(f"a pass must live for some time, not {lives_seconds} s")
    _check_rooms(rooms)
    return _mint(
        account_seed,
        name=f"person {person}",
        publish=[f"do.{person}.>"],
        subscribe=[f"me.{person}.>", "all.>", *rooms],
        limits={"subs": PERSON_SUBSCRIPTIONS + len(rooms), "payload": PERSON_PAYLOAD_BYTES},
        now=now,
        expires_at=now + timedelta(seconds=lives_seconds),
        user_public_key=user_public_key,
    )


def _check_rooms(rooms: Sequence[str]) -> None:
    for room in rooms:
        if not ROOM.fullmatch(room):
            raise ValueError(f"not the subject of one room: {room!r}")


def mint_crowd_pass(account_seed: str, now: datetime, lives_seconds: int, rooms: Sequence[str] = ()) -> Pass:
    """A pass for a load generator, which asks for many people over one connection."""
    _check_rooms(rooms)
    return _mint(
        account_seed,
        name="crowd",
        publish=["do.>"],
        subscribe=["me.>", "all.>", *rooms],
        limits={},
        now=now,
        expires_at=now + timedelta(seconds=lives_seconds),
    )


def mint_server_pass(account_seed: str, now: datetime, *, name: str = "server") -> Pass:
    """A pass for Wufu's own processes: everything in the account, for as long as its key is in use."""
    return _mint(account_seed, name=name, publish=[">"], subscribe=[">"], limits={}, now=now, expires_at=None)


# --- keys -----------------------------------------------------------------------------------------------


def new_seed(prefix: int) -> str:
    """A fresh seed for a key of the given nkeys prefix (operator, account or user)."""
    encoded: bytes = nkeys.encode_seed(Chance.system().secret("nkey", 32), prefix)
    return encoded.decode()


def public_key(seed: str) -> str:
    """The public nkey of a seed. Raises ValueError when the text is not a seed."""
    try:
        encoded: bytes = nkeys.from_seed(bytearray(seed, "ascii")).public_key
    except (nkeys.NkeysError, ValueError) as error:
        raise ValueError("not an nkey seed (it begins with S)") from error
    return encoded.decode()


def is_user_key(text: str) -> bool:
    """Whether a text is a user's public nkey: right prefix, length and checksum."""
    try:
        raw = base64.b32decode(text)
    except ValueError:
        return False
    if len(raw) != 35 or raw[0] != nkeys.PREFIX_BYTE_USER:
        return False
    return raw[33:] == bytes(nkeys.crc16_checksum(raw[:33]))


# --- tokens ---------------------------------------------------------------------------------------------


def operator_jwt(operator_seed: str, system_account: str, now: datetime) -> str:
    """The operator's own token, self-signed; it names the account the server may use for itself."""
    about = {"type": "operator", "version": 2, "system_account": system_account}
    return sign_claims(operator_seed, public_key(operator_seed), "wufu", about, now)


def account_jwt(operator_seed: str, account: str, name: str, now: datetime, *, jetstream: bool) -> str:
    """An account's token, signed by the operator, with or without JetStream."""
    storage = UNLIMITED if jetstream else 0  # what JetStream may take in all is bounded by the server
    limits = {
        **dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), UNLIMITED),
        "wildcards": True,
        "mem_storage": storage,
        "disk_storage": storage,
        "streams": storage,
        "consumer": storage,
    }
    about = {"type": "account", "version": 2, "limits": limits, "default_permissions": {"pub": {}, "sub": {}}}
    return sign_claims(operator_seed, account, name, about, now)


def sign_claims(
    seed: str,
    subject: str,
    name: str,
    about: Mapping[str, object],
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """A NATS JWT (version 2) about the key `subject`, signed with `seed`."""
    key = nkeys.from_seed(bytearray(seed, "ascii"))
    claims: dict[str, object] = {
        "iat": int(now.timestamp()),
        "iss": key.public_key.decode(),
        "name": name,
        "sub": subject,
        "nats": about,
    }
    if expires_at is not None:
        claims["exp"] = int(expires_at.timestamp())
    claims["jti"] = base64.b32encode(hashlib.new("sha512_256", _json(claims)).digest()).decode().rstrip("=")
    signed = f"{_base64url(_json({'typ': 'JWT', 'alg': 'ed25519-nkey'}))}.{_base64url(_json(claims))}"
    return f"{signed}.{_base64url(key.sign(signed.encode()))}"


def _mint(
    account_seed: str,
    *,
    name: str,
    publish: Sequence[str],
    subscribe: Sequence[str],
    limits: Mapping[str, int],
    now: datetime,
    expires_at: datetime | None,
    user_public_key: str | None = None,
) -> Pass:
    if user_public_key is not None and not is_user_key(user_public_key):
        raise ValueError("not the public nkey of a user (it begins with U)")
    seed = "" if user_public_key is not None else new_seed(nkeys.PREFIX_BYTE_USER)
    user = user_public_key if user_public_key is not None else public_key(seed)
    about: dict[str, object] = {
        "type": "user",
        "version": 2,
        "pub": {"allow": list(publish)},
        "sub": {"allow": list(subscribe)},
        "subs": UNLIMITED,
        "data": UNLIMITED,
        "payload": UNLIMITED,
        **limits,
    }
    jwt = sign_claims(account_seed, user, name, about, now, expires_at)
    return Pass(jwt=jwt, seed=seed, user=user, expires_at=expires_at)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
