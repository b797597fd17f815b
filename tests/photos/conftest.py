from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.photos.acts import Album
from tests.photos.phones import Phones
from wufu.db import Database
from wufu.objects import ObjectStore, Workshop


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    """A folder of this test's own."""
    return ObjectStore.open(tmp_path / "objects")


@pytest.fixture
def album(database: Database, store: ObjectStore) -> Album:
    """People with money, and photos among them."""
    return Album(database, store)


@pytest.fixture(scope="session")
async def workshop() -> AsyncIterator[Workshop]:
    """One child for all tests."""
    shop = Workshop()
    yield shop
    await shop.close()


@pytest.fixture
def phones(database: Database, store: ObjectStore, workshop: Workshop) -> Phones:
    return Phones(database, store, workshop)
