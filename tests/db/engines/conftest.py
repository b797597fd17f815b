"""What the tests of the engines share: places that the engines' user can reach."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """A fresh folder for a data directory; as root it is one that the engines' user can pass through."""
    with tempfile.TemporaryDirectory(prefix="wufu-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o711)
        yield Path(folder) / "data"


@pytest.fixture(autouse=True)
def no_named_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests start their own engines whatever the caller's environment names."""
    for variable in list(os.environ):
        if variable.startswith(("WUFU_DATABASE", "WUFU_NATS")):
            monkeypatch.delenv(variable)
