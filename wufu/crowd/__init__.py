"""The crowd: simulated people who play through the real live edge; the headless job and the demo.

The story. A town is made up (`world.py`) or a graph is imported. What its people decide is in `people.py`:
pure functions of what they hold, whom they know and a seed. They ask over NATS like phones (`line.py`), each
under their own number, and hear their facts there. `run.py` plays a whole campaign without anybody watching
and checks what came of it; `demo.py` keeps a living world for whoever sits in front of it, whose people
(`bots.py`) also answer a human friend. What is set up (people, ties, a campaign, money) is set up by the
domains' own verbs; what is played goes through the edge.

No tables, no accounts, no laws of its own: whatever the crowd does must hold by everybody else's.
"""

from wufu.crowd.demo import run_demo
from wufu.crowd.line import Answer, Line, LiveFact, NoAnswer, Refused, Request
from wufu.crowd.people import (
    Dice,
    Player,
    Wish,
    accepts,
    client_seed,
    dice,
    gives,
    passes_on,
    plan_taps,
    wishes,
)
from wufu.crowd.phases import Phases
from wufu.crowd.run import Report, run_campaign
from wufu.crowd.server import serving
from wufu.crowd.world import PERSONAS, PIN, Neighbour, World, build_world, make_world

__all__ = [
    "PERSONAS",
    "PIN",
    "Answer",
    "Dice",
    "Line",
    "LiveFact",
    "Neighbour",
    "NoAnswer",
    "Phases",
    "Player",
    "Refused",
    "Report",
    "Request",
    "Wish",
    "World",
    "accepts",
    "build_world",
    "client_seed",
    "dice",
    "gives",
    "make_world",
    "passes_on",
    "plan_taps",
    "run_campaign",
    "run_demo",
    "serving",
    "wishes",
]
