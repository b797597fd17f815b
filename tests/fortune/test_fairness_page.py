"""docs/fairness.md is true: its commands print what it says, and its proof file holds."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wufu.fortune.proof import check_proof, draws_of

PAGE = (Path(__file__).parents[2] / "docs" / "fairness.md").read_text(encoding="utf-8")
MARK = "--- end of output ---"

tools = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "openssl", "xxd", "python3"))), reason="openssl or xxd is not on PATH"
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """Every (command, output) of the console blocks, in order: one shell runs them all."""
    steps: list[tuple[str, str]] = []
    for line in "".join(blocks("console")).splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], ""))
        else:
            command, output = steps[-1]
            steps[-1] = command, f"{output}{line}\n"
    return steps


def the_example() -> dict[str, object]:
    (example,) = (json.loads(block) for block in blocks("json"))
    assert isinstance(example, dict)
    return example


@tools
def test_every_command_of_the_page_prints_what_the_page_says() -> None:
    steps = sessions()
    assert len(steps) > 15
    script = "".join(f"{command}\necho '{MARK}'\n" for command, _ in steps)
    ran = subprocess.run(["bash", "-e"], input=script, capture_output=True, text=True, check=False)
    if "Invalid command 'kdf'" in ran.stderr:
        pytest.skip("this openssl has no kdf command")
    assert ran.stderr == ""
    assert ran.stdout.split(f"{MARK}\n")[:-1] == [output for _, output in steps]


def test_the_proof_file_of_the_page_holds() -> None:
    lines = check_proof(the_example())
    assert len(lines) == 11
    assert [line.text for line in lines if not line.ok] == []


def test_the_commands_of_the_page_are_about_its_proof_file() -> None:
    rounds = the_example()["rounds"]
    assert isinstance(rounds, list)
    (played,) = rounds
    shown = "".join(output for _, output in sessions())
    for known in (played["commitment"], played["spec_hash"], played["seeds_root"]):
        assert known in shown
    for _, beside in played["seed_path"]:
        assert beside in "".join(command for command, _ in sessions())
    assert [(draw.tap, draw.minor) for draw in draws_of(played, 2)] == [
        (0, None),
        (2, None),
        (6, 777),
        (7, None),
    ]
