"""Engines: PostgreSQL and NATS, real ones, on this machine or by URL.

`Engines.start` (`engines.py`) makes both run and keeps them running until its block ends:

```python
async with Engines.start(default_data_dir(), tell=print) as engines:
    pool = await asyncpg.create_pool(engines.app_url)
```

Their binaries come with the Python packages; nothing has to be installed or configured, and nothing listens
outside this machine. `place.py`: where everything lives and as whom. `postgres.py`, `nats.py`: how each is
set up. `supervisor.py`: how a crash is answered. `process.py`: why no process is ever left behind.
`passes.py`: who may say what.

On many machines the same code is pointed at servers that others run:

| variable                      | uses                                                                     |
| ----------------------------- | ------------------------------------------------------------------------ |
| `WUFU_DATABASE_URL`           | an existing PostgreSQL, as the application role                          |
| `WUFU_DATABASE_OWNER_URL`     | the same as the role that owns the schema; the one above when not given  |
| `WUFU_NATS_URL`               | an existing NATS in operator mode, with `max_control_line: 64KB`         |
| `WUFU_NATS_WEBSOCKET_URL`     | where phones reach that NATS                                             |
| `WUFU_NATS_ACCOUNT_SEED`      | the seed of the account there, to sign passes with                       |

Laws: no process outlives the server that started it, however that ends; two servers never run on one data
directory; with `sync=True` what PostgreSQL has confirmed survives any crash.
"""

from wufu.db.engines.engines import Engines, start_engines_for_tests
from wufu.db.engines.passes import Pass, mint_crowd_pass, mint_person_pass, mint_server_pass
from wufu.db.engines.place import (
    DataInUse,
    DataUnreachable,
    EngineFailure,
    EnginePorts,
    default_data_dir,
    hold_lock,
)
from wufu.db.engines.reach import leave_addresses, reach_engines

__all__ = [
    "DataInUse",
    "DataUnreachable",
    "EngineFailure",
    "EnginePorts",
    "Engines",
    "Pass",
    "default_data_dir",
    "hold_lock",
    "leave_addresses",
    "mint_crowd_pass",
    "mint_person_pass",
    "mint_server_pass",
    "reach_engines",
    "start_engines_for_tests",
]
