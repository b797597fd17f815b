"""The studies' doors: what they need is loaded when one is asked for."""

from collections.abc import Callable
from pathlib import Path

from wufu.insight.late import room
from wufu.insight.model import RecommendStudy, SurvivalStudy

Tell = Callable[[str, int, int], None]
"""Told of what is being done, how much of it is, and of how much."""


def study_recommendations(file: Path, *, hide: float, seed: int, times: bool, tell: Tell) -> RecommendStudy:
    """How well each rule finds hidden ties of a list (`recommend.py`). Raises BadInsight."""
    found: RecommendStudy = room("recommend").study(file, hide=hide, seed=seed, times=times, tell=tell)
    return found


def study_survival(file: Path, *, seed: int, tell: Tell) -> SurvivalStudy:
    """How long ties of a list of messages live, and what foretells it (`survival.py`). Raises BadInsight."""
    found: SurvivalStudy = room("survival").study(file, seed=seed, tell=tell)
    return found
