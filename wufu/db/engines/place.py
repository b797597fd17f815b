"""Where the engines live: the data directory, its lock, its user, its ports, its socket.

```
<data>/               0700 (0711 when we are root: the engines' user must pass through)
  lock                held by the one server that runs here; says its process id
  ports.json          the loopback ports NATS got first, kept so that phones find it again
  keys.json           0600: the seeds of NATS's operator, account and system account
  postgres/18/        the cluster, one folder a major version
  nats/               JetStream's store and the server's configuration
  run/                0700: PostgreSQL's socket, when the path is short enough for one
  logs/               postgres.log, nats.log
  engines/            copies of the binaries, only where the engines' user cannot reach the installed ones
```

PostgreSQL refuses to run as root, and nothing needs NATS to. Started as root, the engines run as an
unprivileged user: the owner of the cluster when there is one, else the user `wufu` when the machine has it,
else `nobody`. We create no user.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's own limit is 107 (sockaddr_un)
ROOT_DATA = Path("/var/lib/wufu")


class EngineFailure(Exception):
    """An engine cannot be started, or not be kept running; the message says why and what can be done."""


class DataInUse(EngineFailure):
    """Another server runs on this data directory; the message names its process."""


class DataUnreachable(EngineFailure):
    """The engines' user cannot get to the data directory; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The system user the engines run as."""

    uid: int
    gid: int
    name: str

    @property
    def is_us(self) -> bool:
        """Whether it is the user this process runs as."""
        return self.uid == os.geteuid()


@dataclass(frozen=True, slots=True)
class EnginePorts:
    """NATS's loopback ports: for servers, for phones (WebSocket), for its health page."""

    nats: int
    websocket: int
    monitor: int


def default_data_dir() -> Path:
    """Where Wufu keeps its data unless told otherwise: the user's data home, or /var/lib/wufu for root.

    Root's own home is closed to the unprivileged user that the engines run as.
    """
    return ROOT_DATA if os.geteuid() == 0 else Path(platformdirs.user_data_dir("wufu", appauthor=False))


def engines_user(cluster: Path) -> Owner:
    """Whom the engines run as (see the story above); `cluster` is PostgreSQL's folder, perhaps to be."""
    uid = os.geteuid()
    if uid == 0:
        names = ("wufu", "nobody")
        known = [entry for entry in pwd.getpwall() if entry.pw_name in names]
        if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
            uid = owner
        elif known:
            uid = min(known, key=lambda entry: names.index(entry.pw_name)).pw_uid
        else:
            raise DataUnreachable("started as root, and this machine has neither a user wufu nor nobody")
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise DataUnreachable(f"user {uid} has no name on this machine, which PostgreSQL needs") from None
    return Owner(uid=uid, gid=entry.pw_gid if uid != os.geteuid() else os.getegid(), name=entry.pw_name)


