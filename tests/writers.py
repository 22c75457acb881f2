"""Writers that race or are killed: what the tests do a few times, and the benchmark as often as promised."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session

NAMESPACE = "races"
_KEYS = 6
"""Keys that all writers merge."""


@dataclass
class Race:
    """What the writers were told, and what the table has in the end.

    Args:
        merged: Acknowledged merges of each key.
        inserted: Keys of acknowledged inserts.
        refused: Statements that gave up with ``transaction-conflict``; they must have changed nothing.
        found: Key and count of each row that the table has.
    """

    merged: Counter[int] = field(default_factory=Counter)
    inserted: set[int] = field(default_factory=set)
    refused: int = 0
    found: list[tuple[int, int]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def wrong(self) -> list[str]:
        """What isn't as acknowledged; empty where every commit is there, once."""
        keys = Counter(key for key, _ in self.found)
        wrong = [f"key {key} is there {times} times" for key, times in keys.items() if times > 1]
        expected = {**dict.fromkeys(self.inserted, 1), **self.merged}
        found = dict(self.found)
        wrong += [
            f"key {key}: {expected.get(key)} acknowledged, {found.get(key)} found"
            for key in sorted(expected.keys() | found.keys())
            if expected.get(key) != found.get(key)
        ]
        return wrong


def race(settings: Settings, writers: int, statements: int) -> Race:
    """Let ``writers`` processes run ``statements`` each, half inserts, half merges of the same keys, on one table."""
    with Session(settings, namespace=NAMESPACE) as session:
        session.catalogs.catalog("dev").create_namespace_if_not_exists(NAMESPACE)
        session.execute("CREATE OR REPLACE TABLE t (k bigint, n bigint)")
    started = time.perf_counter()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.writers", settings.model_dump_json(), str(who), str(statements)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in range(1, writers + 1)
    ]
    result = Race()
    for process in processes:
        output, _ = process.communicate()
        if process.returncode:
            raise AssertionError(f"A writer ended with {process.returncode}.")
        for line in output.splitlines():
            told = json.loads(line)
            result.merged.update(told.get("merged", ()))
            result.inserted.update(told.get("inserted", ()))
            result.refused += told.get("refused", 0)
    result.seconds = time.perf_counter() - started
    with Session(settings, namespace=NAMESPACE) as session:
        result.found = [(key, count) for key, count in session.execute("SELECT k, n FROM t").rows()]
    return result


def _write(settings: Settings, who: int, statements: int) -> Iterator[dict[str, object]]:
    random = Random(who)
    with Session(settings, namespace=NAMESPACE) as session:
        for number in range(statements):
            if number % 2:
                keys = random.sample(range(_KEYS), 2)
                told: dict[str, object] = {"merged": keys}
                statement = (
                    f"MERGE INTO t USING (VALUES {keys[0]}, {keys[1]}) AS s(k) ON t.k = s.k "
                    "WHEN MATCHED THEN UPDATE SET n = n + 1 WHEN NOT MATCHED THEN INSERT VALUES (s.k, 1)"
                )
            else:
                key = who * 1000 + number
                told = {"inserted": [key]}
                statement = f"INSERT INTO t VALUES ({key}, 1)"
            try:
                session.execute(statement)
            except QueryError as error:
                if error.code != "transaction-conflict":
                    raise
                told = {"refused": 1}
            yield told


@dataclass
class Kills:
    """How often a killed statement left the old rows, and how often the new ones."""

    old: int = 0
    new: int = 0
    between: list[str] = field(default_factory=list)


def kill(settings: Settings, statement: str, rows: int, times: int) -> Kills:
    """Kill a writer at ``times`` random moments of ``statement``, which adds 1 to every ``n`` of ``t``.

    Each writer is a fork of this process, which itself never opens a session: what it has loaded is only modules.
    """
    random, result = Random(7), Kills()
    duration = _timed(lambda: _forked(settings, statement, None))
    present = _state(settings)
    for _ in range(times):
        _forked(settings, statement, random.uniform(0, duration * 1.1))
        state = _state(settings)
        if state == present:
            result.old += 1
        elif state == [rows, present[1] + 1, present[2] + 1]:
            result.new += 1
        else:
            result.between.append(f"{present} became {state}")
        present = state
    return result


def _timed(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _forked(settings: Settings, statement: str, after: float | None) -> None:
    """Run ``statement`` in a fork, which is killed ``after`` so many seconds."""
    writer = os.fork()
    if writer == 0:
        with Session(settings, namespace=NAMESPACE) as session:
            session.execute(statement)
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)


def _state(settings: Settings) -> list[int]:
    """Number of rows, smallest and largest ``n``, read by a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with Session(settings, namespace=NAMESPACE) as session:
            (row,) = session.execute("SELECT count(*), min(n), max(n) FROM t").rows()
        os.write(writer, json.dumps(row).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        state: list[int] = json.loads(stream.read())
    os.waitpid(child, 0)
    return state


if __name__ == "__main__":
    for each in _write(Settings.model_validate_json(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])):
        print(json.dumps(each), flush=True)
