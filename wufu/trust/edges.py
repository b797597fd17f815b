"""The graph score of a new account: by whom it asks, and how these answer.

After SybilEdge: A. Breuer, R. Eilat, U. Weinsberg, "Friend or Faux: Graph-Based Early Detection of Fake
Accounts on Social Networks", The Web Conference 2020 (arXiv 2004.04834). A new account i asked the targets
j = 1 … n. With S for fake, B for real and π the share of fakes expected beforehand,

    P(S | asks, answers) ∝ π · Π_j P(j | S) · P(answer_j | j, S),     and likewise for B with 1 - π,

so each target weighs as much as fakes prefer it to real people (selection), and as it answers fakes
differently from real people (response). From labelled asks: ρ_j^S asks of fakes to j, of which j accepted
f_j^S; ρ_j and f_j of everybody.

Selection. The paper smooths P(j | S) = (ρ_j^S + σ ρ_j/ρ) / (ρ^S + σ). We smooth the share of fakes among j's
askers instead, P(S | j) = (ρ_j^S + σ s) / (ρ_j + σ) with s = ρ^S / ρ, and use Bayes' rule: P(j|S) / P(j|B) =
[P(S|j) / P(B|j)] · [(1 - s) / s]. It is the same ratio, but a target whom nobody labelled ever asked weighs
nothing instead of speaking for the rarer class.

Response. As in the paper P(accept | j, S) = (f_j^S + φ m_j^S) / (ρ_j^S + φ). Its prior mean is the target's
own rate of accepting, m_j = (f_j + φ m) / (ρ_j + φ); ours is m_j shifted, in log-odds, by how much less often
fakes are accepted on the whole than these rates would have it (real people likewise), so that a target no
fake ever asked still tells something. Asks to labelled fakes are left out of that shift: a farm accepts
itself. An ask without an answer yet counts for the selection only; without one for some days it counts as
not accepted.

The score is the log-odds of being fake. It uses at most the first fifty asks: it is about beginnings.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wufu.core.ids import PersonId
from wufu.trust.model import Ask, GraphRule

RATE_PRIOR = 1.0
"""One imagined ask accepted half the time keeps the rates of small classes away from 0 and 1."""
MOST_SHIFT = 3.0
LEAST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Target:
    """How labelled people asked somebody: asks and accepted asks of fakes and of real people."""

    fake_asks: int
    fake_accepts: int
    real_asks: int
    real_accepts: int


NOBODY_ASKED = Target(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Answers:
    """How a class was answered by targets that are not fakes themselves.

    `asks` of it, of which `accepts` were accepted, and `expected` would have been by the targets' own rates.
    """

    asks: int
    accepts: int
    expected: float

    def shift(self) -> float:
        """By how much, in log-odds, the class is accepted more often than others by the same targets."""
        usual = (self.expected + RATE_PRIOR / 2) / (self.asks + RATE_PRIOR)
        shift = _logit(_rate(self.accepts, self.asks)) - _logit(usual)
        return max(-MOST_SHIFT, min(MOST_SHIFT, shift))


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over all targets."""

    fake_asks: int
    real_asks: int
    fakes: Answers
    reals: Answers


@dataclass(frozen=True, slots=True)
class Scored:
    """Log-odds of being fake, the asks it was made of, and how much of it is selection and response."""

    log_odds: float
    asks: int
    selection: float
    response: float


