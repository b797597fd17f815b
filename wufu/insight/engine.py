"""The engines under the expressions: DuckDB here; a Spark session that the caller brings on a cluster."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
from ibis.expr import types as ir
from scipy.special import stdtrit

LIMITS = {"memory_limit": "2GB"}
"""Beyond it DuckDB goes to disk: a report must not push the server that makes it out of memory."""


@contextlib.contextmanager
def facts_in_duckdb(paths: Sequence[Path]) -> Iterator[ir.Table]:
    """The facts of some files as a table in an engine of its own, which ends with the block."""
    connection = ibis.duckdb.connect(**LIMITS)
    try:
        # Days are numbers in the files; the folders' names are for people.
        yield connection.read_parquet([str(path) for path in paths], hive_partitioning=False)
    finally:
        connection.disconnect()


def facts_in_spark(session: Any, paths: Sequence[Path]) -> ir.Table:
    """The facts of some files as a table in a Spark session."""
    frame = session.read.parquet(*(str(path) for path in paths)).cache()
    frame.createOrReplaceTempView("facts")
    return ibis.pyspark.connect(session).table("facts")


def student_quantile(probability: float, freedom: float) -> float:
    """Student's t quantile."""
    return float(stdtrit(freedom, probability))
