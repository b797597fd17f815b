"""The replay of a night: 170 million people and 324.5 billion taps, every tap drawn, on one machine.

The story. `plan.py` holds the facts of 2016 and how people behave; `society.py` makes people, ties and taps
out of a seed; `night.py` plays step by step with the compiled loops of `kernels.py`, over the kernel of
`wufu.core.draws` and the odds, stock and schedule of a real campaign's rules (`wufu.fortune`). `checks.py`
re-derives a sample by the slow reference and by `openssl`; `report.py` and `plot.py` tell what came of it.

What is real: every draw of every tap, every amount, every card and every fen, by the published rule and under
rules made by the template. What is simulated: who taps how much and when, who knows whom, and who gives what
to whom. There is no database here; how fast a live server takes taps is `wufu bench taps`.

No tables, no accounts. Laws: `checks.check_laws`, reported with every replay.
"""

from wufu.replay.night import Night, Stopped, Ties
from wufu.replay.plan import BEFORE_THE_EVE, BEGAN, MINUTES, Behaviour, Plan, gala_plan, with_friends_scarce
from wufu.replay.plot import draw_png, draw_text
from wufu.replay.report import Report, report_of
from wufu.replay.state import WrongCheckpoint

__all__ = [
    "BEFORE_THE_EVE",
    "BEGAN",
    "MINUTES",
    "Behaviour",
    "Night",
    "Plan",
    "Report",
    "Stopped",
    "Ties",
    "WrongCheckpoint",
    "draw_png",
    "draw_text",
    "gala_plan",
    "report_of",
    "with_friends_scarce",
]
