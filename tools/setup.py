"""Make this clone ready to run, on a machine that has only python3 (3.11 or later), make, gcc and git.

The Makefile calls it: ``python3 tools/setup.py environment app browser spark``, any of these, in that order.

- ``environment``: ``.venv`` with every package of ``requirements.lock``, checked by hash, and wufu itself,
  editable.
- ``app``: the pages in ``app/``, built into ``wufu/app_dist/`` with the machine's Node.js, or with the one
  that comes from the lock where the machine has none that is new enough.
- ``browser``: a Chromium, and fonts of Chinese and emoji, for the journeys in the tests; only ``make test``
  needs it.
- ``spark``: PySpark from ``requirements-spark.lock`` and a Java to run it, for tests that compare engines;
  only ``make test`` needs it. Where there is no Java and none may be installed, those tests skip and say so.

Each step leaves a stamp in ``.venv/stamps``: a digest of everything it was made from. A step whose stamp
still holds costs a few milliseconds, so the second ``make demo`` starts at once. Standard library only: this
file runs before anything is installed, with the system's own Python.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = VENV / "stamps"
LOCK = ROOT / "requirements.lock"
SPARK_WANTED = ROOT / "requirements-spark.in"
SPARK_LOCK = ROOT / "requirements-spark.lock"
APP = ROOT / "app"
APP_DIST = ROOT / "wufu" / "app_dist"

OLDEST_PYTHON = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = {"fonts-noto-cjk": "zh", "fonts-noto-color-emoji": "und-zsye"}
"""Debian's package of a font, and a language that fontconfig knows it by (und-zsye is emoji)."""
JAVA = "openjdk-17-jre-headless"
NOT_SOURCES = {"node_modules", "dist", "coverage", ".vite"}
TRIES = 4


Command: TypeAlias = Sequence[Path | str]


class SetupError(Exception):
    """A step could not be done; the message says what the person at the keyboard can do about it."""


def main(steps: Sequence[str]) -> int:
    """Run the named steps in order; 0 when all hold, 1 with a message on standard error when one failed."""
    known: dict[str, Callable[[], None]] = {
        "environment": set_up_environment,
        "app": set_up_app,
        "browser": set_up_browser,
        "spark": set_up_spark,
        "lock": write_lock,
        "check-app": check_app,
        "test-app": test_app,
    }
    unknown = [step for step in steps if step not in known]
    if unknown or not steps:
        print(f"usage: setup.py STEP…   (steps: {', '.join(known)})", file=sys.stderr)
        return 2
    # Two `make` at once wait for each other instead of writing into one environment.
    with Path(__file__).open() as turnstile:
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        try:
            for step in steps:
                known[step]()
        except SetupError as error:
            print(f"\nset-up stopped: {error}", file=sys.stderr)
            return 1
    return 0


# --- Python ---------------------------------------------------------------------------------------------


