"""Servers that the environment names are used instead of our own, each on its own."""

from pathlib import Path

import asyncpg
import pytest

from wufu.db.engines import EngineFailure, Engines, start_engines_for_tests


async def test_a_named_database_and_nats_are_used_and_nothing_is_started(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start_engines_for_tests() as theirs:
        monkeypatch.setenv("WUFU_DATABASE_URL", theirs.app_url)
        monkeypatch.setenv("WUFU_DATABASE_OWNER_URL", theirs.owner_url)
        async with Engines.start(place, tell=print, sync=False) as half:
            assert (half.app_url, half.owner_url) == (theirs.app_url, theirs.owner_url)
            assert half.postgres_pid is None
            assert half.nats_pid not in {None, theirs.nats_pid}
        monkeypatch.setenv("WUFU_NATS_URL", theirs.nats_url)
        monkeypatch.setenv("WUFU_NATS_WEBSOCKET_URL", theirs.websocket_url)
        monkeypatch.setenv("WUFU_NATS_ACCOUNT_SEED", theirs.account_seed)
        nowhere = place.parent / "nowhere"
        async with Engines.start(nowhere, tell=print) as both:
            assert (both.nats_url, both.websocket_url) == (theirs.nats_url, theirs.websocket_url)
            assert both.account_seed == theirs.account_seed
            assert (both.postgres_pid, both.nats_pid, both.operator_seed) == (None, None, None)
            assert not nowhere.exists()
        connection = await asyncpg.connect(theirs.app_url)
        await connection.close()


async def test_without_an_owner_the_named_database_is_used_for_both(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start_engines_for_tests() as theirs:
        monkeypatch.setenv("WUFU_DATABASE_URL", theirs.owner_url)
        async with Engines.start(place, tell=print, sync=False) as ours:
            assert ours.owner_url == ours.app_url == theirs.owner_url


async def test_a_named_database_that_does_not_answer_is_said_to_be(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WUFU_DATABASE_URL", f"postgresql://wufu@/wufu?host={place}")
    with pytest.raises(EngineFailure, match="WUFU_DATABASE_URL does not answer"):
        async with Engines.start(place, tell=print):
            pass


@pytest.mark.parametrize("missing", ["WUFU_NATS_WEBSOCKET_URL", "WUFU_NATS_ACCOUNT_SEED"])
async def test_a_half_named_nats_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in ("WUFU_NATS_URL", "WUFU_NATS_WEBSOCKET_URL", "WUFU_NATS_ACCOUNT_SEED"):
        monkeypatch.setenv(name, "ws://127.0.0.1:1")
    monkeypatch.delenv(missing)
    with pytest.raises(EngineFailure, match=missing):
        async with Engines.start(place, tell=print):
            pass


async def test_a_seed_that_is_none_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WUFU_NATS_URL", "WUFU_NATS_WEBSOCKET_URL", "WUFU_NATS_ACCOUNT_SEED"):
        monkeypatch.setenv(name, "ws://127.0.0.1:1")
    with pytest.raises(EngineFailure, match="WUFU_NATS_ACCOUNT_SEED: not an nkey seed"):
        async with Engines.start(place, tell=print):
            pass
