"""Attacks made up to measure the detectors: a labelled town, its attackers, and what was found of them.

Pure and seeded: the same seed is the same town. The detectors are the very functions the server runs; only
the reading from tables is left out. `evaluate` is `wufu trust evaluate`.
"""

from wufu.trust.attacks.evaluate import Evaluation, evaluate
from wufu.trust.attacks.town import synthetic_friends

__all__ = ["Evaluation", "evaluate", "synthetic_friends"]
