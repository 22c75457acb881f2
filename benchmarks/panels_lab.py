"""A JupyterLab on a project with a lot in it: ``python -m benchmarks.panels_lab FOLDER PORT TOKEN``."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from openlineage.client.uuid import generate_new_uuid

from olo_jobs.activity import Activity
from olo_jupyter.backends.lineage.file import LineageFile
from olo_jupyter.jobs.records import RunRecord, State, TaskRun
from olo_jupyter.jobs.store import RunStore
from tests.ui.serve import become_lab, environment, prepare

JOBS, RUNS, TABLES = 10_000, 100_000, 10_000
BRANCHES, LEAVES = 40, 48
"""The lineage: a table, 40 jobs that read it, their 40 tables, 48 jobs on each: 2,001 nodes within three steps."""
ROOT = "dev.silver.orders"

_JOB = """\
version: 1
name: {name}
owner: team_{team}
tags: [layer_{layer}]
schedule: {{cron: "0 6 * * *"}}
tasks:
  - {{name: build, shell: {{command: [echo, built]}}}}
"""


def main() -> None:
    """Make it, then become JupyterLab."""
    folder, port, token = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    prepare(folder)
    make_jobs(folder / "flights" / "jobs")
    make_runs(folder / "state")
    make_lineage(folder / "state")
    make_grid(folder / "flights" / "grid.ipynb")
    copy_table(folder / "lakehouse" / "dev.db", "airlines", TABLES)
    become_lab(folder, port, token, environment(folder))


def make_jobs(folder: Path) -> None:
    """Files of 10,000 jobs."""
    for number in range(JOBS):
        text = _JOB.format(name=job_name(number), team=number % 7, layer=number % 3)
        (folder / f"{job_name(number)}.yml").write_text(text, encoding="utf-8")


def job_name(number: int) -> str:
    """The name of the job ``number``."""
    return f"job_{number:05}"


def make_runs(state: Path) -> None:
    """Records of 100,000 runs of those jobs, the newest a minute old."""
    store = RunStore(state / "runs.db")
    now = datetime.now(UTC)
    first = RunRecord(
        id="many-000000", job=job_name(0), target="dev", user="ana", state="success", started=now, ended=now,
        tasks=[TaskRun(name="build", kind="shell", state="success", started=now, ended=now)],
    )  # fmt: skip
    store.save(first)
    with contextlib.closing(sqlite3.connect(state / "runs.db")) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(runs)")]
        process = database.execute("SELECT process FROM runs WHERE id = ?", (first.id,)).fetchone()[0]
        rows = []
        for number in range(1, RUNS):
            at = now - timedelta(minutes=number)
            ended: State = "failed" if number % 11 == 0 else "success"
            record = first.model_copy(
                update={
                    "id": f"many-{number:06}", "job": job_name(number % JOBS), "state": ended,
                    "started": at, "ended": at + timedelta(seconds=30),
                }
            )  # fmt: skip
            said = {
                "id": record.id, "job": record.job, "state": ended, "started": at.isoformat(), "process": process,
                "record": record.model_dump_json(), "target": "dev",
            }  # fmt: skip
            rows.append(tuple(said[column] for column in columns))
        database.executemany(f"INSERT INTO runs ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
        database.commit()


def make_lineage(state: Path) -> None:
    """Events of a graph of 2,001 nodes around one table."""
    told = LineageFile(state / "lineage" / "events.jsonl", "shop")

    def ran(job: str, activity: Activity) -> None:
        run = str(generate_new_uuid())
        told.emit("START", job=job, run_id=run)
        told.emit("COMPLETE", job=job, run_id=run, activity=activity)

    for branch in range(BRANCHES):
        table = f"dev.gold.branch_{branch}"
        ran(f"branch_{branch}.build", Activity(reads={ROOT: 1}, writes={table: 1}, rows={table: 100}))
        for leaf in range(LEAVES):
            ran(f"leaf_{branch}_{leaf}.read", Activity(reads={table: 1}))


def make_grid(path: Path) -> None:
    """A notebook with a result of 100,000 rows and eight columns."""
    query = (
        "%%olo sql grid <<\nSELECT a.x * 1000 + b.y AS id, 'name ' || CAST(b.y AS varchar) AS name, a.x AS a, "
        "b.y AS b, a.x * 1.5e0 AS c, a.x > 50 AS d, DATE '2026-01-01' AS e, b.y * 7 AS f "
        "FROM UNNEST(sequence(1, 100)) AS a (x), UNNEST(sequence(1, 1000)) AS b (y)"
    )
    new: Any = nbformat.v4
    cells = [new.new_code_cell(source) for source in ("%load_ext olo_magics", query)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new.new_notebook(metadata=kernel, cells=cells)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def copy_table(database: Path, name: str, count: int) -> None:
    """Put ``count`` copies of a table into its namespace: their rows in the catalog are copies of its row."""
    with contextlib.closing(sqlite3.connect(database)) as catalog:
        columns = [row[1] for row in catalog.execute("PRAGMA table_info(iceberg_tables)")]
        chosen = ", ".join("printf('table_%05d', n)" if each == "table_name" else each for each in columns)
        catalog.execute(
            f"INSERT INTO iceberg_tables ({', '.join(columns)}) WITH RECURSIVE s(n) AS "
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) "
            f"SELECT {chosen} FROM iceberg_tables, s WHERE table_name = ?",
            (name,),
        )
        catalog.commit()


if __name__ == "__main__":
    main()
