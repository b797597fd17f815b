"""The job clock: work that happens by the time of day, on one server of a cluster.

A job is a verb without a caller. It runs every so many seconds, each time in a
transaction of its own under the jobs' lock, and its last run is kept in `job`,
so that the console can show what did not run. A failing job is reported and
tried again at its next turn; it never stops the others.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wufu.db.database import Database
from wufu.db.tx import Connection, Tx

log = logging.getLogger("wufu.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """A named piece of work and how often it is due. `work` must be safe to repeat."""

    name: str
    every_seconds: float
    work: Callable[[Database], Awaitable[object]]


class JobRun(msgspec.Struct, frozen=True):
    """The last run of a job that was noted."""

    name: str
    ran_at: datetime
    took_seconds: float
    failure: str | None


def in_transaction(verb: Callable[[Tx], Awaitable[object]]) -> Callable[[Database], Awaitable[object]]:
    """A job whose work is one verb in one transaction."""

    async def work(database: Database) -> object:
        return await database.run(verb, actor="system/jobs")

    return work


async def run_jobs(database: Database, jobs: list[Job]) -> None:
    """Run all jobs until cancelled."""
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_repeat(database, job), name=f"job {job.name}")


async def _repeat(database: Database, job: Job) -> None:
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        failure = None
        try:
            await job.work(database)
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
            log.exception("the job %s failed", job.name)
        took = loop.time() - began
        if failure or took > 1 or job.every_seconds >= 5:
            await _note(database, job.name, took, failure)
        await asyncio.sleep(max(0.0, job.every_seconds - took))


async def see_jobs(connection: Connection) -> list[JobRun]:
    """When each job last ran, and how it ended; quick ones are noted only when something was wrong."""
    rows = await connection.fetch("SELECT name, ran_at, took_seconds, failure FROM job ORDER BY name")
    return [JobRun(**row) for row in rows]


async def _note(database: Database, name: str, took: float, failure: str | None) -> None:
    async def work(tx: Tx) -> None:
        await tx.connection.execute(
            """
            INSERT INTO job (name, ran_at, took_seconds, failure) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO UPDATE
            SET ran_at = excluded.ran_at, took_seconds = excluded.took_seconds, failure = excluded.failure
            """,
            name,
            tx.now,
            took,
            failure,
        )

    try:
        await database.run(work, actor="system/jobs")
    except Exception:
        log.exception("could not note the run of the job %s", name)
