"""A naive second opinion: the rules of the game over plain dicts, with none of our code.

It is given what is public or committed to (the campaign's rules, the rounds' secrets, the players' seeds) and
draws every tap by itself, one AES block at a time. Its answers are dicts; a refusal is `{"refused": code}`.
Requests of a batch are taken in order; the same request twice in one batch is one request.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

Json = dict[str, Any]
Answer = dict[str, Any]
NOBODY: Answer = {}


def refused(code: str) -> Answer:
    return {"refused": code}


# --- The published odds and the draw --------------------------------------------------------------


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + merkle(leaves[:half]) + merkle(leaves[half:])).digest()


def key_of(secret: bytes, seeds: list[bytes], round_id: str) -> bytes:
    """HKDF-SHA256 with the root as salt: extract, then the first block of expand."""
    root = merkle([number.to_bytes(8, "big") + seed for number, seed in enumerate(seeds, 1)])
    extracted = hmac.digest(root, secret, "sha256")
    return hmac.digest(extracted, b"wufu/round/" + round_id.encode() + b"\x01", "sha256")[:16]


def word(key: bytes, player: int, counter: int, half: int) -> int:
    """One half of one AES block as a number."""
    block = player.to_bytes(8, "big") + counter.to_bytes(8, "big")
    encrypted = Cipher(AES(key), ECB()).encryptor().update(block)
    return int.from_bytes(encrypted[8 * half : 8 * half + 8], "big")


def line_of(odds: list[Json], drawn: int) -> Json | None:
    return next((line for line in odds if drawn < int(line["upto"])), None)


def amount(key: bytes, player: int, tap: int, least: int, most: int) -> int:
    size = most - least + 1
    for attempt in range(1 << 15):
        drawn = word(key, player, (1 << 63) + (attempt << 48) + tap, 0)
        if drawn < (1 << 64) // size * size:
            return least + drawn % size
    raise AssertionError("never")


# --- The game -------------------------------------------------------------------------------------


class Round:
    def __init__(self, spec: Json, secret: bytes) -> None:
        self.id: str = spec["id"]
        self.odds: list[Json] = spec["odds"]
        self.opens_at = datetime.fromisoformat(spec["opens_at"])
        self.closes_at = datetime.fromisoformat(spec["closes_at"])
        self.secret = secret
        self.state = "planned"
        self.paused_at: datetime | None = None
        self.key = b""


class Model:
    """One campaign and the people around it."""

    def __init__(
        self, campaign: str, spec: Json, secrets: list[bytes], people: list[int], now: datetime
    ) -> None:
        self.campaign = campaign
        self.cards = [card["id"] for card in spec["cards"]]
        self.rule: Json = spec["friends_for_cards"]
        self.pool: int = spec["pool_minor"]
        self.cash_left: int = spec["cash_minor"]
        self.aside = 0
        self.sponsor = 0
        self.opens_at = datetime.fromisoformat(spec["opens_at"])
        self.settles_at = datetime.fromisoformat(spec["settles_at"])
        self.rounds = [Round(one, secret) for one, secret in zip(spec["rounds"], secrets, strict=True)]
        self.state = "announced"
        self.now = now  # the campaign's clock
        self.people = people
        self.players: dict[int, int] = {}
        self.seeds: list[bytes] = []
        self.friends: set[frozenset[int]] = set()
        self.once_friends: set[frozenset[int]] = set()
        self.blocks: set[tuple[int, int]] = set()
        self.unheard: list[frozenset[int]] = []
        self.new_friends: dict[int, set[int]] = {person: set() for person in people}
        self.rewards: dict[int, list[str]] = {}
        self.held: dict[tuple[int, str], int] = {}
        self.money = dict.fromkeys(people, 0)
        self.taps: dict[tuple[int, int], Json] = {}
        self.wins: dict[tuple[int, int], list[Json]] = {}
        self.given_out: dict[str, int] = {}
        self.gifts: dict[str, Json] = {}
        self.asks: dict[str, Json] = {}
        self.swaps: dict[str, Json] = {}
        self.packets: dict[tuple[int, int, int], Json] = {}
        self.sent: dict[tuple[int, str], tuple[Json, Answer]] = {}
        self.winners: list[int] = []
        self.each = 0

    # --- The clock ---

    def turn(self) -> None:
        """Everything that is due, in order."""
        if self.state == "announced" and self.now >= self.opens_at:
            self.state = "running"
            self._freeze(self.rounds[0])
            self._reward()
        if self.state != "running":
            return
        for its_round in self.rounds[1:]:
            if its_round.state == "planned" and self.now >= its_round.opens_at:
                self._freeze(its_round)
            if its_round.state == "open" and self.now >= its_round.closes_at:
                its_round.state = "closed"
        if self.now >= self.settles_at and all(one.state == "closed" for one in self.rounds[1:]):
            self._settle()

    def _freeze(self, its_round: Round) -> None:
        its_round.state = "open"
        its_round.key = key_of(its_round.secret, list(self.seeds), its_round.id)

    def _settle(self) -> None:
        self.state = "settled"
        full = [person for person in self.players if all(self.count(person, card) for card in self.cards)]
        self.winners = sorted(full, key=lambda person: self.players[person])
        self.each = self.pool // len(self.winners) if self.winners else 0
        for person in self.winners:
            self.money[person] += self.each
        self.sponsor += self.pool - self.each * len(self.winners) + self.cash_left + self.aside

    def cancel(self) -> None:
        self.state = "cancelled"
        self.sponsor += self.pool + self.cash_left + self.aside
        self.held.clear()

    def pause(self, number: int) -> bool:
        its_round = self.rounds[number]
        if self.state != "running" or its_round.state != "open":
            return False
        its_round.state, its_round.paused_at = "paused", self.now
        return True

    def resume(self, number: int) -> bool:
        its_round = self.rounds[number]
        if self.state != "running" or its_round.state != "paused" or its_round.paused_at is None:
            return False
        its_round.closes_at += self.now - its_round.paused_at
        its_round.state = "open"
        return True

    # --- Ties ---

    def befriend(self, a: int, b: int) -> None:
        """a asks, b accepts; a block in either direction makes nothing of it."""
        pair = frozenset((a, b))
        if a != b and pair not in self.friends and not {(a, b), (b, a)} & self.blocks:
            self.friends.add(pair)
            if pair not in self.once_friends:
                self.unheard.append(pair)
            self.once_friends.add(pair)

    def part(self, a: int, b: int) -> None:
        self.friends.discard(frozenset((a, b)))

    def block(self, a: int, b: int) -> None:
        if a != b:
            self.blocks.add((a, b))
            self.part(a, b)

    def unblock(self, a: int, b: int) -> None:
        self.blocks.discard((a, b))

    def relay(self) -> None:
        """New friends count when they are heard of, if the campaign is still on then."""
        if self.state in {"announced", "running"}:
            for pair in self.unheard:
                a, b = pair
                self.new_friends[a].add(b)
                self.new_friends[b].add(a)
        self.unheard.clear()
        if self.state == "running":
            self._reward()

    def _reward(self) -> None:
        for person, number in self.players.items():
            if person in self.rewards or len(self.new_friends[person]) < self.rule["friends"]:
                continue
            words = [word(self.rounds[0].key, number, tap // 2, tap % 2) for tap in range(self.rule["cards"])]
            lines = [line_of(self.rounds[0].odds, one) for one in words]
            self.rewards[person] = [line["prize"] for line in lines if line]
            for card in self.rewards[person]:
                self.give(person, card)

    # --- Cards ---

    def count(self, person: int, card: str) -> int:
        return self.held.get((person, card), 0)

    def give(self, person: int, card: str, by: int = 1) -> None:
        self.held[person, card] = self.count(person, card) + by
        assert self.held[person, card] >= 0

    def join(self, requests: list[Json]) -> list[Answer]:
        return [self._join(**one) for one in requests]

    def _join(self, person: int, campaign: str, seed: str) -> Answer:
        if campaign != self.campaign:
            return refused("unknown_campaign")
        if person not in self.players:
            if self.state not in {"announced", "running"}:
                return refused("campaign_not_running")
            if len(seed) != 64 or set(seed) - set("0123456789abcdefABCDEF"):
                return refused("bad_seed")
            self.players[person] = len(self.players) + 1
            self.seeds.append(bytes.fromhex(seed))
        return {"number": self.players[person]}

    # --- Taps ---

    def tap(self, requests: list[Json]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        accepted: list[tuple[int, Json]] = []
        for place, one in enumerate(requests):
            if one in requests[:place]:
                continue
            decided = self._decide_tap(**one)
            if decided is None:
                accepted.append((place, one))
            else:
                answers[place] = decided
        # Draws of one round stand together, and so do they meet what is left of a prize.
        rounds = list(dict.fromkeys(one["round"] for _, one in accepted))
        for place, one in sorted(accepted, key=lambda pair: (rounds.index(pair[1]["round"]), pair[0])):
            answers[place] = self._draw(one)
        for place, one in accepted:
            for win in answers[place]["wins"]:
                if win["outcome"] == "card":
                    win["held"] = self.count(one["person"], win["prize"])
            state = self.taps[one["person"], one["round"]]
            if state["next"] == answers[place]["next"]:
                state["last"] = (one["first"], one["count"], answers[place])
        return [answers[requests.index(one)] for one in requests]

    def _decide_tap(self, person: int, campaign: str, round: int, first: int, count: int) -> Answer | None:  # noqa: A002
        if campaign != self.campaign:
            return refused("unknown_campaign")
        if not 0 < round < len(self.rounds):
            return refused("round_not_open")
        its_round = self.rounds[round]
        if self.state == "running" and its_round.state == "paused":
            return refused("round_paused")
        if self.state != "running" or its_round.state != "open" or self.now >= its_round.closes_at:
            return refused("round_not_open")
        if person not in self.players:
            return refused("not_joined")
        state = self.taps.setdefault(
            (person, round), {"next": 0, "tokens": 30_000, "at": its_round.opens_at, "last": None}
        )
        if count < 1 or first < 0:
            return refused("tap_out_of_order")
        if state["last"] and state["last"][:2] == (first, count):
            again: Answer = state["last"][2]
            return again
        if first != state["next"]:
            return refused("tap_out_of_order")
        waited = (self.now - state["at"]) // timedelta(milliseconds=1)
        tokens = min(30_000, state["tokens"] + 15 * max(waited, 0))
        if 1000 * count > tokens:
            return refused("too_many_taps")
        state |= {"next": first + count, "tokens": tokens - 1000 * count, "at": self.now, "last": None}
        return None

    def _draw(self, request: Json) -> Answer:
        person, number, first = request["person"], request["round"], request["first"]
        its_round = self.rounds[number]
        wins = []
        for tap in range(first, first + request["count"]):
            line = line_of(its_round.odds, word(its_round.key, self.players[person], tap // 2, tap % 2))
            if line is not None:
                wins.append(self._win(person, number, tap, line))
        self.wins.setdefault((person, number), []).extend(wins)
        return {"next": first + request["count"], "wins": wins}

    def _win(self, person: int, number: int, tap: int, line: Json) -> Json:
        prize = line["prize"]
        if "stock" in line:
            due = [
                n * line["stock"] // d
                for at, n, d in line["release"]
                if datetime.fromisoformat(at) <= self.now
            ]
            if self.given_out.get(prize, 0) >= max(due, default=0):
                return {"tap": tap, "prize": prize, "outcome": "sold out"}
            self.given_out[prize] = self.given_out.get(prize, 0) + 1
        if line["kind"] == "card":
            self.give(person, prize)
            return {"tap": tap, "prize": prize, "outcome": "card"}
        minor = amount(self.rounds[number].key, self.players[person], tap, line["least"], line["most"])
        self.money[person] += minor
        self.cash_left -= 2 * minor
        self.aside += minor
        self.packets[person, number, tap] = {"minor": minor, "to": None}
        return {"tap": tap, "prize": prize, "outcome": "cash", "minor": minor}

    # --- Between friends ---

    def _refuse(self, campaign: str, person: int, to: int | None, *cards: str) -> Answer | None:
        if campaign != self.campaign:
            return refused("unknown_campaign")
        if self.state != "running":
            return refused("campaign_not_running")
        if not set(cards) <= set(self.cards):
            return refused("unknown_card")
        if to is not None and frozenset((person, to)) not in self.friends:
            return refused("not_friends")
        return None

    def gift(self, requests: list[Json]) -> list[Answer]:
        answers = [self._gift(one) for one in requests]
        return [
            answer or {"held": self.count(one["person"], one["card"])}
            for answer, one in zip(answers, requests, strict=True)
        ]

    def _gift(self, one: Json) -> Answer:
        if one["id"] in self.gifts:
            return NOBODY if self.gifts[one["id"]] == one else refused("id_conflict")
        no = self._refuse(one["campaign"], one["person"], one["to"], one["card"])
        if no:
            return no
        wish = self.asks.get(one["request"]) if one["request"] else None
        if one["request"]:
            if wish is None or (wish["person"], wish["card"]) != (one["to"], one["card"]):
                return refused("unknown_request")
            if wish["state"] != "open":
                return refused("request_closed")
        if not self.count(one["person"], one["card"]):
            return refused("card_not_held")
        self.give(one["person"], one["card"], -1)
        self.give(one["to"], one["card"])
        self.gifts[one["id"]] = one
        if wish is not None:
            wish["state"] = "given"
        return NOBODY

    def ask(self, requests: list[Json]) -> list[Answer]:
        return [self._ask(one) for one in requests]

    def _ask(self, one: Json) -> Answer:
        if one["id"] in self.asks:
            same = {**one, "state": ""} == {**self.asks[one["id"]], "state": ""}
            return {"id": one["id"]} if same else refused("id_conflict")
        no = self._refuse(one["campaign"], one["person"], one["to"], one["card"])
        if no is None:
            self.asks[one["id"]] = {**one, "state": "open"}
        return no or {"id": one["id"]}

    def swap(self, requests: list[Json]) -> list[Answer]:
        return [self._swap(one) for one in requests]

    def _swap(self, one: Json) -> Answer:
        if one["id"] in self.swaps:
            known = self.swaps[one["id"]]
            same = {**one, "state": ""} == {**known, "state": ""}
            return {"id": one["id"], "state": known["state"]} if same else refused("id_conflict")
        no = self._refuse(one["campaign"], one["person"], None, one["gives"], one["wants"])
        if no is None and one["gives"] == one["wants"]:
            no = refused("unknown_card")
        no = no or self._refuse(one["campaign"], one["person"], one["to"])
        if no is None and not self.count(one["person"], one["gives"]):
            no = refused("card_not_held")
        if no is None:
            self.swaps[one["id"]] = {**one, "state": "offered"}
        return no or {"id": one["id"], "state": "offered"}

    def answer_swap(self, requests: list[Json]) -> list[Answer]:
        return [self._answer_swap(**one) for one in requests]

    def _answer_swap(self, person: int, id: str, campaign: str, accept: bool) -> Answer:  # noqa: A002
        known = self.swaps.get(id)
        if known is None or campaign != self.campaign:
            return refused("unknown_swap")
        mine = known["person"] == person
        if (not mine and known["to"] != person) or (mine and accept):
            return refused("not_yours")
        wanted = "done" if accept else "withdrawn" if mine else "refused"
        if known["state"] != "offered":
            if known["state"] == "gone" and accept:
                return refused("swap_gone")
            return {"id": id, "state": wanted} if known["state"] == wanted else refused("swap_closed")
        if accept:
            no = self._refuse(campaign, person, known["person"])
            if no:
                return no
            if not self.count(known["person"], known["gives"]) or not self.count(person, known["wants"]):
                known["state"] = "gone"
                return refused("swap_gone")
            for giver, taker, card in (
                (known["person"], person, known["gives"]),
                (person, known["person"], known["wants"]),
            ):
                self.give(giver, card, -1)
                self.give(taker, card)
        known["state"] = wanted
        return {"id": id, "state": wanted}

    # --- Money ---

    def pass_cash(self, requests: list[Json]) -> list[Answer]:
        return [self._pass_cash(**one) for one in requests]

    def _pass_cash(self, person: int, packet: tuple[int, int, int], campaign: str, to: int) -> Answer:
        if campaign != self.campaign:
            return refused("unknown_campaign")
        known = self.packets.get(packet) if packet[0] == person else None
        if known is None:
            return refused("unknown_cash")
        if known["to"] is not None:
            return {} if known["to"] == to else refused("cash_already_passed")
        no = self._refuse(campaign, person, to)
        if no is None:
            known["to"] = to
            self.aside -= known["minor"]
            self.money[to] += known["minor"]
        return no or {}

    def transfer(self, requests: list[Json]) -> list[Answer]:
        return [self._transfer(one) for one in requests]

    def _transfer(self, one: Json) -> Answer:
        person, to, minor = one["person"], one["to"], one["minor"]
        if (person, one["id"]) in self.sent:
            before, answer = self.sent[person, one["id"]]
            return answer if before == one else refused("id_conflict")
        if minor < 1:
            return refused("bad_amount")
        if person == to:
            return refused("transfer_to_self")
        if to not in self.people:
            return refused("unknown_person")
        if (to, person) in self.blocks:
            answer = refused("not_reachable")
        elif self.money[person] < minor:
            answer = refused("not_enough")
        else:
            self.money[person] -= minor
            self.money[to] += minor
            answer = {"id": one["id"], "balance_minor": self.money[person]}
        self.sent[person, one["id"]] = (one, answer)
        return answer

    def top_up(self, person: int, minor: int) -> None:
        self.money[person] += minor
