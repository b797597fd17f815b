"""The tap: the hottest verb. A batch of batches, drawn by one call of the cipher.

In order: share the campaigns, lock the progress of every player asked for,
decide each request in pure code, draw all accepted taps at once, pay the few
that hit through the ledger, write. The ledger decides whether a limited prize
is still there: a group it refuses for want of stock is a tap `sold out`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import numpy as np

from wufu.core.chance import amounts_of_many, draw_words_of_many
from wufu.core.ids import GroupId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Fact, Tx
from wufu.fortune.model import (
    Campaign,
    Prize,
    Progress,
    Round,
    Tap,
    Tapped,
    Win,
    card_account,
    cash_account,
    cash_id,
    decide_taps,
    derived_id,
    fresh_progress,
    mint_account,
    passing_account,
    released,
    stock_account,
    win_id,
)
from wufu.fortune.refusals import (
    NotJoined,
    RoundNotOpen,
    RoundPaused,
    UnknownCampaign,
)
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import taps as store
from wufu.ledger import Group, NotEnough, Transfer, balances, post
from wufu.wallet import money_of


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A drawn tap that met a line of the odds table."""

    place: store.Place
    tap: int
    line: Prize
    minor: int | None


async def tap(tx: Tx, taps: Sequence[Tap]) -> list[Tapped | Refusal]:
    """Accept batches of taps and draw them. Refusals: unknown_campaign, round_not_open,
    round_paused, not_joined, tap_out_of_order, too_many_taps.
    """
    asked = list(dict.fromkeys(taps))  # a phone's impatient repeat in the same batch is one request
    campaigns = await campaign_store.share(tx, {tap.campaign for tap in asked})
    now = {name: campaign.clock.at(tx.now) for name, campaign in campaigns.items()}
    answers: dict[Tap, Tapped | Refusal] = {}
    by_round: dict[tuple[str, int], list[Tap]] = {}
    for one in asked:
        refusal = _refuse(campaigns.get(one.campaign), one, now.get(one.campaign))
        if refusal is None:
            by_round.setdefault((one.campaign, one.round), []).append(one)
        else:
            answers[one] = refusal
    played = [
        await _accept(tx, campaigns[place[0]].rounds[place[1]], by_round[place], now[place[0]], answers)
        for place in sorted(by_round)  # in one order for everybody, for rows are locked
    ]
    hits = await _draw(tx, campaigns, played)
    wins = await pay(tx, campaigns, now, hits) if hits else []
    by_place: dict[store.Place, list[Win]] = {}
    for place, win in wins:
        by_place.setdefault(place, []).append(win)
    for its in played:
        name, number = its.round.campaign, its.round.number
        for one in its.accepted:
            after = one.first + one.count
            of_player = by_place.get((one.person, name, number), ()) if by_place else ()
            won = tuple(win for win in of_player if one.first <= win.tap < after) if of_player else ()
            answers[one] = answer = Tapped(after, won)
            if won and its.changed[one.person].next == after:
                its.changed[one.person] = msgspec.structs.replace(its.changed[one.person], last_answer=answer)
        if its.changed:
            await store.save_progress(tx, name, number, now[name], its.changed)
    return [answers[one] for one in taps]


class Played(msgspec.Struct, frozen=True, gc=False):
    """The accepted requests of one round, in the order asked; player numbers, and progress that changed."""

    round: Round
    accepted: list[Tap]
    numbers: Mapping[PersonId, int]
    changed: dict[PersonId, Progress]


async def _accept(
    tx: Tx, its_round: Round, taps: Sequence[Tap], now: datetime, answers: dict[Tap, Tapped | Refusal]
) -> Played:
    """Decide the requests for one round; those that are not accepted are answered at once."""
    name, number = its_round.campaign, its_round.number
    people = sorted({one.person for one in taps})
    numbers, progress = await store.lock_progress(
        tx, name, number, people, fresh_progress(its_round.opens_at)
    )
    played = Played(its_round, [], numbers, {})
    for one in taps:
        known = progress.get(one.person)
        if known is None:
            answers[one] = NotJoined()
            continue
        decided = decide_taps(known, one, now)
        if isinstance(decided, Progress):
            progress[one.person] = played.changed[one.person] = decided
            played.accepted.append(one)
        else:
            answers[one] = decided
    return played