def set_up_environment() -> None:
    """Create `.venv`, install the locked packages by hash, then wufu itself, editable."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise SetupError(f"Python {wanted} or later is needed, this is {sys.version.split()[0]}")
    # The clone's own path is part of the stamp: a virtual environment that was moved does not work.
    made_from = digest([LOCK, ROOT / "pyproject.toml", Path(__file__)], str(ROOT), sys.version)
    if holds("environment", made_from) and (BIN / "wufu").exists():
        return
    forget("environment")
    seed = create_venv()
    pins = [*pinned("uv"), *pinned("setuptools")]
    bootstrap = VENV / "bootstrap.lock"
    bootstrap.write_text("\n".join(pins) + "\n", encoding="utf-8")
    step(
        "fetching the installer",
        [*seed, "install", "--quiet", "--require-hashes", "-r", bootstrap],
        tries=TRIES,
    )
    install: Command = [
        BIN / "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        BIN / "python",
        "--no-build-isolation",
    ]
    # Builds happen with the locked setuptools, never in an isolated environment with whatever is newest.
    step("installing Python packages", [*install, "--require-hashes", "-r", LOCK], tries=TRIES)
    step("installing wufu", [*install, "--no-deps", "--editable", ROOT])
    remember("environment", made_from)


def create_venv() -> Command:
    """Create `.venv` where it does not work yet; the command line of a pip that installs into it."""
    if not was_moved() and works([BIN / "python", "-m", "pip", "--version"]):
        return [BIN / "python", "-m", "pip"]
    if importlib.util.find_spec("ensurepip") is None:
        if importlib.util.find_spec("pip") is not None:
            # Debian splits ensurepip off; a pip that is already there can fill an empty environment.
            step("creating .venv", [sys.executable, "-m", "venv", "--clear", "--without-pip", VENV])
            return [sys.executable, "-m", "pip", "--python", BIN / "python"]
        apt_install(["python3-venv"], why="Python's venv module is here without ensurepip")
    # A fresh interpreter: this one may have looked for ensurepip before it was installed.
    step("creating .venv", [sys.executable, "-m", "venv", "--clear", VENV])
    return [BIN / "python", "-m", "pip"]


def was_moved() -> bool:
    """Whether `.venv` was made somewhere else: its programs then name a Python that is not there."""
    written = VENV / "pyvenv.cfg"
    told = (
        re.search(r"^command = .* (\S.*)$", written.read_text(), re.MULTILINE) if written.is_file() else None
    )
    return told is not None and not told[1].endswith(str(VENV))


def pinned(name: str) -> list[str]:
    """The lines of `requirements.lock` that pin one package, with its hashes."""
    lines = iter(LOCK.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith(f"{name}=="):
            stanza = [line]
            while stanza[-1].endswith("\\"):
                stanza.append(next(lines))
            return stanza
    raise SetupError(f"requirements.lock does not pin {name}: run `make lock`")


def write_lock() -> None:
    """Resolve pyproject.toml anew into requirements.lock: every platform, every hash, no download address."""
    command: Command = [
        BIN / "uv",
        "pip",
        "compile",
        ROOT / "pyproject.toml",
        "--quiet",
        "--extra",
        "dev",
        "--upgrade",
    ]
    how: Command = ["--universal", "--python-version", "3.11", "--generate-hashes"]
    plain: Command = ["--no-emit-index-url", "--no-annotate", "--no-header", "--output-file", LOCK]
    step("resolving requirements.lock", [*command, *how, *plain], tries=TRIES)
    spark: Command = [
        BIN / "uv",
        "pip",
        "compile",
        SPARK_WANTED,
        "--quiet",
        "--upgrade",
        "--no-build-isolation",
    ]
    plain = [*plain[:-1], SPARK_LOCK]
    step("resolving requirements-spark.lock", [*spark, *how, *plain], tries=TRIES)


# --- the app --------------------------------------------------------------------------------------------


def set_up_app() -> None:
    """Install the app's packages and build its pages, each only when what it is made from changed."""
    environment = node_environment()
    install_app(environment)
    made_from = digest(app_sources())
    if holds("app", made_from) and any(APP_DIST.glob("**/*.html")):
        return
    forget("app")
    step("building the pages", ["npm", "run", "build", "--silent"], cwd=APP, environment=environment)
    if not any(APP_DIST.glob("**/*.html")):
        raise SetupError(f"the build of the app left no page in {APP_DIST.relative_to(ROOT)}")
    remember("app", made_from)


def check_app() -> None:
    """Run the app's own checks (types, words) as `make check` does."""
    environment = node_environment()
    install_app(environment)
    step("checking the app", ["npm", "run", "check", "--silent"], cwd=APP, environment=environment)


def test_app() -> None:
    """Run the app's own tests (proof check, clock, reducers, words), part of `make test`."""
    environment = node_environment()
    install_app(environment)
    step("testing the app", ["npm", "test", "--silent"], cwd=APP, environment=environment)


def install_app(environment: Mapping[str, str]) -> None:
    """`npm ci`, when package.json or its lock changed or node_modules is gone."""
    manifests = [APP / "package.json", APP / "package-lock.json"]
    for manifest in manifests:
        if not manifest.is_file():
            raise SetupError(f"{manifest.relative_to(ROOT)} is missing: this clone is not complete")
    made_from = digest(manifests)
    if holds("app-packages", made_from) and (APP / "node_modules").is_dir():
        return
    forget("app-packages")
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    step(
        "installing the app's packages", ["npm", "ci", *quiet], cwd=APP, environment=environment, tries=TRIES
    )
    remember("app-packages", made_from)


def app_sources() -> list[Path]:
    """Every file the built pages depend on."""
    found: list[Path] = []
    for folder, folders, files in os.walk(APP):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        found += [Path(folder) / file for file in sorted(files)]
    return found


