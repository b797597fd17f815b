"""The proof file: an honest one holds, and each kind of forgery fails with the line that is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from tests.redpacket.acts import Packets
from wufu.cli.app import app
from wufu.redpacket import (
    PacketNotEnded,
    UnknownPacket,
    check_packet_proof,
    see_packet_proof,
)

Json = dict[str, Any]


async def proof_of(packets: Packets, *, opened: int = 5, split: str = "lucky") -> Json:
    """The proof of a packet of five shares, of which so many were opened before it ended."""
    li, *friends = await packets.people(6)
    sent = await packets.send(li, split=split, minor=1_000, shares=5)
    await packets.open_all(friends[:opened], sent)
    await packets.a_day_later()
    async with packets.world.database.read() as connection:
        found = await see_packet_proof(connection, li, sent.id)
    proof: Json = json.loads(msgspec.json.encode(found))
    return proof


@pytest.mark.parametrize("opened", [0, 3, 5])
@pytest.mark.parametrize("split", ["lucky", "equal"])
async def test_an_honest_proof_holds(packets: Packets, opened: int, split: str) -> None:
    lines = check_packet_proof(await proof_of(packets, opened=opened, split=split))
    assert [line.text for line in lines if not line.ok] == []
    assert lines


async def test_the_secret_is_shown_only_after_the_end(packets: Packets) -> None:
    li, mei, bo = await packets.people(3)
    sent = await packets.send(li)
    await packets.open(mei, sent)
    async with packets.world.database.read() as connection:
        with pytest.raises(PacketNotEnded):
            await see_packet_proof(connection, li, sent.id)
        with pytest.raises(UnknownPacket):
            await see_packet_proof(connection, bo, sent.id)
    await packets.a_day_later()
    async with packets.world.database.read() as connection:
        assert (await see_packet_proof(connection, mei, sent.id)).secret is not None


def swap_two(proof: Json) -> None:
    one, other = proof["openings"][:2]
    one["minor"], other["minor"] = other["minor"] + 1, one["minor"] - 1


def richer(proof: Json) -> None:
    proof["openings"][0]["minor"] += 1


def other_secret(proof: Json) -> None:
    proof["secret"] = "00" * 32


def other_commitment(proof: Json) -> None:
    proof["commitment"] = "00" * 32


def other_terms(proof: Json) -> None:
    proof["terms"]["sender"] += 1


def other_total(proof: Json) -> None:
    proof["terms"]["minor"] += 5


def no_secret(proof: Json) -> None:
    proof["secret"] = None


def twice(proof: Json) -> None:
    proof["openings"][1]["person"] = proof["openings"][0]["person"]


def left_out(proof: Json) -> None:
    proof["openings"].pop()


def one_more(proof: Json) -> None:
    proof["openings"].append({"place": 5, "minor": 1, "person": 99})


def moved(proof: Json) -> None:
    proof["openings"][2]["place"] = 3


def refunded(proof: Json) -> None:
    proof["refund_minor"] = 1


def returned(proof: Json) -> None:
    proof["state"] = "returned"


def more_terms(proof: Json) -> None:
    proof["terms"]["note"] = "not covered"


@pytest.mark.parametrize(
    ("forge", "where"),
    [
        (swap_two, "openings[0]"),
        (richer, "openings[0]"),
        (other_secret, "commitment"),
        (other_commitment, "commitment"),
        (other_terms, "commitment"),
        (other_total, "commitment"),
        (no_secret, "secret"),
        (twice, "openings[1]"),
        (left_out, "state"),
        (one_more, "openings"),
        (moved, "openings[2]"),
        (refunded, "refund_minor"),
        (returned, "state"),
        (more_terms, "terms"),
    ],
)
async def test_a_forgery_fails_with_its_line(
    packets: Packets, forge: Callable[[Json], None], where: str
) -> None:
    proof = await proof_of(packets)
    forge(proof)
    wrong = [line.text for line in check_packet_proof(proof) if not line.ok]
    assert wrong
    assert any(text.startswith(where) for text in wrong), wrong


@pytest.mark.parametrize(
    "absurd",
    [
        None,
        [],
        7,
        "packet/1",
        {},
        {"wufu": "packet/1"},
        {"wufu": "packet/1", "terms": []},
        {"wufu": "packet/2"},
    ],
)
def test_no_input_raises(absurd: object) -> None:
    assert [line for line in check_packet_proof(absurd) if not line.ok]


async def test_no_broken_field_raises(packets: Packets) -> None:
    honest = await proof_of(packets)
    absurd: tuple[object, ...] = (None, -1, 1 << 70, "x", [], {}, True, 1.5)
    for value in absurd:
        for key in honest:
            assert isinstance(check_packet_proof({**honest, key: value}), list)
        for key in honest["terms"]:
            assert isinstance(check_packet_proof({**honest, "terms": {**honest["terms"], key: value}}), list)
        for key in ("place", "minor", "person"):
            openings = [{**honest["openings"][0], key: value}, *honest["openings"][1:]]
            assert isinstance(check_packet_proof({**honest, "openings": openings}), list)


async def test_the_command_checks_it_and_says_which_line_is_wrong(packets: Packets, tmp_path: Path) -> None:
    proof = await proof_of(packets)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof), encoding="utf-8")
    held = CliRunner().invoke(app, ["verify", str(file), "--json"])
    assert (held.exit_code, json.loads(held.stdout)["ok"]) == (0, True)
    richer(proof)
    file.write_text(json.dumps(proof), encoding="utf-8")
    failed = CliRunner().invoke(app, ["verify", str(file), "--json"])
    assert failed.exit_code == 1
    assert any("openings[0]" in line["text"] for line in json.loads(failed.stdout)["lines"] if not line["ok"])
