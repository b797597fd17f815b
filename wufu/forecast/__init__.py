"""The forecast of a campaign: who will win, what it costs and how much will be asked of the servers.

The story. An operator writes a campaign file (`model.py`; examples in `campaigns/`) before the night, and
says how sure each dial is. `run.py` plays it many times over with the kernel and the people of `wufu.replay`,
and answers with medians and 5-95 % bands, with what each dial does alone, and, when asked, with the scarce
stock that gives so many winners. The model is calibrated on 2016 and tested on 2017 and 2018; the errors are
printed with every forecast of these years, and stand in `docs/guides/forecast.md`.

No tables, no accounts, no laws.
"""

from wufu.forecast.model import BadForecast, CampaignFile, read_campaign
from wufu.forecast.run import RUNS, SIMULATED, Band, Forecast, Forecaster

__all__ = [
    "RUNS",
    "SIMULATED",
    "BadForecast",
    "Band",
    "CampaignFile",
    "Forecast",
    "Forecaster",
    "read_campaign",
]
