"""The database layer: transactions, facts on their way out, laws, migrations, jobs.

The story. A verb runs in `Database.run` and is given a `Tx`. What it announces
lands in the outbox with its change; the relay carries it to listeners and
phones. Schema files live in `schema/migrations` and only go forward. Work by
the clock goes through `jobs`. The engines themselves (PostgreSQL and NATS on a
laptop) are started by `wufu.db.engines`.

Tables: outbox, inbox_head, inbox, job, migration.
"""

from wufu.db.database import Database, DatabaseAway, Hearer
from wufu.db.jobs import Job, in_transaction, run_jobs
from wufu.db.laws import LAWS, Law, Verdict, check_laws, counted
from wufu.db.locks import Only, try_lock, wait_lock
from wufu.db.migrations import MigrationRefused, migrate
from wufu.db.outbox import Delivery, Listener, carry, see_cursor, see_facts
from wufu.db.tx import Connection, Fact, Said, Tx

__all__ = [
    "LAWS",
    "Connection",
    "Database",
    "DatabaseAway",
    "Delivery",
    "Fact",
    "Hearer",
    "Job",
    "Law",
    "Listener",
    "MigrationRefused",
    "Only",
    "Said",
    "Tx",
    "Verdict",
    "carry",
    "check_laws",
    "counted",
    "in_transaction",
    "migrate",
    "run_jobs",
    "see_cursor",
    "see_facts",
    "try_lock",
    "wait_lock",
]
