from pathlib import Path

import pytest

from wufu.objects import ObjectStore


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    """A folder of this test's own."""
    return ObjectStore.open(tmp_path / "objects")
