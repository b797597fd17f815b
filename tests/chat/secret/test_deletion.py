"""The deletion proof: after burning, no file of the engines or the object store holds anything of a secret.

Looked into, byte by byte: PostgreSQL's whole folder after VACUUM and CHECKPOINT (heap, TOAST, indexes, the
write-ahead log), JetStream's files, the objects, the logs. Looked for: the plaintext, the ciphertext, the
wrapped keys, and the object's bytes as they lay in the store. The same search first finds all of them where
they were, and finds ordinary messages in PostgreSQL and facts in JetStream: it is able to find.
"""

import asyncio
import base64
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from tests.chat.secret.sealing import SecretPhone, b64, secret_bytes, unb64, unframed
from tests.chat.serving import Household, household
from tests.journeys.conftest import OffsetClock
from tests.journeys.phone import Refused, fresh_id
from wufu.chat import Traces, find_traces
from wufu.db import Tx
from wufu.db.engines import Engines
from wufu.objects import drop, erase_dropped, put

PIECE = 24


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wufu-burn-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o711)  # the engines' user must pass through
        yield Path(folder)


@pytest.fixture
async def installed() -> AsyncIterator[tuple[Household, Engines, Path]]:
    """An installation in a folder of its own, engines and all, as durable as in earnest."""
    with data_folder() as folder:
        async with (
            Engines.start(folder, tell=lambda _: None) as engines,
            household(engines, OffsetClock(), folder / "objects") as house,
        ):
            yield house, engines, folder


def places_of(folder: Path, needles: dict[str, bytes]) -> set[tuple[str, str]]:
    """(needle, first folder) of every file in which a needle occurs; each file read whole."""
    found = set()
    for path in folder.rglob("*"):
        try:
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        except FileNotFoundError:  # PostgreSQL recycles its files meanwhile
            continue
        where = path.relative_to(folder).parts[0]
        found |= {(name, where) for name, needle in needles.items() if needle in data}
    return found


def pieces(name: str, data: bytes) -> dict[str, bytes]:
    """Its beginning, middle and end, as they are, in hexadecimal and in both base64s."""
    middle = len(data) // 2
    found = {}
    for part, at in (("first", 0), ("middle", middle), ("last", max(0, len(data) - PIECE))):
        piece = data[at : at + PIECE]
        found[f"{name} {part}"] = piece
        found[f"{name} {part} hex"] = piece.hex().encode()
        found[f"{name} {part} base64"] = base64.b64encode(piece)
        found[f"{name} {part} base64url"] = b64(piece).encode()
    return found


def needles_of(plain: bytes, frame: bytes) -> dict[str, bytes]:
    sealed, ciphertext = unframed(frame)
    needles = {"plaintext": plain[:60]} | pieces("ciphertext", ciphertext)
    needles |= {"digest text": sealed["sha256"].encode(), "ephemeral text": sealed["ephemeral"].encode()}
    for number, wrap in enumerate(sealed["wraps"].values()):
        needles |= {f"wrap {number} text": wrap.encode()} | pieces(f"wrap {number}", unb64(wrap))
    return needles


async def settle(engines: Engines) -> None:
    """Everything that PostgreSQL has not written yet goes to its files; dead rows go."""
    admin = await asyncpg.connect(engines.database_url)
    try:
        await admin.execute("VACUUM")
        await admin.execute("CHECKPOINT")
    finally:
        await admin.close()


async def erased(house: Household, count: int) -> None:
    async with asyncio.timeout(30):
        while len(house.files()) > count:
            await asyncio.sleep(0.05)


async def test_after_burning_no_file_holds_anything_of_a_secret(
    installed: tuple[Household, Engines, Path],
) -> None:
    house, engines, folder = installed
    name = "王" + fresh_id()[-12:]
    dong, li = [SecretPhone(await house.phone(one)) for one in (name, "li")]
    for phone in (dong, li):
        await phone.register()
    await house.befriend(dong.phone, li.phone)
    conversation = await dong.direct(li)
    said = f"an ordinary word {fresh_id()}"
    await dong.phone.do(
        "send_message", id=fresh_id(), conversation=conversation, kind="text", body={"text": said}
    )
    secrets = {}
    for plain in (f"银行卡密码 {fresh_id()}".encode(), secret_bytes(8000) * 40):
        message, _, frame = await dong.send(conversation, plain)
        secrets[message] = (plain, frame)
        await li.fetch(conversation, message)
        await li.see(conversation, message)

    # Before: the search finds what is there, and where it is.
    await settle(engines)
    paths = house.files()
    assert len(paths) == 2
    lying = {f"object {path.name}": path.read_bytes()[:PIECE] for path in paths}
    opened = [path.open("rb") for path in paths]
    every = lying | {
        f"{message} {name}": needle
        for message, its in secrets.items()
        for name, needle in needles_of(*its).items()
    }
    assert places_of(folder, every) == {(name, "objects") for name in lying}
    control = {"ordinary": said.encode(), "fact": name.encode()}
    assert {("ordinary", "postgres"), ("fact", "nats")} <= places_of(folder, control)
    await _finds_what_is_not_sealed(house, folder, next(iter(secrets.values()))[1])
    for id_ in secrets:
        traces = await _traces(house, id_)
        assert traces.lives
        places = {trace.place for trace in traces.traces if trace.content}
        assert places == {"table message", "table object", "table secret_message", "table secret_reader"}

    for id_ in secrets:
        await li.burn(conversation, id_)
    await erased(house, 0)
    await settle(engines)

    # After: nothing anywhere, and the very blocks of the files were overwritten before they were given back.
    assert places_of(folder, every) == set()
    for file in opened:
        with file:
            assert not file.read().strip(b"\0")
    for id_ in secrets:
        traces = await _traces(house, id_)
        assert (traces.lives, traces.ok) == (False, True)
        assert {trace.place for trace in traces.traces} == {"table message"}
        with pytest.raises(Refused, match="secret_gone"):
            await li.fetch(conversation, id_)
    assert ("ordinary", "postgres") in places_of(folder, control)


async def _finds_what_is_not_sealed(house: Household, folder: Path, frame: bytes) -> None:
    """The search finds ciphertext and wraps as well, had the store not sealed them once more."""
    database, objects = house.server.database, house.server.store
    before = len(house.files())

    async def work(tx: Tx) -> UUID:
        return await put(tx, objects, frame, "test/control", "application/octet-stream")

    id_ = await database.run(work, actor="test")
    plain = {name: needle for name, needle in needles_of(b"-" * 60, frame).items() if needle in frame}
    assert len(plain) > 5
    assert places_of(folder, plain) == {(name, "objects") for name in plain}
    await database.run(lambda tx: drop(tx, [id_]), actor="test")  # type: ignore[list-item]
    await erase_dropped(database, objects)
    await erased(house, before)
    assert places_of(folder, plain) == set()


async def _traces(house: Household, message: str) -> Traces:
    async with house.server.database.read() as connection:
        return await find_traces(connection, house.server.client, UUID(message))