def prepare_data_dir(data: Path) -> Path:
    """Create the data directory with the mode above, leave one that is there as it is; its absolute path."""
    data = data.expanduser().resolve()
    if not data.exists():
        data.mkdir(parents=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return data


def check_reachable(data: Path, owner: Owner) -> None:
    """Raise DataUnreachable when the engines' user cannot pass through to the data directory."""
    if owner.is_us or may(owner, "-x", data):
        return
    closed = next(folder for folder in [*reversed(data.parents), data] if not may(owner, "-x", folder))
    raise DataUnreachable(
        f"{data} cannot be used as root: PostgreSQL runs as the user {owner.name}, who may not pass through "
        f"{closed}. Choose another place, such as --data {ROOT_DATA}, or run `chmod o+x {closed}`, "
        "or run wufu as an ordinary user."
    )


def may(owner: Owner, right: str, path: Path) -> bool:
    """Whether the user has a right (`-r`, `-w`, `-x` of test(1)) to a path: asked of the kernel, as them."""
    test = shutil.which("test") or "/usr/bin/test"
    asked = subprocess.run(
        [test, right, str(path)], user=owner.uid, group=owner.gid, extra_groups=[], cwd="/", check=False
    )
    return asked.returncode == 0


def private_folder(folder: Path, owner: Owner) -> Path:
    """Create a folder that only its owner can enter, and give it to them."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if not owner.is_us:
        os.chown(folder, owner.uid, owner.gid)
    return folder


@contextlib.contextmanager
def hold_lock(data: Path) -> Iterator[None]:
    """Hold the data directory for this process; raise DataInUse when another one does.

    The lock is the kernel's (flock) and ends with its holder, however that ends: there is no stale one. The
    process id in the file is only for people.
    """
    with (data / "lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DataInUse(
                f"{data} is in use by process {lock.read().strip() or '(starting)'}. Stop that one first, "
                "or give this one its own place with --data."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
        lock.truncate(0)


def socket_folder(data: Path, owner: Owner) -> Path:
    """A private folder with a path short enough for a unix socket: `<data>/run`, else one under /run or /tmp.

    Raises DataUnreachable when a folder of that name is there already and is somebody else's.
    """
    near = data / "run"
    if _fits(near):
        return private_folder(near, owner)
    name = f"wufu-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for base in (Path(runtime), Path("/tmp")):  # noqa: S108  private_folder's mode and the check below guard it
        if (
            base.is_absolute()
            and base.is_dir()
            and _fits(base / name)
            and (owner.is_us or may(owner, "-x", base))
        ):
            far = base / name
            with contextlib.suppress(FileExistsError):
                far.mkdir(mode=0o700)
            found = far.lstat()
            if far.is_symlink() or found.st_uid not in {owner.uid, os.geteuid()}:
                raise DataUnreachable(f"{far} is somebody else's; remove it, or use a shorter --data path")
            return private_folder(far, owner)
    raise DataUnreachable(f"{data} is too long a path for a unix socket; use a shorter --data path")


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH


def reachable_copy(installed: Sequence[Path], to: Path, owner: Owner) -> Path:
    """The folder that holds the installed files or folders, or a copy of them that the user can reach.

    All of `installed` share a parent, which is answered when the user can run what is in it. Otherwise they
    are copied once into `to`, which is answered; a half-made copy is never used.
    """
    parent = installed[0].parent
    if owner.is_us or all(may(owner, "-r", path) and may(owner, "-x", path) for path in installed):
        return parent
    if not to.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        to.parent.chmod(0o755)
        half = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
        for path in installed:
            if path.is_dir():
                shutil.copytree(path, half / path.name, symlinks=True)
            else:
                shutil.copy2(path, half / path.name)
        for path in [half, *half.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
        half.rename(to)
    return to


# --- ports ----------------------------------------------------------------------------------------------


def choose_ports(data: Path, wanted: EnginePorts | None) -> EnginePorts:
    """The ports NATS is to listen on, all free now.

    Those asked for (0: any free one), or else those of the last run, so that phones find the server again; of
    these a taken one is replaced. Raises EngineFailure when a port that was asked for is taken.
    """
    kept = data / "ports.json"
    numbers = [0, 0, 0] if wanted is None else list(asdict(wanted).values())
    if wanted is None and kept.exists():
        with contextlib.suppress(ValueError, TypeError):
            numbers = list(asdict(EnginePorts(**json.loads(kept.read_text(encoding="ascii")))).values())
    with contextlib.ExitStack() as held:
        # All three are held until all are known: the kernel gives no port twice.
        ports = EnginePorts(*(_take(held, number, may_differ=wanted is None) for number in numbers))
    if wanted is None:
        kept.write_text(json.dumps(asdict(ports)), encoding="ascii")
    return ports


def _take(held: contextlib.ExitStack, number: int, *, may_differ: bool) -> int:
    """Listen on a loopback port until `held` closes: on this one, or on a free one."""
    taken = held.enter_context(socket.socket())
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as NATS does: a port just closed is free
    try:
        taken.bind(("127.0.0.1", number))
    except OSError as error:
        if not may_differ:
            raise EngineFailure(f"port {number} cannot be used: {error.strerror}") from error
        taken.bind(("127.0.0.1", 0))
    # Bound is not yet taken: two sockets may share an address with SO_REUSEADDR until one listens.
    taken.listen(1)
    return int(taken.getsockname()[1])
