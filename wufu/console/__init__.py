"""The operator's console: how it stands, what was foreseen, and the few things an operator does by hand.

The story. An operator is a person like any other, signed in like any other, whom somebody at the machine
granted a role (`wufu operators grant`): `watch` sees everything here, `act` may also do. There is no other
way in, and none of it can be reached by who has no role: every route asks (`http.py`).

What it remembers itself is little. Every five minutes all laws are checked and the outcome kept; while a
campaign is on, how it stands is kept some three hundred times, at instants of the campaign's own clock: that
is the live curve. A forecast of the campaign can be made at any time, by a process of its own
(`forecasting.py`), and the console draws its bands with the live curve inside.

Everything else belongs to other domains and is asked of them. What an operator does is done by their verbs,
in one transaction with a line in `operator_act`.

Tables: operator, operator_act, law_check, night_sample, night_forecast. Laws: `audit.py`.
If you add something that operators do, write it down with `note_act`, and ask for `act`.
"""

from wufu.console.audit import LAWS
from wufu.console.forecasting import Forecasting
from wufu.console.http import router
from wufu.console.jobs import jobs
from wufu.console.model import (
    FEWEST_PEOPLE,
    BadOperator,
    ForecastFailed,
    ForecastTask,
    ForecastUnderWay,
    Night,
    NotAnOperator,
    Operator,
)
from wufu.console.personal import PERSONAL
from wufu.console.verbs import (
    check_all_laws,
    grant_operator,
    note_act,
    revoke_operator,
    sample_nights,
    see_laws,
    see_night,
    see_operators,
    see_role,
)

__all__ = [
    "FEWEST_PEOPLE",
    "LAWS",
    "PERSONAL",
    "BadOperator",
    "ForecastFailed",
    "ForecastTask",
    "ForecastUnderWay",
    "Forecasting",
    "Night",
    "NotAnOperator",
    "Operator",
    "check_all_laws",
    "grant_operator",
    "jobs",
    "note_act",
    "revoke_operator",
    "router",
    "sample_nights",
    "see_laws",
    "see_night",
    "see_operators",
    "see_role",
]