def node_environment() -> dict[str, str]:
    """The environment in which `node` and `npm` are new enough: the machine's, else those of the lock."""
    environment = dict(os.environ, NO_COLOR="1")
    if shutil.which("npm") and node_is_new_enough("node"):
        return environment
    if not (BIN / "npm").exists():
        raise SetupError("there is no Node.js here and none in .venv: run `make setup`")
    environment["PATH"] = f"{BIN}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return environment


def node_is_new_enough(node: str) -> bool:
    """Whether Vite runs on this Node.js: 20.19 or later of 20, or 22.12 and later."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", said)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


# --- the browser ----------------------------------------------------------------------------------------


def set_up_browser() -> None:
    """See that a Chromium, a Chinese font and one of emoji are installed; as root on Debian, install them."""
    browser = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium"]
    fonts = [package for package, language in FONTS.items() if not has_font(language)]
    if fonts and not browser and not may_install():
        print(f"note: screenshots will show boxes for want of a font (apt-get install {' '.join(fonts)})")
    elif browser or fonts:
        apt_install([*browser, *fonts], why="the tests open the pages in a real browser")


def has_font(language: str) -> bool:
    """Whether fontconfig knows a font that covers a language."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", f":lang={language}"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


# --- Spark ----------------------------------------------------------------------------------------------


def set_up_spark() -> None:
    """See that there is a Java, as root on Debian install one, and install PySpark where there is."""
    if not works(["java", "-version"]):
        if not may_install():
            print(
                "note: there is no Java; tests on Spark will skip (apt-get install openjdk-17-jre-headless)"
            )
            return
        apt_install([JAVA], why="the tests compare Spark with DuckDB")
    made_from = digest([SPARK_LOCK], str(ROOT), sys.version)
    if holds("spark", made_from):
        return
    forget("spark")
    # Only as a source package in the registry; it is built with the locked setuptools.
    install: Command = [BIN / "uv", "pip", "install", "--quiet", "--python", BIN / "python"]
    built: Command = ["--no-build-isolation", "--require-hashes", "-r", SPARK_LOCK]
    step("installing PySpark", [*install, *built], tries=TRIES)
    remember("spark", made_from)


def may_install() -> bool:
    """Whether we are root on a Debian-like machine."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Sequence[str], *, why: str) -> None:
    """Install Debian packages, or say what an administrator has to."""
    names = " ".join(packages)
    if not may_install():
        raise SetupError(f"{why}: ask an administrator for `apt-get install {names}`, then run this again")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    wait = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3", "-qq"]
    step("refreshing the package list", ["apt-get", "update", *wait], environment=environment, tries=TRIES)
    install = ["apt-get", "install", "-y", "--no-install-recommends", *wait, *packages]
    step(f"installing {names}", install, environment=environment, tries=TRIES)


# --- running and remembering ----------------------------------------------------------------------------


def step(
    title: str,
    command: Command,
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    tries: int = 1,
) -> None:
    """Run one command under a line that says what it is and how long it took; its output if it failed."""
    arguments = [str(part) for part in command]
    began = time.monotonic()
    print(f"  {title} …", end="", flush=True)
    for pause in [*(3 * attempt for attempt in range(1, tries)), None]:
        ended = subprocess.run(
            arguments,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode == 0:
            print(f" {time.monotonic() - began:.1f} s", flush=True)
            return
        if pause is None:
            print(" failed", flush=True)
            print(ended.stdout + ended.stderr, file=sys.stderr)
            raise SetupError(f"{title}: `{' '.join(arguments[:6])} …` ended with {ended.returncode}")
        print(" again …", end="", flush=True)
        time.sleep(pause)


def works(command: Command) -> bool:
    """Whether a command can be run and ends well."""
    try:
        return (
            subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def digest(files: Iterable[Path], *facts: str) -> str:
    """SHA-256 over the names and contents of files and some further facts."""
    total = hashlib.sha256()
    for fact in facts:
        total.update(fact.encode() + b"\0")
    for file in files:
        total.update(str(file.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def holds(name: str, made_from: str) -> bool:
    """Whether a step was done from exactly this."""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == made_from


def remember(name: str, made_from: str) -> None:
    """Write a step's stamp, once the step is done."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(made_from, encoding="utf-8")


def forget(name: str) -> None:
    """Take a step's stamp away before the step begins: half a step is no step."""
    (STAMPS / name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
