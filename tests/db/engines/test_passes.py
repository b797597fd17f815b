"""A pass opens a person's own subjects and nothing else, over TCP and over WebSocket alike."""

import asyncio
import base64
import contextlib
import gc
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import nats
import nkeys
import pytest
from nats.aio.client import Client, RawCredentials
from nats.aio.msg import Msg

from wufu.core.clock import utc_now
from wufu.db.engines import (
    Engines,
    Pass,
    mint_crowd_pass,
    mint_person_pass,
    mint_server_pass,
    start_engines_for_tests,
)
from wufu.db.engines.passes import PERSON_PAYLOAD_BYTES, new_seed, public_key

# nats-py does not close the socket of a connection that the server refused or ended.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

LIVES_SECONDS = 600


@dataclass
class Line:
    """A connection, and what the server complained of on it."""

    client: Client
    complaints: list[str] = field(default_factory=list)

    async def complaint(self) -> str:
        """The server's next complaint."""
        await self.client.flush()
        while not self.complaints:
            await asyncio.sleep(0.01)
        return self.complaints.pop(0)


@contextlib.asynccontextmanager
async def connected(url: str, its_pass: Pass, inbox: str = "_INBOX") -> AsyncIterator[Line]:
    complaints: list[str] = []

    async def hear(error: Exception) -> None:
        complaints.append(str(error))

    client = await nats.connect(
        url,
        user_credentials=RawCredentials(its_pass.credentials()),
        inbox_prefix=inbox.encode(),
        allow_reconnect=False,
        error_cb=hear,
    )
    try:
        yield Line(client, complaints)
    finally:
        await client.close()


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Such sockets go with the test that left them, not in the middle of another one."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
async def engines() -> AsyncIterator[Engines]:
    async with start_engines_for_tests() as started:
        yield started


@pytest.fixture(scope="module")
async def server(engines: Engines) -> AsyncIterator[Client]:
    """A server that answers every verb with the subject it was asked on."""
    async with connected(engines.nats_url, mint_server_pass(engines.account_seed, utc_now())) as line:

        async def answer(message: Msg) -> None:
            await message.respond(message.subject.encode())

        await line.client.subscribe("do.>", cb=answer)
        await line.client.flush()
        yield line.client


@pytest.fixture(params=["tcp", "websocket"])
def url(request: pytest.FixtureRequest, engines: Engines) -> str:
    return engines.nats_url if request.param == "tcp" else engines.websocket_url


def pass_of(engines: Engines, person: int) -> Pass:
    return mint_person_pass(engines.account_seed, person, None, utc_now(), LIVES_SECONDS)


async def test_a_person_asks_hears_facts_and_broadcasts(engines: Engines, server: Client, url: str) -> None:
    async with connected(url, pass_of(engines, 7), inbox="me.7") as line:
        facts = await line.client.subscribe("me.7.fact")
        pulses = await line.client.subscribe("all.fortune.>")
        answer = await line.client.request("do.7.tap", b"{}", timeout=5)
        assert answer.data == b"do.7.tap"
        await server.publish("me.7.fact", b"a card came")
        await server.publish("all.fortune.eve", b"the pool moved")
        assert (await facts.next_msg(timeout=5)).data == b"a card came"
        assert (await pulses.next_msg(timeout=5)).data == b"the pool moved"
        assert line.complaints == []


@pytest.mark.parametrize(
    "subject",
    [
        "do.8.tap",
        "do.70.tap",
        "do.7",
        "me.7.fact",
        "me.8.fact",
        "all.fortune.eve",
        "$JS.API.INFO",
        "$SYS.REQ.X",
    ],
)
async def test_a_person_may_not_publish(engines: Engines, server: Client, url: str, subject: str) -> None:
    async with connected(url, pass_of(engines, 7), inbox="me.7") as line:
        await line.client.publish(subject, b"{}")
        assert "permissions violation for publish" in await line.complaint()


@pytest.mark.parametrize(
    "subject", ["me.8.>", "me.*.fact", "me.>", "do.7.>", ">", "*.7.>", "_INBOX.>", "$SYS.>"]
)
async def test_a_person_may_not_subscribe(engines: Engines, url: str, subject: str) -> None:
    async with connected(url, pass_of(engines, 7), inbox="me.7") as line:
        await line.client.subscribe(subject)
        assert "permissions violation for subscription" in await line.complaint()


async def test_a_person_who_sends_more_than_a_phone_needs_is_cut_off(
    engines: Engines, server: Client, url: str
) -> None:
    async with connected(url, pass_of(engines, 7), inbox="me.7") as line:
        most = bytes(PERSON_PAYLOAD_BYTES)
        assert (await line.client.request("do.7.tap", most, timeout=5)).data == b"do.7.tap"
        await line.client.publish("do.7.tap", most + b"!")
        while not line.client.is_closed:
            await asyncio.sleep(0.01)


