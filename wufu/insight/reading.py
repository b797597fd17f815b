"""Reading the files of studies: lists of ties, of ties with times, and of messages.

One line a tie or message, words between blanks; `#` begins a comment. What cannot be read is refused with the
line's number and the reason, before anything is computed.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from wufu.insight.model import BadInsight
from wufu.ties import read_edges

Ints = NDArray[np.int64]
Tell = Callable[[str, int, int], None]
LATEST = 2**53
"""Seconds; what is above is no time but a mistake."""
MOST_PEOPLE = 60_000
"""Studies hold scores of people against people; this many fit into a small machine's memory in blocks."""
TOLD_EVERY = 20_000


class Log(msgspec.Struct, frozen=True):
    """Messages, or ties with times, in order of time; people are numbered 0, 1, 2, … as they appear."""

    senders: Ints
    receivers: Ints
    times: Ints
    people: int
    to_oneself: int


def read_messages(file: Path, tell: Tell) -> Log:
    """Lines `from to unix_seconds`. Raises BadInsight."""
    text = _text(file)
    places: dict[str, int] = {}
    found: list[tuple[int, int, int]] = []
    to_oneself = 0
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if number % TOLD_EVERY == 0:
            tell("reading", number, len(lines))
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        at = _time(file, number, words)
        if words[0] == words[1]:
            to_oneself += 1
            continue
        found.append((at, places.setdefault(words[0], len(places)), places.setdefault(words[1], len(places))))
    if not found:
        raise BadInsight(f"{file} has no messages: lines of `from to unix_seconds` are needed")
    found.sort(key=lambda one: one[0])
    columns = np.array(found, dtype=np.int64)
    return Log(columns[:, 1].copy(), columns[:, 2].copy(), columns[:, 0].copy(), len(places), to_oneself)


def _time(file: Path, number: int, words: list[str]) -> int:
    if len(words) != 3:
        raise BadInsight(
            f"{file}, line {number}: {len(words)} words instead of three, `from to unix_seconds`"
        )
    for word in words[:2]:
        if word.startswith("-") or word.lower() in {"nan", "inf"}:
            raise BadInsight(f"{file}, line {number}: {word[:40]!r} is nobody's id")
    try:
        at = int(words[2])
    except ValueError:
        raise BadInsight(f"{file}, line {number}: {words[2][:40]!r} is no time in whole seconds") from None
    if not 0 <= at < LATEST:
        raise BadInsight(f"{file}, line {number}: {at} is no time in seconds since 1970")
    return at


def read_ties(file: Path) -> tuple[int, Ints, Ints]:
    """Lines `a b`: how many people, and each tie once as two of their numbers. Raises BadInsight."""
    try:
        edges = read_edges(file)
    except OSError as error:
        raise BadInsight(f"cannot read {file}: {error.strerror}") from error
    if edges.bad:
        first = edges.unread[0]
        raise BadInsight(f"{file}, line {first.line}: {first.why} ({edges.bad:,} such lines)")
    if not edges.firsts:
        raise BadInsight(f"{file} has no ties: lines of two ids are needed")
    _check_size(file, len(edges.ids))
    return len(edges.ids), np.array(edges.firsts, np.int64), np.array(edges.seconds, np.int64)


def read_timed_ties(file: Path, tell: Tell) -> tuple[int, Ints, Ints, Ints]:
    """Lines `a b unix_seconds`: people, and each pair once, in order of its first time. Raises BadInsight."""
    log = read_messages(file, tell)
    _check_size(file, log.people)
    low, high = np.minimum(log.senders, log.receivers), np.maximum(log.senders, log.receivers)
    _, first = np.unique(low * log.people + high, return_index=True)
    first.sort()
    return log.people, low[first], high[first], log.times[first]


def _check_size(file: Path, people: int) -> None:
    if people > MOST_PEOPLE:
        raise BadInsight(f"{file} has {people:,} people; this study is for at most {MOST_PEOPLE:,}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInsight(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInsight(f"{file} is no text: byte {error.start} cannot be read") from error
