"""Runs that are killed: whenever it happens, a table is as one statement left it, and resume finishes the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from olo_jupyter.config import load_settings
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.lakehouse.session import Session
from tests.shop import lay_out

ROWS = 1000
_JOB = """\
version: 1
name: {name}
parameters: {{n: {{type: integer}}}}
tasks:
  - name: write
    sql:
      text: >
        {text}
      parameters: {{n: "{{{{ n }}}}"}}
"""
_STATEMENTS = {
    "replaced": "CREATE OR REPLACE TABLE killed.replaced AS SELECT k, :n AS n FROM killed.keys",
    "appended": "INSERT INTO killed.appended SELECT k, :n FROM killed.keys",
    "merged": "MERGE INTO killed.merged t USING (SELECT k, :n AS n FROM killed.keys) s ON t.k = s.k"
    " WHEN MATCHED THEN UPDATE SET n = s.n",
}


@dataclass
class KilledRuns:
    """What became of the runs.

    Args:
        killed: Runs that were under way when they were killed.
        wrong: Tables that were neither as before nor as after their statement.
        unfinished: Runs that resume didn't bring to their end.
    """

    killed: int = 0
    wrong: int = 0
    unfinished: int = 0


def killed_runs(folder: Path, count: int, seed: int = 1) -> KilledRuns:
    """Kill ``count`` runs of one statement (replace, append or merge 1,000 rows in turn), each at a random moment."""
    root, random = _project(folder), Random(seed)
    settings = load_settings(root, {})
    store = RunStore(settings.state / "runs.db")
    started = time.monotonic()
    assert _olo(root, "replaced", "-p", "n=0").wait() == 0
    lasts = time.monotonic() - started
    outcome = KilledRuns()
    with Session(settings) as session:
        for number in range(1, count + 1):
            job = list(_STATEMENTS)[number % 3]
            before = _counts(session, job)
            after = {**(before if job == "appended" else {}), number: ROWS}
            process = _olo(root, job, "-p", f"n={number}")
            time.sleep(random.uniform(0, lasts))
            process.send_signal(signal.SIGKILL)
            process.wait()
            newest = store.runs(limit=1)[0]  # looking ends what the killed runner left
            if newest.parameters != {"n": number}:  # killed before it began
                continue
            found = _counts(session, job)
            outcome.wrong += found not in (before, after)
            if newest.state != "success":
                outcome.killed += 1
                resumed = _olo(root, job, "--resume").wait() == 0
                # An append that was done and couldn't say so any more is done again: at least once is what is promised.
                twice = {**after, number: 2 * ROWS} if job == "appended" and found == after else after
                outcome.unfinished += not (resumed and _counts(session, job) in (after, twice))
    return outcome


def _counts(session: Session, table: str) -> dict[int, int]:
    found = session.sql(f"SELECT n, count(*) AS times, count(DISTINCT k) AS keys FROM killed.{table} GROUP BY n").arrow
    return {row["n"]: row["times"] if row["keys"] == ROWS else -1 for row in found.to_pylist()}


def _project(folder: Path) -> Path:
    root = lay_out(folder)
    files = {f"jobs/{name}.yml": _JOB.format(name=name, text=text) for name, text in _STATEMENTS.items()}
    for name, text in {"targets/dev.yml": "catalog: dev\nsources: dev\n", **files}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    with Session(load_settings(root, {})) as session:
        session.sql("CREATE SCHEMA killed")
        session.sql(f"CREATE TABLE killed.keys AS SELECT k FROM UNNEST(sequence(1, {ROWS})) AS t (k)")
        for name in ("replaced", "appended", "merged"):
            rows = "WHERE false" if name == "appended" else ""
            session.sql(f"CREATE TABLE killed.{name} AS SELECT k, BIGINT '0' AS n FROM killed.keys {rows}")
    return root


def _olo(root: Path, job: str, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "olo_jupyter.cli", "run", job, "--target", "dev", *words]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OLO_")}
    return subprocess.Popen(
        command, cwd=root, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
