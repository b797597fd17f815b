"""Insight 洞察: whether the ties that were made live, measured honestly and without looking at anybody.

The story. A campaign is worth its money if the ties it made are still there when it is long over. Every fact
that says so (a tie was made, ended; somebody did something towards somebody) is kept as numbers, exactly
once, in Parquet files by kind and day (`facts.py`, `exporting.py`, `lake.py`). Over these files run
expressions (`expressions.py`) that DuckDB computes here and Spark on a cluster: ties born a day by cause,
those alive at 7, 30 and 90 days, how many are both ways, and what the reward did, by the players whom it left
out on purpose (`report.py`).

What counts as life is a rule, written down in `expressions.py`; acts that a campaign triggered are no proof.

Two studies measure the rules themselves on public data: how well suggestions find hidden ties
(`recommend.py`, `ranking.py`), and how well a tie's first week foretells whether it lives (`survival.py`).

Nothing of a person is in the files but a number. `forget_person` puts another, drawn by chance, in its place.

Tables: insight_fact, insight_file, insight_progress, insight_import, insight_forgotten. Laws: `audit.py`.
Modules that weigh much are opened when they are needed (`late.py`).

To keep another fact: its reader in `facts.py`. To ask another question: its expression, a test on hand-made
facts, and a line in the comparison of the engines.
"""

from wufu.insight.audit import LAWS
from wufu.insight.exporting import LISTENERS, backfill, export, forget_in_files, forget_person
from wufu.insight.jobs import bring_up_to_date, jobs
from wufu.insight.lake import FACTS, Lake
from wufu.insight.model import (
    DAYS,
    Alive,
    BadInsight,
    Born,
    Difference,
    Exported,
    Interval,
    Judged,
    Reciprocity,
    RecommendStudy,
    SurvivalStudy,
    Survived,
    TiesReport,
)
from wufu.insight.report import see_ties_report
from wufu.insight.studies import study_recommendations, study_survival

__all__ = [
    "DAYS",
    "FACTS",
    "LAWS",
    "LISTENERS",
    "Alive",
    "BadInsight",
    "Born",
    "Difference",
    "Exported",
    "Interval",
    "Judged",
    "Lake",
    "Reciprocity",
    "RecommendStudy",
    "SurvivalStudy",
    "Survived",
    "TiesReport",
    "backfill",
    "bring_up_to_date",
    "export",
    "forget_in_files",
    "forget_person",
    "jobs",
    "see_ties_report",
    "study_recommendations",
    "study_survival",
]
