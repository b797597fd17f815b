"""Errors of the database that are nobody's fault: try again, or wait until it is back."""

import asyncpg

RETRIED = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # Two transactions raced for the same id. On the next try the loser sees the
    # winner's row and answers properly: the same again, or a named conflict.
    asyncpg.UniqueViolationError,
)
LOST = (
    # The server went away before answering. Whether a commit in flight took
    # effect is unknown, which is why every verb can be repeated by its id.
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # The server died in the middle of a statement, and the roll-back found the connection half-way.
    asyncpg.InternalClientError,
    ConnectionError,
    # Its unix socket is not there yet.
    FileNotFoundError,
)
STOPS = (*LOST, asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""What a listener's savepoint cannot contain: the whole transaction is to run again."""