def count_targets(
    asks: Iterable[Ask], fake: Mapping[PersonId, bool], rule: GraphRule, now: datetime
) -> tuple[dict[PersonId, Target], Totals]:
    """The table the score reads, from asks of labelled people (`fake[person]`); others' asks are left out.

    An ask whose answer may still come is left out too. `store.signals` counts the same in SQL.
    """
    table: dict[PersonId, list[int]] = {}
    for ask in asks:
        label = fake.get(ask.asker)
        accepted = accepted_by(ask, rule, now)
        if label is None or accepted is None:
            continue
        row = table.setdefault(ask.asked, [0, 0, 0, 0])
        row[0 if label else 2] += 1
        row[1 if label else 3] += accepted
    targets = {person: Target(*row) for person, row in table.items()}
    honest = [target for person, target in targets.items() if not fake.get(person)]
    usual = usual_rate(
        sum(one.fake_accepts + one.real_accepts for one in honest),
        sum(one.fake_asks + one.real_asks for one in honest),
    )
    own = [own_rate(one, usual, rule.response_prior) for one in honest]
    return targets, Totals(
        sum(one.fake_asks for one in targets.values()),
        sum(one.real_asks for one in targets.values()),
        Answers(
            sum(one.fake_asks for one in honest),
            sum(one.fake_accepts for one in honest),
            sum(one.fake_asks * rate for one, rate in zip(honest, own, strict=True)),
        ),
        Answers(
            sum(one.real_asks for one in honest),
            sum(one.real_accepts for one in honest),
            sum(one.real_asks * rate for one, rate in zip(honest, own, strict=True)),
        ),
    )


def usual_rate(accepts: int, asks: int) -> float:
    """m: how often anybody is accepted by anybody."""
    return _rate(accepts, asks)


def own_rate(target: Target, usual: float, strength: float) -> float:
    """m_j: how often a target accepts."""
    asks = target.fake_asks + target.real_asks
    return (target.fake_accepts + target.real_accepts + strength * usual) / (asks + strength)


def accepted_by(ask: Ask, rule: GraphRule, now: datetime) -> bool | None:
    """Whether an ask was accepted; None while the answer may still come."""
    if ask.answer is not None:
        return ask.answer == "accepted"
    return False if now - ask.at >= rule.ignored_after else None


def is_usable(totals: Totals | None, rule: GraphRule) -> bool:
    """Whether enough asks of both classes are labelled for the score to mean anything."""
    return totals is not None and min(totals.fake_asks, totals.real_asks) >= rule.fewest_fake_asks


def score(
    asks: Sequence[Ask], targets: Mapping[PersonId, Target], totals: Totals, rule: GraphRule, now: datetime
) -> Scored:
    """The score of whoever made these asks; `targets` may lack those whom nobody labelled asked."""
    first = sorted(asks, key=lambda ask: (ask.at, ask.asked))[: rule.most_asks]
    share = _rate(totals.fake_asks, totals.fake_asks + totals.real_asks)
    fakes, reals = totals.fakes, totals.reals
    usual = usual_rate(fakes.accepts + reals.accepts, fakes.asks + reals.asks)
    shifts = fakes.shift(), reals.shift()
    selection = response = 0.0
    for ask in first:
        target = targets.get(ask.asked, NOBODY_ASKED)
        selection += _selection(target, share, rule.selection_prior)
        accepted = accepted_by(ask, rule, now)
        if accepted is not None:
            own = own_rate(target, usual, rule.response_prior)
            response += _response(target, accepted, own, shifts, rule.response_prior)
    return Scored(_logit(rule.prior) + selection + response, len(first), selection, response)


def _selection(target: Target, share: float, strength: float) -> float:
    asks = target.fake_asks + target.real_asks
    fakes_share = (target.fake_asks + strength * share) / (asks + strength)
    return _logit(fakes_share) - _logit(share)


def _response(
    target: Target, accepted: bool, own: float, shifts: tuple[float, float], strength: float
) -> float:
    to_fake = _kept(
        (target.fake_accepts + strength * _shifted(own, shifts[0])) / (target.fake_asks + strength)
    )
    to_real = _kept(
        (target.real_accepts + strength * _shifted(own, shifts[1])) / (target.real_asks + strength)
    )
    return math.log(to_fake / to_real) if accepted else math.log((1 - to_fake) / (1 - to_real))


def _shifted(own: float, shift: float) -> float:
    return 1 / (1 + math.exp(-_logit(own) - shift))


def _rate(part: int, whole: int) -> float:
    return (part + RATE_PRIOR / 2) / (whole + RATE_PRIOR)


def _logit(share: float) -> float:
    kept = _kept(share)
    return math.log(kept / (1 - kept))


def _kept(share: float) -> float:
    """Away from 0 and 1, which counts of billions round to."""
    return min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