async def test_an_expired_pass_opens_nothing(engines: Engines) -> None:
    long_ago = utc_now() - timedelta(seconds=LIVES_SECONDS + 5)
    old = mint_person_pass(engines.account_seed, 7, None, long_ago, LIVES_SECONDS)
    with pytest.raises(nats.errors.Error):
        async with connected(engines.nats_url, old, inbox="me.7"):
            pass


async def test_a_pass_of_another_account_opens_nothing(engines: Engines) -> None:
    stranger = new_seed(nkeys.PREFIX_BYTE_ACCOUNT)
    with pytest.raises(nats.errors.Error):
        async with connected(engines.nats_url, mint_person_pass(stranger, 7, None, utc_now(), LIVES_SECONDS)):
            pass


async def test_a_pass_is_no_use_without_its_seed(engines: Engines) -> None:
    ours, theirs = pass_of(engines, 7), pass_of(engines, 8)
    with pytest.raises(nats.errors.Error):
        async with connected(engines.nats_url, Pass(jwt=ours.jwt, seed=theirs.seed, user=ours.user)):
            pass


async def test_a_phone_may_keep_its_own_key(engines: Engines, server: Client) -> None:
    seed = new_seed(nkeys.PREFIX_BYTE_USER)
    granted = mint_person_pass(engines.account_seed, 9, public_key(seed), utc_now(), LIVES_SECONDS)
    assert granted.seed == ""
    async with connected(engines.nats_url, Pass(granted.jwt, seed, granted.user), inbox="me.9") as line:
        assert (await line.client.request("do.9.tap", b"", timeout=5)).data == b"do.9.tap"


async def test_a_crowd_asks_for_many_but_is_no_server(engines: Engines, server: Client) -> None:
    crowd = mint_crowd_pass(engines.account_seed, utc_now(), LIVES_SECONDS)
    async with connected(engines.nats_url, crowd, inbox="me.1") as line:
        for person in (1, 2):
            assert (await line.client.request(f"do.{person}.tap", b"", timeout=5)).data
        await line.client.publish("me.1.fact", b"forged")
        assert "permissions violation for publish" in await line.complaint()


@pytest.mark.parametrize(
    "key",
    ["", "U", "not a key", public_key(new_seed(nkeys.PREFIX_BYTE_ACCOUNT))],
    ids=["nothing", "its first letter", "words", "an account's"],
)
async def test_only_a_users_public_key_gets_a_pass(key: str) -> None:
    account = new_seed(nkeys.PREFIX_BYTE_ACCOUNT)
    with pytest.raises(ValueError, match="public nkey of a user"):
        mint_person_pass(account, 7, key, utc_now(), LIVES_SECONDS)


async def test_a_pass_has_the_form_of_nats_jwt_2() -> None:
    account = new_seed(nkeys.PREFIX_BYTE_ACCOUNT)
    now = utc_now()
    minted = mint_person_pass(account, 7, None, now, LIVES_SECONDS)
    header, claims, _ = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in minted.jwt.split(".")
    )
    assert json.loads(header) == {"typ": "JWT", "alg": "ed25519-nkey"}
    read = json.loads(claims)
    jti = read.pop("jti")
    unsigned = json.dumps(read, separators=(",", ":")).encode()
    assert jti == base64.b32encode(hashlib.new("sha512_256", unsigned).digest()).decode().rstrip("=")
    assert read["iss"] == public_key(account)
    assert read["sub"] == public_key(minted.seed) == minted.user
    assert read["exp"] - read["iat"] == LIVES_SECONDS
    assert read["nats"]["pub"] == {"allow": ["do.7.>"]}
    assert read["nats"]["sub"] == {"allow": ["me.7.>", "all.>"]}
    assert (read["nats"]["type"], read["nats"]["version"]) == ("user", 2)
    assert minted.seed not in repr(minted)


async def test_a_pass_hears_the_rooms_it_lists_five_hundred_of_them_and_no_other(
    engines: Engines, server: Client, url: str
) -> None:
    rooms = [f"room.{number:016d}" for number in range(500)]
    its_pass = mint_person_pass(engines.account_seed, 7, None, utc_now(), LIVES_SECONDS, rooms)
    async with connected(url, its_pass, inbox="me.7") as line:
        heard = await line.client.subscribe(rooms[-1])
        await line.client.subscribe("room.00000000000other")
        await line.client.flush()
        await server.publish(rooms[-1], b"hello")
        assert (await heard.next_msg(timeout=5)).data == b"hello"
        assert len(line.complaints) == 1


@pytest.mark.parametrize(
    "room", ["room.>", "room.*", "room.a.b", "me.8.chat", ">", "room.", "room.aaaaaaaa.>"]
)
def test_a_pass_is_not_minted_for_more_than_one_room(engines: Engines, room: str) -> None:
    with pytest.raises(ValueError, match="room"):
        mint_person_pass(engines.account_seed, 7, None, utc_now(), LIVES_SECONDS, [room])
