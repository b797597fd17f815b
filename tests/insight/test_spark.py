"""One source, two engines: DuckDB and Spark give the same rows for every expression."""

import importlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.insight.facts import DAY_0, born, counted, did, ended, plays, talked, written
from wufu.core.chance import Chance
from wufu.insight import expressions
from wufu.insight.engine import facts_in_duckdb, facts_in_spark
from wufu.insight.facts import Row

PEOPLE = 60
UNTIL = DAY_0 + 95


def why_not() -> str | None:
    """Why Spark cannot run here, or None."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed: run `make test`, which sets it up"
    if shutil.which("java") is None:
        return "there is no Java here: as root `make test` installs openjdk-17-jre-headless"
    if subprocess.run(["java", "-version"], capture_output=True, check=False).returncode:
        return "Java does not start here"
    return None


WHY_NOT = why_not()
if WHY_NOT is not None and os.geteuid() == 0 and shutil.which("apt-get"):
    WHY_NOT = None  # here it could have been set up, so a failure is a failure

pytestmark = [pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or ""), pytest.mark.slow]


def world() -> list[Row | list[Row]]:
    """Some hundred ties whose lives follow from a seed: every branch of every expression is taken."""
    words = iter(int(word) for word in Chance.seeded(5).secret("spark/world", 8000))
    rows: list[Row | list[Row]] = [
        plays(person, held_out=person % 5 == 0, day=person % 3) for person in range(1, PEOPLE + 1)
    ]
    for a in range(1, PEOPLE + 1):
        for b in {(a + next(words) % 9 + 1) % PEOPLE + 1 for _ in range(4)} - {a}:
            day = next(words) % 20
            cause = ("asked", "invited", "imported")[next(words) % 3]
            rows.append(born(a, b, day, cause, new=(True, True, None, False)[next(words) % 4]))
            rows += [talked(a, b, day + next(words) % 100) for _ in range(next(words) % 4)]
            rows.append(did(a, b, day + 20, "swap", "gala"))
            rows.append(did(b, a, day + next(words) % 30, ("gift", "part", "photo")[next(words) % 3]))
            rows.append(counted(a, b, rewarded=next(words) % 2 == 0, day=day))
            if next(words) % 8 == 0:
                rows.append(ended(a, b, day + next(words) % 60))
    rows += [born(-7, 3, 2), talked(-7, 3, 18)]
    return rows


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pyspark = importlib.import_module("pyspark.sql")
    builder = pyspark.SparkSession.builder.master("local[1]").appName("wufu tests")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.adaptive.enabled": "false",
        # Some hundred rows: neither its compilers nor the JVM's second one are worth their start.
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def questions(facts: Any) -> dict[str, Any]:
    """Every expression there is."""
    return {
        "born each day": expressions.born_each_day(facts),
        "alive 30": expressions.alive_by_reward(facts, 30, UNTIL, "gala"),
        "lives 30": expressions.lives(facts, 30, UNTIL).select("x", "y", "day", "cause", "alive"),
        "reciprocity": expressions.reciprocity(facts, UNTIL),
        "window": expressions.window(facts, "gala"),
        "hold-out": expressions.sums_by_group(facts, "gala", 30, UNTIL, DAY_0, DAY_0 + 15),
    }


def rows_of(expression: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in expression.to_pyarrow().to_pylist())


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")  # what Spark's own packages warn of is nothing of ours
def test_duckdb_and_spark_give_the_same_rows(spark: Any, tmp_path: Path) -> None:
    files = written(tmp_path, world())
    with facts_in_duckdb(files) as facts:
        here = {name: rows_of(expression) for name, expression in questions(facts).items()}
    there = {
        name: rows_of(expression) for name, expression in questions(facts_in_spark(spark, files)).items()
    }
    assert here == there
    # They agree about something: no answer is empty, and of ties some live and some do not.
    assert all(here.values())
    assert {row[-1] for row in here["lives 30"]} == {0, 1}
    assert all(0 < row[2] < row[1] for row in here["alive 30"])
