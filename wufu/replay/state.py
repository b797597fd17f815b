"""What a replay remembers between two steps, and how it lies on disk.

A checkpoint is a folder: the people and their money as plain arrays, the hits that were drawn but not yet
handed out, and everything else as JSON. It is written to a second name first and then renamed, so that there
is always a whole one.
"""

import shutil
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from wufu.replay.plan import Plan
from wufu.replay.society import ROW, Rows

Hits = tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint8]]
"""Limited prizes that were hit: who (row), tap, index of the prize; in order of people and taps."""


class WrongCheckpoint(Exception):
    """A checkpoint of another plan, or an unreadable one; the message says which."""


class Milestone(msgspec.Struct, frozen=True):
    """How the cards stand at a campaign instant."""

    at: datetime
    full_sets: int


class Seen(msgspec.Struct):
    """What the kernel drew for the sample in one round, to be compared with the slow reference.

    `commons` are cards by person and kind; `hits` are (person, tap, prize), `cash` (person, tap, fen), where
    persons are rows.
    """

    before: list[list[int]] = []
    commons: list[list[int]] = []
    hits: list[tuple[int, int, int]] = []
    cash: list[tuple[int, int, int]] = []


class Tally(msgspec.Struct):
    """Everything that is counted. Fen are integers; `seconds` by step."""

    step: int = 0
    unit: int = 0
    seconds: dict[str, float] = {}
    drawn: int = 0
    friend_draws: int = 0
    ties: int = 0
    minted: dict[str, int] = {}
    hit: dict[str, int] = {}
    sold_out: dict[str, int] = {}
    swaps: int = 0
    gifts: int = 0
    cash_packets: int = 0
    cash_fen: int = 0
    passed: int = 0
    passed_fen: int = 0
    winners: int = 0
    each_fen: int = 0
    milestones: list[Milestone] = []
    seen: dict[int, Seen] = {}
    classes: list[int] = []


class State:
    """The people, their money, the hits that wait, and the counts."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows: Rows = np.zeros((plan.people, ROW), dtype=np.uint8)
        self.money: NDArray[np.uint64] = np.zeros(plan.people, dtype=np.uint64)
        self.waiting: list[Hits] = []
        self.tally = Tally()

    def joined_hits(self) -> Hits:
        """All waiting hits in one."""
        if not self.waiting:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint16), np.zeros(0, np.uint8)
        who, taps, prizes = zip(*self.waiting, strict=True)
        return np.concatenate(who), np.concatenate(taps), np.concatenate(prizes)

    def save(self, folder: Path) -> None:
        """Write a checkpoint. Raises OSError."""
        fresh = folder.with_name(folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        np.save(fresh / "rows.npy", self.rows)
        np.save(fresh / "money.npy", self.money)
        who, taps, prizes = self.joined_hits()
        np.save(fresh / "who.npy", who)
        np.save(fresh / "taps.npy", taps)
        np.save(fresh / "prizes.npy", prizes)
        (fresh / "plan.json").write_bytes(msgspec.json.encode(self.plan))
        (fresh / "tally.json").write_bytes(msgspec.json.encode(self.tally))
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)

    @classmethod
    def load(cls, plan: Plan, folder: Path) -> "State":
        """The state of a checkpoint of this very plan. Raises WrongCheckpoint."""
        try:
            if (folder / "plan.json").read_bytes() != msgspec.json.encode(plan):
                raise WrongCheckpoint(f"{folder} belongs to a replay of other people, taps or seed")
            state = cls.__new__(cls)
            state.plan = plan
            state.rows = np.load(folder / "rows.npy")
            state.money = np.load(folder / "money.npy")
            state.waiting = [
                (np.load(folder / "who.npy"), np.load(folder / "taps.npy"), np.load(folder / "prizes.npy"))
            ]
            state.tally = msgspec.json.decode((folder / "tally.json").read_bytes(), type=Tally)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise WrongCheckpoint(f"{folder} cannot be read: {error}") from error
        return state
