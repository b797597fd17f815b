"""The operator's side of photos at the machine: the queue, a look, whose copy it is, verdicts, settings."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.test_operator import Commands
from tests.conftest import FreshDatabase, TestClock
from tests.photos.acts import Album, as_file, do, natural
from wufu.core.clock import utc_now
from wufu.db import Database
from wufu.db.engines import Engines
from wufu.main import OBJECTS
from wufu.objects import ObjectStore
from wufu.photos import Photo, ReportPhoto, payload, photo_bits, report_photos, show_marked


@pytest.fixture
def wufu(engines: Engines, fresh: FreshDatabase) -> Commands:
    return Commands(engines, fresh)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    """Where the commands look for it, below their --data."""
    return ObjectStore.open(tmp_path / OBJECTS)


@pytest.fixture
def album(database: Database, store: ObjectStore, clock: TestClock) -> Album:
    """Posted now: commands look at the clock on the wall, and what died in 2016 is gone."""
    clock.now = utc_now()
    return Album(database, store)


async def _reported(album: Album) -> tuple[Photo, int]:
    """A photo that its only payer found something wrong with, and what they paid."""
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    paid = await album.pay(viewer, photo.id)
    await do(album.database, report_photos, [ReportPhoto(viewer, photo.id, "fraud", "不是年夜饭")])
    return photo, paid.minor


async def test_a_reported_photo_is_looked_at_and_taken_down(
    wufu: Commands, album: Album, store: ObjectStore, tmp_path: Path
) -> None:
    photo, minor = await _reported(album)
    look = tmp_path / "look.jpg"
    where = f"--data {tmp_path} --json"
    queued, shown, down, again, empty, unknown = await wufu(
        f"photos queue {where}",
        f"photos show {photo.id} --to {look} {where}",
        f"photos take-down {photo.id} --why fraud {where}",
        f"photos take-down {photo.id} --data {tmp_path}",
        f"photos queue --data {tmp_path}",
        f"photos keep 00000000-0000-4000-8000-000000000000 {where}",
    )
    [waiting] = json.loads(queued[1])["waiting"]
    assert (waiting["photo"], waiting["reasons"]) == (str(photo.id), ["fraud"])
    assert json.loads(shown[1])["mark"] == photo_bits(photo.id)
    with Image.open(io.BytesIO(look.read_bytes())) as opened:
        assert opened.size == (640, 480)
    told = json.loads(down[1])
    assert (told["refunded_minor"], told["unclaimed_minor"]) == (minor, 0)
    assert "0 fen went back" in again[1]
    assert "Nothing waits" in empty[1]
    assert unknown[0] != 0
    assert [code for code, _ in (queued, shown, down, again, empty)] == [0] * 5


async def test_whose_view_a_copy_was_is_read_from_it(
    wufu: Commands, album: Album, store: ObjectStore, tmp_path: Path
) -> None:
    """Saved again as a worse JPEG, as a messenger would; and a picture that was never here."""
    author, viewer = await album.friends(2)
    photo = await album.post(author)
    marked = show_marked(
        as_file(natural(), quality=95), payload(store.key_for("photo marks"), photo.id, viewer), None
    )
    with Image.open(io.BytesIO(marked)) as opened:
        (tmp_path / "copy.jpg").write_bytes(as_file(opened, quality=70))
    (tmp_path / "other.jpg").write_bytes(as_file(natural(seed=5)))
    found, none, lost = await wufu(
        *(
            f"photos trace {tmp_path / name} --data {tmp_path}"
            for name in ("copy.jpg", "other.jpg", "nowhere.jpg")
        )
    )
    assert found[0] == 0
    assert f"person {viewer};" in found[1]
    assert photo_bits(photo.id) in found[1]
    assert (none[0], lost[0]) == (1, 2)


async def test_what_is_allowed_is_changed_and_nonsense_is_not(
    wufu: Commands, album: Album, tmp_path: Path
) -> None:
    where = f"--data {tmp_path} --json"
    changed, wrong, unknown, words = await wufu(
        f"photos settings posts_day=5 held_by=2 {where}",
        f"photos settings posts_day=99999999 {where}",
        f"photos settings pots_day=5 {where}",
        f"photos settings posts_day=many {where}",
    )
    assert (json.loads(changed[1])["posts_day"], json.loads(changed[1])["held_by"]) == (5, 2)
    assert {code for code, _ in (wrong, unknown, words)} == {2}