def _refuse(campaign: Campaign | None, tap: Tap, now: datetime | None) -> Refusal | None:
    if campaign is None or now is None:
        return UnknownCampaign(campaign=tap.campaign)
    its_round = campaign.rounds.get(tap.round) if tap.round > 0 else None
    if its_round is None:
        return RoundNotOpen(state="unknown", campaign_now=now)
    if campaign.state == "running" and its_round.state == "paused":
        return RoundPaused()
    if campaign.state != "running" or its_round.state != "open" or now >= its_round.closes_at:
        state = "closed" if now >= its_round.closes_at else its_round.state
        return RoundNotOpen(state=state, opens_at=its_round.opens_at, campaign_now=now)
    return None


async def _draw(tx: Tx, campaigns: Mapping[str, Campaign], played: Sequence[Played]) -> list[Hit]:
    """The hits among all accepted taps, in the order of the rounds, the requests and the taps."""
    drawn = [its for its in played if its.accepted]
    places = [(its.round.campaign, its.round.number) for its in drawn]
    secrets = await campaign_store.secrets(tx.connection, places) if places else {}
    hits: list[Hit] = []
    for (name, number), its in zip(places, drawn, strict=True):
        its_round, its_taps = its.round, its.accepted
        key = its_round.key(secrets[name, number])
        counts = np.array([one.count for one in its_taps], dtype=np.int64)
        words = draw_words_of_many(
            key,
            np.array([its.numbers[one.person] for one in its_taps], dtype=np.uint64),
            np.array([one.first for one in its_taps], dtype=np.int64),
            counts,
        )
        lines = its_round.spec.table().prize_indices(words)
        positions = np.flatnonzero(lines >= 0)
        ends = np.cumsum(counts)
        which = np.searchsorted(ends, positions, side="right")
        found = [
            Hit(
                (its_taps[place].person, name, number),
                its_taps[place].first + position - int(ends[place] - counts[place]),
                its_round.spec.odds[line],
                None,
            )
            for position, place, line in zip(
                positions.tolist(), which.tolist(), lines[positions].tolist(), strict=True
            )
        ]
        hits.extend(with_amounts(key, its.numbers, found))
    return hits


def with_amounts(key: bytes, numbers: Mapping[PersonId, int], hits: Sequence[Hit]) -> list[Hit]:
    """The same hits, those of cash with the amounts they draw."""
    amounts: dict[int, int] = {}
    for line in {hit.line.prize: hit.line for hit in hits if hit.line.kind == "cash"}.values():
        assert line.least is not None
        assert line.most is not None
        places = [place for place, hit in enumerate(hits) if hit.line.prize == line.prize]
        drawn = amounts_of_many(
            key,
            np.array([numbers[hits[place].place[0]] for place in places], dtype=np.uint64),
            np.array([hits[place].tap for place in places], dtype=np.int64),
            line.least,
            line.most,
        )
        amounts |= dict(zip(places, drawn.tolist(), strict=True))
    return [
        msgspec.structs.replace(hit, minor=amounts[place]) if place in amounts else hit
        for place, hit in enumerate(hits)
    ]


