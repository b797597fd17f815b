"""`wufu serve` and the commands beside it: stopping, import, settlement, verify, audit."""

import asyncio
import json
import os
import signal
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.crash.conftest import EVE, SETTLES, Eve
from tests.crash.serving import processes_under, wufu
from tests.crash.tapping import tapping
from tests.journeys.phone import until
from wufu.core.clock import utc_now
from wufu.fortune import see_campaign, see_proof

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
async def test_a_stopped_server_leaves_no_process(eve: Eve, sent: signal.Signals) -> None:
    serving = eve.serving
    if serving.status is not None:
        await serving.start()
    assert len(serving.known) > 3, "a server, PostgreSQL with its helpers, NATS"
    assert await serving.stop(sent) in {0, 130}
    assert await serving.left() == []
    assert "Traceback" not in serving.said()
    await serving.start()


async def test_a_server_that_is_stopped_while_phones_tap_answers_what_it_took(eve: Eve) -> None:
    serving = eve.serving
    async with serving.reading() as connection:
        before = (await see_campaign(connection, EVE, utc_now())).taps
    async with tapping(serving.engines, EVE, dict.fromkeys(eve.players[:1], before)) as [phone]:
        await until(lambda: phone.batches >= 2, 60)
        assert await serving.stop() in {0, 130}
        await serving.start()
        again = phone.batches
        await until(lambda: phone.batches >= again + 2, 60)
    async with serving.reading() as connection:
        taps = (await see_campaign(connection, EVE, utc_now())).taps
    assert phone.following <= taps <= phone.following + 3


async def test_a_killed_process_beside_the_server_is_replaced_while_phones_tap(eve: Eve) -> None:
    """What it was asked and had not answered is asked again; nothing is lost, nothing counted twice."""
    serving = eve.serving
    async with serving.reading() as connection:
        before = (await see_campaign(connection, EVE, utc_now())).taps
    killed = serving.beside()
    async with tapping(serving.engines, EVE, dict.fromkeys(eve.players[:1], before)) as [phone]:
        await until(lambda: phone.batches >= 2, 60)
        os.kill(killed, signal.SIGKILL)
        await until(lambda: "another takes its place" in serving.said(), 30)
        again = phone.batches
        await until(lambda: phone.batches >= again + 2, 60)
    serving.note()
    async with serving.reading() as connection:
        taps = (await see_campaign(connection, EVE, utc_now())).taps
    assert phone.following <= taps <= phone.following + 3
    assert serving.beside() != killed


async def test_two_servers_never_share_a_place(eve: Eve) -> None:
    second = await wufu("serve", "--port", "0", "--data", eve.serving.data)
    assert second.status == 3
    assert f"in use by process {eve.serving.pid}" in second.err
    assert "Traceback" not in second.err
    assert eve.serving.status is None


async def test_a_taken_port_is_told_in_words(eve: Eve, tmp_path: Path) -> None:
    port = eve.serving.url.rsplit(":", 1)[1]
    place = eve.serving.data.parent / "another"
    ended = await wufu("serve", "--port", port, "--data", place)
    assert ended.status == 3
    assert port in ended.err
    assert "Traceback" not in ended.err
    assert processes_under(place) == []


async def test_bad_lines_are_named_and_nothing_is_imported(eve: Eve, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.txt", tmp_path / "good.txt"
    bad.write_text("# a graph\n1 2\n2\n2 3\n3 3 3 x\n4 \x07\n", encoding="utf-8")
    good.write_text("# a graph\n1 2\n2 3\n1 3\n", encoding="utf-8")

    async def people() -> int:
        async with eve.serving.reading() as connection:
            count: int = await connection.fetchval("SELECT count(*) FROM person")
            return count

    before = await people()
    refused = await wufu("import", "ties", bad, "--data", eve.serving.data)
    assert refused.status == 2
    for line in (3, 5, 6):
        assert f"line {line}:" in refused.err
    assert "line 4" not in refused.err
    assert await people() == before
    for _ in range(2):  # safe to run again
        done = await wufu("import", "ties", good, "--json", "--data", eve.serving.data)
        assert done.status == 0, done.err
        report = json.loads(done.out.splitlines()[-1])
        assert (report["people"], report["ties"]) == (3, 3)
        assert await people() == before + 3


async def test_an_eve_ends_by_the_operators_clock_and_its_proofs_hold(eve: Eve, tmp_path: Path) -> None:
    serving = eve.serving
    shows = (SETTLES + timedelta(seconds=1)).replace(tzinfo=None).isoformat()
    moved = await wufu("campaign", "clock", EVE, "--speed", "0", "--shows", shows, "--data", serving.data)
    assert moved.status == 0, moved.err
    state = ""
    while state != "settled":  # the server's own clock job does it
        async with serving.reading() as connection:
            state = (await see_campaign(connection, EVE, utc_now())).state
    async with serving.reading() as connection:
        proof = msgspec.to_builtins(await see_proof(connection, EVE, eve.players[0]))
    good, bad = tmp_path / "proof.json", tmp_path / "changed.json"
    text = json.dumps(proof)
    good.write_text(text, encoding="utf-8")
    secret = proof["rounds"][1]["secret"]
    changed = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    bad.write_text(text.replace(secret, changed), encoding="utf-8")
    held, failed = await asyncio.gather(wufu("verify", good, "--json"), wufu("verify", bad))
    assert held.status == 0, held.out
    lines = json.loads(held.out)["lines"]
    assert len(lines) > 5
    assert all(line["ok"] for line in lines)
    assert failed.status == 1
    wrong = [line for line in failed.out.splitlines() if line.startswith("✗")]
    assert any("commitment" in line for line in wrong), failed.out
    assert any(line.startswith("✓") for line in failed.out.splitlines())


async def test_the_audit_needs_no_server(eve: Eve) -> None:
    """The last test here: it ends the server."""
    beside = await wufu("audit", "--json", "--data", eve.serving.data)
    assert beside.status == 0, beside.out
    assert eve.serving.status is None
    assert await eve.serving.stop() in {0, 130}
    alone = await wufu("audit", "--chain", "--json", "--data", eve.serving.data)
    assert alone.status == 0, alone.out
    report = json.loads(alone.out.splitlines()[-1])
    assert report["ok"] is True
    assert report["laws"] == json.loads(beside.out.splitlines()[-1])["laws"]
    assert await eve.serving.left() == []
