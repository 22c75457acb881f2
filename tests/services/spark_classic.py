"""A user's classic PySpark session beside the engine, in a process of its own: a JVM and its signals are for one.

``python -m tests.services.spark_classic FOLDER INTERRUPTS`` prints what was seen as one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from olo_jupyter.engine_settings import EngineSettings, SparkSettings
from olo_jupyter.lakehouse.engines.spark.engine import SparkEngine
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.session import Session
from tests.parity import tables
from tests.services import spark_connect

SMALL = "SELECT l_returnflag, sum(l_quantity) AS q, max(l_shipdate) AS m FROM lineitem GROUP BY 1"
ENDLESS = "SELECT count(*) FROM lineitem a, lineitem b, lineitem c WHERE a.l_tax + b.l_tax + c.l_tax = :never"
_ENDED_SECONDS = 5


def main(folder: Path, interrupts: int) -> dict[str, Any]:
    """Everything that is looked at, in one session."""
    spark_connect.importable()
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "America/New_York")
    for key, value in spark_connect.conf(folder).items():
        builder = builder.config(key, value)
    user: Any = builder.getOrCreate()
    user.sparkContext.setLogLevel("OFF")
    user.range(3).createOrReplaceTempView("mine")
    before = _state(user)
    with tables.open_session(folder / "lake") as session:
        session.settings.engines = EngineSettings(spark=SparkSettings())
        engine = session.engine("spark")
        assert isinstance(engine, SparkEngine)
        ours, theirs = session.sql(SMALL), session.sql(SMALL, engine="spark")
        seen = {
            "same": theirs.provenance.fingerprint == ours.provenance.fingerprint,
            "snapshots": theirs.provenance.snapshots == ours.provenance.snapshots != {},
            "bytes": [ours.provenance.bytes, theirs.provenance.bytes],
            "native_is_the_users": engine.sessions.native() is user,
            "beside": engine.sessions.translated() is not user,
            "same_context": engine.sessions.translated().sparkContext is user.sparkContext,
            "own_view": session.sql(
                "SELECT count(*) AS n FROM mine", engine="spark", dialect="spark"
            ).arrow.to_pylist(),
            "unchanged": _state(user) == before,
            **_interrupted(session, user, interrupts),
        }
    seen["goes_on"] = user.range(3).count()
    user.stop()
    return seen


def _state(user: Any) -> list[Any]:
    """What a user can see of their own session."""
    keys = ("spark.sql.session.timeZone", "spark.sql.ansi.enabled", "spark.sql.mapKeyDedupPolicy")
    return [[user.conf.get(key) for key in keys], [table.name for table in user.catalog.listTables()], user.getTags()]


def _interrupted(session: Session, user: Any, times: int) -> dict[str, Any]:
    """Ctrl-C at random moments of an endless query, while a job of the user's own runs."""
    tracker = user.sparkContext.statusTracker()
    own: list[Any] = []

    def long() -> None:
        try:
            own.append(user.sparkContext.parallelize(range(2), 2).map(_slow).sum())
        except Exception as error:  # noqa: BLE001  (told to the test, whatever it is)
            own.append(repr(error))

    thread = threading.Thread(target=long)
    thread.start()
    drawn = random.Random(6)
    took, ended, left = [], [], 0
    for _ in range(times):
        pressed: list[float] = []

        def press(pressed: list[float] = pressed) -> None:
            pressed.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

        threading.Timer(drawn.uniform(0, 3), press).start()
        try:
            session.sql(ENDLESS, engine="spark", parameters={"never": Decimal("-1.00")})
        except (QueryCancelled, KeyboardInterrupt):
            took.append(time.perf_counter() - pressed[0])
        until = time.perf_counter() + _ENDED_SECONDS
        while (jobs := _ours(tracker)) and time.perf_counter() < until:
            time.sleep(0.05)
        ended.append(time.perf_counter() - pressed[0])
        left += len(jobs)
    thread.join()
    return {
        "interrupts": len(took),
        "slowest": max(took),
        "slowest_jobs": max(ended),
        "jobs_left": left,
        "users_job": own,
    }


def _slow(value: int) -> int:
    time.sleep(10)
    return value


def _ours(tracker: Any) -> list[int]:
    """Jobs that run, but for the user's."""
    theirs = set(tracker.getJobIdsForGroup(None))
    return [job for job in tracker.getActiveJobsIds() if job not in theirs]


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