async def pay(
    tx: Tx, campaigns: dict[str, Campaign], now: dict[str, datetime], hits: Sequence[Hit]
) -> list[tuple[store.Place, Win]]:
    """Mint, hand out and write what the hits won; what the stock cannot cover is sold out."""
    releases = await _release(tx, now, hits)
    posted = await post(tx, [*releases, *(_group(hit) for hit in hits)])
    assert not any(isinstance(answer, Refusal) for answer in posted[: len(releases)]), posted
    outcomes = posted[len(releases) :]
    holdings = sorted(
        {(hit.place[1], hit.line.prize, hit.place[0]) for hit in hits if hit.line.kind == "card"}
    )
    counts = await balances(tx.connection, [card_account(*holding) for holding in holdings])
    held = dict(zip(holdings, counts, strict=True))
    wins: list[tuple[store.Place, Win]] = []
    for hit, outcome in zip(hits, outcomes, strict=True):
        person, campaign, _ = hit.place
        if isinstance(outcome, Refusal):
            assert isinstance(outcome, NotEnough), outcome
            assert hit.line.stock is not None, "only a limited prize sells out"
            win = Win(hit.tap, hit.line.prize, "sold out")
        elif hit.line.kind == "cash":
            win = Win(hit.tap, hit.line.prize, "cash", hit.minor)
        else:
            win = Win(hit.tap, hit.line.prize, "card", held=held[campaign, hit.line.prize, person])
        wins.append((hit.place, win))
    await store.insert_wins(tx, wins)
    packets = [
        (person, cash_id(campaign, number, person, win.tap), campaign, number, win.tap, win.minor)
        for (person, campaign, number), win in wins
        if win.minor is not None
    ]
    if packets:
        await store.insert_cash_packets(tx, packets)
    paid = sorted({place[0] for place, win in wins if win.minor is not None})
    purses = dict(zip(paid, await balances(tx.connection, [money_of(one) for one in paid]), strict=True))
    for place, win in wins:
        _announce(tx, place, win, purses.get(place[0]))
    return wins


def _group(hit: Hit) -> Group:
    person, campaign, number = hit.place
    limited = hit.line.stock is not None
    prize = hit.line.prize
    reason = f"round {number}"
    if hit.line.kind == "card":
        source = stock_account(campaign, prize) if limited else mint_account(campaign, prize)
        moves = [Transfer(source, card_account(campaign, prize, person), 1, reason)]
    else:
        assert hit.minor is not None
        moves = [
            Transfer(cash_account(campaign), money_of(person), hit.minor, reason),
            Transfer(cash_account(campaign), passing_account(campaign), hit.minor, reason),
        ]
        if limited:
            # One ticket a packet; used up when it is won.
            moves.append(Transfer(stock_account(campaign, prize), mint_account(campaign, prize), 1, reason))
    return Group(win_id(campaign, number, person, hit.tap), tuple(moves))


async def _release(tx: Tx, now: dict[str, datetime], hits: Sequence[Hit]) -> list[Group]:
    """Bring the stock of every limited prize that was hit up to its schedule."""
    lines = {(hit.place[1], hit.line.prize): hit.line for hit in hits if hit.line.stock is not None}
    if not lines:
        return []
    before = await store.lock_stock(tx, list(lines))
    due = {pair: released(line, now[pair[0]]) for pair, line in lines.items()}
    grown = {pair: amount for pair, amount in due.items() if amount > before[pair]}
    if grown:
        await store.set_released(tx, grown)
    return [
        Group(
            GroupId(derived_id("release", *pair, amount)),
            (Transfer(mint_account(*pair), stock_account(*pair), amount - before[pair], "released"),),
        )
        for pair, amount in grown.items()
    ]


def _announce(tx: Tx, place: store.Place, win: Win, balance_minor: int | None) -> None:
    person, campaign, number = place
    if win.outcome == "card":
        body: dict[str, object] = {
            "campaign": campaign,
            "card": win.prize,
            "held": win.held,
            "cause": "tap",
            "round": number,
            "tap": win.tap,
        }
        tx.announce(Fact("fortune.card_came", body, (person,)))
    elif win.outcome == "cash":
        packet = cash_id(campaign, number, person, win.tap)
        body = {
            "campaign": campaign,
            "id": packet,
            "minor": win.minor,
            "round": number,
            "balance_minor": balance_minor,
        }
        tx.announce(Fact("fortune.cash_came", body, (person,)))
