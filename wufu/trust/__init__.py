"""Trust: which accounts look farmed, on what evidence, and what an operator decided. Nobody else sees it.

The story. A campaign that pays for new friends is an invitation to invent them. Trust watches what farming
leaves behind: many accounts made on one device, a pace no hand keeps, groups that do the same things in the
same minutes (`lockstep.py`), circles of new accounts that know nobody else (`farms.py`), and beginnings that
look like those of known fakes by whom they ask and how these answer (`edges.py`, after SybilEdge). Each is a
search by the clock that ends in a case.

A case holds the rewards of its people: whoever gives something away asks `held` first, and keeps back what it
would have given. Nothing is lost and nothing is told but that "your rewards are being looked at"; the person
may ask for a review once. An operator reads the evidence in plain words and decides: clear, confirm, or later
lift. Only an operator sets anybody free, every decision is kept with its reason, and whoever was cleared is
not held again for evidence of the same kind from before.

What is kept of a sign-in: keyed hashes of the id the page made for the browser and of the network's prefix,
30 days after their last use (`marks.py`). The key is not in the database. Asks and their answers are kept 60
days, acts three. A refusal that trust knows of is never told to who asked.

Limits: five accounts a device a day, 500 a network (too_many_accounts). Asks a day are limited by ties.

Tables: trust_mark, trust_made, trust_person, trust_ask, trust_act, trust_target, trust_total, trust_score,
trust_case, trust_suspect, trust_pardon, trust_decision. Facts, to nobody's phone: `trust.suspected`
{people, at} when a first case holds somebody, `trust.cleared` {people, at} when the last one let them go.
Lock: `Only.TRUST`, taken by whatever opens, grows or decides a case. Laws: `audit.py`. Attacks made up to
measure all this: `attacks/`; the figures: `docs/guides/trust.md`.

If you add a detector: a rule in `model.Rules`, a kind in the table's check, a judgement that leaves out what
was cleared, words in `words.py`, a job, an attack and a trap that it must and must not find.
"""

from wufu.trust.attacks import Evaluation, evaluate, synthetic_friends
from wufu.trust.audit import LAWS
from wufu.trust.http import router
from wufu.trust.jobs import jobs
from wufu.trust.model import (
    AlreadyAsked,
    BadWords,
    Case,
    Decided,
    Decision,
    NotDecidable,
    NotLookedAt,
    Standing,
    State,
    Suspect,
    Suspicion,
    TooManyAccounts,
    UnknownCase,
    Verdict,
    Waiting,
)
from wufu.trust.verbs.arriving import greeter
from wufu.trust.verbs.deciding import decide, held, see_case, see_queue, see_report, suspect_by_hand
from wufu.trust.verbs.detecting import count_priors, suspect, sweep
from wufu.trust.verbs.hearing import LISTENERS
from wufu.trust.verbs.mine import ask_for_review, export_person, forget_person, see_mine
from wufu.trust.words import explain

__all__ = [
    "LAWS",
    "LISTENERS",
    "AlreadyAsked",
    "BadWords",
    "Case",
    "Decided",
    "Decision",
    "Evaluation",
    "NotDecidable",
    "NotLookedAt",
    "Standing",
    "State",
    "Suspect",
    "Suspicion",
    "TooManyAccounts",
    "UnknownCase",
    "Verdict",
    "Waiting",
    "ask_for_review",
    "count_priors",
    "decide",
    "evaluate",
    "explain",
    "export_person",
    "forget_person",
    "greeter",
    "held",
    "jobs",
    "router",
    "see_case",
    "see_mine",
    "see_queue",
    "see_report",
    "suspect",
    "suspect_by_hand",
    "sweep",
    "synthetic_friends",
]
