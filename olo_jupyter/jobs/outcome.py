"""What a task's process left behind: its report, dbt's run results, the end of its log."""

from __future__ import annotations

import json
from pathlib import Path

from olo_jobs.activity import Activity, read_report
from olo_jobs.commands import RunContext, dbt_folder, log_path, report_path
from olo_jobs.spec import Task
from olo_jupyter.jobs.records import TaskRun

_LAST_LINES = 20


def collect(task: Task, run: TaskRun, context: RunContext) -> Activity:
    """Fill a task run with the tables read and written, the rows, and the tests of dbt; gives all that was reported."""
    activity = read_report(report_path(task, context))
    run.reads = {name: snapshot for name, snapshot in activity.reads.items() if name not in activity.writes}
    run.writes = activity.writes
    run.rows = sum(activity.rows.values()) if activity.rows else None
    if activity.bytes_scanned is not None:
        run.bytes_scanned = (run.bytes_scanned or 0) + activity.bytes_scanned
    if activity.engine_cpu_seconds is not None:
        run.cpu_seconds = (run.cpu_seconds or 0.0) + activity.engine_cpu_seconds
    results = dbt_folder(task, context) / "target" / "run_results.json"
    if task.dbt is not None and results.exists():
        statuses = [
            (result["unique_id"].split(".")[0], result["status"])
            for result in json.loads(results.read_text(encoding="utf-8"))["results"]
        ]
        tests = [status for kind, status in statuses if kind in ("test", "unit_test")]
        run.tests_passed = tests.count("pass")
        run.tests_failed = len(tests) - run.tests_passed - tests.count("skipped")
    return activity


def log_end(task: Task, context: RunContext) -> str:
    """The last lines of the task's log: what an error message shows."""
    path: Path = log_path(task, context)
    if not path.exists():
        return ""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - 8192))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    errors = [text for line in lines if (text := _sql_error(line))] if task.sql is not None else []
    return "\n".join(errors or lines[-_LAST_LINES:])


def _sql_error(line: str) -> str:
    """The error that a line of ``olo sql --json`` tells, for people; '' where it tells none.

    Example:
        >>> _sql_error('{"error": {"message": "No table t.", "hint": "Make it.", "line": 2, "column": 5}}')
        'No table t. (line 2, column 5)\\n  → Make it.'
    """
    try:
        error = json.loads(line).get("error") or {}
    except (ValueError, AttributeError):
        return ""
    if not error:
        return ""
    place = f" (line {error['line']}, column {error['column']})" if error.get("line") else ""
    return f"{error['message']}{place}" + (f"\n  → {error['hint']}" if error.get("hint") else "")
