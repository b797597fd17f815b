"""A small language for ledger tests: one line an event and its answer, then who holds what.

    world -> ann 10            ok
    g1: ann -> bob 4; bob -> cem 1   ok
    ann -> bob 99              not_enough 6
    close ann                  account_not_empty
    hold h1: ann -> bob 5 until 60   placed
    at 60                      (the clock stands 60 seconds after the start)
    = ann 1, bob 3, cem 1, h1 5

An account is `holder`, or `holder@asset` for a card. `world` and `mint` may overdraw. A line without an id
gets one of its own. Lines are separated from their answers by two or more spaces.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid5

from tests.conftest import TestClock
from wufu.core.ids import GroupId, HoldId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx
from wufu.ledger import (
    Account,
    Group,
    Held,
    Hold,
    Posted,
    Transfer,
    balances,
    close_account,
    expire_holds,
    place_holds,
    post,
    post_holds,
    void_holds,
)

T = TypeVar("T")
SPACE = UUID("5f5f5f5f-0000-4000-8000-000000000000")
MOVE = re.compile(r"(\S+) -> (\S+) (-?\d+)(?: for (.+))?$")


class Names:
    """What the words of one case stand for; cases that share a database have nothing else in common."""

    def __init__(self, case: str) -> None:
        self.case = case

    def account(self, word: str) -> Account:
        if re.fullmatch(r"h\d+", word):
            return Account(f"hold/{self.hold(word)}", "pending", "CNY")
        holder, _, asset = word.partition("@")
        outside = holder in ("world", "mint")
        purpose = "world" if outside else "card" if asset else "money"
        return Account(f"{self.case}/{holder}", purpose, asset or "CNY", may_overdraw=outside)

    def hold(self, word: str) -> HoldId:
        return HoldId(uuid5(SPACE, f"{self.case} hold {word}"))

    def group(self, text: str, fallback: str = "") -> Group:
        name, colon, moves = text.partition(": ")
        if not colon:
            name, moves = fallback, text
        transfers = []
        for move in moves.split("; "):
            match = MOVE.match(move.strip())
            assert match, move
            source, target, minor, reason = match.groups()
            transfers.append(
                Transfer(self.account(source), self.account(target), int(minor), reason or "test")
            )
        return Group(GroupId(uuid5(SPACE, f"{self.case} group {name}")), tuple(transfers))


def say(answer: Posted | Held | Refusal) -> str:
    """An answer as the table writes it."""
    if isinstance(answer, Posted):
        return "again" if answer.again else "ok"
    if isinstance(answer, Held):
        minor = f" {answer.minor}" if answer.outcome == "posted" else ""
        return answer.outcome + minor + (" again" if answer.again else "")
    if answer.code == "not_enough":
        return f"not_enough {answer.facts['balance_minor']}"
    if answer.code == "hold_ended":
        return f"hold_ended {answer.facts['outcome']}"
    return answer.code


async def run_table(case: str, text: str, database: Database, clock: TestClock, *, batched: bool) -> None:
    """Do what the table says and compare each answer. `batched`: transfers that follow each other go
    into one `post`, which must make no difference.
    """
    table = _Table(case, database, clock)
    for number, line in enumerate(text.strip().splitlines()):
        line = line.split("#")[0].strip()
        if not line:
            continue
        if line.startswith("="):
            await table.flush()
            await table.compare_balances(line[1:])
            continue
        event, *expected = re.split(r"\s{2,}", line)
        verb = event.split()[0]
        act = table.verbs.get(verb)
        if act is None:
            table.waiting.append((table.names.group(event, f"line {number}"), line, expected[0]))
            if not batched:
                await table.flush()
        else:
            await table.flush()
            answer = await act(event.removeprefix(verb).strip())
            assert answer == "".join(expected), f"{case}: {line}: {answer}"
    await table.flush()


class _Table:
    def __init__(self, case: str, database: Database, clock: TestClock) -> None:
        self.names = Names(case)
        self.database = database
        self.clock = clock
        self.start = clock.now
        self.waiting: list[tuple[Group, str, str]] = []
        self.verbs: dict[str, Callable[[str], Awaitable[str]]] = {
            "close": self.close,
            "hold": self.hold,
            "post": self.post_hold,
            "void": self.void,
            "expire": self.expire,
            "at": self.at,
        }

    async def flush(self) -> None:
        waiting, self.waiting = self.waiting, []
        if waiting:
            answers = await self.do(lambda tx: post(tx, [group for group, _, _ in waiting]))
            for answer, (_, line, expected) in zip(answers, waiting, strict=True):
                assert say(answer) == expected, f"{self.names.case}: {line}: {say(answer)}"

    async def do(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self.database.run(work, actor="test")

    async def compare_balances(self, text: str) -> None:
        words = dict(part.split() for part in text.split(","))
        async with self.database.read() as connection:
            found = await balances(connection, [self.names.account(word) for word in words])
        held = dict(zip(words, map(str, found), strict=True))
        assert held == words, self.names.case

    async def close(self, word: str) -> str:
        try:
            await self.do(lambda tx: close_account(tx, self.names.account(word)))
        except Refusal as refusal:
            return say(refusal)
        return "ok"

    async def hold(self, text: str) -> str:
        name, _, rest = text.partition(": ")
        move, _, until = rest.partition(" until ")
        transfer = self.names.group(move).transfers[0]
        expires_at = self.start + timedelta(seconds=int(until))
        hold = Hold(self.names.hold(name), transfer.source, transfer.target, transfer.minor, expires_at)
        (answer,) = await self.do(lambda tx: place_holds(tx, [hold]))
        return say(answer)

    async def post_hold(self, text: str) -> str:
        name, *minor = text.split()
        wish = (self.names.hold(name), int(minor[0]) if minor else None)
        (answer,) = await self.do(lambda tx: post_holds(tx, [wish]))
        return say(answer)

    async def void(self, name: str) -> str:
        (answer,) = await self.do(lambda tx: void_holds(tx, [self.names.hold(name)]))
        return say(answer)

    async def expire(self, _: str) -> str:
        return ", ".join(map(say, await self.do(expire_holds)))

    async def at(self, seconds: str) -> str:
        self.clock.now = self.start + timedelta(seconds=int(seconds))
        return ""
