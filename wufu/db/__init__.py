"""The database layer: transactions, facts on their way out, laws, migrations, jobs.

The story. A verb runs in `Database.run` and is given a `Tx`. What it announces lands in the outbox with its
change; the relay carries it to listeners and phones; a fact that a listener cannot hear is parked
(`parking.py`). Schema files live in `schema/migrations` and only go forward. Work by the clock goes through
`jobs`. The engines themselves (PostgreSQL and NATS on a laptop) are started by `wufu.db.engines`.

Tables: outbox, inbox_head, inbox, fact_parked, job, migration.
"""

from wufu.db.arrays import json_text, numbers_text
from wufu.db.child import ChildFailed, Parent, child, tell_child
from wufu.db.database import Database, DatabaseAway, Hearer
from wufu.db.inboxes import PERSONAL as INBOXES
from wufu.db.jobs import Job, JobRun, in_transaction, run_jobs, see_jobs
from wufu.db.laws import LAWS as INBOX_LAWS
from wufu.db.laws import Law, Verdict, check_laws, counted
from wufu.db.locks import Only, try_lock, wait_lock
from wufu.db.migrations import MigrationRefused, migrate
from wufu.db.outbox import Delivery, carry, see_cursor, see_facts
from wufu.db.parking import (
    PARKED_LAW,
    TRIES,
    Listener,
    ListenersFailed,
    NoParkedFact,
    Parked,
    Place,
    Retried,
    drop_parked,
    name_of,
    retry_parked,
    see_parked,
)
from wufu.db.personal import Personal, erase, rows_of
from wufu.db.rows import Column, copy_rows, instant, joined_uuids, numbers, text, uuids
from wufu.db.tx import Connection, Fact, Said, Tx

LAWS = (*INBOX_LAWS, PARKED_LAW)

__all__ = [
    "INBOXES",
    "LAWS",
    "TRIES",
    "ChildFailed",
    "Column",
    "Connection",
    "Database",
    "DatabaseAway",
    "Delivery",
    "Fact",
    "Hearer",
    "Job",
    "JobRun",
    "Law",
    "Listener",
    "ListenersFailed",
    "MigrationRefused",
    "NoParkedFact",
    "Only",
    "Parent",
    "Parked",
    "Personal",
    "Place",
    "Retried",
    "Said",
    "Tx",
    "Verdict",
    "carry",
    "check_laws",
    "child",
    "copy_rows",
    "counted",
    "drop_parked",
    "erase",
    "in_transaction",
    "instant",
    "joined_uuids",
    "json_text",
    "migrate",
    "name_of",
    "numbers",
    "numbers_text",
    "retry_parked",
    "rows_of",
    "run_jobs",
    "see_cursor",
    "see_facts",
    "see_jobs",
    "see_parked",
    "tell_child",
    "text",
    "try_lock",
    "uuids",
    "wait_lock",
]
