"""Insight by the clock: each hour facts go into files, people who asked for it out of them."""

from wufu.db import Database, Job
from wufu.insight.exporting import backfill, clean_up, compact, export, forget_in_files, retire
from wufu.insight.lake import Lake
from wufu.insight.model import Exported

EVERY_SECONDS = 3600


async def bring_up_to_date(database: Database, lake: Lake) -> Exported:
    """Everything insight does by the clock, once: back-fill, export, forget, compact, retire."""
    await clean_up(database, lake)
    await backfill(database)
    done = await export(database, lake)
    await forget_in_files(database, lake)
    await compact(database, lake)
    await retire(database, lake)
    return done


def jobs(lake: Lake) -> list[Job]:
    """Insight's work by the clock."""

    async def work(database: Database) -> Exported:
        return await bring_up_to_date(database, lake)

    return [Job("export facts", EVERY_SECONDS, work)]
