"""Programs that resources.py runs in processes of their own; each prints one JSON object."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.session import Session

STATEMENTS = {
    "a scan": "SELECT count(*) AS n FROM lineitem WHERE regexp_like(l_comment, 'a.*b.*c.*d.*e.*f')",
    "a sort": "SELECT l_orderkey, l_comment FROM lineitem ORDER BY l_comment, l_orderkey",
    "a hash join": "SELECT count(*) AS n FROM lineitem a JOIN lineitem b ON a.l_partkey = b.l_partkey "
    "WHERE a.l_comment < b.l_comment",
    "an aggregation": "SELECT l_orderkey, l_partkey, count(*) AS n, max(l_comment) AS m FROM lineitem GROUP BY 1, 2",
    "CREATE TABLE AS": "CREATE TABLE interrupted AS SELECT * FROM lineitem",
}
"""Each runs for about a second or longer; one that ends before its interrupt comes is tried again."""
_LATEST = 1.0
"""Seconds after which an interrupt comes at the latest."""


def interrupts(session: Session, count: int) -> dict[str, list[float]]:
    """Seconds from the signal to the error, for ``count`` moments in all, spread over the statements."""
    chance = random.Random(4)
    found: dict[str, list[float]] = {}
    for kind, sql in STATEMENTS.items():
        found[kind] = []
        tries = 0
        while len(found[kind]) < max(1, count // len(STATEMENTS)) and tries < 3 * count:
            tries += 1
            late = _interrupted(session, sql, chance.uniform(0, _LATEST))
            if late is not None:
                found[kind].append(late)
            _drop(session)
    return found


def _interrupted(session: Session, sql: str, after: float) -> float | None:
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, interrupt)
    try:
        timer.start()
        session.execute(sql)
        timer.cancel()
        timer.join()
    except (QueryCancelled, KeyboardInterrupt):
        return time.perf_counter() - sent[0]
    return None


def _drop(session: Session) -> None:
    with contextlib.suppress(KeyboardInterrupt):  # one that came just after the statement's end
        session.execute("DROP TABLE IF EXISTS interrupted")


def leaks(session: Session, count: int) -> dict[str, int]:
    """Memory in bytes and open files after a fifth of ``count`` rounds of statements and after all."""
    session.execute("CREATE SCHEMA tpch")
    rows = "SELECT x, x * 2 AS y, CAST(x AS varchar) AS z FROM UNNEST(sequence(1, 9000)) AS u(x)"
    session.execute(f"CREATE TABLE t AS {rows}")
    before = (0, 0)
    for number in range(count):
        earlier = session.sql("SELECT y % 100 AS k, count(*) AS n, max(z) AS m FROM t GROUP BY 1")
        session.sql("SELECT sum(n) AS n FROM earlier", results={"earlier": earlier})
        if number % 10 == 0:
            session.execute("INSERT INTO t VALUES (1, 2, 'three')" if number % 20 else "DELETE FROM t WHERE y = 2")
        if number == count // 5:
            before = _held()
    after = _held()
    return {"memory_before": before[0], "files_before": before[1], "memory": after[0], "files": after[1]}


def _held() -> tuple[int, int]:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(list(Path("/proc/self/fd").iterdir()))


PROGRAMS: dict[str, Callable[[Session, int], Any]] = {"interrupts": interrupts, "leaks": leaks}


def main() -> None:
    """Arguments: the program, the settings as JSON, the namespace, the count."""
    name, settings, namespace, count = sys.argv[1:]
    with Session(Settings.model_validate_json(settings), namespace=namespace) as session:
        print(json.dumps(PROGRAMS[name](session, int(count))))


if __name__ == "__main__":
    main()
