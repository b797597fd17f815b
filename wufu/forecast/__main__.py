"""A forecast for another process: one line of JSON in, lines of JSON out.

In: {spec, people, taps_each, runs, seed}. Out: {"progress": [what, done, of all]} as it goes, and last
{"forecast": …} or {"refused": why}.
"""

import os
import sys
from typing import Annotated

import msgspec

from wufu.forecast.model import BadForecast, campaign_of
from wufu.forecast.run import RUNS, SIMULATED, Forecaster
from wufu.fortune import BadCampaign, CampaignSpec


class Question(msgspec.Struct, frozen=True):
    spec: CampaignSpec
    people: Annotated[int, msgspec.Meta(ge=100, le=10**10)]
    taps_each: Annotated[float, msgspec.Meta(ge=10, le=15_000)]
    runs: Annotated[int, msgspec.Meta(ge=5, le=10_000)] = RUNS
    seed: int = 2016


def main() -> int:
    """Answer the question on standard input; 0 also when it was refused, for that is said."""
    os.nice(10)  # whoever asks is serving a night
    try:
        asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
        campaign = campaign_of(asked.spec, asked.people, asked.taps_each)
        # A small crowd's luck is part of its forecast, so as many people are simulated as there are.
        forecaster = Forecaster(campaign, seed=asked.seed, simulated=min(asked.people, SIMULATED))
        found = forecaster.forecast(runs=asked.runs, tell=lambda *far: _say({"progress": far}))
    except (BadForecast, BadCampaign, ValueError) as error:
        why = error.facts["why"] if isinstance(error, BadCampaign) else str(error)
        _say({"refused": why})
    else:
        _say({"forecast": found})
    return 0


def _say(value: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
